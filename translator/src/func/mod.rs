//! Translation of a function: one pass over its operators, reported to a [`Sink`].
//!
//! The operator stream is decoded once. Each operator is validated (unless the body has been found valid before) and
//! then lowered: providers are pushed on the abstract operand stack (`stack`), consumers take their operands from it
//! and are reported to the sink. The lowering of each chapter of the instruction set is in the file of its name;
//! [`fuel`] prices operators.
//!
//! After an unconditional branch nothing is reachable until the end of the block, or its `else`. The operators there
//! are validated and otherwise skipped, so that the entries of the operand stack always have known types.

mod atomic;
mod call;
mod control;
mod exception;
pub mod fuel;
mod memory;
mod numeric;
mod operators;
mod probe;
pub mod rows;
mod stack;
mod table;
mod variable;
mod vector;
mod wide;

use wasmparser::{
    BinaryReader, Catch, FrameKind, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator, OperatorsReader,
    ValidatorResources,
};

use crate::config::TranslatorConfig;
use crate::error::{ErrorKind, Stage, TranslateError};
use crate::faults::{Fault, faulty};
use crate::index::{
    DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex,
};
use crate::module::ModuleInfo;
use crate::parse::{ParsedModule, explain, val_type};
use crate::probe::Point;
use crate::sink::{FrameLayout, FuncHeader, Label, Operand, Scope, Sink};
use crate::types::ValType;

use control::ControlFrame;
use exception::ScopeState;
use operators::Operators;
use stack::ProviderStack;

/// Translates functions, one after the other, and reuses its allocations.
#[derive(Default)]
pub struct FuncTranslator {
    validator: FuncValidatorAllocations,
    scratch: Scratch,
}

/// The allocations for one function, kept for the next.
#[derive(Default)]
struct Scratch {
    stack: ProviderStack,
    control: Vec<ControlFrame>,
    operands: Vec<Operand>,
    labels: Vec<Label>,
    table_targets: Vec<usize>,
    unreachable_blocks: Vec<FrameKind>,
    scopes: Vec<ScopeState>,
    clauses: Vec<Catch>,
    handlers: Vec<usize>,
}

/// A function that is being lowered into a sink.
struct Lowering<'a, S> {
    module: &'a ModuleInfo,
    config: &'a TranslatorConfig,
    sink: &'a mut S,
    /// The abstract operand stack.
    stack: &'a mut ProviderStack,
    /// The open blocks, innermost last; the first is the function.
    control: &'a mut Vec<ControlFrame>,
    /// Scratch for operand lists.
    operands: &'a mut Vec<Operand>,
    /// Scratch for the targets of a `br_table`.
    labels: &'a mut Vec<Label>,
    /// Scratch for the distinct targets of a `br_table`: indices into `control`.
    table_targets: &'a mut Vec<usize>,
    next_label: u32,
    /// Whether the current operator is reachable.
    reachable: bool,
    /// Blocks opened in unreachable code and still open, innermost last.
    unreachable_blocks: &'a mut Vec<FrameKind>,
    /// The handler scopes so far.
    scopes: &'a mut Vec<ScopeState>,
    /// The clauses of the open `try_table` blocks.
    clauses: &'a mut Vec<Catch>,
    /// The open handlers of legacy exceptions, outermost first: the index on the operand stack of what each has caught.
    handlers: &'a mut Vec<usize>,
    /// The innermost handler scope that is open.
    scope: Option<Scope>,
    /// Fuel used since the last charge.
    fuel: u32,
    /// The offset of the current operator; only kept for sinks that take probes.
    offset: u32,
}

impl FuncTranslator {
    /// Makes a translator without allocations.
    pub fn new() -> FuncTranslator {
        FuncTranslator::default()
    }

    /// Translates the function with the given index.
    ///
    /// The first translation of a body validates it.
    ///
    /// # Errors
    ///
    /// If the body is malformed, invalid, or uses an unsupported feature, or if the sink gave up. What `sink` received
    /// is useless then.
    ///
    /// # Panics
    ///
    /// If the module does not define such a function.
    pub fn translate(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
        sink: &mut impl Sink,
    ) -> Result<(), TranslateError> {
        let info = module.info();
        let Some(defined) = info.defined_function(function) else {
            panic!("function {function} is imported");
        };
        if let Err(error) = self.run(module, defined, function, config, sink) {
            // Listing what a module needs takes a scan of all of it, which is not done for each function that a sink
            // gives up.
            let gave_up = sink.gives_up();
            return Err(if gave_up { error.in_function(info, function) } else { rejected(error, info, function) });
        }
        module.set_validated(defined);
        Ok(())
    }

    /// Validates the body of the function with the given index, unless that has been done before.
    ///
    /// # Errors
    ///
    /// If the body is malformed, invalid, or uses an unsupported feature.
    ///
    /// # Panics
    ///
    /// If the module does not define such a function.
    pub fn validate(&mut self, module: &ParsedModule, function: FuncIndex) -> Result<(), TranslateError> {
        let info = module.info();
        let Some(defined) = info.defined_function(function) else {
            panic!("function {function} is imported");
        };
        let Some(to_validate) = module.to_validate(defined) else { return Ok(()) };
        let mut validator = to_validate.into_validator(std::mem::take(&mut self.validator));
        let result = read_locals(info, defined, Some(&mut validator), |_, _| {})
            .and_then(|reader| validate_operators(reader, &mut validator));
        self.validator = validator.into_allocations();
        result.map_err(|error| rejected(error, info, function))?;
        module.set_validated(defined);
        Ok(())
    }

    fn run(
        &mut self,
        module: &ParsedModule,
        defined: DefinedFuncIndex,
        function: FuncIndex,
        config: &TranslatorConfig,
        sink: &mut impl Sink,
    ) -> Result<(), TranslateError> {
        let info: &ModuleInfo = module.info();
        let mut validator =
            module.to_validate(defined).map(|it| it.into_validator(std::mem::take(&mut self.validator)));
        self.scratch.clear();
        let stack = &mut self.scratch.stack;
        for &ty in info.func_type(function).params() {
            stack.declare_locals(1, ty);
        }
        let declare = |count, ty| stack.declare_locals(count, ty);
        let result = read_locals(info, defined, validator.as_mut(), declare).and_then(|reader| {
            Lowering::new(info, config, sink, &mut self.scratch).function(function, reader, validator.as_mut())
        });
        if let Some(validator) = validator {
            self.validator = validator.into_allocations();
        }
        result
    }
}

/// Returns the error for a body that is rejected.
#[cold]
fn rejected(error: TranslateError, info: &ModuleInfo, function: FuncIndex) -> TranslateError {
    explain(error.in_function(info, function), info.features, &info.bytes, info.bytes.len(), true)
}

/// Reads, validates and declares the locals of a body. Returns the reader at the first operator.
fn read_locals<'a>(
    info: &'a ModuleInfo,
    defined: DefinedFuncIndex,
    mut validator: Option<&mut FuncValidator<ValidatorResources>>,
    mut declare: impl FnMut(u32, ValType),
) -> Result<BinaryReader<'a>, TranslateError> {
    let mut locals = body(info, defined).get_locals_reader().map_err(reading)?;
    for _ in 0..locals.get_count() {
        let offset = locals.original_position();
        let (count, ty) = locals.read().map_err(reading)?;
        if let Some(validator) = &mut validator {
            validator.define_locals(offset, count, ty).map_err(validating)?;
        }
        declare(count, val_type(ty, offset)?);
    }
    Ok(locals.get_binary_reader())
}

/// Validates the operators of a body, which [`Lowering::function`] otherwise does as it lowers them.
fn validate_operators(
    mut reader: BinaryReader<'_>,
    validator: &mut FuncValidator<ValidatorResources>,
) -> Result<(), TranslateError> {
    while !reader.eof() {
        let mut visitor = validator.visitor(reader.original_position());
        reader.visit_operator(&mut visitor).map_err(reading)?.map_err(validating)?;
    }
    reader.finish_expression(&validator.visitor(reader.original_position())).map_err(reading)
}

/// Returns the body of a function.
fn body(info: &ModuleInfo, defined: DefinedFuncIndex) -> FunctionBody<'_> {
    let range = &info.bodies[defined.index()].range;
    let bytes = &info.bytes[range.start as usize..range.end as usize];
    FunctionBody::new(BinaryReader::new_features(bytes, range.start as usize, info.features.flags()))
}

/// Returns the functions that a function calls by their indices, in the order of its calls; none if the function is an
/// import. If its body is malformed, only the calls before that place count.
pub fn direct_callees(info: &ModuleInfo, function: FuncIndex) -> Vec<FuncIndex> {
    let callee = |operator| match operator {
        Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
            Some(FuncIndex::new(function_index))
        }
        _ => None,
    };
    operators(info, function).filter_map(|(operator, _)| callee(operator)).collect()
}

/// Whether a function uses tail call operators. Imports and malformed bodies are treated as by [`direct_callees`].
pub fn makes_tail_calls(info: &ModuleInfo, function: FuncIndex) -> bool {
    let is_tail_call = |operator| matches!(operator, Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. });
    operators(info, function).any(|(operator, _)| is_tail_call(operator))
}

/// The operators of a function, up to the first malformed one, with their positions in bytes from the start of the module.
pub(crate) fn operators(info: &ModuleInfo, function: FuncIndex) -> impl Iterator<Item = (Operator<'_>, u32)> {
    let defined = info.defined_function(function).filter(|&defined| defined.index() < info.bodies.len());
    let operators = defined.and_then(|defined| body(info, defined).get_operators_reader().ok());
    let operators = operators.into_iter().flat_map(OperatorsReader::into_iter_with_offsets).map_while(Result::ok);
    operators.map(|(operator, position)| (operator, position as u32))
}

/// The position of a function's first operator, in bytes from the start of the module; none of an import.
pub fn first_operator(info: &ModuleInfo, function: FuncIndex) -> Option<u32> {
    operators(info, function).next().map(|(_, position)| position)
}

#[cold]
fn not_supported(operator: &Operator<'_>, offset: usize) -> TranslateError {
    TranslateError::new(ErrorKind::Unsupported, offset, format!("the operator {operator:?} is not supported"))
}

#[cold]
fn given_up(offset: usize) -> TranslateError {
    TranslateError::new(ErrorKind::Unsupported, offset, "whoever translates the function gave up")
}

#[cold]
fn reading(error: wasmparser::BinaryReaderError) -> TranslateError {
    TranslateError::reported(&error, Stage::Reading)
}

#[cold]
fn validating(error: wasmparser::BinaryReaderError) -> TranslateError {
    TranslateError::reported(&error, Stage::Validating)
}

impl Scratch {
    fn clear(&mut self) {
        self.stack.clear();
        self.control.clear();
        self.unreachable_blocks.clear();
        self.scopes.clear();
        self.clauses.clear();
        self.handlers.clear();
    }
}

impl<'a, S: Sink> Lowering<'a, S> {
    fn new(
        module: &'a ModuleInfo,
        config: &'a TranslatorConfig,
        sink: &'a mut S,
        scratch: &'a mut Scratch,
    ) -> Lowering<'a, S> {
        Lowering {
            module,
            config,
            sink,
            stack: &mut scratch.stack,
            control: &mut scratch.control,
            operands: &mut scratch.operands,
            labels: &mut scratch.labels,
            table_targets: &mut scratch.table_targets,
            next_label: 0,
            reachable: true,
            unreachable_blocks: &mut scratch.unreachable_blocks,
            scopes: &mut scratch.scopes,
            clauses: &mut scratch.clauses,
            handlers: &mut scratch.handlers,
            scope: None,
            fuel: 0,
            offset: 0,
        }
    }

    fn function(
        &mut self,
        function: FuncIndex,
        mut reader: BinaryReader<'_>,
        validator: Option<&mut FuncValidator<ValidatorResources>>,
    ) -> Result<(), TranslateError> {
        let ty = self.module.func_type(function);
        let frame =
            FrameLayout { params: ty.param_slots(), results: ty.result_slots(), locals: self.stack.local_slots() };
        self.stack.lay_out(frame);
        self.sink.begin(&FuncHeader { index: function, ty, locals: self.stack.local_types(), frame });
        if self.sink.gives_up() {
            return Err(given_up(reader.original_position()));
        }
        self.sink.position(reader.original_position() as u32);
        self.enter_function(self.module.type_index(function));
        self.probe_here(Point::Entry, reader.original_position() as u32);
        let mut operators = Operators { lowering: self, validator, offset: 0 };
        while !reader.eof() {
            operators.offset = reader.original_position();
            reader.visit_operator(&mut operators).map_err(reading)??;
        }
        if operators.validator.is_some() {
            reader.finish_expression(&operators).map_err(reading)?;
        }
        let short = u32::from(faulty(Fault::MaxTempsShort));
        self.sink.end(self.stack.max_height().saturating_sub(short));
        Ok(())
    }

    /// Does what every reachable operator needs.
    #[inline(always)]
    fn begin_operator(&mut self, operator: &Operator<'_>, offset: usize) {
        self.sink.position(offset as u32);
        if self.config.fuel {
            self.meter(operator);
        }
        if self.sink.is_probing() {
            self.offset = offset as u32;
            self.probe_operator(operator, offset);
        }
    }

    /// Lowers a reachable operator that has no row in the operation table. Inlined, so that the `match` disappears if
    /// the operator is known.
    #[inline(always)]
    fn operator(&mut self, operator: &Operator<'_>, offset: usize) -> Result<(), TranslateError> {
        match *operator {
            Operator::Nop => {}
            Operator::Drop => {
                self.stack.pop();
            }
            Operator::LocalGet { local_index } => self.local_get(local_index),
            Operator::LocalSet { local_index } => self.local_set(local_index),
            Operator::LocalTee { local_index } => self.local_tee(local_index),
            Operator::GlobalGet { global_index } => self.global_get(GlobalIndex::new(global_index)),
            Operator::GlobalSet { global_index } => self.global_set(GlobalIndex::new(global_index)),
            Operator::I32Const { value } => self.constant(ValType::I32, u64::from(value as u32)),
            Operator::I64Const { value } => self.constant(ValType::I64, value as u64),
            Operator::F32Const { value } => self.constant(ValType::F32, u64::from(value.bits())),
            Operator::F64Const { value } => self.constant(ValType::F64, value.bits()),
            Operator::Select => self.select(),
            Operator::TypedSelect { .. } => self.select(),

            Operator::Block { blockty } => self.block(self.block_signature(blockty, offset)?),
            Operator::Loop { blockty } => self.loop_(self.block_signature(blockty, offset)?, offset),
            Operator::If { blockty } => self.if_(self.block_signature(blockty, offset)?),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => self.br(relative_depth),
            Operator::BrIf { relative_depth } => self.br_if(relative_depth),
            Operator::BrTable { ref targets } => self.br_table(targets)?,
            Operator::Return => self.br(self.control.len() as u32 - 1),
            Operator::Unreachable => self.unreachable(),

            Operator::TryTable { ref try_table } => {
                self.try_table(self.block_signature(try_table.ty, offset)?, try_table);
            }
            Operator::Throw { tag_index } => self.throw(TagIndex::new(tag_index)),
            Operator::ThrowRef => self.throw_ref(),
            Operator::Try { blockty } => self.try_(self.block_signature(blockty, offset)?),
            Operator::Catch { tag_index } => self.catch(Some(TagIndex::new(tag_index))),
            Operator::CatchAll => self.catch(None),
            Operator::Delegate { relative_depth } => self.delegate(relative_depth),
            Operator::Rethrow { relative_depth } => self.rethrow(relative_depth),

            Operator::Call { function_index } => self.call(FuncIndex::new(function_index)),
            Operator::CallIndirect { type_index, table_index } => {
                self.call_indirect(TypeIndex::new(type_index), TableIndex::new(table_index))
            }
            Operator::ReturnCall { function_index } => self.return_call(FuncIndex::new(function_index)),
            Operator::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(TypeIndex::new(type_index), TableIndex::new(table_index));
            }

            Operator::MemorySize { mem } => self.memory_size(MemoryIndex::new(mem)),
            Operator::MemoryGrow { mem } => self.memory_grow(MemoryIndex::new(mem)),
            Operator::MemoryFill { mem } => self.memory_fill(MemoryIndex::new(mem)),
            Operator::MemoryCopy { dst_mem, src_mem } => {
                self.memory_copy(MemoryIndex::new(dst_mem), MemoryIndex::new(src_mem))
            }
            Operator::MemoryInit { data_index, mem } => {
                self.memory_init(DataIndex::new(data_index), MemoryIndex::new(mem))
            }
            Operator::DataDrop { data_index } => self.sink.data_drop(DataIndex::new(data_index)),

            Operator::TableGet { table } => self.table_get(TableIndex::new(table)),
            Operator::TableSet { table } => self.table_set(TableIndex::new(table)),
            Operator::TableSize { table } => self.table_size(TableIndex::new(table)),
            Operator::TableGrow { table } => self.table_grow(TableIndex::new(table)),
            Operator::TableFill { table } => self.table_fill(TableIndex::new(table)),
            Operator::TableCopy { dst_table, src_table } => {
                self.table_copy(TableIndex::new(dst_table), TableIndex::new(src_table))
            }
            Operator::TableInit { elem_index, table } => {
                self.table_init(ElemIndex::new(elem_index), TableIndex::new(table))
            }
            Operator::ElemDrop { elem_index } => self.sink.elem_drop(ElemIndex::new(elem_index)),

            Operator::RefNull { hty } => self.ref_null(hty, offset)?,
            Operator::RefIsNull => self.ref_is_null(),
            Operator::RefFunc { function_index } => self.ref_func(FuncIndex::new(function_index)),

            ref other => return Err(not_supported(other, offset)),
        }
        Ok(())
    }

    /// Adds an operator's price to the fuel used, and charges the sum at the end of a straight line.
    #[inline(always)]
    fn meter(&mut self, operator: &Operator<'_>) {
        let free = matches!(operator, Operator::LocalTee { .. }) && faulty(Fault::TeeIsFree);
        if !free {
            self.fuel += fuel::operator_cost(operator);
        }
        let late = matches!(operator, Operator::BrIf { .. }) && faulty(Fault::NoChargeAtBranchIf);
        if fuel::ends_straight_line(operator) && !late {
            self.charge();
        }
    }

    /// Charges the fuel that has been used.
    fn charge(&mut self) {
        let units = std::mem::take(&mut self.fuel);
        if units > 0 {
            self.sink.fuel(units);
        }
    }

    /// Pops two operands, in the order they were pushed.
    #[inline]
    fn pop2(&mut self) -> (Operand, Operand) {
        let (_, second) = self.stack.pop();
        let (_, first) = self.stack.pop();
        (first, second)
    }

    /// Pops three operands, in the order they were pushed.
    fn pop3(&mut self) -> (Operand, Operand, Operand) {
        let (_, third) = self.stack.pop();
        let (first, second) = self.pop2();
        (first, second, third)
    }
}
