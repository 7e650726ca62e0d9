//! The rows of the operation tables that operators stand for.

use wasmparser::{MemArg, Operator};

use crate::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};

/// A row of the operation table, with its immediates.
pub enum Row {
    /// An operation on one value.
    Unary(UnaryOp),
    /// An operation on two values.
    Binary(BinaryOp),
    /// A load.
    Load(LoadOp, MemArg),
    /// A store.
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
        pub fn row(operator: &Operator<'_>) -> Option<Row> {
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

/// A row of the table of vector operations, with its immediates, or one of the two vector operators without a row.
pub enum VectorRow {
    /// `v128.const`, with the bits.
    Const(u128),
    /// `i8x16.shuffle`, with the numbers of lanes.
    Shuffle([u8; 16]),
    /// An operation without immediates.
    Plain(VectorOp),
    /// A read of a lane.
    Extract(ExtractOp, u8),
    /// A write of a lane.
    Replace(ReplaceOp, u8),
    /// A load of a vector.
    Load(VectorLoadOp, MemArg),
    /// `v128.store`
    Store(MemArg),
    /// A load of a lane.
    LoadLane(LoadLaneOp, MemArg, u8),
    /// A store of a lane.
    StoreLane(StoreLaneOp, MemArg, u8),
}

/// Expands to the function `vector_row`, which has an arm for each row of the table, like
///
/// ```text
/// Operator::I8x16ExtractLaneS { lane } => VectorRow::Extract(ExtractOp::I8x16ExtractLaneS, lane),
/// ```
macro_rules! vector_rows {
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
        pub fn vector_row(operator: &Operator<'_>) -> Option<VectorRow> {
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

crate::for_each_vector_operation!(vector_rows);

/// Expands to the function `wide_row`, likewise.
macro_rules! wide_rows {
    (wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }) => {
        /// The operation of wide arithmetic that this is, if it is one.
        #[inline(always)]
        pub fn wide_row(operator: &Operator<'_>) -> Option<WideOp> {
            Some(match operator {
                $(Operator::$W => WideOp::$W,)*
                _ => return None,
            })
        }
    };
}

crate::for_each_wide_operation!(wide_rows);

/// An atomic operator: a row of the table, with its immediate, or the one without a row.
pub enum AtomicRow {
    /// `atomic.fence`
    Fence,
    /// An operation on a memory.
    Access(AtomicOp, MemArg),
}

/// Expands to the function `atomic_row`, likewise.
macro_rules! atomic_rows {
    (atomic { $($A:ident $a:literal $a_c:literal $a_k:ident($a_m:ident) -> $a_v:ident;)* }) => {
        /// The atomic operator that this is, if it is one.
        #[inline(always)]
        pub fn atomic_row(operator: &Operator<'_>) -> Option<AtomicRow> {
            Some(match *operator {
                Operator::AtomicFence => AtomicRow::Fence,
                $(Operator::$A { memarg } => AtomicRow::Access(AtomicOp::$A, memarg),)*
                _ => return None,
            })
        }
    };
}

crate::for_each_atomic_operation!(atomic_rows);
