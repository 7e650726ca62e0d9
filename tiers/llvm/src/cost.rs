//! Estimates of what a function will cost LLVM, from the constructs for which LLVM is known to take more than linear time.
//!
//! Estimates depend on the function only. A function with many branch targets or loops gets fewer passes. A function whose machine code would take
//! long gets the code generator of level 0, which takes linear time; if it already has machine code, it stays in that instead.
//! `docs/src/llvm.md` says how the bounds were measured.

use std::collections::{HashMap, HashSet};

use inkwell::basic_block::BasicBlock;
use inkwell::values::{
    AsValueRef, BasicValue, BasicValueEnum, CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue, PhiValue,
};

use crate::OptLevel;

/// The most conditional branch targets of a function that gets all passes of its level. Some passes compare each branch with all others on
/// the same value, or to the same block.
const MOST_WAYS: u32 = 3000;

/// The most conditional branch targets of a function that gets any passes, and machine code of its level.
const MOST_WAYS_AT_ALL: u32 = 8000;

/// The most nanoseconds for moving loads out of loops, and the nanoseconds for each loop, with each loop in front of it and each branch
/// target: where a load comes from in which memory is not changed is looked for anew, up to the function's start.
const MOST_FOR_LOADS: u64 = 1_000_000_000;
const LOAD_OF_LOOP: u64 = 60;

/// The most instructions in a block, before any pass, of a function that gets any passes: with more, it would exceed the bound of
/// [`is_high`] afterwards.
const MOST_IN_BLOCK: u32 = 40_000;

/// The most instructions, before any pass, of a small function, which also has no branches.
const MOST_OF_SMALL: u32 = 64;

/// The most body bytes of a function that is assumed to be small until its instructions are known.
pub(crate) const BYTES_OF_SMALL: usize = 48;

/// The most nanoseconds that machine code may take, by the estimate.
const MOST_NANOSECONDS: u64 = 1_000_000_000;

/// Nanoseconds for each pair of instructions in a block: for any two, in instruction selection and scheduling; for two that compute, in the
/// search for a better order of them.
const PAIR_IN_BLOCK: u64 = 1;
const PAIR_OF_COMPUTATIONS: u64 = 47;
/// Nanoseconds for each pair of phis that become one variable, each in a block of its own.
const PAIR_OF_PHIS: u64 = 210;
/// Nanoseconds for each triple of consecutive loops that change the same variable: what is known of it in the last loop includes how the
/// first has left it.
const TRIPLE_OF_LOOPS: u64 = 900;
/// Nanoseconds for each quadruple of such loops that count by the variable, with each condition on it: what is known of it is proven from the
/// conditions in front, each of which takes what is known further in front. In code generation, and in the passes of level 3, which ask more often.
const QUADRUPLE_OF_LOOPS: u64 = 370;
const QUADRUPLE_IN_PASSES: u64 = 1500;
/// Nanoseconds for each value that is chosen by which of several calls has ended in an exception, and for each of these calls.
const COPY_AT_LANDING: u64 = 20_000;
/// Nanoseconds for each pair of a load and a store in arrays of slots between two calls: the scheduler compares them, and what registers have
/// no room for is more of them.
const PAIR_OF_SLOTS: u64 = 3000;
/// Nanoseconds for each pair of blocks.
const PAIR_OF_BLOCKS: u64 = 30;

/// The effort for a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// All passes and machine code of the level.
    Full,
    /// Passes, and then machine code of level 0. Without branches, and with a register for each value, the code generator of the level
    /// would find nothing to improve, but take as long as for any function.
    Small,
    /// Few passes, and then machine code of the level.
    Few,
    /// Passes and machine code of level 0.
    Least,
}

/// The most instructions, before any pass, of a function that already has other machine code.
const MOST_INSTRUCTIONS_ABOVE: u32 = 150_000;

/// Nanoseconds that level 0 takes for an instruction, as it is built, and for a target of a conditional branch, with its blocks.
const INSTRUCTION: u64 = 1700;
const WAY: u64 = 20_000;

/// The most pairs of a block and a variable that is set in several blocks: for each such variable, the pass that makes SSA values at any level
/// goes through the blocks behind the first that sets it, which takes 60 to 200 nanoseconds for each.
const MOST_VARIABLES_IN_BLOCKS: u64 = 20_000_000;

/// The size of a function before any pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) instructions: u32,
    /// The number of targets of its conditional branches.
    pub(crate) ways: u32,
    /// The number of its loops.
    pub(crate) loops: u32,
    /// The number of instructions in its largest block.
    pub(crate) largest_block: u32,
    /// The number of its blocks.
    pub(crate) blocks: u32,
    /// The number of its variables that are set in several blocks.
    pub(crate) variables: u32,
}

impl Size {
    /// Nanoseconds for moving loads out of its loops.
    fn loads_of_loops(self) -> u64 {
        let [loops, ways] = [self.loops, self.ways].map(u64::from);
        loops.saturating_pow(2).saturating_mul(ways).saturating_mul(LOAD_OF_LOOP)
    }

    /// Whether a function is too large for this tier, at any level. With `is_above`, it already has other machine code.
    pub(crate) fn is_too_large(self, is_above: bool) -> bool {
        let nanoseconds = u64::from(self.instructions) * INSTRUCTION + u64::from(self.ways) * WAY;
        nanoseconds > MOST_NANOSECONDS
            || u64::from(self.variables) * u64::from(self.blocks) > MOST_VARIABLES_IN_BLOCKS
            || is_above && self.instructions > MOST_INSTRUCTIONS_ABOVE
    }
}

/// The effort for a function at a level.
pub(crate) fn effort(level: OptLevel, size: Size) -> Effort {
    if level == OptLevel::O0 || size.largest_block > MOST_IN_BLOCK || size.ways > MOST_WAYS_AT_ALL {
        Effort::Least
    } else if size.ways > MOST_WAYS || size.loads_of_loops() > MOST_FOR_LOADS {
        Effort::Few
    } else if size.ways == 0 && size.instructions <= MOST_OF_SMALL {
        Effort::Small
    } else {
        Effort::Full
    }
}

/// Whether optimised machine code of a function would take too long, judged after the passes.
pub(crate) fn is_high(function: FunctionValue<'_>) -> bool {
    let square = |count: u64| count.saturating_mul(count);
    let mut total = 0u64;
    let mut blocks = 0;
    for block in function.get_basic_block_iter() {
        let (mut all, mut computations) = (0, 0);
        let mut landings = None;
        let mut slots = Slots::default();
        for instruction in block.get_instructions() {
            all += 1;
            total = total.saturating_add(slots.pairs_up_to(instruction) * PAIR_OF_SLOTS);
            if let Ok(phi) = PhiValue::try_from(instruction) {
                total = total.saturating_add(*landings.get_or_insert_with(|| landings_before(phi)) * COPY_AT_LANDING);
            }
            computations += u64::from(computes(instruction));
        }
        blocks += 1;
        total = total.saturating_add(square(all) * PAIR_IN_BLOCK + square(computations) * PAIR_OF_COMPUTATIONS);
    }
    total = total.saturating_add(square(blocks) * PAIR_OF_BLOCKS);
    for variable in variables(function) {
        total = total
            .saturating_add(square(variable.phis) * PAIR_OF_PHIS)
            .saturating_add(square(variable.loops).saturating_mul(variable.loops).saturating_mul(TRIPLE_OF_LOOPS))
            .saturating_add(variable.quadruples().saturating_mul(QUADRUPLE_OF_LOOPS));
    }
    total > MOST_NANOSECONDS
}

/// Whether the passes of level 3 would take too long, judged when slots are SSA values.
pub(crate) fn is_high_for_passes(function: FunctionValue<'_>) -> bool {
    let quadruples = variables(function).iter().map(Variable::quadruples).fold(0, u64::saturating_add);
    quadruples.saturating_mul(QUADRUPLE_IN_PASSES) > MOST_NANOSECONDS
}

/// The accesses to arrays of slots since the last call, or since the block's start. Arguments and results that registers have no room for are
/// in such arrays.
#[derive(Default)]
struct Slots {
    loads: u64,
    stores: u64,
}

impl Slots {
    /// Counts an instruction. Returns the number of pairs of a load and a store that end with it.
    fn pairs_up_to(&mut self, instruction: InstructionValue<'_>) -> u64 {
        match instruction.get_opcode() {
            InstructionOpcode::Load if is_slot(instruction, 0) => {
                self.loads += 1;
                self.stores
            }
            InstructionOpcode::Store if is_slot(instruction, 1) => {
                self.stores += 1;
                self.loads
            }
            InstructionOpcode::Call if !is_intrinsic(instruction) => {
                *self = Slots::default();
                0
            }
            _ => 0,
        }
    }
}

/// Whether the address of an access is that of an array of slots, or in it at a known place: an array of the frame, or a parameter.
fn is_slot(access: InstructionValue<'_>, address: u32) -> bool {
    let base = |value: BasicValueEnum<'_>| match value.as_instruction_value() {
        None => true,
        Some(value) => value.get_opcode() == InstructionOpcode::Alloca,
    };
    let Some(address) = access.get_operand(address).and_then(|it| it.value()) else { return false };
    match address.as_instruction_value() {
        Some(value) if value.get_opcode() == InstructionOpcode::GetElementPtr => {
            value.get_operand(0).and_then(|it| it.value()).is_some_and(base)
        }
        _ => base(address),
    }
}

/// Whether a call is not one in machine code.
fn is_intrinsic(call: InstructionValue<'_>) -> bool {
    let callee = CallSiteValue::try_from(call).ok().and_then(|call| call.get_called_fn_value());
    callee.is_some_and(|callee| callee.get_name().to_bytes().starts_with(b"llvm."))
}

/// The number of blocks in front of a phi's in which calls go on that have ended in an exception.
fn landings_before(phi: PhiValue<'_>) -> u64 {
    let lands = |block: BasicBlock<'_>| {
        block.get_first_instruction().is_some_and(|first| first.get_opcode() == InstructionOpcode::LandingPad)
    };
    phi.get_incomings().filter(|&(_, block)| lands(block)).count() as u64
}

/// Whether an instruction computes a value from its first operand, and may leave the result in that operand's register.
fn computes(instruction: InstructionValue<'_>) -> bool {
    use InstructionOpcode::*;
    matches!(instruction.get_opcode(), Add | Sub | Mul | And | Or | Xor | Shl | LShr | AShr | FAdd | FSub | FMul | FDiv)
}

/// A variable of the machine code: joins phis, their operands, and what is computed from these in place.
#[derive(Clone, Copy, Debug, Default)]
struct Variable {
    /// The number of its phis.
    phis: u64,
    /// The number of its phis at loop headers.
    loops: u64,
    /// The number of these that are compared, and change by a step in each iteration.
    counters: u64,
    /// The number of comparisons with counters.
    conditions: u64,
}

impl Variable {
    /// The number of quadruples of its counters, with each of their conditions.
    fn quadruples(&self) -> u64 {
        self.counters.saturating_pow(4).saturating_mul(self.conditions)
    }
}

/// The blocks that another block, or the block itself, jumps back to.
fn loop_headers<'c>(function: FunctionValue<'c>) -> HashSet<BasicBlock<'c>> {
    let numbers: HashMap<BasicBlock<'c>, usize> = function.get_basic_block_iter().zip(0..).collect();
    let mut headers = HashSet::new();
    for (&block, number) in &numbers {
        let Some(end) = block.get_terminator() else { continue };
        let targets = (0..end.get_num_operands()).filter_map(|operand| end.get_operand(operand)?.block());
        headers.extend(targets.filter(|target| numbers[target] <= *number));
    }
    headers
}

fn variables(function: FunctionValue<'_>) -> Vec<Variable> {
    let headers = loop_headers(function);
    let mut numbers = HashMap::new();
    // A union-find structure: for each value, its variable or another value of the same variable.
    let mut parents: Vec<usize> = Vec::new();
    let mut number = |parents: &mut Vec<usize>, value| {
        *numbers.entry(value).or_insert_with(|| {
            parents.push(parents.len());
            parents.len() - 1
        })
    };
    let (mut phis, mut comparisons) = (Vec::new(), Vec::new());
    for instruction in function.get_basic_block_iter().flat_map(|block| block.get_instructions()) {
        let is_phi = instruction.get_opcode() == InstructionOpcode::Phi;
        if instruction.get_opcode() == InstructionOpcode::ICmp {
            comparisons.push(instruction);
        }
        let operands = if is_phi { instruction.get_num_operands() } else { computes(instruction).into() };
        if operands == 0 {
            continue;
        }
        let own = number(&mut parents, instruction.as_value_ref());
        if is_phi {
            phis.push((instruction, own, instruction.get_parent().is_some_and(|block| headers.contains(&block))));
        }
        for operand in (0..operands).filter_map(|operand| instruction_operand(instruction, operand)) {
            let other = number(&mut parents, operand.as_value_ref());
            let (own, other) = (root(&mut parents, own), root(&mut parents, other));
            parents[own] = other;
        }
    }
    let mut conditions = HashMap::new();
    for operand in comparisons.iter().flat_map(|&it| (0..2).filter_map(move |operand| instruction_operand(it, operand)))
    {
        *conditions.entry(source(operand)).or_insert(0) += 1;
    }
    let mut variables = vec![Variable::default(); parents.len()];
    for (phi, number, is_at_loop) in phis {
        let variable = &mut variables[root(&mut parents, number)];
        variable.phis += 1;
        variable.loops += u64::from(is_at_loop);
        if let Some(&conditions) = conditions.get(&phi)
            && is_at_loop
            && (0..phi.get_num_operands()).filter_map(|it| instruction_operand(phi, it)).any(|it| source(it) == phi)
        {
            variable.counters += 1;
            variable.conditions += conditions;
        }
    }
    variables
}

/// An operand, if it is the result of an instruction.
fn instruction_operand(instruction: InstructionValue<'_>, operand: u32) -> Option<InstructionValue<'_>> {
    instruction.get_operand(operand)?.value()?.as_instruction_value()
}

/// What a compared value is converted and computed from, in a few steps: a bounds check compares an address that an offset has been added to.
fn source(mut value: InstructionValue<'_>) -> InstructionValue<'_> {
    use InstructionOpcode::{SExt, Trunc, ZExt};
    const MOST_STEPS: usize = 4;
    for _ in 0..MOST_STEPS {
        let is_derived = computes(value) || matches!(value.get_opcode(), SExt | Trunc | ZExt);
        let Some(operand) = is_derived.then(|| instruction_operand(value, 0)).flatten() else { break };
        value = operand;
    }
    value
}

fn root(parents: &mut [usize], mut value: usize) -> usize {
    while parents[value] != value {
        parents[value] = parents[parents[value]];
        value = parents[value];
    }
    value
}
