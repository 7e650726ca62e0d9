//! Frame maps: what is live in a function's frame wherever its execution can be suspended.
//!
//! The innermost frame of a suspended execution is at a [safepoint](crate::safepoint). Each frame around it is at a call. A
//! [`FrameMap`] lists both. At a call the operands below the arguments are live. Each of them is in its home slot, or it is a
//! constant or has the value of a local, and code reads that instead ([`Place`]). So whoever restores a frame writes all
//! homes and all locals, and code of any form finds what it reads.

use crate::error::TranslateError;
use crate::index::FuncIndex;
use crate::ir::{Emitter, Inst};
use crate::parse::ParsedModule;
use crate::room::Room;
use crate::safepoint::{Kept, SafepointMap, emit};
use crate::sink::{FrameLayout, FuncHeader, Label, LabelKind, LiveAtCall, Operand, SlotRole};
use crate::types::ValType;

/// The place of an operand's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In its home slot.
    Home,
    /// In the local whose first slot has this index among the locals' slots.
    Local(u32),
    /// Nowhere: these are its slot bits.
    Const(u64),
}

/// An operand that is live over a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveOperand {
    /// Its type.
    pub ty: ValType,
    /// The place of its value.
    pub place: Place,
}

/// A call, apart from tail calls, which leave no frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// The position of the operator, in bytes from the start of the module.
    pub offset: u32,
    /// The operands below the arguments, from the bottom.
    pub operands: Vec<LiveOperand>,
    /// The slots that handlers of legacy exceptions keep references in.
    pub kept: Kept,
    /// The types of the call's results.
    pub results: Vec<ValType>,
}

impl CallSite {
    /// The number of slots that the operands below the arguments take.
    pub fn height(&self) -> u32 {
        self.operands.iter().map(|operand| operand.ty.slots()).sum()
    }
}

/// The safepoints and the calls of a function, with what is live there.
#[derive(Clone, Debug, Default)]
pub struct FrameMap {
    /// The safepoints; the types of locals, and the frame's layout.
    pub safepoints: SafepointMap,
    /// The calls in the order of the code.
    pub calls: Vec<CallSite>,
    /// The slots that the operand stack takes at its highest.
    pub max_temps: u32,
}

impl FrameMap {
    /// Returns the map of a function of `module`. It does not depend on the switches.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid; if so much is live at its safepoints and calls that the map would take many times the memory
    /// that the body does.
    ///
    /// # Panics
    ///
    /// If the module does not define the function.
    pub fn of(module: &ParsedModule, function: FuncIndex) -> Result<FrameMap, TranslateError> {
        let safepoints = SafepointMap::within(Room::of(module.info(), function));
        let map = emit(module, function, FrameMap { safepoints, ..FrameMap::default() })?;
        map.safepoints.room.check(module.info(), function)?;
        Ok(map)
    }

    /// The call at the given offset.
    pub fn call(&self, offset: u32) -> Option<&CallSite> {
        let at = self.calls.binary_search_by_key(&offset, |call| call.offset);
        at.ok().and_then(|at| self.calls.get(at))
    }

    /// The layout of the frame.
    pub fn frame(&self) -> FrameLayout {
        self.safepoints.frame
    }
}

impl Emitter for FrameMap {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        *self = FrameMap { safepoints: SafepointMap::within(self.safepoints.room), ..FrameMap::default() };
        self.safepoints.begin(func);
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        self.safepoints.inst(inst, offset);
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.safepoints.label(label, kind, operands);
    }

    fn end(&mut self, max_temps: u32) {
        self.max_temps = max_temps;
    }

    fn wants_calls(&self) -> bool {
        true
    }

    fn call_site(&mut self, offset: u32, live: LiveAtCall<'_>) {
        let frame = self.safepoints.frame;
        let place = |operand| match operand {
            Operand::Const { bits, .. } => Place::Const(bits),
            Operand::Local { slot, .. } => match frame.role(slot) {
                SlotRole::Local(index) => Place::Local(index),
                SlotRole::Result(_) | SlotRole::Link(_) | SlotRole::Temp(_) => Place::Home,
            },
            Operand::Temp(_) => Place::Home,
        };
        let kept = self.safepoints.kept();
        let room = &mut self.safepoints.room;
        let operands = room.list(live.operands.map(|(ty, operand)| LiveOperand { ty, place: place(operand) }));
        let results = room.list(live.results.iter().copied());
        self.calls.push(CallSite { offset, operands, kept, results });
    }
}
