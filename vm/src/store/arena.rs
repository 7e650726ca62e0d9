//! Objects at fixed addresses.

use std::ptr::NonNull;

/// Owns objects that never move, because code holds pointers to them. They are dropped with the arena, in the order in
/// which they were added.
pub(crate) struct Arena<T> {
    objects: Vec<NonNull<T>>,
}

impl<T> Arena<T> {
    pub(crate) fn new() -> Arena<T> {
        Arena { objects: Vec::new() }
    }

    /// Takes an object, and returns its address from now on.
    pub(crate) fn add(&mut self, object: T) -> NonNull<T> {
        let object = NonNull::from(Box::leak(Box::new(object)));
        self.objects.push(object);
        object
    }

    /// The object added first.
    pub(crate) fn first(&self) -> Option<NonNull<T>> {
        self.objects.first().copied()
    }

    /// The objects, in the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = NonNull<T>> + '_ {
        self.objects.iter().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        for object in &self.objects {
            // SAFETY: made by `add` from a box, and freed only here.
            drop(unsafe { Box::from_raw(object.as_ptr()) });
        }
    }
}
