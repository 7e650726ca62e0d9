//! The CPU time clocks, which `wasi-common` lacks.
//!
//! Programs compiled from C measure themselves with `clock()`, which reads the process's CPU time
//! and ignores errors: to them, a missing clock is one that stands still.

use std::mem::MaybeUninit;

use crate::{GuestMemory, WasiCtx, WasiError};

/// Errno `success`.
const SUCCESS: u32 = 0;
/// Errno `fault`.
const FAULT: u32 = 21;
/// Errno `inval`: as everywhere in preview 1, for a misaligned pointer.
const INVAL: u32 = 28;

/// The system's clock for a CPU time clock in WASI's numbering; `None` for any other.
fn system_clock(id: u64) -> Option<libc::clockid_t> {
    match id as u32 {
        2 => Some(libc::CLOCK_PROCESS_CPUTIME_ID),
        3 => Some(libc::CLOCK_THREAD_CPUTIME_ID),
        _ => None,
    }
}

/// `clock_time_get` of a CPU time clock, as an errno; `None` for any other clock.
pub(crate) fn time(
    _ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u64,
    time_out: u64,
) -> Option<Result<u32, WasiError>> {
    Some(Ok(put(memory, time_out, read(libc::clock_gettime, system_clock(id)?)?)))
}

/// `clock_res_get` of a CPU time clock, as an errno; `None` for any other clock.
pub(crate) fn resolution(
    _ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    id: u64,
    resolution_out: u64,
) -> Option<Result<u32, WasiError>> {
    Some(Ok(put(memory, resolution_out, read(libc::clock_getres, system_clock(id)?)?)))
}

/// The nanoseconds that one of the system's functions returns for a clock.
fn read(
    ask: unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> libc::c_int,
    clock: libc::clockid_t,
) -> Option<u64> {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer leads to room for a timespec, which the call initialises if it succeeds.
    let time = unsafe { (ask(clock, time.as_mut_ptr()) == 0).then(|| time.assume_init())? };
    Some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

/// Stores a 64-bit result; returns the errno.
fn put(memory: &mut GuestMemory<'_>, address: u64, value: u64) -> u32 {
    let address = address as u32 as usize;
    if !address.is_multiple_of(8) {
        return INVAL;
    }
    if memory.write(address, &value.to_le_bytes()) { SUCCESS } else { FAULT }
}
