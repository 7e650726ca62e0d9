//! The function types that an engine knows, by number, and their bridges.
//!
//! Modules and host functions register their types as long as they live. A store keeps the modules and host functions
//! that its functions come from, so the types of all its functions are registered: as long as the store lives, equal
//! numbers mean equal types, and the [`Bridge`] of a type stays in place. With its last registration a type is removed:
//! its number may be used again, and its bridge is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Error, Result, anyhow};
use riser_tiers_core::{Bridge, NativeCode};
use riser_translator::FuncType;
use riser_translator::module::ModuleInfo;

use crate::Engine;

/// The resources that an engine holds for existing modules, host functions and stores; nothing is held for dropped
/// ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineUsage {
    /// Function types of modules and host functions.
    pub function_types: usize,
    /// Trampolines: code between functions that tiers have made, one of a kind for each function type. Engines with the
    /// same tiers, from one [`crate::Config`] and its clones, share them.
    pub trampolines: usize,
    /// Size of the trampolines in bytes.
    pub trampoline_bytes: usize,
}

/// The types that are registered with an engine.
#[derive(Default)]
pub(crate) struct Types(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_type: HashMap<FuncType, Entry>,
    /// Free numbers below `next`.
    free: Vec<u32>,
    next: u32,
}

struct Entry {
    number: u32,
    /// The number of registrations.
    users: usize,
    bridge: Arc<Mutex<Option<Bridge>>>,
}

impl Types {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of types.
    pub(crate) fn len(&self) -> usize {
        self.known().by_type.len()
    }

    fn bridge(&self, ty: &FuncType) -> Option<Arc<Mutex<Option<Bridge>>>> {
        self.known().by_type.get(ty).map(|entry| Arc::clone(&entry.bridge))
    }
}

impl Known {
    fn register(&mut self, ty: &FuncType) -> u32 {
        if let Some(entry) = self.by_type.get_mut(ty) {
            entry.users += 1;
            return entry.number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.by_type.insert(ty.clone(), Entry { number, users: 1, bridge: Arc::default() });
        number
    }

    /// Ends a registration. If it was the last one, returns the type and its entry.
    fn release(&mut self, ty: &FuncType) -> Option<(FuncType, Entry)> {
        let entry = self.by_type.get_mut(ty)?;
        entry.users -= 1;
        if entry.users > 0 {
            return None;
        }
        self.free.push(entry.number);
        self.by_type.remove_entry(ty)
    }

    /// Frees memory that was needed for many more types.
    fn shrink(&mut self) {
        if self.by_type.is_empty() {
            *self = Known::default();
        } else if self.by_type.capacity() / 8 > self.by_type.len() {
            self.by_type.shrink_to_fit();
        }
    }
}

/// Function types that are registered with an engine until this is dropped.
pub(crate) struct RegisteredTypes {
    engine: Engine,
    types: Of,
    numbers: Box<[u32]>,
}

/// The owner of the types.
enum Of {
    Module(Arc<ModuleInfo>),
    Host(FuncType),
}

impl Of {
    fn types(&self) -> &[FuncType] {
        match self {
            Of::Module(info) => &info.types,
            Of::Host(ty) => std::slice::from_ref(ty),
        }
    }
}

impl RegisteredTypes {
    /// The types of a module.
    pub(crate) fn of_module(engine: &Engine, info: &Arc<ModuleInfo>) -> RegisteredTypes {
        RegisteredTypes::new(engine, Of::Module(Arc::clone(info)))
    }

    /// The type of a host function.
    pub(crate) fn of_host(engine: &Engine, ty: FuncType) -> RegisteredTypes {
        RegisteredTypes::new(engine, Of::Host(ty))
    }

    fn new(engine: &Engine, types: Of) -> RegisteredTypes {
        let mut known = engine.types().known();
        let numbers = types.types().iter().map(|ty| known.register(ty)).collect();
        drop(known);
        RegisteredTypes { engine: engine.clone(), types, numbers }
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The types.
    pub(crate) fn types(&self) -> &[FuncType] {
        self.types.types()
    }

    /// The engine's numbers of the types.
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }
}

impl Drop for RegisteredTypes {
    fn drop(&mut self) {
        let mut known = self.engine.types().known();
        let gone: Vec<_> = self.types.types().iter().filter_map(|ty| known.release(ty)).collect();
        known.shrink();
        // The entries are dropped after the lock is released, because the bridges in them belong to the tiers.
        drop(known);
        drop(gone);
    }
}

impl Engine {
    /// Returns the bridge to functions of a registered type. It is made by the first tier that can.
    ///
    /// # Errors
    ///
    /// If there is none; the message says why.
    pub(crate) fn bridge(&self, ty: &FuncType) -> Result<NativeCode> {
        let none = || anyhow!("compiled code cannot call a function of type {ty}");
        let place = self.types().bridge(ty).ok_or_else(none)?;
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bridge) = &*place {
            return Ok(bridge.code);
        }
        let mut why = None;
        for answer in self.tiers().iter().filter_map(|tier| tier.native()?.bridge(ty)) {
            match answer {
                Ok(bridge) => return Ok(place.insert(bridge).code),
                Err(error) => why = why.or(Some(error)),
            }
        }
        Err(why.map_or_else(none, |why| Error::new(why).context(none())))
    }

    /// The resources that the engine holds at the moment, for checking that everything is freed.
    pub fn usage(&self) -> EngineUsage {
        let mut usage = EngineUsage { function_types: self.types().len(), ..EngineUsage::default() };
        for tier in self.tiers().iter().filter_map(|tier| tier.native()) {
            let of_tier = tier.trampolines();
            usage.trampolines += of_tier.count;
            usage.trampoline_bytes += of_tier.bytes;
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riser_translator::ValType;

    #[test]
    fn numbers_are_equal_for_equal_types_and_free_with_the_last_user() {
        let engine = Engine::default();
        let ty = |params: usize| FuncType::new(std::iter::repeat_n(ValType::I32, params), []);
        let register = |params| RegisteredTypes::of_host(&engine, ty(params));
        let (a, b, again) = (register(1), register(2), register(1));
        assert_eq!(a.numbers(), again.numbers());
        assert_ne!(a.numbers(), b.numbers());
        assert_eq!(engine.usage().function_types, 2);
        let number = a.numbers()[0];
        drop(a);
        assert_ne!(register(3).numbers()[0], number, "the type is still in use");
        drop(again);
        assert_eq!(engine.usage().function_types, 1);
        assert!(register(4).numbers()[0] < 3, "numbers are used again");
        assert_ne!(register(5).numbers(), b.numbers());
        drop(b);
        assert_eq!(engine.usage(), EngineUsage::default());
    }
}
