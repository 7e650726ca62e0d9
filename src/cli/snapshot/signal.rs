//! `SIGUSR1` asks for a snapshot.

use std::mem;
use std::ptr;
use std::sync::OnceLock;

use anyhow::{Result, ensure};

use crate::SnapshotRequests;

/// What the signal does.
pub enum Answer {
    /// It asks for a snapshot.
    Request(SnapshotRequests),
    /// It writes this to standard error: there can be no snapshot.
    Tell(String),
}

/// What the signal does in this process.
static ANSWER: OnceLock<Answer> = OnceLock::new();

extern "C" fn handle(_signal: libc::c_int) {
    match ANSWER.get() {
        Some(Answer::Request(requests)) => requests.request(),
        // Nothing can be done if it cannot be written.
        Some(Answer::Tell(message)) => drop(rustix::io::write(std::io::stderr(), message.as_bytes())),
        None => {}
    }
}

/// Makes `SIGUSR1` do this. The first call decides.
///
/// # Errors
///
/// If the system does not let the signal be handled.
pub fn listen(answer: Answer) -> Result<()> {
    if ANSWER.set(answer).is_err() {
        return Ok(());
    }
    // SAFETY: all zeros are an action without flags and with an empty mask. The handler does what a signal handler may do: it reads a
    // place that is not written any more, and makes a request, which is atomic operations, or calls `write`.
    let status = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handle as extern "C" fn(libc::c_int) as usize;
        // The guest's calls of the system go on; the guest's stack may have no room for a handler.
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGUSR1, &action, ptr::null_mut())
    };
    ensure!(status == 0, "cannot handle SIGUSR1: {}", std::io::Error::last_os_error());
    Ok(())
}
