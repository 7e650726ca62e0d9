//! The copy of a frame that code keeps in memory over its calls, for snapshots ([`FrameValues::Copy`]).
//!
//! A value that is live over a call is wherever the compiler has put it. So before each call, code stores what a frame map says is
//! live there, apart from what the map finds elsewhere: locals, and operands that are in their homes. It stores a value once: what
//! the copy has already, on all ways to the call, is not stored again. What loops do not write stays right in them. A local that
//! no way to the call has written is zero, which readers find out by themselves ([`LocalWrites`]).
//!
//! The copy is laid out like a frame of the register interpreter. Nothing ever reads it but a snapshot.
//!
//! [`FrameValues::Copy`]: riser_tiers_core::FrameValues::Copy

use riser_translator::ValType;
use riser_translator::local_writes::LocalWrites;
use riser_translator::sink::{FrameLayout, Label, LabelKind, LiveAtCall, Operand, Slot, SlotRole};

use crate::{Builder, slots};

/// Slots of which a loop's header asks whether the loop writes them, at the cost of handling one value.
const SLOTS_PER_VALUE: usize = 16;

/// A set of slots.
#[derive(Clone, Debug, Default)]
struct SlotSet(Vec<u64>);

impl SlotSet {
    fn contains(&self, slot: Slot) -> bool {
        self.0.get(slot.0 as usize / 64).is_some_and(|word| word >> (slot.0 % 64) & 1 != 0)
    }

    fn insert(&mut self, slot: Slot) {
        let at = slot.0 as usize / 64;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (slot.0 % 64);
    }

    fn remove(&mut self, slot: Slot) {
        if let Some(word) = self.0.get_mut(slot.0 as usize / 64) {
            *word &= !(1 << (slot.0 % 64));
        }
    }

    fn intersect(&mut self, other: &SlotSet) {
        self.0.truncate(other.0.len());
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    /// Those that are not in the other set.
    fn without<'a>(&'a self, other: &'a SlotSet) -> impl Iterator<Item = Slot> + 'a {
        let words = self.0.iter().enumerate().map(|(at, word)| (at, word & !other.0.get(at).copied().unwrap_or(0)));
        words.flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.checked_sub(1)?;
                Some(Slot(at as u32 * 64 + bit))
            })
        })
    }
}

/// The slots that the copy is right for where branches to a label come from.
#[derive(Clone, Debug)]
enum AtLabel {
    /// There has been no branch.
    Unreached,
    /// On all branches so far.
    Right(SlotSet),
    /// The label is bound.
    Bound,
}

/// What is known of the copy of a function's frame while the function is lowered.
#[derive(Debug, Default)]
pub(crate) struct FrameCopy {
    writes: LocalWrites,
    /// The slot and the type of each local.
    locals: Vec<(Slot, ValType)>,
    /// How many of the locals that are written have begun to be, of those that `writes` has in order.
    begun: usize,
    /// The locals that may have been written, parameters included.
    written: SlotSet,
    /// The slots for which the copy is right.
    right: SlotSet,
    /// By label.
    labels: Vec<AtLabel>,
}

impl FrameCopy {
    pub(crate) fn new(writes: LocalWrites) -> FrameCopy {
        FrameCopy { writes, ..FrameCopy::default() }
    }

    /// Begins the function.
    pub(crate) fn begin(&mut self, frame: FrameLayout, locals: &[ValType]) {
        self.locals = slots(locals).map(|(ty, index)| (frame.local(index), ty)).collect();
        for (_, index) in slots(locals).take_while(|&(_, index)| index < frame.params) {
            self.written.insert(frame.local(index));
        }
    }

    /// The slot gets another value.
    pub(crate) fn change(&mut self, slot: Slot) {
        self.right.remove(slot);
    }

    /// The local with this slot.
    fn local(&self, slot: Slot) -> Option<(u32, ValType)> {
        let at = self.locals.binary_search_by_key(&slot.0, |(slot, _)| slot.0).ok()?;
        Some((at as u32, self.locals[at].1))
    }

    fn at_label(&mut self, label: Label) -> &mut AtLabel {
        let at = label.0 as usize;
        if at >= self.labels.len() {
            self.labels.resize(at + 1, AtLabel::Unreached);
        }
        &mut self.labels[at]
    }

    /// A branch to a label. Returns the work.
    pub(crate) fn branch(&mut self, label: Label) -> usize {
        let right = std::mem::take(&mut self.right);
        match self.at_label(label) {
            AtLabel::Bound => {}
            AtLabel::Right(others) => others.intersect(&right),
            unreached @ AtLabel::Unreached => *unreached = AtLabel::Right(right.clone()),
        }
        self.right = right;
        self.right.0.len()
    }

    /// A label is bound, at which the code before goes on if `continues`. A loop starts at `position`; if others may enter it there,
    /// nothing is known of the copy. Returns the work.
    pub(crate) fn bind(
        &mut self,
        label: Label,
        kind: LabelKind,
        continues: bool,
        position: u32,
        is_entered: bool,
    ) -> usize {
        let mut work = 0;
        let from_branches = std::mem::replace(self.at_label(label), AtLabel::Bound);
        match kind {
            LabelKind::Join | LabelKind::Skip => match (from_branches, continues) {
                (AtLabel::Right(others), true) => self.right.intersect(&others),
                (AtLabel::Right(others), false) => self.right = others,
                (AtLabel::Unreached | AtLabel::Bound, true) => {}
                (AtLabel::Unreached | AtLabel::Bound, false) => self.right = SlotSet::default(),
            },
            LabelKind::Loop => {
                let before = std::mem::take(&mut self.right);
                if continues && !is_entered {
                    let mut looked_at = before.0.len();
                    for slot in before.without(&SlotSet::default()) {
                        looked_at += 1;
                        if self.local(slot).is_some_and(|(local, _)| !self.writes.is_in_loop(local, position)) {
                            self.right.insert(slot);
                        }
                    }
                    work = looked_at / SLOTS_PER_VALUE;
                }
            }
        }
        work
    }

    /// Forgets what the copy is right for, until that is [put back](FrameCopy::put_back).
    pub(crate) fn set_aside(&mut self) -> Right {
        Right(std::mem::take(&mut self.right))
    }

    pub(crate) fn put_back(&mut self, Right(right): Right) {
        self.right = right;
    }

    /// The locals that have to be stored for a call at a position.
    fn missing(&mut self, position: u32) -> Vec<(Slot, ValType)> {
        while let Some(&(_, local)) = self.writes.begins().get(self.begun).filter(|&&(begin, _)| begin < position) {
            self.begun += 1;
            if let Some(&(slot, _)) = self.locals.get(local as usize) {
                self.written.insert(slot);
            }
        }
        let missing = self.written.without(&self.right);
        missing.filter_map(|slot| self.local(slot).map(|(_, ty)| (slot, ty))).collect()
    }
}

/// What the copy was right for at some place.
#[derive(Debug)]
pub(crate) struct Right(SlotSet);

/// Stores what is live over the call that follows.
pub fn keep<B: Builder>(b: &mut B, live: LiveAtCall<'_>) {
    let position = b.body().position;
    let frame = b.body().frame;
    let Some(copy) = &mut b.body().copy else { return };
    let mut missing = copy.missing(position);
    let mut height = 0;
    let mut work = copy.right.0.len();
    for (ty, operand) in live.operands {
        let home = frame.temp(height);
        let is_home = match operand {
            Operand::Temp(_) => true,
            Operand::Local { slot, .. } => !matches!(frame.role(slot), SlotRole::Local(_)),
            Operand::Const { .. } => false,
        };
        if is_home && !copy.right.contains(home) {
            missing.push((home, ty));
        }
        height += ty.slots();
        work += 1;
    }
    for &(slot, _) in &missing {
        copy.right.insert(slot);
    }
    b.body().budget.spend(work + missing.len());
    let values: Vec<_> = missing.iter().map(|&(slot, ty)| (slot, b.get(ty, Operand::Temp(slot)))).collect();
    b.keep(&values);
}
