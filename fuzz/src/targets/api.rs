//! Sequences of calls of the embedding API: engines, stores, linkers, modules and instances are made, used across each other, changed and
//! dropped, in an order that the input decides.
//!
//! * Each object has a model: every result, every byte of memory that was written, every global and every element of a table is known.
//! * Objects of one store or engine are deliberately used with another. That has to be refused, by an error or by a panic, and must
//!   change nothing.
//! * What an engine holds ([`riser::EngineUsage`]) is nothing again whenever all objects that were made with it are gone.
//!
//! Functions are of many types, so that the same numbers stand for different types in different engines.

mod shape;
mod step;
mod world;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use riser::modes::LLVM_JIT;
use riser::{Config, Engine, EngineUsage, FuncType, Mode, policy::Policy};
use riser_properties::generate::{Bytes, Choices};

use super::{Finding, Verdict};
use crate::configurations::modes;
use world::World;

/// The most steps of a sequence.
const STEPS: u32 = 60;

/// Size of each store's stacks in bytes: recursion ends soon.
const STACK_BYTES: usize = 64 << 10;

/// The property for the sequence that `data` stands for.
///
/// # Errors
///
/// If something differs from the model; the error contains the last steps.
pub fn api(data: &[u8]) -> Result<Verdict, Finding> {
    if data.is_empty() {
        return Ok(Verdict::NOTHING);
    }
    let mut choices = Bytes::new(data);
    let mut sequence = Sequence::new(&mut choices);
    let result = sequence.run();
    result.map_err(|message| {
        let last = sequence.log.len().saturating_sub(12);
        Finding::new(format!("{message}\nafter: {}", sequence.log[last..].join("; ")))
    })?;
    Ok(Verdict { cases: 1, effective: u64::from(sequence.agreed > 0) })
}

/// A running sequence.
struct Sequence<'a> {
    choices: &'a mut dyn Choices,
    world: World,
    /// Types to choose from: few, so that some fit.
    types: Vec<FuncType>,
    /// The number of tags given to functions.
    tags: i64,
    /// The number of calls that returned what the model predicts.
    agreed: u64,
    log: Vec<String>,
}

impl<'a> Sequence<'a> {
    fn new(choices: &'a mut dyn Choices) -> Sequence<'a> {
        let types = (0..4).map(|_| shape::ty(choices)).collect();
        Sequence { choices, world: World::default(), types, tags: 0, agreed: 0, log: Vec::new() }
    }

    fn run(&mut self) -> Result<(), String> {
        for _ in 0..1 + self.choices.below(3) {
            self.engine();
        }
        // Initial objects.
        for _ in 0..2 {
            self.store()?;
            self.linker()?;
            self.module()?;
        }
        for _ in 0..3 {
            self.define()?;
            self.instantiate()?;
            self.get()?;
            self.exported()?;
        }
        for _ in 0..self.choices.below(STEPS) {
            self.step()?;
        }
        while self.drop_something() {
            self.check_usage()?;
        }
        Ok(())
    }

    /// Makes an engine, in any mode.
    fn engine(&mut self) {
        // LLVM takes milliseconds for each function, so it is used rarely.
        let rare = self.choices.one_in(32);
        let modes: Vec<Mode> = modes().iter().copied().filter(|&mode| rare || mode != LLVM_JIT).collect();
        let mode = self.choices.pick(&modes);
        let mut config = Config::new();
        let up = if rare { 1 } else { Policy::NEVER };
        let policy = Policy { up_call_threshold: up, up_loop_threshold: up, ..Policy::at_once(0) };
        config.mode(mode).tier_policy(policy).max_wasm_stack(STACK_BYTES);
        self.log.push(format!("engine in {mode}"));
        self.world.engines.push(Engine::new(&config).unwrap_or_else(|error| panic!("{mode}: {error:#}")));
    }

    /// Checks that engines without any object hold nothing.
    fn check_usage(&self) -> Result<(), String> {
        for (number, engine) in self.world.engines.iter().enumerate() {
            let usage = engine.usage();
            if self.world.is_idle(number) && usage != EngineUsage::default() {
                return Err(format!("engine {number} holds {usage:?} for nobody"));
            }
        }
        Ok(())
    }

    /// A tag that no other function has.
    fn tag(&mut self) -> i64 {
        self.tags += 1;
        self.tags * 1_000_003
    }
}

thread_local! {
    /// Whether a panic is expected.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Does something that may be refused, by an error or by a panic, which is not reported then.
fn attempt<R>(work: impl FnOnce() -> riser::Result<R>) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                others(info);
            }
        }));
    });
    EXPECTED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(false);
    match outcome {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(payload) => Err(match payload.downcast_ref::<String>() {
            Some(message) => message.clone(),
            None => payload.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
        }),
    }
}
