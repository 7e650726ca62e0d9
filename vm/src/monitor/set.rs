//! Sets of events, and the monitors of an engine.

use std::fmt;
use std::ops::BitOr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use riser_translator::FuncIndex;
use riser_translator::module::ModuleInfo;
use riser_translator::probe::{Chooser, Point};

use super::compiled::{Compiled, Work};
use super::{Event, HostCall, HostOutcome, Monitor, Site};

/// A set of kinds of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventSet(u16);

impl EventSet {
    /// No events.
    pub const NONE: EventSet = EventSet(0);
    /// Entries of functions: [`Point::Entry`].
    pub const ENTRY: EventSet = EventSet(1);
    /// Exits of functions: [`Point::Exit`].
    pub const EXIT: EventSet = EventSet(1 << 1);
    /// Iterations of loops: [`Point::Loop`].
    pub const LOOP: EventSet = EventSet(1 << 2);
    /// Branches that depend on a value: [`Point::Branch`] and [`Point::BranchTable`].
    pub const BRANCH: EventSet = EventSet(1 << 3);
    /// Operators that call: [`Point::Call`] and [`Point::CallIndirect`].
    pub const CALL: EventSet = EventSet(1 << 4);
    /// Operators that access memories: [`Point::Access`] and [`Point::Bulk`].
    pub const MEMORY: EventSet = EventSet(1 << 5);
    /// All other operators: [`Point::Operator`].
    pub const OPERATOR: EventSet = EventSet(1 << 6);
    /// Calls of host functions, in every mode.
    pub const HOST: EventSet = EventSet(1 << 7);
    /// Functions that are made ready to run, in every mode.
    pub const COMPILATION: EventSet = EventSet(1 << 8);
    /// Every operator, among them loop headers, and entries and exits. What needs probes, and therefore an interpreter.
    pub const CODE: EventSet = EventSet(EventSet::HOST.0 - 1);

    /// Whether all events of the other set are in this one.
    pub const fn contains(self, other: EventSet) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the sets have an event in common.
    pub const fn intersects(self, other: EventSet) -> bool {
        self.0 & other.0 != 0
    }

    /// The set that a point's events are in.
    pub const fn of(point: &Point) -> EventSet {
        match point {
            Point::Entry => EventSet::ENTRY,
            Point::Exit => EventSet::EXIT,
            Point::Loop => EventSet::LOOP,
            Point::Branch | Point::BranchTable { .. } => EventSet::BRANCH,
            Point::Call { .. } | Point::CallIndirect { .. } => EventSet::CALL,
            Point::Access(_) | Point::Bulk(_) => EventSet::MEMORY,
            Point::Operator => EventSet::OPERATOR,
        }
    }
}

impl BitOr for EventSet {
    type Output = EventSet;

    fn bitor(self, other: EventSet) -> EventSet {
        EventSet(self.0 | other.0)
    }
}

/// The monitors of an engine.
#[derive(Clone, Default)]
pub(crate) struct Monitors(Vec<Arc<dyn Monitor>>);

impl Monitors {
    /// As many monitors as an engine may have: a probe knows its monitors by the bits of a number.
    pub(crate) const MOST: usize = u64::BITS as usize;

    pub(crate) fn add(&mut self, monitor: Arc<dyn Monitor>) {
        self.0.push(monitor);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a monitor is for one of these events.
    pub(crate) fn want(&self, events: EventSet) -> bool {
        self.0.iter().any(|monitor| monitor.events().intersects(events))
    }

    /// What chooses the probes of a module's functions.
    pub(crate) fn chooser<'a>(&'a self, info: &'a ModuleInfo) -> Attaching<'a> {
        Attaching { monitors: self, info }
    }

    /// Tells the chosen monitors of an event.
    pub(super) fn tell(&self, chosen: u64, event: &Event<'_>) {
        let numbered = self.0.iter().enumerate();
        numbered.filter(|(number, _)| chosen >> number & 1 != 0).for_each(|(_, monitor)| monitor.event(event));
    }

    pub(super) fn tell_call(&self, call: &HostCall<'_>) {
        self.of_host().for_each(|monitor| monitor.host_call(call));
    }

    pub(super) fn tell_return(&self, call: &HostCall<'_>, outcome: HostOutcome<'_>) {
        self.of_host().for_each(|monitor| monitor.host_return(call, outcome));
    }

    /// The time, if a monitor wants to know of compilations.
    pub(crate) fn clock(&self) -> Option<Instant> {
        self.want(EventSet::COMPILATION).then(Instant::now)
    }

    /// Tells the monitors of a function that has been compiled since [`Monitors::clock`] answered. Compiling threads survive
    /// whatever a monitor does.
    pub(crate) fn tell_compiled(&self, clock: Option<Instant>, of: &Work<'_>, taken: bool) {
        let Some(started) = clock else { return };
        let Work { info, function, mode, loop_offset } = *of;
        let compiled = Compiled { info, function, mode, loop_offset, taken, started, time: started.elapsed() };
        for monitor in self.0.iter().filter(|monitor| monitor.events().contains(EventSet::COMPILATION)) {
            let _ = catch_unwind(AssertUnwindSafe(|| monitor.compiled(&compiled)));
        }
    }

    fn of_host(&self) -> impl Iterator<Item = &dyn Monitor> {
        self.0.iter().map(|monitor| &**monitor).filter(|monitor| monitor.events().contains(EventSet::HOST))
    }
}

impl fmt::Debug for Monitors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|monitor| monitor.events())).finish()
    }
}

/// Attaches an engine's monitors to the functions of a module.
pub(crate) struct Attaching<'a> {
    monitors: &'a Monitors,
    info: &'a ModuleInfo,
}

impl Chooser for Attaching<'_> {
    fn choose(&self, function: FuncIndex, point: &Point, offset: u32) -> u64 {
        let site = Site { info: self.info, function, point: *point, offset };
        let events = EventSet::of(point);
        let attaches = |monitor: &Arc<dyn Monitor>| monitor.events().contains(events) && monitor.attaches(&site);
        let numbered = self.monitors.0.iter().enumerate();
        numbered.filter(|(_, monitor)| attaches(monitor)).map(|(number, _)| 1 << number).sum()
    }
}
