//! What is known of a piece of machine code: where in wasm its instructions come from, which of them may trap, and where calls go on
//! that end in an exception.
//!
//! Compilers make these tables beside the code. The unwinder looks addresses up in them; while nothing traps or throws, nobody reads
//! them.

use riser_translator::TrapCode;

/// The tables of a piece of machine code. All offsets are from its first byte.
///
/// In a file, they are variable-length numbers (seven bits a byte), each the distance from the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeTables {
    /// Source positions: ascending offsets, each with the module offset of the operator that the code from there on belongs to, or
    /// [`CodeTables::NO_POSITION`].
    pub positions: Box<[(u32, u32)]>,
    /// Instructions that may trap, by their offsets, ascending.
    pub traps: Box<[(u32, TrapCode)]>,
    /// Calls that may end in an exception that the code handles.
    pub landings: Landings,
    /// How many bytes below the frame pointer the copy of the frame begins, if the code keeps one ([`crate::FrameValues::Copy`]); else 0.
    pub copy: u32,
}

/// Where the calls of a function go on that end in an exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landings {
    /// The number of bytes from the stack pointer, as it is at each of the calls, up to the frame pointer.
    pub frame_bytes: u32,
    /// The calls, ascending and without overlaps.
    pub calls: Box<[LandingCalls]>,
}

/// Calls of a function that go on at the same place if they end in an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandingCalls {
    /// The calls whose last byte is between these offsets; the second is excluded.
    pub from: u32,
    /// See `from`.
    pub to: u32,
    /// The offset of the code that handles the exception.
    pub landing: u32,
}

impl Landings {
    /// The offset of the code that handles an exception of the call whose last byte is at `offset`.
    pub fn find(&self, offset: u32) -> Option<u32> {
        let after = self.calls.partition_point(|calls| calls.from <= offset);
        let calls = self.calls[after.checked_sub(1)?];
        (offset < calls.to).then_some(calls.landing)
    }
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

impl CodeTables {
    /// The position of code that runs after its function has returned as far as wasm can tell, such as a call in tail position that keeps
    /// its frame. Such frames appear in no backtrace.
    pub const NO_POSITION: u32 = u32::MAX;

    /// Appends the tables.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_number(out, self.positions.len() as u32);
        let mut before = (0u32, 0u32);
        for &(at, offset) in &self.positions {
            write_number(out, at.wrapping_sub(before.0));
            write_number(out, zigzag(offset.wrapping_sub(before.1)));
            before = (at, offset);
        }
        self.landings.write(out);
        write_number(out, self.copy);
        let mut before = 0u32;
        for &(at, trap) in &self.traps {
            write_number(out, at.wrapping_sub(before));
            out.push(trap as u8);
            before = at;
        }
    }

    /// Reads tables that `CodeTables::write` wrote. Offsets ascend whatever the bytes are: reading ends where they would not.
    pub fn read(mut bytes: &[u8]) -> CodeTables {
        let bytes = &mut bytes;
        let (mut positions, mut traps) = (Vec::new(), Vec::new());
        let mut before = (0u32, 0u32);
        for number in 0..read_number(bytes).unwrap_or(0) {
            let (Some(at), Some(offset)) = (read_number(bytes), read_number(bytes)) else { break };
            let Some(at) = before.0.checked_add(at).filter(|&at| number == 0 || at > before.0) else { break };
            before = (at, before.1.wrapping_add(unzigzag(offset)));
            positions.push(before);
        }
        let landings = Landings::read(bytes);
        let copy = read_number(bytes).unwrap_or(0);
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
        CodeTables { positions: positions.into(), traps: traps.into(), landings, copy }
    }
}

impl Landings {
    fn write(&self, out: &mut Vec<u8>) {
        write_number(out, self.calls.len() as u32);
        if self.calls.is_empty() {
            return;
        }
        write_number(out, self.frame_bytes);
        let mut before = 0u32;
        for &LandingCalls { from, to, landing } in &self.calls {
            write_number(out, from.wrapping_sub(before));
            write_number(out, to.wrapping_sub(from));
            write_number(out, zigzag(landing.wrapping_sub(to)));
            before = to;
        }
    }

    fn read(bytes: &mut &[u8]) -> Landings {
        let count = read_number(bytes).unwrap_or(0);
        if count == 0 {
            return Landings::default();
        }
        let frame_bytes = read_number(bytes).unwrap_or(0);
        let mut calls = Vec::new();
        let mut before = 0u32;
        for _ in 0..count {
            let (Some(gap), Some(len), Some(landing)) = (read_number(bytes), read_number(bytes), read_number(bytes))
            else {
                break;
            };
            let Some(from) = before.checked_add(gap) else { break };
            let Some(to) = from.checked_add(len).filter(|&to| to > from) else { break };
            calls.push(LandingCalls { from, to, landing: to.wrapping_add(unzigzag(landing)) });
            before = to;
        }
        Landings { frame_bytes, calls: calls.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::mix;

    fn landings() -> Landings {
        let calls = [(5, 6, 300), (6, 7, 0), (100, 140, 90), (4000, 4001, 5000)];
        let calls = calls.map(|(from, to, landing)| LandingCalls { from, to, landing });
        Landings { frame_bytes: 4096, calls: Box::new(calls) }
    }

    #[test]
    fn a_call_is_found_by_its_last_byte() {
        let landings = landings();
        let found = [0, 4, 5, 6, 7, 99, 100, 139, 140, 4000, 4001].map(|offset| landings.find(offset));
        let expected = [None, None, Some(300), Some(0), None, None, Some(90), Some(90), None, Some(5000), None];
        assert_eq!(found, expected);
        assert_eq!(Landings::default().find(0), None);
    }

    #[test]
    fn tables_are_read_as_they_were_written() {
        let tables = CodeTables {
            positions: Box::new([(0, 30), (4, 400_000), (1000, 7), (u32::MAX, u32::MAX)]),
            traps: Box::new([(0, TrapCode::Unreachable), (300, TrapCode::IntegerOverflow)]),
            landings: landings(),
            copy: 1000,
        };
        let without = CodeTables { landings: Landings::default(), ..tables.clone() };
        for tables in [tables, without, CodeTables::default()] {
            let mut bytes = Vec::new();
            tables.write(&mut bytes);
            assert_eq!(CodeTables::read(&bytes), tables);
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
        let mut found = [0; 3];
        for start in 0..bytes.len() - 40 {
            // With all three tables, without positions, and without positions and landings.
            for before in [&[][..], &[0], &[0, 0]] {
                let CodeTables { positions, traps, landings, .. } =
                    CodeTables::read(&[before, &bytes[start..start + 40]].concat());
                assert!(positions.windows(2).all(|pair| pair[0].0 < pair[1].0));
                assert!(traps.windows(2).all(|pair| pair[0].0 < pair[1].0));
                assert!(landings.calls.iter().all(|it| it.from < it.to));
                assert!(landings.calls.windows(2).all(|pair| pair[0].to <= pair[1].from));
                found = [found[0] + positions.len(), found[1] + traps.len(), found[2] + landings.calls.len()];
            }
        }
        assert!(found.iter().all(|&count| count > 1000), "{found:?}");
    }
}
