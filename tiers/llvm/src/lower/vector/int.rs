//! Integer lanes, bits, and the order of lanes.

use inkwell::IntPredicate;
use inkwell::values::InstructionOpcode;

use super::super::Lowering;
use crate::ir::{Lanes, Value};

/// A shift of all lanes by one count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shift {
    Left,
    Right,
    RightSigned,
}

impl Shift {
    /// LLVM's instruction, which is undefined for counts of the lane's width or more.
    const fn opcode(self) -> InstructionOpcode {
        match self {
            Shift::Left => InstructionOpcode::Shl,
            Shift::Right => InstructionOpcode::LShr,
            Shift::RightSigned => InstructionOpcode::AShr,
        }
    }
}

impl<'c> Lowering<'_, 'c> {
    /// An instruction of LLVM, lane by lane.
    pub(super) fn lanewise(&self, op: InstructionOpcode, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        self.ir.vector(self.ir.binary(op, self.ir.lanes(lanes, x), self.ir.lanes(lanes, y)))
    }

    /// An intrinsic of LLVM, on lanes of any kind.
    pub(super) fn of_two(&self, name: &str, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let ty = self.ir.lanes_type(lanes).into();
        self.ir.compute(name, &[ty], &[self.ir.lanes(lanes, x), self.ir.lanes(lanes, y)])
    }

    /// An intrinsic for a machine instruction, on lanes.
    pub(super) fn of_machine(&self, name: &str, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let value = self.ir.compute(name, &[], &[self.ir.lanes(lanes, x), self.ir.lanes(lanes, y)]);
        self.ir.vector(value)
    }

    pub(super) fn compare_lanes(&self, holds: IntPredicate, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let holds = self.ir.compare_lanes(holds, self.ir.lanes(lanes, x), self.ir.lanes(lanes, y));
        self.ir.count_more(4);
        self.ir.mask(lanes, holds)
    }

    /// The value, narrowed to the lane's width, in each lane.
    pub(super) fn splat(&self, lanes: Lanes, value: Value<'c>) -> Value<'c> {
        let ty = self.ir.lane_type(lanes);
        let value = if value.get_type() == ty { value } else { self.ir.cast(InstructionOpcode::Trunc, value, ty) };
        self.ir.splat(lanes, value)
    }

    /// The lanes of `x` with the numbers in `y`, and zero for numbers that are too large. The machine instruction takes numbers modulo
    /// 16, and returns zero for those with the highest bit set, which the addition sets in all that are too large.
    pub(super) fn swizzle(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let beyond = self.ir.splat_constant(Lanes::I8, 0x70);
        let numbers = self.of_two("llvm.uadd.sat", Lanes::I8, y, beyond);
        self.of_machine("llvm.x86.ssse3.pshuf.b.128", Lanes::I8, x, numbers)
    }

    pub(super) fn not(&self, x: Value<'c>) -> Value<'c> {
        let ones = self.ir.splat_constant(Lanes::I64, u64::MAX);
        self.ir.binary(InstructionOpcode::Xor, self.ir.lanes(Lanes::I64, x), ones)
    }

    /// The bits of `x` where `mask` has ones, and of `y` elsewhere.
    pub(super) fn bit_select(&self, x: Value<'c>, y: Value<'c>, mask: Value<'c>) -> Value<'c> {
        let x = self.lanewise(InstructionOpcode::And, Lanes::I64, x, mask);
        let y = self.lanewise(InstructionOpcode::And, Lanes::I64, y, self.not(mask));
        self.ir.binary(InstructionOpcode::Or, x, y)
    }

    fn is_zero(&self, vector: Value<'c>, holds: IntPredicate) -> Value<'c> {
        let bits = self.ir.llvm.i128_type();
        let value = self.ir.retyped(vector, bits.into());
        let holds = self.ir.compare(holds, value, bits.const_zero().into());
        self.ir.zext(holds.into(), self.ir.i32_type())
    }

    pub(super) fn any_true(&self, x: Value<'c>) -> Value<'c> {
        self.is_zero(self.ir.lanes(Lanes::I64, x), IntPredicate::NE)
    }

    pub(super) fn all_true(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let zero = self.ir.splat_constant(lanes, 0);
        let zeros = self.ir.compare_lanes(IntPredicate::EQ, self.ir.lanes(lanes, x), zero);
        self.is_zero(self.ir.mask(lanes, zeros), IntPredicate::EQ)
    }

    pub(super) fn bit_mask(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let zero = self.ir.splat_constant(lanes, 0);
        let signs = self.ir.compare_lanes(IntPredicate::SLT, self.ir.lanes(lanes, x), zero);
        let bits = self.ir.bits_type(lanes.count());
        let bits = self.ir.cast(InstructionOpcode::BitCast, signs.into(), bits);
        self.ir.zext(bits, self.ir.i32_type())
    }

    pub(super) fn int_abs(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let defined_for_smallest = self.ir.llvm.bool_type().const_zero().into();
        let ty = self.ir.lanes_type(lanes).into();
        self.ir.count_more(2);
        self.ir.compute("llvm.abs", &[ty], &[self.ir.lanes(lanes, x), defined_for_smallest])
    }

    pub(super) fn int_neg(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let zero = self.ir.splat_constant(lanes, 0);
        self.ir.binary(InstructionOpcode::Sub, zero, self.ir.lanes(lanes, x))
    }

    pub(super) fn popcnt(&self, x: Value<'c>) -> Value<'c> {
        let ty = self.ir.lanes_type(Lanes::I8).into();
        self.ir.count_more(8);
        self.ir.compute("llvm.ctpop", &[ty], &[self.ir.lanes(Lanes::I8, x)])
    }

    /// The machine instruction wraps if the result is out of range, which it is only if both operands are the smallest number.
    pub(super) fn q15mulr(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let product = self.of_machine("llvm.x86.ssse3.pmul.hr.sw.128", Lanes::I16, x, y);
        let product = self.ir.lanes(Lanes::I16, product);
        let smallest = self.ir.splat_constant(Lanes::I16, 0x8000);
        let wraps = self.ir.compare_lanes(IntPredicate::EQ, product, smallest);
        self.ir.binary(InstructionOpcode::Xor, product, self.ir.mask(Lanes::I16, wraps))
    }

    /// Shifts all lanes by `count` modulo their width.
    pub(super) fn shift_lanes(&self, shift: Shift, lanes: Lanes, x: Value<'c>, count: Value<'c>) -> Value<'c> {
        let mask = self.ir.i32(lanes.bits() - 1);
        let count = self.ir.binary(InstructionOpcode::And, count, mask);
        let ty = self.ir.lane_type(lanes);
        let count = match lanes {
            Lanes::I8 | Lanes::I16 => self.ir.cast(InstructionOpcode::Trunc, count, ty),
            Lanes::I32 => count,
            Lanes::I64 => self.ir.zext(count, ty),
            Lanes::F32 | Lanes::F64 => unreachable!("integers are shifted"),
        };
        // Shifts of bytes have no machine instruction.
        self.ir.count_more(if lanes == Lanes::I8 { 16 } else { 4 });
        self.ir.binary(shift.opcode(), self.ir.lanes(lanes, x), self.ir.splat(lanes, count))
    }
}
