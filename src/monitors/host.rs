//! What a program asks of its host.

use std::collections::HashMap;
use std::sync::Mutex;

use super::{Report, lock};
use crate::translator::Shown;
use crate::{EventSet, HostCall, HostOutcome, Monitor};

/// Reports the calls of host functions, in order: name, arguments, results. In every mode.
#[derive(Default)]
pub struct HostCalls(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    /// For each store the calls that have not ended, innermost last, as indices of their lines.
    open: HashMap<u64, Vec<usize>>,
}

impl Monitor for HostCalls {
    fn events(&self) -> EventSet {
        EventSet::HOST
    }

    fn host_call(&self, call: &HostCall<'_>) {
        let mut seen = lock(&self.0);
        let line = seen.lines.len();
        seen.lines.push(format!("{}({})", host_name(call), call.args()));
        seen.open.entry(call.store()).or_default().push(line);
    }

    fn host_return(&self, call: &HostCall<'_>, outcome: HostOutcome<'_>) {
        let mut seen = lock(&self.0);
        if let Some(line) = seen.open.get_mut(&call.store()).and_then(Vec::pop) {
            seen.lines[line] += &ending(outcome);
        }
    }
}

impl Report for HostCalls {
    fn report(&self) -> String {
        lock(&self.0).lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// A host function's name, with that of the module that it is imported from.
pub(super) fn host_name(call: &HostCall<'_>) -> String {
    match (call.module(), call.name()) {
        (Some(module), Some(name)) => format!("{}.{}", Shown(module), Shown(name)),
        _ => "<host function>".to_owned(),
    }
}

/// How a call ended, as it follows the call.
pub(super) fn ending(outcome: HostOutcome<'_>) -> String {
    match outcome {
        HostOutcome::Returned(results) if results.is_empty() => String::new(),
        HostOutcome::Returned(results) => format!(" = {results}"),
        HostOutcome::Threw => " threw".to_owned(),
        // By an error, or by `proc_exit`.
        HostOutcome::Failed => " did not return".to_owned(),
        HostOutcome::Panicked => " panicked".to_owned(),
    }
}
