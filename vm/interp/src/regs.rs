//! The interpreter's registers, and how instructions find their operands.
//!
//! An instruction is a *head* word, which names the operation in the form that the dispatch strategy needs, and one or
//! more operand words. Slots are 16 bits wide (see [`super::encode`] for functions with more), branch targets and most
//! immediates 32 bits:
//!
//! ```text
//! word 0   head: handler address or token
//! word 1   a: u16 | b: u16 | c: u16 | d: u16
//!          a: u16 | b: u16 | imm: i32
//!          lo: u32         | hi: u32
//! word 2   further immediates
//! ```

use riser_tiers_core::{Context, Status};
use riser_translator::TrapCode;
use riser_translator::ops::SlotValue;

/// The registers. They live in machine registers: handlers of the tail
/// strategies take and pass them as arguments, loops keep them in locals.
#[derive(Clone, Copy)]
pub(super) struct Regs {
    /// Instruction pointer: the head of the current instruction.
    pub ip: *const u64,
    /// Frame pointer: slot 0.
    pub fp: *mut u64,
    /// Base of memory 0.
    pub mem: *mut u8,
    /// Length of memory 0 in bytes.
    pub mem_len: u64,
    /// The current instance.
    pub cx: *mut Context,
    /// Accumulator for integers and references.
    pub acc: u64,
    /// Accumulator for `f32`.
    pub acc_f32: f32,
    /// Accumulator for `f64`.
    pub acc_f64: f64,
}

/// What an instruction body continues with.
pub(super) enum Flow {
    /// The instruction at `ip`.
    Next,
    /// The body [`super::handlers::call::CallOut`]: `ip` is still at the call, whose callee is in the accumulator.
    CallOut,
    /// The body [`super::handlers::control::OutOfFuel`]: `ip` is still at the charge.
    OutOfFuel,
    /// Nothing: the interpreter is left. `ip` is still at the instruction.
    Exit(Status),
}

impl From<Status> for Flow {
    #[inline(always)]
    fn from(status: Status) -> Flow {
        Flow::Exit(status)
    }
}

impl From<TrapCode> for Flow {
    #[inline(always)]
    fn from(code: TrapCode) -> Flow {
        Flow::Exit(Status::from(code))
    }
}

/// Takes the value of a result. If the result is a trap or another status instead, leaves the body with that.
macro_rules! trap_check {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(code) => return $crate::regs::Flow::from(code),
        }
    };
}
pub(super) use trap_check;

/// Operand access.
///
/// # Safety
///
/// For all: `ip` is at an instruction that has the operand, and slots are within the frame.
impl Regs {
    /// The 16-bit field `at` of word 1.
    #[inline(always)]
    pub unsafe fn field16(&self, at: usize) -> u16 {
        // SAFETY: by the contract of the block.
        unsafe { *self.ip.add(1).cast::<u16>().add(at) }
    }

    /// The 32-bit half `at` of the operand words: 0 and 1 are word 1, 2 and 3 word 2.
    #[inline(always)]
    pub unsafe fn field32(&self, at: usize) -> u32 {
        // SAFETY: by the contract of the block.
        unsafe { *self.ip.add(1).cast::<u32>().add(at) }
    }

    /// Word `at` of the instruction.
    #[inline(always)]
    pub unsafe fn word(&self, at: usize) -> u64 {
        // SAFETY: by the contract of the block.
        unsafe { *self.ip.add(at) }
    }

    /// A slot of the frame.
    #[inline(always)]
    pub unsafe fn slot(&self, index: u32) -> *mut u64 {
        // SAFETY: by the contract of the block.
        unsafe { self.fp.add(index as usize) }
    }

    /// The slot that the 16-bit field `at` names.
    #[inline(always)]
    pub unsafe fn field_slot(&self, at: usize) -> *mut u64 {
        // SAFETY: by the contract of the block.
        unsafe { self.fp.add(self.field16(at) as usize) }
    }

    /// The value of the slot that the 16-bit field `at` names.
    #[inline(always)]
    pub unsafe fn read(&self, at: usize) -> u64 {
        // SAFETY: by the contract of the block.
        unsafe { *self.fp.add(self.field16(at) as usize) }
    }

    /// Sets the slot that the 16-bit field `at` names.
    #[inline(always)]
    pub unsafe fn write(&mut self, at: usize, bits: u64) {
        // SAFETY: by the contract of the block.
        unsafe { *self.fp.add(self.field16(at) as usize) = bits }
    }

    /// As [`Regs::field_slot`], for the result of an instruction that needs the machine's registers for its operands:
    /// reads the field only after all earlier reads.
    #[inline(always)]
    pub unsafe fn result_slot(&self) -> *mut u64 {
        settle();
        // SAFETY: by the contract of the block.
        unsafe { self.field_slot(0) }
    }

    /// Continues behind this instruction of `words` words.
    #[inline(always)]
    pub unsafe fn advance(&mut self, words: usize) -> Flow {
        // SAFETY: by the contract of the block.
        self.ip = unsafe { self.ip.add(words) };
        Flow::Next
    }

    /// Jumps to the instruction `words` words from this one.
    #[inline(always)]
    pub unsafe fn jump(&mut self, words: i32) -> Flow {
        // SAFETY: by the contract of the block.
        self.ip = unsafe { self.ip.offset(words as isize) };
        Flow::Next
    }

    /// Loads base and length of memory 0 again. Needed after anything that may have changed them.
    #[inline(always)]
    pub unsafe fn reload_memory(&mut self) {
        // SAFETY: by the contract of the block, the context is alive.
        let memory = unsafe { &*(*self.cx).memory0 };
        self.mem = memory.base();
        self.mem_len = memory.len_bytes();
    }

    /// Makes `cx` the current instance.
    #[inline(always)]
    pub unsafe fn enter_context(&mut self, cx: *mut Context) {
        if cx != self.cx {
            self.cx = cx;
            // SAFETY: by the contract of the block.
            unsafe { self.reload_memory() };
        }
    }
}

/// A value type as the interpreter holds it: its accumulator and its immediates.
pub(super) trait Value: SlotValue {
    /// The number of words that an immediate takes behind word 1.
    const IMM_WORDS: usize;

    /// The accumulator of the type.
    fn acc(regs: &Regs) -> Self;

    /// Sets the accumulator of the type.
    fn set_acc(regs: &mut Regs, value: Self);

    /// Returns the value that a 32-bit immediate stands for: the value itself, its sign extension (`i64`), or the
    /// number with these upper bits (`f64`).
    fn from_half(bits: u32) -> Self;

    /// Reads the immediate: from the upper half of word 1, or from word 2.
    ///
    /// # Safety
    ///
    /// The instruction has an immediate of this type.
    #[inline(always)]
    unsafe fn imm(regs: &Regs) -> Self {
        // SAFETY: by the contract of this function.
        Self::from_half(unsafe { regs.field32(1) })
    }
}

impl Value for i32 {
    const IMM_WORDS: usize = 0;
    #[inline(always)]
    fn acc(regs: &Regs) -> i32 {
        regs.acc as i32
    }
    #[inline(always)]
    fn set_acc(regs: &mut Regs, value: i32) {
        regs.acc = value.to_slot();
    }
    #[inline(always)]
    fn from_half(bits: u32) -> i32 {
        bits as i32
    }
}

impl Value for i64 {
    const IMM_WORDS: usize = 0;
    #[inline(always)]
    fn acc(regs: &Regs) -> i64 {
        regs.acc as i64
    }
    #[inline(always)]
    fn set_acc(regs: &mut Regs, value: i64) {
        regs.acc = value as u64;
    }
    #[inline(always)]
    fn from_half(bits: u32) -> i64 {
        i64::from(bits as i32)
    }
}

impl Value for f32 {
    const IMM_WORDS: usize = 0;
    #[inline(always)]
    fn acc(regs: &Regs) -> f32 {
        regs.acc_f32
    }
    #[inline(always)]
    fn set_acc(regs: &mut Regs, value: f32) {
        regs.acc_f32 = value;
    }
    #[inline(always)]
    fn from_half(bits: u32) -> f32 {
        f32::from_bits(bits)
    }
}

impl Value for f64 {
    const IMM_WORDS: usize = 1;
    #[inline(always)]
    fn acc(regs: &Regs) -> f64 {
        regs.acc_f64
    }
    #[inline(always)]
    fn set_acc(regs: &mut Regs, value: f64) {
        regs.acc_f64 = value;
    }
    #[inline(always)]
    fn from_half(bits: u32) -> f64 {
        f64::from_bits(u64::from(bits) << 32)
    }
    #[inline(always)]
    unsafe fn imm(regs: &Regs) -> f64 {
        // SAFETY: by the contract of this function.
        f64::from_bits(unsafe { regs.word(2) })
    }
}

/// The place of an operand, as a type parameter of the instruction.
pub(super) trait Source<T: Value> {
    /// The number of words that the operand takes behind word 1.
    const WORDS: usize;

    /// Whether a field stands for the operand; one that is in the accumulator has one that is not used.
    const HAS_FIELD: bool = true;

    /// Reads the operand; `at` is its 16-bit field, if it has one.
    ///
    /// # Safety
    ///
    /// The instruction has such an operand.
    unsafe fn get(regs: &Regs, at: usize) -> T;
}

/// The place of a result.
pub(super) trait Target<T: Value> {
    /// Sets the result. If it goes to a slot, the first 16-bit field names that.
    ///
    /// # Safety
    ///
    /// The instruction has such a result.
    unsafe fn put(regs: &mut Regs, value: T);
}

/// Operand in a slot.
pub(super) struct S;
/// Operand in the accumulator of its type.
pub(super) struct A;
/// Immediate operand.
pub(super) struct I;

impl<T: Value> Source<T> for S {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn get(regs: &Regs, at: usize) -> T {
        // SAFETY: by the contract of this function.
        T::from_slot(unsafe { regs.read(at) })
    }
}

impl<T: Value> Source<T> for A {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn get(regs: &Regs, _: usize) -> T {
        T::acc(regs)
    }
}

impl<T: Value> Source<T> for I {
    const WORDS: usize = T::IMM_WORDS;
    const HAS_FIELD: bool = false;
    #[inline(always)]
    unsafe fn get(regs: &Regs, _: usize) -> T {
        // SAFETY: by the contract of this function.
        unsafe { T::imm(regs) }
    }
}

impl<T: Value> Target<T> for S {
    #[inline(always)]
    unsafe fn put(regs: &mut Regs, value: T) {
        // SAFETY: by the contract of this function.
        unsafe { regs.write(0, value.to_slot()) }
        // For the instruction that reads the slot next: see the module `forward`.
        T::set_acc(regs, value);
    }
}

impl<T: Value> Target<T> for A {
    #[inline(always)]
    unsafe fn put(regs: &mut Regs, value: T) {
        T::set_acc(regs, value);
    }
}

/// Keeps the compiler from moving reads behind this before it: reads of the fields of instructions whose operands need
/// the machine's registers.
#[inline(always)]
pub(super) fn settle() {
    #[cfg(not(miri))]
    // SAFETY: nothing is executed; the compiler assumes that it may write memory.
    unsafe {
        std::arch::asm!("", options(nostack, preserves_flags));
    }
}

/// Values as vector instructions find them in slots: numbers, and vectors as arrays of lanes.
pub(super) trait InSlots: Copy {
    /// Reads the value that begins in a slot.
    ///
    /// # Safety
    ///
    /// The slot, and for a vector also the next one, is within the frame.
    unsafe fn get(slot: *const u64) -> Self;

    /// Writes the value to a slot, or to two.
    ///
    /// # Safety
    ///
    /// As for `get`.
    unsafe fn put(self, slot: *mut u64);
}

/// Vectors, as arrays of lanes.
pub(super) trait Lanes: InSlots {
    /// Reads one lane of the vector that begins in a slot, into lane 0 of a vector of which nothing else is used.
    ///
    /// # Safety
    ///
    /// The slot and the next one are within the frame.
    unsafe fn lane(slot: *const u64, lane: u8) -> Self;
}

impl<T: Copy, const N: usize> Lanes for [T; N]
where
    [T; N]: InSlots,
{
    #[inline(always)]
    unsafe fn lane(slot: *const u64, lane: u8) -> [T; N] {
        // SAFETY: by the contract of this function; there are N lanes.
        let value = unsafe { slot.cast::<T>().add(usize::from(lane) % N).read_unaligned() };
        [value; N]
    }
}

macro_rules! in_slots {
    (vectors $($Vector:ty)*; numbers $($Number:ty)*) => {
        $(impl InSlots for $Vector {
            #[inline(always)]
            unsafe fn get(slot: *const u64) -> $Vector {
                const { assert!(size_of::<$Vector>() == 16 && cfg!(target_endian = "little")) };
                // SAFETY: by the contract of this function; any bits are lanes.
                unsafe { slot.cast::<$Vector>().read_unaligned() }
            }
            #[inline(always)]
            unsafe fn put(self, slot: *mut u64) {
                // SAFETY: by the contract of this function.
                unsafe { slot.cast::<$Vector>().write_unaligned(self) }
            }
        })*
        $(impl InSlots for $Number {
            #[inline(always)]
            unsafe fn get(slot: *const u64) -> $Number {
                // SAFETY: by the contract of this function.
                <$Number>::from_slot(unsafe { *slot })
            }
            #[inline(always)]
            unsafe fn put(self, slot: *mut u64) {
                // SAFETY: by the contract of this function.
                unsafe { *slot = self.to_slot() }
            }
        })*
    };
}

in_slots! {
    vectors [i8; 16] [u8; 16] [i16; 8] [u16; 8] [i32; 4] [u32; 4] [i64; 2] [u64; 2] [f32; 4] [f64; 2] u128;
    numbers i32 i64 f32 f64
}

/// The body of an instruction. It is written once, and compiled into every dispatch strategy.
pub(super) trait Handler {
    /// Whether the body may contain a conversion, which writes a part of a float register
    /// ([`super::tail_fn::accumulators`]).
    #[cfg(any(tail_dispatch, feature = "become"))]
    const CONVERTS: bool = false;

    /// Executes the instruction at `ip`.
    ///
    /// A body moves `ip` last, so that it is at the instruction when it traps.
    ///
    /// # Safety
    ///
    /// `regs` describe a running function of a store, at an instruction of this kind.
    unsafe fn execute(regs: &mut Regs) -> Flow;
}
