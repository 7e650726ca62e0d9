//! Text that C passes and gets.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// The text that ends with a null byte.
///
/// # Errors
///
/// If the pointer is null, or the text not UTF-8.
///
/// # Safety
///
/// The pointer is null, or to bytes that end with a null byte and stay as they are for `'a`.
pub unsafe fn text<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    anyhow::ensure!(!text.is_null(), "{what} is null");
    // SAFETY: by the contract of this function.
    unsafe { CStr::from_ptr(text) }.to_str().with_context(|| format!("{what} is not UTF-8"))
}

/// The bytes at an address; none if that is null.
///
/// # Safety
///
/// The pointer is null, or to as many bytes, which stay as they are for `'a`.
pub unsafe fn bytes<'a>(bytes: *const c_char, len: usize) -> &'a [u8] {
    if bytes.is_null() {
        return &[];
    }
    // SAFETY: by the contract of this function.
    unsafe { std::slice::from_raw_parts(bytes.cast(), len) }
}

/// The text of this length.
///
/// # Errors
///
/// If it is not UTF-8.
///
/// # Safety
///
/// As for [`bytes`].
pub unsafe fn name<'a>(text: *const c_char, len: usize, what: &str) -> Result<&'a str> {
    // SAFETY: by the contract of this function.
    std::str::from_utf8(unsafe { bytes(text, len) }).with_context(|| format!("{what} is not UTF-8"))
}

/// A name that is part of the program, with a null byte at its end. There are few; each is made once and kept.
pub fn lasting(name: &'static str) -> *const c_char {
    static KEPT: Mutex<Option<HashMap<&'static str, CString>>> = Mutex::new(None);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    kept.entry(name).or_insert_with(|| CString::new(name).unwrap_or_default()).as_ptr()
}
