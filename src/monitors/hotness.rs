//! Where a program is busy.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::place::{Function, Modules};
use super::{Report, lock};
use crate::{Event, EventSet, Monitor, Point};

/// Reports functions by their hotness: how often they are entered, plus how often their loops run.
#[derive(Default)]
pub struct Hotness(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    functions: HashMap<Function, Heat>,
}

#[derive(Clone, Copy, Default)]
struct Heat {
    entries: u64,
    iterations: u64,
}

impl Monitor for Hotness {
    fn events(&self) -> EventSet {
        EventSet::ENTRY | EventSet::LOOP
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = lock(&self.0);
        let function = seen.modules.function(event);
        let heat = seen.functions.entry(function).or_default();
        match event.point() {
            Point::Entry => heat.entries += 1,
            Point::Loop => heat.iterations += 1,
            // Events that were not asked for.
            Point::Exit
            | Point::Branch
            | Point::BranchTable { .. }
            | Point::Call { .. }
            | Point::CallIndirect { .. }
            | Point::Access(_)
            | Point::Bulk(_)
            | Point::Operator => {}
        }
    }
}

impl Report for Hotness {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut functions: Vec<(Function, Heat)> =
            seen.functions.iter().map(|(&function, &heat)| (function, heat)).collect();
        functions.sort_by_key(|&(function, heat)| (Reverse(heat.entries + heat.iterations), function));
        let mut text = format!("{:>12} {:>12}  function\n", "entries", "iterations");
        for (function, Heat { entries, iterations }) in functions {
            let _ = writeln!(text, "{entries:>12} {iterations:>12}  {}", seen.modules.name(function));
        }
        text
    }
}
