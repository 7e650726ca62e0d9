//! `riser why`: what a difference between two settings comes from.

mod facts;
mod words;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use riser_lab::{Comparison, Record, counters, valgrind};

use super::ProgramArgs;
use super::counts::dispatches;
use super::measure::{clear, tell};
use super::program::{Laboratory, Setting};
use super::table::Table;
use crate::Mode;
use crate::cli::out;
use crate::cli::spec::Spec;
use crate::modes::CLASSIC;
use facts::{FACTS, Fact, Facts, Source};

/// Say what a difference between two configurations, modes or builds comes from
///
/// Measures a program in both, as `riser bench` does, and counts what they execute: the register interpreter's
/// instructions (dispatches), and the processor's, with mispredicted branches and missed caches, by the processor's
/// counters or else by valgrind. Prints both sides, and in words what follows.
///
/// A SPEC is words with commas or spaces between, as of `riser lockstep`: a mode, `naive`, or a flag of `riser run`
/// without its dashes, such as `dispatch=switch`; `off=NAME+NAME` and `on=NAME+NAME` turn optimisations of the
/// translator off and on.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser why [OPTIONS] A B FILE [ARGS]...",
    after_help = "\
Examples:
  riser why interp interp,off=pairs program.wasm
  riser why interp,dispatch=direct-tail interp,dispatch=switch program.wasm input.txt
  riser why fast-jit llvm-jit program.wasm
  riser why interp interp --riser-b ../other/target/release/riser program.wasm"
)]
pub struct Why {
    /// How side A runs
    #[arg(value_name = "A", value_parser = Spec::parse)]
    a: Spec,

    /// How side B runs
    #[arg(value_name = "B", value_parser = Spec::parse)]
    b: Spec,

    /// Let side B run by another build of this command
    #[arg(long, value_name = "PATH")]
    riser_b: Option<PathBuf>,

    /// What counts: the processor's counters, valgrind, or nothing; unless given, the first of these that there is. Valgrind
    /// takes up to a hundred times as long as the program
    #[arg(long, value_name = "COUNTER")]
    count: Option<Counter>,

    #[command(flatten)]
    program: ProgramArgs,
}

/// What counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Counter {
    Processor,
    Valgrind,
    None,
}

/// Flags of `riser run` that `riser compile` takes instead, if the program is compiled beforehand.
const COMPILED: &[&str] = &["--bounds", "--spectre", "--relaxed-simd"];

impl Why {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let source = self.source()?;
        let (program, laboratory) = (self.program.program()?, Laboratory::new(self.program.lab.copies())?);
        let others = self.riser_b.as_ref().map(|path| laboratory.copies_of(path)).transpose()?;
        let of_b = others.as_ref().map_or(laboratory.executables(), |copies| copies.paths());
        let sides = [(&self.a, laboratory.executables()), (&self.b, of_b)];
        let subjects = sides
            .iter()
            .enumerate()
            .map(|(number, &(spec, executables))| laboratory.subject(&program, number, setting(spec, executables)));
        let subjects = subjects.collect::<Result<Vec<_>>>()?;
        let record = self.program.lab.measure(&subjects, &program.file)?;
        let comparison = Comparison::of(&record.samples, 0, 1, &record.metric);
        let comparison = comparison
            .with_context(|| format!("{} is zero in a run: there is no ratio to explain", record.metric.heading()))?;
        let mut seen = record.clone();
        if source != Source::Processor {
            // One side's counts by valgrind and the other's by the processor would not compare.
            seen.samples.iter_mut().for_each(|sample| sample.counted.clear());
        }
        let mut facts = [0, 1].map(|side| Facts::of(&seen, side));
        for (side, &(spec, executables)) in sides.iter().enumerate() {
            if spec.engine.mode() == Some(Mode::Interp) {
                tell(&format!("counting dispatches of {spec}"));
                let [flags, _] = spec.split(&["--dispatch"]);
                let counted = laboratory.subject(&program, 2, Setting { flags, ..setting(spec, executables) })?;
                facts[side].set(facts::DISPATCHES, Some(dispatches(&counted)?));
            }
            // Under valgrind, other modes do not run as they do without.
            if source == Source::Valgrind && [Some(Mode::Interp), Some(CLASSIC)].contains(&spec.engine.mode()) {
                tell(&format!("counting instructions of {spec}, by valgrind"));
                let (counts, _) = valgrind::count(&executables[0], &subjects[side].arguments, true)?;
                counts.into_iter().for_each(|(name, count)| facts[side].set(&name, Some(count)));
            }
        }
        clear();
        let words = words::words(&record.metric, &comparison, &facts, &source);
        self.program.lab.write_csv(&record)?;
        if let Some(file) = &self.program.lab.json {
            file.write(json(&record, &comparison, &facts, &words)?)?;
        }
        out::print(|out| Ok(write!(out, "{}", self.report(&record, &comparison, &facts, &words))?))
    }

    /// What counts here.
    fn source(&self) -> Result<Source> {
        let lack = counters::lack();
        match (self.count, lack) {
            (Some(Counter::None), _) => Ok(Source::None("as asked for".to_owned())),
            (Some(Counter::Processor), Some(why)) => bail!("there are no counters of the processor: {why}"),
            (Some(Counter::Processor) | None, None) => Ok(Source::Processor),
            (Some(Counter::Valgrind), _) if !valgrind::is_there() => bail!("valgrind is not installed"),
            (Some(Counter::Valgrind), _) => Ok(Source::Valgrind),
            (None, Some(_)) if valgrind::is_there() => Ok(Source::Valgrind),
            (None, Some(why)) => Ok(Source::None(format!(
                "the processor's counters cannot be read ({why}), and valgrind is not installed"
            ))),
        }
    }

    fn report(&self, record: &Record, comparison: &Comparison, sides: &[Facts; 2], words: &[String]) -> String {
        let build = self.riser_b.as_ref().map_or(String::new(), |path| format!(", by {}", path.display()));
        let mut text = format!("A: {}\nB: {}{build}\n\n", self.a, self.b);
        let mut table = Table::new(&["", "A", "B", "B / A"]);
        for &Fact { name, title, unit, .. } in FACTS {
            let [a, b] = [&sides[0], &sides[1]].map(|side| side.get(name));
            if a.is_none() && b.is_none() {
                continue;
            }
            let title = if name == facts::TIME { record.metric.heading() } else { title.to_owned() };
            let value = |it: Option<f64>| it.map_or("-".to_owned(), |value| format!("{:.2}", value / unit));
            let ratio = match (a, b) {
                _ if name == facts::TIME => format!("{:.3}", comparison.ratio),
                (Some(a), Some(b)) if a > 0.0 => format!("{:.3}", b / a),
                (_, _) => "-".to_owned(),
            };
            table.row(vec![title, value(a), value(b), ratio]);
        }
        text += &format!("{table}\n");
        text.extend(words.iter().map(|sentence| format!("{sentence}\n")));
        text
    }
}

/// How a SPEC's side runs.
fn setting<'a>(spec: &Spec, executables: &'a [PathBuf]) -> Setting<'a> {
    let name = spec.text.clone();
    if spec.engine.mode() == Some(Mode::Aot) {
        let [flags, compile] = spec.split(COMPILED);
        return Setting { name, flags, compile: Some(compile), executables };
    }
    Setting { name, flags: spec.flags.clone(), compile: None, executables }
}

/// The record, which `riser report` shows, with what follows from it.
fn json(record: &Record, comparison: &Comparison, sides: &[Facts; 2], words: &[String]) -> Result<String> {
    let mut json = serde_json::to_value(record)?;
    let interval = comparison.interval.map(|it| [it.low, it.high]);
    let why = serde_json::json!({
        "a": sides[0].all(), "b": sides[1].all(), "ratio": comparison.ratio, "interval": interval, "words": words,
    });
    ensure!(json.is_object(), "a record is an object");
    json["why"] = why;
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}
