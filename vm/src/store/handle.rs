//! The contents of the API's handles: an object's address, and the identity of its store.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreCore;

/// A number that no other store of the process has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId(NonZeroU64);

impl StoreId {
    pub(super) fn unique() -> StoreId {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        StoreId(NonZeroU64::new(NEXT.fetch_add(1, Ordering::Relaxed)).expect("there are fewer than 2^64 stores"))
    }

    /// The number.
    pub(crate) fn number(self) -> u64 {
        self.0.get()
    }

    /// Checks that an object's store is the one that it is used with.
    ///
    /// # Panics
    ///
    /// If it is not, because the object belongs to another store.
    #[inline]
    pub(crate) fn assert_is(self, store: &StoreCore) {
        assert!(self == store.id, "object used with the wrong store");
    }
}

/// An object of a store. The address is only used together with a borrow of that store,
/// which owns the object as long as it lives.
pub(crate) struct Handle<T> {
    pub(crate) store: StoreId,
    object: NonNull<T>,
}

// SAFETY: the address alone gives no access; using it takes a borrow of the store.
unsafe impl<T> Send for Handle<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Handle<T> {}

impl<T> Handle<T> {
    /// Makes a handle of an object of `store`.
    pub(crate) fn new(store: StoreId, object: NonNull<T>) -> Handle<T> {
        Handle { store, object }
    }

    /// The object's address. The store must be borrowed as long as the address is used.
    ///
    /// # Panics
    ///
    /// If the object belongs to another store.
    #[inline]
    pub(crate) fn address(self, store: &StoreCore) -> NonNull<T> {
        self.store.assert_is(store);
        self.object
    }

    /// The address as the bits of a reference.
    pub(crate) fn bits(self) -> u64 {
        self.object.as_ptr() as u64
    }

    /// The object.
    ///
    /// # Panics
    ///
    /// If the object belongs to another store.
    #[inline]
    pub(crate) fn get(self, store: &StoreCore) -> &T {
        // SAFETY: the store owns the object, and is borrowed for as long as the reference lives.
        unsafe { self.address(store).as_ref() }
    }

    /// The object.
    ///
    /// # Panics
    ///
    /// If the object belongs to another store.
    #[inline]
    pub(crate) fn get_mut(self, store: &mut StoreCore) -> &mut T {
        // SAFETY: the store owns the object, and is exclusively borrowed for as long as the reference lives.
        unsafe { self.address(store).as_mut() }
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Handle<T> {
        *self
    }
}

impl<T> Copy for Handle<T> {}

impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Handle<T>) -> bool {
        self.object == other.object && self.store == other.store
    }
}

impl<T> Eq for Handle<T> {}

impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.object.hash(state);
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p} of store {}", self.object, self.store.0)
    }
}
