//! The engines that are compared, each behind the same two steps: load a module, run it.
//!
//! An engine has a name of words, the first of which says whose it is: a mode of Riser,
//! `wasmi`, `stitch`, `wasmtime`, `winch`, or `native` for none at all. The others are settings, see [`riser`], [`wasmi`]
//! and [`wasmtime`]. `pulley`, `sf-nano`, `sf-nano-jit` and `tinywasm` are there if the features of these names are.

mod fixed_memory;
mod native;
mod riser;
#[cfg(feature = "sf-nano")]
mod sf_nano;
mod stitch;
#[cfg(feature = "tinywasm")]
mod tinywasm;
mod wasmi;
mod wasmtime;

use anyhow::{Context, Result, bail, ensure};

use crate::host::Host;
use crate::programs::Program;

/// An engine at certain settings.
pub trait Engine {
    /// Compiles a program's module as far as the engine does so ahead of running it.
    fn load(&self, program: &Program, wasm: &[u8]) -> Result<Box<dyn Loaded>>;

    /// Compiles and validates a module, all of it unless the settings say otherwise, and drops it.
    fn compile(&self, wasm: &[u8]) -> Result<()>;

    /// Why the engine takes no part in programs that have vector instructions, if it does not.
    fn without_vectors(&self) -> Option<&'static str> {
        None
    }
}

/// A compiled module.
pub trait Loaded {
    /// Runs its `_start` in a fresh instance. Returns the world as the program left it, and
    /// the nanoseconds of CPU time that the call took.
    fn run(&self, host: Host) -> Result<(Host, u64)>;
}

/// The engine with the given name.
pub fn by_name(name: &str) -> Result<Box<dyn Engine>> {
    let mut words = name.split_whitespace();
    let whose = words.next().context("an engine needs a name")?;
    let settings: Vec<&str> = words.collect();
    let engine: Box<dyn Engine> = match whose {
        _ if is_riser(name) => Box::new(riser::Riser::new(whose, &settings)?),
        "wasmi" => Box::new(wasmi::Wasmi::new(&settings)?),
        "wasmtime" => Box::new(wasmtime::Wasmtime::cranelift(&settings)?),
        _ => {
            ensure!(settings.is_empty(), "{whose} has no settings");
            without_settings(whose)?
        }
    };
    Ok(engine)
}

/// The engine with the given name, of those without settings.
fn without_settings(name: &str) -> Result<Box<dyn Engine>> {
    Ok(match name {
        "native" => Box::new(native::Native),
        "stitch" => Box::new(stitch::Stitch),
        "winch" => Box::new(wasmtime::Wasmtime::winch()?),
        #[cfg(feature = "pulley")]
        "pulley" => Box::new(wasmtime::Wasmtime::pulley()?),
        #[cfg(feature = "sf-nano")]
        "sf-nano" => Box::new(sf_nano::SfNano::interpreter()?),
        #[cfg(feature = "sf-nano")]
        "sf-nano-jit" => Box::new(sf_nano::SfNano::jit()?),
        #[cfg(feature = "tinywasm")]
        "tinywasm" => Box::new(tinywasm::Tinywasm),
        _ if ["pulley", "sf-nano", "sf-nano-jit", "tinywasm"].contains(&name) => {
            bail!("{name} is built only when asked for: `--features {}`", name.trim_end_matches("-jit"))
        }
        _ => bail!("there is no engine `{name}`"),
    })
}

/// Whether the engine with the given name is Riser.
pub fn is_riser(name: &str) -> bool {
    name.split_whitespace().next().is_some_and(|whose| whose.parse::<::riser::Mode>().is_ok())
}

/// CPU time of this process, in nanoseconds: engines may have threads that compile.
pub fn cpu_time_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes to `now`.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
