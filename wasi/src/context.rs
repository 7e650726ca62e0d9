//! What one guest may see and touch.

use std::fmt;
use std::sync::Arc;

use crate::clock::{ClockState, Clocks};
use crate::descriptors::{Descriptor, DescriptorInfo, Table};
use crate::random::{Random, RandomState};

/// One guest's WASI state: arguments, environment, open descriptors, clocks and randomness. A clone is the same state, for another
/// thread of the guest.
///
/// All of it can be listed, between two calls of a guest that has one thread: what a guest that was stopped would need to go on
/// elsewhere.
///
/// ```
/// use riser_wasi::{ClockState, DescriptorKind, RandomState, WasiCtxBuilder};
///
/// let ctx = WasiCtxBuilder::new().arg("program").random_seed(7).deterministic_clocks(0, 1000).build();
/// assert_eq!(ctx.args(), ["program"]);
/// assert_eq!(ctx.random(), RandomState::Seeded(7));
/// assert_eq!(ctx.clocks(), ClockState::Deterministic { now: 0, step: 1000 });
/// let descriptors = ctx.descriptors();
/// assert_eq!(descriptors[0].kind, DescriptorKind::Stdin);
/// assert_eq!(descriptors.len(), 3);
/// ```
#[derive(Clone)]
pub struct WasiCtx {
    pub(crate) state: Arc<State>,
}

/// What the threads of a guest share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) table: Table,
    /// The directories that the guest was given, which it may have closed.
    pub(crate) preopens: Vec<Arc<Descriptor>>,
    pub(crate) clocks: Clocks,
    pub(crate) random: Random,
}

impl WasiCtx {
    /// The arguments. By convention the first is the program's name.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.state.args
    }

    /// The environment variables, names and values.
    #[must_use]
    pub fn env(&self) -> &[(String, String)] {
        &self.state.env
    }

    /// All open descriptors, by their numbers.
    #[must_use]
    pub fn descriptors(&self) -> Vec<DescriptorInfo> {
        self.state.table.infos()
    }

    /// Where the guest's time comes from.
    #[must_use]
    pub fn clocks(&self) -> ClockState {
        self.state.clocks.state()
    }

    /// Where the guest's random bytes come from.
    #[must_use]
    pub fn random(&self) -> RandomState {
        self.state.random.state()
    }
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.fmt(f)
    }
}
