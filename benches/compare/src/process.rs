//! Processes, the time of the clock that they take, and the files that they leave.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use riser_lab::TemporaryFolder;
use riser_lab::process::Copies;

/// A command with its arguments, in several copies of its executable.
pub struct CopiedCommand {
    copies: TemporaryCopies,
    arguments: Vec<String>,
}

impl CopiedCommand {
    /// Copies the executable of a command, whose words are divided by spaces, to files with `name` in theirs.
    pub fn new(command: &str, name: &str, copies: usize) -> Result<CopiedCommand> {
        let mut words = command.split_whitespace();
        let executable = find(words.next().context("a command needs a name")?)?;
        let copies = TemporaryCopies::new(&executable, name, copies)?;
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

/// What the names of temporary folders begin with.
pub const PREFIX: &str = "riser-compare";

/// Copies of an executable in a folder of their own, which goes with them.
pub struct TemporaryCopies {
    // Dropped before the folder is.
    copies: Copies,
    _folder: TemporaryFolder,
}

impl TemporaryCopies {
    /// Copies an executable to files with `name` in theirs.
    pub fn new(executable: &Path, name: &str, count: usize) -> Result<TemporaryCopies> {
        let folder = TemporaryFolder::new(PREFIX)?;
        Ok(TemporaryCopies { copies: Copies::new(executable, folder.path(), name, count)?, _folder: folder })
    }

    /// The copies.
    pub fn paths(&self) -> &[PathBuf] {
        self.copies.paths()
    }
}

/// A place for a file in a folder of its own, which goes with it.
pub struct TemporaryFile {
    path: PathBuf,
    _folder: TemporaryFolder,
}

impl TemporaryFile {
    /// A place for a file with this name.
    pub fn new(name: &str) -> Result<TemporaryFile> {
        let folder = TemporaryFolder::new(PREFIX)?;
        Ok(TemporaryFile { path: folder.path().join(name), _folder: folder })
    }

    /// The place.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
