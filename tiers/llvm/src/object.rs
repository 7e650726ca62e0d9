//! From the object file that LLVM makes of a function to code that can be placed.
//!
//! The text comes first, then the constants that it refers to. What refers from one to another is resolved here, since
//! the distances are fixed; what is left are references to the module's table of entries. The line table, whose
//! "lines" are offsets of wasm operators, says where code comes from.

use std::collections::HashMap;

use object::elf::{R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32};
use object::read::elf::ElfFile64;
use object::{
    Endianness, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags, SectionIndex,
};
use riser_tiers_core::Bailout;
use riser_translator::TrapCode;

use crate::ir::ENTRIES;
use crate::lower::FUNCTION;

/// Machine code that lies nowhere yet.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Code and constants.
    pub(crate) bytes: Vec<u8>,
    /// How many of them are code.
    pub(crate) code_bytes: usize,
    /// What the bytes are to be aligned to.
    pub(crate) align: usize,
    /// Where the function starts.
    pub(crate) start: usize,
    /// Where there are 32-bit displacements, relative to themselves, to the table of entries, and what to add.
    pub(crate) entries: Vec<(usize, i64)>,
    /// See [`riser_tiers_core::native::NativeFunction`].
    pub(crate) positions: Box<[(u32, u32)]>,
    /// As above.
    pub(crate) traps: Box<[(u32, TrapCode)]>,
}

/// The most bytes that constants are aligned to.
const MAX_ALIGN: u64 = 64;

type Elf<'data> = ElfFile64<'data, Endianness>;

fn unsupported(what: impl std::fmt::Display) -> Bailout {
    Bailout::Unsupported(format!("code with {what}"))
}

/// Reads an object file. Code without a position of its own gets `start`.
///
/// # Errors
///
/// If there is something in it that this tier does not expect.
pub(crate) fn read(file: &[u8], start: u32) -> Result<Compiled, Bailout> {
    let elf = Elf::parse(file).map_err(unsupported)?;
    let mut bytes = Vec::new();
    let mut align = 1;
    let mut places: HashMap<SectionIndex, usize> = HashMap::new();
    let (text, data): (Vec<_>, Vec<_>) = elf.sections().filter(is_loaded).partition(is_code);
    for section in &text {
        place(section, &mut bytes, &mut align, &mut places)?;
    }
    let code_bytes = bytes.len();
    for section in &data {
        place(section, &mut bytes, &mut align, &mut places)?;
    }
    let function = elf.symbols().find(|symbol| symbol.name() == Ok(FUNCTION));
    let function = function.and_then(|symbol| Some(places.get(&symbol.section_index()?)? + symbol.address() as usize));
    let mut compiled = Compiled {
        traps: traps(&bytes[..code_bytes]),
        code_bytes,
        align,
        start: function.ok_or_else(|| unsupported("no function"))?,
        entries: Vec::new(),
        positions: Box::default(),
        bytes,
    };
    for section in text.iter().chain(&data) {
        relocate(&elf, section, &places, &mut compiled)?;
    }
    let lines = lines(&elf, &places)?;
    compiled.positions = positions(lines, start);
    Ok(compiled)
}

fn flags(section: &object::read::elf::ElfSection64<'_, '_, Endianness>) -> u64 {
    match section.flags() {
        SectionFlags::Elf { sh_flags } => sh_flags,
        _ => 0,
    }
}

/// Whether the section has something that code needs when it runs.
fn is_loaded(section: &object::read::elf::ElfSection64<'_, '_, Endianness>) -> bool {
    flags(section) & u64::from(object::elf::SHF_ALLOC) != 0 && section.size() != 0
}

fn is_code(section: &object::read::elf::ElfSection64<'_, '_, Endianness>) -> bool {
    flags(section) & u64::from(object::elf::SHF_EXECINSTR) != 0
}

/// Appends a section.
fn place(
    section: &object::read::elf::ElfSection64<'_, '_, Endianness>,
    bytes: &mut Vec<u8>,
    align: &mut usize,
    places: &mut HashMap<SectionIndex, usize>,
) -> Result<(), Bailout> {
    let name = section.name().unwrap_or_default();
    if flags(section) & u64::from(object::elf::SHF_WRITE) != 0 || section.align() > MAX_ALIGN {
        return Err(unsupported(format!("a section {name}")));
    }
    let own = section.align().max(1) as usize;
    *align = own.max(*align);
    bytes.resize(bytes.len().next_multiple_of(own), 0);
    places.insert(section.index(), bytes.len());
    bytes.extend(section.data().map_err(unsupported)?);
    Ok(())
}

/// Resolves what a section refers to.
fn relocate(
    elf: &Elf<'_>,
    section: &object::read::elf::ElfSection64<'_, '_, Endianness>,
    places: &HashMap<SectionIndex, usize>,
    compiled: &mut Compiled,
) -> Result<(), Bailout> {
    let base = places[&section.index()];
    for (offset, relocation) in section.relocations() {
        let at = base + offset as usize;
        let RelocationFlags::Elf { r_type: R_X86_64_PC32 | R_X86_64_PLT32 } = relocation.flags() else {
            return Err(unsupported(format!("a relocation {:?}", relocation.flags())));
        };
        let RelocationTarget::Symbol(symbol) = relocation.target() else {
            return Err(unsupported("a relocation without a symbol"));
        };
        let symbol = elf.symbol_by_index(symbol).map_err(unsupported)?;
        match symbol.section_index().and_then(|section| places.get(&section)) {
            Some(place) => {
                let target = (place + symbol.address() as usize) as i64 + relocation.addend();
                let distance = i32::try_from(target - at as i64).map_err(unsupported)?;
                let field = compiled.bytes.get_mut(at..at + 4).ok_or_else(|| unsupported("a relocation outside"))?;
                field.copy_from_slice(&distance.to_le_bytes());
            }
            None if symbol.name() == Ok(ENTRIES) => compiled.entries.push((at, relocation.addend())),
            None => return Err(unsupported(format!("a reference to `{}`", symbol.name().unwrap_or_default()))),
        }
    }
    Ok(())
}

/// The rows of the line table: ascending offsets in the code, with wasm offsets.
fn lines(elf: &Elf<'_>, places: &HashMap<SectionIndex, usize>) -> Result<Vec<(u32, u32)>, Bailout> {
    let Some(section) = elf.section_by_name(".debug_line") else { return Ok(Vec::new()) };
    let mut table = section.data().map_err(unsupported)?.to_vec();
    for (offset, relocation) in section.relocations() {
        // Where a sequence starts; other references are to names.
        let RelocationFlags::Elf { r_type: R_X86_64_64 } = relocation.flags() else { continue };
        let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
        let symbol = elf.symbol_by_index(symbol).map_err(unsupported)?;
        let place = symbol.section_index().and_then(|section| places.get(&section)).copied();
        let place = place.ok_or_else(|| unsupported("lines of no code"))?;
        let address = place as u64 + symbol.address() + relocation.addend() as u64;
        let at = offset as usize;
        let field = table.get_mut(at..at + 8).ok_or_else(|| unsupported("a relocation outside"))?;
        field.copy_from_slice(&address.to_le_bytes());
    }
    let lines = gimli::DebugLine::new(&table, gimli::LittleEndian);
    let program = lines.program(gimli::DebugLineOffset(0), 8, None, None).map_err(unsupported)?;
    let mut rows = program.rows();
    let mut list = Vec::new();
    while let Some((_, row)) = rows.next_row().map_err(unsupported)? {
        if !row.end_sequence() {
            list.push((row.address() as u32, row.line().map_or(0, |line| line.get() as u32)));
        }
    }
    list.sort_by_key(|&(at, _)| at);
    Ok(list)
}

/// Where the code comes from, as a list of changes.
fn positions(lines: Vec<(u32, u32)>, start: u32) -> Box<[(u32, u32)]> {
    let mut list = vec![(0, start)];
    list.extend(lines.into_iter().map(|(at, line)| (at, if line == 0 { start } else { line })));
    list.dedup_by(|next, before| {
        if next.0 == before.0 {
            before.1 = next.1;
        }
        next.0 == before.0 || next.1 == before.1
    });
    list.into()
}

/// What instructions that trap start with: `ud1 eax, [eax + number]`.
const TRAP: [u8; 4] = [0x67, 0x0f, 0xb9, 0x40];

/// The instructions that trap with a number. Bytes within other instructions may look the same, which does no harm:
/// these are never where a fault is.
fn traps(code: &[u8]) -> Box<[(u32, TrapCode)]> {
    let found = code.windows(TRAP.len() + 1).enumerate().filter(|(_, bytes)| bytes.starts_with(&TRAP));
    found.filter_map(|(at, bytes)| Some((at as u32, TrapCode::from_u8(bytes[TRAP.len()])?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_without_a_line_has_the_position_of_the_function() {
        let lines = vec![(0, 0), (4, 30), (4, 31), (8, 31), (12, 0), (20, 31)];
        assert_eq!(*positions(lines, 9), [(0, 9), (4, 31), (12, 9), (20, 31)]);
        assert_eq!(*positions(Vec::new(), 9), [(0, 9)]);
    }

    #[test]
    fn traps_are_instructions_with_a_number_that_stands_for_one() {
        let mut code = vec![0x90; 3];
        for number in [1, 200, 12] {
            code.extend(TRAP);
            code.push(number);
        }
        code.extend(TRAP);
        assert_eq!(*traps(&code), [(3, TrapCode::Unreachable), (13, TrapCode::Interrupt)]);
    }

    #[test]
    fn what_is_no_object_file_is_declined() {
        for file in [&b""[..], b"\x7fELF", &[0; 64]] {
            assert!(matches!(read(file, 0), Err(Bailout::Unsupported(_))));
        }
    }
}
