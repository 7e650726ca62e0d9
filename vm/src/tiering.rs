//! Which code a function runs: its entry, kept up to date.
//!
//! A function's entry is one of:
//!
//! * the register interpreter's, for instances in its mode and for functions that the
//!   mode's tier does not take;
//! * [`lazy_entry`], for instances in a tier's mode, until the function's first call;
//! * the tier's own, from then on.
//!
//! Every function also has the register interpreter's code, or an instruction that
//! makes it, so that it can go back there at any time.

use riser_tiers_core::{Context, FuncInst, Mode, Status};
use riser_translator::TranslateError;

use crate::func::call::raise;
use crate::instance::InstanceData;
use crate::interp;

/// Points the function to the code that runs it in its instance's mode.
pub(crate) fn assign(instance: &InstanceData, func: &FuncInst) {
    let module = instance.module();
    func.entry.set(match module.engine().tier_number(instance.mode()) {
        Some(_) => lazy_entry,
        None => interp::ENTRY,
    });
    let defined = func.index - module.info().imported_functions;
    func.code.set(match module.existing_code(defined) {
        Some(code) => code.entry(),
        None => interp::lazy_code(module.engine().config().dispatch),
    });
}

/// The entry of functions that their mode's tier has not compiled yet.
unsafe extern "C" fn lazy_entry(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: by the contract of `SlotEntry`; the entry that is called now is another.
    unsafe {
        let status = prepare(callee);
        if !status.is_returned() {
            return status;
        }
        ((*callee).entry.get())(callee, caller, slots)
    }
}

/// Makes the function's entry the one of its instance's mode, if it is [`lazy_entry`].
///
/// # Safety
///
/// `func` is a function of a living store, none of whose contexts is borrowed.
pub(crate) unsafe fn prepare(func: *const FuncInst) -> Status {
    // SAFETY: by the contract of this function.
    let func = unsafe { &*func };
    if func.entry.get() as usize != lazy_entry as *const () as usize {
        return Status::RETURNED;
    }
    // SAFETY: an instance outlives its functions.
    let Some(instance) = (unsafe { InstanceData::of(func) }) else { return Status::RETURNED };
    // SAFETY: as above.
    unsafe { done(func, compile(instance, func)) }
}

fn compile(instance: &InstanceData, func: &FuncInst) -> Result<(), TranslateError> {
    let module = instance.module();
    let code = match module.engine().tier_number(instance.mode()) {
        Some(tier) => module.tier_code(tier, func.index - module.info().imported_functions)?.as_ref().ok(),
        None => None,
    };
    match code {
        Some(code) => {
            func.tier_data.set(code.data_address());
            func.entry.set(code.entry);
        }
        None => func.entry.set(interp::ENTRY),
    }
    Ok(())
}

/// Makes sure that the function has the register interpreter's code.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose contexts is borrowed.
pub(crate) unsafe fn translate_function(func: *const FuncInst) -> Status {
    // SAFETY: by the contract of this function; an instance outlives its functions.
    unsafe {
        let func = &*func;
        let Some(instance) = InstanceData::of(func) else { return Status::RETURNED };
        let module = instance.module();
        let code = module.code(func.index - module.info().imported_functions);
        done(func, code.map(|code| func.code.set(code.entry())))
    }
}

/// The status for an outcome; an error is put in flight.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose contexts is borrowed.
unsafe fn done(func: &FuncInst, outcome: Result<(), TranslateError>) -> Status {
    match outcome {
        Ok(()) => Status::RETURNED,
        // SAFETY: by the contract of this function.
        Err(error) => raise(unsafe { (*func.context).store_mut() }, error.into()),
    }
}

/// The function of the module of `context`'s instance whose code has an instruction at `ip`, and
/// the instruction's distance in words from the start.
///
/// # Safety
///
/// `context` is that of an instance of a living store.
pub(crate) unsafe fn find_code(context: *const Context, ip: *const u64) -> Option<(*const FuncInst, u32)> {
    // SAFETY: by the contract of this function; the owner of a context is its instance.
    unsafe {
        let instance = &*(*context).owner.cast::<InstanceData>();
        let (defined, word) = instance.module().find_code(ip)?;
        Some(((*context).defined.add(defined as usize), word))
    }
}

/// Makes all functions of an instance run in `mode`, which the engine supports.
pub(crate) fn set_mode(instance: &InstanceData, mode: Mode) {
    instance.mode_cell().set(mode);
    for func in instance.defined() {
        assign(instance, func);
    }
}
