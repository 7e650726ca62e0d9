//! Functions: host functions that see their caller, and calls with errors.

use std::ffi::{c_char, c_void};

use anyhow::Context as _;

use crate::caller::{CallbackWithCaller, Caller, Code};
use crate::failure::{Outcome, outcome};
use crate::info::{Finalizer, Info};
use crate::object::Object;
use crate::standard::func::{call, new};
use crate::store::StoreRef;
use crate::text::name;
use crate::types::ExternType;
use crate::val::Val;
use crate::vector::{Item, Vector};

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_func_new(
    store: Option<&StoreRef>,
    ty: Option<&ExternType>,
    callback: Option<CallbackWithCaller>,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Item<Object> {
    let env = Info::new(env, finalizer);
    new(store?, ty?.func()?, Code::WithCaller(callback?), env)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_func_call(
    func: Option<&Object>,
    args: Option<&Vector<Val>>,
    results: Option<&mut Vector<Val>>,
) -> Outcome {
    let func = func.and_then(Object::func);
    outcome(func.map(|(store, _)| store), || {
        let (store, func) = func.context("this is no function")?;
        // SAFETY: C passes a vector with room for the results, or none.
        unsafe { call(store, func, args, results) }
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_caller_store<'a>(caller: Option<&'a Caller<'_, '_>>) -> Option<&'a StoreRef> {
    caller.map(Caller::store)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_caller_export_get(
    caller: Option<&mut Caller<'_, '_>>,
    export: *const c_char,
    len: usize,
) -> Item<Object> {
    // SAFETY: C passes a name of this length.
    let export = unsafe { name(export, len, "the export's name") }.ok()?;
    caller?.export(export)?.boxed()
}
