//! `riser bench`.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use riser_lab::comparison::{Comparison, typical};
use riser_lab::report::{code_bytes, made_ms, median_of};
use riser_lab::{Record, Subject};

use super::configuration::Configuration;
use super::table::Table;
use super::{Laboratory, ProgramArgs, extent};
use crate::cli::engine::one_of;
use crate::cli::out;
use crate::translator::Switches;
use crate::{Bounds, Dispatch, Mode};

/// Measure a program in several modes and configurations, beside each other
///
/// Each configuration runs in processes of its own, in rounds that are interleaved with those of the others, until the
/// intervals are as narrow as --precision says or --time is over. All have to print the same. Ratios are to the first
/// configuration.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser bench [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser bench program.wasm
  riser bench --modes interp,fast-jit --time 5m --precision 0.5 program.wasm input.txt
  riser bench --modes interp --dispatch switch,call-loop,direct-tail,token-tail program.wasm
  riser bench --modes interp --switches optimized,no-pairs,naive program.wasm
  riser bench --peer 'wasmtime=wasmtime run' --peer 'wasm3=wasm3' program.wasm
  riser bench --invoke fib --csv fib.csv fib.wat 30"
)]
pub struct Bench {
    /// Modes; unless given, all that this build has
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of(Mode::all(), Mode::name))]
    modes: Vec<Mode>,

    /// Dispatch strategies, for the modes that interpret
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of(Dispatch::ALL, Dispatch::name))]
    dispatch: Vec<Dispatch>,

    /// Bounds strategies
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of(Bounds::ALL, Bounds::name))]
    bounds: Vec<Bounds>,

    /// Settings of the translator's switches, for the modes that interpret: `optimized`, `naive`, `no-NAME` (all but
    /// that one), `only-NAME`; several names are joined by `+`
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = Switches::parse)]
    switches: Vec<Switches>,

    /// Another engine, by its name and the command line to which FILE and ARGS are added, such as
    /// `wasmtime=wasmtime run`; can be repeated
    #[arg(long = "peer", value_name = "NAME=COMMAND", value_parser = Peer::parse)]
    peers: Vec<Peer>,

    #[command(flatten)]
    program: ProgramArgs,
}

/// Another engine.
#[derive(Clone, Debug)]
struct Peer {
    name: String,
    words: Vec<String>,
}

impl Peer {
    fn parse(text: &str) -> Result<Peer, String> {
        let example = "write NAME=COMMAND, such as 'wasmtime=wasmtime run'";
        let (name, command) = text.split_once('=').ok_or_else(|| format!("there is no `=`; {example}"))?;
        let words = shlex::split(command).ok_or("a quotation mark is not closed")?;
        match words.is_empty() {
            true => Err(format!("there is no command after `=`; {example}")),
            false => Ok(Peer { name: name.to_owned(), words }),
        }
    }

    fn subject(&self, file: &Path, arguments: &[String]) -> Result<Subject> {
        let (executable, words) = self.words.split_first().context("a peer has a command")?;
        let file = file.to_str().context("the name of FILE is not text")?;
        let arguments = words.iter().map(String::as_str).chain([file]).chain(arguments.iter().map(String::as_str));
        Ok(Subject {
            name: self.name.clone(),
            executables: vec![executable.into()],
            arguments: arguments.map(Into::into).collect(),
            report: None,
        })
    }
}

impl Bench {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let laboratory = Laboratory::new(&self.program)?;
        let mut subjects = laboratory.subjects(&self.configurations(&laboratory)?)?;
        for peer in &self.peers {
            subjects.push(peer.subject(self.program.file(), self.program.arguments())?);
        }
        let record = self.program.measure(subjects)?;
        out::print(|out| Ok(write!(out, "{}", report(&record))?))
    }

    /// All combinations of what is given, as far as it applies to the mode.
    fn configurations(&self, laboratory: &Laboratory<'_>) -> Result<Vec<Configuration>> {
        let built_in = laboratory.modes()?;
        let is_built_in = |mode: &Mode| built_in.iter().any(|name| name == mode.name());
        let mut modes = self.modes.clone();
        if let Some(mode) = modes.iter().find(|mode| !is_built_in(mode)) {
            bail!("this build lacks the mode `{mode}`: `riser modes` says what to do");
        }
        if modes.is_empty() {
            modes.extend(Mode::all().into_iter().filter(is_built_in));
            // The others are compared with the first.
            modes.sort_by_key(|&mode| mode != Mode::Interp);
        }
        let interprets = modes.iter().any(|&mode| Configuration::interprets(mode));
        for (flag, is_given) in [("--dispatch", !self.dispatch.is_empty()), ("--switches", !self.switches.is_empty())] {
            ensure!(!is_given || interprets, "{flag} does nothing in these modes: it is for interp and multi-tier");
        }
        let mut configurations = Vec::new();
        for mode in modes {
            let interprets = Configuration::interprets(mode);
            for dispatch in alternatives(&self.dispatch, interprets) {
                for bounds in alternatives(&self.bounds, true) {
                    for switches in alternatives(&self.switches, interprets) {
                        configurations.push(Configuration { mode, dispatch, bounds, switches: switches.clone() });
                    }
                }
            }
        }
        Ok(configurations)
    }
}

/// The given values; or the default, if there are none or they do not apply.
fn alternatives<T: Clone>(given: &[T], applies: bool) -> Vec<Option<T>> {
    match applies && !given.is_empty() {
        true => given.iter().cloned().map(Some).collect(),
        false => vec![None],
    }
}

/// The table of a measurement.
fn report(record: &Record) -> String {
    let Record { subjects, samples, metric, .. } = record;
    let what = metric.heading();
    let beside = format!("beside {} ", subjects[0].name);
    let mut table =
        Table::new(&["", &what, "95 % ", &beside, "load ms", "compile ms", "run ms", "code KiB", "peak MiB"]);
    for (index, subject) in subjects.iter().enumerate() {
        let (median, interval) = typical(samples, index, metric).expect("every sample has the metric");
        let comparison = match index {
            0 => String::new(),
            _ => Comparison::of(samples, 0, index, metric).map_or_else(String::new, |it| it.to_string()),
        };
        let reported = |name: &str| shown(median_of(samples, index, |it| it.reported.get(name).copied()));
        table.row(vec![
            subject.name.clone(),
            format!("{median:.3}"),
            format!("{interval:.3}"),
            comparison,
            reported("load_ms"),
            shown(median_of(samples, index, made_ms)),
            reported("run_ms"),
            shown(median_of(samples, index, |it| code_bytes(it).map(|bytes| bytes / 1024.0))),
            shown(median_of(samples, index, |it| Some(it.peak_kib as f64 / 1024.0))),
        ]);
    }
    let (rounds, copies) = extent(samples);
    let mut text = table.to_string();
    text += &format!(
        "\n{rounds} rounds of {copies} copies. Medians; intervals of 95 %, for other rounds and other copies.\n"
    );
    if samples.iter().any(|sample| !sample.reported.is_empty()) {
        text += "Code is made lazily: `run` includes what was compiled meanwhile, `compile` all threads.\n";
    }
    text
}

/// A number, or a dash.
pub(super) fn shown(number: Option<f64>) -> String {
    number.map_or("-".to_owned(), |number| format!("{number:.1}"))
}
