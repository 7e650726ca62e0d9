//! The verifier, which checks the rules that register IR obeys.
//!
//! * Everything that an instruction refers to by number exists, in the module or in a frame.
//! * Operands have the forms that [`Inst`] allows, and the right types.
//! * On every path a slot or accumulator is written before it is read, and was
//!   last written with the type that it is read with.
//! * A value that an instruction leaves in an accumulator is read by the next instruction.
//! * Every label that is branched to is bound exactly once. At a join or loop the state is canonical on every path to
//!   it; a skip has exactly one branch to it.
//! * Handler scopes nest, and are complete. Their clauses come after everything that may throw to them, and the state that an
//!   exception leaves, with what the clause brings, is right for the label where it is caught.
//! * Every instruction is reachable, and control does not run off the end.
//!
//! The verifier is an [`Emitter`]. It is linear in the size of the code, except that it compares whole frames at
//! labels. It does not depend on how the IR was made.

mod forms;
mod indices;
mod scopes;

use std::collections::HashMap;
use std::fmt;

use crate::index::FuncIndex;
use crate::module::ModuleInfo;
use crate::sink::{FrameLayout, FuncHeader, Label, LabelKind, Slot, SlotRole};
use crate::types::{FuncType, ValType};

use super::{Dst, Emitter, Inst, Src};
use scopes::Scopes;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Index of the function.
    pub function: FuncIndex,
    /// Offset of the wasm operator that the instruction comes from, in bytes from the start of the module.
    pub offset: u32,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {} at {:#x}: {}", self.function, self.offset, self.message)
    }
}

/// The types of the values in the frame's slots, at the first slot of each; `None` where no value can be read.
type State = Vec<Option<ValType>>;

/// A label that has been branched to, but is not bound yet.
struct Incoming {
    /// What the states at all branches have in common.
    state: State,
    branches: u32,
}

/// Checks register IR, and collects the errors.
pub struct Verifier<'m> {
    module: &'m ModuleInfo,
    errors: Vec<VerifyError>,
    function: FuncIndex,
    offset: u32,
    frame: FrameLayout,
    ty: FuncType,
    locals: Vec<ValType>,
    /// `None` where control does not reach.
    state: Option<State>,
    /// Type of the value that the last instruction left in an accumulator.
    acc: Option<ValType>,
    incoming: HashMap<Label, Incoming>,
    /// The labels that are bound. For loops, with the types of the operands there.
    bound: HashMap<Label, Option<Vec<ValType>>>,
    scopes: Scopes,
    /// The number of operand slots that have been used.
    temps: u32,
}

impl<'m> Verifier<'m> {
    /// Makes a verifier for functions of `module`.
    pub fn new(module: &'m ModuleInfo) -> Verifier<'m> {
        Verifier {
            module,
            errors: Vec::new(),
            function: FuncIndex::new(0),
            offset: 0,
            frame: FrameLayout { params: 0, results: 0, locals: 0 },
            ty: FuncType::new([], []),
            locals: Vec::new(),
            state: None,
            acc: None,
            incoming: HashMap::new(),
            bound: HashMap::new(),
            scopes: Scopes::default(),
            temps: 0,
        }
    }

    /// The errors of the functions so far.
    pub fn errors(&self) -> &[VerifyError] {
        &self.errors
    }

    /// Takes the errors of the functions so far.
    pub fn take_errors(&mut self) -> Vec<VerifyError> {
        std::mem::take(&mut self.errors)
    }

    fn error(&mut self, message: impl Into<String>) {
        let error = VerifyError { function: self.function, offset: self.offset, message: message.into() };
        self.errors.push(error);
    }

    fn name(&self, slot: Slot) -> String {
        self.frame.role(slot).to_string()
    }

    /// Notes that a value of `slots` slots is used.
    fn touch(&mut self, first: Slot, slots: u32) {
        for slot in first.0..first.0 + slots {
            self.touch_slot(Slot(slot));
        }
    }

    fn touch_slot(&mut self, slot: Slot) {
        match self.frame.role(slot) {
            SlotRole::Temp(height) => self.temps = self.temps.max(height + 1),
            SlotRole::Link(_) => {
                let name = self.name(slot);
                self.error(format!("{name} is not an operand"));
            }
            SlotRole::Local(_) | SlotRole::Result(_) => {}
        }
    }

    fn read_slot(&mut self, slot: Slot, ty: ValType) {
        self.touch(slot, ty.slots());
        let Some(state) = &self.state else { return };
        match state.get(slot.0 as usize).copied().flatten() {
            Some(found) if found == ty => {}
            found => {
                let found = found.map_or("nothing", ValType::name);
                let name = self.name(slot);
                self.error(format!("{name} is read as {ty} and holds {found}"));
            }
        }
    }

    fn write_slot(&mut self, slot: Slot, ty: ValType) {
        self.touch(slot, ty.slots());
        if let Some(state) = &mut self.state {
            let (at, end) = (slot.0 as usize, (slot.0 + ty.slots()) as usize);
            if state.len() < end {
                state.resize(end, None);
            }
            // A value that reaches into these slots is destroyed.
            if let Some(below) = at.checked_sub(1)
                && state[below].is_some_and(|ty| ty.slots() > 1)
            {
                state[below] = None;
            }
            state[at..end].fill(None);
            state[at] = Some(ty);
        }
    }

    /// Checks that consecutive slots hold values of these types.
    fn read_slots(&mut self, mut slot: Slot, types: &[ValType]) {
        for &ty in types {
            self.read_slot(slot, ty);
            slot.0 += ty.slots();
        }
    }

    /// Returns the state at entry: the locals and nothing else.
    fn locals_state(&self) -> State {
        let mut state = vec![None; self.frame.temp(0).0 as usize];
        let mut index = 0;
        for &ty in &self.locals {
            state[self.frame.local(index).0 as usize] = Some(ty);
            index += ty.slots();
        }
        state
    }

    fn canonical_state(&self, operands: &[ValType]) -> State {
        let mut state = self.locals_state();
        for &ty in operands {
            let end = state.len() + ty.slots() as usize;
            state.push(Some(ty));
            state.resize(end, None);
        }
        state
    }

    /// Checks that the state has all values of the canonical one.
    fn check_canonical(&mut self, label: Label, state: &State, operands: &[ValType]) {
        for (at, &wanted) in self.canonical_state(operands).iter().enumerate() {
            let found = state.get(at).copied().flatten();
            if let Some(wanted) = wanted
                && found != Some(wanted)
            {
                let name = self.name(Slot(at as u32));
                let found = found.map_or("nothing", ValType::name);
                self.error(format!("at L{} {name} should hold {wanted} and holds {found}", label.0));
            }
        }
    }

    fn branch(&mut self, target: Label) {
        let Some(state) = self.state.clone() else { return };
        match self.bound.get(&target) {
            Some(Some(operands)) => {
                let operands = operands.clone();
                self.check_canonical(target, &state, &operands);
            }
            Some(None) => self.error(format!("a branch leads back to L{}, which is not a loop", target.0)),
            None => match self.incoming.get_mut(&target) {
                Some(incoming) => {
                    meet(&mut incoming.state, &state);
                    incoming.branches += 1;
                }
                None => {
                    self.incoming.insert(target, Incoming { state, branches: 1 });
                }
            },
        }
    }

    /// Copies the values in the slots. Every slot has to hold one.
    fn copy_slots(&mut self, dst: Slot, src: Slot, count: u32) {
        if dst >= src {
            self.error("slots are copied upwards");
        }
        let mut at = 0;
        while at < count {
            let (from, to) = (Slot(src.0 + at), Slot(dst.0 + at));
            let state = self.state.as_ref().map(|state| state.get(from.0 as usize).copied().flatten());
            let Some(ty) = state.unwrap_or(Some(ValType::I64)) else {
                let name = self.name(from);
                return self.error(format!("{name} is copied and holds nothing"));
            };
            self.touch(from, ty.slots());
            self.write_slot(to, ty);
            at += ty.slots();
        }
    }

    fn call(&mut self, ty: &FuncType, base: Slot) {
        self.read_slots(base, ty.params());
        if !matches!(self.frame.role(base), SlotRole::Temp(_)) {
            self.error("the base of a call is not an operand's slot");
        }
        // The callee's frame begins at the base.
        if let Some(state) = &mut self.state {
            state.truncate(base.0 as usize);
            if let Some(below) = state.last_mut()
                && below.is_some_and(|ty| ty.slots() > 1)
            {
                *below = None;
            }
        }
    }

    fn call_and_return_here(&mut self, ty: &FuncType, base: Slot, link: Slot) {
        self.call(ty, base);
        if link.0 != base.0 + ty.param_slots().max(ty.result_slots()) {
            self.error("the link of a call is in the wrong place");
        }
        self.throws(Some(base));
        let mut slot = base;
        for &result in ty.results() {
            self.write_slot(slot, result);
            slot.0 += result.slots();
        }
    }

    fn tail_call(&mut self, ty: &FuncType, base: Slot, params: u32, link: u32) {
        self.call(ty, base);
        if params != ty.param_slots() || link != params.max(ty.result_slots()) {
            self.error("a tail call has the wrong layout");
        }
        if ty.results() != self.ty.results() {
            self.error("a tail call has other results than the function");
        }
        self.state = None;
    }

    /// Reads the operands, and reports those that do not hold the right types.
    fn read_sources(&mut self, inst: &Inst) {
        let left_in_acc = self.acc.take();
        let mut reads_acc = false;
        for &(src, ty) in &inst.sources() {
            let mut ty = ty.resolve(self.module);
            match src {
                Src::Slot(slot) => {
                    if let Inst::RefIsNull { .. } = inst
                        && let Some(state) = &self.state
                        && let Some(&Some(found)) = state.get(slot.0 as usize)
                        && found.is_ref()
                    {
                        ty = found;
                    }
                    self.read_slot(slot, ty);
                }
                Src::Acc => {
                    reads_acc = true;
                    let fits =
                        |found: ValType| found == ty || (matches!(inst, Inst::RefIsNull { .. }) && found.is_ref());
                    if !left_in_acc.is_some_and(fits) {
                        let found = left_in_acc.map_or("nothing", ValType::name);
                        self.error(format!("acc is read as {ty} and holds {found}"));
                    }
                }
                Src::Imm(_) => {}
            }
        }
        if left_in_acc.is_some() && !reads_acc {
            self.error("what the instruction before left in acc is not read");
        }
    }

    fn effect(&mut self, inst: &Inst) {
        let module = self.module;
        match *inst {
            Inst::Branch { target } => {
                self.branch(target);
                self.state = None;
            }
            Inst::BranchIf { target, .. } => self.branch(target),
            Inst::BranchTable { ref targets, .. } => {
                if targets.is_empty() {
                    self.error("a branch table has no default");
                }
                let mut targets = targets.to_vec();
                targets.sort_unstable();
                targets.dedup();
                for target in targets {
                    self.branch(target);
                }
                self.state = None;
            }
            Inst::Return => {
                let results = self.ty.results().to_vec();
                self.read_slots(Slot(0), &results);
                self.state = None;
            }
            Inst::ReturnValue { ty, .. } => {
                if self.ty.results() != [ty] || ty.slots() != 1 {
                    self.error("the function does not return one value of this type");
                }
                self.state = None;
            }
            Inst::Throw { tag, base } => {
                self.read_slots(base, module.tag_type(tag).params());
                self.throws(Some(base));
                self.state = None;
            }
            Inst::ThrowRef { .. } => {
                self.throws(None);
                self.state = None;
            }
            Inst::TryBegin { scope } => self.try_begin(scope),
            Inst::TryEnd { scope } => self.try_end(scope),
            Inst::Catch { scope, catch } => self.catch(scope, catch),
            Inst::CatchEnd { scope, next } => self.catch_end(scope, next),
            Inst::Trap { .. } => self.state = None,
            Inst::CopySlots { dst, src, count } => self.copy_slots(dst, src, count),
            Inst::Call { function, base, link } => {
                self.call_and_return_here(module.func_type(function), base, link);
            }
            Inst::CallIndirect { type_index, base, link, .. } => {
                self.call_and_return_here(module.ty(type_index), base, link);
            }
            Inst::ReturnCall { function, base, params, link } => {
                self.tail_call(module.func_type(function), base, params, link);
            }
            Inst::ReturnCallIndirect { type_index, base, params, link, .. } => {
                self.tail_call(module.ty(type_index), base, params, link);
            }
            Inst::GlobalGet { ty, global, .. } | Inst::GlobalSet { ty, global, .. } => {
                if module.global(global).content != ty {
                    self.error("the global has another type");
                }
            }
            Inst::Const { .. }
            | Inst::Atomic { .. }
            | Inst::AtomicFence
            | Inst::Copy { .. }
            | Inst::Unary { .. }
            | Inst::Binary { .. }
            | Inst::Wide { .. }
            | Inst::Select { .. }
            | Inst::RefIsNull { .. }
            | Inst::RefFunc { .. }
            | Inst::VectorConst { .. }
            | Inst::Vector { .. }
            | Inst::Shuffle { .. }
            | Inst::ExtractLane { .. }
            | Inst::ReplaceLane { .. }
            | Inst::VectorLoad { .. }
            | Inst::VectorStore { .. }
            | Inst::LoadLane { .. }
            | Inst::StoreLane { .. }
            | Inst::Load { .. }
            | Inst::Store { .. }
            | Inst::MemorySize { .. }
            | Inst::MemoryGrow { .. }
            | Inst::MemoryFill { .. }
            | Inst::MemoryCopy { .. }
            | Inst::MemoryInit { .. }
            | Inst::DataDrop { .. }
            | Inst::TableGet { .. }
            | Inst::TableSet { .. }
            | Inst::TableSize { .. }
            | Inst::TableGrow { .. }
            | Inst::TableFill { .. }
            | Inst::TableCopy { .. }
            | Inst::TableInit { .. }
            | Inst::ElemDrop { .. }
            | Inst::Fuel { .. }
            | Inst::Epoch => {}
        }
        match inst.result() {
            Some((Dst::Slot(slot), ty)) => {
                let value = ty.resolve(module);
                for number in 0..ty.values() {
                    self.write_slot(Slot(slot.0 + number * value.slots()), value);
                }
            }
            Some((Dst::Acc, ty)) => self.acc = Some(ty.resolve(module)),
            None => {}
        }
    }
}

/// Keeps in `state` what both states have in common.
fn meet(state: &mut State, other: &State) {
    state.truncate(other.len());
    for (mine, theirs) in state.iter_mut().zip(other) {
        if *mine != *theirs {
            *mine = None;
        }
    }
}

impl Emitter for Verifier<'_> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.function = func.index;
        self.offset = 0;
        self.frame = func.frame;
        self.ty = func.ty.clone();
        self.locals = func.locals.to_vec();
        self.acc = None;
        self.incoming.clear();
        self.bound.clear();
        self.scopes = Scopes::default();
        self.temps = 0;
        self.state = Some(self.locals_state());
    }

    fn inst(&mut self, inst: &Inst, offset: u32) {
        self.offset = offset;
        let is_mark = matches!(inst, Inst::TryEnd { .. } | Inst::Catch { .. } | Inst::CatchEnd { .. });
        if self.state.is_none() && !is_mark {
            self.error("nothing leads to this instruction");
        }
        if let Err(message) = indices::check(inst, self.module) {
            return self.error(message);
        }
        if let Err(message) = forms::check(inst, self.module) {
            self.error(message);
        }
        self.read_sources(inst);
        self.effect(inst);
    }

    fn label(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        let operands: Vec<ValType> = operands.collect();
        if self.acc.take().is_some() {
            self.error(format!("an accumulator is live at L{}", label.0));
        }
        let incoming = self.incoming.remove(&label);
        let branches = incoming.as_ref().map_or(0, |incoming| incoming.branches);
        match kind {
            LabelKind::Loop if branches != 0 => self.error(format!("a branch leads forward to loop L{}", label.0)),
            LabelKind::Join if branches == 0 && self.state.is_none() => {
                self.error(format!("nothing leads to L{}", label.0));
            }
            LabelKind::Skip if branches != 1 || self.state.is_some() => {
                self.error(format!("L{} has other ways in than one branch", label.0));
            }
            LabelKind::Loop | LabelKind::Join | LabelKind::Skip => {}
        }
        let fallen_into = self.state.take();
        if kind == LabelKind::Skip {
            self.state = incoming.map(|incoming| incoming.state);
        } else {
            for state in incoming.map(|incoming| incoming.state).iter().chain(&fallen_into) {
                self.check_canonical(label, state, &operands);
            }
            self.state = Some(self.canonical_state(&operands));
        }
        let operands = (kind == LabelKind::Loop).then_some(operands);
        if self.bound.insert(label, operands).is_some() {
            self.error(format!("L{} is bound twice", label.0));
        }
    }

    fn end(&mut self, max_temps: u32) {
        if self.state.is_some() {
            self.error("control runs off the end");
        }
        if let Some(label) = self.incoming.keys().min().copied() {
            self.error(format!("L{} is not bound", label.0));
        }
        if self.scopes.is_incomplete() {
            self.error("a handler scope is not complete");
        }
        if self.temps > max_temps {
            self.error(format!("t{} is used, and {max_temps} slots are declared", self.temps - 1));
        }
    }
}
