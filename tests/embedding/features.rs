//! What modules may use, the switches, and that anything else is rejected as unsupported.

use riser::translator::ErrorKind;
use riser::{Compilation, Config, Engine, Error, Features, Instance, Module, Proposal, Store, TranslateError};

use crate::engines::{each, modes};

/// A module for each feature that works.
const SUPPORTED: &[(&str, &str)] = &[
    ("mutable-globals", r#"(module (global (export "g") (mut i32) (i32.const 0)))"#),
    ("sign-extension", "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))"),
    ("saturating-float-to-int", "(module (func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0))))"),
    ("multi-value", "(module (func (result i32 i64) (i32.const 1) (i64.const 2)))"),
    ("bulk-memory", "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"),
    ("reference-types", "(module (table 1 externref) (func (result externref) (table.get (i32.const 0))))"),
    ("extended-const", "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"),
    ("tail-call", "(module (func $f (return_call $f)))"),
    ("multi-memory", "(module (memory 1) (memory $m 1) (func (result i32) (i32.load $m (i32.const 0))))"),
    ("memory64", "(module (memory i64 1) (table i64 1 funcref) (func (result i32) (i32.load (i64.const 0))))"),
    ("branch-hinting", r#"(module (func (@metadata.code.branch_hint "\01") (if (i32.const 1) (then))))"#),
    ("custom-page-sizes", "(module (memory 1 (pagesize 1)) (func (result i32) (i32.load8_u (i32.const 0))))"),
    ("compact-imports", r#"(module binary "\00asm\01\00\00\00" "\02\06\01\01a\00\7f\00")"#),
    ("simd", "(module (func (result v128) (v128.const i64x2 0 0)))"),
    ("relaxed-simd", "(module (func (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0))))"),
    ("threads", "(module (memory 1 1 shared) (func (result i32) (i32.atomic.load (i32.const 0))))"),
    (
        "exceptions",
        "(module (tag $e) (func (result exnref) (block (try_table (catch $e 0) (throw $e))) (ref.null exn)))",
    ),
    ("legacy-exceptions", "(module (tag $e) (func try throw $e catch $e rethrow 0 end))"),
    (
        "wide-arithmetic",
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))",
    ),
];

const UNSUPPORTED: &[(&str, &str)] = &[
    ("function references", "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))"),
    ("garbage collection", "(module (type (struct (field i32))))"),
];

fn names(features: Features) -> Vec<&'static str> {
    features.iter().map(Proposal::name).collect()
}

/// Lets modules use these proposals and no others.
fn allow(config: &mut Config, features: Features) {
    for &proposal in Proposal::ALL {
        config.wasm_proposal(proposal, features.contains(proposal));
    }
}

/// Checks that a module was rejected because a proposal is off, and that the message says how to turn it on.
fn assert_is_off(error: &Error, proposal: Proposal, place: &str) {
    let error = error.downcast_ref::<TranslateError>().unwrap_or_else(|| panic!("{place}: {proposal}: {error:?}"));
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{place}: {proposal}: {error}");
    let message = error.message();
    assert!(message.starts_with("it needs ") && !message.contains("does not have"), "{place}: {proposal}: {error}");
    for part in [proposal.name(), "off (`--wasm ", &format!("`Config::{}`", proposal.switch())] {
        assert!(message.contains(part), "{place}: {proposal}: {error}");
    }
}

/// Everything but a proposal, and what builds on it.
fn without(proposal: Proposal) -> Features {
    fn builds_on(other: Proposal, proposal: Proposal) -> bool {
        other == proposal || other.needs().iter().any(|&needed| builds_on(needed, proposal))
    }
    Features::ALL.iter().filter(|&other| !builds_on(other, proposal)).collect()
}

#[test]
fn every_mode_has_every_feature() {
    assert_eq!(SUPPORTED.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names(Features::ALL));
    each(
        |config| allow(config, Features::ALL),
        |name, engine| {
            for (feature, text) in SUPPORTED {
                let module = Module::new(engine, text).unwrap_or_else(|error| panic!("{name}: {feature}: {error:?}"));
                Instance::new(Store::new(engine, ()), &module, &[])
                    .unwrap_or_else(|error| panic!("{name}: {feature}: {error:?}"));
            }
        },
    );
}

#[test]
fn every_mode_honours_the_switches() {
    for (&proposal, (_, text)) in Proposal::ALL.iter().zip(SUPPORTED).filter(|(proposal, _)| !proposal.is_advice()) {
        each(
            |config| allow(config, without(proposal)),
            |name, engine| {
                assert_is_off(&Module::new(engine, text).expect_err("it is off"), proposal, name);
            },
        );
    }
}

#[test]
fn bodies_that_are_validated_late_are_rejected_as_well() {
    let body = "(module (func (export \"f\") (drop (i32x4.splat (i32.const 1)))))";
    for mode in modes().into_iter().filter(|&mode| mode != riser::Mode::Aot) {
        let mut config = Config::new();
        config.mode(mode).compilation(Compilation::Lazy);
        allow(&mut config, without(Proposal::Simd));
        let engine = Engine::new(&config).expect("nothing builds on what is off");
        let module = Module::new(&engine, body).expect("the body is not looked at");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("nor now");
        let f = instance.get_typed_func::<(), ()>(&mut store, "f").expect("it is exported");
        assert_is_off(&f.call(&mut store, ()).expect_err("it is off"), Proposal::Simd, mode.name());
    }
}

#[test]
fn the_switches_are_named_as_in_wasmtime() {
    let mut config = Config::new();
    config.wasm_bulk_memory(true).wasm_multi_value(true).wasm_reference_types(true).wasm_tail_call(true);
    config.wasm_simd(true).wasm_relaxed_simd(true).wasm_memory64(true).wasm_multi_memory(true);
    config
        .wasm_extended_const(true)
        .wasm_wide_arithmetic(true)
        .wasm_custom_page_sizes(true)
        .wasm_compact_imports(true)
        .wasm_branch_hinting(true)
        .wasm_threads(true);
    let features = config.features();
    config.wasm_multi_value(false);
    assert_eq!(config.features(), features.iter().filter(|&it| it != Proposal::MultiValue).collect());
    config.wasm_simd(false);
    let why = Engine::new(&config).map(drop).expect_err("relaxed vectors need vectors").to_string();
    assert!(why.contains("`relaxed-simd` is on and builds on `simd`, which is off"), "{why}");
    config.wasm_relaxed_simd(false);
    Engine::new(&config).expect("nothing builds on what is off");
}

#[test]
fn other_features_are_rejected_as_unsupported() {
    let engine = Engine::new(&riser::Config::new()).expect("the default configuration works");
    for (feature, text) in UNSUPPORTED {
        let error = Module::new(&engine, text).expect_err(feature);
        let error = error.downcast_ref::<TranslateError>().unwrap_or_else(|| panic!("{feature}: {error:?}"));
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{feature}: {error}");
    }
}
