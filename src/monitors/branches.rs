//! Which way branches go.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;

use super::place::{Modules, Place};
use super::{Report, lock};
use crate::{Event, EventSet, Monitor};

/// Reports for each `if` and `br_if` how often its condition held, and for each `br_table` how often it chose each target.
#[derive(Default)]
pub struct Branches(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    ways: HashMap<Place, BTreeMap<Way, u64>>,
}

/// A way that a branch may go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Taken,
    NotTaken,
    Target(u32),
}

impl Monitor for Branches {
    fn events(&self) -> EventSet {
        EventSet::BRANCH
    }

    fn event(&self, event: &Event<'_>) {
        let way = match (event.taken(), event.target()) {
            (Some(true), _) => Way::Taken,
            (Some(false), _) => Way::NotTaken,
            (None, Some(target)) => Way::Target(target),
            (None, None) => return,
        };
        let mut seen = lock(&self.0);
        let place = seen.modules.place(event);
        *seen.ways.entry(place).or_default().entry(way).or_default() += 1;
    }
}

impl Report for Branches {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut branches: Vec<_> = seen.ways.iter().collect();
        branches.sort_by_key(|&(&place, ways)| (Reverse(ways.values().sum::<u64>()), place));
        let mut text = "branches\n".to_owned();
        for (place, ways) in branches {
            let count = |way| ways.get(&way).copied().unwrap_or(0);
            let is_table = ways.keys().any(|way| matches!(way, Way::Target(_)));
            let ways = if is_table {
                let targets = ways.iter().map(|(way, count)| match way {
                    Way::Target(target) => format!("{target}: {count}"),
                    Way::Taken | Way::NotTaken => String::new(),
                });
                targets.collect::<Vec<_>>().join(", ")
            } else {
                format!("taken {}, not taken {}", count(Way::Taken), count(Way::NotTaken))
            };
            let _ = writeln!(text, "  {}: {ways}", seen.modules.describe(*place));
        }
        text
    }
}
