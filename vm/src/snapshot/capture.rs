//! From the frames of running code to a snapshot.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter;
use std::ptr::{self, NonNull};
use std::slice;

use riser_interp::Resumes;
use riser_tiers_core::{
    Exception, FramePc, FrameValues, FuncInst, Global, Memory, PolledFrame, RawFrame, StoreContext, Table, TagInst,
};
use riser_translator::frame_map::{FrameMap, Place as Operand};
use riser_translator::local_writes::LocalWrites;
use riser_translator::safepoint::SafepointMap;
use riser_translator::sink::LINK_SLOTS;
use riser_translator::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, ValType};

use super::{MemoryImage, Place, Snapshot, SnapshotError, Stop, StoredException, StoredFrame, StoredValue, TableImage};
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
    /// As in [`FrameValues::Slots`].
    kept: Option<*const u64>,
}

/// An exception that something refers to.
#[derive(Clone, Copy)]
struct Found {
    exception: *const Exception,
    tag: TagIndex,
}

/// Reads the state of an instance whose code is stopped.
struct Reader<'a> {
    core: &'a StoreCore,
    instance: &'a InstanceData,
    functions: HashMap<FuncIndex, Function>,
    /// The indices of the functions that the instance imports: of each, the first one.
    imported: HashMap<*const FuncInst, FuncIndex>,
    /// The indices of the instance's tags: of each, the first one.
    tags: HashMap<*const TagInst, TagIndex>,
    /// The exceptions that have been found. References are to these until the snapshot is whole.
    exceptions: Vec<Found>,
    /// Their numbers.
    numbers: HashMap<*const Exception, u32>,
    /// The bytes of the values of the host that have been found.
    externs: Vec<Vec<u8>>,
    /// The numbers of these values by the slot bits of references.
    extern_numbers: HashMap<u64, u32>,
}

impl<'a> Reader<'a> {
    fn new(core: &'a StoreCore, instance: &'a InstanceData) -> Reader<'a> {
        let imported = &instance.parts.functions[..instance.context.imported_functions as usize];
        let imported = imported.iter().copied().zip(FuncIndex::first(imported.len())).rev().collect();
        let tags = &instance.parts.tags;
        let tags = tags.iter().copied().zip(TagIndex::first(tags.len())).rev().collect();
        Reader {
            core,
            instance,
            functions: HashMap::new(),
            imported,
            tags,
            exceptions: Vec::new(),
            numbers: HashMap::new(),
            externs: Vec::new(),
            extern_numbers: HashMap::new(),
        }
    }

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
    fn with_frames(mut self, frames: Vec<StoredFrame>) -> Result<Snapshot> {
        let module = self.instance.module();
        let globals = self.globals()?;
        let tables = self.tables()?;
        let memories = self.memories()?;
        let exceptions = self.exceptions()?;
        let has_fuel = self.core.engine.config().translator.fuel;
        let mut snapshot = Snapshot {
            module: module.id().clone(),
            code: None,
            externs: self.externs,
            exceptions,
            frames,
            globals,
            tables,
            memories,
            dropped_data: self.instance.parts.data.iter().map(|segment| segment.len == 0).collect(),
            dropped_elements: self.instance.parts.elements.iter().map(|segment| segment.len == 0).collect(),
            fuel: has_fuel.then_some(self.core.fuel_left()),
            sections: Vec::new(),
            sealed: Default::default(),
        };
        let mut externs: Vec<(u64, u32)> = self.extern_numbers.into_iter().collect();
        externs.sort_unstable();
        let externs: Vec<usize> = externs.into_iter().map(|(_, number)| number as usize).collect();
        // In the order in which they were made, each refers only to those before it.
        let mut exceptions: Vec<usize> = (0..self.exceptions.len()).collect();
        // SAFETY: exceptions that something refers to are alive.
        exceptions.sort_by_key(|&at| unsafe { Exception::serial(self.exceptions[at].exception) });
        snapshot.put_in_order(&externs, &exceptions);
        Ok(snapshot)
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
        let types = known.locals.clone();
        let Some(site) = known.find(frame.kind, frame.offset).cloned() else {
            return Err(SnapshotError::Translation(format!("function {function} has no safepoint where its frame is")));
        };
        let place = Place::Frame(function);
        let locals: Vec<u64> = frame.params.iter().chain(frame.locals).copied().collect();
        let mut operands = frame.operands.to_vec();
        site.kept.insert(frame.kept, &mut operands);
        Ok(StoredFrame {
            function,
            offset: frame.offset,
            stop: Stop::Safepoint(frame.kind),
            locals: self.values(&types, &locals, place)?,
            operands: self.values(&site.operands, &operands, place)?,
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
                kept: None,
            },
            FrameValues::Slots { locals, operands, kept } => {
                Slots { params: locals, locals: locals.wrapping_add(layout.params as usize), operands, kept }
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
        // The slots of the operands below: as the map counts them, and those that are there.
        let (mut height, mut there) = (0, 0);
        for operand in &site.operands {
            let len = operand.ty.slots();
            let constant;
            let bits = if let (Some(first), Ok(number)) = (slots.kept, site.kept.0.binary_search(&height)) {
                // SAFETY: a handler that is running keeps its reference in its slot.
                unsafe { slice::from_raw_parts(first.add(number), 1) }
            } else {
                let at = there as usize;
                there += len;
                match operand.place {
                    // SAFETY: as above; a call's operands are live while the callee runs.
                    Operand::Home => unsafe { slice::from_raw_parts(slots.operands.add(at), len as usize) },
                    Operand::Local(at) => &locals[at as usize..],
                    Operand::Const(bits) => {
                        constant = [bits, 0];
                        &constant
                    }
                }
            };
            operands.push(self.value(operand.ty, bits, place)?);
            height += len;
        }
        let locals = self.values(&types, &locals, place)?;
        Ok(StoredFrame { function, offset: site.offset, stop: Stop::Call, locals, operands })
    }

    /// Values of the given types, in consecutive slots.
    fn values(&mut self, types: &[ValType], slots: &[u64], place: Place) -> Result<Vec<StoredValue>> {
        let mut at = 0;
        let value = |ty: &ValType| {
            let value = self.value(*ty, &slots[at..], place)?;
            at += ty.slots() as usize;
            Ok(value)
        };
        types.iter().map(value).collect()
    }

    /// The value of a type whose slots these begin with.
    fn value(&mut self, ty: ValType, slots: &[u64], place: Place) -> Result<StoredValue> {
        let bits = slots[0];
        Ok(match ty {
            ValType::I32 => StoredValue::I32(bits as u32),
            ValType::F32 => StoredValue::F32(bits as u32),
            ValType::I64 => StoredValue::I64(bits),
            ValType::F64 => StoredValue::F64(bits),
            ValType::V128 => StoredValue::V128(u128::from(slots[1]) << 64 | u128::from(bits)),
            ValType::FuncRef => StoredValue::FuncRef(self.reference(bits, place)?),
            ValType::ExternRef => StoredValue::ExternRef(self.host_value(bits, place)?),
            ValType::ExnRef => StoredValue::ExnRef(self.exception(bits, place)?),
        })
    }

    /// The number of the value of the host that an externref is to, which is noted.
    fn host_value(&mut self, bits: u64, place: Place) -> Result<Option<u32>> {
        let Some(at) = (bits as usize).checked_sub(1) else { return Ok(None) };
        if let Some(&number) = self.extern_numbers.get(&bits) {
            return Ok(Some(number));
        }
        let found = self.core.extern_codec.as_ref().zip(self.core.externs.get(at));
        let (codec, value) = found.ok_or(SnapshotError::HostValue(place))?;
        let bytes = codec.encode(&**value);
        let number = self.externs.len() as u32;
        self.externs.push(bytes.map_err(|error| SnapshotError::Encoding { place, why: format!("{error:#}") })?);
        self.extern_numbers.insert(bits, number);
        Ok(Some(number))
    }

    /// The number of the exception that an exnref is to, which is noted.
    fn exception(&mut self, bits: u64, place: Place) -> Result<Option<u32>> {
        let exception = ptr::with_exposed_provenance::<Exception>(bits as usize);
        if exception.is_null() {
            return Ok(None);
        }
        if let Some(&number) = self.numbers.get(&exception) {
            return Ok(Some(number));
        }
        // SAFETY: an exnref is to an exception that is alive.
        let tag = unsafe { (*exception).tag };
        let tag = self.tags.get(&tag).copied().ok_or(SnapshotError::ForeignTag(place))?;
        let number = self.exceptions.len() as u32;
        self.exceptions.push(Found { exception, tag });
        self.numbers.insert(exception, number);
        Ok(Some(number))
    }

    /// The exceptions that have been found, and those that their payloads refer to.
    fn exceptions(&mut self) -> Result<Vec<StoredException>> {
        let module = self.instance.module();
        let mut stored = Vec::with_capacity(self.exceptions.len());
        while let Some(&Found { exception, tag }) = self.exceptions.get(stored.len()) {
            let types = module.info().tag_type(tag).params();
            // SAFETY: the exception is alive, and nothing runs that would end it.
            let payload = self.values(types, unsafe { Exception::values(exception) }, Place::Payload(tag))?;
            stored.push(StoredException { tag, payload });
        }
        Ok(stored)
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

    fn globals(&mut self) -> Result<Vec<StoredValue>> {
        let globals = &self.instance.parts.globals;
        // SAFETY: an instance's objects are alive, and no code runs.
        let globals = globals.iter().map(|&global| unsafe { &*global }).zip(GlobalIndex::first(globals.len()));
        let value = |(global, index): (&Global, GlobalIndex)| {
            let value = self.value(global.ty.content, &global.slots, Place::Global(index))?;
            // Whoever provides the import has made it.
            if !global.ty.mutable && matches!(value, StoredValue::ExternRef(Some(_)) | StoredValue::ExnRef(Some(_))) {
                return Err(SnapshotError::Constant(index));
            }
            Ok(value)
        };
        globals.map(value).collect()
    }

    fn tables(&mut self) -> Result<Vec<TableImage>> {
        let tables = &self.instance.parts.tables;
        // SAFETY: as for globals.
        let tables = tables.iter().map(|&table| unsafe { &*table }).zip(TableIndex::first(tables.len()));
        tables.map(|(table, index)| self.table(table, index)).collect()
    }

    fn table(&mut self, table: &Table, index: TableIndex) -> Result<TableImage> {
        let element = table.ty().element;
        let mut references = Vec::with_capacity(table.elements().len());
        for (at, &bits) in table.elements().iter().enumerate() {
            references.push(self.value(element, &[bits], Place::Table(index, at as u64))?.reference());
        }
        Ok(TableImage::of(element, &references))
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
