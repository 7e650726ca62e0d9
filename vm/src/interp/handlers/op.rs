//! The operations of the operation table as types, for bodies to be generic over.

use riser_translator::ops::Outcome;
use riser_translator::{TrapCode, for_each_operation, semantics};

use crate::interp::regs::Value;

/// An operation on two values of one type.
pub(in crate::interp) trait BinaryFn {
    type In: Value;
    type Out: Value;
    fn apply(lhs: Self::In, rhs: Self::In) -> Result<Self::Out, TrapCode>;
}

/// An operation on one value.
pub(in crate::interp) trait UnaryFn {
    type In: Value;
    type Out: Value;
    fn apply(operand: Self::In) -> Result<Self::Out, TrapCode>;
}

/// A load: what is in memory, and what it becomes.
pub(in crate::interp) trait LoadFn {
    type Raw: Copy;
    type Out: Value;
    fn extend(raw: Self::Raw) -> Self::Out;
}

/// A store: what is stored, and what comes of it in memory.
pub(in crate::interp) trait StoreFn {
    type Raw: Copy;
    type In: Value;
    fn wrap(value: Self::In) -> Self::Raw;
}

macro_rules! binary_ops {
    ($($Op:ident $function:ident $In:ident $Out:ident;)*) => {
        $(
            pub(in crate::interp) struct $Op;
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
        int_binary { $($IB:ident $ib:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $ib_o:ident;)* }
        int_compare { $($IC:ident $ic:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $ic_o:ident;)* }
        float_binary { $($FB:ident $fb:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $fb_o:ident;)* }
        float_compare { $($FC:ident $fc:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $fc_o:ident;)* }
        unary { $($U:ident $u:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
    ) => {
        binary_ops! {
            $($IB $ib_fn $ib_l $ib_o;)*
            $($IC $ic_fn $ic_l $ic_o;)*
            $($FB $fb_fn $fb_l $fb_o;)*
            $($FC $fc_fn $fc_l $fc_o;)*
        }
        $(
            pub(in crate::interp) struct $U;
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
            pub(in crate::interp) struct $L;
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
            pub(in crate::interp) struct $S;
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
