//! What a function will cost LLVM, by what LLVM is known to take more than linear time for.
//!
//! Estimates depend on the function only. A function with many ways to branch gets fewer passes; one whose machine code would take long gets
//! the code generator of level 0, which takes linear time, or stays where it is, if it has machine code already. `docs/src/llvm.md` says how the
//! bounds were measured.

use std::collections::{HashMap, HashSet};

use inkwell::basic_block::BasicBlock;
use inkwell::values::{AsValueRef, BasicValue, FunctionValue, InstructionOpcode, InstructionValue};

use crate::OptLevel;

/// The most ways of conditional branches of a function that gets all passes of its level. Some compare each branch with all others on the same value, or to
/// the same block.
const MOST_WAYS: u32 = 3000;

/// The most that gets any, and machine code of its level.
const MOST_WAYS_AT_ALL: u32 = 8000;

/// The most instructions in a block, before any pass, of a function that gets any: more would be more than [`is_high`] takes afterwards.
const MOST_IN_BLOCK: u32 = 40_000;

/// The most instructions, before any pass, of a function without branches that is small.
const MOST_OF_SMALL: u32 = 64;

/// The most bytes of the body of a function that is taken for small until its instructions are known.
pub(crate) const BYTES_OF_SMALL: usize = 48;

/// The most nanoseconds that machine code may be estimated to take.
const MOST_NANOSECONDS: u64 = 1_000_000_000;

/// Nanoseconds a pair of instructions in the same block: of any, by what selects and schedules them, and of those that compute, by what looks for
/// another order for them.
const PAIR_IN_BLOCK: u64 = 1;
const PAIR_OF_COMPUTATIONS: u64 = 47;
/// Nanoseconds a pair of values that become one variable, each at a block of its own.
const PAIR_OF_PHIS: u64 = 210;
/// Nanoseconds for each three loops, one after the other, that change the same variable: how the first has left it is part of what is known of it in the last.
const TRIPLE_OF_LOOPS: u64 = 900;
/// Nanoseconds a pair of blocks.
const PAIR_OF_BLOCKS: u64 = 30;

/// What a function gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// All of the level.
    Full,
    /// Passes, and then machine code of level 0: where there is no branch, and a register for each value, more would find nothing to do, but
    /// takes as long as for any function.
    Small,
    /// Few passes, and then machine code as the level has it.
    Few,
    /// That of level 0.
    Least,
}

/// The most instructions, before any pass, of a function that has other machine code to stay in.
const MOST_INSTRUCTIONS_ABOVE: u32 = 150_000;

/// Nanoseconds that level 0 takes for an instruction, as it is built, and for a way of a conditional branch, with its blocks.
const INSTRUCTION: u64 = 1700;
const WAY: u64 = 20_000;

/// What there is of a function, before any pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) instructions: u32,
    /// How many ways its conditional branches go.
    pub(crate) ways: u32,
    /// How many instructions its largest block has.
    pub(crate) largest_block: u32,
}

impl Size {
    /// Whether a function is not for this tier, at any level; with `is_above`, it has other machine code to stay in.
    pub(crate) fn is_too_large(self, is_above: bool) -> bool {
        let nanoseconds = u64::from(self.instructions) * INSTRUCTION + u64::from(self.ways) * WAY;
        nanoseconds > MOST_NANOSECONDS || is_above && self.instructions > MOST_INSTRUCTIONS_ABOVE
    }
}

/// What a function is worth at a level.
pub(crate) fn effort(level: OptLevel, size: Size) -> Effort {
    if level == OptLevel::O0 || size.largest_block > MOST_IN_BLOCK || size.ways > MOST_WAYS_AT_ALL {
        Effort::Least
    } else if size.ways > MOST_WAYS {
        Effort::Few
    } else if size.ways == 0 && size.instructions <= MOST_OF_SMALL {
        Effort::Small
    } else {
        Effort::Full
    }
}

/// Whether optimised machine code of a function would take too long, after the passes.
pub(crate) fn is_high(function: FunctionValue<'_>) -> bool {
    let square = |count: u64| count.saturating_mul(count);
    let (mut blocks, mut phis, mut total) = (0, 0, 0u64);
    for block in function.get_basic_block_iter() {
        let (mut all, mut computations) = (0, 0);
        for instruction in block.get_instructions() {
            all += 1;
            phis += u64::from(instruction.get_opcode() == InstructionOpcode::Phi);
            computations += u64::from(computes(instruction));
        }
        blocks += 1;
        total = total.saturating_add(square(all) * PAIR_IN_BLOCK + square(computations) * PAIR_OF_COMPUTATIONS);
    }
    total = total.saturating_add(square(blocks) * PAIR_OF_BLOCKS);
    let cube = |count: u64| square(count).saturating_mul(count);
    // They are all one variable at worst.
    if total.saturating_add((square(phis) * PAIR_OF_PHIS).saturating_add(cube(phis).saturating_mul(TRIPLE_OF_LOOPS)))
        > MOST_NANOSECONDS
    {
        for Variable { phis, loops } in variables(function) {
            total = total.saturating_add(
                (square(phis) * PAIR_OF_PHIS).saturating_add(cube(loops).saturating_mul(TRIPLE_OF_LOOPS)),
            );
        }
    }
    total > MOST_NANOSECONDS
}

/// Whether an instruction computes a value of its first operand, in whose register it may leave that.
fn computes(instruction: InstructionValue<'_>) -> bool {
    use InstructionOpcode::*;
    matches!(instruction.get_opcode(), Add | Sub | Mul | And | Or | Xor | Shl | LShr | AShr | FAdd | FSub | FMul | FDiv)
}

/// A variable that the machine code will have: what a phi takes, and what is computed of it in place.
#[derive(Clone, Copy, Debug, Default)]
struct Variable {
    /// How many phis it has.
    phis: u64,
    /// How many of them are where a loop begins.
    loops: u64,
}

/// The blocks that another one, or the block itself, jumps back to.
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
    // The variable of each value, or a value of the same variable.
    let mut parents: Vec<usize> = Vec::new();
    let mut number = |parents: &mut Vec<usize>, value| {
        *numbers.entry(value).or_insert_with(|| {
            parents.push(parents.len());
            parents.len() - 1
        })
    };
    let mut phis = Vec::new();
    for instruction in function.get_basic_block_iter().flat_map(|block| block.get_instructions()) {
        let is_phi = instruction.get_opcode() == InstructionOpcode::Phi;
        let operands = if is_phi { instruction.get_num_operands() } else { computes(instruction).into() };
        if operands == 0 {
            continue;
        }
        let own = number(&mut parents, instruction.as_value_ref());
        if is_phi {
            phis.push((own, instruction.get_parent().is_some_and(|block| headers.contains(&block))));
        }
        let operands = (0..operands).filter_map(|operand| instruction.get_operand(operand)?.value());
        for operand in operands.filter_map(|operand| operand.as_instruction_value()) {
            let other = number(&mut parents, operand.as_value_ref());
            let (own, other) = (root(&mut parents, own), root(&mut parents, other));
            parents[own] = other;
        }
    }
    let mut variables = vec![Variable::default(); parents.len()];
    for (phi, is_at_loop) in phis {
        let variable = &mut variables[root(&mut parents, phi)];
        variable.phis += 1;
        variable.loops += u64::from(is_at_loop);
    }
    variables
}

fn root(parents: &mut [usize], mut value: usize) -> usize {
    while parents[value] != value {
        parents[value] = parents[parents[value]];
        value = parents[value];
    }
    value
}
