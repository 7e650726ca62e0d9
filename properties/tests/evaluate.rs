//! The reference evaluator runs all of the IR, within its limits, and reports safepoints.

use std::cell::RefCell;

use riser_properties::evaluate::{Instance, InstanceError, Limits, Outcome};
use riser_translator::ir::Function;
use riser_translator::safepoint::{Safepoint, SafepointKind};
use riser_translator::{FuncIndex, FuncTranslator, ParsedModule, TranslatorConfig, TrapCode, parse_module};

fn parse(text: &str) -> ParsedModule {
    parse_module(wat::parse_str(text).expect("well-formed")).expect("valid")
}

fn translate(module: &ParsedModule) -> Vec<Function> {
    let info = module.info();
    let config = TranslatorConfig { fuel: true, epoch: true, ..TranslatorConfig::optimized() };
    info.defined_functions()
        .map(|function| FuncTranslator::new().ir(module, function, &config).expect("valid"))
        .collect()
}

/// Calls exports in turn on one instance; each has to come out as the pair says.
fn check(text: &str, calls: &[(&str, &[u64], Outcome)]) {
    let module = parse(text);
    let functions = translate(&module);
    let mut instance = Instance::new(&module, &functions, Limits::default()).expect("it can be had");
    for (name, args, expected) in calls {
        let function = |at: &FuncIndex| module.info().func_name(*at) == Some(name);
        let function = FuncIndex::first(module.info().functions.len()).find(function).expect("it is there");
        assert_eq!(instance.invoke(function, args), *expected, "{name}{args:?}");
    }
}

fn returned<const N: usize>(results: [u64; N]) -> Outcome {
    Outcome::Returned(results.to_vec())
}

fn trapped(code: TrapCode) -> Outcome {
    Outcome::Trapped(code)
}

#[test]
fn calls_through_tables() {
    check(
        "(module
            (type $t (func (param i32) (result i32)))
            (table $t 5 funcref)
            (elem (i32.const 1) func $double $wrong)
            (elem $passive func $triple)
            (func $double (type $t) (i32.mul (local.get 0) (i32.const 2)))
            (func $triple (type $t) (i32.mul (local.get 0) (i32.const 3)))
            (func $wrong (param i64))
            (func $call (param i32) (result i32) (call_indirect (type $t) (i32.const 7) (local.get 0)))
            (func $tail (param i32) (result i32) (return_call_indirect (type $t) (i32.const 7) (local.get 0)))
            (func $init (table.init $passive (i32.const 3) (i32.const 0) (i32.const 1)))
            (func $drop (elem.drop $passive))
            (func $grow (param i32) (result i32 i32)
                (table.grow (table.get (i32.const 1)) (local.get 0)) (table.size))
            (func $is_null (param i32) (result i32) (ref.is_null (table.get (local.get 0))))
            (func $copy (table.copy (i32.const 0) (i32.const 1) (i32.const 2)))
            (func $fill (table.fill (i32.const 3) (ref.func $double) (i32.const 2))))",
        &[
            ("call", &[1], returned([14])),
            ("tail", &[1], returned([14])),
            ("call", &[2], trapped(TrapCode::IndirectCallTypeMismatch)),
            ("call", &[3], trapped(TrapCode::UninitializedElement)),
            ("tail", &[5], trapped(TrapCode::UndefinedElement)),
            ("init", &[], returned([])),
            ("call", &[3], returned([21])),
            ("drop", &[], returned([])),
            ("init", &[], trapped(TrapCode::TableOutOfBounds)),
            ("grow", &[2], returned([5, 7])),
            ("grow", &[100_000], returned([u64::from(u32::MAX), 7])),
            ("call", &[6], returned([14])),
            ("is_null", &[0], returned([1])),
            ("copy", &[], returned([])),
            ("is_null", &[0], returned([0])),
            ("is_null", &[7], trapped(TrapCode::TableOutOfBounds)),
            ("fill", &[], returned([])),
            ("call", &[3], returned([14])),
        ],
    );
}

#[test]
fn memories_of_both_widths() {
    check(
        r#"(module
            (memory 1) (memory $wide i64 1 2)
            (data (i32.add (i32.const 3) (i32.const 5)) "abc")
            (data $passive "xyz")
            (func $load (param i32) (result i32) (i32.load8_u (local.get 0)))
            (func $load_near (param i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const -1))))
            (func $sign (param i32) (result i64)
                (i64.store8 (i32.const 0) (i64.const 0xff)) (i64.load8_s (local.get 0)))
            (func $wide (param i64) (result i64)
                (i64.store32 $wide (i64.const 4) (i64.const -2)) (i64.load32_s $wide offset=1 (local.get 0)))
            (func $grow (param i64) (result i64 i64) (memory.grow $wide (local.get 0)) (memory.size $wide))
            (func $init (memory.init $passive (i32.const 16) (i32.const 1) (i32.const 2)))
            (func $drop (data.drop $passive))
            (func $copy (memory.copy $wide 0 (i64.const 100) (i32.const 8) (i32.const 3)))
            (func $fill (memory.fill (i32.const 65530) (i32.const 0x101) (i32.const 6)))
            (func $fill_beyond (memory.fill (i32.const 65530) (i32.const 1) (i32.const 7)))
            (func $wide_byte (param i64) (result i32) (i32.load8_u $wide (local.get 0))))"#,
        &[
            ("load", &[10], returned([u64::from(b'c')])),
            ("load_near", &[9], returned([u64::from(b'a')])),
            ("load_near", &[0], trapped(TrapCode::MemoryOutOfBounds)),
            ("sign", &[0], returned([u64::MAX])),
            ("wide", &[3], returned([u64::MAX - 1])),
            ("wide", &[u64::MAX], trapped(TrapCode::MemoryOutOfBounds)),
            ("grow", &[1], returned([1, 2])),
            ("grow", &[1], returned([u64::MAX, 2])),
            ("init", &[], returned([])),
            ("load", &[17], returned([u64::from(b'z')])),
            ("drop", &[], returned([])),
            ("init", &[], trapped(TrapCode::MemoryOutOfBounds)),
            ("copy", &[], returned([])),
            ("wide_byte", &[101], returned([u64::from(b'b')])),
            ("fill", &[], returned([])),
            ("load", &[65_535], returned([1])),
            ("fill_beyond", &[], trapped(TrapCode::MemoryOutOfBounds)),
        ],
    );
}

/// The two slots of a vector of four lanes.
fn lanes([a, b, c, d]: [u32; 4]) -> [u64; 2] {
    [u64::from(b) << 32 | u64::from(a), u64::from(d) << 32 | u64::from(c)]
}

#[test]
fn vectors_take_two_slots() {
    let [low, high] = lanes([1, 2, 3, 4]);
    check(
        "(module
            (global $g (mut v128) (v128.const i32x4 5 6 7 8))
            (global $after (mut i32) (i32.const 9))
            (func $swap (param i32 v128 i64 v128) (result v128 i32 v128 i64)
                (local.get 3) (local.get 0) (local.get 1) (local.get 2))
            (func $zero (result v128 i32) (local i32 v128)
                (local.get 1) (local.get 0))
            (func $exchange (param v128) (result v128 i32)
                (global.get $g) (global.set $g (local.get 0)) (global.get $after))
            (func $choose (param v128 v128 i32) (result v128)
                (select (local.get 0) (local.get 1) (local.get 2)))
            (func $through (param i64 v128) (result i64 v128)
                (local.get 0) (call $inner (i32.const 1) (local.get 1)))
            (func $inner (param i32 v128) (result v128)
                (i32x4.add (local.get 1) (i32x4.splat (local.get 0))))
            (func $tail (param i64 v128) (result v128)
                (return_call $inner (i32.const 2) (local.get 1)))
            (func $loop (param i32 v128) (result v128)
                (local.get 1)
                (loop $next (param v128) (result v128)
                    (i32x4.add (local.get 1))
                    (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))",
        &[
            ("swap", &[10, low, high, 11, 12, 13], returned([12, 13, 10, low, high, 11])),
            ("zero", &[], returned([0, 0, 0])),
            ("exchange", &[low, high], returned([lanes([5, 6, 7, 8])[0], lanes([5, 6, 7, 8])[1], 9])),
            ("exchange", &[0, 0], returned([low, high, 9])),
            ("choose", &[low, high, 12, 13, 1], returned([low, high])),
            ("choose", &[low, high, 12, 13, 0], returned([12, 13])),
            ("through", &[10, low, high], returned([10, lanes([2, 3, 4, 5])[0], lanes([2, 3, 4, 5])[1]])),
            ("tail", &[10, low, high], returned(lanes([3, 4, 5, 6]))),
            ("loop", &[3, low, high], returned(lanes([4, 8, 12, 16]))),
        ],
    );
}

#[test]
fn vector_operations() {
    let [low, high] = lanes([1, 2, 3, 0xffff_ffff]);
    check(
        "(module
            (func $shuffle (param v128 v128) (result v128)
                (i8x16.shuffle 12 13 14 15 0 1 2 3 16 17 18 19 28 29 30 31 (local.get 0) (local.get 1)))
            (func $extract (param v128) (result i32) (i8x16.extract_lane_s 15 (local.get 0)))
            (func $extract_unsigned (param v128) (result i32) (i8x16.extract_lane_u 15 (local.get 0)))
            (func $replace (param v128 i64) (result v128) (i64x2.replace_lane 1 (local.get 0) (local.get 1)))
            (func $mask (param v128) (result i32) (i32x4.bitmask (local.get 0)))
            (func $shift (param v128 i32) (result v128) (i32x4.shr_s (local.get 0) (local.get 1)))
            (func $choose (param v128 v128 v128) (result v128)
                (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
            (func $divide (param f64) (result v128) (f64x2.div (f64x2.splat (local.get 0)) (v128.const f64x2 2 4))))",
        &[
            ("shuffle", &[low, high, 0x1_0000_0009, 0x7_0000_0008], returned(lanes([0xffff_ffff, 1, 9, 7]))),
            ("extract", &[low, high], returned([0xffff_ffff])),
            ("extract_unsigned", &[low, high], returned([0xff])),
            ("replace", &[low, high, 5], returned([low, 5])),
            ("mask", &[low, high], returned([8])),
            ("shift", &[low, high, 33], returned(lanes([0, 1, 1, 0xffff_ffff]))),
            ("choose", &[low, high, 0, 0, u64::MAX, 0], returned([low, 0])),
            ("divide", &[1f64.to_bits()], returned([0.5f64.to_bits(), 0.25f64.to_bits()])),
        ],
    );
}

#[test]
fn vectors_in_memory() {
    let bytes = u64::from_le_bytes(*b"\x01\x80\x03\x04\x05\x06\x07\x08");
    check(
        r#"(module
            (memory 1) (memory $wide i64 1)
            (data (i32.const 8) "\01\80\03\04\05\06\07\08")
            (func $load (param i32) (result v128) (v128.load offset=8 (local.get 0)))
            (func $extend (param i32) (result v128) (v128.load8x8_s (local.get 0)))
            (func $splat (param i32) (result v128) (v128.load16_splat offset=1 (local.get 0)))
            (func $zero (param i32) (result v128) (v128.load32_zero (local.get 0)))
            (func $store (param i32 v128) (v128.store (local.get 0) (local.get 1)))
            (func $load_lane (param i32 v128) (result v128) (v128.load8_lane 9 (local.get 0) (local.get 1)))
            (func $store_lane (param i32 v128) (v128.store32_lane 1 (local.get 0) (local.get 1)))
            (func $number (param i32) (result i64) (i64.load (local.get 0)))
            (func $load_wide (param i64) (result v128) (v128.load $wide offset=0x100000000 (local.get 0))))"#,
        &[
            ("load", &[0], returned([bytes, 0])),
            ("load", &[65_512], returned([0, 0])),
            ("load", &[65_513], trapped(TrapCode::MemoryOutOfBounds)),
            ("load", &[0xffff_ffff], trapped(TrapCode::MemoryOutOfBounds)),
            ("extend", &[8], returned([0x0004_0003_ff80_0001, 0x0008_0007_0006_0005])),
            ("extend", &[65_529], trapped(TrapCode::MemoryOutOfBounds)),
            ("splat", &[8], returned([0x0380_0380_0380_0380; 2])),
            ("splat", &[65_533], returned([0; 2])),
            ("splat", &[65_534], trapped(TrapCode::MemoryOutOfBounds)),
            ("zero", &[8], returned([0x0403_8001, 0])),
            ("store", &[100, 6, 7], returned([])),
            ("number", &[100], returned([6])),
            ("number", &[108], returned([7])),
            // Nothing is written if not all can be.
            ("store", &[65_521, u64::MAX, u64::MAX], trapped(TrapCode::MemoryOutOfBounds)),
            ("number", &[65_528], returned([0])),
            ("store", &[65_520, 0, 9], returned([])),
            ("number", &[65_528], returned([9])),
            ("load_lane", &[9, 1, 2], returned([1, 0x8002])),
            ("load_lane", &[65_536, 1, 2], trapped(TrapCode::MemoryOutOfBounds)),
            ("store_lane", &[200, 0x1234_5678_9abc_def0, 0], returned([])),
            ("number", &[200], returned([0x1234_5678])),
            ("store_lane", &[65_533, 0, 0], trapped(TrapCode::MemoryOutOfBounds)),
            ("load_wide", &[0], trapped(TrapCode::MemoryOutOfBounds)),
        ],
    );
}

#[test]
fn whatever_runs_ends() {
    check(
        "(module
            (import \"env\" \"f\" (func $imported (param i32)))
            (func $spin (loop (br 0)))
            (func $recurse (call $recurse))
            (func $tails (return_call $tails))
            (func $out (call $imported (i32.const 1))))",
        &[("spin", &[], trapped(TrapCode::OutOfFuel)), ("out", &[], trapped(TrapCode::OutOfFuel))],
    );
    let text = "(module
        (import \"env\" \"f\" (func $imported (param i32)))
        (func $recurse (call $recurse))
        (func $out (call $imported (i32.const 1))))";
    check(
        text,
        &[("recurse", &[], trapped(TrapCode::StackOverflow)), ("out", &[], Outcome::Import(FuncIndex::new(0)))],
    );
    let module = parse("(module (func (loop (br 0))))");
    let functions =
        [FuncTranslator::new().ir(&module, FuncIndex::new(0), &TranslatorConfig::optimized()).expect("valid")];
    let mut instance = Instance::new(&module, &functions, Limits::default()).expect("it can be had");
    assert_eq!(instance.invoke(FuncIndex::new(0), &[]), trapped(TrapCode::Interrupt));
}

#[test]
fn traps_have_a_place() {
    let module = parse("(module (func (drop (i32.const 1)) (call 1)) (func (drop (i32.const 2)) (unreachable)))");
    let functions = translate(&module);
    let mut instance = Instance::new(&module, &functions, Limits::default()).expect("it can be had");
    assert_eq!(instance.position(), None);
    assert_eq!(instance.invoke(FuncIndex::new(0), &[]), trapped(TrapCode::Unreachable));
    // The body starts with the number of its locals; the constant takes two bytes, the drop one.
    assert_eq!(instance.position(), Some((FuncIndex::new(1), module.info().bodies[1].range.start + 4)));
}

#[test]
fn what_cannot_be_instantiated_is_an_error() {
    let error = |text: &str, functions: &[Function]| {
        Instance::new(&parse(text), functions, Limits::default()).err().map(|error| error.to_string())
    };
    let missing = InstanceError::MissingFunction(FuncIndex::new(0)).to_string();
    assert_eq!(error("(module (func))", &[]), Some(missing));
    assert_eq!(error("(module (memory 17))", &[]), Some(InstanceError::TooLarge.to_string()));
    let segment = InstanceError::Segment(TrapCode::MemoryOutOfBounds).to_string();
    assert_eq!(error("(module (memory 1) (data (i32.const 65535) \"ab\"))", &[]), Some(segment));
}

#[test]
fn safepoints_have_the_canonical_state() {
    let module = parse(
        "(module (func $count (param $n i32) (result i64) (local $sum i64)
            (i64.const 40)
            (loop $next (param i64) (result i64)
                (i64.add (i64.extend_i32_u (local.get $n)))
                (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))",
    );
    let functions = translate(&module);
    let seen = RefCell::new(Vec::new());
    let mut instance = Instance::new(&module, &functions, Limits::default()).expect("it can be had");
    instance.on_safepoint(|safepoint| seen.borrow_mut().push(safepoint));
    assert_eq!(instance.invoke(FuncIndex::new(0), &[2]), returned([43]));
    assert_eq!(instance.state().fuel, Limits::default().fuel - 1 - 2 * 8);
    let body = module.info().bodies[0].range.start;
    // A declaration of one group of locals takes three bytes; the constant takes two.
    let (first, header) = (body + 3, body + 5);
    let expected = [
        (SafepointKind::Entry, first, [2, 0], vec![]),
        (SafepointKind::Loop, header, [2, 0], vec![40]),
        (SafepointKind::Loop, header, [1, 0], vec![42]),
    ];
    let expected = expected.map(|(kind, offset, locals, operands)| Safepoint {
        kind,
        function: FuncIndex::new(0),
        offset,
        locals: locals.to_vec(),
        operands,
    });
    assert_eq!(*seen.borrow(), expected);
}
