//! What goes wrong: traps, the errors of host functions, and errors of the API.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use riser::wasi::Exit;
use riser::{Error, Result, ThrownException, Trap, WasmBacktrace};

use crate::frame::Frame;
use crate::info::Info;
use crate::store::StoreRef;
use crate::vector::{Out, put};

/// Why something could not be done.
pub struct Failure {
    /// What happened, and why.
    pub message: String,
    /// The trap, if the engine trapped.
    pub code: Option<Trap>,
    /// The status, if the guest has exited.
    pub exit: Option<i32>,
    /// The exception in flight, if the guest threw one.
    thrown: Option<ThrownException>,
    /// The wasm frames that it went through, the innermost first.
    pub frames: Vec<Frame>,
    /// What C has attached to the trap.
    pub info: Mutex<Option<Info>>,
}

impl Failure {
    /// A failure that is only a message.
    pub fn of_message(message: String) -> Failure {
        Failure { message, code: None, exit: None, thrown: None, frames: Vec::new(), info: Mutex::new(None) }
    }

    /// The failure that an error is. The store is the one whose code went wrong, if any code did.
    pub fn new(store: Option<&StoreRef>, error: &Error) -> Arc<Failure> {
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        let passed = error.downcast_ref::<Passed>();
        let frames = backtrace.into_iter().flat_map(WasmBacktrace::frames).map(|frame| Frame::new(store, frame));
        match passed {
            Some(Passed(inner)) if backtrace.is_none() => Arc::clone(inner),
            Some(Passed(inner)) => Arc::new(Failure {
                message: inner.message.clone(),
                code: inner.code,
                exit: inner.exit,
                thrown: inner.thrown.clone(),
                frames: inner.frames.iter().cloned().chain(frames).collect(),
                info: Mutex::new(None),
            }),
            None => Arc::new(Failure {
                message: message(error, backtrace),
                code: error.downcast_ref().copied(),
                exit: error.downcast_ref().map(|&Exit(status)| status),
                thrown: error.downcast_ref().cloned(),
                frames: frames.collect(),
                info: Mutex::new(None),
            }),
        }
    }

    /// Whether the failure as an error is an exception, which wasm may catch.
    pub fn is_thrown(&self) -> bool {
        self.thrown.is_some()
    }

    /// The failure as the error of a host function.
    pub fn into_error(self: Arc<Failure>) -> Error {
        let thrown = self.thrown.clone();
        let error = Error::new(Passed(self));
        match thrown {
            Some(thrown) => error.context(thrown),
            None => error,
        }
    }
}

/// The causes of an error, without its backtrace.
fn message(error: &Error, backtrace: Option<&WasmBacktrace>) -> String {
    let backtrace = backtrace.map(WasmBacktrace::to_string);
    let causes = error.chain().map(ToString::to_string).filter(|cause| Some(cause) != backtrace.as_ref());
    causes.collect::<Vec<_>>().join(": ")
}

/// A failure that a host function passes on.
#[derive(Clone)]
struct Passed(Arc<Failure>);

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Passed {}

/// Does something that may fail, or panic. The store is the one whose code runs meanwhile, if any does.
pub fn attempt<T>(store: Option<&StoreRef>, work: impl FnOnce() -> Result<T>) -> Result<T, Arc<Failure>> {
    // C may drop the last reference to the store in a host function.
    let store = store.cloned();
    let outcome = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| Failure::new(store.as_ref(), &error)),
        Err(payload) => Err(Arc::new(Failure::of_message(format!("panic: {}", panic_message(&*payload))))),
    };
    if let Some(store) = store {
        store.forget_thrown();
    }
    outcome
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("of an unknown kind")
}

/// `riser_error_t`.
pub struct ApiError(pub Arc<Failure>);

/// What a function of `riser.h` that can fail returns: null if it has not.
pub type Outcome = Option<Box<ApiError>>;

/// As [`attempt`], for a function of `riser.h` that has no result.
pub fn outcome(store: Option<&StoreRef>, work: impl FnOnce() -> Result<()>) -> Outcome {
    attempt(store, work).err().map(|failure| Box::new(ApiError(failure)))
}

/// As [`attempt`], for a function of `riser.h` that puts its result where C wants it: null, or what is empty, if it fails.
pub fn outcome_into<T: Default>(
    store: Option<&StoreRef>,
    out: Out<'_, T>,
    work: impl FnOnce() -> Result<T>,
) -> Outcome {
    let mut result = T::default();
    let outcome = outcome(store, || {
        result = work()?;
        Ok(())
    });
    put(out, result);
    outcome
}
