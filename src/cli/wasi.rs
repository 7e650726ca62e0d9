//! `--wasi`: what a guest may have beyond WASI preview 1.

use std::sync::{Mutex, PoisonError};

use anyhow::{Error, Result};
use clap::Args;

use crate::wasi::{DEFAULT_MAX_THREADS, THREADS_MODULE, WasiThreads};
use crate::{InstancePre, Module};

use super::{elsewhere, exit, exit_code};

/// What a guest may have beyond WASI preview 1.
#[derive(Args, Clone, Debug, Default)]
pub struct WasiArgs {
    /// Give the guest what WASI preview 1 does not have: `threads` for wasi-threads, with the shared memory that the module
    /// imports. `--fuel` is for each thread
    #[arg(short = 'S', long = "wasi", value_name = "NAME[=y|n]", value_delimiter = ',', value_parser = switch)]
    wasi: Vec<bool>,

    /// Most threads of a guest at a time, besides the first; 256 unless given
    #[arg(long, value_name = "N", requires = "wasi")]
    max_threads: Option<u32>,
}

impl WasiArgs {
    /// Whether the guest may have threads.
    pub fn threads(&self) -> bool {
        self.wasi.last() == Some(&true)
    }

    /// The threads of a guest that asks for them. The first error of one of them ends the process, as it would at the guest's end.
    pub fn threads_of<T: 'static>(&self, module: InstancePre<T>) -> Result<WasiThreads<T>> {
        let most = self.max_threads.unwrap_or(DEFAULT_MAX_THREADS);
        WasiThreads::new(module, most, |error: Error| {
            static ENDING: Mutex<()> = Mutex::new(());
            // Whoever comes second waits here for the end.
            let _ending = ENDING.lock().unwrap_or_else(PoisonError::into_inner);
            exit(exit_code(&error))
        })
    }
}

/// Whether a module can make threads.
pub fn makes_threads(module: &Module) -> bool {
    module.imports().any(|import| import.module() == THREADS_MODULE)
}

/// Parses `threads` and `threads=y` or `n`.
fn switch(text: &str) -> Result<bool, String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "y"));
    if let Some(hint) = elsewhere::hint("-S", Some(text)) {
        return Err(hint);
    }
    if name != "threads" {
        return Err(format!("there is no `{}`; there is `threads`", name.escape_debug()));
    }
    match value {
        "y" | "yes" | "true" => Ok(true),
        "n" | "no" | "false" => Ok(false),
        _ => Err(format!("'{}' is neither 'y' nor 'n'", value.escape_debug())),
    }
}
