//! From the frames of running code to a snapshot.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter;
use std::ptr::NonNull;
use std::slice;

use riser_interp::Resumes;
use riser_tiers_core::{FramePc, FrameValues, FuncInst, Memory, PolledFrame, RawFrame, StoreContext, Table};
use riser_translator::frame_map::{FrameMap, Place as Operand};
use riser_translator::local_writes::LocalWrites;
use riser_translator::safepoint::SafepointMap;
use riser_translator::sink::LINK_SLOTS;
use riser_translator::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, ValType};

use super::{MemoryImage, Place, Snapshot, SnapshotError, Stop, StoredFrame, StoredValue, TableImage};
use crate::instance::InstanceData;
use crate::module::Module;
use crate::observe::{Functions, Poll};
use crate::store::StoreCore;

type Result<T> = std::result::Result<T, SnapshotError>;

/// Takes a snapshot at the safepoint of a poll. Also returns the end of the frame that polls, if it is known.
///
/// # Safety
///
/// `core` is a living store, none of whose objects is borrowed, and whose code polls, at a safepoint.
pub(super) unsafe fn capture(core: NonNull<StoreCore>, poll: Poll<'_>) -> (Result<Snapshot>, Option<*mut u64>) {
    // SAFETY: by the contract of this function.
    unsafe {
        match poll.frame(&mut Functions::default()) {
            Err(error) => (Err(error.into()), None),
            Ok(None) => (Err(SnapshotError::Translation("its code has no such safepoint".to_owned())), None),
            Ok(Some(frame)) => {
                let end = frame.operands.as_ptr_range().end.cast_mut();
                (snapshot(core, &frame), Some(end))
            }
        }
    }
}

/// Takes a snapshot at the safepoint of `frame`.
///
/// # Safety
///
/// As for [`capture`]; the frame is the one that polls.
unsafe fn snapshot(core: NonNull<StoreCore>, frame: &PolledFrame<'_>) -> Result<Snapshot> {
    // SAFETY: by the contract of this function. No code runs meanwhile, so that the store can be read.
    unsafe {
        let (reported, _) = StoreContext::reported(&raw mut (*core.as_ptr()).context, usize::MAX, frame.report);
        let core = core.as_ref();
        let instances = core.objects.instances.len();
        let Some(instance) = InstanceData::of(&*frame.func).filter(|_| instances == 1) else {
            return Err(SnapshotError::Instances(instances));
        };
        Reader::new(core, instance).snapshot(frame, &reported)
    }
}

/// Takes a snapshot of an instance while no code of its store runs: one without frames.
pub(crate) fn idle(core: &StoreCore, instance: &InstanceData) -> Result<Snapshot> {
    let instances = core.objects.instances.len();
    if core.has_frames() {
        return Err(SnapshotError::Running);
    }
    if instances != 1 {
        return Err(SnapshotError::Instances(instances));
    }
    Reader::new(core, instance).with_frames(Vec::new())
}

/// What is known of the frames of a function.
struct Function {
    map: FrameMap,
    /// Where its code continues behind calls: of the code that does not count, and of the code that counts.
    ways_back: [Option<Resumes>; 2],
    /// For each slot of the locals, the position after which it may have been written.
    begins: Option<Vec<u32>>,
}

impl Function {
    fn of(module: &Module, function: FuncIndex) -> Result<Function> {
        Ok(Function { map: FrameMap::of(module.parsed(), function)?, ways_back: [None, None], begins: None })
    }

    /// For each slot of the function's locals, the position after which it may have been written. Before that it is zero.
    fn begins(&mut self, module: &Module, function: FuncIndex) -> &[u32] {
        let SafepointMap { locals, frame, .. } = &self.map.safepoints;
        self.begins.get_or_insert_with(|| {
            let mut of_locals = vec![u32::MAX; locals.len()];
            for &(position, local) in LocalWrites::of(module.info(), function).begins() {
                of_locals[local as usize] = position;
            }
            let slots = locals.iter().zip(of_locals).flat_map(|(ty, begin)| iter::repeat_n(begin, ty.slots() as usize));
            let mut begins: Vec<u32> = slots.collect();
            begins[..frame.params as usize].fill(0);
            begins
        })
    }

    /// Where the register interpreter's code of the function, `func`, continues behind calls.
    fn ways_back(&mut self, module: &Module, func: &FuncInst, counted: bool) -> Result<&Resumes> {
        let place = &mut self.ways_back[usize::from(counted)];
        if place.is_none() {
            *place = Some(module.resumes(func.defined_index(module.info()), counted)?);
        }
        Ok(place.as_ref().expect("just set"))
    }
}

/// The slots of a frame.
struct Slots {
    params: *const u64,
    locals: *const u64,
    operands: *const u64,
}

/// Reads the state of an instance whose code is stopped.
struct Reader<'a> {
    core: &'a StoreCore,
    instance: &'a InstanceData,
    functions: HashMap<FuncIndex, Function>,
    /// The indices of the functions that the instance imports: of each, the first one.
    imported: HashMap<*const FuncInst, FuncIndex>,
}

impl<'a> Reader<'a> {
    fn new(core: &'a StoreCore, instance: &'a InstanceData) -> Reader<'a> {
        let imported = &instance.parts.functions[..instance.context.imported_functions as usize];
        let imported = imported.iter().copied().zip(FuncIndex::first(imported.len())).rev().collect();
        Reader { core, instance, functions: HashMap::new(), imported }
    }
}

impl Reader<'_> {
    /// # Safety
    ///
    /// The frames are those of the instance's code that is stopped: `innermost` is the first of `reported`.
    unsafe fn snapshot(mut self, innermost: &PolledFrame<'_>, reported: &[RawFrame]) -> Result<Snapshot> {
        self.check_frames(reported)?;
        let mut frames = Vec::with_capacity(reported.len());
        for frame in reported.get(1..).unwrap_or_default().iter().rev() {
            // SAFETY: by the contract of this function.
            frames.push(unsafe { self.outer(frame)? });
        }
        // SAFETY: as above.
        frames.push(unsafe { self.innermost(innermost)? });
        self.with_frames(frames)
    }

    /// The instance's state, with these frames.
    fn with_frames(&self, frames: Vec<StoredFrame>) -> Result<Snapshot> {
        let module = self.instance.module();
        let globals = self.globals()?;
        let tables = self.tables()?;
        let memories = self.memories()?;
        let has_fuel = self.core.engine.config().translator.fuel;
        Ok(Snapshot {
            module: module.id().clone(),
            code: None,
            frames,
            globals,
            tables,
            memories,
            dropped_data: self.instance.parts.data.iter().map(|segment| segment.len == 0).collect(),
            dropped_elements: self.instance.parts.elements.iter().map(|segment| segment.len == 0).collect(),
            fuel: has_fuel.then_some(self.core.fuel_left()),
            sections: Vec::new(),
            sealed: Default::default(),
        })
    }

    /// Checks that these are all frames of the store, and that their values are known.
    fn check_frames(&self, frames: &[RawFrame]) -> Result<()> {
        // SAFETY: frames are those of functions of the store.
        let function = |frame: &RawFrame| unsafe { (*frame.func).func_index() };
        let Some(outermost) = frames.last() else {
            return Err(SnapshotError::Translation("no frame was reported".to_owned()));
        };
        // A call that is suspended has frames on stacks of its own.
        if self.core.context.host_calls > 1 || self.core.context.has_own_stacks() {
            return Err(SnapshotError::FramesBelow { function: function(outermost) });
        }
        match frames.iter().find(|frame| matches!(frame.values, FrameValues::Unknown)) {
            Some(frame) => Err(self.compiled(function(frame))),
            None => Ok(()),
        }
    }

    fn compiled(&self, function: FuncIndex) -> SnapshotError {
        SnapshotError::CompiledFrame { function, mode: self.instance.mode().name() }
    }

    fn function(&mut self, function: FuncIndex) -> Result<&mut Function> {
        match self.functions.entry(function) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(Function::of(self.instance.module(), function)?)),
        }
    }

    /// The frame that polls.
    ///
    /// # Safety
    ///
    /// It is a frame of the instance's code.
    unsafe fn innermost(&mut self, frame: &PolledFrame<'_>) -> Result<StoredFrame> {
        // SAFETY: by the contract of this function.
        let function = unsafe { (*frame.func).func_index() };
        let known = &self.function(function)?.map.safepoints;
        let site = known.find(frame.kind, frame.offset);
        let (types, operands) = (known.locals.clone(), site.map(|site| site.operands.clone()).unwrap_or_default());
        let place = Place::Frame(function);
        if operands.contains(&ValType::ExnRef) {
            return Err(SnapshotError::Exception(place));
        }
        let locals: Vec<u64> = frame.params.iter().chain(frame.locals).copied().collect();
        Ok(StoredFrame {
            function,
            offset: frame.offset,
            stop: Stop::Safepoint(frame.kind),
            locals: self.values(&types, &locals, place)?,
            operands: self.values(&operands, frame.operands, place)?,
        })
    }

    /// A frame that has called.
    ///
    /// # Safety
    ///
    /// It is a frame of the instance's code, whose values are known.
    unsafe fn outer(&mut self, frame: &RawFrame) -> Result<StoredFrame> {
        // SAFETY: by the contract of this function.
        let func = unsafe { &*frame.func };
        let function = func.func_index();
        let module = self.instance.module();
        let place = Place::Frame(function);
        let known = self.function(function)?;
        let layout = known.map.frame();
        let (offset, shift) = match frame.pc {
            FramePc::Wasm(offset) => (Some(offset), 0),
            FramePc::Code { counted, word } => {
                let ways_back = known.ways_back(module, func, counted)?;
                (ways_back.call_before(word + 1), ways_back.shift)
            }
        };
        let Some(site) = offset.and_then(|offset| known.map.call(offset)) else {
            return Err(SnapshotError::Translation(format!("function {function} does not call where its frame is")));
        };
        let (site, types) = (site.clone(), known.map.safepoints.locals.clone());
        let slots = match frame.values {
            FrameValues::Unknown => return Err(self.compiled(function)),
            FrameValues::Frame(fp) | FrameValues::Copy(fp) => Slots {
                params: fp,
                locals: fp.wrapping_add((layout.link().0 + LINK_SLOTS + shift) as usize),
                operands: fp.wrapping_add((layout.temp(0).0 + shift) as usize),
            },
            FrameValues::Slots { locals, operands } => {
                Slots { params: locals, locals: locals.wrapping_add(layout.params as usize), operands }
            }
        };
        let is_copy = matches!(frame.values, FrameValues::Copy(_));
        let begins = if is_copy { self.function(function)?.begins(module, function) } else { &[] };
        let local = |slot: u32| {
            // A copy ends with the last slot that code stores: nothing is read that is not stored.
            if begins.get(slot as usize).is_some_and(|&begin| begin >= site.offset) {
                return 0;
            }
            // SAFETY: the layout of a frame is the one that the map says.
            unsafe {
                match slot.checked_sub(layout.params) {
                    None => *slots.params.add(slot as usize),
                    Some(slot) => *slots.locals.add(slot as usize),
                }
            }
        };
        let locals: Vec<u64> = (0..layout.locals).map(local).collect();
        let mut operands = Vec::with_capacity(site.operands.len());
        let mut height = 0;
        for operand in &site.operands {
            if operand.ty == ValType::ExnRef {
                return Err(SnapshotError::Exception(place));
            }
            let len = operand.ty.slots() as usize;
            let constant;
            let bits = match operand.place {
                // SAFETY: as above; a call's operands are live while the callee runs.
                Operand::Home => unsafe { slice::from_raw_parts(slots.operands.add(height), len) },
                Operand::Local(at) => &locals[at as usize..],
                Operand::Const(bits) => {
                    constant = [bits, 0];
                    &constant
                }
            };
            operands.push(self.value(operand.ty, bits, place)?);
            height += len;
        }
        let locals = self.values(&types, &locals, place)?;
        Ok(StoredFrame { function, offset: site.offset, stop: Stop::Call, locals, operands })
    }

    /// Values of the given types, in consecutive slots.
    fn values(&self, types: &[ValType], slots: &[u64], place: Place) -> Result<Vec<StoredValue>> {
        let mut at = 0;
        let value = |ty: &ValType| {
            let value = self.value(*ty, &slots[at..], place)?;
            at += ty.slots() as usize;
            Ok(value)
        };
        types.iter().map(value).collect()
    }

    /// The value of a type whose slots these begin with.
    fn value(&self, ty: ValType, slots: &[u64], place: Place) -> Result<StoredValue> {
        let bits = slots[0];
        Ok(match ty {
            ValType::I32 => StoredValue::I32(bits as u32),
            ValType::F32 => StoredValue::F32(bits as u32),
            ValType::I64 => StoredValue::I64(bits),
            ValType::F64 => StoredValue::F64(bits),
            ValType::V128 => StoredValue::V128(u128::from(slots[1]) << 64 | u128::from(bits)),
            ValType::FuncRef => StoredValue::FuncRef(self.reference(bits, place)?),
            ValType::ExternRef if bits == 0 => StoredValue::NullExtern,
            ValType::ExternRef => return Err(SnapshotError::HostValue(place)),
            ValType::ExnRef if bits == 0 => StoredValue::NullExn,
            ValType::ExnRef => return Err(SnapshotError::Exception(place)),
        })
    }

    /// The function that a funcref is to.
    fn reference(&self, bits: u64, place: Place) -> Result<Option<FuncIndex>> {
        let func = bits as *const FuncInst;
        if func.is_null() {
            return Ok(None);
        }
        // SAFETY: a funcref is to a function of the store.
        if unsafe { (*func).context }.cast_const() == &raw const self.instance.context {
            // SAFETY: as above.
            return Ok(Some(unsafe { (*func).func_index() }));
        }
        self.imported.get(&func).copied().map(Some).ok_or(SnapshotError::ForeignFunction(place))
    }

    fn globals(&self) -> Result<Vec<StoredValue>> {
        let globals = &self.instance.parts.globals;
        // SAFETY: an instance's objects are alive, and no code runs.
        let globals = globals.iter().map(|&global| unsafe { &*global }).zip(GlobalIndex::first(globals.len()));
        let values = globals.map(|(global, index)| self.value(global.ty.content, &global.slots, Place::Global(index)));
        values.collect()
    }

    fn tables(&self) -> Result<Vec<TableImage>> {
        let tables = &self.instance.parts.tables;
        // SAFETY: as for globals.
        let tables = tables.iter().map(|&table| unsafe { &*table }).zip(TableIndex::first(tables.len()));
        tables.map(|(table, index)| self.table(table, index)).collect()
    }

    fn table(&self, table: &Table, index: TableIndex) -> Result<TableImage> {
        let element = table.ty().element;
        let mut functions = Vec::with_capacity(table.elements().len());
        for (at, &bits) in table.elements().iter().enumerate() {
            functions.push(match self.value(element, &[bits], Place::Table(index, at as u64))? {
                StoredValue::FuncRef(function) => function,
                StoredValue::NullExtern | StoredValue::NullExn => None,
                StoredValue::I32(_)
                | StoredValue::I64(_)
                | StoredValue::F32(_)
                | StoredValue::F64(_)
                | StoredValue::V128(_) => unreachable!("tables hold references"),
            });
        }
        Ok(TableImage::of(element, &functions))
    }

    fn memories(&self) -> Result<Vec<MemoryImage>> {
        let memories = &self.instance.parts.memories;
        // SAFETY: as for globals.
        let memories = memories.iter().map(|&memory| unsafe { &*memory }).zip(MemoryIndex::first(memories.len()));
        let image = |(memory, index): (&Memory, MemoryIndex)| match memory.shared() {
            Some(_) => Err(SnapshotError::SharedMemory(index)),
            None => Ok(MemoryImage::of(memory.data())),
        };
        memories.map(image).collect()
    }
}
