//! What the standard header cannot say of memories, globals and values.

use std::ffi::c_char;

use anyhow::{Context as _, Result};
use riser::MemoryType;

use crate::failure::{Outcome, attempt, outcome};
use crate::object::Object;
use crate::standard::memory::{data, grow, size, ty};
use crate::text::bytes;
use crate::types::{ExternType, ValType, kind};
use crate::val::Val;
use crate::vector::{Item, Out, Vector, put};

/// `riser_memory_limits_t`.
#[repr(C)]
struct MemoryLimits {
    min: u64,
    max: u64,
    has_max: bool,
    is_64: bool,
    is_shared: bool,
    page_size_log2: u8,
}

#[unsafe(no_mangle)]
extern "C" fn riser_memorytype_new(limits: Option<&MemoryLimits>) -> Item<ExternType> {
    let limits = limits?;
    let build = || {
        let mut ty = MemoryType::builder();
        ty.min(limits.min).max(limits.has_max.then_some(limits.max)).memory64(limits.is_64).shared(limits.is_shared);
        Ok(ty.page_size_log2(limits.page_size_log2).build()?)
    };
    Some(Box::new(attempt(None, build).ok()?.into()))
}

#[unsafe(no_mangle)]
extern "C" fn riser_memorytype_limits(of: Option<&ExternType>, out: Out<'_, MemoryLimits>) -> bool {
    let Some(ty) = of.and_then(ExternType::memory) else { return false };
    put(
        out,
        MemoryLimits {
            min: ty.minimum(),
            max: ty.maximum().unwrap_or_default(),
            has_max: ty.maximum().is_some(),
            is_64: ty.is_64(),
            is_shared: ty.is_shared(),
            page_size_log2: ty.page_size_log2(),
        },
    );
    true
}

#[unsafe(no_mangle)]
extern "C" fn riser_memory_size(memory: Option<&Object>) -> u64 {
    memory.and_then(size).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn riser_memory_page_size(memory: Option<&Object>) -> u64 {
    memory.and_then(ty).map_or(0, |ty| ty.page_size())
}

#[unsafe(no_mangle)]
extern "C" fn riser_memory_grow(memory: Option<&Object>, delta: u64, old: Out<'_, u64>) -> Outcome {
    outcome(None, || {
        put(old, grow(memory.context("the memory is null")?, delta)?);
        Ok(())
    })
}

/// The first of as many bytes of a memory, if there are so many.
fn span(memory: Option<&Object>, offset: u64, len: usize) -> Result<*mut u8> {
    let (first, size) = memory.and_then(data).context("this is no memory")?;
    let end = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(len));
    let is_within = end.is_some_and(|end| end <= size);
    anyhow::ensure!(is_within, "out of bounds memory access: {len} bytes at {offset} of {size}");
    Ok(first.wrapping_add(offset as usize))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_memory_read(memory: Option<&Object>, offset: u64, buffer: *mut u8, len: usize) -> Outcome {
    outcome(None, || {
        let from = span(memory, offset, len)?;
        if len > 0 {
            anyhow::ensure!(!buffer.is_null(), "the buffer is null");
            // SAFETY: the bytes are in the memory; C passes a buffer of this length, which may be in the memory as well.
            unsafe { from.copy_to(buffer, len) };
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_memory_write(
    memory: Option<&Object>,
    offset: u64,
    buffer: *const u8,
    len: usize,
) -> Outcome {
    outcome(None, || {
        let to = span(memory, offset, len)?;
        if len > 0 {
            anyhow::ensure!(!buffer.is_null(), "the buffer is null");
            // SAFETY: as in `riser_memory_read`.
            unsafe { to.copy_from(buffer, len) };
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_global_set(global: Option<&Object>, value: Option<&Val>) -> Outcome {
    outcome(None, || {
        let (store, global) = global.and_then(Object::global).context("this is no global")?;
        global.set(store.context(), value.context("the value is null")?.get()?)
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_val_v128_new(out: Out<'_, Val>, lanes: *const c_char) {
    // SAFETY: C passes 16 bytes.
    let lanes: [u8; 16] = unsafe { bytes(lanes, 16) }.try_into().unwrap_or_default();
    put(out, Val::of_object(kind::V128, Some(Object::Vector(u128::from_le_bytes(lanes)))));
}

#[unsafe(no_mangle)]
extern "C" fn riser_val_v128_get(value: Option<&Val>, lanes: Out<'_, [u8; 16]>) -> bool {
    let value = value.filter(|value| value.kind() == kind::V128).and_then(|value| value.get().ok());
    let Some(bits) = value.and_then(|value| value.v128()) else { return false };
    put(lanes, bits.as_u128().to_le_bytes());
    true
}

#[unsafe(no_mangle)]
extern "C" fn riser_externtype_tag_params(of: Option<&ExternType>) -> Option<&Vector<Item<ValType>>> {
    if let Some(ExternType::Tag(signature)) = of { Some(&signature.params) } else { None }
}
