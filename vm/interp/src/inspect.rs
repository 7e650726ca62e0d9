//! Inspection of the interpreter's code, for tools and tests: the code streams of functions, and the machine code that
//! runs them.
//!
//! [`FunctionCode`] is a function as an engine runs it. [`decode`] and [`encode`] are inverses of each other, up to what the
//! encoding drops ([`normalise`]). [`handlers`] returns the addresses of each dispatch strategy's handlers; reading the
//! machine code there is left to the caller. [`is_pair`] tells which pairs of instructions are one.

use riser_tiers_core::Status;
use riser_translator::ir::{Function, Inst, Item};

use super::decode::is_mark;
pub use super::decode::{DecodeError, Decoded, DecodedInst, Fault, decode, normalise};
use super::dispatch::Dispatch;
pub use super::encode::encode_ir as encode;
/// The operations on vectors that are not those of [`semantics`](riser_translator::semantics), by the same names.
#[cfg(target_arch = "x86_64")]
pub use super::lanes::x86 as lanes;
use super::loops;
use super::pairs;
pub use super::profile::LONGEST_SEQUENCE;
use super::regs::Regs;
use super::run::head;
#[cfg(tail_dispatch)]
use super::tail;
use super::tokens::{self, COUNT};

/// A piece of the interpreter's machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerInfo {
    /// The instruction's name in the interpreter's list (`I32AddSai`: `i32.add`, result in
    /// a slot, left operand in the accumulator, right operand immediate), or the name of
    /// the loop.
    pub name: &'static str,
    /// The address of its code. Handlers with the same code may share one address.
    pub address: usize,
}

/// Returns the handlers of a strategy, in the order of the interpreter's list of instructions; of a strategy with several
/// [copies](Dispatch::copies) all first ones, then all second ones, and so on.
///
/// For [`Dispatch::Switch`], which has no handlers, this is the loop that holds all bodies. If a strategy falls back to
/// another ([`Dispatch::effective`]), the handlers are the other's.
pub fn handlers(dispatch: Dispatch) -> Vec<HandlerInfo> {
    if dispatch == Dispatch::Switch {
        let run: unsafe fn(&mut Regs) -> Status = loops::run_switch;
        return vec![HandlerInfo { name: "run_switch", address: run as usize }];
    }
    let address = |copy: u8, token: usize| match dispatch.effective() {
        // The head of an instruction is the address of its handler.
        Dispatch::DirectTail | Dispatch::ReplicatedTail | Dispatch::CallLoop => head(dispatch, token, copy) as usize,
        #[cfg(feature = "become")]
        Dispatch::Become => head(dispatch, token, copy) as usize,
        #[cfg(tail_dispatch)]
        Dispatch::TokenTail => tail::TOKEN_HANDLERS[token] as usize,
        #[cfg(not(tail_dispatch))]
        Dispatch::TokenTail => loops::HANDLERS[token] as usize,
        Dispatch::Switch | Dispatch::Profile => loops::HANDLERS[token] as usize,
    };
    let copies = 0..dispatch.copies();
    let handler = |copy, token| HandlerInfo { name: tokens::name(token), address: address(copy, token) };
    copies.flat_map(|copy| (0..COUNT).map(move |token| handler(copy, token))).collect()
}

/// Whether the interpreter has an instruction that is the pair of two instructions, given by their names.
pub fn is_pair(first: &str, second: &str) -> bool {
    let token = |name| (0..COUNT).find(|&token| tokens::name(token) == name);
    token(first).zip(token(second)).is_some_and(|(first, second)| pairs::pair(first, second).is_some())
}

/// The code of a function, as an engine runs it.
#[derive(Clone, Debug)]
pub struct FunctionCode {
    /// The words. The first of each instruction is in the form of the engine's dispatch strategy.
    pub words: Vec<u64>,
    /// The function's IR, as the translator made it.
    pub ir: Function,
    /// The words decoded.
    pub decoded: Decoded,
}

/// An instruction of a function's code.
#[derive(Clone, Debug)]
pub struct CodeInst<'a> {
    /// The decoded instruction, with its position.
    pub decoded: DecodedInst,
    /// Its words, the head first.
    pub words: &'a [u64],
    /// The instruction of the IR that it is; `None` for the entry and for copies through scratch slots.
    pub inst: Option<&'a Inst>,
    /// The offset of the wasm operator that it comes from, in bytes from the start of the module; `None` for the entry.
    pub wasm_offset: Option<u32>,
}

impl FunctionCode {
    /// The instructions in order.
    pub fn instructions(&self) -> impl Iterator<Item = CodeInst<'_>> {
        let made: Vec<(&Inst, u32)> = self.ir.items.iter().filter_map(with_words).collect();
        self.decoded.instructions().map(move |decoded| {
            let (inst, wasm_offset) = (decoded.word > 0).then(|| made[decoded.inst]).unzip();
            let inst = inst.filter(|_| decoded.is_inst);
            CodeInst { words: &self.words[decoded.word..decoded.word + decoded.len], inst, wasm_offset, decoded }
        })
    }
}

/// The instruction that an item is, with its offset, unless it takes no words.
fn with_words(item: &Item) -> Option<(&Inst, u32)> {
    match item {
        Item::Inst { inst, offset } => (!is_mark(inst)).then_some((inst, *offset)),
        Item::Label { .. } => None,
    }
}
