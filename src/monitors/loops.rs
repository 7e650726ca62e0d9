//! How often loops run.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::place::{Modules, Place};
use super::{Report, lock};
use crate::{Event, EventSet, Monitor};

/// Reports the iterations of each loop, the most frequent first.
#[derive(Default)]
pub struct Loops(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    iterations: HashMap<Place, u64>,
}

impl Monitor for Loops {
    fn events(&self) -> EventSet {
        EventSet::LOOP
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = lock(&self.0);
        let place = seen.modules.place(event);
        *seen.iterations.entry(place).or_default() += 1;
    }
}

impl Report for Loops {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut loops: Vec<_> = seen.iterations.iter().collect();
        loops.sort_by_key(|&(&place, &iterations)| (Reverse(iterations), place));
        let mut text = "iterations of loops\n".to_owned();
        for (place, iterations) in loops {
            let _ = writeln!(text, "{iterations:>12}  {}", seen.modules.describe(*place));
        }
        text
    }
}
