//! Frames of backtraces.

use crate::frame::Frame;
use crate::object::Object;
use crate::vector::Item;

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_delete(frame: Item<Frame>) {
    drop(frame);
}

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_copy(frame: Option<&Frame>) -> Item<Frame> {
    frame.map(|frame| Box::new(frame.clone()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_instance(frame: Option<&Frame>) -> Option<&Object> {
    frame.and_then(|frame| frame.instance.as_deref())
}

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_func_index(frame: Option<&Frame>) -> u32 {
    frame.map_or(0, |frame| frame.func_index)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_func_offset(frame: Option<&Frame>) -> usize {
    frame.map_or(0, |frame| frame.func_offset)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_frame_module_offset(frame: Option<&Frame>) -> usize {
    frame.map_or(0, |frame| frame.module_offset)
}
