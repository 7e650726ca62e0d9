//! A file of machine code is run.

use riser::{Config, Engine, Instance, Module, Result, Store};

pub fn main() -> Result<()> {
    // The other example leaves its file here.
    super::pre_compile::main()?;

    let config = Config::default();
    let engine = Engine::new(&config)?;
    // SAFETY: the file is what `precompile_module` has made.
    let module = match unsafe { Module::deserialize_file(&engine, "add.cwasm") } {
        Ok(module) => module,
        Err(error) => {
            println!("the file is not accepted: {error:?}");
            return Ok(());
        }
    };
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
    let sum = add.call(&mut store, (3, 8))?;
    println!("3 and 8 are {sum}");
    Ok(())
}
