//! Modules compiled ahead of time: the file format.
//!
//! A file is an ELF object, so that other programs can look into it (`objdump -d`), and a hash behind it:
//!
//! ```text
//! ELF header          with `RISER` and the format's version where ELF has padding
//! .text               the functions' code, each with its constants; a symbol for each
//! .riser.settings     what the code was made with and what it needs: see `Settings`
//! .riser.functions    a record for each function: where its code is, or why it has none
//! .riser.relocations  displacements in the text to targets outside of it
//! .riser.tables       positions, traps and landings of the functions, read when needed; the reasons, as text
//! .riser.wasm         the module
//! hash                of all bytes before
//! ```
//!
//! Numbers in the sections besides `.text` are little-endian. The hash shows that the file has not changed since it was
//! written, by whomever. All the same, every number in the file is checked against the sizes of what it refers to, and
//! a function of the module is validated before anything other than the code in the file runs it. The code itself
//! cannot be checked: whoever can write such a file can make it do anything, as with a shared library.

mod bytes;
mod hash;
mod settings;

use std::ops::Range;

use object::write::{Object, StandardSection, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, Object as _, ObjectSection as _, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope,
};
use riser_tiers_core::CodeTables;
use riser_tiers_core::ahead::{AheadCode, Placed, Relocatable, Relocation, Target};
use riser_tiers_core::native::CODE_ALIGN;
use riser_translator::DefinedFuncIndex;

pub(crate) use self::hash::hash;
use bytes::Reader;
pub(crate) use settings::Settings;

const SETTINGS: &str = ".riser.settings";
const FUNCTIONS: &str = ".riser.functions";
const RELOCATIONS: &str = ".riser.relocations";
const TABLES: &str = ".riser.tables";
const WASM: &str = ".riser.wasm";

/// The version of the format.
const FORMAT: u8 = 5;
const ELF_MAGIC: &[u8] = b"\x7fELF";
/// The padding of an ELF header, and what this format puts there.
const MARK: Range<usize> = 9..16;
const MARKED: &[u8; 7] = &[b'R', b'I', b'S', b'E', b'R', 0, FORMAT];

/// Bytes of the hash.
const HASH_BYTES: usize = 8;
/// The limit on the size of the text, which is that of the largest code memory.
const MAX_TEXT_BYTES: usize = 1 << 30;
/// Bytes of an entry of the table of entries.
const ENTRY_BYTES: i64 = 8;
/// Bytes of a displacement.
const FIELD_BYTES: usize = 4;

const DECLINED: u32 = 0;
const CODE: u32 = 1;
const CODE_THAT_ACCESSES_MEMORY: u32 = 2;

const TO_FUNCTION: u32 = 0;
const TO_ENTRIES: u32 = 1;

/// Whether the bytes begin as files of this format do, in any version.
pub(crate) fn is_file(bytes: &[u8]) -> bool {
    bytes.starts_with(ELF_MAGIC) && bytes.get(MARK).is_some_and(|mark| mark[..6] == MARKED[..6])
}

/// Returns the file with a module's code. `name` names the symbols of the functions.
///
/// # Errors
///
/// If there is too much code.
pub(crate) fn write(
    settings: &Settings,
    functions: Vec<Result<Relocatable, String>>,
    wasm: &[u8],
    name: impl Fn(DefinedFuncIndex) -> String,
) -> Result<Vec<u8>, String> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let section = object.section_id(StandardSection::Text);
    let (mut text, mut records, mut tables, mut relocations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The offsets at which functions start, and the references in their code.
    let mut starts = Vec::with_capacity(functions.len());
    let mut references = Vec::new();
    for (defined, function) in DefinedFuncIndex::first(functions.len()).zip(functions) {
        let from = tables.len();
        let [kind, at, code_bytes, start] = match function {
            Err(why) => {
                tables.extend(why.as_bytes());
                starts.push(None);
                [DECLINED, 0, 0, 0]
            }
            Ok(function) => {
                text.resize(text.len().next_multiple_of(CODE_ALIGN), 0xcc);
                let (at, start) = (text.len(), function.start as usize);
                text.extend(function.bytes);
                references.extend(function.relocations.iter().map(|it| (at + it.at as usize, it.target)));
                starts.push(Some(at + start));
                function.tables.write(&mut tables);
                object.add_symbol(Symbol {
                    name: name(defined).into_bytes(),
                    value: (at + start) as u64,
                    size: u64::from(function.code_bytes) - start as u64,
                    kind: SymbolKind::Text,
                    scope: SymbolScope::Linkage,
                    weak: false,
                    section: SymbolSection::Section(section),
                    flags: SymbolFlags::None,
                });
                let kind = if function.may_access_memory { CODE_THAT_ACCESSES_MEMORY } else { CODE };
                [kind, at as u32, function.code_bytes, start as u32]
            }
        };
        for number in [kind, at, code_bytes, start, from as u32, tables.len() as u32] {
            records.extend(number.to_le_bytes());
        }
        if text.len() > MAX_TEXT_BYTES || tables.len() > u32::MAX as usize {
            return Err("there is too much code for a file".to_owned());
        }
    }
    for (at, target) in references {
        let (kind, number) = match target {
            // The reference and its target both lie within the text.
            Target::Function(callee) if let Some(start) = starts[callee.index()] => {
                let distance = (start as i64 - (at + FIELD_BYTES) as i64) as i32;
                text[at..at + FIELD_BYTES].copy_from_slice(&distance.to_le_bytes());
                continue;
            }
            Target::Function(callee) => (TO_FUNCTION, i64::from(callee.as_u32())),
            Target::Entries(addend) => (TO_ENTRIES, addend),
        };
        relocations.extend((at as u32).to_le_bytes());
        relocations.extend(kind.to_le_bytes());
        relocations.extend(number.to_le_bytes());
    }
    object.append_section_data(section, &text, CODE_ALIGN as u64);
    let sections = [
        (SETTINGS, &*settings.write()),
        (FUNCTIONS, &records),
        (RELOCATIONS, &relocations),
        (TABLES, &tables),
        (WASM, wasm),
    ];
    for (name, bytes) in sections {
        let section = object.add_section(Vec::new(), name.as_bytes().to_vec(), SectionKind::Metadata);
        object.append_section_data(section, bytes, 1);
    }
    let mut file = object.write().map_err(|error| error.to_string())?;
    file[MARK].copy_from_slice(MARKED);
    file.extend(hash(&file).to_le_bytes());
    Ok(file)
}

/// A file whose sections have been read, but not what depends on the module in them.
pub(crate) struct AheadFile<'a> {
    pub(crate) settings: Settings,
    /// The module.
    pub(crate) wasm: &'a [u8],
    text: &'a [u8],
    functions: &'a [u8],
    relocations: &'a [u8],
    tables: &'a [u8],
}

impl<'a> AheadFile<'a> {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it is not such a file, or has changed since it was written; the message says what is wrong.
    pub(crate) fn read(file: &'a [u8]) -> Result<AheadFile<'a>, String> {
        if !is_file(file) {
            return Err("it is not a file of Riser's, or not the whole of one".to_owned());
        }
        let format = file[MARK.end - 1];
        if format != FORMAT {
            return Err(format!(
                "its format is version {format}, where this Riser has version {FORMAT}: compile the module again"
            ));
        }
        let damaged = || "it is incomplete, or was changed: compile the module again".to_owned();
        let (object, sum) = file.split_last_chunk::<HASH_BYTES>().ok_or_else(damaged)?;
        if u64::from_le_bytes(*sum) != hash(object) {
            return Err(damaged());
        }
        AheadFile::read_object(object)
    }

    /// Reads a file that has no hash at its end.
    pub(crate) fn read_object(object: &'a [u8]) -> Result<AheadFile<'a>, String> {
        let elf = object::read::elf::ElfFile64::<'a, Endianness>::parse(object);
        let elf = elf.map_err(|error| format!("it is no object file: {error}"))?;
        let section = |name: &str| {
            let section = elf.section_by_name(name).ok_or_else(|| format!("there is no section `{name}`"))?;
            section.data().map_err(|error| format!("section `{name}`: {error}"))
        };
        Ok(AheadFile {
            settings: Settings::read(section(SETTINGS)?)?,
            wasm: section(WASM)?,
            text: section(".text")?,
            functions: section(FUNCTIONS)?,
            relocations: section(RELOCATIONS)?,
            tables: section(TABLES)?,
        })
    }

    /// Returns the code of a module with `count` functions.
    ///
    /// # Errors
    ///
    /// If the file's records are inconsistent.
    pub(crate) fn code(&self, count: usize) -> Result<AheadCode<'a>, String> {
        let mut records = Reader::new(self.functions);
        if self.text.len() > MAX_TEXT_BYTES {
            return Err("there is too much code".to_owned());
        }
        // The capacity is limited by the bytes that the section has.
        let mut functions = Vec::with_capacity(count.min(self.functions.len()));
        let mut end = 0;
        for _ in 0..count {
            functions.push(self.function(&mut records, &mut end)?);
        }
        records.end()?;
        let mut relocations = Vec::new();
        let mut reader = Reader::new(self.relocations);
        while !reader.is_empty() {
            relocations.push(self.relocation(&mut reader, count)?);
        }
        Ok(AheadCode { text: self.text, functions: functions.into(), relocations, tables: self.tables.into() })
    }

    /// Reads the record of a function whose code begins at `end` or behind it, and moves `end` behind the code.
    fn function(&self, records: &mut Reader<'_>, end: &mut u32) -> Result<Result<Placed, Box<str>>, String> {
        let mut number = || records.half();
        let [kind, at, code_bytes, start, from, to] =
            [number()?, number()?, number()?, number()?, number()?, number()?];
        let tables = self.tables.get(from as usize..to as usize).ok_or("tables that are not there")?;
        if kind == DECLINED {
            return Ok(Err(std::str::from_utf8(tables).map_err(|error| error.to_string())?.into()));
        }
        if kind > CODE_THAT_ACCESSES_MEMORY {
            return Err(format!("a function of kind {kind}"));
        }
        if at < *end || start >= code_bytes || u64::from(at) + u64::from(code_bytes) > self.text.len() as u64 {
            return Err("code that is not there".to_owned());
        }
        *end = at + code_bytes;
        let may_access_memory = kind == CODE_THAT_ACCESSES_MEMORY;
        Ok(Ok(Placed { at, code_bytes, start, may_access_memory, tables: (from, to) }))
    }

    fn relocation(&self, reader: &mut Reader<'_>, functions: usize) -> Result<Relocation, String> {
        let (at, kind, number) = (reader.half()?, reader.half()?, reader.number()?.cast_signed());
        if at as usize + FIELD_BYTES > self.text.len() {
            return Err("a relocation outside of the code".to_owned());
        }
        let target = match (kind, u32::try_from(number)) {
            (TO_FUNCTION, Ok(callee)) if (callee as usize) < functions => {
                Target::Function(DefinedFuncIndex::new(callee))
            }
            // Displacements count from their end, or from the end of what follows them, so that addends may be as low
            // as -8.
            (TO_ENTRIES, _) if (-8..functions as i64 * ENTRY_BYTES).contains(&number) => Target::Entries(number),
            _ => return Err("a relocation to nothing".to_owned()),
        };
        Ok(Relocation { at, target })
    }
}

/// Reads a file's metadata without checking the hash: for fuzzing.
pub(crate) fn read_unhashed(object: &[u8]) -> Result<(), String> {
    let file = AheadFile::read_object(object)?;
    let count = file.functions.len() / 24;
    let AheadCode { text, functions, relocations, tables } = file.code(count)?;
    for placed in functions.iter().flatten() {
        assert!(placed.start < placed.code_bytes && (placed.at + placed.code_bytes) as usize <= text.len());
        let (from, to) = placed.tables;
        let CodeTables { positions, traps, landings, .. } = CodeTables::read(&tables[from as usize..to as usize]);
        assert!(positions.is_sorted_by(|a, b| a.0 < b.0) && traps.is_sorted_by(|a, b| a.0 < b.0));
        assert!(landings.calls.is_sorted_by(|a, b| a.to <= b.from));
    }
    assert!(relocations.iter().all(|it| it.at as usize + FIELD_BYTES <= text.len()));
    Ok(())
}

#[cfg(test)]
mod tests;
