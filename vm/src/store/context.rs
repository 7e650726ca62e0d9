//! Borrows of a store: by reference, or from within a host function.

use std::marker::PhantomData;
use std::ptr::NonNull;

use anyhow::Result;

use super::{Invariant, Store, StoreCore, StoreInner};
use crate::{Caller, Engine, GcHeapOutOfMemory};

/// A shared borrow of a [`Store`].
pub struct StoreContext<'a, T: 'static> {
    inner: NonNull<StoreInner<T>>,
    borrow: PhantomData<&'a StoreInner<T>>,
    data: Invariant<T>,
}

/// An exclusive borrow of a [`Store`].
///
/// Holds a pointer instead of a reference, because host functions that wasm calls borrow the same store again, further
/// down the stack.
pub struct StoreContextMut<'a, T: 'static> {
    inner: NonNull<StoreInner<T>>,
    borrow: PhantomData<&'a mut StoreInner<T>>,
}

// SAFETY: as a shared reference to the store's contents, which may be sent if they can be shared, as those of a `Store` can.
unsafe impl<T: Sync> Send for StoreContext<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for StoreContext<'_, T> {}
// SAFETY: as an exclusive reference to the store's contents, which may be sent, as a `Store` can. A store runs in any thread that has it:
// what a thread keeps about running code is of the thread's own stack.
unsafe impl<T: Send> Send for StoreContextMut<'_, T> {}
// SAFETY: through a shared reference, objects can only be read.
unsafe impl<T: Sync> Sync for StoreContextMut<'_, T> {}

/// Types that a shared borrow of a store can be made from.
pub trait AsContext {
    /// The type of the host's data in the store.
    type Data: 'static;

    /// Borrows the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Types that an exclusive borrow of a store can be made from.
pub trait AsContextMut: AsContext {
    /// Borrows the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<'a, T> StoreContext<'a, T> {
    /// The host's data.
    pub fn data(&self) -> &'a T {
        // SAFETY: the store is borrowed for 'a.
        unsafe { &(*self.inner.as_ptr()).data }
    }

    /// The engine.
    pub fn engine(&self) -> &'a Engine {
        &self.core().engine
    }

    /// Fuel left; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.core().fuel()
    }

    pub(crate) fn core(&self) -> &'a StoreCore {
        // SAFETY: the store is borrowed for 'a.
        unsafe { &(*self.inner.as_ptr()).core }
    }
}

impl<'a, T> StoreContextMut<'a, T> {
    /// Makes a borrow of the store at `inner`.
    ///
    /// # Safety
    ///
    /// The store is alive for `'a`, and nothing else uses it while this borrow is used.
    pub(crate) unsafe fn from_raw(inner: NonNull<StoreInner<T>>) -> StoreContextMut<'a, T> {
        StoreContextMut { inner, borrow: PhantomData }
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        // SAFETY: the store is borrowed exclusively for 'a.
        unsafe { &(*self.inner.as_ptr()).data }
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        // SAFETY: the store is borrowed exclusively for 'a.
        unsafe { &mut (*self.inner.as_ptr()).data }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.core().engine
    }

    /// Fuel left; see [`Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.core().fuel()
    }

    /// Sets the fuel left; see [`Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.core_mut().set_fuel(fuel)
    }

    /// Gives back the exceptions that nothing refers to any more; see [`Store::gc`].
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn gc(&mut self, _why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.core_mut().collect();
        Ok(())
    }

    /// Sets the epoch's deadline; see [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.core_mut().set_epoch_deadline(ticks_beyond_current);
    }

    pub(crate) fn core(&self) -> &StoreCore {
        // SAFETY: the store is borrowed exclusively for 'a.
        unsafe { &(*self.inner.as_ptr()).core }
    }

    pub(crate) fn core_mut(&mut self) -> &mut StoreCore {
        // SAFETY: the store is borrowed exclusively for 'a.
        unsafe { &mut (*self.inner.as_ptr()).core }
    }

    /// The store's address, for calls into wasm, during which no reference into the store may be in use.
    pub(crate) fn core_ptr(&mut self) -> NonNull<StoreCore> {
        self.inner.cast()
    }

    /// Splits the borrow into one of the store and one of the host's data.
    pub(crate) fn split(self) -> (&'a mut StoreCore, &'a mut T) {
        // SAFETY: the store is borrowed exclusively for 'a, and the borrow is given up here.
        let inner = unsafe { &mut *self.inner.as_ptr() };
        (&mut inner.core, &mut inner.data)
    }
}

impl<T> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoreContext<'_, T> {}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;
    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { inner: self.inner, borrow: PhantomData, data: PhantomData }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: self.inner, borrow: PhantomData }
    }
}

impl<T: 'static> AsContext for StoreContext<'_, T> {
    type Data = T;
    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        *self
    }
}

impl<T: 'static> AsContext for StoreContextMut<'_, T> {
    type Data = T;
    #[inline]
    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { inner: self.inner, borrow: PhantomData, data: PhantomData }
    }
}

impl<T: 'static> AsContextMut for StoreContextMut<'_, T> {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: self.inner, borrow: PhantomData }
    }
}

impl<T: AsContext> AsContext for &'_ T {
    type Data = T::Data;
    #[inline]
    fn as_context(&self) -> StoreContext<'_, T::Data> {
        T::as_context(self)
    }
}

impl<T: AsContext> AsContext for &'_ mut T {
    type Data = T::Data;
    #[inline]
    fn as_context(&self) -> StoreContext<'_, T::Data> {
        T::as_context(self)
    }
}

impl<T: AsContextMut> AsContextMut for &'_ mut T {
    #[inline]
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T::Data> {
        T::as_context_mut(self)
    }
}

impl<'a, T: 'static> From<StoreContextMut<'a, T>> for StoreContext<'a, T> {
    fn from(store: StoreContextMut<'a, T>) -> StoreContext<'a, T> {
        StoreContext { inner: store.inner, borrow: PhantomData, data: PhantomData }
    }
}

impl<'a, T: AsContext> From<&'a T> for StoreContext<'a, T::Data> {
    fn from(store: &'a T) -> StoreContext<'a, T::Data> {
        store.as_context()
    }
}

impl<'a, T: AsContext> From<&'a mut T> for StoreContext<'a, T::Data> {
    fn from(store: &'a mut T) -> StoreContext<'a, T::Data> {
        T::as_context(store)
    }
}

impl<'a, T: AsContextMut> From<&'a mut T> for StoreContextMut<'a, T::Data> {
    fn from(store: &'a mut T) -> StoreContextMut<'a, T::Data> {
        store.as_context_mut()
    }
}

impl<'a, T: 'static> From<Caller<'a, T>> for StoreContextMut<'a, T> {
    fn from(caller: Caller<'a, T>) -> StoreContextMut<'a, T> {
        caller.into_store()
    }
}
