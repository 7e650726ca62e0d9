//! A function body under construction.
//!
//! Like a validator, it tracks the types on the operand stack and the open blocks. [`Body::emit`] applies the signature
//! of plain operators to the stack; control is in [`super::control`]. In dead code the stack below the block's base is
//! polymorphic, as in the specification: operands that are not there may be popped.

use smallvec::SmallVec;

use riser_translator::module::{MemoryType, TableType};
use riser_translator::types::{FuncType, ValType};

use super::super::module::{Function, Module};
use super::super::{Choices, Config, Operator};

/// How a branch to a block behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// It leaves the block.
    Forward,
    /// It repeats the loop, on any condition.
    Repeat,
    /// It repeats the loop as long as the local, which is incremented, is below the limit.
    Counted {
        /// The counter, which nothing else writes.
        local: u32,
        /// An unsigned limit.
        limit: u32,
    },
    /// It repeats the loop, but only the loop's own last branch may do that.
    Reserved,
}

/// An open block.
#[derive(Debug)]
pub(super) struct Frame {
    /// Operands below the block.
    pub(super) base: usize,
    /// Types of the values that a branch to the block carries.
    pub(super) label: Vec<ValType>,
    pub(super) target: Target,
    /// Whether control cannot get here.
    pub(super) dead: bool,
    /// Whether this is an arm that has caught an exception.
    pub(super) has_caught: bool,
}

/// A body under construction.
pub(super) struct Body<'a> {
    pub(super) choices: &'a mut dyn Choices,
    pub(super) config: &'a Config,
    pub(super) module: &'a Module,
    /// The function's index.
    pub(super) index: usize,
    /// The global that counts down calls that may recurse.
    pub(super) guard: Option<u32>,
    /// Parameters and locals.
    pub(super) locals: Vec<ValType>,
    /// Locals that only loops may write.
    pub(super) counters: Vec<u32>,
    pub(super) operators: Vec<Operator>,
    pub(super) stack: Vec<ValType>,
    pub(super) frames: Vec<Frame>,
    /// Operands below this index must not be consumed.
    floor: usize,
    /// The nesting depth of the next operator in expressions.
    pub(super) depth: u32,
    /// The approximate number of operators that may still be added.
    pub(super) budget: u32,
}

/// The types that an operator pops or pushes.
type Types = SmallVec<[ValType; 3]>;

fn of<const N: usize>(types: [ValType; N]) -> Types {
    Types::from_slice(&types)
}

impl<'a> Body<'a> {
    /// Makes an empty body of the function with the given index.
    pub(super) fn new(
        choices: &'a mut dyn Choices,
        config: &'a Config,
        module: &'a Module,
        index: usize,
        guard: Option<u32>,
    ) -> Body<'a> {
        let ty = &module.functions[index].ty;
        let mut locals = ty.params().to_vec();
        let declared = super::types(choices, &super::value_types(config, config.references), 8, 48);
        locals.extend(declared);
        let budget = 1 + choices.below(config.size.max(1));
        Body {
            choices,
            config,
            module,
            index,
            guard,
            locals,
            counters: Vec::new(),
            operators: Vec::new(),
            stack: Vec::new(),
            frames: Vec::new(),
            floor: 0,
            depth: 0,
            budget,
        }
    }

    /// Fills the body.
    pub(super) fn build(mut self) -> Function {
        let ty = self.ty().clone();
        let label = ty.results().to_vec();
        self.frames.push(Frame { base: 0, label, target: Target::Forward, dead: false, has_caught: false });
        while self.budget > 0 && !(self.frame().dead && self.choices.below(8) == 0) {
            self.statement();
            // The budget shrinks in any case, so that the loop ends whatever the choices are.
            self.budget = self.budget.saturating_sub(1);
        }
        if self.config.wide_tail_calls && !self.frame().dead && !self.choices.one_in(4) {
            self.wide_tail_call();
        }
        self.settle(ty.results());
        let locals = self.locals.split_off(ty.params().len());
        Function { ty, locals, body: self.operators }
    }

    /// The function's type.
    pub(super) fn ty(&self) -> &'a FuncType {
        &self.module.functions[self.index].ty
    }

    /// The innermost block.
    pub(super) fn frame(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    /// The operands of the innermost block that are known and may be consumed.
    pub(super) fn operands_here(&self) -> &[ValType] {
        &self.stack[self.frame().base.max(self.floor)..]
    }

    /// Whether the next operand down is polymorphic.
    pub(super) fn at_polymorphic_base(&self) -> bool {
        self.frame().dead && self.stack.len() == self.frame().base
    }

    /// Adds operators that do not consume the present operands.
    pub(super) fn apart(&mut self, add: impl FnOnce(&mut Self)) {
        let floor = std::mem::replace(&mut self.floor, self.stack.len());
        add(self);
        self.floor = floor;
    }

    /// The type of the top operand, if the block has one.
    pub(super) fn top(&self) -> Option<ValType> {
        self.operands_here().last().copied()
    }

    pub(super) fn memory(&self, memory: u32) -> MemoryType {
        self.module.memories[memory as usize]
    }

    pub(super) fn table(&self, table: u32) -> TableType {
        self.module.tables[table as usize]
    }

    /// Pops an operand, which has the type or is polymorphic.
    fn pop(&mut self, ty: ValType) {
        if !self.at_polymorphic_base() {
            let top = self.stack.pop();
            debug_assert_eq!(top, Some(ty));
            debug_assert!(self.stack.len() >= self.frame().base, "{ty} is missing");
        }
    }

    /// Pops operands, which exist or are polymorphic.
    pub(super) fn pop_all(&mut self, types: &[ValType]) {
        for &ty in types.iter().rev() {
            self.pop(ty);
        }
    }

    /// Adds an operator without changing the stack.
    pub(super) fn append(&mut self, operator: Operator) {
        self.budget = self.budget.saturating_sub(1);
        self.operators.push(operator);
    }

    /// Adds an operator whose signature does not depend on the stack.
    pub(super) fn emit(&mut self, operator: Operator) {
        let (params, results) = self.signature(&operator);
        self.pop_all(&params);
        self.stack.extend_from_slice(&results);
        self.append(operator);
    }

    pub(super) fn constant(&mut self, ty: ValType, bits: u64) {
        self.emit(Operator::Const(ty, bits));
    }

    fn signature(&self, operator: &Operator) -> (Types, Types) {
        use ValType::{I32, I64, V128};
        let address = |memory: u32| self.memory(memory).address_type();
        let index = |table: u32| self.table(table).index_type();
        let element = |table: u32| self.table(table).element;
        let local = |local: u32| self.locals[local as usize];
        let global = |global: u32| self.module.globals[global as usize].ty;
        let called = |ty: &FuncType| (Types::from_slice(ty.params()), Types::from_slice(ty.results()));
        match *operator {
            Operator::Const(ty, _) | Operator::RefNull(ty) => (of([]), of([ty])),
            Operator::RefFunc(_) => (of([]), of([ValType::FuncRef])),
            Operator::RefIsNull(ty) => (of([ty]), of([I32])),
            Operator::Unary(op) => (of([op.operand_type()]), of([op.result_type()])),
            Operator::Binary(op) => (of([op.operand_type(); 2]), of([op.result_type()])),
            Operator::Wide(op) => (Types::from_elem(I64, op.operands()), of([I64, I64])),
            Operator::LocalGet(at) => (of([]), of([local(at)])),
            Operator::LocalSet(at) => (of([local(at)]), of([])),
            Operator::LocalTee(at) => (of([local(at)]), of([local(at)])),
            Operator::GlobalGet(at) => (of([]), of([global(at)])),
            Operator::GlobalSet(at) => (of([global(at)]), of([])),
            Operator::TypedSelect(ty) => (of([ty, ty, I32]), of([ty])),
            Operator::Load(op, access) => (of([address(access.memory)]), of([op.result_type()])),
            Operator::Store(op, access) => (of([address(access.memory), op.value_type()]), of([])),
            Operator::VectorConst(_) => (of([]), of([V128])),
            Operator::Vector(op) => (Types::from_slice(op.operand_types()), of([op.result_type()])),
            Operator::Shuffle(_) => (of([V128, V128]), of([V128])),
            Operator::ExtractLane(op, _) => (of([V128]), of([op.result_type()])),
            Operator::ReplaceLane(op, _) => (of([V128, op.value_type()]), of([V128])),
            Operator::VectorLoad(_, access) => (of([address(access.memory)]), of([V128])),
            Operator::VectorStore(access) => (of([address(access.memory), V128]), of([])),
            Operator::LoadLane(_, _, access) => (of([address(access.memory), V128]), of([V128])),
            Operator::StoreLane(_, _, access) => (of([address(access.memory), V128]), of([])),
            Operator::Atomic(op, access) => {
                let mut params: Types = of([address(access.memory)]);
                params.extend_from_slice(op.operand_types());
                (params, op.result_type().into_iter().collect())
            }
            Operator::MemorySize(memory) => (of([]), of([address(memory)])),
            Operator::MemoryGrow(memory) => (of([address(memory)]), of([address(memory)])),
            Operator::MemoryFill(memory) => (of([address(memory), I32, address(memory)]), of([])),
            Operator::MemoryCopy { dst, src } => {
                let len = address(dst).min(address(src));
                (of([address(dst), address(src), len]), of([]))
            }
            Operator::MemoryInit { memory, .. } => (of([address(memory), I32, I32]), of([])),
            Operator::TableGet(table) => (of([index(table)]), of([element(table)])),
            Operator::TableSet(table) => (of([index(table), element(table)]), of([])),
            Operator::TableSize(table) => (of([]), of([index(table)])),
            Operator::TableGrow(table) => (of([element(table), index(table)]), of([index(table)])),
            Operator::TableFill(table) => (of([index(table), element(table), index(table)]), of([])),
            Operator::TableCopy { dst, src } => (of([index(dst), index(src), index(dst).min(index(src))]), of([])),
            Operator::TableInit { table, .. } => (of([index(table), I32, I32]), of([])),
            Operator::Call(function) => called(&self.module.functions[function as usize].ty),
            Operator::CallIndirect(table, ref ty) => {
                let (mut params, results) = called(ty);
                params.push(index(table));
                (params, results)
            }
            Operator::Throw(tag) => (Types::from_slice(self.module.tags[tag as usize].params()), of([])),
            Operator::ThrowRef => (of([ValType::ExnRef]), of([])),
            Operator::Nop | Operator::AtomicFence | Operator::DataDrop(_) | Operator::ElemDrop(_) => (of([]), of([])),
            _ => unreachable!("{operator:?} depends on the stack"),
        }
    }
}
