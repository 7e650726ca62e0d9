//! Blocks and branches, and straight code.

use wasm_encoder::{ExportKind, ValType};

use super::sections::{EMPTY, Operators, Sections, TYPE_F, byte, single};
use ValType::I32;

/// Consecutive blocks, each of which may be left before it computes a value of its own.
pub(super) fn between_branches(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, I32)], |code| {
        for at in 0..bytes / 16 {
            code.block(EMPTY).local_get(0).br_if(0);
            code.local_get(1).i32_const(1000 + at as i32).i32_add().local_set(1).end();
        }
    });
    sections.finish()
}

/// Nested blocks, which `open` begins and `close` ends, with `each` bytes together.
pub(super) fn nested(bytes: usize, each: usize, open: Operators, close: Operators) -> Vec<u8> {
    single(|code| {
        let depth = bytes / each;
        for _ in 0..depth {
            open(code);
        }
        for _ in 0..depth {
            close(code);
        }
    })
}

/// Nested blocks, each with a branch out of the outermost one.
pub(super) fn left_from_within(bytes: usize) -> Vec<u8> {
    single(|code| {
        let depth = (bytes / 8) as u32;
        for at in 0..depth {
            code.block(EMPTY).local_get(0).br_if(at);
        }
        for _ in 0..depth {
            code.end();
        }
    })
}

/// Consecutive loops that count down by the same variable, by another step each.
pub(super) fn counters(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, I32)], |code| {
        for at in 0..bytes / 28 {
            code.loop_(EMPTY).local_get(1).local_get(0).i32_load8_u(byte(0)).i32_add().local_set(1);
            code.local_get(0).i32_const(1 + 3 * at as i32).i32_sub().local_tee(0);
            code.i32_const(0).i32_gt_s().br_if(0).end();
        }
    });
    sections.finish()
}

pub(super) fn wide_table(bytes: usize) -> Vec<u8> {
    single(|code| {
        code.block(EMPTY).block(EMPTY).local_get(0).br_table((0..bytes as u32).map(|at| at % 2), 0).end().end();
    })
}

/// The same operators repeated, with `each` bytes each time.
pub(super) fn straight(bytes: usize, each: usize, add: Operators) -> Vec<u8> {
    single(|code| {
        for _ in 0..bytes / each {
            add(code);
        }
    })
}
