//! Dispatch by sibling calls: each operator's handler ends in a jump to the next handler.
//!
//! The machine's registers are the arguments. The System V convention has room for six: the five registers, and the table
//! of handlers, which every operator needs and which C compilers keep in a register, too. The compiler turns a call in
//! tail position with the same signature into a jump if it optimises, and if nothing keeps the frame alive: no address of
//! a local may have escaped. The build script enables this with `tail_dispatch`.
//!
//! A function call anywhere in a handler would make it save registers on every path. So rare cases are in a second
//! handler, the full variant of the operator, to which the first one jumps.

use riser_tiers_core::{Status, begin_at_cache_line};

use crate::dispatch::{charge, leave, out_of_fuel};
use crate::machine::{Activation, Machine};
use crate::opcode::{self, VECTORS, for_each_opcode, number};
use crate::operator::{self, Stop};
use crate::probe;
use crate::side_table::BranchEntry;
use crate::vector;

/// A handler of an operator: takes the registers in order, with `pc` at the operator; returns the status.
type Handler = unsafe extern "sysv64" fn(
    *const u8,
    *mut u64,
    *mut u64,
    *const BranchEntry,
    &'static Handlers,
    *mut Activation,
) -> Status;

/// Handlers by opcode. Handlers of numbers that are no opcodes are never called.
struct Handlers([Handler; VECTORS as usize]);

impl Handlers {
    /// The handler of an operator.
    ///
    /// # Safety
    ///
    /// The number is a byte or an opcode.
    #[inline(always)]
    unsafe fn of(&self, opcode: usize) -> Handler {
        // SAFETY: the caller guarantees that the number is a byte or an opcode.
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
    // SAFETY: the invariants of `Machine`.
    unsafe { next(m, if METERED { &METERED_HANDLERS } else { &HANDLERS }) }
}

/// Jumps to the operator at `m.pc`.
#[inline(always)]
unsafe fn next(m: Machine, handlers: &'static Handlers) -> Status {
    let Machine { pc, sp, fp, branch, act, .. } = m;
    // SAFETY: the invariants of `Machine`.
    unsafe { handlers.of((*pc).into())(pc, sp, fp, branch, handlers, act) }
}

/// Executes an operator, whether of vectors or not.
#[inline(always)]
unsafe fn execute<const OPCODE: u32, const METERED: bool, const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        if OPCODE < opcode::VECTORS {
            operator::execute::<METERED, FULL>(m, OPCODE)
        } else {
            vector::execute::<FULL>(m, OPCODE)
        }
    }
}

/// The usual variant of an operator: without its rare cases.
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
        if !charge::<METERED>(&m, OPCODE) {
            return short_of_fuel(at, sp, fp, branch, handlers, act);
        }
        match execute::<OPCODE, METERED, false>(&mut m) {
            Ok(()) => next(m, handlers),
            Err(Stop::Full) => full::<OPCODE, METERED>(at, sp, fp, branch, handlers, act),
            Err(stop) => leave(&m, stop),
        }
    }
}

/// The full variant of an operator.
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
        match execute::<OPCODE, METERED, true>(&mut m) {
            Ok(()) => next(m, handlers),
            Err(stop) => leave(&m, stop),
        }
    }
}

/// An operator for whose segment there is too little fuel: charges, and begins the operator again, which then charges nothing.
#[cold]
#[inline(never)]
unsafe extern "sysv64" fn short_of_fuel(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    let m = Machine { at, pc: at, sp, fp, branch, act };
    // SAFETY: the invariants of `Machine`. A probe would have charged before, so this is no operator with a probe.
    unsafe {
        match out_of_fuel(act, opcode::METERING[usize::from(*at)].cost) {
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
    unsafe { handlers.of(opcode::behind_prefix(at) as usize)(at, sp, fp, branch, handlers, act) }
}

/// An operator with a probe: fires it, and jumps to the operator's own handler.
unsafe extern "sysv64" fn probed<const METERED: bool>(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        match probe::fire::<METERED>(at, sp, fp, act) {
            Ok((pc, byte)) => handlers.of(byte.into())(pc, sp, fp, branch, handlers, act),
            Err(stop) => leave(&Machine { at, pc: at, sp, fp, branch, act }, stop),
        }
    }
}

/// The prefix byte of vector operators: jumps to the operator whose number follows, through their own table.
unsafe extern "sysv64" fn vector_prefix<const METERED: bool>(
    at: *const u8,
    sp: *mut u64,
    fp: *mut u64,
    branch: *const BranchEntry,
    handlers: &'static Handlers,
    act: *mut Activation,
) -> Status {
    // SAFETY: the invariants of `Machine`; the number is a vector operator's.
    unsafe {
        let number = vector::number_at(at) as usize;
        let vectors = if METERED { &METERED_VECTOR_HANDLERS } else { &VECTOR_HANDLERS };
        vectors.get_unchecked(number)(at, sp, fp, branch, handlers, act)
    }
}

static HANDLERS: Handlers = handlers::<false>();
static METERED_HANDLERS: Handlers = handlers::<true>();

const fn handlers<const METERED: bool>() -> Handlers {
    let mut handlers = [usual::<{ opcode::Unreachable }, METERED> as Handler; VECTORS as usize];
    macro_rules! fill {
        ($($name:ident = $code:literal;)*) => {
            $(if number($code) < VECTORS {
                handlers[number($code) as usize] = usual::<{ number($code) }, METERED>;
            })*
        };
    }
    for_each_opcode!(fill);
    handlers[opcode::Prefix as usize] = prefix;
    handlers[opcode::Probe as usize] = probed::<METERED>;
    handlers[opcode::VectorPrefix as usize] = vector_prefix::<METERED>;
    Handlers(handlers)
}

/// Handlers of vector operators, by the number after the prefix. Handlers of numbers that are no operators are never
/// called.
type VectorHandlers = [Handler; opcode::VECTOR_NUMBERS];

static VECTOR_HANDLERS: VectorHandlers = vector_handlers::<false>();
static METERED_VECTOR_HANDLERS: VectorHandlers = vector_handlers::<true>();

const fn vector_handlers<const METERED: bool>() -> VectorHandlers {
    let mut handlers: VectorHandlers = [usual::<{ opcode::Unreachable }, METERED>; opcode::VECTOR_NUMBERS];
    macro_rules! fill {
        ($($name:ident = $code:literal;)*) => {
            $(if number($code) >= VECTORS {
                handlers[(number($code) - VECTORS) as usize] = usual::<{ number($code) }, METERED>;
            })*
        };
    }
    for_each_opcode!(fill);
    handlers
}
