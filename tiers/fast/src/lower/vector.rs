//! Vector operators. A vector is a value of type `i8x16` wherever slots are; operations see it with the lanes they need.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::V128Imm;
use cranelift_codegen::ir::{
    ConstantData, Endianness, InstBuilder, MemFlagsData, Type, Value,
    types::{F32X4, F64X2, I8, I8X16, I16, I16X8, I32, I32X4, I64, I64X2},
};
use riser_translator::ValType;
use riser_translator::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use riser_translator::sink::{Operand, Slot, VectorAccess, VectorSink};

use super::Lowering;

/// The lanes that a mnemonic begins with.
fn lanes_of(mnemonic: &str) -> Type {
    match mnemonic.split_once('.').map(|(lanes, _)| lanes) {
        Some("i16x8") => I16X8,
        Some("i32x4") => I32X4,
        Some("i64x2") => I64X2,
        Some("f32x4") => F32X4,
        Some("f64x2") => F64X2,
        _ => I8X16,
    }
}

impl Lowering<'_, '_> {
    /// A vector, with other lanes.
    fn with_lanes(&mut self, lanes: Type, vector: Value) -> Value {
        if self.type_of(vector) == lanes {
            return vector;
        }
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(lanes, flags, vector)
    }

    /// A vector operand, with the lanes.
    fn get_lanes(&mut self, lanes: Type, operand: Operand) -> Value {
        let vector = self.get(ValType::V128, operand);
        self.with_lanes(lanes, vector)
    }

    /// Leaves a vector, of any lanes, in a slot.
    fn set_vector(&mut self, dst: Slot, vector: Value) {
        let vector = self.with_lanes(I8X16, vector);
        self.set(dst, vector);
    }

    /// A constant vector.
    pub(super) fn vector_constant(&mut self, lanes: Type, bits: u128) -> Value {
        let data = ConstantData::from(V128Imm(bits.to_le_bytes()).0.as_slice());
        let constant = self.builder.func.dfg.constants.insert(data);
        self.builder.ins().vconst(lanes, constant)
    }

    /// The result of an operation on one vector.
    fn vector_unary(&mut self, op: VectorOp, operand: Operand) -> Value {
        use VectorOp::*;
        // What an operation takes has the lanes of its result, but where it says so.
        let lanes = lanes_of(op.mnemonic());
        let widened = match op {
            I16x8ExtAddPairwiseI8x16S
            | I16x8ExtAddPairwiseI8x16U
            | I16x8ExtendLowI8x16S
            | I16x8ExtendHighI8x16S
            | I16x8ExtendLowI8x16U
            | I16x8ExtendHighI8x16U => I8X16,
            I32x4ExtAddPairwiseI16x8S
            | I32x4ExtAddPairwiseI16x8U
            | I32x4ExtendLowI16x8S
            | I32x4ExtendHighI16x8S
            | I32x4ExtendLowI16x8U
            | I32x4ExtendHighI16x8U => I16X8,
            I64x2ExtendLowI32x4S
            | I64x2ExtendHighI32x4S
            | I64x2ExtendLowI32x4U
            | I64x2ExtendHighI32x4U
            | F32x4ConvertI32x4S
            | F32x4ConvertI32x4U
            | F64x2ConvertLowI32x4S
            | F64x2ConvertLowI32x4U => I32X4,
            I32x4TruncSatF32x4S
            | I32x4TruncSatF32x4U
            | I32x4RelaxedTruncF32x4S
            | I32x4RelaxedTruncF32x4U
            | F64x2PromoteLowF32x4 => F32X4,
            I32x4TruncSatF64x2SZero
            | I32x4TruncSatF64x2UZero
            | I32x4RelaxedTruncF64x2SZero
            | I32x4RelaxedTruncF64x2UZero
            | F32x4DemoteF64x2Zero => F64X2,
            _ => lanes,
        };
        let src = self.get_lanes(widened, operand);
        let ins = self.builder.ins();
        match op {
            V128Not => ins.bnot(src),
            I8x16Abs | I16x8Abs | I32x4Abs | I64x2Abs => ins.iabs(src),
            I8x16Neg | I16x8Neg | I32x4Neg | I64x2Neg => ins.ineg(src),
            I8x16Popcnt => ins.popcnt(src),
            I16x8ExtendLowI8x16S | I32x4ExtendLowI16x8S | I64x2ExtendLowI32x4S => ins.swiden_low(src),
            I16x8ExtendHighI8x16S | I32x4ExtendHighI16x8S | I64x2ExtendHighI32x4S => ins.swiden_high(src),
            I16x8ExtendLowI8x16U | I32x4ExtendLowI16x8U | I64x2ExtendLowI32x4U => ins.uwiden_low(src),
            I16x8ExtendHighI8x16U | I32x4ExtendHighI16x8U | I64x2ExtendHighI32x4U => ins.uwiden_high(src),
            I16x8ExtAddPairwiseI8x16S | I32x4ExtAddPairwiseI16x8S => {
                let low = self.builder.ins().swiden_low(src);
                let high = self.builder.ins().swiden_high(src);
                self.builder.ins().iadd_pairwise(low, high)
            }
            I16x8ExtAddPairwiseI8x16U | I32x4ExtAddPairwiseI16x8U => {
                let low = self.builder.ins().uwiden_low(src);
                let high = self.builder.ins().uwiden_high(src);
                self.builder.ins().iadd_pairwise(low, high)
            }
            F32x4Ceil | F64x2Ceil => ins.ceil(src),
            F32x4Floor | F64x2Floor => ins.floor(src),
            F32x4Trunc | F64x2Trunc => ins.trunc(src),
            F32x4Nearest | F64x2Nearest => ins.nearest(src),
            F32x4Abs | F64x2Abs => ins.fabs(src),
            F32x4Neg | F64x2Neg => ins.fneg(src),
            F32x4Sqrt | F64x2Sqrt => ins.sqrt(src),
            F32x4ConvertI32x4S => ins.fcvt_from_sint(F32X4, src),
            F32x4ConvertI32x4U => ins.fcvt_from_uint(F32X4, src),
            F64x2ConvertLowI32x4S => {
                let wide = self.builder.ins().swiden_low(src);
                self.builder.ins().fcvt_from_sint(F64X2, wide)
            }
            F64x2ConvertLowI32x4U => {
                let wide = self.builder.ins().uwiden_low(src);
                self.builder.ins().fcvt_from_uint(F64X2, wide)
            }
            I32x4TruncSatF32x4S | I32x4RelaxedTruncF32x4S => ins.fcvt_to_sint_sat(I32X4, src),
            I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => ins.fcvt_to_uint_sat(I32X4, src),
            I32x4TruncSatF64x2SZero | I32x4RelaxedTruncF64x2SZero => {
                let wide = self.builder.ins().fcvt_to_sint_sat(I64X2, src);
                let zero = self.vector_constant(I64X2, 0);
                self.builder.ins().snarrow(wide, zero)
            }
            I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => {
                let wide = self.builder.ins().fcvt_to_uint_sat(I64X2, src);
                let zero = self.vector_constant(I64X2, 0);
                self.builder.ins().uunarrow(wide, zero)
            }
            F32x4DemoteF64x2Zero => ins.fvdemote(src),
            F64x2PromoteLowF32x4 => ins.fvpromote_low(src),
            _ => unreachable!("{op} is no operation on one vector"),
        }
    }

    /// The comparison that an operation on two vectors is, if it is one: of integers, or of floats.
    fn vector_compare(op: VectorOp) -> Option<Result<IntCC, FloatCC>> {
        use VectorOp::*;
        Some(match op {
            I8x16Eq | I16x8Eq | I32x4Eq | I64x2Eq => Ok(IntCC::Equal),
            I8x16Ne | I16x8Ne | I32x4Ne | I64x2Ne => Ok(IntCC::NotEqual),
            I8x16LtS | I16x8LtS | I32x4LtS | I64x2LtS => Ok(IntCC::SignedLessThan),
            I8x16LtU | I16x8LtU | I32x4LtU => Ok(IntCC::UnsignedLessThan),
            I8x16GtS | I16x8GtS | I32x4GtS | I64x2GtS => Ok(IntCC::SignedGreaterThan),
            I8x16GtU | I16x8GtU | I32x4GtU => Ok(IntCC::UnsignedGreaterThan),
            I8x16LeS | I16x8LeS | I32x4LeS | I64x2LeS => Ok(IntCC::SignedLessThanOrEqual),
            I8x16LeU | I16x8LeU | I32x4LeU => Ok(IntCC::UnsignedLessThanOrEqual),
            I8x16GeS | I16x8GeS | I32x4GeS | I64x2GeS => Ok(IntCC::SignedGreaterThanOrEqual),
            I8x16GeU | I16x8GeU | I32x4GeU => Ok(IntCC::UnsignedGreaterThanOrEqual),
            F32x4Eq | F64x2Eq => Err(FloatCC::Equal),
            F32x4Ne | F64x2Ne => Err(FloatCC::NotEqual),
            F32x4Lt | F64x2Lt => Err(FloatCC::LessThan),
            F32x4Gt | F64x2Gt => Err(FloatCC::GreaterThan),
            F32x4Le | F64x2Le => Err(FloatCC::LessThanOrEqual),
            F32x4Ge | F64x2Ge => Err(FloatCC::GreaterThanOrEqual),
            _ => return None,
        })
    }

    /// The result of an operation on two vectors.
    fn vector_binary(&mut self, op: VectorOp, lhs: Operand, rhs: Operand) -> Value {
        use VectorOp::*;
        let lanes = match op {
            I8x16NarrowI16x8S | I8x16NarrowI16x8U | I32x4DotI16x8S => I16X8,
            I16x8NarrowI32x4S | I16x8NarrowI32x4U => I32X4,
            I16x8ExtMulLowI8x16S
            | I16x8ExtMulHighI8x16S
            | I16x8ExtMulLowI8x16U
            | I16x8ExtMulHighI8x16U
            | I16x8RelaxedDotI8x16I7x16S => I8X16,
            I32x4ExtMulLowI16x8S | I32x4ExtMulHighI16x8S | I32x4ExtMulLowI16x8U | I32x4ExtMulHighI16x8U => I16X8,
            I64x2ExtMulLowI32x4S | I64x2ExtMulHighI32x4S | I64x2ExtMulLowI32x4U | I64x2ExtMulHighI32x4U => I32X4,
            _ => lanes_of(op.mnemonic()),
        };
        let (lhs, rhs) = (self.get_lanes(lanes, lhs), self.get_lanes(lanes, rhs));
        let ins = self.builder.ins();
        match Self::vector_compare(op) {
            Some(Ok(condition)) => return ins.icmp(condition, lhs, rhs),
            Some(Err(condition)) => return ins.fcmp(condition, lhs, rhs),
            None => {}
        }
        match op {
            I8x16Swizzle | I8x16RelaxedSwizzle => ins.swizzle(lhs, rhs),
            V128And => ins.band(lhs, rhs),
            V128AndNot => ins.band_not(lhs, rhs),
            V128Or => ins.bor(lhs, rhs),
            V128Xor => ins.bxor(lhs, rhs),
            I8x16NarrowI16x8S | I16x8NarrowI32x4S => ins.snarrow(lhs, rhs),
            I8x16NarrowI16x8U | I16x8NarrowI32x4U => ins.unarrow(lhs, rhs),
            I8x16Add | I16x8Add | I32x4Add | I64x2Add => ins.iadd(lhs, rhs),
            I8x16AddSatS | I16x8AddSatS => ins.sadd_sat(lhs, rhs),
            I8x16AddSatU | I16x8AddSatU => ins.uadd_sat(lhs, rhs),
            I8x16Sub | I16x8Sub | I32x4Sub | I64x2Sub => ins.isub(lhs, rhs),
            I8x16SubSatS | I16x8SubSatS => ins.ssub_sat(lhs, rhs),
            I8x16SubSatU | I16x8SubSatU => ins.usub_sat(lhs, rhs),
            I16x8Mul | I32x4Mul | I64x2Mul => ins.imul(lhs, rhs),
            I8x16MinS | I16x8MinS | I32x4MinS => ins.smin(lhs, rhs),
            I8x16MinU | I16x8MinU | I32x4MinU => ins.umin(lhs, rhs),
            I8x16MaxS | I16x8MaxS | I32x4MaxS => ins.smax(lhs, rhs),
            I8x16MaxU | I16x8MaxU | I32x4MaxU => ins.umax(lhs, rhs),
            I8x16AvgrU | I16x8AvgrU => ins.avg_round(lhs, rhs),
            I16x8Q15MulrSatS | I16x8RelaxedQ15mulrS => ins.sqmul_round_sat(lhs, rhs),
            I16x8ExtMulLowI8x16S | I32x4ExtMulLowI16x8S | I64x2ExtMulLowI32x4S => {
                let lhs = self.builder.ins().swiden_low(lhs);
                let rhs = self.builder.ins().swiden_low(rhs);
                self.builder.ins().imul(lhs, rhs)
            }
            I16x8ExtMulHighI8x16S | I32x4ExtMulHighI16x8S | I64x2ExtMulHighI32x4S => {
                let lhs = self.builder.ins().swiden_high(lhs);
                let rhs = self.builder.ins().swiden_high(rhs);
                self.builder.ins().imul(lhs, rhs)
            }
            I16x8ExtMulLowI8x16U | I32x4ExtMulLowI16x8U | I64x2ExtMulLowI32x4U => {
                let lhs = self.builder.ins().uwiden_low(lhs);
                let rhs = self.builder.ins().uwiden_low(rhs);
                self.builder.ins().imul(lhs, rhs)
            }
            I16x8ExtMulHighI8x16U | I32x4ExtMulHighI16x8U | I64x2ExtMulHighI32x4U => {
                let lhs = self.builder.ins().uwiden_high(lhs);
                let rhs = self.builder.ins().uwiden_high(rhs);
                self.builder.ins().imul(lhs, rhs)
            }
            I32x4DotI16x8S => self.dot(lhs, rhs),
            I16x8RelaxedDotI8x16I7x16S => self.saturating_dot(lhs, rhs),
            F32x4Add | F64x2Add => ins.fadd(lhs, rhs),
            F32x4Sub | F64x2Sub => ins.fsub(lhs, rhs),
            F32x4Mul | F64x2Mul => ins.fmul(lhs, rhs),
            F32x4Div | F64x2Div => ins.fdiv(lhs, rhs),
            F32x4Min | F64x2Min | F32x4RelaxedMin | F64x2RelaxedMin => ins.fmin(lhs, rhs),
            F32x4Max | F64x2Max | F32x4RelaxedMax | F64x2RelaxedMax => ins.fmax(lhs, rhs),
            F32x4PMin | F64x2PMin => self.choose_less(rhs, lhs, rhs, lhs),
            F32x4PMax | F64x2PMax => self.choose_less(lhs, rhs, rhs, lhs),
            _ => unreachable!("{op} is no operation on two vectors"),
        }
    }

    /// Sums of two products each.
    fn dot(&mut self, lhs: Value, rhs: Value) -> Value {
        let [lhs_low, rhs_low] = [lhs, rhs].map(|src| self.builder.ins().swiden_low(src));
        let low = self.builder.ins().imul(lhs_low, rhs_low);
        let [lhs_high, rhs_high] = [lhs, rhs].map(|src| self.builder.ins().swiden_high(src));
        let high = self.builder.ins().imul(lhs_high, rhs_high);
        self.builder.ins().iadd_pairwise(low, high)
    }

    /// As [`Lowering::dot`], of lanes of 8 bits, with saturation. No sum of two products is the least number of 16 bits, but
    /// that of four times -128, which is one too many.
    fn saturating_dot(&mut self, lhs: Value, rhs: Value) -> Value {
        const LEAST: u128 = 0x8000_8000_8000_8000_8000_8000_8000_8000;
        let sums = self.dot(lhs, rhs);
        let least = self.vector_constant(I16X8, LEAST);
        let wrapped = self.builder.ins().icmp(IntCC::Equal, sums, least);
        self.builder.ins().bxor(sums, wrapped)
    }

    /// By lane: `lhs < rhs ? less : other`.
    fn choose_less(&mut self, lhs: Value, rhs: Value, less: Value, other: Value) -> Value {
        let lanes = self.type_of(less);
        let holds = self.builder.ins().fcmp(FloatCC::LessThan, lhs, rhs);
        let holds = self.with_lanes(lanes, holds);
        self.builder.ins().bitselect(holds, less, other)
    }

    /// The result of an operation on three vectors.
    fn vector_ternary(&mut self, op: VectorOp, [a, b, c]: [Operand; 3]) -> Value {
        use VectorOp::*;
        match op {
            V128Bitselect
            | I8x16RelaxedLaneselect
            | I16x8RelaxedLaneselect
            | I32x4RelaxedLaneselect
            | I64x2RelaxedLaneselect => {
                let [a, b, mask] = [a, b, c].map(|operand| self.get_lanes(I8X16, operand));
                self.builder.ins().bitselect(mask, a, b)
            }
            F32x4RelaxedMadd | F64x2RelaxedMadd | F32x4RelaxedNmadd | F64x2RelaxedNmadd => {
                let lanes = lanes_of(op.mnemonic());
                let [a, b, c] = [a, b, c].map(|operand| self.get_lanes(lanes, operand));
                let negates = matches!(op, F32x4RelaxedNmadd | F64x2RelaxedNmadd);
                let a = if negates { self.builder.ins().fneg(a) } else { a };
                let product = self.builder.ins().fmul(a, b);
                self.builder.ins().fadd(product, c)
            }
            I32x4RelaxedDotI8x16I7x16AddS => {
                let [a, b] = [a, b].map(|operand| self.get_lanes(I8X16, operand));
                let products = self.saturating_dot(a, b);
                let low = self.builder.ins().swiden_low(products);
                let high = self.builder.ins().swiden_high(products);
                let sums = self.builder.ins().iadd_pairwise(low, high);
                let c = self.get_lanes(I32X4, c);
                self.builder.ins().iadd(sums, c)
            }
            _ => unreachable!("{op} is no operation on three vectors"),
        }
    }

    /// The vector with a number in all lanes.
    fn vector_splat(&mut self, op: VectorOp, operand: Operand) -> Value {
        let lanes = lanes_of(op.mnemonic());
        let value = self.get(op.operand_types()[0], operand);
        let value = self.narrowed(lanes, value);
        self.builder.ins().splat(lanes, value)
    }

    /// A number as wide as a lane.
    fn narrowed(&mut self, lanes: Type, value: Value) -> Value {
        let lane = lanes.lane_type();
        if self.type_of(value) == lane { value } else { self.builder.ins().ireduce(lane, value) }
    }

    /// A number that tells something of a vector.
    fn vector_test(&mut self, op: VectorOp, operand: Operand) -> Value {
        use VectorOp::*;
        let src = self.get_lanes(lanes_of(op.mnemonic()), operand);
        let holds = match op {
            V128AnyTrue => self.builder.ins().vany_true(src),
            I8x16AllTrue | I16x8AllTrue | I32x4AllTrue | I64x2AllTrue => self.builder.ins().vall_true(src),
            I8x16Bitmask | I16x8Bitmask | I32x4Bitmask | I64x2Bitmask => {
                return self.builder.ins().vhigh_bits(I32, src);
            }
            _ => unreachable!("{op} is no test of a vector"),
        };
        self.builder.ins().uextend(I32, holds)
    }

    fn vector_shift(&mut self, op: VectorOp, vector: Operand, amount: Operand) -> Value {
        use VectorOp::*;
        let vector = self.get_lanes(lanes_of(op.mnemonic()), vector);
        let amount = self.get(ValType::I32, amount);
        let ins = self.builder.ins();
        match op {
            I8x16Shl | I16x8Shl | I32x4Shl | I64x2Shl => ins.ishl(vector, amount),
            I8x16ShrS | I16x8ShrS | I32x4ShrS | I64x2ShrS => ins.sshr(vector, amount),
            I8x16ShrU | I16x8ShrU | I32x4ShrU | I64x2ShrU => ins.ushr(vector, amount),
            _ => unreachable!("{op} is no shift of a vector"),
        }
    }

    /// The address, displacement and flags of an access of `bytes` bytes that is a load.
    fn vector_load_place(&mut self, access: VectorAccess, bytes: u32) -> (MemFlagsData, Value, i32) {
        let place = self.place(access.memory, access.addr, access.offset);
        let (at, offset) = self.reach(place, bytes);
        let number = self.number_access();
        self.loads(number);
        (self.access_flags(number), at, offset)
    }

    /// As [`Lowering::vector_load_place`], for a store.
    fn vector_store_place(&mut self, access: VectorAccess, bytes: u32) -> (MemFlagsData, Value, i32) {
        let place = self.place(access.memory, access.addr, access.offset);
        let (at, offset) = self.reach(place, bytes);
        self.last_load = None;
        let number = self.number_access();
        (self.access_flags(number), at, offset)
    }
}

/// The type of an integer of so many bytes.
fn integer(bytes: u32) -> Type {
    match bytes {
        1 => I8,
        2 => I16,
        4 => I32,
        _ => I64,
    }
}

/// Lanes that are integers of so many bytes.
fn integer_lanes(bytes: u32) -> Type {
    match bytes {
        1 => I8X16,
        2 => I16X8,
        4 => I32X4,
        _ => I64X2,
    }
}

impl VectorSink for Lowering<'_, '_> {
    fn lacks_vectors(&mut self) {
        unreachable!("all vector operators are lowered");
    }

    fn vector_const(&mut self, dst: Slot, bits: u128) {
        let value = self.vector_constant(I8X16, bits);
        self.set(dst, value);
    }

    fn vector(&mut self, op: VectorOp, dst: Slot, operands: &[Operand]) {
        use ValType::{I32 as Number, V128};
        let value = match (op.operand_types(), op.result_type(), operands) {
            ([V128], V128, &[src]) => self.vector_unary(op, src),
            ([V128], _, &[src]) => {
                let value = self.vector_test(op, src);
                return self.set(dst, value);
            }
            ([V128, V128], _, &[lhs, rhs]) => self.vector_binary(op, lhs, rhs),
            ([V128, Number], _, &[vector, amount]) => self.vector_shift(op, vector, amount),
            ([V128, V128, V128], _, &[a, b, c]) => self.vector_ternary(op, [a, b, c]),
            ([_], V128, &[src]) => self.vector_splat(op, src),
            _ => unreachable!("{op} has operands that no vector operation has"),
        };
        self.set_vector(dst, value);
    }

    fn shuffle(&mut self, dst: Slot, lhs: Operand, rhs: Operand, lanes: [u8; 16]) {
        let (lhs, rhs) = (self.get_lanes(I8X16, lhs), self.get_lanes(I8X16, rhs));
        let mask = self.builder.func.dfg.immediates.push(ConstantData::from(lanes.as_slice()));
        let value = self.builder.ins().shuffle(lhs, rhs, mask);
        self.set(dst, value);
    }

    fn extract_lane(&mut self, op: ExtractOp, lane: u8, dst: Slot, src: Operand) {
        use ExtractOp::*;
        let vector = self.get_lanes(lanes_of(op.mnemonic()), src);
        let value = self.builder.ins().extractlane(vector, lane);
        let value = match op {
            I8x16ExtractLaneS | I16x8ExtractLaneS => self.builder.ins().sextend(I32, value),
            I8x16ExtractLaneU | I16x8ExtractLaneU => self.builder.ins().uextend(I32, value),
            I32x4ExtractLane | I64x2ExtractLane | F32x4ExtractLane | F64x2ExtractLane => value,
        };
        self.set(dst, value);
    }

    fn replace_lane(&mut self, op: ReplaceOp, lane: u8, dst: Slot, vector: Operand, value: Operand) {
        let lanes = lanes_of(op.mnemonic());
        let vector = self.get_lanes(lanes, vector);
        let value = self.get(op.value_type(), value);
        let value = self.narrowed(lanes, value);
        let value = self.builder.ins().insertlane(vector, value, lane);
        self.set_vector(dst, value);
    }

    fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: VectorAccess) {
        use VectorLoadOp::*;
        let bytes = op.access_bytes();
        let (flags, at, offset) = self.vector_load_place(access, bytes);
        let ins = self.builder.ins();
        let value = match op {
            V128Load => ins.load(I8X16, flags, at, offset),
            V128Load8x8S => ins.sload8x8(flags, at, offset),
            V128Load8x8U => ins.uload8x8(flags, at, offset),
            V128Load16x4S => ins.sload16x4(flags, at, offset),
            V128Load16x4U => ins.uload16x4(flags, at, offset),
            V128Load32x2S => ins.sload32x2(flags, at, offset),
            V128Load32x2U => ins.uload32x2(flags, at, offset),
            V128Load8Splat | V128Load16Splat | V128Load32Splat | V128Load64Splat => {
                let value = ins.load(integer(bytes), flags, at, offset);
                self.builder.ins().splat(integer_lanes(bytes), value)
            }
            V128Load32Zero | V128Load64Zero => {
                let value = ins.load(integer(bytes), flags, at, offset);
                self.builder.ins().scalar_to_vector(integer_lanes(bytes), value)
            }
        };
        self.set_vector(dst, value);
    }

    fn vector_store(&mut self, access: VectorAccess, value: Operand) {
        let value = self.get(ValType::V128, value);
        let (flags, at, offset) = self.vector_store_place(access, 16);
        self.builder.ins().store(flags, value, at, offset);
    }

    fn load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: VectorAccess, vector: Operand) {
        let bytes = op.access_bytes();
        let vector = self.get_lanes(integer_lanes(bytes), vector);
        let (flags, at, offset) = self.vector_load_place(access, bytes);
        let value = self.builder.ins().load(integer(bytes), flags, at, offset);
        let value = self.builder.ins().insertlane(vector, value, lane);
        self.set_vector(dst, value);
    }

    fn store_lane(&mut self, op: StoreLaneOp, lane: u8, access: VectorAccess, vector: Operand) {
        let bytes = op.access_bytes();
        let vector = self.get_lanes(integer_lanes(bytes), vector);
        let value = self.builder.ins().extractlane(vector, lane);
        let (flags, at, offset) = self.vector_store_place(access, bytes);
        self.builder.ins().store(flags, value, at, offset);
    }
}

/// How accesses to slots are: aligned, but for vectors, whose slots are aligned as others are.
pub(crate) fn slot_flags(ty: Type) -> MemFlagsData {
    if ty.is_vector() { MemFlagsData::new().with_notrap() } else { MemFlagsData::trusted() }
}
