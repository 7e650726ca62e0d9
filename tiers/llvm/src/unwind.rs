//! How LLVM's code goes on when a call ends in an exception.
//!
//! LLVM thinks of an unwinder that knows, by tables of its own, where each frame keeps the registers that calls preserve. Riser's restores
//! the frame pointer, from the chain of frame pointers, and the stack pointer, and nothing else. This is enough, because calls with an edge
//! for exceptions have an attribute by which they preserve no registers (`no_callee_saved_registers`): code on both of a call's edges finds
//! its values in the frame. Like Cranelift's code, a function with such calls saves all registers for its own caller.
//!
//! So two things are needed of a function: which calls go on where, and how far the stack pointer is from the frame pointer. The first is in
//! the table that LLVM makes for personality routines of C++ (the *LSDA*), the second in the function's prologue.

use riser_tiers_core::{Bailout, LandingCalls, Landings};

use crate::unsupported;

/// The section with the table of a function that has this name.
pub(crate) fn section_name(function: &str) -> String {
    format!(".gcc_except_table.{function}")
}

/// The calls of a function that go on somewhere if they end in an exception, from its table. `code` is the section that it starts in, at
/// `start`.
///
/// # Errors
///
/// If the table or the prologue is not as LLVM 19 makes them.
pub(crate) fn landings(table: &[u8], code: &[u8], start: usize) -> Result<Landings, Bailout> {
    let calls = calls(table, start as u32).ok_or_else(|| unsupported("another table of exceptions"))?;
    if calls.iter().any(|it| it.to as usize > code.len() || it.landing as usize >= code.len()) {
        return Err(unsupported("exceptions outside of it"));
    }
    // The stack is aligned at calls.
    let frame_bytes = frame_bytes(&code[start..]).filter(|bytes| bytes.is_multiple_of(16));
    let frame_bytes = frame_bytes.ok_or_else(|| unsupported("exceptions, in another frame"))?;
    Ok(Landings { frame_bytes, calls: calls.into() })
}

/// The encodings of DWARF that the table has: nothing, and variable-length numbers.
const OMITTED: u8 = 0xff;
const ULEB128: u8 = 0x01;

/// Reads the call sites of a function that starts at `start`.
///
/// ```text
/// where landing pads count from: omitted, which is to say from the function's start
/// the encoding of types; unless omitted, the offset of their table, which nobody needs
/// the encoding of call sites, and the size of their table
/// call sites: first byte, length, landing pad or 0, action
/// ```
fn calls(table: &[u8], start: u32) -> Option<Vec<LandingCalls>> {
    let mut rest = table;
    if byte(&mut rest)? != OMITTED {
        return None;
    }
    if byte(&mut rest)? != OMITTED {
        number(&mut rest)?;
    }
    if byte(&mut rest)? != ULEB128 {
        return None;
    }
    let len = number(&mut rest)? as usize;
    let mut sites = rest.get(..len)?;
    let mut calls: Vec<LandingCalls> = Vec::new();
    while !sites.is_empty() {
        let [from, len, landing, _action] =
            [number(&mut sites)?, number(&mut sites)?, number(&mut sites)?, number(&mut sites)?];
        let from = start.checked_add(from)?;
        let to = from.checked_add(len).filter(|&to| to > from)?;
        if calls.last().is_some_and(|last| last.to > from) {
            return None;
        }
        if landing != 0 {
            calls.push(LandingCalls { from, to, landing: start.checked_add(landing)? });
        }
    }
    Some(calls)
}

fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (&byte, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(byte)
}

/// A variable-length number of up to 32 bits.
fn number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u64;
    for shift in (0..35).step_by(7) {
        let byte = byte(bytes)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(number).ok();
        }
    }
    None
}

/// The distance from the stack pointer up to the frame pointer after the prologue, which is in this order:
///
/// ```text
/// push rbp
/// mov rbp, rsp
/// push ..         ; registers to preserve
/// sub rsp, ..     ; or `push rax` for eight bytes
/// ```
fn frame_bytes(code: &[u8]) -> Option<u32> {
    const PUSH: u8 = 0x50;
    let mut code = code.strip_prefix(&[0x55, 0x48, 0x89, 0xe5])?;
    let mut bytes = 0;
    loop {
        code = match code {
            // r8 to r15
            [0x41, push, rest @ ..] if push & !7 == PUSH => rest,
            [push, rest @ ..] if push & !7 == PUSH => rest,
            _ => break,
        };
        bytes += 8;
    }
    match code {
        [0x48, 0x83, 0xec, small, ..] if *small < 0x80 => bytes += u32::from(*small),
        [0x48, 0x81, 0xec, a, b, c, d, ..] => bytes += u32::from_le_bytes([*a, *b, *c, *d]),
        // Other instructions on the stack pointer: `add`, `and`, `sub`, `lea`.
        [0x48, 0x81 | 0x83, 0xc4 | 0xe4 | 0xec, ..] | [0x48, 0x8d, 0x64 | 0xa4, 0x24, ..] => return None,
        _ => {}
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of a function with calls at 21..26 and 40..45 that land at 80, and a call at 60..62 that lands nowhere; as LLVM 19 writes
    /// it, first with clauses and then without.
    const WITH_TYPES: &[u8] =
        &[0xff, 0x9b, 0x15, 0x01, 12, 21, 5, 80, 1, 40, 5, 80, 1, 60, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    const WITHOUT_TYPES: &[u8] = &[0xff, 0xff, 0x01, 12, 21, 5, 80, 0, 40, 5, 80, 0, 60, 2, 0, 0];

    #[test]
    fn calls_with_a_landing_pad_are_handled() {
        let expected = [(21, 26, 80), (40, 45, 80)];
        for table in [WITH_TYPES, WITHOUT_TYPES] {
            for start in [0, 16] {
                let found = calls(table, start).expect("it is such a table");
                let found: Vec<_> = found.iter().map(|it| (it.from, it.to, it.landing)).collect();
                assert_eq!(found, expected.map(|(from, to, landing)| (from + start, to + start, landing + start)));
            }
        }
    }

    #[test]
    fn other_tables_are_declined() {
        let changed = |at: usize, byte: u8| {
            let mut table = WITHOUT_TYPES.to_vec();
            table[at] = byte;
            table
        };
        // Landing pads from elsewhere, call sites of another encoding, a table beyond the end, an empty call, calls out of order.
        for table in [changed(0, 0x9b), changed(2, 0x03), changed(3, 13), changed(5, 0), changed(8, 25)] {
            assert_eq!(calls(&table, 0), None, "{table:x?}");
        }
        for len in 0..WITHOUT_TYPES.len() {
            assert_eq!(calls(&WITHOUT_TYPES[..len], 0), None, "{len}");
        }
    }

    #[test]
    fn the_prologue_has_the_size_of_the_frame() {
        let frame = |code: &[u8]| frame_bytes(&[&[0x55, 0x48, 0x89, 0xe5], code, &[0x90]].concat());
        assert_eq!(frame(&[]), Some(0));
        // push r15; push r14; push rbx; push rax
        assert_eq!(frame(&[0x41, 0x57, 0x41, 0x56, 0x53, 0x50]), Some(32));
        // push rbx; sub rsp, 24
        assert_eq!(frame(&[0x53, 0x48, 0x83, 0xec, 24]), Some(32));
        // sub rsp, 0x1234
        assert_eq!(frame(&[0x48, 0x81, 0xec, 0x34, 0x12, 0, 0]), Some(0x1234));
        // sub rsp, 16; mov rax, [rdi]
        assert_eq!(frame(&[0x48, 0x83, 0xec, 16, 0x48, 0x8b, 0x07]), Some(16));
        assert_eq!(frame_bytes(&[0x53, 0x90]), None, "a function without a frame");
        // and rsp, -32; add rsp, -128; lea rsp, [rsp - 8]
        for other in [&[0x48, 0x83, 0xe4, 0xe0][..], &[0x48, 0x83, 0xc4, 0x80], &[0x48, 0x8d, 0x64, 0x24, 0xf8]] {
            assert_eq!(frame(other), None, "{other:x?}");
        }
    }
}
