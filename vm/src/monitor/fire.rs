//! Probes that fire: from a frame of running code to an event.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use riser_tiers_core as plug;
use riser_tiers_core::{Context, ProbedFrame, Status};
use riser_translator::probe::ProbeSite;
use riser_translator::probe_map::ProbeMap;
use riser_translator::sink::LINK_SLOTS;
use riser_translator::{FuncIndex, MemoryIndex};

use super::{Event, Values};
use crate::func::call::settle;
use crate::instance::InstanceData;
use crate::store::StoreCore;

/// The implementation of `StoreContext::probed`: see there.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed. The frame is one of its code, at the probe.
#[cold]
pub(crate) unsafe fn probed(store: *mut plug::StoreContext, frame: &ProbedFrame<'_>) -> Status {
    // SAFETY: by the contract of this function; a frame's function belongs to an instance.
    unsafe {
        let func = &*frame.func;
        let instance = &*(*func.context).owner.cast::<InstanceData>();
        let module = instance.module();
        let Some(map) = module.existing_probes(func.defined_index(module.info())) else { return Status::RETURNED };
        let Some(site) = map.sites.get(frame.probe) else { return Status::RETURNED };
        show(store, instance, func.func_index(), map, site, frame)
    }
}

/// As [`probed`], for code of the register interpreter with the frame at `fp`.
///
/// # Safety
///
/// `context` is that of an instance of a living store, none of whose objects is borrowed. Its code is at the probe, with
/// the frame at `fp`.
#[cold]
pub(crate) unsafe fn probed_at(context: *const Context, probe: riser_interp::Probe, fp: *const u64) -> Status {
    let riser_interp::Probe { function, number, shift } = probe;
    // SAFETY: by the contract of this function; the frame is laid out as the map says.
    unsafe {
        let instance = &*(*context).owner.cast::<InstanceData>();
        let module = instance.module();
        let func = (*context).function(FuncIndex::new(function));
        let Some(map) = module.existing_probes((*func).defined_index(module.info())) else { return Status::RETURNED };
        let Some(site) = map.sites.get(number as usize) else { return Status::RETURNED };
        let slots = |first: u32, len: u32| slice::from_raw_parts(fp.add(first as usize), len as usize);
        let layout = map.frame;
        let taken = site.operands.iter().map(|ty| ty.slots()).sum::<u32>() + site.hidden.len() as u32;
        let taken = slots(layout.temp(site.height).0 + shift, taken);
        let without_hidden: Vec<u64>;
        let operands = if site.hidden.is_empty() {
            taken
        } else {
            let heights = (site.height..).zip(taken).filter(|(height, _)| !site.hidden.contains(height));
            without_hidden = heights.map(|(_, slot)| *slot).collect();
            &without_hidden
        };
        let frame = ProbedFrame {
            func,
            probe: number as usize,
            base: fp,
            params: slots(0, layout.params),
            locals: slots(layout.link().0 + LINK_SLOTS + shift, layout.locals - layout.params),
            operands,
        };
        show((*context).store, instance, FuncIndex::new(function), map, site, &frame)
    }
}

/// Shows a frame at a probe to the monitors that have attached to it.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed, and `instance` is one of it. The frame is
/// one of its code, and its slots are those of the values that the map and the site say.
unsafe fn show(
    store: *mut plug::StoreContext,
    instance: &InstanceData,
    function: FuncIndex,
    map: &ProbeMap,
    site: &ProbeSite,
    frame: &ProbedFrame<'_>,
) -> Status {
    // SAFETY: by the contract of this function. The store's code waits for the monitors, which cannot reach the store.
    unsafe {
        let core = (*store).owner.cast::<StoreCore>().cast_const();
        let event = Event {
            instance,
            store: (*core).id,
            function,
            point: site.point,
            offset: site.offset,
            frame: (*core).slots_below(frame.base),
            locals: Values::new(&map.locals, [frame.params, frame.locals]),
            operands: Values::new(&site.operands, [frame.operands, &[]]),
        };
        let monitors = &(*core).engine.config().monitors;
        let outcome = catch_unwind(AssertUnwindSafe(|| monitors.tell(site.chosen, &event)));
        settle(&mut *store, outcome.map(Ok))
    }
}

/// The bytes of an instance's memory; `None` if there is none, or it is shared.
///
/// # Safety
///
/// The instance's store is alive, and no code of it runs as long as the bytes are used.
pub(super) unsafe fn memory(instance: &InstanceData, memory: MemoryIndex) -> Option<&[u8]> {
    // SAFETY: by the contract of this function; nobody but code of the store, and the host that has it borrowed, writes a
    // memory that is not shared.
    unsafe {
        let memory = &**instance.parts.memories.get(memory.index())?;
        if memory.shared().is_some() {
            return None;
        }
        Some(slice::from_raw_parts(memory.base(), memory.len_bytes() as usize))
    }
}
