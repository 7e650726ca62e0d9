//! The operations of the operation table as types, so that bodies can be generic over them.

use riser_translator::ops::{
    AtomicOp, ExtractOp, LoadLaneOp, Outcome, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp, WideOp,
};
use riser_translator::semantics::*;
use riser_translator::{
    TrapCode, for_each_atomic_operation, for_each_operation, for_each_vector_operation, for_each_wide_operation,
    semantics,
};

use crate::lanes;
use crate::regs::{InSlots, Lanes, Regs, Value};

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

macro_rules! binary_ops {
    ($($Op:ident $function:ident $In:ident $Out:ident;)*) => {
        $(
            pub(crate) struct $Op;
            impl BinaryFn for $Op {
                type In = $In;
                type Out = $Out;
                #[inline(always)]
                fn apply(lhs: $In, rhs: $In) -> Result<$Out, TrapCode> {
                    semantics::$function(lhs, rhs).outcome()
                }
            }
        )*
    };
}

macro_rules! operations {
    (
        int_binary { $($IB:ident $ib:literal $ib_c:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $ib_o:ident;)* }
        int_compare { $($IC:ident $ic:literal $ic_c:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $ic_o:ident;)* }
        float_binary { $($FB:ident $fb:literal $fb_c:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $fb_o:ident;)* }
        float_compare { $($FC:ident $fc:literal $fc_c:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $fc_o:ident;)* }
        unary { $($U:ident $u:literal $u_c:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
    ) => {
        binary_ops! {
            $($IB $ib_fn $ib_l $ib_o;)*
            $($IC $ic_fn $ic_l $ic_o;)*
            $($FB $fb_fn $fb_l $fb_o;)*
            $($FC $fc_fn $fc_l $fc_o;)*
        }
        $(
            pub(crate) struct $U;
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
            pub(crate) struct $L;
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
            pub(crate) struct $S;
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
    const OP: VectorOp;
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
    const OP: ExtractOp;
    type Vector: Lanes;
    type Lane: InSlots;
    fn extract(vector: Self::Vector, lane: u8) -> Self::Lane;
}

/// The replacement of a lane of a vector by a number.
pub(crate) trait ReplaceFn {
    const OP: ReplaceOp;
    type Vector: InSlots;
    type Lane: InSlots;
    fn replace(vector: Self::Vector, lane: u8, value: Self::Lane) -> Self::Vector;
}

/// A load: the types of the value in memory and of the vector that it becomes.
pub(crate) trait VectorLoadFn {
    const OP: VectorLoadOp;
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
    const OP: LoadLaneOp;
    type Stored: Copy;
    type Vector: InSlots;
    fn load(stored: Self::Stored, lane: u8, vector: Self::Vector) -> Self::Vector;
}

/// A store of a lane.
pub(crate) trait StoreLaneFn {
    const OP: StoreLaneOp;
    type Stored: Copy;
    type Vector: Lanes;
    fn store(vector: Self::Vector, lane: u8) -> Self::Stored;
}

macro_rules! vector_ops {
    ($($Op:ident $function:ident ($($In:ident),*) $Out:ident;)*) => {
        $(
            pub(crate) struct $Op;
            impl VectorFn for $Op {
                const OP: VectorOp = VectorOp::$Op;
                type Out = $Out;
                #[inline(always)]
                unsafe fn apply(regs: &Regs) -> $Out {
                    let mut field = 0;
                    // Arguments are evaluated in order, so the fields are read in order.
                    lanes::$function($({
                        field += 1;
                        // SAFETY: by the contract of this function.
                        unsafe { <$In as InSlots>::get(regs.field_slot(field)) }
                    }),*)
                }
            }
        )*
    };
}

macro_rules! vector_operations {
    (
        vector { $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)* }
        relaxed { $($R:ident $r:literal $r_c:literal $r_fn:ident($($r_i:ident),*) -> $r_o:ident;)* }
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_i:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_i:ident, $p_v:ident) -> $p_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_i:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_i:ident) -> $sl_m:ident;)* }
    ) => {
        vector_ops! {
            $($V $v_fn ($($v_i),*) $v_o;)*
            $($R $r_fn ($($r_i),*) $r_o;)*
        }
        $(
            pub(crate) struct $E;
            impl ExtractFn for $E {
                const OP: ExtractOp = ExtractOp::$E;
                type Vector = $e_i;
                type Lane = $e_o;
                #[inline(always)]
                fn extract(vector: $e_i, lane: u8) -> $e_o {
                    lanes::$e_fn(vector, lane)
                }
            }
        )*
        $(
            pub(crate) struct $P;
            impl ReplaceFn for $P {
                const OP: ReplaceOp = ReplaceOp::$P;
                type Vector = $p_i;
                type Lane = $p_v;
                #[inline(always)]
                fn replace(vector: $p_i, lane: u8, value: $p_v) -> $p_o {
                    lanes::$p_fn(vector, lane, value)
                }
            }
        )*
        $(
            pub(crate) struct $L;
            impl VectorLoadFn for $L {
                const OP: VectorLoadOp = VectorLoadOp::$L;
                type Stored = $l_m;
                type Vector = $l_v;
                #[inline(always)]
                fn load(stored: $l_m) -> $l_v {
                    lanes::$l_fn(stored)
                }
            }
        )*
        $(
            pub(crate) struct $S;
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
            pub(crate) struct $LL;
            impl LoadLaneFn for $LL {
                const OP: LoadLaneOp = LoadLaneOp::$LL;
                type Stored = $ll_m;
                type Vector = $ll_i;
                #[inline(always)]
                fn load(stored: $ll_m, lane: u8, vector: $ll_i) -> $ll_o {
                    lanes::$ll_fn(stored, lane, vector)
                }
            }
        )*
        $(
            pub(crate) struct $SL;
            impl StoreLaneFn for $SL {
                const OP: StoreLaneOp = StoreLaneOp::$SL;
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

/// An operation of wide arithmetic.
pub(crate) trait WideFn {
    const OP: WideOp;
}

macro_rules! wide_operations {
    (wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }) => {
        $(
            pub(crate) struct $W;
            impl WideFn for $W {
                const OP: WideOp = WideOp::$W;
            }
        )*
    };
}

for_each_wide_operation!(wide_operations);

/// An atomic operation.
pub(crate) trait AtomicFn {
    const OP: AtomicOp;
}

macro_rules! atomic_operations {
    (atomic { $($A:ident $a:literal $a_c:literal $a_k:ident($a_m:ident) -> $a_v:ident;)* }) => {
        $(
            pub(crate) struct $A;
            impl AtomicFn for $A {
                const OP: AtomicOp = AtomicOp::$A;
            }
        )*
    };
}

for_each_atomic_operation!(atomic_operations);
