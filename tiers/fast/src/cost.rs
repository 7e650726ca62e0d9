//! Detects functions that would cost Cranelift too much time and memory with the settings that make the fastest code.

use cranelift_codegen::Context;
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value, ValueDef};
use cranelift_codegen::settings::OptLevel;

/// The most blocks of a function whose registers are allocated with backtracking. That takes time quadratic in the blocks that a value
/// is live in: with twice as many blocks it is half a second.
const MOST_BLOCKS: usize = 10_000;

/// The most steps that the optimiser may take in its search for blocks: they take less than half a second.
const MOST_STEPS: u64 = 400_000_000;

/// The most pairs of a value and an edge between blocks over which the value is live, of any function and for each byte of its body:
/// allocation with backtracking keeps up to 220 bytes for each.
const MOST_LIVE: [u64; 2] = [60_000, 20];

/// The most steps that allocation with backtracking may take to find what is passed to the parameters of blocks, of any function and for
/// each of its instructions: they take a twentieth of a second, and ten microseconds.
const MOST_STEPS_TO_PARAMETERS: [u64; 2] = [100_000_000, 20_000];

/// Parameters of blocks to which too little can be passed to matter.
const FEW_PARAMETERS: u64 = 1000;

/// The most pairs of a value and an instruction over which the value is live, of any function and for each of its instructions: for each
/// value, allocation with backtracking looks at what has registers in the meantime. With that many it takes up to half a second, and ten
/// microseconds for each instruction.
const MOST_LENGTH: [u64; 2] = [5_000_000, 100];

/// Whether the function in the context is too expensive to be optimised as requested, so that it has to be compiled in linear time.
pub(crate) fn is_high(context: &mut Context, opt_level: OptLevel, body_bytes: usize) -> bool {
    context.func.dfg.num_blocks() > MOST_BLOCKS
        || steps_of_optimiser(context) > MOST_STEPS
        || steps_to_parameters(context) > most_steps_to_parameters(&context.func)
        || has_many_live(context, opt_level, MOST_LIVE[0] + MOST_LIVE[1] * body_bytes as u64)
}

/// An upper bound of the steps that the optimiser takes in its search for blocks.
///
/// For each value that it computes, the optimiser looks for the block in which the operands are available, among all blocks that
/// dominate the current one. In a row of `n` branches, each is dominated by all before it.
fn steps_of_optimiser(context: &mut Context) -> u64 {
    let dfg = &context.func.dfg;
    let most = (dfg.num_insts() as u64).saturating_mul(dfg.num_blocks() as u64);
    if most <= MOST_STEPS {
        return most;
    }
    context.compute_cfg();
    context.compute_domtree();
    let mut depths: SecondaryMap<_, u64> = SecondaryMap::new();
    let steps = context.domtree.cfg_rpo().map(|&block| {
        let depth = context.domtree.idom(block).map_or(0, |above| depths[above] + 1);
        depths[block] = depth;
        depth * context.func.layout.block_insts(block).count() as u64
    });
    steps.sum()
}

/// Functions that are large take long anyway.
fn most_steps_to_parameters(function: &Function) -> u64 {
    let [of_any, of_instruction] = MOST_STEPS_TO_PARAMETERS;
    of_any + of_instruction * function.dfg.num_insts() as u64
}

/// An upper bound of the steps that allocation with backtracking takes to find what is passed to the parameters of blocks: for each
/// parameter it may look at all that is passed to those before it. A loop has a parameter for each local that is set in it.
fn steps_to_parameters(context: &mut Context) -> u64 {
    let parameters = |function: &Function, block: Block| function.dfg.block_params(block).len() as u64;
    let function = &context.func;
    let all: u64 = function.layout.blocks().map(|block| parameters(function, block)).sum();
    if all <= FEW_PARAMETERS {
        return 0;
    }
    context.compute_cfg();
    let function = &context.func;
    let ways = |block: Block| context.cfg.pred_iter(block).count() as u64;
    let passed: u64 = function.layout.blocks().map(|block| parameters(function, block) * ways(block)).sum();
    all.saturating_mul(passed)
}

/// Whether values are live over more than `most` edges. The walk costs no more than the bound, and nothing for functions that are too small
/// to reach it.
fn has_many_live(context: &mut Context, opt_level: OptLevel, most: u64) -> bool {
    let dfg = &context.func.dfg;
    if (dfg.num_values() as u64).saturating_mul(dfg.num_blocks() as u64) <= most {
        return false;
    }
    let mut edges = 0;
    !each_live_edge(context, opt_level, |_, _| {
        edges += 1;
        edges <= most
    })
}

/// Walks from each block that uses a value of another block up to that one, through the blocks in which the value is live. Calls `visit` for
/// each edge with the block that it leads to on this way, and whether the value has not led there before, until the answer is `false`.
/// Returns whether that did not happen.
fn each_live_edge(context: &mut Context, opt_level: OptLevel, mut visit: impl FnMut(Block, bool) -> bool) -> bool {
    context.compute_cfg();
    // For each block, the last value that was found to be live there.
    let mut live_at: SecondaryMap<Block, Option<Value>> = SecondaryMap::new();
    let mut work = Vec::new();
    for (value, user) in uses_elsewhere(&context.func, opt_level) {
        let definition = block_of(&context.func, value);
        work.push(user);
        while let Some(block) = work.pop() {
            let is_first = live_at[block].replace(value) != Some(value);
            if !visit(block, is_first) {
                return false;
            }
            if is_first && Some(block) != definition {
                work.extend(context.cfg.pred_iter(block).map(|from| from.block));
            }
        }
    }
    true
}

/// Whether values may be live over too many instructions for allocation with backtracking. If not, there is no need to [look](lives_long).
pub(crate) fn may_live_long(function: &Function) -> bool {
    let [values, insts] = [function.dfg.num_values(), function.dfg.num_insts()].map(|count| count as u64);
    values.saturating_mul(insts) > most_length(insts)
}

fn most_length(insts: u64) -> u64 {
    MOST_LENGTH[0] + MOST_LENGTH[1] * insts
}

/// Whether values are live over too many instructions for allocation with backtracking. The function has been optimised: the optimiser
/// computes once what the function computes twice, and the value is live in between.
pub(crate) fn lives_long(context: &mut Context, opt_level: OptLevel) -> bool {
    let layout = &context.func.layout;
    let mut sizes: SecondaryMap<Block, u64> = SecondaryMap::new();
    for block in layout.blocks() {
        sizes[block] = layout.block_insts(block).count() as u64;
    }
    let most = most_length(layout.blocks().map(|block| sizes[block]).sum());
    let mut length = length_in_blocks(&context.func);
    if length > most {
        return true;
    }
    let mut edges = 0;
    !each_live_edge(context, opt_level, |block, is_first| {
        edges += 1;
        length += if is_first { sizes[block] } else { 0 };
        length.max(edges) <= most
    })
}

/// The number of pairs of a value and an instruction between the value and its last use in the same block.
fn length_in_blocks(function: &Function) -> u64 {
    let dfg = &function.dfg;
    // For each value, the numbers of the instructions in its block where it is computed and used last.
    let mut spans: SecondaryMap<Value, [u32; 2]> = SecondaryMap::new();
    let mut length = 0;
    let mut values = Vec::new();
    for block in function.layout.blocks() {
        values.extend_from_slice(dfg.block_params(block));
        for (inst, at) in function.layout.block_insts(block).zip(1..) {
            for value in operands(function, inst).filter(|&value| block_of(function, value) == Some(block)) {
                spans[value][1] = at;
            }
            for &result in dfg.inst_results(inst) {
                spans[result] = [at, at];
                values.push(result);
            }
        }
        length += values.drain(..).map(|value| u64::from(spans[value][1] - spans[value][0])).sum::<u64>();
    }
    length
}

/// Uses of values in other blocks than the one that computes them, with the using blocks, grouped by value.
fn uses_elsewhere(function: &Function, opt_level: OptLevel) -> Vec<(Value, Block)> {
    let mut uses = Vec::new();
    for block in function.layout.blocks() {
        for inst in function.layout.block_insts(block) {
            uses.extend(operands(function, inst).filter(|&it| waits(function, it, opt_level)).map(|it| (it, block)));
        }
    }
    uses.retain(|&(value, block)| block_of(function, value) != Some(block));
    uses.sort_unstable();
    uses.dedup();
    uses
}

/// The values that an instruction uses.
fn operands(function: &Function, inst: Inst) -> impl Iterator<Item = Value> + '_ {
    function.dfg.inst_values(inst).map(|value| function.dfg.resolve_aliases(value))
}

/// Whether a value is kept until it is used. Constants are not: the optimiser rematerialises them in each block that uses them.
fn waits(function: &Function, value: Value, opt_level: OptLevel) -> bool {
    let constant = |opcode| matches!(opcode, Opcode::Iconst | Opcode::F32const | Opcode::F64const);
    let inst = function.dfg.value_def(value).inst();
    match opt_level {
        OptLevel::None => true,
        OptLevel::Speed | OptLevel::SpeedAndSize => {
            !inst.is_some_and(|inst| constant(function.dfg.insts[inst].opcode()))
        }
    }
}

/// The block that computes a value, or whose parameter it is.
fn block_of(function: &Function, value: Value) -> Option<Block> {
    match function.dfg.value_def(value) {
        ValueDef::Result(inst, _) => function.layout.inst_block(inst),
        ValueDef::Param(block, _) => Some(block),
        ValueDef::Union(..) => None,
    }
}
