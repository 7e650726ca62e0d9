//! A tier of one's own: the example of `docs/src/adding-a-tier.md`.

#[path = "../../templates/own-tier/src/tier.rs"]
mod tier;

use riser::{Config, Engine, Instance, Linker, Mode, Module, Result, Store, Trap, WasmBacktrace};

/// The tier's mode.
const CLOSURES: Mode = Mode::Tier("closures");

// ANCHOR: text
const TEXT: &str = r#"(module
    (memory 1)
    (func $fib (export "fib") (param i32) (result i32)
        (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
        (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))
    (func $sum (export "sum") (param i32) (result i32) (local $i i32) (local $sum i32)
        (loop $next
            (local.set $sum (i32.add (local.get $sum) (call $square (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (local.get 0))))
        (local.get $sum))
    (func $square (param i32) (result i32)
        (i32.store (i32.const 0) (local.get 0))
        (i32.mul (i32.load (i32.const 0)) (i32.load (i32.const 0))))
    (func (export "divide") (param i32) (result i32)
        (i32.div_u (i32.const 100) (call $id (local.get 0))))
    (func $id (param i32) (result i32) (local.get 0))
    (func $down (export "down") (param i32) (result i32)
        (call $down (i32.add (local.get 0) (i32.const 1)))))"#;
// ANCHOR_END: text

// ANCHOR: engine
fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.mode(CLOSURES);
    Engine::new(&config)
}
// ANCHOR_END: engine

fn call(store: &mut Store<()>, instance: &Instance, name: &str, argument: i32) -> Result<i32> {
    instance.get_typed_func::<i32, i32>(&mut *store, name)?.call(store, argument)
}

fn instance() -> Result<(Module, Store<()>, Instance)> {
    let engine = engine()?;
    let module = Module::new(&engine, TEXT)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    Ok((module, store, instance))
}

/// How many functions the tier has taken.
fn compiled(module: &Module) -> usize {
    let tiers = module.statistics().tiers;
    tiers.iter().find(|tier| tier.mode == CLOSURES).map_or(0, |tier| tier.compiled)
}

// ANCHOR: test
#[test]
fn functions_run_as_closures() -> Result<()> {
    let (module, mut store, instance) = instance()?;
    assert_eq!(call(&mut store, &instance, "fib", 20)?, 6765);
    // `$square` uses memory: the tier does not take it, and calls it in the register interpreter.
    assert_eq!(call(&mut store, &instance, "sum", 11)?, 385);
    assert_eq!((compiled(&module), module.statistics().translated), (2, 1));
    let bailouts = module.bailouts(CLOSURES);
    assert_eq!(bailouts.len(), 1);
    assert!(bailouts[0].1.to_string().contains("Store"), "{bailouts:?}");
    Ok(())
}
// ANCHOR_END: test

#[test]
fn traps_have_backtraces() -> Result<()> {
    let (_, mut store, instance) = instance()?;
    assert_eq!(call(&mut store, &instance, "divide", 7)?, 14);
    let error = call(&mut store, &instance, "divide", 0).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::IntegerDivideByZero));
    let backtrace: &WasmBacktrace = error.downcast_ref().expect("a backtrace");
    let frame = &backtrace.frames()[0];
    assert_eq!((frame.func_index(), frame.func_name()), (3, Some("divide")));
    assert!(frame.module_offset().is_some());
    Ok(())
}

#[test]
fn deep_recursion_is_a_trap() -> Result<()> {
    let (_, mut store, instance) = instance()?;
    let error = call(&mut store, &instance, "down", 0).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
    assert_eq!(call(&mut store, &instance, "fib", 10)?, 55);
    Ok(())
}

/// Every other mode calls functions of the tier, and is called by it.
#[test]
fn other_modes_call_it() -> Result<()> {
    let engine = engine()?;
    let library = Module::new(&engine, TEXT)?;
    let user = Module::new(
        &engine,
        r#"(module (import "library" "fib" (func $fib (param i32) (result i32)))
            (func (export "run") (param i32) (result i32) (i32.add (call $fib (local.get 0)) (i32.const 1))))"#,
    )?;
    for mode in Mode::all().into_iter().filter(|&mode| engine.supports(mode)) {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let instance = linker.instantiate(&mut store, &library)?;
        linker.instance(&mut store, "library", instance)?;
        let user = linker.instantiate(&mut store, &user)?;
        user.set_mode(&mut store, mode)?;
        assert_eq!(call(&mut store, &user, "run", 10)?, 56, "{mode}");
    }
    Ok(())
}

/// What code pays for is not a matter of taste: a tier that cannot count declines.
#[test]
fn metered_functions_are_interpreted() -> Result<()> {
    let mut config = Config::new();
    config.mode(CLOSURES).consume_fuel(true);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, TEXT)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000)?;
    let instance = Instance::new(&mut store, &module, &[])?;
    assert_eq!(call(&mut store, &instance, "fib", 5)?, 5);
    assert!(store.get_fuel()? < 10_000);
    assert_eq!(compiled(&module), 0);
    Ok(())
}
