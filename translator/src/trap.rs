//! Traps: the ways in which a WebAssembly computation ends abnormally.
//!
//! There is one enum for every tier, with the messages of the specification's test suite. A code is a small number, so
//! that it fits a register; place and backtrace are attached at the edge, by the embedding API.

use std::fmt;

macro_rules! trap_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $message:literal;)*) => {
        /// Why a WebAssembly computation trapped (core spec, section 4.1, "Results").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum TrapCode { $($(#[$doc])* $name = $code,)* }

        impl TrapCode {
            /// Every trap code, in the order of its number.
            pub const ALL: &[TrapCode] = &[$(TrapCode::$name),*];

            /// The message, in the words of the specification's test suite.
            pub const fn message(self) -> &'static str {
                match self { $(TrapCode::$name => $message,)* }
            }

            /// Returns the code with the number `code`, if there is one.
            pub const fn from_u8(code: u8) -> Option<TrapCode> {
                match code { $($code => Some(TrapCode::$name),)* _ => None }
            }
        }
    };
}

trap_codes! {
    /// The `unreachable` instruction was executed.
    Unreachable = 1 "unreachable";
    /// A load, store or bulk memory operation touched a byte past the end of its memory or data segment.
    MemoryOutOfBounds = 2 "out of bounds memory access";
    /// A table access or bulk table operation touched an element past the end of its table or element segment.
    TableOutOfBounds = 3 "out of bounds table access";
    /// `call_indirect` named an element past the end of its table.
    UndefinedElement = 4 "undefined element";
    /// `call_indirect` found a null reference.
    UninitializedElement = 5 "uninitialized element";
    /// `call_indirect` found a function of another type.
    IndirectCallTypeMismatch = 6 "indirect call type mismatch";
    /// Integer division or remainder by zero.
    IntegerDivideByZero = 7 "integer divide by zero";
    /// The quotient of a signed division, or the result of a truncation, is not representable.
    IntegerOverflow = 8 "integer overflow";
    /// A NaN was truncated to an integer.
    InvalidConversionToInteger = 9 "invalid conversion to integer";
    /// The value stack, or the native stack that nested host calls use, ran out.
    StackOverflow = 10 "call stack exhausted";
    /// The store's fuel ran out.
    OutOfFuel = 11 "all fuel consumed by WebAssembly";
    /// The store's epoch deadline passed.
    Interrupt = 12 "interrupt";
    /// The address of an atomic operation is not a multiple of its width.
    HeapMisaligned = 13 "unaligned atomic";
    /// `memory.atomic.wait32` or `memory.atomic.wait64` on a memory that is not shared.
    AtomicWaitNonSharedMemory = 14 "expected shared memory";
    /// `throw_ref` of a null reference.
    NullReference = 16 "null exception reference";
    /// The store's exceptions take more memory than they may.
    OutOfExceptions = 17 "too many exceptions are alive";
}

/// Names that Wasmtime has for some of the traps. They can stand in patterns, as the enum's own names can.
#[expect(non_upper_case_globals, reason = "they stand for variants")]
impl TrapCode {
    /// [`TrapCode::Unreachable`].
    pub const UnreachableCodeReached: TrapCode = TrapCode::Unreachable;
    /// [`TrapCode::UninitializedElement`].
    pub const IndirectCallToNull: TrapCode = TrapCode::UninitializedElement;
    /// [`TrapCode::IndirectCallTypeMismatch`].
    pub const BadSignature: TrapCode = TrapCode::IndirectCallTypeMismatch;
    /// [`TrapCode::IntegerDivideByZero`].
    pub const IntegerDivisionByZero: TrapCode = TrapCode::IntegerDivideByZero;
    /// [`TrapCode::InvalidConversionToInteger`].
    pub const BadConversionToInteger: TrapCode = TrapCode::InvalidConversionToInteger;
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for TrapCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_through_their_numbers() {
        for &code in TrapCode::ALL {
            assert_eq!(TrapCode::from_u8(code as u8), Some(code));
        }
        assert_eq!(TrapCode::from_u8(0), None);
    }
}
