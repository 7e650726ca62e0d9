//! Instantiation (core spec, section 4.5.4).
//!
//! In the order of the specification: imports are matched, objects allocated and
//! initialised, active element segments and then active data segments copied, and
//! the start function called. An instance whose segments or start function trap
//! stays in the store, because other instances may have its functions by then.

mod imports;

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use anyhow::{Result, bail};
use riser_tiers_core as plug;
use riser_tiers_core::{FuncInst, Segment};
use riser_translator::module::{ConstExpr, ConstOp, ElementItems, ModuleInfo, SegmentMode};
use riser_translator::{DataIndex, ElemIndex, FuncIndex, GlobalIndex};

use crate::config::Pooled;
use crate::instance::{InstanceData, Parts};
use crate::store::{Handle, OfModule, StoreCore};
use crate::{Engine, Extern, Func, Instance, Module, StoreContextMut, tiering};

pub(crate) use imports::{check_import, describe};

/// Instantiates `module` with `imports`, in the order of the module's imports; see [`Instance::new`].
pub(crate) fn instantiate<T>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    let (instance, start) = begin(store, module, imports)?;
    if let Some(start) = start {
        start.call(store, &[], &mut [])?;
    }
    Ok(instance)
}

/// As [`instantiate`], as a future.
#[cfg(feature = "async")]
pub(crate) async fn instantiate_async<T>(
    mut store: StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    let (instance, start) = begin(&mut store, module, imports)?;
    if let Some(start) = start {
        start.call_async(store, &[], &mut []).await?;
    }
    Ok(instance)
}

/// As [`instantiate`], but returns the start function instead of calling it.
fn begin<T>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<(Instance, Option<Func>)> {
    let handle = allocate_unused(store, module, imports)?;
    let instance = handle.0.address(store.core());
    // SAFETY: the instance is of this store, and no reference into the store is in use.
    let start = unsafe {
        let context = &raw const (*instance.as_ptr()).context;
        initialize(&*context, module.info())?;
        module.info().start.map(|start| NonNull::new_unchecked((*context).function(start).cast_mut()))
    };
    Ok((handle, start.map(|start| Func::from_address(store.core().id, start))))
}

/// As [`instantiate`], but without copying segments and without calling the start function.
pub(crate) fn allocate_unused<T>(
    store: &mut StoreContextMut<'_, T>,
    module: &Module,
    imports: &[Extern],
) -> Result<Instance> {
    let core = store.core_mut();
    check_engine(core, module)?;
    imports::check_all(core, module, imports)?;
    imports::name_host_functions(core, module, imports);
    let count = core.objects.instances.len();
    if count >= core.growth.instances {
        bail!("resource limit exceeded: instance count too high at {}", count + 1);
    }

    let instance = core.pooled(Pooled::Instance, |core| {
        core.reserve_stack()?;
        allocate(core, module, imports)
    })?;
    Ok(Instance(Handle::new(core.id, instance)))
}

/// Checks that a module can be instantiated in a store: that both belong to one engine.
pub(crate) fn check_engine(core: &StoreCore, module: &Module) -> Result<()> {
    if !Engine::same(&core.engine, module.engine()) {
        bail!("cross-`Engine` instantiation is not currently supported");
    }
    Ok(())
}

/// Puts a new instance into the store, with all its objects.
fn allocate(core: &mut StoreCore, module: &Module, imports: &[Extern]) -> Result<NonNull<InstanceData>> {
    let (parts, memory0) = parts(core, module, imports)?;
    let context = context(core, module, &parts, memory0);
    let number = core.objects.instances.len() as u32;
    let data = InstanceData::new(number, module.clone(), module.default_mode(), context, parts);
    let instance = core.objects.instances.add(data);
    // SAFETY: just added; nothing else refers to it yet.
    unsafe { link(instance) };
    let of_module = core.objects.by_module.entry(Arc::as_ptr(module.info()));
    of_module.and_modify(|it| it.has_others = true).or_insert(OfModule { first: instance, has_others: false });
    Ok(instance)
}

/// Puts the objects of a new instance into the store. Returns its index spaces, and the memory that its code calls memory 0.
fn parts(core: &mut StoreCore, module: &Module, imports: &[Extern]) -> Result<(Parts, *mut plug::Memory)> {
    let info = &**module.info();
    let mut parts = Imported::new(core, info, imports);

    for ty in &info.memories[info.imported_memories as usize..] {
        parts.memories.push(core.add_memory(*ty)?.as_ptr());
    }
    let memory0 = match parts.memories.first() {
        Some(&memory) => memory,
        None => core.no_memory()?.as_ptr(),
    };
    // All that may fail comes first. The store keeps what it was given, and a core dump shows that: it must not refer to functions of an
    // instance that there is not.
    let mut tables: Vec<NonNull<plug::Table>> = Vec::new();
    for ty in &info.tables[info.imported_tables as usize..] {
        tables.push(core.add_table(*ty, 0)?);
    }
    parts.tables.extend(tables.iter().map(|table| table.as_ptr()));
    let functions = defined_functions(module);
    // The functions' addresses are final: the slice stays where it is when its box moves.
    parts.functions.extend(functions.iter().map(ptr::from_ref));
    for (init, ty) in info.global_inits.iter().zip(&info.globals[info.imported_globals as usize..]) {
        let value = parts.evaluate_slots(init);
        parts.globals.push(core.objects.globals.add(plug::Global::new(*ty, value)).as_ptr());
    }
    for (init, table) in info.table_inits.iter().zip(tables) {
        if let Some(init) = init {
            // SAFETY: just added; nothing else refers to it yet.
            unsafe { &mut *table.as_ptr() }.elements_mut().fill(parts.evaluate(init));
        }
    }
    for ty in &info.tags[info.imported_tags as usize..] {
        parts.tags.push(core.add_tag(info.ty(*ty).clone()).as_ptr());
    }
    let element_items: Box<[Box<[u64]>]> = info
        .elements
        .iter()
        .map(|segment| match &segment.items {
            ElementItems::Functions(functions) => functions.iter().map(|&index| parts.reference(index)).collect(),
            ElementItems::Expressions(items) => items.iter().map(|item| parts.evaluate(item)).collect(),
        })
        .collect();

    let parts = Parts {
        defined: functions,
        functions: parts.functions.into(),
        tables: parts.tables.into(),
        memories: parts.memories.into(),
        globals: parts.globals.into(),
        tags: parts.tags.into(),
        data: info.data.iter().map(|segment| Segment::new(bytes(info, &segment.range))).collect(),
        elements: element_items.iter().map(|items| Segment::new(items)).collect(),
        _element_items: element_items,
    };
    Ok((parts, memory0))
}

/// The block that an instance's code works with. What is in the instance itself, [`link`] adds.
fn context(core: &StoreCore, module: &Module, parts: &Parts, memory0: *mut plug::Memory) -> plug::Context {
    plug::Context {
        memory0,
        // SAFETY: memories of the store live as long as it does.
        memory0_base: unsafe { (*memory0).fixed_base() }.unwrap_or(ptr::null_mut()),
        defined: parts.defined.as_ptr(),
        stack_limit: core.context.stack_limit,
        globals: parts.globals.as_ptr(),
        functions: parts.functions.as_ptr(),
        tables: parts.tables.as_ptr(),
        memories: parts.memories.as_ptr(),
        tags: parts.tags.as_ptr(),
        type_ids: module.type_ids().as_ptr(),
        store: core.context.owner.cast(),
        data: ptr::null_mut(),
        elements: ptr::null_mut(),
        imported_functions: module.info().imported_functions,
        owner: ptr::null(),
    }
}

/// Links an instance that is in its place: its context with its parts, and its functions with the context.
///
/// # Safety
///
/// Nothing else refers to the instance yet.
unsafe fn link(instance: NonNull<InstanceData>) {
    // SAFETY: by the contract of this function.
    let data = unsafe { &mut *instance.as_ptr() };
    data.context.data = data.parts.data.as_mut_ptr();
    data.context.elements = data.parts.elements.as_mut_ptr();
    data.context.owner = instance.as_ptr().cast_const().cast();
    let context = &raw mut data.context;
    for func in &mut data.parts.defined {
        func.context = context;
        func.store = data.context.store;
    }
    data.context.defined = data.parts.defined.as_ptr();
    for func in data.defined() {
        tiering::assign(data, func);
    }
}

/// Returns the functions that the module defines, not linked to an instance yet.
fn defined_functions(module: &Module) -> Box<[FuncInst]> {
    let info = module.info();
    info.defined_functions()
        .map(|function| {
            let (type_index, ty) = (info.type_index(function), info.func_type(function));
            FuncInst {
                entry: Cell::new(riser_interp::ENTRY),
                code: Cell::new(ptr::null()),
                context: ptr::null_mut(),
                tier_data: Cell::new(ptr::null()),
                native: Cell::new(ptr::null()),
                native_context: Cell::new(ptr::null()),
                store: ptr::null_mut(),
                type_id: module.type_ids()[type_index.index()],
                index: function.as_u32(),
                param_slots: ty.param_slots(),
                result_slots: ty.result_slots(),
            }
        })
        .collect()
}

fn bytes<'a>(info: &'a ModuleInfo, range: &std::ops::Range<u32>) -> &'a [u8] {
    &info.bytes[range.start as usize..range.end as usize]
}

/// Copies the active segments, and drops the active and the declarative ones.
///
/// # Errors
///
/// If a segment does not fit.
///
/// # Safety
///
/// The context is that of a new instance of `info` in a living store.
unsafe fn initialize(context: &plug::Context, info: &ModuleInfo) -> Result<()> {
    // SAFETY: the context is that of a new instance of `info`, whose indices are valid.
    unsafe {
        let offset =
            |expr| evaluate(expr, |index| (*context.global(index)).slots, |index| context.function(index) as u64)[0];
        for (segment, index) in info.elements.iter().zip(ElemIndex::first(info.elements.len())) {
            if let SegmentMode::Active { target, offset: at } = &segment.mode {
                let len = (*context.elements.add(index.index())).len;
                context.table_init(*target, index, offset(at), 0, len)?;
            }
            if !matches!(segment.mode, SegmentMode::Passive) {
                context.elem_drop(index);
            }
        }
        for (segment, index) in info.data.iter().zip(DataIndex::first(info.data.len())) {
            if let SegmentMode::Active { target, offset: at } = &segment.mode {
                let len = (*context.data.add(index.index())).len;
                context.memory_init(*target, index, offset(at), 0, len)?;
                context.data_drop(index);
            }
        }
    }
    Ok(())
}

/// An instance's index spaces while they are filled, imports first.
struct Imported {
    functions: Vec<*const FuncInst>,
    tables: Vec<*mut plug::Table>,
    memories: Vec<*mut plug::Memory>,
    globals: Vec<*mut plug::Global>,
    tags: Vec<*const plug::TagInst>,
}

impl Imported {
    fn new(core: &mut StoreCore, info: &ModuleInfo, imports: &[Extern]) -> Imported {
        let mut spaces = Imported {
            functions: Vec::with_capacity(info.functions.len()),
            tables: Vec::with_capacity(info.tables.len()),
            memories: Vec::with_capacity(info.memories.len()),
            globals: Vec::with_capacity(info.globals.len()),
            tags: Vec::with_capacity(info.tags.len()),
        };
        for import in imports {
            match import {
                Extern::Func(func) => spaces.functions.push(func.0.address(core).as_ptr()),
                Extern::Table(table) => spaces.tables.push(table.0.address(core).as_ptr()),
                Extern::Memory(memory) => spaces.memories.push(memory.0.address(core).as_ptr()),
                Extern::SharedMemory(memory) => spaces.memories.push(core.add_shared_memory(memory).as_ptr()),
                Extern::Global(global) => spaces.globals.push(global.0.address(core).as_ptr()),
                Extern::Tag(tag) => spaces.tags.push(tag.0.address(core).as_ptr()),
            }
        }
        spaces
    }

    /// Returns the bits of a reference to a function.
    fn reference(&self, function: FuncIndex) -> u64 {
        self.functions[function.index()] as u64
    }

    /// Evaluates an expression of one slot.
    fn evaluate(&self, expr: &ConstExpr) -> u64 {
        self.evaluate_slots(expr)[0]
    }

    /// Evaluates an expression, into as many slots as its type has.
    fn evaluate_slots(&self, expr: &ConstExpr) -> [u64; 2] {
        // SAFETY: globals of the store live as long as it does.
        let global = |index: GlobalIndex| unsafe { (*self.globals[index.index()]).slots };
        evaluate(expr, global, |function| self.reference(function))
    }
}

/// Evaluates a constant expression (core spec, section 3.4.13). The second slot matters for vectors only.
fn evaluate(
    expr: &ConstExpr,
    global: impl Fn(GlobalIndex) -> [u64; 2],
    reference: impl Fn(FuncIndex) -> u64,
) -> [u64; 2] {
    let mut stack: Vec<[u64; 2]> = Vec::new();
    for op in expr {
        let mut arithmetic = |compute: fn(u64, u64) -> u64| {
            // Validated expressions have both operands, and leave one value.
            let [rhs, lhs] = [(); 2].map(|()| stack.pop().unwrap_or_default()[0]);
            [compute(lhs, rhs), 0]
        };
        let value = match *op {
            ConstOp::Value(bits) => [bits, 0],
            ConstOp::Vector(slots) => slots,
            ConstOp::GlobalGet(index) => global(index),
            ConstOp::RefFunc(index) => [reference(index), 0],
            ConstOp::I32Add => arithmetic(|lhs, rhs| u64::from((lhs as u32).wrapping_add(rhs as u32))),
            ConstOp::I32Sub => arithmetic(|lhs, rhs| u64::from((lhs as u32).wrapping_sub(rhs as u32))),
            ConstOp::I32Mul => arithmetic(|lhs, rhs| u64::from((lhs as u32).wrapping_mul(rhs as u32))),
            ConstOp::I64Add => arithmetic(u64::wrapping_add),
            ConstOp::I64Sub => arithmetic(u64::wrapping_sub),
            ConstOp::I64Mul => arithmetic(u64::wrapping_mul),
        };
        stack.push(value);
    }
    stack.pop().unwrap_or_default()
}
