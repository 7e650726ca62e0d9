//! `riser run`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::translator::module::ModuleInfo;
use crate::{Config, Instance, Mode, Monitor, Store};

use super::monitor::{MonitorFlag, Monitors};
use super::output::OutputFile;
use super::program::{Host, Program, Taken, Watch};
use super::snapshot::SnapshotArgs;
use super::stats::Stats;
use super::{names, out};

/// Run a module, or what `riser compile` made of one
///
/// A command's `_start` is called; of any other module, the function that `--invoke` names.
/// Everything after FILE is for the guest, even if it looks like a flag.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser run [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser program.wasm input.txt --verbose
  riser run --dir . --env LANG=C --timeout 10s program.wasm
  riser run --invoke add add.wat 40 2
  riser run --preload env=glue.wat --mode classic --stats program.wasm"
)]
pub struct Run {
    #[command(flatten)]
    program: Program,

    /// Print times, sizes and counts on standard error at the end
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text", help_heading = None)]
    stats: Option<Format>,

    /// Write the numbers of `--stats` to a file, as a JSON object
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest(), help_heading = "Watching")]
    stats_json: Option<OutputFile>,

    /// Watch the guest, and report what it did when it has ended, to standard error or to a file: calls, loops, branches,
    /// coverage (for lcov), memory, host (calls of host functions), hotness, timeline (of compilation); can be repeated
    #[arg(long = "monitor", value_name = "NAME[=FILE]", value_parser = MonitorFlag::parse, help_heading = "Watching")]
    monitor: Vec<MonitorFlag>,

    #[command(flatten)]
    snapshot: SnapshotArgs,

    /// Counts the interpreter's instructions
    #[arg(long, value_name = "ROWS", num_args = 0..=1, require_equals = true, default_missing_value = "", hide = true, value_parser = renamed())]
    profile: Option<String>,
}

/// How the statistics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A row for each, to read
    Text,
    /// A JSON object
    Json,
}

/// Refuses a flag that is a subcommand here, and says what the values that wasmtime's flag has are called.
fn renamed() -> impl TypedValueParser<Value = String> {
    StringValueParser::new().try_map(|value| {
        Err::<String, _>(match value.split(',').next() {
            Some("perfmap") => "names for `perf` are '--perf-map'",
            Some("jitdump") => "names and code for `perf` are '--jitdump'",
            Some("guest") => "samples are a subcommand of its own: 'riser profile --sample --firefox FILE'",
            _ => "counting is a subcommand of its own: 'riser profile FILE'",
        })
    })
}

/// Monitors.
struct Watched {
    /// Those that flags name.
    monitors: Monitors,
    /// One more.
    more: Option<Arc<dyn Monitor>>,
    /// A function that one of the modules has to have.
    function: Option<String>,
    /// The mode that flags choose.
    mode: Option<Mode>,
    /// What takes a snapshot, if one is to be taken.
    taken: Taken,
}

impl Watch for Watched {
    fn configure(&self, config: &mut Config) {
        self.monitors.add_to(config);
        self.taken.configure(config);
        if let Some(monitor) = &self.more {
            config.monitor(Arc::clone(monitor));
        }
        if let Some(mode) = self.mode {
            // Not what a monitor would choose: that is an error, if need be.
            config.mode(mode);
        }
    }

    fn check(&self, modules: &[&ModuleInfo]) -> Result<()> {
        if let Some(function) = &self.function {
            names::find_in_any(modules, function).context("`--func`")?;
        }
        self.taken.check(modules)
    }

    fn prepare(&self, store: &mut Store<Host>) -> Result<()> {
        self.taken.prepare(store)
    }

    fn ended(&self, store: &Store<Host>, instance: Instance, outcome: &Result<()>) -> Result<()> {
        self.taken.ended(store, instance, outcome)
    }
}

impl Run {
    /// The mode, if the flags give or choose one.
    pub fn mode(&self) -> Option<Mode> {
        self.program.engine.mode()
    }

    /// Checks that no file that is written, this one or one of the flags, is one that is read.
    ///
    /// # Errors
    ///
    /// If one is.
    pub fn keep_inputs(&self, output: Option<&Path>) -> Result<()> {
        let stats = self.stats_json.as_ref().map(OutputFile::path);
        let monitors = self.monitor.iter().filter_map(MonitorFlag::file);
        self.program.keep_inputs(output.into_iter().chain(stats).chain(monitors).chain(self.snapshot.outputs()))
    }

    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        self.keep_inputs(None)?;
        self.execute_with(None, None)
    }

    /// As [`Run::execute`], with one more monitor, of a function that one of the modules has to have.
    pub fn execute_with(self, monitor: Option<Arc<dyn Monitor>>, function: Option<&str>) -> Result<()> {
        let watched = Arc::new(Watched {
            monitors: Monitors::new(&self.monitor)?,
            more: monitor,
            function: function.map(str::to_owned),
            mode: self.program.engine.mode(),
            taken: Taken(self.snapshot.taking()),
        });
        let mut stats = Stats::default();
        let mut result = self.program.run(&mut stats, Arc::clone(&watched));
        result = out::and(result, watched.monitors.report());
        watched.taken.tell_if_missed(&result);
        if self.stats.is_some() || self.stats_json.is_some() {
            stats.add_peak_memory();
        }
        if let Some(file) = &self.stats_json {
            result = out::and(result, file.write(serde_json::to_string(&stats.numbers())?));
        }
        match self.stats {
            Some(Format::Text) => out::tell(stats),
            Some(Format::Json) => out::tell_whole(&format!("{}\n", stats.json())),
            None => {}
        }
        result
    }
}
