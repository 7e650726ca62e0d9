//! Processes, and what they cost.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Instant;
use std::{fs, io, thread};

use anyhow::{Context, Result, ensure};

use crate::counters::Counters;
use crate::interrupt;

/// A process that has ended.
#[derive(Debug)]
pub struct Run {
    /// Its status, and what it printed.
    pub output: Output,
    /// CPU time in nanoseconds, including that of its threads and of the processes that it waited for.
    pub cpu_ns: u64,
    /// Time from start to end in nanoseconds.
    pub wall_ns: u64,
    /// The most memory that it had at a time, in KiB.
    pub peak_kib: u64,
    /// What the processor's counters say, where there are any ([`counters`](crate::counters)).
    pub counted: BTreeMap<String, f64>,
}

/// Runs a command to its end, with an empty standard input.
///
/// # Errors
///
/// If it cannot be started, or fails; the error contains the end of its output.
pub fn run(command: &mut Command) -> Result<Run> {
    let run = run_to_end(command)?;
    let output = &run.output;
    ensure!(output.status.success(), "{command:?} fails, {}:{}", output.status, said(&output.stderr));
    Ok(run)
}

/// As [`run`], for a command that ends with the status of a program that it runs. A status of the program's own is no error; a process
/// that fails says why.
///
/// # Errors
///
/// As of [`run`].
pub fn run_program(command: &mut Command) -> Result<Run> {
    let run = run_to_end(command)?;
    let Output { status, stderr, .. } = &run.output;
    let is_own = status.code().is_some() && stderr.is_empty();
    ensure!(status.success() || is_own, "{command:?} fails, {status}:{}", said(stderr));
    Ok(run)
}

/// As [`run`], but a process that fails is no error.
///
/// # Errors
///
/// If it cannot be started.
pub fn run_to_end(command: &mut Command) -> Result<Run> {
    let counters = Counters::ready();
    let started = Instant::now();
    let child = interrupt::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let (mut child, running) = child.with_context(|| format!("cannot run {command:?}"))?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let reader = scope.spawn(|| err.map_or(Ok(0), |mut err| err.read_to_end(&mut stderr)));
        out.map_or(Ok(0), |mut out| out.read_to_end(&mut stdout))?;
        reader.join().expect("reading does not panic")
    })
    .with_context(|| format!("cannot read what {command:?} prints"))?;
    await_end(child.id()).with_context(|| format!("cannot wait for {command:?}"))?;
    drop(running);
    let (status, usage) = wait(child.id()).with_context(|| format!("cannot wait for {command:?}"))?;
    interrupt::rest_if_interrupted();
    let wall_ns = started.elapsed().as_nanos() as u64;
    Ok(Run {
        output: Output { status, stdout, stderr },
        cpu_ns: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
        wall_ns,
        peak_kib: usage.ru_maxrss as u64,
        counted: counters.read(),
    })
}

/// The most lines of what a process said that a message has.
const MOST_SAID: usize = 10;

/// The end of what a process said, to put behind a colon: one line, or several below it.
pub fn said(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let shown = &lines[lines.len().saturating_sub(MOST_SAID)..];
    match shown {
        [] => " it says nothing".to_owned(),
        [line] => format!(" {}", line.trim_start()),
        several => {
            let cut = if several.len() < lines.len() { "\n    ..." } else { "" };
            let several = several.iter().map(|line| format!("\n    {line}"));
            format!("{cut}{}", several.collect::<String>())
        }
    }
}

/// Waits until a child has ended. Its number stays its own until somebody [waits](wait) for what it has used.
fn await_end(child: u32) -> io::Result<()> {
    uninterrupted(|| {
        // SAFETY: the kernel writes to `info`, for which all zeros are valid.
        unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, child, &mut info, libc::WEXITED | libc::WNOWAIT)
        }
    })
}

/// Waits for a child, and returns what it has used.
fn wait(child: u32) -> io::Result<(ExitStatus, libc::rusage)> {
    let mut status = 0;
    // SAFETY: all zeros are a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes to `status` and `usage`.
    uninterrupted(|| unsafe { libc::wait4(child as libc::pid_t, &mut status, 0, &mut usage) })?;
    Ok((ExitStatus::from_raw(status), usage))
}

/// Calls the system again as long as signals interrupt it.
fn uninterrupted(mut call: impl FnMut() -> libc::c_int) -> io::Result<()> {
    while call() < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(())
}

fn nanoseconds(time: libc::timeval) -> u64 {
    time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1000
}

/// CPU time of all children that have ended, in nanoseconds.
pub fn children_ns() -> u64 {
    // SAFETY: the kernel writes to `usage`, for which all zeros are valid.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
}

/// Copies of an executable. The file of each lies elsewhere in memory, which alone can make a program almost twice as slow. A statement
/// about a build should hold for all of its copies.
#[derive(Debug)]
pub struct Copies {
    paths: Vec<PathBuf>,
    /// Whether they stay when the value is dropped.
    stay: bool,
}

impl Copies {
    /// Makes `count` copies of `executable` in `folder`, called `NAME-1` and so on. They are removed with the value, and so is the folder
    /// if it is empty. They are as old as the executable: what keeps code for each build takes them for one.
    ///
    /// # Errors
    ///
    /// If the executable cannot be read, or the folder cannot be written to.
    pub fn new(executable: &Path, folder: &Path, name: &str, count: usize) -> Result<Copies> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let written = fs::metadata(executable).and_then(|file| file.modified());
        let written = written.with_context(|| format!("cannot copy {}", executable.display()))?;
        let mut copies = Copies { paths: Vec::new(), stay: false };
        for number in 1..=count {
            let path = folder.join(format!("{name}-{number}"));
            // An existing copy would be overwritten in place.
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", path.display()));
                }
                Ok(()) | Err(_) => {}
            }
            fs::copy(executable, &path)
                .and_then(|_| fs::File::open(&path)?.set_modified(written))
                .with_context(|| format!("cannot copy {} to {}", executable.display(), path.display()))?;
            copies.paths.push(path);
        }
        Ok(copies)
    }

    /// As [`Copies::new`], but the copies stay, unless they are [let go](Copies::let_go): who goes on with a measurement takes those that it
    /// began with. Those that are there and are not copies of `executable` are made anew.
    ///
    /// # Errors
    ///
    /// As of [`Copies::new`].
    pub fn keep(executable: &Path, folder: &Path, name: &str, count: usize) -> Result<Copies> {
        let paths: Vec<PathBuf> = (1..=count).map(|number| folder.join(format!("{name}-{number}"))).collect();
        let bytes = fs::read(executable).with_context(|| format!("cannot read {}", executable.display()))?;
        if paths.iter().all(|path| fs::read(path).is_ok_and(|copy| copy == bytes)) {
            return Ok(Copies { paths, stay: true });
        }
        let mut copies = Copies::new(executable, folder, name, count)?;
        copies.stay = true;
        Ok(copies)
    }

    /// Lets the copies be removed with the value.
    pub fn let_go(&mut self) {
        self.stay = false;
    }

    /// The copies.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        if self.stay {
            return;
        }
        for path in &self.paths {
            // A copy that is left is overwritten next time.
            let _ = fs::remove_file(path);
        }
        // The folder stays if it contains anything else.
        let _ = self.paths.first().and_then(|path| path.parent()).map(fs::remove_dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_run_and_timed() {
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i";
        let run = run(Command::new("sh").args(["-c", script])).expect("a shell");
        assert_eq!(run.output.stdout, b"20000\n");
        assert!(run.cpu_ns > 0 && run.wall_ns > 0 && run.peak_kib > 0);
    }

    #[test]
    fn two_processes_at_a_time_are_timed_apart() {
        let long = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let other = thread::spawn(move || run(Command::new("sh").args(["-c", long])).expect("a shell"));
        let short = run(&mut Command::new("true")).expect("runs");
        let long = other.join().expect("ends");
        assert!(short.cpu_ns < long.cpu_ns, "{} and {}", short.cpu_ns, long.cpu_ns);
    }

    #[test]
    fn a_failure_says_what_the_process_said() {
        let error = run(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).expect_err("it fails");
        assert!(error.to_string().ends_with("why"), "{error}");
        assert!(run(&mut Command::new("/no/such/command")).is_err());
        let several = "echo Error: why >&2; echo >&2; echo Caused by: >&2; echo '    this' >&2; exit 3";
        let error = run(Command::new("sh").args(["-c", several])).expect_err("it fails").to_string();
        assert!(error.ends_with("exit status: 3:\n    Error: why\n    Caused by:\n        this"), "{error}");
        let many = "seq 30 >&2; exit 3";
        let error = run(Command::new("sh").args(["-c", many])).expect_err("it fails").to_string();
        assert!(error.contains("exit status: 3:\n    ...\n    21\n") && error.ends_with("\n    30"), "{error}");
        let error = run(&mut Command::new("false")).expect_err("it fails").to_string();
        assert!(error.ends_with("exit status: 1: it says nothing"), "{error}");
    }

    #[test]
    fn a_program_has_a_status_of_its_own() {
        let shell = |script| run_program(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("echo 4; exit 3").expect("says nothing of a failure").output.stdout, b"4\n");
        assert!(shell("echo why >&2; exit 3").is_err());
        assert!(shell("kill -9 $$").is_err());
    }

    #[test]
    fn copies_are_files_of_their_own() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("copies");
        let copies = Copies::new(Path::new("/bin/sh"), &folder, "sh", 3).expect("copies");
        let paths = copies.paths().to_vec();
        assert_eq!(paths.len(), 3);
        let written = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).expect("is there");
        for path in &paths {
            assert_eq!(written(path), written(Path::new("/bin/sh")));
            run(Command::new(path).args(["-c", "true"])).expect("a copy runs");
        }
        drop(copies);
        assert!(!folder.exists(), "{paths:?}");
    }

    #[test]
    fn copies_can_outlive_the_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let (executable, folder) = (folder.path().join("executable"), folder.path().join("copies"));
        fs::write(&executable, "one").expect("is writable");
        let keep = || Copies::keep(&executable, &folder, "it", 2).expect("copies");
        let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(folder.join("it-2")).expect("is there"));
        drop(keep());
        let before = inode();
        drop(keep());
        assert_eq!(inode(), before);
        fs::write(&executable, "two").expect("is writable");
        let mut copies = keep();
        assert_eq!(fs::read(&copies.paths()[0]).expect("is there"), b"two");
        copies.let_go();
        drop(copies);
        assert!(!folder.exists());
    }
}
