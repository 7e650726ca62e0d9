//! Values.

use crate::val::Val;
use crate::vector::{Out, put};

#[unsafe(no_mangle)]
extern "C" fn wasm_val_delete(value: Option<&mut Val>) {
    value.map(std::mem::take);
}

#[unsafe(no_mangle)]
extern "C" fn wasm_val_copy(out: Out<'_, Val>, value: Option<&Val>) {
    put(out, value.cloned().unwrap_or_default());
}
