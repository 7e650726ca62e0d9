//! Processes, the time of the clock that they take, and the files that they leave.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// Runs a command to its end, without its output. Returns the nanoseconds from the start of the process to its exit.
pub fn run(command: &mut Command) -> Result<u64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    let time = started.elapsed();
    ensure!(status.success(), "{command:?} fails");
    Ok(time.as_nanos() as u64)
}

/// A folder of this process in the system's folder for what is temporary.
pub fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("riser-compare-{}", std::process::id()))
}

/// A place for a file of this process in the system's folder for such; the file goes with it.
pub struct TemporaryFile(pub PathBuf);

impl TemporaryFile {
    /// A place for a file with this at the end of its name.
    pub fn new(name: &str) -> TemporaryFile {
        TemporaryFile(std::env::temp_dir().join(format!("riser-compare-{}-{name}", std::process::id())))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // The system cleans its folder up in the end.
        let _ = std::fs::remove_file(&self.0);
    }
}
