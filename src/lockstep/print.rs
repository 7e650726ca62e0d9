//! Prints a report: what each side did, and the code around it.

use std::fmt::Write as _;

use anyhow::Result;
use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::{Divergence, Safepoint, SafepointMap};
use riser_translator::{FuncIndex, ParsedModule, Shown, parse_module_with};
use wasmparser::{BinaryReader, Name, NameSectionReader};

use super::end::{End, Ended};
use super::excerpt::{self, Ir, Place, Text};
use super::{Report, Side, Value};
use crate::{Config, Engine, Mode};

/// The most values of a frame that are printed.
const MOST_ROWS: usize = 64;

/// A side to print.
struct Printed<'a> {
    letter: char,
    module: ParsedModule,
    /// The configuration.
    config: &'a Config,
    /// Whether the register interpreter runs the side.
    is_interpreted: bool,
    /// The safepoint at which the sides differ.
    at: Option<&'a Safepoint>,
    ended: Option<&'a Ended>,
}

/// A line of a frame: a description, and the value.
type Row = (String, String);

impl Report {
    /// The report as text, with `names` for the sides `a` and `b`. It says how many safepoints are
    /// alike and how both runs ended, or else shows the first divergence, with both frames, and the
    /// operators and the register IR around it.
    ///
    /// # Errors
    ///
    /// If a module cannot be read, because it is not the one that ran.
    pub fn print(&self, a: &Side, b: &Side, names: [&str; 2]) -> Result<String> {
        let [name_a, name_b] = names;
        let (at_a, at_b) = match &self.divergence {
            Some(Divergence { a, b, .. }) => (a.as_ref(), b.as_ref()),
            None => (None, None),
        };
        let sides =
            [Printed::new('A', a, at_a, self.ends[0].as_ref())?, Printed::new('B', b, at_b, self.ends[1].as_ref())?];
        let mut out = format!("A: {name_a}\nB: {name_b}\n");
        let safepoints = self.safepoints;
        match (&self.divergence, &self.ends) {
            (None, [Some(a), Some(b)]) if a == b => {
                let written: u64 = a.output.iter().map(|output| output.bytes).sum();
                let output = if written > 0 { format!(", {written} bytes of output alike") } else { String::new() };
                writeln!(out, "{safepoints} safepoints alike, both {}{output}", a.end)?;
                return Ok(out);
            }
            (None, [Some(a), Some(b)]) => {
                writeln!(out, "{safepoints} safepoints alike, but the sides end differently")?;
                for line in Ended::differences(a, b) {
                    writeln!(out, "  {line}")?;
                }
            }
            _ => {
                writeln!(out, "{safepoints} safepoints alike, then the sides diverge")?;
                self.print_frames(&mut out, &sides)?;
            }
        }
        if let Some(last) = &self.last_alike {
            writeln!(out, "\nlast safepoint alike, number {}", safepoints.saturating_sub(1))?;
            print_rows(&mut out, &sides[0].frame(last)?)?;
        }
        self.print_code(&mut out, &sides)?;
        Ok(out)
    }

    /// Prints the frames where the sides diverge, side by side if they have the same shape.
    fn print_frames(&self, out: &mut String, sides: &[Printed<'_>; 2]) -> Result<()> {
        writeln!(out, "\nsafepoint number {}", self.safepoints)?;
        if let [Some(at_a), Some(at_b)] = [sides[0].at, sides[1].at] {
            let (a, b) = (sides[0].frame(at_a)?, sides[1].frame(at_b)?);
            if a.iter().map(|row| &row.0).eq(b.iter().map(|row| &row.0)) {
                return print_side_by_side(out, &a, &b);
            }
        }
        for side in sides {
            match (side.at, side.ended) {
                (Some(at), _) => {
                    writeln!(out, "{} goes on", side.letter)?;
                    print_rows(out, &side.frame(at)?)?;
                }
                (None, Some(ended)) => writeln!(out, "{} {}", side.letter, ended.end)?,
                (None, None) => writeln!(out, "{} was stopped", side.letter)?,
            }
        }
        Ok(())
    }

    /// Prints the surrounding code: the last safepoint alike (`=`), and the place of each side
    /// (`A`, `B`).
    fn print_code(&self, out: &mut String, sides: &[Printed<'_>; 2]) -> Result<()> {
        let [a, b] = sides;
        let last = self.last_alike.as_ref().map(|last| place('=', last));
        let places = |sides: &[&Printed<'_>]| -> Vec<Place> {
            last.into_iter().chain(sides.iter().filter_map(|side| side.place())).collect()
        };
        let mut print = |title: &str, excerpt: String| {
            if !excerpt.is_empty() {
                out.push_str(&format!("\n{title}\n{excerpt}"));
            }
        };
        let same_module = a.module.info().bytes == b.module.info().bytes;
        let text = |side: &Printed<'_>, places: &[Place]| {
            excerpt::around(&Text(&side.module), places, |function| function_name(side.module.info(), function))
        };
        if same_module {
            print("WebAssembly", text(a, &places(&[a, b]))?);
        } else {
            print("WebAssembly of A", text(a, &places(&[a]))?);
            print("WebAssembly of B", text(b, &places(&[b]))?);
        }
        let ir = |side: &Printed<'_>, places: &[Place]| match side.is_interpreted {
            true => excerpt::around(&Ir(&side.module, side.config), places, |function| {
                function_name(side.module.info(), function)
            }),
            false => Ok(String::new()),
        };
        let switches = |side: &Printed<'_>, function| {
            side.is_interpreted.then(|| *side.config.translator_for(side.module.info(), function))
        };
        let same_switches =
            places(&[a, b]).iter().all(|place| switches(a, place.function) == switches(b, place.function));
        if same_module && same_switches {
            print("register IR of A and B", ir(a, &places(&[a, b]))?);
        } else {
            print("register IR of A", ir(a, &places(&[a]))?);
            print("register IR of B", ir(b, &places(&[b]))?);
        }
        Ok(())
    }
}

impl<'a> Printed<'a> {
    fn new(letter: char, side: &'a Side, at: Option<&'a Safepoint>, ended: Option<&'a Ended>) -> Result<Printed<'a>> {
        let engine = Engine::new(&side.config)?;
        Ok(Printed {
            letter,
            module: parse_module_with(side.module.clone(), side.config.features())?,
            config: &side.config,
            is_interpreted: engine.default_mode() == Mode::Interp,
            at,
            ended,
        })
    }

    /// The place at which the side is, or at which it trapped.
    fn place(&self) -> Option<Place> {
        match (self.at, self.ended.map(|ended| &ended.end)) {
            (Some(at), _) => Some(place(self.letter, at)),
            (None, Some(&End::Trapped { place: Some((function, offset)), .. })) => {
                Some(Place { sign: self.letter, function, offset, kind: None })
            }
            _ => None,
        }
    }

    /// The lines of a frame.
    fn frame(&self, at: &Safepoint) -> Result<Vec<Row>> {
        let info = self.module.info();
        let map = SafepointMap::of(&self.module, at.function)?;
        let mut rows = vec![
            ("function".to_owned(), function_name(info, at.function)),
            ("at".to_owned(), format!("{} {:#x}", at.kind, at.offset)),
        ];
        let names = local_names(info, at.function);
        let mut slots = at.locals.iter().copied();
        for (index, &ty) in (0..).zip(&map.locals) {
            let Some(value) = Value::take(ty, &mut slots) else { break };
            let name = names.iter().find(|(named, _)| *named == index).map(|(_, name)| format!(" ${name}"));
            rows.push((format!("local {index}{} {ty}", name.unwrap_or_default()), value.to_string()));
        }
        let operands = map.find(at.kind, at.offset).map_or(&[][..], |site| &site.operands);
        let mut slots = at.operands.iter().copied();
        for (index, &ty) in operands.iter().enumerate() {
            let Some(value) = Value::take(ty, &mut slots) else { break };
            rows.push((format!("operand {index} {ty}"), value.to_string()));
        }
        // These exist only if the modes disagree on the height of the operand stack.
        rows.extend(slots.map(|bits| ("unexpected operand".to_owned(), format!("{bits:#x}"))));
        Ok(rows)
    }
}

fn place(sign: char, at: &Safepoint) -> Place {
    Place { sign, function: at.function, offset: at.offset, kind: Some(at.kind) }
}

fn function_name(info: &ModuleInfo, function: FuncIndex) -> String {
    match info.func_name(function) {
        Some(name) => format!("{function} ${}", Shown(name)),
        None => function.to_string(),
    }
}

/// The names of a function's locals, if the module has a readable name section.
fn local_names(info: &ModuleInfo, function: FuncIndex) -> Vec<(u32, String)> {
    let Some(range) = info.custom_section("name").map(|section| &section.data) else { return Vec::new() };
    let bytes = &info.bytes[range.start as usize..range.end as usize];
    let mut found = Vec::new();
    for subsection in NameSectionReader::new(BinaryReader::new(bytes, range.start as usize)).flatten() {
        let Name::Local(functions) = subsection else { continue };
        for locals in functions.into_iter().flatten().filter(|locals| locals.index == function.as_u32()) {
            found.extend(locals.names.into_iter().flatten().map(|local| (local.index, Shown(local.name).to_string())));
        }
    }
    found
}

fn print_rows(out: &mut String, rows: &[Row]) -> Result<()> {
    let width = rows.iter().map(|(what, _)| what.chars().count()).max().unwrap_or_default();
    for (what, value) in rows.iter().take(MOST_ROWS) {
        writeln!(out, "  {what:<width$}  {value}")?;
    }
    if rows.len() > MOST_ROWS {
        writeln!(out, "  and {} more values", rows.len() - MOST_ROWS)?;
    }
    Ok(())
}

/// Prints two frames of the same shape. Rows that differ are marked, and come first if there are
/// too many rows.
fn print_side_by_side(out: &mut String, a: &[Row], b: &[Row]) -> Result<()> {
    let mut rows: Vec<(bool, &str, &str, &str)> =
        a.iter().zip(b).map(|((what, a), (_, b))| (a != b, &**what, &**a, &**b)).collect();
    let omitted = rows.len().saturating_sub(MOST_ROWS);
    if omitted > 0 {
        rows.sort_by_key(|(differs, ..)| !differs);
        rows.truncate(MOST_ROWS);
    }
    rows.insert(0, (false, "", "A", "B"));
    let width = |column: fn(&(bool, &str, &str, &str)) -> usize| rows.iter().map(column).max().unwrap_or_default();
    let (what_width, a_width) = (width(|row| row.1.chars().count()), width(|row| row.2.chars().count()));
    for (differs, what, a, b) in rows {
        let mark = if differs { '!' } else { ' ' };
        writeln!(out, "{mark} {what:<what_width$}  {a:<a_width$}  {b}")?;
    }
    if omitted > 0 {
        writeln!(out, "  and {omitted} more values")?;
    }
    Ok(())
}
