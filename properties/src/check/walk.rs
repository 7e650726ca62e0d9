//! The wasm side: the operators of a body, one after the other.
//!
//! A value that an operator computes is pushed on the wasm operand stack as a term. For every effect and branch, the IR
//! has to do the same next ([`super::code`], [`super::control`]).

use std::collections::HashMap;

use smallvec::SmallVec;
use wasmparser::{BinaryReader, FunctionBody, Operator, OperatorsReader};

use riser_translator::FuncTranslator;
use riser_translator::config::TranslatorConfig;
use riser_translator::func::fuel;
use riser_translator::func::rows::{Row, VectorRow, row, vector_row};
use riser_translator::index::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TypeIndex};
use riser_translator::ir::{Function, Item};
use riser_translator::module::ModuleInfo;
use riser_translator::parse::{ParsedModule, ref_type, val_type};
use riser_translator::sink::{Label, Scope, Slot};
use riser_translator::trap::TrapCode;
use riser_translator::types::{FuncType, ValType};

use super::CheckError;
use super::code::Acc;
use super::control::{Dest, Frame};
use super::effect::{Action, Callee};
use super::exception::ScopeState;
use super::state::State;
use super::term::{Place, Term, TermId};

/// A function that is being checked.
pub(super) struct Checker<'a> {
    pub(super) module: &'a ModuleInfo,
    pub(super) ir: &'a Function,
    pub(super) config: &'a TranslatorConfig,
    pub(super) state: State,
    /// The current wasm operator.
    pub(super) offset: u32,

    /// The IR's current item.
    pub(super) at: usize,
    pub(super) acc: Option<Acc>,
    /// Where each label is bound.
    pub(super) labels: HashMap<Label, usize>,
    /// Detours that have been followed ahead of time: the items where they begin and end.
    pub(super) detours: HashMap<usize, usize>,
    /// A conditional branch of the IR that goes where wasm's next branch has to go: its item and its target.
    pub(super) ahead: Option<(usize, Label)>,

    /// The open blocks, innermost last; the first is the function.
    pub(super) control: Vec<Frame<'a>>,
    /// The destinations that labels stand for.
    pub(super) destinations: HashMap<Label, Dest>,
    /// Whether the current place is reachable.
    pub(super) live: bool,
    /// The handler scopes so far.
    pub(super) scopes: Vec<ScopeState>,
    /// The innermost handler scope that is open.
    pub(super) scope: Option<Scope>,
    /// Blocks opened in dead code and still open.
    dead_blocks: u32,
    /// The price of the operators since the last charge.
    fuel: u32,
    /// The body.
    body: FunctionBody<'a>,
    /// Slots of the locals.
    locals: Vec<(Slot, ValType)>,
}

impl<'a> Checker<'a> {
    /// Prepares to check a function. Checks that it belongs to the module.
    pub(super) fn new(
        module: &'a ParsedModule,
        ir: &'a Function,
        config: &'a TranslatorConfig,
    ) -> Result<Checker<'a>, CheckError> {
        let info: &ModuleInfo = module.info();
        let error = |offset, message: String| CheckError { function: ir.index, offset, item: None, message };
        let defined = info.defined_function(ir.index).filter(|defined| defined.index() < info.bodies.len());
        let Some(defined) = defined else {
            return Err(error(0, "the module does not define this function".to_owned()));
        };
        let range = &info.bodies[defined.index()].range;
        let bytes = &info.bytes[range.start as usize..range.end as usize];
        let body = FunctionBody::new(BinaryReader::new_features(bytes, range.start as usize, info.features.flags()));
        let invalid = |at: wasmparser::BinaryReaderError| {
            error(at.offset() as u32, format!("the body is not valid: {}", at.message()))
        };
        FuncTranslator::new()
            .validate(module, ir.index)
            .map_err(|at| error(at.offset() as u32, format!("the body is not valid: {}", at.message())))?;

        let ty = info.func_type(ir.index);
        let mut types = ty.params().to_vec();
        for declaration in body.get_locals_reader().map_err(invalid)? {
            let (count, ty) = declaration.map_err(invalid)?;
            let ty = val_type(ty, 0).map_err(|at| error(range.start, at.message().to_owned()))?;
            types.extend(std::iter::repeat_n(ty, count as usize));
        }
        if ir.ty != *ty || ir.locals != types {
            return Err(error(range.start, "the function has another type, or other locals".to_owned()));
        }
        let frame = ir.frame();
        let mut index = 0;
        let locals = types
            .iter()
            .map(|&ty| {
                let slot = frame.local(index);
                index += ty.slots();
                (slot, ty)
            })
            .collect();
        let mut labels = HashMap::new();
        for (at, item) in ir.items.iter().enumerate() {
            if let Item::Label { label, .. } = item
                && labels.insert(*label, at).is_some()
            {
                return Err(CheckError {
                    item: Some(at),
                    ..error(range.start, format!("L{} is bound twice", label.0))
                });
            }
        }
        Ok(Checker {
            module: info,
            ir,
            config,
            state: State::new(frame, &types),
            offset: range.start,
            at: 0,
            acc: None,
            labels,
            detours: HashMap::new(),
            ahead: None,
            control: Vec::new(),
            destinations: HashMap::new(),
            live: true,
            scopes: Vec::new(),
            scope: None,
            dead_blocks: 0,
            fuel: 0,
            body,
            locals,
        })
    }

    /// Checks the function.
    pub(super) fn function(mut self) -> Result<(), CheckError> {
        let mut operators = self.body.get_operators_reader().map_err(|at| self.unreadable(&at))?;
        self.offset = operators.original_position() as u32;
        let ty = self.module.func_type(self.ir.index);
        self.enter_function(ty)?;
        while !operators.eof() {
            self.next_operator(&mut operators)?;
        }
        self.finish()
    }

    fn next_operator(&mut self, operators: &mut OperatorsReader<'a>) -> Result<(), CheckError> {
        let (operator, offset) = operators.read_with_offset().map_err(|at| self.unreadable(&at))?;
        if self.live {
            self.offset = offset as u32;
            self.charge(&operator)?;
            return self.operator(&operator);
        }
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. }
            | Operator::Try { .. } => self.dead_blocks += 1,
            Operator::End | Operator::Delegate { .. } if self.dead_blocks > 0 => self.dead_blocks -= 1,
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll if self.dead_blocks > 0 => {}
            Operator::End
            | Operator::Else
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. } => {
                self.offset = offset as u32;
                return self.operator(&operator);
            }
            _ => {}
        }
        Ok(())
    }

    fn unreadable(&self, error: &wasmparser::BinaryReaderError) -> CheckError {
        self.error(None, format!("the body cannot be read: {}", error.message()))
    }

    /// Adds an operator's price, and checks that there is a charge at the end of a straight line.
    fn charge(&mut self, operator: &Operator<'_>) -> Result<(), CheckError> {
        if self.config.fuel {
            self.fuel += fuel::operator_cost(operator);
            if fuel::ends_straight_line(operator) && self.fuel > 0 {
                let units = std::mem::take(&mut self.fuel);
                self.act(Action::Fuel(units), &[])?;
            }
        }
        Ok(())
    }

    /// Pops an operand.
    pub(super) fn pop(&mut self) -> Result<TermId, CheckError> {
        self.pop_typed().map(|(_, term)| term)
    }

    fn pop_typed(&mut self) -> Result<(ValType, TermId), CheckError> {
        self.state.pop().ok_or_else(|| self.error(None, "wasm pops an operand, and there is none"))
    }

    /// Pops operands. Returns them in the order in which they were pushed.
    pub(super) fn pop_list(&mut self, count: usize) -> Result<SmallVec<[TermId; 4]>, CheckError> {
        let mut list = (0..count).map(|_| self.pop()).collect::<Result<SmallVec<[TermId; 4]>, CheckError>>()?;
        list.reverse();
        Ok(list)
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), CheckError> {
        if let Some((action, operands, result)) = Action::of_operator(operator, self.module) {
            let operands = self.pop_list(operands)?;
            let effect = self.act(action, &operands)?;
            if let Some(ty) = result {
                self.push(ty, Term::Result { effect, index: 0 });
            }
            return Ok(());
        }
        match row(operator) {
            Some(Row::Unary(op)) => {
                let operand = self.pop()?;
                let value = self.state.terms.unary(op, operand);
                self.state.push(op.result_type(), value);
                return Ok(());
            }
            Some(Row::Binary(op)) => {
                let rhs = self.pop()?;
                let lhs = self.pop()?;
                let value = self.state.terms.binary(op, lhs, rhs);
                self.state.push(op.result_type(), value);
                return Ok(());
            }
            Some(Row::Wide(op)) => {
                let operands = self.pop_list(op.operands())?;
                for half in self.state.terms.wide(op, &operands) {
                    self.state.push(ValType::I64, half);
                }
                return Ok(());
            }
            // The other operators are effects.
            Some(Row::Load(..) | Row::Store(..)) | None => {}
        }
        if let Some(row) = vector_row(operator) {
            return self.vector_operator(row);
        }
        match *operator {
            Operator::Nop => {}
            Operator::Drop => {
                self.pop()?;
            }
            Operator::LocalGet { local_index } => {
                let (slot, ty) = self.locals[local_index as usize];
                let value = self.state.local(slot);
                self.state.push(ty, value);
            }
            Operator::LocalSet { local_index } => {
                let value = self.pop()?;
                let (slot, ty) = self.locals[local_index as usize];
                self.state.set_local(slot, ty, value);
            }
            Operator::LocalTee { local_index } => {
                let (ty, value) = self.pop_typed()?;
                self.state.set_local(self.locals[local_index as usize].0, ty, value);
                self.state.push(ty, value);
            }
            Operator::GlobalGet { global_index } => {
                let global = GlobalIndex::new(global_index);
                self.push_place(self.module.global(global).content, Place::Global(global));
            }
            Operator::MemorySize { mem } => {
                let memory = MemoryIndex::new(mem);
                self.push_place(self.module.memory(memory).address_type(), Place::MemorySize(memory));
            }
            Operator::TableSize { table } => {
                let table = TableIndex::new(table);
                self.push_place(self.module.table(table).index_type(), Place::TableSize(table));
            }
            Operator::I32Const { value } => self.push_const(ValType::I32, u64::from(value as u32)),
            Operator::I64Const { value } => self.push_const(ValType::I64, value as u64),
            Operator::F32Const { value } => self.push_const(ValType::F32, u64::from(value.bits())),
            Operator::F64Const { value } => self.push_const(ValType::F64, value.bits()),
            Operator::Select | Operator::TypedSelect { .. } => {
                let cond = self.pop()?;
                let if_false = self.pop()?;
                let (ty, if_true) = self.pop_typed()?;
                let value = self.state.terms.select(cond, if_true, if_false);
                self.state.push(ty, value);
            }
            Operator::RefNull { hty } => {
                let ty = wasmparser::RefType::new(true, hty).and_then(|ty| ref_type(ty, 0).ok());
                let ty = ty.ok_or_else(|| self.error(None, "this reference type is not supported"))?;
                self.push_const(ty, 0);
            }
            Operator::RefIsNull => {
                let operand = self.pop()?;
                self.push(ValType::I32, Term::RefIsNull(operand));
            }
            Operator::RefFunc { function_index } => {
                self.push(ValType::FuncRef, Term::RefFunc(FuncIndex::new(function_index)))
            }

            Operator::Call { function_index } => {
                let function = FuncIndex::new(function_index);
                self.wasm_call(self.module.func_type(function), Callee::Direct(function), false)?;
            }
            Operator::ReturnCall { function_index } => {
                let function = FuncIndex::new(function_index);
                self.wasm_call(self.module.func_type(function), Callee::Direct(function), true)?;
            }
            Operator::CallIndirect { type_index, table_index } => {
                let type_index = TypeIndex::new(type_index);
                let ty = self.module.ty(type_index);
                self.wasm_call(ty, Callee::Indirect { table: TableIndex::new(table_index), type_index }, false)?;
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let type_index = TypeIndex::new(type_index);
                let ty = self.module.ty(type_index);
                self.wasm_call(ty, Callee::Indirect { table: TableIndex::new(table_index), type_index }, true)?;
            }
            Operator::Unreachable => {
                self.act(Action::Trap(TrapCode::Unreachable), &[])?;
                self.live = false;
            }
            _ if self.exception_operator(operator)? => {}
            _ => return self.control_operator(operator),
        }
        Ok(())
    }

    /// Executes a vector operator that only computes.
    fn vector_operator(&mut self, row: VectorRow) -> Result<(), CheckError> {
        match row {
            VectorRow::Const(bits) => {
                self.push(ValType::V128, Term::VectorConst([bits as u64, (bits >> 64) as u64]));
            }
            VectorRow::Shuffle(lanes) => {
                let rhs = self.pop()?;
                let lhs = self.pop()?;
                self.push(ValType::V128, Term::Shuffle { lhs, rhs, lanes });
            }
            VectorRow::Plain(op) => {
                let operands = self.pop_list(op.operand_types().len())?;
                let value = self.state.terms.vector(op, &operands);
                self.state.push(op.result_type(), value);
            }
            VectorRow::Extract(op, lane) => {
                let vector = self.pop()?;
                self.push(op.result_type(), Term::ExtractLane(op, lane, vector));
            }
            VectorRow::Replace(op, lane) => {
                let value = self.pop()?;
                let vector = self.pop()?;
                self.push(ValType::V128, Term::ReplaceLane { op, lane, vector, value });
            }
            VectorRow::Load(..) | VectorRow::Store(_) | VectorRow::LoadLane(..) | VectorRow::StoreLane(..) => {
                return Err(self.error(None, "this vector operator has an effect, and is none"));
            }
        }
        Ok(())
    }

    fn push(&mut self, ty: ValType, term: Term) {
        let term = self.state.terms.plain(term);
        self.state.push(ty, term);
    }

    fn push_const(&mut self, ty: ValType, bits: u64) {
        let value = self.state.terms.constant(ty, bits);
        self.state.push(ty, value);
    }

    fn push_place(&mut self, ty: ValType, place: Place) {
        let value = self.read_place(place);
        self.state.push(ty, value);
    }

    fn wasm_call(&mut self, ty: &FuncType, callee: Callee, tail: bool) -> Result<(), CheckError> {
        let index = match callee {
            Callee::Direct(_) => None,
            Callee::Indirect { .. } => Some(self.pop()?),
        };
        let args = self.pop_list(ty.params().len())?;
        if tail {
            self.call(Action::ReturnCall(callee), ty, index, &args)?;
            self.live = false;
            return Ok(());
        }
        let effect = self.call(Action::Call(callee), ty, index, &args)?;
        for (index, &ty) in ty.results().iter().enumerate() {
            self.push(ty, Term::Result { effect, index: index as u32 });
        }
        Ok(())
    }
}
