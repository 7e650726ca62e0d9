//! Vectors: operations of LLVM's IR on lanes.
//!
//! As a value of wasm, a vector has the type [`Ir::vector_type`]; while an operation works on it, it has the type of its lanes. Casting
//! between the two emits no machine instruction.

use inkwell::types::{BasicTypeEnum, VectorType};
use inkwell::values::{AnyValue, BasicValue, CallSiteValue, InstructionOpcode, IntValue, VectorValue};
use inkwell::{FloatPredicate, IntPredicate};

use super::{Ir, Value, built};

/// How many operations back `is_unknown` looks for a value that LLVM cannot know.
const DEPTH: u32 = 4;

/// The cost of a piece of inline assembly, in instructions.
const ASSEMBLY: u32 = 4;

/// The lanes of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lanes {
    /// Sixteen bytes.
    I8,
    /// Eight integers of 16 bits.
    I16,
    /// Four integers of 32 bits.
    I32,
    /// Two integers of 64 bits.
    I64,
    /// Four single-precision numbers.
    F32,
    /// Two double-precision numbers.
    F64,
}

impl Lanes {
    /// The number of lanes.
    pub(crate) const fn count(self) -> u32 {
        128 / self.bits()
    }

    /// The number of bits in a lane.
    pub(crate) const fn bits(self) -> u32 {
        match self {
            Lanes::I8 => 8,
            Lanes::I16 => 16,
            Lanes::I32 | Lanes::F32 => 32,
            Lanes::I64 | Lanes::F64 => 64,
        }
    }

    /// Integer lanes of the same width.
    pub(crate) const fn integers(self) -> Lanes {
        match self {
            Lanes::F32 => Lanes::I32,
            Lanes::F64 => Lanes::I64,
            Lanes::I8 | Lanes::I16 | Lanes::I32 | Lanes::I64 => self,
        }
    }

    /// The bits of each lane of a vector.
    fn split(self, bits: u128) -> impl Iterator<Item = u64> {
        let mask = u64::MAX >> (64 - self.bits());
        (0..self.count()).map(move |lane| (bits >> (lane * self.bits())) as u64 & mask)
    }

    /// Whether a lane contains one of the numbers with which LLVM takes an operation for the identity: 0 and 1, of either sign.
    fn has_neutral(self, bits: u128) -> bool {
        let is_neutral = |magnitude: f64| magnitude == 0.0 || magnitude == 1.0;
        self.split(bits).any(|lane| match self {
            Lanes::F32 => is_neutral(f32::from_bits(lane as u32).abs().into()),
            Lanes::F64 => is_neutral(f64::from_bits(lane).abs()),
            Lanes::I8 | Lanes::I16 | Lanes::I32 | Lanes::I64 => false,
        })
    }
}

impl<'c> Ir<'c> {
    /// The type of vectors as values of wasm.
    pub(crate) fn vector_type(&self) -> BasicTypeEnum<'c> {
        self.lanes_type(Lanes::I64).into()
    }

    /// The type of a lane.
    pub(crate) fn lane_type(&self, lanes: Lanes) -> BasicTypeEnum<'c> {
        match lanes {
            Lanes::I8 => self.llvm.i8_type().into(),
            Lanes::I16 => self.llvm.i16_type().into(),
            Lanes::I32 => self.llvm.i32_type().into(),
            Lanes::I64 => self.llvm.i64_type().into(),
            Lanes::F32 => self.llvm.f32_type().into(),
            Lanes::F64 => self.llvm.f64_type().into(),
        }
    }

    /// The type of a vector of these lanes.
    pub(crate) fn lanes_type(&self, lanes: Lanes) -> VectorType<'c> {
        self.some_lanes_type(lanes, lanes.count())
    }

    /// The type of `count` lanes.
    pub(crate) fn some_lanes_type(&self, lanes: Lanes, count: u32) -> VectorType<'c> {
        match lanes {
            Lanes::I8 => self.llvm.i8_type().vec_type(count),
            Lanes::I16 => self.llvm.i16_type().vec_type(count),
            Lanes::I32 => self.llvm.i32_type().vec_type(count),
            Lanes::I64 => self.llvm.i64_type().vec_type(count),
            Lanes::F32 => self.llvm.f32_type().vec_type(count),
            Lanes::F64 => self.llvm.f64_type().vec_type(count),
        }
    }

    /// The type of integers of `bits` bits, at most 64.
    pub(crate) fn bits_type(&self, bits: u32) -> BasicTypeEnum<'c> {
        self.llvm.custom_width_int_type(bits.try_into().expect("not 0")).expect("a width").into()
    }

    /// A constant vector, as a value of wasm. Its bits are remembered.
    pub(crate) fn vector_constant(&self, bits: u128) -> Value<'c> {
        let value = self.lanes_constant(Lanes::I64, bits);
        self.vectors.borrow_mut().insert(value, bits);
        value
    }

    /// A constant vector of these lanes.
    fn lanes_constant(&self, lanes: Lanes, bits: u128) -> Value<'c> {
        let values: Vec<Value<'c>> = lanes.split(bits).map(|lane| self.lane_constant(lanes, lane)).collect();
        VectorType::const_vector(&values).into()
    }

    /// A lane with these bits.
    fn lane_constant(&self, lanes: Lanes, bits: u64) -> Value<'c> {
        match lanes {
            Lanes::I8 => self.llvm.i8_type().const_int(bits, false).into(),
            Lanes::I16 => self.llvm.i16_type().const_int(bits, false).into(),
            Lanes::I32 | Lanes::I64 | Lanes::F32 | Lanes::F64 => self.constant(self.lane_type(lanes), bits),
        }
    }

    /// A vector each of whose lanes has these bits.
    pub(crate) fn splat_constant(&self, lanes: Lanes, bits: u64) -> Value<'c> {
        let lane = self.lane_constant(lanes, bits);
        VectorType::const_vector(&vec![lane; lanes.count() as usize]).into()
    }

    /// A vector, cast to its lanes.
    pub(crate) fn lanes(&self, lanes: Lanes, vector: Value<'c>) -> Value<'c> {
        let known = self.vectors.borrow().get(&vector).copied();
        match known {
            Some(bits) => self.lanes_constant(lanes, bits),
            None => self.retyped(vector, self.lanes_type(lanes).into()),
        }
    }

    /// A vector's lanes, for floating-point arithmetic. LLVM simplifies `x * 1` to `x`, and the like, where wasm turns a signaling NaN into
    /// a quiet one. So constants that lead to that are hidden from LLVM's analyses, and so is whatever may turn out to be a constant.
    pub(crate) fn numbers(&self, lanes: Lanes, vector: Value<'c>) -> Value<'c> {
        let known = self.vectors.borrow().get(&vector).copied();
        let value = self.lanes(lanes, vector);
        let is_safe = match known {
            Some(bits) => !lanes.has_neutral(bits),
            None => is_unknown(vector, DEPTH),
        };
        if is_safe { value } else { self.unknown(value) }
    }

    /// As [`Ir::numbers`], for operations that have an inverse: LLVM takes an operation and its inverse together for the identity.
    pub(crate) fn unknown_numbers(&self, lanes: Lanes, vector: Value<'c>) -> Value<'c> {
        self.unknown(self.lanes(lanes, vector))
    }

    fn unknown(&self, value: Value<'c>) -> Value<'c> {
        self.count_more(ASSEMBLY);
        self.opaque(value)
    }

    /// Whether LLVM may find out the bits of a vector.
    pub(crate) fn may_be_known(&self, vector: Value<'c>) -> bool {
        !is_unknown(vector, DEPTH)
    }

    /// Casts lanes to a vector.
    pub(crate) fn vector(&self, lanes: Value<'c>) -> Value<'c> {
        self.retyped(lanes, self.vector_type())
    }

    /// Casts a value to another type with the same bits, in the same kind of register.
    pub(crate) fn retyped(&self, value: Value<'c>, ty: BasicTypeEnum<'c>) -> Value<'c> {
        if value.get_type() == ty {
            return value;
        }
        // If the value has just been cast from that type, undo the cast.
        if let Some(instruction) = value.as_instruction_value()
            && instruction.get_opcode() == InstructionOpcode::BitCast
            && let Some(before) = instruction.get_operand(0).and_then(|it| it.value())
            && before.get_type() == ty
        {
            return before;
        }
        built(self.builder.build_bit_cast(value, ty, ""))
    }

    fn lane_number(&self, lane: u32) -> IntValue<'c> {
        self.llvm.i32_type().const_int(lane.into(), false)
    }

    /// Extracts a lane.
    pub(crate) fn extract(&self, lanes: Value<'c>, lane: u32) -> Value<'c> {
        self.count();
        built(self.builder.build_extract_element(lanes.into_vector_value(), self.lane_number(lane), ""))
    }

    /// Replaces one lane by a value.
    pub(crate) fn insert(&self, lanes: Value<'c>, value: Value<'c>, lane: u32) -> Value<'c> {
        self.count();
        built(self.builder.build_insert_element(lanes.into_vector_value(), value, self.lane_number(lane), "")).into()
    }

    /// Lanes whose first is a value; the others are undefined.
    pub(crate) fn first_lane(&self, lanes: Lanes, value: Value<'c>) -> Value<'c> {
        self.insert(self.lanes_type(lanes).get_poison().into(), value, 0)
    }

    /// Lanes that all have a value.
    pub(crate) fn splat(&self, lanes: Lanes, value: Value<'c>) -> Value<'c> {
        let first = self.first_lane(lanes, value);
        self.shuffle(first, first, std::iter::repeat_n(0, lanes.count() as usize))
    }

    /// Selects lanes by their numbers from those of `a`, followed by those of `b`.
    pub(crate) fn shuffle(&self, a: Value<'c>, b: Value<'c>, numbers: impl IntoIterator<Item = u32>) -> Value<'c> {
        self.count();
        let numbers: Vec<IntValue<'c>> = numbers.into_iter().map(|lane| self.lane_number(lane)).collect();
        let numbers = VectorType::const_vector(&numbers);
        built(self.builder.build_shuffle_vector(a.into_vector_value(), b.into_vector_value(), numbers, "")).into()
    }

    /// Compares lane by lane: whether the condition holds.
    pub(crate) fn compare_lanes(&self, predicate: IntPredicate, lhs: Value<'c>, rhs: Value<'c>) -> VectorValue<'c> {
        self.count();
        built(self.builder.build_int_compare(predicate, lhs.into_vector_value(), rhs.into_vector_value(), ""))
    }

    /// As [`Ir::compare_lanes`], for floating-point numbers.
    pub(crate) fn compare_numbers(&self, predicate: FloatPredicate, lhs: Value<'c>, rhs: Value<'c>) -> VectorValue<'c> {
        self.count();
        built(self.builder.build_float_compare(predicate, lhs.into_vector_value(), rhs.into_vector_value(), ""))
    }

    /// For each lane, all ones if the condition holds, else zero.
    pub(crate) fn mask(&self, lanes: Lanes, holds: VectorValue<'c>) -> Value<'c> {
        self.cast(InstructionOpcode::SExt, holds.into(), self.lanes_type(lanes.integers()).into())
    }

    /// For each lane, selects one of two.
    pub(crate) fn select_lanes(&self, cond: VectorValue<'c>, if_true: Value<'c>, if_false: Value<'c>) -> Value<'c> {
        self.count();
        built(self.builder.build_select(cond, if_true, if_false, ""))
    }

    /// The numbers with their signs flipped, for operations that LLVM is to merge that into.
    pub(crate) fn negated(&self, lanes: Value<'c>) -> Value<'c> {
        self.count();
        built(self.builder.build_float_neg(lanes.into_vector_value(), "")).into()
    }

    /// Calls an intrinsic of LLVM that has a result.
    pub(crate) fn compute(&self, name: &str, types: &[BasicTypeEnum<'c>], arguments: &[Value<'c>]) -> Value<'c> {
        self.count();
        self.intrinsic(name, types, arguments).expect("it has a result")
    }

    /// Records that machine code for the operator takes about so many instructions more than the IR has.
    pub(crate) fn count_more(&self, instructions: u32) {
        self.instructions.set(self.instructions.get() + instructions);
    }
}

/// Whether LLVM certainly cannot find out a value: it depends on something hidden from LLVM, on arithmetic with such operands, or on
/// arithmetic with constants that LLVM cannot remove.
fn is_unknown(value: Value<'_>, depth: u32) -> bool {
    use InstructionOpcode::*;
    if value.is_const() {
        // A lane without a value yet.
        return value.is_poison();
    }
    // A parameter.
    let Some(instruction) = value.as_instruction_value() else { return true };
    let operand_is_unknown = |operand| {
        let operand = instruction.get_operand(operand).and_then(|it| it.value());
        operand.is_some_and(|it| is_unknown(it, depth - 1))
    };
    if depth == 0 {
        return false;
    }
    match instruction.get_opcode() {
        FAdd | FSub | FMul | FDiv => true,
        // A load from a linear memory that is left to guard pages.
        Load => instruction.get_volatile() == Ok(true),
        // A call of code; but LLVM knows its own intrinsics.
        Call => CallSiteValue::try_from(instruction).is_ok_and(|call| call.get_called_fn_value().is_none()),
        BitCast => operand_is_unknown(0),
        InsertElement | ShuffleVector => operand_is_unknown(0) && operand_is_unknown(1),
        _ => false,
    }
}
