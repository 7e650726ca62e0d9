//! Vector operators. In slots, a vector is a value of type `i8x16`; operations cast it to the lanes they need.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    ConstantData, Endianness, InstBuilder, MemFlagsData, Type, Value,
    types::{F32X4, F64X2, I8X16, I16X8, I32, I32X4, I64X2},
};
use cranelift_frontend::FuncInstBuilder;
use riser_translator::ValType;
use riser_translator::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use riser_translator::sink::{Access, Operand, Slot, VectorSink};

use super::Lowering;

/// The lanes that a mnemonic's prefix names.
fn lanes_of(mnemonic: &str) -> Type {
    match mnemonic.split_once('.').map(|(lanes, _)| lanes) {
        Some("i8x16" | "v128") => I8X16,
        Some("i16x8") => I16X8,
        Some("i32x4") => I32X4,
        Some("i64x2") => I64X2,
        Some("f32x4") => F32X4,
        Some("f64x2") => F64X2,
        Some(_) | None => unreachable!("`{mnemonic}` does not name its lanes"),
    }
}

/// The half of the lanes that is widened to twice the width, and the kind of extension.
#[derive(Clone, Copy)]
enum Widening {
    LowSigned,
    HighSigned,
    LowUnsigned,
    HighUnsigned,
}

/// Both halves, signed.
const SIGNED: [Widening; 2] = [Widening::LowSigned, Widening::HighSigned];
/// Both halves, unsigned.
const UNSIGNED: [Widening; 2] = [Widening::LowUnsigned, Widening::HighUnsigned];

impl<'f> Lowering<'_, 'f> {
    /// Casts a vector to other lanes.
    pub(super) fn with_lanes(&mut self, lanes: Type, vector: Value) -> Value {
        if self.type_of(vector) == lanes {
            return vector;
        }
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.builder.ins().bitcast(lanes, flags, vector)
    }

    /// A vector operand, cast to the lanes.
    fn get_lanes(&mut self, lanes: Type, operand: Operand) -> Value {
        let vector = self.get(ValType::V128, operand);
        self.with_lanes(lanes, vector)
    }

    /// Sets a slot to a vector with any lanes.
    fn set_vector(&mut self, dst: Slot, vector: Value) {
        let vector = self.with_lanes(I8X16, vector);
        self.set(dst, vector);
    }

    /// A constant vector.
    pub(super) fn vector_constant(&mut self, lanes: Type, bits: u128) -> Value {
        let data = ConstantData::from(bits.to_le_bytes().as_slice());
        let constant = self.builder.func.dfg.constants.insert(data);
        self.builder.ins().vconst(lanes, constant)
    }

    /// Vector operands, cast to the lanes.
    pub(super) fn vectors<const N: usize>(&mut self, lanes: Type, operands: &[Operand]) -> [Value; N] {
        std::array::from_fn(|at| self.get_lanes(lanes, operands[at]))
    }

    /// Applies `build` to a vector with the lanes.
    pub(super) fn of_one(
        &mut self,
        lanes: Type,
        operands: &[Operand],
        build: impl FnOnce(FuncInstBuilder<'_, 'f>, Value) -> Value,
    ) -> Value {
        let [src] = self.vectors(lanes, operands);
        build(self.builder.ins(), src)
    }

    /// As [`Lowering::of_one`], for two vectors.
    pub(super) fn of_two(
        &mut self,
        lanes: Type,
        operands: &[Operand],
        build: impl FnOnce(FuncInstBuilder<'_, 'f>, Value, Value) -> Value,
    ) -> Value {
        let [lhs, rhs] = self.vectors(lanes, operands);
        build(self.builder.ins(), lhs, rhs)
    }

    /// Compares integers lane by lane: all ones if the condition holds, else zero.
    fn compare_lanes(&mut self, condition: IntCC, lanes: Type, operands: &[Operand]) -> Value {
        self.of_two(lanes, operands, |ins, lhs, rhs| ins.icmp(condition, lhs, rhs))
    }

    /// As [`Lowering::compare_lanes`], for floats.
    fn compare_numbers(&mut self, condition: FloatCC, lanes: Type, operands: &[Operand]) -> Value {
        self.of_two(lanes, operands, |ins, lhs, rhs| ins.fcmp(condition, lhs, rhs))
    }

    /// Half of the lanes, extended to twice their width.
    fn widened(&mut self, widening: Widening, vector: Value) -> Value {
        let ins = self.builder.ins();
        match widening {
            Widening::LowSigned => ins.swiden_low(vector),
            Widening::HighSigned => ins.swiden_high(vector),
            Widening::LowUnsigned => ins.uwiden_low(vector),
            Widening::HighUnsigned => ins.uwiden_high(vector),
        }
    }

    fn extended(&mut self, widening: Widening, narrow: Type, operands: &[Operand]) -> Value {
        let [src] = self.vectors(narrow, operands);
        self.widened(widening, src)
    }

    fn extended_product(&mut self, widening: Widening, narrow: Type, operands: &[Operand]) -> Value {
        let [lhs, rhs] = self.vectors(narrow, operands).map(|src| self.widened(widening, src));
        self.builder.ins().imul(lhs, rhs)
    }

    /// Sums of pairs of neighbouring lanes, twice as wide as these.
    fn pairwise_sums(&mut self, halves: [Widening; 2], vector: Value) -> Value {
        let [low, high] = halves.map(|half| self.widened(half, vector));
        self.builder.ins().iadd_pairwise(low, high)
    }

    /// Sums of pairs of products.
    fn dot(&mut self, lhs: Value, rhs: Value) -> Value {
        let [low, high] = SIGNED.map(|half| {
            let [lhs, rhs] = [lhs, rhs].map(|src| self.widened(half, src));
            self.builder.ins().imul(lhs, rhs)
        });
        self.builder.ins().iadd_pairwise(low, high)
    }

    /// As [`Lowering::dot`], for lanes of 8 bits, with saturation. A sum wraps in one case only, if all four factors are
    /// -128: then it is one too large, and reads as the least 16-bit number.
    pub(super) fn saturating_dot(&mut self, lhs: Value, rhs: Value) -> Value {
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

    /// `rhs` in lanes where it is less than `lhs`, else `lhs`.
    pub(super) fn pseudo_min(&mut self, lanes: Type, operands: &[Operand]) -> Value {
        let [lhs, rhs] = self.vectors(lanes, operands);
        self.choose_less(rhs, lhs, rhs, lhs)
    }

    /// `rhs` in lanes where it is greater than `lhs`, else `lhs`.
    pub(super) fn pseudo_max(&mut self, lanes: Type, operands: &[Operand]) -> Value {
        let [lhs, rhs] = self.vectors(lanes, operands);
        self.choose_less(lhs, rhs, rhs, lhs)
    }

    /// The vector with a number in all lanes.
    fn vector_splat(&mut self, lanes: Type, ty: ValType, operands: &[Operand]) -> Value {
        let value = self.get(ty, operands[0]);
        let value = self.narrowed(lanes, value);
        self.builder.ins().splat(lanes, value)
    }

    /// A number, narrowed to the width of a lane.
    fn narrowed(&mut self, lanes: Type, value: Value) -> Value {
        let lane = lanes.lane_type();
        if self.type_of(value) == lane { value } else { self.builder.ins().ireduce(lane, value) }
    }

    /// A vector, and the shift count.
    fn shift_operands(&mut self, lanes: Type, operands: &[Operand]) -> (Value, Value) {
        (self.get_lanes(lanes, operands[0]), self.get(ValType::I32, operands[1]))
    }

    /// The result of an operation: a vector of any lanes, or an `i32`.
    fn vector_value(&mut self, op: VectorOp, operands: &[Operand]) -> Value {
        use VectorOp::*;
        use Widening::*;
        // Operands have these lanes, unless the operation says otherwise.
        let lanes = lanes_of(op.mnemonic());
        match op {
            I8x16Splat | I16x8Splat | I32x4Splat => self.vector_splat(lanes, ValType::I32, operands),
            I64x2Splat => self.vector_splat(lanes, ValType::I64, operands),
            F32x4Splat => self.vector_splat(lanes, ValType::F32, operands),
            F64x2Splat => self.vector_splat(lanes, ValType::F64, operands),
            I8x16Swizzle => self.of_two(lanes, operands, |ins, lhs, rhs| ins.swizzle(lhs, rhs)),
            I8x16RelaxedSwizzle => self.relaxed_swizzle(operands),

            I8x16Eq | I16x8Eq | I32x4Eq | I64x2Eq => self.compare_lanes(IntCC::Equal, lanes, operands),
            I8x16Ne | I16x8Ne | I32x4Ne | I64x2Ne => self.compare_lanes(IntCC::NotEqual, lanes, operands),
            I8x16LtS | I16x8LtS | I32x4LtS | I64x2LtS => self.compare_lanes(IntCC::SignedLessThan, lanes, operands),
            I8x16LtU | I16x8LtU | I32x4LtU => self.compare_lanes(IntCC::UnsignedLessThan, lanes, operands),
            I8x16GtS | I16x8GtS | I32x4GtS | I64x2GtS => self.compare_lanes(IntCC::SignedGreaterThan, lanes, operands),
            I8x16GtU | I16x8GtU | I32x4GtU => self.compare_lanes(IntCC::UnsignedGreaterThan, lanes, operands),
            I8x16LeS | I16x8LeS | I32x4LeS | I64x2LeS => {
                self.compare_lanes(IntCC::SignedLessThanOrEqual, lanes, operands)
            }
            I8x16LeU | I16x8LeU | I32x4LeU => self.compare_lanes(IntCC::UnsignedLessThanOrEqual, lanes, operands),
            I8x16GeS | I16x8GeS | I32x4GeS | I64x2GeS => {
                self.compare_lanes(IntCC::SignedGreaterThanOrEqual, lanes, operands)
            }
            I8x16GeU | I16x8GeU | I32x4GeU => self.compare_lanes(IntCC::UnsignedGreaterThanOrEqual, lanes, operands),
            F32x4Eq | F64x2Eq => self.compare_numbers(FloatCC::Equal, lanes, operands),
            F32x4Ne | F64x2Ne => self.compare_numbers(FloatCC::NotEqual, lanes, operands),
            F32x4Lt | F64x2Lt => self.compare_numbers(FloatCC::LessThan, lanes, operands),
            F32x4Gt | F64x2Gt => self.compare_numbers(FloatCC::GreaterThan, lanes, operands),
            F32x4Le | F64x2Le => self.compare_numbers(FloatCC::LessThanOrEqual, lanes, operands),
            F32x4Ge | F64x2Ge => self.compare_numbers(FloatCC::GreaterThanOrEqual, lanes, operands),

            V128Not => self.of_one(lanes, operands, |ins, src| ins.bnot(src)),
            V128And => self.of_two(lanes, operands, |ins, lhs, rhs| ins.band(lhs, rhs)),
            V128AndNot => self.of_two(lanes, operands, |ins, lhs, rhs| ins.band_not(lhs, rhs)),
            V128Or => self.of_two(lanes, operands, |ins, lhs, rhs| ins.bor(lhs, rhs)),
            V128Xor => self.of_two(lanes, operands, |ins, lhs, rhs| ins.bxor(lhs, rhs)),
            V128Bitselect => {
                let [a, b, mask] = self.vectors(I8X16, operands);
                self.builder.ins().bitselect(mask, a, b)
            }
            I8x16RelaxedLaneselect | I16x8RelaxedLaneselect | I32x4RelaxedLaneselect | I64x2RelaxedLaneselect => {
                self.relaxed_laneselect(lanes, operands)
            }
            V128AnyTrue => {
                let holds = self.of_one(lanes, operands, |ins, src| ins.vany_true(src));
                self.builder.ins().uextend(I32, holds)
            }
            I8x16AllTrue | I16x8AllTrue | I32x4AllTrue | I64x2AllTrue => {
                let holds = self.of_one(lanes, operands, |ins, src| ins.vall_true(src));
                self.builder.ins().uextend(I32, holds)
            }
            I8x16Bitmask | I16x8Bitmask | I32x4Bitmask | I64x2Bitmask => {
                self.of_one(lanes, operands, |ins, src| ins.vhigh_bits(I32, src))
            }

            I8x16Abs | I16x8Abs | I32x4Abs | I64x2Abs => self.of_one(lanes, operands, |ins, src| ins.iabs(src)),
            I8x16Neg | I16x8Neg | I32x4Neg | I64x2Neg => self.of_one(lanes, operands, |ins, src| ins.ineg(src)),
            I8x16Popcnt => self.of_one(lanes, operands, |ins, src| ins.popcnt(src)),
            I8x16Shl | I16x8Shl | I32x4Shl | I64x2Shl => {
                let (vector, amount) = self.shift_operands(lanes, operands);
                self.builder.ins().ishl(vector, amount)
            }
            I8x16ShrS | I16x8ShrS | I32x4ShrS | I64x2ShrS => {
                let (vector, amount) = self.shift_operands(lanes, operands);
                self.builder.ins().sshr(vector, amount)
            }
            I8x16ShrU | I16x8ShrU | I32x4ShrU | I64x2ShrU => {
                let (vector, amount) = self.shift_operands(lanes, operands);
                self.builder.ins().ushr(vector, amount)
            }
            I8x16Add | I16x8Add | I32x4Add | I64x2Add => {
                self.of_two(lanes, operands, |ins, lhs, rhs| ins.iadd(lhs, rhs))
            }
            I8x16AddSatS | I16x8AddSatS => self.of_two(lanes, operands, |ins, lhs, rhs| ins.sadd_sat(lhs, rhs)),
            I8x16AddSatU | I16x8AddSatU => self.of_two(lanes, operands, |ins, lhs, rhs| ins.uadd_sat(lhs, rhs)),
            I8x16Sub | I16x8Sub | I32x4Sub | I64x2Sub => {
                self.of_two(lanes, operands, |ins, lhs, rhs| ins.isub(lhs, rhs))
            }
            I8x16SubSatS | I16x8SubSatS => self.of_two(lanes, operands, |ins, lhs, rhs| ins.ssub_sat(lhs, rhs)),
            I8x16SubSatU | I16x8SubSatU => self.of_two(lanes, operands, |ins, lhs, rhs| ins.usub_sat(lhs, rhs)),
            I16x8Mul | I32x4Mul | I64x2Mul => self.of_two(lanes, operands, |ins, lhs, rhs| ins.imul(lhs, rhs)),
            I8x16MinS | I16x8MinS | I32x4MinS => self.of_two(lanes, operands, |ins, lhs, rhs| ins.smin(lhs, rhs)),
            I8x16MinU | I16x8MinU | I32x4MinU => self.of_two(lanes, operands, |ins, lhs, rhs| ins.umin(lhs, rhs)),
            I8x16MaxS | I16x8MaxS | I32x4MaxS => self.of_two(lanes, operands, |ins, lhs, rhs| ins.smax(lhs, rhs)),
            I8x16MaxU | I16x8MaxU | I32x4MaxU => self.of_two(lanes, operands, |ins, lhs, rhs| ins.umax(lhs, rhs)),
            I8x16AvgrU | I16x8AvgrU => self.of_two(lanes, operands, |ins, lhs, rhs| ins.avg_round(lhs, rhs)),
            I16x8Q15MulrSatS => self.of_two(lanes, operands, |ins, lhs, rhs| ins.sqmul_round_sat(lhs, rhs)),
            I16x8RelaxedQ15mulrS => self.relaxed_q15mulr(operands),

            I8x16NarrowI16x8S => self.of_two(I16X8, operands, |ins, lhs, rhs| ins.snarrow(lhs, rhs)),
            I8x16NarrowI16x8U => self.of_two(I16X8, operands, |ins, lhs, rhs| ins.unarrow(lhs, rhs)),
            I16x8NarrowI32x4S => self.of_two(I32X4, operands, |ins, lhs, rhs| ins.snarrow(lhs, rhs)),
            I16x8NarrowI32x4U => self.of_two(I32X4, operands, |ins, lhs, rhs| ins.unarrow(lhs, rhs)),
            I16x8ExtendLowI8x16S => self.extended(LowSigned, I8X16, operands),
            I16x8ExtendHighI8x16S => self.extended(HighSigned, I8X16, operands),
            I16x8ExtendLowI8x16U => self.extended(LowUnsigned, I8X16, operands),
            I16x8ExtendHighI8x16U => self.extended(HighUnsigned, I8X16, operands),
            I32x4ExtendLowI16x8S => self.extended(LowSigned, I16X8, operands),
            I32x4ExtendHighI16x8S => self.extended(HighSigned, I16X8, operands),
            I32x4ExtendLowI16x8U => self.extended(LowUnsigned, I16X8, operands),
            I32x4ExtendHighI16x8U => self.extended(HighUnsigned, I16X8, operands),
            I64x2ExtendLowI32x4S => self.extended(LowSigned, I32X4, operands),
            I64x2ExtendHighI32x4S => self.extended(HighSigned, I32X4, operands),
            I64x2ExtendLowI32x4U => self.extended(LowUnsigned, I32X4, operands),
            I64x2ExtendHighI32x4U => self.extended(HighUnsigned, I32X4, operands),
            I16x8ExtMulLowI8x16S => self.extended_product(LowSigned, I8X16, operands),
            I16x8ExtMulHighI8x16S => self.extended_product(HighSigned, I8X16, operands),
            I16x8ExtMulLowI8x16U => self.extended_product(LowUnsigned, I8X16, operands),
            I16x8ExtMulHighI8x16U => self.extended_product(HighUnsigned, I8X16, operands),
            I32x4ExtMulLowI16x8S => self.extended_product(LowSigned, I16X8, operands),
            I32x4ExtMulHighI16x8S => self.extended_product(HighSigned, I16X8, operands),
            I32x4ExtMulLowI16x8U => self.extended_product(LowUnsigned, I16X8, operands),
            I32x4ExtMulHighI16x8U => self.extended_product(HighUnsigned, I16X8, operands),
            I64x2ExtMulLowI32x4S => self.extended_product(LowSigned, I32X4, operands),
            I64x2ExtMulHighI32x4S => self.extended_product(HighSigned, I32X4, operands),
            I64x2ExtMulLowI32x4U => self.extended_product(LowUnsigned, I32X4, operands),
            I64x2ExtMulHighI32x4U => self.extended_product(HighUnsigned, I32X4, operands),
            I16x8ExtAddPairwiseI8x16S => {
                let [src] = self.vectors(I8X16, operands);
                self.pairwise_sums(SIGNED, src)
            }
            I16x8ExtAddPairwiseI8x16U => {
                let [src] = self.vectors(I8X16, operands);
                self.pairwise_sums(UNSIGNED, src)
            }
            I32x4ExtAddPairwiseI16x8S => {
                let [src] = self.vectors(I16X8, operands);
                self.pairwise_sums(SIGNED, src)
            }
            I32x4ExtAddPairwiseI16x8U => {
                let [src] = self.vectors(I16X8, operands);
                self.pairwise_sums(UNSIGNED, src)
            }
            I32x4DotI16x8S => {
                let [lhs, rhs] = self.vectors(I16X8, operands);
                self.dot(lhs, rhs)
            }
            I16x8RelaxedDotI8x16I7x16S => {
                let [lhs, rhs] = self.vectors(I8X16, operands);
                self.relaxed_dot(lhs, rhs)
            }
            I32x4RelaxedDotI8x16I7x16AddS => {
                let [lhs, rhs] = self.vectors(I8X16, operands);
                let products = self.relaxed_dot(lhs, rhs);
                let sums = self.pairwise_sums(SIGNED, products);
                let addend = self.get_lanes(I32X4, operands[2]);
                self.builder.ins().iadd(sums, addend)
            }

            F32x4Ceil | F64x2Ceil => self.of_one(lanes, operands, |ins, src| ins.ceil(src)),
            F32x4Floor | F64x2Floor => self.of_one(lanes, operands, |ins, src| ins.floor(src)),
            F32x4Trunc | F64x2Trunc => self.of_one(lanes, operands, |ins, src| ins.trunc(src)),
            F32x4Nearest | F64x2Nearest => self.of_one(lanes, operands, |ins, src| ins.nearest(src)),
            F32x4Abs | F64x2Abs => self.of_one(lanes, operands, |ins, src| ins.fabs(src)),
            F32x4Neg | F64x2Neg => self.of_one(lanes, operands, |ins, src| ins.fneg(src)),
            F32x4Sqrt | F64x2Sqrt => self.of_one(lanes, operands, |ins, src| ins.sqrt(src)),
            F32x4Add | F64x2Add => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fadd(lhs, rhs)),
            F32x4Sub | F64x2Sub => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fsub(lhs, rhs)),
            F32x4Mul | F64x2Mul => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fmul(lhs, rhs)),
            F32x4Div | F64x2Div => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fdiv(lhs, rhs)),
            F32x4Min | F64x2Min => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fmin(lhs, rhs)),
            F32x4Max | F64x2Max => self.of_two(lanes, operands, |ins, lhs, rhs| ins.fmax(lhs, rhs)),
            F32x4RelaxedMin | F64x2RelaxedMin => self.relaxed_min(lanes, operands),
            F32x4RelaxedMax | F64x2RelaxedMax => self.relaxed_max(lanes, operands),
            F32x4PMin | F64x2PMin => self.pseudo_min(lanes, operands),
            F32x4PMax | F64x2PMax => self.pseudo_max(lanes, operands),
            F32x4RelaxedMadd | F64x2RelaxedMadd => {
                let [a, b, c] = self.vectors(lanes, operands);
                self.relaxed_madd(a, b, c)
            }
            F32x4RelaxedNmadd | F64x2RelaxedNmadd => {
                let [a, b, c] = self.vectors(lanes, operands);
                let negated = self.builder.ins().fneg(a);
                self.relaxed_madd(negated, b, c)
            }

            F32x4ConvertI32x4S => self.of_one(I32X4, operands, |ins, src| ins.fcvt_from_sint(F32X4, src)),
            F32x4ConvertI32x4U => self.of_one(I32X4, operands, |ins, src| ins.fcvt_from_uint(F32X4, src)),
            F64x2ConvertLowI32x4S => {
                let wide = self.extended(LowSigned, I32X4, operands);
                self.builder.ins().fcvt_from_sint(F64X2, wide)
            }
            F64x2ConvertLowI32x4U => {
                let wide = self.extended(LowUnsigned, I32X4, operands);
                self.builder.ins().fcvt_from_uint(F64X2, wide)
            }
            I32x4TruncSatF32x4S => self.of_one(F32X4, operands, |ins, src| ins.fcvt_to_sint_sat(I32X4, src)),
            I32x4RelaxedTruncF32x4S => self.relaxed_trunc(operands),
            I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => {
                self.of_one(F32X4, operands, |ins, src| ins.fcvt_to_uint_sat(I32X4, src))
            }
            I32x4TruncSatF64x2SZero | I32x4RelaxedTruncF64x2SZero => {
                let relaxed = op == I32x4RelaxedTruncF64x2SZero;
                let wide = self.trunc_two(relaxed, operands);
                let zero = self.vector_constant(I64X2, 0);
                self.builder.ins().snarrow(wide, zero)
            }
            I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => {
                let wide = self.of_one(F64X2, operands, |ins, src| ins.fcvt_to_uint_sat(I64X2, src));
                let zero = self.vector_constant(I64X2, 0);
                self.builder.ins().uunarrow(wide, zero)
            }
            F32x4DemoteF64x2Zero => self.of_one(F64X2, operands, |ins, src| ins.fvdemote(src)),
            F64x2PromoteLowF32x4 => self.of_one(F32X4, operands, |ins, src| ins.fvpromote_low(src)),
        }
    }

    /// The flags, address and displacement of a load of `bytes` bytes.
    fn vector_load_place(&mut self, access: Access, bytes: u32) -> (MemFlagsData, Value, i32) {
        let place = self.place(access.memory, access.addr, access.offset);
        let (at, offset) = self.reach(place, bytes);
        let number = self.number_access();
        self.loads(number);
        (self.access_flags(number), at, offset)
    }

    /// As [`Lowering::vector_load_place`], for a store, or an access that no other instruction absorbs.
    pub(super) fn store_place(&mut self, access: Access, bytes: u32) -> (MemFlagsData, Value, i32) {
        let place = self.place(access.memory, access.addr, access.offset);
        let (at, offset) = self.reach(place, bytes);
        self.last_load = None;
        let number = self.number_access();
        (self.access_flags(number), at, offset)
    }
}

/// The type of an integer of `bytes` bytes, which are 1, 2, 4 or 8.
pub(super) fn integer(bytes: u32) -> Type {
    Type::int_with_byte_size(bytes as u16).expect("accesses are of integers")
}

/// The lanes that are integers of `bytes` bytes.
fn integer_lanes(bytes: u32) -> Type {
    integer(bytes).by(16 / bytes).expect("such lanes fill a vector")
}

impl VectorSink for Lowering<'_, '_> {
    fn vector_const(&mut self, dst: Slot, bits: u128) {
        let value = self.vector_constant(I8X16, bits);
        self.set(dst, value);
    }

    fn vector(&mut self, op: VectorOp, dst: Slot, operands: &[Operand]) {
        let value = self.vector_value(op, operands);
        match op.result_type() {
            ValType::V128 => self.set_vector(dst, value),
            ValType::I32
            | ValType::I64
            | ValType::F32
            | ValType::F64
            | ValType::FuncRef
            | ValType::ExternRef
            | ValType::ExnRef => {
                self.set(dst, value);
            }
        }
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

    fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: Access) {
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

    fn vector_store(&mut self, access: Access, value: Operand) {
        let value = self.get(ValType::V128, value);
        let (flags, at, offset) = self.store_place(access, 16);
        self.builder.ins().store(flags, value, at, offset);
    }

    fn load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: Access, vector: Operand) {
        let bytes = op.access_bytes();
        let vector = self.get_lanes(integer_lanes(bytes), vector);
        let (flags, at, offset) = self.vector_load_place(access, bytes);
        let value = self.builder.ins().load(integer(bytes), flags, at, offset);
        let value = self.builder.ins().insertlane(vector, value, lane);
        self.set_vector(dst, value);
    }

    fn store_lane(&mut self, op: StoreLaneOp, lane: u8, access: Access, vector: Operand) {
        let bytes = op.access_bytes();
        let vector = self.get_lanes(integer_lanes(bytes), vector);
        let value = self.builder.ins().extractlane(vector, lane);
        let (flags, at, offset) = self.store_place(access, bytes);
        self.builder.ins().store(flags, value, at, offset);
    }
}
