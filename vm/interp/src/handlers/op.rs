//! The operations of the operation table as types, so that bodies can be generic over them.

use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, FloatBinaryOp, FloatCompareOp, IntBinaryOp, IntCompareOp, LoadLaneOp, LoadOp,
    Outcome, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp, VectorOp, WideOp,
};
use riser_translator::semantics::*;
use riser_translator::{TrapCode, for_each_operation, for_each_operation_name, for_each_vector_operation, semantics};

use crate::lanes;
use crate::regs::{InSlots, Lanes, Regs, Value};

/// A type that stands for an operation of the family `Family`.
pub(crate) trait Operation<Family> {
    const OP: Family;
}

/// Defines the types of all operations.
macro_rules! types {
    (
        $(binary $Section:ident { $($B:ident)* })*
        unary { $($U:ident)* }
        load { $($L:ident)* }
        store { $($S:ident)* }
        wide { $($W:ident)* }
        $(vector $Part:ident { $($V:ident)* })*
        extract { $($E:ident)* }
        replace { $($P:ident)* }
        vector_load { $($VL:ident)* }
        vector_store { $VS:ident }
        load_lane { $($LL:ident)* }
        store_lane { $($SL:ident)* }
        atomic { $($A:ident)* }
    ) => {
        pub(crate) struct $VS;
        types! {
            @families
            BinaryOp { $($($B)*)* }
            UnaryOp { $($U)* }
            LoadOp { $($L)* }
            StoreOp { $($S)* }
            WideOp { $($W)* }
            VectorOp { $($($V)*)* }
            ExtractOp { $($E)* }
            ReplaceOp { $($P)* }
            VectorLoadOp { $($VL)* }
            LoadLaneOp { $($LL)* }
            StoreLaneOp { $($SL)* }
            AtomicOp { $($A)* }
        }
        $($(
            impl Operation<$Section> for $B {
                const OP: $Section = $Section::$B;
            }
        )*)*
    };
    (@families $($Family:ident { $($Op:ident)* })*) => {
        $($(
            pub(crate) struct $Op;
            impl Operation<$Family> for $Op {
                const OP: $Family = $Family::$Op;
            }
        )*)*
    };
}

for_each_operation_name!(types);

/// An operation on two values of one type.
pub(crate) trait BinaryFn {
    type In: Value;
    type Out: Value;
    fn apply(lhs: Self::In, rhs: Self::In) -> Result<Self::Out, TrapCode>;
}

/// An operation on one value.
pub(crate) trait UnaryFn {
    type In: Value;
    type Out: Value;
    fn apply(operand: Self::In) -> Result<Self::Out, TrapCode>;
}

/// A load: the types of the value in memory and of the value that it becomes.
pub(crate) trait LoadFn {
    type Raw: Copy;
    type Out: Value;
    fn extend(raw: Self::Raw) -> Self::Out;
}

/// A store: the types of the stored value and of the value that it becomes in memory.
pub(crate) trait StoreFn {
    type Raw: Copy;
    type In: Value;
    fn wrap(value: Self::In) -> Self::Raw;
}

macro_rules! operations {
    (
        $(binary $Section:ident {
            $($B:ident $b:literal $b_c:literal $b_fn:ident($b_l:ident, $b_r:ident) -> $b_o:ident;)*
        })*
        unary { $($U:ident $u:literal $u_c:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        wide { $($wide:tt)* }
    ) => {
        $($(
            impl BinaryFn for $B {
                type In = $b_l;
                type Out = $b_o;
                #[inline(always)]
                fn apply(lhs: $b_l, rhs: $b_r) -> Result<$b_o, TrapCode> {
                    semantics::$b_fn(lhs, rhs).outcome()
                }
            }
        )*)*
        $(
            impl UnaryFn for $U {
                type In = $u_i;
                type Out = $u_o;
                #[inline(always)]
                fn apply(operand: $u_i) -> Result<$u_o, TrapCode> {
                    semantics::$u_fn(operand).outcome()
                }
            }
        )*
        $(
            impl LoadFn for $L {
                type Raw = $l_m;
                type Out = $l_v;
                #[inline(always)]
                fn extend(raw: $l_m) -> $l_v {
                    semantics::$l_fn(raw)
                }
            }
        )*
        $(
            impl StoreFn for $S {
                type Raw = $s_m;
                type In = $s_v;
                #[inline(always)]
                fn wrap(value: $s_v) -> $s_m {
                    semantics::$s_fn(value)
                }
            }
        )*
    };
}

for_each_operation!(operations);

/// A vector operation without immediates.
pub(crate) trait VectorFn {
    type Out: InSlots;

    /// Computes the result from the operands that the fields from 1 on name.
    ///
    /// # Safety
    ///
    /// The instruction has such operands.
    unsafe fn apply(regs: &Regs) -> Self::Out;
}

/// The extraction of a lane of a vector, as a number.
pub(crate) trait ExtractFn {
    type Vector: Lanes;
    type Lane: InSlots;
    fn extract(vector: Self::Vector, lane: u8) -> Self::Lane;
}

/// The replacement of a lane of a vector by a number.
pub(crate) trait ReplaceFn {
    type Vector: InSlots;
    type Lane: InSlots;
    fn replace(vector: Self::Vector, lane: u8, value: Self::Lane) -> Self::Vector;
}

/// A load: the types of the value in memory and of the vector that it becomes.
pub(crate) trait VectorLoadFn {
    type Stored: Copy;
    type Vector: InSlots;
    fn load(stored: Self::Stored) -> Self::Vector;
}

/// A store: the types of the vector and of the value that it becomes in memory.
pub(crate) trait VectorStoreFn {
    type Stored: Copy;
    type Vector: InSlots;
    fn store(vector: Self::Vector) -> Self::Stored;
}

/// A load into a lane.
pub(crate) trait LoadLaneFn {
    type Stored: Copy;
    type Vector: InSlots;
    fn load(stored: Self::Stored, lane: u8, vector: Self::Vector) -> Self::Vector;
}

/// A store of a lane.
pub(crate) trait StoreLaneFn {
    type Stored: Copy;
    type Vector: Lanes;
    fn store(vector: Self::Vector, lane: u8) -> Self::Stored;
}

macro_rules! vector_operations {
    (
        $(vector $Part:ident {
            $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)*
        })*
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_i:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_i:ident, $p_v:ident) -> $p_o:ident;)* }
        vector_load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        vector_store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_i:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_i:ident) -> $sl_m:ident;)* }
    ) => {
        $($(
            impl VectorFn for $V {
                type Out = $v_o;
                #[inline(always)]
                unsafe fn apply(regs: &Regs) -> $v_o {
                    let mut field = 0;
                    // Arguments are evaluated in order, so the fields are read in order.
                    lanes::$v_fn($({
                        field += 1;
                        // SAFETY: by the contract of this function.
                        unsafe { <$v_i as InSlots>::get(regs.field_slot(field)) }
                    }),*)
                }
            }
        )*)*
        $(
            impl ExtractFn for $E {
                type Vector = $e_i;
                type Lane = $e_o;
                #[inline(always)]
                fn extract(vector: $e_i, lane: u8) -> $e_o {
                    lanes::$e_fn(vector, lane)
                }
            }
        )*
        $(
            impl ReplaceFn for $P {
                type Vector = $p_i;
                type Lane = $p_v;
                #[inline(always)]
                fn replace(vector: $p_i, lane: u8, value: $p_v) -> $p_o {
                    lanes::$p_fn(vector, lane, value)
                }
            }
        )*
        $(
            impl VectorLoadFn for $L {
                type Stored = $l_m;
                type Vector = $l_v;
                #[inline(always)]
                fn load(stored: $l_m) -> $l_v {
                    lanes::$l_fn(stored)
                }
            }
        )*
        $(
            impl VectorStoreFn for $S {
                type Stored = $s_m;
                type Vector = $s_v;
                #[inline(always)]
                fn store(vector: $s_v) -> $s_m {
                    lanes::$s_fn(vector)
                }
            }
        )*
        $(
            impl LoadLaneFn for $LL {
                type Stored = $ll_m;
                type Vector = $ll_i;
                #[inline(always)]
                fn load(stored: $ll_m, lane: u8, vector: $ll_i) -> $ll_o {
                    lanes::$ll_fn(stored, lane, vector)
                }
            }
        )*
        $(
            impl StoreLaneFn for $SL {
                type Stored = $sl_m;
                type Vector = $sl_i;
                #[inline(always)]
                fn store(vector: $sl_i, lane: u8) -> $sl_m {
                    lanes::$sl_fn(vector, lane)
                }
            }
        )*
    };
}

for_each_vector_operation!(vector_operations);
