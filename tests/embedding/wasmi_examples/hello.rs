//! The example of the crate's first page: a host function that knows the store's data.

use std::sync::{Arc, Mutex};

use riser::*;

#[test]
fn runs() -> Result<(), riser::Error> {
    let wasm = r#"
        (module
          (import "host" "hello" (func $host_hello (param i32)))
          (func (export "hello") (call $host_hello (i32.const 3))))
    "#;
    let engine = Engine::default();
    let module = Module::new(&engine, wasm)?;

    type HostState = u32;
    let mut store = Store::new(&engine, 42);
    let said = Arc::new(Mutex::new(String::new()));
    let out = Arc::clone(&said);
    let mut linker = <Linker<HostState>>::new(&engine);
    linker.func_wrap("host", "hello", move |caller: Caller<'_, HostState>, param: i32| {
        *out.lock().expect("it is free") = format!("{param} from wasm, {} in the store", caller.data());
    })?;
    // In wasmi: `instantiate_and_start`.
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&store, "hello")?.call(&mut store, ())?;
    assert_eq!(*said.lock().expect("it is free"), "3 from wasm, 42 in the store");
    Ok(())
}
