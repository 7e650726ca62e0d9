//! Fuel: how much a store has left, and what happens when code needs more.

use std::ptr::NonNull;

use anyhow::{Result, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::Status;
use riser_translator::TrapCode;

use super::StoreCore;
#[cfg(feature = "resumable")]
use crate::func::own_stack;

impl StoreCore {
    pub(super) fn fuel(&self) -> Result<u64> {
        self.check_fuel()?;
        Ok(self.context.fuel)
    }

    pub(super) fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.check_fuel()?;
        self.context.fuel = fuel;
        Ok(())
    }

    fn check_fuel(&self) -> Result<()> {
        ensure!(self.engine.config().translator.fuel, "fuel is not configured in this store");
        Ok(())
    }
}

/// The implementation of `StoreContext::out_of_fuel`: see there. A call that can stop does so as long as there is too little fuel.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed, and code of it charges `units`.
#[cold]
pub(super) unsafe fn out_of_fuel(store: *mut plug::StoreContext, units: u64) -> Status {
    // SAFETY: by the contract of this function; the owner of a store's context is the store.
    unsafe {
        #[cfg(feature = "resumable")]
        while own_stack::suspend_for_fuel(NonNull::new_unchecked((*store).owner.cast::<StoreCore>()), units) {
            if (*store).charge(units) {
                return Status::RETURNED;
            }
        }
        (*store).fuel = 0;
        TrapCode::OutOfFuel.into()
    }
}
