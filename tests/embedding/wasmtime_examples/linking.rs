//! Two modules, one of which uses WASI and the other.

use riser::wasi as riser_wasi;
use riser::*;
use riser_wasi::WasiCtx;

use super::wat;

pub fn main() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    riser_wasi::p1::add_to_linker_sync(&mut linker, |s| s)?;

    let linking1 = Module::from_file(&engine, wat("linking1.wat"))?;
    let linking2 = Module::from_file(&engine, wat("linking2.wat"))?;

    let wasi = WasiCtx::builder().inherit_stdio().inherit_args().build_p1();
    let mut store = Store::new(&engine, wasi);

    let linking2 = linker.instantiate(&mut store, &linking2)?;
    linker.instance(&mut store, "linking2", linking2)?;

    let linking1 = linker.instantiate(&mut store, &linking1)?;
    let run = linking1.get_typed_func::<(), ()>(&mut store, "run")?;
    run.call(&mut store, ())?;
    Ok(())
}
