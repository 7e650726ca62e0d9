//! A call that stops at the error of a host function, or at the end of its fuel, and goes on.

use riser::*;

#[test]
fn runs() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::<()>::new(&engine);
    // In wasmi, an error is a type with `HostError`. Here any error is one.
    linker.func_wrap("env", "host_fn", |input: i32| -> Result<i32> { Err(Error::msg(format!("{input}"))) })?;
    let module = Module::new(
        &engine,
        r#"
            (module
              (import "env" "host_fn" (func $host_fn (param i32) (result i32)))
              (func (export "wasm_fn") (param i32) (result i32)
                (i32.sub
                  (call $host_fn (i32.mul (local.get 0) (i32.const 10)))
                  (call $host_fn (i32.mul (local.get 0) (i32.const 20))))))
        "#,
    )?;
    let instance = linker.instantiate(&mut store, &module)?;
    let wasm_fn = instance.get_func(&store, "wasm_fn").expect("it is exported");

    let mut results = [Val::I32(0)];
    let ResumableCall::HostTrap(first) = wasm_fn.call_resumable(&mut store, &[Val::I32(1)], &mut results)? else {
        panic!("it stops");
    };
    assert_eq!(first.host_error().to_string(), "10");
    let ResumableCall::HostTrap(second) = first.resume(&mut store, &[Val::I32(7)], &mut results)? else {
        panic!("it stops again");
    };
    assert_eq!(second.host_error().to_string(), "20");
    let ResumableCall::Finished = second.resume(&mut store, &[Val::I32(3)], &mut results)? else {
        panic!("it ends");
    };
    assert_eq!(results[0].i32(), Some(4));

    let typed = wasm_fn.typed::<i32, i32>(&store)?;
    let TypedResumableCall::HostTrap(stop) = typed.call_resumable(&mut store, 2)? else { panic!("it stops") };
    let TypedResumableCall::HostTrap(stop) = stop.resume(&mut store, &[Val::I32(9)])? else { panic!("it stops") };
    assert!(matches!(stop.resume(&mut store, &[Val::I32(1)])?, TypedResumableCall::Finished(8)));
    Ok(())
}

#[test]
fn runs_out_of_fuel() -> Result<()> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(
        &engine,
        r#"
            (module
              (func (export "count") (param i32) (result i32)
                (local i32)
                (loop $again
                  (local.set 1 (i32.add (local.get 1) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get 1) (local.get 0))))
                (local.get 1)))
        "#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let count = instance.get_typed_func::<i32, i32>(&store, "count")?;
    store.set_fuel(100)?;
    let mut call = count.call_resumable(&mut store, 1000)?;
    let mut refuelled = 0;
    let result = loop {
        match call {
            TypedResumableCall::Finished(result) => break result,
            TypedResumableCall::OutOfFuel(stop) => {
                assert!(store.get_fuel()? < stop.required_fuel());
                refuelled += 1;
                store.set_fuel(stop.required_fuel() + 100)?;
                call = stop.resume(&mut store)?;
            }
            TypedResumableCall::HostTrap(_) => unreachable!("there is no host function"),
            _ => unreachable!("in wasmi, these are all"),
        }
    };
    assert_eq!(result, 1000);
    assert!(refuelled > 10);
    Ok(())
}
