//! References to what a collector may free, as the host holds them.

use std::fmt;
use std::ops::Deref;

use anyhow::Result;

use crate::store::StoreCore;
use crate::{AsContext, ExnRef, ExternRef};

/// A reference that keeps what it refers to alive. It can be copied; it belongs to a store.
///
/// A host value lives as long as its store. How long an exception lives says [`ExnRef`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rooted<T>(T);

/// What a [`Rooted`] can refer to: [`ExternRef`] and [`ExnRef`].
#[expect(private_bounds, reason = "nobody else implements it")]
pub trait GcRef: Sealed {}

/// A reference that can be checked.
pub(crate) trait Sealed {
    /// Checks that the reference may be used in a store.
    ///
    /// # Errors
    ///
    /// If it belongs to another store, or what it refers to is not alive any more.
    fn check(&self, core: &StoreCore) -> Result<()>;
}

impl GcRef for ExternRef {}
impl GcRef for ExnRef {}

impl<T> Rooted<T> {
    pub(crate) const fn new(reference: T) -> Rooted<T> {
        Rooted(reference)
    }
}

impl<T: GcRef + PartialEq> Rooted<T> {
    /// Whether both refer to the same thing.
    ///
    /// # Errors
    ///
    /// If one belongs to another store, or what it refers to is not alive any more.
    pub fn ref_eq(store: impl AsContext, a: &Rooted<T>, b: &Rooted<T>) -> Result<bool> {
        let store = store.as_context();
        a.0.check(store.core())?;
        b.0.check(store.core())?;
        Ok(a.0 == b.0)
    }

    /// Whether both are the same reference.
    pub fn rooted_eq(a: Rooted<T>, b: Rooted<T>) -> bool {
        a == b
    }
}

impl<T> Deref for Rooted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The error for a host value that a store has no room for, with the value. For code that is written for Wasmtime, which has to
/// handle it; the references to host values of a store here are as many as memory allows.
pub struct GcHeapOutOfMemory<T> {
    inner: T,
}

impl<T> GcHeapOutOfMemory<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The value, and the error without it.
    pub fn take_inner(self) -> (T, GcHeapOutOfMemory<()>) {
        (self.inner, GcHeapOutOfMemory { inner: () })
    }
}

impl<T> fmt::Debug for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> fmt::Display for GcHeapOutOfMemory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store has no room for another host value")
    }
}

impl<T> std::error::Error for GcHeapOutOfMemory<T> {}
