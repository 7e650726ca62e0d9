//! Counting calls and iterations, in code that has a tier above it: see [`Counters`](riser_tiers_core::Counters).
//!
//! When a counter has run down, the code asks the VM where to continue ([`Builtins::hot`]). Other code takes over from this code: by a tail
//! call with the same arguments at the function's entry, or with the frame's slots at a loop.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types::I32, types::I64};
use riser_lowering::runtime::{halves, store_context};
use riser_lowering::{Builder, safepoint};
use riser_tiers_core::Count;
use riser_tiers_core::native::Builtins;
use riser_translator::{FuncType, ValType};

use super::Lowering;
use crate::signature::{loop_signature, native_signature};

impl Lowering<'_, '_> {
    /// Counts a call, at the function's start.
    pub(super) fn count_call(&mut self, ty: &FuncType) {
        self.count(Count::Calls, 0, |this, code| {
            let arguments = this.builder.block_params(this.entry).to_vec();
            let signature = this.builder.import_signature(native_signature(ty));
            this.builder.ins().return_call_indirect(signature, code, &arguments);
        });
    }

    /// Counts an iteration, at a loop header.
    pub(super) fn count_iteration(&mut self) {
        self.count(Count::Loops, self.body.position, |this, code| {
            let store = store_context(this);
            let frame = safepoint::save_frame(this, store);
            let signature = this.builder.import_signature(loop_signature(&this.body.results));
            let arguments: Vec<Value> =
                [Some(this.context), this.result_array, Some(frame)].into_iter().flatten().collect();
            this.builder.ins().return_call_indirect(signature, code, &arguments);
        });
    }

    /// Decrements the counter. When it has run down and there is code to continue in, runs what `leave` builds.
    fn count(&mut self, count: Count, offset: u32, leave: impl FnOnce(&mut Self, Value)) {
        let Some(counters) = self.counters else { return };
        let flags = MemFlagsData::trusted();
        let at = self.builder.ins().iconst(I64, counters.address(count) as i64);
        let left = self.builder.ins().load(I32, flags, at, 0);
        let left = self.builder.ins().iadd_imm_s(left, -1);
        self.builder.ins().store(flags, left, at, 0);
        let hot = self.builder.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, left, 0);
        let [asks, leaves, next] = std::array::from_fn(|_| self.builder.create_block());
        self.set_rare(asks);
        self.set_rare(leaves);
        self.leave().brif(hot, asks, [], next, []);
        self.go_on_in(asks);
        let site = halves(self, self.body.index.as_u32(), offset);
        let code = self.builtin(offset_of!(Builtins, hot), &[site], Some(ValType::I64));
        let code = code.expect("it has a result");
        self.leave().brif(code, leaves, [], next, []);
        self.go_on_in(leaves);
        leave(self, code);
        self.body.budget.join(2);
        self.go_on_in(next);
    }
}
