//! A loop without end, which another thread ends.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    let engine = Engine::new(Config::new().epoch_interruption(true))?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);

    let module = Module::from_file(&engine, wat("interrupt.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;

    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        println!("Interrupting");
        engine.increment_epoch();
    });

    println!("Entering a loop without end");
    let error = run.call(&mut store, ()).unwrap_err();
    println!("It has trapped");
    assert_eq!(error.downcast::<Trap>()?, Trap::Interrupt);
    Ok(())
}
