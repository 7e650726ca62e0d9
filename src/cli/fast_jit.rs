//! The flags of the Fast JIT.

use anyhow::Result;
use clap::Args;

use crate::fast_jit::{OptLevel, Options, RegAlloc};
use crate::{Config, ProfilingStrategy};

use super::engine::one_of;

/// What the Fast JIT does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Fast JIT")]
pub struct FastJitArgs {
    /// How much work goes into a function; speed unless given
    #[arg(long, value_name = "LEVEL", value_parser = one_of(OptLevel::ALL, OptLevel::name))]
    fast_jit_opt: Option<OptLevel>,

    /// How registers are allocated; backtracking unless given
    #[arg(long, value_name = "ALGORITHM", value_parser = one_of(RegAlloc::ALL, RegAlloc::name))]
    fast_jit_regalloc: Option<RegAlloc>,
}

/// Who is told of machine code.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Profilers and debuggers")]
pub struct ProfilerArgs {
    /// Write /tmp/perf-PID.map, from which `perf report` knows the names of compiled functions
    #[arg(long)]
    perf_map: bool,

    /// Write jit-PID.dump, of which `perf inject --jit` makes files for `perf annotate`
    #[arg(long)]
    jitdump: bool,

    /// Tell debuggers of compiled functions, by GDB's JIT interface
    #[arg(long)]
    gdb: bool,
}

impl FastJitArgs {
    /// The settings from the flags.
    pub fn options(&self) -> Options {
        let default = Options::default();
        Options {
            opt_level: self.fast_jit_opt.unwrap_or(default.opt_level),
            regalloc: self.fast_jit_regalloc.unwrap_or(default.regalloc),
        }
    }

    /// Applies the flags to a configuration.
    pub fn apply(&self, config: &mut Config) -> Result<()> {
        if self.options() != Options::default() {
            config.tier_options(self.options())?;
        }
        Ok(())
    }
}

impl ProfilerArgs {
    /// Applies the flags to a configuration.
    pub fn apply(&self, config: &mut Config) -> Result<()> {
        for (asked, strategy) in [
            (self.perf_map, ProfilingStrategy::PerfMap),
            (self.jitdump, ProfilingStrategy::JitDump),
            (self.gdb, ProfilingStrategy::Gdb),
        ] {
            if asked {
                config.profiler(strategy)?;
            }
        }
        Ok(())
    }
}
