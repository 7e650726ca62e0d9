//! Code: a function made ready to run, that is its bytes, its side table and the layout of its
//! frame.

use riser_tiers_core::{Bailout, CompileRequest};
use riser_translator::SharedBytes;
use riser_translator::probe::Point;
use wasmparser::{BinaryReader, FunctionBody};

use crate::call::Link;
use crate::probe::Probes;
use crate::side_table::{self, BranchEntry, Handlers, Locals, SideTable};

/// A function made ready to run; shared by all instances of its module.
#[derive(Debug)]
#[repr(C)] // So that what calls read is in as few cache lines as may be.
pub(crate) struct Code {
    /// The side table's entries, in the order of the code.
    branches: Box<[BranchEntry]>,
    /// The module's bytes, or a copy of the body if operators had to be replaced.
    bytes: SharedBytes,
    /// The offset in `bytes` of the body's first operator, or of the probe of the entry in front of it.
    start: u32,
    /// The offset in `bytes` of the body's last operator, its `end`.
    end: u32,
    /// Slots of the parameters.
    pub(crate) params: u32,
    /// Slots of the parameters and the declared locals.
    pub(crate) locals: u32,
    /// The slot of the link: after the locals, and after the results' slots.
    pub(crate) link: u32,
    /// Slots of the results.
    pub(crate) results: u32,
    /// Slots of the whole frame, with the operand stack at its highest.
    pub(crate) frame_slots: u32,
    /// Whether fuel is charged.
    pub(crate) fuel: bool,
    /// Whether the interrupt flag is polled.
    pub(crate) epoch: bool,
    /// The offset in the module at which `bytes` starts.
    origin: u32,
    /// Slots of caught exceptions, between link and operands.
    kept: u32,
    /// The slot of each local in the frame.
    pub(crate) places: Locals,
    /// The handler scopes.
    handlers: Handlers,
    /// The offset in the module of the body's first operator.
    first: u32,
    /// The probes, if the function has any.
    probes: Option<Box<Probes>>,
}

impl Code {
    /// Makes a function ready to run.
    pub(crate) fn new(request: CompileRequest<'_>) -> Result<Code, Bailout> {
        let CompileRequest { function, config, probes, .. } = request;
        let module = request.module.info();
        let unsupported = |what: &dyn std::fmt::Display| Bailout::Unsupported(what.to_string());
        let defined =
            module.defined_function(function).ok_or_else(|| unsupported(&"an imported function has no body"))?;
        let range = module.bodies[defined.index()].range.clone();
        let bytes = module.body_bytes(function).ok_or_else(|| unsupported(&"the body lies outside the module"))?;
        let body = FunctionBody::new(BinaryReader::new(bytes, range.start as usize));
        let ty = module.func_type(function);

        let declared = body.get_locals_reader().map_err(|error| unsupported(&error))?;
        let declared = declared.into_iter().map(|group| group.map(|(count, ty)| (count, side_table::slots(ty))));
        let params = ty.params().iter().map(|ty| Ok((1, ty.slots())));
        let (places, locals) = Locals::new(params.chain(declared)).map_err(|error| unsupported(&error))?;

        let mut operators = body.get_operators_reader().map_err(|error| unsupported(&error))?;
        let start = operators.original_position() as u32;
        let has_loop_probes = probes.is_some_and(|map| map.sites.iter().any(|site| site.point == Point::Loop));
        let side_table = SideTable::build(module, ty, &places, &mut operators, config.epoch || has_loop_probes)?;
        let (bytes, origin) = if side_table.replaced.is_empty() && probes.is_none() {
            (module.bytes.clone(), 0)
        } else {
            let mut copy = bytes.to_vec();
            for &(at, opcode) in &side_table.replaced {
                copy[at - range.start as usize] = opcode;
            }
            (copy.into(), range.start)
        };
        let probes = probes.map(|map| Probes::new(map, &bytes, origin, start));
        let has_entry_probe = probes.as_ref().is_some_and(Probes::has_entry);
        let bytes = probes.as_ref().map_or(bytes, Probes::bytes);
        let link = locals.max(ty.result_slots());
        Ok(Code {
            branches: side_table.branches,
            bytes,
            start: start - origin - u32::from(has_entry_probe),
            end: range.end - 1 - origin,
            params: ty.param_slots(),
            locals,
            link,
            results: ty.result_slots(),
            frame_slots: link + Link::SLOTS as u32 + side_table.most_handlers + side_table.max_height,
            fuel: config.fuel,
            epoch: config.epoch,
            origin,
            kept: side_table.most_handlers,
            places,
            handlers: side_table.handlers,
            first: start,
            probes: probes.map(Box::new),
        })
    }

    /// Whether the function is run with instrumentation.
    pub(crate) fn metered(&self) -> bool {
        self.fuel || self.epoch
    }

    /// The first operator.
    #[inline(always)]
    pub(crate) fn start(&self) -> *const u8 {
        self.bytes.as_ptr().wrapping_add(self.start as usize)
    }

    /// The last operator, the `end` of the body.
    #[inline(always)]
    pub(crate) fn end(&self) -> *const u8 {
        self.bytes.as_ptr().wrapping_add(self.end as usize)
    }

    /// The side table.
    #[inline(always)]
    pub(crate) fn branches(&self) -> *const BranchEntry {
        self.branches.as_ptr()
    }

    /// The first operand's slot in the frame at `fp`.
    #[inline(always)]
    pub(crate) fn operands(&self, fp: *mut u64) -> *mut u64 {
        self.kept(fp).wrapping_add(self.kept as usize)
    }

    /// The first slot of caught exceptions in the frame at `fp`.
    #[inline(always)]
    pub(crate) fn kept(&self, fp: *mut u64) -> *mut u64 {
        fp.wrapping_add(self.link as usize + Link::SLOTS)
    }

    /// The handler scopes, whose positions are offsets in the module.
    pub(crate) fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    /// The operator at an offset in the module.
    pub(crate) fn at(&self, offset: u32) -> *const u8 {
        self.bytes.as_ptr().wrapping_add((offset - self.origin) as usize)
    }

    /// The offset in the module of the first operator.
    pub(crate) fn first_offset(&self) -> u32 {
        self.first
    }

    /// The probes, if the function has any.
    pub(crate) fn probes(&self) -> Option<&Probes> {
        self.probes.as_deref()
    }

    /// The offset of `pc` in the module.
    pub(crate) fn offset(&self, pc: *const u8) -> u32 {
        self.origin + (pc.addr() - self.bytes.as_ptr().addr()) as u32
    }
}
