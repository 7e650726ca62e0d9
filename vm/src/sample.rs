//! Samples: where code of a store is, from time to time.
//!
//! A sampler is called by polls of the interrupt flag ([`crate::observe`]), in code of every tier: by the first poll at which its
//! epoch has come. Whoever wants samples by time increments the engine's epoch by time. Code polls at function entries and loop
//! headers, and a sample is always at one of these.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use anyhow::Result;
use riser_tiers_core::{Status, StoreContext};

use crate::func::call::settle;
use crate::store::StoreCore;
use crate::{AsContextMut as _, Store, WasmBacktrace};

/// What gets the samples of a store.
pub(crate) struct Sampler {
    take: Box<dyn FnMut(WasmBacktrace) -> Result<()> + Send + Sync>,
    /// The epoch of the next sample.
    pub(crate) next: u64,
}

impl<T> Store<T> {
    /// Makes code of this store call `take` from now on whenever the engine's epoch has changed: at the first function entry or loop
    /// header that it then passes, with the frames of its activation. Frames outside of a call between tiers or through the host
    /// are not among them. An error that it returns ends the code, as an error of a host function does.
    ///
    /// The deadline ([`Store::set_epoch_deadline`]) still holds. There is one sampler; setting another replaces it.
    ///
    /// # Errors
    ///
    /// If the engine does not interrupt ([`crate::Config::epoch_interruption`]): code then has no polls to take samples at.
    pub fn on_epoch(&mut self, take: impl FnMut(WasmBacktrace) -> Result<()> + Send + Sync + 'static) -> Result<()> {
        self.as_context_mut().core_mut().sample(Box::new(take))
    }
}

impl Sampler {
    pub(crate) fn new(take: Box<dyn FnMut(WasmBacktrace) -> Result<()> + Send + Sync>, now: u64) -> Sampler {
        Sampler { take, next: now + 1 }
    }
}

/// Takes a sample, if there is a sampler, it is not running and its epoch has come.
///
/// # Safety
///
/// `core` is a living store, none of whose objects is borrowed, and which polls; `report` is as in
/// [`PolledFrame`](riser_tiers_core::PolledFrame).
pub(crate) unsafe fn sample(core: NonNull<StoreCore>, report: &dyn Fn()) -> Status {
    // SAFETY: by the contract of this function. The sampler is taken out while it runs; references to the store are gone before code of
    // others runs.
    unsafe {
        let store = &raw mut (*core.as_ptr()).context;
        let now = (*store).now();
        let place = &raw mut (*core.as_ptr()).sampler;
        let Some(mut sampler) = (*place).take_if(|sampler| now >= sampler.next) else { return Status::RETURNED };
        let (frames, omitted) = StoreContext::reported(store, (*store).most_frames, report);
        let backtrace = WasmBacktrace::new(&*core.as_ptr(), &frames, omitted);
        let outcome = catch_unwind(AssertUnwindSafe(|| (sampler.take)(backtrace)));
        sampler.next = now + 1;
        *place = Some(sampler);
        (*core.as_ptr()).set_polls();
        settle(&mut *store, outcome)
    }
}
