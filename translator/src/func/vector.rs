//! Vector operators: rows of the table of vector operations, constants and shuffles.

use wasmparser::{MemArg, Operator};

use crate::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use crate::sink::{Operand, Sink, VectorAccess};
use crate::types::ValType;

use super::Lowering;

/// A vector operator, with its immediates.
pub(super) enum VectorRow {
    Const(u128),
    Shuffle([u8; 16]),
    Plain(VectorOp),
    Extract(ExtractOp, u8),
    Replace(ReplaceOp, u8),
    Load(VectorLoadOp, MemArg),
    Store(MemArg),
    LoadLane(LoadLaneOp, MemArg, u8),
    StoreLane(StoreLaneOp, MemArg, u8),
}

/// Expands to the function `vector_row`, which has an arm for each row of the table, like
///
/// ```text
/// Operator::I8x16ExtractLaneS { lane } => VectorRow::Extract(ExtractOp::I8x16ExtractLaneS, lane),
/// ```
macro_rules! rows {
    (
        vector { $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)* }
        relaxed { $($R:ident $r:literal $r_c:literal $r_fn:ident($($r_i:ident),*) -> $r_o:ident;)* }
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_i:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_i:ident, $p_v:ident) -> $p_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_i:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_i:ident) -> $sl_m:ident;)* }
    ) => {
        /// Returns the vector operator, if this is one. Inlined, so that nothing is left of it if the operator is
        /// known.
        #[inline(always)]
        pub(super) fn vector_row(operator: &Operator<'_>) -> Option<VectorRow> {
            Some(match *operator {
                Operator::V128Const { value } => VectorRow::Const(value.i128() as u128),
                Operator::I8x16Shuffle { lanes } => VectorRow::Shuffle(lanes),
                $(Operator::$V => VectorRow::Plain(VectorOp::$V),)*
                $(Operator::$R => VectorRow::Plain(VectorOp::$R),)*
                $(Operator::$E { lane } => VectorRow::Extract(ExtractOp::$E, lane),)*
                $(Operator::$P { lane } => VectorRow::Replace(ReplaceOp::$P, lane),)*
                $(Operator::$L { memarg } => VectorRow::Load(VectorLoadOp::$L, memarg),)*
                $(Operator::$S { memarg } => VectorRow::Store(memarg),)*
                $(Operator::$LL { memarg, lane } => VectorRow::LoadLane(LoadLaneOp::$LL, memarg, lane),)*
                $(Operator::$SL { memarg, lane } => VectorRow::StoreLane(StoreLaneOp::$SL, memarg, lane),)*
                _ => return None,
            })
        }
    };
}

crate::for_each_vector_operation!(rows);

impl<S: Sink> Lowering<'_, S> {
    /// Lowers a vector operator.
    #[inline(always)]
    pub(super) fn vector(&mut self, row: VectorRow) {
        match row {
            VectorRow::Const(bits) => {
                let dst = self.stack.push_temp(ValType::V128);
                self.sink.vector_const(dst, bits);
            }
            VectorRow::Shuffle(lanes) => {
                let (lhs, rhs) = self.pop2();
                let dst = self.stack.push_temp(ValType::V128);
                self.sink.shuffle(dst, lhs, rhs, lanes);
            }
            VectorRow::Plain(op) => self.plain_vector(op),
            VectorRow::Extract(op, lane) => self.extract_lane(op, lane),
            VectorRow::Replace(op, lane) => self.replace_lane(op, lane),
            VectorRow::Load(op, memarg) => self.vector_load(op, memarg),
            VectorRow::Store(memarg) => {
                let (_, value) = self.stack.pop();
                let access = self.access(memarg);
                self.sink.vector_store(access, value);
            }
            VectorRow::LoadLane(op, memarg, lane) => self.load_lane(op, memarg, lane),
            VectorRow::StoreLane(op, memarg, lane) => self.store_lane(op, memarg, lane),
        }
    }

    // One function for all operations of a family, as for numeric operators.

    #[inline(never)]
    fn plain_vector(&mut self, op: VectorOp) {
        let count = op.operand_types().len();
        let mut operands = [Operand::Temp(self.stack.home(0)); 3];
        for operand in operands[..count].iter_mut().rev() {
            (_, *operand) = self.stack.pop();
        }
        let dst = self.stack.push_temp(op.result_type());
        self.sink.vector(op, dst, &operands[..count]);
    }

    #[inline(never)]
    fn extract_lane(&mut self, op: ExtractOp, lane: u8) {
        let (_, src) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.extract_lane(op, lane, dst, src);
    }

    #[inline(never)]
    fn replace_lane(&mut self, op: ReplaceOp, lane: u8) {
        let (vector, value) = self.pop2();
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.replace_lane(op, lane, dst, vector, value);
    }

    #[inline(never)]
    fn vector_load(&mut self, op: VectorLoadOp, memarg: MemArg) {
        let access = self.access(memarg);
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.vector_load(op, dst, access);
    }

    #[inline(never)]
    fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) {
        let (_, vector) = self.stack.pop();
        let access = self.access(memarg);
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.load_lane(op, lane, dst, access, vector);
    }

    #[inline(never)]
    fn store_lane(&mut self, op: StoreLaneOp, memarg: MemArg, lane: u8) {
        let (_, vector) = self.stack.pop();
        let access = self.access(memarg);
        self.sink.store_lane(op, lane, access, vector);
    }

    /// Returns the place of an access. Pops the address.
    fn access(&mut self, memarg: MemArg) -> VectorAccess {
        let (_, addr) = self.stack.pop();
        VectorAccess { memory: memarg.memory, addr, offset: memarg.offset }
    }
}
