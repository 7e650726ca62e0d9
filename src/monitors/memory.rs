//! Which memory a program touches, and in which steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;

use super::place::{Modules, Place};
use super::{Report, lock};
use crate::{AccessKind, Event, EventSet, Monitor, Point};

/// Reports accesses of memories: by the number of their bytes, by the pages of 64 KiB that they are in, and by strides, which
/// are the distances between successive accesses of one operator.
#[derive(Default)]
pub struct MemoryAccesses(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    widths: BTreeMap<Width, Counts>,
    pages: BTreeMap<(u32, u64), Counts>,
    strides: HashMap<i64, u64>,
    last: HashMap<Place, u64>,
}

/// How much an operator accesses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Bytes(u64),
    /// As many bytes as an operand says.
    Bulk,
}

#[derive(Default)]
struct Counts {
    reads: u64,
    writes: u64,
}

impl Counts {
    fn add(&mut self, kind: AccessKind) {
        self.reads += u64::from(kind != AccessKind::Write);
        self.writes += u64::from(kind != AccessKind::Read);
    }
}

/// Bytes of a page.
const PAGE: u64 = 64 << 10;

/// As many strides as the report lists.
const STRIDES: usize = 16;

impl Monitor for MemoryAccesses {
    fn events(&self) -> EventSet {
        EventSet::MEMORY
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = lock(&self.0);
        let is_bulk = matches!(event.point(), Point::Bulk(_));
        for access in event.accesses() {
            let width = if is_bulk { Width::Bulk } else { Width::Bytes(access.bytes) };
            seen.widths.entry(width).or_default().add(access.kind);
            seen.pages.entry((access.memory.as_u32(), access.address / PAGE)).or_default().add(access.kind);
            if !is_bulk {
                let place = seen.modules.place(event);
                if let Some(last) = seen.last.insert(place, access.address) {
                    *seen.strides.entry(access.address.wrapping_sub(last) as i64).or_default() += 1;
                }
            }
        }
    }
}

impl Report for MemoryAccesses {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut text = format!("{:>12} {:>12}  bytes\n", "reads", "writes");
        for (width, Counts { reads, writes }) in &seen.widths {
            let width = match width {
                Width::Bytes(bytes) => bytes.to_string(),
                Width::Bulk => "bulk".to_owned(),
            };
            let _ = writeln!(text, "{reads:>12} {writes:>12}  {width}");
        }
        let _ = writeln!(text, "{:>12} {:>12}  page", "reads", "writes");
        for ((memory, page), Counts { reads, writes }) in &seen.pages {
            let memory = if *memory == 0 { String::new() } else { format!(" of memory {memory}") };
            let _ = writeln!(text, "{reads:>12} {writes:>12}  {:#x}{memory}", page * PAGE);
        }
        let mut strides: Vec<(i64, u64)> = seen.strides.iter().map(|(&stride, &count)| (stride, count)).collect();
        strides.sort_by_key(|&(stride, count)| (Reverse(count), stride.unsigned_abs(), stride));
        let _ = writeln!(text, "{:>12}  stride", "accesses");
        for (stride, count) in strides.iter().take(STRIDES) {
            let _ = writeln!(text, "{count:>12}  {stride}");
        }
        if let Some(others) = strides.get(STRIDES..).filter(|others| !others.is_empty()) {
            let count: u64 = others.iter().map(|(_, count)| count).sum();
            let _ = writeln!(text, "{count:>12}  {} others", others.len());
        }
        text
    }
}
