//! Vectors.
//!
//! Each operator becomes LLVM's operation on lanes if that has wasm's semantics, and otherwise a machine instruction, by LLVM's
//! intrinsics for these (`llvm.x86..`). SSE4.1 is always available; if newer processors have a single instruction, LLVM finds it in
//! most cases.

mod convert;
mod float;
mod int;
mod memory;
mod relaxed;
#[cfg(test)]
mod tests;

use inkwell::FloatPredicate::{OEQ, OGE, OGT, OLE, OLT, UNE};
use inkwell::IntPredicate::{EQ, NE, SGE, SGT, SLE, SLT, UGE, UGT, ULE, ULT};
use inkwell::values::InstructionOpcode::{Add, And, FAdd, FDiv, FMul, FSub, Mul, Or, SExt, Sub, Trunc, Xor, ZExt};
use riser_translator::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use riser_translator::sink::{Access, Operand, Slot, VectorSink};

use super::Lowering;
use crate::ir::{Lanes, Value};
use convert::Half;
use int::Shift;

impl<'c> VectorSink for Lowering<'_, 'c> {
    fn vector_const(&mut self, dst: Slot, bits: u128) {
        let value = self.ir.vector_constant(bits);
        self.set(dst, value);
    }

    fn vector(&mut self, op: VectorOp, dst: Slot, operands: &[Operand]) {
        let types = op.operand_types().iter().zip(operands);
        let mut values = types.map(|(&ty, &operand)| self.get(ty, operand)).collect::<Vec<_>>().into_iter();
        let mut next = || values.next().unwrap_or_else(|| self.ir.i32(0));
        let [x, y, z] = [next(), next(), next()];
        let value = self.vector_value(op, x, y, z);
        self.set(dst, value);
    }

    fn shuffle(&mut self, dst: Slot, lhs: Operand, rhs: Operand, lanes: [u8; 16]) {
        use riser_translator::ValType::V128;
        let [lhs, rhs] = [lhs, rhs].map(|it| self.get(V128, it)).map(|it| self.ir.lanes(Lanes::I8, it));
        let value = self.ir.shuffle(lhs, rhs, lanes.map(u32::from));
        self.ir.count_more(4);
        self.set(dst, self.ir.vector(value));
    }

    fn extract_lane(&mut self, op: ExtractOp, lane: u8, dst: Slot, src: Operand) {
        use ExtractOp::*;
        let vector = self.get(riser_translator::ValType::V128, src);
        let lanes = match op {
            I8x16ExtractLaneS | I8x16ExtractLaneU => Lanes::I8,
            I16x8ExtractLaneS | I16x8ExtractLaneU => Lanes::I16,
            I32x4ExtractLane => Lanes::I32,
            I64x2ExtractLane => Lanes::I64,
            F32x4ExtractLane => Lanes::F32,
            F64x2ExtractLane => Lanes::F64,
        };
        let value = self.ir.extract(self.ir.lanes(lanes, vector), lane.into());
        let value = match op {
            I8x16ExtractLaneS | I16x8ExtractLaneS => self.ir.cast(SExt, value, self.ir.i32_type()),
            I8x16ExtractLaneU | I16x8ExtractLaneU => self.ir.zext(value, self.ir.i32_type()),
            I32x4ExtractLane | I64x2ExtractLane => value,
            // See `Lowering::constant`.
            F32x4ExtractLane | F64x2ExtractLane if self.ir.may_be_known(vector) => self.ir.opaque(value),
            F32x4ExtractLane | F64x2ExtractLane => value,
        };
        self.set(dst, value);
    }

    fn replace_lane(&mut self, op: ReplaceOp, lane: u8, dst: Slot, vector: Operand, value: Operand) {
        use ReplaceOp::*;
        let vector = self.get(riser_translator::ValType::V128, vector);
        let value = self.get(op.value_type(), value);
        let (lanes, value) = match op {
            I8x16ReplaceLane => (Lanes::I8, self.ir.cast(Trunc, value, self.ir.lane_type(Lanes::I8))),
            I16x8ReplaceLane => (Lanes::I16, self.ir.cast(Trunc, value, self.ir.lane_type(Lanes::I16))),
            I32x4ReplaceLane => (Lanes::I32, value),
            I64x2ReplaceLane => (Lanes::I64, value),
            F32x4ReplaceLane => (Lanes::F32, value),
            F64x2ReplaceLane => (Lanes::F64, value),
        };
        let value = self.ir.insert(self.ir.lanes(lanes, vector), value, lane.into());
        self.set(dst, self.ir.vector(value));
    }

    fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: Access) {
        self.lower_vector_load(op, dst, access);
    }

    fn vector_store(&mut self, access: Access, value: Operand) {
        self.lower_vector_store(access, value);
    }

    fn load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: Access, vector: Operand) {
        self.lower_load_lane(op, lane, dst, access, vector);
    }

    fn store_lane(&mut self, op: StoreLaneOp, lane: u8, access: Access, vector: Operand) {
        self.lower_store_lane(op, lane, access, vector);
    }
}

impl<'c> Lowering<'_, 'c> {
    /// The result of an operation, which has one to three operands.
    fn vector_value(&mut self, op: VectorOp, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        use Lanes::*;
        use VectorOp::*;
        let value = match op {
            I8x16Splat => self.splat(I8, x),
            I16x8Splat => self.splat(I16, x),
            I32x4Splat => self.splat(I32, x),
            I64x2Splat => self.splat(I64, x),
            F32x4Splat => self.splat(F32, x),
            F64x2Splat => self.splat(F64, x),
            I8x16Swizzle => self.swizzle(x, y),
            I8x16RelaxedSwizzle => self.relaxed_swizzle(x, y),

            I8x16Eq => self.compare_lanes(EQ, I8, x, y),
            I8x16Ne => self.compare_lanes(NE, I8, x, y),
            I8x16LtS => self.compare_lanes(SLT, I8, x, y),
            I8x16LtU => self.compare_lanes(ULT, I8, x, y),
            I8x16GtS => self.compare_lanes(SGT, I8, x, y),
            I8x16GtU => self.compare_lanes(UGT, I8, x, y),
            I8x16LeS => self.compare_lanes(SLE, I8, x, y),
            I8x16LeU => self.compare_lanes(ULE, I8, x, y),
            I8x16GeS => self.compare_lanes(SGE, I8, x, y),
            I8x16GeU => self.compare_lanes(UGE, I8, x, y),
            I16x8Eq => self.compare_lanes(EQ, I16, x, y),
            I16x8Ne => self.compare_lanes(NE, I16, x, y),
            I16x8LtS => self.compare_lanes(SLT, I16, x, y),
            I16x8LtU => self.compare_lanes(ULT, I16, x, y),
            I16x8GtS => self.compare_lanes(SGT, I16, x, y),
            I16x8GtU => self.compare_lanes(UGT, I16, x, y),
            I16x8LeS => self.compare_lanes(SLE, I16, x, y),
            I16x8LeU => self.compare_lanes(ULE, I16, x, y),
            I16x8GeS => self.compare_lanes(SGE, I16, x, y),
            I16x8GeU => self.compare_lanes(UGE, I16, x, y),
            I32x4Eq => self.compare_lanes(EQ, I32, x, y),
            I32x4Ne => self.compare_lanes(NE, I32, x, y),
            I32x4LtS => self.compare_lanes(SLT, I32, x, y),
            I32x4LtU => self.compare_lanes(ULT, I32, x, y),
            I32x4GtS => self.compare_lanes(SGT, I32, x, y),
            I32x4GtU => self.compare_lanes(UGT, I32, x, y),
            I32x4LeS => self.compare_lanes(SLE, I32, x, y),
            I32x4LeU => self.compare_lanes(ULE, I32, x, y),
            I32x4GeS => self.compare_lanes(SGE, I32, x, y),
            I32x4GeU => self.compare_lanes(UGE, I32, x, y),
            I64x2Eq => self.compare_lanes(EQ, I64, x, y),
            I64x2Ne => self.compare_lanes(NE, I64, x, y),
            I64x2LtS => self.compare_lanes(SLT, I64, x, y),
            I64x2GtS => self.compare_lanes(SGT, I64, x, y),
            I64x2LeS => self.compare_lanes(SLE, I64, x, y),
            I64x2GeS => self.compare_lanes(SGE, I64, x, y),
            F32x4Eq => self.compare_numbers(OEQ, F32, x, y),
            F32x4Ne => self.compare_numbers(UNE, F32, x, y),
            F32x4Lt => self.compare_numbers(OLT, F32, x, y),
            F32x4Gt => self.compare_numbers(OGT, F32, x, y),
            F32x4Le => self.compare_numbers(OLE, F32, x, y),
            F32x4Ge => self.compare_numbers(OGE, F32, x, y),
            F64x2Eq => self.compare_numbers(OEQ, F64, x, y),
            F64x2Ne => self.compare_numbers(UNE, F64, x, y),
            F64x2Lt => self.compare_numbers(OLT, F64, x, y),
            F64x2Gt => self.compare_numbers(OGT, F64, x, y),
            F64x2Le => self.compare_numbers(OLE, F64, x, y),
            F64x2Ge => self.compare_numbers(OGE, F64, x, y),

            V128Not => self.not(x),
            V128And => self.lanewise(And, I64, x, y),
            V128AndNot => {
                let inverted = self.not(y);
                self.lanewise(And, I64, x, inverted)
            }
            V128Or => self.lanewise(Or, I64, x, y),
            V128Xor => self.lanewise(Xor, I64, x, y),
            V128Bitselect => self.bit_select(x, y, z),
            I8x16RelaxedLaneselect => self.relaxed_laneselect(I8, x, y, z),
            I16x8RelaxedLaneselect => self.relaxed_laneselect(I16, x, y, z),
            I32x4RelaxedLaneselect => self.relaxed_laneselect(I32, x, y, z),
            I64x2RelaxedLaneselect => self.relaxed_laneselect(I64, x, y, z),
            V128AnyTrue => return self.any_true(x),
            I8x16AllTrue => return self.all_true(I8, x),
            I16x8AllTrue => return self.all_true(I16, x),
            I32x4AllTrue => return self.all_true(I32, x),
            I64x2AllTrue => return self.all_true(I64, x),
            I8x16Bitmask => return self.bit_mask(I8, x),
            I16x8Bitmask => return self.bit_mask(I16, x),
            I32x4Bitmask => return self.bit_mask(I32, x),
            I64x2Bitmask => return self.bit_mask(I64, x),

            I8x16Abs => self.int_abs(I8, x),
            I16x8Abs => self.int_abs(I16, x),
            I32x4Abs => self.int_abs(I32, x),
            I64x2Abs => self.int_abs(I64, x),
            I8x16Neg => self.int_neg(I8, x),
            I16x8Neg => self.int_neg(I16, x),
            I32x4Neg => self.int_neg(I32, x),
            I64x2Neg => self.int_neg(I64, x),
            I8x16Popcnt => self.popcnt(x),
            I8x16Shl => self.shift_lanes(Shift::Left, I8, x, y),
            I8x16ShrS => self.shift_lanes(Shift::RightSigned, I8, x, y),
            I8x16ShrU => self.shift_lanes(Shift::Right, I8, x, y),
            I16x8Shl => self.shift_lanes(Shift::Left, I16, x, y),
            I16x8ShrS => self.shift_lanes(Shift::RightSigned, I16, x, y),
            I16x8ShrU => self.shift_lanes(Shift::Right, I16, x, y),
            I32x4Shl => self.shift_lanes(Shift::Left, I32, x, y),
            I32x4ShrS => self.shift_lanes(Shift::RightSigned, I32, x, y),
            I32x4ShrU => self.shift_lanes(Shift::Right, I32, x, y),
            I64x2Shl => self.shift_lanes(Shift::Left, I64, x, y),
            I64x2ShrS => self.shift_lanes(Shift::RightSigned, I64, x, y),
            I64x2ShrU => self.shift_lanes(Shift::Right, I64, x, y),
            I8x16Add => self.lanewise(Add, I8, x, y),
            I16x8Add => self.lanewise(Add, I16, x, y),
            I32x4Add => self.lanewise(Add, I32, x, y),
            I64x2Add => self.lanewise(Add, I64, x, y),
            I8x16Sub => self.lanewise(Sub, I8, x, y),
            I16x8Sub => self.lanewise(Sub, I16, x, y),
            I32x4Sub => self.lanewise(Sub, I32, x, y),
            I64x2Sub => self.lanewise(Sub, I64, x, y),
            I16x8Mul => self.lanewise(Mul, I16, x, y),
            I32x4Mul => self.lanewise(Mul, I32, x, y),
            I64x2Mul => self.lanewise(Mul, I64, x, y),
            I8x16AddSatS => self.of_two("llvm.sadd.sat", I8, x, y),
            I8x16AddSatU => self.of_two("llvm.uadd.sat", I8, x, y),
            I8x16SubSatS => self.of_two("llvm.ssub.sat", I8, x, y),
            I8x16SubSatU => self.of_two("llvm.usub.sat", I8, x, y),
            I16x8AddSatS => self.of_two("llvm.sadd.sat", I16, x, y),
            I16x8AddSatU => self.of_two("llvm.uadd.sat", I16, x, y),
            I16x8SubSatS => self.of_two("llvm.ssub.sat", I16, x, y),
            I16x8SubSatU => self.of_two("llvm.usub.sat", I16, x, y),
            I8x16MinS => self.of_two("llvm.smin", I8, x, y),
            I8x16MinU => self.of_two("llvm.umin", I8, x, y),
            I8x16MaxS => self.of_two("llvm.smax", I8, x, y),
            I8x16MaxU => self.of_two("llvm.umax", I8, x, y),
            I16x8MinS => self.of_two("llvm.smin", I16, x, y),
            I16x8MinU => self.of_two("llvm.umin", I16, x, y),
            I16x8MaxS => self.of_two("llvm.smax", I16, x, y),
            I16x8MaxU => self.of_two("llvm.umax", I16, x, y),
            I32x4MinS => self.of_two("llvm.smin", I32, x, y),
            I32x4MinU => self.of_two("llvm.umin", I32, x, y),
            I32x4MaxS => self.of_two("llvm.smax", I32, x, y),
            I32x4MaxU => self.of_two("llvm.umax", I32, x, y),
            I8x16AvgrU => self.of_machine("llvm.x86.sse2.pavg.b", I8, x, y),
            I16x8AvgrU => self.of_machine("llvm.x86.sse2.pavg.w", I16, x, y),
            I16x8Q15MulrSatS => self.q15mulr(x, y),
            I16x8RelaxedQ15mulrS => self.relaxed_q15mulr(x, y),

            I8x16NarrowI16x8S => self.of_machine("llvm.x86.sse2.packsswb.128", I16, x, y),
            I8x16NarrowI16x8U => self.of_machine("llvm.x86.sse2.packuswb.128", I16, x, y),
            I16x8NarrowI32x4S => self.of_machine("llvm.x86.sse2.packssdw.128", I32, x, y),
            I16x8NarrowI32x4U => self.of_machine("llvm.x86.sse41.packusdw", I32, x, y),
            I16x8ExtendLowI8x16S => self.extended(SExt, Half::Low, I8, I16, x),
            I16x8ExtendHighI8x16S => self.extended(SExt, Half::High, I8, I16, x),
            I16x8ExtendLowI8x16U => self.extended(ZExt, Half::Low, I8, I16, x),
            I16x8ExtendHighI8x16U => self.extended(ZExt, Half::High, I8, I16, x),
            I32x4ExtendLowI16x8S => self.extended(SExt, Half::Low, I16, I32, x),
            I32x4ExtendHighI16x8S => self.extended(SExt, Half::High, I16, I32, x),
            I32x4ExtendLowI16x8U => self.extended(ZExt, Half::Low, I16, I32, x),
            I32x4ExtendHighI16x8U => self.extended(ZExt, Half::High, I16, I32, x),
            I64x2ExtendLowI32x4S => self.extended(SExt, Half::Low, I32, I64, x),
            I64x2ExtendHighI32x4S => self.extended(SExt, Half::High, I32, I64, x),
            I64x2ExtendLowI32x4U => self.extended(ZExt, Half::Low, I32, I64, x),
            I64x2ExtendHighI32x4U => self.extended(ZExt, Half::High, I32, I64, x),
            I16x8ExtMulLowI8x16S => self.extended_product(SExt, Half::Low, I8, I16, x, y),
            I16x8ExtMulHighI8x16S => self.extended_product(SExt, Half::High, I8, I16, x, y),
            I16x8ExtMulLowI8x16U => self.extended_product(ZExt, Half::Low, I8, I16, x, y),
            I16x8ExtMulHighI8x16U => self.extended_product(ZExt, Half::High, I8, I16, x, y),
            I32x4ExtMulLowI16x8S => self.extended_product(SExt, Half::Low, I16, I32, x, y),
            I32x4ExtMulHighI16x8S => self.extended_product(SExt, Half::High, I16, I32, x, y),
            I32x4ExtMulLowI16x8U => self.extended_product(ZExt, Half::Low, I16, I32, x, y),
            I32x4ExtMulHighI16x8U => self.extended_product(ZExt, Half::High, I16, I32, x, y),
            I64x2ExtMulLowI32x4S => self.extended_product(SExt, Half::Low, I32, I64, x, y),
            I64x2ExtMulHighI32x4S => self.extended_product(SExt, Half::High, I32, I64, x, y),
            I64x2ExtMulLowI32x4U => self.extended_product(ZExt, Half::Low, I32, I64, x, y),
            I64x2ExtMulHighI32x4U => self.extended_product(ZExt, Half::High, I32, I64, x, y),
            I16x8ExtAddPairwiseI8x16S => self.add_pairs_of_bytes(x, true),
            I16x8ExtAddPairwiseI8x16U => self.add_pairs_of_bytes(x, false),
            I32x4ExtAddPairwiseI16x8S => self.add_signed_pairs(x),
            I32x4ExtAddPairwiseI16x8U => self.add_unsigned_pairs(x),
            I32x4DotI16x8S => self.of_machine("llvm.x86.sse2.pmadd.wd", I16, x, y),
            I16x8RelaxedDotI8x16I7x16S => self.relaxed_dot(x, y),
            I32x4RelaxedDotI8x16I7x16AddS => {
                let products = self.relaxed_dot(x, y);
                let sums = self.add_signed_pairs(products);
                self.lanewise(Add, I32, sums, z)
            }

            F32x4Ceil => self.of_number("llvm.ceil", F32, x),
            F32x4Floor => self.of_number("llvm.floor", F32, x),
            F32x4Trunc => self.of_number("llvm.trunc", F32, x),
            F32x4Nearest => self.of_number("llvm.roundeven", F32, x),
            F32x4Sqrt => self.of_number("llvm.sqrt", F32, x),
            F64x2Ceil => self.of_number("llvm.ceil", F64, x),
            F64x2Floor => self.of_number("llvm.floor", F64, x),
            F64x2Trunc => self.of_number("llvm.trunc", F64, x),
            F64x2Nearest => self.of_number("llvm.roundeven", F64, x),
            F64x2Sqrt => self.of_number("llvm.sqrt", F64, x),
            F32x4Abs => self.float_abs(F32, x),
            F64x2Abs => self.float_abs(F64, x),
            F32x4Neg => self.float_neg(F32, x),
            F64x2Neg => self.float_neg(F64, x),
            F32x4Add => self.arithmetic(FAdd, F32, x, y),
            F32x4Sub => self.arithmetic(FSub, F32, x, y),
            F32x4Mul => self.arithmetic(FMul, F32, x, y),
            F32x4Div => self.arithmetic(FDiv, F32, x, y),
            F64x2Add => self.arithmetic(FAdd, F64, x, y),
            F64x2Sub => self.arithmetic(FSub, F64, x, y),
            F64x2Mul => self.arithmetic(FMul, F64, x, y),
            F64x2Div => self.arithmetic(FDiv, F64, x, y),
            F32x4Min => self.extreme(OLT, Or, F32, x, y),
            F32x4Max => self.extreme(OGT, And, F32, x, y),
            F64x2Min => self.extreme(OLT, Or, F64, x, y),
            F64x2Max => self.extreme(OGT, And, F64, x, y),
            F32x4RelaxedMin => self.relaxed_min(F32, x, y),
            F32x4RelaxedMax => self.relaxed_max(F32, x, y),
            F64x2RelaxedMin => self.relaxed_min(F64, x, y),
            F64x2RelaxedMax => self.relaxed_max(F64, x, y),
            F32x4PMin => self.pseudo_min(F32, x, y),
            F32x4PMax => self.pseudo_max(F32, x, y),
            F64x2PMin => self.pseudo_min(F64, x, y),
            F64x2PMax => self.pseudo_max(F64, x, y),
            F32x4RelaxedMadd => self.relaxed_madd(F32, x, y, z),
            F64x2RelaxedMadd => self.relaxed_madd(F64, x, y, z),
            F32x4RelaxedNmadd => self.relaxed_nmadd(F32, x, y, z),
            F64x2RelaxedNmadd => self.relaxed_nmadd(F64, x, y, z),

            I32x4TruncSatF32x4S => self.trunc_signed(x),
            I32x4RelaxedTruncF32x4S => self.relaxed_trunc(x),
            I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => self.trunc_unsigned(x),
            I32x4TruncSatF64x2SZero => self.trunc_two_signed(x),
            I32x4RelaxedTruncF64x2SZero => self.relaxed_trunc_two(x),
            I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => self.trunc_two_unsigned(x),
            F32x4ConvertI32x4S => self.converted(true, x),
            F32x4ConvertI32x4U => self.converted(false, x),
            F64x2ConvertLowI32x4S => self.two_converted(true, x),
            F64x2ConvertLowI32x4U => self.two_converted(false, x),
            F32x4DemoteF64x2Zero => self.demoted(x),
            F64x2PromoteLowF32x4 => self.promoted(x),
        };
        self.ir.vector(value)
    }
}
