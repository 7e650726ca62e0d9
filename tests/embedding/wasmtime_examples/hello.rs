//! A host function that knows the store's data.

use riser::*;

use super::wat;

struct State {
    greeting: String,
    calls: usize,
}

pub fn main() -> Result<()> {
    println!("Compile");
    let engine = Engine::default();
    let module = Module::from_file(&engine, wat("hello.wat"))?;

    println!("Make a store");
    let mut store = Store::new(&engine, State { greeting: "hello, world!".to_string(), calls: 0 });

    println!("Make a host function");
    let hello = Func::wrap(&mut store, |mut caller: Caller<'_, State>| {
        println!("Called back");
        println!("> {}", caller.data().greeting);
        caller.data_mut().calls += 1;
    });

    println!("Instantiate");
    let imports = [hello.into()];
    let instance = Instance::new(&mut store, &module, &imports)?;

    println!("Find the export");
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;

    println!("Call it");
    run.call(&mut store, ())?;
    assert_eq!(store.data().calls, 1);

    println!("Done");
    Ok(())
}
