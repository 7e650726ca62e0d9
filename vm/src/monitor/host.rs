//! Calls of host functions, which are reported in every mode: the entry of a host function tells the monitors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::thread;

use riser_tiers_core::{Context, FuncInst, Status, StoreContext};
use riser_translator::{FuncType, MemoryIndex};

use super::Values;
use crate::func::HostInstance;
use crate::func::call::settle;
use crate::instance::InstanceData;
use crate::store::{StoreCore, StoreId};

/// A call of a host function.
pub struct HostCall<'a> {
    name: Option<&'a [Box<str>; 2]>,
    ty: &'a FuncType,
    args: &'a [u64],
    store: StoreId,
    caller: Option<&'a InstanceData>,
}

/// How a call of a host function ended.
#[derive(Clone, Copy, Debug)]
pub enum HostOutcome<'a> {
    /// It returned these results.
    Returned(Values<'a>),
    /// It threw an exception.
    Threw,
    /// It failed, or called something that failed or trapped. The end of a program by `proc_exit` is such an error, too.
    Failed,
    /// It panicked.
    Panicked,
}

impl<'a> HostCall<'a> {
    /// The name of the module that a module of the store has imported the function from, if any has.
    pub fn module(&self) -> Option<&'a str> {
        self.name.map(|[module, _]| &**module)
    }

    /// The name that it has imported it by.
    pub fn name(&self) -> Option<&'a str> {
        self.name.map(|[_, name]| &**name)
    }

    /// The function's type.
    pub fn ty(&self) -> &'a FuncType {
        self.ty
    }

    /// The arguments.
    pub fn args(&self) -> Values<'a> {
        Values::new(self.ty.params(), [self.args, &[]])
    }

    /// A number for the store, which no other store of the process has or had.
    pub fn store(&self) -> u64 {
        self.store.number()
    }

    /// The bytes of a memory of the calling instance. `None` if the host called, if the instance has no such memory, or if
    /// it is shared: other threads may be writing it.
    pub fn memory(&self, memory: MemoryIndex) -> Option<&'a [u8]> {
        // SAFETY: the store's code waits as long as a call is shown to monitors.
        unsafe { super::fire::memory(self.caller?, memory) }
    }
}

/// The entry of host functions in stores whose engine has monitors of them.
///
/// # Safety
///
/// See [`riser_tiers_core::SlotEntry`]; `callee` is a host function.
pub(crate) unsafe extern "C" fn call(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: by the contract of this function. References to the store's parts are not used while the function runs, except
    // those to what never changes.
    unsafe {
        let host = HostInstance::of(&*callee);
        let core: *const StoreCore = host.store().as_ptr();
        let context: *mut StoreContext = (&raw const (*core).context).cast_mut();
        let engine = (*core).engine.clone();
        let monitors = &engine.config().monitors;
        let args = slice::from_raw_parts(slots, (*callee).param_slots as usize).to_vec();
        let owner = (!caller.is_null()).then(|| &*(*caller).owner.cast::<InstanceData>());
        let call = HostCall { name: host.name(), ty: host.ty(), args: &args, store: (*core).id, caller: owner };

        let before = told(|| monitors.tell_call(&call));
        if before.is_err() {
            return settle(&mut *context, before.map(Ok));
        }
        let status = host.run(callee, caller, slots);
        let results = slice::from_raw_parts(slots, (*callee).result_slots as usize);
        let outcome = HostOutcome::of(status, Values::new(call.ty.results(), [results, &[]]));
        match told(|| monitors.tell_return(&call, outcome)) {
            // What the function ended in is dropped: the later panic counts, as in Rust.
            Err(payload) => settle(&mut *context, Err(payload)),
            Ok(()) => status,
        }
    }
}

fn told(tell: impl FnOnce()) -> thread::Result<()> {
    catch_unwind(AssertUnwindSafe(tell))
}

impl<'a> HostOutcome<'a> {
    fn of(status: Status, results: Values<'a>) -> HostOutcome<'a> {
        match status {
            Status::RETURNED => HostOutcome::Returned(results),
            Status::EXCEPTION => HostOutcome::Threw,
            Status::PANIC => HostOutcome::Panicked,
            _ => HostOutcome::Failed,
        }
    }
}
