//! Host functions that C implements.

use std::ffi::c_void;
use std::mem;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use riser::FuncType;

use crate::Trapped;
use crate::info::Info;
use crate::object::{Object, of_extern};
use crate::store::{Data, StoreRef};
use crate::val::{Val, get_all};
use crate::vector::Vector;

/// What a function of C's returns: an owned trap, or null. In a store that is told of endings, anything.
pub type Returned = *mut Object;

/// `wasm_func_callback_t`.
pub type Callback = unsafe extern "C" fn(*const Vector<Val>, *mut Vector<Val>) -> Returned;
/// `wasm_func_callback_with_env_t`.
pub type CallbackWithEnv = unsafe extern "C" fn(*mut c_void, *const Vector<Val>, *mut Vector<Val>) -> Returned;
/// `riser_func_callback_t`.
pub type CallbackWithCaller =
    unsafe extern "C" fn(*mut c_void, *mut Caller<'_, '_>, *const Vector<Val>, *mut Vector<Val>) -> Returned;

/// A function of C's, in one of the forms that it can have.
#[derive(Clone, Copy)]
pub enum Code {
    Plain(Callback),
    WithEnv(CallbackWithEnv),
    WithCaller(CallbackWithCaller),
}

/// `riser_caller_t`: what a host function sees of its caller. It lasts as long as the call.
pub struct Caller<'a, 'b> {
    store: StoreRef,
    caller: &'a mut riser::Caller<'b, Data>,
}

impl Caller<'_, '_> {
    /// The store.
    pub fn store(&self) -> &StoreRef {
        &self.store
    }

    /// The calling instance's export with this name.
    pub fn export(&mut self, name: &str) -> Option<Object> {
        self.caller.get_export(name).map(|item| of_extern(&self.store, item))
    }
}

/// Calls a function of C's that belongs to a store.
///
/// # Errors
///
/// If it ends in a trap, or the store is told of endings and has not been told of this one.
///
/// # Safety
///
/// What `call` returns is what the function returns.
pub unsafe fn call_c(store: &StoreRef, call: impl FnOnce() -> Returned) -> Result<()> {
    store.forget_thrown();
    // That of a function that waits for this one.
    let outer = store.context().data_mut().ending.take();
    let returned = call();
    let (is_told, ending) = {
        let mut store = store.context();
        let data = store.data_mut();
        (data.is_told_endings, mem::replace(&mut data.ending, outer))
    };
    let trap: Trapped = match is_told {
        true => ending.context("a callback has ended without `riser_store_end_callback`")?,
        // SAFETY: by the contract of this function, this is an owned trap, or null.
        false => (!returned.is_null()).then(|| unsafe { Box::from_raw(returned) }),
    };
    let Some(trap) = trap else { return Ok(()) };
    Err(match trap.trap() {
        Some(failure) => {
            if failure.is_thrown() {
                store.context().data_mut().thrown.push(Arc::clone(failure));
            }
            failure.clone().into_error()
        }
        None => anyhow!("a host function has returned an object that is no trap"),
    })
}

/// A host function that calls C's.
pub fn host_func(
    ty: &FuncType,
    code: Code,
    env: Info,
) -> impl Fn(riser::Caller<'_, Data>, &[riser::Val], &mut [riser::Val]) -> Result<()> + Send + Sync + 'static {
    let types: Vec<riser::ValType> = ty.results().to_vec();
    move |mut caller, params, results| {
        let store = caller.data().store().context("the store is being freed")?;
        let args: Vector<Val> = params.iter().map(|&value| Val::new(&store, value)).collect::<Vec<_>>().into();
        let mut outcome: Vector<Val> = types.iter().map(|&ty| Val::zero(ty)).collect::<Vec<_>>().into();
        let mut of_call = Caller { store: store.clone(), caller: &mut caller };
        // SAFETY: C has passed the function for these arguments, and the environment with it.
        unsafe {
            call_c(&store, || match code {
                Code::Plain(code) => code(&raw const args, &raw mut outcome),
                Code::WithEnv(code) => code(env.data(), &raw const args, &raw mut outcome),
                Code::WithCaller(code) => code(env.data(), &raw mut of_call, &raw const args, &raw mut outcome),
            })?;
        }
        let values = get_all(outcome.as_slice()).context("the results of a host function")?;
        ensure!(values.len() == results.len(), "a host function has changed the number of its results");
        results.copy_from_slice(&values);
        Ok(())
    }
}
