//! The flags of the mode `multi-tier`: when functions tier up, and how that is reported.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::policy::{FunctionPattern, Observer, Policy, ScheduleEntry};
use crate::translator::module::ModuleInfo;

use super::{names, out};

/// When functions move up, in the mode `multi-tier`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Multi-tier")]
pub struct TieringArgs {
    /// Calls after which a function is compiled by the Fast JIT; 1000 unless given
    #[arg(long, value_name = "COUNT")]
    tier_calls: Option<u32>,

    /// Iterations of its loops after which a function is compiled by the Fast JIT; 20000 unless given
    #[arg(long, value_name = "COUNT")]
    tier_loops: Option<u32>,

    /// Calls of its code in the Fast JIT after which a function is compiled by LLVM; 10000 unless given
    #[arg(long, value_name = "COUNT")]
    tier_up_calls: Option<u32>,

    /// Iterations of its loops in the Fast JIT after which a function is compiled by LLVM; 200000 unless given
    #[arg(long, value_name = "COUNT")]
    tier_up_loops: Option<u32>,

    /// Threads that compile in the background, for each tier; 1 unless given. With 0, the thread that runs the program compiles
    #[arg(long, value_name = "COUNT")]
    tier_threads: Option<usize>,

    /// Milliseconds that compiling by the Fast JIT in the background waits after the first function is due; 3 unless given
    #[arg(long, value_name = "MS")]
    tier_delay: Option<u64>,

    /// Milliseconds that compiling by LLVM in the background waits after the first function is due; 100 unless given
    #[arg(long, value_name = "MS")]
    tier_up_delay: Option<u64>,

    /// Compile these functions only, by name or index; can be repeated
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',')]
    tier_filter: Vec<String>,

    /// What to compile and when, in place of counts for all: a file with a line `FUNCTION TIER call|loop COUNT` for each
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tier_calls", "tier_loops", "tier_up_calls", "tier_up_loops"])]
    tier_schedule: Option<PathBuf>,

    /// Print when functions are compiled and entered, a line an event; to standard error, or to a file
    #[arg(long, value_name = "FILE", value_parser = out::path_beside_guest(), num_args = 0..=1, require_equals = true)]
    log_tiers: Option<Option<PathBuf>>,

    /// The entries of the schedule with the numbers of their lines, once it has been read: it may be a pipe.
    #[arg(skip)]
    schedule: Arc<OnceLock<Vec<(usize, ScheduleEntry)>>>,

    /// What became of the log.
    #[arg(skip)]
    log: Log,
}

/// What became of a log. A clone is of the same one.
#[derive(Clone, Debug, Default)]
struct Log {
    /// Why an event could not be written. There are no events behind it.
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl TieringArgs {
    /// The tier-up policy from the flags.
    pub fn policy(&self) -> Result<Policy> {
        let mut policy = Policy::default();
        policy.call_threshold = self.tier_calls.unwrap_or(policy.call_threshold);
        policy.loop_threshold = self.tier_loops.unwrap_or(policy.loop_threshold);
        policy.up_call_threshold = self.tier_up_calls.unwrap_or(policy.up_call_threshold);
        policy.up_loop_threshold = self.tier_up_loops.unwrap_or(policy.up_loop_threshold);
        policy.threads = self.tier_threads.unwrap_or(policy.threads);
        policy.delay = self.tier_delay.map_or(policy.delay, Duration::from_millis);
        policy.up_delay = self.tier_up_delay.map_or(policy.up_delay, Duration::from_millis);
        policy.filter = self.tier_filter.iter().map(|text| FunctionPattern::from(&**text)).collect();
        if let Some(file) = &self.tier_schedule {
            policy.schedule = self.schedule(file)?.iter().map(|(_, entry)| entry.clone()).collect();
        }
        if let Some(file) = &self.log_tiers {
            let out: Box<dyn Write + Send> = match file {
                Some(file) => {
                    Box::new(File::create(file).with_context(|| format!("cannot write the log `{}`", file.display()))?)
                }
                None => Box::new(io::stderr()),
            };
            policy.observer = Some(self.log.observer(out));
        }
        Ok(policy)
    }

    /// The files that the flags have read.
    pub fn inputs(&self) -> Option<&Path> {
        self.tier_schedule.as_deref()
    }

    /// The files that the flags have written.
    pub fn outputs(&self) -> Option<&Path> {
        self.log_tiers.as_ref()?.as_deref()
    }

    /// Checks that the log is whole, when the program has ended.
    ///
    /// # Errors
    ///
    /// If an event could not be written.
    pub fn check_log(&self) -> Result<()> {
        let to_file = matches!(self.log_tiers, Some(Some(_)));
        match self.log.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) if !to_file && error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Some(error) => Err(error).context(match &self.log_tiers {
                Some(Some(file)) => format!("cannot write the log `{}`", file.display()),
                Some(None) | None => "cannot write the log of `--log-tiers` to standard error".to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Checks that one of the modules, the program's first, has the functions that the flags name.
    pub fn check_names(&self, modules: &[&ModuleInfo]) -> Result<()> {
        for name in &self.tier_filter {
            names::find_in_any(modules, name).context("`--tier-filter`")?;
        }
        if let Some(file) = &self.tier_schedule {
            for (number, entry) in self.schedule(file)? {
                let found = names::find_in_any(modules, &entry.function.to_string());
                found.with_context(|| format!("{}:{number}", file.display()))?;
            }
        }
        Ok(())
    }

    /// The entries of the schedule file, with the numbers of their lines.
    fn schedule(&self, file: &Path) -> Result<&[(usize, ScheduleEntry)]> {
        if let Some(entries) = self.schedule.get() {
            return Ok(entries);
        }
        let entries = entries(file)?;
        Ok(self.schedule.get_or_init(|| entries))
    }
}

/// The entries of a schedule file, with the numbers of their lines. Empty lines and what follows a `#` are left out.
fn entries(file: &Path) -> Result<Vec<(usize, ScheduleEntry)>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read the schedule `{}`", file.display()))?;
    let lines = text.lines().zip(1..).map(|(line, number)| (line.split('#').next().unwrap_or_default().trim(), number));
    lines
        .filter(|(line, _)| !line.is_empty())
        .map(|(line, number)| {
            let entry = line.parse::<ScheduleEntry>();
            Ok((number, entry.with_context(|| format!("{}:{number}", file.display()))?))
        })
        .collect()
}

impl Log {
    /// An observer that writes events, with the milliseconds since it was made.
    fn observer(&self, out: Box<dyn Write + Send>) -> Observer {
        let (started, out, log) = (Instant::now(), Mutex::new(out), self.clone());
        Arc::new(move |event| {
            let elapsed = event.at.saturating_duration_since(started).as_secs_f64() * 1e3;
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            let mut failed = log.failed.lock().unwrap_or_else(PoisonError::into_inner);
            if failed.is_none() {
                // A log that cannot be written must not stop the program.
                *failed = writeln!(out, "{elapsed:>10.3} ms  {event}").err();
            }
        })
    }
}
