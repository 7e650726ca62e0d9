//! The state of both sides: the wasm locals and operand stack, and the slots of the IR's frame.
//!
//! Both sides start again at a label, where the state is canonical. So only the changes since the last label are kept;
//! everything else is the [`Term::Entry`] of its slot. Each wasm local and operand has a slot where it belongs. Slots
//! that do not hold what belongs there at the moment are *astray*. Keeping the set of these makes the check at a branch
//! cheap, however large the frame is.
//!
//! All of this works on single slots, of which a vector has two: see [`super::term`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use riser_translator::sink::{FrameLayout, Slot, SlotRole};
use riser_translator::types::ValType;

use super::effect::Log;
use super::term::{Term, TermId, Terms};

/// An operand of the wasm operand stack.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub(super) ty: ValType,
    /// The slot where it belongs.
    pub(super) home: Slot,
    /// Its value; meaningless for operands that were there at the last label.
    term: TermId,
}

impl Operand {
    /// The slots where it belongs.
    fn slots(&self) -> impl DoubleEndedIterator<Item = Slot> + use<> {
        (self.home.0..self.home.0 + self.ty.slots()).map(Slot)
    }
}

/// The values of both sides.
pub(super) struct State {
    pub(super) terms: Terms,
    pub(super) log: Log,
    pub(super) frame: FrameLayout,
    /// The local's type at the first slot of each local; `None` for the second slot of a vector.
    local_types: Vec<Option<ValType>>,
    /// Whether a label has been passed.
    labelled: bool,
    /// The wasm locals that have been set since the last label, by their first slots.
    locals: HashMap<Slot, TermId>,
    stack: Vec<Operand>,
    /// Operands below this index were there at the last label.
    settled: usize,
    /// The slots that the IR has written since the last label.
    written: BTreeMap<Slot, TermId>,
    /// Operand slots from here up hold nothing unless they have been written.
    known_below: Slot,
    /// Slots that do not hold the local or operand that belongs there.
    astray: BTreeSet<Slot>,
    /// The former contents of slots that have been written during a detour, whose writes are undone.
    undo: Option<Vec<(Slot, Option<TermId>)>>,
}

impl State {
    /// Makes the state at the entry of a function.
    pub(super) fn new(frame: FrameLayout, locals: &[ValType]) -> State {
        let rest = |ty: ValType| std::iter::repeat_n(None, ty.slots() as usize - 1);
        let local_types = locals.iter().flat_map(|&ty| std::iter::once(Some(ty)).chain(rest(ty))).collect();
        State {
            terms: Terms::default(),
            log: Log::default(),
            frame,
            local_types,
            labelled: false,
            locals: HashMap::new(),
            stack: Vec::new(),
            settled: 0,
            written: BTreeMap::new(),
            known_below: frame.temp(0),
            astray: BTreeSet::new(),
            undo: None,
        }
    }

    /// Passes a label: everything is where it belongs, and the values are unknown.
    pub(super) fn restart(&mut self) {
        self.labelled = true;
        self.locals.clear();
        self.settled = self.stack.len();
        self.written.clear();
        self.known_below = self.frame.temp(self.height());
        self.astray.clear();
        self.log.restart();
    }

    /// Returns the contents of a slot at the last label, or at the entry, where declared locals are zero.
    fn initial(&mut self, slot: Slot) -> TermId {
        match self.frame.role(slot) {
            SlotRole::Local(index) if !self.labelled && index >= self.frame.params => {
                match self.local_types[index as usize] {
                    Some(ty) => self.terms.zero(ty),
                    None => {
                        let vector = self.terms.zero(ValType::V128);
                        self.terms.high(vector)
                    }
                }
            }
            SlotRole::Local(_) | SlotRole::Result(_) | SlotRole::Link(_) | SlotRole::Temp(_) => {
                self.terms.plain(Term::Entry(slot))
            }
        }
    }

    /// Returns the value of the wasm local with this first slot.
    pub(super) fn local(&mut self, first: Slot) -> TermId {
        match self.locals.get(&first) {
            Some(&term) => term,
            None => self.initial(first),
        }
    }

    pub(super) fn set_local(&mut self, first: Slot, ty: ValType, term: TermId) {
        self.locals.insert(first, term);
        self.settle(first, ty, term);
    }

    /// The number of operands.
    pub(super) fn len(&self) -> usize {
        self.stack.len()
    }

    /// The number of slots that the operands take.
    pub(super) fn height(&self) -> u32 {
        self.stack.last().map_or(0, |top| top.home.0 + top.ty.slots() - self.frame.temp(0).0)
    }

    /// The types of the operands from the bottom.
    pub(super) fn types(&self) -> impl Iterator<Item = ValType> {
        self.stack.iter().map(|operand| operand.ty)
    }

    pub(super) fn push(&mut self, ty: ValType, term: TermId) {
        let home = self.frame.temp(self.height());
        self.stack.push(Operand { ty, home, term });
        self.settle(home, ty, term);
    }

    /// Pops an operand; `None` if there is none.
    pub(super) fn pop(&mut self) -> Option<(ValType, TermId)> {
        let at = self.stack.len().checked_sub(1)?;
        let popped = (self.stack[at].ty, self.operand(at));
        self.truncate(at);
        Some(popped)
    }

    /// Drops the operands from index `len` up.
    pub(super) fn truncate(&mut self, len: usize) {
        for dropped in self.stack.drain(len.min(self.stack.len())..) {
            for slot in dropped.slots() {
                self.astray.remove(&slot);
            }
        }
        self.settled = self.settled.min(len);
    }

    /// Returns the value of the operand with the given index.
    pub(super) fn operand(&mut self, index: usize) -> TermId {
        let operand = self.stack[index];
        if index < self.settled { self.terms.plain(Term::Entry(operand.home)) } else { operand.term }
    }

    /// Returns the value of a type in the slots from `first` on; `None` if it is unknown.
    pub(super) fn value(&mut self, first: Slot, ty: ValType) -> Option<TermId> {
        let low = self.read(first)?;
        if ty.slots() == 1 {
            return Some(low);
        }
        let high = self.read(Slot(first.0.checked_add(1)?))?;
        Some(self.terms.halves(low, high))
    }

    /// Returns the contents of a slot of the frame; `None` if they are unknown.
    pub(super) fn read(&mut self, slot: Slot) -> Option<TermId> {
        if let Some(&term) = self.written.get(&slot) {
            return Some(term);
        }
        match self.frame.role(slot) {
            SlotRole::Local(_) => Some(self.initial(slot)),
            SlotRole::Temp(_) if slot < self.known_below => Some(self.initial(slot)),
            SlotRole::Result(_) | SlotRole::Link(_) | SlotRole::Temp(_) => None,
        }
    }

    pub(super) fn write(&mut self, slot: Slot, term: TermId) {
        let before = self.written.insert(slot, term);
        if let Some(undo) = &mut self.undo {
            undo.push((slot, before));
        }
        self.compare(slot);
    }

    /// Makes the contents of the slots from `base` up unknown. They are slots of operands.
    pub(super) fn clobber(&mut self, base: Slot) {
        while let Some((&last, _)) = self.written.last_key_value()
            && last >= base
        {
            self.written.remove(&last);
        }
        self.known_below = self.known_below.min(base);
        let homes = self.stack.iter().rev().flat_map(|operand| operand.slots().rev()).take_while(|slot| *slot >= base);
        self.astray.extend(homes);
    }

    /// Starts to record writes to slots, so that they can be undone.
    pub(super) fn begin_detour(&mut self) {
        self.undo = Some(Vec::new());
    }

    /// Undoes the writes since [`State::begin_detour`].
    pub(super) fn end_detour(&mut self) {
        for (slot, before) in self.undo.take().into_iter().flatten().rev() {
            match before {
                Some(term) => self.written.insert(slot, term),
                None => self.written.remove(&slot),
            };
            self.compare(slot);
        }
    }

    /// The lowest slot below `end` that does not hold what belongs there.
    pub(super) fn first_astray(&self, end: Slot) -> Option<Slot> {
        self.astray.range(..end).next().copied()
    }

    /// Returns the value that belongs in a slot: a local or operand, or a half of one.
    pub(super) fn belongs(&mut self, slot: Slot) -> Option<TermId> {
        let (first, value) = match self.frame.role(slot) {
            SlotRole::Local(index) => {
                let is_second = self.local_types[index as usize].is_none();
                let first = Slot(slot.0 - u32::from(is_second));
                (first, self.local(first))
            }
            SlotRole::Temp(_) => {
                let index = self.stack.partition_point(|operand| operand.home <= slot).checked_sub(1)?;
                let home = self.stack[index].home;
                if slot.0 - home.0 >= self.stack[index].ty.slots() {
                    return None;
                }
                (home, self.operand(index))
            }
            SlotRole::Link(_) | SlotRole::Result(_) => return None,
        };
        Some(if slot == first { self.terms.low(value) } else { self.terms.high(value) })
    }

    /// Notes whether a slot holds the value that belongs there.
    fn compare(&mut self, slot: Slot) {
        match self.belongs(slot) {
            Some(term) => self.settle_slot(slot, term),
            None => {
                self.astray.remove(&slot);
            }
        }
    }

    /// Notes whether a value of a type is in the slots from `first` on, where it belongs.
    fn settle(&mut self, first: Slot, ty: ValType, value: TermId) {
        let low = self.terms.low(value);
        self.settle_slot(first, low);
        if ty.slots() == 2 {
            let high = self.terms.high(value);
            self.settle_slot(Slot(first.0 + 1), high);
        }
    }

    /// Notes whether a slot holds `term`, which belongs there.
    fn settle_slot(&mut self, slot: Slot, term: TermId) {
        if self.read(slot) == Some(term) {
            self.astray.remove(&slot);
        } else {
            self.astray.insert(slot);
        }
    }
}
