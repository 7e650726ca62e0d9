//! Extracts the code of each function from the object file that LLVM makes of a module, so that it can be placed.
//!
//! Each function has a section of its own, and one for its jump tables. The constants of all functions are in one section for each size, in
//! the order of the functions; each function gets a copy of the stretch that it refers to. A function's text comes first, then the sections
//! that it refers to. References between these are resolved here, since their distances are fixed; the remaining references are to the
//! module's table of entries. The positions come from the line table, whose "lines" are offsets of wasm operators.

use std::collections::{BTreeMap, HashMap};

use object::elf::{R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32};
use object::read::elf::{ElfFile64, ElfSection64};
use object::{
    Endianness, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags, SectionIndex,
};
use riser_tiers_core::native::CODE_ALIGN;
use riser_tiers_core::{Bailout, CodeTables};
use riser_translator::TrapCode;

use crate::ir::ENTRIES;
use crate::lower::{function_name, function_number};
use crate::{stack_map, unsupported, unwind};

/// A function's machine code before it is placed.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Code and constants, to be aligned to [`CODE_ALIGN`].
    pub(crate) bytes: Vec<u8>,
    /// How many of them are code.
    pub(crate) code_bytes: usize,
    /// Where the function starts.
    pub(crate) start: usize,
    /// The 32-bit displacements to the table of entries: the offset of each, from which it counts, and the number to add.
    pub(crate) entries: Vec<(usize, i64)>,
    /// What is known of the code.
    pub(crate) tables: CodeTables,
}

/// The most bytes of an operand that an instruction may have after its displacement, which counts from the instruction's end.
const SLACK: i64 = 4;

type Elf<'data> = ElfFile64<'data, Endianness>;
type Section<'data, 'file> = ElfSection64<'data, 'file, Endianness>;

/// Reads an object file with functions of these numbers in the LLVM module, each with its start position. Code without a position of its
/// own gets the start position.
///
/// # Errors
///
/// If the file, or one of its functions, contains something that this tier does not expect.
pub(crate) fn read(file: &[u8], functions: &[(usize, u32)]) -> Result<Vec<Result<Compiled, Bailout>>, Bailout> {
    let elf = Elf::parse(file).map_err(unsupported)?;
    let mut symbols: HashMap<usize, (SectionIndex, usize)> = HashMap::new();
    for symbol in elf.symbols() {
        if let Some((number, section)) = symbol.name().ok().and_then(function_number).zip(symbol.section_index()) {
            symbols.insert(number, (section, symbol.address() as usize));
        }
    }
    // Relocates the line table as if all code lay in one piece.
    let mut bases: HashMap<SectionIndex, u64> = HashMap::new();
    let mut end = 0;
    for section in elf.sections().filter(|section| is_loaded(section) && is_code(section)) {
        bases.insert(section.index(), end);
        end += section.size().next_multiple_of(CODE_ALIGN as u64);
    }
    let lines = lines(&elf, &bases)?;
    let copies = match elf.section_by_name(stack_map::SECTION) {
        Some(section) => stack_map::copies(section.data().map_err(unsupported)?)?,
        None => Vec::new(),
    };
    let function = |&(number, position): &(usize, u32)| {
        let (section, start) = *symbols.get(&number).ok_or_else(|| unsupported("no function"))?;
        let section = elf.section_by_index(section).map_err(unsupported)?;
        let base = *bases.get(&section.index()).ok_or_else(|| unsupported("a function that is no code"))?;
        let rows =
            lines.partition_point(|row| row.0 < base)..lines.partition_point(|row| row.0 < base + section.size());
        let rows = lines[rows].iter().map(|&(at, line)| ((at - base) as u32, line));
        let mut compiled = Piece::default().read(&elf, &section)?;
        compiled.start = start;
        compiled.tables.positions = positions(rows, position);
        if let Some(&(_, bytes)) = copies.iter().find(|&&(of, _)| of == number as u64) {
            compiled.tables.copy = bytes;
        }
        if let Some(calls) = elf.section_by_name(&unwind::section_name(&function_name(number))) {
            let calls = calls.data().map_err(unsupported)?;
            compiled.tables.landings = unwind::landings(calls, &compiled.bytes[..compiled.code_bytes], start)?;
        }
        Ok(compiled)
    };
    Ok(functions.iter().map(function).collect())
}

/// The part of a section that is in a function's bytes.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Its offset in the function's bytes.
    place: usize,
    /// Its start and end in the section.
    from: usize,
    to: usize,
}

/// A function's code and the stretches that it refers to, while they are extracted.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    stretches: BTreeMap<usize, Stretch>,
}

impl Piece {
    /// Reads the function whose code is in a section.
    fn read(mut self, elf: &Elf<'_>, text: &Section<'_, '_>) -> Result<Compiled, Bailout> {
        self.place(text, 0, text.size() as usize)?;
        let code_bytes = self.bytes.len();
        let mut needed: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for (_, relocation) in text.relocations() {
            if let Some((section, to)) = target(elf, &relocation)?.filter(|(section, _)| *section != text.index().0) {
                let (least, most) = needed.entry(section).or_insert((to, to));
                (*least, *most) = (to.min(*least), to.max(*most));
            }
        }
        for (section, (least, most)) in needed {
            let section = elf.section_by_index(SectionIndex(section)).map_err(unsupported)?;
            let len = section.size() as usize;
            let (mut from, mut to) = (0, len);
            if flags(&section) & u64::from(object::elf::SHF_MERGE) != 0 {
                // From a multiple of any alignment to the end of the largest constant.
                from = (usize::try_from(least).unwrap_or(0) / CODE_ALIGN * CODE_ALIGN).min(len);
                to = (usize::try_from(most + SLACK).unwrap_or(0) + CODE_ALIGN).min(len);
            }
            self.place(&section, from, to)?;
        }
        let mut compiled = Compiled {
            tables: CodeTables { traps: traps(&self.bytes[..code_bytes]), ..CodeTables::default() },
            code_bytes,
            start: 0,
            entries: Vec::new(),
            bytes: self.bytes,
        };
        for &section in self.stretches.keys() {
            let section = elf.section_by_index(SectionIndex(section)).map_err(unsupported)?;
            relocate(elf, &section, &self.stretches, &mut compiled)?;
        }
        Ok(compiled)
    }

    /// Appends a stretch of a section.
    fn place(&mut self, section: &Section<'_, '_>, from: usize, to: usize) -> Result<(), Bailout> {
        let name = section.name().unwrap_or_default();
        if !is_loaded(section)
            || flags(section) & u64::from(object::elf::SHF_WRITE) != 0
            || section.align() > CODE_ALIGN as u64
        {
            return Err(unsupported(format!("a section {name}")));
        }
        let own = section.align().max(1) as usize;
        self.bytes.resize(self.bytes.len().next_multiple_of(own), 0);
        self.stretches.insert(section.index().0, Stretch { place: self.bytes.len(), from, to });
        let data = section.data().map_err(unsupported)?.get(from..to);
        self.bytes.extend(data.ok_or_else(|| unsupported("a reference beyond a section"))?);
        Ok(())
    }
}

/// The target of a displacement if it is in the file: a section, and the offset in it that counts from the displacement's start.
fn target(elf: &Elf<'_>, relocation: &object::Relocation) -> Result<Option<(usize, i64)>, Bailout> {
    let RelocationTarget::Symbol(symbol) = relocation.target() else {
        return Err(unsupported("a relocation without a symbol"));
    };
    let symbol = elf.symbol_by_index(symbol).map_err(unsupported)?;
    Ok(symbol.section_index().map(|section| (section.0, symbol.address() as i64 + relocation.addend())))
}

fn is_loaded(section: &Section<'_, '_>) -> bool {
    flags(section) & u64::from(object::elf::SHF_ALLOC) != 0 && section.size() > 0
}

fn is_code(section: &Section<'_, '_>) -> bool {
    flags(section) & u64::from(object::elf::SHF_EXECINSTR) != 0
}

fn flags(section: &Section<'_, '_>) -> u64 {
    match section.flags() {
        SectionFlags::Elf { sh_flags, .. } => sh_flags,
        _ => 0,
    }
}

/// Resolves the references in a stretch of a section.
fn relocate(
    elf: &Elf<'_>,
    section: &Section<'_, '_>,
    stretches: &BTreeMap<usize, Stretch>,
    compiled: &mut Compiled,
) -> Result<(), Bailout> {
    let own = stretches[&section.index().0];
    for (offset, relocation) in section.relocations() {
        let offset = offset as usize;
        if !(own.from..own.to).contains(&offset) {
            continue;
        }
        let at = own.place + offset - own.from;
        let RelocationFlags::Elf { r_type: R_X86_64_PC32 | R_X86_64_PLT32 } = relocation.flags() else {
            return Err(unsupported(format!("a relocation {:?}", relocation.flags())));
        };
        match target(elf, &relocation)? {
            Some((section, to)) => {
                let stretch = stretches.get(&section).ok_or_else(|| unsupported("a reference to another function"))?;
                let to = to + stretch.place as i64 - stretch.from as i64;
                let distance = i32::try_from(to - at as i64).map_err(unsupported)?;
                let field = compiled.bytes.get_mut(at..at + 4).ok_or_else(|| unsupported("a relocation outside"))?;
                field.copy_from_slice(&distance.to_le_bytes());
            }
            None => {
                let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
                let symbol = elf.symbol_by_index(symbol).map_err(unsupported)?;
                if symbol.name() != Ok(ENTRIES) {
                    let name = symbol.name().unwrap_or_default();
                    return Err(unsupported(format!("a reference to `{name}`")));
                }
                compiled.entries.push((at, relocation.addend()));
            }
        }
    }
    Ok(())
}

/// The rows of the line table: ascending addresses in the code, each with a wasm offset, if code sections are at these addresses.
fn lines(elf: &Elf<'_>, bases: &HashMap<SectionIndex, u64>) -> Result<Vec<(u64, u32)>, Bailout> {
    let Some(section) = elf.section_by_name(".debug_line") else { return Ok(Vec::new()) };
    let mut table = section.data().map_err(unsupported)?.to_vec();
    for (offset, relocation) in section.relocations() {
        // The start of a sequence; other references are to names.
        let RelocationFlags::Elf { r_type: R_X86_64_64 } = relocation.flags() else { continue };
        let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
        let symbol = elf.symbol_by_index(symbol).map_err(unsupported)?;
        let base = symbol.section_index().and_then(|section| bases.get(&section)).copied();
        let base = base.ok_or_else(|| unsupported("lines of no code"))?;
        let address = base + symbol.address() + relocation.addend() as u64;
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
            list.push((row.address(), row.line().map_or(0, |line| line.get() as u32)));
        }
    }
    list.sort_by_key(|&(at, _)| at);
    Ok(list)
}

/// The positions of the code, as a list of changes.
fn positions(lines: impl IntoIterator<Item = (u32, u32)>, start: u32) -> Box<[(u32, u32)]> {
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

/// The first bytes of trapping instructions: `ud1 eax, [eax + number]`.
const TRAP: [u8; 4] = [0x67, 0x0f, 0xb9, 0x40];

/// The instructions that trap with a number. Bytes within other instructions may look the same, which is harmless, because these never
/// fault.
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
            assert!(matches!(read(file, &[(0, 0)]), Err(Bailout::Unsupported(_))));
        }
    }
}
