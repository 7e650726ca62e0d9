//! Functions that are made ready to run, which is reported in every mode.

use std::fmt;
use std::time::{Duration, Instant};

use riser_tiers_core::Mode;
use riser_translator::FuncIndex;
use riser_translator::module::ModuleInfo;

/// A function, or a loop of one, has been made ready to run in a tier, or the tier has declined it.
pub struct Compiled<'a> {
    pub(super) info: &'a ModuleInfo,
    pub(super) function: FuncIndex,
    pub(super) mode: Mode,
    pub(super) loop_offset: Option<u32>,
    pub(super) taken: bool,
    pub(super) started: Instant,
    pub(super) time: Duration,
}

/// What is compiled: a function, or a loop of it, in a mode.
pub(crate) struct Work<'a> {
    pub(crate) info: &'a ModuleInfo,
    pub(crate) function: FuncIndex,
    pub(crate) mode: Mode,
    pub(crate) loop_offset: Option<u32>,
}

impl<'a> Compiled<'a> {
    /// The module, as the translator describes it.
    pub fn info(&self) -> &'a ModuleInfo {
        self.info
    }

    /// The function's index in the module.
    pub fn function(&self) -> FuncIndex {
        self.function
    }

    /// The mode of the tier: [`Mode::Interp`] for the register interpreter, or a [`Mode::Tier`].
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The offset of a loop in the module, if this is OSR code, which enters the function there.
    pub fn loop_offset(&self) -> Option<usize> {
        self.loop_offset.map(|offset| offset as usize)
    }

    /// Whether the tier has taken the function. If not, it runs in the register interpreter, or in the tier below.
    pub fn is_taken(&self) -> bool {
        self.taken
    }

    /// When the work began.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// How long it took. Tiers that compile several functions at a time report the time for all of them with each.
    pub fn time(&self) -> Duration {
        self.time
    }
}

impl fmt::Debug for Compiled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("function", &self.function).field("mode", &self.mode).finish_non_exhaustive()
    }
}
