//! No switch changes what a program does.
//!
//! Every function is invoked under several configurations, with fuel and epochs, twice
//! over with arguments that are likely to matter. Results, traps and their places, the
//! safepoints passed, memories, tables, globals and the fuel left have to be the same.
//! [`crate::evaluate`] runs the IR, and fills with rubbish whatever a function
//! may not rely on.

use std::cell::RefCell;

use riser_translator::ir::Function;
use riser_translator::safepoint::{Safepoint, first_divergence};
use riser_translator::{FuncIndex, TranslatorConfig};

use super::{Case, Failure, Property};
use crate::evaluate::{Instance, Limits, Outcome, State};
use crate::generate::{Choices, slots};

/// No switch changes what a program does.
pub const PROPERTY: Property = Property {
    name: "same-behaviour",
    claim: "Evaluation gives the same results, traps, safepoints, state and fuel under every configuration.",
    check,
};

const LIMITS: Limits = Limits { fuel: 2_000, steps: 100_000, depth: 100, slots: 1 << 16, pages: 8, elements: 200 };

/// Invocations of a function, one after the other on one instance.
const INVOCATIONS: u32 = 2;

fn check(case: &Case<'_>) -> Result<(), Failure> {
    let choices: &mut dyn Choices = &mut case.choices();
    // Riser's own translator with everything off, then the others.
    let plain = TranslatorConfig { fuel: true, epoch: true, ..TranslatorConfig::naive() };
    let reference = case.reference(&plain)?;
    let mut others: Vec<(TranslatorConfig, Vec<Function>)> = Vec::new();
    for config in case.configs() {
        let config = TranslatorConfig { fuel: true, epoch: true, ..config };
        if !others.iter().any(|(other, _)| *other == config) {
            others.push((config, case.translate(&config)?));
        }
    }
    others.retain(|(_, functions)| *functions != reference);
    for function in case.functions() {
        let params = case.module.info().func_type(function).params();
        let arguments: Vec<Vec<u64>> = (0..INVOCATIONS).map(|_| slots(params, choices)).collect();
        let expected = Run::new(case, &reference, function, &arguments)?;
        for (config, ir) in &others {
            let run = Run::new(case, ir, function, &arguments)?;
            if let Some(difference) = expected.difference(&run) {
                let message = format!("function {function} on {arguments:x?}: naive, {difference}");
                return Err(Failure::under(config, message, ir));
            }
        }
    }
    Ok(())
}

/// All that shows of a few invocations of a function.
struct Run {
    /// How each ended; and where, if it was a trap.
    ends: Vec<(Outcome, Option<(FuncIndex, u32)>)>,
    safepoints: Vec<Safepoint>,
    state: State,
}

impl Run {
    fn new(
        case: &Case<'_>,
        functions: &[Function],
        function: FuncIndex,
        arguments: &[Vec<u64>],
    ) -> Result<Run, String> {
        let safepoints = RefCell::new(Vec::new());
        let mut instance = Instance::new(&case.module, functions, LIMITS).map_err(|error| error.to_string())?;
        instance.on_safepoint(|safepoint| safepoints.borrow_mut().push(safepoint));
        let mut ends = Vec::new();
        for arguments in arguments {
            let outcome = instance.invoke(function, arguments);
            let place =
                if matches!(outcome, Outcome::Trapped(_) | Outcome::Threw { .. }) { instance.position() } else { None };
            ends.push((outcome, place));
        }
        let state = instance.state().clone();
        drop(instance);
        Ok(Run { ends, safepoints: safepoints.into_inner(), state })
    }

    fn difference(&self, other: &Run) -> Option<String> {
        if let Some((a, b)) = self.ends.iter().zip(&other.ends).find(|(a, b)| a != b) {
            return Some(format!("{a:x?} becomes {b:x?}"));
        }
        let (a, b) = (&self.state, &other.state);
        if a.fuel != b.fuel {
            return Some(format!("{} units of fuel left become {}", a.fuel, b.fuel));
        }
        if a.globals != b.globals {
            return Some(format!("globals {:x?} become {:x?}", a.globals, b.globals));
        }
        if a.tables != b.tables {
            return Some(format!("tables {:x?} become {:x?}", a.tables, b.tables));
        }
        for (memory, (a, b)) in a.memories.iter().zip(&b.memories).enumerate() {
            if a.len() != b.len() {
                return Some(format!("memory {memory} of {:#x} bytes becomes one of {:#x}", a.len(), b.len()));
            }
            if a != b {
                let at = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(0);
                return Some(format!("in memory {memory} at {at:#x}, {:#x} becomes {:#x}", a[at], b[at]));
            }
        }
        if a != b {
            return Some("other segments are dropped".to_owned());
        }
        first_divergence(self.safepoints.iter().cloned(), other.safepoints.iter().cloned())
            .map(|divergence| format!("{:x?} becomes {:x?}", divergence.a, divergence.b))
    }
}
