//! Memories.
//!
//! Loads and stores are the tiers' own. What they share is how the memory is found, and the explicit check.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Memory};
use riser_translator::module::MemoryType;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{DataIndex, MemoryIndex, ValType};

use crate::runtime::{self, builtin_or_trap, load_fixed, load_pointer, load_word, narrow, value_left, wide};
use crate::{Builder, Order, Region};

fn memory_type<B: Builder>(b: &B, memory: MemoryIndex) -> MemoryType {
    *b.module().memory(memory)
}

/// The type of a memory's addresses.
pub fn address_type<B: Builder>(b: &B, memory: MemoryIndex) -> ValType {
    memory_type(b, memory).address_type()
}

/// Whether bounds checks of a memory are left to guard pages.
pub fn is_guarded<B: Builder>(b: &mut B, memory: MemoryIndex) -> bool {
    b.body().guard_pages && memory_type(b, memory).can_be_guarded()
}

/// The address of the [`Memory`].
fn instance<B: Builder>(b: &mut B, memory: MemoryIndex) -> B::Address {
    if memory == MemoryIndex::ZERO {
        load_fixed(b, b.context(), offset_of!(Context, memory0))
    } else {
        load_pointer(b, offset_of!(Context, memories), memory.as_u32())
    }
}

/// The first byte's address. A guarded memory's is fixed, and loaded once.
pub fn base<B: Builder>(b: &mut B, memory: MemoryIndex) -> B::Address {
    if !is_guarded(b, memory) {
        let at = instance(b, memory);
        return b.load_address(at, Memory::BASE_OFFSET, Region::Runtime, Order::Free);
    }
    if let Some(&(_, base)) = b.body().memory_bases.iter().find(|(index, _)| *index == memory) {
        return base;
    }
    let base = if memory == MemoryIndex::ZERO {
        b.load_at_entry(&[offset_of!(Context, memory0_base)])
    } else {
        b.load_at_entry(&[offset_of!(Context, memories), memory.index() * 8, Memory::BASE_OFFSET])
    };
    b.body().memory_bases.push((memory, base));
    base
}

/// Whether threads share a memory.
pub fn is_shared<B: Builder>(b: &B, memory: MemoryIndex) -> bool {
    memory_type(b, memory).shared
}

/// The size of a memory in bytes. That of a shared memory is read anew each time.
fn len<B: Builder>(b: &mut B, memory: MemoryIndex) -> B::Value {
    let at = instance(b, memory);
    if is_shared(b, memory) {
        let len = load_fixed(b, at, Memory::SHARED_LEN_OFFSET);
        b.load(ValType::I64, len, 0, Region::Runtime, Order::Kept)
    } else {
        load_word(b, at, Memory::LEN_OFFSET)
    }
}

/// Checks that `bytes` bytes at `addr + offset` are in bounds, if that is not left to guard pages. Returns what guards the
/// access, if it needs that.
pub fn check<B: Builder>(b: &mut B, memory: MemoryIndex, addr: B::Value, offset: u64, bytes: u32) -> Option<B::Guard> {
    if is_guarded(b, memory) {
        return None;
    }
    let len = len(b, memory);
    // An end beyond 2^64 is out of bounds of any memory.
    let last = b.i64(offset.saturating_add(u64::from(bytes)));
    let may_wrap = memory_type(b, memory).memory64;
    b.check_access(addr, last, len, may_wrap)
}

/// `memory.size`.
pub fn size<B: Builder>(b: &mut B, memory: MemoryIndex, dst: Slot) {
    let len = len(b, memory);
    let pages = match memory_type(b, memory).page_size_log2 {
        0 => len,
        log2 => b.shift_right(len, log2.into()),
    };
    let pages = narrow(b, address_type(b, memory), pages);
    b.set(dst, pages);
}

/// `memory.grow`.
pub fn grow<B: Builder>(b: &mut B, memory: MemoryIndex, dst: Slot, delta: Operand) {
    let ty = address_type(b, memory);
    let delta = wide(b, ty, delta);
    let index = b.i64(memory.as_u32().into());
    builtin_or_trap(b, offset_of!(Builtins, memory_grow), &[index, delta]);
    let old = value_left(b, ty);
    b.set(dst, old);
}

/// `memory.fill`.
pub fn fill<B: Builder>(b: &mut B, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
    let ty = address_type(b, memory);
    let arguments = [b.i64(memory.as_u32().into()), wide(b, ty, dst), wide(b, ValType::I32, value), wide(b, ty, len)];
    builtin_or_trap(b, offset_of!(Builtins, memory_fill), &arguments);
}

/// `memory.copy`. The operands are destination, source, length.
pub fn copy<B: Builder>(b: &mut B, to: MemoryIndex, from: MemoryIndex, operands: [Operand; 3]) {
    let (to, from) = ((to.as_u32(), address_type(b, to)), (from.as_u32(), address_type(b, from)));
    runtime::copy(b, offset_of!(Builtins, memory_copy), to, from, operands);
}

/// `memory.init`. The operands are destination, source, length.
pub fn init<B: Builder>(b: &mut B, memory: MemoryIndex, segment: DataIndex, operands: [Operand; 3]) {
    let to = (memory.as_u32(), address_type(b, memory));
    runtime::init(b, offset_of!(Builtins, memory_init), to, segment.as_u32(), operands);
}

/// `data.drop`.
pub fn drop_data<B: Builder>(b: &mut B, segment: DataIndex) {
    runtime::drop_segment(b, offset_of!(Builtins, data_drop), segment.as_u32());
}
