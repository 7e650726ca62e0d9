//! Processes, and the CPU time that they take.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use anyhow::{Context, Result, ensure};

/// Runs a command to its end, with an empty standard input. Returns its output and its CPU time in nanoseconds, including that of its
/// threads and of the processes that it waited for.
///
/// # Errors
///
/// If it cannot be started, or fails; the error contains the end of its output.
pub fn run(command: &mut Command) -> Result<(Output, u64)> {
    // The system counts the time of all children together.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let before = children_ns();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    let time = children_ns() - before;
    ensure!(
        output.status.success(),
        "{command:?} fails, {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it says nothing")
    );
    Ok((output, time))
}

/// CPU time of all children that have ended, in nanoseconds.
pub fn children_ns() -> u64 {
    // SAFETY: the kernel writes to `usage`, for which all zeros are valid.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage);
        usage
    };
    let ns = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1000;
    ns(usage.ru_utime) + ns(usage.ru_stime)
}

/// Copies of an executable. The file of each lies elsewhere in memory, which alone can make a program almost twice as slow. A statement
/// about a build should hold for all of its copies.
pub struct Copies {
    paths: Vec<PathBuf>,
}

impl Copies {
    /// Makes `count` copies of `executable` in `folder`, called `NAME-1` and so on. They are removed with the value, and so is the folder
    /// if it is empty.
    ///
    /// # Errors
    ///
    /// If the executable cannot be read, or the folder cannot be written to.
    pub fn new(executable: &Path, folder: &Path, name: &str, count: usize) -> Result<Copies> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut copies = Copies { paths: Vec::new() };
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
                .with_context(|| format!("cannot copy {} to {}", executable.display(), path.display()))?;
            copies.paths.push(path);
        }
        Ok(copies)
    }

    /// The copies.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
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
        let (output, time) =
            run(Command::new("sh").args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i"]))
                .expect("a shell");
        assert_eq!(output.stdout, b"20000\n");
        assert!(time > 0);
    }

    #[test]
    fn a_failure_says_what_the_process_said() {
        let error = run(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).expect_err("it fails");
        assert!(error.to_string().ends_with("why"), "{error}");
        assert!(run(&mut Command::new("/no/such/command")).is_err());
    }

    #[test]
    fn copies_are_files_of_their_own() {
        let folder = std::env::temp_dir().join(format!("riser-measure-{}", std::process::id()));
        let copies = Copies::new(Path::new("/bin/sh"), &folder, "sh", 3).expect("copies");
        let paths = copies.paths().to_vec();
        assert_eq!(paths.len(), 3);
        for path in &paths {
            run(Command::new(path).args(["-c", "true"])).expect("a copy runs");
        }
        drop(copies);
        assert!(!folder.exists(), "{paths:?}");
    }
}
