//! The decoder from the code stream back to register IR: the inverse of [`super::encode`].
//!
//! The input is the words of one function with tokens for heads, as [`super::Dispatch::Switch`] has them. (The heads of
//! other strategies are addresses, which handlers with the same machine code share; nothing else differs.) The output
//! is the function's IR in [normal form](normalise), and the position of each instruction.
//!
//! ```text
//! decode(encode(ir))     == normalise(ir)      for every function of a valid module
//! encode(decode(words))  == words              for every code stream
//! ```
//!
//! The operation and the operands of an instruction follow from the interpreter's own list of instructions ([`form`]).
//! The module gives the types of globals, results and parameters; the function's `Enter` tells whether it is far. A far
//! function copies operands and results through scratch slots. The decoder removes these copies: the slot that was
//! fetched into a scratch slot is the operand, and the slot that a result is delivered to is the result's place.
//!
//! The words may be anything. Words that the encoder would not have made are an error, as far as that can be told
//! without types.

mod atomic;
mod error;
mod form;
mod inst;
mod normal;
mod operands;
mod vector;

use std::fmt;

use riser_translator::index::FuncIndex;
use riser_translator::ir::{Dst, Function, Inst, Item};
use riser_translator::module::ModuleInfo;
use riser_translator::sink::{FrameLayout, LINK_SLOTS, Label, Slot};
use riser_translator::types::ValType;

use super::encode::{SCRATCH_SLOTS, SCRATCH_VALUES};
use super::forward::Held;
use super::pairs;
use super::tokens;
pub use error::{DecodeError, Fault};
use form::{FORMS, Form};
pub(super) use normal::is_mark;
pub use normal::normalise;
use operands::Checked;

/// A function, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The function's IR, in [normal form](normalise).
    pub function: Function,
    steps: Vec<Step>,
    words: usize,
}

/// An instruction of the code stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    word: usize,
    name: &'static str,
    alone: &'static str,
    role: Role,
}

/// The role of an instruction of the code stream. Slots are numbered as in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The function's entry: checks that `slots` slots are left, and zeroes `count` slots from `first`.
    Enter { slots: u32, first: u32, count: u32 },
    /// An instruction of the IR.
    Inst,
    /// Copies an operand of the next instruction of the IR to a scratch slot.
    Fetch { scratch: usize, from: u32 },
    /// Copies the result of the previous instruction from scratch slot 0 to its place.
    Deliver { to: u32 },
}

/// An instruction of the code stream, as shown to readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedInst {
    /// Its head, as an index among the function's words.
    pub word: usize,
    /// The number of its words.
    pub len: usize,
    /// Its name in the interpreter's list of instructions.
    pub name: &'static str,
    /// The name without the second instruction, if it is a pair.
    pub alone: &'static str,
    /// The label before it, if a branch goes here.
    pub label: Option<Label>,
    /// The number of instructions of the IR that begin before this one. Copies through scratch slots have the number of
    /// the instruction that they surround.
    pub inst: usize,
    /// Whether it is an instruction of the IR, rather than the entry or a copy through a scratch slot.
    pub is_inst: bool,
    /// Its text form. The entry and copies through scratch slots, which the IR does not have, show the numbers of
    /// slots.
    pub text: String,
}

impl Decoded {
    /// The instructions of the code stream in order.
    pub fn instructions(&self) -> impl Iterator<Item = DecodedInst> {
        let frame = self.function.frame();
        let mut items = self.function.items.iter().peekable();
        let mut inst = 0;
        let ends = self.steps.iter().skip(1).map(|step| step.word).chain([self.words]);
        self.steps.iter().zip(ends).map(move |(&Step { word, name, alone, role }, end)| {
            let (len, text, is_inst) = (end - word, role.to_string(), role == Role::Inst);
            let mut decoded = DecodedInst { word, len, name, alone, label: None, inst, is_inst, text };
            if matches!(role, Role::Fetch { .. } | Role::Inst)
                && let Some(Item::Label { label, .. }) = items.next_if(|item| matches!(item, Item::Label { .. }))
            {
                decoded.label = Some(*label);
            }
            match role {
                Role::Inst => {
                    if let Some(Item::Inst { inst, .. }) = items.next() {
                        decoded.text = inst.display(frame).to_string();
                    }
                    inst += 1;
                }
                Role::Deliver { .. } => decoded.inst -= 1,
                Role::Enter { .. } | Role::Fetch { .. } => {}
            }
            decoded
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Role::Enter { slots, count: 0, .. } => write!(f, "enter {slots} slots"),
            Role::Enter { slots, first, count } => write!(f, "enter {slots} slots, zero {count} from {first}"),
            Role::Inst => Ok(()),
            Role::Fetch { scratch, from } => write!(f, "scratch{scratch} = {from}"),
            Role::Deliver { to } => write!(f, "{to} = scratch0"),
        }
    }
}

/// Decodes the code of the function with the given index.
///
/// # Errors
///
/// If the words are not the code of a function.
///
/// # Panics
///
/// If the module has no such function.
pub fn decode(words: &[u64], module: &ModuleInfo, function: FuncIndex) -> Result<Decoded, DecodeError> {
    let mut decoder = Decoder::new(words, module, function);
    decoder.run().map_err(|fault| DecodeError { word: decoder.head, fault })
}

/// Whether a token is that of a branch that may go on behind it.
pub(super) fn is_conditional_branch(token: usize) -> bool {
    matches!(FORMS[token], Form::BranchIf { .. } | Form::BranchCompare { .. })
}

/// The most slots that declared locals can have: 50,000 of them are allowed, of two slots at most.
const MAX_LOCAL_SLOTS: u32 = 100_000;

/// Decodes one function.
struct Decoder<'a> {
    words: &'a [u64],
    module: &'a ModuleInfo,
    /// The function with its index and type, and nothing else.
    function: Function,
    results: &'a [ValType],
    /// The frame as the IR has it.
    frame: FrameLayout,
    /// Slots of the interpreter's frame.
    frame_slots: u32,
    /// Whether the function has scratch slots.
    far: bool,
    /// The head of the current instruction.
    head: usize,
    /// The next word to take.
    next: usize,
    /// The name of the current instruction without the second one of a pair.
    alone: &'static str,
    /// The second token of the current pair, which the next head has to be.
    second: Option<usize>,
    /// What the accumulators hold.
    held: Held,
    steps: Vec<Step>,
    instructions: Vec<Inst>,
    /// The word where each instruction begins, including the copies that fetch its operands.
    starts: Vec<usize>,
    /// The values in the scratch slots: the slot that each was fetched from, and its number of slots.
    fetched: [Option<(Slot, u32)>; SCRATCH_VALUES as usize],
    /// The word where the first of them was fetched.
    first_fetch: Option<usize>,
    /// The number of slots of the result that the last instruction left in the scratch slots, if any.
    to_deliver: Option<u32>,
}

impl<'a> Decoder<'a> {
    fn new(words: &'a [u64], module: &'a ModuleInfo, function: FuncIndex) -> Decoder<'a> {
        let ty = module.func_type(function);
        let function = Function { index: function, ty: ty.clone(), locals: ty.params().to_vec(), ..Function::new() };
        Decoder {
            words,
            module,
            results: ty.results(),
            frame: function.frame(),
            function,
            frame_slots: 0,
            far: false,
            head: 0,
            next: 0,
            alone: "",
            second: None,
            held: Held::default(),
            steps: Vec::new(),
            instructions: Vec::new(),
            starts: Vec::new(),
            fetched: Default::default(),
            first_fetch: None,
            to_deliver: None,
        }
    }

    fn run(&mut self) -> Checked<Decoded> {
        let max_temps = self.enter()?;
        while self.next < self.words.len() {
            self.instruction()?;
        }
        if self.to_deliver.is_some() || self.first_fetch.is_some() || self.second.is_some() {
            return Err(Fault::Truncated);
        }
        self.number_targets()?;
        let slots = self.frame.locals - self.frame.params;
        let instructions = std::mem::take(&mut self.instructions);
        Ok(Decoded {
            function: normal::function_of(&self.function, slots, max_temps, instructions),
            steps: std::mem::take(&mut self.steps),
            words: self.words.len(),
        })
    }

    /// Takes the head of an instruction. Returns its form and its name.
    fn take_head(&mut self) -> Checked<(Form, &'static str)> {
        self.head = self.next;
        let head = self.word()?;
        let token = usize::try_from(head).ok().filter(|&token| token < FORMS.len());
        let token = token.ok_or(Fault::NotAToken(head))?;
        let (alone, second) = pairs::split(token).map_or((token, None), |(first, second)| (first, Some(second)));
        self.alone = tokens::name(alone);
        if std::mem::replace(&mut self.second, second).is_some_and(|second| second != token) {
            return Err(Fault::Misplaced(tokens::name(token)));
        }
        Ok((FORMS[token], tokens::name(token)))
    }

    fn step(&mut self, name: &'static str, role: Role) {
        self.steps.push(Step { word: self.head, name, alone: self.alone, role });
    }

    /// Decodes the first instruction, which describes the frame. Returns the slots of the operand stack.
    fn enter(&mut self) -> Checked<u32> {
        let (form, name) = self.take_head()?;
        if form != Form::Enter {
            return Err(Fault::Misplaced(name));
        }
        let (slots, first) = self.halves()?;
        let count = self.lower_half()?;
        let behind_link = self.frame.link().0 + LINK_SLOTS;
        self.far = first == behind_link + SCRATCH_SLOTS;
        if (!self.far && first != behind_link) || count > MAX_LOCAL_SLOTS {
            return Err(Fault::Frame);
        }
        self.frame.locals += count;
        self.frame_slots = slots;
        self.step(name, Role::Enter { slots, first, count });
        let scratch = if self.far { SCRATCH_SLOTS } else { 0 };
        slots.checked_sub(self.frame.temp(0).0 + scratch).ok_or(Fault::Frame)
    }

    /// Decodes an instruction, and the copy that delivers its result.
    fn instruction(&mut self) -> Checked<()> {
        let (form, name) = self.take_head()?;
        let inst = match form {
            Form::CopyFar => self.copy_far(name, ValType::I64)?,
            Form::CopyFar128 => self.copy_far(name, ValType::V128)?,
            _ => Some(self.inst(form, name)?),
        };
        let Some(mut inst) = inst else { return Ok(()) };
        if self.fetched.iter().any(Option::is_some) {
            return Err(Fault::Misplaced(name));
        }
        self.starts.push(self.first_fetch.take().unwrap_or(self.head));
        self.step(name, Role::Inst);
        if let Some(slots) = self.to_deliver.take() {
            inst.set_result(Dst::Slot(self.deliver(slots)?));
        }
        if !self.far {
            // What the accumulators hold follows from the forms in the words, not from the restored operands.
            let operands = self.held;
            self.held.step(&inst);
            operands.restore(&mut inst);
        }
        self.instructions.push(inst);
        Ok(())
    }

    /// Decodes a copy between slots with 32-bit numbers: an instruction of the IR, unless it goes to a scratch slot.
    fn copy_far(&mut self, name: &'static str, ty: ValType) -> Checked<Option<Inst>> {
        let (dst, src) = self.halves()?;
        if let Some(scratch) = self.scratch_index(dst) {
            let slot = self.far_slot(src, ty.slots())?;
            if self.fetched[scratch].replace((slot, ty.slots())).is_some() {
                return Err(Fault::Slot(dst));
            }
            self.first_fetch.get_or_insert(self.head);
            self.step(name, Role::Fetch { scratch, from: src });
            return Ok(None);
        }
        if dst.max(src) <= u32::from(u16::MAX) {
            return Err(Fault::NotCanonical);
        }
        let (dst, src) = (self.frame_slots(dst, ty.slots())?, self.frame_slots(src, ty.slots())?);
        Ok(Some(Inst::Copy { ty, dst, src }))
    }

    /// Decodes the copy of a result of `slots` slots from scratch slot 0. Returns the slot that it is delivered to.
    fn deliver(&mut self, slots: u32) -> Checked<Slot> {
        let (form, name) = self.take_head()?;
        if form != if slots == 1 { Form::CopyFar } else { Form::CopyFar128 } {
            return Err(Fault::Misplaced(name));
        }
        let (to, src) = self.halves()?;
        if self.scratch_index(src) != Some(0) {
            return Err(Fault::Slot(src));
        }
        self.step(name, Role::Deliver { to });
        self.far_slot(to, slots)
    }

    /// Returns the first of `slots` slots, whose number must not fit in a field of 16 bits.
    fn far_slot(&self, number: u32, slots: u32) -> Checked<Slot> {
        if u16::try_from(number).is_ok() { Err(Fault::NotCanonical) } else { self.frame_slots(number, slots) }
    }

    /// Converts branch targets from numbers of words to numbers of instructions.
    fn number_targets(&mut self) -> Checked<()> {
        for (inst, step) in self.instructions.iter_mut().zip(self.steps.iter().filter(|step| step.role == Role::Inst)) {
            for target in inst.targets_mut() {
                let found = self.starts.binary_search(&(target.0 as usize));
                self.head = step.word;
                *target = Label(found.map_err(|_| Fault::Target(target.0.into()))? as u32);
            }
        }
        Ok(())
    }
}
