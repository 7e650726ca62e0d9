//! Snapshots from the command: the flags that take one (here), `riser resume` and `riser snapshot`.
//!
//! * `signal.rs`, `file.rs`: what asks for a snapshot, and where it goes
//! * `initialise.rs`: `riser snapshot FILE`, whose result can be a module (`module.rs`)
//! * `resume.rs`, `show.rs`: `riser resume`, `riser snapshot show` and `diff`

mod descriptors;
mod file;
mod initialise;
mod module;
mod resume;
mod show;
mod signal;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use riser_lab::quantity;

use crate::translator::module::{EntityIndex, ModuleInfo};
use crate::translator::{FuncIndex, MemoryIndex};
use crate::wasi::{DescriptorInfo, Exit, WasiSnapshot};
use crate::{Config, Instance, Module, SharedBytes, Snapshot, SnapshotError, Store};

use super::out;
use super::output::OutputFile;
use super::program::Host;
pub use initialise::{SnapshotCommand, WIZER};
pub use resume::Resume;
use signal::Answer;

/// Why there is no snapshot of a program with a shared memory.
const THREADS: &str = "a guest with threads cannot be captured";

/// When a snapshot of the guest is taken, and where it goes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Snapshots")]
pub struct SnapshotArgs {
    /// Write a snapshot of the guest to FILE when `--snapshot-after` says, or at SIGUSR1, and stop the guest
    ///
    /// `riser resume FILE` goes on with it, in any mode. FILE may be a pipe, such as /dev/fd/3.
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest())]
    snapshot: Option<OutputFile>,

    /// When to stop: after so many safepoints, or after a time such as 5s
    ///
    /// A safepoint is a function's entry or a loop's header. After a time, the guest stops at the next one.
    #[arg(long, value_name = "COUNT|TIME", value_parser = After::parse, requires = "snapshot")]
    snapshot_after: Option<After>,

    /// Let the guest go on after a snapshot; a later one replaces the file
    #[arg(long, requires = "snapshot")]
    snapshot_continue: bool,

    /// Write a snapshot to FILE when the guest has returned or called `proc_exit`: of memories, globals and tables
    ///
    /// `riser resume --invoke NAME FILE` calls a function of it.
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_guest())]
    snapshot_on_exit: Option<OutputFile>,
}

/// When a snapshot is taken.
#[derive(Clone, Copy, Debug)]
enum After {
    /// After so many safepoints.
    Safepoints(u64),
    /// At the first safepoint after a time.
    Time(Duration),
}

impl After {
    fn parse(text: &str) -> Result<After, String> {
        match text.parse() {
            Ok(count) => Ok(After::Safepoints(count)),
            Err(_) => quantity::duration(text).map(After::Time),
        }
    }
}

impl SnapshotArgs {
    /// The files that the flags have written.
    pub fn outputs(&self) -> impl Iterator<Item = &Path> {
        [&self.snapshot, &self.snapshot_on_exit].into_iter().flatten().map(OutputFile::path)
    }

    /// What takes snapshots of a guest, if some may be taken.
    pub fn taking(&self) -> Option<Arc<Taking>> {
        let SnapshotArgs { snapshot, snapshot_after, snapshot_continue, snapshot_on_exit } = self.clone();
        let at_end = snapshot_on_exit.map(|file| AtEnd { file, form: Form::Snapshot, has_to_return: false });
        if snapshot.is_none() && at_end.is_none() {
            return None;
        }
        let while_running =
            snapshot.map(|file| WhileRunning { file, after: snapshot_after, goes_on: snapshot_continue });
        Some(Arc::new(Taking::new(while_running, at_end)))
    }
}

/// Snapshots of a guest that runs.
#[derive(Clone)]
struct WhileRunning {
    file: OutputFile,
    after: Option<After>,
    goes_on: bool,
}

/// A snapshot of a guest that has ended.
struct AtEnd {
    file: OutputFile,
    form: Form,
    /// Whether `proc_exit` is no end for it.
    has_to_return: bool,
}

/// What is written.
enum Form {
    Snapshot,
    /// A module that begins where the guest has ended, without these exports, which were called.
    Module {
        without: Vec<String>,
    },
}

/// What is known of the program.
#[derive(Clone, Default)]
struct Program {
    bytes: Option<SharedBytes>,
    /// The functions that are called before the program runs. After one of these, a resumed program would be at its end.
    before: Vec<FuncIndex>,
    /// The descriptors that the guest was given.
    given: Vec<DescriptorInfo>,
    /// A memory that threads may share, so that there can be no snapshot.
    shared: Option<MemoryIndex>,
}

/// Takes snapshots of a program.
pub struct Taking {
    while_running: Option<WhileRunning>,
    at_end: Option<AtEnd>,
    program: Mutex<Program>,
    is_written: AtomicBool,
    /// Whether the guest was stopped for a snapshot, and so has not ended.
    is_stopped: AtomicBool,
}

impl Taking {
    fn new(while_running: Option<WhileRunning>, at_end: Option<AtEnd>) -> Taking {
        let (is_written, is_stopped) = (AtomicBool::new(false), AtomicBool::new(false));
        Taking { while_running, at_end, program: Mutex::default(), is_written, is_stopped }
    }

    /// Says so if the guest has ended without a snapshot for which there was a time, although nothing failed.
    pub fn tell_if_missed(&self) {
        let has_time = self.while_running.as_ref().is_some_and(|it| it.after.is_some());
        if has_time && !self.is_written.load(Ordering::Relaxed) {
            out::tell("Note: the guest ended before a snapshot was taken\n");
        }
    }

    /// Changes the configuration of the program's engine.
    pub fn configure(&self, config: &mut Config) {
        if self.while_running.is_some() {
            config.epoch_interruption(true).snapshots(true);
        }
    }

    /// Notes the program's module.
    ///
    /// # Errors
    ///
    /// If a snapshot is to be taken of it that there cannot be.
    pub fn set_module(&self, module: &ModuleInfo) -> Result<()> {
        let exported = |(name, entity): &(Box<str>, EntityIndex)| match (&**name, *entity) {
            ("_initialize", EntityIndex::Func(function)) => Some(function),
            _ => None,
        };
        let mut program = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        program.before = module.exports.iter().filter_map(exported).chain(module.start).collect();
        program.bytes = Some(module.bytes.clone());
        let memories = module.memories.iter().zip(MemoryIndex::first(module.memories.len()));
        program.shared = memories.filter(|(memory, _)| memory.shared).map(|(_, index)| index).next();
        let is_certain = self.at_end.is_some() || self.while_running.as_ref().is_some_and(|it| it.after.is_some());
        match program.shared {
            // Better now than when the guest has worked.
            Some(memory) if is_certain => {
                Err(anyhow::Error::from(SnapshotError::SharedMemory(memory)).context(THREADS))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Prepares a store of the program.
    pub fn prepare(self: &Arc<Self>, store: &mut Store<Host>) -> Result<()> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner).given = store.data().wasi().descriptors();
        let Some(WhileRunning { file, after, goes_on }) = self.while_running.clone() else { return Ok(()) };
        if let Some(memory) = self.program().shared {
            // A request would step the epoch, which would end the other threads. So the guest does not even stop.
            let why = format!("Note: {THREADS}, so it goes on: {}\n", SnapshotError::SharedMemory(memory));
            return signal::listen(Answer::Tell(why));
        }
        let this = Arc::clone(self);
        let requests = store.on_snapshot(move |store, snapshot| {
            let taken = snapshot.map_err(anyhow::Error::from).and_then(|snapshot| {
                let outermost = snapshot.frames().first().map(|frame| frame.function);
                ensure!(
                    outermost.is_none_or(|function| !this.program().before.contains(&function)),
                    "no snapshot is taken while the module is being initialised; ask for a later one"
                );
                file.write(this.complete(snapshot, store.data())?.to_bytes())
            });
            match taken {
                Ok(()) => this.is_written.store(true, Ordering::Relaxed),
                Err(error) if goes_on => out::tell(format!("Note: no snapshot was taken: {error:#}\n")),
                Err(error) => return Err(error),
            }
            if goes_on {
                return Ok(());
            }
            this.is_stopped.store(true, Ordering::Relaxed);
            Err(Exit(0).into())
        })?;
        signal::listen(Answer::Request(requests.clone()))?;
        match after {
            Some(After::Safepoints(count)) => store.request_snapshot_after(count),
            Some(After::Time(time)) => {
                thread::spawn(move || {
                    thread::sleep(time);
                    requests.request();
                });
            }
            None => {}
        }
        Ok(())
    }

    /// Writes what is to be written when the guest has ended. `outcome` is how.
    pub fn ended(&self, store: &Store<Host>, instance: Instance, outcome: &Result<()>) -> Result<()> {
        let Some(AtEnd { file, form, has_to_return }) = &self.at_end else { return Ok(()) };
        let exit = outcome.as_ref().err().map(|error| error.downcast_ref::<Exit>());
        if matches!(exit, Some(None)) || self.is_stopped.load(Ordering::Relaxed) {
            return Ok(());
        }
        if let (true, Some(Some(Exit(code)))) = (has_to_return, exit) {
            bail!("the guest called `proc_exit({code})` instead of returning");
        }
        let snapshot = instance.snapshot(store)?;
        let bytes = match form {
            Form::Snapshot => self.complete(snapshot, store.data())?.to_bytes(),
            Form::Module { without } => {
                let program = self.program();
                descriptors::check(&program.given, &store.data().wasi().descriptors())?;
                let bytes = program.bytes.context("the program has no module yet")?;
                let module = module::initialised(&bytes, &snapshot, without)?;
                Module::validate(store.engine(), &module).context("the module that was made is not valid")?;
                module
            }
        };
        file.write(bytes)
    }

    fn program(&self) -> Program {
        self.program.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds the module and the guest's WASI state.
    fn complete(&self, mut snapshot: Snapshot, host: &Host) -> Result<Snapshot> {
        let bytes = self.program().bytes.context("the program has no module yet")?;
        snapshot.set_code(Some(bytes.to_vec()))?;
        snapshot.set_section(WasiSnapshot::SECTION, host.wasi().snapshot()?.to_bytes());
        Ok(snapshot)
    }
}
