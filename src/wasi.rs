//! WASI preview 1: what a guest may see, and its functions as host functions of a [`Linker`].

use crate::{Extern, FuncType, Linker, Result, ValType};

pub use riser_wasi::*;

/// Defines every function of WASI preview 1 in `linker`. `context` finds the guest's state in
/// the store's data.
///
/// The functions work on the memory that the calling instance exports as `memory`. When the
/// guest calls `proc_exit`, the call into it ends with the error [`Exit`].
///
/// # Errors
///
/// If the linker already has one of the functions and does not allow shadowing.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    context: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> Result<()> {
    let types = |kinds: &'static [ValKind]| {
        kinds.iter().map(|kind| match kind {
            ValKind::I32 => ValType::I32,
            ValKind::I64 => ValType::I64,
        })
    };
    for function in FUNCTIONS {
        let ty = FuncType::new(types(function.params), types(function.results));
        linker.func_raw(MODULE, function.name, ty, move |mut caller, slots| {
            let arguments = &slots[..function.params.len()];
            let errno = match caller.get_export("memory") {
                Some(Extern::Memory(memory)) => {
                    let (bytes, data) = memory.data_and_store_mut(&mut caller);
                    (function.call)(context(data), bytes, arguments)?
                }
                _ => (function.call)(context(caller.data_mut()), &mut [], arguments)?,
            };
            if !function.results.is_empty() {
                slots[0] = u64::from(errno);
            }
            Ok(())
        })?;
    }
    Ok(())
}
