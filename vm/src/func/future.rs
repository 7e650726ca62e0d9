//! Calls as futures, and host functions that are futures.
//!
//! A call of [`Func::call_async`] has stacks of its own ([`super::own_stack`]), and runs on them while its future is polled. A host
//! function that is a future is polled there, too, by its entry. If that has to wait, the call is suspended, and the poll of the call's
//! future ends; the next poll goes on in the entry, which polls again. What the future of the host function is woken by is what the
//! call's future was polled with.
//!
//! No runtime is needed: whoever polls is the executor.
//!
//! # What is dropped with a call
//!
//! A future that is dropped before its end goes on one last time ([`Go::End`]). What it waits for returns an error then, which ends the
//! call as errors of host functions do: the host function's future is dropped by its entry, on the call's stack, and frames of wasm are
//! left as a trap leaves them. Wasm cannot catch that error, so the call does end. A future that is forgotten keeps its stacks for good;
//! nothing runs on them any more.

use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use anyhow::{Context as _, Result, ensure};
use riser_translator::FuncType;

use super::own_stack::{self, Go, Kind, OwnStackCall};
use super::slots::SlotList;
use super::{Caller, Func, HostFunc, TypedFunc, WasmParams, WasmResults, WasmRet, check_result_count};
use crate::store::StoreCore;
use crate::store::hooks::on_call;
use crate::{AsContextMut, CallHook, Engine, StoreContextMut, Val};

/// A call that runs while it is polled.
pub(crate) struct Calling<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    stacks: Box<OwnStackCall>,
}

impl<'a, T> Calling<'a, T> {
    /// A call of a function of the store, whose arguments are to be put into its slots.
    pub(crate) fn new(mut store: StoreContextMut<'a, T>, func: Func) -> Result<Calling<'a, T>> {
        let address = func.0.address(store.core());
        // SAFETY: the function is one of the store.
        let stacks = unsafe { OwnStackCall::new(store.core_ptr(), address, Kind::Future) }?;
        Ok(Calling { store, stacks: Box::new(stacks) })
    }

    /// Runs the call to its end.
    pub(crate) async fn run(mut self) -> Result<Ended<'a, T>> {
        self.hook(CallHook::CallingWasm)?;
        let result = (&mut self).await;
        self.hook(CallHook::ReturningFromWasm)?;
        result.map(|()| Ended(self))
    }

    fn hook(&mut self, what: CallHook) -> Result<()> {
        let core = self.store.core_ptr();
        // SAFETY: the store is borrowed exclusively; the call's slots are on a stack of its own.
        unsafe { on_call(core, what, (*core.as_ptr()).context.stack_top) }
    }
}

/// A call that has returned; its results are in its slots.
pub(crate) struct Ended<'a, T: 'static>(Calling<'a, T>);

impl<T> Future for Calling<'_, T> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let core = self.store.core_ptr();
        // SAFETY: the store is that of the call, and is borrowed exclusively as long as the future lives. The task is alive during the
        // poll, at whose end the store forgets it.
        match unsafe { self.stacks.go_on(core, Go::Poll(NonNull::from(task).cast())) } {
            Ok(None) => Poll::Ready(Ok(())),
            Ok(Some(_)) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<T> Drop for Calling<'_, T> {
    fn drop(&mut self) {
        let core = self.store.core_ptr();
        // SAFETY: the store is that of the call, and is borrowed exclusively.
        unsafe { self.stacks.end(core) };
    }
}

/// A future of a host function that is waited for on the stack of a call.
///
/// The call may go on in another thread, so code of the host before and after that may not share addresses of thread-local variables
/// ([`super::own_stack`]): none of it is inlined where the call waits.
struct Awaited<'a, R>(Option<Pin<Box<dyn Future<Output = R> + Send + 'a>>>);

impl<'a, R> Awaited<'a, R> {
    #[inline(never)]
    fn new(make: impl FnOnce() -> Box<dyn Future<Output = R> + Send + 'a>) -> Awaited<'a, R> {
        Awaited(Some(Pin::from(make())))
    }

    #[inline(never)]
    fn poll(&mut self, task: &mut Context<'_>) -> Poll<R> {
        self.0.as_mut().map_or(Poll::Pending, |future| future.as_mut().poll(task))
    }
}

impl<R> Drop for Awaited<'_, R> {
    #[inline(never)]
    fn drop(&mut self) {
        self.0 = None;
    }
}

/// Waits, on the stack of a call that is a future, for a future of a host function.
///
/// # Errors
///
/// If the running call is no future; if its future is dropped before the end of the host function's.
///
/// # Safety
///
/// This is called by a host function of the store. No other reference into the store is in use.
unsafe fn wait_for<'a, R>(
    store: NonNull<StoreCore>,
    make: impl FnOnce() -> Box<dyn Future<Output = R> + Send + 'a>,
) -> Result<R> {
    // SAFETY: by the contract of this function. The task is that of the poll of the call's future that is going on.
    unsafe {
        ensure!(
            own_stack::can_wait(store),
            "a host function that is a future can only be called from a call that is one: by `call_async` or `instantiate_async`"
        );
        let mut future = Awaited::new(make);
        loop {
            let Some(task) = own_stack::task(store) else { return Err(own_stack::dropped()) };
            match future.poll(&mut *task.as_ptr()) {
                Poll::Ready(result) => return Ok(result),
                Poll::Pending => own_stack::suspend_until_polled(store)?,
            }
        }
    }
}

/// The host function for a closure that makes futures.
pub(crate) fn host_func_of_futures<T, Params, Ret, F>(engine: &Engine, func: F) -> HostFunc
where
    T: 'static,
    Params: WasmParams,
    Ret: WasmRet,
    F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Ret> + Send + 'a> + Send + Sync + 'static,
{
    let types = [<Params as SlotList>::TYPES, <Ret::Values as SlotList>::TYPES].map(|types| types.iter().copied());
    let [params, results] = types;
    HostFunc::new(engine, FuncType::new(params, results), move |mut caller: Caller<'_, T>, mut slots| {
        let (id, store) = (caller.store_id(), caller.as_context_mut().core_ptr());
        let params = <Params as SlotList>::from_slots(id, slots.get());
        // SAFETY: the caller has the store, and whoever has the caller is polled.
        let result = unsafe { wait_for(store, || func(caller, params)) }?;
        result.into_result()?.into_slots(id, slots.get())
    })
}

/// The host function for a closure over values that makes futures.
pub(crate) fn host_func_of_value_futures<T, F>(engine: &Engine, ty: FuncType, func: F) -> HostFunc
where
    T: 'static,
    F: for<'a> Fn(Caller<'a, T>, &'a [Val], &'a mut [Val]) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
        + Send
        + Sync
        + 'static,
{
    super::host_func_of_values(engine, ty, move |mut caller: Caller<'_, T>, params, results| {
        let store = caller.as_context_mut().core_ptr();
        // SAFETY: as above.
        unsafe { wait_for(store, || func(caller, params, results)) }?
    })
}

impl Func {
    /// A host function that is a future, which `func` makes at each call. Its type is that of the closure, whose parameters are one
    /// tuple or an array. Only calls that are futures themselves can call it: [`Func::call_async`], [`crate::Instance::new_async`].
    ///
    /// # Panics
    ///
    /// If the closure takes or returns an array of more than 1000 values.
    pub fn wrap_async<T, F, Params, Ret>(mut store: impl AsContextMut<Data = T>, func: F) -> Func
    where
        T: Send + 'static,
        Params: WasmParams,
        Ret: WasmRet,
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Ret> + Send + 'a> + Send + Sync + 'static,
    {
        let mut store = store.as_context_mut();
        let host = host_func_of_futures(store.engine(), func);
        std::sync::Arc::new(host).instantiate(store.core_mut())
    }

    /// A host function of type `ty` that is a future, which `func` makes at each call, of its arguments and results; see
    /// [`Func::wrap_async`] and [`Func::new`].
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    pub fn new_async<T, F>(mut store: impl AsContextMut<Data = T>, ty: FuncType, func: F) -> Func
    where
        T: Send + 'static,
        F: for<'a> Fn(Caller<'a, T>, &'a [Val], &'a mut [Val]) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        let mut store = store.as_context_mut();
        let host = host_func_of_value_futures(store.engine(), ty, func);
        std::sync::Arc::new(host).instantiate(store.core_mut())
    }

    /// As [`Func::call`], as a future: the call runs while the future is polled, and waits when a host function that is a future waits,
    /// or when the store [yields](crate::Store::epoch_deadline_async_yield_and_update). If the future is dropped before the call's end,
    /// the call ends.
    ///
    /// The call has stacks of its own, of the sizes that the [configuration](crate::Config) gives to those of a store.
    ///
    /// # Errors
    ///
    /// As for [`Func::call`]; if the system has no room for the stacks; if the engine has [monitors](crate::Config::monitor) of host
    /// functions.
    ///
    /// # Panics
    ///
    /// As for [`Func::call`].
    pub async fn call_async(&self, mut store: impl AsContextMut, params: &[Val], results: &mut [Val]) -> Result<()> {
        let store = store.as_context_mut();
        check_result_count(self, store.core(), results)?;
        let mut call = Calling::new(store, *self)?;
        let ty = self.ty_ref(call.store.core());
        Val::all_to_slots(params, self.store(), ty.params(), call.stacks.slots())
            .context("arguments do not match the function's type")?;
        let Ended(mut call) = call.run().await?;
        let ty = self.ty_ref(call.store.core());
        Val::all_from_slots(results, self.store(), ty.results(), call.stacks.slots());
        Ok(())
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// As [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// As for [`Func::call_async`].
    ///
    /// # Panics
    ///
    /// As for [`Func::call_async`].
    pub async fn call_async(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        let mut call = Calling::new(store.as_context_mut(), *self.func())?;
        params.into_slots(self.func().store(), call.stacks.slots())?;
        let Ended(mut call) = call.run().await?;
        Ok(<Results as SlotList>::from_slots(self.func().store(), call.stacks.slots()))
    }
}
