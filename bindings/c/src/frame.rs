//! Frames of backtraces.

use riser::FrameInfo;

use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::vector::Bytes;

/// `wasm_frame_t`.
#[derive(Clone)]
pub struct Frame {
    /// The instance, if it is known, and of the store that was called.
    pub instance: Option<Box<Object>>,
    /// The function's index in the module.
    pub func_index: u32,
    /// Where it was, in bytes from the start of the function's body.
    pub func_offset: usize,
    /// Where it was, in bytes from the start of the module.
    pub module_offset: usize,
    /// The function's name, if it has one.
    pub func_name: Option<Bytes>,
    /// The module's name, if it has one.
    pub module_name: Option<Bytes>,
}

// SAFETY: names are only read, and objects are used by one thread at a time.
unsafe impl Send for Frame {}
// SAFETY: as above.
unsafe impl Sync for Frame {}

impl Frame {
    /// A frame of code of the store.
    pub fn new(store: Option<&StoreRef>, frame: &FrameInfo) -> Frame {
        let name = |name: Option<&str>| name.map(|name| name.as_bytes().to_vec().into());
        Frame {
            instance: store
                .zip(frame.instance())
                .map(|(store, instance)| Box::new(Object::InStore(store.clone(), Entity::Instance(instance)))),
            func_index: frame.func_index(),
            func_offset: frame.func_offset().unwrap_or_default(),
            module_offset: frame.module_offset().unwrap_or_default(),
            func_name: name(frame.func_name()),
            module_name: name(frame.module().name()),
        }
    }
}
