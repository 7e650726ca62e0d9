//! A memory, read, written and grown by both sides.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    let mut store: Store<()> = Store::default();
    let module = Module::from_file(store.engine(), wat("memory.wat"))?;
    let instance = Instance::new(&mut store, &module, &[])?;

    let memory = instance.get_memory(&mut store, "memory").ok_or(riser::format_err!("no export `memory`"))?;
    let size = instance.get_typed_func::<(), i32>(&mut store, "size")?;
    let load = instance.get_typed_func::<i32, i32>(&mut store, "load")?;
    let write = instance.get_typed_func::<(i32, i32), ()>(&mut store, "store")?;

    println!("Checking");
    assert_eq!(memory.size(&store), 2);
    assert_eq!(memory.data_size(&store), 0x20000);
    assert_eq!(memory.data_mut(&mut store)[0], 0);
    assert_eq!(memory.data_mut(&mut store)[0x1000], 1);
    assert_eq!(memory.data_mut(&mut store)[0x1003], 4);
    assert_eq!(size.call(&mut store, ())?, 2);
    assert_eq!(load.call(&mut store, 0x1000)?, 1);
    assert_eq!(load.call(&mut store, 0x1ffff)?, 0);
    assert!(load.call(&mut store, 0x20000).is_err());

    println!("Writing");
    memory.data_mut(&mut store)[0x1003] = 5;
    write.call(&mut store, (0x1002, 6))?;
    assert!(write.call(&mut store, (0x20000, 0)).is_err());
    assert_eq!(memory.data(&store)[0x1002], 6);
    assert_eq!(memory.data(&store)[0x1003], 5);
    assert_eq!(load.call(&mut store, 0x1002)?, 6);

    println!("Growing");
    memory.grow(&mut store, 1)?;
    assert_eq!(memory.size(&store), 3);
    assert_eq!(memory.data_size(&store), 0x30000);
    assert_eq!(load.call(&mut store, 0x20000)?, 0);
    write.call(&mut store, (0x20000, 0))?;
    assert!(load.call(&mut store, 0x30000).is_err());
    assert!(memory.grow(&mut store, 1).is_err());
    assert!(memory.grow(&mut store, 0).is_ok());

    println!("A memory of its own");
    let ty = MemoryType::new(5, Some(5));
    let other = Memory::new(&mut store, ty)?;
    assert_eq!(other.size(&store), 5);
    assert!(other.grow(&mut store, 1).is_err());
    assert!(other.grow(&mut store, 0).is_ok());
    Ok(())
}
