//! Locals, globals, constants and `select`.

use crate::faults::{Fault, faulty};
use crate::index::GlobalIndex;
use crate::sink::{Operand, Sink};
use crate::types::ValType;

use super::Lowering;

impl<S: Sink> Lowering<'_, S> {
    #[inline(always)]
    pub(super) fn constant(&mut self, ty: ValType, bits: u64) {
        if self.config.provider_elision {
            self.stack.push_const(ty, bits);
        } else {
            self.constant_as_copy(ty, bits);
        }
    }

    #[cold]
    fn constant_as_copy(&mut self, ty: ValType, bits: u64) {
        let home = self.stack.push_temp(ty);
        self.sink.copy(ty, home, Operand::Const { bits, home });
    }

    #[inline(always)]
    pub(super) fn local_get(&mut self, index: u32) {
        if self.config.provider_elision {
            self.stack.push_local(index);
        } else {
            self.local_get_as_copy(index);
        }
    }

    #[cold]
    fn local_get_as_copy(&mut self, index: u32) {
        let (slot, ty) = self.stack.local(index);
        let home = self.stack.push_temp(ty);
        self.sink.copy(ty, home, Operand::Local { slot, home });
    }

    pub(super) fn local_set(&mut self, index: u32) {
        let (ty, value) = self.stack.pop();
        self.write_local(index, ty, value);
    }

    pub(super) fn local_tee(&mut self, index: u32) {
        if !self.config.provider_elision {
            let top = self.stack.len() - 1;
            let consumed = faulty(Fault::TeeConsumes);
            let (ty, value) = if consumed { self.stack.last_read(top) } else { self.stack.read_in_place(top) };
            self.write_local(index, ty, value);
            return;
        }
        let (ty, value) = self.stack.pop();
        self.write_local(index, ty, value);
        match value {
            // A constant stays a constant, for consumers that have a form for it.
            Operand::Const { bits, .. } => self.stack.push_const(ty, bits),
            Operand::Temp(_) if faulty(Fault::TeePushesTemp) => {
                self.stack.push_temp(ty);
            }
            Operand::Local { .. } | Operand::Temp(_) => self.stack.push_local(index),
        }
    }

    /// Writes a local, after all pending reads of it.
    fn write_local(&mut self, index: u32, ty: ValType, value: Operand) {
        let (slot, _) = self.stack.local(index);
        if let Operand::Local { slot: source, .. } = value
            && source == slot
        {
            return;
        }
        if !faulty(Fault::DropPreservation) {
            self.stack.preserve(index, self.sink);
        }
        self.sink.copy(ty, slot, value);
        if faulty(Fault::PreserveAll) {
            for other in 0..self.stack.local_types().len() {
                let (slot, ty) = self.stack.local(other as u32);
                let home = self.stack.push_temp(ty);
                self.sink.copy(ty, home, Operand::Local { slot, home });
                self.stack.pop();
            }
        }
    }

    pub(super) fn global_get(&mut self, global: GlobalIndex) {
        let ty = self.module.global(global).content;
        let dst = self.stack.push_temp(ty);
        self.sink.global_get(ty, dst, global);
    }

    pub(super) fn global_set(&mut self, global: GlobalIndex) {
        let (ty, value) = self.stack.pop();
        self.sink.global_set(ty, global, value);
    }

    pub(super) fn select(&mut self) {
        let (_, cond) = self.stack.pop();
        let (ty, if_false) = self.stack.pop();
        let (_, if_true) = self.stack.pop();
        let (if_true, if_false) =
            if faulty(Fault::SelectArmsSwapped) { (if_false, if_true) } else { (if_true, if_false) };
        let dst = self.stack.push_temp(ty);
        self.sink.select(ty, dst, cond, if_true, if_false);
    }
}
