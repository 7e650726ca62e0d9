//! The state of both sides: the wasm locals and operand stack, and the slots of the IR's frame.
//!
//! Both begin anew at a label, where the state is canonical, so that only what has
//! changed since the last label is kept; everything else is [`Term::Entry`] of its
//! slot. A wasm local and an operand each have a slot where they belong; the slots
//! of those that are not there at the moment are *astray*. Keeping that set
//! makes the check at a branch cheap, however large the frame is.
//!
//! All of this is by single slots, of which a vector has two: see [`super::term`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use riser_translator::sink::{FrameLayout, Slot, SlotRole};
use riser_translator::types::ValType;

use super::effect::Log;
use super::term::{Term, TermId, Terms};

/// An operand of the wasm operand stack.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub(super) ty: ValType,
    /// Where it belongs.
    pub(super) home: Slot,
    /// Its value; of no meaning for those that were there at the last label.
    term: TermId,
}

impl Operand {
    /// The slots where it belongs.
    fn slots(&self) -> impl DoubleEndedIterator<Item = Slot> + use<> {
        (self.home.0..self.home.0 + self.ty.slots()).map(Slot)
    }
}

/// Both sides' values.
pub(super) struct State {
    pub(super) terms: Terms,
    pub(super) log: Log,
    pub(super) frame: FrameLayout,
    /// For each slot of the locals, the local's type; `None` for the second slot of a vector.
    local_types: Vec<Option<ValType>>,
    /// Whether there has been a label.
    labelled: bool,
    /// The wasm locals that were set, by their first slots.
    locals: HashMap<Slot, TermId>,
    stack: Vec<Operand>,
    /// Operands below this index were there at the last label.
    settled: usize,
    /// The IR's slots that were written.
    written: BTreeMap<Slot, TermId>,
    /// Operands' slots from here up hold nothing unless they were written.
    known_below: Slot,
    /// Slots that do not hold the local or operand that belongs there.
    astray: BTreeSet<Slot>,
    /// What slots held before they were written, while writes are to be taken back.
    undo: Option<Vec<(Slot, Option<TermId>)>>,
}

impl State {
    /// The state at the entry of a function.
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

    /// A label: everything is where it belongs, and what it is is not known.
    pub(super) fn restart(&mut self) {
        self.labelled = true;
        self.locals.clear();
        self.settled = self.stack.len();
        self.written.clear();
        self.known_below = self.frame.temp(self.height());
        self.astray.clear();
        self.log.restart();
    }

    /// What a slot had at the last label or at the entry, when declared locals are zero.
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
            _ => self.terms.plain(Term::Entry(slot)),
        }
    }

    /// The value of the wasm local whose first slot this is.
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

    /// Number of operands.
    pub(super) fn len(&self) -> usize {
        self.stack.len()
    }

    /// Slots that the operands take.
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

    /// The value of the operand with the given index.
    pub(super) fn operand(&mut self, index: usize) -> TermId {
        let operand = self.stack[index];
        if index < self.settled { self.terms.plain(Term::Entry(operand.home)) } else { operand.term }
    }

    /// The value of a type that is in the slots from `first` on; `None` if that may be anything.
    pub(super) fn value(&mut self, first: Slot, ty: ValType) -> Option<TermId> {
        let low = self.read(first)?;
        if ty.slots() == 1 {
            return Some(low);
        }
        let high = self.read(Slot(first.0.checked_add(1)?))?;
        Some(self.terms.halves(low, high))
    }

    /// What is in a slot of the frame; `None` if that may be anything.
    pub(super) fn read(&mut self, slot: Slot) -> Option<TermId> {
        if let Some(&term) = self.written.get(&slot) {
            return Some(term);
        }
        match self.frame.role(slot) {
            SlotRole::Local(_) => Some(self.initial(slot)),
            SlotRole::Temp(_) if slot < self.known_below => Some(self.initial(slot)),
            _ => None,
        }
    }

    pub(super) fn write(&mut self, slot: Slot, term: TermId) {
        let before = self.written.insert(slot, term);
        if let Some(undo) = &mut self.undo {
            undo.push((slot, before));
        }
        self.compare(slot);
    }

    /// Slots from `base` up may hold anything. They are slots of operands.
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

    /// From here on, writes to slots are to be taken back.
    pub(super) fn begin_detour(&mut self) {
        self.undo = Some(Vec::new());
    }

    /// Takes back the writes since [`State::begin_detour`].
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

    /// What of a local or operand belongs in a slot.
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

    /// Takes note of whether a slot holds what belongs there.
    fn compare(&mut self, slot: Slot) {
        match self.belongs(slot) {
            Some(term) => self.settle_slot(slot, term),
            None => {
                self.astray.remove(&slot);
            }
        }
    }

    /// Takes note of whether a value of a type is in the slots from `first` on, where it belongs.
    fn settle(&mut self, first: Slot, ty: ValType, value: TermId) {
        let low = self.terms.low(value);
        self.settle_slot(first, low);
        if ty.slots() == 2 {
            let high = self.terms.high(value);
            self.settle_slot(Slot(first.0 + 1), high);
        }
    }

    /// Takes note of whether a slot holds `term`, which belongs there.
    fn settle_slot(&mut self, slot: Slot, term: TermId) {
        if self.read(slot) == Some(term) {
            self.astray.remove(&slot);
        } else {
            self.astray.insert(slot);
        }
    }
}
