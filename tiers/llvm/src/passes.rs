//! Which of LLVM's passes run.
//!
//! Producers of WebAssembly optimise, and accesses that are left to guard pages stay as they are. So most of what LLVM's own pipelines
//! do finds nothing to do: with `default<O3>`, compiling takes half as long again or more, for code that is no faster over `benches/programs`
//! (`benches/compare/record.sh NAME llvm-levels llvm-compile`). What is worth it is what undoes the shape of a stack machine's code, and takes
//! what Riser adds to an access or a call (loads of bases, lengths and entries, checks) out of loops.

use crate::OptLevel;
use crate::cost::Effort;

/// Slots become values; what is computed twice is computed once, and blocks that only lead elsewhere go.
const O1: &str = "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg)";

/// As with `O1`; loops test at their end, what does not change in a loop is computed in front of it, and jumps whose condition is known on the way
/// to them go where they lead. Tables take the place of small `br_table`s at the very end.
const O2: &str = "function(\
    sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,\
    loop-mssa(loop-rotate,licm<allowspeculation>),simplifycfg,\
    early-cse<memssa>,instcombine<no-verify-fixpoint>,jump-threading,adce,\
    simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-lookup;no-keep-loops>)";

/// What takes linear time: slots become values, and blocks that only lead elsewhere go.
const FEW: &str = "function(sroa,simplifycfg)";

/// The passes of a level, as LLVM's `opt -passes` has them, for a function that is worth some effort.
pub(crate) const fn pipeline(level: OptLevel, effort: Effort) -> &'static str {
    match (effort, level) {
        (Effort::Least, _) | (_, OptLevel::O0) => "function(mem2reg)",
        (Effort::Few, _) => FEW,
        (Effort::Small, _) | (Effort::Full, OptLevel::O1) => O1,
        (Effort::Full, OptLevel::O2) => O2,
        (Effort::Full, OptLevel::O3) => "default<O3>",
    }
}
