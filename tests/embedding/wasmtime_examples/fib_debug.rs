//! Code that a debugger knows.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    let engine = Engine::new(Config::new().debug_info(true).cranelift_opt_level(OptLevel::None))?;
    let mut store = Store::new(&engine, ());
    let module = Module::from_file(&engine, wat("fib.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let fib = instance.get_typed_func::<i32, i32>(&mut store, "fib")?;
    println!("fib(6) = {}", fib.call(&mut store, 6)?);
    Ok(())
}
