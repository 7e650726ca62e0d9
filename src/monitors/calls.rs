//! Who calls whom, and how often.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use super::host::host_name;
use super::place::{Function, Modules};
use super::{Report, lock};
use crate::{Event, EventSet, HostCall, Monitor, Point};

/// Reports a tree of calls with counts, those of host functions among them. A function that calls itself, directly or not,
/// stays one node: its calls count where it was called first.
#[derive(Default)]
pub struct Calls(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    modules: Modules,
    /// The nodes; the first ones are what hosts call.
    nodes: Vec<Node>,
    roots: HashMap<Callee, usize>,
    /// For each store the frames that have not been left, innermost last.
    stacks: HashMap<u64, Vec<Frame>>,
}

struct Node {
    callee: Callee,
    count: u64,
    children: HashMap<Callee, usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Callee {
    Wasm(Function),
    Host(String),
}

struct Frame {
    /// As [`Event::frame`].
    position: usize,
    node: usize,
}

impl Seen {
    /// Leaves the frames from a position on, and returns those that are left of a store.
    fn leave(&mut self, store: u64, position: usize) -> &mut Vec<Frame> {
        let stack = self.stacks.entry(store).or_default();
        let left = stack.partition_point(|frame| frame.position < position);
        stack.truncate(left);
        stack
    }

    /// Counts a call by the innermost frame of a store. Returns the callee's node.
    fn call(&mut self, store: u64, callee: Callee) -> usize {
        let stack = self.stacks.get(&store).map_or(&[][..], Vec::as_slice);
        let recursive = stack.iter().rev().map(|frame| frame.node).find(|&node| self.nodes[node].callee == callee);
        let node = recursive.unwrap_or_else(|| {
            let new = self.nodes.len();
            let children = match stack.last() {
                Some(caller) => &mut self.nodes[caller.node].children,
                None => &mut self.roots,
            };
            let node = *children.entry(callee.clone()).or_insert(new);
            if node == new {
                self.nodes.push(Node { callee, count: 0, children: HashMap::new() });
            }
            node
        });
        self.nodes[node].count += 1;
        node
    }

    /// The nodes, most frequent first, by name if equally frequent.
    fn sorted(&self, nodes: &HashMap<Callee, usize>) -> Vec<(usize, String)> {
        let mut sorted: Vec<(usize, String)> = nodes.values().map(|&node| (node, self.name(node))).collect();
        sorted.sort_by(|a, b| (Reverse(self.nodes[a.0].count), &a.1).cmp(&(Reverse(self.nodes[b.0].count), &b.1)));
        sorted
    }

    fn name(&self, node: usize) -> String {
        match &self.nodes[node].callee {
            Callee::Wasm(function) => self.modules.name(*function),
            Callee::Host(name) => name.clone(),
        }
    }
}

impl Monitor for Calls {
    fn events(&self) -> EventSet {
        EventSet::ENTRY | EventSet::EXIT | EventSet::CALL | EventSet::HOST
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = lock(&self.0);
        let (store, position) = (event.store(), event.frame());
        match event.point() {
            Point::Entry => {
                seen.leave(store, position);
                let callee = Callee::Wasm(seen.modules.function(event));
                let node = seen.call(store, callee);
                seen.leave(store, position).push(Frame { position, node });
            }
            Point::Exit => drop(seen.leave(store, position)),
            // A callee may have been left by an exception.
            Point::Call { .. } | Point::CallIndirect { .. } => drop(seen.leave(store, position + 1)),
            Point::Loop
            | Point::Branch
            | Point::BranchTable { .. }
            | Point::Access(_)
            | Point::Bulk(_)
            | Point::Operator => {
                unreachable!("this monitor does not ask for it")
            }
        }
    }

    fn host_call(&self, call: &HostCall<'_>) {
        lock(&self.0).call(call.store(), Callee::Host(host_name(call)));
    }
}

impl Report for Calls {
    fn report(&self) -> String {
        let seen = lock(&self.0);
        let mut text = "calls\n".to_owned();
        let mut open: Vec<(usize, usize, String)> = Vec::new();
        let with_depth =
            |depth: usize, nodes| seen.sorted(nodes).into_iter().rev().map(move |(node, name)| (depth, node, name));
        open.extend(with_depth(0, &seen.roots));
        while let Some((depth, node, name)) = open.pop() {
            let Node { count, children, .. } = &seen.nodes[node];
            let _ = writeln!(text, "{count:>12}  {:width$}{name}", "", width = 2 * depth);
            open.extend(with_depth(depth + 1, children));
        }
        text
    }
}
