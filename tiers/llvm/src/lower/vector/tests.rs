//! Tests that every operator, compiled and run, matches its semantics.

use std::fmt::Write;
use std::mem::offset_of;

use riser_tiers_core::{CompileRequest, Context, Memory, ModuleState, Tier};
use riser_translator::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use riser_translator::{FuncIndex, ParsedModule, TranslatorConfig, ValType, parse_module};

use crate::trampoline::Trampolines;
use crate::{LlvmTier, OptLevel, Options, Processor, Stage};

/// An operation on the bits of its operands.
type Semantics = Box<dyn Fn([u128; 3]) -> u128>;

/// A function with its semantics.
struct Case {
    text: String,
    params: Vec<ValType>,
    result: ValType,
    /// The width of the result's lanes, if it comes from floating-point arithmetic: then any quiet NaN matches another.
    numbers: Option<u32>,
    eval: Semantics,
}

/// Constants to use as operands, one at a time.
const CONSTANTS: [(&str, u128); 10] = [
    ("i64x2 0 0", 0),
    ("f32x4 1 1 1 1", 0x3f80_0000_3f80_0000_3f80_0000_3f80_0000),
    ("f32x4 -0 -0 -0 -0", 0x8000_0000_8000_0000_8000_0000_8000_0000),
    ("f32x4 -1 -1 0.5 2", 0x4000_0000_3f00_0000_bf80_0000_bf80_0000),
    ("f64x2 1 1", 0x3ff0_0000_0000_0000_3ff0_0000_0000_0000),
    ("f64x2 -0 -0", 0x8000_0000_0000_0000_8000_0000_0000_0000),
    ("f32x4 nan:0x200000 1 -nan:0x1 2", 0x4000_0000_ff80_0001_3f80_0000_7fa0_0000),
    ("f64x2 nan:0x4000000000000 -nan:0x1", 0xfff0_0000_0000_0001_7ff4_0000_0000_0000),
    ("i64x2 -1 -1", u128::MAX),
    ("i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 200", 0xc80e_0d0c_0b0a_0908_0706_0504_0302_0100),
];

fn is_arithmetic(op: VectorOp) -> Option<u32> {
    let (shape, rest) = op.mnemonic().split_once('.')?;
    let bits = match shape {
        "f32x4" => 32,
        "f64x2" => 64,
        _ => return None,
    };
    let exact = ["abs", "neg", "pmin", "pmax", "splat", "eq", "ne", "lt", "gt", "le", "ge"];
    (!exact.contains(&rest)).then_some(bits)
}

fn vector_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for &op in VectorOp::ALL {
        let types = op.operand_types();
        let gets: Vec<String> = (0..types.len()).map(|it| format!("local.get {it}")).collect();
        let mut add = |gets: &[String], eval: Semantics| {
            let text = format!("{} {op}", gets.join(" "));
            let params = types.to_vec();
            cases.push(Case { text, params, result: op.result_type(), numbers: is_arithmetic(op), eval });
        };
        add(&gets, Box::new(move |operands| op.eval(operands)));
        for at in (0..types.len()).filter(|&at| types[at] == ValType::V128) {
            for (text, bits) in CONSTANTS {
                let mut gets = gets.clone();
                gets[at] = format!("v128.const {text}");
                let eval = move |mut operands: [u128; 3]| {
                    operands[at] = bits;
                    op.eval(operands)
                };
                add(&gets, Box::new(eval));
                // Through a local, read in another block.
                gets[at] =
                    format!("(local.set {at} (v128.const {text})) (block (br_if 0 (i32.const 1))) local.get {at}");
                add(&gets, Box::new(eval));
            }
        }
    }
    cases
}

fn lane_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |text: String, params: &[ValType], result: ValType, eval: Semantics| {
        cases.push(Case { text, params: params.to_vec(), result, numbers: None, eval });
    };
    for &op in ExtractOp::ALL {
        for lane in 0..op.lanes() {
            let eval = move |[vector, ..]: [u128; 3]| op.eval(lane, vector);
            add(format!("local.get 0 {op} {lane}"), &[ValType::V128], op.result_type(), Box::new(eval));
        }
    }
    for &op in ReplaceOp::ALL {
        for lane in 0..op.lanes() {
            let eval = move |[vector, value, _]: [u128; 3]| op.eval(lane, vector, value);
            let params = [ValType::V128, op.value_type()];
            add(format!("local.get 0 local.get 1 {op} {lane}"), &params, ValType::V128, Box::new(eval));
        }
    }
    let mut random = Random(7);
    for _ in 0..100 {
        let mut lanes = random.vector().to_le_bytes().map(|lane| lane % 32);
        if random.next().is_multiple_of(3) {
            lanes = lanes.map(|lane| lane & 3 | lanes[0] & 0x18);
        }
        let list: Vec<String> = lanes.iter().map(u8::to_string).collect();
        let eval = move |[a, b, _]: [u128; 3]| {
            let both = [a.to_le_bytes(), b.to_le_bytes()].concat();
            u128::from_le_bytes(lanes.map(|lane| both[usize::from(lane)]))
        };
        let text = format!("local.get 0 local.get 1 i8x16.shuffle {}", list.join(" "));
        add(text, &[ValType::V128; 2], ValType::V128, Box::new(eval));
    }
    cases
}

/// The contents of memory when a function is called: 8 bytes of it are at address 3.
fn in_memory() -> [u8; 64] {
    let mut random = Random(11);
    std::array::from_fn(|_| random.next() as u8)
}

/// The address that functions access: not aligned.
const AT: usize = 3;

fn memory_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let stored = u128::from_le_bytes(in_memory()[AT..AT + 16].try_into().expect("16 bytes"));
    let low = |value: u128, bytes: u32| if bytes == 16 { value } else { value & ((1 << (bytes * 8)) - 1) };
    let mut add = |text: String, eval: Semantics| {
        cases.push(Case { text, params: vec![ValType::V128], result: ValType::V128, numbers: None, eval });
    };
    for &op in VectorLoadOp::ALL {
        let value = op.eval(low(stored, op.access_bytes()));
        add(format!("i32.const 1 {op} offset=2 align=1"), Box::new(move |_| value));
    }
    for &op in LoadLaneOp::ALL {
        for lane in 0..op.lanes() {
            let eval = move |[vector, ..]: [u128; 3]| op.eval(lane, low(stored, op.access_bytes()), vector);
            add(format!("i32.const 1 local.get 0 {op} offset=2 align=1 {lane}"), Box::new(eval));
        }
    }
    // Stored elsewhere, and loaded from there.
    let load = "i32.const 32 v128.load align=1";
    let rest = u128::from_le_bytes(in_memory()[32..48].try_into().expect("16 bytes"));
    for &op in StoreLaneOp::ALL {
        for lane in 0..op.lanes() {
            let eval = move |[vector, ..]: [u128; 3]| {
                low(op.eval(lane, vector), op.access_bytes()) | rest & !low(u128::MAX, op.access_bytes())
            };
            add(format!("i32.const 32 local.get 0 {op} align=1 {lane} {load}"), Box::new(eval));
        }
    }
    add(format!("i32.const 32 local.get 0 v128.store align=1 {load}"), Box::new(|[vector, ..]| vector));
    cases
}

/// Pseudo-random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 ^ self.0 >> 29
    }

    fn vector(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// A vector, more often than not with special values in its lanes.
    fn operand(&mut self) -> u128 {
        const FLOATS: [f32; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -1.5,
            2.5,
            8_388_609.0,
            -4_194_304.5,
            2_147_483_648.0,
            -2_147_483_648.0,
            4_294_967_296.0,
            3_000_000_000.0,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MIN_POSITIVE,
        ];
        const DOUBLES: [f64; 16] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            2.5,
            2_147_483_647.0,
            2_147_483_647.5,
            -2_147_483_648.9,
            4_294_967_295.9,
            4_294_967_296.0,
            4_503_599_627_370_497.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e300,
            -1e-310,
        ];
        const SINGLE_NANS: [u32; 4] = [0x7fc0_0000, 0xffc0_0001, 0x7f80_0001, 0xffa0_0000];
        const DOUBLE_NANS: [u64; 4] =
            [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0001, 0x7ff0_0000_0000_0001, 0xfff4_0000_0000_0000];
        const BYTES: [u8; 8] = [0, 1, 0x7f, 0x80, 0x81, 0xff, 0x0f, 0x10];
        const HALVES: [u16; 8] = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0xff, 0x100];
        let mut pick = |count: usize| self.next() as usize % count;
        match pick(6) {
            0 => u128::from_le_bytes(std::array::from_fn(|_| BYTES[pick(8)])),
            1 => (0..8).fold(0, |bits, _| bits << 16 | u128::from(HALVES[pick(8)])),
            2 | 3 => (0..4).fold(0, |bits, _| {
                let lane = if pick(4) == 0 { SINGLE_NANS[pick(4)] } else { FLOATS[pick(16)].to_bits() };
                bits << 32 | u128::from(lane)
            }),
            4 => (0..2).fold(0, |bits, _| {
                let lane = if pick(4) == 0 { DOUBLE_NANS[pick(4)] } else { DOUBLES[pick(16)].to_bits() };
                bits << 64 | u128::from(lane)
            }),
            _ => self.vector(),
        }
    }
}

/// Whether a result is correct.
fn agree(actual: u128, expected: u128, numbers: Option<u32>) -> bool {
    let Some(bits) = numbers else { return actual == expected };
    (0..128 / bits).all(|lane| {
        let [actual, expected] = [actual, expected].map(|it| (it >> (lane * bits)) as u64);
        let (actual_is_nan, expected_is_nan, is_quiet) = match bits {
            32 => {
                let is_nan = |bits: u64| f32::from_bits(bits as u32).is_nan();
                (is_nan(actual), is_nan(expected), actual >> 22 & 1 == 1)
            }
            _ => {
                let is_nan = |bits: u64| f64::from_bits(bits).is_nan();
                (is_nan(actual), is_nan(expected), actual >> 51 & 1 == 1)
            }
        };
        let mask = u64::MAX >> (64 - bits);
        actual & mask == expected & mask || actual_is_nan && expected_is_nan && is_quiet
    })
}

/// A module with a memory, and with each case as a function.
fn module(cases: &[Case]) -> ParsedModule {
    let mut text = String::from("(module (memory 1)");
    for Case { text: body, params, result, .. } in cases {
        let params: Vec<String> = params.iter().map(ValType::to_string).collect();
        write!(text, "(func (param {}) (result {result}) {body})", params.join(" ")).expect("a string");
    }
    text.push(')');
    parse_module(wat::parse_str(&text).expect("the text is right")).expect("the module is valid")
}

/// The bounds checks of accesses to memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bounds {
    Guard,
    Explicit,
    Masked,
}

fn check(cases: &[Case], opt_level: OptLevel, processor: Processor, bounds: Bounds) {
    let module = module(cases);
    let (config, state) = (TranslatorConfig::default(), ModuleState::default());
    let request = |function| CompileRequest {
        module: &module,
        function,
        config: &config,
        guard_pages: bounds == Bounds::Guard,
        spectre_guards: bounds == Bounds::Masked,
        relaxed_simd_deterministic: true,
        snapshots: false,
        is_above: false,
        counters: None,
        probes: None,
        state: &state,
    };
    let requests: Vec<_> = FuncIndex::first(cases.len()).map(request).collect();
    let tier = LlvmTier::for_processor(Options { opt_level }, processor).expect("the machine is supported");
    let codes: Vec<_> = requests.chunks(64).flat_map(|some| tier.compile_all(some)).collect();
    let trampolines = Trampolines::default();
    let mut bytes = [0; 64];
    let address = (&raw mut bytes).expose_provenance() as u64;
    let mut memory = [0_u64; size_of::<Memory>() / 8];
    memory[Memory::BASE_OFFSET / 8] = address;
    memory[Memory::LEN_OFFSET / 8] = bytes.len() as u64;
    let mut context = [0_u64; size_of::<Context>() / 8];
    context[offset_of!(Context, memory0) / 8] = (&raw mut memory).expose_provenance() as u64;
    context[offset_of!(Context, memory0_base) / 8] = address;
    let mut random = Random(1);
    for (at, (case, code)) in cases.iter().zip(&codes).enumerate() {
        let code = code.as_ref().unwrap_or_else(|why| panic!("{}: {why:?}", case.text));
        let way_in = trampolines.way_in(module.info().func_type(FuncIndex::at(at))).expect("there is memory");
        for _ in 0..100 {
            let operands: [u128; 3] = std::array::from_fn(|operand| match case.params.get(operand) {
                Some(ValType::V128) => random.operand(),
                Some(ValType::I32 | ValType::F32) => u128::from(random.operand() as u32),
                Some(ValType::I64 | ValType::F64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef) => {
                    u128::from(random.operand() as u64)
                }
                None => 0,
            });
            // Not aligned to 16 bytes.
            let mut slots = [0_u64; 8];
            let skip = ((&raw const slots).addr() / 8 + 1) % 2;
            let mut next = skip;
            for (&operand, ty) in operands.iter().zip(&case.params) {
                slots[next] = operand as u64;
                slots[next + 1] = (operand >> 64) as u64;
                next += ty.slots() as usize;
            }
            bytes.copy_from_slice(&in_memory());
            // SAFETY: the code belongs to a function of this type, which uses the context only for the memory, and accesses that in
            // bounds.
            unsafe {
                let slots = slots.as_mut_ptr().add(skip);
                (way_in.code)(context.as_mut_ptr().cast(), slots, code.native.0);
            }
            let high = if case.result == ValType::V128 { slots[skip + 1] } else { 0 };
            let actual = u128::from(slots[skip]) | u128::from(high) << 64;
            let expected = (case.eval)(operands);
            assert!(
                agree(actual, expected, case.numbers),
                "{} of {operands:x?} is {actual:#034x}, not {expected:#034x} ({opt_level:?}, {processor:?}, {bounds:?})",
                case.text
            );
        }
    }
}

// A test each, so that they run side by side.
#[test]
fn operations_are_as_their_semantics_without_optimisation() {
    check(&vector_cases(), OptLevel::O0, Processor::Baseline, Bounds::Guard);
}

#[test]
fn operations_are_as_their_semantics_by_default() {
    check(&vector_cases(), OptLevel::O2, Processor::Baseline, Bounds::Guard);
}

#[test]
fn operations_are_as_their_semantics_on_this_processor() {
    check(&vector_cases(), OptLevel::O3, Processor::Native, Bounds::Guard);
}

#[test]
fn lanes_are_where_they_should_be() {
    let cases = lane_cases();
    for &processor in Processor::ALL {
        check(&cases, OptLevel::O0, processor, Bounds::Guard);
        check(&cases, OptLevel::O2, processor, Bounds::Guard);
    }
}

#[test]
fn memory_has_what_is_stored_in_it() {
    let cases = memory_cases();
    for &processor in Processor::ALL {
        check(&cases, OptLevel::O0, processor, Bounds::Guard);
        check(&cases, OptLevel::O2, processor, Bounds::Guard);
        check(&cases, OptLevel::O2, processor, Bounds::Explicit);
        check(&cases, OptLevel::O3, processor, Bounds::Masked);
    }
}

/// A load at address 5 that is left to guard pages only loads: what is done with the value belongs to another operator.
#[test]
fn loads_stay_instructions_of_their_own() {
    let zeros = "(v128.const i64x2 0 0)";
    let texts = [
        format!("(i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (v128.load32_zero (i32.const 5)) {zeros})"),
        format!("(i8x16.shuffle 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 (v128.load64_zero (i32.const 5)) {zeros})"),
        format!("(i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 (v128.load (i32.const 5)) {zeros})"),
        "(f32x4.splat (f32.load (i32.const 5)))".to_owned(),
        "(f64x2.splat (f64.load (i32.const 5)))".to_owned(),
        "(i8x16.splat (i32.load8_u (i32.const 5)))".to_owned(),
        "(i16x8.splat (i32.load16_u (i32.const 5)))".to_owned(),
        "(i32x4.splat (i32.load (i32.const 5)))".to_owned(),
        "(i64x2.splat (i64.load (i32.const 5)))".to_owned(),
        "(i32x4.replace_lane 1 (local.get 0) (i32.load (i32.const 5)))".to_owned(),
        "(f32x4.replace_lane 1 (local.get 0) (f32.load (i32.const 5)))".to_owned(),
        "(f64x2.promote_low_f32x4 (v128.load (i32.const 5)))".to_owned(),
        "(i16x8.extend_low_i8x16_s (v128.load64_zero (i32.const 5)))".to_owned(),
        "(f32x4.mul (v128.load (i32.const 5)) (local.get 0))".to_owned(),
    ];
    // With a branch, so that the level's code generator is used.
    let case = |text: &String| Case {
        text: format!(
            "(block (br_if 0 (i32x4.extract_lane 0 (local.get 0))) (i32.store (i32.const 8) (i32.const 1))) {text}"
        ),
        params: vec![ValType::V128],
        result: ValType::V128,
        numbers: None,
        eval: Box::new(|_| 0),
    };
    let cases: Vec<Case> = texts.iter().map(case).collect();
    let module = module(&cases);
    let (config, state) = (TranslatorConfig::default(), ModuleState::default());
    for opt_level in [OptLevel::O0, OptLevel::O2, OptLevel::O3] {
        for &processor in Processor::ALL {
            let tier = LlvmTier::for_processor(Options { opt_level }, processor).expect("the machine is supported");
            for (function, text) in FuncIndex::first(texts.len()).zip(&texts) {
                let request = CompileRequest {
                    module: &module,
                    function,
                    config: &config,
                    guard_pages: true,
                    spectre_guards: false,
                    relaxed_simd_deterministic: true,
                    snapshots: false,
                    is_above: false,
                    counters: None,
                    probes: None,
                    state: &state,
                };
                let assembly = tier.show(request, Stage::Assembly).expect("the tier takes it");
                let load = assembly.lines().find(|line| line.contains("\t5(%r")).expect("there is a load").trim();
                let name = load.trim_start_matches('v').split('\t').next().unwrap_or_default();
                let moves = name.starts_with("mov") && name != "movddup";
                assert!(moves, "{text} has {load} ({opt_level:?}, {processor:?}):\n{assembly}");
            }
        }
    }
}
