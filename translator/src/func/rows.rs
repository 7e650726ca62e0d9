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
    /// Wide arithmetic.
    Wide(WideOp),
}

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

/// An atomic operator: a row of the table, with its immediate, or the one without a row.
pub enum AtomicRow {
    /// `atomic.fence`
    Fence,
    /// An operation on a memory.
    Access(AtomicOp, MemArg),
}

/// Expands to a function for each of the tables, with an arm for each of its rows, like
///
/// ```text
/// Operator::I32Load { memarg } => Row::Load(LoadOp::I32Load, memarg),
/// ```
///
/// They are inlined, so that nothing is left of them if the operator is known.
macro_rules! rows {
    (
        $(binary $Section:ident { $($B:ident)* })*
        unary { $($U:ident)* }
        load { $($L:ident)* }
        store { $($S:ident)* }
        wide { $($W:ident)* }
        $(vector $Part:ident { $($V:ident)* })*
        extract { $($E:ident)* }
        replace { $($P:ident)* }
        vector_load { $($VL:ident)* }
        vector_store { $($VS:ident)* }
        load_lane { $($LL:ident)* }
        store_lane { $($SL:ident)* }
        atomic { $($A:ident)* }
    ) => {
        /// Returns the operator's row of the operation table, if it has one.
        #[inline(always)]
        pub fn row(operator: &Operator<'_>) -> Option<Row> {
            Some(match *operator {
                $($(Operator::$B => Row::Binary(BinaryOp::$B),)*)*
                $(Operator::$U => Row::Unary(UnaryOp::$U),)*
                $(Operator::$L { memarg } => Row::Load(LoadOp::$L, memarg),)*
                $(Operator::$S { memarg } => Row::Store(StoreOp::$S, memarg),)*
                $(Operator::$W => Row::Wide(WideOp::$W),)*
                _ => return None,
            })
        }

        /// Returns the vector operator, if this is one.
        #[inline(always)]
        pub fn vector_row(operator: &Operator<'_>) -> Option<VectorRow> {
            Some(match *operator {
                Operator::V128Const { value } => VectorRow::Const(value.i128() as u128),
                Operator::I8x16Shuffle { lanes } => VectorRow::Shuffle(lanes),
                $($(Operator::$V => VectorRow::Plain(VectorOp::$V),)*)*
                $(Operator::$E { lane } => VectorRow::Extract(ExtractOp::$E, lane),)*
                $(Operator::$P { lane } => VectorRow::Replace(ReplaceOp::$P, lane),)*
                $(Operator::$VL { memarg } => VectorRow::Load(VectorLoadOp::$VL, memarg),)*
                $(Operator::$VS { memarg } => VectorRow::Store(memarg),)*
                $(Operator::$LL { memarg, lane } => VectorRow::LoadLane(LoadLaneOp::$LL, memarg, lane),)*
                $(Operator::$SL { memarg, lane } => VectorRow::StoreLane(StoreLaneOp::$SL, memarg, lane),)*
                _ => return None,
            })
        }

        /// Returns the atomic operator, if this is one.
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

crate::for_each_operation_name!(rows);
