//! References and globals.

use std::marker::PhantomData;

use riser_translator::{FuncIndex, GlobalIndex};

use crate::regs::{Flow, Handler, Regs, Source, Target, Value};

/// `dst = src is null`. Fields: dst, src.
pub(crate) struct RefIsNull<D, X>(PhantomData<(D, X)>);

impl<D: Target<i32>, X: Source<i64>> Handler for RefIsNull<D, X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let is_null = X::get(regs, 1) == 0;
            D::put(regs, i32::from(is_null));
            regs.advance(2)
        }
    }
}

/// `dst = ref.func function`. Fields: dst, -, function index.
pub(crate) struct RefFunc;

impl Handler for RefFunc {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let function = (*regs.cx).function(FuncIndex::new(regs.field32(1)));
            regs.write(0, function as u64);
            regs.advance(2)
        }
    }
}

/// `dst = globals[index]`. Fields: dst, -, index.
pub(crate) struct GlobalGet<T, D>(PhantomData<(T, D)>);

impl<T: Value, D: Target<T>> Handler for GlobalGet<T, D> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let bits = (*(*regs.cx).global(GlobalIndex::new(regs.field32(1)))).slots[0];
            D::put(regs, T::from_slot(bits));
            regs.advance(2)
        }
    }
}

/// `globals[index] = src`. Fields: src, -, index.
pub(crate) struct GlobalSet<T, X>(PhantomData<(T, X)>);

impl<T: Value, X: Source<T>> Handler for GlobalSet<T, X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let value = X::get(regs, 0);
            (*(*regs.cx).global(GlobalIndex::new(regs.field32(1)))).slots[0] = value.to_slot();
            regs.advance(2)
        }
    }
}
