//! The registers of the interpreter, and the basic actions of operators: decoding immediates and
//! working on the operand stack.
//!
//! A [`Machine`] lives where operators are executed and is only ever lent to functions that are
//! inlined there, so that its fields are kept in machine registers. State that not every operator
//! needs is in the [`Activation`], one load away.

use std::hint::{assert_unchecked, cold_path};
use std::ptr;

use riser_tiers_core::{Context, FuncInst};
use riser_translator::ops::{SlotValue, VectorValue};

use crate::code::Code;
use crate::opcode::{PREFIXED, VECTORS};
use crate::side_table::BranchEntry;

/// The registers of the running function.
///
/// # Invariants
///
/// In the activation, `code` is the code of `func`, and `ctx` the context of its instance. `fp` is
/// the start of the function's frame, which ends below the value stack's limit; `at` and `pc` are
/// within the code, which is valid; `branch` is the side table's entry for the next branch at or
/// after `pc`; `sp` is at the height above the frame's link that validation computes. `mem` and
/// `mem_len` describe memory 0 of `ctx`, except while other code runs.
pub(crate) struct Machine {
    /// The operator that is executed.
    pub(crate) at: *const u8,
    /// The next byte of the code.
    pub(crate) pc: *const u8,
    /// The first free slot above the operands.
    pub(crate) sp: *mut u64,
    /// The frame: local 0.
    pub(crate) fp: *mut u64,
    /// The side table's entry for the next branch.
    pub(crate) branch: *const BranchEntry,
    /// The state that is kept in memory.
    pub(crate) act: *mut Activation,
}

/// The interpreter's state in memory, from the call that enters the interpreter until it leaves.
pub(crate) struct Activation {
    /// The first byte of memory 0.
    pub(crate) mem: *mut u8,
    /// Size of memory 0 in bytes.
    pub(crate) mem_len: u64,
    /// The `end` of the function's body.
    pub(crate) end: *const u8,
    /// The instance.
    pub(crate) ctx: *mut Context,
    /// The function.
    pub(crate) func: *const FuncInst,
    /// The function's code.
    pub(crate) code: *const Code,
    /// Fuel used since the last charge.
    pub(crate) units: u64,
    /// Where the interpreter left: the operator of the current function that trapped, or null if no
    /// frame is left.
    pub(crate) left_at: *const u8,
    /// The frame of `left_at`.
    pub(crate) left_fp: *mut u64,
}

impl Activation {
    /// The state before the first function is entered.
    pub(crate) const EMPTY: Activation = Activation {
        mem: ptr::null_mut(),
        mem_len: 0,
        end: ptr::null(),
        ctx: ptr::null_mut(),
        func: ptr::null(),
        code: ptr::null(),
        units: 0,
        left_at: ptr::null(),
        left_fp: ptr::null_mut(),
    };
}

/// All methods rely on the invariants of [`Machine`]; only the operator whose immediates or operands
/// they touch may call them.
impl Machine {
    /// Begins the operator at `at` by moving `pc` past its opcode.
    #[inline(always)]
    pub(crate) unsafe fn begin_operator(&mut self, at: *const u8, opcode: u32) {
        self.at = at;
        // Vector operators from number 0x80 on have a second byte.
        self.pc = at.wrapping_add(if opcode >= VECTORS + 0x80 { 2 } else { 1 });
        if opcode >= PREFIXED {
            // SAFETY: the number of a prefixed operator follows the prefix.
            unsafe { self.skip_leb() };
        }
    }

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

    /// An unsigned LEB128 immediate of 32 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_u32(&mut self) -> u32 {
        // SAFETY: as in `byte`; the code being valid, the number has at most five bytes.
        unsafe { self.short_leb().unwrap_unchecked() as u32 }
    }

    /// The local that a LEB128 immediate names.
    #[inline(always)]
    pub(crate) unsafe fn local(&mut self) -> *mut u64 {
        // SAFETY: as in `leb_u32`; the locals are in the frame. Not truncating to 32 bits saves an
        // instruction.
        unsafe {
            let index = self.short_leb().unwrap_unchecked();
            self.fp.add(index as usize)
        }
    }

    /// The local that a LEB128 immediate names, in a function whose locals are not all in the slots
    /// of their indices.
    #[inline(always)]
    pub(crate) unsafe fn moved_local(&mut self) -> *mut u64 {
        // SAFETY: as in `local`.
        unsafe {
            let index = self.leb_u32();
            let code = &*(*self.act).code;
            let (slot, _) = code.places.place(index);
            self.fp.add(slot as usize)
        }
    }

    /// An unsigned LEB128 immediate, if it has at most five bytes.
    #[inline(always)]
    pub(crate) unsafe fn short_leb(&mut self) -> Option<u64> {
        // SAFETY: as in `byte`.
        unsafe {
            let first = self.byte();
            if first < 0x80 {
                return Some(first.into());
            }
            cold_path();
            let mut value = u64::from(first & 0x7f);
            // Not a loop, so that the shifts are by constants.
            let goes_on = self.leb_byte(&mut value, 7)
                && self.leb_byte(&mut value, 14)
                && self.leb_byte(&mut value, 21)
                && self.leb_byte(&mut value, 28);
            (!goes_on).then_some(value)
        }
    }

    /// Adds the next byte of an unsigned LEB128 number. Returns whether more bytes follow.
    #[inline(always)]
    unsafe fn leb_byte(&mut self, value: &mut u64, shift: u32) -> bool {
        // SAFETY: as in `byte`.
        let byte = unsafe { self.byte() };
        *value |= u64::from(byte & 0x7f) << shift;
        byte >= 0x80
    }

    /// A signed LEB128 immediate of 32 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_i32(&mut self) -> i32 {
        // SAFETY: as in `leb_u32`.
        unsafe {
            let mut value = 0;
            let goes_on = self.signed_leb_byte(&mut value, 0)
                && self.signed_leb_byte(&mut value, 7)
                && self.signed_leb_byte(&mut value, 14)
                && self.signed_leb_byte(&mut value, 21)
                && self.signed_leb_byte(&mut value, 28);
            assert_unchecked(!goes_on);
            value as i32
        }
    }

    /// A signed LEB128 immediate of 64 bits.
    #[inline(always)]
    pub(crate) unsafe fn leb_i64(&mut self) -> i64 {
        // SAFETY: as in `leb_u32`; the number has at most ten bytes.
        unsafe {
            let mut value = 0;
            let mut shift = 0;
            while self.signed_leb_byte(&mut value, shift) {
                shift += 7;
            }
            value
        }
    }

    /// Adds the next byte of a signed LEB128 number. Returns whether more bytes follow.
    #[inline(always)]
    unsafe fn signed_leb_byte(&mut self, value: &mut i64, shift: u32) -> bool {
        // SAFETY: as in `byte`.
        let byte = unsafe { self.byte() };
        if byte < 0x80 {
            // Bit 6 of the last byte is the sign.
            *value |= i64::from((byte << 1) as i8 >> 1) << shift;
            return false;
        }
        cold_path();
        *value |= i64::from(byte & 0x7f) << shift;
        true
    }

    /// Skips a LEB128 immediate.
    #[inline(always)]
    pub(crate) unsafe fn skip_leb(&mut self) {
        // SAFETY: as in `byte`.
        unsafe {
            if self.byte() >= 0x80 {
                cold_path();
                while self.byte() >= 0x80 {}
            }
        }
    }

    /// Pushes the bits of a slot.
    #[inline(always)]
    pub(crate) unsafe fn push_bits(&mut self, bits: u64) {
        // SAFETY: the frame has room for all operands that validation allows.
        unsafe {
            *self.sp = bits;
            self.sp = self.sp.add(1);
        }
    }

    /// Pops the bits of a slot.
    #[inline(always)]
    pub(crate) unsafe fn pop_bits(&mut self) -> u64 {
        // SAFETY: the code is valid, so the operand is there.
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

    /// Pushes the vector in the slots at `src`.
    #[inline(always)]
    pub(crate) unsafe fn push_vector(&mut self, src: *const u64) {
        // SAFETY: as in `push_bits`. Both slots are copied at once, because they may be read at
        // once.
        unsafe {
            ptr::copy_nonoverlapping(src, self.sp, 2);
            self.sp = self.sp.add(2);
        }
    }

    /// Pops a vector, to the slots at `dst`.
    #[inline(always)]
    pub(crate) unsafe fn pop_vector(&mut self, dst: *mut u64) {
        // SAFETY: as in `pop_bits`.
        unsafe {
            self.sp = self.sp.sub(2);
            ptr::copy_nonoverlapping(self.sp, dst, 2);
        }
    }

    /// Copies the vector on top to the slots at `dst`.
    #[inline(always)]
    pub(crate) unsafe fn tee_vector(&mut self, dst: *mut u64) {
        // SAFETY: as in `pop_bits`.
        unsafe { ptr::copy_nonoverlapping(self.sp.sub(2), dst, 2) }
    }

    /// Pushes a value of a vector operator, which takes one slot or two.
    #[inline(always)]
    pub(crate) unsafe fn push_value<T: VectorValue>(&mut self, value: T) {
        // SAFETY: as in `push_bits`.
        unsafe {
            if T::TYPE.slots() == 1 {
                self.push_bits(value.to_bits() as u64);
                return;
            }
            if cfg!(target_endian = "little") {
                *self.sp.cast() = value.to_bytes();
            } else {
                let bits = value.to_bits();
                *self.sp.cast() = [bits as u64, (bits >> 64) as u64];
            }
            self.sp = self.sp.add(2);
        }
    }

    /// Pops a value of a vector operator, which takes one slot or two.
    #[inline(always)]
    pub(crate) unsafe fn pop_value<T: VectorValue>(&mut self) -> T {
        // SAFETY: as in `pop_bits`.
        unsafe {
            if T::TYPE.slots() == 1 {
                return T::from_bits(self.pop_bits().into());
            }
            self.sp = self.sp.sub(2);
            if cfg!(target_endian = "little") {
                T::from_bytes(*self.sp.cast())
            } else {
                let [low, high]: [u64; 2] = *self.sp.cast();
                T::from_bits(u128::from(high) << 64 | u128::from(low))
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

    /// `select` of vectors, without its immediate.
    #[inline(always)]
    pub(crate) unsafe fn select_vector(&mut self) {
        // SAFETY: as in `pop_bits`.
        unsafe {
            let condition: i32 = self.pop();
            self.sp = self.sp.sub(2);
            if condition == 0 {
                ptr::copy_nonoverlapping(self.sp, self.sp.sub(2), 2);
            }
        }
    }

    /// The instance's context.
    #[inline(always)]
    pub(crate) unsafe fn ctx(&self) -> *mut Context {
        // SAFETY: the activation lives as long as the machine.
        unsafe { (*self.act).ctx }
    }

    /// Reloads the address and size of memory 0, after they may have changed.
    #[inline(always)]
    pub(crate) unsafe fn refresh_memory(&mut self) {
        // SAFETY: the context belongs to a living instance.
        unsafe {
            let memory = &*(*self.ctx()).memory0;
            (*self.act).mem = memory.base();
            (*self.act).mem_len = memory.len_bytes();
        }
    }
}

/// Decodes an unsigned LEB128 number at `pc`; also returns its end.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(code: &[u8]) -> Machine {
        use std::ptr::{null, null_mut};
        Machine { at: null(), pc: code.as_ptr(), sp: null_mut(), fp: null_mut(), branch: null(), act: null_mut() }
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
            // SAFETY: the bytes are a complete number.
            assert_eq!(unsafe { long_leb_u64(bytes.as_ptr()) }, (expected, bytes.as_ptr_range().end));
            let mut m = machine(bytes);
            // SAFETY: as above.
            let short = unsafe { m.short_leb() };
            assert_eq!(short, (bytes.len() <= 5).then_some(expected));
            if short.is_some() {
                assert_eq!(m.pc, bytes.as_ptr_range().end);
            }
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
            // SAFETY: the bytes are a complete number.
            assert_eq!(unsafe { m.leb_i64() }, expected);
            assert_eq!(m.pc, bytes.as_ptr_range().end);
            if let Ok(expected) = i32::try_from(expected) {
                m.pc = bytes.as_ptr();
                // SAFETY: as above; numbers of 32 bits have at most five bytes.
                assert_eq!(unsafe { m.leb_i32() }, expected);
                assert_eq!(m.pc, bytes.as_ptr_range().end);
            }
            m.pc = bytes.as_ptr();
            // SAFETY: as above.
            unsafe { m.skip_leb() };
            assert_eq!(m.pc, bytes.as_ptr_range().end);
        }
    }
}
