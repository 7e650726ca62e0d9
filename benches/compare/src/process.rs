//! Processes, and the time that they take.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Runs a command to its end, without its output. Returns the nanoseconds of CPU time that it took, those in the system included.
pub fn run(command: &mut Command) -> Result<u64> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.with_context(|| format!("cannot run {command:?}"))?;
    let mut status = 0;
    // SAFETY: a struct of numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes to both; the process is ours and nobody else waits for it.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    ensure!(waited == child.id() as libc::pid_t, "cannot wait for {command:?}");
    ensure!(status == 0, "{command:?} fails");
    let nanos = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1000;
    Ok(nanos(usage.ru_utime) + nanos(usage.ru_stime))
}
