//! What modules may use, and that anything else is rejected as unsupported.

use riser::translator::ErrorKind;
use riser::{Engine, FEATURES, Instance, Module, Store, TranslateError};

use crate::engines::each;

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
    ("simd", "(module (func (result v128) (v128.const i64x2 0 0)))"),
    ("relaxed-simd", "(module (func (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0))))"),
    (
        "wide-arithmetic",
        "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))",
    ),
];

const UNSUPPORTED: &[(&str, &str)] = &[
    ("exceptions", "(module (tag))"),
    ("function references", "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))"),
    ("garbage collection", "(module (type (struct (field i32))))"),
    ("threads", "(module (memory 1 1 shared))"),
    ("custom page sizes", "(module (memory 1 (pagesize 1)))"),
];

#[test]
fn every_mode_has_every_feature() {
    assert_eq!(SUPPORTED.iter().map(|(name, _)| *name).collect::<Vec<_>>(), FEATURES);
    each(
        |_| {},
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
fn other_features_are_rejected_as_unsupported() {
    let engine = Engine::new(&riser::Config::new()).expect("the default configuration works");
    for (feature, text) in UNSUPPORTED {
        let error = Module::new(&engine, text).expect_err(feature);
        let error = error.downcast_ref::<TranslateError>().unwrap_or_else(|| panic!("{feature}: {error:?}"));
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{feature}: {error}");
    }
}
