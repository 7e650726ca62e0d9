//! Dispatch by sibling calls: the function of each operator ends in a jump to the next one's.
//!
//! The machine's registers are the arguments, in the System V convention, which has room for
//! six: five, and the table of handlers, which every operator needs, as C compilers keep it in a
//! register. The compiler makes a jump of a call in tail position with the same signature when it
//! optimises, and nothing keeps the frame alive: no address of a local may have escaped. The
//! build script asks for that with `tail_dispatch`.
//!
//! A function call anywhere in an operator would have it save registers on every way through.
//! So what is rarely needed is in a second function, the operator in full, which is jumped to.

use riser_tiers_core::{Status, begin_at_cache_line};

use crate::dispatch::{charge, leave};
use crate::machine::{Activation, Machine};
use crate::opcode::{self, for_each_opcode};
use crate::operator::{self, Stop};
use crate::side_table::BranchEntry;

/// The function of an operator: the registers in order, `pc` at the operator; returns the status.
type Handler = unsafe extern "sysv64" fn(
    *const u8,
    *mut u64,
    *mut u64,
    *const BranchEntry,
    &'static Handlers,
    *mut Activation,
) -> Status;

/// Handlers by opcode. Those of numbers that are no opcodes are never called.
struct Handlers([Handler; opcode::END]);

impl Handlers {
    /// The handler of an operator.
    ///
    /// # Safety
    ///
    /// The number is a byte or an opcode.
    #[inline(always)]
    unsafe fn of(&self, opcode: usize) -> Handler {
        // SAFETY: by the contract of this function.
        unsafe { *self.0.get_unchecked(opcode) }
    }
}

/// Executes operators from `m.pc` on until the interpreter is left.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn run<const METERED: bool>(m: Machine) -> Status {
    // SAFETY: by the contract of this function.
    unsafe { next(m, if METERED { &METERED_HANDLERS } else { &HANDLERS }) }
}

/// Jumps to the operator at `m.pc`.
#[inline(always)]
unsafe fn next(m: Machine, handlers: &'static Handlers) -> Status {
    let Machine { pc, sp, fp, branch, act, .. } = m;
    // SAFETY: the invariants of `Machine`.
    unsafe { handlers.of((*pc).into())(pc, sp, fp, branch, handlers, act) }
}

/// An operator, as far as it is usual.
unsafe extern "sysv64" fn usual<const OPCODE: u32, const METERED: bool>(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    begin_at_cache_line();
    let mut m = Machine { at, pc: at, sp, fp, branch, act };
    // SAFETY: the invariants of `Machine`.
    unsafe {
        m.begin_operator(at, OPCODE);
        let executed = match charge::<METERED>(&m, OPCODE) {
            Ok(()) => operator::execute::<METERED, false>(&mut m, OPCODE),
            Err(code) => Err(code.into()),
        };
        match executed {
            Ok(()) => next(m, handlers),
            Err(Stop::Full) => full::<OPCODE, METERED>(at, sp, fp, branch, handlers, act),
            Err(stop) => leave(&m, stop),
        }
    }
}

/// An operator in full.
#[cold]
#[inline(never)]
unsafe extern "sysv64" fn full<const OPCODE: u32, const METERED: bool>(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    let mut m = Machine { at, pc: at, sp, fp, branch, act };
    // SAFETY: the invariants of `Machine`.
    unsafe {
        m.begin_operator(at, OPCODE);
        match operator::execute::<METERED, true>(&mut m, OPCODE) {
            Ok(()) => next(m, handlers),
            Err(stop) => leave(&m, stop),
        }
    }
}

/// The prefix byte: jumps to the operator whose number follows.
unsafe extern "sysv64" fn prefix(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    // SAFETY: the invariants of `Machine`.
    unsafe { handlers.of(opcode::at(at) as usize)(at, sp, fp, branch, handlers, act) }
}

static HANDLERS: Handlers = handlers::<false>();
static METERED_HANDLERS: Handlers = handlers::<true>();

const fn handlers<const METERED: bool>() -> Handlers {
    let mut handlers: [Handler; opcode::END] = [usual::<{ opcode::Unreachable }, METERED>; opcode::END];
    macro_rules! fill {
        ($($name:ident = $code:literal;)*) => {
            $(handlers[$code] = usual::<$code, METERED>;)*
        };
    }
    for_each_opcode!(fill);
    handlers[opcode::Prefix as usize] = prefix;
    Handlers(handlers)
}
