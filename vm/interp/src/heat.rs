//! Counters of calls and iterations, for the mode in which functions tier up.
//!
//! Code that counts has a [`Heat`](super::handlers::control::Heat) instruction behind each function entry and each loop
//! header, where the state is canonical. The instruction holds the address of one of the function's
//! [`Counters`](riser_tiers_core::Counters).

/// Returns the offset of the loop that the [`Heat`](super::handlers::control::Heat) instruction at `ip` counts; `None`
/// at a function's entry.
///
/// # Safety
///
/// The instruction at `ip` is a `Heat`.
pub(crate) unsafe fn loop_offset(ip: *const u64) -> Option<u32> {
    // SAFETY: the instruction at `ip` is a `Heat`, with its operands.
    let offset = unsafe { *ip.add(2) } as u32;
    (offset != 0).then_some(offset)
}
