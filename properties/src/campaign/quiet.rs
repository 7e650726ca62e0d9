//! Panics as findings.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// The last panic in [`quietly`] on this thread; `None` outside of it.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs code under test. The first call replaces the process's panic hook by one that is silent about panics in here, and
/// leaves all others to the hook before.
///
/// # Errors
///
/// The message of a panic, with its place.
pub fn quietly<R>(act: impl FnOnce() -> R) -> Result<R, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info| {
            let ours = PANIC.with_borrow_mut(|panic| panic.as_mut().map(|panic| *panic = info.to_string()));
            if ours.is_none() {
                others(info);
            }
        }));
    });
    PANIC.set(Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(act));
    let message = PANIC.take().unwrap_or_default();
    result.map_err(|_| message)
}
