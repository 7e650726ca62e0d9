//! What a store held when a call trapped.

use riser::*;

pub fn main() -> Result<()> {
    println!("Core dumps are on.");
    let mut config = Config::new();
    config.coredump_on_trap(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());

    println!("A module is defined that changes its state and traps.");
    let module = Module::new(
        store.engine(),
        r#"
            (module $trapper
              (memory 10)
              (global $g (mut i32) (i32.const 0))
              (func (export "run") (call $a))
              (func $a
                (i64.store (i32.const 0x1234) (i64.const 52))
                (call $b))
              (func $b
                (global.set $g (i32.const 36))
                (call $c))
              (func $c unreachable))
        "#,
    )?;

    println!("It is instantiated.");
    let instance = Instance::new(&mut store, &module, &[])?;

    println!("Its function runs.");
    let run = instance.get_func(&mut store, "run").expect("it is exported");
    let args = &[];
    let results = &mut [];
    let outcome = run.call(&mut store, args, results);

    println!("It has trapped.");
    assert!(outcome.is_err());
    let error = outcome.unwrap_err();
    assert!(error.is::<Trap>());

    println!("The error has a core dump.");
    let dump = error.downcast_ref::<WasmCoreDump>().expect("core dumps are on");

    println!("Memories: {}", dump.memories().len());
    for (i, memory) in dump.memories().iter().enumerate() {
        if let Some(at) = memory.data(&store).iter().position(|byte| *byte != 0) {
            println!("  Memory {i} is {} at {at:#x}", memory.data(&store)[at]);
        } else {
            println!("  Memory {i} is zero");
        }
    }

    println!("Globals: {}", dump.globals().len());
    for (i, global) in dump.globals().iter().enumerate() {
        let value = global.get(&mut store);
        println!("  Global {i} is {value:?}");
    }

    println!("The core dump is written.");
    let bytes = dump.serialize(&mut store, "trapper.wasm");
    std::fs::write("./example.coredump", bytes)?;
    Ok(())
}
