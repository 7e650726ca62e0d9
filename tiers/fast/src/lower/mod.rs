//! The sink that builds Cranelift's IR.
//!
//! Slots become SSA variables, one for each slot and machine type: a write of a slot by the translator is a definition, a
//! read is a use, and a copy emits nothing. The translator guarantees that the state is canonical at labels, which needs no
//! further code here: a slot that is live at a label has been defined, with its type, on every path to it.
//!
//! # Positions of traps
//!
//! A machine instruction has the position of the IR instruction that it was selected for, and Cranelift may select one
//! machine instruction for several: a load becomes an operand of its consumer, and a branch to a block that traps becomes a
//! conditional trap. Traps must have the positions that they have in the interpreters. So accesses to memory have a number
//! in their trap code ([`access_trap`](crate::positions::access_trap)), a sequence point separates a load from a consumer
//! that can trap itself, and a block that traps does not begin with the trap.
//!
//! Each file contains the operators of the instruction set's chapter of the same name.

mod atomic;
mod builder;
mod call;
mod control;
mod convert;
mod float;
mod frame_copy;
mod heat;
mod homes;
mod int;
mod memory;
mod relaxed;
mod runtime;
mod sink;
mod vector;
mod wide;

use std::collections::HashMap;

use cranelift_codegen::ir::{
    AliasRegion, Block, FuncRef, InstBuilder, SigRef, StackSlot, Type, Value,
    types::{F32, F64, I32, I64},
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, Variable};
use riser_lowering::Body;
use riser_tiers_core::{Bailout, CompileRequest, Counters};
use riser_translator::module::ModuleInfo;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{DefinedFuncIndex, TrapCode, TypeIndex, ValType};

use crate::positions::user_trap;
use crate::signature::value_type;
use frame_copy::CopyArea;
pub(crate) use frame_copy::copy_bytes;
use homes::Homes;
use memory::Load;
use runtime::BuiltinType;

/// Number of machine types of values.
const CLASSES: usize = 5;

/// The most slots of a function.
const MAX_SLOTS: u32 = 16_000;

/// The most variables of a function: a slot can have one for each machine type, and a block of Cranelift's IR has fewer than
/// 2^16 parameters.
const MAX_VARIABLES: u32 = 65_000;

/// A function that is being lowered to Cranelift's IR.
pub(crate) struct Lowering<'a, 'f> {
    module: &'a ModuleInfo,
    builder: FunctionBuilder<'f>,
    isa: &'a dyn TargetIsa,
    /// What is known of the function.
    body: Body<Value, Block>,
    /// The counters, if the code counts.
    counters: Option<&'a Counters>,
    /// The last load of the current block that may trap.
    last_load: Option<Load>,
    /// Positions of the accesses to memory, by their numbers.
    accesses: Vec<u32>,
    /// The instance's context.
    context: Value,
    /// The address of the array for the results, if they are not returned in registers.
    result_array: Option<Value>,
    /// The array for results of calls, once one needs it.
    call_array: Option<StackSlot>,
    entry: Block,
    /// The variable of each slot for each machine type: [`CLASSES`] entries for each slot.
    variables: Vec<Option<Variable>>,
    /// The number of variables declared.
    declared: u32,
    /// The homes of locals, if these are not variables.
    homes: Option<Homes>,
    /// The copy of the frame that the code keeps, once it calls.
    copy: Option<CopyArea>,
    /// The functions of the module that are called.
    functions: HashMap<DefinedFuncIndex, FuncRef>,
    /// The signatures of the module's types that calls name.
    signatures: HashMap<TypeIndex, SigRef>,
    /// The signatures of builtins that are called: there may be a call for every charge of fuel.
    builtin_signatures: Vec<(BuiltinType, SigRef)>,
    regions: [Option<AliasRegion>; 3],
    /// In OSR code, the loop at which it takes over frames.
    take_over: Option<TakeOver>,
    /// Whether that loop has been reached.
    found_loop: bool,
    too_many_slots: bool,
    /// How many more blocks may [come last](Lowering::may_come_last).
    last_blocks: usize,
}

/// The most blocks of a function whose code comes behind that of all others, and the most bytes of its body for all of them together. With
/// sixteen values that each of the blocks uses, the single-pass allocator takes half a second for them.
const MOST_LAST_BLOCKS: usize = 500;
const MOST_BYTES_OF_LAST_BLOCKS: usize = 4 << 20;

/// The loop at which OSR code takes over frames.
#[derive(Clone, Copy)]
struct TakeOver {
    /// The offset of the loop's operator in the module.
    offset: u32,
    /// The block where slots become variables; it follows the entry. The code before the loop is unreachable.
    block: Block,
    /// The address of the frame's slot 0.
    frame: Value,
}

impl<'a, 'f> Lowering<'a, 'f> {
    /// Prepares to translate a function into what `builder` builds. With `loop_offset`, the result is OSR code that takes
    /// over frames at the loop whose operator is there.
    pub(crate) fn new(
        mut builder: FunctionBuilder<'f>,
        request: &CompileRequest<'a>,
        isa: &'a dyn TargetIsa,
        loop_offset: Option<u32>,
    ) -> Lowering<'a, 'f> {
        let module = request.module.info();
        let body_bytes = module.body_bytes(request.function).map_or(0, <[u8]>::len);
        let entry = builder.create_block();
        let frame = Value::from_u32(0);
        let take_over = loop_offset.map(|offset| TakeOver { offset, block: builder.create_block(), frame });
        Lowering {
            module,
            builder,
            isa,
            body: Body::new(request),
            counters: request.counters,
            last_load: None,
            accesses: Vec::new(),
            context: Value::from_u32(0),
            result_array: None,
            call_array: None,
            entry,
            variables: Vec::new(),
            declared: 0,
            homes: None,
            copy: None,
            functions: HashMap::new(),
            signatures: HashMap::new(),
            builtin_signatures: Vec::new(),
            regions: [None; 3],
            take_over,
            found_loop: false,
            too_many_slots: false,
            last_blocks: (MOST_BYTES_OF_LAST_BLOCKS / body_bytes.max(1)).min(MOST_LAST_BLOCKS),
        }
    }

    /// Marks a block as rarely reached: its code comes behind that of all others, if it may.
    fn set_rare(&mut self, block: Block) {
        if self.may_come_last() {
            self.builder.set_cold_block(block);
        }
    }

    /// Whether one more block may come behind all others.
    ///
    /// What it uses of them is then live in all code between, and the single-pass allocator looks at all that is live wherever a block
    /// begins. So only some blocks of a large function can be there.
    fn may_come_last(&mut self) -> bool {
        let left = self.last_blocks.checked_sub(1);
        self.last_blocks = left.unwrap_or(0);
        left.is_some()
    }

    /// Checks whether the function still suits this tier.
    ///
    /// # Errors
    ///
    /// The reason why it does not.
    pub(crate) fn check(&self) -> Result<(), Bailout> {
        if self.too_many_slots {
            return Err(Bailout::TooLarge(format!("more than {MAX_SLOTS} slots")));
        }
        self.body.budget.check()
    }

    /// Completes the IR. Returns the position of the first operator, and the positions of the accesses to memory.
    ///
    /// # Errors
    ///
    /// If the function does not suit this tier, or lacks the loop at which frames are to be taken over.
    pub(crate) fn finish(mut self) -> Result<(u32, Vec<u32>), Bailout> {
        self.check()?;
        let missing = self.take_over.filter(|_| !self.found_loop);
        if let Some(take_over) = missing {
            self.go_on_in(take_over.block);
            self.builder.ins().trap(user_trap(TrapCode::Unreachable));
        }
        self.complete_copy();
        self.builder.finalize(self.isa.frontend_config());
        match missing {
            Some(TakeOver { offset, .. }) => Err(Bailout::Unsupported(format!("taking over at {offset:#x}"))),
            None => Ok((self.body.start, self.accesses)),
        }
    }

    fn variable(&mut self, slot: Slot, ty: Type) -> Variable {
        // With too many slots, the rest of the operator uses wrong variables; the function is then given up.
        self.too_many_slots |= slot.0 >= MAX_SLOTS;
        let slot = Slot(slot.0.min(MAX_SLOTS));
        let class = match ty {
            I32 => 0,
            I64 => 1,
            F32 => 2,
            F64 => 3,
            _ => 4,
        };
        let at = slot.0 as usize * CLASSES + class;
        if at >= self.variables.len() {
            self.variables.resize(at + 1, None);
        }
        match self.variables[at] {
            Some(variable) => variable,
            None => {
                self.declared += 1;
                self.too_many_slots |= self.declared > MAX_VARIABLES;
                *self.variables[at].insert(self.builder.declare_var(ty))
            }
        }
    }

    fn type_of(&self, value: Value) -> Type {
        self.builder.func.dfg.value_type(value)
    }

    /// Sets the value of a slot.
    fn set(&mut self, slot: Slot, value: Value) {
        self.body.change(slot);
        let ty = self.type_of(value);
        if !self.set_home(slot, ty, value) {
            let variable = self.variable(slot, ty);
            self.builder.def_var(variable, value);
        }
    }

    /// The value of an operand of the wasm type `ty`.
    fn get(&mut self, ty: ValType, operand: Operand) -> Value {
        let ty = value_type(ty);
        match operand {
            Operand::Const { bits, .. } => self.constant(ty, bits),
            Operand::Local { slot, .. } | Operand::Temp(slot) => {
                self.body.budget.name(slot);
                self.get_home(slot, ty).unwrap_or_else(|| {
                    let variable = self.variable(slot, ty);
                    self.builder.use_var(variable)
                })
            }
        }
    }

    /// Separates the last load from an instruction that may trap, whose operand it could otherwise become.
    fn keep_apart(&mut self) {
        if self.last_load.take().is_some() {
            self.builder.ins().sequence_point();
        }
    }

    fn constant(&mut self, ty: Type, bits: u64) -> Value {
        use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
        match ty {
            I32 => self.builder.ins().iconst(I32, i64::from(bits as u32)),
            F32 => self.builder.ins().f32const(Ieee32::with_bits(bits as u32)),
            F64 => self.builder.ins().f64const(Ieee64::with_bits(bits)),
            ty if ty.is_vector() => self.vector_constant(ty, bits.into()),
            _ => self.builder.ins().iconst(I64, bits as i64),
        }
    }

    fn switch_to(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.last_load = None;
        self.forget_locals();
        self.body.budget.begin_block();
    }

    /// Continues in a block, all of whose predecessors are known.
    fn go_on_in(&mut self, block: Block) {
        self.switch_to(block);
        self.builder.seal_block(block);
        self.body.ended = false;
    }
}
