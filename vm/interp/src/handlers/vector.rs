//! Vector instructions. Operands are in slots. A vector is in two slots, and a field names the first.

use std::marker::PhantomData;

use riser_translator::{GlobalIndex, MemoryIndex};

use crate::access::{Access, Raw};
use crate::handlers::memory::place;
use crate::handlers::op::{ExtractFn, LoadLaneFn, ReplaceFn, StoreLaneFn, VectorFn, VectorLoadFn, VectorStoreFn};
use crate::lanes;
use crate::regs::{Flow, Handler, InSlots, Lanes, Regs, Source, settle, trap_check};

/// `dst` = words 2 and 3. Fields: dst.
pub(crate) struct VectorConst;

impl Handler for VectorConst {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bits = regs.ip.add(2).cast::<u128>().read_unaligned();
            bits.put(regs.field_slot(0));
            regs.advance(4)
        }
    }
}

/// `dst = src`. Fields: dst, src.
pub(crate) struct Copy128;

impl Handler for Copy128 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            u128::get(regs.field_slot(1)).put(regs.field_slot(0));
            regs.advance(2)
        }
    }
}

/// `dst = src` between slots with numbers of 32 bits. Halves: dst, src.
pub(crate) struct CopyFar128;

impl Handler for CopyFar128 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            u128::get(regs.slot(regs.field32(1))).put(regs.slot(regs.field32(0)));
            regs.advance(2)
        }
    }
}

/// `dst = cond != 0 ? if_true : if_false`. Fields: dst, cond, if_true, if_false.
pub(crate) struct Select128<C>(PhantomData<C>);

impl<C: Source<i32>> Handler for Select128<C> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let chosen = if C::get(regs, 1) != 0 { regs.field_slot(2) } else { regs.field_slot(3) };
            u128::get(chosen).put(regs.field_slot(0));
            regs.advance(2)
        }
    }
}

/// `dst = globals[index]`. Fields: dst, -, index.
pub(crate) struct GlobalGet128;

impl Handler for GlobalGet128 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let global = (*regs.cx).global(GlobalIndex::new(regs.field32(1)));
            u128::get((&raw mut (*global).slots).cast()).put(regs.field_slot(0));
            regs.advance(2)
        }
    }
}

/// `globals[index] = src`. Fields: src, -, index.
pub(crate) struct GlobalSet128;

impl Handler for GlobalSet128 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let global = (*regs.cx).global(GlobalIndex::new(regs.field32(1)));
            u128::get(regs.field_slot(0)).put((&raw mut (*global).slots).cast());
            regs.advance(2)
        }
    }
}

/// `dst = op(operands)`. Fields: dst, operands.
pub(crate) struct Vector<Op>(PhantomData<Op>);

impl<Op: VectorFn> Handler for Vector<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let result = Op::apply(regs);
            result.put(regs.result_slot());
            regs.advance(2)
        }
    }
}

/// `dst` = lanes of two vectors. Fields: dst, lhs, rhs; words 2 and 3: the lanes' numbers.
pub(crate) struct Shuffle<const SSE41: bool>;

impl<const SSE41: bool> Handler for Shuffle<SSE41> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let numbers = regs.ip.add(2).cast::<[u8; 16]>().read_unaligned();
            let (lhs, rhs) = (<[u8; 16]>::get(regs.field_slot(1)), <[u8; 16]>::get(regs.field_slot(2)));
            let shuffle = if SSE41 { lanes::sse41::i8x16_shuffle } else { lanes::i8x16_shuffle };
            let result = shuffle(numbers, lhs, rhs);
            result.put(regs.result_slot());
            regs.advance(4)
        }
    }
}

/// `dst = src[lane]`. Fields: dst, src, lane.
pub(crate) struct ExtractLane<Op>(PhantomData<Op>);

impl<Op: ExtractFn> Handler for ExtractLane<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let lane = regs.field16(2) as u8;
            Op::extract(Op::Vector::lane(regs.field_slot(1), lane), 0).put(regs.field_slot(0));
            regs.advance(2)
        }
    }
}

/// `dst = vector` with `value` in a lane. Fields: dst, vector, value, lane.
pub(crate) struct ReplaceLane<Op>(PhantomData<Op>);

impl<Op: ReplaceFn> Handler for ReplaceLane<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let lane = regs.field16(3) as u8;
            let (vector, value) = (Op::Vector::get(regs.field_slot(1)), Op::Lane::get(regs.field_slot(2)));
            let result = Op::replace(vector, lane, value);
            result.put(regs.result_slot());
            regs.advance(2)
        }
    }
}

/// The address of an access to a 32-bit memory 0: a slot's value and the upper half of word 1.
///
/// # Safety
///
/// The instruction has such an address.
#[inline(always)]
unsafe fn address(regs: &Regs, field: usize) -> u64 {
    // SAFETY: the instruction has such an address.
    unsafe { u64::from(regs.read(field) as u32) + u64::from(regs.field32(1)) }
}

/// `dst = op(memory0[address])`. Fields: dst, base, offset.
pub(crate) struct VectorLoad<Op, B>(PhantomData<(Op, B)>);

impl<Op: VectorLoadFn<Stored: Raw>, B: Access> Handler for VectorLoad<Op, B> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let stored = trap_check!(B::load::<Op::Stored>(regs, address(regs, 1)));
            Op::load(stored).put(regs.field_slot(0));
            regs.advance(2)
        }
    }
}

/// `memory0[address] = value`. Fields: base, value, offset.
pub(crate) struct VectorStore<Op, B>(PhantomData<(Op, B)>);

impl<Op: VectorStoreFn<Stored: Raw>, B: Access> Handler for VectorStore<Op, B> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let value = Op::store(Op::Vector::get(regs.field_slot(1)));
            trap_check!(B::store::<Op::Stored>(regs, address(regs, 0), value));
            regs.advance(2)
        }
    }
}

/// `dst = op(memory[address + offset])` of any memory. Fields: dst, address, memory; offset in word 2.
pub(crate) struct VectorLoadAny<Op>(PhantomData<Op>);

impl<Op: VectorLoadFn> Handler for VectorLoadAny<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bytes = size_of::<Op::Stored>();
            let from = trap_check!(place(regs, MemoryIndex::new(regs.field32(1)), regs.read(1), regs.word(2), bytes));
            Op::load(from.cast::<Op::Stored>().read_unaligned()).put(regs.field_slot(0));
            regs.advance(3)
        }
    }
}

/// `memory[address + offset] = value` of any memory. Fields: address, value, memory; offset in word 2.
pub(crate) struct VectorStoreAny<Op>(PhantomData<Op>);

impl<Op: VectorStoreFn> Handler for VectorStoreAny<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bytes = size_of::<Op::Stored>();
            let to = trap_check!(place(regs, MemoryIndex::new(regs.field32(1)), regs.read(0), regs.word(2), bytes));
            to.cast::<Op::Stored>().write_unaligned(Op::store(Op::Vector::get(regs.field_slot(1))));
            regs.advance(3)
        }
    }
}

/// `dst = vector` with `memory[address + offset]` in a lane, of any memory. Fields: dst, address, vector, lane; offset in
/// word 2; half 4: memory.
pub(crate) struct LoadLane<Op>(PhantomData<Op>);

impl<Op: LoadLaneFn> Handler for LoadLane<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bytes = size_of::<Op::Stored>();
            let from = trap_check!(place(regs, MemoryIndex::new(regs.field32(4)), regs.read(1), regs.word(2), bytes));
            let stored = from.cast::<Op::Stored>().read_unaligned();
            settle();
            let lane = regs.field16(3) as u8;
            let result = Op::load(stored, lane, Op::Vector::get(regs.field_slot(2)));
            result.put(regs.result_slot());
            regs.advance(4)
        }
    }
}

/// `memory[address + offset] = vector[lane]`, of any memory. Fields: address, vector, lane; offset in word 2; half 4: memory.
pub(crate) struct StoreLane<Op>(PhantomData<Op>);

impl<Op: StoreLaneFn> Handler for StoreLane<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bytes = size_of::<Op::Stored>();
            let to = trap_check!(place(regs, MemoryIndex::new(regs.field32(4)), regs.read(0), regs.word(2), bytes));
            settle();
            let lane = regs.field16(2) as u8;
            to.cast::<Op::Stored>().write_unaligned(Op::store(Op::Vector::lane(regs.field_slot(1), lane), 0));
            regs.advance(4)
        }
    }
}
