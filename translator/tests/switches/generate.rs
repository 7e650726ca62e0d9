//! Random valid modules, in text.
//!
//! The generator walks like a validator: it keeps the types on the operand stack
//! and picks among the operators that fit. It is fond of what is hard on the
//! translator: reads of locals that stay pending across writes, branches with
//! values, blocks with parameters, tables of branches, several results.

use std::fmt::Write as _;

use riser_translator::ValType;
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};

/// The parameters of every function.
pub const PARAMS: [ValType; 5] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::I32];
const LOCALS: [ValType; 4] = [ValType::I32, ValType::I32, ValType::I64, ValType::F64];
const TYPES: [ValType; 4] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
const FUNCTIONS: usize = 3;

struct Generator {
    state: u64,
    text: String,
    stack: Vec<ValType>,
    /// Values that a branch to each open block carries, innermost last.
    labels: Vec<Vec<ValType>>,
    /// The results of each function.
    results: Vec<Vec<ValType>>,
    function: usize,
    budget: u32,
}

/// The text of a module with a few functions, of which the first calls the others.
pub fn module(seed: u64) -> String {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        text: String::new(),
        stack: Vec::new(),
        labels: Vec::new(),
        results: Vec::new(),
        function: 0,
        budget: 0,
    };
    for _ in 0..FUNCTIONS {
        let results = generator.types(3);
        generator.results.push(results);
    }
    generator.text.push_str("(module (memory 1)\n");
    for ty in TYPES {
        let _ = writeln!(generator.text, "(global (mut {ty}) ({ty}.const 7))");
    }
    for function in 0..FUNCTIONS {
        generator.function(function);
    }
    generator.text.push_str(")\n");
    generator.text
}

impl Generator {
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn types(&mut self, most: usize) -> Vec<ValType> {
        (0..self.below(most + 1)).map(|_| self.pick(&TYPES)).collect()
    }

    fn emit(&mut self, text: impl std::fmt::Display) {
        let _ = writeln!(self.text, "  {text}");
    }

    fn function(&mut self, function: usize) {
        self.function = function;
        self.budget = 60;
        let results = self.results[function].clone();
        let _ = writeln!(
            self.text,
            "(func {} {} {}",
            list("param", &PARAMS),
            list("result", &results),
            list("local", &LOCALS)
        );
        self.stack.clear();
        self.labels = vec![results.clone()];
        self.block_body(0, &results);
        self.text.push_str(")\n");
    }

    /// Operators that take the stack from `base` values, and some, to `base` values and `results`.
    fn block_body(&mut self, base: usize, results: &[ValType]) {
        for _ in 0..self.below(14) {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            if self.below(40) == 0 && self.leave() {
                // The rest of the block is unreachable, where anything goes.
                self.stack.truncate(base);
                self.stack.extend_from_slice(results);
                return;
            }
            self.operator(base);
        }
        let wanted = |stack: &[ValType]| {
            let values = &stack[base..];
            values.len() <= results.len() && *values == results[..values.len()]
        };
        while !wanted(&self.stack) {
            self.record();
        }
        for &ty in &results[self.stack.len() - base..] {
            self.push(ty);
        }
    }

    /// Pushes a value of the type by one operator.
    fn push(&mut self, ty: ValType) {
        match self.below(8) {
            0 => {
                let at = TYPES.iter().position(|other| *other == ty).expect("a number type");
                self.emit(format!("global.get {at}"));
            }
            1..4 => {
                let value = self.constant(ty);
                self.emit(format!("{ty}.const {value}"));
            }
            _ => {
                let local = self.local(ty);
                self.emit(format!("local.get {local}"));
            }
        }
        self.stack.push(ty);
    }

    fn constant(&mut self, ty: ValType) -> &'static str {
        match ty {
            ValType::I32 => self.pick(&["0", "1", "-1", "2", "100", "-32768", "32768", "0x80000000", "12345678"]),
            ValType::I64 => self.pick(&["0", "1", "-1", "32767", "0x7fffffff", "0x80000000", "-9000000000"]),
            ValType::F32 => self.pick(&["0", "-0", "1", "-1.5", "inf", "nan", "3e9"]),
            _ => self.pick(&["0", "-0", "1", "-1.5", "-inf", "nan", "1e19"]),
        }
    }

    fn local(&mut self, ty: ValType) -> usize {
        let all = PARAMS.iter().chain(&LOCALS).enumerate();
        let fitting: Vec<usize> = all.filter(|(_, other)| **other == ty).map(|(at, _)| at).collect();
        self.pick(&fitting)
    }

    /// An operator on what is above `base`.
    fn operator(&mut self, base: usize) {
        let Some(&top) = self.stack[base..].last() else {
            let ty = self.pick(&TYPES);
            return self.push(ty);
        };
        match self.below(31) {
            0..5 => {
                let ty = self.pick(&TYPES);
                self.push(ty);
            }
            5..8 => self.unary(top),
            8..13 => self.binary(base, top),
            13..16 => {
                let local = self.local(top);
                let (operator, keeps) = self.pick(&[("set", false), ("tee", true)]);
                self.emit(format!("local.{operator} {local}"));
                if !keeps {
                    self.stack.pop();
                }
            }
            16 => {
                let at = TYPES.iter().position(|ty| *ty == top).expect("a number type");
                self.emit(format!("global.set {at}"));
                self.stack.pop();
            }
            17..19 => self.load(base),
            19..21 => self.store(base),
            21 => {
                self.push(top);
                self.condition();
                self.emit("select");
                self.stack.truncate(self.stack.len() - 2);
            }
            22..25 => self.branch_if(base),
            25 if self.function + 1 < FUNCTIONS => {
                let callee = self.function + 1 + self.below(FUNCTIONS - self.function - 1);
                self.arguments(base);
                self.emit(format!("call {callee}"));
                let results = self.results[callee].clone();
                self.stack.extend_from_slice(&results);
            }
            27..30 if self.labels.len() < 5 => self.block(base),
            26 => {
                self.emit("drop");
                self.stack.pop();
            }
            _ => self.record(),
        }
    }

    /// Pops a value and mixes it into a global, for all to see.
    fn record(&mut self) {
        let ty = self.stack.pop().expect("there is a value");
        let (int, at) = match ty {
            ValType::I32 | ValType::F32 => (ValType::I32, 0),
            _ => (ValType::I64, 1),
        };
        if int != ty {
            self.emit(format!("{int}.reinterpret_{ty}"));
        }
        self.emit(format!("global.get {at}\n  {int}.add\n  {int}.const 5\n  {int}.rotl\n  global.set {at}"));
    }

    fn unary(&mut self, top: ValType) {
        let fitting: Vec<UnaryOp> = UnaryOp::ALL.iter().copied().filter(|op| op.operand_type() == top).collect();
        let op = self.pick(&fitting);
        self.emit(op);
        self.stack.pop();
        self.stack.push(op.result_type());
    }

    fn binary(&mut self, base: usize, top: ValType) {
        if self.stack.len() < base + 2 || self.stack[self.stack.len() - 2] != top {
            self.push(top);
        }
        let fitting: Vec<BinaryOp> = BinaryOp::ALL.iter().copied().filter(|op| op.operand_type() == top).collect();
        let op = self.pick(&fitting);
        self.emit(op);
        self.stack.truncate(self.stack.len() - 2);
        self.stack.push(op.result_type());
    }

    /// Makes the top of the stack, or a new value, an address that is often in bounds.
    fn address(&mut self, base: usize) {
        if self.stack.len() == base || self.stack.last() != Some(&ValType::I32) {
            self.push(ValType::I32);
        }
        if self.below(8) != 0 {
            self.emit("i32.const 0xffff");
            self.emit("i32.and");
        }
        if self.below(3) == 0 {
            let add = self.pick(&[8, -8, 4]);
            self.emit(format!("i32.const {add}"));
            self.emit("i32.add");
        }
    }

    fn load(&mut self, base: usize) {
        self.address(base);
        let op = self.pick(LoadOp::ALL);
        let offset = self.pick(&[0, 0, 8, 40]);
        self.emit(format!("{op} offset={offset}"));
        self.stack.pop();
        self.stack.push(op.result_type());
    }

    fn store(&mut self, base: usize) {
        self.address(base);
        let op = self.pick(StoreOp::ALL);
        self.push(op.value_type());
        if self.below(3) == 0 && op.value_type() == ValType::I32 {
            self.emit("i32.ctz");
        }
        let offset = self.pick(&[0, 0, 8, 40]);
        self.emit(format!("{op} offset={offset}"));
        self.stack.truncate(self.stack.len() - 2);
    }

    /// Pushes an i32 that is now zero, now something else.
    fn condition(&mut self) {
        let ty = self.pick(&[ValType::I32, ValType::I64]);
        self.push(ty);
        match self.below(3) {
            0 if ty == ValType::I32 => {}
            0 | 1 => self.emit(format!("{ty}.eqz")),
            _ => {
                self.push(ty);
                self.stack.pop();
                let comparison = self.pick(&["eq", "ne", "lt_s", "lt_u", "gt_s", "ge_u", "le_s"]);
                self.emit(format!("{ty}.{comparison}"));
            }
        }
        if self.below(4) == 0 {
            self.emit("i32.eqz");
        }
        self.stack.pop();
        self.stack.push(ValType::I32);
    }

    /// Depths of the blocks that a branch could lead to with what is above `base`.
    fn targets(&self, base: usize) -> Vec<usize> {
        let fits = |values: &[ValType]| self.stack[base..].ends_with(values);
        (0..self.labels.len()).filter(|depth| fits(&self.labels[self.labels.len() - 1 - depth])).collect()
    }

    fn branch_if(&mut self, base: usize) {
        if let targets = self.targets(base)
            && !targets.is_empty()
        {
            let target = self.pick(&targets);
            self.condition();
            self.emit(format!("br_if {target}"));
            self.stack.pop();
        }
    }

    /// Leaves the block for good, perhaps; whatever values that needs are pushed.
    fn leave(&mut self) -> bool {
        match self.below(8) {
            0 => self.emit("unreachable"),
            1 if self.function + 1 < FUNCTIONS => {
                let own = &self.results[self.function];
                let callees = self.function + 1..FUNCTIONS;
                let Some(callee) = callees.clone().find(|at| self.results[*at] == *own) else { return false };
                self.arguments(self.stack.len());
                self.emit(format!("return_call {callee}"));
            }
            2 => {
                for ty in self.results[self.function].clone() {
                    self.push(ty);
                }
                self.emit("return");
            }
            depth => {
                let depth = depth % self.labels.len();
                let values = self.labels[self.labels.len() - 1 - depth].clone();
                for &ty in &values {
                    self.push(ty);
                }
                let same: Vec<usize> = (0..self.labels.len())
                    .filter(|depth| self.labels[self.labels.len() - 1 - depth] == values)
                    .collect();
                if self.below(2) == 0 {
                    self.emit(format!("br {depth}"));
                } else {
                    self.push(ValType::I32);
                    self.emit("i32.const 3\n  i32.and");
                    let [a, b, c] = [self.pick(&same), self.pick(&same), self.pick(&same)];
                    self.emit(format!("br_table {a} {b} {depth} {c}"));
                }
            }
        }
        true
    }

    /// Pushes the arguments of a call; what is above `base` already may serve as the first.
    fn arguments(&mut self, base: usize) {
        let fits = |count: usize| count <= self.stack.len() - base && self.stack.ends_with(&PARAMS[..count]);
        let have = (0..=PARAMS.len()).rev().find(|count| fits(*count)).unwrap_or(0);
        for &ty in &PARAMS[have..] {
            self.push(ty);
        }
        self.stack.truncate(self.stack.len() - PARAMS.len());
    }

    fn block(&mut self, base: usize) {
        let kind = self.pick(&["block", "block", "loop", "if", "if"]);
        let results = self.types(2);
        let available = (self.stack.len() - base).min(2);
        let inner = self.stack.len() - self.below(available + 1);
        let params = self.stack[inner..].to_vec();
        if kind == "if" {
            self.condition();
            self.stack.pop();
        }
        let results = if kind == "if" && self.below(2) == 0 { params.clone() } else { results };
        self.emit(format!("{kind} {} {}", list("param", &params), list("result", &results)));
        self.labels.push(if kind == "loop" { params.clone() } else { results.clone() });
        self.block_body(inner, &results);
        if kind == "if" && (params != results || self.below(2) == 0) {
            self.emit("else");
            self.stack.truncate(inner);
            self.stack.extend_from_slice(&params);
            self.block_body(inner, &results);
        }
        self.labels.pop();
        self.emit("end");
    }
}

fn list(keyword: &str, types: &[ValType]) -> String {
    if types.is_empty() {
        return String::new();
    }
    let types: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
    format!("({keyword} {})", types.join(" "))
}
