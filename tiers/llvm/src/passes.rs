//! The selection of LLVM's passes.
//!
//! Producers of WebAssembly optimise already, and accesses that are left to guard pages stay as they are. So most passes of LLVM's own
//! pipelines find nothing to do: with `default<O3>`, compiling takes half as long again or more, for code that is no faster over
//! `benches/programs` (`benches/compare/record.sh NAME llvm-levels llvm-compile`). Two kinds of passes are worthwhile: those that undo the
//! shape of a stack machine's code, and those that move what Riser adds to an access or a call (loads of bases, lengths and entries,
//! checks) out of loops.

use crate::OptLevel;
use crate::cost::Effort;

/// Turns slots into SSA values, computes common subexpressions once, and removes blocks that only lead elsewhere.
const O1: &str = "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg)";

/// As `O1`; also makes loops test at their end, hoists what does not change in a loop, and redirects jumps whose condition is known on the
/// path to them. At the very end, replaces small `br_table`s by tables.
const O2: &str = "function(\
    sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,\
    loop-mssa(loop-rotate,licm<allowspeculation>),simplifycfg,\
    early-cse<memssa>,instcombine<no-verify-fixpoint>,jump-threading,adce,\
    simplifycfg<forward-switch-cond;switch-range-to-icmp;switch-to-lookup;no-keep-loops>)";

/// Passes that take linear time: turn slots into SSA values, and remove blocks that only lead elsewhere.
const FEW: &str = "function(sroa,simplifycfg)";

/// The passes before those of a level whose cost has to be [seen](crate::cost::is_high_for_passes) first, for a function that gets an effort.
pub(crate) const fn before(level: OptLevel, effort: Effort) -> Option<&'static str> {
    match (effort, level) {
        (Effort::Full, OptLevel::O3) => Some(FEW),
        (Effort::Full, OptLevel::O0 | OptLevel::O1 | OptLevel::O2)
        | (Effort::Small | Effort::Few | Effort::Least, _) => None,
    }
}

/// The passes of a level, in the syntax of LLVM's `opt -passes`, for a function that gets an effort.
pub(crate) const fn pipeline(level: OptLevel, effort: Effort) -> &'static str {
    match (effort, level) {
        (Effort::Least, _) | (_, OptLevel::O0) => "function(mem2reg)",
        (Effort::Few, _) => FEW,
        (Effort::Small, _) | (Effort::Full, OptLevel::O1) => O1,
        (Effort::Full, OptLevel::O2) => O2,
        (Effort::Full, OptLevel::O3) => "default<O3>",
    }
}
