//! Loads and stores, against a model of a memory.
//!
//! A module has three memories of one page: two of 32-bit addresses and one of 64-bit addresses, with a pattern in the first and
//! last bytes. After a store the bytes around it are compared with the model, and put back.

use std::fmt::Write as _;

use riser::{Trap, ValType};
use riser_translator::ops::{LoadOp, StoreOp};

use crate::targets::{Finding, Verdict};
use crate::value::Value;

use super::compute::same_fuel;
use super::forms::{Place, Use, literal, preamble};
use super::machines::{Machines, Outcome, val};
use super::{Operands, Operation};

const MEMORIES: usize = 3;
const PAGE: usize = 65_536;

/// How many bytes at either end have the pattern.
const PATTERN: usize = 64;

/// How many tuples of operands each form is given.
const TUPLES: usize = 48;

/// How the address is computed from the operand.
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

/// A form of an access.
struct Form {
    memory: usize,
    address: Address,
    offset: u64,
    /// For a store, where the value comes from.
    value: Place,
    /// For a load, what becomes of the result.
    result: Use,
}

impl Form {
    fn address_type(&self) -> ValType {
        if self.memory == 2 { ValType::I64 } else { ValType::I32 }
    }

    /// Where the access is, given the operand.
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
        let operand = self.address.place().push(ty, 0, constants.address);
        match self.address {
            Address::Plain(_) => operand,
            Address::Sum(_) => format!("{operand} {} {ty}.add", literal(ty, constants.sum)),
            Address::SumTurned(_) => format!("{} {operand} {ty}.add", literal(ty, constants.sum)),
        }
    }
}

/// Constants of the code.
struct Constants {
    address: u64,
    sum: u64,
    value: u64,
}

/// The byte of the pattern at an address.
fn pattern(address: usize) -> u8 {
    if (PATTERN..PAGE - PATTERN).contains(&address) { 0 } else { (address as u8).wrapping_mul(37) ^ 0x85 }
}

/// An address near an end of a memory, or far beyond.
fn address(operands: &mut Operands<'_>) -> u64 {
    let number = operands.next();
    let near = number >> 3;
    match number % 8 {
        0..3 => near % (PATTERN as u64 + 8),
        3..6 => PAGE as u64 - PATTERN as u64 + near % (PATTERN as u64 + 8),
        6 => 0u64.wrapping_sub(near % 16),
        _ => operands.value(ValType::I64),
    }
}

fn forms(operation: Operation, operands: &mut Operands<'_>) -> Vec<Form> {
    let offsets = [0, operands.next() % 16, address(operands) & 0xffff_ffff];
    let mut forms = Vec::new();
    for memory in 0..MEMORIES {
        for address in Address::all() {
            for offset in offsets {
                match operation {
                    Operation::Store(_) => forms.extend(Place::ALL.iter().map(|&value| Form {
                        memory,
                        address,
                        offset,
                        value,
                        result: Use::Drop,
                    })),
                    _ => forms.extend([Use::Result, Use::Set, Use::Bits, Use::Drop].map(|result| Form {
                        memory,
                        address,
                        offset,
                        value: Place::Local,
                        result,
                    })),
                }
            }
        }
    }
    forms
}

fn module(operation: Operation, forms: &[Form], constants: &Constants) -> String {
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
        let (ty, offset, memory) = (form.address_type(), form.offset, form.memory);
        let push = form.push_address(constants);
        let prepare = form.address.place().prepare(ty, 0);
        let _ = match operation {
            Operation::Store(op) => {
                let of = op.value_type();
                let (prepare_value, value) = (form.value.prepare(of, 1), form.value.push(of, 1, constants.value));
                writeln!(
                    text,
                    "(func (export \"f{number}\") (param {ty} {of}) {prepare}{prepare_value}{push} {value} {op} {memory} offset={offset})"
                )
            }
            Operation::Load(op) => {
                let body = form.result.body(op.result_type(), &format!("{push} {op} {memory} offset={offset}"), "");
                let of = form.result.result(op.result_type());
                let local = op.result_type();
                writeln!(
                    text,
                    "(func (export \"f{number}\") (param {ty} i32) (result {of}) (local {local}) {prepare}{body})"
                )
            }
            Operation::Unary(_) | Operation::Binary(_) => Ok(()),
        };
    }
    text + ")"
}

/// What a load gives for the bytes that it reads.
fn loaded(op: LoadOp, bytes: &[u8]) -> u64 {
    let mut buffer = [0; 8];
    buffer[..bytes.len()].copy_from_slice(bytes);
    let number = u64::from_le_bytes(buffer);
    let unused = 64 - 8 * bytes.len() as u32;
    let signed = op.mnemonic().ends_with("_s");
    let extended = if signed { ((number << unused) as i64 >> unused) as u64 } else { number };
    if op.result_type() == ValType::I32 { extended & 0xffff_ffff } else { extended }
}

/// The address of an access that is in bounds.
fn in_bounds(effective: u128, bytes: u32) -> Option<usize> {
    let fits = effective + u128::from(bytes) <= PAGE as u128;
    fits.then_some(effective as usize)
}

/// Checks all forms of one access.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    let value_type = match operation {
        Operation::Store(op) => op.value_type(),
        _ => ValType::I32,
    };
    let constants = Constants { address: address(operands), sum: address(operands), value: operands.value(value_type) };
    let forms = forms(operation, operands);
    let text = module(operation, &forms, &constants);
    let mut machines = Machines::new(&text, forms.len(), MEMORIES, operands.next())?;
    let tuples: Vec<(u64, u64)> = (0..TUPLES).map(|_| (address(operands), operands.value(value_type))).collect();
    for (number, form) in forms.iter().enumerate() {
        for &(address, value) in &tuples {
            let case = Case { number, form, address, value, value_type, constants: &constants };
            match operation {
                Operation::Load(op) => case.load(op, &mut machines)?,
                Operation::Store(op) => case.store(op, &mut machines)?,
                Operation::Unary(_) | Operation::Binary(_) => {}
            }
        }
    }
    same_fuel(&machines)?;
    let cases = (forms.len() * tuples.len()) as u64;
    Ok(Verdict { cases, effective: cases })
}

/// A form with operands.
struct Case<'a> {
    number: usize,
    form: &'a Form,
    address: u64,
    value: u64,
    value_type: ValType,
    constants: &'a Constants,
}

impl Case<'_> {
    fn describe(&self, op: &dyn std::fmt::Display) -> String {
        let Form { memory, address, offset, value, result } = self.form;
        let (at, stored) = (self.address, Value { ty: self.value_type, bits: self.value });
        let (number, sum) = (self.number, self.constants.sum);
        format!(
            "{op} at {at:#x}, {address:?} {sum:#x}, offset {offset:#x}, memory {memory}, value {stored} {value:?} {result:?}, in function f{number}"
        )
    }

    fn arguments(&self) -> [(ValType, u64); 2] {
        [(self.form.address_type(), self.address), (self.value_type, self.value)]
    }

    /// Calls the function everywhere; `check` looks at the outcome and the memory.
    fn everywhere(
        &self,
        op: &dyn std::fmt::Display,
        machines: &mut Machines,
        result: Option<ValType>,
        check: impl Fn(Outcome, &mut [u8]) -> Result<(), String>,
    ) -> Result<(), Finding> {
        let arguments = self.arguments();
        let vals = arguments.map(|(ty, bits)| val(ty, bits));
        let mut wrong = None;
        for machine in &mut machines.riser {
            let outcome = machine.call(self.number, &vals, result);
            if let Err(message) = check(outcome, machine.memory(self.form.memory)) {
                wrong = Some(format!("{}: {}: {message}", self.describe(op), machine.configuration));
                break;
            }
        }
        if wrong.is_none() {
            let outcome = machines.oracle.call(self.number, &arguments, result);
            if let Err(message) = check(outcome, machines.oracle.memory(self.form.memory)) {
                wrong = Some(format!("{}: wasmi: {message}", self.describe(op)));
            }
        }
        wrong.map_or(Ok(()), |message| Err(machines.finding(message)))
    }

    fn load(&self, op: LoadOp, machines: &mut Machines) -> Result<(), Finding> {
        let at = in_bounds(self.form.effective(self.address, self.constants), op.access_bytes());
        let outcome = at.ok_or(Trap::MemoryOutOfBounds).map(|at| {
            let bytes: Vec<u8> = (at..at + op.access_bytes() as usize).map(pattern).collect();
            loaded(op, &bytes)
        });
        let expected = self.form.result.expected(outcome, Ok).map(Some);
        self.everywhere(&op, machines, Some(self.form.result.result(op.result_type())), |outcome, _| {
            if outcome == expected { Ok(()) } else { Err(format!("{outcome:x?}, not {expected:x?}")) }
        })
    }

    fn store(&self, op: StoreOp, machines: &mut Machines) -> Result<(), Finding> {
        let width = op.access_bytes() as usize;
        let at = in_bounds(self.form.effective(self.address, self.constants), op.access_bytes());
        let expected = at.map(|_| None).ok_or(Trap::MemoryOutOfBounds);
        let bits = if self.form.value == Place::Constant { self.constants.value } else { self.value };
        let stored = bits.to_le_bytes();
        // A store out of bounds may not write what would be within.
        let looked_at = match at {
            Some(at) => at.saturating_sub(8)..(at + width + 8).min(PAGE),
            None => PAGE - 8..PAGE,
        };
        self.everywhere(&op, machines, None, |outcome, memory| {
            if outcome != expected {
                return Err(format!("{outcome:x?}, not {expected:x?}"));
            }
            for address in looked_at.clone() {
                let inside = at.filter(|&at| (at..at + width).contains(&address));
                let wanted = inside.map_or(pattern(address), |at| stored[address - at]);
                let found = std::mem::replace(&mut memory[address], pattern(address));
                if found != wanted {
                    return Err(format!("byte {address:#x} is {found:#x}, not {wanted:#x}"));
                }
            }
            Ok(())
        })
    }
}
