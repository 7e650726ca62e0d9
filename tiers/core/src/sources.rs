//! Lines of source, from the DWARF that a module carries in custom sections
//! (<https://yurydelendik.github.io/webassembly-dwarf/>).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use addr2line::Context;
use gimli::{EndianArcSlice, LittleEndian, SectionId};
use riser_translator::Shown;
use riser_translator::module::ModuleInfo;

type Reader = EndianArcSlice<LittleEndian>;

/// Where code of a module comes from. What is looked up is read when it is first needed, and then kept.
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
    /// The function's name in the source, demangled; of inlined functions, that of the inlined one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The source file, as the compiler that made the module found it.
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
    /// The sources of a module; `None` if it carries no DWARF, or none that can be read.
    pub fn new(info: &ModuleInfo) -> Option<Sources> {
        let bytes = Reader::new(Arc::clone(&info.bytes), LittleEndian);
        let section = |id: SectionId| -> Result<Reader, gimli::Error> {
            let found = info.custom_sections.iter().find(|(name, _)| **name == *id.name());
            let range = found.map_or(0..0, |(_, range)| range.start as usize..range.end as usize);
            Ok(bytes.range(range))
        };
        if section(SectionId::DebugInfo).is_ok_and(|section| section.is_empty()) {
            return None;
        }
        let context = Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()?;
        Some(Sources { context: Mutex::new(context), code_start: info.code_start })
    }

    /// Where the code at an offset in the module comes from: the function that it is in last, and before it those that were
    /// inlined there, each into the one behind it. Nothing if that is not known.
    pub fn find(&self, offset: u32) -> Vec<FrameSymbol> {
        let Some(address) = offset.checked_sub(self.code_start) else { return Vec::new() };
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let mut symbols = Vec::new();
        // What is damaged is as good as what is not there.
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
