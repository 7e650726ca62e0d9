//! Frames of a snapshot: checked against their functions, and turned into frames of the register interpreter.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use riser_interp::{Resumes, Suspended};
use riser_tiers_core::FuncInst;
use riser_translator::frame_map::{FrameMap, Place as Operand};
use riser_translator::safepoint::{Kept, SafepointKind};
use riser_translator::{FuncIndex, ValType};

use super::references::References;
use super::{SnapshotError, Stop, StoredFrame};
use crate::module::Module;

type Result<T> = std::result::Result<T, SnapshotError>;

/// A frame whose values have been checked.
pub(super) struct CheckedFrame {
    pub(super) function: FuncIndex,
    offset: u32,
    stop: Stop,
    /// Slot bits.
    locals: Vec<u64>,
    /// Slot bits.
    operands: Vec<u64>,
}

/// The frames of a snapshot, and what is known of their functions.
pub(super) struct CheckedFrames {
    pub(super) frames: Vec<CheckedFrame>,
    maps: HashMap<FuncIndex, FrameMap>,
}

impl CheckedFrames {
    /// Checks that the frames are those of a stopped program of the module, with these references.
    pub(super) fn new(module: &Module, frames: &[StoredFrame], references: &References<'_>) -> Result<CheckedFrames> {
        let mut checked = CheckedFrames { frames: Vec::with_capacity(frames.len()), maps: HashMap::new() };
        let Some((innermost, outer)) = frames.split_last() else { return Ok(checked) };
        // The results that a frame has to return to the one around it.
        let mut expected: Option<Vec<ValType>> = None;
        for frame in outer.iter().chain([innermost]) {
            let function = frame.function;
            let map = checked.map(module, function)?;
            let returned = module.info().func_type(function).results();
            if expected.as_ref().is_some_and(|expected| expected != returned) {
                return Err(SnapshotError::mismatch(format!("function {function} cannot have been called there")));
            }
            let locals = references.all_slots(&frame.locals, &map.safepoints.locals)?;
            let is_innermost = std::ptr::eq(frame, innermost);
            let (operands, results) = match frame.stop {
                Stop::Call if !is_innermost => {
                    let Some(site) = map.call(frame.offset) else {
                        return Err(SnapshotError::mismatch(format!(
                            "function {function} has no call at {:#x}",
                            frame.offset
                        )));
                    };
                    let types: Vec<ValType> = site.operands.iter().map(|operand| operand.ty).collect();
                    let operands = references.all_slots(&frame.operands, &types)?;
                    check_kept(&site.kept, &operands)?;
                    check_places(site.operands.iter().map(|it| (it.ty, it.place)), &operands, &locals)?;
                    (operands, Some(site.results.clone()))
                }
                Stop::Safepoint(kind) if is_innermost => {
                    let Some(site) = map.safepoints.find(kind, frame.offset) else {
                        return Err(SnapshotError::mismatch(format!(
                            "function {function} has no safepoint at {:#x} ({kind})",
                            frame.offset
                        )));
                    };
                    let operands = references.all_slots(&frame.operands, &site.operands)?;
                    check_kept(&site.kept, &operands)?;
                    (operands, None)
                }
                Stop::Call | Stop::Safepoint(_) => {
                    return Err(SnapshotError::mismatch("the innermost frame, and no other, has to be at a safepoint"));
                }
            };
            let declared = &locals[map.frame().params as usize..];
            if frame.stop == Stop::Safepoint(SafepointKind::Entry) && declared.iter().any(|&slot| slot != 0) {
                return Err(SnapshotError::mismatch("declared locals are zero at a function's entry"));
            }
            expected = results;
            let (offset, stop) = (frame.offset, frame.stop);
            checked.frames.push(CheckedFrame { function, offset, stop, locals, operands });
        }
        Ok(checked)
    }

    fn map(&mut self, module: &Module, function: FuncIndex) -> Result<&FrameMap> {
        let info = module.info();
        if info.defined_function(function).is_none_or(|defined| defined.index() >= info.bodies.len()) {
            return Err(SnapshotError::mismatch(format!("the module does not define function {function}")));
        }
        match self.maps.entry(function) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(FrameMap::of(module.parsed(), function)?)),
        }
    }

    /// The frames as those of the register interpreter, in the code that counts, or in that which does not. `func` has the instance's
    /// functions.
    pub(super) fn suspended(
        &self,
        module: &Module,
        counted: bool,
        func: impl Fn(FuncIndex) -> *const FuncInst,
    ) -> Result<Vec<Suspended<'_>>> {
        let mut known: HashMap<FuncIndex, (*const u64, Resumes)> = HashMap::new();
        let mut suspended = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            let function = frame.function;
            let (code, resumes) = match known.entry(function) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let Some(defined) = module.info().defined_function(function) else { continue };
                    let code = module.code(defined, counted)?.entry();
                    entry.insert((code, module.resumes(defined, counted)?))
                }
            };
            let word = match frame.stop {
                Stop::Call => resumes.behind_call(frame.offset),
                Stop::Safepoint(SafepointKind::Loop) => resumes.loop_header(frame.offset),
                Stop::Safepoint(SafepointKind::Entry) => Some(0),
            };
            let Some(word) = word else {
                return Err(SnapshotError::Translation(format!(
                    "the code of function {function} cannot go on at {:#x}",
                    frame.offset
                )));
            };
            let map = &self.maps[&function];
            suspended.push(Suspended {
                func: func(function),
                ip: code.wrapping_add(word as usize),
                layout: map.frame(),
                shift: resumes.shift,
                max_temps: map.max_temps,
                locals: &frame.locals,
                operands: &frame.operands,
            });
        }
        Ok(suspended)
    }
}

/// Checks that what handlers of legacy exceptions keep is not null.
fn check_kept(kept: &Kept, operands: &[u64]) -> Result<()> {
    if kept.0.iter().any(|&at| operands[at as usize] == 0) {
        return Err(SnapshotError::mismatch("a handler of a legacy exception has none"));
    }
    Ok(())
}

/// Checks that operands whose values code takes from elsewhere have these values.
fn check_places(places: impl Iterator<Item = (ValType, Operand)>, operands: &[u64], locals: &[u64]) -> Result<()> {
    let mut height = 0;
    for (ty, place) in places {
        let slots = ty.slots() as usize;
        let operand = &operands[height..height + slots];
        let is_right = match place {
            Operand::Home => true,
            Operand::Local(at) => locals[at as usize..].starts_with(operand),
            Operand::Const(bits) => operand == [bits],
        };
        if !is_right {
            return Err(SnapshotError::mismatch(
                "an operand has another value than the local or the constant that it is",
            ));
        }
        height += slots;
    }
    Ok(())
}
