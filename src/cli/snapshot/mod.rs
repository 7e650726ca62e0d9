//! Snapshots from the command: the flags that take one (here), `riser resume` and `riser snapshot` (`show.rs`).

mod descriptors;
mod guest;
mod resume;
mod show;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use riser_lab::quantity;

use crate::translator::FuncIndex;
use crate::translator::module::{EntityIndex, ModuleInfo};
use crate::wasi::Exit;
use crate::{Config, SharedBytes, Snapshot, Store};

use super::out;
use super::run::Host;
pub use guest::{GuestLine, guest_name};
pub use resume::Resume;
pub use show::SnapshotCommand;

/// When a snapshot of the guest is taken, and where it goes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Snapshots")]
pub struct SnapshotArgs {
    /// Stop the guest, and write a snapshot of it to FILE
    ///
    /// `riser resume FILE` goes on with it, in any mode.
    #[arg(long, value_name = "FILE", requires = "snapshot_after")]
    snapshot: Option<PathBuf>,

    /// When to stop: after so many safepoints, or after a time such as 5s
    ///
    /// A safepoint is a function's entry or a loop's header. After a time, the guest stops at the next one.
    #[arg(long, value_name = "COUNT|TIME", value_parser = After::parse, requires = "snapshot")]
    snapshot_after: Option<After>,
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
    /// What takes the snapshot of a guest, if one is to be taken.
    ///
    /// # Errors
    ///
    /// That of `guest`.
    pub fn taking(&self, guest: impl FnOnce() -> Result<GuestLine>) -> Result<Option<Arc<Taking>>> {
        let (Some(file), Some(after)) = (self.snapshot.clone(), self.snapshot_after) else { return Ok(None) };
        let guest = guest()?;
        let (module, is_written) = (Mutex::default(), AtomicBool::new(false));
        Ok(Some(Arc::new(Taking { file, after, guest, module, is_written })))
    }
}

/// What is known of the program's module.
#[derive(Clone)]
struct Program {
    bytes: SharedBytes,
    /// The functions that are called before the program runs. After one of these, a resumed program would be at its end.
    before: Vec<FuncIndex>,
}

/// Takes a snapshot of a program.
pub struct Taking {
    file: PathBuf,
    after: After,
    guest: GuestLine,
    module: Mutex<Option<Program>>,
    is_written: AtomicBool,
}

impl Taking {
    /// Says so if the guest has ended without a snapshot, although nothing failed.
    pub fn tell_if_missed(&self) {
        if !self.is_written.load(Ordering::Relaxed) {
            out::tell("Note: the guest ended before a snapshot was taken\n");
        }
    }

    /// Changes the configuration of the program's engine.
    pub fn configure(&self, config: &mut Config) {
        config.epoch_interruption(true).snapshots(true);
    }

    /// Notes the program's module.
    pub fn set_module(&self, module: &ModuleInfo) {
        let exported = |(name, entity): &(Box<str>, EntityIndex)| match (&**name, *entity) {
            ("_initialize", EntityIndex::Func(function)) => Some(function),
            _ => None,
        };
        let before = module.exports.iter().filter_map(exported).chain(module.start).collect();
        let program = Program { bytes: module.bytes.clone(), before };
        *self.module.lock().unwrap_or_else(PoisonError::into_inner) = Some(program);
    }

    /// Prepares a store of the program.
    pub fn prepare(self: &Arc<Self>, store: &mut Store<Host>) -> Result<()> {
        let this = Arc::clone(self);
        let given = store.data().descriptors();
        let requests = store.on_snapshot(move |store, snapshot| {
            let snapshot = snapshot?;
            descriptors::check(&given, &store.data().descriptors())?;
            this.write(snapshot)?;
            this.is_written.store(true, Ordering::Relaxed);
            Err(Exit(0).into())
        })?;
        match self.after {
            After::Safepoints(count) => store.request_snapshot_after(count),
            After::Time(time) => {
                thread::spawn(move || {
                    thread::sleep(time);
                    requests.request();
                });
            }
        }
        Ok(())
    }

    fn write(&self, mut snapshot: Snapshot) -> Result<()> {
        let program = self.module.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let program = program.context("the program has no module yet")?;
        let outermost = snapshot.frames().first().map(|frame| frame.function);
        ensure!(
            outermost.is_none_or(|function| !program.before.contains(&function)),
            "no snapshot is taken while the module is being initialised; ask for a later one"
        );
        snapshot.set_code(Some(program.bytes.to_vec()))?;
        snapshot.set_section(GuestLine::SECTION, self.guest.to_bytes()?);
        fs::write(&self.file, snapshot.to_bytes()).with_context(|| format!("cannot write `{}`", self.file.display()))
    }
}

/// Reads a snapshot's file.
fn read(file: &std::path::Path) -> Result<Snapshot> {
    let bytes = super::read_file(file)?;
    Snapshot::from_bytes(&bytes).with_context(|| format!("`{}` is no snapshot", file.display()))
}
