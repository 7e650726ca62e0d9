//! Core dumps: what a store holds when a call traps, for debuggers.
//!
//! With [`crate::Config::coredump_on_trap`], the error of a call that traps has a [`WasmCoreDump`], as it has a backtrace. The dump
//! is a list of handles: a memory and a global of it have the contents that they have when they are looked at.

mod encode;

use std::fmt;
use std::ptr::NonNull;

use riser_tiers_core::RawFrame;

use crate::instance::InstanceData;
use crate::store::{Handle, StoreCore};
use crate::{AsContextMut, FrameInfo, Global, Instance, Memory, Module, WasmBacktrace};

/// What a store held when a call trapped: `error.downcast_ref::<WasmCoreDump>()` finds it.
pub struct WasmCoreDump {
    modules: Vec<Module>,
    instances: Vec<Instance>,
    memories: Vec<Memory>,
    globals: Vec<Global>,
    backtrace: WasmBacktrace,
    /// The number of each frame's instance.
    frame_instances: Vec<u32>,
}

impl WasmCoreDump {
    /// Takes a dump.
    ///
    /// # Safety
    ///
    /// The frames' functions belong to the store.
    pub(crate) unsafe fn new(store: &StoreCore, frames: &[RawFrame], omitted: u64) -> WasmCoreDump {
        let objects = &store.objects;
        let instances: Vec<NonNull<InstanceData>> = objects.instances.iter().collect();
        let mut modules: Vec<Module> = Vec::new();
        for instance in &instances {
            // SAFETY: instances of the store live as long as it does.
            let module = unsafe { instance.as_ref() }.module();
            if !modules.iter().any(|known| Module::same(known, module)) {
                modules.push(module.clone());
            }
        }
        // SAFETY: memories of the store live as long as it does.
        let memories = objects.memories.iter().filter(|memory| unsafe { memory.as_ref() }.shared().is_none());
        // SAFETY: by the contract of this function.
        let numbers =
            frames.iter().filter_map(|frame| unsafe { InstanceData::of(&*frame.func) }.map(InstanceData::number));
        WasmCoreDump {
            modules,
            instances: instances.into_iter().map(|instance| Instance(Handle::new(store.id, instance))).collect(),
            memories: memories.map(|memory| Memory(Handle::new(store.id, memory))).collect(),
            globals: objects.globals.iter().map(|global| Global(Handle::new(store.id, global))).collect(),
            frame_instances: numbers.collect(),
            // SAFETY: by the contract of this function.
            backtrace: unsafe { WasmBacktrace::new(store, frames, omitted) },
        }
    }

    /// The frames, innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        self.backtrace.frames()
    }

    /// The modules of the store's instances.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The store's instances.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The store's memories, those of the host included; shared memories are not.
    pub fn memories(&self) -> &[Memory] {
        &self.memories
    }

    /// The store's globals, those of the host included.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// The dump as a file, in the format that WebAssembly's tool conventions describe. `name` is that of the program. Locals and
    /// operands are not in it, and references are null. For shared memories, instances have an index that there is not.
    ///
    /// # Panics
    ///
    /// If the dump is of another store.
    pub fn serialize(&self, mut store: impl AsContextMut, name: &str) -> Vec<u8> {
        encode::encode(self, &mut store.as_context_mut(), name)
    }
}

impl fmt::Display for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WasmCoreDump { modules, instances, memories, globals, backtrace, .. } = self;
        let [modules, instances, memories, globals] = [modules.len(), instances.len(), memories.len(), globals.len()];
        writeln!(f, "core dump of {modules} modules, {instances} instances, {memories} memories, {globals} globals")?;
        write!(f, "{backtrace}")
    }
}

impl fmt::Debug for WasmCoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmCoreDump").field("frames", &self.frames()).finish_non_exhaustive()
    }
}
