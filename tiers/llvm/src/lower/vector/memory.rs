//! Vectors and lanes in memories.
//!
//! A load reads no more bytes than the operator says, and stays an instruction of its own ([`Ir::loaded`](crate::ir::Ir::loaded)); what
//! follows uses its result as an operand. The value is loaded into the kind of register in which it is needed: one or two bytes as an
//! integer, and larger ones as a floating-point number. That they need not be numbers does not matter, since nothing is computed with them.

use inkwell::types::BasicTypeEnum;
use inkwell::values::InstructionOpcode::{self, SExt, Trunc, ZExt};
use riser_translator::ValType::V128;
use riser_translator::ops::{LoadLaneOp, StoreLaneOp, VectorLoadOp};
use riser_translator::sink::{Access, Operand, Slot};

use super::super::Lowering;
use crate::ir::{Lanes, Value};

impl<'c> Lowering<'_, 'c> {
    /// Loads a value of a type.
    fn loaded(&mut self, access: Access, ty: BasicTypeEnum<'c>, bytes: u32) -> Value<'c> {
        let Access { memory, addr, offset } = access;
        let (guarded, order) = self.guarded(memory);
        let at = self.address(memory, addr, offset, bytes);
        let value = self.ir.load_unaligned(ty, at, order);
        // Handled like other loads of so few bytes: see `loads.rs`.
        let value = if bytes < 4 { self.ir.zext(value, self.ir.i32_type()) } else { value };
        let value = if guarded { self.ir.loaded(value) } else { value };
        if bytes < 4 { self.ir.cast(Trunc, value, ty) } else { value }
    }

    fn stored(&mut self, access: Access, value: Value<'c>, bytes: u32) {
        let Access { memory, addr, offset } = access;
        let (_, order) = self.guarded(memory);
        let at = self.address(memory, addr, offset, bytes);
        self.ir.store_unaligned(value, at, order);
    }

    fn loaded_lane(&mut self, access: Access, lanes: Lanes) -> Value<'c> {
        self.loaded(access, self.ir.lane_type(lanes), lanes.bits() / 8)
    }

    /// Loads lanes of half the width, and extends them.
    fn loaded_and_extended(
        &mut self,
        access: Access,
        extend: InstructionOpcode,
        narrow: Lanes,
        wide: Lanes,
    ) -> Value<'c> {
        let value = self.loaded_lane(access, Lanes::F64);
        let lanes = self.ir.lanes(narrow, self.ir.vector(self.ir.first_lane(Lanes::F64, value)));
        let half = self.ir.shuffle(lanes, lanes, 0..narrow.count() / 2);
        self.ir.cast(extend, half, self.ir.lanes_type(wide).into())
    }

    fn loaded_splat(&mut self, access: Access, lanes: Lanes) -> Value<'c> {
        let value = self.loaded_lane(access, lanes);
        self.ir.splat(lanes, value)
    }

    fn loaded_first(&mut self, access: Access, lanes: Lanes) -> Value<'c> {
        let value = self.loaded_lane(access, lanes);
        self.ir.insert(self.ir.splat_constant(lanes, 0), value, 0)
    }

    pub(super) fn lower_vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: Access) {
        use Lanes::*;
        use VectorLoadOp::*;
        let value = match op {
            V128Load => self.loaded(access, self.ir.vector_type(), op.access_bytes()),
            V128Load8x8S => self.loaded_and_extended(access, SExt, I8, I16),
            V128Load8x8U => self.loaded_and_extended(access, ZExt, I8, I16),
            V128Load16x4S => self.loaded_and_extended(access, SExt, I16, I32),
            V128Load16x4U => self.loaded_and_extended(access, ZExt, I16, I32),
            V128Load32x2S => self.loaded_and_extended(access, SExt, I32, I64),
            V128Load32x2U => self.loaded_and_extended(access, ZExt, I32, I64),
            V128Load8Splat => self.loaded_splat(access, I8),
            V128Load16Splat => self.loaded_splat(access, I16),
            V128Load32Splat => self.loaded_splat(access, F32),
            V128Load64Splat => self.loaded_splat(access, F64),
            V128Load32Zero => self.loaded_first(access, F32),
            V128Load64Zero => self.loaded_first(access, F64),
        };
        self.set(dst, self.ir.vector(value));
    }

    pub(super) fn lower_vector_store(&mut self, access: Access, value: Operand) {
        let value = self.get(V128, value);
        self.stored(access, value, 16);
    }

    pub(super) fn lower_load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: Access, vector: Operand) {
        let lanes = match op {
            LoadLaneOp::V128Load8Lane => Lanes::I8,
            LoadLaneOp::V128Load16Lane => Lanes::I16,
            LoadLaneOp::V128Load32Lane => Lanes::F32,
            LoadLaneOp::V128Load64Lane => Lanes::F64,
        };
        let vector = self.get(V128, vector);
        let value = self.loaded_lane(access, lanes);
        let value = self.ir.insert(self.ir.lanes(lanes, vector), value, lane.into());
        self.set(dst, self.ir.vector(value));
    }

    pub(super) fn lower_store_lane(&mut self, op: StoreLaneOp, lane: u8, access: Access, vector: Operand) {
        let lanes = match op {
            StoreLaneOp::V128Store8Lane => Lanes::I8,
            StoreLaneOp::V128Store16Lane => Lanes::I16,
            StoreLaneOp::V128Store32Lane => Lanes::F32,
            StoreLaneOp::V128Store64Lane => Lanes::F64,
        };
        let vector = self.get(V128, vector);
        let value = self.ir.extract(self.ir.lanes(lanes, vector), lane.into());
        self.stored(access, value, op.access_bytes());
    }
}
