//! `riser suggest`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;
use riser_lab::TemporaryFolder;
use riser_lab::process::run_program;
use serde::Serialize;
use serde_json::Value;

use super::lab::measure;
use super::lab::table::Table;
use super::out::{self, Contents};
use super::output::keep_inputs;
use super::{STDIN, operand, read_module};
use crate::Dispatch;
use crate::inspect::{handlers, is_pair};

/// Suggest pairs of instructions that the register interpreter could execute with one dispatch
///
/// Counts the instructions of each program, as `riser profile` does, and predicts for each two that are beside each other in a basic
/// block which share of all dispatches one instruction for both would save. All programs count the same. Predictions are for one pair
/// alone: pairs that overlap save less together. Programs that are held back take no part in the choice, and show whether it is good
/// for others.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser suggest sort.wasm json.wasm --held-back regex.wasm
  riser suggest --top 50 --json pairs.json *.wasm")]
pub struct Suggest {
    /// A program that is held back; can be repeated
    #[arg(long, value_name = "FILE")]
    held_back: Vec<PathBuf>,

    /// The most pairs
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,

    /// Write the pairs to a file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// The programs: commands that need no arguments
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The names of two instructions.
type Pair = (String, String);

/// A pair that is suggested.
#[derive(Serialize)]
struct Suggestion {
    first: String,
    second: String,
    /// The share of dispatches that it saves, on average over the programs.
    saves: f64,
    /// The same of the programs that are held back, if there are any.
    saves_held_back: Option<f64>,
    /// Bytes of its handler: of the one that there is, or of those of both instructions together, which is an upper bound.
    handler_bytes: Option<usize>,
    /// Whether the interpreter has it.
    is_shipped: bool,
}

impl Suggest {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        keep_inputs(self.files.iter().chain(&self.held_back).map(|file| &**file), self.json.as_deref())?;
        let (chosen, held_back) = (savings(&self.files)?, savings(&self.held_back)?);
        let mut chosen: Vec<(Pair, f64)> = chosen.into_iter().collect();
        // The map is sorted by names, and sorting is stable.
        chosen.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        chosen.truncate(self.top);
        let sizes = sizes();
        let suggestions = chosen.into_iter().map(|((first, second), saves)| {
            let saves_held_back = (!self.held_back.is_empty())
                .then(|| held_back.get(&(first.clone(), second.clone())).copied().unwrap_or(0.0));
            let size = |name: &str| sizes.get(name).copied();
            let handler_bytes = size(&format!("{first}Then{second}")).or_else(|| Some(size(&first)? + size(&second)?));
            let is_shipped = is_pair(&first, &second);
            Suggestion { first, second, saves, saves_held_back, handler_bytes, is_shipped }
        });
        let suggestions: Vec<Suggestion> = suggestions.collect();
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&suggestions)?;
            return out::write(path, Contents::Text(text + "\n"));
        }
        out::print(|out| Ok(write!(out, "{}", table(&suggestions))?))
    }
}

/// For each pair the share of dispatches that it saves, on average over programs.
fn savings(files: &[PathBuf]) -> Result<BTreeMap<Pair, f64>> {
    let mut savings = BTreeMap::new();
    for file in files {
        let counts = count(file)?;
        let total = &counts["total"];
        let executed = total["executed"].as_u64().filter(|&executed| executed > 0);
        let executed = executed.with_context(|| format!("`{}` executes nothing", file.display()))?;
        let rows = total["sequences"][1]["rows"].as_array().context("the counts have sequences of two")?;
        for row in rows {
            let (Some(first), Some(second)) = (row["names"][0].as_str(), row["names"][1].as_str()) else { continue };
            let saved = row["in_block"].as_u64().unwrap_or(0);
            if saved > 0 {
                let share = saved as f64 / executed as f64 / files.len() as f64;
                *savings.entry((first.to_owned(), second.to_owned())).or_default() += share;
            }
        }
    }
    Ok(savings)
}

/// What another process counts of a program: it prints what it likes.
fn count(file: &Path) -> Result<Value> {
    // Of the other process, a message would be about its own command line.
    measure::module(file)?;
    let folder = TemporaryFolder::new("riser-suggest")?;
    let (counts, copy) = (folder.path().join("counts.json"), folder.path().join("standard-input"));
    let is_stdin = file == Path::new(STDIN);
    if is_stdin {
        // The other process has a standard input of its own, which is empty.
        measure::write(&copy, &*read_module(file)?)?;
    }
    let program = if is_stdin { &copy } else { file };
    let mut command = Command::new(std::env::current_exe().context("cannot find the file of this command")?);
    command
        .args(["profile", "--translator-off", "pairs", "--top", "all", "--json"])
        .arg(&counts)
        .arg(&*operand(program));
    let text = run_program(&mut command).and_then(|_| Ok(fs::read_to_string(&counts)?));
    let text = text.with_context(|| format!("cannot count the instructions of `{}`", file.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// The most bytes that a handler takes. The space behind one that is followed by other code is larger.
const MOST_BYTES: usize = 4096;

/// The sizes of handlers, by their names: up to the next handler, alignment included.
fn sizes() -> HashMap<&'static str, usize> {
    let mut handlers = handlers(Dispatch::default());
    handlers.sort_by_key(|handler| Reverse(handler.address));
    let mut sizes = HashMap::new();
    let (mut next, mut at) = (usize::MAX, usize::MAX);
    for handler in handlers {
        if handler.address != at {
            (next, at) = (at, handler.address);
        }
        if next - at <= MOST_BYTES {
            sizes.insert(handler.name, next - at);
        }
    }
    sizes
}

fn table(suggestions: &[Suggestion]) -> Table {
    let mut table = Table::new(&["pair", "saves", "held back", "handler bytes", "shipped "]);
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    for it in suggestions {
        table.row(vec![
            format!("{} {}", it.first, it.second),
            percent(it.saves),
            it.saves_held_back.map_or_else(|| "-".to_owned(), percent),
            it.handler_bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string()),
            if it.is_shipped { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}
