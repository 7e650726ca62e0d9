//! Two memories.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.wasm_multi_memory(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let module = Module::from_file(store.engine(), wat("multimemory.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let memory0 = instance.get_memory(&mut store, "memory0").ok_or(riser::format_err!("no export `memory0`"))?;
    let size0 = instance.get_typed_func::<(), i32>(&mut store, "size0")?;
    let load0 = instance.get_typed_func::<i32, i32>(&mut store, "load0")?;
    let store0 = instance.get_typed_func::<(i32, i32), ()>(&mut store, "store0")?;
    let memory1 = instance.get_memory(&mut store, "memory1").ok_or(riser::format_err!("no export `memory1`"))?;
    let size1 = instance.get_typed_func::<(), i32>(&mut store, "size1")?;
    let load1 = instance.get_typed_func::<i32, i32>(&mut store, "load1")?;
    let store1 = instance.get_typed_func::<(i32, i32), ()>(&mut store, "store1")?;

    println!("Checking");
    assert_eq!(memory0.size(&store), 2);
    assert_eq!(memory0.data_mut(&mut store)[0x1000], 1);
    assert_eq!(size0.call(&mut store, ())?, 2);
    assert_eq!(load0.call(&mut store, 0x1003)?, 4);
    assert!(load0.call(&mut store, 0x20000).is_err());
    assert_eq!(memory1.size(&store), 2);
    assert_eq!(memory1.data_mut(&mut store)[0x1000], 4);
    assert_eq!(size1.call(&mut store, ())?, 2);
    assert_eq!(load1.call(&mut store, 0x1003)?, 1);
    assert!(load1.call(&mut store, 0x20000).is_err());

    println!("Writing");
    memory0.data_mut(&mut store)[0x1003] = 5;
    store0.call(&mut store, (0x1002, 6))?;
    assert_eq!(memory0.data(&store)[0x1002], 6);
    assert_eq!(load0.call(&mut store, 0x1003)?, 5);
    memory1.data_mut(&mut store)[0x1003] = 7;
    store1.call(&mut store, (0x1002, 8))?;
    assert_eq!(memory1.data(&store)[0x1002], 8);
    assert_eq!(load1.call(&mut store, 0x1003)?, 7);

    println!("Growing");
    memory0.grow(&mut store, 1)?;
    assert_eq!(memory0.size(&store), 3);
    assert!(memory0.grow(&mut store, 1).is_err());
    memory1.grow(&mut store, 2)?;
    assert_eq!(memory1.size(&store), 4);
    assert_eq!(load1.call(&mut store, 0x30000)?, 0);
    store1.call(&mut store, (0x30000, 0))?;
    assert!(load1.call(&mut store, 0x40000).is_err());
    assert!(memory1.grow(&mut store, 1).is_err());
    Ok(())
}
