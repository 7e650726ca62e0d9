//! The sizes of a store's memories and tables. They are made and grow here, for running code and for the host alike, if
//! the store's [`ResourceLimiter`] allows it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

use anyhow::{Context as _, Error, Result, bail};
use riser_tiers_core as plug;
use riser_tiers_core::Status;
use riser_translator::module::{MemoryType, TableType};

use super::{StoreCore, StoreInner};
use crate::config::{Pooled, Share};
use crate::func::call::settle;
use crate::{AsContextMut as _, Engine, ResourceLimiter, SharedMemory, Store, StoreLimits};

/// A question to a limiter.
type Question<'a> = &'a mut dyn FnMut(&mut dyn ResourceLimiter);

/// Puts a question to the limiter that the host picks from its data. The address is that of the [`StoreInner`].
type Pick = Box<dyn FnMut(NonNull<()>, Question<'_>) + Send + Sync>;

/// What a store's objects take, and what they may take.
pub(crate) struct Growth {
    /// The host's limiter.
    pick: Option<Pick>,
    /// The limits if the host has set no limiter.
    limits: StoreLimits,
    /// The maximum numbers of instances, memories and tables.
    pub(crate) instances: usize,
    memories: usize,
    tables: usize,
    /// The size of all memories and tables, in bytes.
    total_bytes: u64,
    /// What the store has of its engine's pool, if that has one.
    share: Option<Share>,
}

impl Growth {
    pub(super) fn new(engine: &Engine) -> Growth {
        let limits = StoreLimits::default();
        Growth {
            pick: None,
            instances: limits.instances(),
            memories: limits.memories(),
            tables: limits.tables(),
            limits,
            total_bytes: 0,
            share: engine.share_of_pool(),
        }
    }
}

/// The size of a table's element in bytes.
const ELEMENT_BYTES: u64 = size_of::<u64>() as u64;

/// Converts a size; one that is too large becomes the largest.
fn size(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Says that the system has no room for a memory.
pub(crate) fn no_room(ty: &MemoryType, guarded: bool) -> String {
    let bytes = ty.limits.min.saturating_mul(ty.page_size());
    match guarded && ty.can_be_guarded() {
        true => format!(
            "failed to allocate a memory of {bytes} bytes with guard pages, which reserve 8 GiB of address space: if \
             there is a limit on that (`ulimit -v`), have bounds checked explicitly (`--bounds explicit`)"
        ),
        false if ty.shared => {
            let most = ty.limits.max.unwrap_or_default().saturating_mul(ty.page_size());
            format!(
                "failed to allocate a shared memory, which reserves {most} bytes of address space for its largest size"
            )
        }
        false => format!("failed to allocate a memory of {bytes} bytes"),
    }
}

/// The kind of an object that grows or is made. Making an object means growing it from nothing.
#[derive(Clone, Copy)]
enum Kind {
    /// Sizes are in bytes.
    Memory,
    /// Sizes are in elements.
    Table,
}

impl<T> Store<T> {
    /// Makes `limiter` decide from now on how much instances may take. The function picks the limiter from the host's
    /// data, which it is usually a part of.
    pub fn limiter(&mut self, mut limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static) {
        let limits = limiter(self.data_mut());
        let (instances, memories, tables) = (limits.instances(), limits.memories(), limits.tables());
        let pick: Pick = Box::new(move |store, ask| {
            // SAFETY: this is the address of the store that the limiter was set in, with data of type T. Nothing else
            // uses the store meanwhile, because a limiter cannot reach it.
            ask(limiter(unsafe { &mut (*store.cast::<StoreInner<T>>().as_ptr()).data }));
        });
        let mut store = self.as_context_mut();
        let growth = &mut store.core_mut().growth;
        growth.pick = Some(pick);
        (growth.instances, growth.memories, growth.tables) = (instances, memories, tables);
    }
}

impl StoreCore {
    /// Takes one from the engine's pool, if it has one.
    ///
    /// # Errors
    ///
    /// If the pool has no more.
    fn take_pooled(&mut self, what: Pooled) -> Result<()> {
        self.growth.share.as_mut().map_or(Ok(()), |share| share.take(what))
    }

    /// Makes something that counts in the engine's pool, if it has one.
    ///
    /// # Errors
    ///
    /// If the pool has no more. Those of `make`: nothing is taken then.
    pub(crate) fn pooled<R>(&mut self, what: Pooled, make: impl FnOnce(&mut StoreCore) -> Result<R>) -> Result<R> {
        self.take_pooled(what)?;
        let made = make(self);
        if let (Err(_), Some(share)) = (&made, &mut self.growth.share) {
            share.give_back(what);
        }
        made
    }

    fn ask<R>(&mut self, question: impl FnOnce(&mut dyn ResourceLimiter) -> R) -> R {
        let Some(pick) = &mut self.growth.pick else { return question(&mut self.growth.limits) };
        // A store's owner is set when the store is made.
        let owner = NonNull::new(self.context.owner).expect("the store is complete");
        let (mut question, mut answer) = (Some(question), None);
        pick(owner, &mut |limiter| answer = question.take().map(|question| question(limiter)));
        answer.expect("a limiter is asked")
    }

    /// Whether an object may grow from `current` to `desired`. `bytes` is the growth in bytes, `maximum` the limit of
    /// its type.
    fn may_grow(&mut self, kind: Kind, current: u64, desired: u64, maximum: Option<u64>, bytes: u64) -> Result<bool> {
        let total = self.growth.total_bytes;
        let most = self.growth.share.as_ref().map(|share| match kind {
            Kind::Memory => share.limits().memory_bytes,
            Kind::Table => share.limits().table_elements,
        });
        if most.is_some_and(|most| size(desired) > most) {
            return Ok(false);
        }
        let [current, desired, total, new_total] = [current, desired, total, total.saturating_add(bytes)].map(size);
        let maximum = maximum.map(size);
        self.ask(|limiter| {
            let allowed = match kind {
                Kind::Memory => limiter.memory_growing(current, desired, maximum),
                Kind::Table => limiter.table_growing(current, desired, maximum),
            };
            Ok(allowed? && limiter.total_growing(total, new_total)?)
        })
    }

    /// Tells the limiter that an object could not grow although it was allowed to.
    fn failed(&mut self, kind: Kind, error: Error) -> Result<()> {
        self.ask(|limiter| match kind {
            Kind::Memory => limiter.memory_grow_failed(error),
            Kind::Table => limiter.table_grow_failed(error),
        })
    }

    /// Adds a zeroed memory.
    ///
    /// # Errors
    ///
    /// If the store's limits do not allow it or the system has no room.
    pub(crate) fn add_memory(&mut self, ty: MemoryType) -> Result<NonNull<plug::Memory>> {
        let count = self.objects.memories.len();
        if count >= self.growth.memories {
            bail!("resource limit exceeded: memory count too high at {}", count + 1);
        }
        if ty.shared {
            let memory = self.make_memory(ty, |engine| SharedMemory::new(engine, ty))?;
            return Ok(self.add_shared_memory(&memory));
        }
        let memory = self.pooled(Pooled::Memory, |core| {
            core.make_memory(ty, |engine| {
                let guarded = engine.has_guard_pages();
                plug::Memory::new(ty, guarded).with_context(|| no_room(&ty, guarded))
            })
        })?;
        Ok(self.objects.memories.add(memory))
    }

    /// Makes a memory of a type, if the store's limits allow it.
    ///
    /// # Errors
    ///
    /// If they do not; those of `make`.
    pub(crate) fn make_memory<M>(&mut self, ty: MemoryType, make: impl FnOnce(&Engine) -> Result<M>) -> Result<M> {
        let bytes = ty.limits.min.saturating_mul(ty.page_size());
        let maximum = ty.limits.max.map(|max| max.saturating_mul(ty.page_size()));
        if !self.may_grow(Kind::Memory, 0, bytes, maximum, bytes)? {
            bail!("resource limit exceeded: memory minimum size of {bytes} bytes exceeds memory limits");
        }
        let memory = make(&self.engine)?;
        self.growth.total_bytes += bytes;
        Ok(memory)
    }

    /// Adds what stands for a shared memory in the store. The store's limits have nothing to say about what is there already.
    pub(crate) fn add_shared_memory(&mut self, memory: &SharedMemory) -> NonNull<plug::Memory> {
        let shared = memory.inner();
        // What stands for it is in the store as long as its entry is here, and keeps the shared memory: no other one has its address.
        *self
            .objects
            .shared_memories
            .entry(Arc::as_ptr(shared))
            .or_insert_with(|| self.objects.memories.add(plug::Memory::of_shared(Arc::clone(shared))))
    }

    /// Adds a table of elements `init`.
    ///
    /// # Errors
    ///
    /// If the store's limits do not allow it or the system has no room.
    pub(crate) fn add_table(&mut self, ty: TableType, init: u64) -> Result<NonNull<plug::Table>> {
        let count = self.objects.tables.len();
        if count >= self.growth.tables {
            bail!("resource limit exceeded: table count too high at {}", count + 1);
        }
        let table = self.pooled(Pooled::Table, |core| core.make_table(ty, init))?;
        Ok(self.objects.tables.add(table))
    }

    /// Makes a table of elements `init`; see [`StoreCore::add_table`].
    fn make_table(&mut self, ty: TableType, init: u64) -> Result<plug::Table> {
        let elements = ty.limits.min;
        let bytes = elements.saturating_mul(ELEMENT_BYTES);
        if !self.may_grow(Kind::Table, 0, elements, ty.limits.max, bytes)? {
            bail!("resource limit exceeded: table minimum size of {elements} elements exceeds table limits");
        }
        let table = plug::Table::new(ty, init);
        let table = table.with_context(|| format!("failed to allocate a table of {elements} elements"))?;
        self.growth.total_bytes += bytes;
        Ok(table)
    }

    /// Grows a memory of the store by `delta` pages. Returns the old size in pages, or `None` if that is not possible.
    ///
    /// # Errors
    ///
    /// Those of the limiter.
    ///
    /// # Safety
    ///
    /// The memory belongs to the store, and no reference to it is in use.
    pub(crate) unsafe fn grow_memory(&mut self, mut memory: NonNull<plug::Memory>, delta: u64) -> Result<Option<u64>> {
        // SAFETY: the memory belongs to the store, and no reference to it is in use; the limiter cannot reach it.
        let memory = unsafe { memory.as_mut() };
        let page_size = memory.ty().page_size();
        let bytes = |pages: u64| pages.saturating_mul(page_size);
        let maximum = memory.ty().limits.max.map(bytes);
        loop {
            let old = memory.pages();
            if delta == 0 {
                return Ok(Some(old));
            }
            let pages = old.saturating_add(delta);
            if !self.may_grow(Kind::Memory, bytes(old), bytes(pages), maximum, bytes(delta))? {
                return Ok(None);
            }
            match memory.grow_from(old, delta) {
                Ok(true) => {
                    self.growth.total_bytes += bytes(delta);
                    return Ok(Some(old));
                }
                // Another thread was faster. The limiter has to see the size that there is now.
                Ok(false) => {}
                Err(why) => return self.failed(Kind::Memory, why.into()).map(|()| None),
            }
        }
    }

    /// Grows a table of the store by `delta` elements `init`. Returns the old number of elements, or `None` if that is
    /// not possible.
    ///
    /// # Errors
    ///
    /// Those of the limiter.
    ///
    /// # Safety
    ///
    /// The table belongs to the store, and no reference to it is in use.
    pub(crate) unsafe fn grow_table(
        &mut self,
        mut table: NonNull<plug::Table>,
        delta: u64,
        init: u64,
    ) -> Result<Option<u64>> {
        // SAFETY: the table belongs to the store, and no reference to it is in use; the limiter cannot reach it.
        let table = unsafe { table.as_mut() };
        let old = table.len();
        if delta == 0 {
            return Ok(Some(old));
        }
        let len = old.saturating_add(delta);
        let bytes = delta.saturating_mul(ELEMENT_BYTES);
        if !self.may_grow(Kind::Table, old, len, table.ty().limits.max, bytes)? {
            return Ok(None);
        }
        match table.grow_to(len, init) {
            Ok(()) => {
                self.growth.total_bytes += bytes;
                Ok(Some(old))
            }
            Err(why) => self.failed(Kind::Table, why.into()).map(|()| None),
        }
    }
}

/// Grows an object for running code. An error or a panic of the limiter is put in flight.
///
/// # Safety
///
/// The store is alive, and no reference to its context is in use.
unsafe fn answer(
    store: *mut plug::StoreContext,
    grow: impl FnOnce(&mut StoreCore) -> Result<Option<u64>>,
) -> plug::Grown {
    let mut old = None;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the store is alive, and no reference to its context is in use; the context's owner is the store,
        // which begins with its core.
        old = grow(unsafe { &mut *(*store).owner.cast::<StoreCore>() })?;
        Ok(())
    }));
    // SAFETY: as above.
    match settle(unsafe { &mut *store }, outcome) {
        Status::RETURNED => Ok(old),
        status => Err(status),
    }
}

/// See [`plug::StoreContext::grow_memory`].
///
/// # Safety
///
/// The store is alive, the memory belongs to it, and no reference to them is in use.
pub(super) unsafe fn grow_memory(store: *mut plug::StoreContext, memory: *mut plug::Memory, delta: u64) -> plug::Grown {
    // SAFETY: the store is alive, the memory belongs to it, and no reference to them is in use. Addresses of a store's
    // objects are not null.
    unsafe { answer(store, |core| core.grow_memory(NonNull::new_unchecked(memory), delta)) }
}

/// See [`plug::StoreContext::grow_table`].
///
/// # Safety
///
/// As for [`grow_memory`].
pub(super) unsafe fn grow_table(
    store: *mut plug::StoreContext,
    table: *mut plug::Table,
    delta: u64,
    init: u64,
) -> plug::Grown {
    // SAFETY: as above.
    unsafe { answer(store, |core| core.grow_table(NonNull::new_unchecked(table), delta, init)) }
}
