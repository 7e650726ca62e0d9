//! Labels.

use inkwell::values::PointerValue;
use riser_lowering::control::block_of;
use riser_lowering::safepoint;
use riser_translator::sink::Label;

use super::{Lowering, TakeOver};

impl<'c> Lowering<'_, 'c> {
    /// Begins OSR code, which takes over the frame at `frame`. The code that follows, up to the loop, is unreachable.
    pub(super) fn begin_take_over(&mut self, frame: PointerValue<'c>) {
        let (block, before) = (self.ir.block(), self.ir.block());
        if let Some(take_over) = &mut self.take_over {
            (take_over.block, take_over.frame) = (Some(block), frame);
        }
        if self.body.results.len() > 1 {
            self.array = Some(frame);
        }
        self.ir.jump(block);
        self.go_on_in(before);
    }

    /// Begins a loop header. In OSR code for this loop, this is where slots of the frame become variables, on a second edge
    /// into the header. Only the locals and the operand stack are live, in their home slots.
    pub(super) fn enter_loop(&mut self, label: Label) {
        self.ir.begin_loop();
        let Some(TakeOver { block: Some(block), frame, .. }) =
            self.take_over.filter(|it| it.offset == self.body.position)
        else {
            return;
        };
        self.found_loop = true;
        let header = block_of(self, label);
        if !self.body.ended {
            self.ir.jump(header);
        }
        self.go_on_in(block);
        self.here();
        self.begin_stack_check();
        safepoint::take_over(self, frame);
        // The code that follows, the loop itself, continues from here.
    }
}
