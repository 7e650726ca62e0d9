//! `riser profile`.
//!
//! Exact counts come from the register interpreter: `count` is what is asked of a run, `code` what is known of its functions,
//! `summary` adds the counts up, and `report` is the result, which `text` and `csv` show. Samples come from any mode: `sample` takes
//! them, `stacks`, `flames` and `firefox` show them.

mod code;
mod count;
mod csv;
mod firefox;
mod flames;
mod heat;
mod report;
mod sample;
mod stacks;
mod summary;
mod text;

use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

use super::output::OutputFile;
use super::program::Program;
use super::stats::Stats;
use super::{arguments, out};
use crate::Mode;
use crate::inspect::LONGEST_SEQUENCE;
use count::Count;
use report::{Report, Shape};
use sample::Sample;
use stacks::SampleReport;

/// Show where a program spends its instructions, or its time
///
/// Runs the program in the register interpreter and counts each instruction exactly: instructions and sequences of them,
/// branches, accesses to memory, calls. With --sample, runs it in any mode and takes samples of its stack by time.
/// The report is on standard error when the program has ended, unless a file is asked for.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser profile [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser profile program.wasm
  riser profile --level wasm --by function --top 5 program.wasm
  riser profile --length 3 --json counts.json program.wasm input.txt
  riser profile --heat heat.json program.wasm && riser explore --heat heat.json program.wasm
  riser profile --sample program.wasm
  riser profile --sample=500 --mode fast-jit --svg flames.svg --firefox profile.json program.wasm"
)]
pub struct Profile {
    #[command(flatten)]
    program: Program,

    #[command(flatten)]
    counting: CountArgs,

    #[command(flatten)]
    sampling: SampleArgs,

    #[command(flatten)]
    output: OutputArgs,
}

/// What is counted.
#[derive(Args, Debug)]
#[command(next_help_heading = "Counts")]
struct CountArgs {
    /// What is counted: instructions of the register interpreter, unless given, or operators of WebAssembly
    #[arg(long, value_name = "LEVEL", value_parser = level(), conflicts_with = "sample")]
    level: Option<Level>,

    /// Show the counts of each part, too
    #[arg(long, value_name = "PART", value_parser = by(), conflicts_with = "sample")]
    by: Option<By>,

    /// Count sequences of up to this many instructions
    #[arg(
        long,
        value_name = "N",
        default_value_t = 2,
        value_parser = clap::value_parser!(u8).range(1..=LONGEST_SEQUENCE as i64),
        conflicts_with = "sample"
    )]
    length: u8,

    /// Write how often each operator was executed to a file, for `riser explore --heat`; counts operators
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest(), conflicts_with = "sample")]
    heat: Option<OutputFile>,
}

impl CountArgs {
    fn level(&self) -> Level {
        self.level.unwrap_or(if self.heat.is_some() { Level::Wasm } else { Level::Code })
    }
}

/// Samples.
#[derive(Args, Debug)]
#[command(next_help_heading = "Samples")]
struct SampleArgs {
    /// Take so many samples a second, 1000 unless given, at function entries and loop headers; in any mode
    #[arg(
        long,
        value_name = "HZ",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    sample: Option<u32>,

    /// Write stacks to a file, for tools that draw flame graphs
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest(), requires = "sample")]
    folded: Option<OutputFile>,

    /// Write a flame graph to a file
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest(), requires = "sample")]
    svg: Option<OutputFile>,

    /// Write a profile for https://profiler.firefox.com to a file
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest(), requires = "sample")]
    firefox: Option<OutputFile>,
}

/// How all of it is shown.
#[derive(Args, Debug)]
#[command(next_help_heading = "Report")]
struct OutputArgs {
    /// The most rows of a list, and the most parts: a number, or `all`
    #[arg(long, value_name = "N", default_value = "20", value_parser = top)]
    top: usize,

    /// Write the report to a file, as JSON
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest())]
    json: Option<OutputFile>,

    /// Write the report to a file, as CSV
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest())]
    csv: Option<OutputFile>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Instructions of the register interpreter.
    Code,
    /// Operators of WebAssembly.
    Wasm,
}

impl Level {
    const ALL: &[Level] = &[Level::Code, Level::Wasm];

    fn name(self) -> &'static str {
        match self {
            Level::Code => "code",
            Level::Wasm => "wasm",
        }
    }
}

/// The parts of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Module,
    Function,
    /// The innermost loop of a function around an operator; what is in no loop is a part of its own.
    Loop,
}

impl By {
    const ALL: &[By] = &[By::Module, By::Function, By::Loop];

    fn name(self) -> &'static str {
        match self {
            By::Module => "module",
            By::Function => "function",
            By::Loop => "loop",
        }
    }
}

fn level() -> impl TypedValueParser<Value = Level> {
    super::engine::one_of(Level::ALL, Level::name)
}

fn by() -> impl TypedValueParser<Value = By> {
    super::engine::one_of(By::ALL, By::name)
}

fn top(text: &str) -> Result<usize, String> {
    match text {
        "all" => Ok(usize::MAX),
        _ => text.parse().map_err(|_| "expected a number, or `all`".to_owned()),
    }
}

impl Profile {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        self.check();
        let OutputArgs { json, csv, .. } = &self.output;
        let SampleArgs { folded, svg, firefox, .. } = &self.sampling;
        let outputs = [json, csv, folded, svg, firefox, &self.counting.heat];
        self.program.keep_inputs(outputs.into_iter().flatten().map(OutputFile::path))?;
        match self.sampling.sample {
            Some(hz) => self.sample(hz),
            None => self.count(),
        }
    }

    fn count(&self) -> Result<()> {
        let CountArgs { by, length, ref heat, .. } = self.counting;
        let (level, length) = (self.counting.level(), usize::from(length));
        // Pairs are counted by sequences of two.
        let count = Arc::new(Count::new(level, by, length.max(2), self.program.engine.switches()));
        let result = self.program.run(&mut Stats::default(), Arc::clone(&count));
        let shape = Shape { level, by, length, top: self.output.top };
        let counts = count.counter().take();
        let report = Report::new(&counts, count.functions(), shape)?;
        if result.is_err() && report.total.executed == 0 {
            // The program has not begun.
            return result;
        }
        let OutputArgs { json, csv, .. } = &self.output;
        write(heat, || heat::heat(&counts, count.functions())?.to_json())?;
        if json.is_none() && csv.is_none() && heat.is_none() {
            out::tell(text::text(&report));
        }
        write(json, || Ok(serde_json::to_string_pretty(&report)?))?;
        write(csv, || Ok(csv::csv(&report)))?;
        result
    }

    fn sample(&self, hz: u32) -> Result<()> {
        let sample = Arc::new(Sample::new(hz));
        let result = self.program.run(&mut Stats::default(), Arc::clone(&sample));
        let samples = sample.stop();
        let report = SampleReport::new(&samples, hz);
        if result.is_err() && report.samples == 0 {
            // The program has not begun, or failed at once.
            return result;
        }
        let OutputArgs { json, csv, top } = &self.output;
        let SampleArgs { folded, svg, firefox, .. } = &self.sampling;
        if [json, csv, folded, svg, firefox].iter().all(|file| file.is_none()) {
            out::tell(report.text(*top));
        }
        let title = self.program.file().display().to_string();
        write(json, || Ok(serde_json::to_string_pretty(&report)?))?;
        write(csv, || Ok(report.csv()))?;
        write(folded, || Ok(report.folded()))?;
        write(svg, || Ok(flames::svg(&report.stacks, &title)))?;
        write(firefox, || firefox::firefox(&samples, hz, &title))?;
        result
    }

    /// Ends the process if flags contradict each other.
    fn check(&self) {
        let engine = &self.program.engine;
        let error = match engine.mode() {
            _ if self.sampling.sample.is_some() => match self.program.has_timeout() {
                true => "'--timeout' and '--sample' both use the epoch: leave out one of them".to_owned(),
                false => return,
            },
            Some(mode) if mode != Mode::Interp => {
                format!(
                    "instructions are counted in the register interpreter, not in the mode {mode}: use '--mode interp'"
                )
            }
            _ if engine.dispatch().is_some() => {
                "instructions are counted by a dispatch strategy of its own: leave out '--dispatch'".to_owned()
            }
            _ if self.counting.heat.is_some() && self.counting.level() == Level::Code => {
                "heat is of operators: leave out '--level code'".to_owned()
            }
            _ if self.counting.level() == Level::Wasm && engine.switches() != crate::TranslatorConfig::optimized() => {
                "operators are counted in a naive translation: leave out '--translator-...'".to_owned()
            }
            _ => return,
        };
        arguments::end_with(&clap::Error::raw(ErrorKind::ArgumentConflict, error + "\n"))
    }
}

/// Writes text to a file, if one is given.
fn write(file: &Option<OutputFile>, text: impl FnOnce() -> Result<String>) -> Result<()> {
    file.as_ref().map_or(Ok(()), |file| file.write(text()?))
}
