//! What the operators of a wasm body are: rows of the operation table, types of blocks.

use wasmparser::{BlockType, MemArg, Operator};

use riser_translator::module::ModuleInfo;
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};
use riser_translator::parse::val_type;
use riser_translator::types::ValType;

/// A row of the operation table, with its immediates.
pub(super) enum Row {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Load(LoadOp, MemArg),
    Store(StoreOp, MemArg),
}

/// Expands to the function `row`, which has an arm for each row of the table.
macro_rules! rows {
    (
        int_binary { $($IB:ident $ib:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $ib_o:ident;)* }
        int_compare { $($IC:ident $ic:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $ic_o:ident;)* }
        float_binary { $($FB:ident $fb:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $fb_o:ident;)* }
        float_compare { $($FC:ident $fc:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $fc_o:ident;)* }
        unary { $($U:ident $u:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
    ) => {
        /// The row of an operator, if the table has one.
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

/// A list of one type.
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
