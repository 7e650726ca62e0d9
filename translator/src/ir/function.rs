//! A function's register IR as a value: recorded from a translation, or parsed from text.

use crate::index::FuncIndex;
use crate::sink::{FrameLayout, FuncHeader, Label, LabelKind};
use crate::types::{FuncType, ValType};

use super::{Emitter, Inst};

/// An instruction or label of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An instruction.
    Inst {
        /// The instruction.
        inst: Inst,
        /// The offset of the wasm operator that it comes from, in bytes from the start of the module.
        offset: u32,
    },
    /// A label.
    Label {
        /// The label.
        label: Label,
        /// Its kind.
        kind: LabelKind,
        /// Types of the operand stack from the bottom.
        operands: Vec<ValType>,
    },
}

/// The register IR of a function. It is an [`Emitter`] that keeps the last function it received.
///
/// Its [`Display`](std::fmt::Display) is the IR's text form, which [`parse`](super::parse::parse) reads back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's index.
    pub index: FuncIndex,
    /// The function's name, for readers.
    pub name: Option<Box<str>>,
    /// The function's type.
    pub ty: FuncType,
    /// Type of each local, parameters first.
    pub locals: Vec<ValType>,
    /// The largest number of slots that the operand stack takes.
    pub max_temps: u32,
    /// Instructions and labels in order.
    pub items: Vec<Item>,
}

impl Default for Function {
    fn default() -> Function {
        Function::new()
    }
}

impl Function {
    /// Makes an empty function of type `() -> ()`.
    pub fn new() -> Function {
        Function {
            index: FuncIndex::new(0),
            name: None,
            ty: FuncType::new([], []),
            locals: Vec::new(),
            max_temps: 0,
            items: Vec::new(),
        }
    }

    /// The layout of the function's frame.
    pub fn frame(&self) -> FrameLayout {
        FrameLayout {
            params: self.ty.param_slots(),
            results: self.ty.result_slots(),
            locals: self.locals.iter().map(|ty| ty.slots()).sum(),
        }
    }

    /// Streams the function into an emitter.
    pub fn replay(&self, emitter: &mut impl Emitter) {
        let header = FuncHeader { index: self.index, ty: &self.ty, locals: &self.locals, frame: self.frame() };
        emitter.begin(&header);
        for item in &self.items {
            match item {
                Item::Inst { inst, offset } => emitter.inst(inst, *offset),
                Item::Label { label, kind, operands } => {
                    emitter.label(*label, *kind, &mut operands.iter().copied());
                }
            }
        }
        emitter.end(self.max_temps);
    }
}

impl Emitter for Function {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        *self = Function { index: func.index, ty: func.ty.clone(), locals: func.locals.to_vec(), ..Function::new() };
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        self.items.push(Item::Inst { inst: inst.clone(), offset });
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.items.push(Item::Label { label, kind, operands: operands.collect() });
    }

    fn end(&mut self, max_temps: u32) {
        self.max_temps = max_temps;
    }
}
