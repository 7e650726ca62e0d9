//! The end of a run, in a form that can be compared with another run's.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use riser_translator::{FuncIndex, Shown};

use super::Value;
use crate::Trap;

/// How a run ended, and its final state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// The output on standard output, and on standard error.
    pub output: [Output; 2],
    /// Fuel left, if the side has fuel.
    pub fuel: Option<u64>,
    /// The memories that the module exports, by name.
    pub memories: Vec<(String, Memory)>,
    /// The globals that the module exports, by name.
    pub globals: Vec<(String, Value)>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The function returned these values.
    Returned(Vec<Value>),
    /// The guest called `proc_exit` with this code.
    Exited(i32),
    /// A trap.
    Trapped {
        /// The trap.
        trap: Trap,
        /// The place: a function, and an offset in the module.
        place: Option<(FuncIndex, u32)>,
    },
    /// An error of the host, with its message.
    Failed(String),
    /// The limit of safepoints was reached.
    Limited,
    /// The comparison had stopped.
    Abandoned,
}

/// A digest of a stream's contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The number of bytes.
    pub bytes: u64,
    /// A hash of the bytes.
    pub hash: u64,
}

/// A digest of a memory's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The size in bytes.
    pub bytes: u64,
    /// A hash of each block of [`Memory::BLOCK`] bytes.
    pub blocks: Vec<u64>,
}

impl Memory {
    /// Bytes that are hashed together.
    pub const BLOCK: usize = 4096;

    /// The digest of a memory with these contents.
    pub(super) fn of(contents: &[u8]) -> Memory {
        let hash = |block: &[u8]| {
            let mut hasher = DefaultHasher::new();
            block.hash(&mut hasher);
            hasher.finish()
        };
        Memory { bytes: contents.len() as u64, blocks: contents.chunks(Memory::BLOCK).map(hash).collect() }
    }

    /// The start of the first block in which two memories differ.
    fn first_difference(&self, other: &Memory) -> u64 {
        let alike = self.blocks.iter().zip(&other.blocks).take_while(|(a, b)| a == b).count();
        (alike * Memory::BLOCK) as u64
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Returned(values) if values.is_empty() => f.write_str("returned"),
            End::Returned(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                write!(f, "returned {}", values.join(", "))
            }
            End::Exited(code) => write!(f, "exited with code {code}"),
            End::Trapped { trap, place: Some((function, offset)) } => {
                write!(f, "trapped at {offset:#x} of function {function}: {trap}")
            }
            End::Trapped { trap, place: None } => write!(f, "trapped: {trap}"),
            End::Failed(message) => write!(f, "failed: {message}"),
            End::Limited => f.write_str("stopped at the limit"),
            End::Abandoned => f.write_str("was stopped"),
        }
    }
}

impl Ended {
    /// The differences of two ends, one on each line.
    pub(super) fn differences(a: &Ended, b: &Ended) -> Vec<String> {
        let mut lines = Vec::new();
        let mut compare = |what: &str, a: &dyn fmt::Display, b: &dyn fmt::Display| {
            lines.push(format!("{what}: A {a}, B {b}"));
        };
        if a.end != b.end {
            compare("end", &a.end, &b.end);
        }
        for (stream, (a, b)) in ["standard output", "standard error"].iter().zip(a.output.iter().zip(&b.output)) {
            if a != b {
                compare(stream, &Bytes(a.bytes), &Bytes(b.bytes));
            }
        }
        if let (Some(a), Some(b)) = (a.fuel, b.fuel)
            && a != b
        {
            compare("fuel left", &a, &b);
        }
        let names = |ended: &Ended| -> Vec<String> {
            let memories = ended.memories.iter().map(|(name, _)| name);
            memories.chain(ended.globals.iter().map(|(name, _)| name)).cloned().collect()
        };
        if names(a) != names(b) {
            compare("exports", &Shown(&names(a).join(" ")), &Shown(&names(b).join(" ")));
            return lines;
        }
        for ((name, a), (_, b)) in a.memories.iter().zip(&b.memories) {
            if a != b {
                let at = a.first_difference(b);
                compare(&format!("memory `{}` from {at:#x} on", Shown(name)), &Bytes(a.bytes), &Bytes(b.bytes));
            }
        }
        for ((name, a), (_, b)) in a.globals.iter().zip(&b.globals) {
            if a != b {
                compare(&format!("global `{}`", Shown(name)), a, b);
            }
        }
        lines
    }
}

/// A number of bytes, for printing.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ValType;

    fn ended(end: End) -> Ended {
        Ended { end, output: [Output::default(); 2], fuel: Some(5), memories: Vec::new(), globals: Vec::new() }
    }

    #[test]
    fn differences_are_named() {
        let value = |bits| Value { ty: ValType::I32, bits };
        let a = ended(End::Returned(vec![value(1)]));
        assert_eq!(Ended::differences(&a, &a), Vec::<String>::new());
        let mut b = ended(End::Trapped { trap: Trap::IntegerOverflow, place: Some((FuncIndex::new(3), 0x2a)) });
        b.output[1].bytes = 4;
        b.fuel = Some(6);
        assert_eq!(
            Ended::differences(&a, &b),
            [
                "end: A returned 1, B trapped at 0x2a of function 3: integer overflow",
                "standard error: A 0 bytes, B 4 bytes",
                "fuel left: A 5, B 6",
            ]
        );
    }

    #[test]
    fn memories_differ_from_a_block_on() {
        let mut contents = vec![0; 3 * Memory::BLOCK];
        let zeros = Memory::of(&contents);
        contents[Memory::BLOCK + 7] = 1;
        let mut a = ended(End::Limited);
        let mut b = a.clone();
        a.memories.push(("memory".to_owned(), zeros));
        b.memories.push(("memory".to_owned(), Memory::of(&contents)));
        assert_eq!(Ended::differences(&a, &b), ["memory `memory` from 0x1000 on: A 12288 bytes, B 12288 bytes"]);
        b.memories[0].0 = "other".to_owned();
        assert_eq!(Ended::differences(&a, &b), ["exports: A memory, B other"]);
    }
}
