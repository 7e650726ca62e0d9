//! Many instances in many threads, within limits.

use riser::format_err;
use riser::{Config, Engine, InstanceAllocationStrategy, Linker, Module, PoolingAllocationConfig, Result, Store};

pub fn main() -> Result<()> {
    let mut config = Config::new();
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(100);
    pool.max_memory_size(1 << 31);
    pool.total_tables(100);
    pool.table_elements(5000);
    pool.total_core_instances(100);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.memory_init_cow(true);
    let engine = Engine::new(&config)?;

    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("math", "add", |a: u32, b: u32| -> u32 { a + b })?;
    let module = Module::new(
        &engine,
        r#"
            (module
              (import "math" "add" (func $add (param i32 i32) (result i32)))
              (func (export "run") (result i32)
                (call $add (i32.const 29) (i32.const 13))))
        "#,
    )?;
    let instance_pre = linker.instantiate_pre(&module)?;

    let handles: Vec<std::thread::JoinHandle<Result<()>>> = (0..20)
        .map(|_| {
            let engine = engine.clone();
            let instance_pre = instance_pre.clone();
            std::thread::spawn(move || -> Result<()> {
                for _ in 0..50 {
                    let mut store = Store::new(&engine, ());
                    let instance = instance_pre.instantiate(&mut store)?;
                    let result = instance.get_typed_func::<(), i32>(&mut store, "run")?.call(&mut store, ());
                    assert_eq!(result?, 42);
                }
                Ok(())
            })
        })
        .collect();
    for handle in handles.into_iter() {
        handle.join().map_err(|_| format_err!("a thread panicked"))??;
    }
    Ok(())
}
