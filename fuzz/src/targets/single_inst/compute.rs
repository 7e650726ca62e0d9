//! Operations on values, against their definition.

use std::fmt::Write as _;

use riser::{Trap, ValType};

use crate::targets::{Finding, Verdict};
use crate::value::Value;

use super::forms::{Place, Use, preamble};
use super::machines::{Machines, Outcome, val};
use super::{Operands, Operation};

/// How many tuples of operands each form is given.
const TUPLES: usize = 64;

/// A form: where each operand comes from, and what becomes of the result.
struct Form {
    places: Vec<Place>,
    /// Both operands are the first parameter.
    same: bool,
    result: Use,
}

/// The operation as a function of bits.
fn eval(operation: Operation, operands: &[u64]) -> Result<u64, Trap> {
    match (operation, operands) {
        (Operation::Unary(op), [operand, ..]) => op.eval(*operand),
        (Operation::Binary(op), [lhs, rhs, ..]) => op.eval(*lhs, *rhs),
        _ => Err(Trap::Interrupt),
    }
}

/// Mnemonic, number and type of operands, type of the result.
fn signature(operation: Operation) -> (&'static str, usize, ValType, ValType) {
    match operation {
        Operation::Unary(op) => (op.mnemonic(), 1, op.operand_type(), op.result_type()),
        Operation::Binary(op) => (op.mnemonic(), 2, op.operand_type(), op.result_type()),
        Operation::Load(op) => (op.mnemonic(), 1, ValType::I32, op.result_type()),
        Operation::Store(op) => (op.mnemonic(), 2, op.value_type(), op.value_type()),
    }
}

fn forms(arity: usize, operand: ValType, result: ValType) -> Vec<Form> {
    let mut places: Vec<(Vec<Place>, bool)> = Vec::new();
    for &first in Place::ALL {
        if arity == 1 {
            places.push((vec![first], false));
            continue;
        }
        for &second in Place::ALL {
            // What the header moves to the stack is moved before the second operand is pushed.
            places.push((vec![first, second], false));
        }
    }
    if arity == 2 {
        places.push((vec![Place::Local, Place::Local], true));
    }
    let uses = || Use::ALL.iter().copied().filter(|it| it.applies(operand, result));
    places
        .into_iter()
        .flat_map(|(places, same)| uses().map(move |result| Form { places: places.clone(), same, result }))
        .collect()
}

/// The module with a function for each form.
fn module(operation: Operation, forms: &[Form], constants: &[u64]) -> String {
    let (mnemonic, arity, operand, result) = signature(operation);
    let mut text = format!("(module (memory 1)\n{}", preamble());
    for (number, form) in forms.iter().enumerate() {
        let (mut prepare, mut push) = (String::new(), String::new());
        for (index, place) in form.places.iter().enumerate() {
            let from = if form.same { 0 } else { index };
            prepare += &place.prepare(operand, from);
            let _ = write!(push, "{} ", place.push(operand, from, constants[index]));
        }
        push += mnemonic;
        let second = match arity {
            1 => mnemonic.to_owned(),
            _ if form.same => format!("local.get 0 {mnemonic}"),
            _ => format!("{} {mnemonic}", form.places[1].push(operand, 1, constants[1])),
        };
        let body = form.result.body(result, &push, &second);
        let of = form.result.result(result);
        let _ = writeln!(
            text,
            "(func (export \"f{number}\") (param {operand} {operand}) (result {of}) (local {result}) {prepare}{body})"
        );
    }
    text + ")"
}

/// Checks all forms of one operation.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    let (mnemonic, arity, operand, result) = signature(operation);
    let forms = forms(arity, operand, result);
    let constants = [operands.value(operand), operands.value(operand)];
    let text = module(operation, &forms, &constants);
    let mut machines = Machines::new(&text, forms.len(), 0, operands.next())?;
    let tuples: Vec<[u64; 2]> = (0..TUPLES).map(|_| [operands.value(operand), operands.value(operand)]).collect();
    for (number, form) in forms.iter().enumerate() {
        let of = form.result.result(result);
        let mut trapped = false;
        for tuple in &tuples {
            let mut actual = *tuple;
            for (index, place) in form.places.iter().enumerate() {
                if *place == Place::Constant {
                    actual[index] = constants[index];
                }
            }
            if form.same {
                actual[1] = actual[0];
            }
            let outcome = eval(operation, &actual);
            let expected = form.result.expected(outcome, |bits| eval(operation, &[bits, actual[1]])).map(Some);
            let describe = || {
                let shown = actual[..arity].iter().map(|&bits| Value { ty: operand, bits }.to_string());
                let shown = shown.collect::<Vec<_>>().join(", ");
                format!("{mnemonic} ({shown}) in function f{number}, {:?} {:?}", form.places, form.result)
            };
            let arguments = tuple.map(|bits| val(operand, bits));
            let agree = |found: Outcome, other: Outcome| {
                found == other || canonical(found, operation, form) == canonical(other, operation, form)
            };
            let mut place = None;
            for machine in &mut machines.riser {
                let found = machine.call(number, &arguments, Some(of));
                if !agree(found, expected) {
                    let configuration = machine.configuration;
                    let message = format!("{}: {configuration}: {found:x?}, not {expected:x?}", describe());
                    return Err(machines.finding(message));
                }
                if found.is_err() && !trapped {
                    let here = machine.place();
                    if *place.get_or_insert(here) != here {
                        let configuration = machine.configuration;
                        let message = format!("{}: {configuration} traps at {here:?}, not {place:?}", describe());
                        return Err(machines.finding(message));
                    }
                }
            }
            trapped |= expected.is_err();
            let theirs = machines.oracle.call(number, &tuple.map(|bits| (operand, bits)), Some(of));
            if !agree(theirs, expected) {
                let message = format!("{}: wasmi: {theirs:x?}, not {expected:x?}", describe());
                return Err(machines.finding(message));
            }
        }
    }
    same_fuel(&machines)?;
    let cases = (forms.len() * tuples.len()) as u64;
    Ok(Verdict { cases, effective: cases })
}

/// The outcome, with one NaN for all where the operation may choose.
fn canonical(outcome: Outcome, operation: Operation, form: &Form) -> Outcome {
    const CHOOSING: &[&str] = &[
        "add",
        "sub",
        "mul",
        "div",
        "min",
        "max",
        "sqrt",
        "ceil",
        "floor",
        "trunc",
        "nearest",
        "demote_f64",
        "promote_f32",
    ];
    let (mnemonic, _, _, ty) = signature(operation);
    let chooses = mnemonic.split_once('.').is_some_and(|(_, name)| CHOOSING.contains(&name));
    let same_bits = form.result == Use::Bits || form.result.result(ty) == ty;
    Ok(outcome?.map(|bits| if chooses && same_bits { Value { ty, bits }.canonical().bits } else { bits }))
}

/// Checks that all configurations that count fuel have used the same.
pub fn same_fuel(machines: &Machines) -> Result<(), Finding> {
    let fuel = |index: usize| machines.riser[index].fuel();
    match (1..machines.riser.len()).find(|&index| fuel(index).is_some() && fuel(index) != fuel(0)) {
        None => Ok(()),
        Some(index) => {
            let configuration = machines.riser[index].configuration;
            let message = format!("{configuration} has fuel {:?} left, others {:?}", fuel(index), fuel(0));
            Err(machines.finding(message))
        }
    }
}
