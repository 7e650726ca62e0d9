//! LLVM's stack maps, which say where in its frame a function has the [copy](riser_lowering::frame_copy) that it keeps for snapshots.

use riser_tiers_core::Bailout;

use crate::unsupported;

/// The section with the stack maps.
pub(crate) const SECTION: &str = ".llvm_stackmaps";

/// The places that [`record_place`](crate::ir::Ir::record_place) has had written down: each number, and how many bytes below the frame
/// pointer the array begins.
///
/// # Errors
///
/// If the stack maps are not as LLVM 19 makes them, or an array is elsewhere.
pub(crate) fn copies(maps: &[u8]) -> Result<Vec<(u64, u32)>, Bailout> {
    read_copies(maps).ok_or_else(|| unsupported("other stack maps"))
}

/// Reads stack maps, of version 3.
///
/// ```text
/// version: u8, padding: 3 bytes, functions: u32, constants: u32, records: u32
/// functions: address: u64, size of the frame: u64, records: u64
/// constants: u64
/// records: number: u64, offset: u32, flags: u16, locations: u16
///     locations: kind: u8, padding: u8, size: u16, register: u16, padding: u16, offset: i32
///     padding to 8 bytes, padding: u16, live registers: u16, and these, 4 bytes each; padding to 8 bytes
/// ```
fn read_copies(maps: &[u8]) -> Option<Vec<(u64, u32)>> {
    const VERSION: u8 = 3;
    /// The kind of a location that is the sum of a register and an offset.
    const DIRECT: u8 = 2;
    /// DWARF's number for `rbp`.
    const RBP: u16 = 6;
    let bytes = |at: usize, len: usize| maps.get(at..at.checked_add(len)?);
    let u16_at = |at| Some(u16::from_le_bytes(bytes(at, 2)?.try_into().ok()?));
    let u32_at = |at| Some(u32::from_le_bytes(bytes(at, 4)?.try_into().ok()?));
    if *maps.first()? != VERSION {
        return None;
    }
    let [functions, constants, records] = [u32_at(4)? as usize, u32_at(8)? as usize, u32_at(12)? as usize];
    let mut at = 16 + functions * 24 + constants * 8;
    let mut copies = Vec::new();
    for _ in 0..records {
        let number = u64::from_le_bytes(bytes(at, 8)?.try_into().ok()?);
        if u16_at(at + 14)? != 1 {
            return None;
        }
        let location = at + 16;
        let offset = u32_at(location + 8)?.cast_signed();
        if *maps.get(location)? != DIRECT || u16_at(location + 4)? != RBP || offset >= 0 {
            return None;
        }
        copies.push((number, offset.unsigned_abs()));
        let live = (location + 12).next_multiple_of(8);
        let registers = u16_at(live + 2)? as usize;
        at = (live + 4 + registers * 4).next_multiple_of(8);
    }
    Some(copies)
}
