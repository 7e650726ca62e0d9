//! Safepoints: the places at which every mode can report its state.
//!
//! A function has a safepoint at its entry and one at each loop header. There the machine state is canonical (see
//! [`crate::sink`]): it consists of the locals and the operand stack, in every mode. Two executions of a function agree
//! if they pass the same safepoints with the same values; the first safepoint at which they do not is a [`Divergence`].
//!
//! The instrumentation `epoch` ([`crate::TranslatorConfig::epoch`]) marks the safepoints in translated code. A
//! [`SafepointMap`] lists a function's safepoints, with the types of the values there.

use std::fmt;
use std::mem;

use crate::config::TranslatorConfig;
use crate::error::TranslateError;
use crate::func::FuncTranslator;
use crate::index::FuncIndex;
use crate::ir::{Emitter, Inst};
use crate::parse::ParsedModule;
use crate::room::Room;
use crate::sink::{FrameLayout, FuncHeader, Label, LabelKind, Scope};
use crate::types::ValType;

/// The kind of a safepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SafepointKind {
    /// The entry of a function: parameters are in place, other locals are zero, there are no operands.
    Entry,
    /// A loop header, reached by falling in or by a branch back.
    Loop,
}

/// The canonical state of the innermost frame at a safepoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Safepoint {
    /// The kind of the safepoint.
    pub kind: SafepointKind,
    /// The function's index.
    pub function: FuncIndex,
    /// The position, in bytes from the start of the module: of the body's first operator for an entry, else of the
    /// `loop` operator.
    pub offset: u32,
    /// Slot bits of the locals, parameters first. The upper halves of 32-bit values are zero.
    /// A reference is a number that is the same in each run: 0 is null.
    pub locals: Vec<u64>,
    /// Slot bits of the operand stack, from the bottom, in the same form.
    pub operands: Vec<u64>,
}

/// The first safepoint at which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The number of safepoints before, at which the two runs agreed.
    pub index: u64,
    /// The safepoint of the first run; `None` if it ended.
    pub a: Option<Safepoint>,
    /// The safepoint of the second run; `None` if it ended.
    pub b: Option<Safepoint>,
}

/// Compares two runs, safepoint by safepoint. Returns `None` if they agree to the end.
pub fn first_divergence(
    a: impl IntoIterator<Item = Safepoint>,
    b: impl IntoIterator<Item = Safepoint>,
) -> Option<Divergence> {
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    for index in 0.. {
        match (a.next(), b.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return Some(Divergence { index, a, b }),
        }
    }
    None
}

/// A safepoint in the code of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafepointSite {
    /// The kind of the safepoint.
    pub kind: SafepointKind,
    /// The position, as in [`Safepoint::offset`].
    pub offset: u32,
    /// Types of the operand stack, from the bottom.
    pub operands: Vec<ValType>,
    /// The slots that handlers of legacy exceptions keep references in.
    pub kept: Kept,
}

/// The slots of the operand stack in which handlers of legacy exceptions keep references to what they have caught: that of the outermost
/// handler first. They are counted from the lowest operand's slot. wasm sees none of these operands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(pub Vec<u32>);

impl Kept {
    /// Puts the references into the slots of an operand stack that lacks them.
    pub fn insert(&self, references: &[u64], operands: &mut Vec<u64>) {
        let mut rest = mem::take(operands).into_iter();
        for (&at, &reference) in self.0.iter().zip(references) {
            let below = (at as usize).saturating_sub(operands.len());
            operands.extend(rest.by_ref().take(below));
            operands.push(reference);
        }
        operands.extend(rest);
    }
}

/// The safepoints of a function, with the types of the live values.
///
/// As an [`Emitter`] it records the safepoints of the last function that it received, provided that the instrumentation
/// `epoch` is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafepointMap {
    /// Types of the locals, parameters first.
    pub locals: Vec<ValType>,
    /// The layout of the frame.
    pub frame: FrameLayout,
    /// The safepoints in the order of the code, the entry first.
    pub sites: Vec<SafepointSite>,
    /// Types of the operand stack at a loop header that has just been reported.
    header: Option<Vec<ValType>>,
    /// The handlers of legacy exceptions that the code is in, by their scopes.
    handlers: Vec<Scope>,
    /// Where they keep references.
    kept: Kept,
    /// Room for what the lists of sites hold.
    pub(crate) room: Room,
}

impl Default for SafepointMap {
    fn default() -> SafepointMap {
        SafepointMap::within(Room::UNLIMITED)
    }
}

impl SafepointMap {
    /// Returns the safepoints of a function of `module`. They do not depend on the switches.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid; if so much is live at its safepoints that the map would take many times the memory that the
    /// body does.
    ///
    /// # Panics
    ///
    /// If the module does not define the function.
    pub fn of(module: &ParsedModule, function: FuncIndex) -> Result<SafepointMap, TranslateError> {
        let map = emit(module, function, SafepointMap::within(Room::of(module.info(), function)))?;
        map.room.check(module.info(), function)?;
        Ok(map)
    }

    /// An empty map with this room.
    pub(crate) fn within(room: Room) -> SafepointMap {
        SafepointMap {
            locals: Vec::new(),
            frame: FrameLayout { params: 0, results: 0, locals: 0 },
            sites: Vec::new(),
            header: None,
            handlers: Vec::new(),
            kept: Kept::default(),
            room,
        }
    }

    /// Finds the site of the given kind at the given offset.
    pub fn find(&self, kind: SafepointKind, offset: u32) -> Option<&SafepointSite> {
        self.sites.iter().find(|site| (site.kind, site.offset) == (kind, offset))
    }

    /// Where the handlers keep references that the code is in which is being received.
    pub(crate) fn kept(&mut self) -> Kept {
        Kept(self.room.list(self.kept.0.iter().copied()))
    }
}

/// Translates a function with the instrumentation `epoch`, for an emitter that records where something is.
pub(crate) fn emit<E: Emitter>(
    module: &ParsedModule,
    function: FuncIndex,
    mut emitter: E,
) -> Result<E, TranslateError> {
    let config = TranslatorConfig { epoch: true, ..TranslatorConfig::optimized() };
    FuncTranslator::new().emit(module, function, &config, &mut emitter)?;
    Ok(emitter)
}

impl Emitter for SafepointMap {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        *self = SafepointMap { locals: func.locals.to_vec(), frame: func.frame, ..SafepointMap::within(self.room) };
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        let header = self.header.take();
        if *inst == Inst::Epoch {
            let (kind, operands) = match header {
                Some(operands) => (SafepointKind::Loop, operands),
                None => (SafepointKind::Entry, Vec::new()),
            };
            let kept = self.kept();
            self.sites.push(SafepointSite { kind, offset, operands, kept });
        } else if let Inst::Catch { scope, catch } = *inst {
            // Clauses of one `try` keep the reference in the same slot.
            if let Some(slot) = catch.kept()
                && self.handlers.last() != Some(&scope)
            {
                self.handlers.push(scope);
                self.kept.0.push(slot.0 - self.frame.temp(0).0);
            }
        } else if let Inst::CatchEnd { scope, .. } = *inst
            && self.handlers.pop_if(|handler| *handler == scope).is_some()
        {
            self.kept.0.pop();
        }
    }

    fn label(&mut self, _label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.header = (kind == LabelKind::Loop).then(|| self.room.list(operands));
    }

    fn end(&mut self, _max_temps: u32) {}
}

impl fmt::Display for SafepointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SafepointKind::Entry => "entry",
            SafepointKind::Loop => "loop",
        })
    }
}

impl fmt::Display for Safepoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind;
        write!(f, "{kind} at {:#x} of function {}: locals {:x?}", self.offset, self.function, self.locals)?;
        if !self.operands.is_empty() {
            write!(f, ", operands {:x?}", self.operands)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_handlers_keep_is_put_between_the_operands() {
        let kept = Kept(vec![0, 3, 4]);
        let mut operands = vec![10, 11, 12];
        // Behind those of the handlers that are running there may be others.
        kept.insert(&[1, 2, 3, 4], &mut operands);
        assert_eq!(operands, [1, 10, 11, 2, 3, 12]);
        // Where they are operands already, there is nothing to put.
        kept.insert(&[], &mut operands);
        assert_eq!(operands, [1, 10, 11, 2, 3, 12]);
    }
}
