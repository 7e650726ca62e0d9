//! Machine code as bytes.

use riser::*;

use super::wat;

fn serialize() -> Result<Vec<u8>> {
    println!("Compile");
    let engine = Engine::default();
    let module = Module::from_file(&engine, wat("hello.wat"))?;
    let serialized = module.serialize()?;
    println!("Serialized");
    Ok(serialized)
}

fn deserialize(buffer: &[u8]) -> Result<()> {
    println!("Deserialize");
    let mut store: Store<()> = Store::default();
    // SAFETY: these are the bytes that `serialize` has made.
    let module = unsafe { Module::deserialize(store.engine(), buffer)? };

    println!("Make a host function");
    let hello = Func::wrap(&mut store, || {
        println!("Called back");
        println!("> Hello World!");
    });

    println!("Instantiate");
    let imports = [hello.into()];
    let instance = Instance::new(&mut store, &module, &imports)?;

    println!("Call");
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;

    println!("Done");
    Ok(())
}

pub fn main() -> Result<()> {
    let file = serialize()?;
    deserialize(&file)
}
