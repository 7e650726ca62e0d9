//! Errors, and what is to be known of traps beyond the standard header.

use std::ffi::c_char;
use std::sync::Arc;

use crate::failure::{ApiError, Failure};
use crate::frame::Frame;
use crate::object::Object;
use crate::text::bytes;
use crate::vector::{Bytes, Item, Out, put};

#[unsafe(no_mangle)]
extern "C" fn riser_error_delete(error: Item<ApiError>) {
    drop(error);
}

#[unsafe(no_mangle)]
extern "C" fn riser_error_message(error: Option<&ApiError>, out: Out<'_, Bytes>) {
    put(out, error.map(|error| Bytes::message(&error.0.message)).unwrap_or_default());
}

#[unsafe(no_mangle)]
extern "C" fn riser_error_as_trap(error: Option<&ApiError>) -> Item<Object> {
    Object::Trap(Arc::clone(&error?.0)).boxed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_trap_new(message: *const c_char, len: usize) -> Item<Object> {
    // SAFETY: C passes a text of this length.
    let message = String::from_utf8_lossy(unsafe { bytes(message, len) }).into_owned();
    Object::Trap(Arc::new(Failure::of_message(message))).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn riser_trap_code(trap: Option<&Object>) -> u8 {
    trap.and_then(Object::trap).and_then(|trap| trap.code).map_or(0, |code| code as u8)
}

#[unsafe(no_mangle)]
extern "C" fn riser_trap_exit_status(trap: Option<&Object>, out: Out<'_, i32>) -> bool {
    let status = trap.and_then(Object::trap).and_then(|trap| trap.exit);
    status.map(|status| put(out, status)).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn riser_frame_func_name(frame: Option<&Frame>) -> Option<&Bytes> {
    frame.and_then(|frame| frame.func_name.as_ref())
}

#[unsafe(no_mangle)]
extern "C" fn riser_frame_module_name(frame: Option<&Frame>) -> Option<&Bytes> {
    frame.and_then(|frame| frame.module_name.as_ref())
}
