//! A call that stops at the error of a host function, and goes on.

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
