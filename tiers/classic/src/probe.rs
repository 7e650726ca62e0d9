//! Probes: operators of a function at which code reports its state to the VM ([`riser_translator::probe`]).
//!
//! A function with probes runs from a copy of its body. In it, the opcode of an operator with a probe is replaced by
//! [`opcode::Probe`], whose handler fires the probe and goes on to the handler of the operator that was there. The probe of
//! the entry replaces the byte in front of the first operator, which belongs to the declarations of locals and has been
//! read by then. So code without probes is not concerned.

use std::slice;

use riser_tiers_core::ProbedFrame;
use riser_translator::SharedBytes;
use riser_translator::probe::Point;
use riser_translator::probe_map::ProbeMap;

use crate::code::Code;
#[cfg(not(tail_dispatch))]
use crate::dispatch::charge;
use crate::dispatch::out_of_fuel;
use crate::machine::Activation;
#[cfg(not(tail_dispatch))]
use crate::machine::Machine;
use crate::opcode;
#[cfg(not(tail_dispatch))]
use crate::operator;
use crate::operator::Stop;

/// The probes of a function.
#[derive(Debug)]
pub(crate) struct Probes {
    /// The body with probes.
    bytes: SharedBytes,
    /// The body without.
    original: SharedBytes,
    /// The offset in the module and the number of each, by offset. An exit comes after what else is at its operator.
    sites: Box<[(u32, u32)]>,
    /// The number of the probe of the entry.
    entry: Option<u32>,
    /// The number of slots that the operands of each take, by number.
    operand_slots: Box<[u32]>,
}

impl Probes {
    /// Makes the probes of a map. `original` is a copy of the body, which starts at offset `origin` of the module; the
    /// first operator is at offset `start`.
    pub(crate) fn new(map: &ProbeMap, original: &SharedBytes, origin: u32, start: u32) -> Probes {
        let mut bytes = original.to_vec();
        let byte_at = |at: u32| u32::from(original[(at - origin) as usize]);
        let mut sites: Vec<(u32, u32)> = Vec::new();
        let (mut entry, mut exit) = (None, None);
        for (site, number) in map.sites.iter().zip(0..) {
            match site.point {
                Point::Entry => entry = Some(number),
                Point::Exit => {
                    // Branches to the body's label go to its `end`.
                    exit = Some(number);
                    if site.at != map.end && byte_at(site.at) == opcode::Return {
                        sites.push((site.at, number));
                    }
                }
                Point::Loop
                | Point::Branch
                | Point::BranchTable { .. }
                | Point::Call { .. }
                | Point::CallIndirect { .. }
                | Point::Access(_)
                | Point::Bulk(_)
                | Point::Operator => sites.push((site.at, number)),
            }
        }
        sites.extend(exit.map(|number| (map.end, number)));
        let replaced = sites.iter().map(|&(at, _)| at).chain(entry.map(|_| start - 1));
        replaced.for_each(|at| bytes[(at - origin) as usize] = opcode::Probe as u8);
        // Stable, so that the order at one operator stays.
        sites.sort_by_key(|&(at, _)| at);
        let slots = |operands: &[riser_translator::ValType]| operands.iter().map(|ty| ty.slots()).sum();
        Probes {
            bytes: bytes.into(),
            original: original.clone(),
            sites: sites.into(),
            entry,
            operand_slots: map.sites.iter().map(|site| slots(&site.operands)).collect(),
        }
    }

    /// Whether the entry has a probe.
    pub(crate) fn has_entry(&self) -> bool {
        self.entry.is_some()
    }

    /// The body with probes.
    pub(crate) fn bytes(&self) -> SharedBytes {
        self.bytes.clone()
    }
}

/// Fires the probes of the operator at `at`, after charging for what ends there. Returns the operator to go on with, and its
/// first byte.
///
/// # Errors
///
/// If there is too little fuel, or a probe ends the code.
///
/// # Safety
///
/// These are the registers of a [`Machine`](crate::machine::Machine) whose invariants hold, at an operator with a probe.
#[cold]
#[inline(never)]
pub(crate) unsafe fn fire<const METERED: bool>(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    act: *mut Activation,
) -> Result<(*const u8, u8), Stop> {
    // SAFETY: the invariants of `Machine`; functions without probes have no such operators, and an operator follows the
    // probe of the entry.
    unsafe {
        let code = &*(*act).code;
        let probes = code.probes().expect("a function with a probe has a table of them");
        let offset = code.offset(at);
        if offset < code.first_offset() {
            if let Some(entry) = probes.entry {
                report(act, probes, entry, sp, fp)?;
            }
            // The first operator may have a probe, too, which is its own.
            let first = at.add(1);
            return Ok((first, *first));
        }
        let original = probes.original.as_ptr().add(at.offset_from_unsigned(probes.bytes.as_ptr()));
        charge_ahead::<METERED>(act, code, *original)?;
        let from = probes.sites.partition_point(|&(site, _)| site < offset);
        for &(_, number) in probes.sites[from..].iter().take_while(|&&(site, _)| site == offset) {
            report(act, probes, number, sp, fp)?;
        }
        Ok((at, *original))
    }
}

/// Charges for the straight-line segment that ends with the operator whose first byte is given, if one does. The operator
/// charges again, so its cost is taken off.
unsafe fn charge_ahead<const METERED: bool>(act: *mut Activation, code: &Code, byte: u8) -> Result<(), Stop> {
    let metering = opcode::METERING[usize::from(byte)];
    if METERED && code.fuel && metering.ends_segment {
        let cost = u64::from(metering.cost);
        // SAFETY: the activation belongs to a machine whose invariants hold.
        unsafe {
            let units = (*act).units.wrapping_add(cost);
            (*act).units = units;
            if units != 0 && !(*(*(*act).ctx).store).charge(units) {
                return out_of_fuel(act, metering.cost);
            }
            (*act).units = 0_u64.wrapping_sub(cost);
        }
    }
    Ok(())
}

/// Reports the current frame to the VM.
unsafe fn report(act: *mut Activation, probes: &Probes, number: u32, sp: *mut u64, fp: *mut u64) -> Result<(), Stop> {
    // SAFETY: the activation and the registers belong to a machine whose invariants hold: a frame consists of the
    // parameters, the declared locals, the link and the operands, in this order, and the operands of the site are on top.
    let status = unsafe {
        let code = &*(*act).code;
        let operands = probes.operand_slots[number as usize] as usize;
        let frame = ProbedFrame {
            func: (*act).func,
            probe: number as usize,
            base: fp,
            params: slice::from_raw_parts(fp, code.params as usize),
            locals: slice::from_raw_parts(fp.add(code.params as usize), (code.locals - code.params) as usize),
            operands: slice::from_raw_parts(sp.sub(operands), operands),
        };
        let store = (*(*act).ctx).store;
        ((*store).probed)(store, &frame)
    };
    if status.is_returned() { Ok(()) } else { Err(Stop::Exit(status)) }
}

/// Executes an operator with a probe.
///
/// # Errors
///
/// As the operator, or if a probe ends the code.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[cfg(not(tail_dispatch))]
#[inline(never)]
pub(crate) unsafe fn execute<const METERED: bool>(m: &mut Machine) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        let (at, byte) = fire::<METERED>(m.at, m.sp, m.fp, m.act)?;
        if at != m.at {
            // The operator behind the probe of the entry is the next one.
            m.pc = at;
            return Ok(());
        }
        let byte = u32::from(byte);
        let number = if byte == opcode::Prefix { opcode::behind_prefix(at) } else { byte };
        m.begin_operator(at, number);
        // What ends here has been charged.
        charge::<METERED>(m, number);
        operator::execute::<METERED, true>(m, number)
    }
}
