//! Numeric instructions, constants, copies and select.

use std::marker::PhantomData;
use std::ptr;

use riser_translator::ops::WideOp;

use crate::handlers::op::{BinaryFn, Operation, UnaryFn};
use crate::regs::{Flow, Handler, Regs, Source, Target, Value, trap_check};

/// `dst = op(lhs, rhs)`. Fields: dst, lhs, rhs; or dst and the operand that is no immediate.
pub(crate) struct Binary<Op, D, L, R>(PhantomData<(Op, D, L, R)>);

impl<Op: BinaryFn, D: Target<Op::Out>, L: Source<Op::In>, R: Source<Op::In>> Handler for Binary<Op, D, L, R> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let lhs = L::get(regs, 1);
            let rhs = R::get(regs, if L::HAS_FIELD { 2 } else { 1 });
            D::put(regs, trap_check!(Op::apply(lhs, rhs)));
            regs.advance(2 + L::WORDS + R::WORDS)
        }
    }
}

/// `dst = op(src)`. Fields: dst, src.
pub(crate) struct Unary<Op, D, X>(PhantomData<(Op, D, X)>);

impl<Op: UnaryFn, D: Target<Op::Out>, X: Source<Op::In>> Handler for Unary<Op, D, X> {
    #[cfg(any(tail_dispatch, feature = "become"))]
    const CONVERTS: bool = true;

    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let operand = X::get(regs, 1);
            D::put(regs, trap_check!(Op::apply(operand)));
            regs.advance(2)
        }
    }
}

/// `dst = imm`, of any type that fits 32 bits. Fields: dst, imm.
pub(crate) struct Const32;

impl Handler for Const32 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            regs.acc = u64::from(regs.field32(1));
            regs.write(0, regs.acc);
            regs.advance(2)
        }
    }
}

/// `dst = word 2`. Fields: dst.
pub(crate) struct Const64;

impl Handler for Const64 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            regs.acc = regs.word(2);
            regs.write(0, regs.acc);
            regs.advance(3)
        }
    }
}

/// `acc = word 2`.
pub(crate) struct ConstAcc<T>(PhantomData<T>);

impl<T: Value> Handler for ConstAcc<T> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            T::set_acc(regs, T::from_slot(regs.word(2)));
            regs.advance(3)
        }
    }
}

/// `dst = src`. Fields: dst, src.
pub(crate) struct Copy64;

impl Handler for Copy64 {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            regs.acc = regs.read(1);
            regs.write(0, regs.acc);
            regs.advance(2)
        }
    }
}

/// `dst = src` between slots with numbers of 32 bits. Halves: dst, src.
pub(crate) struct CopyFar;

impl Handler for CopyFar {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            *regs.slot(regs.field32(0)) = *regs.slot(regs.field32(1));
            regs.advance(2)
        }
    }
}

/// Copies slots. Halves: dst, src; count.
pub(crate) struct CopySlots;

impl Handler for CopySlots {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; both ranges are in the frame, to their ends.
        unsafe {
            let (dst, src) = (regs.slot(regs.field32(0)), regs.slot(regs.field32(1)));
            ptr::copy(src, dst, regs.field32(2) as usize);
            regs.advance(3)
        }
    }
}

/// `dst = cond != 0 ? if_true : if_false`. Fields: dst, cond, if_true, if_false.
pub(crate) struct Select<C>(PhantomData<C>);

impl<C: Source<i32>> Handler for Select<C> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let cond = C::get(regs, 1);
            let (if_true, if_false) = (regs.read(2), regs.read(3));
            regs.acc = if cond != 0 { if_true } else { if_false };
            regs.write(0, regs.acc);
            regs.advance(2)
        }
    }
}

/// `dst` and the slot after it = `op(operands)`. Fields: dst, operands; word 2: the fourth operand.
pub(crate) struct Wide<Op>(PhantomData<Op>);

impl<Op: Operation<WideOp>> Handler for Wide<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let mut operands = [0; WideOp::MOST_OPERANDS];
            for at in 0..Op::OP.operands() {
                let slot = if at < 3 { regs.field_slot(1 + at) } else { regs.slot(*regs.ip.add(2) as u32) };
                operands[at] = *slot;
            }
            let [low, high] = Op::OP.eval(operands);
            let dst = regs.field_slot(0);
            *dst = low;
            *dst.add(1) = high;
            regs.advance(3)
        }
    }
}
