//! Whether DWARF can be read at a cost in proportion to its size.
//!
//! A module's DWARF comes from the guest, and its readers take it as a compiler would have made it. A unit of a dozen bytes can refer to
//! the same abbreviations, line program or ranges as thousands of others, and each gets a copy of what has been read. Functions of one
//! byte each can be inlined into each other, and for each of them the reader calls itself. So DWARF is looked through before it is read:
//! what compilers emit refers to most things once, and does not inline that deep.
//!
//! What cannot be parsed is left out here, as it is by the readers.

use gimli::{AttributeValue, Dwarf, Reader as _, SectionId, Unit, UnitHeader};

use super::Reader;

/// Functions that are inlined into each other.
const MOST_INLINED: usize = 128;
/// Attributes of one entry. Some take no bytes in the entry.
const MOST_ATTRIBUTES: usize = 128;
/// Bytes of a name, which is looked at once for each reference to it.
const MOST_OF_NAME: usize = 64 << 10;
/// How often DWARF may refer to each of its bytes, on average.
const TIMES: usize = 4;
/// Bytes that DWARF of any size may refer to.
const BASE: usize = 64 << 10;
/// What a range, a folder or a file counts, in bytes.
const ITEM: usize = 8;

/// The DWARF refers to itself too much.
struct TooMuch;

/// Looks through DWARF. Returns whether it can be read.
pub(super) fn is_in_proportion(dwarf: &Dwarf<Reader>, section: impl Fn(SectionId) -> Reader) -> bool {
    let named = [SectionId::DebugInfo, SectionId::DebugStr, SectionId::DebugLineStr];
    let is_long = |name: &[u8]| name.len() > MOST_OF_NAME;
    if named.into_iter().any(|id| section(id).bytes().split(|&byte| byte == 0).any(is_long)) {
        return false;
    }
    let others = [
        SectionId::DebugAbbrev,
        SectionId::DebugAddr,
        SectionId::DebugAranges,
        SectionId::DebugLine,
        SectionId::DebugRanges,
        SectionId::DebugRngLists,
    ];
    let bytes: usize = named.into_iter().chain(others).map(|id| section(id).bytes().len()).sum();
    let (abbreviations, lines) = (section(SectionId::DebugAbbrev), section(SectionId::DebugLine));
    let mut look = Look { dwarf, abbreviations, lines, left: BASE + TIMES * bytes };
    let mut units = dwarf.units();
    while let Ok(Some(header)) = units.next() {
        if look.unit(header).is_err() {
            return false;
        }
    }
    true
}

/// A look through DWARF.
struct Look<'a> {
    dwarf: &'a Dwarf<Reader>,
    /// The abbreviations of all units.
    abbreviations: Reader,
    /// The line programs of all units.
    lines: Reader,
    /// Bytes that may still be referred to.
    left: usize,
}

impl Look<'_> {
    fn spend(&mut self, bytes: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(bytes).ok_or(TooMuch)?;
        Ok(())
    }

    fn unit(&mut self, header: UnitHeader<Reader>) -> Result<(), TooMuch> {
        let dwarf = self.dwarf;
        self.abbreviations(header.debug_abbrev_offset().0)?;
        let Ok(abbreviations) = dwarf.abbreviations(&header) else { return Ok(()) };
        let Ok(mut entries) = header.entries_raw(&abbreviations, None) else { return Ok(()) };
        let root = loop {
            match entries.read_abbreviation() {
                Ok(Some(root)) => break root,
                Ok(None) => {}
                Err(_) => return Ok(()),
            }
        };
        for &attribute in root.attributes() {
            let Ok(attribute) = entries.read_attribute(attribute) else { return Ok(()) };
            if let AttributeValue::DebugLineRef(offset) = attribute.value() {
                let bytes = self.line_bytes(offset.0);
                self.spend(bytes)?;
            }
        }
        // This reads the line program's header, so it comes after what has been spent for that.
        let Ok(unit) = dwarf.unit(header) else { return Ok(()) };
        self.files(&unit)?;
        self.entries(&unit)
    }

    /// The abbreviations at an offset.
    fn abbreviations(&mut self, offset: usize) -> Result<(), TooMuch> {
        let mut table = self.abbreviations.clone();
        if table.skip(offset).is_err() {
            return Ok(());
        }
        let before = table.bytes().len();
        let most = most_attributes(&mut table);
        self.spend(before - table.bytes().len())?;
        if most.is_ok_and(|most| most > MOST_ATTRIBUTES) { Err(TooMuch) } else { Ok(()) }
    }

    /// The size of the line program at an offset.
    fn line_bytes(&self, offset: usize) -> usize {
        let mut program = self.lines.clone();
        if program.skip(offset).is_err() {
            return 0;
        }
        let length = program.read_initial_length();
        length.map_or(0, |(length, _)| length.min(program.bytes().len()))
    }

    /// The files of a unit, each of which gets a path.
    fn files(&mut self, unit: &Unit<Reader>) -> Result<(), TooMuch> {
        let dwarf = self.dwarf;
        let Some(program) = &unit.line_program else { return Ok(()) };
        let header = program.header();
        let bytes = |text: AttributeValue<Reader>| dwarf.attr_string(unit, text).map_or(0, |text| text.bytes().len());
        let folder = unit.comp_dir.as_ref().map_or(0, |folder| folder.bytes().len());
        self.spend(ITEM * header.include_directories().len())?;
        for file in header.file_names() {
            let path = folder + file.directory(header).map_or(0, &bytes) + bytes(file.path_name());
            // Paths are not read from the DWARF, only made of it.
            self.spend(ITEM + path / 4)?;
        }
        Ok(())
    }

    fn entries(&mut self, unit: &Unit<Reader>) -> Result<(), TooMuch> {
        let Ok(mut entries) = unit.header.entries_raw(&unit.abbreviations, None) else { return Ok(()) };
        // The depths of the inlined functions that the entry is in.
        let mut inlined: Vec<isize> = Vec::new();
        while !entries.is_empty() {
            let depth = entries.next_depth();
            let Ok(abbreviation) = entries.read_abbreviation() else { return Ok(()) };
            let Some(abbreviation) = abbreviation else { continue };
            while inlined.last().is_some_and(|&outer| outer >= depth) {
                inlined.pop();
            }
            if abbreviation.tag() == gimli::DW_TAG_inlined_subroutine {
                inlined.push(depth);
                if inlined.len() > MOST_INLINED {
                    return Err(TooMuch);
                }
            }
            let attributes = abbreviation.attributes();
            if !attributes.iter().any(|attribute| attribute.name() == gimli::DW_AT_ranges) {
                if entries.skip_attributes(attributes).is_err() {
                    return Ok(());
                }
                continue;
            }
            for &attribute in attributes {
                let Ok(attribute) = entries.read_attribute(attribute) else { return Ok(()) };
                if attribute.name() == gimli::DW_AT_ranges {
                    self.ranges(unit, attribute.value())?;
                }
            }
        }
        Ok(())
    }

    fn ranges(&mut self, unit: &Unit<Reader>, list: AttributeValue<Reader>) -> Result<(), TooMuch> {
        let dwarf = self.dwarf;
        let Ok(Some(offset)) = dwarf.attr_ranges_offset(unit, list) else { return Ok(()) };
        let Ok(mut ranges) = dwarf.raw_ranges(unit, offset) else { return Ok(()) };
        while let Ok(Some(_)) = ranges.next() {
            self.spend(ITEM)?;
        }
        Ok(())
    }
}

/// Reads a table of abbreviations. Returns the most attributes that one has.
fn most_attributes(table: &mut Reader) -> Result<usize, gimli::Error> {
    let mut most = 0;
    while !table.bytes().is_empty() && table.read_uleb128()? != 0 {
        // The tag, and whether there are children.
        table.read_uleb128()?;
        table.read_u8()?;
        let mut count = 0;
        loop {
            let (name, form) = (table.read_uleb128()?, table.read_uleb128()?);
            if (name, form) == (0, 0) {
                break;
            }
            if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                table.read_sleb128()?;
            }
            count += 1;
        }
        most = most.max(count);
    }
    Ok(most)
}
