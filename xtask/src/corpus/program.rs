//! Running one program, or a library with its driver, and judging what came out.
//!
//! The streams go to files, which cannot block a child however much it prints,
//! and which stay for inspection until the program's next run.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::manifest::{Case, Expected, Pattern};

/// The interval at which a running child is checked, which is the precision of reported times.
const POLL: Duration = Duration::from_millis(2);

/// The settings that all runs share.
pub struct Runner {
    pub riser: PathBuf,
    /// Options for `riser run`, after `--mode`.
    pub run_options: Vec<String>,
    /// Where the streams are kept.
    pub outputs: PathBuf,
    pub timeout: Duration,
}

/// What a case comes to.
pub struct Job {
    /// The folder to run in.
    pub folder: PathBuf,
    /// The module, seen from there.
    pub file: String,
    /// Modules to be there before it, by the names to import from, seen from there.
    pub preloads: Vec<(String, PathBuf)>,
}

/// What a run gave.
pub struct Outcome {
    /// `None` if the time ran out.
    status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// The files that it was to write, and what is in them.
    pub files: Vec<(String, Option<Vec<u8>>)>,
    pub time: Duration,
}

/// The streams of a run, as files.
pub struct Streams {
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Streams {
    /// Empty ones.
    fn new(stem: &Path) -> Result<Streams> {
        let streams =
            Streams { stdout: stem.with_added_extension("stdout"), stderr: stem.with_added_extension("stderr") };
        if let Some(folder) = stem.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(&streams.stdout)?;
        File::create(&streams.stderr)?;
        Ok(streams)
    }

    /// Removes a last line of standard error, if it is this one.
    pub fn remove_last(&self, line: &str) -> Result<()> {
        let stderr = fs::read(&self.stderr)?;
        if let Some(rest) = stderr.strip_suffix(format!("{line}\n").as_bytes()) {
            fs::write(&self.stderr, rest)?;
        }
        Ok(())
    }
}

impl Runner {
    /// Runs `case`, which comes to `job`, in `mode` and waits for it.
    pub fn run(&self, case: &Case, job: &Job, mode: &str) -> Result<Outcome> {
        let streams = self.begin(case, job, mode)?;
        let started = Instant::now();
        let mut command = self.command("run", mode, case, job);
        self.options_of_run(&mut command, case, job);
        command.arg(&job.file).args(&case.args).stdin(stdin(case, job)?.map_or_else(Stdio::null, Stdio::from));
        let status = self.wait(&mut command, &streams, self.timeout)?;
        Outcome::new(status, &streams, case, job, started.elapsed())
    }

    /// Prepares a run of `case`, whose streams are kept under a name that ends so.
    pub fn begin(&self, case: &Case, job: &Job, name: &str) -> Result<Streams> {
        for file in case.expected.files_sha256.keys() {
            // Of an earlier run.
            let _ = fs::remove_file(job.folder.join(file));
        }
        Streams::new(&self.outputs.join(format!("{}.{name}", case.name)))
    }

    /// Runs a command whose output is added to the streams. `None` if the time ran out.
    pub fn wait(&self, command: &mut Command, streams: &Streams, timeout: Duration) -> Result<Option<ExitStatus>> {
        let append = |file: &Path| File::options().append(true).open(file);
        let started = Instant::now();
        let mut child = command
            .stdout(append(&streams.stdout)?)
            .stderr(append(&streams.stderr)?)
            .spawn()
            .with_context(|| format!("cannot run {}", self.riser.display()))?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if started.elapsed() > timeout {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }

    /// A subcommand in the folder of `job`, with what `riser run` and `riser resume` both have to be told.
    pub fn command(&self, subcommand: &str, mode: &str, case: &Case, job: &Job) -> Command {
        let mut command = Command::new(&self.riser);
        command.args([subcommand, "--mode", mode]).args(&self.run_options).current_dir(&job.folder);
        for dir in &case.dirs {
            command.args(["--dir", dir]);
        }
        command
    }

    /// What only `riser run` has to be told, before the file.
    pub fn options_of_run(&self, command: &mut Command, case: &Case, job: &Job) {
        if let Some(argv0) = &case.argv0 {
            command.args(["--argv0", argv0]);
        }
        for (name, value) in &case.env {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        for (name, file) in &job.preloads {
            command.arg("--preload").arg(format!("{name}={}", file.display()));
        }
    }
}

/// What a case reads.
pub fn stdin(case: &Case, job: &Job) -> Result<Option<File>> {
    let Some(file) = &case.stdin else { return Ok(None) };
    Ok(Some(File::open(job.folder.join(file)).with_context(|| format!("no {file} for {}", case.name))?))
}

impl Outcome {
    /// What a run has left behind.
    pub fn new(
        status: Option<ExitStatus>,
        streams: &Streams,
        case: &Case,
        job: &Job,
        time: Duration,
    ) -> Result<Outcome> {
        let files = case.expected.files_sha256.keys();
        let files = files.map(|file| (file.clone(), fs::read(job.folder.join(file)).ok())).collect();
        Ok(Outcome { status, stdout: fs::read(&streams.stdout)?, stderr: fs::read(&streams.stderr)?, files, time })
    }

    /// Whether the program ended with this exit code.
    pub fn ended_with(&self, exit_code: i32) -> bool {
        self.status.is_some_and(|status| status.code() == Some(exit_code))
    }

    /// The differences from what is expected, one line each.
    pub fn problems(&self, expected: &Expected) -> Vec<String> {
        let mut problems = Vec::new();
        match self.status {
            None => problems.push("the time ran out".to_owned()),
            Some(status) if status.code() == Some(expected.exit_code) => {}
            Some(status) => {
                let error = String::from_utf8_lossy(&self.stderr);
                let last: String = error.lines().last().unwrap_or_default().chars().take(160).collect();
                problems.push(format!("{status}, not {}; stderr ends: {last}", expected.exit_code));
            }
        }
        for (stream, bytes, pattern, sha256) in [
            ("stdout", &self.stdout, &expected.stdout, &expected.stdout_sha256),
            ("stderr", &self.stderr, &expected.stderr, &expected.stderr_sha256),
        ] {
            if let Some(Pattern(regex)) = pattern.as_ref().filter(|Pattern(regex)| !regex.is_match(bytes)) {
                problems.push(format!("{stream} ({} bytes) does not match {regex}", bytes.len()));
            }
            let actual = digest(bytes);
            if sha256.as_ref().is_some_and(|sha256| *sha256 != actual) {
                problems.push(format!("{stream} ({} bytes) has digest {actual}", bytes.len()));
            }
        }
        for (file, bytes) in &self.files {
            let Some(bytes) = bytes else {
                problems.push(format!("it has not written {file}"));
                continue;
            };
            let actual = digest(bytes);
            if expected.files_sha256.get(file).is_some_and(|sha256| *sha256 != actual) {
                problems.push(format!("{file} ({} bytes) has digest {actual}", bytes.len()));
            }
        }
        problems
    }
}

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::*;

    fn outcome(stdout: &[u8]) -> Outcome {
        let status = Some(ExitStatus::default());
        Outcome { status, stdout: stdout.to_vec(), stderr: Vec::new(), files: Vec::new(), time: Duration::ZERO }
    }

    #[test]
    fn digests_are_sha256() {
        assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn every_expectation_can_fail() {
        let pattern = || Some(Pattern(Regex::new("^ok$").expect("valid")));
        assert!(outcome(b"ok").problems(&Expected { stdout: pattern(), ..Expected::default() }).is_empty());
        assert_eq!(outcome(b"no").problems(&Expected { stdout: pattern(), ..Expected::default() }).len(), 1);
        assert_eq!(outcome(b"").problems(&Expected { stderr: pattern(), ..Expected::default() }).len(), 1);
        assert_eq!(outcome(b"").problems(&Expected { exit_code: 3, ..Expected::default() }).len(), 1);
        let sha256 = || Some(digest(b"ok"));
        assert!(outcome(b"ok").problems(&Expected { stdout_sha256: sha256(), ..Expected::default() }).is_empty());
        assert_eq!(outcome(b"no").problems(&Expected { stdout_sha256: sha256(), ..Expected::default() }).len(), 1);
        let sha256 =
            |bytes: &[u8]| Expected { files_sha256: [("f".to_owned(), digest(bytes))].into(), ..Expected::default() };
        let wrote =
            |bytes: Option<&[u8]>| Outcome { files: vec![("f".to_owned(), bytes.map(<[u8]>::to_vec))], ..outcome(b"") };
        assert!(wrote(Some(b"ok")).problems(&sha256(b"ok")).is_empty());
        assert_eq!(wrote(Some(b"no")).problems(&sha256(b"ok")).len(), 1);
        assert_eq!(wrote(None).problems(&sha256(b"ok")).len(), 1);
        let late = Outcome { status: None, ..outcome(b"") };
        assert_eq!(late.problems(&Expected::default()).len(), 1);
    }
}
