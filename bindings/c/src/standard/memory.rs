//! Memories.

use std::ptr;

use anyhow::Result;
use riser::{Memory, MemoryType, SharedMemory};

use crate::failure::attempt;
use crate::object::{Entity, Object, Shared};
use crate::store::StoreRef;
use crate::types::ExternType;
use crate::vector::Item;

/// Makes a memory, shared or not.
///
/// # Errors
///
/// If the type is not valid, or the limits or the system do not allow it.
pub fn new(store: &StoreRef, ty: MemoryType) -> Result<Object> {
    let entity = match ty.shared {
        true => Entity::Shared(Shared(SharedMemory::limited(store.context(), ty)?)),
        false => Entity::Memory(Memory::new(store.context(), ty)?),
    };
    Ok(Object::InStore(store.clone(), entity))
}

/// The type of the memory that this is.
pub fn ty(memory: &Object) -> Option<MemoryType> {
    match memory {
        Object::InStore(store, Entity::Memory(memory)) => Some(memory.ty(store.context())),
        Object::InStore(_, Entity::Shared(Shared(memory))) => Some(memory.ty()),
        Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_) => None,
    }
}

/// The first byte, and how many there are at this moment.
pub fn data(memory: &Object) -> Option<(*mut u8, usize)> {
    match memory {
        Object::InStore(store, Entity::Memory(memory)) => {
            Some((memory.data_ptr(store.context()), memory.data_size(store.context())))
        }
        Object::InStore(_, Entity::Shared(Shared(memory))) => {
            Some((memory.data().as_ptr().cast_mut().cast(), memory.data_size()))
        }
        Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_) => None,
    }
}

/// The size in pages.
pub fn size(memory: &Object) -> Option<u64> {
    match memory {
        Object::InStore(store, Entity::Memory(memory)) => Some(memory.size(store.context())),
        Object::InStore(_, Entity::Shared(Shared(memory))) => Some(memory.size()),
        Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_) => None,
    }
}

/// Adds pages, and returns the old size in pages.
///
/// # Errors
///
/// If this is no memory, or the limits or the system do not allow it.
pub fn grow(memory: &Object, delta: u64) -> Result<u64> {
    match memory {
        Object::InStore(store, Entity::Memory(memory)) => memory.grow(store.context(), delta),
        Object::InStore(_, Entity::Shared(Shared(memory))) => memory.grow(delta),
        Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_) => {
            anyhow::bail!("this is no memory")
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_new(store: Option<&StoreRef>, of: Option<&ExternType>) -> Item<Object> {
    let (store, of) = (store?, of?.memory()?);
    attempt(None, || new(store, of)).ok()?.boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_type(memory: Option<&Object>) -> Item<ExternType> {
    ty(memory?).map(|ty| Box::new(ty.into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_data(memory: Option<&Object>) -> *mut u8 {
    memory.and_then(data).map_or(ptr::null_mut(), |(first, _)| first)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_data_size(memory: Option<&Object>) -> usize {
    memory.and_then(data).map_or(0, |(_, len)| len)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_size(memory: Option<&Object>) -> u32 {
    u32::try_from(memory.and_then(size).unwrap_or_default()).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memory_grow(memory: Option<&Object>, delta: u32) -> bool {
    memory.is_some_and(|memory| attempt(None, || grow(memory, u64::from(delta))).is_ok())
}
