//! The operators of the operation table: numeric operators, loads and stores.

use wasmparser::{MemArg, Operator};

use crate::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};
use crate::sink::Sink;

use super::Lowering;

/// A row of the operation table, with its immediates.
pub(super) enum Row {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
}

/// Expands to the function `row`, which has an arm for each row of the table, like
///
/// ```text
/// Operator::I32Add => Row::Binary(BinaryOp::I32Add),
/// ```
macro_rules! rows {
    (
        int_binary { $($IB:ident $ib:literal $ib_c:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $ib_o:ident;)* }
        int_compare { $($IC:ident $ic:literal $ic_c:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $ic_o:ident;)* }
        float_binary { $($FB:ident $fb:literal $fb_c:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $fb_o:ident;)* }
        float_compare { $($FC:ident $fc:literal $fc_c:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $fc_o:ident;)* }
        unary { $($U:ident $u:literal $u_c:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
    ) => {
        /// Returns the operator's row, if it has one. Inlined, so that nothing is left of it if the operator is known.
        #[inline(always)]
        pub(super) fn row(operator: &Operator<'_>) -> Option<Row> {
            Some(match *operator {
                $(Operator::$IB => Row::Binary(BinaryOp::$IB),)*
                $(Operator::$IC => Row::Binary(BinaryOp::$IC),)*
                $(Operator::$FB => Row::Binary(BinaryOp::$FB),)*
                $(Operator::$FC => Row::Binary(BinaryOp::$FC),)*
                $(Operator::$U => Row::Unary(UnaryOp::$U),)*
                $(Operator::$L { memarg } => Row::Load(LoadOp::$L, memarg),)*
                $(Operator::$S { memarg } => Row::Store(StoreOp::$S, memarg),)*
                _ => return None,
            })
        }
    };
}

crate::for_each_operation!(rows);

impl<S: Sink> Lowering<'_, S> {
    /// Lowers an operator of the operation table.
    #[inline(always)]
    pub(super) fn numeric(&mut self, row: Row) {
        match row {
            Row::Unary(op) => self.unary(op),
            Row::Binary(op) => self.binary(op),
            Row::Load(op, memarg) => self.load(op, memarg.memory, memarg.offset),
            Row::Store(op, memarg) => self.store(op, memarg.memory, memarg.offset),
        }
    }

    // Each family has one function for all its operations: here, little code is fast code.

    #[inline(never)]
    fn unary(&mut self, op: UnaryOp) {
        let (_, src) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.unary(op, dst, src);
    }

    #[inline(never)]
    fn binary(&mut self, op: BinaryOp) {
        let (lhs, rhs) = self.pop2();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.binary(op, dst, lhs, rhs);
    }

    #[inline(never)]
    fn load(&mut self, op: LoadOp, memory: u32, offset: u64) {
        let (_, addr) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.load(op, dst, memory, addr, offset);
    }

    #[inline(never)]
    fn store(&mut self, op: StoreOp, memory: u32, offset: u64) {
        let (addr, value) = self.pop2();
        self.sink.store(op, memory, addr, offset, value);
    }
}
