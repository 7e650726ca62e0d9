//! Events as lines, as they happen.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::host::{ending, host_name};
use super::lock;
use super::place::name;
use crate::{Event, EventSet, FuncIndex, HostCall, HostOutcome, Monitor, Point, Site};

/// Writes a line for each event of a set.
pub struct Trace {
    events: EventSet,
    function: Option<String>,
    out: Mutex<Out>,
}

struct Out {
    to: Box<dyn Write + Send>,
    left: Option<u64>,
    at_limit: Box<dyn Fn(io::Result<()>) + Send>,
    /// Why a line could not be written. There are no lines behind it.
    failed: Option<io::Error>,
}

impl Out {
    /// Writes what is still in buffers, and says if it, or a line before, cannot be written.
    fn flush(&mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.to.flush(),
        }
    }
}

impl Trace {
    /// A monitor that writes lines for these events.
    pub fn new(events: EventSet, to: impl Write + Send + 'static) -> Trace {
        let out = Out { to: Box::new(to), left: None, at_limit: Box::new(drop), failed: None };
        Trace { events, function: None, out: Mutex::new(out) }
    }

    /// Only writes events of one function, given by name or index. Calls of host functions have none.
    pub fn of_function(self, function: impl Into<String>) -> Trace {
        Trace { function: Some(function.into()), ..self }
    }

    /// Writes at most this many lines; behind the last one, calls `then` for each event, with what [`Trace::flush`] would return.
    pub fn at_most(mut self, lines: u64, then: impl Fn(io::Result<()>) + Send + 'static) -> Trace {
        let out = self.out.get_mut().unwrap_or_else(PoisonError::into_inner);
        (out.left, out.at_limit) = (Some(lines), Box::new(then));
        self
    }

    /// Writes a line. If it cannot be written, the guest does not suffer; [`Trace::flush`] says so.
    fn line(&self, line: &str) {
        let mut out = lock(&self.out);
        if let Some(left) = &mut out.left {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => {
                    let written = out.flush();
                    return (out.at_limit)(written);
                }
            }
        }
        if out.failed.is_none() {
            // In one piece, because the guest may be writing to the same place.
            out.failed = out.to.write_all(format!("{line}\n").as_bytes()).err();
        }
    }

    /// Writes what is still in buffers.
    ///
    /// # Errors
    ///
    /// If it, or a line before, cannot be written.
    pub fn flush(&self) -> io::Result<()> {
        lock(&self.out).flush()
    }

    fn is_traced(&self, name: Option<&str>, function: FuncIndex) -> bool {
        self.function.as_ref().is_none_or(|it| Some(&**it) == name || it.parse() == Ok(function))
    }
}

impl Monitor for Trace {
    fn events(&self) -> EventSet {
        self.events
    }

    fn attaches(&self, site: &Site<'_>) -> bool {
        self.is_traced(site.name(), site.function())
    }

    fn event(&self, event: &Event<'_>) {
        let info = event.module().info();
        let what = match event.point() {
            Point::Entry => {
                let params = event.locals().iter().take(info.func_type(event.function()).params().len());
                let params: Vec<String> = params.map(|value| value.to_string()).collect();
                format!("enter ({})", params.join(", "))
            }
            Point::Exit if event.operands().is_empty() => "exit".to_owned(),
            Point::Exit => format!("exit = {}", event.operands()),
            Point::Loop => "loop".to_owned(),
            Point::Branch => format!("branch {}", if event.taken() == Some(true) { "taken" } else { "not taken" }),
            Point::BranchTable { .. } => format!("branch to target {}", event.target().unwrap_or(0)),
            Point::Call { callee, tail } => format!("{} {}", verb(tail), name(info, callee)),
            Point::CallIndirect { table, tail, .. } => {
                let index = event.operands().last().map_or_else(String::new, |index| index.to_string());
                format!("{} {index} of table {table}", verb(tail))
            }
            Point::Access(_) | Point::Bulk(_) => {
                let accesses =
                    event.accesses().map(|it| format!("{} {} bytes at {:#x}", it.kind, it.bytes, it.address));
                accesses.collect::<Vec<_>>().join(", ")
            }
            Point::Operator => "operator".to_owned(),
        };
        self.line(&format!("{:#8x} {} {what}", event.offset(), name(info, event.function())));
    }

    fn host_call(&self, call: &HostCall<'_>) {
        self.line(&format!("{:8} {}({})", "host", host_name(call), call.args()));
    }

    fn host_return(&self, call: &HostCall<'_>, outcome: HostOutcome<'_>) {
        let ending = match ending(outcome) {
            returned if returned.is_empty() => " returned".to_owned(),
            ending => ending,
        };
        self.line(&format!("{:8} {}{ending}", "host", host_name(call)));
    }
}

fn verb(tail: bool) -> &'static str {
    if tail { "tail-call" } else { "call" }
}
