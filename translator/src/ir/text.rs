//! The text form of the register IR.
//!
//! ```text
//! func 1 $sum (i32) -> (i32)
//! locals i32
//! temps 2
//! L0: loop ()
//!   0x2a  acc = i32.load [l0 + 4] offset=8
//!   0x2d  l1 = i32.add acc, l1
//!   0x31  branch_if i32.lt_s l0, 100 -> L0
//!   0x34  return i32 l1
//! ```
//!
//! A line is an instruction, preceded by the offset of the wasm operator that it comes from, or a label with its kind
//! and the types of the operand stack. Slots are named by their role: `l2` is the third slot of the locals (parameters
//! first), `t0` the lowest operand, `r1` a result slot. `acc` is the accumulator of the operand's type. Numbers are
//! immediates, as signed decimals or, for floating-point types, as the shortest decimal that reads back as the same
//! number; a NaN is `nan:` and its bits. Fields that default to zero (the offset of an access, the index of its memory)
//! are left out if they are zero.
//!
//! The form is complete: [`super::parse`] reads the same function back.

use std::fmt::{self, Display, Formatter};

use crate::faults::{Fault, faulty};
use crate::index::MemoryIndex;
use crate::sink::{Catch, FrameLayout, LabelKind, Slot, SlotRole};
use crate::types::ValType;

use super::{Addr, Cond, Dst, Function, Inst, Item, Src};

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let frame = self.frame();
        write!(f, "func {}", self.index)?;
        if let Some(name) = &self.name {
            write!(f, " {}", Name(name))?;
        }
        writeln!(f, " {}", self.ty)?;
        let declared = &self.locals[self.ty.params().len()..];
        if !declared.is_empty() {
            f.write_str("locals")?;
            for run in declared.chunk_by(|a, b| a == b) {
                write!(f, " {}", run[0])?;
                if run.len() > 1 {
                    write!(f, "*{}", run.len())?;
                }
            }
            writeln!(f)?;
        }
        writeln!(f, "temps {}", self.max_temps)?;
        for item in &self.items {
            match item {
                Item::Inst { inst, offset } => writeln!(f, "  {offset:#x}  {}", inst.display(frame))?,
                Item::Label { label, kind, operands } => {
                    let types = operands.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(", ");
                    writeln!(f, "L{}: {} ({types})", label.0, kind_name(*kind))?;
                }
            }
        }
        Ok(())
    }
}

/// A label kind's name in the text form.
pub(super) fn kind_name(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Join => "join",
        LabelKind::Loop => "loop",
        LabelKind::Skip => "skip",
    }
}

/// Whether a character stands for itself in a name.
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-$:<>/".contains(c)
}

/// A function's name, quoted if it has characters that are not plain.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            return write!(f, "${}", self.0);
        }
        f.write_str("$\"")?;
        for c in self.0.chars() {
            match c {
                ' ' | '!'..='~' if c != '"' && c != '\\' => write!(f, "{c}")?,
                _ => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            }
        }
        f.write_str("\"")
    }
}

impl Inst {
    /// Returns the instruction's text form, without the offset. Slots are named as in `frame`.
    pub fn display(&self, frame: FrameLayout) -> impl Display + '_ {
        InstText { inst: self, frame }
    }
}

struct InstText<'a> {
    inst: &'a Inst,
    frame: FrameLayout,
}

struct SrcText(Src, ValType, FrameLayout);

impl Display for SrcText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Src::Slot(slot) => self.2.role(slot).fmt(f),
            Src::Acc => f.write_str("acc"),
            Src::Imm(bits) => Immediate(self.1, bits).fmt(f),
        }
    }
}

/// A constant of a type.
struct Immediate(ValType, u64);

impl Display for Immediate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bits = self.1;
        match self.0 {
            ValType::I32 => write!(f, "{}", bits as i32),
            ValType::I64 if faulty(Fault::TextTruncated) => write!(f, "{}", bits as i32),
            ValType::I64 => write!(f, "{}", bits as i64),
            ValType::F32 => match f32::from_bits(bits as u32) {
                value if value.is_nan() => write!(f, "nan:{bits:#x}"),
                value => write!(f, "{value:?}"),
            },
            ValType::F64 => match f64::from_bits(bits) {
                value if value.is_nan() => write!(f, "nan:{bits:#x}"),
                value => write!(f, "{value:?}"),
            },
            ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => write!(f, "{bits}"),
        }
    }
}

impl InstText<'_> {
    fn slot(&self, slot: Slot) -> SlotRole {
        self.frame.role(slot)
    }

    fn src(&self, ty: ValType, src: Src) -> SrcText {
        SrcText(src, ty, self.frame)
    }

    fn access(&self, memory: MemoryIndex, addr: Addr, offset: u64) -> impl Display {
        let base = self.src(ValType::I32, addr.base());
        fmt::from_fn(move |f| {
            match (addr, addr.base()) {
                // Addresses are unsigned.
                (_, Src::Imm(bits)) => write!(f, "[{bits}]")?,
                (Addr::Sum { add, .. }, _) => write!(f, "[{base} + {add}]")?,
                (Addr::Index { index, .. }, _) => write!(f, "[{base} + {}]", self.src(ValType::I32, index))?,
                (Addr::Base(_), _) => write!(f, "[{base}]")?,
            }
            if offset != 0 {
                write!(f, " offset={offset}")?;
            }
            if memory != MemoryIndex::ZERO {
                write!(f, " memory={memory}")?;
            }
            Ok(())
        })
    }
}

impl Display for InstText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const I32: ValType = ValType::I32;
        let slot = |slot| self.slot(slot);
        let slots = |f: &mut Formatter<'_>, op: &dyn Display, operands: &[Slot]| {
            write!(f, "{op}")?;
            for (at, &operand) in operands.iter().enumerate() {
                write!(f, "{} {}", if at == 0 { "" } else { "," }, slot(operand))?;
            }
            Ok(())
        };
        match self.inst.result() {
            Some((Dst::Slot(dst), _)) => write!(f, "{} = ", slot(dst))?,
            Some((Dst::Acc, _)) => f.write_str("acc = ")?,
            None => {}
        }
        match *self.inst {
            Inst::Const { ty, bits, .. } => write!(f, "{ty}.const {}", Immediate(ty, bits)),
            Inst::Copy { ty, src, .. } => write!(f, "{ty}.copy {}", slot(src)),
            Inst::CopySlots { dst, src, count } => {
                write!(f, "copy_slots dst={} src={} count={count}", slot(dst), slot(src))
            }
            Inst::Unary { op, src, .. } => write!(f, "{op} {}", self.src(op.operand_type(), src)),
            Inst::Binary { op, lhs, rhs, .. } => {
                let ty = op.operand_type();
                write!(f, "{op} {}, {}", self.src(ty, lhs), self.src(ty, rhs))
            }
            Inst::Select { ty, cond, if_true, if_false, .. } => {
                write!(f, "{ty}.select {}, {}, {}", self.src(I32, cond), slot(if_true), slot(if_false))
            }
            Inst::RefIsNull { src, .. } => write!(f, "ref.is_null {}", self.src(ValType::FuncRef, src)),
            Inst::RefFunc { function, .. } => write!(f, "ref.func {function}"),
            Inst::VectorConst { slots: [low, high], .. } => write!(f, "v128.const {low:#x} {high:#x}"),
            Inst::Vector { op, operands, .. } => slots(f, &op, &operands[..op.operand_types().len()]),
            Inst::Wide { op, operands, .. } => slots(f, &op, &operands[..op.operands()]),
            Inst::Shuffle { lhs, rhs, lanes, .. } => {
                write!(f, "i8x16.shuffle {}, {}", slot(lhs), slot(rhs))?;
                lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
            }
            Inst::ExtractLane { op, lane, src, .. } => write!(f, "{op} {lane}, {}", slot(src)),
            Inst::ReplaceLane { op, lane, vector, value, .. } => {
                write!(f, "{op} {lane}, {}, {}", slot(vector), slot(value))
            }
            Inst::VectorLoad { op, memory, addr, offset, .. } => {
                write!(f, "{op} {}", self.access(memory, Addr::Base(Src::Slot(addr)), offset))
            }
            Inst::VectorStore { memory, addr, offset, value } => {
                write!(f, "v128.store {}, {}", self.access(memory, Addr::Base(Src::Slot(addr)), offset), slot(value))
            }
            Inst::LoadLane { op, lane, memory, addr, offset, vector, .. } => {
                let access = self.access(memory, Addr::Base(Src::Slot(addr)), offset);
                write!(f, "{op} {lane}, {access}, {}", slot(vector))
            }
            Inst::StoreLane { op, lane, memory, addr, offset, vector } => {
                let access = self.access(memory, Addr::Base(Src::Slot(addr)), offset);
                write!(f, "{op} {lane}, {access}, {}", slot(vector))
            }
            Inst::Atomic { op, memory, addr, offset, operands, .. } => {
                write!(f, "{op} {}", self.access(memory, Addr::Base(Src::Slot(addr)), offset))?;
                operands[..op.operand_types().len()].iter().try_for_each(|&operand| write!(f, ", {}", slot(operand)))
            }
            Inst::AtomicFence => f.write_str("atomic.fence"),
            Inst::GlobalGet { ty, global, .. } => write!(f, "{ty}.global.get {global}"),
            Inst::GlobalSet { ty, global, src } => {
                write!(f, "{ty}.global.set {global}, {}", self.src(ty, src))
            }
            Inst::Load { op, memory, addr, offset, .. } => {
                write!(f, "{op} {}", self.access(memory, addr, offset))
            }
            Inst::Store { op, memory, addr, offset, value } => {
                write!(f, "{op} {}, {}", self.access(memory, addr, offset), self.src(op.value_type(), value))
            }
            Inst::MemorySize { memory, .. } => write!(f, "memory.size {memory}"),
            Inst::MemoryGrow { memory, delta, .. } => write!(f, "memory.grow {memory}, {}", slot(delta)),
            Inst::MemoryFill { memory, dst, value, len } => {
                write!(f, "memory.fill {memory}, {}, {}, {}", slot(dst), slot(value), slot(len))
            }
            Inst::MemoryCopy { dst_memory, src_memory, dst, src, len } => {
                write!(f, "memory.copy {dst_memory}, {src_memory}, ")?;
                write!(f, "{}, {}, {}", slot(dst), slot(src), slot(len))
            }
            Inst::MemoryInit { memory, segment, dst, src, len } => {
                write!(f, "memory.init {memory}, {segment}, {}, {}, {}", slot(dst), slot(src), slot(len))
            }
            Inst::DataDrop { segment } => write!(f, "data.drop {segment}"),
            Inst::TableGet { table, index, .. } => write!(f, "table.get {table}, {}", slot(index)),
            Inst::TableSet { table, index, value } => {
                write!(f, "table.set {table}, {}, {}", slot(index), slot(value))
            }
            Inst::TableSize { table, .. } => write!(f, "table.size {table}"),
            Inst::TableGrow { table, init, delta, .. } => {
                write!(f, "table.grow {table}, {}, {}", slot(init), slot(delta))
            }
            Inst::TableFill { table, dst, value, len } => {
                write!(f, "table.fill {table}, {}, {}, {}", slot(dst), slot(value), slot(len))
            }
            Inst::TableCopy { dst_table, src_table, dst, src, len } => {
                write!(f, "table.copy {dst_table}, {src_table}, ")?;
                write!(f, "{}, {}, {}", slot(dst), slot(src), slot(len))
            }
            Inst::TableInit { table, segment, dst, src, len } => {
                write!(f, "table.init {table}, {segment}, {}, {}, {}", slot(dst), slot(src), slot(len))
            }
            Inst::ElemDrop { segment } => write!(f, "elem.drop {segment}"),
            Inst::Branch { target } => write!(f, "branch L{}", target.0),
            Inst::BranchIf { cond, target } => {
                match cond {
                    Cond::NonZero(src) => write!(f, "branch_if {}", self.src(I32, src))?,
                    Cond::Zero(src) => write!(f, "branch_if not {}", self.src(I32, src))?,
                    Cond::Compare { op, lhs, rhs } => {
                        let ty = op.operand_type();
                        write!(f, "branch_if {op} {}, {}", self.src(ty, lhs), self.src(ty, rhs))?;
                    }
                }
                write!(f, " -> L{}", target.0)
            }
            Inst::BranchTable { index, ref targets } => {
                write!(f, "branch_table {} ->", self.src(I32, index))?;
                targets.iter().try_for_each(|target| write!(f, " L{}", target.0))
            }
            Inst::Return => f.write_str("return"),
            Inst::ReturnValue { ty, src } => write!(f, "return {ty} {}", self.src(ty, src)),
            Inst::Call { function, base, link } => {
                write!(f, "call {function} base={} link={}", slot(base), slot(link))
            }
            Inst::CallIndirect { table, type_index, index, base, link } => {
                let index = self.src(I32, index);
                write!(f, "call_indirect {index} table={table} type={type_index} ")?;
                write!(f, "base={} link={}", slot(base), slot(link))
            }
            Inst::ReturnCall { function, base, params, link } => {
                write!(f, "return_call {function} base={} params={params} link={link}", slot(base))
            }
            Inst::ReturnCallIndirect { table, type_index, index, base, params, link } => {
                let index = self.src(I32, index);
                write!(f, "return_call_indirect {index} table={table} type={type_index} ")?;
                write!(f, "base={} params={params} link={link}", slot(base))
            }
            Inst::TryBegin { scope } => write!(f, "try_begin S{}", scope.0),
            Inst::TryEnd { scope } => write!(f, "try_end S{}", scope.0),
            Inst::Catch { scope, catch } => {
                let Catch { tag, payload, exn, target } = catch;
                write!(f, "catch S{} ", scope.0)?;
                match tag {
                    Some(tag) => write!(f, "tag={tag} payload={}", slot(payload))?,
                    None => write!(f, "all payload={}", slot(payload))?,
                }
                if let Some(exn) = exn {
                    write!(f, " exn={}", slot(exn))?;
                }
                write!(f, " -> L{}", target.0)
            }
            Inst::CatchEnd { scope, next } => {
                write!(f, "catch_end S{}", scope.0)?;
                next.map_or(Ok(()), |next| write!(f, " -> S{}", next.0))
            }
            Inst::Throw { tag, base } => write!(f, "throw {tag} base={}", slot(base)),
            Inst::ThrowRef { exn } => write!(f, "throw_ref {}", slot(exn)),
            Inst::Trap { code } => write!(f, "trap \"{code}\""),
            Inst::Fuel { units } => write!(f, "fuel {units}"),
            Inst::Epoch => f.write_str("epoch"),
        }
    }
}
