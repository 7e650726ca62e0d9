//! Values by the thousand, which branches, blocks, calls and returns carry.

use wasm_encoder::{BlockType, ExportKind, ValType};

use super::sections::{
    Code, EMPTY, Operators, Sections, TYPE_F, WIDE, WIDE_BOTH, WIDE_PARAMS, WIDE_RESULTS, branch_out, drop_all,
    push_constants, single,
};
use ValType::{I32, I64};

/// Conditional branches out of a block with [`WIDE`] results, above `below` other operands.
pub(super) fn branches(bytes: usize, below: usize, reads: bool) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(2, I64)], |code| {
        code.block(BlockType::FunctionType(WIDE_RESULTS));
        for _ in 0..below {
            code.i64_const(0);
        }
        for at in 0..WIDE {
            if reads {
                code.local_get(1)
            } else {
                code.i64_const(at as i64)
            };
        }
        branch_out(code, bytes);
    });
    sections.finish()
}

/// Arms of `if`s that leave a block with the values that were on the stack before.
pub(super) fn arms(bytes: usize) -> Vec<u8> {
    single(|code| {
        code.block(BlockType::FunctionType(WIDE_RESULTS)).i64_const(0);
        push_constants(code);
        for _ in 0..bytes / 8 {
            code.local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).br(1).end();
        }
        code.br(0).end();
        drop_all(code, WIDE);
    })
}

/// Branch tables to each of many blocks, with the same values, which have a different place in each.
pub(super) fn tables(bytes: usize) -> Vec<u8> {
    const DEPTH: u32 = 100;
    single(|code| {
        for _ in 0..DEPTH {
            code.block(BlockType::FunctionType(WIDE_RESULTS)).i64_const(0);
        }
        push_constants(code);
        for _ in 0..bytes / (DEPTH as usize + 11) {
            code.local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_table(1..DEPTH + 1, 1).end();
        }
        for _ in 0..DEPTH {
            code.br(0).end();
        }
        drop_all(code, WIDE);
    })
}

/// Returns of [`WIDE`] values.
pub(super) fn returns(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|code| {
        code.call(1);
        drop_all(code, WIDE);
    });
    sections.function(WIDE_RESULTS, &[(1, I32)], |code| {
        push_constants(code);
        for _ in 0..bytes / 9 {
            code.local_get(0).br_if(0).local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).return_().end();
        }
    });
    sections.finish()
}

/// Tail calls with [`WIDE`] arguments.
pub(super) fn tail_calls(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|code| {
        push_constants(code);
        code.call(1);
    });
    sections.function(WIDE_PARAMS, &[(1, I32)], |code| {
        push_constants(code);
        for _ in 0..bytes / 8 {
            code.local_get(WIDE as u32).if_(BlockType::FunctionType(WIDE_BOTH)).return_call(2).end();
        }
        drop_all(code, WIDE);
    });
    sections.function(WIDE_PARAMS, &[], |_| {});
    sections.finish()
}

/// Branches back to loops with [`WIDE`] parameters.
pub(super) fn repeated_loops(bytes: usize) -> Vec<u8> {
    single(|code| {
        push_constants(code);
        for _ in 0..bytes / 15 {
            code.loop_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_if(0).end();
            code.loop_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_if(0).end();
        }
        drop_all(code, WIDE);
    })
}

/// Operators that take and leave [`WIDE`] values, each of `each` bytes.
pub(super) fn parameters(
    bytes: usize,
    each: usize,
    add: for<'c, 'i> fn(Code<'c, 'i>, BlockType) -> Code<'c, 'i>,
) -> Vec<u8> {
    single(|code| {
        push_constants(code);
        for _ in 0..bytes / each {
            add(code, BlockType::FunctionType(WIDE_BOTH));
        }
        drop_all(code, WIDE);
    })
}

/// Reads of a local in one half of the bytes, and in the other half operators of `each` bytes each.
pub(super) fn operands(bytes: usize, each: usize, add: Operators) -> Vec<u8> {
    single(|code| {
        code.block(EMPTY);
        let pushed = bytes / 6;
        for _ in 0..pushed {
            code.local_get(0);
        }
        for _ in 0..bytes / 2 / each {
            add(code);
        }
        drop_all(code, pushed);
        code.end();
    })
}
