//! Traps.

use std::sync::Arc;

use crate::failure::Failure;
use crate::frame::Frame;
use crate::object::Object;
use crate::store::StoreRef;
use crate::vector::{Bytes, Item, Out, Vector, put};

#[unsafe(no_mangle)]
extern "C" fn wasm_trap_new(store: Option<&StoreRef>, message: Option<&Bytes>) -> Item<Object> {
    store?;
    let message = message.map(Bytes::message_text).unwrap_or_default();
    Object::Trap(Arc::new(Failure::of_message(message))).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_trap_message(trap: Option<&Object>, out: Out<'_, Bytes>) {
    let trap = trap.and_then(Object::trap);
    put(out, trap.map(|trap| Bytes::message(&trap.message)).unwrap_or_default());
}

#[unsafe(no_mangle)]
extern "C" fn wasm_trap_origin(trap: Option<&Object>) -> Item<Frame> {
    trap.and_then(Object::trap)?.frames.first().map(|frame| Box::new(frame.clone()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_trap_trace(trap: Option<&Object>, out: Out<'_, Vector<Item<Frame>>>) {
    put(out, trap.and_then(Object::trap).map(|trap| trace(trap)).unwrap_or_default());
}

/// The frames of a failure, for C.
pub fn trace(failure: &Failure) -> Vector<Item<Frame>> {
    failure.frames.iter().map(|frame| Some(Box::new(frame.clone()))).collect::<Vec<_>>().into()
}
