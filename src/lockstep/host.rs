//! The host of a side: WASI, without anything that differs from run to run.
//!
//! Only digests of standard output and error are kept. Clocks advance by a millisecond with each
//! reading; random numbers come from a fixed sequence.

use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use riser_wasi::{MODULE, WasiCtx, WasiCtxBuilder, add_to_linker};

use super::Output;
use super::side::Recorder;
use crate::{Caller, Engine, Extern, Linker};

/// A side's data in its store.
pub(super) struct Host {
    wasi: WasiCtx,
    /// Digests of standard output and standard error.
    streams: [Digest; 2],
    /// The number of clock readings so far.
    readings: u64,
    /// The state of the sequence of random numbers.
    random: u64,
    pub(super) recorder: Recorder,
}

impl Host {
    /// The host of a command with the given arguments.
    pub(super) fn new(arguments: &[String], recorder: Recorder) -> Host {
        let streams = [Digest::default(), Digest::default()];
        let mut wasi = WasiCtxBuilder::new();
        wasi.args(arguments).stdin(io::empty()).stdout(streams[0].clone()).stderr(streams[1].clone());
        Host { wasi: wasi.build(), streams, readings: 0, random: 0, recorder }
    }

    /// Digests of the output.
    pub(super) fn output(&self) -> [Output; 2] {
        [self.streams[0].output(), self.streams[1].output()]
    }

    /// The time in nanoseconds, the same for all clocks.
    fn clock(&mut self) -> u64 {
        // The first second of the year 2000.
        const START: u64 = 946_684_800_000_000_000;
        self.readings += 1;
        START + self.readings * 1_000_000
    }

    /// The next random number: the SplitMix64 sequence.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A linker that defines what a guest may import.
///
/// # Errors
///
/// None that is expected.
pub(super) fn linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi)?;
    linker.allow_shadowing(true);
    linker.func_wrap(MODULE, "clock_time_get", |mut caller: Caller<'_, Host>, _: i32, _: i64, at: u32| {
        let time = caller.data_mut().clock();
        write(&mut caller, at, &time.to_le_bytes())
    })?;
    linker.func_wrap(MODULE, "random_get", |mut caller: Caller<'_, Host>, at: u32, len: u32| {
        for first in (0..len).step_by(8) {
            let bytes = caller.data_mut().random().to_le_bytes();
            let count = bytes.len().min((len - first) as usize);
            let errno = write(&mut caller, at.wrapping_add(first), &bytes[..count]);
            if errno != 0 {
                return errno;
            }
        }
        0
    })?;
    Ok(linker)
}

/// Writes to the guest's memory; returns WASI's errno.
fn write(caller: &mut Caller<'_, Host>, at: u32, bytes: &[u8]) -> u32 {
    const FAULT: u32 = 21;
    match caller.get_export("memory").and_then(Extern::into_memory) {
        Some(memory) if memory.write(caller, at as usize, bytes).is_ok() => 0,
        _ => FAULT,
    }
}

/// A stream that keeps only a digest.
#[derive(Clone, Default)]
struct Digest {
    state: Arc<Mutex<(u64, DefaultHasher)>>,
}

impl Digest {
    fn output(&self) -> Output {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Output { bytes: state.0, hash: state.1.finish() }
    }
}

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += bytes.len() as u64;
        state.1.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
