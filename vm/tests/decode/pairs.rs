//! Pairs: each of them is made where its two instructions follow each other, and nowhere else.

use std::collections::BTreeMap;

use riser_translator::ir::{Addr, Cond, Dst, Function, Inst, Item, Src};
use riser_translator::parse_module;
use riser_translator::sink::{Label, LabelKind, Slot};
use riser_vm::inspect::{decode, encode, handlers, normalise};
use riser_vm::{Bounds, Dispatch, TranslatorConfig};

use crate::forms::all_forms;
use crate::{configurations, defined, ir};

/// An instruction, in the function that it was found in, of which it is all that is left.
struct Specimen {
    function: Function,
    inst: Inst,
}

/// A function that is the instructions in a row, where branches lead back to the first.
fn row(function: &Function, insts: &[&Inst], label_between: bool) -> Function {
    let label = |number| Item::Label { label: Label(number), kind: LabelKind::Loop, operands: Vec::new() };
    let mut items = vec![label(0)];
    for (at, &inst) in insts.iter().enumerate() {
        if label_between && at > 0 {
            items.push(label(1));
        }
        let mut inst = inst.clone();
        inst.targets_mut().fill(Label(0));
        items.push(Item::Inst { inst, offset: 0 });
    }
    Function { items, max_temps: 1000, ..function.clone() }
}

#[test]
fn every_pair_is_made_of_its_instructions() {
    let module = parse_module(&*all_forms()).expect("a module");
    let mut specimens: BTreeMap<String, Specimen> = BTreeMap::new();
    for config in configurations().filter(|config| !config.pairs && !config.forwarding) {
        for index in defined(&module) {
            let ir = ir(&module, index, &config).expect("the function is valid");
            let decoded = decode(&encode(&ir, module.info(), Bounds::Explicit, &config), module.info(), index);
            let decoded = decoded.expect("the encoder makes code");
            let insts: Vec<&Inst> = decoded.function.items.iter().filter_map(inst).collect();
            for step in decoded.instructions().skip(1) {
                specimens.entry(step.name.to_owned()).or_insert_with(|| Specimen {
                    function: Function { items: Vec::new(), ..decoded.function.clone() },
                    inst: insts[step.inst].clone(),
                });
            }
        }
    }
    add_forwarded(&mut specimens);
    let switches = TranslatorConfig::optimized();
    let mut pairs = 0;
    for name in handlers(Dispatch::CallLoop).iter().map(|handler| handler.name) {
        let Some((first, second)) = name.split_once("Then") else { continue };
        let [first, second] = [first, second].map(|name| specimens.get(name).unwrap_or_else(|| panic!("no {name}")));
        // One of the two functions has the frame, and the results, that the other's instruction needs.
        // The second reads nothing that the first puts into a slot, or just that: then it takes it from the accumulator.
        let (mut giver, mut taker) = (first.inst.clone(), second.inst.clone());
        let shared = Slot(500);
        let forwarded = matches!(giver.result(), Some((Dst::Slot(_), _)))
            && giver.set_result(Dst::Slot(shared))
            && take_from(&mut taker, shared);
        let rows = [Some([&giver, &second.inst]), forwarded.then_some([&giver, &taker])];
        let functions = [&first.function, &second.function];
        let mut cases = functions.iter().flat_map(|function| rows.iter().flatten().map(move |row| (function, row)));
        let made = cases.any(|(function, insts)| {
            let ir = row(function, insts, false);
            let words = encode(&ir, module.info(), Bounds::Explicit, &switches);
            let Ok(decoded) = decode(&words, module.info(), ir.index) else { return false };
            if decoded.function != normalise(&ir) {
                return false;
            }
            let names: Vec<&str> = decoded.instructions().map(|step| step.name).collect();
            if names[1] != name {
                return false;
            }
            let apart = encode(&row(function, insts, true), module.info(), Bounds::Explicit, &switches);
            assert_ne!(apart[decoded.instructions().nth(1).expect("a pair").word], words[3], "{name} across a label");
            true
        });
        assert!(made, "{name} is not made");
        pairs += 1;
    }
    assert!(pairs > 200, "{pairs} pairs");
}

/// Adds the forms that only forwarding makes: operands on the right in the accumulator.
fn add_forwarded(specimens: &mut BTreeMap<String, Specimen>) {
    let mut forwarded = Vec::new();
    for (name, Specimen { function, inst }) in &*specimens {
        let mut inst = inst.clone();
        let end = match &mut inst {
            Inst::Binary { rhs: right @ Src::Slot(_), .. }
            | Inst::Load { addr: Addr::Index { index: right, .. }, .. }
                if name.ends_with("ss") =>
            {
                *right = Src::Acc;
                "sa"
            }
            Inst::Store { addr: Addr::Sum { .. }, value: right @ Src::Slot(_), .. } if name.ends_with("SumSs") => {
                *right = Src::Acc;
                "Sa"
            }
            _ => continue,
        };
        let stem = &name[..name.len() - 2];
        forwarded.push((format!("{stem}{end}"), Specimen { function: function.clone(), inst: inst.clone() }));
        // Both operands in the accumulator: there is such a form only of operations on floats.
        if let Inst::Binary { lhs, .. } = &mut inst {
            *lhs = Src::Acc;
            forwarded.push((format!("{stem}aa"), Specimen { function: function.clone(), inst }));
        }
    }
    for (name, specimen) in forwarded {
        specimens.entry(name).or_insert(specimen);
    }
}

/// Makes the operands in an accumulator ones in a slot; `false` if there are none.
fn take_from(inst: &mut Inst, slot: Slot) -> bool {
    let operands: [Option<&mut Src>; 2] = match inst {
        Inst::Binary { lhs, rhs, .. } => [Some(lhs), Some(rhs)],
        Inst::Load { addr: Addr::Index { base, index }, .. } => [Some(base), Some(index)],
        Inst::Load { addr: Addr::Base(base) | Addr::Sum { base, .. }, .. } => [Some(base), None],
        Inst::Store { addr: Addr::Base(base) | Addr::Sum { base, .. }, value, .. } => [Some(base), Some(value)],
        Inst::BranchIf { cond: Cond::Compare { lhs: src, .. } | Cond::NonZero(src) | Cond::Zero(src), .. }
        | Inst::Unary { src, .. }
        | Inst::Select { cond: src, .. }
        | Inst::GlobalSet { src, .. }
        | Inst::ReturnValue { src, .. }
        | Inst::BranchTable { index: src, .. } => [Some(src), None],
        _ => [None, None],
    };
    let mut found = false;
    for operand in operands.into_iter().flatten().filter(|operand| **operand == Src::Acc) {
        *operand = Src::Slot(slot);
        found = true;
    }
    found
}

fn inst(item: &Item) -> Option<&Inst> {
    match item {
        Item::Inst { inst, .. } => Some(inst),
        Item::Label { .. } => None,
    }
}
