use std::convert::Infallible;

use riser_translator::parse_module;
use wasmparser::{BinaryReader, FunctionBody};

use super::*;

/// The side table of the first function of a module in the text format, with targets spelled out: for each entry, the
/// opcode at the target, the index of the next entry there, `keep` and `discard`. Also the greatest height.
fn build(wat: &str, poll_loops: bool) -> (Vec<(u8, usize, u32, u32)>, u32) {
    let parsed = parse_module(wat::parse_str(wat).unwrap()).unwrap();
    let module = parsed.info();
    let range = module.bodies[0].range.clone();
    let bytes = &module.bytes[range.start as usize..range.end as usize];
    let body = FunctionBody::new(BinaryReader::new(bytes, range.start as usize));
    let mut operators = body.get_operators_reader().unwrap();
    let ty = module.func_type(FuncIndex::new(0));
    let table = SideTable::build(module, ty, &Locals::default(), &mut operators, poll_loops).unwrap();

    // A second pass over the body finds the branches.
    let mut sources = Vec::new();
    for operator in body.get_operators_reader().unwrap().into_iter_with_offsets() {
        let (operator, at) = operator.unwrap();
        let entries = match operator {
            Operator::If { .. } | Operator::Else | Operator::Br { .. } => 1,
            Operator::BrIf { .. } => 1,
            Operator::BrTable { targets } => targets.len() + 1,
            _ => 0,
        };
        sources.extend((0..entries).map(|_| at));
    }
    assert_eq!(sources.len(), table.branches.len(), "the test's code is all reachable");
    let spell_out = |(index, entry): (usize, &BranchEntry)| {
        let target = sources[index].wrapping_add_signed(entry.pc_delta as isize);
        let next = index.wrapping_add_signed(entry.table_delta as isize);
        (module.bytes[target], next, entry.keep, entry.discard)
    };
    (table.branches.iter().enumerate().map(spell_out).collect(), table.max_height)
}

const END: u8 = 0x0b;
const NOP: u8 = 0x01;
const LOOP: u8 = 0x03;
const DROP: u8 = 0x1a;

#[test]
fn forward_branches_go_behind_the_end_and_keep_the_results() {
    let wat = "(module (func
        i64.const 7
        (block (result i32)
            i64.const 1  i64.const 2  i32.const 3
            i32.const 0
            br_if 0
            drop drop drop i32.const 4)
        drop
        drop))";
    assert_eq!(build(wat, false), (vec![(DROP, 1, 1, 2)], 5));
}

#[test]
fn backward_branches_go_behind_the_loop_operator_or_poll_there() {
    let wat = "(module (func
        i32.const 5
        (loop (param i32)
            nop
            i64.const 1
            (block (br_if 0 (i32.const 0)))
            drop
            i32.const 1
            br_if 0
            drop)))";
    // The inner branch is the first; the outer one goes back to before it.
    assert_eq!(build(wat, false).0, [(DROP, 1, 0, 0), (NOP, 0, 1, 0)]);
    assert_eq!(build(wat, true).0, [(DROP, 1, 0, 0), (LOOP, 0, 1, 0)]);
}

#[test]
fn both_arms_of_an_if_join_behind_its_end() {
    let wat = "(module (func (param i32) (result i32)
        local.get 0
        (if (result i32) (then i32.const 1) (else nop i32.const 2))
        drop
        local.get 0
        (if (then nop))
        nop
        i32.const 0))";
    let expected = vec![(NOP, 2, 0, 0), (DROP, 2, 0, 0), (NOP, 3, 0, 0)];
    assert_eq!(build(wat, false), (expected, 1));
}

#[test]
fn branch_tables_own_an_entry_for_each_target() {
    let wat = "(module (func (param i32) (result i32)
        (block (result i32)
            (block (result i32)
                i64.const 0
                i32.const 6
                local.get 0
                br_table 0 1 0 2)
            drop
            i32.const 1)
        nop))";
    let expected = vec![(DROP, 4, 1, 1), (NOP, 4, 1, 1), (DROP, 4, 1, 1), (END, 4, 1, 1)];
    assert_eq!(build(wat, false), (expected, 3));
}

#[test]
fn a_branch_out_of_the_body_goes_to_its_end() {
    let wat = "(module (func (result i32)
        i64.const 1
        i32.const 2
        br 0))";
    assert_eq!(build(wat, false), (vec![(END, 1, 1, 1)], 2));
}

/// The replaced operators of the first function of a module: the opcode of each, and its replacement.
fn replaced(wat: &str) -> Vec<(u8, u32)> {
    let parsed = parse_module(wat::parse_str(wat).unwrap()).unwrap();
    let module = parsed.info();
    let bytes = module.body_bytes(FuncIndex::new(0)).unwrap();
    let body = FunctionBody::new(BinaryReader::new(bytes, 0));
    let ty = module.func_type(FuncIndex::new(0));
    let declared = body.get_locals_reader().unwrap().into_iter();
    let declared = declared.map(|group| group.map(|(count, ty)| (count, slots(ty))));
    let (locals, _) = Locals::new(ty.params().iter().map(|ty| Ok((1, ty.slots()))).chain(declared)).unwrap();
    let mut operators = body.get_operators_reader().unwrap();
    let table = SideTable::build(module, ty, &locals, &mut operators, false).unwrap();
    table.replaced.iter().map(|&(at, opcode)| (bytes[at], opcode.into())).collect()
}

const SELECT: u8 = 0x1b;
const TYPED_SELECT: u8 = 0x1c;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const LOCAL_TEE: u8 = 0x22;
const GLOBAL_GET: u8 = 0x23;
const GLOBAL_SET: u8 = 0x24;

#[test]
fn branches_count_vectors_as_two_slots() {
    let wat = "(module (func (result v128)
        (block (result i32 v128)
            i64.const 1
            v128.const i64x2 2 3
            i32.const 4
            v128.const i64x2 5 6
            i32.const 0
            br_if 0
            drop drop drop drop
            i32.const 0 v128.const i64x2 0 0)
        nop
        br 0))";
    // The last discards the i32 below the result.
    assert_eq!(build(wat, false), (vec![(NOP, 1, 3, 3), (END, 2, 2, 1)], 7));
}

#[test]
fn operators_that_do_not_say_their_type_are_replaced_where_it_is_vectors() {
    let wat = "(module
        (global $g (mut v128) (v128.const i64x2 0 0))
        (func (param v128)
            i32.const 1
            local.get 0
            v128.const i64x2 2 3
            i32.const 4
            select
            v128.const i64x2 5 6
            i32.const 7
            select (result v128)
            global.set $g
            drop
            global.get $g
            drop
            i32.const 1 i32.const 2 i32.const 3 select drop))";
    let expected = [
        (LOCAL_GET, opcode::VectorLocalGet),
        (SELECT, opcode::VectorSelect),
        (TYPED_SELECT, opcode::VectorTypedSelect),
        (GLOBAL_SET, opcode::VectorGlobalSet),
        (GLOBAL_GET, opcode::VectorGlobalGet),
        (DROP, opcode::VectorDrop),
    ];
    assert_eq!(replaced(wat), expected);
}

#[test]
fn locals_behind_a_vector_have_moved() {
    let wat = "(module (func (param i32 v128 i64) (local f32 v128)
        local.get 0 local.tee 0 local.set 0
        local.get 1 local.tee 1 local.set 1
        local.get 2 local.tee 2 local.set 2
        local.get 3 local.set 3
        local.get 4 local.set 4))";
    let expected = [
        (LOCAL_GET, opcode::VectorLocalGet),
        (LOCAL_TEE, opcode::VectorLocalTee),
        (LOCAL_SET, opcode::VectorLocalSet),
        (LOCAL_GET, opcode::MovedLocalGet),
        (LOCAL_TEE, opcode::MovedLocalTee),
        (LOCAL_SET, opcode::MovedLocalSet),
        (LOCAL_GET, opcode::MovedLocalGet),
        (LOCAL_SET, opcode::MovedLocalSet),
        (LOCAL_GET, opcode::VectorLocalGet),
        (LOCAL_SET, opcode::VectorLocalSet),
    ];
    assert_eq!(replaced(wat), expected);
    let groups = [(1, 1), (1, 2), (0, 1), (2, 1), (1, 2)];
    let (places, slots) = Locals::new(groups.into_iter().map(Ok::<_, Infallible>)).unwrap();
    assert_eq!([0, 1, 2, 3, 4].map(|index| places.place(index)), [(0, 1), (1, 2), (3, 1), (4, 1), (5, 2)]);
    assert_eq!(slots, 7);
}

#[test]
fn vectors_are_known_behind_blocks_and_in_both_arms() {
    let wat = "(module (func (param v128 i32) (result i32)
        (block (result v128)
            (v128.const i64x2 0 0)
            (br 0)
            (block (drop))
            (drop))
        (if (param v128) (result v128 i32) (i32.const 0)
            (then drop v128.const i64x2 1 1 i32.const 1)
            (else i32.const 2 br 0 drop drop))
        drop
        drop
        (loop (result v128) (v128.const i64x2 1 1) (unreachable))
        drop
        (i32.const 1)))";
    // Operators in unreachable code stay as they are.
    assert_eq!(replaced(wat), [(DROP, opcode::VectorDrop); 3]);
}

#[test]
fn unreachable_branches_own_no_entry() {
    let wat = "(module (func
        (block
            unreachable
            (block (br_if 0) (br 1))
            i32.add
            (if (then br 0) (else br 1)))
        nop))";
    let parsed = parse_module(wat::parse_str(wat).unwrap()).unwrap();
    let module = parsed.info();
    let body = FunctionBody::new(BinaryReader::new(module.body_bytes(FuncIndex::new(0)).unwrap(), 0));
    let mut operators = body.get_operators_reader().unwrap();
    let table =
        SideTable::build(module, module.func_type(FuncIndex::new(0)), &Locals::default(), &mut operators, false)
            .unwrap();
    assert_eq!(table.branches.len(), 0);
}
