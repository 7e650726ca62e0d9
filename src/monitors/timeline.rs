//! When functions are compiled.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::place::name;
use super::{Report, lock};
use crate::{Compiled, EventSet, Monitor};

/// Reports when which function was made ready to run by which tier, and how long that took. In every mode; the times count
/// from when the monitor was made.
pub struct Timeline {
    started: Instant,
    seen: Mutex<Vec<Step>>,
}

struct Step {
    at: Duration,
    time: Duration,
    text: String,
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { started: Instant::now(), seen: Mutex::default() }
    }
}

impl Monitor for Timeline {
    fn events(&self) -> EventSet {
        EventSet::COMPILATION
    }

    fn compiled(&self, compiled: &Compiled<'_>) {
        let mut text = format!("{:<9} {}", compiled.mode().name(), name(compiled.info(), compiled.function()));
        if let Some(offset) = compiled.loop_offset() {
            let _ = write!(text, " loop {offset:#x}");
        }
        if !compiled.is_taken() {
            text.push_str(" (declined)");
        }
        let at = compiled.started().saturating_duration_since(self.started);
        lock(&self.seen).push(Step { at, time: compiled.time(), text });
    }
}

impl Report for Timeline {
    fn report(&self) -> String {
        let mut seen = lock(&self.seen);
        seen.sort_by_key(|step| step.at);
        let mut text = format!("{:>12} {:>12}  tier      function\n", "at, ms", "took, ms");
        for Step { at, time, text: what } in &*seen {
            let ms = |time: &Duration| time.as_secs_f64() * 1e3;
            let _ = writeln!(text, "{:>12.3} {:>12.3}  {what}", ms(at), ms(time));
        }
        text
    }
}
