//! Resumable calls: when a host function fails, the call stops there, and can go on with results that the host gives instead. When its
//! fuel is used up, it stops, too, and can go on when there is more.

use std::fmt;
use std::marker::PhantomData;

use anyhow::{Context as _, Error, Result};

use super::own_stack::{Go, HostStop, Kind, OwnStackCall, Stop};
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
    /// It has stopped because its fuel is used up.
    OutOfFuel(ResumableCallOutOfFuel),
}

/// A call that has stopped because a host function failed.
///
/// The store can be used in the meantime, also for other calls, and the call can go on in another thread. If this is dropped, the call
/// has ended; the store may be gone by then.
pub struct ResumableCallHostTrap {
    call: Running,
    stop: HostStop,
}

/// A call that has stopped because its fuel is used up. It is otherwise as a [`ResumableCallHostTrap`].
pub struct ResumableCallOutOfFuel {
    call: Running,
    required: u64,
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
    /// number of `outputs` is not that of the called function's.
    ///
    /// # Panics
    ///
    /// If the store is not the one of the call, or if a host function panics.
    pub fn resume(self, mut store: impl AsContextMut, inputs: &[Val], outputs: &mut [Val]) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        let call = self.with_results(&store, inputs)?;
        call.run_untyped(&mut store, outputs)
    }

    /// The call, with results of the host function.
    fn with_results<T>(self, store: &StoreContextMut<'_, T>, inputs: &[Val]) -> Result<Running> {
        let host = self.host_func();
        let ResumableCallHostTrap { mut call, stop } = self;
        call.stacks.check(store.core());
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

impl ResumableCallOutOfFuel {
    /// The least fuel with which the call goes on: what its code charges next.
    pub fn required_fuel(&self) -> u64 {
        self.required
    }

    /// Goes on with the call. If the store still has less fuel than is [required](ResumableCallOutOfFuel::required_fuel), the call stops
    /// again at once. The results of the call are left in `outputs` when it has ended.
    ///
    /// # Errors
    ///
    /// If the call traps, or fails otherwise; if the number of `outputs` is not that of the called function's results.
    ///
    /// # Panics
    ///
    /// If the store is not the one of the call, or if a host function panics.
    pub fn resume(self, mut store: impl AsContextMut, outputs: &mut [Val]) -> Result<ResumableCall> {
        let mut store = store.as_context_mut();
        self.call.stacks.check(store.core());
        self.call.run_untyped(&mut store, outputs)
    }
}

impl fmt::Debug for ResumableCallOutOfFuel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumableCallOutOfFuel").field("required_fuel", &self.required).finish_non_exhaustive()
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
        let stacks = unsafe { OwnStackCall::new(store.core_ptr(), address, Kind::Resumable) }?;
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
            let stop = self.stacks.go_on(core, Go::On);
            on_call(core, CallHook::ReturningFromWasm, free)?;
            stop
        }
    }

    /// Runs until the call ends, or stops. The results are left in `outputs` when it has ended.
    fn run_untyped<T>(mut self, store: &mut StoreContextMut<'_, T>, outputs: &mut [Val]) -> Result<ResumableCall> {
        check_result_count(&self.func, store.core(), outputs)?;
        Ok(match self.run(store)? {
            Some(Stop::Host(stop)) => ResumableCall::HostTrap(ResumableCallHostTrap { call: self, stop }),
            Some(Stop::Fuel(required)) => ResumableCall::OutOfFuel(ResumableCallOutOfFuel { call: self, required }),
            #[cfg(feature = "async")]
            Some(Stop::Waiting) => unreachable!("only futures wait"),
            None => {
                let ty = self.func.ty_ref(store.core());
                Val::all_from_slots(outputs, self.func.store(), ty.results(), self.stacks.slots());
                ResumableCall::Finished
            }
        })
    }
}

impl Func {
    /// As [`Func::call`], except that the call stops when a host function that its code calls returns an error, or when its fuel is used
    /// up, and can go on later. An exception that the host function throws is no error. Traps end the call.
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
        let ty = self.ty_ref(store.core());
        Val::all_to_slots(params, self.store(), ty.params(), call.stacks.slots())
            .context("arguments do not match the function's type")?;
        call.run_untyped(&mut store, results)
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
    /// It has stopped because its fuel is used up.
    OutOfFuel(TypedResumableCallOutOfFuel<Results>),
}

/// As [`ResumableCallHostTrap`], of a [`TypedFunc`].
pub struct TypedResumableCallHostTrap<Results> {
    inner: ResumableCallHostTrap,
    results: PhantomData<fn() -> Results>,
}

/// As [`ResumableCallOutOfFuel`], of a [`TypedFunc`].
pub struct TypedResumableCallOutOfFuel<Results> {
    inner: ResumableCallOutOfFuel,
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

impl<Results: WasmResults> TypedResumableCallOutOfFuel<Results> {
    /// The least fuel with which the call goes on: what its code charges next.
    pub fn required_fuel(&self) -> u64 {
        self.inner.required_fuel()
    }

    /// Goes on with the call.
    ///
    /// # Errors
    ///
    /// As for [`ResumableCallOutOfFuel::resume`].
    ///
    /// # Panics
    ///
    /// As for [`ResumableCallOutOfFuel::resume`].
    pub fn resume(self, mut store: impl AsContextMut) -> Result<TypedResumableCall<Results>> {
        let mut store = store.as_context_mut();
        self.inner.call.stacks.check(store.core());
        self.inner.call.run_typed(&mut store)
    }
}

impl<Results> fmt::Debug for TypedResumableCallOutOfFuel<Results> {
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
            Some(Stop::Host(stop)) => {
                let inner = ResumableCallHostTrap { call: self, stop };
                TypedResumableCall::HostTrap(TypedResumableCallHostTrap { inner, results: PhantomData })
            }
            Some(Stop::Fuel(required)) => {
                let inner = ResumableCallOutOfFuel { call: self, required };
                TypedResumableCall::OutOfFuel(TypedResumableCallOutOfFuel { inner, results: PhantomData })
            }
            #[cfg(feature = "async")]
            Some(Stop::Waiting) => unreachable!("only futures wait"),
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
