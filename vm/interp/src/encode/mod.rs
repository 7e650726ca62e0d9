//! The encoder from register IR to the code stream: the [`Emitter`] of the interpreter.
//!
//! Each instruction becomes a head word in the form of the dispatch strategy and
//! operand words (see [`super::regs`]). Branch targets are distances in words
//! from the branch; those of labels still to come are filled in when the label
//! is bound.
//!
//! # Frames of more than 2^16 slots
//!
//! Slot fields have 16 bits. When a function turns out to need more, it is
//! encoded again as a *far* function: eight scratch slots, which hold four values, are put
//! after the link, everything above moves up by eight, and an instruction with operands that
//! do not fit is surrounded by copies from and to the scratch slots.

mod atomic;
mod copies;
mod inst;
mod probe;
mod tools;
mod translator;
mod vector;

use riser_tiers_core::{Count, FuncInst};
use riser_translator::config::TranslatorConfig;
use riser_translator::index::DefinedFuncIndex;
use riser_translator::ir::{Emitter, Inst};
use riser_translator::module::ModuleInfo;
use riser_translator::sink::{FrameLayout, FuncHeader, LINK_SLOTS, Label, LabelKind, Slot};
use riser_translator::types::ValType;

use super::dispatch::{Bounds, Dispatch};
use super::forward::Held;
use super::pairs;
use super::run::head;
use super::tokens::Token;
use super::unwind::Handlers;
use copies::Copies;
pub use tools::encode_ir;
pub use translator::Translator;

/// The settings that determine how a function is encoded.
#[derive(Clone, Copy, Debug)]
pub struct EncodeConfig {
    /// Switches of the translator.
    pub translator: TranslatorConfig,
    /// Form of the head words.
    pub dispatch: Dispatch,
    /// Form of accesses to 32-bit memories.
    pub bounds: Bounds,
    /// The address of the function's [`Counters`](riser_tiers_core::Counters), if the code counts.
    pub counters: Option<usize>,
}

/// The code of one function.
#[derive(Debug)]
pub struct Code {
    words: Box<[u64]>,
    /// The handler scopes; `None` if the function has no clauses.
    handlers: Option<Box<Handlers>>,
}

impl Code {
    /// The first instruction.
    pub fn entry(&self) -> *const u64 {
        self.words.as_ptr()
    }

    /// The handler scopes.
    pub fn handlers(&self) -> Option<&Handlers> {
        self.handlers.as_deref()
    }

    /// Length in words of 64 bits.
    pub fn len_words(&self) -> usize {
        self.words.len()
    }
}

/// Where a function's code polls the interrupt flag.
#[derive(Debug, Default)]
pub struct Polls {
    /// The words of the polling instructions, in order.
    pub words: Vec<u32>,
    /// The number of slots by which everything behind the link is moved up from the frame's layout.
    pub shift: u32,
}

/// Where a function's code goes on in a frame that is restored: positions in words.
#[derive(Clone, Debug, Default)]
pub struct Resumes {
    /// The offset of each `loop`, and the loop's header, in order.
    loops: Vec<(u32, u32)>,
    /// The offset of each call, and the instruction behind it, in order.
    calls: Vec<(u32, u32)>,
    /// As in [`Polls`].
    pub shift: u32,
}

impl Resumes {
    /// The offset of the call to which `word` is the way back.
    pub fn call_before(&self, word: u32) -> Option<u32> {
        let at = self.calls.binary_search_by_key(&word, |&(_, behind)| behind);
        at.ok().and_then(|at| self.calls.get(at)).map(|&(offset, _)| offset)
    }

    /// The instruction behind the call at an offset.
    pub fn behind_call(&self, offset: u32) -> Option<u32> {
        word_at(&self.calls, offset)
    }

    /// The header of the loop at an offset.
    pub fn loop_header(&self, offset: u32) -> Option<u32> {
        word_at(&self.loops, offset)
    }
}

/// The word for an offset in a list in order.
fn word_at(list: &[(u32, u32)], offset: u32) -> Option<u32> {
    let at = list.binary_search_by_key(&offset, |&(offset, _)| offset);
    at.ok().and_then(|at| list.get(at)).map(|&(_, word)| word)
}

/// Which positions of instructions to record.
#[derive(Clone)]
enum Positions {
    Ignore,
    /// The word and the wasm offset of each instruction, in order.
    All(Vec<(u32, u32)>),
    /// The word of each poll of the interrupt flag, in order.
    Polls(Vec<u32>),
    /// Where frames that are restored go on.
    Resumes(Resumes),
}

/// A branch to a label that is not bound yet.
#[derive(Clone, Copy)]
struct Fixup {
    /// The 32-bit half of the code that holds the distance.
    half: u32,
    /// The word that the distance is counted from.
    from: u32,
    /// The next fixup of the same label, plus one.
    next: u32,
}

/// The state of a label.
#[derive(Clone, Copy)]
enum LabelState {
    /// Not bound yet: the number of the first fixup plus one, 0 if there is none.
    Awaited(u32),
    /// Bound at this word.
    Bound(u32),
}

/// The buffers that grow with a function.
#[derive(Default)]
struct Buffers {
    words: Vec<u64>,
    labels: Vec<LabelState>,
    fixups: Vec<Fixup>,
    handlers: Handlers,
    copies: Copies,
}

/// A head that can become the first of a pair.
struct Unpaired {
    place: usize,
    token: usize,
    /// Which copy of the handler it has.
    copy: u8,
}

/// Encodes one function.
struct Encoder<'a> {
    module: &'a ModuleInfo,
    config: &'a EncodeConfig,
    frame: FrameLayout,
    /// Whether the function has the scratch slots of far functions.
    far: bool,
    /// Whether a slot's number did not fit in a field.
    too_far: bool,
    buffers: Buffers,
    /// The last head, if it can still become the first of a pair.
    unpaired: Option<Unpaired>,
    /// Whether operands are taken from the accumulators that hold them.
    forwarding: bool,
    /// What the accumulators hold; nothing without forwarding.
    held: Held,
    positions: Positions,
}

/// Words of the `Enter` instruction.
const ENTER_WORDS: usize = 3;

impl<'a> Encoder<'a> {
    /// Makes an encoder that uses the space of `buffers`.
    fn new(
        module: &'a ModuleInfo,
        config: &'a EncodeConfig,
        far: bool,
        positions: Positions,
        mut buffers: Buffers,
    ) -> Encoder<'a> {
        buffers.words.clear();
        buffers.labels.clear();
        buffers.fixups.clear();
        buffers.handlers.clear();
        buffers.copies.begin(config.dispatch);
        Encoder {
            module,
            config,
            frame: FrameLayout { params: 0, results: 0, locals: 0 },
            far,
            too_far: false,
            buffers,
            unpaired: None,
            forwarding: config.translator.forwarding && !far,
            held: Held::default(),
            positions,
        }
    }

    /// Returns the number of a slot in the interpreter's frame.
    fn number(&self, slot: Slot) -> u32 {
        let moved = self.far && slot.0 >= self.frame.link().0 + LINK_SLOTS;
        slot.0 + if moved { SCRATCH_SLOTS } else { 0 }
    }

    /// Returns the number of a far function's first scratch slot for the value numbered `index`.
    fn scratch(&self, index: u32) -> u16 {
        (self.frame.link().0 + LINK_SLOTS + index * WIDEST) as u16
    }

    /// Starts an instruction: returns its head. If it forms a pair with the instruction before, that one's head becomes
    /// the pair's.
    #[inline]
    fn head(&mut self, token: usize) -> u64 {
        let dispatch = self.config.dispatch;
        if let Some(first) = self.unpaired.take()
            && let Some(pair) = pairs::pair(first.token, token)
        {
            self.buffers.copies.give_back(first.token, first.copy);
            self.buffers.words[first.place] = head(dispatch, pair, self.buffers.copies.take(pair));
            // The pair passes over this head.
            return head(dispatch, token, 0);
        }
        let copy = self.buffers.copies.take(token);
        if self.config.translator.pairs {
            self.unpaired = Some(Unpaired { place: self.buffers.words.len(), token, copy });
        }
        head(dispatch, token, copy)
    }

    /// Adds an instruction with one word behind its head.
    fn short(&mut self, token: usize, word: u64) {
        let head = self.head(token);
        self.buffers.words.extend_from_slice(&[head, word]);
    }

    /// Adds an instruction with two words behind its head.
    fn long(&mut self, token: usize, first: u64, second: u64) {
        let head = self.head(token);
        self.buffers.words.extend_from_slice(&[head, first, second]);
    }

    /// Records the position of the next instruction.
    #[cold]
    fn keep_position(&mut self, inst: &Inst, offset: u32) {
        let word = self.buffers.words.len() as u32;
        match &mut self.positions {
            Positions::All(positions) => positions.push((word, offset)),
            Positions::Polls(words) if *inst == Inst::Epoch => words.push(word),
            Positions::Ignore | Positions::Polls(_) | Positions::Resumes(_) => {}
        }
    }

    /// Records the position behind a call.
    #[cold]
    fn keep_way_back(&mut self, inst: &Inst, offset: u32) {
        let word = self.buffers.words.len() as u32;
        if let Positions::Resumes(resumes) = &mut self.positions
            && matches!(inst, Inst::Call { .. } | Inst::CallIndirect { .. })
        {
            resumes.calls.push((offset, word));
        }
    }

    /// Adds an instruction that counts, if the code counts. `offset` is that of the loop's operator, or 0.
    fn count(&mut self, count: Count, offset: u32) {
        if let Some(counters) = self.config.counters {
            self.long(Token::Heat as usize, (counters + count.offset()) as u64, halves(offset, 0));
            self.unpaired = None;
        }
    }

    /// Returns the field for a slot that is read. `index` tells the operands of one instruction apart.
    #[inline]
    fn read(&mut self, slot: Slot, index: u32) -> u16 {
        self.read_slots(slot, 1, index)
    }

    /// As [`Encoder::read`], for the first slot of a vector.
    fn read_vector(&mut self, slot: Slot, index: u32) -> u16 {
        self.read_slots(slot, ValType::V128.slots(), index)
    }

    /// As [`Encoder::read`], for the first of `slots` slots.
    #[inline]
    fn read_slots(&mut self, slot: Slot, slots: u32, index: u32) -> u16 {
        let number = self.number(slot);
        u16::try_from(number).unwrap_or_else(|_| self.read_far(number, slots, index))
    }

    #[cold]
    fn read_far(&mut self, number: u32, slots: u32, index: u32) -> u16 {
        if !self.far {
            self.too_far = true;
            return 0;
        }
        let scratch = self.scratch(index);
        self.copy_far(u32::from(scratch), number, slots);
        scratch
    }

    /// Returns the field for a slot that is written. [`Encoder::finish_write`] has to follow the instruction.
    #[inline]
    fn write(&mut self, slot: Slot) -> u16 {
        u16::try_from(self.number(slot)).unwrap_or_else(|_| self.write_far())
    }

    #[cold]
    fn write_far(&mut self) -> u16 {
        if !self.far {
            self.too_far = true;
            return 0;
        }
        self.scratch(0)
    }

    /// If [`Encoder::write`] put a result of `slots` slots into a scratch slot, copies it to its place.
    #[inline]
    fn finish_write(&mut self, slot: Slot, slots: u32) {
        let number = self.number(slot);
        if self.far && u16::try_from(number).is_err() {
            self.copy_far(number, u32::from(self.scratch(0)), slots);
        }
    }

    /// Copies a value of `slots` slots.
    fn copy_far(&mut self, dst: u32, src: u32, slots: u32) {
        let token = if slots == 1 { Token::CopyFar } else { Token::CopyFar128 };
        self.short(token as usize, halves(dst, src));
    }

    /// Sets one of the 32-bit halves of the code's words.
    fn set_half(&mut self, half: u32, value: u32) {
        let word = &mut self.buffers.words[half as usize / 2];
        let shift = half % 2 * 32;
        *word = *word & !(u64::from(u32::MAX) << shift) | u64::from(value) << shift;
    }

    /// Returns the state of a label.
    fn label_state(&mut self, label: Label) -> &mut LabelState {
        let index = label.0 as usize;
        if index >= self.buffers.labels.len() {
            self.buffers.labels.resize(index + 1, LabelState::Awaited(0));
        }
        &mut self.buffers.labels[index]
    }

    /// Sets the half numbered `half` to the distance from word `from` to `target`, now or when the label is bound.
    fn target(&mut self, target: Label, half: u32, from: u32) {
        match *self.label_state(target) {
            LabelState::Bound(word) => self.set_half(half, word.wrapping_sub(from)),
            LabelState::Awaited(next) => {
                self.buffers.fixups.push(Fixup { half, from, next });
                let first = self.buffers.fixups.len() as u32;
                *self.label_state(target) = LabelState::Awaited(first);
            }
        }
    }
}

/// A word of four fields.
#[inline]
fn fields(fields: [u16; 4]) -> u64 {
    let [a, b, c, d] = fields.map(u64::from);
    a | b << 16 | c << 32 | d << 48
}

/// A word of two fields and a half.
#[inline]
fn fields_half(a: u16, b: u16, half: u32) -> u64 {
    u64::from(a) | u64::from(b) << 16 | u64::from(half) << 32
}

/// A word of two halves.
#[inline]
fn halves(lo: u32, hi: u32) -> u64 {
    u64::from(lo) | u64::from(hi) << 32
}

/// Values that the scratch slots of a far function hold.
pub(super) const SCRATCH_VALUES: u32 = 4;
/// Slots of the widest value.
pub(super) const WIDEST: u32 = ValType::V128.slots();
/// The number of scratch slots of a far function.
pub(super) const SCRATCH_SLOTS: u32 = SCRATCH_VALUES * WIDEST;

impl Emitter for Encoder<'_> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.frame = func.frame;
        // The frame's size is known only at the end, and filled in there.
        let first = self.number(func.frame.local(func.frame.params));
        let count = func.frame.locals - func.frame.params;
        self.long(Token::Enter as usize, halves(0, first), halves(count, 0));
        debug_assert_eq!(self.buffers.words.len(), ENTER_WORDS);
        self.count(Count::Calls, 0);
    }

    fn loop_header(&mut self, offset: u32) {
        let word = self.buffers.words.len() as u32;
        if let Positions::Resumes(resumes) = &mut self.positions {
            resumes.loops.push((offset, word));
        }
        // Loops of far functions are not counted: other tiers expect frames of another layout.
        if !self.far {
            self.count(Count::Loops, offset);
        }
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        if !matches!(self.positions, Positions::Ignore) {
            self.keep_position(inst, offset);
        }
        self.encode(inst);
        if !matches!(self.positions, Positions::Ignore) {
            self.keep_way_back(inst, offset);
        }
    }

    fn label(&mut self, label: Label, kind: LabelKind, _operands: &mut dyn Iterator<Item = ValType>) {
        let here = self.buffers.words.len() as u32;
        let state = std::mem::replace(self.label_state(label), LabelState::Bound(here));
        let LabelState::Awaited(mut next) = state else { return };
        // Where a branch was inverted, its label may be left without branches. It is no label then.
        let is_reached = next != 0 || kind == LabelKind::Loop || !self.buffers.handlers.is_empty();
        if is_reached {
            // Code behind a label is often reached by a branch, so no pair spans a label.
            self.unpaired = None;
            self.held = Held::default();
        }
        if kind == LabelKind::Loop {
            self.buffers.copies.enter_loop();
        }
        while next != 0 {
            let fixup = self.buffers.fixups[next as usize - 1];
            self.set_half(fixup.half, here.wrapping_sub(fixup.from));
            next = fixup.next;
        }
    }

    fn end(&mut self, max_temps: u32) {
        let slots = self.number(self.frame.temp(max_temps)).max(self.frame.link().0 + LINK_SLOTS);
        self.set_half(2, slots);
        for landing in self.buffers.handlers.clauses_mut() {
            landing.target = match self.buffers.labels[landing.target as usize] {
                LabelState::Bound(word) => word,
                LabelState::Awaited(_) => unreachable!("clauses lead to labels that are bound"),
            };
        }
    }
}

/// The byte offset of a defined function's instance in the context's array.
pub(super) const fn defined_offset(defined: DefinedFuncIndex) -> u32 {
    defined.as_u32() * size_of::<FuncInst>() as u32
}
