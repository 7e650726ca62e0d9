//! Fuel: how much a store has left, and what happens when code needs more.
//!
//! What code may charge without asking is [`plug::StoreContext::fuel`]. That is all that the store has, unless the store yields after each
//! interval of fuel: then the rest is kept back, and code gets it ration by ration.

use std::ptr::NonNull;

use anyhow::{Result, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::Status;
use riser_translator::TrapCode;

use super::StoreCore;
#[cfg(feature = "async")]
use super::{Store, StoreContextMut};
#[cfg(feature = "async")]
use crate::Caller;
#[cfg(feature = "resumable")]
use crate::func::own_stack;

/// How code gets a store's fuel.
#[cfg(feature = "async")]
#[derive(Default)]
pub(super) struct Ration {
    /// How much code may charge before it yields, if it yields.
    interval: Option<u64>,
    /// What code has not got yet.
    kept: u64,
}

impl StoreCore {
    pub(super) fn fuel(&self) -> Result<u64> {
        self.check_fuel()?;
        Ok(self.fuel_left())
    }

    pub(super) fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.check_fuel()?;
        self.put_fuel(fuel);
        Ok(())
    }

    /// The fuel left.
    pub(crate) fn fuel_left(&self) -> u64 {
        #[cfg(feature = "async")]
        let kept = self.ration.kept;
        #[cfg(not(feature = "async"))]
        let kept = 0;
        self.context.fuel + kept
    }

    /// Makes this the fuel left.
    pub(crate) fn put_fuel(&mut self, fuel: u64) {
        self.context.fuel = fuel;
        #[cfg(feature = "async")]
        {
            self.context.fuel = fuel.min(self.ration.interval.unwrap_or(u64::MAX));
            self.ration.kept = fuel - self.context.fuel;
        }
    }

    fn check_fuel(&self) -> Result<()> {
        ensure!(self.engine.config().translator.fuel, "fuel is not configured in this store");
        Ok(())
    }

    /// Hands out the next ration, if there are so many units then. Returns whether there are.
    #[cfg(feature = "async")]
    fn hand_out(&mut self, units: u64) -> bool {
        let (Some(interval), all) = (self.ration.interval, self.fuel_left()) else { return false };
        if all < units {
            return false;
        }
        self.context.fuel = all.min(units.max(self.context.fuel.saturating_add(interval)));
        self.ration.kept = all - self.context.fuel;
        true
    }

    #[cfg(feature = "async")]
    fn set_fuel_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.check_fuel()?;
        ensure!(interval != Some(0), "fuel_async_yield_interval must not be 0");
        self.ration.interval = interval;
        self.put_fuel(self.fuel_left());
        Ok(())
    }
}

/// The implementation of `StoreContext::out_of_fuel`: see there. A call that is a future yields when its ration is used up. A call that
/// can stop does so as long as there is too little fuel.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed, and code of it charges `units`.
#[cold]
#[cfg_attr(not(feature = "resumable"), expect(unused_variables, reason = "no call can stop"))]
pub(super) unsafe fn out_of_fuel(store: *mut plug::StoreContext, units: u64) -> Status {
    // SAFETY: by the contract of this function; the owner of a store's context is the store.
    unsafe {
        let core = NonNull::new_unchecked((*store).owner.cast::<StoreCore>());
        #[cfg(feature = "async")]
        while { &mut *core.as_ptr() }.hand_out(units) {
            let yielded = own_stack::yield_now(core);
            let status = crate::func::call::settle(&mut *store, yielded);
            if !status.is_returned() {
                return status;
            }
            if (*store).charge(units) {
                return Status::RETURNED;
            }
        }
        #[cfg(feature = "resumable")]
        while own_stack::suspend_for_fuel(core, units) {
            #[cfg(feature = "async")]
            { &mut *core.as_ptr() }.hand_out(units);
            if (*store).charge(units) {
                return Status::RETURNED;
            }
        }
        { &mut *core.as_ptr() }.put_fuel(0);
        TrapCode::OutOfFuel.into()
    }
}

#[cfg(feature = "async")]
impl<T> Store<T> {
    /// Makes calls that are futures ([`crate::Func::call_async`]) yield whenever they have used so much fuel: their poll ends, and they
    /// have to be polled again. The fuel that the store has left is the limit of all that they use, as otherwise. `None`, as at first,
    /// stands for never. Other calls do not yield.
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel ([`crate::Config::consume_fuel`]); if the interval is 0.
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        crate::AsContextMut::as_context_mut(self).fuel_async_yield_interval(interval)
    }
}

#[cfg(feature = "async")]
impl<T> StoreContextMut<'_, T> {
    /// Makes calls that are futures yield whenever they have used so much fuel; see [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// As for [`Store::fuel_async_yield_interval`].
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        self.core_mut().set_fuel_interval(interval)
    }
}

#[cfg(feature = "async")]
impl<T> Caller<'_, T> {
    /// Makes calls that are futures yield whenever they have used so much fuel; see [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// As for [`Store::fuel_async_yield_interval`].
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<()> {
        crate::AsContextMut::as_context_mut(self).fuel_async_yield_interval(interval)
    }
}
