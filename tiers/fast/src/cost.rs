//! Functions for which Cranelift would take more time than they are worth with the settings that make the fastest code.

use cranelift_codegen::Context;
use cranelift_codegen::entity::SecondaryMap;

/// The most blocks of a function whose registers are allocated with backtracking, which takes time quadratic in the blocks that a value
/// is live in: with twice as many it is half a second.
const MOST_BLOCKS: usize = 10_000;

/// The most steps that the optimiser may take in looking for blocks: those of less than half a second.
const MOST_STEPS: u64 = 400_000_000;

/// Whether the function in the context is to be compiled in linear time.
pub(crate) fn is_high(context: &mut Context) -> bool {
    context.func.dfg.num_blocks() > MOST_BLOCKS || steps_of_optimiser(context) > MOST_STEPS
}

/// At most how many steps the optimiser takes in looking for blocks.
///
/// For each value that it computes it looks for the block in which the operands are available, among all blocks that dominate the
/// one at hand: of `n` branches in a row each is dominated by all before it.
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
