//! Typed operations: the enums that the table in `table` defines, with their mnemonics, operand and result types, and
//! evaluation on slot bits.

mod slot_value;
mod table;
mod vector_table;

use std::fmt;

pub use slot_value::{Outcome, SlotValue};

use crate::semantics;
use crate::trap::TrapCode;
use crate::types::ValType;

/// Defines what the enums of all families share: mnemonics, the lookup by mnemonic, and opcodes.
macro_rules! operation_enum {
    ($(#[$doc:meta])* $Enum:ident { $($Op:ident $mnemonic:literal $opcode:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $Enum {
            $(#[doc = concat!("`", $mnemonic, "`")] $Op,)*
        }

        impl $Enum {
            /// Every operation of the family, in table order.
            pub const ALL: &[$Enum] = &[$($Enum::$Op),*];

            /// The operation's name in the text format.
            pub const fn mnemonic(self) -> &'static str {
                match self { $($Enum::$Op => $mnemonic,)* }
            }

            /// The operation with the given text format name.
            pub fn from_mnemonic(name: &str) -> Option<$Enum> {
                match name { $($mnemonic => Some($Enum::$Op),)* _ => None }
            }

            /// The operation's opcode in the binary format. A prefix byte is followed by three digits: `0xfc005`.
            pub const fn opcode(self) -> u32 {
                match self { $($Enum::$Op => $opcode,)* }
            }
        }

        impl fmt::Display for $Enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.mnemonic())
            }
        }
    };
}

// Here, because they use the macro above.
mod atomic;
mod vector;
pub use atomic::{AtomicAccess, AtomicKind, AtomicOp, WaitResult};
pub use vector::*;

/// Defines the enum of a section of binary operations.
macro_rules! binary_section {
    (IntBinaryOp $rows:tt) => {
        binary_section! { "Integer arithmetic on two values.", Int, IntBinaryOp $rows }
    };
    (IntCompareOp $rows:tt) => {
        binary_section! {
            "An integer comparison: the part of [`BinaryOp`] that conditional branches absorb.", IntCompare, IntCompareOp $rows
        }
    };
    (FloatBinaryOp $rows:tt) => {
        binary_section! { "Floating-point arithmetic on two values.", Float, FloatBinaryOp $rows }
    };
    (FloatCompareOp $rows:tt) => {
        binary_section! { "A floating-point comparison.", FloatCompare, FloatCompareOp $rows }
    };
    ($doc:literal, $Section:ident, $Enum:ident { $($Op:ident $mnemonic:literal $opcode:literal)* }) => {
        operation_enum! {
            #[doc = $doc]
            $Enum { $($Op $mnemonic $opcode)* }
        }

        impl $Enum {
            const fn section(self) -> BinarySection {
                BinarySection::$Section(self)
            }
        }

        impl From<$Enum> for BinaryOp {
            fn from(op: $Enum) -> BinaryOp {
                match op { $($Enum::$Op => BinaryOp::$Op,)* }
            }
        }
    };
}

macro_rules! operation_enums {
    (
        $(binary $Section:ident {
            $($B:ident $b:literal $b_c:literal $b_fn:ident($b_l:ident, $b_r:ident) -> $b_o:ident;)*
        })*
        unary { $($U:ident $u:literal $u_c:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }
    ) => {
        operation_enum! {
            /// An operation on one value.
            UnaryOp { $($U $u $u_c)* }
        }
        operation_enum! {
            /// An operation on two values of one type.
            BinaryOp { $($($B $b $b_c)*)* }
        }
        $(binary_section! { $Section { $($B $b $b_c)* } })*
        operation_enum! {
            /// A load from a linear memory.
            LoadOp { $($L $l $l_c)* }
        }
        operation_enum! {
            /// A store to a linear memory.
            StoreOp { $($S $s $s_c)* }
        }
        operation_enum! {
            /// An operation of wide arithmetic: its operands are 64-bit integers, its result two of them.
            WideOp { $($W $w $w_c)* }
        }

        impl UnaryOp {
            /// The operand's type.
            #[inline]
            pub const fn operand_type(self) -> ValType {
                match self { $(UnaryOp::$U => <$u_i as SlotValue>::TYPE,)* }
            }

            /// The result's type.
            #[inline]
            pub const fn result_type(self) -> ValType {
                match self { $(UnaryOp::$U => <$u_o as SlotValue>::TYPE,)* }
            }

            /// Whether the operation may trap.
            #[inline]
            pub const fn traps(self) -> bool {
                match self { $(UnaryOp::$U => const { unary_traps(semantics::$u_fn) },)* }
            }

            /// Computes the operation on slot bits.
            ///
            /// # Errors
            ///
            /// The trap that the operation ends in.
            pub fn eval(self, operand: u64) -> Result<u64, TrapCode> {
                match self {
                    $(UnaryOp::$U => {
                        semantics::$u_fn(<$u_i>::from_slot(operand)).outcome().map(SlotValue::to_slot)
                    })*
                }
            }
        }

        impl BinaryOp {
            /// The type of both operands.
            #[inline]
            pub const fn operand_type(self) -> ValType {
                match self { $($(BinaryOp::$B => <$b_l as SlotValue>::TYPE,)*)* }
            }

            /// The result's type.
            #[inline]
            pub const fn result_type(self) -> ValType {
                match self { $($(BinaryOp::$B => <$b_o as SlotValue>::TYPE,)*)* }
            }

            /// The operation by its section.
            #[inline]
            pub const fn section(self) -> BinarySection {
                match self { $($(BinaryOp::$B => $Section::$B.section(),)*)* }
            }

            /// This operation as an integer comparison, if it is one.
            #[inline]
            pub const fn int_compare(self) -> Option<IntCompareOp> {
                match self.section() {
                    BinarySection::IntCompare(op) => Some(op),
                    BinarySection::Int(_) | BinarySection::Float(_) | BinarySection::FloatCompare(_) => None,
                }
            }

            /// Whether the operation may trap.
            #[inline]
            pub const fn traps(self) -> bool {
                match self { $($(BinaryOp::$B => const { binary_traps(semantics::$b_fn) },)*)* }
            }

            /// Computes the operation on slot bits.
            ///
            /// # Errors
            ///
            /// The trap that the operation ends in.
            pub fn eval(self, lhs: u64, rhs: u64) -> Result<u64, TrapCode> {
                match self {
                    $($(BinaryOp::$B => {
                        let (lhs, rhs) = (<$b_l>::from_slot(lhs), <$b_r>::from_slot(rhs));
                        semantics::$b_fn(lhs, rhs).outcome().map(SlotValue::to_slot)
                    })*)*
                }
            }
        }

        impl LoadOp {
            /// The type of the loaded value.
            #[inline]
            pub const fn result_type(self) -> ValType {
                match self { $(LoadOp::$L => <$l_v as SlotValue>::TYPE,)* }
            }

            /// The number of bytes that are read.
            pub const fn access_bytes(self) -> u32 {
                match self { $(LoadOp::$L => size_of::<$l_m>() as u32,)* }
            }

            /// Returns the slot bits of the value for the bytes in memory, the first byte lowest.
            pub fn eval(self, stored: u64) -> u64 {
                match self { $(LoadOp::$L => semantics::$l_fn(stored as $l_m).to_slot(),)* }
            }
        }

        impl StoreOp {
            /// The type of the stored value.
            #[inline]
            pub const fn value_type(self) -> ValType {
                match self { $(StoreOp::$S => <$s_v as SlotValue>::TYPE,)* }
            }

            /// The number of bytes that are written.
            pub const fn access_bytes(self) -> u32 {
                match self { $(StoreOp::$S => size_of::<$s_m>() as u32,)* }
            }

            /// Returns the bytes for memory, the first byte lowest, of the value with these slot bits.
            pub fn eval(self, value: u64) -> u64 {
                match self { $(StoreOp::$S => semantics::$s_fn(<$s_v>::from_slot(value)).into(),)* }
            }
        }

        impl WideOp {
            /// As many operands as any of them takes.
            pub const MOST_OPERANDS: usize = 4;

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

crate::for_each_operation!(operation_enums);

/// An operation on two values, by the section of the table that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinarySection {
    /// Integer arithmetic.
    Int(IntBinaryOp),
    /// A comparison of integers.
    IntCompare(IntCompareOp),
    /// Floating-point arithmetic.
    Float(FloatBinaryOp),
    /// A comparison of floating-point numbers.
    FloatCompare(FloatCompareOp),
}

/// Whether an operation may trap, by the result type of its semantics.
const fn unary_traps<A, R: Outcome>(_semantics: fn(A) -> R) -> bool {
    R::TRAPS
}

/// As [`unary_traps`], for two operands.
const fn binary_traps<A, B, R: Outcome>(_semantics: fn(A, B) -> R) -> bool {
    R::TRAPS
}

impl BinaryOp {
    /// Whether the left operand may be an immediate: of integer operations without a [`swapped`](BinaryOp::swapped) form that compilers use
    /// so, for bits and masks (`1 << x`), negations and distances (`0 - x`, `31 - x`).
    #[inline]
    pub const fn takes_left_immediate(self) -> bool {
        use BinaryOp::*;
        matches!(self, I32Sub | I32Shl | I32ShrU | I32Rotl | I64Sub | I64Shl | I64ShrU)
    }

    /// Returns the operation `o'` with `o'(b, a) == o(a, b)` for all operands, if there is one: commutative integer
    /// operations are their own, comparisons swap sides.
    ///
    /// Floating-point arithmetic is excluded: swapping may change which NaN results.
    #[inline]
    pub const fn swapped(self) -> Option<BinaryOp> {
        use BinaryOp::*;
        Some(match self {
            I32Add | I32Mul | I32And | I32Or | I32Xor | I32Eq | I32Ne | I64Add | I64Mul | I64And | I64Or | I64Xor
            | I64Eq | I64Ne | F32Eq | F32Ne | F64Eq | F64Ne => self,
            I32LtS => I32GtS,
            I32GtS => I32LtS,
            I32LtU => I32GtU,
            I32GtU => I32LtU,
            I32LeS => I32GeS,
            I32GeS => I32LeS,
            I32LeU => I32GeU,
            I32GeU => I32LeU,
            I64LtS => I64GtS,
            I64GtS => I64LtS,
            I64LtU => I64GtU,
            I64GtU => I64LtU,
            I64LeS => I64GeS,
            I64GeS => I64LeS,
            I64LeU => I64GeU,
            I64GeU => I64LeU,
            F32Lt => F32Gt,
            F32Gt => F32Lt,
            F32Le => F32Ge,
            F32Ge => F32Le,
            F64Lt => F64Gt,
            F64Gt => F64Lt,
            F64Le => F64Ge,
            F64Ge => F64Le,
            _ => return None,
        })
    }
}

impl IntCompareOp {
    /// Returns the comparison that holds exactly when this one does not.
    #[inline]
    pub const fn negated(self) -> IntCompareOp {
        use IntCompareOp::*;
        match self {
            I32Eq => I32Ne,
            I32Ne => I32Eq,
            I32LtS => I32GeS,
            I32LtU => I32GeU,
            I32GtS => I32LeS,
            I32GtU => I32LeU,
            I32LeS => I32GtS,
            I32LeU => I32GtU,
            I32GeS => I32LtS,
            I32GeU => I32LtU,
            I64Eq => I64Ne,
            I64Ne => I64Eq,
            I64LtS => I64GeS,
            I64LtU => I64GeU,
            I64GtS => I64LeS,
            I64GtU => I64LeU,
            I64LeS => I64GtS,
            I64LeU => I64GtU,
            I64GeS => I64LtS,
            I64GeU => I64LtU,
        }
    }

    /// The type of both operands.
    #[inline]
    pub const fn operand_type(self) -> ValType {
        if (self as u8) < (IntCompareOp::I64Eq as u8) { ValType::I32 } else { ValType::I64 }
    }
}
