//! Which descriptors a guest has opened: a snapshot has none of them.
//!
//! A resumed guest gets its standard streams and its directories from the command, as they were when it began. So there is no
//! snapshot while it has anything else open, or has closed or renumbered one of these. The calls of WASI's functions tell.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::{Result, ensure};

use crate::wasi::MODULE;
use crate::{EventSet, HostCall, HostOutcome, Monitor, Value};

/// Counts the descriptors of a guest that it has opened itself.
pub struct Descriptors {
    /// The number of those that it had at the beginning.
    given: u32,
    opened: AtomicI64,
    /// Whether those that it had are no longer the same.
    is_changed: AtomicBool,
}

impl Descriptors {
    /// For a guest with standard streams and this number of directories.
    pub fn new(dirs: usize) -> Descriptors {
        Descriptors { given: dirs as u32 + 3, opened: AtomicI64::new(0), is_changed: AtomicBool::new(false) }
    }

    /// Checks that the guest's descriptors are those that it had at the beginning.
    ///
    /// # Errors
    ///
    /// If they are not.
    pub fn check(&self) -> Result<()> {
        let opened = self.opened.load(Ordering::Relaxed);
        ensure!(opened <= 0, "the guest has files open ({opened}), which a snapshot cannot contain");
        ensure!(
            !self.is_changed.load(Ordering::Relaxed),
            "the guest has closed or renumbered a standard stream or a directory, which a snapshot cannot contain"
        );
        Ok(())
    }
}

impl Monitor for Descriptors {
    fn events(&self) -> EventSet {
        EventSet::HOST
    }

    fn host_return(&self, call: &HostCall<'_>, outcome: HostOutcome<'_>) {
        let HostOutcome::Returned(results) = outcome else { return };
        if call.module() != Some(MODULE) || !matches!(results.iter().next(), Some(Value::I32(0))) {
            return;
        }
        match call.name() {
            Some("path_open" | "sock_accept") => {
                self.opened.fetch_add(1, Ordering::Relaxed);
            }
            Some("fd_close") => match call.args().iter().next() {
                Some(Value::I32(fd)) if fd as u32 >= self.given => {
                    self.opened.fetch_sub(1, Ordering::Relaxed);
                }
                _ => self.is_changed.store(true, Ordering::Relaxed),
            },
            Some("fd_renumber") => self.is_changed.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
}
