//! Fuel and epochs.

use riser_vm::{Caller, Config, Engine, Instance, Linker, Store, Trap};

use crate::host::trap;
use crate::module;

const LOOP: &str = r#"(module
    (func (export "count") (param i32) (result i32)
        (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (local.get 0)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum))
    (func (export "forever") (loop $again (br $again))))"#;

fn fueled(fuel: u64) -> (Store<()>, Instance) {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(fuel).unwrap();
    let instance = Instance::new(&mut store, &module(&engine, LOOP), &[]).unwrap();
    (store, instance)
}

#[test]
fn fuel_runs_out() {
    let (mut store, instance) = fueled(10_000);
    let forever = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    assert_eq!(trap(&forever.call(&mut store, ()).unwrap_err()), Trap::OutOfFuel);
    assert_eq!(store.get_fuel().unwrap(), 0);
}

#[test]
fn fuel_is_used_in_proportion() {
    let used = |n: i32| {
        let (mut store, instance) = fueled(1_000_000);
        let count = instance.get_typed_func::<i32, i32>(&mut store, "count").unwrap();
        assert_eq!(count.call(&mut store, n).unwrap(), n * (n + 1) / 2);
        1_000_000 - store.get_fuel().unwrap()
    };
    let (one, two, three) = (used(10), used(110), used(210));
    assert!(one > 10);
    assert_eq!(two - one, three - two);
    assert_eq!(used(10), one);
}

#[test]
fn hosts_see_and_set_fuel() {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let text = r#"(module (import "" "refill" (func $refill))
        (func (export "run") (call $refill) (loop $again (br $again))))"#;
    let mut linker = Linker::new(&engine);
    let refill = |mut caller: Caller<'_, u64>| {
        *caller.data_mut() = caller.get_fuel().unwrap();
        caller.set_fuel(50).unwrap();
    };
    linker.func_wrap("", "refill", refill).unwrap();
    let mut store = Store::new(&engine, 0);
    store.set_fuel(1_000).unwrap();
    let instance = linker.instantiate(&mut store, &module(&engine, text)).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    assert_eq!(trap(&run.call(&mut store, ()).unwrap_err()), Trap::OutOfFuel);
    assert!((900..1_000).contains(store.data()), "{}", store.data());
}

#[test]
fn fuel_needs_configuration() {
    let mut store = Store::<()>::default();
    assert_eq!(store.set_fuel(1).unwrap_err().to_string(), "fuel is not configured in this store");
    assert!(store.get_fuel().is_err());
}

#[test]
fn epochs_interrupt_from_other_threads() {
    let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module(&engine, LOOP), &[]).unwrap();
    let forever = instance.get_typed_func::<(), ()>(&mut store, "forever").unwrap();
    // Without a deadline, at once.
    assert_eq!(trap(&forever.call(&mut store, ()).unwrap_err()), Trap::Interrupt);

    store.set_epoch_deadline(2);
    let count = instance.get_typed_func::<i32, i32>(&mut store, "count").unwrap();
    assert_eq!(count.call(&mut store, 3).unwrap(), 6);
    let ticker = std::thread::spawn(move || {
        for _ in 0..2 {
            std::thread::sleep(std::time::Duration::from_millis(5));
            engine.increment_epoch();
        }
    });
    assert_eq!(trap(&forever.call(&mut store, ()).unwrap_err()), Trap::Interrupt);
    ticker.join().unwrap();
    store.set_epoch_deadline(1);
    assert_eq!(count.call(&mut store, 3).unwrap(), 6);
}
