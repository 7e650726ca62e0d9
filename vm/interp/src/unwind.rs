//! Exceptions: where a function's code handles them, and how they are unwound to there.
//!
//! [`Handlers`] has the handler scopes of a function by the words of its code. An exception leaves the dispatch strategy as any trap does; [`land`]
//! then looks for a handler among the frames of the activation, from the innermost outwards, and continues there.

use riser_tiers_core::{Clause, Context, Exception, Status, StoreContext};
use riser_translator::TagIndex;

use super::regs::Regs;
use super::state::{Passed, State};

/// The handler scopes of a function's code, whose positions are words.
pub type Handlers = riser_tiers_core::Handlers<Landing>;

/// A clause of a handler scope. Slots are numbered as in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    pub(super) tag: Option<TagIndex>,
    /// Where the payload goes.
    pub(super) payload: u32,
    /// Where the reference goes, if anywhere.
    pub(super) exn: Option<u32>,
    /// The word where the code continues, or, while the function is encoded, the number of the label.
    pub(super) target: u32,
}

impl Clause for Landing {
    fn tag(&self) -> Option<TagIndex> {
        self.tag
    }
}

/// Throws a new exception with the payload at `args`, the uppermost of the frame's slots that are in use.
///
/// # Safety
///
/// The tag is one of the context's module, and the payload is there.
#[cold]
#[inline(never)]
pub(super) unsafe fn throw(cx: *mut Context, tag: TagIndex, args: *const u64) -> Status {
    // SAFETY: the caller guarantees the tag and its payload; what is still in use is below.
    unsafe {
        let tag = (*cx).tag(tag);
        StoreContext::throw((*cx).store, tag, args, args.add((*tag).slots as usize))
    }
}

/// Looks for a handler of the exception in flight among the frames of the activation that has left, and sets the registers to
/// continue there. Returns whether there is one.
///
/// # Safety
///
/// `state` is that of the store of `regs`, and holds the position where the activation left; `halt` is where its first frame
/// returns to.
#[cold]
#[inline(never)]
pub(super) unsafe fn land(regs: &mut Regs, state: *mut State, halt: *const u64) -> bool {
    // SAFETY: the exit state is that of this activation; links are intact below it. A clause's slots are in the frame.
    unsafe {
        let State { exit: [ip, fp, cx], callbacks, .. } = *state;
        let (mut ip, mut fp, mut cx) = (ip as *const u64, fp as *mut u64, cx as *mut Context);
        // The word before `halt` represents the call that returns there.
        while ip != halt && ip != halt.sub(1) {
            let Some(Passed { func, handler }) = (callbacks.find_handler)(cx, ip) else { return false };
            if let Some((code, Landing { tag, payload, exn, target })) = handler {
                let store = (*cx).store;
                let exception = (*store).exception;
                if tag.is_some() {
                    let values = Exception::values(exception);
                    std::ptr::copy_nonoverlapping(values.as_ptr(), fp.add(payload as usize), values.len());
                }
                if let Some(exn) = exn {
                    *fp.add(exn as usize) = exception.expose_provenance() as u64;
                }
                (*store).caught(exn.is_some());
                *regs = Regs { ip: code.add(target as usize), fp, cx, ..*regs };
                regs.reload_memory();
                return true;
            }
            let link = fp.add((*func).link_slot() as usize);
            ip = (*link as *const u64).sub(1);
            fp = *link.add(1) as *mut u64;
            cx = *link.add(2) as *mut Context;
        }
        false
    }
}
