//! The sink that builds LLVM's IR.
//!
//! A slot is a variable for each machine type that it has, which LLVM makes values of: what the translator leaves in a
//! slot is a store, what it reads a load, and both are gone after LLVM's first pass. The translator's promise that the state is
//! canonical at labels needs nothing more.
//!
//! # Where traps are
//!
//! A trap is an instruction that faults, in a block of its own, with the position of the operator. Accesses that are left to guard
//! pages are volatile: LLVM drops none, and keeps their order among each other, with calls, and with
//! what can be seen after a trap (globals, tables, fuel), which is volatile for that reason. LLVM would select one instruction for a load and what
//! consumes it, at the consumer's position; [`Ir::loaded`] keeps the two apart.
//!
//! The chapters of the instruction set are in the files of their names.

mod call;
mod control;
mod convert;
mod float;
mod int;
mod memory;
mod runtime;
mod sink;
mod table;
mod tail_call;
mod vector;
mod wide;

use inkwell::basic_block::BasicBlock;
use inkwell::types::{BasicTypeEnum, FunctionType};
use inkwell::values::{FunctionValue, InstructionOpcode, PointerValue};
use riser_tiers_core::{Bailout, Budget, CompileRequest};
use riser_translator::ValType;
use riser_translator::module::ModuleInfo;
use riser_translator::sink::{FrameLayout, Operand, Slot};

use crate::OptLevel;
use crate::cost::{Effort, Size, effort};
use crate::ir::{Ir, Value};

/// The most slots of a function: with each in memory, its frame is about as large as one may be
/// ([`riser_tiers_core::MAX_UNCHECKED_FRAME`]).
const MAX_SLOTS: u32 = 16_000;

/// How many machine types of values there are.
const CLASSES: usize = 5;

/// What the names of functions in an LLVM module begin with; a number follows.
const FUNCTION: &str = "function";

/// The name of the function with a number in an LLVM module.
pub(crate) fn function_name(number: usize) -> String {
    format!("{FUNCTION}{number}")
}

/// The number of the function with a name in an LLVM module.
pub(crate) fn function_number(name: &str) -> Option<usize> {
    name.strip_prefix(FUNCTION)?.parse().ok()
}

/// Copies of a function of which LLVM may see what is copied, and how many there are to each that it may not see after these. Where a variable gets on
/// both ways to a block what it had before, LLVM puts a phi there first and finds out afterwards, in rounds over all of them; in each it gets
/// only a little further in a chain of such blocks. This bounds the chains. At level 0 it sees none.
const SEEN_COPIES: u32 = 256;
const COPIES_A_CHAIN: u32 = 64;

/// A function on its way into LLVM's IR.
pub(crate) struct Lowering<'a, 'c> {
    module: &'a ModuleInfo,
    ir: Ir<'c>,
    /// Whether accesses to 32-bit memories may be left to guard pages.
    guard_pages: bool,
    /// Whether speculation is kept in bounds.
    spectre_guards: bool,
    /// The function's number in the LLVM module.
    number: usize,
    /// Whether it has other machine code to stay in.
    is_above: bool,
    /// How many copies there have been.
    copies: u32,
    /// The position of the first operator; 0 before it.
    start: u32,
    /// The offset of the current operator.
    position: u32,
    frame: FrameLayout,
    /// Types of the results.
    results: Vec<ValType>,
    /// Types of the locals, parameters first.
    locals: Vec<ValType>,
    /// The function's index.
    index: u32,
    function: Option<FunctionValue<'c>>,
    /// The instance's context.
    context: PointerValue<'c>,
    /// Where arguments are and results go, if they are not in registers.
    array: Option<PointerValue<'c>>,
    /// Its type, if the function makes tail calls, and takes and returns everything in registers ([`signature::jump_type`]).
    jump_type: Option<FunctionType<'c>>,
    /// If the code is to take over frames at a loop: the loop.
    take_over: Option<TakeOver<'c>>,
    /// Whether that loop has come.
    found_loop: bool,
    /// Whether the last safepoint is that of a loop, and its position; or that of the function's entry.
    at_loop: bool,
    poll_position: u32,
    /// Whether safepoints show the frame.
    epoch: bool,
    /// Types of the operands at the last loop header, where code needs them.
    loop_operands: Vec<ValType>,
    /// Whether the current block has ended.
    ended: bool,
    labels: Vec<Option<BasicBlock<'c>>>,
    /// The variable of each slot for each machine type: [`CLASSES`] a slot.
    variables: Vec<Option<Variable<'c>>>,
    /// Base addresses of 32-bit memories, loaded where the function starts.
    memory_bases: Vec<(u32, PointerValue<'c>)>,
    /// The array for calls, and how many slots it has to have.
    call_array: Option<(PointerValue<'c>, u32)>,
    /// Whether there is an access that is left to guard pages.
    accesses_memory: bool,
    /// Where native stack is checked.
    stack_checks: Vec<StackCheck<'c>>,
    /// Why the function is not for this tier.
    bailout: Option<Bailout>,
    budget: Budget,
}

/// The loop at which code takes over frames.
#[derive(Clone, Copy)]
struct TakeOver<'c> {
    /// The offset of the loop's operator in the module.
    offset: u32,
    /// Where slots become variables; follows the entry. The code before the loop is not reached. Like the frame, known from the function's
    /// beginning on.
    block: Option<BasicBlock<'c>>,
    /// The frame's slot 0.
    frame: PointerValue<'c>,
}

/// A variable of the function, until LLVM makes values of it.
#[derive(Clone, Copy)]
struct Variable<'c> {
    place: PointerValue<'c>,
    /// What it has been given or found to have, and in which block: LLVM need not be asked again there.
    known: Option<(BasicBlock<'c>, Value<'c>)>,
}

/// A place for a check for native stack, which is built when it is known whether the function calls anything.
struct StackCheck<'c> {
    /// The block that ends with it.
    place: BasicBlock<'c>,
    /// What follows it.
    next: BasicBlock<'c>,
    /// The offset of its operator.
    position: u32,
}

/// What a function became.
pub(crate) struct Lowered<'c> {
    /// LLVM's function.
    pub(crate) function: FunctionValue<'c>,
    /// What it is worth.
    pub(crate) effort: Effort,
    /// The position of the first operator.
    pub(crate) start: u32,
    /// Whether there is an access that is left to guard pages.
    pub(crate) accesses_memory: bool,
}

impl<'a, 'c> Lowering<'a, 'c> {
    /// A function about to be translated, with a number in the LLVM module. With
    /// `loop_offset` it takes over frames at the loop whose operator is there.
    pub(crate) fn new(
        ir: Ir<'c>,
        request: &CompileRequest<'a>,
        number: usize,
        loop_offset: Option<u32>,
    ) -> Lowering<'a, 'c> {
        let module = request.module.info();
        let null = ir.llvm.ptr_type(Default::default()).const_null();
        Lowering {
            context: null,
            take_over: loop_offset.map(|offset| TakeOver { offset, block: None, frame: null }),
            found_loop: false,
            module,
            ir,
            guard_pages: request.guard_pages,
            spectre_guards: request.spectre_guards,
            number,
            is_above: request.is_above,
            copies: 0,
            start: 0,
            position: 0,
            frame: FrameLayout { params: 0, results: 0, locals: 0 },
            results: Vec::new(),
            locals: Vec::new(),
            index: 0,
            function: None,
            array: None,
            jump_type: None,
            at_loop: false,
            poll_position: 0,
            epoch: request.config.epoch,
            loop_operands: Vec::new(),
            ended: false,
            labels: Vec::new(),
            variables: Vec::new(),
            memory_bases: Vec::new(),
            call_array: None,
            accesses_memory: false,
            stack_checks: Vec::new(),
            bailout: None,
            budget: Budget::new(module.body_bytes(request.function).map_or(0, <[u8]>::len)),
        }
    }

    /// Why the function is not for this tier, as far as that is known.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub(crate) fn check(&self) -> Result<(), Bailout> {
        self.bailout.clone().map_or(Ok(()), Err)?;
        let size = self.ir.size();
        if size.is_too_large(self.is_above) {
            let Size { instructions, ways, .. } = size;
            let size = format!("{instructions} instructions of LLVM's, and {ways} ways to branch, or more");
            return Err(Bailout::TooLarge(format!("compiling it would take too long: {size}")));
        }
        self.budget.check()
    }

    /// What the function is worth, as far as it is known.
    fn effort(&self) -> Effort {
        effort(self.ir.level, self.ir.size())
    }

    /// Whether the function is known to cost more than its level may.
    pub(crate) fn costs_too_much(&self) -> bool {
        self.ir.level != OptLevel::O0 && self.effort() == Effort::Least
    }

    /// Completes the function. The LLVM module comes back, without the function if it costs too much, or that is an error.
    ///
    /// # Errors
    ///
    /// If the function is not for this tier, or has not the loop that it is to be taken over at.
    pub(crate) fn finish(mut self) -> (Ir<'c>, Result<Option<Lowered<'c>>, Bailout>) {
        let function = self.function;
        let lowered = self.complete();
        if !matches!(lowered, Ok(Some(_))) {
            function.into_iter().for_each(|it| self.ir.remove(it));
        }
        (self.ir, lowered)
    }

    fn complete(&mut self) -> Result<Option<Lowered<'c>>, Bailout> {
        self.check()?;
        if self.costs_too_much() {
            return Ok(None);
        }
        if let Some(TakeOver { offset, .. }) = self.take_over.filter(|_| !self.found_loop) {
            return Err(Bailout::Unsupported(format!("taking over at {offset:#x}")));
        }
        if let Some((array, slots)) = self.call_array {
            self.ir.resize_array(array, slots);
        }
        self.complete_stack_checks();
        let function = self.function.ok_or_else(|| Bailout::Unsupported("a function without a body".to_owned()))?;
        Ok(Some(Lowered { function, effort: self.effort(), start: self.start, accesses_memory: self.accesses_memory }))
    }

    /// Gives the function up: nothing more of it is built.
    pub(crate) fn give_up(&mut self, why: Bailout) {
        self.bailout.get_or_insert(why);
    }

    fn value_type(&self, ty: ValType) -> BasicTypeEnum<'c> {
        crate::signature::value_type(self.ir.llvm, ty)
    }

    fn variable(&mut self, slot: Slot, ty: BasicTypeEnum<'c>) -> &mut Variable<'c> {
        if slot.0 >= MAX_SLOTS {
            self.give_up(Bailout::TooLarge(format!("more than {MAX_SLOTS} slots")));
        }
        let class = match ty {
            BasicTypeEnum::IntType(int) => usize::from(int.get_bit_width() != 32),
            BasicTypeEnum::FloatType(float) => 2 + usize::from(float != self.ir.llvm.f32_type()),
            BasicTypeEnum::VectorType(_) => 4,
            other => unreachable!("{other} is no type of wasm values"),
        };
        let at = slot.0.min(MAX_SLOTS) as usize * CLASSES + class;
        if at >= self.variables.len() {
            self.variables.resize(at + 1, None);
        }
        self.variables[at].get_or_insert_with(|| Variable { place: self.ir.variable(ty), known: None })
    }

    /// Leaves a value in a slot.
    fn set(&mut self, slot: Slot, value: Value<'c>) {
        self.budget.name(slot);
        let block = self.ir.current_block();
        let variable = self.variable(slot, value.get_type());
        variable.known = Some((block, value));
        let place = variable.place;
        self.ir.set_variable(place, value);
    }

    /// The value of an operand of the wasm type `ty`.
    fn get(&mut self, ty: ValType, operand: Operand) -> Value<'c> {
        let machine_type = self.value_type(ty);
        match operand {
            Operand::Const { bits, .. } => self.constant(ty, bits),
            Operand::Local { slot, .. } | Operand::Temp(slot) => {
                self.budget.name(slot);
                let block = self.ir.current_block();
                let Variable { place, known } = *self.variable(slot, machine_type);
                if let Some((_, value)) = known.filter(|(known_in, _)| *known_in == block) {
                    return value;
                }
                let value = self.ir.get_variable(machine_type, place);
                self.variable(slot, machine_type).known = Some((block, value));
                value
            }
        }
    }

    /// What is built next has the position of the current operator.
    fn here(&mut self) {
        self.ir.position(self.position);
    }

    /// A constant. LLVM takes `x * 1` for `x`, and the like, where wasm makes a signaling NaN a quiet one: so it is not told of
    /// the floating-point constants with which it does.
    fn constant(&mut self, ty: ValType, bits: u64) -> Value<'c> {
        let value = self.ir.constant(self.value_type(ty), bits);
        let magnitude = match ty {
            ValType::F32 => f64::from(f32::from_bits(bits as u32)).abs(),
            ValType::F64 => f64::from_bits(bits).abs(),
            // Those of vectors are dealt with where arithmetic needs it: `Ir::numbers`.
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef => return value,
        };
        if magnitude == 0.0 || magnitude == 1.0 { self.ir.opaque(value) } else { value }
    }

    /// A value as slots have it: 32-bit ones zero-extended.
    fn slot_bits(&mut self, value: Value<'c>) -> Value<'c> {
        let ty = value.get_type();
        if ty == self.value_type(ValType::I32) {
            self.ir.zext(value, self.ir.i64_type())
        } else if ty == self.value_type(ValType::F32) {
            let bits = self.ir.cast(InstructionOpcode::BitCast, value, self.ir.i32_type());
            self.ir.zext(bits, self.ir.i64_type())
        } else {
            value
        }
    }

    /// An address or index of type `ty`, as 64 bits.
    fn get_wide(&mut self, ty: ValType, operand: Operand) -> Value<'c> {
        if let Operand::Const { bits, .. } = operand {
            return self.ir.i64(bits);
        }
        let value = self.get(ty, operand);
        if ty == ValType::I32 { self.ir.zext(value, self.ir.i64_type()) } else { value }
    }

    /// Goes on in another block.
    fn go_on_in(&mut self, block: BasicBlock<'c>) {
        self.ir.go_on_in(block);
        self.ended = false;
    }
}
