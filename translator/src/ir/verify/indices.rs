//! Checks that everything exists that an instruction refers to by number. IR may come from parsed text, or from other
//! producers than the selector, so nothing is taken for granted.

use crate::index::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use crate::ir::{Dst, Inst, Src};
use crate::module::ModuleInfo;
use crate::sink::{Catch, Slot};

/// A number of slots that no frame reaches.
const SLOTS: u32 = 1 << 24;

/// Checks that functions, types, globals, tags, memories, tables and segments are in `module`, and
/// that slots are in a frame.
pub(super) fn check(inst: &Inst, module: &ModuleInfo) -> Result<(), String> {
    let exists = |what: &str, index: u32, count: usize| match (index as usize) < count {
        true => Ok(()),
        false => Err(format!("there is no {what} {index}")),
    };
    let function = |index: FuncIndex| exists("function", index.as_u32(), module.functions.len());
    let ty = |index: TypeIndex| exists("type", index.as_u32(), module.types.len());
    let global = |index: GlobalIndex| exists("global", index.as_u32(), module.globals.len());
    let memory = |index: MemoryIndex| exists("memory", index.as_u32(), module.memories.len());
    let tag = |index: TagIndex| exists("tag", index.as_u32(), module.tags.len());
    let table = |index: TableIndex| exists("table", index.as_u32(), module.tables.len());
    let data = |index: DataIndex| exists("data segment", index.as_u32(), module.data.len());
    let element = |index: ElemIndex| exists("element segment", index.as_u32(), module.elements.len());
    for (src, _) in inst.sources() {
        if let Src::Slot(slot) = src {
            in_frame(slot)?;
        }
    }
    if let Some((Dst::Slot(slot), _)) = inst.result() {
        in_frame(slot)?;
    }
    match *inst {
        Inst::CopySlots { dst, src, count } => {
            in_frame(dst)?;
            in_frame(src)?;
            in_frame(Slot(src.0.saturating_add(count)))
        }
        Inst::RefFunc { function: index, .. } => function(index),
        Inst::Call { function: index, base, link } => {
            in_frame(base)?;
            in_frame(link)?;
            function(index)
        }
        Inst::ReturnCall { function: index, base, .. } => {
            in_frame(base)?;
            function(index)
        }
        Inst::CallIndirect { table: index, type_index, base, link, .. } => {
            in_frame(base)?;
            in_frame(link)?;
            table(index)?;
            ty(type_index)
        }
        Inst::ReturnCallIndirect { table: index, type_index, base, .. } => {
            in_frame(base)?;
            table(index)?;
            ty(type_index)
        }
        Inst::Catch { catch: Catch { tag: index, payload, exn, .. }, .. } => {
            in_frame(payload)?;
            exn.map_or(Ok(()), in_frame)?;
            index.map_or(Ok(()), tag)
        }
        Inst::Throw { tag: index, base } => {
            in_frame(base)?;
            tag(index)
        }
        Inst::GlobalGet { global: index, .. } | Inst::GlobalSet { global: index, .. } => global(index),
        Inst::Load { memory: index, .. }
        | Inst::Store { memory: index, .. }
        | Inst::MemorySize { memory: index, .. }
        | Inst::MemoryGrow { memory: index, .. }
        | Inst::MemoryFill { memory: index, .. }
        | Inst::VectorLoad { memory: index, .. }
        | Inst::VectorStore { memory: index, .. }
        | Inst::LoadLane { memory: index, .. }
        | Inst::StoreLane { memory: index, .. }
        | Inst::Atomic { memory: index, .. } => memory(index),
        Inst::MemoryInit { memory: index, segment, .. } => memory(index).and(data(segment)),
        Inst::DataDrop { segment } => data(segment),
        Inst::MemoryCopy { dst_memory, src_memory, .. } => memory(dst_memory).and(memory(src_memory)),
        Inst::TableGet { table: index, .. }
        | Inst::TableSet { table: index, .. }
        | Inst::TableSize { table: index, .. }
        | Inst::TableGrow { table: index, .. }
        | Inst::TableFill { table: index, .. } => table(index),
        Inst::TableInit { table: index, segment, .. } => table(index).and(element(segment)),
        Inst::ElemDrop { segment } => element(segment),
        Inst::TableCopy { dst_table, src_table, .. } => table(dst_table).and(table(src_table)),
        Inst::Const { .. }
        | Inst::AtomicFence
        | Inst::Copy { .. }
        | Inst::Unary { .. }
        | Inst::Binary { .. }
        | Inst::Select { .. }
        | Inst::RefIsNull { .. }
        | Inst::VectorConst { .. }
        | Inst::Vector { .. }
        | Inst::Wide { .. }
        | Inst::Shuffle { .. }
        | Inst::ExtractLane { .. }
        | Inst::ReplaceLane { .. }
        | Inst::Branch { .. }
        | Inst::BranchIf { .. }
        | Inst::BranchTable { .. }
        | Inst::Return
        | Inst::ReturnValue { .. }
        | Inst::TryBegin { .. }
        | Inst::TryEnd { .. }
        | Inst::CatchEnd { .. }
        | Inst::ThrowRef { .. }
        | Inst::Trap { .. }
        | Inst::Fuel { .. }
        | Inst::Epoch => Ok(()),
    }
}

fn in_frame(slot: Slot) -> Result<(), String> {
    if slot.0 < SLOTS { Ok(()) } else { Err(format!("slot {} is in no frame", slot.0)) }
}
