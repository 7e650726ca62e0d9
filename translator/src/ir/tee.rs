//! Two emitters as one.

use crate::sink::{FuncHeader, Label, LabelKind};
use crate::types::ValType;

use super::{Emitter, Inst};

/// Passes everything to both emitters, to the first one first.
pub struct Tee<A, B>(pub A, pub B);

impl<A: Emitter, B: Emitter> Emitter for Tee<A, B> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.0.begin(func);
        self.1.begin(func);
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        self.0.inst(inst, offset);
        self.1.inst(inst, offset);
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        let operands: Vec<ValType> = operands.collect();
        self.0.label(label, kind, &mut operands.iter().copied());
        self.1.label(label, kind, &mut operands.iter().copied());
    }

    fn loop_header(&mut self, offset: u32) {
        self.0.loop_header(offset);
        self.1.loop_header(offset);
    }

    fn end(&mut self, max_temps: u32) {
        self.0.end(max_temps);
        self.1.end(max_temps);
    }
}
