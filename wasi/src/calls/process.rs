//! Arguments, environment, clocks, chance, and what a process does with itself.

use super::Call;
use crate::clock::Clock;
use crate::errno::{Errno, Result};

/// The number of strings, and of their bytes with a zero behind each.
fn sizes(strings: &[impl AsRef<str>]) -> Result<[u32; 2]> {
    let bytes: usize = strings.iter().map(|string| string.as_ref().len() + 1).sum();
    Ok([u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?, u32::try_from(bytes).map_err(|_| Errno::Overflow)?])
}

fn put_sizes(call: &mut Call<'_>, strings: &[impl AsRef<str>], count_out: u32, size_out: u32) -> Result<()> {
    call.memory.room_for_u32(size_out)?;
    let [count, size] = sizes(strings)?;
    call.memory.write_u32(count_out, count)?;
    call.memory.write_u32(size_out, size)
}

/// Stores strings, and pointers to them.
fn put(call: &mut Call<'_>, strings: &[impl AsRef<str>], pointers_out: u32, bytes_out: u32) -> Result<()> {
    let [count, size] = sizes(strings)?;
    call.memory.array(pointers_out, count, 4, 4)?;
    call.memory.array(bytes_out, size, 1, 1)?;
    let mut at = bytes_out;
    // In this order, no address is computed behind the last pointer, which may end where addresses do. So may the last string.
    for (string, pointer_out) in strings.iter().zip((pointers_out..).step_by(4)) {
        let string = string.as_ref();
        call.memory.write_u32(pointer_out, at)?;
        call.memory.write(at, string.as_bytes())?;
        let end = at + string.len() as u32;
        call.memory.write(end, &[0])?;
        at = end.wrapping_add(1);
    }
    Ok(())
}

/// The environment as strings.
fn environment(call: &Call<'_>) -> Vec<String> {
    call.state.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

pub(crate) fn args_get(call: &mut Call<'_>, argv_out: u32, argv_buf_out: u32) -> Result<()> {
    put(call, &call.state.args, argv_out, argv_buf_out)
}

pub(crate) fn args_sizes_get(call: &mut Call<'_>, count_out: u32, size_out: u32) -> Result<()> {
    put_sizes(call, &call.state.args, count_out, size_out)
}

pub(crate) fn environ_get(call: &mut Call<'_>, environ_out: u32, environ_buf_out: u32) -> Result<()> {
    let environment = environment(call);
    put(call, &environment, environ_out, environ_buf_out)
}

pub(crate) fn environ_sizes_get(call: &mut Call<'_>, count_out: u32, size_out: u32) -> Result<()> {
    let environment = environment(call);
    put_sizes(call, &environment, count_out, size_out)
}

pub(crate) fn clock_res_get(call: &mut Call<'_>, id: u32, resolution_out: u32) -> Result<()> {
    let resolution = call.state.clocks.resolution(Clock::new(id)?);
    call.memory.write_u64(resolution_out, resolution)
}

pub(crate) fn clock_time_get(call: &mut Call<'_>, id: u32, _precision: u64, time_out: u32) -> Result<()> {
    let clock = Clock::new(id)?;
    call.memory.place(time_out, 8, 8)?;
    call.memory.write_u64(time_out, call.state.clocks.now(clock))
}

pub(crate) fn random_get(call: &mut Call<'_>, buf: u32, buf_len: u32) -> Result<()> {
    let place = call.memory.place(buf, buf_len as usize, 1)?;
    let random = &call.state.random;
    call.memory.fill(place, |bytes| random.fill(bytes).map(|()| bytes.len())).map(drop)
}

/// There are no signals.
pub(crate) fn proc_raise(_call: &mut Call<'_>, _signal: u32) -> Result<()> {
    Err(Errno::NotSup)
}

pub(crate) fn sched_yield(_call: &mut Call<'_>) -> Result<()> {
    std::thread::yield_now();
    Ok(())
}
