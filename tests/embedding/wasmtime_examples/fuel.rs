//! As much work as there is fuel for.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    store.set_fuel(10_000)?;
    let module = Module::from_file(store.engine(), wat("fuel.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let fibonacci = instance.get_typed_func::<i32, i32>(&mut store, "fibonacci")?;
    for n in 1.. {
        let before = store.get_fuel().unwrap();
        let result = match fibonacci.call(&mut store, n) {
            Ok(result) => result,
            Err(error) => {
                assert_eq!(error.downcast::<Trap>()?, Trap::OutOfFuel);
                println!("fib({n}) has taken all fuel");
                break;
            }
        };
        // What an operator costs is each engine's own affair.
        assert!(before - store.get_fuel().unwrap() > 0);
        println!("fib({n}) = {result}");
        store.set_fuel(10_000)?;
    }
    Ok(())
}
