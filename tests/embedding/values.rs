//! Values of every type, by their Rust types.

use riser::{ExternRef, ExternType, Func, FuncType, Linker, Ref, Rooted, Store, Trap, V128, Val, ValType};

use crate::engines::{each, module};

#[test]
fn typed_calls_take_and_return_every_type() {
    let text = r#"
        (module
          (import "" "mix" (func $mix (param v128 i32 v128 f64) (result f64 v128 i32 v128)))
          (import "" "three" (func $three (param i64) (result i64 i64 i64)))
          (import "" "refs" (func $refs (param externref v128 funcref) (result funcref externref)))
          (func (export "mix") (param v128 i32 v128 f64) (result f64 v128 i32 v128)
            (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
          (func (export "three") (param i64) (result i64 i64 i64) (call $three (local.get 0)))
          (func (export "refs") (param externref v128 funcref) (result funcref externref)
            (call $refs (local.get 0) (local.get 1) (local.get 2))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::<()>::new(engine);
            linker.func_wrap("", "mix", |a: V128, b: u32, c: V128, d: f64| (d, c, b, a)).expect("it is new");
            linker.func_wrap("", "three", |n: u64| [n, n + 1, n + 2]).expect("it is new");
            type References = (Option<Rooted<ExternRef>>, V128, Option<Func>);
            linker
                .func_wrap("", "refs", |value: Option<Rooted<ExternRef>>, _: V128, func: Option<Func>| (func, value))
                .expect("it is new");
            let mut store = Store::new(engine, ());
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let mix = instance.get_typed_func::<(V128, u32, V128, f64), (f64, V128, u32, V128)>(&mut store, "mix");
            let [one, two] = [V128::from(u128::MAX - 5), V128::from(1 << 100)];
            assert_eq!(
                mix.expect(name).call(&mut store, (one, 7, two, 0.5)).expect(name),
                (0.5, two, 7, one),
                "{name}"
            );
            let three = instance.get_typed_func::<[i64; 1], [i64; 3]>(&mut store, "three").expect(name);
            assert_eq!(three.call(&mut store, [-1]).expect(name), [-1, 0, 1], "{name}");
            let refs =
                instance.get_typed_func::<References, (Option<Func>, Option<Rooted<ExternRef>>)>(&mut store, "refs");
            let (func, value) = (*three.func(), ExternRef::new(&mut store, "host").expect(name));
            let back = refs.expect(name).call(&mut store, (Some(value), one, Some(func))).expect(name);
            assert_eq!(back, (Some(func), Some(value)), "{name}");
            assert!(Rooted::ref_eq(&store, &back.1.expect(name), &value).expect(name));
            let other = Store::new(engine, ());
            assert!(Rooted::ref_eq(&other, &value, &value).is_err());
        },
    );
}

#[test]
fn accessors_say_what_a_value_is() {
    let null = Val::null_func_ref();
    assert_eq!(null.funcref(), Some(None));
    assert_eq!(null.unwrap_funcref(), None);
    assert!(null.externref().is_none() && null.unwrap_ref().is_null() && !null.unwrap_ref().is_non_null());
    let null = Ref::Extern(None);
    assert!(null.is_extern() && !null.is_func() && null.as_func().is_none() && null.unwrap_extern().is_none());
    assert_eq!(u128::from(Val::from(9_u128).unwrap_v128()), 9);
    let ty = ExternType::from(FuncType::new([ValType::V128], [ValType::FUNCREF]));
    assert_eq!(ty.unwrap_func().param(0), Some(ValType::V128));
    assert_eq!(ty.func().and_then(|ty| ty.result(0)), Some(ValType::FuncRef));
    assert!(ty.memory().is_none() && ty.func().is_some_and(|ty| ty.result(1).is_none()));
}

#[test]
fn traps_have_the_names_of_wasmtime_in_patterns() {
    let name = |trap| match trap {
        Trap::UnreachableCodeReached => "unreachable",
        Trap::IndirectCallToNull => "null",
        Trap::BadSignature => "signature",
        Trap::IntegerDivisionByZero => "zero",
        Trap::BadConversionToInteger => "conversion",
        _ => "other",
    };
    let traps = [
        Trap::Unreachable,
        Trap::UninitializedElement,
        Trap::IndirectCallTypeMismatch,
        Trap::IntegerDivideByZero,
        Trap::InvalidConversionToInteger,
        Trap::OutOfFuel,
    ];
    assert_eq!(traps.map(name), ["unreachable", "null", "signature", "zero", "conversion", "other"]);
}
