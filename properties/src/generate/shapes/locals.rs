//! Locals by the thousand.

use wasm_encoder::{ExportKind, ValType};

use super::sections::{EMPTY, NOTHING, Sections, TYPE_F, access};
use ValType::{I32, I64};

/// The maximum number of locals of a function.
const MOST_LOCALS: u32 = 50_000;
/// The number of locals in shapes with many.
pub(super) const LOCALS: u32 = 1000;

/// Functions that declare the maximum number of locals, and do nothing.
pub(super) fn unused_locals(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for _ in 0..bytes / 9 {
        sections.function(NOTHING, &[(MOST_LOCALS, I64)], |_| {});
    }
    sections.finish()
}

/// The construct around each use of a local.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Loop,
    If,
    NestedLoop,
}

/// Uses of [`LOCALS`] locals, in an order that differs from the order of their slots.
pub(super) fn locals(bytes: usize, around: Around) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(LOCALS, I32)], |code| {
        let count = bytes / 15;
        for at in 0..count as u32 {
            let local = at.wrapping_mul(7919) % LOCALS + 1;
            match around {
                Around::If => code.local_get(local).if_(EMPTY),
                Around::Loop | Around::NestedLoop => code.loop_(EMPTY),
            };
            code.local_get(local).i32_const(1).i32_sub().local_set(local);
            match around {
                Around::If => code.end(),
                Around::Loop => code.local_get(local).br_if(0).end(),
                Around::NestedLoop => code.local_get(local).br_if(at),
            };
        }
        if around == Around::NestedLoop {
            for _ in 0..count {
                code.end();
            }
        }
    });
    sections.finish()
}

/// Locals that are set before a call, and loops behind it that set none.
pub(super) fn over_loops(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let locals = ((bytes / 14) as u32).min(MOST_LOCALS / 4);
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(locals, I32)], |code| {
        for at in 0..locals {
            code.local_get(0).local_set(at + 1);
        }
        code.call(1);
        for _ in 0..bytes / 2 / 3 {
            code.loop_(EMPTY).end();
        }
    });
    sections.function(NOTHING, &[], |_| {});
    sections.finish()
}

/// Locals that are loaded from memory, and stored in an order that differs from theirs.
pub(super) fn stored(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let locals = (bytes / 18) as u32;
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(locals, I32)], |code| {
        for at in 0..locals {
            code.local_get(0).i32_load(access(4 * u64::from(at))).local_set(at + 1);
        }
        for at in 0..locals {
            let local = at.wrapping_mul(7919) % locals + 1;
            code.i32_const(0).local_get(local).i32_store(access(4 * u64::from(at)));
        }
    });
    sections.finish()
}

/// As many branches to the end of a block as there are uses of locals after it.
pub(super) fn locals_at_a_join(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let count = (bytes / 10) as u32;
    let locals = count.min(MOST_LOCALS - 1);
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(locals, I32)], |code| {
        code.block(EMPTY);
        for at in 0..count {
            code.local_get(at % locals + 1).br_if(0);
        }
        code.end();
        for at in 0..locals {
            code.local_get(at + 1).drop();
        }
    });
    sections.finish()
}
