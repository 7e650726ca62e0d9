//! Labels.

use cranelift_codegen::ir::InstBuilder;
use riser_lowering::control::block_of;
use riser_lowering::safepoint;
use riser_translator::ValType;
use riser_translator::sink::{Label, LabelKind};

use super::{Lowering, TakeOver};

impl Lowering<'_, '_> {
    pub(super) fn bind_label(&mut self, label: Label, kind: LabelKind) {
        let block = block_of(self, label);
        if kind != LabelKind::Loop && self.body.is_rare(label) {
            self.set_rare(block);
        }
        if !self.body.ended {
            self.leave().jump(block, []);
        }
        self.switch_to(block);
        let is_entered = kind == LabelKind::Loop && self.take_over_here().is_some();
        self.body.bind(label, kind, is_entered);
        self.body.ended = false;
        // Branches to other labels come before the label, so its block is complete; a loop's block is sealed at the loop's end.
        if kind != LabelKind::Loop {
            self.builder.seal_block(block);
        }
    }

    /// Where frames are taken over, if that is at the loop at the current position.
    fn take_over_here(&self) -> Option<TakeOver> {
        self.take_over.filter(|it| it.offset == self.body.position)
    }

    /// Begins a loop header, whose safepoint has these operands. In OSR code for this loop, this is where slots of the frame become
    /// variables, on a second edge into the header. Only the locals and the operand stack are live, in their home slots.
    pub(super) fn enter_loop(&mut self, label: Label, operands: &mut dyn Iterator<Item = ValType>) {
        let take_over = self.take_over_here();
        self.body.begin_loop(operands, self.counters.is_some() || take_over.is_some());
        let Some(take_over) = take_over else { return };
        self.found_loop = true;
        let header = block_of(self, label);
        if !self.body.ended {
            self.leave().jump(header, []);
        }
        self.go_on_in(take_over.block);
        safepoint::take_over(self, take_over.frame);
        // The code that follows, the loop itself, continues from here.
    }
}
