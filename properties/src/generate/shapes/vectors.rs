//! Vectors as compilers use them: in loops over arrays, over calls, and where branches meet.

use wasm_encoder::{BlockType, ConstExpr, ExportKind, GlobalType, MemArg, ValType};

use super::locals::LOCALS;
use super::sections::{EMPTY, NOTHING, Operators, Sections, TYPE_F, WIDE, access, branch_out, byte};
use ValType::{I32, V128};

/// The locals of `f`, after its parameter: a second number, and four vectors.
const NUMBER: u32 = 1;
const SUM: u32 = 2;
const NEEDLE: u32 = 3;

fn whole(offset: u64) -> MemArg {
    MemArg { offset, align: 4, memory_index: 0 }
}

/// The same code repeated, of `each` bytes, with the locals above. Function 1 does nothing.
fn repeated(bytes: usize, each: usize, add: Operators) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, I32), (4, V128)], |code| {
        for _ in 0..bytes / each {
            add(code);
        }
    });
    sections.function(NOTHING, &[], |_| {});
    sections.finish()
}

/// Loops that add up the products of vectors, each followed by one for the remaining bytes.
pub(super) fn dot_products(bytes: usize) -> Vec<u8> {
    repeated(bytes, 71, |code| {
        code.loop_(EMPTY).local_get(0).v128_load(whole(0)).local_get(0).v128_load(whole(1024)).i32x4_dot_i16x8_s();
        code.local_get(SUM).i32x4_add().local_set(SUM);
        code.local_get(0).i32_const(16).i32_sub().local_tee(0).i32_const(16).i32_ge_s().br_if(0).end();
        code.loop_(EMPTY).local_get(NUMBER).local_get(0).i32_load8_u(byte(0)).i32_add().local_set(NUMBER);
        code.local_get(0).i32_const(1).i32_sub().local_tee(0).i32_const(0).i32_gt_s().br_if(0).end()
    })
}

/// Loops that look for a byte, sixteen at a time.
pub(super) fn scanners(bytes: usize) -> Vec<u8> {
    repeated(bytes, 52, |code| {
        code.local_get(0).i8x16_splat().local_set(NEEDLE).block(EMPTY).loop_(EMPTY);
        code.local_get(0).v128_load(whole(0)).local_get(NEEDLE).i8x16_eq().i8x16_bitmask().local_tee(NUMBER);
        code.if_(EMPTY).local_get(0).local_get(NUMBER).i32_ctz().i32_add().local_set(0).br(2).end();
        code.local_get(0).i32_const(16).i32_sub().local_tee(0).i32_const(0).i32_gt_s().br_if(0).end().end()
    })
}

/// Lanes that are loaded, shuffled and stored again.
pub(super) fn shuffles(bytes: usize) -> Vec<u8> {
    repeated(bytes, 60, |code| {
        code.local_get(0).local_get(0).local_get(SUM).v128_load8_lane(byte(3), 5);
        code.local_get(0).v128_load32_splat(access(8));
        code.i8x16_shuffle([0, 16, 1, 17, 2, 18, 3, 19, 31, 15, 30, 14, 29, 13, 28, 12]);
        code.local_get(NEEDLE).i8x16_swizzle().local_tee(SUM).v128_store(whole(32));
        code.local_get(0).local_get(SUM).v128_store16_lane(byte(48), 7).local_get(SUM).local_set(NEEDLE)
    })
}

/// Vectors in locals and on the operand stack, over calls.
pub(super) fn across_calls(bytes: usize) -> Vec<u8> {
    repeated(bytes, 20, |code| {
        code.local_get(SUM).local_get(NEEDLE).v128_not().call(1);
        code.i32x4_add().local_get(4).v128_xor().local_tee(4).local_set(SUM).nop()
    })
}

/// Vectors that both arms of an `if` leave, in the other order.
pub(super) fn merged_by_ifs(bytes: usize) -> Vec<u8> {
    const EACH: usize = 22;
    let mut sections = Sections::new();
    let two = sections.types.len();
    sections.types.ty().function([], [V128, V128]);
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, I32), (4, V128)], |code| {
        for _ in 0..bytes / EACH {
            code.local_get(0).if_(BlockType::FunctionType(two)).local_get(SUM).local_get(NEEDLE).else_();
            code.local_get(NEEDLE).local_get(SUM).v128_not().end().local_set(SUM).local_set(NEEDLE);
        }
    });
    sections.finish()
}

/// Branch tables with a vector, to blocks each of which computes another one of it.
pub(super) fn merged_by_tables(bytes: usize) -> Vec<u8> {
    repeated(bytes, 38, |code| {
        let vector = BlockType::Result(V128);
        code.block(vector).block(vector).block(vector).local_get(SUM).local_get(0).br_table([0, 1, 2], 1).end();
        code.v128_not().end().local_get(NEEDLE).i8x16_add().end().local_set(SUM)
    })
}

/// Conditional branches out of a block, with as many vectors as a type may have.
pub(super) fn branches(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let wide = sections.types.len();
    sections.types.ty().function([], std::iter::repeat_n(V128, WIDE));
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, V128)], |code| {
        code.block(BlockType::FunctionType(wide)).i32_const(0);
        for _ in 0..WIDE {
            code.local_get(1);
        }
        branch_out(code, bytes);
    });
    sections.finish()
}

/// Calls with vectors as arguments and results, which globals hold in between.
pub(super) fn in_signatures_and_globals(bytes: usize) -> Vec<u8> {
    const EACH: usize = 12;
    let mut sections = Sections::new();
    let swap = sections.types.len();
    sections.types.ty().function([V128, V128], [V128, V128]);
    let ty = GlobalType { val_type: V128, mutable: true, shared: false };
    for number in 0..2 {
        sections.globals.global(ty, &ConstExpr::v128_const(number));
    }
    sections.f(|code| {
        for _ in 0..bytes / EACH {
            code.global_get(0).global_get(1).call(1).global_set(1).global_set(0).nop().nop();
        }
    });
    sections.function(swap, &[], |code| {
        code.local_get(1).local_get(0);
    });
    sections.finish()
}

/// Loops that use some of many locals that are vectors.
pub(super) fn locals_across_loops(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(LOCALS, V128)], |code| {
        for at in 0..(bytes / 22) as u32 {
            let [one, other] = [7919, 104_729].map(|prime| at.wrapping_mul(prime) % LOCALS + 1);
            code.loop_(EMPTY).local_get(one).local_get(other).i16x8_add().local_set(other);
            code.local_get(0).i32_const(1).i32_sub().local_tee(0).br_if(0).end();
        }
    });
    sections.finish()
}
