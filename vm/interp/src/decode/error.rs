//! Errors in words that are not a function's code.

use std::fmt;

/// The error for words that are not a function's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The head of the instruction that cannot be decoded, as an index among the words.
    pub word: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The code ends within the instruction.
    Truncated,
    /// The head is not a token.
    NotAToken(u64),
    /// The instruction does not occur in functions, or not in this place.
    Misplaced(&'static str),
    /// Bits that the instruction does not use are not zero.
    UnusedBits,
    /// The encoder would have encoded the instruction differently.
    NotCanonical,
    /// A slot is outside of the frame, or is a scratch slot that holds no value.
    Slot(u32),
    /// The frame does not fit the function's type.
    Frame,
    /// The module has no such memory, table, global, function, type or segment.
    Index(&'static str, u32),
    /// The operation does not match the type of its global, memory or result.
    Type,
    /// The number is not a trap code.
    TrapCode(u16),
    /// A branch goes to this word, where no instruction starts.
    Target(i64),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "word {}: ", self.word)?;
        match self.fault {
            Fault::Truncated => f.write_str("the code ends within an instruction"),
            Fault::NotAToken(head) => write!(f, "{head:#x} is not a token"),
            Fault::Misplaced(name) => write!(f, "`{name}` is not an instruction of functions, or not in this place"),
            Fault::UnusedBits => f.write_str("bits that the instruction does not use are not zero"),
            Fault::NotCanonical => f.write_str("the encoder would encode this otherwise"),
            Fault::Slot(number) => write!(f, "there is nothing in slot {number}"),
            Fault::Frame => f.write_str("the frame does not fit the function's type"),
            Fault::Index(space, index) => write!(f, "the module has no {space} {index}"),
            Fault::Type => f.write_str("the operation does not fit the type"),
            Fault::TrapCode(code) => write!(f, "{code} is not a trap code"),
            Fault::Target(word) => write!(f, "no instruction starts at word {word}, where a branch goes"),
        }
    }
}

impl std::error::Error for DecodeError {}
