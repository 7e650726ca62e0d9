//! A deadline, in ticks of an epoch that another thread increments.

use std::sync::Arc;
use std::time::Duration;

use riser::Error;
use riser::{Config, Engine, Instance, Module, Store};

use super::wat;

pub fn main() -> Result<(), Error> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Arc::new(Engine::new(&config)?);

    let mut store = Store::new(&engine, ());
    store.epoch_deadline_trap();
    store.set_epoch_deadline(1);

    let module = Module::from_file(store.engine(), wat("fuel.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let other = engine.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        other.increment_epoch();
    });

    let fibonacci = instance.get_typed_func::<i32, i32>(&mut store, "fibonacci")?;
    match fibonacci.call(&mut store, 100) {
        Ok(_) => panic!("fib(100) takes longer"),
        Err(_) => println!("fib(100) was interrupted"),
    };
    Ok(())
}
