//! Bounds of what making code of a module may cost: memory, time, and the code itself, in proportion to the module's bytes.
//!
//! Memory is what the calling thread requests from Rust's allocator, so the work has to be done on that thread, by eager
//! compilation. LLVM's own allocations are not seen, but its time is. Time is CPU time, and work that takes too much of it is
//! repeated, so that a loaded machine causes no finding.
//!
//! ```text
//! work -> Amounts, compared with  Bounds::of(configuration).at(bytes)    the most for so many bytes
//!                                 Amounts::doubled                       the most for twice the work
//! ```

use std::fmt;

use riser::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use riser::{Engine, Mode, Module};
use riser_meter::{Meter, measure};

use crate::configurations::Configuration;
use crate::targets::Finding;

/// Everything that is linked with this library measures memory.
#[global_allocator]
static METER: Meter = Meter;

/// How often work is repeated before it counts as too costly.
const TRIES: usize = 3;

/// The factor by which the cost may grow when the work doubles: as in the translator's growth tests, a third more than two.
const GROWTH: f64 = 2.6;

/// The part of any module's base cost that may be added to that.
const SMALL: f64 = 0.2;

/// How much longer everything takes in a build with assertions.
const SLOWER: u32 = if cfg!(debug_assertions) { 20 } else { 1 };

/// The cost of work, or a bound of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amounts {
    /// The most bytes in use at a time.
    pub peak: f64,
    /// The size of the code, in bytes.
    pub code: f64,
    /// CPU time in seconds.
    pub time: f64,
}

impl Amounts {
    /// Combines each amount with the other's, by `make`.
    fn each(self, other: Amounts, make: impl Fn(f64, f64) -> f64) -> Amounts {
        Amounts {
            peak: make(self.peak, other.peak),
            code: make(self.code, other.code),
            time: make(self.time, other.time),
        }
    }

    /// The most that twice the work may cost, where any module may cost `base`: small costs may grow by a larger factor.
    pub fn doubled(self, base: Amounts) -> Amounts {
        self.each(base, |amount, base| amount * GROWTH + base * SMALL)
    }

    /// The smaller one of each amount.
    pub fn min(self, other: Amounts) -> Amounts {
        self.each(other, f64::min)
    }

    /// Whether each amount is within its bound.
    pub fn is_within(self, most: Amounts) -> bool {
        self.peak <= most.peak && self.code <= most.code && self.time <= most.time
    }
}

impl fmt::Display for Amounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Amounts { peak, code, time } = self;
        write!(f, "{peak:.0} bytes of memory, {code:.0} bytes of code and {time:.3} s")
    }
}

/// The most that work may cost, by the size of the module.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// For any module.
    pub base: Amounts,
    /// In addition, for each of its bytes.
    pub per_byte: Amounts,
}

impl Bounds {
    /// Bounds of translation alone, which makes no code.
    pub const TRANSLATION: Bounds = Bounds {
        base: Amounts { peak: 1e6, code: 0.0, time: 0.5 },
        per_byte: Amounts { peak: 100.0, code: 0.0, time: 40e-6 },
    };

    /// Bounds of compiling all code of a module in a configuration.
    pub fn of(configuration: &Configuration) -> Bounds {
        match configuration.tier() {
            // LLVM may take a second for a function, however small that is; see `tiers/llvm/src/cost.rs`.
            LLVM_JIT => Bounds {
                base: Amounts { peak: 32e6, code: 1e6, time: 4.0 },
                per_byte: Amounts { peak: 1000.0, code: 200.0, time: 1000e-6 },
            },
            // Calls make most of a byte: an indirect one of five bytes is 23 instructions of Cranelift's IR. If fuel is counted, a call of
            // two bytes has its own charge, 14 more in two more blocks.
            FAST_JIT => Bounds {
                base: Amounts { peak: 16e6, code: 1e6, time: 1.0 },
                per_byte: Amounts {
                    peak: if configuration.fuel { 12_000.0 } else { 6000.0 },
                    code: 200.0,
                    time: 40e-6,
                },
            },
            // In these modes, functions tier up later.
            CLASSIC | Mode::Interp | Mode::MultiTier => Bounds {
                base: Amounts { peak: 1e6, code: 1e5, time: 0.5 },
                per_byte: Amounts { peak: 250.0, code: 100.0, time: 60e-6 },
            },
            mode @ (Mode::Aot | Mode::Tier(_)) => unreachable!("there are no bounds for the mode {mode}"),
        }
    }

    /// The most for a module of `bytes` bytes.
    pub fn at(&self, bytes: usize) -> Amounts {
        self.base.each(self.per_byte, |base, per_byte| base + bytes as f64 * per_byte)
    }
}

/// Does work that returns its result and the size of the code that it made.
///
/// # Errors
///
/// If it costs more than `most` each time; reports the least cost.
pub fn bounded<R>(most: Amounts, mut work: impl FnMut() -> (R, usize)) -> Result<(R, Amounts), String> {
    let most = Amounts { time: most.time * f64::from(SLOWER), ..most };
    let mut least = Amounts { peak: f64::INFINITY, code: f64::INFINITY, time: f64::INFINITY };
    for _ in 0..TRIES {
        let ((result, code), cost) = measure(&mut work);
        let now = Amounts { peak: cost.peak as f64, code: code as f64, time: cost.time.as_secs_f64() };
        least = least.min(now);
        if least.is_within(most) {
            return Ok((result, least));
        }
    }
    Err(format!("costs {least}, where {most} are the most"))
}

/// Makes a module with an engine from `engine`, anew each time, at a cost of at most `most`; `None` if the module is not valid.
///
/// # Errors
///
/// If it costs more.
pub fn make(
    wasm: &[u8],
    configuration: &Configuration,
    most: Amounts,
    engine: impl Fn() -> Engine,
) -> Result<(Option<Module>, Amounts), Finding> {
    let work = || {
        let module = Module::from_binary(&engine(), wasm).ok();
        let code = module.as_ref().map_or(0, code_bytes);
        (module, code)
    };
    let bytes = wasm.len();
    bounded(most, work)
        .map_err(|too_much| Finding::in_module(format!("{configuration}: a module of {bytes} bytes {too_much}"), wasm))
}

/// The size of the code that a module has, in bytes.
fn code_bytes(module: &Module) -> usize {
    let statistics = module.statistics();
    statistics.code_bytes + statistics.tiers.iter().map(|tier| tier.code_bytes).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Amounts = Amounts { peak: 1e6, code: 100.0, time: 60.0 };

    fn allocates(bytes: usize) -> Vec<u8> {
        std::hint::black_box(vec![1; bytes])
    }

    #[test]
    fn memory_code_and_time_are_bounded() {
        let (result, amounts) = bounded(MOST, || (allocates(999_000), 100)).expect("within bounds");
        assert_eq!((result.len() as f64, amounts.code), (amounts.peak, 100.0));
        bounded(MOST, || (allocates(1_001_000), 100)).expect_err("too much memory");
        bounded(MOST, || ((), 101)).expect_err("too much code");
        let most = Amounts { time: 1e-9, ..MOST };
        bounded(most, || (allocates(1000), 0)).expect_err("too much time");
    }

    #[test]
    fn what_costs_too_much_once_is_done_again() {
        let mut sizes = [2_000_000, 2_000_000, 1000].into_iter();
        bounded(MOST, || (allocates(sizes.next().expect("three times at most")), 0)).expect("within bounds");
        let mut sizes = [200, 200, 200, 0].into_iter();
        bounded(MOST, || ((), sizes.next().expect("three times at most"))).expect_err("three times too much");
    }

    #[test]
    fn bounds_are_lines() {
        let bounds = Bounds::TRANSLATION;
        assert_eq!(bounds.at(10).peak, bounds.base.peak + 10.0 * bounds.per_byte.peak);
        let doubled = MOST.doubled(bounds.base);
        assert_eq!((doubled.code, doubled.time), (100.0 * GROWTH, 60.0 * GROWTH + bounds.base.time * SMALL));
    }
}
