//! The reference evaluator of register IR: simple and complete, and not written for speed.
//!
//! The input is a [`ParsedModule`] and the IR of its functions, from any source; an [`Instance`] runs them. The
//! relevant results of a run come in a form that can be compared: the [`Outcome`] of an invocation, the [`State`] that
//! it leaves, and the [`Safepoint`]s that it passes. Two translations of a module are equivalent if these are the same.
//!
//! # How it makes mistakes show
//!
//! A slot or accumulator that a function may not rely on is filled with rubbish: the operands of a frame at its entry,
//! everything above the results of a call, the link, and the accumulator after every instruction that does not write
//! it. IR that reads such a place goes wrong at once, and in a different way from IR that does not.
//!
//! # What it does not do
//!
//! * It checks no rules: the [`Verifier`](riser_translator::ir::Verifier) does, and has to run first. IR that breaks
//!   the rules may make it panic.
//! * Two imported tags are different tags.
//! * It calls no imports: an invocation that reaches one ends there ([`Outcome::Import`]). Imported memories, tables
//!   and globals exist as declared, and are full of zeros.
//! * It does not run the start function, which the caller has to invoke.
//!
//! Every run ends: [`Limits`] bounds time and space.

mod exception;
mod memory;
mod state;
mod step;
mod table;

use std::collections::HashMap;
use std::fmt;

use riser_translator::index::{DefinedFuncIndex, FuncIndex, TagIndex};
use riser_translator::ir::{Function, Item};
use riser_translator::module::{MemoryType, ModuleInfo};
use riser_translator::parse::ParsedModule;
use riser_translator::safepoint::Safepoint;
use riser_translator::sink::{FrameLayout, LINK_SLOTS, Label, Slot};
use riser_translator::trap::TrapCode;

pub use state::State;

use exception::{Exception, Scopes};
use step::Next;

/// The contents of places that must not be read.
const RUBBISH: u64 = 0xdead_beef_dead_beef;

/// The limits on what an instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel for code with [fuel charges](riser_translator::TranslatorConfig::fuel), which ends in
    /// [`TrapCode::OutOfFuel`] without it.
    pub fuel: u64,
    /// Instructions of one invocation, which ends in [`TrapCode::Interrupt`] if it needs more. For code without fuel
    /// charges; the count differs between translations of a function.
    pub steps: u64,
    /// Calls that are open at the same time. One more is a [`TrapCode::StackOverflow`].
    pub depth: usize,
    /// Slots of all frames together. One more is a [`TrapCode::StackOverflow`].
    pub slots: usize,
    /// Pages of 64 KiB of each memory, or as many bytes. Growing beyond this fails.
    pub pages: u64,
    /// Elements of each table. Growing beyond this fails.
    pub elements: u64,
}

impl Limits {
    /// The most pages of a memory of type `ty`.
    fn most_pages(&self, ty: MemoryType) -> u64 {
        (self.pages << MemoryType::DEFAULT_PAGE_SIZE_LOG2) >> ty.page_size_log2
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { fuel: 10_000, steps: 1_000_000, depth: 200, slots: 1 << 20, pages: 16, elements: 1_000 }
    }
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned these results, as slot bits; a vector takes two slots. A reference to a function is its index + 1.
    Returned(Vec<u64>),
    /// It trapped.
    Trapped(TrapCode),
    /// It called the imported function with this index.
    Import(FuncIndex),
    /// An exception left it.
    Threw {
        /// The exception's tag.
        tag: TagIndex,
        /// The slots of its payload. A reference to an exception is its number + 1 among those that the instance has thrown.
        payload: Vec<u64>,
    },
}

/// The reason why a module could not be instantiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceError {
    /// There is no IR for the function of this index.
    MissingFunction(FuncIndex),
    /// A memory or table is larger at the start than [`Limits`] allows.
    TooLarge,
    /// An active segment does not fit.
    Segment(TrapCode),
}

impl fmt::Display for InstanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceError::MissingFunction(function) => write!(f, "there is no IR for function {function}"),
            InstanceError::TooLarge => write!(f, "a memory or table is larger than the limits allow"),
            InstanceError::Segment(code) => write!(f, "an active segment does not fit: {code}"),
        }
    }
}

impl std::error::Error for InstanceError {}

/// The reason why an invocation ends.
enum Stop {
    Trap(TrapCode),
    Import(FuncIndex),
    /// The exception with this reference left the outermost frame.
    Exception(u64),
}

impl From<TrapCode> for Stop {
    fn from(code: TrapCode) -> Stop {
        Stop::Trap(code)
    }
}

/// A function that is ready to run.
struct Code<'a> {
    ir: &'a Function,
    frame: FrameLayout,
    /// Slots of the frame.
    slots: usize,
    /// The position of each label among the items.
    labels: HashMap<Label, usize>,
    scopes: Scopes,
}

impl<'a> Code<'a> {
    fn new(ir: &'a Function) -> Code<'a> {
        let frame = ir.frame();
        let labels = ir.items.iter().enumerate().filter_map(|(at, item)| match item {
            Item::Label { label, .. } => Some((*label, at)),
            Item::Inst { .. } => None,
        });
        Code {
            ir,
            frame,
            slots: (frame.temp(0).0 + ir.max_temps) as usize,
            labels: labels.collect(),
            scopes: Scopes::of(ir),
        }
    }
}

/// An open call.
#[derive(Clone, Copy)]
struct Activation {
    /// The function.
    code: DefinedFuncIndex,
    /// Index of the next item.
    at: usize,
    /// The position of the frame on the stack.
    base: usize,
}

/// The activation before any call.
const START: Activation = Activation { code: DefinedFuncIndex::new(0), at: 0, base: 0 };

/// Receives safepoints.
type Observer<'a> = Box<dyn FnMut(Safepoint) + 'a>;

/// A module's functions, with a state that they work on.
pub struct Instance<'a> {
    module: &'a ModuleInfo,
    /// The functions that the module defines.
    code: Vec<Code<'a>>,
    limits: Limits,
    state: State,
    observer: Option<Observer<'a>>,
    /// The exceptions that have been thrown.
    exceptions: Vec<Exception>,
    /// The frames of all open calls. The stack ends with the innermost frame.
    stack: Vec<u64>,
    /// The open calls except for the innermost.
    callers: Vec<Activation>,
    /// The innermost call.
    current: Activation,
    /// The value that the last instruction left for the next. One field serves as all three accumulators, of which at
    /// most one is live.
    acc: u64,
}

impl<'a> Instance<'a> {
    /// Instantiates a module: `functions` has the IR of every function that it defines, in any order.
    ///
    /// # Errors
    ///
    /// If IR is missing, or the module's initial state does not fit.
    pub fn new(
        module: &'a ParsedModule,
        functions: &'a [Function],
        limits: Limits,
    ) -> Result<Instance<'a>, InstanceError> {
        let module: &ModuleInfo = module.info();
        let by_index: HashMap<FuncIndex, &Function> =
            functions.iter().map(|function| (function.index, function)).collect();
        let code = module
            .defined_functions()
            .map(|index| by_index.get(&index).map(|ir| Code::new(ir)).ok_or(InstanceError::MissingFunction(index)))
            .collect::<Result<_, _>>()?;
        Ok(Instance {
            module,
            code,
            limits,
            state: State::new(module, &limits)?,
            observer: None,
            exceptions: Vec::new(),
            stack: Vec::new(),
            callers: Vec::new(),
            current: START,
            acc: RUBBISH,
        })
    }

    /// Calls `observer` at every safepoint from now on. The IR needs the instrumentation
    /// [`epoch`](riser_translator::TranslatorConfig::epoch), which marks safepoints.
    pub fn on_safepoint(&mut self, observer: impl FnMut(Safepoint) + 'a) {
        self.observer = Some(Box::new(observer));
    }

    /// The memories, tables, globals and fuel after the invocations so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where the last invocation ended, in a trap or not: a function, and the offset of the wasm operator in bytes from
    /// the start of the module. `None` if it did not reach an instruction.
    pub fn position(&self) -> Option<(FuncIndex, u32)> {
        let ir = self.code.get(self.current.code.index())?.ir;
        let ran = ir.items[..self.current.at].iter();
        ran.rev().find_map(|item| match item {
            Item::Inst { offset, .. } => Some((ir.index, *offset)),
            Item::Label { .. } => None,
        })
    }

    /// Calls the function with the given index; `args` are the slots of its arguments.
    ///
    /// # Panics
    ///
    /// If there is no such function, it has other parameters, or IR breaks the rules that the
    /// [`Verifier`](riser_translator::ir::Verifier) checks.
    pub fn invoke(&mut self, function: FuncIndex, args: &[u64]) -> Outcome {
        let ty = self.module.func_type(function);
        assert_eq!(args.len(), ty.param_slots() as usize, "function {function} has other parameters");
        self.stack.clear();
        self.callers.clear();
        self.current = START;
        self.stack.extend_from_slice(args);
        match self.run(function) {
            Ok(()) => Outcome::Returned(self.stack[..ty.result_slots() as usize].to_vec()),
            Err(Stop::Trap(code)) => Outcome::Trapped(code),
            Err(Stop::Import(function)) => Outcome::Import(function),
            Err(Stop::Exception(reference)) => {
                let Exception { tag, payload } = self.exceptions[reference as usize - 1].clone();
                Outcome::Threw { tag, payload }
            }
        }
    }

    fn run(&mut self, function: FuncIndex) -> Result<(), Stop> {
        self.current = self.enter(function, 0)?;
        let mut steps = self.limits.steps;
        loop {
            steps = steps.checked_sub(1).ok_or(TrapCode::Interrupt)?;
            let Activation { code, at, base } = self.current;
            let ir: &'a Function = self.code[code.index()].ir;
            self.current.at += 1;
            let inst = match &ir.items[at] {
                Item::Inst { inst, .. } => inst,
                Item::Label { .. } => {
                    self.acc = RUBBISH;
                    continue;
                }
            };
            match self.step(inst)? {
                Next::Fallthrough => {}
                Next::Label(label) => self.current.at = self.code[code.index()].labels[&label],
                Next::Safepoint => self.safepoint(at),
                Next::Call { function, args } => {
                    if self.callers.len() + 1 >= self.limits.depth {
                        return Err(TrapCode::StackOverflow.into());
                    }
                    let callee = self.enter(function, base + args.0 as usize)?;
                    self.callers.push(std::mem::replace(&mut self.current, callee));
                }
                Next::TailCall { function, args, params } => {
                    let args = base + args.0 as usize;
                    self.stack.copy_within(args..args + params as usize, base);
                    self.current = self.enter(function, base)?;
                }
                Next::Throw(reference) if !self.unwind(reference) => return Err(Stop::Exception(reference)),
                Next::Throw(_) => self.acc = RUBBISH,
                Next::Return => {
                    let Some(caller) = self.callers.pop() else { return Ok(()) };
                    self.stack.truncate(base + ir.ty.result_slots() as usize);
                    self.stack.resize(caller.base + self.code[caller.code.index()].slots, RUBBISH);
                    self.current = caller;
                }
            }
        }
    }

    /// Makes the frame of a function whose arguments are on the stack at `base`.
    fn enter(&mut self, function: FuncIndex, base: usize) -> Result<Activation, Stop> {
        let Some(code) = self.module.defined_function(function) else { return Err(Stop::Import(function)) };
        let Code { frame, slots, .. } = self.code[code.index()];
        if base + slots > self.limits.slots {
            return Err(TrapCode::StackOverflow.into());
        }
        self.stack.truncate(base + frame.params as usize);
        self.stack.resize(base + slots, RUBBISH);
        let declared = base + (frame.link().0 + LINK_SLOTS) as usize..base + frame.temp(0).0 as usize;
        self.stack[declared].fill(0);
        self.acc = RUBBISH;
        Ok(Activation { code, at: 0, base })
    }

    fn slot(&self, slot: Slot) -> u64 {
        self.stack[self.current.base + slot.0 as usize]
    }

    fn set_slot(&mut self, slot: Slot, bits: u64) {
        self.stack[self.current.base + slot.0 as usize] = bits;
    }

    /// Returns the vector whose lower half is in a slot.
    fn vector(&self, first: Slot) -> u128 {
        state::vector([self.slot(first), self.slot(Slot(first.0 + 1))])
    }

    /// Writes a value to the slots that it takes.
    fn set_slots(&mut self, first: Slot, slots: u32, bits: u128) {
        self.set_slot(first, bits as u64);
        if slots == 2 {
            self.set_slot(Slot(first.0 + 1), (bits >> 64) as u64);
        }
    }
}
