//! Relaxed vector operators, with deterministic results and with the machine's own.
//!
//! For each kind of operator the specification lists the results that an implementation may choose from (core spec,
//! section 4.3 "Relaxed Operations"). The first ones are those of the deterministic profile. The machine's own are the
//! second ones, so that here, too, there is one right result.

use riser::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use riser::translator::ValType;
use riser::translator::ops::VectorOp;
use riser::{Config, Engine, Instance, Mode, Module, Store, Val};

use crate::engines::modes;

fn engine(mode: Mode, deterministic: bool) -> Engine {
    let mut config = Config::new();
    config.mode(mode).relaxed_simd_deterministic(deterministic);
    Engine::new(&config).expect("the mode is compiled in")
}

/// The modes of which every function is machine code.
fn compiled() -> Vec<Mode> {
    modes().into_iter().filter(|mode| matches!(*mode, FAST_JIT | LLVM_JIT | Mode::Aot)).collect()
}

fn relaxed() -> impl Iterator<Item = VectorOp> {
    VectorOp::ALL.iter().copied().filter(|op| op.is_relaxed())
}

/// A function that applies a relaxed operator to its parameters, or to a constant in place of one of them.
#[derive(Clone, Copy)]
struct Case {
    op: VectorOp,
    constant: Option<(usize, u128)>,
}

impl Case {
    /// Every relaxed operator, alone and with some constants in each place.
    fn all() -> Vec<Case> {
        let constants: Vec<u128> = interesting().into_iter().step_by(7).collect();
        let of = |op: VectorOp| {
            let places =
                (0..op.operand_types().len()).flat_map(|at| constants.iter().map(move |bits| Some((at, *bits))));
            std::iter::once(None).chain(places).map(move |constant| Case { op, constant }).collect::<Vec<_>>()
        };
        relaxed().flat_map(of).collect()
    }

    /// The function, exported by its number.
    fn text(&self, number: usize) -> String {
        let get = |at: usize| match self.constant {
            Some((place, bits)) if place == at => format!("v128.const i64x2 {} {} ", bits as u64, (bits >> 64) as u64),
            _ => format!("local.get {at} "),
        };
        let count = self.op.operand_types().len();
        let (gets, op) = ((0..count).map(get).collect::<String>(), self.op);
        format!("(func (export \"{number}\") (param {}) (result v128) {gets} {op})\n", "v128 ".repeat(count))
    }

    /// The operands, of which the constant replaces one.
    fn operands(&self, mut arguments: [u128; 3]) -> [u128; 3] {
        if let Some((place, bits)) = self.constant {
            arguments[place] = bits;
        }
        arguments
    }
}

/// A module with the function of each case.
fn text() -> String {
    let functions = Case::all().into_iter().enumerate().map(|(number, case)| case.text(number));
    format!("(module {})", functions.collect::<String>())
}

/// Splits a vector into lanes of some bytes, and joins the lanes that `f` makes of it and two others.
fn lanewise<const BYTES: usize>(vectors: [u128; 3], f: impl Fn([[u8; BYTES]; 3]) -> [u8; BYTES]) -> u128 {
    let vectors = vectors.map(u128::to_le_bytes);
    let mut result = [0; 16];
    for at in (0..16).step_by(BYTES) {
        let lanes = vectors.map(|vector| std::array::from_fn(|byte| vector[at + byte]));
        result[at..at + BYTES].copy_from_slice(&f(lanes));
    }
    u128::from_le_bytes(result)
}

/// Lane by lane, the mask's highest bit decides.
fn select<const BYTES: usize>(operands: [u128; 3]) -> u128 {
    lanewise::<BYTES>(operands, |[a, b, mask]| if mask[BYTES - 1] & 0x80 == 0 { b } else { a })
}

fn by_f32(operands: [u128; 3], f: impl Fn([f32; 3]) -> f32) -> u128 {
    lanewise(operands, |lanes| f(lanes.map(f32::from_le_bytes)).to_le_bytes())
}

fn by_f64(operands: [u128; 3], f: impl Fn([f64; 3]) -> f64) -> u128 {
    lanewise(operands, |lanes| f(lanes.map(f64::from_le_bytes)).to_le_bytes())
}

/// A number without its fraction, or the smallest one if that is out of range.
fn truncated(number: f64) -> i32 {
    let number = number.trunc();
    if number >= f64::from(i32::MIN) && number <= f64::from(i32::MAX) { number as i32 } else { i32::MIN }
}

/// Sums of two products of bytes of which the second is unsigned.
fn dot(a: u128, b: u128) -> [i16; 8] {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    let product = |at: usize| i32::from(a[at] as i8) * i32::from(b[at]);
    std::array::from_fn(|lane| {
        let sum = product(2 * lane) + product(2 * lane + 1);
        sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    })
}

/// The machine's own result: the second one of the specification's list. `fuses` says whether the processor multiplies
/// and adds without rounding in between.
fn machine(op: VectorOp, operands: [u128; 3], fuses: bool) -> u128 {
    use VectorOp::*;
    let [a, b, c] = operands;
    match op {
        I8x16RelaxedSwizzle => {
            let lanes = a.to_le_bytes();
            let lane = |index: u8| if index & 0x80 == 0 { lanes[usize::from(index % 16)] } else { 0 };
            u128::from_le_bytes(b.to_le_bytes().map(lane))
        }
        I8x16RelaxedLaneselect => select::<1>(operands),
        I16x8RelaxedLaneselect => select::<2>(operands),
        I32x4RelaxedLaneselect => select::<4>(operands),
        I64x2RelaxedLaneselect => select::<8>(operands),
        I16x8RelaxedQ15mulrS => {
            let strict = op.eval(operands);
            lanewise([a, b, strict], |[a, b, strict]| if a == [0, 0x80] && b == [0, 0x80] { [0, 0x80] } else { strict })
        }
        I16x8RelaxedDotI8x16I7x16S => {
            let lanes = dot(a, b).map(i16::to_le_bytes);
            u128::from_le_bytes(std::array::from_fn(|at| lanes[at / 2][at % 2]))
        }
        I32x4RelaxedDotI8x16I7x16AddS => {
            let sums = dot(a, b);
            let pair = |at: usize| i32::from(sums[2 * at]) + i32::from(sums[2 * at + 1]);
            (0..4).fold(0, |bits, at| {
                let addend = (c >> (32 * at)) as u32;
                bits | u128::from(addend.wrapping_add_signed(pair(at))) << (32 * at)
            })
        }
        // NaNs and zeros of both signs: the first operand.
        F32x4RelaxedMin => by_f32(operands, |[a, b, _]| if b < a { b } else { a }),
        F32x4RelaxedMax => by_f32(operands, |[a, b, _]| if a < b { b } else { a }),
        F64x2RelaxedMin => by_f64(operands, |[a, b, _]| if b < a { b } else { a }),
        F64x2RelaxedMax => by_f64(operands, |[a, b, _]| if a < b { b } else { a }),
        F32x4RelaxedMadd if fuses => by_f32(operands, |[a, b, c]| a.mul_add(b, c)),
        F32x4RelaxedNmadd if fuses => by_f32(operands, |[a, b, c]| (-a).mul_add(b, c)),
        F64x2RelaxedMadd if fuses => by_f64(operands, |[a, b, c]| a.mul_add(b, c)),
        F64x2RelaxedNmadd if fuses => by_f64(operands, |[a, b, c]| (-a).mul_add(b, c)),
        I32x4RelaxedTruncF32x4S => {
            lanewise(operands, |[lane, ..]| truncated(f32::from_le_bytes(lane).into()).to_le_bytes())
        }
        I32x4RelaxedTruncF64x2SZero => {
            let lane = |at: u32| truncated(f64::from_bits((a >> (64 * at)) as u64)) as u32;
            u128::from(lane(0)) | u128::from(lane(1)) << 32
        }
        // Always strict.
        op => op.eval(operands),
    }
}

/// The width of the lanes of a result that is any quiet NaN if the expected one is a NaN.
fn nan_lanes(op: VectorOp) -> Option<u32> {
    use VectorOp::*;
    match op {
        F32x4RelaxedMadd | F32x4RelaxedNmadd | F32x4RelaxedMin | F32x4RelaxedMax => Some(32),
        F64x2RelaxedMadd | F64x2RelaxedNmadd | F64x2RelaxedMin | F64x2RelaxedMax => Some(64),
        _ => None,
    }
}

/// Replaces NaNs by the canonical one.
fn canonical(op: VectorOp, bits: u128) -> u128 {
    match nan_lanes(op) {
        Some(32) => by_f32([bits; 3], |[lane, ..]| if lane.is_nan() { f32::NAN } else { lane }),
        Some(_) => by_f64([bits; 3], |[lane, ..]| if lane.is_nan() { f64::NAN } else { lane }),
        None => bits,
    }
}

/// Vectors with whatever lanes may be special to some operator.
fn interesting() -> Vec<u128> {
    const F32: [u32; 16] = [
        0x7fc0_0000, // NaNs
        0xffc0_0001,
        0,
        0x8000_0000,
        0x3f80_0001, // 1 and a little
        0xbf80_0001,
        0x4f00_0000, // 2^31
        0xcf00_0000,
        0xcf00_0001, // below -2^31
        0x4f7f_ffff, // below 2^32
        0x4f80_0000,
        0x7f80_0000, // infinities
        0xff80_0000,
        0x3f7f_ffff, // below 1
        0x4eff_ffff, // below 2^31
        0x7149_f2ca, // 1e30
    ];
    const F64: [f64; 14] = [
        f64::NAN,
        -0.0,
        0.0,
        1.000_000_000_000_000_2,
        -1.5,
        2_147_483_647.9,
        2_147_483_648.0,
        -2_147_483_648.9,
        -2_147_483_649.0,
        4_294_967_295.5,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e300,
        0.1,
    ];
    const I16: [u16; 8] = [0x8000, 0x7fff, 0x0080, 0xff00, 0x00ff, 0x8001, 1, 0xffff];
    let mut vectors = vec![0, u128::MAX];
    let f32s = |first: usize| (0..4).fold(0, |bits, at| bits << 32 | u128::from(F32[(first + at) % F32.len()]));
    vectors.extend((0..F32.len()).map(f32s));
    let f64s =
        |first: usize| (0..2).fold(0, |bits, at| bits << 64 | u128::from(F64[(first + at) % F64.len()].to_bits()));
    vectors.extend((0..F64.len()).map(f64s));
    let i16s = |first: usize| (0..8).fold(0, |bits, at| bits << 16 | u128::from(I16[(first + at) % I16.len()]));
    vectors.extend((0..I16.len()).map(i16s));
    vectors.extend(I16.map(|lane| (0..8).fold(0, |bits, _| bits << 16 | u128::from(lane))));
    // Every byte: numbers of lanes above 15 and above 127.
    vectors.extend((0..16u8).map(|row| u128::from_le_bytes(std::array::from_fn(|at| row * 16 + at as u8))));
    vectors
}

/// Calls `check` with each relaxed operator, operands, and the result in an instance.
fn each_result(engine: &Engine, mut check: impl FnMut(VectorOp, [u128; 3], u128)) {
    let module = Module::new(engine, text()).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let vectors = interesting();
    for (number, case) in Case::all().into_iter().enumerate() {
        let func = instance.get_func(&mut store, &number.to_string()).expect("exported");
        let count = case.op.operand_types().len();
        assert!(case.op.operand_types().iter().all(|ty| *ty == ValType::V128), "{}", case.op);
        // With a constant, fewer of the others.
        let step = if case.constant.is_some() { 5 } else { 1 };
        for (first, &a) in vectors.iter().enumerate().step_by(step) {
            for (second, &b) in vectors.iter().enumerate().step_by(step).take(if count > 1 { usize::MAX } else { 1 }) {
                let third = vectors[(first * 7 + second * 3) % vectors.len()];
                for c in [third, b].into_iter().take(if count > 2 { 2 } else { 1 }) {
                    let arguments = [a, b, c].map(|bits| Val::V128(bits.into()));
                    let mut results = [Val::V128(0.into())];
                    func.call(&mut store, &arguments[..count], &mut results).expect("does not trap");
                    check(case.op, case.operands([a, b, c]), results[0].unwrap_v128().as_u128());
                }
            }
        }
    }
    for mode in modes() {
        assert_eq!(module.bailouts(mode), []);
    }
}

/// Checks that a mode has the deterministic results, whether they are requested or not.
fn assert_strict(mode: Mode, deterministic: bool) {
    each_result(&engine(mode, deterministic), |op, operands, found| {
        let expected = op.eval(operands);
        assert_eq!(canonical(op, found), canonical(op, expected), "{mode}: {op} {operands:x?}");
    });
}

#[test]
fn results_are_deterministic_unless_the_machine_may_choose() {
    modes().into_iter().for_each(|mode| assert_strict(mode, true));
}

#[test]
fn interpreters_are_deterministic_anyhow() {
    let interpreters = modes().into_iter().filter(|mode| matches!(*mode, Mode::Interp | CLASSIC));
    interpreters.for_each(|mode| assert_strict(mode, false));
}

/// A file of code in an engine that asks for deterministic results, or does not.
fn load(mode: Mode, deterministic: bool, bytes: &[u8]) -> riser::Result<Module> {
    // SAFETY: as `precompile_module` made them.
    unsafe { Module::deserialize(&engine(mode, deterministic), bytes) }
}

#[test]
fn files_of_code_with_the_machines_own_results_do_not_run_where_they_are_to_be_deterministic() {
    for mode in compiled().into_iter().filter(|mode| *mode != Mode::Aot) {
        let file = |deterministic| engine(mode, deterministic).precompile_module(text()).expect("valid");
        let (own, strict) = (file(false), file(true));
        load(mode, false, &own).expect("it asks for nothing");
        let why = format!("{:#}", load(mode, true, &own).expect_err("the results differ"));
        assert!(why.contains("deterministic"), "{why}");
        for deterministic in [false, true] {
            load(mode, deterministic, &strict).expect("deterministic results are always allowed");
        }
    }
}

/// Whether compiled code multiplies and adds without rounding in between, if it may.
fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[test]
fn the_machines_own_results_are_those_that_the_specification_allows() {
    let fuses = fuses();
    for mode in compiled() {
        let mut others = std::collections::BTreeSet::new();
        each_result(&engine(mode, false), |op, operands, found| {
            let (strict, own) = (op.eval(operands), machine(op, operands, fuses));
            assert_eq!(canonical(op, found), canonical(op, own), "{mode}: {op} {operands:x?}, strictly {strict:x}");
            if canonical(op, own) != canonical(op, strict) {
                others.insert(op);
            }
        });
        // The operands tell the two results of each operator apart.
        for op in relaxed() {
            let is_strict = op.mnemonic().contains("trunc") && op.mnemonic().contains("_u")
                || op.mnemonic().contains("madd") && !fuses;
            assert_eq!(others.contains(&op), !is_strict, "{mode}: {op}");
        }
    }
}
