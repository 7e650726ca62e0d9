//! Machine code made ahead of time: what a tier hands over to be kept in a file, and what it gets back.
//!
//! A tier compiles each function to a [`Relocatable`]. The VM, which knows the file format, lays out the functions of a module as one
//! text, resolves the relocations that stay within it, and hands the text to [`AheadTier::load`](crate::AheadTier::load) later, in this or
//! another process, as [`AheadCode`].
//!
//! Code that is kept contains no addresses: it finds the host through the [`Context`](crate::Context), and functions of the module by displacements.
//! [`layout::hash`](crate::layout::hash) covers everything else that the code assumes.

use std::sync::Arc;

use riser_translator::{DefinedFuncIndex, TrapCode};

/// The target of a displacement in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function: its code, or the stub that stands in for it. The displacement counts from its own end.
    Function(DefinedFuncIndex),
    /// The module's table of entries, plus an offset in bytes. The displacement counts from its own start.
    Entries(i64),
}

/// A 32-bit displacement whose value depends on where the code is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Where the displacement is.
    pub at: u32,
    /// The displacement's target.
    pub target: Target,
}

/// A function's machine code before it is placed.
#[derive(Clone, Debug, Default)]
pub struct Relocatable {
    /// Code, then constants: to be aligned to [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub bytes: Vec<u8>,
    /// How many of the bytes are code.
    pub code_bytes: u32,
    /// Where the function starts.
    pub start: u32,
    /// The displacements to fill in.
    pub relocations: Vec<Relocation>,
    /// Source positions: ascending offsets in the code, each with the module offset of the operator that the code from there on
    /// belongs to.
    pub positions: Box<[(u32, u32)]>,
    /// Instructions that may trap, by their offsets, ascending.
    pub traps: Box<[(u32, TrapCode)]>,
    /// Whether any other instruction may access a memory out of bounds.
    pub may_access_memory: bool,
}

/// The place of a function in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where the function's bytes begin; a multiple of [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub at: u32,
    /// How many of them are code.
    pub code_bytes: u32,
    /// The function's first instruction, as an offset from `at`.
    pub start: u32,
    /// See [`Relocatable::may_access_memory`].
    pub may_access_memory: bool,
    /// The range of the function's tables within the module's tables.
    pub tables: (u32, u32),
}

/// For each function that a module defines, its place in the text, or why the tier did not take it.
pub type Functions = Arc<[Result<Placed, Box<str>>]>;

/// The code of a module, read from a file. All offsets are in bounds; functions are in the order of their places and do not overlap.
#[derive(Clone, Debug)]
pub struct AheadCode<'a> {
    /// The code of all functions, to be aligned to [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub text: &'a [u8],
    /// The functions' places.
    pub functions: Functions,
    /// The displacements in the text that are still to be filled in.
    pub relocations: Vec<Relocation>,
    /// [`Tables`] of the functions, one after the other.
    pub tables: Arc<[u8]>,
}

/// A function's positions and traps, stored as variable-length numbers (seven bits a byte), each the distance from the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// See [`Relocatable::positions`].
    pub positions: Box<[(u32, u32)]>,
    /// See [`Relocatable::traps`].
    pub traps: Box<[(u32, TrapCode)]>,
}

fn write_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Zigzag encoding: maps small distances in either direction to small numbers.
fn zigzag(distance: u32) -> u32 {
    let distance = distance.cast_signed();
    ((distance << 1) ^ (distance >> 31)).cast_unsigned()
}

fn unzigzag(number: u32) -> u32 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

impl Tables {
    /// Appends the tables.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_number(out, self.positions.len() as u32);
        let mut before = (0u32, 0u32);
        for &(at, offset) in &self.positions {
            write_number(out, at.wrapping_sub(before.0));
            write_number(out, zigzag(offset.wrapping_sub(before.1)));
            before = (at, offset);
        }
        let mut before = 0u32;
        for &(at, trap) in &self.traps {
            write_number(out, at.wrapping_sub(before));
            out.push(trap as u8);
            before = at;
        }
    }

    /// Reads tables that `Tables::write` wrote. Offsets ascend whatever the bytes are: reading ends where they would not.
    pub fn read(mut bytes: &[u8]) -> Tables {
        let bytes = &mut bytes;
        let (mut positions, mut traps) = (Vec::new(), Vec::new());
        let mut before = (0u32, 0u32);
        for number in 0..read_number(bytes).unwrap_or(0) {
            let (Some(at), Some(offset)) = (read_number(bytes), read_number(bytes)) else { break };
            let Some(at) = before.0.checked_add(at).filter(|&at| number == 0 || at > before.0) else { break };
            before = (at, before.1.wrapping_add(unzigzag(offset)));
            positions.push(before);
        }
        let mut before = 0u32;
        while let Some(distance) = read_number(bytes)
            && let Some((&trap, rest)) = bytes.split_first()
            && let Some(at) = before.checked_add(distance).filter(|&at| traps.is_empty() || at > before)
            && let Some(trap) = TrapCode::from_u8(trap)
        {
            *bytes = rest;
            traps.push((at, trap));
            before = at;
        }
        Tables { positions: positions.into(), traps: traps.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::mix;

    #[test]
    fn tables_are_read_as_they_were_written() {
        let tables = Tables {
            positions: Box::new([(0, 30), (4, 400_000), (1000, 7), (u32::MAX, u32::MAX)]),
            traps: Box::new([(0, TrapCode::Unreachable), (300, TrapCode::IntegerOverflow)]),
        };
        for tables in [tables, Tables::default()] {
            let mut bytes = Vec::new();
            tables.write(&mut bytes);
            assert_eq!(Tables::read(&bytes), tables);
        }
    }

    #[test]
    fn whatever_tables_are_offsets_ascend() {
        let mut bytes: Vec<u8> = Vec::new();
        let mut state = 1u64;
        for _ in 0..20_000 {
            state = mix(state, 7);
            bytes.push(((state >> 20) % 0x93) as u8);
        }
        let mut found = 0;
        for start in 0..bytes.len() - 40 {
            let Tables { positions, traps } = Tables::read(&bytes[start..start + 40]);
            assert!(positions.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert!(traps.windows(2).all(|pair| pair[0].0 < pair[1].0));
            found += positions.len() + traps.len();
        }
        assert!(found > 10_000, "{found}");
    }
}
