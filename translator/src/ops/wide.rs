//! Operations of wide arithmetic: their operands are 64-bit integers, their results two of them, the lower half first.
//!
//! Rows read as in [`super::table`].

use std::fmt;

use crate::semantics;

use super::SlotValue;

/// Calls the macro `$mac` with the operations of wide arithmetic, prefixed by whatever tokens follow the macro's name.
#[macro_export]
macro_rules! for_each_wide_operation {
    ($mac:ident $($prefix:tt)*) => {
        $mac! {
        $($prefix)*
        wide {
            I64Add128 "i64.add128" 0xfc013 i64_add128(i64, i64, i64, i64) -> i64x2;
            I64Sub128 "i64.sub128" 0xfc014 i64_sub128(i64, i64, i64, i64) -> i64x2;
            I64MulWideS "i64.mul_wide_s" 0xfc015 i64_mul_wide_s(i64, i64) -> i64x2;
            I64MulWideU "i64.mul_wide_u" 0xfc016 i64_mul_wide_u(i64, i64) -> i64x2;
        }
        }
    };
}

macro_rules! wide_operation_enum {
    (wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }) => {
        operation_enum! {
            /// An operation of wide arithmetic.
            WideOp { $($W $w)* }
        }

        impl WideOp {
            /// How many operands it takes, all of them `i64`.
            #[inline]
            pub const fn operands(self) -> usize {
                match self { $(WideOp::$W => const { [$(size_of::<$w_i>()),*].len() },)* }
            }

            /// Computes the operation on slot bits, the lower half first; ignores operands that it does not have.
            #[inline(always)]
            pub fn eval(self, operands: [u64; WideOp::MOST_OPERANDS]) -> [u64; 2] {
                let mut operands = operands.into_iter();
                let mut next = || operands.next().unwrap_or_default();
                match self {
                    $(WideOp::$W => semantics::$w_fn($(<$w_i>::from_slot(next())),*).map(SlotValue::to_slot),)*
                }
            }
        }
    };
}

crate::for_each_wide_operation!(wide_operation_enum);

impl WideOp {
    /// As many operands as any of them takes.
    pub const MOST_OPERANDS: usize = 4;
}
