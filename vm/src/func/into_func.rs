//! Rust closures as host functions.

use riser_translator::FuncType;

use super::host::{Caller, HostFunc};
use super::slots::{SlotList, WasmRet, WasmTy, for_each_arity};
use crate::Engine;

/// A Rust closure that can be a host function: it takes up to 17 [`WasmTy`] parameters, after a
/// [`Caller`] if it wants one, and returns a [`WasmRet`].
///
/// `Params` and `Results` only tell the implementations apart; they are inferred.
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_host_func(self, engine: &Engine) -> HostFunc;
}

fn func_type<Params: SlotList, Ret: WasmRet>() -> FuncType {
    FuncType::new(Params::TYPES.iter().copied(), <Ret::Values as SlotList>::TYPES.iter().copied())
}

/// `impl IntoFunc<T, (A, B), R> for F where F: Fn(A, B) -> R`, with and without a caller.
macro_rules! closures {
    ($(($($A:ident $at:tt),*))*) => {$(
        impl<T, Func, $($A,)* Ret> IntoFunc<T, ($($A,)*), Ret> for Func
        where
            T: 'static,
            Func: Fn($($A),*) -> Ret + Send + Sync + 'static,
            $($A: WasmTy,)*
            Ret: WasmRet,
        {
            fn into_host_func(self, engine: &Engine) -> HostFunc {
                let ty = func_type::<($($A,)*), Ret>();
                HostFunc::new(engine, ty, move |caller: Caller<'_, T>, mut slots| {
                    let id = caller.store_id();
                    let params = <($($A,)*) as SlotList>::from_slots(id, slots.get());
                    // There may be none.
                    let _ = &params;
                    self($(params.$at),*).into_result()?.into_slots(id, slots.get())
                })
            }
        }

        impl<T, Func, $($A,)* Ret> IntoFunc<T, (Caller<'_, T>, $($A,)*), Ret> for Func
        where
            T: 'static,
            Func: Fn(Caller<'_, T>, $($A),*) -> Ret + Send + Sync + 'static,
            $($A: WasmTy,)*
            Ret: WasmRet,
        {
            fn into_host_func(self, engine: &Engine) -> HostFunc {
                let ty = func_type::<($($A,)*), Ret>();
                HostFunc::new(engine, ty, move |caller: Caller<'_, T>, mut slots| {
                    let id = caller.store_id();
                    let params = <($($A,)*) as SlotList>::from_slots(id, slots.get());
                    // There may be none.
                    let _ = &params;
                    self(caller, $(params.$at),*).into_result()?.into_slots(id, slots.get())
                })
            }
        }
    )*};
}

closures!(());
for_each_arity!(closures);
