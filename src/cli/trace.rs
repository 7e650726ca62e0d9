//! `riser trace`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::modes::CLASSIC;
use crate::{EventSet, Mode, monitors};

use super::applies::Choice as _;
use super::run::Run;
use super::usage::Misuse;
use super::{SUCCESS, exit, exit_code, out};

/// Run a module, and print what it does as it does it, a line an event
///
/// The module runs in an interpreter, unless only calls of host functions are traced. A line says where the event was, in
/// bytes from the start of the module, in which function, and what happened.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser trace [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser trace program.wasm
  riser trace --events loops,branches --func main --limit 1000 program.wasm
  riser trace --events host --output trace.txt program.wasm input.txt
  riser trace --mode classic --events memory --invoke sum sum.wat 10"
)]
pub struct Trace {
    /// Events to print
    #[arg(long, value_name = "EVENTS", value_delimiter = ',', default_values = ["calls", "host"], help_heading = "Trace")]
    events: Vec<Events>,

    /// Print events of this function only, by name or index
    #[arg(long, value_name = "FUNCTION", help_heading = "Trace")]
    func: Option<String>,

    /// End the guest after this many lines
    #[arg(long, value_name = "LINES", help_heading = "Trace")]
    limit: Option<u64>,

    /// Print to a file instead of standard error
    #[arg(long, short, value_name = "FILE", value_parser = out::path_beside_guest(), help_heading = "Trace")]
    output: Option<PathBuf>,

    #[command(flatten)]
    run: Run,
}

/// Events of one kind.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Events {
    /// Entries and exits of functions, and operators that call
    Calls,
    /// Iterations of loops
    Loops,
    /// Branches that depend on a value
    Branches,
    /// Accesses of memories
    Memory,
    /// Calls of host functions
    Host,
    /// All other operators
    Operators,
}

impl Events {
    fn set(self) -> EventSet {
        match self {
            Events::Calls => EventSet::ENTRY | EventSet::EXIT | EventSet::CALL,
            Events::Loops => EventSet::LOOP,
            Events::Branches => EventSet::BRANCH,
            Events::Memory => EventSet::MEMORY,
            Events::Host => EventSet::HOST,
            Events::Operators => EventSet::OPERATOR,
        }
    }
}

impl Trace {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let events = self.events.iter().fold(EventSet::NONE, |events, more| events | more.set());
        if let Some(mode) = self.run.mode().filter(|mode| ![Mode::Interp, CLASSIC].contains(mode) && !mode.is_own())
            && self.events.iter().any(|it| !matches!(it, Events::Host))
        {
            bail!(Misuse::new(format!(
                "`--mode {mode}` has the events `--events host` only: what happens in the code, only the interpreters report (`--mode \
                 interp`, `--mode classic`)"
            )));
        }
        self.run.keep_inputs(self.output.as_deref())?;
        let to: Box<dyn Write + Send> = match &self.output {
            Some(file) => {
                let file = File::create(file).with_context(|| format!("cannot write `{}`", file.display()))?;
                Box::new(BufWriter::new(file))
            }
            None => Box::new(UntilClosed(io::stderr())),
        };
        let mut trace = monitors::Trace::new(events, to);
        if let Some(function) = self.func.clone() {
            trace = trace.of_function(function);
        }
        if let Some(lines) = self.limit {
            trace = trace.at_most(lines, |written| {
                exit(written.context(UNWRITTEN).map_or_else(|it| exit_code(&it), |()| SUCCESS))
            });
        }
        let trace = Arc::new(trace);
        let result = self.run.execute_with(Some(trace.clone()), self.func.as_deref());
        out::and(result, trace.flush().context(UNWRITTEN))
    }
}

/// What went wrong if a line of the trace is missing.
const UNWRITTEN: &str = "cannot write the trace";

/// Ends the process when the reader has gone (`| head`): nobody sees what would follow.
struct UntilClosed<W>(W);

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(end_if_closed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().inspect_err(end_if_closed)
    }
}

fn end_if_closed(error: &io::Error) {
    if error.kind() == io::ErrorKind::BrokenPipe {
        exit(SUCCESS)
    }
}
