//! Linear memory: loads, stores, size, growth and the bulk operations.
//!
//! An i32 address is zero-extended in its slot, so that 32-bit and 64-bit memories
//! share the code.

use riser_tiers_core::Context;
use riser_translator::TrapCode;

use crate::machine::{Machine, long_leb_u64};

/// Bit of a memory operator's flags that says that a memory index follows.
const HAS_MEMORY_INDEX: u8 = 0x40;

/// A number that memories keep in little-endian order.
pub(crate) trait LittleEndian: Copy {
    /// Converts between the machine's byte order and the memory's.
    fn swap_if_big_endian(self) -> Self;
}

macro_rules! little_endian {
    ($($int:ident)*) => {
        $(impl LittleEndian for $int {
            #[inline(always)]
            fn swap_if_big_endian(self) -> $int {
                self.to_le()
            }
        })*
    };
}

little_endian! { i8 u8 i16 u16 i32 u32 u64 }

/// Decodes the immediate of a load or store and pops the address: where a `T` is accessed.
#[inline(always)]
unsafe fn place<T>(m: &mut Machine) -> Result<*mut T, TrapCode> {
    // SAFETY: by the contract of the callers.
    unsafe {
        let (base, len);
        if *m.pc < HAS_MEMORY_INDEX {
            m.pc = m.pc.add(1);
            (base, len) = (m.mem, m.mem_len);
        } else {
            let other = other_memory(m.pc, m.ctx);
            (base, len, m.pc) = (other.base, other.len, other.pc);
        }
        let offset = m.leb_u64();
        let address = m.pop_bits();
        let (start, carry) = address.overflowing_add(offset);
        let (end, wrapped) = start.overflowing_add(size_of::<T>() as u64);
        if carry || wrapped || end > len {
            return Err(TrapCode::MemoryOutOfBounds);
        }
        Ok(base.add(start as usize).cast())
    }
}

/// What the flags of a load or store name when they are not a single byte.
struct OtherMemory {
    base: *mut u8,
    len: u64,
    /// Just after the flags and the memory index.
    pc: *const u8,
}

/// Decodes flags at `pc` that have a memory index, or more bytes than they need.
#[cold]
#[inline(never)]
unsafe fn other_memory(pc: *const u8, ctx: *mut Context) -> OtherMemory {
    // SAFETY: the immediate is valid, and the instance alive.
    unsafe {
        let (flags, mut pc) = long_leb_u64(pc);
        let mut index = 0;
        if flags & u64::from(HAS_MEMORY_INDEX) != 0 {
            (index, pc) = long_leb_u64(pc);
        }
        let memory = (*ctx).memory(index as u32);
        OtherMemory { base: memory.base(), len: memory.len_bytes(), pc }
    }
}

/// Loads what a load operator reads.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn load<T: LittleEndian>(m: &mut Machine) -> Result<T, TrapCode> {
    // SAFETY: the place was checked to be within the memory.
    unsafe { Ok(place::<T>(m)?.read_unaligned().swap_if_big_endian()) }
}

/// Stores what a store operator writes, after the value was popped.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn store<T: LittleEndian>(m: &mut Machine, value: T) -> Result<(), TrapCode> {
    // SAFETY: the place was checked to be within the memory.
    unsafe { place::<T>(m)?.write_unaligned(value.swap_if_big_endian()) };
    Ok(())
}

/// `memory.size`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn size(m: &mut Machine) {
    // SAFETY: by the contract of this function.
    unsafe {
        let memory = m.leb_u32();
        let pages = (*m.ctx).memory(memory).pages();
        m.push_bits(pages);
    }
}

/// `memory.grow`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn grow(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: by the contract of this function.
    unsafe {
        let memory = m.leb_u32();
        let delta = m.pop_bits();
        let old = (*m.ctx).memory_grow(memory, delta)?;
        m.push_bits(old);
        m.refresh_memory();
    }
    Ok(())
}

/// `memory.fill`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn fill(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: by the contract of this function.
    unsafe {
        let memory = m.leb_u32();
        let [dst, value, len] = m.pop3();
        (*m.ctx).memory_fill(memory, dst, value, len)
    }
}

/// `memory.copy`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn copy(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: by the contract of this function.
    unsafe {
        let dst_memory = m.leb_u32();
        let src_memory = m.leb_u32();
        let [dst, src, len] = m.pop3();
        (*m.ctx).memory_copy(dst_memory, src_memory, dst, src, len)
    }
}

/// `memory.init`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn init(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: by the contract of this function.
    unsafe {
        let segment = m.leb_u32();
        let memory = m.leb_u32();
        let [dst, src, len] = m.pop3();
        (*m.ctx).memory_init(memory, segment, dst, src, len)
    }
}
