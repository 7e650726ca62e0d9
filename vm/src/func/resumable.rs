//! Resumable calls: when a host function fails, the call stops there, and can go on with results that the host gives instead.

use std::fmt;
use std::marker::PhantomData;

use anyhow::{Context as _, Error, Result};

use super::own_stack::{OwnStackCall, Stop};
use super::slots::SlotList;
use super::{Func, TypedFunc, WasmParams, WasmResults, check_result_count};
use crate::store::hooks::on_call;
use crate::{AsContextMut, CallHook, StoreContextMut, Val};

/// How far a resumable call has got.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResumableCall {
    /// It has ended; its results are where they were asked for.
    Finished,
    /// It has stopped because a host function failed.
    HostTrap(ResumableCallHostTrap),
}

/// A call that has stopped because a host function failed.
///
/// The store can be used in the meantime, also for other calls. If this is dropped, the call has ended. It can be dropped on any
/// thread, and after its store, but go on only on the thread that it was begun on.
pub struct ResumableCallHostTrap {
    call: Running,
    stop: Stop,
}

impl ResumableCallHostTrap {
    /// The host function that has failed.
    pub fn host_func(&self) -> Func {
        Func::from_address(self.call.func.store(), self.stop.host)
    }

    /// Its error.
    pub fn host_error(&self) -> &Error {
        &self.stop.error
    }

    /// Its error. The call has ended with that.
    pub fn into_host_error(self) -> Error {
        self.stop.error
    }

    /// Goes on with the call as if the host function had returned `inputs`. The results of the call are left in `outputs` when it has
    /// ended.
    ///
    /// # Errors
    ///
    /// If the call traps, or fails otherwise; if number or types of `inputs` are not those of the host function's results, or the
    /// number of `outputs` is not that of the called function's; if this is not the thread that the call was begun on.
    ///
    /// # Panics
    ///
    /// If the store is not the one of the call, or if a host function panics.
    pub fn resume(self, mut store: impl AsContextMut, inputs: &[Val], outputs: &mut [Val]) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        let mut call = self.with_results(&store, inputs)?;
        check_result_count(&call.func, store.core(), outputs)?;
        Ok(match call.run(&mut store)? {
            Some(stop) => ResumableCall::HostTrap(ResumableCallHostTrap { call, stop }),
            None => call.finish(&store, outputs),
        })
    }

    /// The call, with results of the host function.
    fn with_results<T>(self, store: &StoreContextMut<'_, T>, inputs: &[Val]) -> Result<Running> {
        let host = self.host_func();
        let ResumableCallHostTrap { mut call, stop } = self;
        call.stacks.check(store.core())?;
        let ty = host.ty_ref(store.core());
        // SAFETY: the call has stopped there.
        let slots = unsafe { call.stacks.slots_of(&stop) };
        Val::all_to_slots(inputs, host.store(), ty.results(), slots)
            .context("these are not results of the host function that the call has stopped at")?;
        Ok(call)
    }
}

impl fmt::Debug for ResumableCallHostTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ResumableCallHostTrap");
        out.field("host_error", self.host_error()).field("host_func", &self.host_func()).finish_non_exhaustive()
    }
}

/// A call that is about to begin, or to go on.
struct Running {
    stacks: Box<OwnStackCall>,
    func: Func,
}

impl Running {
    /// A call of a function of the store.
    fn new<T>(store: &mut StoreContextMut<'_, T>, func: Func) -> Result<Running> {
        let address = func.0.address(store.core());
        // SAFETY: the function is one of the store.
        let stacks = unsafe { OwnStackCall::new(store.core_ptr(), address) }?;
        Ok(Running { stacks: Box::new(stacks), func })
    }

    /// Runs until the call ends, or stops.
    fn run<T>(&mut self, store: &mut StoreContextMut<'_, T>) -> Result<Option<Stop>> {
        let core = store.core_ptr();
        // SAFETY: the store is borrowed exclusively, and is that of the call, which has arguments or results in its slots and is new, or
        // was checked.
        unsafe {
            // The call's slots are on a stack of its own.
            let free = (*core.as_ptr()).context.stack_top;
            on_call(core, CallHook::CallingWasm, free)?;
            let stop = self.stacks.go_on(core);
            on_call(core, CallHook::ReturningFromWasm, free)?;
            stop
        }
    }

    /// Reads the results of the call, which has ended.
    fn finish<T>(mut self, store: &StoreContextMut<'_, T>, outputs: &mut [Val]) -> ResumableCall {
        let ty = self.func.ty_ref(store.core());
        Val::all_from_slots(outputs, self.func.store(), ty.results(), self.stacks.slots());
        ResumableCall::Finished
    }
}

impl Func {
    /// As [`Func::call`], except that the call stops when a host function that its code calls returns an error, and can go on later. An
    /// exception that the host function throws is none. Traps end the call, also that of the fuel's end.
    ///
    /// The call has stacks of its own, of the sizes that the [configuration](crate::Config) gives to those of a store. Within an
    /// ordinary call that a host function makes, nothing stops.
    ///
    /// # Errors
    ///
    /// As for [`Func::call`], except for errors of host functions; if the system has no room for the stacks; if the engine has
    /// [monitors](crate::Config::monitor) of host functions.
    ///
    /// # Panics
    ///
    /// As for [`Func::call`].
    pub fn call_resumable(
        &self,
        mut store: impl AsContextMut,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        let mut call = Running::new(&mut store, *self)?;
        check_result_count(self, store.core(), results)?;
        let ty = self.ty_ref(store.core());
        Val::all_to_slots(params, self.store(), ty.params(), call.stacks.slots())
            .context("arguments do not match the function's type")?;
        Ok(match call.run(&mut store)? {
            Some(stop) => ResumableCall::HostTrap(ResumableCallHostTrap { call, stop }),
            None => call.finish(&store, results),
        })
    }
}

/// As [`ResumableCall`], of a [`TypedFunc`].
#[derive(Debug)]
#[non_exhaustive]
pub enum TypedResumableCall<Results> {
    /// It has ended, with these results.
    Finished(Results),
    /// It has stopped because a host function failed.
    HostTrap(TypedResumableCallHostTrap<Results>),
}

/// As [`ResumableCallHostTrap`], of a [`TypedFunc`].
pub struct TypedResumableCallHostTrap<Results> {
    inner: ResumableCallHostTrap,
    results: PhantomData<fn() -> Results>,
}

impl<Results: WasmResults> TypedResumableCallHostTrap<Results> {
    /// The host function that has failed.
    pub fn host_func(&self) -> Func {
        self.inner.host_func()
    }

    /// Its error.
    pub fn host_error(&self) -> &Error {
        self.inner.host_error()
    }

    /// Its error. The call has ended with that.
    pub fn into_host_error(self) -> Error {
        self.inner.into_host_error()
    }

    /// Goes on with the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// As for [`ResumableCallHostTrap::resume`].
    ///
    /// # Panics
    ///
    /// As for [`ResumableCallHostTrap::resume`].
    pub fn resume(self, mut store: impl AsContextMut, inputs: &[Val]) -> Result<TypedResumableCall<Results>> {
        let mut store = store.as_context_mut();
        self.inner.with_results(&store, inputs)?.run_typed(&mut store)
    }
}

impl<Results> fmt::Debug for TypedResumableCallHostTrap<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Running {
    /// Runs until the call, of a function with these results, ends, or stops.
    fn run_typed<T, Results: WasmResults>(
        mut self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Result<TypedResumableCall<Results>> {
        Ok(match self.run(store)? {
            Some(stop) => {
                let inner = ResumableCallHostTrap { call: self, stop };
                TypedResumableCall::HostTrap(TypedResumableCallHostTrap { inner, results: PhantomData })
            }
            None => {
                TypedResumableCall::Finished(<Results as SlotList>::from_slots(self.func.store(), self.stacks.slots()))
            }
        })
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// As [`Func::call_resumable`].
    ///
    /// # Errors
    ///
    /// As for [`Func::call_resumable`].
    ///
    /// # Panics
    ///
    /// As for [`Func::call_resumable`].
    pub fn call_resumable(&self, mut store: impl AsContextMut, params: Params) -> Result<TypedResumableCall<Results>> {
        let mut store = store.as_context_mut();
        let mut call = Running::new(&mut store, *self.func())?;
        params.into_slots(call.func.store(), call.stacks.slots())?;
        call.run_typed(&mut store)
    }
}
