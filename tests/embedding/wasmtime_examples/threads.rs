//! A module and a linker that threads share, and a store that moves to another thread.

use std::sync::Arc;
use std::thread;
use std::time;

use riser::*;

use super::wat;

const N_THREADS: i32 = 10;
const N_REPS: i32 = 3;

pub fn main() -> Result<()> {
    println!("Start");
    let engine = Engine::default();
    let module = Module::from_file(&engine, wat("threads.wat"))?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("global", "hello", || println!("> Hello from {:?}", thread::current().id()))?;
    let linker = Arc::new(linker);

    let children = (0..N_THREADS)
        .map(|_| {
            let engine = engine.clone();
            let module = module.clone();
            let linker = linker.clone();
            thread::spawn(move || run(&engine, &module, &linker).expect("it runs"))
        })
        .collect::<Vec<_>>();
    for child in children {
        child.join().unwrap();
    }
    Ok(())
}

fn run(engine: &Engine, module: &Module, linker: &Linker<()>) -> Result<()> {
    println!("Instantiate");
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, module)?;
    let run = instance.get_typed_func::<(), ()>(&mut store, "run")?;

    println!("Execute");
    for _ in 0..N_REPS {
        run.call(&mut store, ())?;
        thread::sleep(time::Duration::from_millis(1));
    }

    println!("> Moving {:?} to a new thread", thread::current().id());
    let child = thread::spawn(move || run.call(&mut store, ()));
    child.join().unwrap()?;
    Ok(())
}

/// Checks what is printed, in whatever order.
pub fn check(output: &str) {
    let count = |start: &str| output.lines().filter(|line| line.starts_with(start)).count() as i32;
    assert_eq!(count("Start"), 1);
    assert_eq!(count("Instantiate"), N_THREADS);
    assert_eq!(count("Execute"), N_THREADS);
    assert_eq!(count("> Moving ThreadId("), N_THREADS);
    assert_eq!(count("> Hello from ThreadId("), N_THREADS * (N_REPS + 1));
    assert_eq!(output.lines().count() as i32, 1 + N_THREADS * (N_REPS + 4));
}
