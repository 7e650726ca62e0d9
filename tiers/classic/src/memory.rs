//! Linear memory: loads, stores, size, growth and the bulk operations.
//!
//! An i32 address is zero-extended in its slot, so that 32-bit and 64-bit memories
//! share the code.

use riser_tiers_core::{Context, Status};
use riser_translator::ops::SlotValue;
use riser_translator::{DataIndex, MemoryIndex, TrapCode};

use crate::machine::{Machine, long_leb_u64};
use crate::operator::Stop;

/// The bit of a memory operator's flags that announces a memory index.
pub(crate) const HAS_MEMORY_INDEX: u8 = 0x40;

/// A number type that memories store in little-endian order.
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

little_endian! { i8 u8 i16 u16 i32 u32 u64 u128 }

/// The decoded immediate of a load or store.
struct Immediate {
    /// The memory's first byte.
    base: *mut u8,
    /// The memory's size in bytes.
    len: u64,
    /// The offset to add to the address.
    offset: u64,
    /// The position after the immediate.
    pc: *const u8,
}

/// Decodes an immediate at `pc` that has a memory index, or a number with more bytes than usual.
#[cold]
#[inline(never)]
unsafe fn long_immediate(pc: *const u8, ctx: *mut Context) -> Immediate {
    // SAFETY: the immediate is valid, and the instance alive.
    unsafe {
        let (flags, mut pc) = long_leb_u64(pc);
        let mut index = 0;
        if flags & u64::from(HAS_MEMORY_INDEX) != 0 {
            (index, pc) = long_leb_u64(pc);
        }
        let (offset, pc) = long_leb_u64(pc);
        let memory = (*ctx).memory(MemoryIndex::new(index as u32));
        Immediate { base: memory.base(), len: memory.len_bytes(), offset, pc }
    }
}

/// Decodes the immediate of a load or store whose address is in the slot `depth` below the top, and
/// returns the address of the accessed `T`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn place<T, const FULL: bool>(m: &mut Machine, depth: usize) -> Result<*mut T, Stop> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let immediate = m.pc;
        let short = if m.byte() < HAS_MEMORY_INDEX { m.short_leb() } else { None };
        let (base, len, offset) = match short {
            Some(offset) => ((*m.act).mem, (*m.act).mem_len, offset),
            None if FULL => {
                let Immediate { base, len, offset, pc } = long_immediate(immediate, m.ctx());
                m.pc = pc;
                (base, len, offset)
            }
            None => return Err(Stop::Full),
        };
        let address = *m.sp.sub(1 + depth);
        let end = offset.checked_add(size_of::<T>() as u64).and_then(|distance| address.checked_add(distance));
        match end {
            // Computed from the end, which saves a register.
            Some(end) if end <= len => Ok(base.add(end as usize).sub(size_of::<T>()).cast()),
            // Another thread may have made memory 0 grow, if it is a shared one: the full variant looks.
            Some(end) if FULL && short.is_some() => {
                m.refresh_memory();
                match end <= (*m.act).mem_len {
                    true => Ok(base.add(end as usize).sub(size_of::<T>()).cast()),
                    false => Err(TrapCode::MemoryOutOfBounds.into()),
                }
            }
            _ if FULL => Err(TrapCode::MemoryOutOfBounds.into()),
            _ => Err(Stop::Full),
        }
    }
}

/// Executes a load and returns its value.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn load<T: LittleEndian, const FULL: bool>(m: &mut Machine) -> Result<T, Stop> {
    // SAFETY: `place` has checked that the access is within the memory.
    unsafe {
        let place = place::<T, FULL>(m, 0)?;
        m.sp = m.sp.sub(1);
        Ok(place.read_unaligned().swap_if_big_endian())
    }
}

/// Executes a store of the operand, after `convert`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn store<V: SlotValue, T: LittleEndian, const FULL: bool>(
    m: &mut Machine,
    convert: impl FnOnce(V) -> T,
) -> Result<(), Stop> {
    // SAFETY: `place` has checked that the access is within the memory.
    unsafe {
        let place = place::<T, FULL>(m, 1)?;
        let value = m.pop();
        m.sp = m.sp.sub(1);
        place.write_unaligned(convert(value).swap_if_big_endian());
    }
    Ok(())
}

/// `memory.size`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn size(m: &mut Machine) {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let memory = MemoryIndex::new(m.leb_u32());
        let pages = (*m.ctx()).memory(memory).pages();
        m.push_bits(pages);
    }
}

/// `memory.grow`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn grow(m: &mut Machine) -> Result<(), Status> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let memory = MemoryIndex::new(m.leb_u32());
        let delta = m.pop_bits();
        let old = (*m.ctx()).memory_grow(memory, delta)?;
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
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let memory = MemoryIndex::new(m.leb_u32());
        let [dst, value, len] = m.pop3();
        (*m.ctx()).memory_fill(memory, dst, value, len)
    }
}

/// `memory.copy`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn copy(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let dst_memory = MemoryIndex::new(m.leb_u32());
        let src_memory = MemoryIndex::new(m.leb_u32());
        let [dst, src, len] = m.pop3();
        (*m.ctx()).memory_copy(dst_memory, src_memory, dst, src, len)
    }
}

/// `memory.init`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn init(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let segment = DataIndex::new(m.leb_u32());
        let memory = MemoryIndex::new(m.leb_u32());
        let [dst, src, len] = m.pop3();
        (*m.ctx()).memory_init(memory, segment, dst, src, len)
    }
}
