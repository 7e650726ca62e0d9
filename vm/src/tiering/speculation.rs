//! Compiling functions before they are called: [`Compilation::Speculative`](crate::Compilation::Speculative).
//!
//! When a function is compiled because it is called, the functions that it calls by their indices get first in line; when one of these has
//! been compiled, those that it calls get last in line. So threads go ahead of the one that runs, from where it is. If that comes to a
//! function that is just being compiled, it waits for it; to one that is still in line, it compiles it itself, and leaves what that calls to
//! the threads.
//!
//! Modules keep what was made for them. A job does not keep its module.

use std::time::Duration;

use riser_translator::direct_callees;

use super::queue::{Job, Line};
use crate::Module;
use crate::module::{WeakModule, jobs};

/// A function that may be called soon.
pub(crate) struct Guess {
    module: WeakModule,
    /// The number of the tier to compile it.
    tier: usize,
    /// The function, numbered without the imports.
    defined: u32,
}

impl Job for Guess {
    fn owner(&self) -> usize {
        self.module.number()
    }

    fn run(self) {
        let Some(module) = self.module.upgrade() else { return };
        // If it cannot be compiled, whoever calls it will see.
        let _ = module.tier_code(self.tier, self.defined);
        expect_callees(&module, self.tier, self.defined, Line::Last);
    }
}

/// A function, numbered without the imports, is about to be compiled because it is called: what it calls gets first in line, unless it has been
/// there itself.
pub(super) fn called(module: &Module, tier: usize, defined: u32) {
    if module.expect(tier, defined) {
        expect_callees(module, tier, defined, Line::First);
    }
}

fn expect_callees(module: &Module, tier: usize, defined: u32, line: Line) {
    let (info, engine) = (module.info(), module.engine());
    let callees = direct_callees(info, info.imported_functions + defined);
    let mut new: Vec<u32> = callees.into_iter().filter_map(|callee| info.defined_function(callee)).collect();
    // Of a module from a file, the body may not have been validated.
    new.retain(|&callee| (callee as usize) < info.bodies.len() && module.expect(tier, callee));
    if new.is_empty() {
        return;
    }
    if line == Line::First {
        new.reverse();
    }
    let threads = jobs::threads(engine.config().parallel_compilation);
    for defined in new {
        let guess = Guess { module: module.downgrade(), tier, defined };
        // Where the system has no threads, functions are compiled when they are called.
        let _ = engine.guesses().push(guess, line, threads, Duration::ZERO);
    }
}
