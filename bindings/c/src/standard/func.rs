//! Functions.

use std::ffi::c_void;

use anyhow::{Context as _, Result};
use riser::{Func, FuncType};

use crate::Trapped;
use crate::caller::{Callback, CallbackWithEnv, Code, host_func};
use crate::failure::attempt;
use crate::info::{Finalizer, Info};
use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::types::ExternType;
use crate::val::{Val, get_all};
use crate::vector::{Item, Vector};

/// A host function.
pub fn new(store: &StoreRef, ty: FuncType, code: Code, env: Info) -> Item<Object> {
    let call = host_func(&ty, code, env);
    let func = attempt(None, || Ok(Func::new(store.context(), ty, call))).ok()?;
    Object::InStore(store.clone(), Entity::Func(func)).boxed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_new(
    store: Option<&StoreRef>,
    ty: Option<&ExternType>,
    callback: Option<Callback>,
) -> Item<Object> {
    new(store?, ty?.func()?, Code::Plain(callback?), Info::default())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_new_with_env(
    store: Option<&StoreRef>,
    ty: Option<&ExternType>,
    callback: Option<CallbackWithEnv>,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Item<Object> {
    let env = Info::new(env, finalizer);
    new(store?, ty?.func()?, Code::WithEnv(callback?), env)
}

/// The type of the function that this is.
fn ty(func: Option<&Object>) -> Option<FuncType> {
    let (store, func) = func?.func()?;
    Some(func.ty(store.context()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_func_type(func: Option<&Object>) -> Item<ExternType> {
    ty(func).map(|ty| Box::new(ty.into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_func_param_arity(func: Option<&Object>) -> usize {
    ty(func).map_or(0, |ty| ty.params().len())
}

#[unsafe(no_mangle)]
extern "C" fn wasm_func_result_arity(func: Option<&Object>) -> usize {
    ty(func).map_or(0, |ty| ty.results().len())
}

/// Calls a function. The results are as many as the vector has room for, and it has to have room for all.
///
/// # Errors
///
/// If this is no function, or not called with values of its types, or if the call fails.
///
/// # Safety
///
/// The vector of results has as much room as it says.
pub unsafe fn call(
    store: &StoreRef,
    func: Func,
    args: Option<&Vector<Val>>,
    results: Option<&mut Vector<Val>>,
) -> Result<()> {
    // C may delete the function in a host function, and with it this reference to the store.
    let store = &store.clone();
    let args = get_all(args.map_or(&[], Vector::as_slice))?;
    let count = func.ty(store.context()).results().len();
    let mut none = Vector::default();
    let results = results.unwrap_or(&mut none);
    anyhow::ensure!(
        results.size() >= count,
        "the function has {count} results, but there is room for {}",
        results.size()
    );
    let mut values = vec![riser::Val::I32(0); count];
    func.call(store.context(), &args, &mut values)?;
    // SAFETY: by the contract of this function.
    unsafe { results.fill(values.into_iter().map(|value| Val::new(store, value))) };
    Ok(())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_func_call(
    func: Option<&Object>,
    args: Option<&Vector<Val>>,
    results: Option<&mut Vector<Val>>,
) -> Trapped {
    let store = func.and_then(Object::func).map(|(store, _)| store);
    let outcome = attempt(store, || {
        let (store, func) = func.and_then(Object::func).context("there is no function to call")?;
        // SAFETY: C passes a vector with room for the results, or none.
        unsafe { call(store, func, args, results) }
    });
    outcome.err().map(|failure| Box::new(Object::Trap(failure)))
}
