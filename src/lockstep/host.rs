//! The host of a side: WASI, without anything that differs from run to run.
//!
//! Only digests of standard output and error are kept. Clocks advance by a millisecond with each
//! reading; random numbers come from a fixed sequence.

use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use riser_wasi::p1::add_to_linker_sync;
use riser_wasi::{WasiCtx, WasiCtxBuilder};

use super::Output;
use super::side::Recorder;
use crate::{Engine, Linker};

/// A side's data in its store.
pub(super) struct Host {
    wasi: WasiCtx,
    /// Digests of standard output and standard error.
    streams: [Digest; 2],
    pub(super) recorder: Recorder,
}

impl Host {
    /// The host of a command with the given arguments.
    pub(super) fn new(arguments: &[String], recorder: Recorder) -> Host {
        // The first second of the year 2000, and a millisecond.
        const START: u64 = 946_684_800_000_000_000;
        const STEP: u64 = 1_000_000;
        let streams = [Digest::default(), Digest::default()];
        let mut wasi = WasiCtxBuilder::new();
        wasi.args(arguments).stdin(io::empty()).stdout(streams[0].clone()).stderr(streams[1].clone());
        wasi.deterministic_clocks(START, STEP).random_seed(0);
        Host { wasi: wasi.build(), streams, recorder }
    }

    /// Digests of the output.
    pub(super) fn output(&self) -> [Output; 2] {
        [self.streams[0].output(), self.streams[1].output()]
    }
}

/// A linker that defines what a guest may import.
///
/// # Errors
///
/// None that is expected.
pub(super) fn linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    add_to_linker_sync(&mut linker, |host: &mut Host| &mut host.wasi)?;
    Ok(linker)
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
