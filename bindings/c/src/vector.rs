//! Vectors as C has them: a size and a pointer. They own their items.

use std::mem::{MaybeUninit, forget};
use std::ptr;

/// `wasm_.._vec_t`.
#[repr(C)]
pub struct Vector<T> {
    size: usize,
    data: *mut T,
}

/// An owned item of a vector of pointers.
pub type Item<T> = Option<Box<T>>;

/// `wasm_byte_vec_t`, and `wasm_name_t`.
pub type Bytes = Vector<u8>;

impl<T> Vector<T> {
    /// The items.
    pub fn as_slice(&self) -> &[T] {
        if self.data.is_null() {
            return &[];
        }
        // SAFETY: the pointer and the size are those of a boxed slice, or of an array that C keeps meanwhile.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// The number of items that there are, or for which there is room.
    pub fn size(&self) -> usize {
        self.as_slice().len()
    }

    /// Writes items to a vector of C's that may hold nothing yet. Items beyond its size are dropped.
    ///
    /// # Safety
    ///
    /// The vector has room for as many items as it says.
    pub unsafe fn fill(&mut self, items: impl Iterator<Item = T>) {
        if self.data.is_null() {
            return;
        }
        for (at, item) in items.take(self.size).enumerate() {
            // SAFETY: by the contract of this function.
            unsafe { self.data.add(at).write(item) };
        }
    }
}

impl<T> From<Vec<T>> for Vector<T> {
    fn from(items: Vec<T>) -> Vector<T> {
        if items.is_empty() {
            return Vector::default();
        }
        let items = Box::leak(items.into_boxed_slice());
        Vector { size: items.len(), data: items.as_mut_ptr() }
    }
}

impl<T> From<Vector<T>> for Vec<T> {
    fn from(vector: Vector<T>) -> Vec<T> {
        let (size, data) = (vector.size, vector.data);
        forget(vector);
        if data.is_null() {
            return Vec::new();
        }
        // SAFETY: made from a boxed slice of this size, and forgotten.
        unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data, size)) }.into_vec()
    }
}

impl<T> Default for Vector<T> {
    fn default() -> Vector<T> {
        Vector { size: 0, data: ptr::null_mut() }
    }
}

impl<T> Drop for Vector<T> {
    fn drop(&mut self) {
        drop(Vec::from(std::mem::take(self)));
    }
}

impl<T: Clone> Clone for Vector<T> {
    fn clone(&self) -> Vector<T> {
        self.as_slice().to_vec().into()
    }
}

impl Bytes {
    /// A message, which C wants with a null byte at its end.
    pub fn message(text: &str) -> Bytes {
        text.bytes().chain([0]).collect::<Vec<u8>>().into()
    }

    /// The text of a message, without the null byte at its end.
    pub fn message_text(&self) -> String {
        let bytes = self.as_slice();
        String::from_utf8_lossy(bytes.strip_suffix(&[0]).unwrap_or(bytes)).into_owned()
    }
}

/// Where a function of C's wants its result; what is there is not read.
pub type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Puts a result where C wants it, or drops it.
pub fn put<T>(out: Out<'_, T>, value: T) {
    if let Some(out) = out {
        out.write(value);
    }
}
