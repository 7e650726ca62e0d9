//! Branches, fuel, interruption, and the entry of functions.

use std::sync::atomic::{AtomicI32, Ordering};

use std::marker::PhantomData;

use riser_tiers_core::Status;
use riser_translator::TrapCode;

use crate::handlers::op::BinaryFn;
use crate::regs::{Flow, Handler, Regs, Source, trap_check};
use crate::run;

/// First instruction of every function. Halves: slots of the frame, first slot to zero,
/// number of slots to zero.
pub(crate) struct Enter;

impl Handler for Enter {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; the frame is checked before it is used.
        unsafe {
            let end = regs.fp.wrapping_add(regs.field32(0) as usize);
            if end > (*regs.cx).stack_limit {
                return TrapCode::StackOverflow.into();
            }
            zero(regs.slot(regs.field32(1)), regs.field32(2) as usize);
            regs.advance(3)
        }
    }
}

/// Zeroes `count` slots from `first`, and possibly a few beyond.
///
/// Most functions have few locals, which are zeroed without looking at the count. The slots beyond them are
/// temporaries, which are dead when a function starts, or lie in the red zone.
///
/// # Safety
///
/// The slots are in the value stack, below its limit.
#[inline(always)]
unsafe fn zero(first: *mut u64, count: usize) {
    const FEW: usize = 4;
    // SAFETY: the slots are in the value stack, below its limit; the red zone has room for a few more.
    unsafe {
        first.cast::<[u64; FEW]>().write([0; FEW]);
        if count > FEW {
            // The loop is in assembly, because the compiler would unroll it until it needs more registers than a
            // handler has.
            #[cfg(target_arch = "x86_64")]
            std::arch::asm!(
                "2: mov qword ptr [{next}], 0",
                "add {next}, 8",
                "cmp {next}, {end}",
                "jb 2b",
                next = inout(reg) first.add(FEW) => _,
                end = in(reg) first.add(count),
                options(nostack),
            );
            #[cfg(not(target_arch = "x86_64"))]
            for index in FEW..count {
                first.add(index).write(0);
            }
        }
    }
}

/// Go to a target. Halves: -, target.
pub(crate) struct Branch;

impl Handler for Branch {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe { regs.jump(regs.field32(1) as i32) }
    }
}

/// Go to a target if `(cond != 0) == WHEN`. Fields: cond, -, target.
pub(crate) struct BranchIf<const WHEN: bool, C>(PhantomData<C>);

impl<const WHEN: bool, C: Source<i32>> Handler for BranchIf<WHEN, C> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe { if (C::get(regs, 0) != 0) == WHEN { regs.jump(regs.field32(1) as i32) } else { regs.advance(2) } }
    }
}

/// Go to a target if the comparison holds. Fields: lhs, rhs, target.
pub(crate) struct BranchCompare<Op, L, R>(PhantomData<(Op, L, R)>);

impl<Op, L, R> Handler for BranchCompare<Op, L, R>
where
    Op: BinaryFn<Out = i32>,
    L: Source<Op::In>,
    R: ShortSource<Op::In>,
{
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let lhs = L::get(regs, 0);
            let rhs = R::get_short(regs, 1);
            if trap_check!(Op::apply(lhs, rhs)) != 0 { regs.jump(regs.field32(1) as i32) } else { regs.advance(2) }
        }
    }
}

/// A slot, or an immediate of 16 bits in place of the slot's number.
pub(crate) trait ShortSource<T> {
    /// The operand.
    ///
    /// # Safety
    ///
    /// The instruction has such an operand at the 16-bit field `at`.
    unsafe fn get_short(regs: &Regs, at: usize) -> T;
}

impl<T: crate::regs::Value> ShortSource<T> for crate::regs::S {
    #[inline(always)]
    unsafe fn get_short(regs: &Regs, at: usize) -> T {
        // SAFETY: by the contract of this function.
        unsafe { <Self as Source<T>>::get(regs, at) }
    }
}

impl<T: From<i16>> ShortSource<T> for crate::regs::I {
    #[inline(always)]
    unsafe fn get_short(regs: &Regs, at: usize) -> T {
        // SAFETY: by the contract of this function.
        T::from(unsafe { regs.field16(at) } as i16)
    }
}

/// Go to the target that the index selects. Fields: index, -, number of targets;
/// then the targets, two a word, the default last.
pub(crate) struct BranchTable<X>(PhantomData<X>);

impl<X: Source<i32>> Handler for BranchTable<X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; the index is clamped to the last target.
        unsafe {
            let index = X::get(regs, 0) as u32;
            let last = regs.field32(1) - 1;
            let chosen = if index < last { index } else { last };
            regs.jump(*regs.ip.add(2).cast::<i32>().add(chosen as usize))
        }
    }
}

/// Trap. Fields: code.
pub(crate) struct Trap;

impl Handler for Trap {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        Flow::Exit(Status(u32::from(unsafe { regs.field16(0) })))
    }
}

/// Charge fuel. Halves: -, units.
pub(crate) struct Fuel;

/// Words of the [`Fuel`] instruction.
const FUEL_WORDS: usize = 2;

impl Handler for Fuel {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            if !(*regs.cx).store_mut().charge(regs.field32(1).into()) {
                return Flow::OutOfFuel;
            }
            regs.advance(FUEL_WORDS)
        }
    }
}

/// Completes a charge for which too little fuel is left. It is a body of its own, reached by [`Flow::OutOfFuel`], so that charges do not
/// pay for its use of the native stack. It keeps the accumulators: a charge may stand between an operand and its use.
pub(crate) struct OutOfFuel;

impl Handler for OutOfFuel {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; `ip` is at the charge.
        unsafe {
            let status = run::out_of_fuel(regs.cx, regs.field32(1).into());
            if !status.is_returned() {
                return Flow::Exit(status);
            }
            regs.reload_memory();
            regs.advance(FUEL_WORDS)
        }
    }
}

/// Poll the interrupt flag. When its epoch has passed, leaves the dispatch strategy. The code that entered the
/// activation does the rest, and enters the activation again at the next instruction.
pub(crate) struct Epoch;

/// Words of the [`Epoch`] instruction.
pub(crate) const EPOCH_WORDS: usize = 2;

impl Handler for Epoch {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            if (*regs.cx).store_mut().check_epoch() {
                return Flow::Exit(Status::POLLED);
            }
            regs.advance(EPOCH_WORDS)
        }
    }
}

/// Report the state to the monitors. Leaves the dispatch strategy as [`Epoch`] does when its epoch has passed. Halves:
/// function, probe; slots by which everything behind the link is moved up from the frame's layout, -.
pub(crate) struct Probe;

/// Words of the [`Probe`] instruction.
pub(crate) const PROBE_WORDS: usize = 3;

impl Handler for Probe {
    #[inline(always)]
    unsafe fn execute(_: &mut Regs) -> Flow {
        Flow::Exit(Status::POLLED)
    }
}

/// Count. When nothing is left to count, leaves the dispatch strategy, and the code that entered the activation does
/// the rest. Words: address of the counter; offset of the loop's operator, or 0 at the function's entry.
pub(crate) struct Heat;

/// Words of the [`Heat`] instruction.
pub(crate) const HEAT_WORDS: usize = 3;

impl Handler for Heat {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; counters live as long as the module.
        unsafe {
            let counter = &*(regs.word(1) as *const AtomicI32);
            let left = counter.load(Ordering::Relaxed) - 1;
            counter.store(left, Ordering::Relaxed);
            if left <= 0 {
                return Flow::Exit(Status::HOT);
            }
            regs.advance(HEAT_WORDS)
        }
    }
}

/// Leave the interpreter. The outermost frame of an activation returns to this instruction.
pub(crate) struct Halt;

impl Handler for Halt {
    #[inline(always)]
    unsafe fn execute(_: &mut Regs) -> Flow {
        Flow::Exit(Status::RETURNED)
    }
}
