//! From register IR to the code stream: the [`Emitter`] of the interpreter.
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

mod family;
mod tools;
mod vector;

use riser_tiers_core::{Count, FuncInst};
use riser_translator::TranslateError;
use riser_translator::config::TranslatorConfig;
use riser_translator::func::FuncTranslator;
use riser_translator::ir::{Emitter, Inst};
use riser_translator::module::ModuleInfo;
use riser_translator::parse::ParsedModule;
use riser_translator::select::Selector;
use riser_translator::sink::{FrameLayout, FuncHeader, LINK_SLOTS, Label, LabelKind, Slot};
use riser_translator::types::ValType;

use super::dispatch::{Bounds, Dispatch};
use super::forward::Held;
use super::pairs;
use super::run::head;
use super::tokens::Token;
pub use tools::encode_ir;

/// What decides how a function is encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodeConfig {
    /// Switches of the translator.
    pub translator: TranslatorConfig,
    /// Form of the head words.
    pub dispatch: Dispatch,
    /// Form of accesses to 32-bit memories.
    pub bounds: Bounds,
    /// The address of the function's [`Counters`](riser_tiers_core::Counters), if the code is to count.
    pub counters: Option<usize>,
}

/// The code of one function.
#[derive(Debug)]
pub(crate) struct Code {
    words: Box<[u64]>,
}

impl Code {
    /// The first instruction.
    pub(crate) fn entry(&self) -> *const u64 {
        self.words.as_ptr()
    }

    /// Length in words of 64 bits.
    pub(crate) fn len_words(&self) -> usize {
        self.words.len()
    }
}

/// Where a function's code polls the interrupt flag.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    /// The words of the instructions that do, in order.
    pub words: Vec<u32>,
    /// How far slots behind the link are moved up from where the frame's layout has them.
    pub shift: u32,
}

/// Translates and encodes functions, one after the other; what it allocates is used again.
#[derive(Default)]
pub(crate) struct Translator {
    functions: FuncTranslator,
    buffers: Buffers,
}

impl Translator {
    /// Validates a function's body, if nobody has before.
    ///
    /// # Errors
    ///
    /// If it is not valid.
    pub(crate) fn validate(&mut self, parsed: &ParsedModule, function: u32) -> Result<(), TranslateError> {
        self.functions.validate(parsed, function)
    }

    /// Translates and encodes a function.
    ///
    /// # Errors
    ///
    /// If its body is not valid.
    pub(crate) fn encode(
        &mut self,
        parsed: &ParsedModule,
        function: u32,
        config: &EncodeConfig,
    ) -> Result<Code, TranslateError> {
        let encoder = self.run(parsed, function, config, Positions::Ignore)?;
        let code = Code { words: encoder.buffers.words.as_slice().into() };
        self.buffers = encoder.buffers;
        Ok(code)
    }

    /// The wasm offset that the instruction around word `word` of a function's code comes from.
    pub(crate) fn wasm_offset(
        &mut self,
        parsed: &ParsedModule,
        function: u32,
        config: &EncodeConfig,
        word: u32,
    ) -> Option<u32> {
        let encoder = self.run(parsed, function, config, Positions::All(Vec::new())).ok()?;
        let Positions::All(positions) = encoder.positions else { return None };
        let after = positions.partition_point(|&(start, _)| start <= word);
        match after.checked_sub(1) {
            Some(at) => Some(positions[at].1),
            // The entry of the function.
            None => Some(parsed.info().bodies[parsed.info().defined_function(function)? as usize].range.start),
        }
    }

    /// Where a function's code polls the interrupt flag.
    ///
    /// # Errors
    ///
    /// If its body is not valid.
    pub(crate) fn polls(
        &mut self,
        parsed: &ParsedModule,
        function: u32,
        config: &EncodeConfig,
    ) -> Result<Polls, TranslateError> {
        let encoder = self.run(parsed, function, config, Positions::Polls(Vec::new()))?;
        let shift = if encoder.far { SCRATCH_SLOTS } else { 0 };
        let Positions::Polls(words) = encoder.positions else { return Ok(Polls::default()) };
        Ok(Polls { words, shift })
    }

    fn run<'a>(
        &mut self,
        parsed: &'a ParsedModule,
        function: u32,
        config: &'a EncodeConfig,
        positions: Positions,
    ) -> Result<Encoder<'a>, TranslateError> {
        let mut run = |far: bool, positions: Positions, buffers: Buffers| {
            let encoder = Encoder::new(parsed.info(), config, far, positions, buffers);
            let mut selector = Selector::new(parsed.info(), &config.translator, encoder);
            self.functions.translate(parsed, function, &config.translator, &mut selector)?;
            Ok(selector.into_emitter())
        };
        let near: Encoder<'a> = run(false, positions.clone(), std::mem::take(&mut self.buffers))?;
        if near.too_far { run(true, positions, near.buffers) } else { Ok(near) }
    }
}

/// What to keep of where instructions are.
#[derive(Clone)]
enum Positions {
    Ignore,
    /// Word and wasm offset of each instruction, in order.
    All(Vec<(u32, u32)>),
    /// Word of each poll of the interrupt flag, in order.
    Polls(Vec<u32>),
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

/// What is known of a label.
#[derive(Clone, Copy)]
enum LabelState {
    /// First fixup plus one, 0 if none.
    Awaited(u32),
    /// The word.
    Bound(u32),
}

/// What grows with a function.
#[derive(Default)]
struct Buffers {
    words: Vec<u64>,
    labels: Vec<LabelState>,
    fixups: Vec<Fixup>,
}

/// Encodes one function.
struct Encoder<'a> {
    module: &'a ModuleInfo,
    config: &'a EncodeConfig,
    frame: FrameLayout,
    /// Whether the function has the scratch slots of far functions.
    far: bool,
    /// Whether a slot did not fit.
    too_far: bool,
    buffers: Buffers,
    /// The place of the last head and its token, if it can become the first of a pair.
    unpaired: Option<(usize, usize)>,
    /// Whether operands are taken from the accumulators that hold them.
    forwarding: bool,
    /// What the accumulators hold; nothing without forwarding.
    held: Held,
    positions: Positions,
}

/// Words of the `Enter` instruction.
const ENTER_WORDS: usize = 3;

impl<'a> Encoder<'a> {
    /// An encoder that uses the space of `buffers`.
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

    /// The number of a slot in the interpreter's frame.
    fn number(&self, slot: Slot) -> u32 {
        let moved = self.far && slot.0 >= self.frame.link().0 + LINK_SLOTS;
        slot.0 + if moved { SCRATCH_SLOTS } else { 0 }
    }

    /// The number of the first scratch slot for a value of a far function.
    fn scratch(&self, index: u32) -> u16 {
        (self.frame.link().0 + LINK_SLOTS + index * WIDEST) as u16
    }

    /// Starts an instruction: gives its head.
    #[inline]
    fn head(&mut self, token: usize) -> u64 {
        if self.config.translator.pairs {
            let pair = self.unpaired.and_then(|(place, first)| Some((place, pairs::pair(first, token)?)));
            self.unpaired = match pair {
                Some((place, pair)) => {
                    self.buffers.words[place] = head(self.config.dispatch, pair);
                    None
                }
                None => Some((self.buffers.words.len(), token)),
            };
        }
        head(self.config.dispatch, token)
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

    /// Notes where the next instruction is.
    #[cold]
    fn keep_position(&mut self, inst: &Inst, offset: u32) {
        let word = self.buffers.words.len() as u32;
        match &mut self.positions {
            Positions::All(positions) => positions.push((word, offset)),
            Positions::Polls(words) if *inst == Inst::Epoch => words.push(word),
            Positions::Ignore | Positions::Polls(_) => {}
        }
    }

    /// Adds an instruction that counts, if the code is to. `offset` is that of the loop's operator, or 0.
    fn count(&mut self, count: Count, offset: u32) {
        if let Some(counters) = self.config.counters {
            self.long(Token::Heat as usize, (counters + count.offset()) as u64, halves(offset, 0));
            self.unpaired = None;
        }
    }

    /// A slot that is read, as a field; `index` tells the operands of one instruction apart.
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

    /// A slot that is written, as a field; [`Encoder::finish_write`] follows the instruction.
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

    /// Moves a result of `slots` slots that [`Encoder::write`] put into a scratch slot to its place.
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

    /// Sets a 32-bit half of the code.
    fn set_half(&mut self, half: u32, value: u32) {
        let word = &mut self.buffers.words[half as usize / 2];
        let shift = half % 2 * 32;
        *word = *word & !(u64::from(u32::MAX) << shift) | u64::from(value) << shift;
    }

    /// The state of a label.
    fn label_state(&mut self, label: Label) -> &mut LabelState {
        let index = label.0 as usize;
        if index >= self.buffers.labels.len() {
            self.buffers.labels.resize(index + 1, LabelState::Awaited(0));
        }
        &mut self.buffers.labels[index]
    }

    /// Makes the half number `half` of the code the distance from word `from` to `target`.
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
/// Scratch slots of a far function.
pub(super) const SCRATCH_SLOTS: u32 = SCRATCH_VALUES * WIDEST;

impl Emitter for Encoder<'_> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.frame = func.frame;
        // The frame's size is known at the end.
        let first = self.number(func.frame.local(func.frame.params));
        let count = func.frame.locals - func.frame.params;
        self.long(Token::Enter as usize, halves(0, first), halves(count, 0));
        debug_assert_eq!(self.buffers.words.len(), ENTER_WORDS);
        self.count(Count::Calls, 0);
    }

    fn loop_header(&mut self, offset: u32) {
        // Frames of far functions are not laid out as other tiers expect.
        if !self.far {
            self.count(Count::Loops, offset);
        }
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        if !matches!(self.positions, Positions::Ignore) {
            self.keep_position(inst, offset);
        }
        self.encode(inst);
    }

    fn label(&mut self, label: Label, _kind: LabelKind, _operands: &mut dyn Iterator<Item = ValType>) {
        // What is behind a label is often reached by a branch: pairs begin anew.
        self.unpaired = None;
        self.held = Held::default();
        let here = self.buffers.words.len() as u32;
        let state = std::mem::replace(self.label_state(label), LabelState::Bound(here));
        let LabelState::Awaited(mut next) = state else { return };
        while next != 0 {
            let fixup = self.buffers.fixups[next as usize - 1];
            self.set_half(fixup.half, here.wrapping_sub(fixup.from));
            next = fixup.next;
        }
    }

    fn end(&mut self, max_temps: u32) {
        let slots = self.number(self.frame.temp(max_temps)).max(self.frame.link().0 + LINK_SLOTS);
        self.set_half(2, slots);
    }
}

/// Byte offset of a defined function's instance among the context's.
pub(super) const fn defined_offset(defined: u32) -> u32 {
    defined * size_of::<FuncInst>() as u32
}
