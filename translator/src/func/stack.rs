//! The provider stack: the abstract operand stack of a function under translation.
//!
//! An entry is either a temporary, which an instruction has computed into its home slot, or a provider that has emitted
//! nothing yet: a local or a constant, which its consumer will read in place. Two events force pending providers to
//! their homes:
//!
//! * A write to a local has to come after the reads of it that are still pending. The entries that wait for a local
//!   form a chain, from the topmost down, so that [`ProviderStack::preserve`] visits those and no others.
//! * A label needs the canonical state. Entries below [`ProviderStack::flushed`]
//!   are temporaries already, so that [`ProviderStack::flush`] visits each once.
//!
//! Either way an entry is copied to its home at most once, so the work is linear in the number of operators.

use crate::faults::{Fault, faulty};
use crate::sink::{FrameLayout, Operand, Sink, Slot};
use crate::types::ValType;

/// No entry; the end of a chain.
const NONE: u32 = u32::MAX;

/// The place of an entry's value.
#[derive(Clone, Copy)]
enum Provider {
    /// In its home slot.
    Temp,
    /// In a local. `below` is the next lower entry that waits for the same local. (It is as wide as `bits`, because a
    /// narrow write followed by a wide read stalls the processor.)
    Local { index: u32, below: u64 },
    /// In no slot: the value is known.
    Const { bits: u64 },
}

#[derive(Clone, Copy)]
struct Entry {
    ty: ValType,
    /// Slots of the operand stack below this entry.
    height: u32,
    provider: Provider,
}

/// The abstract operand stack, and the locals that its entries may refer to.
#[derive(Default)]
pub(super) struct ProviderStack {
    entries: Vec<Entry>,
    local_types: Vec<ValType>,
    /// The number of slots that the locals take.
    local_slots: u32,
    /// The place of each local's first slot among the locals' slots; empty if that is always the local's own index.
    local_places: Vec<u32>,
    /// The topmost entry that waits for each local. Between functions no entry waits, so that a function pays only for
    /// the locals that it uses, not for those that it declares.
    pending: Vec<u32>,
    frame: FrameLayout,
    /// Slot of the operand at height 0.
    base: u32,
    /// Entries below this index are temporaries.
    flushed: usize,
    /// Slots of all entries.
    height: u32,
    max_height: u32,
}

impl ProviderStack {
    /// Removes everything about the previous function.
    pub(super) fn clear(&mut self) {
        self.truncate(0);
        self.local_types.clear();
        self.local_slots = 0;
        self.local_places.clear();
        self.flushed = 0;
        self.height = 0;
        if !faulty(Fault::MaxTempsKept) {
            self.max_height = 0;
        }
    }

    /// Declares `count` more locals. Must be called before [`ProviderStack::lay_out`].
    pub(super) fn declare_locals(&mut self, count: u32, ty: ValType) {
        let before = self.local_types.len();
        self.local_types.resize(before + count as usize, ty);
        if ty.slots() != 1 || !self.local_places.is_empty() {
            self.local_places.extend(self.local_places.len() as u32..before as u32);
            self.local_places.extend((0..count).map(|at| self.local_slots + at * ty.slots()));
        }
        self.local_slots += count * ty.slots();
    }

    /// The number of slots that the declared locals take.
    pub(super) fn local_slots(&self) -> u32 {
        self.local_slots
    }

    /// Assigns slots to locals and operands.
    pub(super) fn lay_out(&mut self, frame: FrameLayout) {
        self.frame = frame;
        self.base = frame.temp(0).0;
        if self.pending.len() < self.local_types.len() {
            self.pending.resize(self.local_types.len(), NONE);
        }
    }

    pub(super) fn local_types(&self) -> &[ValType] {
        &self.local_types
    }

    pub(super) fn local(&self, index: u32) -> (Slot, ValType) {
        (self.local_slot(index), self.local_types[index as usize])
    }

    #[inline(always)]
    fn local_slot(&self, index: u32) -> Slot {
        let place = if self.local_places.is_empty() { index } else { self.local_places[index as usize] };
        self.frame.local(place)
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Height in slots.
    pub(super) fn height(&self) -> u32 {
        self.height
    }

    /// The largest height of the stack so far, in slots.
    pub(super) fn max_height(&self) -> u32 {
        self.max_height
    }

    /// The home slot of an operand that has `height` slots below it.
    pub(super) fn home(&self, height: u32) -> Slot {
        Slot(self.base + height)
    }

    /// The types of the entries from the bottom.
    pub(super) fn types(&self) -> impl Iterator<Item = ValType> {
        self.entries.iter().map(|entry| entry.ty)
    }

    /// The entries from the bottom, each with its type.
    pub(super) fn operands(&self) -> impl Iterator<Item = (ValType, Operand)> {
        self.entries.iter().map(|entry| (entry.ty, self.operand(entry)))
    }

    #[inline(always)]
    fn push(&mut self, ty: ValType, provider: Provider) -> Slot {
        let height = self.height;
        self.entries.push(Entry { ty, height, provider });
        self.height += ty.slots();
        self.max_height = self.max_height.max(self.height);
        self.home(height)
    }

    /// Pushes a value that is, or soon will be, in its home slot. Returns the slot.
    #[inline(always)]
    pub(super) fn push_temp(&mut self, ty: ValType) -> Slot {
        self.push(ty, Provider::Temp)
    }

    #[inline(always)]
    pub(super) fn push_const(&mut self, ty: ValType, bits: u64) {
        self.push(ty, Provider::Const { bits });
    }

    #[inline(always)]
    pub(super) fn push_local(&mut self, index: u32) {
        let entry = self.entries.len() as u32;
        let ty = self.local_types[index as usize];
        let below = std::mem::replace(&mut self.pending[index as usize], entry);
        self.push(ty, Provider::Local { index, below: below.into() });
    }

    #[inline]
    fn operand(&self, entry: &Entry) -> Operand {
        let home = self.home(entry.height);
        match entry.provider {
            Provider::Temp => Operand::Temp(home),
            Provider::Local { index, .. } => Operand::Local { slot: self.local_slot(index), home },
            Provider::Const { bits } => Operand::Const { bits, home },
        }
    }

    /// Pops the top entry.
    ///
    /// # Panics
    ///
    /// If there is none, which means that the body is not valid.
    #[inline]
    pub(super) fn pop(&mut self) -> (ValType, Operand) {
        let top = self.entries[self.entries.len() - 1];
        self.entries.truncate(self.entries.len() - 1);
        self.dropped(&top);
        self.flushed = self.flushed.min(self.entries.len());
        (top.ty, self.operand(&top))
    }

    /// Notes that the top entry has been removed.
    #[inline]
    fn dropped(&mut self, top: &Entry) {
        self.height = top.height;
        if let Provider::Local { index, below } = top.provider {
            // The top entry is the topmost of its chain.
            self.pending[index as usize] = below as u32;
        }
    }

    /// Drops the entries from index `len` up.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.entries.len() > len
            && let Some(top) = self.entries.pop()
        {
            self.dropped(&top);
        }
        self.flushed = self.flushed.min(len);
    }

    /// Returns the entry at `index`, for its last read.
    pub(super) fn last_read(&self, index: usize) -> (ValType, Operand) {
        let entry = &self.entries[index];
        (entry.ty, self.operand(entry))
    }

    /// Returns the entry at `index`, for a read that does not consume it.
    pub(super) fn read_in_place(&self, index: usize) -> (ValType, Operand) {
        match self.last_read(index) {
            (ty, Operand::Temp(home)) => (ty, Operand::Local { slot: home, home }),
            other => other,
        }
    }

    /// Whether the entries from index `first` up are temporaries, and the lowest is at height `height`.
    pub(super) fn is_at_home(&self, first: usize, height: u32) -> bool {
        let at_height = self.entries.get(first).is_none_or(|lowest| lowest.height == height);
        at_height && self.temps_from(first) == self.entries.len() - first
    }

    /// The number of consecutive temporaries from index `first` up.
    pub(super) fn temps_from(&self, first: usize) -> usize {
        let unknown = &self.entries[first.max(self.flushed)..];
        let more = unknown.iter().position(|entry| !matches!(entry.provider, Provider::Temp));
        self.entries.len() - unknown.len() - first + more.unwrap_or(unknown.len())
    }

    /// Slots of the operand stack below the entry at `index`, which may be the one to be pushed next.
    pub(super) fn height_of(&self, index: usize) -> u32 {
        self.entries.get(index).map_or(self.height, |entry| entry.height)
    }

    /// The home slot of the entry at `index`.
    pub(super) fn home_of(&self, index: usize) -> Slot {
        self.home(self.entries[index].height)
    }

    /// Copies the entry at `index` to its home, unless it is there already.
    fn materialise(&mut self, index: usize, sink: &mut impl Sink) {
        let entry = self.entries[index];
        if !matches!(entry.provider, Provider::Temp) {
            sink.copy(entry.ty, self.home(entry.height), self.operand(&entry));
            self.entries[index].provider = Provider::Temp;
        }
    }

    /// Copies every entry to its home slot, unless it is there already.
    pub(super) fn flush(&mut self, sink: &mut impl Sink) {
        for index in self.flushed..self.entries.len() {
            if let Provider::Local { index: local, .. } = self.entries[index].provider {
                // All entries that wait for the local are flushed here.
                self.pending[local as usize] = NONE;
            }
            self.materialise(index, sink);
        }
        self.flushed = self.entries.len();
    }

    /// Copies the local to the homes of the entries that wait for it, because it is about to be written.
    pub(super) fn preserve(&mut self, local: u32, sink: &mut impl Sink) {
        let mut next = std::mem::replace(&mut self.pending[local as usize], NONE);
        while let Some(&Entry { provider: Provider::Local { below, .. }, .. }) = self.entries.get(next as usize) {
            self.materialise(next as usize, sink);
            next = if faulty(Fault::PreserveTopmostOnly) { NONE } else { below as u32 };
        }
    }
}
