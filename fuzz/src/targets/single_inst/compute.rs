//! Operations on values, compared with their definition.

use std::fmt::Write as _;

use riser::{Trap, ValType};

use crate::targets::{Finding, Verdict};
use crate::value::{Float, Value, mix};

use super::forms::{Place, Use, preamble};
use super::machines::{Machines, Outcome, val};
use super::{Operands, Operation, shape};

/// The number of operand tuples for each form; and for operations on three operands, which have many forms.
const TUPLES: usize = 64;
const TUPLES_OF_THREE: usize = 32;

/// A form: the source of each operand, and the use of the result.
struct Form {
    places: Vec<Place>,
    /// Whether both operands are the first parameter.
    same: bool,
    result: Use,
    /// The bytes that lane immediates are derived from.
    lanes: [u8; 16],
}

/// An operation, with the types of its operands and result.
struct Signature {
    operation: Operation,
    mnemonic: &'static str,
    operands: Vec<ValType>,
    result: ValType,
}

impl Signature {
    fn new(operation: Operation) -> Signature {
        let (mnemonic, operands, result) = match operation {
            Operation::Unary(op) => (op.mnemonic(), vec![op.operand_type()], op.result_type()),
            Operation::Binary(op) => (op.mnemonic(), vec![op.operand_type(); 2], op.result_type()),
            Operation::Vector(op) => (op.mnemonic(), op.operand_types().to_vec(), op.result_type()),
            Operation::Shuffle => ("i8x16.shuffle", vec![ValType::V128; 2], ValType::V128),
            Operation::Extract(op) => (op.mnemonic(), vec![ValType::V128], op.result_type()),
            Operation::Replace(op) => (op.mnemonic(), vec![ValType::V128, op.value_type()], ValType::V128),
            Operation::Load(_)
            | Operation::Store(_)
            | Operation::VectorLoad(_)
            | Operation::VectorStore
            | Operation::LoadLane(_)
            | Operation::StoreLane(_)
            | Operation::Atomic(_) => unreachable!("{operation:?} is an access"),
        };
        Signature { operation, mnemonic, operands, result }
    }

    /// The operation with its immediates in a form.
    fn text(&self, form: &Form) -> String {
        let name = self.mnemonic;
        match self.operation {
            Operation::Shuffle => form.lanes.iter().fold(name.to_owned(), |text, lane| format!("{text} {}", lane % 32)),
            Operation::Extract(op) => format!("{name} {}", form.lanes[0] % op.lanes()),
            Operation::Replace(op) => format!("{name} {}", form.lanes[0] % op.lanes()),
            _ => name.to_owned(),
        }
    }

    /// The operation as a function of bits.
    fn eval(&self, form: &Form, operands: [u128; 3]) -> Result<u128, Trap> {
        let [first, second, _] = operands;
        match self.operation {
            Operation::Unary(op) => op.eval(first as u64).map(u128::from),
            Operation::Binary(op) => op.eval(first as u64, second as u64).map(u128::from),
            Operation::Vector(op) => Ok(op.eval(operands)),
            Operation::Shuffle => {
                let bytes = [first.to_le_bytes(), second.to_le_bytes()].concat();
                Ok(u128::from_le_bytes(form.lanes.map(|lane| bytes[usize::from(lane % 32)])))
            }
            Operation::Extract(op) => Ok(op.eval(form.lanes[0] % op.lanes(), first)),
            Operation::Replace(op) => Ok(op.eval(form.lanes[0] % op.lanes(), first, second)),
            _ => Err(Trap::Interrupt),
        }
    }

    /// The type of NaNs, if a result may be any NaN.
    fn nans(&self) -> Option<Float> {
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
            "demote_f64x2_zero",
            "promote_low_f32x4",
            "relaxed_madd",
            "relaxed_nmadd",
            "relaxed_min",
            "relaxed_max",
        ];
        let (ty, name) = self.mnemonic.split_once('.')?;
        let float = match ty {
            "f32" | "f32x4" => Float::F32,
            "f64" | "f64x2" => Float::F64,
            _ => return None,
        };
        CHOOSING.contains(&name).then_some(float)
    }

    fn forms(&self, pick: u64) -> Vec<Form> {
        let mut places: Vec<(Vec<Place>, bool)> = vec![(Vec::new(), false)];
        for _ in &self.operands {
            // The values that a loop's header moves to the stack are moved before the next operand is pushed.
            let longer = |(before, _): &(Vec<Place>, bool)| {
                let before = before.clone();
                Place::ALL.iter().map(move |&place| ([&before[..], &[place]].concat(), false))
            };
            places = places.iter().flat_map(longer).collect();
        }
        if let [first, second] = self.operands[..]
            && first == second
        {
            places.push((vec![Place::Local, Place::Local], true));
        }
        // A later operation can observe the bits of a NaN by taking it for lanes of another width.
        let of_another_width = self.mnemonic.contains("demote") || self.mnemonic.contains("promote");
        let applies = |it: &Use| it.applies(self.operands[0], self.result) && !(of_another_width && *it == Use::Again);
        let uses: Vec<Use> = Use::ALL.iter().copied().filter(applies).collect();
        // Not every source of a vector is combined with every use: there are many operations on vectors, and few instructions for
        // each.
        let with_vectors = self.operands.contains(&ValType::V128);
        let uses_of = |number: usize| match number {
            1.. if with_vectors => vec![Use::Result, uses[number % uses.len()]],
            _ => uses.clone(),
        };
        let all = places.into_iter().enumerate().flat_map(|(number, (places, same))| {
            uses_of(number).into_iter().map(move |result| (places.clone(), same, result))
        });
        let form = |((places, same, result), number)| Form { places, same, result, lanes: lanes(mix(pick, number)) };
        all.zip(0..).map(form).collect()
    }

    /// The module with a function for each form.
    fn module(&self, forms: &[Form], constants: &[u128; 3]) -> String {
        let (params, result) = (self.params(), self.result);
        let types = params.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" ");
        let mut text = format!("(module (memory 1)\n{}", preamble());
        for (number, form) in forms.iter().enumerate() {
            let (mut prepare, mut pushes) = (String::new(), Vec::new());
            for (index, (place, &ty)) in form.places.iter().zip(&self.operands).enumerate() {
                let from = if form.same { 0 } else { index };
                prepare += &place.prepare(ty, from);
                pushes.push(place.push(ty, from, constants[index]));
            }
            let operation = self.text(form);
            let once = format!("{} {operation}", pushes.join(" "));
            let again = if form.same { "local.get 0".to_owned() } else { pushes[1..].join(" ") };
            let body = form.result.body(result, params.len(), &once, &format!("{again} {operation}"));
            let of = form.result.result(result);
            let _ = writeln!(
                text,
                "(func (export \"f{number}\") (param {types}) (result {of}) (local {result}) {prepare}{body})"
            );
        }
        text + ")"
    }

    /// The types of a function's parameters: the operands, and one more if there is only one.
    fn params(&self) -> Vec<ValType> {
        let mut params = self.operands.clone();
        params.resize(params.len().max(2), params[0]);
        params
    }

    /// A value for each parameter.
    fn values(&self, operands: &mut Operands<'_>) -> [u128; 3] {
        let (mut values, shape) = ([0; 3], shape(self.mnemonic));
        for (value, &ty) in values.iter_mut().zip(&self.params()) {
            *value = operands.value(ty, shape);
        }
        values
    }

    /// The outcome, with NaNs made canonical where the operation may choose one.
    fn canonical(&self, outcome: Outcome, form: &Form) -> Outcome {
        let same_bits = form.result == Use::Bits || form.result.result(self.result) == self.result;
        let float = self.nans().filter(|_| same_bits);
        Ok(outcome?.map(|bits| float.map_or(bits, |float| float.canonical(bits))))
    }
}

/// A shuffle's lanes, determined by a digest: any lanes; those of wider lanes; neighbours; or the lanes of two halves in turn.
fn lanes(digest: u64) -> [u8; 16] {
    let byte = |at: u8| mix(digest, at.into()) as u8;
    let width = 1 << (digest >> 8 & 3);
    std::array::from_fn(|at| {
        let at = at as u8;
        let (wide, within) = (at / width, at % width);
        match digest % 4 {
            0 => byte(at),
            1 => byte(wide) / width * width + within,
            2 => at.wrapping_add(byte(16)) % 32,
            _ => {
                let half = (digest >> 16 & 1) as u8 * 8;
                wide % 2 * 16 + half + wide / 2 * width + within
            }
        }
    })
}

/// Checks all forms of one operation.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    let signature = Signature::new(operation);
    let result = signature.result;
    let constants = signature.values(operands);
    let pick = operands.next();
    let forms = signature.forms(pick);
    let text = signature.module(&forms, &constants);
    let relaxed = matches!(operation, Operation::Vector(op) if op.is_relaxed());
    let mut machines = Machines::new(&text, forms.len(), 0, operands.configurations(pick), relaxed)?;
    let params = signature.params();
    let count = if signature.operands.len() < 3 { TUPLES } else { TUPLES_OF_THREE };
    let tuples: Vec<[u128; 3]> = (0..count).map(|_| signature.values(operands)).collect();
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
            let eval = |first: u128| signature.eval(form, [first, actual[1], actual[2]]);
            let expected = form.result.expected(result, eval(actual[0]), eval).map(Some);
            let describe = || {
                let shown = signature.operands.iter().zip(actual).map(|(&ty, bits)| Value { ty, bits }.to_string());
                let shown = shown.collect::<Vec<_>>().join(", ");
                let operation = signature.text(form);
                format!("{operation} ({shown}) in function f{number}, {:?} {:?}", form.places, form.result)
            };
            let arguments: Vec<(ValType, u128)> = params.iter().copied().zip(*tuple).collect();
            let vals: Vec<riser::Val> = arguments.iter().map(|&(ty, bits)| val(ty, bits)).collect();
            let agree = |found: Outcome, other: Outcome| {
                found == other || signature.canonical(found, form) == signature.canonical(other, form)
            };
            let mut place = None;
            for machine in &mut machines.riser {
                let found = machine.call(number, &vals, Some(of));
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
            let theirs = machines.oracle.as_mut().map(|oracle| oracle.call(number, &arguments, Some(of)));
            if let Some(theirs) = theirs
                && !agree(theirs, expected)
            {
                let message = format!("{}: wasmi: {theirs:x?}, not {expected:x?}", describe());
                return Err(machines.finding(message));
            }
        }
    }
    same_fuel(&machines)?;
    let cases = (forms.len() * tuples.len()) as u64;
    Ok(Verdict { cases, effective: cases })
}

/// Checks that all configurations that count fuel have used the same amount.
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
