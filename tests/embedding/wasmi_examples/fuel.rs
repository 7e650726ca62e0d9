//! Fuel, limits, and traps by their names.

use riser::*;

#[test]
fn runs() -> Result<()> {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, r#"(module (memory 1) (func (export "run") (loop $l (br $l))))"#)?;
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(1 << 16).build());
    store.limiter(|limits| limits);
    store.set_fuel(1000)?;
    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), ()>(&store, "run")?;
    let error = run.call(&mut store, ()).unwrap_err();
    // In wasmi: `error.as_trap_code() == Some(TrapCode::OutOfFuel)`.
    assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
    assert_eq!(store.get_fuel()?, 0);
    Ok(())
}
