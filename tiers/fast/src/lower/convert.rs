//! Operations on one value.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    InstBuilder, MemFlagsData, Value,
    types::{F32, F64, I8, I16, I32, I64},
};
use riser_translator::ops::UnaryOp;

use super::Lowering;
use crate::signature::value_type;

impl Lowering<'_, '_> {
    pub(super) fn unary_value(&mut self, op: UnaryOp, src: Value) -> Value {
        use UnaryOp::*;
        let result = value_type(op.result_type());
        let narrow = match op {
            I32Extend8S | I64Extend8S => Some(I8),
            I32Extend16S | I64Extend16S => Some(I16),
            I64Extend32S => Some(I32),
            _ => None,
        };
        if let Some(narrow) = narrow {
            let narrow = self.builder.ins().ireduce(narrow, src);
            return self.builder.ins().sextend(result, narrow);
        }
        let ins = self.builder.ins();
        match op {
            I32Clz | I64Clz => ins.clz(src),
            I32Ctz | I64Ctz => ins.ctz(src),
            I32Popcnt | I64Popcnt => ins.popcnt(src),
            I32Eqz | I64Eqz => {
                let zero = self.constant(value_type(op.operand_type()), 0);
                let is_zero = self.builder.ins().icmp(IntCC::Equal, src, zero);
                self.builder.ins().uextend(I32, is_zero)
            }
            F32Abs | F64Abs => ins.fabs(src),
            F32Neg | F64Neg => ins.fneg(src),
            F32Ceil | F64Ceil => ins.ceil(src),
            F32Floor | F64Floor => ins.floor(src),
            F32Trunc | F64Trunc => ins.trunc(src),
            F32Nearest | F64Nearest => ins.nearest(src),
            F32Sqrt | F64Sqrt => ins.sqrt(src),
            I32WrapI64 => ins.ireduce(I32, src),
            I64ExtendI32S => ins.sextend(I64, src),
            I64ExtendI32U => ins.uextend(I64, src),
            I32TruncF32S | I32TruncF64S | I64TruncF32S | I64TruncF64S => ins.fcvt_to_sint(result, src),
            I32TruncF32U | I32TruncF64U | I64TruncF32U | I64TruncF64U => ins.fcvt_to_uint(result, src),
            I32TruncSatF32S | I32TruncSatF64S | I64TruncSatF32S | I64TruncSatF64S => ins.fcvt_to_sint_sat(result, src),
            I32TruncSatF32U | I32TruncSatF64U | I64TruncSatF32U | I64TruncSatF64U => ins.fcvt_to_uint_sat(result, src),
            F32ConvertI32S | F32ConvertI64S | F64ConvertI32S | F64ConvertI64S => ins.fcvt_from_sint(result, src),
            F32ConvertI32U | F32ConvertI64U | F64ConvertI32U | F64ConvertI64U => ins.fcvt_from_uint(result, src),
            F32DemoteF64 => ins.fdemote(F32, src),
            F64PromoteF32 => ins.fpromote(F64, src),
            I32ReinterpretF32 | I64ReinterpretF64 | F32ReinterpretI32 | F64ReinterpretI64 => {
                ins.bitcast(result, MemFlagsData::new(), src)
            }
            I32Extend8S | I64Extend8S | I32Extend16S | I64Extend16S | I64Extend32S => {
                unreachable!("sign extensions are above")
            }
        }
    }
}
