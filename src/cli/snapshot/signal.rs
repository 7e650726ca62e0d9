//! `SIGUSR1` asks for a snapshot.

use std::mem;
use std::ptr;
use std::sync::OnceLock;

use anyhow::{Result, ensure};

use crate::SnapshotRequests;

/// What the signal asks.
static REQUESTS: OnceLock<SnapshotRequests> = OnceLock::new();

extern "C" fn handle(_signal: libc::c_int) {
    if let Some(requests) = REQUESTS.get() {
        requests.request();
    }
}

/// Makes `SIGUSR1` ask for snapshots of a store: of the first one for which this is called.
///
/// # Errors
///
/// If the system does not let the signal be handled.
pub fn listen(requests: SnapshotRequests) -> Result<()> {
    if REQUESTS.set(requests).is_err() {
        return Ok(());
    }
    // SAFETY: all zeros are an action without flags and with an empty mask. The handler does what a signal handler may do: it reads a
    // place that is not written any more, and makes a request, which is atomic operations.
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
