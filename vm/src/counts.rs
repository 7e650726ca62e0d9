//! Counts of what the register interpreter executes, for tools.
//!
//! A [`Counter`] counts for any number of stores, which may be in several threads: each store has a recorder of its own
//! (`riser_interp::profile`), and delivers its counts when it is dropped. Until then functions are known by their addresses, and
//! from then on by their modules, which the counts keep alive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use riser_interp::inspect::LONGEST_SEQUENCE;
use riser_interp::{Recorder, State};
use riser_tiers_core::FuncInst;
use riser_translator::FuncIndex;

use crate::instance::InstanceData;
use crate::store::StoreCore;
use crate::{AsContextMut as _, Dispatch, Module, Store};

/// What stores have executed.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// The instructions that were executed.
    pub instructions: Vec<InstructionCount>,
    /// The sequences that were executed. Sequences go through branches, calls and the host. Each instruction is the last of one
    /// sequence, which has the counter's length unless the execution of the store began with it.
    pub sequences: Vec<SequenceCount>,
    /// The calls that were made.
    pub calls: Vec<CallCount>,
    /// Executed instructions that belong to no function: those that translate a function at its first call, and those that leave
    /// the interpreter.
    pub stubs: u64,
}

/// An instruction of a function's code, and how often it was executed.
#[derive(Clone, Debug)]
pub struct InstructionCount {
    /// The module.
    pub module: Module,
    /// The function.
    pub function: FuncIndex,
    /// The distance from the start of the function's code, in words: [`inspect::DecodedInst::word`](crate::inspect::DecodedInst).
    pub word: usize,
    /// How often it was executed. A pair is two instructions.
    pub count: u64,
    /// How often it was a conditional branch that was taken. A branch to the instruction behind it is never taken.
    pub taken: u64,
    /// Whether the code has a pair here, so that this instruction and the one behind it take one dispatch.
    pub begins_pair: bool,
}

/// How often instructions were executed in this order.
#[derive(Clone, Debug)]
pub struct SequenceCount {
    /// Indices of [`Counts::instructions`].
    pub instructions: Vec<usize>,
    /// How often.
    pub count: u64,
}

/// How often an instruction called a function.
#[derive(Clone, Debug)]
pub struct CallCount {
    /// An index of [`Counts::instructions`].
    pub instruction: usize,
    /// What it called.
    pub callee: Callee,
    /// How often.
    pub count: u64,
}

/// A function that was called.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A function that a module defines.
    Defined(Module, FuncIndex),
    /// A function of the host, with its index in the calling module, if that imports it.
    Host(Option<FuncIndex>),
}

/// Selects the instructions that are part of sequences, by their places, as in [`InstructionCount`].
type Selects = dyn Fn(&Module, FuncIndex, usize) -> bool + Send + Sync;

struct Counting {
    length: usize,
    selects: Box<Selects>,
    counts: Mutex<Counts>,
}

/// Counts what stores execute, with [`Dispatch::Profile`]. A clone is the same counter.
#[derive(Clone)]
pub struct Counter(Arc<Counting>);

impl Counter {
    /// Makes a counter of sequences of `length` instructions: those that `selects` selects by their module, function and
    /// [word](InstructionCount::word). It is asked once for each instruction and store. Shorter sequences follow from the longer ones.
    ///
    /// # Panics
    ///
    /// If the length is 0 or more than [`inspect::LONGEST_SEQUENCE`](crate::inspect::LONGEST_SEQUENCE).
    ///
    /// `selects` is asked within the guest's frames, which nothing unwinds: if it panics, the process is aborted.
    pub fn new(length: usize, selects: impl Fn(&Module, FuncIndex, usize) -> bool + Send + Sync + 'static) -> Counter {
        assert!((1..=LONGEST_SEQUENCE).contains(&length), "sequences of {length} instructions are not counted");
        Counter(Arc::new(Counting { length, selects: Box::new(selects), counts: Mutex::default() }))
    }

    /// Takes the counts of the stores that have been dropped since the last call.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.0.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn recorder(&self) -> Box<Recorder> {
        let counting = Arc::clone(&self.0);
        let select = move |func: *const FuncInst, word| {
            // SAFETY: the recorder asks about functions of the store that it belongs to, while that runs.
            let func = unsafe { &*func };
            // SAFETY: as above.
            let instance = unsafe { InstanceData::of(func) };
            instance.is_some_and(|it| (counting.selects)(it.module(), func.func_index(), word as usize))
        };
        Box::new(Recorder::new(self.0.length, Box::new(select)))
    }
}

impl<T> Store<T> {
    /// Counts the instructions that the store executes from now on, in place of the counter that it has. The counts arrive when the
    /// store is dropped.
    ///
    /// # Errors
    ///
    /// If the engine does not count: its dispatch strategy has to be [`Dispatch::Profile`]. If a call is suspended.
    pub fn count_instructions(&mut self, counter: &Counter) -> Result<()> {
        self.as_context_mut().core_mut().count(counter)
    }
}

impl StoreCore {
    fn count(&mut self, counter: &Counter) -> Result<()> {
        ensure!(
            self.engine.config().dispatch == Dispatch::Profile,
            "instructions are counted by the dispatch strategy `{}` only",
            Dispatch::Profile
        );
        // Code that runs has its place in the recorder. Bindings can get here from a host function.
        ensure!(
            !self.has_frames(),
            "another counter begins where no code of the store runs, and no call of it is suspended"
        );
        self.deliver_counts();
        self.counter = Some(counter.clone());
        // SAFETY: the store is alive, and runs no code: the caller has it to itself.
        unsafe { (*State::of(&raw mut self.context)).recorder = Some(counter.recorder()) };
        Ok(())
    }

    /// Delivers the counts to the counter, if there is one.
    pub(crate) fn deliver_counts(&mut self) {
        let Some(counter) = self.counter.take() else { return };
        // SAFETY: the store is alive, and runs no code: the caller has it to itself.
        let recorder = unsafe { (*State::of(&raw mut self.context)).recorder.take() };
        if let Some(recorder) = recorder {
            // SAFETY: the recorder is that of this store, whose functions are alive.
            unsafe { counter.0.counts.lock().unwrap_or_else(PoisonError::into_inner).add(&recorder) };
        }
    }
}

impl Counts {
    /// Adds what a recorder has counted.
    ///
    /// # Safety
    ///
    /// The recorder's store is alive.
    unsafe fn add(&mut self, recorder: &Recorder) {
        let mut index_of = HashMap::new();
        for (site, number) in recorder.sites().iter().zip(0..) {
            // SAFETY: by the contract of this function.
            let found = unsafe { site.func.as_ref().and_then(|func| Some((func, InstanceData::of(func)?))) };
            let Some((func, instance)) = found else {
                self.stubs += site.count;
                continue;
            };
            index_of.insert(number, self.instructions.len());
            self.instructions.push(InstructionCount {
                module: instance.module().clone(),
                function: func.func_index(),
                word: site.word as usize,
                count: site.count,
                taken: site.taken,
                begins_pair: site.begins_pair,
            });
        }
        self.sequences.extend(recorder.sequences().map(|(sites, count)| SequenceCount {
            instructions: sites.iter().rev().filter_map(|site| index_of.get(site).copied()).collect(),
            count,
        }));
        for (site, callee, count) in recorder.calls() {
            let Some(&instruction) = index_of.get(&site) else { continue };
            let caller = recorder.sites()[site as usize].func;
            // SAFETY: by the contract of this function.
            let callee = unsafe { Callee::of(&*callee, &*caller) };
            self.calls.push(CallCount { instruction, callee, count });
        }
    }
}

impl Callee {
    /// What `caller` calls as `func`.
    ///
    /// # Safety
    ///
    /// Both are functions of a living store.
    unsafe fn of(func: &FuncInst, caller: &FuncInst) -> Callee {
        // SAFETY: by the contract of this function.
        let (callee, caller) = unsafe { (InstanceData::of(func), InstanceData::of(caller)) };
        match callee {
            Some(instance) => Callee::Defined(instance.module().clone(), func.func_index()),
            None => {
                let functions = caller.map_or(&[][..], |caller| &caller.parts.functions);
                Callee::Host(
                    functions.iter().position(|&it| std::ptr::eq(it, func)).map(|at| FuncIndex::new(at as u32)),
                )
            }
        }
    }
}
