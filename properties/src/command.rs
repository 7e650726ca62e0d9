//! A campaign from the command line: `riser prop`, and the same for [a translator of one's
//! own](../../docs/src/properties/own-translator.md).

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fmt, fs, io, thread};

use clap::{Args, Parser};
use riser_lab::quantity;
use riser_translator::{FuncTranslator, SharedBytes, Switches};

use crate::campaign::{Campaign, Depth, seed_of};
use crate::property::{self, Property, Subject};

/// Cases, unless a number or a time is given.
const CASES: u64 = 1_000;

/// Cases of a mutation score, unless a number is given: as many as the page of the book has.
#[cfg(feature = "faults")]
const CASES_OF_SCORE: u64 = 300;

/// The largest module, in bytes, that is looked at under every configuration unless a number of cases is given.
const THOROUGH_BYTES: usize = 4096;

/// How to get a build that can make planted faults.
#[cfg(not(feature = "faults"))]
const NO_FAULTS: &str = "this build has no planted faults: build with the cargo feature `faults`, as in \
    `cargo run --release --features faults -- prop --mutation-score`";

/// The arguments of the command.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// A module in the binary or the text format, in place of random ones
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// List the properties
    #[arg(long, exclusive = true)]
    list: bool,

    /// Test these properties only
    #[arg(long, value_name = "PROPERTY", value_delimiter = ',')]
    only: Vec<String>,

    /// Translate under these settings of the switches only: `optimized`, `naive`, `no-NAME` (all but that one),
    /// `only-NAME`; several names are joined by `+`
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = Switches::parse)]
    switches: Vec<Switches>,

    /// Number of cases; 1000 unless this or a time is given. With FILE, samples of the configurations; unless given, a
    /// small module is translated under all, and a large one under one sample
    #[arg(long, value_name = "N")]
    cases: Option<u64>,

    /// Begin cases for this time, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    time: Option<Duration>,

    /// Number of the first case; unless given, the one that FILE says, or 0
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Threads, at most one for each case; 0 for as many as there are cores
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,

    /// File for the module that shows a failure; PROPERTY-CASE.wat unless given
    #[arg(long, short, value_name = "FILE", conflicts_with = "file")]
    output: Option<PathBuf>,

    /// Print which of the planted faults the properties find, and after how many cases; in a build with the feature
    /// `faults`
    #[arg(long, conflicts_with_all = ["file", "time", "output", "fault"])]
    mutation_score: bool,

    /// Let the translator make this planted fault; in a build with the feature `faults`
    #[arg(long, value_name = "NAME", value_parser = fault)]
    fault: Option<String>,
}

/// Accepts the name of a planted fault.
#[cfg(feature = "faults")]
fn fault(name: &str) -> Result<String, String> {
    riser_translator::faults::Fault::named(name).map(|fault| fault.name().to_owned())
}

/// Says how to get a build that has planted faults.
#[cfg(not(feature = "faults"))]
fn fault(_: &str) -> Result<String, String> {
    Err(NO_FAULTS.to_owned())
}

/// What the command found out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The result, for people.
    pub text: String,
    /// Whether all properties hold.
    pub holds: bool,
}

/// Why the command has found out nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The arguments are wrong.
    Arguments(String),
    /// Something fails.
    Failure(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Arguments(why) | Problem::Failure(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Problem {}

impl From<String> for Problem {
    fn from(why: String) -> Problem {
        Problem::Failure(why)
    }
}

impl Report {
    fn good(text: String) -> Report {
        Report { text, holds: true }
    }
}

impl Arguments {
    /// Whether the translator makes planted faults.
    pub fn makes_faults(&self) -> bool {
        self.mutation_score || self.fault.is_some()
    }

    /// Runs the command on a subject, with these properties to choose from. `read` reads a module, in the binary or the text format.
    ///
    /// # Errors
    ///
    /// If there is no such property, a file cannot be read or written, or the build lacks what was asked for.
    pub fn run(&self, subject: &Subject, properties: &[Property], read: Read<'_>) -> Result<Report, Problem> {
        if self.list {
            return Ok(Report::good(list(properties)));
        }
        let properties = self.chosen(properties).map_err(Problem::Arguments)?;
        if self.cases == Some(0) {
            return Err(Problem::Arguments("`--cases 0` tries no case: give one or more".to_owned()));
        }
        let mut subject = subject.clone();
        if !self.switches.is_empty() {
            subject.settings.clone_from(&self.switches);
        }
        #[cfg(feature = "faults")]
        if let Some(name) = &self.fault {
            riser_translator::faults::plant(riser_translator::faults::Fault::named(name)?);
        }
        let campaign = Campaign {
            subject: &subject,
            properties: &properties,
            first: self.seed.unwrap_or(0),
            cases: self.cases.unwrap_or(if self.time.is_some() { u64::MAX } else { CASES }),
            time: self.time,
            jobs: match self.jobs {
                0 => thread::available_parallelism().map_or(1, usize::from),
                jobs => jobs,
            },
        };
        match &self.file {
            _ if self.mutation_score => self.score(&campaign),
            Some(file) => Ok(self.of_file(campaign, file, read)?),
            None => Ok(self.of_random_modules(&campaign)?),
        }
    }

    /// The properties that `--only` names, or all.
    fn chosen(&self, properties: &[Property]) -> Result<Vec<Property>, String> {
        let named = |name: &String| {
            let names = || properties.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
            let found = properties.iter().find(|property| property.name == name);
            found.copied().ok_or_else(|| format!("there is no property `{name}`; there are {}", names()))
        };
        match &self.only[..] {
            [] => Ok(properties.to_vec()),
            names => names.iter().map(named).collect(),
        }
    }

    fn of_random_modules(&self, campaign: &Campaign<'_>) -> Result<Report, String> {
        let outcome = campaign.run();
        let Some(finding) = &outcome.finding else {
            let last = campaign.number(some(outcome.cases)? - 1);
            return Ok(Report::good(holds(campaign, &format!("in cases {} to {last}", campaign.first))));
        };
        let named = || PathBuf::from(format!("{}-{}.wat", finding.property.name, finding.case));
        let file = self.output.clone().unwrap_or_else(named);
        let wat = finding.to_wat()?;
        fs::write(&file, &wat).map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
        let text = format!("{finding}\n\n{wat}\nThe module is in `{}`, which this command takes.\n", file.display());
        Ok(Report { text, holds: false })
    }

    fn of_file(&self, campaign: Campaign<'_>, file: &Path, read: Read<'_>) -> Result<Report, String> {
        let context = |error: &dyn std::fmt::Display| format!("cannot load `{}`: {error}", file.display());
        let bytes = read(file).map_err(|error| context(&error))?;
        let seed = seed_of(&String::from_utf8_lossy(&bytes)).map_err(|error| context(&error))?;
        let wasm = bytes.converted(|bytes| wat::Parser::new().parse_bytes(Some(file), bytes));
        let wasm = wasm.map_err(|error| context(&error))?;
        let module = crate::parse(wasm.clone()).map_err(|error| context(&error))?;
        // What is said of translations is of those of valid functions.
        let mut translator = FuncTranslator::new();
        let mut functions = module.info().defined_functions();
        functions.try_for_each(|function| translator.validate(&module, function)).map_err(|error| context(&error))?;
        let is_sampled = self.cases.is_some() || self.time.is_some() || wasm.len() > THOROUGH_BYTES;
        let depth = if is_sampled { Depth::Sampled } else { Depth::Thorough };
        let cases = self.cases.unwrap_or(if self.time.is_some() { u64::MAX } else { 1 });
        let outcome = Campaign { first: self.seed.unwrap_or(seed), cases, ..campaign }.of_module(&wasm, depth);
        let Some(finding) = &outcome.finding else {
            let cases = some(outcome.cases)?;
            let plural = if cases == 1 { "" } else { "s" };
            let under = match depth {
                Depth::Thorough => "every configuration".to_owned(),
                Depth::Sampled => format!("{cases} sample{plural} of the configurations; `--cases N` for more"),
            };
            return Ok(Report::good(holds(&campaign, &format!("for `{}` under {under}", file.display()))));
        };
        Ok(Report { text: format!("{finding}\n\n{}", finding.functions()?), holds: false })
    }

    #[cfg(not(feature = "faults"))]
    fn score(&self, _: &Campaign<'_>) -> Result<Report, Problem> {
        Err(Problem::Arguments(NO_FAULTS.to_owned()))
    }

    #[cfg(feature = "faults")]
    fn score(&self, campaign: &Campaign<'_>) -> Result<Report, Problem> {
        use crate::campaign::score::{ELSEWHERE, score};
        use riser_translator::faults::Fault;

        let campaign = Campaign { cases: self.cases.unwrap_or(CASES_OF_SCORE), ..*campaign };
        let rows = score(&campaign, &Fault::ALL.iter().copied().map(Some).collect::<Vec<_>>());
        let width = Fault::ALL.iter().map(|fault| fault.name().len()).max().unwrap_or(0);
        let mut text = format!("{:<width$}  cases  first found by\n", "fault");
        let mut found = 0;
        for (fault, row) in Fault::ALL.iter().zip(&rows) {
            let first = row.iter().zip(campaign.properties).filter_map(|(cases, it)| Some(((*cases)?, it.name)));
            let first = first.min_by_key(|(cases, _)| *cases);
            found += usize::from(first.is_some());
            let (cases, finder) = match first {
                Some((cases, name)) => (cases.to_string(), name),
                None => {
                    ("-".to_owned(), ELSEWHERE.iter().find(|(it, _)| it == fault).map_or("", |(_, finder)| *finder))
                }
            };
            text += &format!("{:<width$}  {cases:>5}  {finder}\n", fault.name());
        }
        let all = Fault::ALL.len();
        text += &format!("\n{found} of {all} planted faults found in {} cases each\n", campaign.cases);
        Ok(Report::good(text))
    }
}

/// A number of cases that were tried, unless it is 0: then nothing can be said.
fn some(cases: u64) -> Result<u64, String> {
    if cases == 0 {
        return Err("no case was tried: `--time` is too short".to_owned());
    }
    Ok(cases)
}

/// The properties, one a line.
fn list(properties: &[Property]) -> String {
    let width = properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    properties.iter().map(|property| format!("{:<width$}  {}\n", property.name, property.claim)).collect()
}

/// Says that all properties hold.
fn holds(campaign: &Campaign<'_>, place: &str) -> String {
    let names: Vec<&str> = campaign.properties.iter().map(|property| property.name).collect();
    let hold = if names.len() == 1 { "holds" } else { "hold" };
    format!("{} {hold} {place}\n", names.join(", "))
}

/// Reads the bytes of a module in the binary or the text format.
pub type Read<'a> = &'a dyn Fn(&Path) -> Result<SharedBytes, String>;

/// The bytes of a file; `-` is standard input.
fn read(file: &Path) -> Result<SharedBytes, String> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes),
        false => fs::read(file),
    };
    read.map(SharedBytes::from).map_err(|error| error.to_string())
}

/// The command, as a program of its own for a translator of one's own. The exit code is 0 if all properties hold, 1 if one
/// does not or something fails, and 2 if the command line is wrong.
pub fn main(subject: &Subject) -> ExitCode {
    /// Test the properties of a translator on random modules, or on a module
    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        arguments: Arguments,
    }

    match Command::parse().arguments.run(subject, property::ALL, &read) {
        Ok(Report { text, holds }) => {
            print!("{text}");
            if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(problem) => {
            eprintln!("Error: {problem}");
            match problem {
                Problem::Arguments(_) => ExitCode::from(2),
                Problem::Failure(_) => ExitCode::FAILURE,
            }
        }
    }
}
