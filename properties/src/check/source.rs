//! Classifies the operators of a wasm body: rows of the operation tables, types of blocks.

use wasmparser::{BlockType, MemArg, Operator};

use riser_translator::module::ModuleInfo;
use riser_translator::ops::{
    BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp, VectorOp, WideOp,
};
use riser_translator::parse::val_type;
use riser_translator::types::ValType;

/// A row of the operation table, with its immediates.
pub(super) enum Row {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
}

/// A row of the table of vector operations, with its immediates, or one of the two vector operators without a row.
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

/// Expands to the function `row`, which has an arm for each row of the table.
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
        /// Returns the row of an operator, if the table has one.
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

riser_translator::for_each_operation!(rows);

/// Expands to the function `vector_row`, which has an arm for each row of the table of vector operations.
macro_rules! vector_rows {
    (
        vector { $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)* }
        relaxed { $($R:ident $r:literal $r_c:literal $r_fn:ident($($r_i:ident),*) -> $r_o:ident;)* }
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_v:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_v:ident, $p_i:ident) -> $p_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_v:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_v:ident) -> $sl_m:ident;)* }
    ) => {
        /// Returns the vector operator, if this is one.
        pub(super) fn vector_row(operator: &Operator<'_>) -> Option<VectorRow> {
            Some(match *operator {
                Operator::V128Const { value } => VectorRow::Const(value.i128().cast_unsigned()),
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

riser_translator::for_each_vector_operation!(vector_rows);

/// Expands to the function `wide_row`, likewise.
macro_rules! wide_rows {
    (wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }) => {
        /// The operation of wide arithmetic that this is, if it is one.
        pub(super) fn wide_row(operator: &Operator<'_>) -> Option<WideOp> {
            Some(match operator {
                $(Operator::$W => WideOp::$W,)*
                _ => return None,
            })
        }
    };
}

riser_translator::for_each_wide_operation!(wide_rows);

/// Parameters and results of a block; `None` for types that are not supported.
pub(super) fn block_types(module: &ModuleInfo, ty: BlockType) -> Option<(&[ValType], &[ValType])> {
    Some(match ty {
        BlockType::Empty => (&[], &[]),
        BlockType::Type(ty) => (&[], single(val_type(ty, 0).ok()?)),
        BlockType::FuncType(index) => {
            let ty = &module.types[index as usize];
            (ty.params(), ty.results())
        }
    })
}

/// Returns a list of one type.
const fn single(ty: ValType) -> &'static [ValType] {
    match ty {
        ValType::I32 => &[ValType::I32],
        ValType::I64 => &[ValType::I64],
        ValType::F32 => &[ValType::F32],
        ValType::F64 => &[ValType::F64],
        ValType::V128 => &[ValType::V128],
        ValType::FuncRef => &[ValType::FuncRef],
        ValType::ExternRef => &[ValType::ExternRef],
    }
}
