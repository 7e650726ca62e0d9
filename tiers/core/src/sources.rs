//! Source lines, from the DWARF that a module carries in custom sections
//! (<https://yurydelendik.github.io/webassembly-dwarf/>).

mod proportion;

use std::fmt;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use addr2line::Context;
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
            let name = frame.function.and_then(|function| Some(function.demangle().ok()?.into_owned()));
            let location = frame.location;
            if name.is_none() && location.is_none() {
                continue;
            }
            symbols.push(FrameSymbol {
                name,
                file: location.as_ref().and_then(|it| it.file).map(ToOwned::to_owned),
                line: location.as_ref().and_then(|it| it.line),
                column: location.and_then(|it| it.column),
            });
        }
        symbols
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}
