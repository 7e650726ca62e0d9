//! How a store is asked for a snapshot, and what a poll does about it.
//!
//! Code polls the interrupt flag at safepoints, and calls the VM if the engine's epoch has reached the store's. A request from
//! another thread is a count that goes up, and a step of the epoch, so that a poll calls. The step is taken back from the
//! store's deadline.

use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use anyhow::{Result, ensure};
use riser_tiers_core::Status;

use super::{Snapshot, SnapshotError, capture};
use crate::func::call::{run_host, settle};
use crate::observe::Poll;
use crate::store::StoreCore;
use crate::{AsContextMut as _, Engine, Store, StoreContextMut};

/// What gets snapshots. It gets the address of the store, which nothing else uses during the call.
type Taker = Box<dyn FnMut(NonNull<StoreCore>, Result<Snapshot, SnapshotError>) -> Result<()> + Send + Sync>;

/// The state of a store's snapshots.
#[derive(Default)]
pub(crate) struct Snapshots {
    /// What gets them, unless it is running.
    taker: Option<Taker>,
    /// The number of requests.
    requests: Arc<AtomicU64>,
    /// How many of them have been noted.
    noted: u64,
    /// Whether one of those is still to be honoured.
    is_wanted: bool,
    /// The number of safepoints up to the one at which a snapshot is to be taken.
    countdown: Option<u64>,
}

/// Asks a store for snapshots ([`Store::on_snapshot`]), from any thread. A clone asks the same store.
#[derive(Clone)]
pub struct SnapshotRequests {
    engine: Engine,
    requests: Arc<AtomicU64>,
}

impl fmt::Debug for SnapshotRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotRequests").finish_non_exhaustive()
    }
}

impl SnapshotRequests {
    /// Asks for a snapshot at the next safepoint that code of the store passes: a function's entry or a loop header. Safe to call
    /// from any thread and from a signal handler.
    ///
    /// This increments the engine's epoch. The deadline of the store itself moves along; for other stores of the engine it is as if
    /// [`Engine::increment_epoch`] had been called.
    pub fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Who sees the step sees the request.
        fence(Ordering::Release);
        self.engine.increment_epoch();
    }
}

impl<T> Store<T> {
    /// Makes code of this store call `take` with a snapshot at the safepoint at which one is due: after
    /// [`SnapshotRequests::request`] or [`Store::request_snapshot_after`]. The code goes on afterwards; an error that `take` returns
    /// ends it, as an error of a host function does. If there can be no snapshot there, `take` gets the reason.
    ///
    /// The deadline ([`Store::set_epoch_deadline`]) still holds. Setting another function replaces this one.
    ///
    /// # Errors
    ///
    /// If the engine does not interrupt ([`crate::Config::epoch_interruption`]): code then has no polls.
    pub fn on_snapshot(
        &mut self,
        mut take: impl FnMut(StoreContextMut<'_, T>, Result<Snapshot, SnapshotError>) -> Result<()> + Send + Sync + 'static,
    ) -> Result<SnapshotRequests> {
        let mut store = self.as_context_mut();
        let core = store.core_mut();
        ensure!(core.engine.config().translator.epoch, "epoch interruption is not configured in this store");
        core.snapshots.taker = Some(Box::new(move |store, snapshot| {
            // SAFETY: the store is the one that this function was set in, with data of type T, and nothing else uses it during the
            // call, by the contract of takers.
            take(unsafe { StoreContextMut::from_raw(store.cast()) }, snapshot)
        }));
        core.set_polls();
        Ok(SnapshotRequests { engine: core.engine.clone(), requests: Arc::clone(&core.snapshots.requests) })
    }

    /// Asks for a snapshot at the safepoint that is reached after `safepoints` others.
    pub fn request_snapshot_after(&mut self, safepoints: u64) {
        let mut store = self.as_context_mut();
        let core = store.core_mut();
        core.snapshots.countdown = Some(safepoints);
        core.set_polls();
    }
}

impl Snapshots {
    /// The epoch at which polls are to call.
    pub(crate) fn next(&self, now: u64) -> u64 {
        match (&self.taker, self.is_wanted || self.countdown.is_some()) {
            (None, _) => u64::MAX,
            (Some(_), true) => 0,
            (Some(_), false) => now + 1,
        }
    }

    /// Whether a snapshot is to be taken at the safepoint that is passed now.
    fn is_due(&mut self) -> bool {
        if self.taker.is_none() {
            return false;
        }
        match &mut self.countdown {
            Some(0) => self.countdown = None,
            Some(more) => {
                *more -= 1;
                return false;
            }
            None if !self.is_wanted => return false,
            None => {}
        }
        self.is_wanted = false;
        true
    }
}

impl StoreCore {
    /// Notes requests for snapshots, and takes their steps of the epoch back from the deadline.
    pub(crate) fn note_requests(&mut self) {
        fence(Ordering::Acquire);
        let requests = self.snapshots.requests.load(Ordering::Relaxed);
        let new = requests - self.snapshots.noted;
        if new > 0 {
            self.snapshots.noted = requests;
            self.snapshots.is_wanted = true;
            self.deadline = self.deadline.saturating_add(new);
        }
    }
}

/// Takes a snapshot at the safepoint of a poll, if one is due.
///
/// # Safety
///
/// `core` is a living store, none of whose objects is borrowed, and whose code polls, at a safepoint.
pub(crate) unsafe fn pass(core: NonNull<StoreCore>, poll: Poll<'_>) -> Status {
    // SAFETY: by the contract of this function. What takes the snapshot is taken out while it runs; references to the store are gone
    // before code of others runs.
    unsafe {
        let is_due = (*core.as_ptr()).snapshots.is_due();
        if !is_due {
            (*core.as_ptr()).set_polls();
            return Status::RETURNED;
        }
        let Some(mut taker) = (*core.as_ptr()).snapshots.taker.take() else { return Status::RETURNED };
        let context = &raw mut (*core.as_ptr()).context;
        let (snapshot, end) = capture::capture(core, poll);
        // Nothing is live behind the frame, so calls that the host makes start there. If its end is not known, there is no room for calls,
        // which would overwrite it: as beyond the limit.
        let free = end.unwrap_or((*context).stack_limit.wrapping_add(1));
        let outcome = run_host(context, free, || {
            let outcome = taker(core, snapshot);
            // It may have set another one. Then it ends here, where what it owns may use the store.
            let is_replaced = (*core.as_ptr()).snapshots.taker.is_some();
            if !is_replaced {
                (*core.as_ptr()).snapshots.taker = Some(taker);
            }
            outcome
        });
        (*core.as_ptr()).set_polls();
        settle(&mut *context, outcome)
    }
}
