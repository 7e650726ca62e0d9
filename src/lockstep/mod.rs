//! Lockstep: two runs side by side, compared at every safepoint.
//!
//! ```text
//!  Side a --- thread: engine, store, observer --- batches of safepoints ---\
//!                                                                           compare --- Report
//!  Side b --- thread: engine, store, observer --- batches of safepoints ---/
//! ```
//!
//! The input is two [`Side`]s: a configuration, a module, and what to call. The output is a [`Report`]: how far the two
//! agree, and what each did where they do not. [`Report::print`] makes it readable.
//!
//! # What is compared
//!
//! * at every function entry and loop header: which one it is, and the bits of all locals and operands. They are compared
//!   exactly. On request, all NaNs count as equal (`nan`), because the specification leaves some of their bits open.
//! * at the end: results, trap and place, or exit code; output; fuel left; the contents of the memories and globals that
//!   the module exports.
//!
//! Memories are not compared in between: a wrong store shows at the first safepoint after its value was loaded again, or
//! at the end.
//!
//! # Determinism
//!
//! A guest has the same arguments on both sides, an empty standard input, no environment and no directories; clocks and
//! random numbers are replaced (`host`). The remaining difference is the value stack, whose frames differ in size from
//! tier to tier: a program that exhausts it diverges there.
//!
//! # Memory
//!
//! The sides run ahead of the comparison by a few batches, then wait: memory is bounded,
//! however long the program.

mod batch;
mod compare;
mod end;
mod excerpt;
mod host;
mod nan;
mod print;
mod side;
mod value;

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

use anyhow::Result;
use riser_translator::safepoint::{Divergence, Safepoint};

use crate::{Config, SharedBytes, Val};

pub use end::{End, Ended, Memory, Output};
pub use value::Value;

/// One of the two runs.
#[derive(Clone, Debug)]
pub struct Side {
    /// The configuration of the engine. [`run`] sets fuel and interruption.
    pub config: Config,
    /// The module, in the binary format.
    pub module: SharedBytes,
    /// What to call.
    pub call: Call,
}

/// What a side calls.
#[derive(Clone, Debug)]
pub enum Call {
    /// `_start` of a command; these are its arguments, the program's name first.
    Command(Vec<String>),
    /// An exported function, after `_initialize` if the module exports that.
    Export {
        /// The function's name.
        name: String,
        /// Its arguments, none of which may refer to an object of a store.
        arguments: Vec<Val>,
    },
}

/// Where to stop, and which differences to ignore.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The most safepoints to pass.
    pub limit: Option<u64>,
    /// Fuel of each side. The fuel left at the end is compared.
    pub fuel: Option<u64>,
    /// Whether all NaNs of a type count as equal, in locals, operands, results and globals; also all halves of vectors
    /// that may contain a NaN.
    pub canonical_nans: bool,
}

/// The result of comparing two runs.
#[derive(Clone, Debug)]
pub struct Report {
    /// The number of safepoints that both passed alike.
    pub safepoints: u64,
    /// The last of these safepoints.
    pub last_alike: Option<Safepoint>,
    /// The first safepoint at which they differ.
    pub divergence: Option<Divergence>,
    /// How each run ended; `None` for a run that was stopped because the two had diverged.
    pub ends: [Option<Ended>; 2],
}

impl Report {
    /// Whether both runs did the same, as far as is compared.
    pub fn is_alike(&self) -> bool {
        self.divergence.is_none() && self.ends[0] == self.ends[1]
    }
}

/// The number of batches by which a side may be ahead of the comparison.
const BATCHES_AHEAD: usize = 16;

/// The native stack of a side: as much as [`crate::Config::max_native_stack`] allows, with room to spare.
const NATIVE_STACK: usize = 8 << 20;

/// Runs two sides until they end or diverge.
///
/// # Errors
///
/// If a side cannot be set up: its configuration is not supported, its module is not valid or imports something that does
/// not exist, or it has no function to call.
///
/// # Panics
///
/// If the engine panics on one of the sides.
pub fn run(a: &Side, b: &Side, options: &Options) -> Result<Report> {
    let prepared = [side::Prepared::new(a, options)?, side::Prepared::new(b, options)?];
    thread::scope(|scope| {
        let sides = prepared.map(|prepared| {
            let (sender, receiver) = sync_channel(BATCHES_AHEAD);
            let work = move || prepared.run(sender);
            let thread = thread::Builder::new().stack_size(NATIVE_STACK).spawn_scoped(scope, work);
            thread.map(|thread| (thread, receiver))
        });
        let [a, b] = sides;
        let ((a, from_a), (b, from_b)) = (a?, b?);
        let report = compare::compare(&from_a, &from_b);
        // A side that still runs finds the channel closed, and stops.
        drop((from_a, from_b));
        for side in [a, b] {
            if let Err(payload) = side.join() {
                resume_unwind(payload);
            }
        }
        report
    })
}
