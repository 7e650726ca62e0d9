//! Monitors that come with Riser, made of nothing but the public [`Monitor`]: what a program calls, how often its loops run,
//! which branches it takes, which of its lines it reaches, which memory it touches, what it asks of the host, and when which
//! function was compiled.
//!
//! Each is a [`Monitor`] for [`Config::monitor`](crate::Config::monitor), and [reports](Report::report) when the guest has
//! ended. `riser run --monitor` makes them by [`by_name`]; `riser trace` is [`Trace`]. A program that links monitors of its own
//! ([`LINKED_MONITORS`]) and calls the command has these, too.

mod branches;
mod calls;
mod coverage;
mod host;
mod hotness;
mod loops;
mod memory;
mod place;
mod timeline;
mod trace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use linkme::distributed_slice;

use crate::Monitor;

pub use branches::Branches;
pub use calls::Calls;
pub use coverage::Coverage;
pub use host::HostCalls;
pub use hotness::Hotness;
pub use loops::Loops;
pub use memory::MemoryAccesses;
pub use timeline::Timeline;
pub use trace::Trace;

/// A monitor that sums up what it has seen.
pub trait Report: Monitor {
    /// What it has seen, as text.
    fn report(&self) -> String;
}

/// Makes a monitor.
pub type Make = fn() -> Arc<dyn Report>;

/// The monitors: the name of each, and how it is made.
pub const ALL: &[(&str, Make)] = &[
    ("calls", || Arc::new(Calls::default())),
    ("loops", || Arc::new(Loops::default())),
    ("branches", || Arc::new(Branches::default())),
    ("coverage", || Arc::new(Coverage::default())),
    ("memory", || Arc::new(MemoryAccesses::default())),
    ("host", || Arc::new(HostCalls::default())),
    ("hotness", || Arc::new(Hotness::default())),
    ("timeline", || Arc::new(Timeline::default())),
];

/// Monitors that are linked into the program. The command knows them as it knows the others: `templates/own-monitor`
/// is an example. Of two with one name, that of [`ALL`] is made.
#[distributed_slice]
pub static LINKED_MONITORS: [(&'static str, Make)];

/// The monitors that there are: those of [`ALL`], then those that are linked in.
fn known() -> impl Iterator<Item = (&'static str, Make)> {
    ALL.iter().chain(LINKED_MONITORS).copied()
}

/// The names of the monitors that there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    known().map(|(name, _)| name)
}

/// Makes the monitor with a name.
pub fn by_name(name: &str) -> Option<Arc<dyn Report>> {
    known().find(|(known, _)| *known == name).map(|(_, make)| make())
}

/// Locks what a monitor has seen. A guest's thread that panicked meanwhile leaves it as it is.
fn lock<T>(seen: &Mutex<T>) -> MutexGuard<'_, T> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_monitor() {
        assert!(names().all(|name| by_name(name).is_some()));
        assert!(by_name("call").is_none());
    }
}
