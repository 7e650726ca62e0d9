//! From a snapshot to an instance, and to a program that goes on.

use std::collections::BTreeSet;
use std::fmt;
use std::ptr::{self, NonNull};

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::{Exception, FuncInst, Mode};
use riser_translator::{DataIndex, ElemIndex, FuncIndex, TrapCode, ValType};

use super::frames::CheckedFrames;
use super::references::References;
use super::sealed::SealedMemory;
use super::{MemoryImage, Snapshot, SnapshotError, StoredException, StoredValue, TableImage};
use crate::func::call;
use crate::instance::InstanceData;
use crate::store::StoreCore;
use crate::{AsContextMut, Error, ExnRef, Extern, Instance, Module, Rooted, Val, instantiate, tiering};

/// A program that has been restored from a snapshot and has not gone on yet.
///
/// It keeps the exceptions that its frames refer to alive as an [`ExnRef`] does.
pub struct Restored {
    instance: Instance,
    frames: CheckedFrames,
    /// The exceptions that the frames refer to.
    exceptions: Vec<Rooted<ExnRef>>,
}

impl fmt::Debug for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restored").field("frames", &self.frames.frames.len()).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Puts an instance of the module into the store, with `imports` in the order of [`Module::imports`], whose state is that of the
    /// snapshot. Neither are segments copied nor is the start function called. [`Restored::resume`] goes on.
    ///
    /// Imported memories, tables and mutable globals get the state of the snapshot, too. The store gets the fuel of the snapshot, if
    /// the engine consumes fuel, and values of the host ([`Store::set_extern_codec`](crate::Store::set_extern_codec)).
    ///
    /// # Errors
    ///
    /// If the snapshot is not one of the module ([`SnapshotError`]), or the instance does not fit the store's limits. The instance
    /// may be in the store then, but no code of it runs.
    ///
    /// # Panics
    ///
    /// If an import belongs to another store.
    pub fn restore(&self, mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Restored> {
        if module.id().sha256 != self.module.sha256 {
            return Err(SnapshotError::OtherModule.into());
        }
        let mut store = store.as_context_mut();
        let instance = instantiate::allocate_unused(&mut store, module, imports)?;
        let core = store.core_ptr();
        let data = instance.0.address(store.core());
        // SAFETY: the instance is of this store, which is borrowed exclusively; no reference into it is in use but to the list of the
        // instance's functions, which nothing changes.
        unsafe {
            let restorer = Restorer { core, instance: data };
            // Exceptions are alive as long as they are roots, and then if something refers to them.
            let roots = (*core.as_ptr()).context.exceptions.roots();
            let functions = &data.as_ref().parts.functions;
            let mut references = References { functions, externs: Vec::new(), exceptions: Vec::new() };
            let frames = restorer.state(self, module, &mut references);
            { &mut *core.as_ptr() }.context.exceptions.forget_roots(roots);
            let frames = frames?;
            let of_frames = self.exceptions_of_frames();
            let of_frames = of_frames.iter().map(|&number| references.exceptions[number as usize]);
            let exceptions = of_frames.filter_map(|bits| ExnRef::from_slot((*core.as_ptr()).id, bits)).collect();
            if let (true, Some(fuel)) = ((*core.as_ptr()).engine.config().translator.fuel, self.fuel) {
                { &mut *core.as_ptr() }.put_fuel(fuel);
            }
            if !frames.frames.is_empty() && !matches!(data.as_ref().mode(), Mode::Interp | Mode::MultiTier) {
                tiering::leave_interpreter(data.as_ref());
            }
            Ok(Restored { instance, frames, exceptions })
        }
    }

    /// The numbers of the exceptions that frames refer to.
    fn exceptions_of_frames(&self) -> BTreeSet<u32> {
        let values = self.frames.iter().flat_map(|frame| frame.locals.iter().chain(&frame.operands));
        let exceptions = values.filter(|value| value.ty() == ValType::ExnRef);
        exceptions.filter_map(|value| value.reference()).collect()
    }
}

impl Restored {
    /// The instance.
    pub fn instance(&self) -> Instance {
        self.instance
    }

    /// Goes on, until the outermost function returns. Returns its results: none if the snapshot is one of an instance that was not
    /// running ([`Instance::snapshot`]).
    ///
    /// The frames run in the register interpreter, in every mode, and functions that are called from now on in the instance's mode.
    /// In the mode multi-tier, the frames tier up as others do.
    ///
    /// # Errors
    ///
    /// As for [`crate::Func::call`]. [`crate::Trap::StackOverflow`] also if the stack of this engine has no room for the frames. If
    /// exceptions that the frames refer to are not kept alive any more: the program was restored in a host function that has
    /// returned, or in a [`RootScope`](crate::RootScope) that has ended.
    ///
    /// # Panics
    ///
    /// If the store is not the one that the program was restored in, or a host function panics.
    pub fn resume(self, mut store: impl AsContextMut) -> Result<Vec<Val>> {
        let mut store = store.as_context_mut();
        let data = self.instance.0.address(store.core());
        let core = store.core_ptr();
        // SAFETY: the instance is of this store, which is borrowed exclusively. The frames have been checked against the module. The
        // exceptions that they refer to are alive when the frames get there: that is checked after the call hook, which may collect them.
        unsafe {
            let instance = data.as_ref();
            let (module, counted) = (instance.module(), instance.mode() == Mode::MultiTier);
            let func = |function: FuncIndex| instance.parts.functions[function.index()];
            let frames = self.frames.suspended(module, counted, func)?;
            let Some(outermost) = frames.first() else { return Ok(Vec::new()) };
            let outermost = NonNull::new_unchecked(outermost.func.cast_mut());
            let slots = call::slots(core, outermost)?;
            let start = slots.cast::<u64>().as_ptr();
            let context = &raw mut (*core.as_ptr()).context;
            let end = start.wrapping_add(outermost.as_ref().link_slot() as usize);
            call::enter_by(core, end, || {
                if !self.exceptions.iter().all(|exception| exception.is_alive()) {
                    let error = "exceptions that the program's frames refer to are not kept alive any more";
                    return call::raise(&mut *context, Error::msg(error));
                }
                let status = riser_interp::resume(context, &frames, start);
                FuncInst::finish(status, outermost.as_ptr(), ptr::null_mut(), start)
            })?;
            let types = module.info().func_type(outermost.as_ref().func_index()).results();
            let mut results = vec![Val::I32(0); types.len()];
            Val::all_from_slots(&mut results, (*core.as_ptr()).id, types, slots.as_ref());
            Ok(results)
        }
    }
}

/// Gives an instance the state of a snapshot.
#[derive(Clone, Copy)]
struct Restorer {
    core: NonNull<StoreCore>,
    instance: NonNull<InstanceData>,
}

/// # Safety
///
/// For all: the instance is of the store, which is alive; no code runs, and no reference into the store is in use.
impl Restorer {
    /// Gives the instance the state, and checks the frames. `references` gets the values of the host and the exceptions, which are roots
    /// from then on.
    unsafe fn state(
        self,
        snapshot: &Snapshot,
        module: &Module,
        references: &mut References<'_>,
    ) -> Result<CheckedFrames> {
        // SAFETY: by the contract of the block.
        unsafe {
            references.externs = { &mut *self.core.as_ptr() }.decode_externs(&snapshot.externs)?;
            self.exceptions(&snapshot.exceptions, module, references)?;
            let frames = CheckedFrames::new(module, &snapshot.frames, references)?;
            self.fill(snapshot, references)?;
            Ok(frames)
        }
    }

    unsafe fn exceptions(
        self,
        exceptions: &[StoredException],
        module: &Module,
        references: &mut References<'_>,
    ) -> Result<()> {
        for StoredException { tag, payload } in exceptions {
            // SAFETY: by the contract of the block. The payload has the tag's types, and what it refers to are roots.
            unsafe {
                let tags = &(*self.instance.as_ptr()).parts.tags;
                let Some(&found) = tags.get(tag.index()) else {
                    return Err(SnapshotError::mismatch(format!("the module has no tag {tag}")).into());
                };
                let slots = references.all_slots(payload, module.info().tag_type(*tag).params())?;
                let context = &raw mut (*self.core.as_ptr()).context;
                let top = (*context).stack_top;
                let made = plug::StoreContext::allocate_exception(context, found, slots.as_ptr(), top);
                let made =
                    made.ok_or(TrapCode::OutOfExceptions).context("the exceptions of the snapshot do not fit")?;
                Exception::root(made);
                references.exceptions.push(made.expose_provenance() as u64);
            }
        }
        Ok(())
    }

    unsafe fn fill(self, snapshot: &Snapshot, references: &References<'_>) -> Result<()> {
        // SAFETY: by the contract of the block.
        unsafe {
            self.globals(&snapshot.globals, references)?;
            let parts = &raw const (*self.instance.as_ptr()).parts;
            let (tables, memories) = (&(*parts).tables, &(*parts).memories);
            ensure!(tables.len() == snapshot.tables.len(), count("tables"));
            for (&table, image) in tables.iter().zip(&snapshot.tables) {
                self.table(NonNull::new_unchecked(table), image, references)?;
            }
            ensure!(memories.len() == snapshot.memories.len(), count("memories"));
            let imported = (*self.instance.as_ptr()).module().info().imported_memories as usize;
            for (index, (&memory, image)) in memories.iter().zip(&snapshot.memories).enumerate() {
                let sealed = snapshot.sealed.memory(index).filter(|_| index >= imported);
                self.memory(NonNull::new_unchecked(memory), image, index < imported, sealed)?;
            }
            self.segments(snapshot)
        }
    }

    unsafe fn globals(self, values: &[StoredValue], references: &References<'_>) -> Result<()> {
        // SAFETY: by the contract of the block.
        unsafe {
            let globals = &(*self.instance.as_ptr()).parts.globals;
            ensure!(globals.len() == values.len(), count("globals"));
            for (index, (&global, &value)) in globals.iter().zip(values).enumerate() {
                let global = &mut *global;
                let ty = global.ty;
                ensure!(ty.content == value.ty(), SnapshotError::mismatch(format!("global {index} has another type")));
                let slots = references.slots(value)?;
                let used = ..ty.content.slots() as usize;
                let is_same = global.slots[used] == slots[used];
                ensure!(
                    ty.mutable || is_same,
                    SnapshotError::mismatch(format!("global {index} is constant, and has another value"))
                );
                global.slots = slots;
            }
        }
        Ok(())
    }

    unsafe fn table(self, table: NonNull<plug::Table>, image: &TableImage, references: &References<'_>) -> Result<()> {
        // SAFETY: by the contract of the block.
        unsafe {
            let (ty, len) = (*(*table.as_ptr()).ty(), (*table.as_ptr()).len());
            ensure!(ty.element == image.element, SnapshotError::mismatch("a table has another type"));
            let delta = image.len.checked_sub(len).ok_or_else(|| SnapshotError::mismatch("a table is smaller"))?;
            let grown = (*self.core.as_ptr()).grow_table(table, delta, 0)?;
            grown.context("a table of the snapshot does not fit the limits")?;
            (*table.as_ptr()).elements_mut().fill(0);
            for run in &image.runs {
                for (at, &number) in (run.start..).zip(&run.references) {
                    let bits = references.element(image.element, number)?;
                    (*table.as_ptr()).set(at, bits)?;
                }
            }
        }
        Ok(())
    }

    unsafe fn memory(
        self,
        memory: NonNull<plug::Memory>,
        image: &MemoryImage,
        is_imported: bool,
        sealed: Option<&SealedMemory>,
    ) -> Result<()> {
        // SAFETY: by the contract of the block.
        unsafe {
            ensure!((*memory.as_ptr()).shared().is_none(), SnapshotError::mismatch("a memory is shared"));
            let (len, page) = ((*memory.as_ptr()).len_bytes(), (*memory.as_ptr()).ty().page_size());
            let bytes = image.len_bytes.checked_sub(len).filter(|bytes| bytes.is_multiple_of(page));
            let bytes =
                bytes.ok_or_else(|| SnapshotError::mismatch("a memory is smaller, or no whole number of pages"))?;
            let grown = (*self.core.as_ptr()).grow_memory(memory, bytes / page)?;
            grown.context("a memory of the snapshot does not fit the limits")?;
            if let (Some(sealed), Some(base)) = (sealed, (*memory.as_ptr()).fixed_base())
                && sealed.len() == (*memory.as_ptr()).data().len()
            {
                // A guarded memory has whole pages in a reservation of its own.
                sealed.map_over(base);
                return Ok(());
            }
            let data = (*memory.as_ptr()).data_mut();
            if is_imported {
                data.fill(0);
            }
            for block in &image.blocks {
                let start = block.start as usize;
                data[start..start + block.len_bytes as usize].copy_from_slice(&block.bytes()?);
            }
        }
        Ok(())
    }

    unsafe fn segments(self, snapshot: &Snapshot) -> Result<()> {
        // SAFETY: by the contract of the block.
        unsafe {
            let instance = self.instance.as_ref();
            let (data, elements) = (&instance.parts.data, &instance.parts.elements);
            ensure!(data.len() == snapshot.dropped_data.len(), count("data segments"));
            ensure!(elements.len() == snapshot.dropped_elements.len(), count("element segments"));
            let lengths = data.iter().map(|it| it.len).chain(elements.iter().map(|it| it.len));
            let flags = snapshot.dropped_data.iter().chain(&snapshot.dropped_elements);
            ensure!(
                lengths.zip(flags).all(|(len, &dropped)| dropped || len > 0),
                SnapshotError::mismatch("an empty segment is not dropped")
            );
            let context = &instance.context;
            let dropped = |flags: &'_ [bool]| -> Vec<usize> { (0..flags.len()).filter(|&at| flags[at]).collect() };
            for at in dropped(&snapshot.dropped_data) {
                context.data_drop(DataIndex::new(at as u32));
            }
            for at in dropped(&snapshot.dropped_elements) {
                context.elem_drop(ElemIndex::new(at as u32));
            }
        }
        Ok(())
    }
}

fn count(what: &str) -> SnapshotError {
    SnapshotError::mismatch(format!("the module has another number of {what}"))
}
