//! A pointer of C's, with the function that C wants to be called at its end.

use std::ffi::c_void;
use std::ptr;

/// `void (*)(void*)`; C may pass null.
pub type Finalizer = Option<unsafe extern "C" fn(*mut c_void)>;

/// A pointer of C's, and its finalizer, which runs when this is dropped.
pub struct Info {
    data: *mut c_void,
    finalizer: Finalizer,
}

// SAFETY: only C uses what the pointer is to, and it has promised to use a store and what belongs to it in one thread at a time.
unsafe impl Send for Info {}
// SAFETY: as above.
unsafe impl Sync for Info {}

impl Info {
    /// A pointer, and its finalizer.
    pub fn new(data: *mut c_void, finalizer: Finalizer) -> Info {
        Info { data, finalizer }
    }

    /// The pointer.
    pub fn data(&self) -> *mut c_void {
        self.data
    }
}

impl Default for Info {
    fn default() -> Info {
        Info::new(ptr::null_mut(), None)
    }
}

impl Drop for Info {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: C has passed both together.
            unsafe { finalizer(self.data) };
        }
    }
}
