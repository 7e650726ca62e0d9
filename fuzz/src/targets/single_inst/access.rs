//! Loads, stores and atomic operations, compared with a model of a memory.
//!
//! A module has three memories of one page, two with 32-bit addresses and one with 64-bit addresses, with a pattern in the first
//! and last bytes. After an access that may write, the bytes around it are compared with the model and restored.

use std::fmt::Write as _;

use riser::{Trap, ValType};
use riser_translator::ops::{AtomicAccess, AtomicKind, AtomicOp, LoadOp};

use crate::targets::{Finding, Verdict};
use crate::value::Value;

use super::compute::same_fuel;
use super::forms::{Place, Use, literal, preamble};
use super::machines::{Machines, Outcome, val};
use super::{Operands, Operation, shape};

const MEMORIES: usize = 3;
const PAGE: usize = 65_536;

/// The number of bytes at either end that have the pattern.
const PATTERN: usize = 64;

/// The number of operand tuples for each form.
const TUPLES: usize = 48;

/// The computation of the address from the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    /// The operand itself.
    Plain(Place),
    /// The operand plus a constant.
    Sum(Place),
    /// A constant plus the operand.
    SumTurned(Place),
}

impl Address {
    fn all() -> Vec<Address> {
        let plain = Place::ALL.iter().map(|&place| Address::Plain(place));
        let sums = [Place::Local, Place::Fresh].into_iter().flat_map(|it| [Address::Sum(it), Address::SumTurned(it)]);
        plain.chain(sums).collect()
    }

    fn place(self) -> Place {
        match self {
            Address::Plain(place) | Address::Sum(place) | Address::SumTurned(place) => place,
        }
    }
}

/// An access: its name, its width, and the types of its first operand besides the address and of its result. A further operand is a
/// constant.
struct Signature {
    operation: Operation,
    mnemonic: &'static str,
    bytes: u32,
    takes: Option<ValType>,
    gives: Option<ValType>,
    /// The number of lanes to choose from, if it accesses a lane.
    lanes: Option<u8>,
}

impl Signature {
    fn new(operation: Operation) -> Signature {
        let vector = Some(ValType::V128);
        let (mnemonic, bytes, takes, gives, lanes) = match operation {
            Operation::Load(op) => (op.mnemonic(), op.access_bytes(), None, Some(op.result_type()), None),
            Operation::Store(op) => (op.mnemonic(), op.access_bytes(), Some(op.value_type()), None, None),
            Operation::VectorLoad(op) => (op.mnemonic(), op.access_bytes(), None, vector, None),
            Operation::VectorStore => ("v128.store", 16, vector, None, None),
            Operation::LoadLane(op) => (op.mnemonic(), op.access_bytes(), vector, vector, Some(op.lanes())),
            Operation::StoreLane(op) => (op.mnemonic(), op.access_bytes(), vector, None, Some(op.lanes())),
            Operation::Atomic(op) => {
                (op.mnemonic(), op.access_bytes(), op.operand_types().first().copied(), op.result_type(), None)
            }
            Operation::Unary(_)
            | Operation::Binary(_)
            | Operation::Vector(_)
            | Operation::Shuffle
            | Operation::Extract(_)
            | Operation::Replace(_) => unreachable!("{operation:?} is no access"),
        };
        Signature { operation, mnemonic, bytes, takes, gives, lanes }
    }

    /// The type of the second parameter: the access's operand, if it has one.
    fn value_type(&self) -> ValType {
        self.takes.unwrap_or(ValType::I32)
    }

    /// The lane that a form accesses.
    fn lane(&self, number: usize) -> u8 {
        self.lanes.map_or(0, |lanes| (number % usize::from(lanes)) as u8)
    }

    /// The type of the operand that is a constant, if there is one.
    fn further(&self) -> Option<ValType> {
        match self.operation {
            Operation::Atomic(op) => op.operand_types().get(1).copied(),
            _ => None,
        }
    }

    /// Whether the access may write.
    fn writes(&self) -> bool {
        match self.operation {
            Operation::Atomic(op) => op.kind() != AtomicKind::Access(AtomicAccess::Load),
            _ => self.gives.is_none(),
        }
    }

    /// The address of an access, if it is aligned and in bounds.
    fn place(&self, effective: u128) -> Result<usize, Trap> {
        if matches!(self.operation, Operation::Atomic(_)) && !effective.is_multiple_of(self.bytes.into()) {
            return Err(Trap::HeapMisaligned);
        }
        let fits = effective + u128::from(self.bytes) <= PAGE as u128;
        if fits { Ok(effective as usize) } else { Err(Trap::MemoryOutOfBounds) }
    }

    /// The result of a load that reads these bytes.
    fn loaded(&self, lane: u8, bytes: &[u8], value: u128) -> Result<u128, Trap> {
        let mut buffer = [0; 16];
        buffer[..bytes.len()].copy_from_slice(bytes);
        let stored = u128::from_le_bytes(buffer);
        Ok(match self.operation {
            Operation::Load(op) => number(op, stored as u64).into(),
            Operation::VectorLoad(op) => op.eval(stored),
            Operation::LoadLane(op) => op.eval(lane, stored, value),
            Operation::Atomic(op) => match op.kind() {
                AtomicKind::Wait => return Err(Trap::AtomicWaitNonSharedMemory),
                AtomicKind::Notify => 0,
                AtomicKind::Access(_) => stored,
            },
            _ => unreachable!("{} is no load", self.mnemonic),
        })
    }

    /// The bytes that are there after an access that may write, the first one lowest; `bytes` were there before.
    fn stored(&self, lane: u8, bytes: &[u8], value: u128, further: u64) -> u128 {
        match self.operation {
            Operation::Store(_) | Operation::VectorStore => value,
            Operation::StoreLane(op) => op.eval(lane, value),
            Operation::Atomic(op) => changed(op, bytes, [value as u64, further]),
            _ => unreachable!("{} is no store", self.mnemonic),
        }
    }
}

/// The bytes after an atomic operation.
fn changed(op: AtomicOp, bytes: &[u8], operands: [u64; 2]) -> u128 {
    let mut buffer = [0; 8];
    buffer[..bytes.len()].copy_from_slice(bytes);
    let stored = u64::from_le_bytes(buffer);
    op.written(stored, operands).unwrap_or(stored).into()
}

/// A form of an access.
struct Form {
    memory: usize,
    address: Address,
    offset: u64,
    /// The source of the value, if the access takes one.
    value: Place,
    /// The use of the result, if the access has one.
    result: Use,
}

impl Form {
    fn address_type(&self) -> ValType {
        if self.memory == 2 { ValType::I64 } else { ValType::I32 }
    }

    /// The effective address, given the operand.
    fn effective(&self, operand: u64, constants: &Constants) -> u128 {
        let operand = if self.address.place() == Place::Constant { constants.address } else { operand };
        let base = match self.address {
            Address::Plain(_) => operand,
            Address::Sum(_) | Address::SumTurned(_) => operand.wrapping_add(constants.sum),
        };
        let base = if self.memory == 2 { base } else { base & 0xffff_ffff };
        u128::from(base) + u128::from(self.offset)
    }

    fn push_address(&self, constants: &Constants) -> String {
        let ty = self.address_type();
        let operand = self.address.place().push(ty, 0, constants.address.into());
        match self.address {
            Address::Plain(_) => operand,
            Address::Sum(_) => format!("{operand} {} {ty}.add", literal(ty, constants.sum.into())),
            Address::SumTurned(_) => format!("{} {operand} {ty}.add", literal(ty, constants.sum.into())),
        }
    }
}

/// Constants of the code.
struct Constants {
    address: u64,
    sum: u64,
    value: u128,
    /// The second operand besides the address, where there is one.
    further: u64,
}

/// The byte of the pattern at an address.
fn pattern(address: usize) -> u8 {
    if (PATTERN..PAGE - PATTERN).contains(&address) { 0 } else { (address as u8).wrapping_mul(37) ^ 0x85 }
}

/// An address near an end of a memory, or far beyond it.
fn address(operands: &mut Operands<'_>) -> u64 {
    let number = operands.next();
    let near = number >> 3;
    match number % 8 {
        0..3 => near % (PATTERN as u64 + 8),
        3..6 => PAGE as u64 - PATTERN as u64 + near % (PATTERN as u64 + 8),
        6 => 0u64.wrapping_sub(near % 16),
        _ => operands.value(ValType::I64, None) as u64,
    }
}

fn forms(signature: &Signature, operands: &mut Operands<'_>) -> Vec<Form> {
    let offsets = [0, operands.next() % 16, address(operands) & 0xffff_ffff];
    let values: &[Place] = if signature.takes.is_some() { Place::ALL } else { &[Place::Local] };
    let results: &[Use] =
        if signature.gives.is_some() { &[Use::Result, Use::Set, Use::Bits, Use::Drop] } else { &[Use::Drop] };
    let mut forms = Vec::new();
    for memory in 0..MEMORIES {
        for address in Address::all() {
            for offset in offsets {
                for &value in values {
                    // For accesses that have an operand and a result, each source is combined with one use, and the first source
                    // with all of them.
                    let results = if value == values[0] { results } else { &results[..1] };
                    forms.extend(results.iter().map(|&result| Form { memory, address, offset, value, result }));
                }
            }
        }
    }
    forms
}

fn module(signature: &Signature, forms: &[Form], constants: &Constants) -> String {
    let mut text =
        String::from("(module (memory (export \"m0\") 1) (memory (export \"m1\") 1) (memory (export \"m2\") i64 1)\n");
    for memory in 0..MEMORIES {
        for start in [0, PAGE - PATTERN] {
            let ty = if memory == 2 { "i64" } else { "i32" };
            let _ = write!(text, "(data (memory {memory}) ({ty}.const {start}) \"");
            for address in start..start + PATTERN {
                let _ = write!(text, "\\{:02x}", pattern(address));
            }
            text += "\")\n";
        }
    }
    text += &preamble();
    for (number, form) in forms.iter().enumerate() {
        let (ty, of, offset, memory) = (form.address_type(), signature.value_type(), form.offset, form.memory);
        let mut prepare = form.address.place().prepare(ty, 0);
        let mut code = form.push_address(constants);
        if signature.takes.is_some() {
            prepare += &form.value.prepare(of, 1);
            code = format!("{code} {}", form.value.push(of, 1, constants.value));
        }
        if let Some(ty) = signature.further() {
            code = format!("{code} {}", literal(ty, constants.further.into()));
        }
        code = format!("{code} {} {memory} offset={offset}", signature.mnemonic);
        if signature.lanes.is_some() {
            code = format!("{code} {}", signature.lane(number));
        }
        let _ = write!(text, "(func (export \"f{number}\") (param {ty} {of}) ");
        let _ = match signature.gives {
            Some(given) => {
                let body = form.result.body(given, 2, &code, "");
                writeln!(text, "(result {}) (local {given}) {prepare}{body})", form.result.result(given))
            }
            None => writeln!(text, "{prepare}{code})"),
        };
    }
    text + ")"
}

/// The loaded number, given the bits in memory.
fn number(op: LoadOp, stored: u64) -> u64 {
    let unused = 64 - 8 * op.access_bytes();
    let signed = op.mnemonic().ends_with("_s");
    let extended = if signed { ((stored << unused) as i64 >> unused) as u64 } else { stored };
    if op.result_type() == ValType::I32 { extended & 0xffff_ffff } else { extended }
}

/// Checks all forms of one access.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    let signature = Signature::new(operation);
    let (value_type, shape) = (signature.value_type(), shape(signature.mnemonic));
    let constants = Constants {
        address: address(operands),
        sum: address(operands),
        value: operands.value(value_type, shape),
        further: signature.further().map_or(0, |ty| operands.value(ty, None) as u64),
    };
    let forms = forms(&signature, operands);
    let text = module(&signature, &forms, &constants);
    let pick = operands.next();
    let atomic = matches!(operation, Operation::Atomic(_));
    let mut machines = Machines::new(&text, forms.len(), MEMORIES, operands.configurations(pick), atomic)?;
    let tuples: Vec<(u64, u128)> =
        (0..TUPLES).map(|_| (address(operands), operands.value(value_type, shape))).collect();
    for (number, form) in forms.iter().enumerate() {
        for &(address, value) in &tuples {
            let case = Case { signature: &signature, number, form, address, value, constants: &constants };
            case.check(&mut machines)?;
        }
    }
    same_fuel(&machines)?;
    let cases = (forms.len() * tuples.len()) as u64;
    Ok(Verdict { cases, effective: cases })
}

/// A form with operands.
struct Case<'a> {
    signature: &'a Signature,
    number: usize,
    form: &'a Form,
    address: u64,
    value: u128,
    constants: &'a Constants,
}

impl Case<'_> {
    fn describe(&self) -> String {
        let Form { memory, address, offset, value, result } = self.form;
        let (at, stored) = (self.address, Value { ty: self.signature.value_type(), bits: self.value });
        let (op, number, sum) = (self.signature.mnemonic, self.number, self.constants.sum);
        format!(
            "{op} at {at:#x}, {address:?} {sum:#x}, offset {offset:#x}, memory {memory}, value {stored} {value:?} {result:?}, in function f{number}"
        )
    }

    /// Calls the function everywhere, and compares its result and the memory with the model.
    fn check(&self, machines: &mut Machines) -> Result<(), Finding> {
        let signature = self.signature;
        let at = signature.place(self.form.effective(self.address, self.constants));
        let expected = match signature.gives {
            Some(ty) => self.form.result.expected(ty, self.loaded(at), Ok).map(Some),
            None => at.map(|_| None),
        };
        let result = signature.gives.map(|ty| self.form.result.result(ty));
        let arguments = [(self.form.address_type(), u128::from(self.address)), (signature.value_type(), self.value)];
        let vals = arguments.map(|(ty, bits)| val(ty, bits));
        let check = |outcome: Outcome, memory: &mut [u8]| {
            if outcome != expected {
                return Err(format!("{outcome:x?}, not {expected:x?}"));
            }
            if signature.writes() { self.stored(at.ok(), memory) } else { Ok(()) }
        };
        for machine in &mut machines.riser {
            let outcome = machine.call(self.number, &vals, result);
            if let Err(message) = check(outcome, machine.memory(self.form.memory)) {
                let message = format!("{}: {}: {message}", self.describe(), machine.configuration);
                return Err(machines.finding(message));
            }
        }
        if let Some(oracle) = &mut machines.oracle {
            let outcome = oracle.call(self.number, &arguments, result);
            if let Err(message) = check(outcome, oracle.memory(self.form.memory)) {
                return Err(machines.finding(format!("{}: wasmi: {message}", self.describe())));
            }
        }
        Ok(())
    }

    /// The value that the form passes.
    fn taken(&self) -> u128 {
        if self.form.value == Place::Constant { self.constants.value } else { self.value }
    }

    /// The bytes at an address before the access.
    fn bytes(&self, at: usize) -> Vec<u8> {
        (at..at + self.signature.bytes as usize).map(pattern).collect()
    }

    /// The expected result of a load at an address, if the load is aligned and in bounds.
    fn loaded(&self, at: Result<usize, Trap>) -> Result<u128, Trap> {
        self.signature.loaded(self.signature.lane(self.number), &self.bytes(at?), self.taken())
    }

    /// Compares the bytes around an access that may write with the model, and restores them.
    fn stored(&self, at: Option<usize>, memory: &mut [u8]) -> Result<(), String> {
        let width = self.signature.bytes as usize;
        let (lane, before) = (self.signature.lane(self.number), at.map_or_else(Vec::new, |at| self.bytes(at)));
        let stored = self.signature.stored(lane, &before, self.taken(), self.constants.further).to_le_bytes();
        // A store that is partly out of bounds may not write the part that is in bounds.
        let looked_at = match at {
            Some(at) => at.saturating_sub(8)..(at + width + 8).min(PAGE),
            None => PAGE - 16..PAGE,
        };
        for address in looked_at {
            let inside = at.filter(|&at| (at..at + width).contains(&address));
            let wanted = inside.map_or(pattern(address), |at| stored[address - at]);
            let found = std::mem::replace(&mut memory[address], pattern(address));
            if found != wanted {
                return Err(format!("byte {address:#x} is {found:#x}, not {wanted:#x}"));
            }
        }
        Ok(())
    }
}
