//! What LLVM has no instruction for, or would undo: values that are hidden from its analyses, and inline assembly.

use inkwell::IntPredicate;
use inkwell::attributes::AttributeLoc;
use inkwell::llvm_sys::core::LLVMBuildFreeze;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{AsValueRef, IntValue, PointerValue};

use super::{Ir, Value, built};
use crate::OptLevel;

impl<'c> Ir<'c> {
    /// The value, hidden from LLVM's analyses.
    pub(crate) fn opaque(&self, value: Value<'c>) -> Value<'c> {
        let (ty, constraints) = match value.get_type() {
            BasicTypeEnum::FloatType(ty) => (ty.fn_type(&[ty.into()], false), "=x,0"),
            BasicTypeEnum::IntType(ty) => (ty.fn_type(&[ty.into()], false), "=r,0"),
            BasicTypeEnum::VectorType(ty) => (ty.fn_type(&[ty.into()], false), "=x,0"),
            other => unreachable!("{other} is no type of wasm values"),
        };
        let nothing = self.llvm.create_inline_asm(ty, String::new(), constraints.to_owned(), false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, nothing, &[value.into()], ""));
        for attribute in self.pure {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        call.try_as_basic_value().unwrap_basic()
    }

    /// All ones if `value` is below `bound`, else zero, without a branch. The result is hidden from LLVM's analyses: after a check that
    /// `value` is below `bound`, LLVM would rely on the check, and so does a processor that speculates.
    pub(crate) fn if_below(&self, value: Value<'c>, bound: Value<'c>) -> Value<'c> {
        self.machine_code("cmpq $2, $1\n\tsbbq $0, $0", "=r,r,r,~{flags}", value, bound)
    }

    /// As [`Ir::if_below`], for a value that may also be equal to the bound.
    pub(crate) fn if_not_above(&self, value: Value<'c>, bound: Value<'c>) -> Value<'c> {
        // The carry flag is set if the bound is below the value.
        self.machine_code("cmpq $1, $2\n\tsbbq $0, $0\n\tnotq $0", "=r,r,r,~{flags}", value, bound)
    }

    /// Inline assembly that computes a value of the operands' type, and has no other effect.
    pub(super) fn machine_code(&self, code: &str, constraints: &str, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        let ty = a.get_type().into_int_type();
        let ty = ty.fn_type(&[ty.into(), ty.into()], false);
        let code = self.llvm.create_inline_asm(ty, code.to_owned(), constraints.to_owned(), false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, code, &[a.into(), b.into()], ""));
        for attribute in self.pure {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        call.try_as_basic_value().unwrap_basic()
    }

    /// A loaded value for its users: keeps the load from becoming an operand of the instruction that consumes it. Otherwise a fault would
    /// be at the consumer's position, or at none if LLVM separates the two again.
    ///
    /// A load of an integer that has two uses never becomes an operand. From a load into an `xmm` register, LLVM may make a load of several
    /// lanes, at the position of a user that wants them, and redirect all uses to that.
    pub(crate) fn loaded(&self, value: Value<'c>) -> Value<'c> {
        match self.level {
            OptLevel::O0 => self.freeze(value),
            OptLevel::O1 | OptLevel::O2 | OptLevel::O3 if value.is_int_value() => {
                self.observe(value);
                value
            }
            OptLevel::O1 | OptLevel::O2 | OptLevel::O3 => self.opaque(value),
        }
    }

    /// The value itself, in an instruction that neither SSA construction nor instruction selection at level 0 looks through. It is a move
    /// between registers.
    pub(crate) fn freeze(&self, value: Value<'c>) -> Value<'c> {
        self.count();
        // SAFETY: the builder is in a block, and the value in its function; what is built has the value's type.
        unsafe { Value::new(LLVMBuildFreeze(self.builder.as_mut_ptr(), value.as_value_ref(), c"".as_ptr())) }
    }

    /// Uses an integer, without emitting an instruction.
    fn observe(&self, value: Value<'c>) {
        let ty = self.llvm.void_type().fn_type(&[value.get_type().into()], false);
        let nothing = self.llvm.create_inline_asm(ty, String::new(), "r".to_owned(), true, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, nothing, &[value.into()], ""));
        for attribute in self.unnoticed {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
    }

    /// Whether the stack pointer is below the address at `limit`. The stack pointer is fixed from the first instruction after the prologue
    /// on.
    pub(crate) fn is_stack_below(&self, limit: PointerValue<'c>) -> IntValue<'c> {
        let ty = self.llvm.i8_type().fn_type(&[self.pointer_type().into()], false);
        let (code, operands) = ("cmpq $1, %rsp".to_owned(), "={@ccb},*m".to_owned());
        let compare = self.llvm.create_inline_asm(ty, code, operands, false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, compare, &[limit.into()], ""));
        call.add_attribute(AttributeLoc::Param(0), self.points_to_word);
        for attribute in self.reads_arguments {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        let below = call.try_as_basic_value().unwrap_basic().into_int_value();
        self.compare(IntPredicate::NE, below.into(), self.llvm.i8_type().const_zero().into())
    }

    /// The frame pointer.
    pub(crate) fn frame_pointer(&self) -> Value<'c> {
        let frame = self.intrinsic("llvm.frameaddress", &[self.pointer_type()], &[self.i32(0)]);
        self.to_int(frame.expect("it has a result").into_pointer_value())
    }
}
