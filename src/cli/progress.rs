//! A line on a terminal that says how far a long compilation is.

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Compiled, Config, EventSet, Monitor};

use super::out;

/// What takes less than this needs no line.
const PATIENCE: Duration = Duration::from_secs(1);
/// The time between two lines.
const PACE: Duration = Duration::from_millis(100);

/// Counts the functions that are compiled, and shows the count as long as it lives. What is compiled later is not shown.
pub struct Progress(Arc<Counter>);

/// The count.
struct Counter {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    shown: Option<Instant>,
    has_ended: bool,
}

impl Progress {
    /// Adds one to a configuration, if somebody watches: if standard error is a terminal.
    pub fn add_to(config: &mut Config) -> Option<Progress> {
        if !io::stderr().is_terminal() {
            return None;
        }
        let counter = Arc::new(Counter { started: Instant::now(), state: Mutex::default() });
        config.monitor(counter.clone());
        Some(Progress(counter))
    }
}

impl Drop for Progress {
    /// Removes the line, if there is one.
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.has_ended = true;
        if state.shown.take().is_some() {
            out::progress("");
        }
    }
}

impl Monitor for Counter {
    fn events(&self) -> EventSet {
        EventSet::COMPILATION
    }

    fn compiled(&self, compiled: &Compiled<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += 1;
        let all = compiled.info().bodies.len();
        let last = state.shown.unwrap_or(self.started + PATIENCE - PACE);
        if !state.has_ended && Instant::now() >= last + PACE {
            state.shown = Some(Instant::now());
            let seconds = self.started.elapsed().as_secs();
            out::progress(&format!("compiling: {} of {all} functions, {seconds} s", state.done));
        }
    }
}
