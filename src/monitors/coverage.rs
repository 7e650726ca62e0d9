//! Which lines a program reaches, in the format of lcov's tracefiles.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::place::{Modules, Place, name};
use super::{Report, lock};
use crate::translator::Shown;
use crate::translator::probe::Chooser;
use crate::translator::probe_map::ProbeMap;
use crate::{Event, EventSet, FuncIndex, Module, Monitor, Point};

/// Reports how often each source line was reached, and each function entered, as a tracefile of lcov (`geninfo(1)`). Lines
/// are those of the module's DWARF. Code without DWARF counts as lines of the module itself, whose numbers are offsets.
#[derive(Default)]
pub struct Coverage(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    hits: Counts,
    entries: Counts,
}

/// Numbers by places. Every operator that is executed adds to one, so they are found without hashing: by module, and by the offset in pieces
/// that are there once something in them was executed.
#[derive(Default)]
struct Counts(Vec<Vec<Option<Box<[u64; PIECE]>>>>);

/// Offsets in a piece.
const PIECE: usize = 256;

impl Counts {
    fn add(&mut self, Place { function, offset }: Place) {
        let (module, piece) = (function.module, offset / PIECE);
        if self.0.len() <= module {
            self.0.resize_with(module + 1, Vec::new);
        }
        let pieces = &mut self.0[module];
        if pieces.len() <= piece {
            pieces.resize(piece + 1, None);
        }
        pieces[piece].get_or_insert_with(|| Box::new([0; PIECE]))[offset % PIECE] += 1;
    }

    fn get(&self, Place { function, offset }: Place) -> u64 {
        let piece = self.0.get(function.module).and_then(|pieces| pieces.get(offset / PIECE)?.as_ref());
        piece.map_or(0, |piece| piece[offset % PIECE])
    }
}

/// What is known of a source file.
#[derive(Default)]
struct File {
    /// The functions by name: the line where each starts, and how often it was entered.
    functions: BTreeMap<String, (u64, u64)>,
    lines: BTreeMap<u64, u64>,
}

impl Monitor for Coverage {
    fn events(&self) -> EventSet {
        let special = EventSet::LOOP | EventSet::BRANCH | EventSet::CALL | EventSet::MEMORY;
        EventSet::ENTRY | special | EventSet::OPERATOR
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = lock(&self.0);
        let place = seen.modules.place(event);
        // The operator at the entry has an event of its own.
        let counts = if event.point() == Point::Entry { &mut seen.entries } else { &mut seen.hits };
        counts.add(place);
    }
}

impl Report for Coverage {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        for (number, module) in seen.modules.iter() {
            for function in module.info().defined_functions() {
                seen.add(number, module, function, &mut files);
            }
        }
        let mut text = String::new();
        for (path, File { functions, lines }) in &files {
            let _ = writeln!(text, "TN:\nSF:{path}");
            text.extend(functions.iter().map(|(name, (line, _))| format!("FN:{line},{name}\n")));
            text.extend(functions.iter().map(|(name, (_, entries))| format!("FNDA:{entries},{name}\n")));
            let reached = functions.values().filter(|(_, entries)| *entries > 0).count();
            let _ = writeln!(text, "FNF:{}\nFNH:{reached}", functions.len());
            text.extend(lines.iter().map(|(line, hits)| format!("DA:{line},{hits}\n")));
            let reached = lines.values().filter(|hits| **hits > 0).count();
            let _ = writeln!(text, "LF:{}\nLH:{reached}\nend_of_record", lines.len());
        }
        text
    }
}

impl Seen {
    /// Adds a function's lines to those of the files.
    fn add(&self, number: usize, module: &Module, function: FuncIndex, files: &mut BTreeMap<String, File>) {
        // A function whose body is not valid has not run.
        let Ok(map) = ProbeMap::of(module.parsed(), function, &Everything) else { return };
        let place = |offset| Place { function: super::place::Function { module: number, index: function }, offset };
        let mut start: Option<(String, u64)> = None;
        for site in &map.sites {
            let offset = site.offset as usize;
            let (file, line) = source(module, offset);
            match site.point {
                Point::Entry => start = Some((file, line)),
                // The closing parenthesis or brace is nothing that runs.
                Point::Exit => {}
                Point::Loop
                | Point::Branch
                | Point::BranchTable { .. }
                | Point::Call { .. }
                | Point::CallIndirect { .. }
                | Point::Access(_)
                | Point::Bulk(_)
                | Point::Operator => {
                    let line = files.entry(file).or_default().lines.entry(line).or_default();
                    *line = (*line).max(self.hits.get(place(offset)));
                }
            }
        }
        if let Some((file, line)) = start {
            let entry = map.sites.iter().find(|site| site.point == Point::Entry);
            let entries = entry.map_or(0, |site| self.entries.get(place(site.offset as usize)));
            files.entry(file).or_default().functions.insert(name(module.info(), function), (line, entries));
        }
    }
}

/// The file and the line that code comes from: of the source, or else the module and the offset.
fn source(module: &Module, offset: usize) -> (String, u64) {
    let symbols = module.symbols(offset);
    match symbols.first().map(|symbol| (symbol.file(), symbol.line())) {
        Some((Some(file), Some(line))) if line > 0 => (Shown(file).to_string(), line.into()),
        _ => (Shown(module.name().unwrap_or("<module>")).to_string(), offset as u64),
    }
}

/// Chooses every point.
struct Everything;

impl Chooser for Everything {
    fn choose(&self, _: FuncIndex, _: &Point, _: u32) -> u64 {
        1
    }
}
