//! Counting calls and iterations, for the mode in which functions move up.
//!
//! Code that counts has a [`Heat`](super::handlers::control::Heat) instruction behind each function entry and each loop header, where the
//! state is canonical, with the address of one of the function's [`Counters`](riser_tiers_core::Counters).

/// The offset of the loop that the [`Heat`](super::handlers::control::Heat) instruction at `ip` counts; `None` at a function's entry.
///
/// # Safety
///
/// There is such an instruction.
pub(in crate::interp) unsafe fn loop_offset(ip: *const u64) -> Option<u32> {
    // SAFETY: by the contract of this function.
    let offset = unsafe { *ip.add(2) } as u32;
    (offset != 0).then_some(offset)
}
