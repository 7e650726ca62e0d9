//! Function instances (core spec, section 4.2.6).

use std::cell::Cell;

use riser_translator::module::ModuleInfo;
use riser_translator::{DefinedFuncIndex, FuncIndex};

use crate::{Context, Status, StoreContext};

/// The entry by which code calls a function without knowing its tier.
///
/// `callee` is the function itself, `caller` the context of the calling instance
/// (null when the host calls), `slots` points to the arguments in the value
/// stack and to the results afterwards.
///
/// # Safety
///
/// `slots` lies in the value stack of the callee's store, at or below its limit,
/// and holds arguments of the callee's types.
pub type SlotEntry = unsafe extern "C" fn(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status;

/// A function instance: a function of a module instance, or of the host.
///
/// Its address is its identity: a `funcref` is a pointer to it. It stays where it
/// is until the store is dropped.
#[repr(C)]
#[derive(Debug)]
pub struct FuncInst {
    /// The current entry. Replaced when better code is published or the instance's mode is set.
    pub entry: Cell<SlotEntry>,
    /// The register interpreter's code: its first instruction, or an instruction that
    /// translates the function first. Null for host functions. Belongs to the VM.
    pub code: Cell<*const u64>,
    /// The instance the function belongs to; null for a host function.
    pub context: *mut Context,
    /// The function's own code in the tier that `entry` leads to ([`crate::TierCode::data`]);
    /// for a host function, the VM's closure.
    pub tier_data: Cell<*const ()>,
    /// The function's code in the native calling convention (see the module `native`): what machine code calls.
    /// Null where there is no machine code.
    pub native: Cell<*const u8>,
    /// What `native` takes in place of the context: the instance's context for machine code, else the
    /// function itself.
    pub native_context: Cell<*const ()>,
    /// The store that the function belongs to.
    pub store: *mut StoreContext,
    /// The engine's number of the function's type; two types are equal if and only if their numbers are.
    pub type_id: u32,
    /// The function's index in its module ([`FuncInst::func_index`]); for a host function, in the store's list.
    pub index: u32,
    /// Slots of the parameters.
    pub param_slots: u32,
    /// Slots of the results.
    pub result_slots: u32,
}

/// Code to call in the native convention, and the argument to pass in place of the context.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NativeTarget {
    /// The code.
    pub code: *const u8,
    /// The code's first argument.
    pub context: *const (),
}

impl FuncInst {
    /// The initial value of `native`, which resolves the function at its first native call; null where there is
    /// no machine code.
    pub const UNRESOLVED: *const u8 = {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        {
            crate::native::resolve_function as *const u8
        }
        #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
        {
            std::ptr::null()
        }
    };

    /// Native code that ends the activation with the error in flight; null where there is no machine code.
    pub const FAIL: *const u8 = {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        {
            crate::native::fail as *const u8
        }
        #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
        {
            std::ptr::null()
        }
    };

    /// The index in its module of a function that is not the host's.
    #[inline(always)]
    pub const fn func_index(&self) -> FuncIndex {
        FuncIndex::new(self.index)
    }

    /// The index of a function among those that its module defines.
    ///
    /// # Panics
    ///
    /// If `module`, which is the function's own, does not define it.
    #[inline]
    pub fn defined_index(&self, module: &ModuleInfo) -> DefinedFuncIndex {
        module.defined_function(self.func_index()).expect("a function of an instance is defined by its module")
    }

    /// Resets the function's native code, so that the next native call resolves it again.
    pub fn forget_native(&self) {
        self.native.set(FuncInst::UNRESOLVED);
        self.native_context.set(std::ptr::from_ref(self).cast());
    }

    /// Calls a function of any tier or of the host, and then the functions that its tail calls leave to the
    /// caller.
    ///
    /// # Safety
    ///
    /// See [`SlotEntry`].
    #[inline]
    pub unsafe fn call(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
        // SAFETY: the caller guarantees what `SlotEntry` asks for.
        unsafe {
            let status = ((*callee).entry.get())(callee, caller, slots);
            FuncInst::finish(status, callee, caller, slots)
        }
    }

    /// Calls the functions that tail calls left to the caller of `callee`, after `callee` ended with `status`.
    ///
    /// # Safety
    ///
    /// See [`SlotEntry`].
    #[inline]
    pub unsafe fn finish(mut status: Status, callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
        // SAFETY: the caller guarantees what `SlotEntry` asks for. Only functions of modules end in tail calls.
        unsafe {
            while status == Status::TAIL_CALL {
                let next = (*(*(*callee).context).store).tail_callee;
                status = ((*next).entry.get())(next, caller, slots);
            }
            status
        }
    }

    /// The index of the link's slot in the callee's frame: `max(params, results)`.
    #[inline(always)]
    pub fn link_slot(&self) -> u32 {
        self.param_slots.max(self.result_slots)
    }
}
