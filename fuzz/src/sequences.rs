//! Modules dense in sequences of instructions that the interpreter pairs.
//!
//! Modules of Riser's own generator have much of everything, and few of the sequences that compiled programs are full of: sums of
//! products, addresses computed from locals, counters at the ends of loops. Here, expressions consist of the operations that
//! occur in the interpreter's list of pairs (two in three) and of all others, over few locals. Addresses are sums of locals,
//! which are cut to the memory's size first, so that most accesses are in bounds.

use std::fmt::Write as _;
use std::sync::LazyLock;

use riser::ValType;
use riser_properties::generate::{Choices, value};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};

use crate::coverage;

/// The types of the parameters and locals; the last three types occur twice, as a parameter and as a local.
const LOCALS: &[ValType] = &[
    ValType::I32,
    ValType::I32,
    ValType::I32,
    ValType::I64,
    ValType::F64,
    ValType::F32,
    ValType::I64,
    ValType::F64,
    ValType::F32,
    ValType::I32,
];

/// The number of locals that are parameters. All locals are results.
const PARAMS: usize = 6;

/// The number of locals that are addresses; they come first.
const ADDRESSES: u32 = 2;

/// The local that counts down the remaining iterations of a loop.
const COUNTER: u32 = 9;

/// A local that is set to what is added to an address, on the way to it.
const INDEX: u32 = 2;

/// Operations that occur in pairs, and all operations.
struct Operations {
    unary: [Vec<UnaryOp>; 2],
    binary: [Vec<BinaryOp>; 2],
    loads: [Vec<LoadOp>; 2],
    stores: [Vec<StoreOp>; 2],
}

static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| {
    let names: Vec<&str> = coverage::all().into_iter().filter(|name| name.contains("Then")).collect();
    fn lists<T: Copy + std::fmt::Debug>(all: &[T], names: &[&str]) -> [Vec<T>; 2] {
        let paired = |op: &T| {
            let op = format!("{op:?}");
            names.iter().any(|name| name.split("Then").any(|half| half.trim_start_matches("Branch").starts_with(&op)))
        };
        let some: Vec<T> = all.iter().copied().filter(paired).collect();
        [if some.is_empty() { all.to_vec() } else { some }, all.to_vec()]
    }
    Operations {
        unary: lists(UnaryOp::ALL, &names),
        binary: lists(BinaryOp::ALL, &names),
        loads: lists(LoadOp::ALL, &names),
        stores: lists(StoreOp::ALL, &names),
    }
});

/// The module that the decisions determine.
pub fn module(choices: &mut dyn Choices) -> Vec<u8> {
    let mut text = String::from("(module (memory (export \"memory\") 1) (func $leaf)\n");
    let types = |types: &[ValType]| types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" ");
    let (params, locals, results) = (types(&LOCALS[..PARAMS]), types(&LOCALS[PARAMS..]), types(LOCALS));
    for number in 0..1 + choices.below(2) {
        let mut body = Body { choices: &mut *choices, text: String::new(), loops: 0, last: 0 };
        body.statements(24, 2);
        let gets: String = (0..LOCALS.len()).map(|local| format!("(local.get {local}) ")).collect();
        let _ = writeln!(
            text,
            "(func (export \"f{number}\") (param {params}) (result {results}) (local {locals})\n\
             (local.set 0 (i32.and (local.get 0) (i32.const 0x3ff8)))\n\
             (local.set 1 (i32.and (local.get 1) (i32.const 0xff)))\n{}{gets})",
            body.text
        );
    }
    text.push(')');
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A function's body that is being written, in folded form.
struct Body<'a> {
    choices: &'a mut dyn Choices,
    text: String,
    /// The number of open loops.
    loops: u32,
    /// The local that was set last, which will be read soon.
    last: usize,
}

impl Body<'_> {
    fn local(&mut self, ty: ValType) -> usize {
        if LOCALS[self.last] == ty && self.choices.one_in(3) {
            return self.last;
        }
        let of: Vec<usize> = (0..LOCALS.len()).filter(|&local| LOCALS[local] == ty).collect();
        self.choices.pick(&of)
    }

    /// A local that may be set: not an address, nor the counter of an open loop.
    fn target(&mut self) -> usize {
        let last = LOCALS.len() as u32 - 1 - u32::from(self.loops > 0);
        self.choices.within(ADDRESSES, last) as usize
    }

    /// Chooses a list: 0 for operations in pairs, 1 for all operations.
    fn list(&mut self) -> usize {
        usize::from(self.choices.one_in(3))
    }

    fn statements(&mut self, most: u32, depth: u32) {
        for _ in 0..self.choices.within(1, most) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        match self.choices.below(if depth == 0 { 13 } else { 16 }) {
            0..7 => {
                let local = self.target();
                self.text += &format!("(local.set {local} ");
                self.expression(LOCALS[local], 3);
                self.text += ")\n";
                self.last = local;
            }
            7 | 8 => {
                // A counter, or a copy, as in compiled programs.
                let local = self.target();
                let (ty, other) = (LOCALS[local], self.local(LOCALS[local]));
                let step = self.choices.within(1, 16);
                let text = match ty {
                    ValType::I32 | ValType::I64 if step > 4 => {
                        let op = self.choices.pick(&["add", "sub"]);
                        let compared = if self.choices.one_in(2) { self.compared(local, other) } else { String::new() };
                        format!("(local.set {local} ({ty}.{op} (local.get {local}) ({ty}.const {step})))\n{compared}")
                    }
                    _ => format!("(local.set {local} (local.get {other}))\n"),
                };
                self.text += &text;
                self.last = local;
            }
            9..12 => {
                let list = self.list();
                let op = self.choices.pick(&OPERATIONS.stores[list]);
                self.access(op.mnemonic());
                self.expression(op.value_type(), 2);
                self.text += ")\n";
            }
            12 => {
                // The local is an address again once its value is cut.
                let local = self.choices.below(ADDRESSES);
                self.text += &format!("(local.set {local} (i32.and (i32.const 0x1ff) ");
                self.expression(ValType::I32, 1);
                self.text += "))\n";
            }
            13 => {
                self.text += "(block (br_if 0 ";
                self.condition(2);
                self.text += ")\n";
                self.statements(4, depth - 1);
                self.text += ")\n";
            }
            14 => {
                self.text += "(if ";
                self.condition(2);
                self.text += " (then\n";
                self.statements(4, depth - 1);
                self.text += ") (else\n";
                self.statements(3, depth - 1);
                self.text += "))\n";
            }
            _ if self.loops == 0 => {
                let (first, step) = (self.choices.within(1, 5), self.choices.within(1, 4));
                self.text += &format!("(local.set {COUNTER} (i32.const {}))\n(loop\n", first * step);
                self.loops += 1;
                self.statements(4, depth - 1);
                self.loops -= 1;
                let next = format!("(i32.sub (local.get {COUNTER}) (i32.const {step}))");
                let body = if self.choices.one_in(4) { "(call $leaf)" } else { "" };
                self.text += body;
                self.text += &match self.choices.below(3) {
                    0 => format!("(local.set {COUNTER} {next}) (br_if 0 (local.get {COUNTER})))\n"),
                    1 => format!(
                        "(local.set {COUNTER} {next}) (br_if 0 (i32.ne (local.get {COUNTER}) (i32.const 0))))\n"
                    ),
                    _ => format!("(br_if 0 (i32.gt_s (local.tee {COUNTER} {next}) (i32.const 0))))\n"),
                };
            }
            _ => self.text += "(nop)\n",
        }
    }

    /// A comparison of integers of a type.
    fn comparison(&mut self, ty: ValType) -> BinaryOp {
        let compares = |op: &BinaryOp| op.int_compare().is_some() && op.operand_type() == ty;
        let ops: Vec<BinaryOp> = BinaryOp::ALL.iter().copied().filter(compares).collect();
        self.choices.pick(&ops)
    }

    /// A branch on a comparison of one of two locals, as after a counter's step.
    fn compared(&mut self, first: usize, second: usize) -> String {
        let ty = LOCALS[first];
        let op = self.comparison(ty);
        let [left, right] = if self.choices.one_in(3) { [second, first] } else { [first, second] };
        let third = self.local(ty);
        let right = match self.choices.below(3) {
            0 => format!("({ty}.const 7)"),
            1 => format!("(local.get {right})"),
            _ => format!("(local.get {third})"),
        };
        format!("(block (br_if 0 ({} (local.get {left}) {right})))\n", op.mnemonic())
    }

    fn expression(&mut self, ty: ValType, depth: u32) {
        match self.choices.below(if depth == 0 { 6 } else { 25 }) {
            24 => {
                self.text += "(select ";
                self.expression(ty, 0);
                self.expression(ty, depth - 1);
                self.condition(depth - 1);
                self.text.push(')');
            }
            0..4 => {
                let local = self.local(ty);
                self.text += &format!("(local.get {local})");
            }
            4 | 5 => {
                let bits = value(ty, self.choices);
                self.text += &format!("({})", crate::targets::single_inst::literal(ty, bits.into()));
            }
            6..10 => {
                let list = self.list();
                let ops: Vec<LoadOp> =
                    OPERATIONS.loads[list].iter().copied().filter(|op| op.result_type() == ty).collect();
                if ops.is_empty() {
                    return self.expression(ty, 0);
                }
                let op = self.choices.pick(&ops);
                self.access(op.mnemonic());
                self.text.push(')');
            }
            10..13 => {
                let list = self.list();
                let ops: Vec<UnaryOp> =
                    OPERATIONS.unary[list].iter().copied().filter(|op| op.result_type() == ty).collect();
                if ops.is_empty() {
                    return self.expression(ty, depth - 1);
                }
                let op = self.choices.pick(&ops);
                self.text += &format!("({} ", op.mnemonic());
                self.expression(op.operand_type(), depth - 1);
                self.text.push(')');
            }
            _ => {
                let list = self.list();
                let ops: Vec<BinaryOp> =
                    OPERATIONS.binary[list].iter().copied().filter(|op| op.result_type() == ty).collect();
                if ops.is_empty() {
                    return self.expression(ty, depth - 1);
                }
                let op = self.choices.pick(&ops);
                let ty = op.operand_type();
                self.text += &format!("({} ", op.mnemonic());
                if self.choices.one_in(6) {
                    // A square.
                    let local = self.local(ty);
                    self.text += &format!("(local.get {local}) (local.get {local}))");
                    return;
                }
                // Sums and products grow to one side, as in compilers' output.
                let (left, right) =
                    self.choices.pick(&[(0, depth - 1), (depth - 1, 0), (0, 0), (depth - 1, depth - 1)]);
                self.expression(ty, left);
                self.expression(ty, right);
                self.text.push(')');
            }
        }
    }

    /// A condition, as compilers' output has them: a comparison, some bits, or any expression.
    fn condition(&mut self, depth: u32) {
        let op = match self.choices.below(4) {
            0 | 1 => self.comparison(ValType::I32),
            2 => BinaryOp::I32And,
            _ => return self.expression(ValType::I32, depth),
        };
        self.text += &format!("({} ", op.mnemonic());
        self.expression(ValType::I32, depth.saturating_sub(1));
        let local = self.local(ValType::I32);
        self.text += &self.choices.pick(&[format!("(local.get {local}))"), "(i32.const 1))".to_owned()]);
    }

    /// An access up to and including its address.
    fn access(&mut self, mnemonic: &str) {
        let offset = self.choices.pick(&[0, 0, 8, 16, 1000]);
        self.text += &format!("({mnemonic} offset={offset} ");
        let (local, other) = (self.choices.below(ADDRESSES), self.choices.below(ADDRESSES));
        let constant = 4 * self.choices.below(64);
        let shift = self.choices.within(1, 3);
        self.text += &match self.choices.below(12) {
            0 | 1 => format!("(local.get {local})"),
            2 => format!("(i32.add (local.get {local}) (i32.const {constant}))"),
            3 => format!("(i32.add (local.get {local}) (i32.shl (local.get {other}) (i32.const 3)))"),
            4 => format!("(i32.add (i32.add (local.get {local}) (local.get {other})) (i32.const {constant}))"),
            6 => format!("(i32.add (local.get {local}) (local.get {other}))"),
            7 => format!("(i32.add (i32.sub (local.get {local}) (i32.const {constant})) (local.get {other}))"),
            8 => format!("(i32.add (i32.shl (local.get {other}) (i32.const {shift})) (local.get {local}))"),
            9 => format!("(i32.add (local.get {local}) (i32.mul (local.get {other}) (i32.const {shift})))"),
            10 => format!(
                "(i32.add (local.get {local}) (local.tee {INDEX} (i32.shl (local.get {other}) (i32.const {shift}))))"
            ),
            11 => format!("(i32.add (local.get {local}) (i32.or (local.get {other}) (i32.const {shift})))"),
            _ => format!("(i32.const {constant})"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riser_properties::generate::Seeded;

    #[test]
    fn most_pairs_occur() {
        coverage::take();
        for seed in 0..16000 {
            let wasm = module(&mut Seeded::new(seed));
            coverage::note(&riser_properties::parse(wasm).expect("modules are valid"));
        }
        let pairs = |names: &std::collections::BTreeSet<&'static str>| {
            names.iter().filter(|name| name.contains("Then")).count()
        };
        let (seen, all) = (pairs(&coverage::take()), pairs(&coverage::all()));
        assert!(seen * 2 > all, "{seen} of {all} pairs");
    }
}
