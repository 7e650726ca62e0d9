//! The decoding of vector instructions: the inverse of the encoder's file of the same name.

use riser_translator::index::{GlobalIndex, MemoryIndex};
use riser_translator::ir::{Dst, Inst, Src};
use riser_translator::ops::{VectorOp, WideOp};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

use super::Decoder;
use super::error::Fault;
use super::form::Var;
use super::operands::{Checked, unused};

impl Decoder<'_> {
    pub(super) fn vector_const(&mut self) -> Checked<Inst> {
        let [dst] = self.fields()?;
        let slots = [self.word()?, self.word()?];
        Ok(Inst::VectorConst { dst: self.write_vector(dst)?, slots })
    }

    pub(super) fn copy_vector(&mut self) -> Checked<Inst> {
        let [dst, src] = self.fields()?;
        let (dst, src) = (self.frame_slots(dst.into(), 2)?, self.frame_slots(src.into(), 2)?);
        Ok(Inst::Copy { ty: ValType::V128, dst, src })
    }

    pub(super) fn select_vector(&mut self, cond: Var) -> Checked<Inst> {
        let [dst, cond_field, if_true, if_false] = self.fields()?;
        Ok(Inst::Select {
            ty: ValType::V128,
            cond: self.var(cond, cond_field)?,
            if_true: self.read_vector(if_true)?,
            if_false: self.read_vector(if_false)?,
            dst: self.write_vector(dst)?,
        })
    }

    /// As [`Decoder::global`], for a global that has to be a vector.
    fn vector_global(&self, index: u32) -> Checked<GlobalIndex> {
        let (global, ty) = self.global(index)?;
        if ty == ValType::V128 { Ok(global) } else { Err(Fault::Type) }
    }

    pub(super) fn vector_global_get(&mut self) -> Checked<Inst> {
        let (field, global) = self.field_half()?;
        let global = self.vector_global(global)?;
        Ok(Inst::GlobalGet { ty: ValType::V128, dst: Dst::Slot(self.write_vector(field)?), global })
    }

    pub(super) fn vector_global_set(&mut self) -> Checked<Inst> {
        let (field, global) = self.field_half()?;
        let global = self.vector_global(global)?;
        let src = Src::Slot(self.read_vector(field)?);
        Ok(Inst::GlobalSet { ty: ValType::V128, global, src })
    }

    pub(super) fn vector(&mut self, op: VectorOp) -> Checked<Inst> {
        let [dst, fields @ ..] = self.fields::<4>()?;
        let types = op.operand_types();
        let mut operands = [Slot(0); 3];
        for (at, field) in fields.into_iter().enumerate() {
            match types.get(at) {
                Some(ty) => operands[at] = self.read_slots(field, ty.slots())?,
                None => unused(field)?,
            }
        }
        Ok(Inst::Vector { op, operands, dst: self.write_slots(dst, op.result_type().slots())? })
    }

    pub(super) fn wide(&mut self, op: WideOp) -> Checked<Inst> {
        let [dst, a, b, c] = self.fields()?;
        let [d] = self.fields()?;
        let mut operands = [Slot(0); WideOp::MOST_OPERANDS];
        for (at, field) in [a, b, c, d].into_iter().enumerate() {
            if at < op.operands() {
                operands[at] = self.read(field)?;
            } else {
                unused(field)?;
            }
        }
        Ok(Inst::Wide { op, operands, dst: self.write_slots(dst, 2)? })
    }

    pub(super) fn shuffle(&mut self) -> Checked<Inst> {
        let [dst, lhs, rhs] = self.fields()?;
        let lanes = u128::from(self.word()?) | u128::from(self.word()?) << 64;
        let lanes = lanes.to_le_bytes();
        if lanes.iter().any(|&lane| lane >= 32) {
            return Err(Fault::NotCanonical);
        }
        let (lhs, rhs) = (self.read_vector(lhs)?, self.read_vector(rhs)?);
        Ok(Inst::Shuffle { lhs, rhs, lanes, dst: self.write_vector(dst)? })
    }

    /// Decodes the number of a lane.
    pub(super) fn lane(field: u16, lanes: u8) -> Checked<u8> {
        u8::try_from(field).ok().filter(|&lane| lane < lanes).ok_or(Fault::NotCanonical)
    }

    /// Decodes the memory and offset of an access that has the general form even where others have a plain one.
    pub(super) fn any_access(&mut self) -> Checked<(MemoryIndex, u64)> {
        let offset = self.word()?;
        let memory = self.lower_half()?;
        Ok((self.memory(memory)?, offset))
    }
}
