//! The parser of instructions.

use std::str::FromStr;

use crate::index::MemoryIndex;
use crate::ir::{Addr, Cond, Dst, Inst, Src};
use crate::ops::{
    AtomicOp, BinaryOp, ExtractOp, IntCompareOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp,
    VectorLoadOp, VectorOp, WideOp,
};
use crate::sink::{Catch, Slot};
use crate::trap::TrapCode;
use crate::types::ValType;

use super::{Cursor, Parsed, val_type};

const I32: ValType = ValType::I32;

impl Cursor<'_> {
    /// Takes an instruction, with its result if it has one.
    pub(super) fn inst(&mut self) -> Parsed<Inst> {
        let before = self.rest;
        let first = self.word();
        if !self.rest.starts_with('=') {
            return self.effect(first);
        }
        self.rest = before;
        let dst = if first == "acc" {
            self.word();
            Dst::Acc
        } else {
            Dst::Slot(self.slot()?)
        };
        self.expect("=")?;
        let mnemonic = self.word();
        self.computation(dst, mnemonic)
    }

    /// Takes an instruction that has a result.
    fn computation(&mut self, dst: Dst, mnemonic: &str) -> Parsed<Inst> {
        if let Some(op) = UnaryOp::from_mnemonic(mnemonic) {
            return Ok(Inst::Unary { op, dst, src: self.src(op.operand_type())? });
        }
        if let Some(op) = BinaryOp::from_mnemonic(mnemonic) {
            let (lhs, rhs) = self.pair(op.operand_type())?;
            return Ok(Inst::Binary { op, dst, lhs, rhs });
        }
        if let Some(op) = LoadOp::from_mnemonic(mnemonic) {
            let (memory, addr, offset) = self.access()?;
            return Ok(Inst::Load { op, dst, memory, addr, offset });
        }
        match typed(mnemonic) {
            Some((ValType::V128, "const")) => {}
            Some((ty, "const")) => return Ok(Inst::Const { ty, dst, bits: self.immediate(ty)? }),
            Some((ty, "global.get")) => return Ok(Inst::GlobalGet { ty, dst, global: self.number()? }),
            _ => {}
        }
        if mnemonic == "ref.is_null" {
            return Ok(Inst::RefIsNull { dst, src: self.src(ValType::FuncRef)? });
        }
        let Dst::Slot(dst) = dst else {
            return Err(format!("`{mnemonic}` has no form with acc as its result"));
        };
        if let Some(vector) = self.vector(dst, mnemonic)? {
            return Ok(vector);
        }
        if let Some(op) = AtomicOp::from_mnemonic(mnemonic) {
            return self.atomic(op, Some(dst));
        }
        Ok(match (mnemonic, typed(mnemonic)) {
            (_, Some((ty, "copy"))) => Inst::Copy { ty, dst, src: self.slot()? },
            (_, Some((ty, "select"))) => {
                let cond = self.src(I32)?;
                let [if_true, if_false] = self.more_slots()?;
                Inst::Select { ty, dst, cond, if_true, if_false }
            }
            ("ref.func", _) => Inst::RefFunc { dst, function: self.number()? },
            ("memory.size", _) => Inst::MemorySize { memory: self.number()?, dst },
            ("memory.grow", _) => {
                let (memory, [delta]) = (self.number()?, self.more_slots()?);
                Inst::MemoryGrow { memory, dst, delta }
            }
            ("table.get", _) => {
                let (table, [index]) = (self.number()?, self.more_slots()?);
                Inst::TableGet { table, dst, index }
            }
            ("table.size", _) => Inst::TableSize { table: self.number()?, dst },
            ("table.grow", _) => {
                let (table, [init, delta]) = (self.number()?, self.more_slots()?);
                Inst::TableGrow { table, dst, init, delta }
            }
            _ => return Err(format!("`{mnemonic}` is not an instruction with a result")),
        })
    }

    /// `count` slots, and slot 0 in place of the others.
    fn slots<const MOST: usize>(&mut self, count: usize) -> Parsed<[Slot; MOST]> {
        let mut slots = [Slot(0); MOST];
        for (at, slot) in slots[..count].iter_mut().enumerate() {
            if at > 0 {
                self.expect(",")?;
            }
            *slot = self.slot()?;
        }
        Ok(slots)
    }

    /// A vector instruction that has a result, or one of wide arithmetic.
    fn vector(&mut self, dst: Slot, mnemonic: &str) -> Parsed<Option<Inst>> {
        if mnemonic == "v128.const" {
            return Ok(Some(Inst::VectorConst { dst, slots: [self.bits()?, self.bits()?] }));
        }
        if mnemonic == "i8x16.shuffle" {
            let lhs = self.slot()?;
            let [rhs] = self.more_slots()?;
            let mut lanes = [0; 16];
            for lane in &mut lanes {
                *lane = self.number()?;
            }
            return Ok(Some(Inst::Shuffle { dst, lhs, rhs, lanes }));
        }
        if let Some(op) = VectorOp::from_mnemonic(mnemonic) {
            let operands = self.slots(op.operand_types().len())?;
            return Ok(Some(Inst::Vector { op, dst, operands }));
        }
        if let Some(op) = WideOp::from_mnemonic(mnemonic) {
            let operands = self.slots(op.operands())?;
            return Ok(Some(Inst::Wide { op, dst, operands }));
        }
        if let Some(op) = ExtractOp::from_mnemonic(mnemonic) {
            let (lane, [src]) = (self.number()?, self.more_slots()?);
            return Ok(Some(Inst::ExtractLane { op, lane, dst, src }));
        }
        if let Some(op) = ReplaceOp::from_mnemonic(mnemonic) {
            let (lane, [vector, value]) = (self.number()?, self.more_slots()?);
            return Ok(Some(Inst::ReplaceLane { op, lane, dst, vector, value }));
        }
        if let Some(op) = VectorLoadOp::from_mnemonic(mnemonic) {
            let (memory, addr, offset) = self.slot_access()?;
            return Ok(Some(Inst::VectorLoad { op, dst, memory, addr, offset }));
        }
        if let Some(op) = LoadLaneOp::from_mnemonic(mnemonic) {
            let (lane, (memory, addr, offset), [vector]) = self.lane_access()?;
            return Ok(Some(Inst::LoadLane { op, lane, dst, memory, addr, offset, vector }));
        }
        Ok(None)
    }

    /// Takes what follows the name of an atomic operation.
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>) -> Parsed<Inst> {
        if dst.is_some() != op.result_type().is_some() {
            return Err(format!("`{op}` has a result, or has none"));
        }
        let (memory, addr, offset) = self.slot_access()?;
        let mut operands = [Slot(0); AtomicOp::MOST_OPERANDS];
        for operand in &mut operands[..op.operand_types().len()] {
            [*operand] = self.more_slots()?;
        }
        Ok(Inst::Atomic { op, dst, memory, addr, offset, operands })
    }

    /// Takes an instruction that has no result.
    fn effect(&mut self, mnemonic: &str) -> Parsed<Inst> {
        if let Some(op) = StoreOp::from_mnemonic(mnemonic) {
            let (memory, addr, offset) = self.access()?;
            self.expect(",")?;
            return Ok(Inst::Store { op, memory, addr, offset, value: self.src(op.value_type())? });
        }
        if mnemonic == "v128.store" {
            let ((memory, addr, offset), [value]) = (self.slot_access()?, self.more_slots()?);
            return Ok(Inst::VectorStore { memory, addr, offset, value });
        }
        if let Some(op) = StoreLaneOp::from_mnemonic(mnemonic) {
            let (lane, (memory, addr, offset), [vector]) = self.lane_access()?;
            return Ok(Inst::StoreLane { op, lane, memory, addr, offset, vector });
        }
        if let Some(op) = AtomicOp::from_mnemonic(mnemonic) {
            return self.atomic(op, None);
        }
        if let Some((ty, "global.set")) = typed(mnemonic) {
            let global = self.number()?;
            self.expect(",")?;
            return Ok(Inst::GlobalSet { ty, global, src: self.src(ty)? });
        }
        Ok(match mnemonic {
            "memory.fill" => {
                let (memory, [dst, value, len]) = (self.number()?, self.more_slots()?);
                Inst::MemoryFill { memory, dst, value, len }
            }
            "memory.copy" => {
                let ((dst_memory, src_memory), [dst, src, len]) = (self.indices()?, self.more_slots()?);
                Inst::MemoryCopy { dst_memory, src_memory, dst, src, len }
            }
            "memory.init" => {
                let ((memory, segment), [dst, src, len]) = (self.indices()?, self.more_slots()?);
                Inst::MemoryInit { memory, segment, dst, src, len }
            }
            "copy_slots" => Inst::CopySlots {
                dst: self.slot_field("dst")?,
                src: self.slot_field("src")?,
                count: self.field("count")?,
            },
            "data.drop" => Inst::DataDrop { segment: self.number()? },
            "table.set" => {
                let (table, [index, value]) = (self.number()?, self.more_slots()?);
                Inst::TableSet { table, index, value }
            }
            "table.fill" => {
                let (table, [dst, value, len]) = (self.number()?, self.more_slots()?);
                Inst::TableFill { table, dst, value, len }
            }
            "table.copy" => {
                let ((dst_table, src_table), [dst, src, len]) = (self.indices()?, self.more_slots()?);
                Inst::TableCopy { dst_table, src_table, dst, src, len }
            }
            "table.init" => {
                let ((table, segment), [dst, src, len]) = (self.indices()?, self.more_slots()?);
                Inst::TableInit { table, segment, dst, src, len }
            }
            "elem.drop" => Inst::ElemDrop { segment: self.number()? },
            "branch" => Inst::Branch { target: self.label()? },
            "branch_if" => {
                let cond = self.cond()?;
                self.expect("->")?;
                Inst::BranchIf { cond, target: self.label()? }
            }
            "branch_table" => {
                let index = self.src(I32)?;
                self.expect("->")?;
                let mut targets = Vec::new();
                while !self.rest.is_empty() {
                    targets.push(self.label()?);
                }
                Inst::BranchTable { index, targets: targets.into() }
            }
            "return" if self.rest.is_empty() => Inst::Return,
            "return" => {
                let ty = self.val_type()?;
                Inst::ReturnValue { ty, src: self.src(ty)? }
            }
            "call" => {
                Inst::Call { function: self.number()?, base: self.slot_field("base")?, link: self.slot_field("link")? }
            }
            "call_indirect" => Inst::CallIndirect {
                index: self.src(I32)?,
                table: self.field("table")?,
                type_index: self.field("type")?,
                base: self.slot_field("base")?,
                link: self.slot_field("link")?,
            },
            "return_call" => Inst::ReturnCall {
                function: self.number()?,
                base: self.slot_field("base")?,
                params: self.field("params")?,
                link: self.field("link")?,
            },
            "return_call_indirect" => Inst::ReturnCallIndirect {
                index: self.src(I32)?,
                table: self.field("table")?,
                type_index: self.field("type")?,
                base: self.slot_field("base")?,
                params: self.field("params")?,
                link: self.field("link")?,
            },
            "try_begin" => Inst::TryBegin { scope: self.scope()? },
            "try_end" => Inst::TryEnd { scope: self.scope()? },
            "catch" => {
                let scope = self.scope()?;
                let tag = if self.eat("all") { None } else { Some(self.field("tag")?) };
                let payload = self.slot_field("payload")?;
                let exn = if self.rest.starts_with("exn") { Some(self.slot_field("exn")?) } else { None };
                self.expect("->")?;
                let target = self.label()?;
                Inst::Catch { scope, catch: Catch { tag, payload, exn, target } }
            }
            "catch_end" => {
                let scope = self.scope()?;
                let next = if self.eat("->") { Some(self.scope()?) } else { None };
                Inst::CatchEnd { scope, next }
            }
            "throw" => Inst::Throw { tag: self.number()?, base: self.slot_field("base")? },
            "throw_ref" => Inst::ThrowRef { exn: self.slot()? },
            "trap" => {
                let known = |code: &&TrapCode| self.rest == format!("\"{code}\"");
                let code = *TrapCode::ALL.iter().find(known).ok_or("this is not a trap")?;
                self.rest = "";
                Inst::Trap { code }
            }
            "fuel" => Inst::Fuel { units: self.number()? },
            "epoch" => Inst::Epoch,
            "atomic.fence" => Inst::AtomicFence,
            _ => return Err(format!("`{mnemonic}` is not an instruction without a result")),
        })
    }

    /// Takes two operands of a type.
    fn pair(&mut self, ty: ValType) -> Parsed<(Src, Src)> {
        let lhs = self.src(ty)?;
        self.expect(",")?;
        Ok((lhs, self.src(ty)?))
    }

    /// Takes two indices.
    fn indices<A, B>(&mut self) -> Parsed<(A, B)>
    where
        A: FromStr,
        B: FromStr,
    {
        let first = self.number()?;
        self.expect(",")?;
        Ok((first, self.number()?))
    }

    /// Takes slots, each after a comma.
    fn more_slots<const N: usize>(&mut self) -> Parsed<[Slot; N]> {
        let mut slots = [Slot(0); N];
        for slot in &mut slots {
            self.expect(",")?;
            *slot = self.slot()?;
        }
        Ok(slots)
    }

    fn cond(&mut self) -> Parsed<Cond> {
        if self.eat("not ") {
            return Ok(Cond::Zero(self.src(I32)?));
        }
        let before = self.rest;
        if let Some(op) = IntCompareOp::from_mnemonic(self.word()) {
            let (lhs, rhs) = self.pair(op.operand_type())?;
            return Ok(Cond::Compare { op, lhs, rhs });
        }
        self.rest = before;
        Ok(Cond::NonZero(self.src(I32)?))
    }

    /// Takes memory, address and offset of an access.
    fn access(&mut self) -> Parsed<(MemoryIndex, Addr, u64)> {
        self.expect("[")?;
        let addr = if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            Addr::Base(Src::Imm(self.number()?))
        } else {
            let base = self.src(I32)?;
            if !self.eat("+") {
                Addr::Base(base)
            } else if self.rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
                Addr::Sum { base, add: self.number()? }
            } else {
                Addr::Index { base, index: self.src(I32)? }
            }
        };
        self.expect("]")?;
        let offset = if self.rest.starts_with("offset=") { self.field("offset")? } else { 0 };
        let memory = if self.rest.starts_with("memory=") { self.field("memory")? } else { MemoryIndex::ZERO };
        Ok((memory, addr, offset))
    }
}

/// Memory, address and offset of an access that has its address in a slot.
type SlotAccess = (MemoryIndex, Slot, u64);

impl Cursor<'_> {
    /// Takes memory, address and offset of an access that has its address in a slot.
    fn slot_access(&mut self) -> Parsed<SlotAccess> {
        match self.access()? {
            (memory, Addr::Base(Src::Slot(addr)), offset) => Ok((memory, addr, offset)),
            _ => Err("the address of this access is not a slot".to_owned()),
        }
    }

    /// Takes a lane, an access, and the vector with the lane.
    fn lane_access(&mut self) -> Parsed<(u8, SlotAccess, [Slot; 1])> {
        let lane = self.number()?;
        self.expect(",")?;
        Ok((lane, self.slot_access()?, self.more_slots()?))
    }
}

/// Splits a mnemonic that starts with a type into its two parts.
fn typed(mnemonic: &str) -> Option<(ValType, &str)> {
    let (ty, rest) = mnemonic.split_once('.')?;
    Some((val_type(ty)?, rest))
}
