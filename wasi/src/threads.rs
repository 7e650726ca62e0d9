//! Threads of a guest: the function `thread-spawn` of the proposal [wasi-threads](https://github.com/WebAssembly/wasi-threads).
//!
//! A store belongs to one thread. So each thread of a guest has a store of its own, with an instance of the same module and the
//! same shared memory; the module's code is shared by all. In it the module's export `wasi_thread_start` runs, with the thread's
//! number and the argument that the guest has passed.
//!
//! The guest ends when its first thread does. A trap or `proc_exit` in any other thread ends the guest, too: the embedder is told,
//! and ends the rest, by ending the process or by an epoch ([`Engine::increment_epoch`](riser_vm::Engine::increment_epoch)), which
//! also ends threads that wait.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use anyhow::{Context as _, anyhow};
use riser_vm::{Error, ExternType, InstancePre, Linker, Module, Result, SharedMemory, Store};

/// The module that guests import `thread-spawn` from.
pub const THREADS_MODULE: &str = "wasi";

/// What runs in a new thread.
const START: &str = "wasi_thread_start";

/// The largest number of a thread: some C libraries use the bits above.
const LARGEST: i32 = (1 << 29) - 1;

/// The most threads of a guest at a time, besides the first, unless set otherwise.
pub const DEFAULT_MAX_THREADS: u32 = 256;

/// Makes the store of a new thread.
type MakeStore<T> = Box<dyn Fn() -> Result<Store<T>> + Send + Sync>;

/// Receives the error that has ended a thread.
type Ended = Box<dyn Fn(Error) + Send + Sync>;

/// The threads of a guest. A clone stands for the same threads.
///
/// The stores of all threads of a guest have one in their data, where the functions of [`add_threads_to_linker`] find it.
pub struct WasiThreads<T: 'static> {
    guest: Arc<Guest<T>>,
}

struct Guest<T: 'static> {
    module: InstancePre<T>,
    make_store: OnceLock<MakeStore<T>>,
    ended: Ended,
    /// The most threads at a time.
    most: u32,
    /// How many there are.
    alive: AtomicU32,
    /// The number of the thread that was spawned last.
    last: AtomicI32,
}

impl<T: 'static> WasiThreads<T> {
    /// The threads of a guest that is an instance of `module`, at most `most` at a time besides the first. `ended` is called with the
    /// error that has ended a thread: a trap, or an [`Exit`](crate::Exit).
    ///
    /// # Errors
    ///
    /// If an import of the module belongs to one store, so that other threads cannot have it.
    pub fn new(
        module: InstancePre<T>,
        most: u32,
        ended: impl Fn(Error) + Send + Sync + 'static,
    ) -> Result<WasiThreads<T>> {
        if let Some((module, name)) = module.bound_to_a_store() {
            return Err(anyhow!(
                "the import `{module}::{name}` belongs to one thread, so the guest cannot have others"
            ));
        }
        let (alive, last) = (AtomicU32::new(0), AtomicI32::new(0));
        let guest = Guest { module, make_store: OnceLock::new(), ended: Box::new(ended), most, alive, last };
        Ok(WasiThreads { guest: Arc::new(guest) })
    }

    /// Says how the store of a new thread is made. Its data usually has a clone of these threads, and one of the guest's
    /// [`WasiCtx`](crate::WasiCtx).
    ///
    /// # Panics
    ///
    /// If that has been said.
    pub fn stores(&self, make: impl Fn() -> Result<Store<T>> + Send + Sync + 'static) {
        assert!(self.guest.make_store.set(Box::new(make)).is_ok(), "it has been said how stores are made");
    }

    /// Starts a thread. Returns its number, or `None` if there cannot be another.
    fn spawn(&self, argument: i32) -> Option<i32>
    where
        T: Send,
    {
        let guest = Arc::clone(&self.guest);
        let (alive, order) = (&self.guest.alive, Ordering::Relaxed);
        alive.fetch_update(order, order, |alive| (alive < guest.most).then_some(alive + 1)).ok()?;
        let number = self.guest.last.fetch_update(order, order, |last| (last < LARGEST).then_some(last + 1));
        let started = number.ok().map(|last| last + 1).filter(|&number| {
            let builder = thread::Builder::new().name(format!("wasi-thread-{number}"));
            let run = move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| guest.run(number, argument)));
                guest.alive.fetch_sub(1, Ordering::Relaxed);
                match outcome {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => (guest.ended)(error),
                    Err(_) => (guest.ended)(anyhow!("thread {number} of the guest panicked in the host")),
                }
            };
            builder.spawn(run).is_ok()
        });
        if started.is_none() {
            alive.fetch_sub(1, order);
        }
        started
    }
}

impl<T: 'static> Guest<T> {
    /// What a thread does.
    fn run(&self, number: i32, argument: i32) -> Result<()> {
        let make_store = self.make_store.get().context("it has not been said how stores are made")?;
        let mut store = make_store()?;
        let instance = self.module.instantiate(&mut store)?;
        let start = instance.get_typed_func::<(i32, i32), ()>(&mut store, START)?;
        start.call(&mut store, (number, argument)).with_context(|| format!("thread {number} of the guest failed"))
    }
}

impl<T: 'static> Clone for WasiThreads<T> {
    fn clone(&self) -> WasiThreads<T> {
        WasiThreads { guest: Arc::clone(&self.guest) }
    }
}

impl<T: 'static> fmt::Debug for WasiThreads<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiThreads").field("alive", &self.guest.alive).finish_non_exhaustive()
    }
}

/// Defines `thread-spawn` in `linker`, and each shared memory that `module` imports, as far as the limits of `store` allow. `get_threads`
/// finds the guest's threads in the store's data; a guest that has none cannot spawn any.
///
/// # Errors
///
/// If one of the names is defined already, and shadowing not allowed; if the system has no room for a memory.
pub fn add_threads_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    store: &mut Store<T>,
    module: &Module,
    get_threads: impl Fn(&T) -> Option<&WasiThreads<T>> + Send + Sync + 'static,
) -> Result<()> {
    linker.func_wrap(THREADS_MODULE, "thread-spawn", move |caller: riser_vm::Caller<'_, T>, argument: i32| -> i32 {
        get_threads(caller.data()).and_then(|threads| threads.spawn(argument)).unwrap_or(-1)
    })?;
    for import in module.imports() {
        if let ExternType::Memory(ty) = import.ty()
            && ty.is_shared()
        {
            let memory = SharedMemory::limited(&mut *store, ty)?;
            linker.define(&*store, import.module(), import.name(), memory)?;
        }
    }
    Ok(())
}
