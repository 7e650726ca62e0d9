//! Keeps the entry of each function up to date, and so decides which code it runs.
//!
//! A function's entry is one of:
//!
//! * the register interpreter's: for instances in its mode, for functions that the mode's tier does not take, and in
//!   the mode `multi-tier` for functions that have not tiered up ([`hot`]);
//! * [`lazy_entry`]: for instances in a tier's mode, until the function's first call;
//! * the tier's own, from then on.
//!
//! Every function also has the register interpreter's code, or the stub that makes it, so that it can return to the
//! interpreter at any time.

mod hot;
mod queue;
mod speculation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use riser_tiers_core::policy::TierEventKind;
use riser_tiers_core::{Bailout, Context, FramePc, FuncInst, Mode, NativeTarget, Status, StoreContext, TierCode};
use riser_translator::module::ModuleInfo;
use riser_translator::{DefinedFuncIndex, FuncIndex};

use crate::func::HostInstance;
use crate::func::call::{raise, settle};
use crate::instance::InstanceData;
use crate::module::{CodePosition, Part};
use crate::store::StoreCore;
use crate::{Compilation, Module, monitor, observe};

use hot::hot;
pub(crate) use hot::{TierUpJob, hot_native};
pub(crate) use queue::CompileQueue;
pub(crate) use speculation::Guess;

/// The functions that the register interpreter calls in the VM.
pub(crate) const INTERPRETER: &riser_interp::Callbacks = &riser_interp::Callbacks {
    translate: translate_function,
    find_code: find_frame,
    find_handler,
    polled: observe::polled_at,
    probed: monitor::probed_at,
    hot,
};

/// Makes the function run in its instance's mode.
pub(crate) fn assign(instance: &InstanceData, func: &FuncInst) {
    let module = instance.module();
    func.forget_native();
    func.tier_data.set(ptr::null());
    func.entry.set(match module.tier_number(instance.mode()) {
        Some(_) => lazy_entry,
        None => riser_interp::ENTRY,
    });
    let defined = func.defined_index(module.info());
    let tiers_up = instance.mode() == Mode::MultiTier;
    func.code.set(interpreted(module, defined, tiers_up));
    if tiers_up && let Some((step, code)) = highest(module, 0, defined) {
        promote(func, step, code);
    }
}

/// Returns the highest step from `from` on that has code of a function.
fn highest(module: &Module, from: usize, defined: DefinedFuncIndex) -> Option<(usize, &TierCode)> {
    let steps = module.engine().steps().iter().enumerate().skip(from).rev();
    let mut codes =
        steps.filter_map(|(step, it)| Some((step, module.existing_tier_code(it.row, defined)?.as_ref().ok()?)));
    codes.next()
}

/// Makes the function run in the code of a step's tier from its next call on. Returns whether that is a change.
fn promote(func: &FuncInst, step: usize, code: &TierCode) -> bool {
    if func.tier_data.get() == code.data_address() {
        return false;
    }
    set_tier_code(func, code);
    // SAFETY: an instance outlives its functions.
    if let Some(instance) = unsafe { InstanceData::of(func) } {
        let module = instance.module();
        func.code.set(riser_interp::native_code(module.engine().config().dispatch));
        let defined = func.defined_index(module.info());
        hot::tell(module, step, defined, Part::Function, TierEventKind::Entered);
    }
    true
}

fn set_tier_code(func: &FuncInst, code: &TierCode) {
    func.tier_data.set(code.data_address());
    func.entry.set(code.entry);
    if !code.native.0.is_null() {
        func.native.set(code.native.0);
        func.native_context.set(func.context.cast_const().cast());
    }
}

/// The entry of functions that the tier of their mode has not compiled yet.
unsafe extern "C" fn lazy_entry(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: by the contract of `SlotEntry`; the entry that is called now is not this one any more.
    unsafe {
        let status = prepare(callee);
        if !status.is_returned() {
            return status;
        }
        ((*callee).entry.get())(callee, caller, slots)
    }
}

/// Replaces [`lazy_entry`], if it is the function's entry, by the entry of its instance's mode.
///
/// # Safety
///
/// `func` is a function of a living store, none of whose contexts is borrowed.
pub(crate) unsafe fn prepare(func: *const FuncInst) -> Status {
    // SAFETY: `func` is a function of a living store, none of whose contexts is borrowed.
    let func = unsafe { &*func };
    if func.entry.get() as usize != lazy_entry as *const () as usize {
        return Status::RETURNED;
    }
    // SAFETY: an instance outlives its functions.
    let Some(instance) = (unsafe { InstanceData::of(func) }) else { return Status::RETURNED };
    // SAFETY: as above.
    unsafe { done(func, || compile(instance, func)) }
}

fn compile(instance: &InstanceData, func: &FuncInst) -> anyhow::Result<()> {
    let module = instance.module();
    let code = match module.tier_number(instance.mode()) {
        Some(tier) => {
            let defined = func.defined_index(module.info());
            if module.engine().config().compilation == Compilation::Speculative {
                speculation::called(module, tier, defined);
            }
            match module.tier_code(tier, defined)? {
                Ok(code) => Some(code),
                Err(why @ Bailout::NoMemory(_)) => return Err(why.clone().into()),
                Err(_) => None,
            }
        }
        None => None,
    };
    match code {
        Some(code) => set_tier_code(func, code),
        None => {
            func.entry.set(riser_interp::ENTRY);
            func.code.set(interpreted(module, func.defined_index(module.info()), false));
        }
    }
    Ok(())
}

/// Returns what a function's `code` is while it runs in the register interpreter: its code, or the stub that makes it.
fn interpreted(module: &Module, defined: DefinedFuncIndex, counted: bool) -> *const u64 {
    match module.existing_code(defined, counted) {
        Some(code) => code.entry(),
        None => riser_interp::lazy_code(module.engine().config().dispatch),
    }
}

/// Makes calls by the register interpreter's code of an instance in the mode of a tier go to the tier, too. That code calls
/// functions of its module without a look at their entries.
pub(crate) fn leave_interpreter(instance: &InstanceData) {
    let dispatch = instance.module().engine().config().dispatch;
    for func in instance.defined().iter().filter(|func| func.entry.get() as usize != riser_interp::ENTRY as usize) {
        func.code.set(riser_interp::native_code(dispatch));
    }
}

/// Returns what machine code has to call for a function that it calls for the first time: the function's code, or the
/// bridge to it.
///
/// # Safety
///
/// As for [`prepare`].
pub(crate) unsafe fn resolve_native(func: *const FuncInst) -> NativeTarget {
    // SAFETY: as `prepare` requires, by the contract of this function. An error stays in flight; the call through the
    // bridge meets it again.
    unsafe {
        let _ = prepare(func);
        let func = &*func;
        if func.native.get() == FuncInst::UNRESOLVED {
            let (engine, ty) = match InstanceData::of(func) {
                Some(instance) => (instance.module().engine(), instance.module().info().func_type(func.func_index())),
                None => {
                    let host = HostInstance::of(func);
                    (host.engine(), host.ty())
                }
            };
            match engine.bridge(ty) {
                Ok(bridge) => func.native.set(bridge.0),
                Err(error) => {
                    raise(&mut *func.store, error);
                    return NativeTarget { code: FuncInst::FAIL, context: ptr::null() };
                }
            }
        }
        NativeTarget { code: func.native.get(), context: func.native_context.get() }
    }
}

/// Returns the function with an index in a module, in any instance of the store; null if there is none.
///
/// # Safety
///
/// The store is alive, and none of its contexts is borrowed.
pub(crate) unsafe fn find_function(
    store: *mut StoreContext,
    module: &Arc<ModuleInfo>,
    index: FuncIndex,
) -> *const FuncInst {
    // SAFETY: the store is alive, and none of its contexts is borrowed; the owner of a store's context is the store.
    unsafe {
        let core = &*(*store).owner.cast::<StoreCore>();
        let found = core.objects.by_module.get(&Arc::as_ptr(module));
        found.map_or(ptr::null(), |it| (*it.first.as_ptr()).context.function(index))
    }
}

/// Ensures that the function has the register interpreter's code.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose contexts is borrowed.
unsafe fn translate_function(func: *const FuncInst) -> Status {
    // SAFETY: by the contract of this function; an instance outlives its functions.
    unsafe {
        let func = &*func;
        let Some(instance) = InstanceData::of(func) else { return Status::RETURNED };
        let module = instance.module();
        let tiers_up = instance.mode() == Mode::MultiTier;
        done(func, || {
            let code = module.code(func.defined_index(module.info()), tiers_up)?;
            func.code.set(code.entry());
            Ok(())
        })
    }
}

/// Does `work`, which makes code, and returns the status for its outcome. An error, or the panic of a monitor that is asked
/// where it attaches, is put in flight.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose contexts is borrowed.
unsafe fn done(func: &FuncInst, work: impl FnOnce() -> anyhow::Result<()>) -> Status {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    // SAFETY: by the contract of this function.
    settle(unsafe { (*func.context).store_mut() }, outcome)
}

/// Finds the function of the module of `context`'s instance whose code has an instruction at `ip`, and that
/// instruction's position in the code.
///
/// # Safety
///
/// `context` is that of an instance of a living store.
pub(crate) unsafe fn find_code(context: *const Context, ip: *const u64) -> Option<(*const FuncInst, CodePosition)> {
    // SAFETY: `context` is that of an instance of a living store; the owner of a context is its instance.
    unsafe {
        let instance = &*(*context).owner.cast::<InstanceData>();
        let (defined, at) = instance.module().find_code(ip)?;
        Some(((*context).defined.add(defined.index()), at))
    }
}

/// As [`find_code`], with the position in the form of a backtrace's frame.
///
/// # Safety
///
/// As for [`find_code`].
unsafe fn find_frame(context: *const Context, ip: *const u64) -> Option<(*const FuncInst, FramePc)> {
    // SAFETY: `context` is that of an instance of a living store.
    let (func, CodePosition { counted, word }) = unsafe { find_code(context, ip) }?;
    Some((func, FramePc::Code { counted, word }))
}

/// Finds the function of the module of `context`'s instance whose code has an instruction at `ip`, and the clause of that code
/// that handles the exception in flight there, with the start of the code.
///
/// # Safety
///
/// As for [`find_code`]; an exception is in flight.
unsafe fn find_handler(context: *const Context, ip: *const u64) -> Option<riser_interp::Passed> {
    // SAFETY: `context` is that of an instance of a living store, in which an exception is in flight.
    unsafe {
        let (func, CodePosition { counted, word }) = find_code(context, ip)?;
        let module = (*(*context).owner.cast::<InstanceData>()).module();
        let defined = (*func).defined_index(module.info());
        let code = module.existing_code(defined, counted)?;
        let clause = code.handlers().and_then(|handlers| handlers.find(word, |tag| (*context).catches(tag)));
        Some(riser_interp::Passed { func, handler: clause.map(|clause| (code.entry(), *clause)) })
    }
}

/// Makes all functions of an instance run in `mode`, which the engine supports.
pub(crate) fn set_mode(instance: &InstanceData, mode: Mode) {
    instance.mode_cell().set(mode);
    for func in instance.defined() {
        assign(instance, func);
    }
}
