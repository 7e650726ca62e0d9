//! Speculative compilation of functions before they are called:
//! [`Compilation::Speculative`](crate::Compilation::Speculative).
//!
//! When a function is compiled because it is called, the functions that it calls by their indices go to the front of
//! the line. When one of these has been compiled, the functions that it calls go to the end. So the compiling threads
//! run ahead of the executing thread, from where it is. When the executing thread reaches a function that is just being
//! compiled, it waits for that. If the function is still in the line, the thread compiles it itself, and leaves the
//! functions that it calls to the other threads.
//!
//! Modules keep the code that was made for them. A job does not keep its module alive.

use std::time::Duration;

use riser_translator::{DefinedFuncIndex, direct_callees};

use super::queue::{Job, Line};
use crate::Module;
use crate::module::{WeakModule, jobs};

/// A function that may be called soon.
pub(crate) struct Guess {
    module: WeakModule,
    /// The number of the tier that compiles it.
    tier: usize,
    /// The function.
    defined: DefinedFuncIndex,
}

impl Job for Guess {
    fn owner(&self) -> usize {
        self.module.number()
    }

    fn run(self) {
        let Some(module) = self.module.upgrade() else { return };
        // A function that cannot be compiled is an error of its call.
        let _ = module.tier_code(self.tier, self.defined);
        expect_callees(&module, self.tier, self.defined, Line::Last);
    }
}

/// Notes that a function is about to be compiled because it is called. The functions that it calls go to the front of the
/// line, unless that function has been in the line itself.
pub(super) fn called(module: &Module, tier: usize, defined: DefinedFuncIndex) {
    if module.expect(tier, defined) {
        expect_callees(module, tier, defined, Line::First);
    }
}

fn expect_callees(module: &Module, tier: usize, defined: DefinedFuncIndex, line: Line) {
    let (info, engine) = (module.info(), module.engine());
    let callees = direct_callees(info, info.func_index(defined));
    let mut new: Vec<DefinedFuncIndex> =
        callees.into_iter().filter_map(|callee| info.defined_function(callee)).collect();
    // The body may not have been validated, if the module is from a file.
    new.retain(|&callee| callee.index() < info.bodies.len() && module.expect(tier, callee));
    if new.is_empty() {
        return;
    }
    if line == Line::First {
        new.reverse();
    }
    let threads = jobs::threads(engine.config().parallel_compilation);
    for defined in new {
        let guess = Guess { module: module.downgrade(), tier, defined };
        // If the system has no threads, functions are compiled when they are called.
        let _ = engine.guesses().push(guess, line, threads, Duration::ZERO);
    }
}
