//! Source lines, from the DWARF that a module carries in custom sections
//! (<https://yurydelendik.github.io/webassembly-dwarf/>).

mod proportion;

use std::fmt::{self, Write as _};
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use addr2line::{Context, FunctionName};
use cpp_demangle::DemangleOptions;
use gimli::{CloneStableDeref, EndianReader, LittleEndian, SectionId, StableDeref};
use riser_translator::module::ModuleInfo;
use riser_translator::{SharedBytes, Shown};

type Reader = EndianReader<LittleEndian, ModuleBytes>;

/// The bytes of a module, for gimli.
#[derive(Clone, Debug)]
struct ModuleBytes(SharedBytes);

impl Deref for ModuleBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

// SAFETY: the bytes stay in place as long as anybody holds them, wherever a holder is moved.
unsafe impl StableDeref for ModuleBytes {}

// SAFETY: clones share the bytes.
unsafe impl CloneStableDeref for ModuleBytes {}

/// Maps a module's code to its sources. Debug information is read when it is first needed, and then kept.
pub struct Sources {
    context: Mutex<Context<Reader>>,
    /// What DWARF's addresses are relative to.
    code_start: u32,
}

/// The most bytes of a name or a path that a [`FrameSymbol`] has.
const MOST_OF_NAME: usize = 16 << 10;

/// A place in a source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameSymbol {
    name: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

impl FrameSymbol {
    /// The function's name in the source, demangled; for inlined code, the inlined function's.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The source file, as the compiler that made the module named it.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The column, counted from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}

impl fmt::Display for FrameSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(self.file().unwrap_or("<unknown>")))?;
        let numbers = [self.line, self.column];
        numbers.iter().map_while(|number| *number).try_for_each(|number| write!(f, ":{number}"))
    }
}

impl Sources {
    /// The sources of a module; `None` if it carries no DWARF, or none that can be read at a cost in proportion to its size.
    pub fn new(info: &ModuleInfo) -> Option<Sources> {
        let bytes = Reader::new(ModuleBytes(info.bytes.clone()), LittleEndian);
        let section = |id: SectionId| -> Reader {
            let found = info.custom_section(id.name()).map(|section| &section.data);
            let range = found.map_or(0..0, |data| data.start as usize..data.end as usize);
            bytes.range(range)
        };
        if section(SectionId::DebugInfo).is_empty() {
            return None;
        }
        let dwarf = gimli::Dwarf::load(|id| Ok::<_, gimli::Error>(section(id))).ok()?;
        if !proportion::is_in_proportion(&dwarf, section) {
            return None;
        }
        let context = Context::from_dwarf(dwarf).ok()?;
        Some(Sources { context: Mutex::new(context), code_start: info.code_start })
    }

    /// The source positions of the code at an offset in the module: the function that contains it comes last, and before it
    /// the functions that were inlined there, each into the one after it. Empty if nothing is known.
    pub fn find(&self, offset: u32) -> Vec<FrameSymbol> {
        let Some(address) = offset.checked_sub(self.code_start) else { return Vec::new() };
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let mut symbols = Vec::new();
        // Damaged information counts as missing.
        let Ok(mut frames) = context.find_frames(address.into()).skip_all_loads() else { return symbols };
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(name_of);
            let location = frame.location;
            if name.is_none() && location.is_none() {
                continue;
            }
            symbols.push(FrameSymbol {
                name,
                file: location.as_ref().and_then(|it| it.file).map(start_of),
                line: location.as_ref().and_then(|it| it.line),
                column: location.and_then(|it| it.column),
            });
        }
        symbols
    }
}

/// The name of a function, demangled if that does not make it too long.
fn name_of(function: &FunctionName<Reader>) -> Option<String> {
    let name = function.raw_name().ok()?;
    Some(demangled(&name, function.language).unwrap_or_else(|| start_of(&name)))
}

/// A name or a path, cut if it is too long.
fn start_of(name: &str) -> String {
    name[..name.floor_char_boundary(MOST_OF_NAME)].to_owned()
}

/// Demangles a name of a language; as one of Rust or C++ if the language is not known. A mangled name can stand for one that is longer
/// by any factor, because its parts can refer to each other.
fn demangled(name: &str, language: Option<gimli::DwLang>) -> Option<String> {
    let rust = || {
        let name = rustc_demangle::try_demangle(name).ok()?;
        short(|out| write!(out, "{name:#}"))
    };
    let cpp = || {
        let name = cpp_demangle::Symbol::new(name).ok()?;
        short(|out| name.structured_demangle(out, &DemangleOptions::default()))
    };
    match language {
        None => rust().or_else(cpp),
        Some(gimli::DW_LANG_Rust) => rust(),
        Some(
            gimli::DW_LANG_C_plus_plus
            | gimli::DW_LANG_C_plus_plus_03
            | gimli::DW_LANG_C_plus_plus_11
            | gimli::DW_LANG_C_plus_plus_14
            | gimli::DW_LANG_C_plus_plus_17
            | gimli::DW_LANG_C_plus_plus_20,
        ) => cpp(),
        Some(_) => None,
    }
}

/// What is written, unless that is too long.
fn short(write: impl FnOnce(&mut Short) -> fmt::Result) -> Option<String> {
    let mut out = Short(String::new());
    write(&mut out).ok()?;
    Some(out.0)
}

/// Text that ends in an error before it is too long.
struct Short(String);

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MOST_OF_NAME {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}
