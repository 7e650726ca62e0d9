//! Modules with canonical NaNs (`riser_properties::nan`), by running them.

use riser::{Engine, Instance, Module, Store};
use riser_properties::nan::canonical;

/// An instance of the module, whose NaNs are made canonical.
fn with_canonical_nans(text: &str) -> (Store<()>, Instance) {
    let wasm = wat::parse_str(text).expect("well-formed");
    let parsed = riser_translator::parse_module(wasm.as_slice()).expect("valid");
    let canonical = canonical(&wasm, parsed.info()).expect("valid");
    let engine = Engine::default();
    let module = Module::from_binary(&engine, &canonical).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
    (store, instance)
}

#[test]
fn every_nan_becomes_the_canonical_one() {
    let (mut store, instance) = with_canonical_nans(
        r#"(module
            (func (export "f") (param f32 f32 f64) (result i32 i64) (local i32)
              (i32.reinterpret_f32 (f32.add (local.get 0) (local.get 1)))
              (i64.reinterpret_f64 (f64.sqrt (local.get 2)))))"#,
    );
    let f = instance.get_typed_func::<(f32, f32, f64), (u32, u64)>(&mut store, "f").expect("exported");
    let odd = f32::from_bits(0xffc0_1234);
    assert_eq!(f.call(&mut store, (odd, 1.0, -1.0)).expect("returns"), (0x7fc0_0000, 0x7ff8_0000_0000_0000));
    let plain = f.call(&mut store, (1.0, 2.0, 4.0)).expect("returns");
    assert_eq!(plain, (3.0f32.to_bits(), 2.0f64.to_bits()));
}

#[test]
fn names_do_not_matter() {
    let bad =
        r#"(module (func (export "f") (param f32) (result f32) (f32.sqrt (local.get 0))) (@custom "name" "\01\ff"))"#;
    let wasm = wat::parse_str(bad).expect("well-formed");
    let parsed = riser_translator::parse_module(wasm.as_slice()).expect("valid");
    assert!(canonical(&wasm, parsed.info()).is_some());
}

#[test]
fn every_nan_of_a_lane_becomes_the_canonical_one() {
    let (mut store, instance) = with_canonical_nans(
        r#"(module
            (func (export "f") (param v128) (result v128) (f32x4.add (local.get 0) (v128.const f32x4 1 1 1 1)))
            (func (export "g") (param v128) (result v128) (f64x2.relaxed_min (local.get 0) (local.get 0)))
            (func (export "h") (param v128) (result v128) (f32x4.pmin (local.get 0) (local.get 0))))"#,
    );
    let mut call = |name: &str, bits: u128| {
        let function = instance.get_func(&store, name).expect("exported");
        let mut results = [riser::Val::I32(0)];
        function.call(&mut store, &[riser::Val::V128(bits.into())], &mut results).expect("returns");
        match results[0] {
            riser::Val::V128(bits) => bits.as_u128(),
            ref other => panic!("{other:?}"),
        }
    };
    let lanes = 0xffc0_1234_3f80_0000_7f80_0001_7fc0_0000;
    assert_eq!(call("f", lanes), 0x7fc0_0000_4000_0000_7fc0_0000_7fc0_0000);
    let number = 0x3ff0_0000_0000_0000;
    assert_eq!(call("g", 0xfff0_0000_0000_0001 << 64 | number), 0x7ff8_0000_0000_0000 << 64 | number);
    assert_eq!(call("h", lanes), lanes);
}
