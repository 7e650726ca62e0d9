//! Processes, the time of the clock that they take, and the files that they leave.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use riser_lab::process::Copies;

/// A command with its arguments, in several copies of its executable.
pub struct CopiedCommand {
    copies: Copies,
    arguments: Vec<String>,
}

impl CopiedCommand {
    /// Copies the executable of a command, whose words are divided by spaces, to files with `name` in theirs.
    pub fn new(command: &str, name: &str, copies: usize) -> Result<CopiedCommand> {
        let mut words = command.split_whitespace();
        let executable = find(words.next().context("a command needs a name")?)?;
        let copies = Copies::new(&executable, &folder(), name, copies)?;
        Ok(CopiedCommand { copies, arguments: words.map(str::to_owned).collect() })
    }

    /// The command, by one of the copies.
    pub fn of_copy(&self, copy: usize) -> Command {
        let mut command = Command::new(&self.copies.paths()[copy]);
        command.args(&self.arguments);
        command
    }
}

/// Where an executable is: as it says, or in a folder of `PATH`.
fn find(executable: &str) -> Result<PathBuf> {
    if executable.contains('/') {
        return Ok(PathBuf::from(executable));
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&folders).map(|folder| folder.join(Path::new(executable)));
    found.find(|path| path.is_file()).with_context(|| format!("there is no command `{executable}`"))
}

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
    env::temp_dir().join(format!("riser-compare-{}", std::process::id()))
}

/// A place for a file of this process in the system's folder for such; the file goes with it.
pub struct TemporaryFile(pub PathBuf);

impl TemporaryFile {
    /// A place for a file with this at the end of its name.
    pub fn new(name: &str) -> TemporaryFile {
        TemporaryFile(env::temp_dir().join(format!("riser-compare-{}-{name}", std::process::id())))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // The system cleans its folder up in the end.
        let _ = std::fs::remove_file(&self.0);
    }
}
