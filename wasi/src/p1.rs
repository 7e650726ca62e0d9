//! The functions of WASI preview 1 as definitions of a linker, by the names that embedders know.

use anyhow::bail;
use riser_vm::{Extern, FuncType, Linker, Result, ValType};

use crate::{FUNCTIONS, GuestMemory, MODULE, UNSTABLE_FUNCTIONS, UNSTABLE_MODULE, ValKind, WasiCtx};

/// The context, by another name that embedders know.
pub type WasiP1Ctx = WasiCtx;

/// Defines every function of [`MODULE`] in `linker`, and those of [`UNSTABLE_MODULE`] for guests of the older version. `get_ctx` finds
/// the guest's context in the store's data.
///
/// The functions work on the memory that the calling instance exports as `memory`. `proc_exit`
/// ends the guest with an error that downcasts to [`Exit`](crate::Exit).
///
/// # Errors
///
/// If one of the names is defined already, and shadowing not allowed.
pub fn add_to_linker_sync<T: 'static>(
    linker: &mut Linker<T>,
    get_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> Result<()> {
    [MODULE, UNSTABLE_MODULE].into_iter().try_for_each(|module| add_module_to_linker(linker, module, get_ctx))
}

/// Defines every function of one of the two modules, [`MODULE`] or [`UNSTABLE_MODULE`], in `linker`, as [`add_to_linker_sync`] does for
/// both.
///
/// # Errors
///
/// If WASI preview 1 has no module of this name; if one of the functions' names is defined already, and shadowing not allowed.
pub fn add_module_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    module: &str,
    get_ctx: impl Fn(&mut T) -> &mut WasiCtx + Send + Sync + Copy + 'static,
) -> Result<()> {
    let functions = match module {
        MODULE => FUNCTIONS,
        UNSTABLE_MODULE => UNSTABLE_FUNCTIONS,
        _ => bail!("WASI preview 1 has the modules `{MODULE}` and `{UNSTABLE_MODULE}`, and no `{module}`"),
    };
    for function in functions {
        let ty = FuncType::new(val_types(function.params), val_types(function.results));
        linker.func_raw(module, function.name, ty, move |mut caller, slots| {
            let memory = caller.get_export("memory");
            let (memory, data) = match &memory {
                Some(Extern::Memory(memory)) => {
                    let (bytes, data) = memory.data_and_store_mut(&mut caller);
                    (GuestMemory::Unshared(bytes), data)
                }
                Some(Extern::SharedMemory(memory)) => (GuestMemory::Shared(memory.data()), caller.data_mut()),
                _ => (GuestMemory::Unshared(&mut []), caller.data_mut()),
            };
            let args = &slots[..function.params.len()];
            let errno = (function.call)(get_ctx(data), memory, args)?;
            slots[0] = u64::from(errno);
            Ok(())
        })?;
    }
    Ok(())
}

fn val_types(kinds: &[ValKind]) -> impl Iterator<Item = ValType> {
    kinds.iter().map(|kind| match kind {
        ValKind::I32 => ValType::I32,
        ValKind::I64 => ValType::I64,
    })
}
