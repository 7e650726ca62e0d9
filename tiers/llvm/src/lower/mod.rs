//! The sink that builds LLVM's IR.
//!
//! A slot is a variable for each machine type that it has, and LLVM turns the variables into SSA values: a write of a slot by the
//! translator is a store, a read is a load, and both are gone after LLVM's first pass. The translator guarantees that the state is
//! canonical at labels, which needs no further code here.
//!
//! # Positions of traps
//!
//! A trap is an instruction that faults, in a block of its own, with the position of the operator. Accesses that are left to guard pages
//! are volatile: LLVM drops none, and keeps their order among each other and with calls. What can be observed after a trap (globals,
//! tables, fuel) is volatile for the same reason. LLVM would select one instruction for a load and its consumer, at the consumer's
//! position; [`Ir::loaded`] keeps the two apart.
//!
//! Each file contains the operators of the instruction set's chapter of the same name.

mod atomic;
mod builder;
mod call;
mod control;
mod convert;
mod float;
mod int;
mod memory;
mod runtime;
mod sink;
mod tail_call;
mod vector;
mod wide;

use inkwell::basic_block::BasicBlock;
use inkwell::types::{BasicTypeEnum, FunctionType};
use inkwell::values::{FunctionValue, PointerValue};
use riser_lowering::Body;
use riser_tiers_core::{Bailout, CompileRequest};
use riser_translator::ValType;
use riser_translator::module::ModuleInfo;
use riser_translator::sink::{Operand, Slot};

use crate::cost::{Effort, Size, effort};
use crate::features;
use crate::ir::{Ir, Value};
use crate::{OptLevel, Processor};

/// The most slots of a function: with all of them in memory, the frame is about as large as it may be
/// ([`riser_tiers_core::MAX_UNCHECKED_FRAME`]).
const MAX_SLOTS: u32 = 16_000;

/// The number of machine types of values.
const CLASSES: usize = 5;

/// The prefix of functions' names in an LLVM module; a number follows.
const FUNCTION: &str = "function";

/// The name of the function with number `number` in an LLVM module.
pub(crate) fn function_name(number: usize) -> String {
    format!("{FUNCTION}{number}")
}

/// The number of the function with name `name` in an LLVM module.
pub(crate) fn function_number(name: &str) -> Option<usize> {
    name.strip_prefix(FUNCTION)?.parse().ok()
}

/// The number of copies in a function whose source LLVM may see; and after these, the interval at which a copy's source is hidden. If a
/// variable keeps its value on both edges into a block, LLVM first inserts a phi, and removes it later, in rounds over all phis. Each round
/// gets only a little further along a chain of such blocks, so hidden sources bound the chains. At level 0 all sources are hidden.
const SEEN_COPIES: u32 = 256;
const COPIES_A_CHAIN: u32 = 64;

/// A function that is being lowered to LLVM's IR.
pub(crate) struct Lowering<'a, 'c> {
    module: &'a ModuleInfo,
    ir: Ir<'c>,
    /// What is known of the function.
    body: Body<PointerValue<'c>, BasicBlock<'c>>,
    /// Whether there are instructions for unrounded products.
    has_fma: bool,
    /// The function's number in the LLVM module.
    number: usize,
    /// Whether the function already has other machine code.
    is_above: bool,
    /// The number of copies so far.
    copies: u32,
    function: Option<FunctionValue<'c>>,
    /// The instance's context.
    context: PointerValue<'c>,
    /// The array of arguments and results, if they are not in registers.
    array: Option<PointerValue<'c>>,
    /// The function's type, if it makes tail calls, and takes and returns everything in registers ([`signature::jump_type`]).
    jump_type: Option<FunctionType<'c>>,
    /// In OSR code, the loop at which it takes over frames.
    take_over: Option<TakeOver<'c>>,
    /// Whether that loop has been reached.
    found_loop: bool,
    /// The variable of each slot for each machine type: [`CLASSES`] entries for each slot.
    variables: Vec<Option<Variable<'c>>>,
    /// The array for calls, and the number of slots it needs.
    call_array: Option<(PointerValue<'c>, u32)>,
    /// The copy of the frame that the code keeps, and the number of slots it needs.
    copy: Option<(PointerValue<'c>, u32)>,
    /// Whether there is an access that is left to guard pages.
    accesses_memory: bool,
    /// The places of checks for native stack.
    stack_checks: Vec<StackCheck<'c>>,
    /// The reason why the function is not for this tier.
    bailout: Option<Bailout>,
}

/// The loop at which OSR code takes over frames.
#[derive(Clone, Copy)]
struct TakeOver<'c> {
    /// The offset of the loop's operator in the module.
    offset: u32,
    /// The block where slots become variables; it follows the entry. The code before the loop is unreachable. Known, like the frame, from
    /// the function's beginning on.
    block: Option<BasicBlock<'c>>,
    /// The address of the frame's slot 0.
    frame: PointerValue<'c>,
}

/// A variable of the function, until LLVM turns it into SSA values.
#[derive(Clone, Copy)]
struct Variable<'c> {
    place: PointerValue<'c>,
    /// A value that the variable is known to have, and the block in which it has it: there, no load is needed.
    known: Option<(BasicBlock<'c>, Value<'c>)>,
    /// Which block sets it.
    only: Only<'c>,
}

/// Which block sets a variable.
#[derive(Clone, Copy)]
enum Only<'c> {
    None,
    One(BasicBlock<'c>),
    Several,
}

/// The place of a check for native stack. The check is built once it is known whether the function calls anything.
struct StackCheck<'c> {
    /// The block that ends with the check.
    place: BasicBlock<'c>,
    /// The block after the check.
    next: BasicBlock<'c>,
    /// The offset of the check's operator.
    position: u32,
}

/// A lowered function.
pub(crate) struct Lowered<'c> {
    /// LLVM's function.
    pub(crate) function: FunctionValue<'c>,
    /// The effort for it.
    pub(crate) effort: Effort,
    /// The position of the first operator.
    pub(crate) start: u32,
    /// Whether there is an access that is left to guard pages.
    pub(crate) accesses_memory: bool,
}

impl<'a, 'c> Lowering<'a, 'c> {
    /// Prepares to translate a function, with a number in the LLVM module. With `loop_offset`, the result is OSR code that takes over
    /// frames at the loop whose operator is there.
    pub(crate) fn new(
        ir: Ir<'c>,
        request: &CompileRequest<'a>,
        processor: Processor,
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
            body: Body::new(request),
            has_fma: features::has(processor, "fma"),
            number,
            is_above: request.is_above,
            copies: 0,
            function: None,
            array: None,
            jump_type: None,
            variables: Vec::new(),
            call_array: None,
            copy: None,
            accesses_memory: false,
            stack_checks: Vec::new(),
            bailout: None,
        }
    }

    /// Checks whether the function still suits this tier.
    ///
    /// # Errors
    ///
    /// The reason why it does not.
    pub(crate) fn check(&self) -> Result<(), Bailout> {
        self.bailout.clone().map_or(Ok(()), Err)?;
        let size = self.ir.size();
        if size.is_too_large(self.is_above) {
            let Size { instructions, ways, blocks, variables, .. } = size;
            let size = format!(
                "{instructions} instructions of LLVM's, {ways} ways to branch, and {variables} variables in {blocks} blocks, or more"
            );
            return Err(Bailout::TooLarge(format!("compiling it would take too long: {size}")));
        }
        self.body.budget.check()
    }

    /// The effort for the function, as far as its size is known.
    fn effort(&self) -> Effort {
        effort(self.ir.level, self.ir.size())
    }

    /// Whether the function is already known to cost more than its level allows.
    pub(crate) fn costs_too_much(&self) -> bool {
        self.ir.level != OptLevel::O0 && self.effort() == Effort::Least
    }

    /// Completes the function. Returns the LLVM module, without the function if that costs too much or is declined.
    ///
    /// # Errors
    ///
    /// If the function does not suit this tier, or lacks the loop at which frames are to be taken over.
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
        if let Some((array, slots)) = self.copy {
            self.ir.resize_array(array, slots);
            self.ir.record_place(self.number as u64, array);
        }
        self.complete_stack_checks();
        let function = self.function.ok_or_else(|| Bailout::Unsupported("a function without a body".to_owned()))?;
        Ok(Some(Lowered {
            function,
            effort: self.effort(),
            start: self.body.start,
            accesses_memory: self.accesses_memory,
        }))
    }

    /// Gives up the function: nothing more of it is built.
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
        self.variables[at].get_or_insert_with(|| Variable {
            place: self.ir.variable(ty),
            known: None,
            only: Only::None,
        })
    }

    /// Sets the value of a slot.
    fn set(&mut self, slot: Slot, value: Value<'c>) {
        self.body.change(slot);
        let block = self.ir.current_block();
        let variable = self.variable(slot, value.get_type());
        variable.known = Some((block, value));
        let (place, before) = (variable.place, variable.only);
        variable.only = match before {
            Only::None => Only::One(block),
            Only::One(first) if first == block => before,
            Only::One(_) | Only::Several => Only::Several,
        };
        if matches!((before, variable.only), (Only::One(_), Only::Several)) {
            self.ir.count_variable();
        }
        self.ir.set_variable(place, value);
    }

    /// The value of an operand of the wasm type `ty`.
    fn get(&mut self, ty: ValType, operand: Operand) -> Value<'c> {
        let machine_type = self.value_type(ty);
        match operand {
            Operand::Const { bits, .. } => self.constant(ty, bits),
            Operand::Local { slot, .. } | Operand::Temp(slot) => {
                self.body.budget.name(slot);
                let block = self.ir.current_block();
                let Variable { place, known, .. } = *self.variable(slot, machine_type);
                if let Some((_, value)) = known.filter(|(known_in, _)| *known_in == block) {
                    return value;
                }
                let value = self.ir.get_variable(machine_type, place);
                self.variable(slot, machine_type).known = Some((block, value));
                value
            }
        }
    }

    /// Gives the next instructions the position of the current operator.
    fn here(&mut self) {
        self.ir.position(self.body.position);
    }

    /// A constant. LLVM simplifies `x * 1` to `x`, and the like, where wasm turns a signaling NaN into a quiet one. So floating-point
    /// constants are hidden from LLVM's analyses, and so is what LLVM could compute from constants: it would find the 1 of `0.5 + 0.5`.
    /// [`Lowering::factors`] has the exception.
    fn constant(&mut self, ty: ValType, bits: u64) -> Value<'c> {
        let value = self.ir.constant(self.value_type(ty), bits);
        match ty {
            ValType::F32 | ValType::F64 => self.ir.opaque(value),
            // Constants of vectors are handled where arithmetic uses them: `Ir::numbers`.
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                value
            }
        }
    }

    /// Continues in another block.
    fn go_on_in(&mut self, block: BasicBlock<'c>) {
        self.ir.go_on_in(block);
        self.body.ended = false;
    }
}
