//! The steps from naive register code to the default, and what each is worth.
//!
//! The first table begins with code as a textbook translation makes it, run by a `switch`, goes through
//! the dispatch strategies, and turns the translator's switches on, one after the other, in
//! the order of [`TranslatorConfig::SWITCHES`]. The others go one step back from the default.

use std::fmt::Write as _;

use anyhow::Result;
use clap::{Args, ValueEnum};
use riser::{Bounds, Dispatch, TranslatorConfig};

use crate::common::Common;
use crate::measure;
use crate::table::{Record, cell, mean};

/// Options of `steps`.
#[derive(Args)]
pub struct Steps {
    #[command(flatten)]
    common: Common,
    /// Only programs whose set and name contain this; can be repeated. The repository's own programs and one
    /// CoreMark unless given
    #[arg(long)]
    filter: Vec<String>,
    /// Show only this table
    #[arg(long)]
    table: Option<Table>,
}

/// The tables.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// From naive code to the default
    Ideas,
    /// The default without each of the switches
    Switches,
    /// The default with other strategies
    Strategies,
}

/// A row: what is new, and the engine that has it.
struct Row {
    title: String,
    engine: String,
}

impl Row {
    fn new(title: impl Into<String>, engine: impl Into<String>) -> Row {
        Row { title: title.into(), engine: engine.into() }
    }
}

/// The program that has a column of its own.
const COREMARK: &str = "coremark/coremark-1000";

/// The register interpreter as it comes.
const DEFAULT: &str = "interp";

/// Strategies of dispatch, from the plainest; the last is the default.
fn dispatches() -> Vec<Dispatch> {
    let others = Dispatch::ALL.iter().copied().filter(|&dispatch| dispatch != Dispatch::default());
    others.chain([Dispatch::default()]).collect()
}

/// From the first idea to the default.
fn ideas() -> Vec<Row> {
    let mut rows: Vec<Row> = dispatches()
        .into_iter()
        .map(|dispatch| Row::new(format!("naive code, `{dispatch}`"), format!("interp naive {dispatch}")))
        .collect();
    let mut switches = "naive".to_owned();
    for (at, (switch, _)) in TranslatorConfig::SWITCHES.iter().enumerate() {
        let _ = write!(switches, "+{switch}");
        let last = at + 1 == TranslatorConfig::SWITCHES.len();
        let engine = if last { DEFAULT.to_owned() } else { format!("interp {switches}") };
        rows.push(Row::new(format!("+ `{switch}`"), engine));
    }
    rows
}

/// The default without one switch.
fn without_one() -> Vec<Row> {
    let switches = TranslatorConfig::SWITCHES.iter();
    switches.map(|(switch, _)| Row::new(format!("without `{switch}`"), format!("interp -{switch}"))).collect()
}

/// The default with another strategy.
fn strategies() -> Vec<Row> {
    let dispatches = dispatches().into_iter().map(|it| it.name());
    let others = Bounds::ALL.iter().filter(|&&bounds| bounds != Bounds::default() && bounds.is_supported());
    let names = dispatches.filter(|name| *name != Dispatch::default().name()).chain(others.map(|it| it.name()));
    names.map(|name| Row::new(format!("with `{name}`"), format!("interp {name}"))).collect()
}

impl Steps {
    /// Measures, and prints the tables.
    pub fn execute(self) -> Result<()> {
        let filters = match self.filter.is_empty() {
            true => vec!["programs/".to_owned(), COREMARK.to_owned()],
            false => self.filter.clone(),
        };
        let mut engines: Vec<String> = Vec::new();
        for row in ideas().into_iter().chain(without_one()).chain(strategies()) {
            if !engines.contains(&row.engine) {
                engines.push(row.engine);
            }
        }
        let record = self.common.record(|rounds| measure::run(&measure::select(&filters)?, &engines, rounds))?;
        for table in Table::value_variants() {
            if self.table.is_some_and(|only| only != *table) {
                continue;
            }
            match table {
                Table::Ideas => println!("{}", steps(&record, &ideas())),
                Table::Switches => println!("{}", beside_default(&record, &without_one())),
                Table::Strategies => println!("{}", beside_default(&record, &strategies())),
            }
        }
        Ok(())
    }
}

/// CoreMark's speed and the mean over the programs.
fn speeds(record: &Record, engine: &str, base: &str) -> String {
    let coremark = record.speed(COREMARK, engine, base);
    cell(coremark) + &cell(mean(&record.speeds(Some("programs"), engine, base)))
}

/// Each row beside the first, and beside the one before.
fn steps(record: &Record, rows: &[Row]) -> String {
    let mut text = "| step | CoreMark, to the first | programs, to the first | CoreMark, to the one before | \
                    programs, to the one before |\n|---|--:|--:|--:|--:|\n"
        .to_owned();
    let mut before = &rows[0].engine;
    for row in rows {
        let first = speeds(record, &row.engine, &rows[0].engine);
        let _ = writeln!(text, "| {} |{first}{}", row.title, speeds(record, &row.engine, before));
        before = &row.engine;
    }
    text
}

/// Each row beside the default.
fn beside_default(record: &Record, rows: &[Row]) -> String {
    let mut text = "| | CoreMark | programs |\n|---|--:|--:|\n".to_owned();
    for row in rows {
        let _ = writeln!(text, "| {} |{}", row.title, speeds(record, &row.engine, DEFAULT));
    }
    text
}
