//! The register IR: instructions, their text form, and the rules they obey.
//!
//! A function's IR is a sequence of [`Inst`] and labels. [`crate::select::Selector`] produces it and streams it into an
//! [`Emitter`]; it need not exist in memory as a whole.

mod access;
mod function;
mod inst;
mod kind;
pub mod liveness;
pub mod parse;
mod tee;
pub mod text;
pub mod verify;

pub use access::{OperandType, Sources};
pub use function::{Function, Item};
pub use inst::{Addr, Cond, Dst, Inst, Src};
pub use kind::Kind;
pub use tee::Tee;
pub use verify::Verifier;

use crate::probe::{Point, ProbeSite};
use crate::sink::{FuncHeader, Label, LabelKind, LiveAtCall, SeenByProbe};
use crate::types::ValType;

/// Receives a function's register IR in order.
pub trait Emitter {
    /// Begins a function. The function's entry (frame check, zeroing of the declared locals) is implied.
    fn begin(&mut self, func: &FuncHeader<'_>);

    /// Receives an instruction, which comes from the wasm operator at `offset` bytes from the start of the module.
    fn inst(&mut self, inst: &Inst, offset: u32);

    /// Receives a label; `operands` are the types of the operand stack from the bottom.
    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>);

    /// Receives the information that the last label is the header of the loop whose operator is at `offset`.
    fn loop_header(&mut self, offset: u32) {
        let _ = offset;
    }

    /// Ends the function, whose operand stack took at most `max_temps` slots.
    fn end(&mut self, max_temps: u32);

    /// Whether the emitter takes probes ([`crate::probe`]).
    fn is_probing(&self) -> bool {
        false
    }

    /// Whom a probe at a point of the function is for, at the operator at this offset; 0 if there is to be none.
    fn choice(&self, point: &Point, at: u32) -> u64 {
        let _ = (point, at);
        0
    }

    /// Receives a probe that is chosen, without the lists of what it sees. The state is canonical here.
    fn probe(&mut self, site: ProbeSite, seen: SeenByProbe<'_>) {
        let _ = (site, seen);
    }

    /// Whether the emitter is to be told what is live at calls.
    fn wants_calls(&self) -> bool {
        false
    }

    /// Receives what is live over the call whose operator is at `offset`. Its instructions follow.
    fn call_site(&mut self, offset: u32, live: LiveAtCall<'_>) {
        let _ = (offset, live);
    }
}

impl<E: Emitter + ?Sized> Emitter for &mut E {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        (**self).begin(func);
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        (**self).inst(inst, offset);
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        (**self).label(label, kind, operands);
    }

    fn loop_header(&mut self, offset: u32) {
        (**self).loop_header(offset);
    }

    fn end(&mut self, max_temps: u32) {
        (**self).end(max_temps);
    }

    fn is_probing(&self) -> bool {
        (**self).is_probing()
    }

    fn choice(&self, point: &Point, at: u32) -> u64 {
        (**self).choice(point, at)
    }

    fn probe(&mut self, site: ProbeSite, seen: SeenByProbe<'_>) {
        (**self).probe(site, seen);
    }

    fn wants_calls(&self) -> bool {
        (**self).wants_calls()
    }

    fn call_site(&mut self, offset: u32, live: LiveAtCall<'_>) {
        (**self).call_site(offset, live);
    }
}
