//! Counts of executed instructions: of each place in the code, and of the sequences in which they were executed.
//!
//! [`Dispatch::Profile`](super::dispatch::Dispatch::Profile) is a loop that tells a [`Recorder`] of each instruction before its
//! handler runs, and of the registers after it. Other strategies record nothing and pay nothing.
//!
//! The recorder is an automaton. A state is the last few sites that were executed, up to a fixed number; a step goes to the
//! state for the next site, and counts it. So the number of times that a state was entered is the number of times that its
//! sequence was executed, and shorter sequences are sums over states. Code mostly goes on as it did last time, so a state
//! keeps the step that was taken last, and the others are in a table for all states.
//!
//! A pair ([`super::pairs`]) is executed as its two instructions, each of which counts. Its first site says that it is one.

use std::collections::HashMap;
use std::ptr;

use riser_tiers_core::{FramePc, FuncInst};

use super::decode::is_conditional_branch;
use super::handlers::call;
use super::pairs;
use super::regs::Regs;
use super::state::Callbacks;

/// The longest sequence that can be counted.
pub const LONGEST_SEQUENCE: usize = 5;

/// The words of a conditional branch.
const BRANCH_WORDS: usize = 2;

/// No site, or no state.
const NONE: u32 = u32::MAX;

/// An instruction of the code, at its place.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The function; null for code that belongs to no function.
    pub func: *const FuncInst,
    /// The distance from the start of the function's code, in words.
    pub word: u32,
    /// Whether the code has a pair here, of this instruction and the one behind it.
    pub begins_pair: bool,
    /// How often it was executed.
    pub count: u64,
    /// How often it went elsewhere than to the instruction behind it, if it is a conditional branch.
    pub taken: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Branch,
    Call,
}

/// The sites of a sequence, the last one first; [`NONE`] behind them.
type Sequence = [u32; LONGEST_SEQUENCE];

/// A state of the automaton.
#[derive(Clone, Copy, Debug)]
struct Node {
    sequence: Sequence,
    count: u64,
    /// The step that was taken last: the address of the next instruction, and where it leads.
    ip: usize,
    step: Step,
}

/// A step: the next site, and the state that it leads to; [`NONE`] if the site is no part of sequences.
#[derive(Clone, Copy, Debug)]
struct Step {
    site: u32,
    node: u32,
}

/// Whether a place in a function's code, in words, is part of sequences. Code that belongs to no function never is.
pub type Filter = Box<dyn FnMut(*const FuncInst, u32) -> bool + Send + Sync>;

/// Counts what a store executes.
pub struct Recorder {
    length: usize,
    filter: Filter,
    sites: Vec<Site>,
    site_at: HashMap<usize, u32>,
    nodes: Vec<Node>,
    node_of: HashMap<Sequence, u32>,
    steps: HashMap<(u32, usize), Step>,
    current: u32,
    calls: HashMap<(u32, *const FuncInst), u64>,
}

impl Recorder {
    /// Makes a recorder of sequences of up to `length` instructions, between 1 and [`LONGEST_SEQUENCE`].
    pub fn new(length: usize, filter: Filter) -> Recorder {
        let mut recorder = Recorder {
            length: length.clamp(1, LONGEST_SEQUENCE),
            filter,
            sites: Vec::new(),
            site_at: HashMap::new(),
            nodes: Vec::new(),
            node_of: HashMap::new(),
            steps: HashMap::new(),
            current: 0,
            calls: HashMap::new(),
        };
        recorder.node([NONE; LONGEST_SEQUENCE]);
        recorder
    }

    /// The sites that were executed.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// For each sequence that was executed its sites, the last one first, and how often that happened. Sequences shorter than
    /// the recorder's are those that the execution began with.
    pub fn sequences(&self) -> impl Iterator<Item = (Vec<u32>, u64)> {
        let executed = self.nodes.iter().filter(|node| node.count > 0);
        executed.map(|node| (node.sequence.iter().copied().take_while(|&site| site != NONE).collect(), node.count))
    }

    /// For each site that calls, and each function that it called, how often that happened.
    pub fn calls(&self) -> impl Iterator<Item = (u32, *const FuncInst, u64)> {
        self.calls.iter().map(|(&(site, callee), &count)| (site, callee, count))
    }

    /// Counts the instruction that `regs` are at, which has the given token.
    ///
    /// # Safety
    ///
    /// `regs` are those of a running function encoded for `profile`, in a living store with these callbacks.
    #[inline]
    pub(super) unsafe fn step(&mut self, regs: &Regs, token: usize, callbacks: &Callbacks) -> u32 {
        let ip = regs.ip.addr();
        let node = &self.nodes[self.current as usize];
        let Step { site, node } = match node.ip == ip {
            true => node.step,
            // SAFETY: by the contract of this function.
            false => unsafe { self.other_step(regs, token, callbacks) },
        };
        if node != NONE {
            self.nodes[node as usize].count += 1;
            self.current = node;
        }
        let counted = &mut self.sites[site as usize];
        counted.count += 1;
        if counted.kind == Kind::Call {
            // SAFETY: by the contract of this function.
            unsafe { self.call(regs, site) };
        }
        site
    }

    /// Records where the instruction at `ip`, which was `site`, has led.
    #[inline]
    pub(super) fn done(&mut self, site: u32, ip: *const u64, next: *const u64) {
        let site = &mut self.sites[site as usize];
        if site.kind == Kind::Branch && next != ip.wrapping_add(BRANCH_WORDS) {
            site.taken += 1;
        }
    }

    /// Finds or makes a step that was not the last one to be taken, and remembers it as that.
    ///
    /// # Safety
    ///
    /// As for [`Recorder::step`].
    #[cold]
    unsafe fn other_step(&mut self, regs: &Regs, token: usize, callbacks: &Callbacks) -> Step {
        let (from, ip) = (self.current, regs.ip.addr());
        let step = match self.steps.get(&(from, ip)) {
            Some(&step) => step,
            // SAFETY: by the contract of this function.
            None => unsafe { self.new_step(regs, token, callbacks) },
        };
        self.steps.insert((from, ip), step);
        let node = &mut self.nodes[from as usize];
        (node.ip, node.step) = (ip, step);
        step
    }

    /// Makes the step from the current state to the instruction that `regs` are at.
    ///
    /// # Safety
    ///
    /// As for [`Recorder::step`].
    unsafe fn new_step(&mut self, regs: &Regs, token: usize, callbacks: &Callbacks) -> Step {
        // SAFETY: by the contract of this function.
        let site = unsafe { self.site(regs, token, callbacks) };
        let Site { func, word, .. } = self.sites[site as usize];
        if func.is_null() || !(self.filter)(func, word) {
            return Step { site, node: NONE };
        }
        let before = self.nodes[self.current as usize].sequence;
        let mut sequence = [NONE; LONGEST_SEQUENCE];
        sequence[0] = site;
        sequence[1..self.length].copy_from_slice(&before[..self.length - 1]);
        Step { site, node: self.node(sequence) }
    }

    /// The state for a sequence.
    fn node(&mut self, sequence: Sequence) -> u32 {
        let next = self.nodes.len() as u32;
        let node = *self.node_of.entry(sequence).or_insert(next);
        if node == next {
            self.nodes.push(Node { sequence, count: 0, ip: 0, step: Step { site: NONE, node: NONE } });
        }
        node
    }

    /// The site of the instruction that `regs` are at.
    ///
    /// # Safety
    ///
    /// As for [`Recorder::step`].
    unsafe fn site(&mut self, regs: &Regs, token: usize, callbacks: &Callbacks) -> u32 {
        let next = self.sites.len() as u32;
        let site = *self.site_at.entry(regs.ip.addr()).or_insert(next);
        if site == next {
            // SAFETY: by the contract of this function.
            let found = unsafe { (callbacks.find_code)(regs.cx, regs.ip) };
            let (func, word) = match found {
                Some((func, FramePc::Code { word, .. })) => (func, word),
                Some((_, FramePc::Wasm(_))) | None => (ptr::null(), 0),
            };
            let pair = pairs::split(token);
            let alone = pair.map_or(token, |(first, _)| first);
            let kind = match () {
                () if is_conditional_branch(alone) => Kind::Branch,
                () if call::is_call(alone) => Kind::Call,
                () => Kind::Plain,
            };
            self.sites.push(Site { func, word, begins_pair: pair.is_some(), count: 0, taken: 0, kind });
        }
        site
    }

    /// Counts the call that `regs` are at.
    ///
    /// # Safety
    ///
    /// As for [`Recorder::step`].
    #[cold]
    unsafe fn call(&mut self, regs: &Regs, site: u32) {
        // SAFETY: by the contract of this function; the head of a call, which is never the first of a pair, is its token.
        if let Some(callee) = unsafe { call::callee(regs, *regs.ip as usize) } {
            *self.calls.entry((site, callee)).or_default() += 1;
        }
    }
}
