//! Stores: shared by what is in them.

use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Weak};

use riser::wasi::{WasiCtx, WasiCtxBuilder};
use riser::{AsContextMut as _, Engine, Store, StoreContextMut, StoreLimits};

use crate::Trapped;
use crate::failure::Failure;
use crate::info::Info;
use crate::object::Entity;

/// `wasm_store_t`, and what each object of a store holds. The store is freed with the last of them.
#[derive(Clone)]
pub struct StoreRef(Arc<StoreCell>);

struct StoreCell(UnsafeCell<Store<Data>>);

// SAFETY: a store may be sent, and C uses a store and its objects in one thread at a time.
unsafe impl Send for StoreCell {}
// SAFETY: as above.
unsafe impl Sync for StoreCell {}

/// The guest's WASI state.
pub struct Wasi {
    /// The state.
    pub ctx: WasiCtx,
    /// What C's functions that take the guest's output were given. It ends with the state, and not when the guest closes a stream.
    pub _kept: [Option<Arc<Info>>; 2],
}

/// The data of a store.
pub struct Data {
    /// The store, for host functions.
    this: Weak<StoreCell>,
    /// What C has put into the store.
    pub user: Info,
    /// What the guest may see of the system.
    wasi: Option<Wasi>,
    /// What the store may take, if C has said so.
    pub limits: StoreLimits,
    /// What C's callback for snapshots gets.
    pub snapshots: Option<Arc<Info>>,
    /// Whether C says by a call how its functions end, whatever they return.
    pub is_told_endings: bool,
    /// The trap, or that there is none, which the function of C's that runs has said it ends in.
    pub ending: Option<Trapped>,
    /// The failures that functions of C's have ended in with an exception. If wasm catches it, the engine is in the middle of its code
    /// when it drops the error, and what C has attached to the trap must not end there: C may use the store then.
    pub thrown: Vec<Arc<Failure>>,
    /// What C has attached to the store's objects.
    pub infos: HashMap<Entity, Info>,
}

impl Data {
    /// The store.
    pub fn store(&self) -> Option<StoreRef> {
        self.this.upgrade().map(StoreRef)
    }

    /// The guest's WASI state; that of a guest that may see nothing, unless C has given it one.
    pub fn wasi(&mut self) -> &mut WasiCtx {
        let make = || Wasi { ctx: WasiCtxBuilder::new().build(), _kept: [None, None] };
        &mut self.wasi.get_or_insert_with(make).ctx
    }

    /// Sets the guest's WASI state. Returns the one before, whose end calls finalizers: it is to be dropped when the store is not borrowed.
    #[must_use]
    pub fn replace_wasi(&mut self, wasi: Wasi) -> Option<Wasi> {
        self.wasi.replace(wasi)
    }
}

impl StoreRef {
    /// Makes a store with C's data.
    pub fn new(engine: &Engine, user: Info) -> StoreRef {
        let make = |this: &Weak<StoreCell>| {
            let (this, limits) = (this.clone(), StoreLimits::default());
            let data = Data {
                this,
                user,
                wasi: None,
                limits,
                snapshots: None,
                is_told_endings: false,
                ending: None,
                thrown: Vec::new(),
                infos: HashMap::new(),
            };
            StoreCell(UnsafeCell::new(Store::new(engine, data)))
        };
        StoreRef(Arc::new_cyclic(make))
    }

    /// Borrows the store. Host functions do so again while code runs that was called through another borrow.
    pub fn context(&self) -> StoreContextMut<'_, Data> {
        // SAFETY: the reference to the handle lasts for this function only. What it is a handle of is used as by any host function:
        // C calls this either while no code of the store runs, or from a host function, whose caller is waiting for it. Nothing in
        // this crate holds a reference into the store over a call of C.
        unsafe { (*self.0.0.get()).as_context_mut() }
    }

    /// As [`StoreRef::context`], for what only a store has.
    pub fn with_handle<R>(&self, work: impl FnOnce(&mut Store<Data>) -> R) -> R {
        // SAFETY: as in `context`; C is not called meanwhile.
        work(unsafe { &mut *self.0.0.get() })
    }

    /// Gives up the failures that were kept while wasm could catch them. Finalizers run here: nothing borrows the store.
    pub fn forget_thrown(&self) {
        let thrown = mem::take(&mut self.context().data_mut().thrown);
        drop(thrown);
    }

    /// Whether both are the same store.
    pub fn same(a: &StoreRef, b: &StoreRef) -> bool {
        Arc::ptr_eq(&a.0, &b.0)
    }
}
