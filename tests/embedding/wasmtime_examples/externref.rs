//! A host value that a guest keeps.

use riser::*;

use super::wat;

pub fn main() -> Result<()> {
    println!("Start");
    let mut config = Config::new();
    config.wasm_reference_types(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());

    println!("Compile");
    let module = Module::from_file(&engine, wat("externref.wat"))?;

    println!("Instantiate");
    let instance = Instance::new(&mut store, &module, &[])?;

    println!("Make a reference");
    let externref = match ExternRef::new(&mut store, "Hello, World!") {
        Ok(reference) => reference,
        Err(error) => match error.downcast::<GcHeapOutOfMemory<&str>>() {
            Ok(full) => {
                let (value, full) = full.take_inner();
                store.gc(Some(&full))?;
                ExternRef::new(&mut store, value)?
            }
            Err(error) => return Err(error),
        },
    };
    let data = externref.data(&store)?.expect("a host value");
    assert!(data.is::<&'static str>());
    assert_eq!(*data.downcast_ref::<&'static str>().unwrap(), "Hello, World!");

    println!("Use the table");
    let table = instance.get_table(&mut store, "table").unwrap();
    table.set(&mut store, 3, Some(externref).into())?;
    let element = table.get(&mut store, 3).unwrap().unwrap_extern().copied().unwrap();
    assert!(Rooted::ref_eq(&store, &element, &externref)?);

    println!("Use the global");
    let global = instance.get_global(&mut store, "global").unwrap();
    global.set(&mut store, Some(externref).into())?;
    let value = global.get(&mut store).unwrap_externref().copied().unwrap();
    assert!(Rooted::ref_eq(&store, &value, &externref)?);

    println!("Call the function");
    let func = instance.get_typed_func::<Option<Rooted<ExternRef>>, Option<Rooted<ExternRef>>>(&mut store, "func")?;
    let result = func.call(&mut store, Some(externref))?;
    assert!(result.is_some());
    assert!(Rooted::ref_eq(&store, &result.unwrap(), &externref)?);

    println!("Collect");
    store.gc(None)?;

    println!("Done");
    Ok(())
}
