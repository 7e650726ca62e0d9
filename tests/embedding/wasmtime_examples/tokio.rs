//! Programs that share a thread: each is a future, which yields after some fuel. Wasmtime's example runs them on Tokio; here the executor
//! is a queue.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use riser::wasi as riser_wasi;
use riser::{Config, Engine, Error, Linker, Module, Store};
use riser_wasi::WasiCtx;

use super::wat;

#[derive(Clone)]
struct Environment {
    engine: Engine,
    module: Module,
    linker: Linker<WasiCtx>,
}

impl Environment {
    fn new() -> Result<Environment, Error> {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config)?;
        let module = Module::from_file(&engine, wat("tokio.wat"))?;
        let mut linker = Linker::new(&engine);
        // In Wasmtime: `add_to_linker_async`.
        riser_wasi::p1::add_to_linker_sync(&mut linker, |cx| cx)?;
        Ok(Environment { engine, module, linker })
    }
}

async fn run_wasm(environment: Environment, name: &str) -> Result<(), Error> {
    let wasi = WasiCtx::builder().inherit_stdout().arg(name).build_p1();
    let mut store = Store::new(&environment.engine, wasi);
    store.set_fuel(u64::MAX)?;
    store.fuel_async_yield_interval(Some(10000))?;
    let instance = environment.linker.instantiate_async(&mut store, &environment.module).await?;
    instance.get_typed_func::<(), ()>(&mut store, "_start")?.call_async(&mut store, ()).await
}

pub fn main() -> Result<(), Error> {
    let environment = Environment::new()?;
    type Task = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;
    let mut queue: VecDeque<Task> = VecDeque::new();
    for name in ["Gussie", "Willa", "Sparky"] {
        queue.push_back(Box::pin(run_wasm(environment.clone(), name)));
    }
    let mut turns = 0;
    while let Some(mut task) = queue.pop_front() {
        turns += 1;
        match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => queue.push_back(task),
            Poll::Ready(result) => result?,
        }
    }
    assert!(turns > 10);
    Ok(())
}
