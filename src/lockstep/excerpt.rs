//! Excerpts: the lines of a listing around the places that matter.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{FuncIndex, ParsedModule, TranslatorConfig};

use crate::Config;
use crate::listing::{self, Line, WasmText};

/// Lines before each place.
const BEFORE: usize = 4;

/// Lines after each place: the code that runs from there may be what went wrong.
const AFTER: usize = 12;

/// A place in a function to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The sign at the beginning of the line.
    pub(super) sign: char,
    pub(super) function: FuncIndex,
    pub(super) offset: u32,
    /// The kind of safepoint; `None` for an operator that is no safepoint.
    pub(super) kind: Option<SafepointKind>,
}

/// A listing of a function.
pub(super) trait Listing {
    /// The lines of a function.
    fn lines(&self, function: FuncIndex) -> Result<Vec<Line>>;

    /// The index of a place's line.
    fn find(&self, lines: &[Line], place: &Place) -> Option<usize>;
}

/// The text format.
pub(super) struct Text<'a>(pub(super) &'a ParsedModule);

impl Listing for Text<'_> {
    fn lines(&self, function: FuncIndex) -> Result<Vec<Line>> {
        Ok(WasmText::new(self.0.info())?.function(function))
    }

    fn find(&self, lines: &[Line], place: &Place) -> Option<usize> {
        // In an empty function, the last `end` has no line of its own.
        lines.iter().rposition(|line| line.offset <= Some(place.offset))
    }
}

/// The register IR, under the switches of a configuration.
pub(super) struct Ir<'a>(pub(super) &'a ParsedModule, pub(super) &'a Config);

impl Listing for Ir<'_> {
    fn lines(&self, function: FuncIndex) -> Result<Vec<Line>> {
        if self.0.info().defined_function(function).is_none() {
            return Ok(Vec::new());
        }
        // The instruction `epoch` is the safepoint.
        let config = TranslatorConfig { epoch: true, fuel: false, ..*self.1.translator_for(self.0.info(), function) };
        listing::register_ir(self.0, function, &config)
    }

    fn find(&self, lines: &[Line], place: &Place) -> Option<usize> {
        let mut safepoints = (0..).zip(lines).filter(|(_, line)| line.text == "epoch");
        let entry = safepoints.next();
        match place.kind {
            Some(SafepointKind::Entry) => entry.map(|(at, _)| at),
            Some(SafepointKind::Loop) => {
                safepoints.find(|(_, line)| line.offset == Some(place.offset)).map(|(at, _)| at)
            }
            // Operands are moved to their places before the instruction; a fused instruction belongs to the last
            // operator.
            None => lines
                .iter()
                .rposition(|line| line.offset == Some(place.offset))
                .or_else(|| lines.iter().position(|line| line.offset > Some(place.offset))),
        }
    }
}

/// The lines of a listing around the given places, by function; empty if it contains none of them.
///
/// # Errors
///
/// If the listing cannot be made.
pub(super) fn around(listing: &impl Listing, places: &[Place], name: impl Fn(FuncIndex) -> String) -> Result<String> {
    let mut out = String::new();
    let mut functions: Vec<FuncIndex> = places.iter().map(|place| place.function).collect();
    functions.sort_unstable();
    functions.dedup();
    for function in functions {
        let lines = listing.lines(function)?;
        let mut signs: BTreeMap<usize, String> = BTreeMap::new();
        for place in places.iter().filter(|place| place.function == function) {
            if let Some(at) = listing.find(&lines, place) {
                signs.entry(at).or_default().push(place.sign);
            }
        }
        if signs.is_empty() {
            continue;
        }
        writeln!(out, "  function {}", name(function))?;
        let is_near = |at: usize| signs.keys().any(|&sign| (sign.saturating_sub(BEFORE)..=sign + AFTER).contains(&at));
        let mut before = None;
        for (at, line) in lines.iter().enumerate().filter(|(at, _)| is_near(*at)) {
            if before.is_some_and(|before| before + 1 != at) {
                writeln!(out, "      ...")?;
            }
            before = Some(at);
            let sign = signs.get(&at).map_or("", |sign| sign);
            writeln!(out, "{}", format!("  {sign:<3} {line}").trim_end())?;
        }
    }
    Ok(out)
}
