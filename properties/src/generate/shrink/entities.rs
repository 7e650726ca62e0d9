//! Removes a part of a module, and the references to it.

use riser_translator::types::FuncType;

use super::super::Module;
use super::super::module::{Placement, constant_sum};
use super::super::operator::{Operator, Space};
use super::Proposal;
use super::splice::{without, zero};
use super::typing::Typed;

/// Proposes the module without one entity of the index space. The last entities come first.
pub(super) fn remove(typed: &Typed, space: Space, place: usize) -> Proposal {
    let module = typed.module();
    let count = match space {
        Space::Functions => module.functions.len(),
        Space::Tables => module.tables.len(),
        Space::Memories => module.memories.len(),
        Space::Tags => module.tags.len(),
        Space::Globals => module.globals.len(),
        Space::Data => module.data.len(),
        Space::Elements => module.elements.len(),
        Space::Locals => return remove_locals(typed, place),
        Space::Labels => 0,
    };
    if place >= count {
        return Proposal::End;
    }
    let index = count - 1 - place;
    // A module without functions is useless, and segments need a memory or table.
    let needed = match space {
        Space::Functions => count == 1,
        Space::Memories => module.data.iter().any(|data| is_in(&data.placement, index)),
        Space::Tables => module.elements.iter().any(|elements| is_in(&elements.placement, index)),
        _ => false,
    };
    if needed {
        return Proposal::Nothing;
    }
    let mut removed = without_references(typed, space, index as u32);
    match space {
        Space::Functions => drop(removed.functions.remove(index)),
        Space::Tables => drop(removed.tables.remove(index)),
        Space::Memories => drop(removed.memories.remove(index)),
        Space::Tags => drop(removed.tags.remove(index)),
        Space::Globals => drop(removed.globals.remove(index)),
        Space::Data => drop(removed.data.remove(index)),
        Space::Elements => drop(removed.elements.remove(index)),
        Space::Locals | Space::Labels => {}
    }
    Proposal::Module(removed)
}

fn is_in(placement: &Placement, place: usize) -> bool {
    matches!(placement, Placement::Active(index, _) if *index as usize == place)
}

/// Returns the module without references to the entity, and with the other indices as they will be.
fn without_references(typed: &Typed, space: Space, index: u32) -> Module {
    let mut module = typed.module().clone();
    let renumber = |other: Space, at: &mut u32| {
        if other == space && *at > index {
            *at -= 1;
        }
    };
    for (at, function) in module.functions.iter_mut().enumerate() {
        if function.body.iter().any(|operator| operator.uses(space, index)) {
            function.body = without(typed, at, &|operator| !operator.opens() && operator.uses(space, index));
            function.body.iter_mut().for_each(|operator| match operator {
                Operator::TryTable(_, clauses) if space == Space::Tags => {
                    clauses.retain(|clause| clause.tag != Some(index));
                }
                _ => {}
            });
        }
        function.body.iter_mut().for_each(|operator| operator.indices(&mut |other, at| renumber(other, at)));
    }
    for global in &mut module.globals {
        if global.init.iter().any(|operator| operator.uses(space, index)) {
            global.init = vec![zero(Some(global.ty))];
        }
        global.init.iter_mut().for_each(|operator| operator.indices(&mut |other, at| renumber(other, at)));
    }
    for elements in &mut module.elements {
        for function in &mut elements.functions {
            if space == Space::Functions && *function == Some(index) {
                *function = None;
            }
            function.iter_mut().for_each(|function| renumber(Space::Functions, function));
        }
        if let Placement::Active(table, _) = &mut elements.placement {
            renumber(Space::Tables, table);
        }
    }
    for data in &mut module.data {
        if let Placement::Active(memory, _) = &mut data.placement {
            renumber(Space::Memories, memory);
        }
    }
    module
}

/// Proposes the module without all unused locals, and then without one local, used or not.
fn remove_locals(typed: &Typed, place: usize) -> Proposal {
    let Some(mut place) = place.checked_sub(1) else { return Proposal::Module(without_unused_locals(typed)) };
    for (index, function) in typed.module().functions.iter().enumerate() {
        let count = function.ty.params().len() + function.locals.len();
        if place < count {
            let gone = (count - 1 - place) as u32;
            let mut module = typed.module().clone();
            module.functions[index].body = without(typed, index, &|operator| operator.uses(Space::Locals, gone));
            remove_local(&mut module, index, gone);
            return Proposal::Module(module);
        }
        place -= count;
    }
    Proposal::End
}

fn without_unused_locals(typed: &Typed) -> Module {
    let mut module = typed.module().clone();
    for function in 0..module.functions.len() {
        let params = module.functions[function].ty.params().len();
        for local in (params..params + module.functions[function].locals.len()).rev() {
            let local = local as u32;
            if !module.functions[function].body.iter().any(|operator| operator.uses(Space::Locals, local)) {
                remove_local(&mut module, function, local);
            }
        }
    }
    module
}

/// Removes a local that is not used. If it is a parameter, calls of the function no longer match its type.
fn remove_local(module: &mut Module, function: usize, local: u32) {
    let function = &mut module.functions[function];
    let params = function.ty.params();
    match (local as usize).checked_sub(params.len()) {
        Some(declared) => drop(function.locals.remove(declared)),
        None => {
            let kept = params.iter().enumerate().filter(|(at, _)| *at != local as usize).map(|(_, ty)| *ty);
            function.ty = FuncType::new(kept, function.ty.results().iter().copied());
        }
    }
    for operator in &mut function.body {
        operator.indices(&mut |space, at| {
            if space == Space::Locals && *at > local {
                *at -= 1;
            }
        });
    }
}

/// Proposes the module with simpler contents of a global or segment.
pub(super) fn empty(typed: &Typed, mut place: usize) -> Proposal {
    let mut module = typed.module().clone();
    if let Some(global) = module.globals.get_mut(place / 2) {
        let sum = constant_sum(&global.init);
        global.init = vec![match zero(Some(global.ty)) {
            Operator::Const(ty, _) if place % 2 == 1 => Operator::Const(ty, sum),
            zero => zero,
        }];
        return Proposal::Module(module);
    }
    place -= 2 * module.globals.len();
    if let Some(data) = module.data.get_mut(place / 3) {
        match place % 3 {
            0 => data.bytes.clear(),
            1 => data.bytes.truncate(data.bytes.len() / 2),
            _ => plain_offset(&mut data.placement),
        }
        return Proposal::Module(module);
    }
    place -= 3 * module.data.len();
    if let Some(elements) = module.elements.get_mut(place / 3) {
        match place % 3 {
            0 => elements.functions.clear(),
            1 => drop(elements.functions.pop()),
            _ => plain_offset(&mut elements.placement),
        }
        return Proposal::Module(module);
    }
    Proposal::End
}

/// Replaces an offset that is a sum by a constant.
fn plain_offset(placement: &mut Placement) {
    if let Placement::Active(_, offset) = placement
        && let [Operator::Const(ty, _), _, _] = offset[..]
    {
        let mask = if ty == riser_translator::types::ValType::I32 { u64::from(u32::MAX) } else { u64::MAX };
        *offset = vec![Operator::Const(ty, constant_sum(offset) & mask)];
    }
}
