//! Loads, stores and memory instructions.
//!
//! Accesses to a 32-bit memory 0 have forms for each place of the address and
//! the value and for each bounds strategy; all other accesses take one general
//! form with slots only.

use std::marker::PhantomData;

use riser_translator::{DataIndex, MemoryIndex, TrapCode};

use crate::access::{Access, Raw};
use crate::handlers::op::{LoadFn, StoreFn};
use crate::regs::{A, Flow, Handler, I, Regs, S, Source, Target, Value, trap_check};

/// The source of an access's effective address.
pub(crate) trait AddressSource {
    /// The number of words behind word 1.
    const WORDS: usize;

    /// The effective address, less than 2^33; `at` is the 16-bit field of the base.
    ///
    /// # Safety
    ///
    /// The instruction has such an address.
    unsafe fn address(regs: &Regs, at: usize) -> u64;
}

impl AddressSource for S {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn address(regs: &Regs, at: usize) -> u64 {
        // SAFETY: by the contract of this function.
        unsafe { u64::from(regs.read(at) as u32) + u64::from(regs.field32(1)) }
    }
}

impl AddressSource for A {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn address(regs: &Regs, _: usize) -> u64 {
        // SAFETY: by the contract of this function.
        unsafe { u64::from(regs.acc as u32) + u64::from(regs.field32(1)) }
    }
}

/// A constant address: word 2.
impl AddressSource for I {
    const WORDS: usize = 1;
    #[inline(always)]
    unsafe fn address(regs: &Regs, _: usize) -> u64 {
        // SAFETY: by the contract of this function.
        unsafe { regs.word(2) }
    }
}

/// A base plus a constant, wrapping: the constant is half 2.
pub(crate) struct Sum<B>(PhantomData<B>);

impl<B: Source<i32>> AddressSource for Sum<B> {
    const WORDS: usize = 1;
    #[inline(always)]
    unsafe fn address(regs: &Regs, at: usize) -> u64 {
        // SAFETY: by the contract of this function.
        unsafe {
            let base = (B::get(regs, at) as u32).wrapping_add(regs.field32(2));
            u64::from(base) + u64::from(regs.field32(1))
        }
    }
}

/// The sum of two variables, wrapping: the second one's slot is half 2.
pub(crate) struct Index<B, X>(PhantomData<(B, X)>);

impl<B: Source<i32>, X: Source<i32>> AddressSource for Index<B, X> {
    const WORDS: usize = 1;
    #[inline(always)]
    unsafe fn address(regs: &Regs, at: usize) -> u64 {
        // SAFETY: by the contract of this function; fields are numbered on through the words.
        unsafe {
            let base = (B::get(regs, at) as u32).wrapping_add(X::get(regs, 4) as u32);
            u64::from(base) + u64::from(regs.field32(1))
        }
    }
}

/// The source of a stored value.
pub(crate) trait StoredSource<T> {
    /// The number of words behind word 1.
    const WORDS: usize;

    /// The value; field 1 if it is a slot.
    ///
    /// # Safety
    ///
    /// The instruction has such a value.
    unsafe fn value(regs: &Regs) -> T;
}

impl<T: Value> StoredSource<T> for S {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn value(regs: &Regs) -> T {
        // SAFETY: by the contract of this function.
        unsafe { <S as Source<T>>::get(regs, 1) }
    }
}

impl<T: Value> StoredSource<T> for A {
    const WORDS: usize = 0;
    #[inline(always)]
    unsafe fn value(regs: &Regs) -> T {
        T::acc(regs)
    }
}

/// An immediate: half 3.
impl<T: Value> StoredSource<T> for I {
    const WORDS: usize = 1;
    #[inline(always)]
    unsafe fn value(regs: &Regs) -> T {
        // SAFETY: by the contract of this function.
        T::from_half(unsafe { regs.field32(3) })
    }
}

/// `dst = memory0[address]`. Fields: dst, base, offset; then the words of the address.
pub(crate) struct Load<Op, B, D, X>(PhantomData<(Op, B, D, X)>);

impl<Op: LoadFn<Raw: Raw>, B: Access, D: Target<Op::Out>, X: AddressSource> Handler for Load<Op, B, D, X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let raw = trap_check!(B::load::<Op::Raw>(regs, X::address(regs, 1)));
            D::put(regs, Op::extend(raw));
            regs.advance(2 + X::WORDS)
        }
    }
}

/// `memory0[address] = value`. Fields: base, value, offset; then the words of the address and the value.
pub(crate) struct Store<Op, B, X, V>(PhantomData<(Op, B, X, V)>);

impl<Op: StoreFn<Raw: Raw>, B: Access, X: AddressSource, V: StoredSource<Op::In>> Handler for Store<Op, B, X, V> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let value = Op::wrap(V::value(regs));
            trap_check!(B::store::<Op::Raw>(regs, X::address(regs, 0), value));
            regs.advance(2 + if X::WORDS > V::WORDS { X::WORDS } else { V::WORDS })
        }
    }
}

/// Returns the address of an access of `bytes` bytes at `address + offset` in memory `index`, in bounds.
///
/// # Safety
///
/// As for the bodies that call this.
#[inline(always)]
pub(super) unsafe fn place(
    regs: &Regs,
    index: MemoryIndex,
    address: u64,
    offset: u64,
    bytes: usize,
) -> Result<*mut u8, TrapCode> {
    // SAFETY: by the contract of this function.
    let memory = unsafe { (*regs.cx).memory(index) };
    let start = address.checked_add(offset).ok_or(TrapCode::MemoryOutOfBounds)?;
    // Compared in this way, the check needs few enough registers.
    match memory.len_bytes().checked_sub(bytes as u64) {
        Some(last) if start <= last => Ok(memory.base().wrapping_add(start as usize)),
        _ => Err(TrapCode::MemoryOutOfBounds),
    }
}

/// `dst = memory[address + offset]` of any memory. Fields: dst, address, memory; offset in word 2.
pub(crate) struct LoadAny<Op, D>(PhantomData<(Op, D)>);

impl<Op: LoadFn, D: Target<Op::Out>> Handler for LoadAny<Op, D> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let from = trap_check!(place(
                regs,
                MemoryIndex::new(regs.field32(1)),
                regs.read(1),
                regs.word(2),
                size_of::<Op::Raw>()
            ));
            let value = Op::extend(from.cast::<Op::Raw>().read_unaligned());
            D::put(regs, value);
            regs.advance(3)
        }
    }
}

/// `memory[address + offset] = value` of any memory. Fields: address, value, memory; offset in word 2.
pub(crate) struct StoreAny<Op>(PhantomData<Op>);

impl<Op: StoreFn> Handler for StoreAny<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let to = trap_check!(place(
                regs,
                MemoryIndex::new(regs.field32(1)),
                regs.read(0),
                regs.word(2),
                size_of::<Op::Raw>()
            ));
            let value = Op::wrap(<S as Source<Op::In>>::get(regs, 1));
            to.cast::<Op::Raw>().write_unaligned(value);
            regs.advance(3)
        }
    }
}

/// `dst` = size in pages. Fields: dst, -, memory.
pub(crate) struct MemorySize;

impl Handler for MemorySize {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let pages = (*regs.cx).memory(MemoryIndex::new(regs.field32(1))).pages();
            regs.write(0, pages);
            regs.advance(2)
        }
    }
}

/// `dst` = old size in pages or -1. Fields: dst, delta, memory.
pub(crate) struct MemoryGrow;

impl Handler for MemoryGrow {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let old = (*regs.cx).memory_grow(MemoryIndex::new(regs.field32(1)), regs.read(1));
            regs.write(0, trap_check!(old));
            regs.reload_memory();
            regs.advance(2)
        }
    }
}

/// Fill. Fields: dst, value, len; half 2: memory.
pub(crate) struct MemoryFill;

impl Handler for MemoryFill {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let memory = MemoryIndex::new(regs.field32(2));
            trap_check!((*regs.cx).memory_fill(memory, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Copy. Fields: dst, src, len; halves 2, 3: dst memory, src memory.
pub(crate) struct MemoryCopy;

impl Handler for MemoryCopy {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let (to, from) = (MemoryIndex::new(regs.field32(2)), MemoryIndex::new(regs.field32(3)));
            trap_check!((*regs.cx).memory_copy(to, from, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Init. Fields: dst, src, len; halves 2, 3: memory, segment.
pub(crate) struct MemoryInit;

impl Handler for MemoryInit {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let (memory, segment) = (MemoryIndex::new(regs.field32(2)), DataIndex::new(regs.field32(3)));
            trap_check!((*regs.cx).memory_init(memory, segment, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Drop a segment. Halves: -, segment.
pub(crate) struct DataDrop;

impl Handler for DataDrop {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            (*regs.cx).data_drop(DataIndex::new(regs.field32(1)));
            regs.advance(2)
        }
    }
}
