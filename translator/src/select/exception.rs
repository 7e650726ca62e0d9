//! Exceptions: scopes and their clauses, which are marks in the code, and the operators that throw.

use crate::index::TagIndex;
use crate::ir::{Emitter, Inst};
use crate::sink::{Catch, ExceptionSink, Operand, Scope, Slot};
use crate::types::ValType;

use super::Selector;

impl<E: Emitter> ExceptionSink for Selector<'_, E> {
    fn try_begin(&mut self, scope: Scope) {
        self.emit(Inst::TryBegin { scope });
    }

    fn try_end(&mut self, scope: Scope) {
        self.emit(Inst::TryEnd { scope });
    }

    fn catch(&mut self, scope: Scope, catch: Catch) {
        self.emit(Inst::Catch { scope, catch });
    }

    fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
        self.emit(Inst::CatchEnd { scope, next });
    }

    fn throw(&mut self, tag: TagIndex, base: Slot, args: &[Operand]) {
        let module = self.module;
        self.place_arguments(module.tag_type(tag), args);
        self.emit(Inst::Throw { tag, base });
    }

    fn throw_ref(&mut self, exn: Operand) {
        let exn = self.slot(ValType::ExnRef, exn);
        self.emit(Inst::ThrowRef { exn });
    }
}
