//! The registers of the interpreter loop, and what every operator does with them:
//! decoding immediates and working the operand stack.
//!
//! A [`Machine`] lives in the loop and is only ever lent to functions that are
//! inlined there, so that its fields end up in machine registers.

use riser_tiers_core::{Context, FuncInst};
use riser_translator::ops::SlotValue;

use crate::code::Code;
use crate::side_table::BranchEntry;

/// The state of the function that runs.
///
/// # Invariants
///
/// `code` is the code of `func`, whose instance's context is `ctx`; `fp` is the start
/// of its frame, which ends below the value stack's limit; `pc` is within the code,
/// which is valid; `branch` is the side table's entry for the next branch at or after
/// `pc`; `sp` is as high above the frame's link as validation says. `mem` and
/// `mem_len` are those of memory 0 of `ctx`, except while other code runs.
pub(crate) struct Machine {
    /// The next byte of the code.
    pub(crate) pc: *const u8,
    /// The first free slot above the operands.
    pub(crate) sp: *mut u64,
    /// The frame: local 0.
    pub(crate) fp: *mut u64,
    /// The side table's entry for the next branch.
    pub(crate) branch: *const BranchEntry,
    /// The first byte of memory 0.
    pub(crate) mem: *mut u8,
    /// Size of memory 0 in bytes.
    pub(crate) mem_len: u64,
    /// The instance.
    pub(crate) ctx: *mut Context,
    /// The function.
    pub(crate) func: *const FuncInst,
    /// The function's code.
    pub(crate) code: *const Code,
}

/// All methods rely on the invariants of [`Machine`], and on being called by the
/// operator whose immediates or operands they touch.
impl Machine {
    /// The next byte of the code.
    #[inline(always)]
    pub(crate) unsafe fn byte(&mut self) -> u8 {
        // SAFETY: the code is valid, so an operator's bytes are all there.
        unsafe {
            let byte = *self.pc;
            self.pc = self.pc.add(1);
            byte
        }
    }

    /// The next bytes of the code.
    #[inline(always)]
    pub(crate) unsafe fn bytes<const N: usize>(&mut self) -> [u8; N] {
        // SAFETY: as in `byte`.
        unsafe {
            let bytes = *self.pc.cast();
            self.pc = self.pc.add(N);
            bytes
        }
    }

    /// An unsigned LEB128 immediate of up to 64 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_u64(&mut self) -> u64 {
        // SAFETY: as in `byte`.
        unsafe {
            let byte = *self.pc;
            if byte < 0x80 {
                self.pc = self.pc.add(1);
                return byte.into();
            }
            let (value, pc) = long_leb_u64(self.pc);
            self.pc = pc;
            value
        }
    }

    /// An unsigned LEB128 immediate of 32 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_u32(&mut self) -> u32 {
        // SAFETY: as in `byte`.
        unsafe { self.leb_u64() as u32 }
    }

    /// A signed LEB128 immediate of up to 64 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_i64(&mut self) -> i64 {
        // SAFETY: as in `byte`.
        unsafe {
            let byte = *self.pc;
            if byte < 0x80 {
                self.pc = self.pc.add(1);
                return ((byte << 1) as i8 >> 1).into();
            }
            let (value, pc) = long_leb_i64(self.pc);
            self.pc = pc;
            value
        }
    }

    /// Passes over a LEB128 immediate.
    #[inline(always)]
    pub(crate) unsafe fn skip_leb(&mut self) {
        // SAFETY: as in `byte`.
        while unsafe { self.byte() } >= 0x80 {}
    }

    /// Pushes the bits of a slot.
    #[inline(always)]
    pub(crate) unsafe fn push_bits(&mut self, bits: u64) {
        // SAFETY: the frame has room for what validation allows.
        unsafe {
            *self.sp = bits;
            self.sp = self.sp.add(1);
        }
    }

    /// Pops the bits of a slot.
    #[inline(always)]
    pub(crate) unsafe fn pop_bits(&mut self) -> u64 {
        // SAFETY: the operands are there, the code being valid.
        unsafe {
            self.sp = self.sp.sub(1);
            *self.sp
        }
    }

    /// Pushes a value.
    #[inline(always)]
    pub(crate) unsafe fn push<T: SlotValue>(&mut self, value: T) {
        // SAFETY: as in `push_bits`.
        unsafe { self.push_bits(value.to_slot()) }
    }

    /// Pops a value.
    #[inline(always)]
    pub(crate) unsafe fn pop<T: SlotValue>(&mut self) -> T {
        // SAFETY: as in `pop_bits`. The value is in the slot's first bytes; reading only those
        // keeps LLVM from reading two 32-bit operands at once as a vector, which would wait
        // for the two stores that wrote them.
        unsafe {
            if cfg!(target_endian = "little") {
                self.sp = self.sp.sub(1);
                *self.sp.cast::<T>()
            } else {
                T::from_slot(self.pop_bits())
            }
        }
    }

    /// Pops three operands; the first is the lowest.
    #[inline(always)]
    pub(crate) unsafe fn pop3(&mut self) -> [u64; 3] {
        // SAFETY: as in `pop_bits`.
        unsafe {
            self.sp = self.sp.sub(3);
            *self.sp.cast()
        }
    }

    /// `select`, without its immediate.
    #[inline(always)]
    pub(crate) unsafe fn select(&mut self) {
        // SAFETY: as in `pop_bits`.
        unsafe {
            let condition: i32 = self.pop();
            let otherwise = self.pop_bits();
            if condition == 0 {
                *self.sp.sub(1) = otherwise;
            }
        }
    }

    /// Takes the address and size of memory 0 anew, after they may have changed.
    #[inline(always)]
    pub(crate) unsafe fn refresh_memory(&mut self) {
        // SAFETY: the context is that of a living instance.
        let memory = unsafe { &*(*self.ctx).memory0 };
        self.mem = memory.base();
        self.mem_len = memory.len_bytes();
    }
}

/// Decodes an unsigned LEB128 number at `pc`; also says where it ends.
#[inline(never)]
pub(crate) unsafe fn long_leb_u64(mut pc: *const u8) -> (u64, *const u8) {
    let mut value = 0;
    let mut shift = 0;
    loop {
        // SAFETY: the number is within valid code.
        let byte = unsafe { *pc };
        pc = pc.wrapping_add(1);
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return (value, pc);
        }
        shift += 7;
    }
}

/// Decodes a signed LEB128 number at `pc`; also says where it ends.
#[inline(never)]
unsafe fn long_leb_i64(mut pc: *const u8) -> (i64, *const u8) {
    let mut value = 0;
    let mut shift = 0;
    loop {
        // SAFETY: the number is within valid code.
        let byte = unsafe { *pc };
        pc = pc.wrapping_add(1);
        value |= i64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            // Extends the sign, bit 6 of the last byte.
            let unused = 64u32.saturating_sub(shift);
            return (value << unused >> unused, pc);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(code: &[u8]) -> Machine {
        use std::ptr::{null, null_mut};
        Machine {
            pc: code.as_ptr(),
            sp: null_mut(),
            fp: null_mut(),
            branch: null(),
            mem: null_mut(),
            mem_len: 0,
            ctx: null_mut(),
            func: null(),
            code: null(),
        }
    }

    #[test]
    fn leb128_numbers_decode_whatever_their_length() {
        let unsigned: [(&[u8], u64); 6] = [
            (&[0x00], 0),
            (&[0x7f], 127),
            (&[0x80, 0x01], 128),
            (&[0x82, 0x80, 0x00], 2),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f], u32::MAX.into()),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], u64::MAX),
        ];
        for (bytes, expected) in unsigned {
            let mut m = machine(bytes);
            // SAFETY: the bytes are a whole number.
            assert_eq!(unsafe { m.leb_u64() }, expected);
            assert_eq!(m.pc, bytes.as_ptr_range().end);
        }
        let signed: [(&[u8], i64); 8] = [
            (&[0x3f], 63),
            (&[0x40], -64),
            (&[0x7f], -1),
            (&[0xff, 0x00], 127),
            (&[0x80, 0x7f], -128),
            (&[0xff, 0xff, 0xff, 0xff, 0x7f], -1),
            (&[0x80, 0x80, 0x80, 0x80, 0x78], i32::MIN.into()),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], i64::MIN),
        ];
        for (bytes, expected) in signed {
            let mut m = machine(bytes);
            // SAFETY: the bytes are a whole number.
            assert_eq!(unsafe { m.leb_i64() }, expected);
            assert_eq!(m.pc, bytes.as_ptr_range().end);
            m.pc = bytes.as_ptr();
            // SAFETY: as above.
            unsafe { m.skip_leb() };
            assert_eq!(m.pc, bytes.as_ptr_range().end);
        }
    }
}
