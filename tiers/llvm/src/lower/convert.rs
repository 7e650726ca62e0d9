//! Operations on one value.

use inkwell::FloatPredicate;
use inkwell::types::BasicTypeEnum;
use inkwell::values::InstructionOpcode;
use riser_lowering::Builder;
use riser_translator::ops::UnaryOp;
use riser_translator::{TrapCode, ValType};

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    pub(super) fn unary_value(&mut self, op: UnaryOp, src: Value<'c>) -> Value<'c> {
        use InstructionOpcode::*;
        use UnaryOp::*;
        let result = self.value_type(op.result_type());
        let one =
            |this: &mut Self, name: &str| this.ir.intrinsic(name, &[src.get_type()], &[src]).expect("it has a result");
        match op {
            I32Clz | I64Clz | I32Ctz | I64Ctz => {
                let name = if matches!(op, I32Clz | I64Clz) { "llvm.ctlz" } else { "llvm.cttz" };
                let defined_for_zero = self.ir.llvm.bool_type().const_zero().into();
                let value = self.ir.intrinsic(name, &[src.get_type()], &[src, defined_for_zero]);
                value.expect("it has a result")
            }
            I32Popcnt | I64Popcnt => one(self, "llvm.ctpop"),
            I32Eqz | I64Eqz => {
                let zero = self.ir.constant(src.get_type(), 0);
                let is_zero = self.ir.compare(inkwell::IntPredicate::EQ, src, zero);
                self.ir.zext(is_zero.into(), result)
            }
            I32Extend8S | I64Extend8S => self.extend(src, 8),
            I32Extend16S | I64Extend16S => self.extend(src, 16),
            I64Extend32S => self.extend(src, 32),
            F32Abs | F64Abs => one(self, "llvm.fabs"),
            F32Neg | F64Neg => self.flip_sign(src),
            F32Ceil | F64Ceil => one(self, "llvm.ceil"),
            F32Floor | F64Floor => one(self, "llvm.floor"),
            F32Trunc | F64Trunc => one(self, "llvm.trunc"),
            F32Nearest | F64Nearest => one(self, "llvm.roundeven"),
            F32Sqrt | F64Sqrt => one(self, "llvm.sqrt"),
            I32WrapI64 => self.ir.cast(Trunc, src, result),
            I64ExtendI32S => self.ir.cast(SExt, src, result),
            I64ExtendI32U => self.ir.zext(src, result),
            I32TruncF32S => self.truncate(FPToSI, src, result, [-2_147_483_904.0, 2_147_483_648.0]),
            I32TruncF64S => self.truncate(FPToSI, src, result, [-2_147_483_649.0, 2_147_483_648.0]),
            I32TruncF32U | I32TruncF64U => self.truncate(FPToUI, src, result, [-1.0, 4_294_967_296.0]),
            I64TruncF32S => {
                self.truncate(FPToSI, src, result, [-9_223_373_136_366_403_584.0, 9_223_372_036_854_775_808.0])
            }
            I64TruncF64S => {
                self.truncate(FPToSI, src, result, [-9_223_372_036_854_777_856.0, 9_223_372_036_854_775_808.0])
            }
            I64TruncF32U | I64TruncF64U => self.truncate(FPToUI, src, result, [-1.0, 18_446_744_073_709_551_616.0]),
            I32TruncSatF32S | I32TruncSatF64S | I64TruncSatF32S | I64TruncSatF64S => {
                let value = self.ir.intrinsic("llvm.fptosi.sat", &[result, src.get_type()], &[src]);
                value.expect("it has a result")
            }
            I32TruncSatF32U | I32TruncSatF64U | I64TruncSatF32U | I64TruncSatF64U => {
                let value = self.ir.intrinsic("llvm.fptoui.sat", &[result, src.get_type()], &[src]);
                value.expect("it has a result")
            }
            // LLVM may know the integer. See `constant`.
            F32ConvertI32S | F32ConvertI64S | F64ConvertI32S | F64ConvertI64S => {
                let value = self.ir.cast(SIToFP, src, result);
                self.ir.opaque(value)
            }
            F32ConvertI32U | F32ConvertI64U | F64ConvertI32U | F64ConvertI64U => {
                let value = self.ir.cast(UIToFP, src, result);
                self.ir.opaque(value)
            }
            // Hides the operand from LLVM, which would otherwise replace the demotion of a promoted value by the original, which
            // may be a signaling NaN.
            F32DemoteF64 => {
                let src = self.ir.opaque(src);
                self.ir.cast(FPTrunc, src, result)
            }
            F64PromoteF32 => self.ir.cast(FPExt, src, result),
            I32ReinterpretF32 | I64ReinterpretF64 => self.ir.cast(BitCast, src, result),
            // See `constant`.
            F32ReinterpretI32 | F64ReinterpretI64 => {
                let value = self.ir.cast(BitCast, src, result);
                self.ir.opaque(value)
            }
        }
    }

    fn extend(&mut self, src: Value<'c>, bits: u32) -> Value<'c> {
        let narrow = self.ir.llvm.custom_width_int_type(bits.try_into().expect("not 0")).expect("a width").into();
        let value = self.ir.cast(InstructionOpcode::Trunc, src, narrow);
        self.ir.cast(InstructionOpcode::SExt, value, src.get_type())
    }

    /// Negates a value, NaNs too. LLVM's own negation may move into the operation before it, where the sign of a NaN is lost.
    fn flip_sign(&mut self, src: Value<'c>) -> Value<'c> {
        let ty = src.get_type();
        let (bits, sign) = match ty == self.value_type(ValType::F32) {
            true => (self.ir.i32_type(), 1 << 31),
            false => (self.ir.i64_type(), 1 << 63),
        };
        let value = self.ir.cast(InstructionOpcode::BitCast, src, bits);
        let value = self.ir.binary(InstructionOpcode::Xor, value, self.ir.constant(bits, sign));
        self.ir.cast(InstructionOpcode::BitCast, value, ty)
    }

    /// A truncation that traps if the operand is not between the `limits`: the closest numbers of the operand's type that
    /// are out of range.
    fn truncate(
        &mut self,
        cast: InstructionOpcode,
        src: Value<'c>,
        result: BasicTypeEnum<'c>,
        limits: [f64; 2],
    ) -> Value<'c> {
        self.here();
        let is_nan = self.ir.compare_floats(FloatPredicate::UNO, src, src);
        self.trap_if(is_nan, TrapCode::InvalidConversionToInteger);
        let ty = src.get_type().into_float_type();
        let [low, high] = limits.map(|limit| ty.const_float(limit).into());
        let low = self.ir.compare_floats(FloatPredicate::ULE, src, low);
        let high = self.ir.compare_floats(FloatPredicate::UGE, src, high);
        let outside = self.ir.or(low, high);
        self.trap_if(outside, TrapCode::IntegerOverflow);
        self.ir.cast(cast, src, result)
    }
}
