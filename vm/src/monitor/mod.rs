//! Monitors: code of the host that is told what a guest does, in the interpreters.
//!
//! A [`Monitor`] says which [events](EventSet) it is for, and may choose among their places
//! ([`Monitor::attaches`]). When a function's code is made, it gets a *probe* at each chosen place
//! ([`riser_translator::probe`]), which calls the monitor with a view of the frame: an [`Event`]. What has no probe is the
//! code that it would be without any monitor, and an engine without monitors makes no probes, so that monitors cost nothing
//! where they are not.
//!
//! A monitor cannot change anything of the guest. It sees values, and has no access to the store. A panic in a monitor ends
//! the guest's code and goes on in the host that called it, as a panic in a host function does.
//!
//! Calls of host functions ([`EventSet::HOST`]) and the work of tiers ([`EventSet::COMPILATION`]) need no probes, so that
//! they are reported in every mode.

mod compiled;
mod event;
mod fire;
mod host;
mod set;
mod values;

use riser_translator::FuncIndex;
use riser_translator::module::ModuleInfo;
use riser_translator::probe::Point;

pub use compiled::Compiled;
pub(crate) use compiled::Work;
pub use event::{Event, MemoryAccess};
pub(crate) use fire::{probed, probed_at};
pub(crate) use host::call;
pub use host::{HostCall, HostOutcome};
pub use set::EventSet;
pub(crate) use set::Monitors;
pub use values::{Value, Values};

/// Is told what guests do, in all stores of the engines that have it ([`crate::Config::monitor`]): by each thread that runs
/// one, while the guest waits.
///
/// The page "Monitors" of the book has an example.
pub trait Monitor: Send + Sync {
    /// The events that the monitor is for. Has to be the same each time.
    fn events(&self) -> EventSet;

    /// Whether the monitor is told of events at a place of the code. Called for each place of an event that the monitor is
    /// for, when the code of the function is made, and perhaps again later.
    fn attaches(&self, site: &Site<'_>) -> bool {
        let _ = site;
        true
    }

    /// Code gets to a place that the monitor has attached to. For an operator: it is about to take effect.
    fn event(&self, event: &Event<'_>) {
        let _ = event;
    }

    /// A function of the host is about to be called, by the guest or by the host.
    fn host_call(&self, call: &HostCall<'_>) {
        let _ = call;
    }

    /// A function of the host has ended. Not told if a monitor panicked before the call.
    fn host_return(&self, call: &HostCall<'_>, outcome: HostOutcome<'_>) {
        let _ = (call, outcome);
    }

    /// A function has been made ready to run, perhaps by a thread in the background. A panic here ends with this call.
    fn compiled(&self, compiled: &Compiled<'_>) {
        let _ = compiled;
    }
}

/// A place of the code.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    info: &'a ModuleInfo,
    function: FuncIndex,
    point: Point,
    offset: u32,
}

impl<'a> Site<'a> {
    /// The module, as the translator describes it.
    pub fn info(&self) -> &'a ModuleInfo {
        self.info
    }

    /// The function's index in the module.
    pub fn function(&self) -> FuncIndex {
        self.function
    }

    /// The function's name, if it has one.
    pub fn name(&self) -> Option<&'a str> {
        self.info.func_name(self.function)
    }

    /// What happens there.
    pub fn point(&self) -> Point {
        self.point
    }

    /// The offset in bytes from the start of the module: that of the operator, for an entry of the body's first operator,
    /// for an exit of its last one.
    pub fn offset(&self) -> usize {
        self.offset as usize
    }
}
