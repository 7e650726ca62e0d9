//! Names of callees.

use std::mem::offset_of;

use cranelift_codegen::ir::{DebugTag, ExternalName, FuncRef, Function, Inst, InstructionData, Value, ValueDef};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, FuncInst, StoreContext};
use riser_translator::module::ModuleInfo;
use riser_translator::{DefinedFuncIndex, FuncIndex};

use super::name;

/// Tags every call whose callee is known, unless the module defines it. Returns the names; tags are indices
/// into them.
pub(super) fn tag(func: &mut Function, info: &ModuleInfo) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let blocks: Vec<_> = func.layout.blocks().collect();
    for block in blocks {
        let indirect: Vec<(Inst, String)> = func
            .layout
            .block_insts(block)
            .filter(|&inst| {
                let inst = &func.dfg.insts[inst];
                matches!(inst, InstructionData::CallIndirect { .. } | InstructionData::TryCallIndirect { .. })
            })
            .filter_map(|inst| Some((inst, callee(func, info, inst)?)))
            .collect();
        for (inst, callee) in indirect {
            let number = names.iter().position(|known| *known == callee).unwrap_or_else(|| {
                names.push(callee);
                names.len() - 1
            });
            func.debug_tags.set(inst, [DebugTag::User(number as u32)]);
        }
    }
    names
}

/// The callee of a call instruction, if it is known.
pub(super) fn callee(func: &Function, info: &ModuleInfo, inst: Inst) -> Option<String> {
    match func.dfg.insts[inst] {
        InstructionData::Call { func_ref, .. } | InstructionData::TryCall { func_ref, .. } => {
            defined(func, info, func_ref)
        }
        InstructionData::CallIndirect { ref args, .. } | InstructionData::TryCallIndirect { ref args, .. } => {
            let code = *args.as_slice(&func.dfg.value_lists).first()?;
            loaded_code(func, info, code)
        }
        _ => None,
    }
}

/// The module's function that a reference denotes.
pub(super) fn defined(func: &Function, info: &ModuleInfo, reference: FuncRef) -> Option<String> {
    let ExternalName::User(user) = func.dfg.ext_funcs[reference].name else { return None };
    Some(name(info, info.func_index(DefinedFuncIndex::new(func.params.user_named_funcs()[user].index))))
}

/// The address and the displacement that a value is loaded from.
fn load(func: &Function, value: Value) -> Option<(Value, usize)> {
    let ValueDef::Result(inst, _) = func.dfg.value_def(value) else { return None };
    match func.dfg.insts[inst] {
        InstructionData::Load { arg, offset, .. } => Some((arg, usize::try_from(i32::from(offset)).ok()?)),
        _ => None,
    }
}

/// Whether a value is a field of an object to which a field of the instance's context points.
fn is_field_of(func: &Function, value: Value, outer: usize, field: usize) -> bool {
    load(func, value)
        .filter(|&(_, at)| at == field)
        .and_then(|(base, _)| load(func, base))
        .is_some_and(|(_, at)| at == outer)
}

/// The name of code, from where its address is loaded: a field of the builtins, or of a function instance.
fn loaded_code(func: &Function, info: &ModuleInfo, code: Value) -> Option<String> {
    let (from, offset) = load(func, code)?;
    if is_field_of(func, from, offset_of!(Context, store), offset_of!(StoreContext, builtins)) {
        let (name, _) = Builtins::NAMES.iter().find(|&&(_, at)| at == offset)?;
        return Some(format!("builtin {name}"));
    }
    if offset != offset_of!(FuncInst, native) {
        return None;
    }
    let (array, at) = load(func, from)?;
    match load(func, array) {
        Some((_, field)) if field == offset_of!(Context, functions) => Some(name(info, FuncIndex::at(at / 8))),
        _ => Some("element of a table".to_owned()),
    }
}
