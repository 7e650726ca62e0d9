//! Under which settings the suite runs, and which of its files under which.

use riser::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use riser::policy::{FunctionPattern, Policy, ScheduleEntry, Trigger};
use riser::translator::FuncIndex;
use riser::{Bounds, Compilation, Config, Dispatch, Engine, Mode, TranslatorConfig};

use crate::suite::SpecFile;

/// An engine and what to call it.
pub struct Configuration {
    /// Mode and settings, separated by spaces.
    pub name: String,
    /// The mode.
    pub mode: Mode,
    /// The engine.
    pub engine: Engine,
    /// The files that run under it.
    pub files: Files,
}

/// Which files of the suite run under a configuration, unless all are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// All: older versions of a file, too, which mostly repeat what the newest says. For one configuration of each engine that reads
    /// bytecode, and of the Fast JIT; LLVM takes longer than all others together.
    All,
    /// The newest version of each file.
    Newest,
    /// The newest versions, without the files that are about vectors. For settings that vectors have nothing to do with, and where compiling
    /// vectors takes most of the time.
    Scalar,
    /// The newest versions of [`ABOUT_TIME`]. For settings that change when code is made, and not what it does.
    AboutTime,
    /// Every third of these, from this one on: three configurations share them. Where LLVM makes the code, which takes longer than all
    /// else.
    ThirdAboutTime(usize),
}

impl Files {
    /// Whether a file runs, of which `is_newest` says whether there is no newer version.
    pub fn contain(self, file: &SpecFile, is_newest: bool) -> bool {
        let about_time = || ABOUT_TIME.iter().position(|stem| *stem == file.stem());
        match self {
            Files::All => true,
            Files::Newest => is_newest,
            Files::Scalar => is_newest && !file.is_about_vectors(),
            Files::AboutTime => is_newest && about_time().is_some(),
            Files::ThirdAboutTime(first) => is_newest && about_time().is_some_and(|at| at % 3 == first),
        }
    }
}

/// Files in which it matters when code is made: calls of all kinds, modules linked to each other, loops, traps, and starts.
pub const ABOUT_TIME: &[&str] = &[
    "block",
    "br_table",
    "bulk",
    "call",
    "call_indirect",
    "elem",
    "exports",
    "fac",
    "float_exprs",
    "func",
    "func_ptrs",
    "global",
    "if",
    "imports",
    "labels",
    "left-to-right",
    "linking",
    "loop",
    "memory_grow",
    "memory_trap",
    "names",
    "ref_func",
    "return_call",
    "return_call_indirect",
    "skip-stack-guard-page",
    "stack",
    "start",
    "switch",
    "table_grow",
    "table_init",
    "traps",
    "unreachable",
    "unwind",
];

/// Every mode that is compiled in, with its default settings and each setting changed:
///
/// * what code is: bounds, the register interpreter's dispatch strategies with the translator's switches all on and all off, the
///   settings of the Fast JIT and LLVM;
/// * what code counts: fuel and epochs;
/// * when code is made, and in multi-tier which: before, at, and beside the first call, by any number of threads.
pub fn all() -> Vec<Configuration> {
    let mut all = Vec::new();
    for mode in modes() {
        match mode {
            Mode::Interp => interp(&mut all),
            CLASSIC => all.push(configuration(format!("{mode}"), mode, Files::All, |_| ())),
            FAST_JIT | LLVM_JIT => compiled(&mut all, mode),
            Mode::Aot => ahead_of_time(&mut all),
            Mode::MultiTier => multi_tier(&mut all),
            Mode::Tier(_) => panic!("nobody has said under which settings the suite runs in the mode {mode}"),
        }
        // All code of the mode `aot` is made beforehand, by one tier or the other.
        if mode != Mode::Aot {
            times(&mut all, mode);
            let files = if mode == LLVM_JIT { Files::AboutTime } else { Files::Scalar };
            all.push(configuration(format!("{mode} metered"), mode, files, |config| {
                config.consume_fuel(true).epoch_interruption(true);
            }));
        }
    }
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    fast_jit(&mut all);
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    llvm(&mut all);
    let has_llvm = modes().any(|mode| mode == LLVM_JIT);
    let is_by_llvm = |it: &Configuration| match it.mode {
        Mode::MultiTier => has_llvm,
        Mode::Tier(_) | Mode::Interp | Mode::Aot => it.name.contains(&LLVM_JIT.to_string()),
    };
    let shared = all.iter_mut().filter(|it| it.files == Files::AboutTime && is_by_llvm(it));
    for (turn, configuration) in shared.enumerate() {
        configuration.files = Files::ThirdAboutTime(turn % 3);
    }
    all
}

/// Code made at other times than by default.
fn times(all: &mut Vec<Configuration>, mode: Mode) {
    let is_compiled = matches!(mode, FAST_JIT | LLVM_JIT | Mode::MultiTier);
    let mut times = vec![("lazy", Compilation::Lazy, 1), ("eager", Compilation::Eager, 1)];
    if is_compiled {
        times.extend([("eager 2-threads", Compilation::Eager, 2), ("speculative", Compilation::Speculative, 1)]);
    }
    for (name, compilation, threads) in times {
        all.push(configuration(format!("{mode} {name}"), mode, Files::AboutTime, |config| {
            config.compilation(compilation).parallel_compilation(threads);
        }));
    }
}

/// Bounds strategies of this machine.
fn bounds() -> impl Iterator<Item = Bounds> {
    Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported())
}

fn interp(all: &mut Vec<Configuration>) {
    // A strategy that falls back to another one in this build runs nothing of its own.
    for dispatch in Dispatch::ALL.iter().copied().filter(|dispatch| dispatch.effective() == *dispatch) {
        for bounds in bounds() {
            for (switches, translator) in [("on", TranslatorConfig::optimized()), ("off", TranslatorConfig::naive())] {
                let is_default = dispatch == Dispatch::default().effective()
                    && bounds == Bounds::Explicit
                    && translator == TranslatorConfig::optimized();
                let files = if is_default { Files::All } else { Files::Newest };
                let name = format!("interp {dispatch} {bounds} switches-{switches}");
                all.push(configuration(name, Mode::Interp, files, |config| {
                    config.bounds(bounds).dispatch(dispatch).translator(translator);
                }));
            }
        }
    }
}

/// A mode of which every function is compiled, with both ways of checking bounds. LLVM runs all files with explicit checks at another level.
fn compiled(all: &mut Vec<Configuration>, mode: Mode) {
    for bounds in bounds() {
        let files = match bounds {
            Bounds::Guard if mode != LLVM_JIT => Files::All,
            Bounds::Explicit if mode == LLVM_JIT => Files::AboutTime,
            Bounds::Guard | Bounds::Explicit => Files::Newest,
        };
        all.push(configuration(format!("{mode} {bounds}"), mode, files, |config| {
            config.bounds(bounds);
        }));
    }
}

/// Code made ahead of time by each tier that can, with both ways of checking bounds.
fn ahead_of_time(all: &mut Vec<Configuration>) {
    for tier in modes().filter(|mode| matches!(*mode, FAST_JIT | LLVM_JIT)) {
        for bounds in bounds() {
            let files = if bounds == Bounds::Guard { Files::Newest } else { Files::AboutTime };
            all.push(configuration(format!("aot {bounds} by {tier}"), Mode::Aot, files, |config| {
                config.bounds(bounds).ahead_of_time_tier(tier);
            }));
        }
        all.push(configuration(format!("aot metered by {tier}"), Mode::Aot, Files::AboutTime, |config| {
            config.ahead_of_time_tier(tier).consume_fuel(true).epoch_interruption(true);
        }));
    }
}

/// Functions that move up as soon as they can, within calls and between them, at once or beside what runs.
fn multi_tier(all: &mut Vec<Configuration>) {
    let mode = Mode::MultiTier;
    for bounds in bounds() {
        all.push(configuration(format!("{mode} {bounds}"), mode, Files::AboutTime, |config| {
            config.bounds(bounds);
        }));
    }
    for threads in [0, 2] {
        let policy = Policy::at_once(threads);
        for bounds in bounds() {
            let files = if threads == 0 && bounds == Bounds::Guard { Files::Newest } else { Files::AboutTime };
            all.push(configuration(format!("{mode} at-once {threads}-threads {bounds}"), mode, files, |config| {
                config.tier_policy(policy.clone()).bounds(bounds);
            }));
        }
        all.push(configuration(
            format!("{mode} at-once {threads}-threads metered"),
            mode,
            Files::AboutTime,
            |config| {
                config.tier_policy(policy.clone()).consume_fuel(true).epoch_interruption(true);
            },
        ));
    }
    // In the middle of loops only.
    all.push(configuration(format!("{mode} at-once loops"), mode, Files::Newest, |config| {
        let (call_threshold, up_call_threshold) = (Policy::NEVER, Policy::NEVER);
        config.tier_policy(Policy { call_threshold, up_call_threshold, ..Policy::at_once(0) });
    }));
    let steps: Vec<Mode> = modes().filter(|mode| matches!(*mode, FAST_JIT | LLVM_JIT)).collect();
    for seed in 0..4 {
        let files = if seed == 0 { Files::Newest } else { Files::AboutTime };
        all.push(configuration(format!("{mode} schedule-{seed}"), mode, files, |config| {
            let schedule = random_schedule(seed, &steps);
            config.tier_policy(Policy { threads: 0, schedule, ..Policy::default() });
        }));
    }
}

/// Functions of any module, at their first calls or iterations, to all of the steps or some: which of them and when is drawn by a generator of
/// Lehmer's kind.
fn random_schedule(seed: u64, steps: &[Mode]) -> Vec<ScheduleEntry> {
    let mut state = seed * 2 + 1;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut entry = |index, tier| {
        let count = draw(6) as u32 + 1;
        let trigger = if draw(2) == 0 { Trigger::Call(count) } else { Trigger::Loop(count) };
        let is_left_out = steps.len() > 1 && draw(4) == 0;
        (!is_left_out).then_some(ScheduleEntry {
            function: FunctionPattern::Index(FuncIndex::new(index)),
            tier,
            trigger,
        })
    };
    (0..100)
        .flat_map(|index| steps.iter().map(move |&tier| (index, tier)))
        .filter_map(|(index, tier)| entry(index, tier))
        .collect()
}

/// The Fast JIT with the settings that are not its default; the quick one with both ways of checking bounds.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
fn fast_jit(all: &mut Vec<Configuration>) {
    use riser::fast_jit::{OptLevel, Options, RegAlloc};
    for &opt_level in OptLevel::ALL {
        for &regalloc in RegAlloc::ALL {
            let options = Options { opt_level, regalloc };
            for bounds in bounds().filter(|_| options != Options::default()) {
                let files = if options == Options::QUICK { Files::Newest } else { Files::AboutTime };
                let name = format!("fast-jit {bounds} opt-{} {}", opt_level.name(), regalloc.name());
                all.push(configuration(name, FAST_JIT, files, |config| {
                    config.bounds(bounds).spectre_guards(options != Options::QUICK);
                    config.relaxed_simd_deterministic(options != Options::QUICK);
                    config.tier_options(options).expect("the default configuration has it too");
                }));
            }
        }
    }
}

/// LLVM with the levels that are not its default: each with both ways of checking bounds, one of them with all files.
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
fn llvm(all: &mut Vec<Configuration>) {
    use riser::llvm::{OptLevel, Options};
    for &opt_level in OptLevel::ALL.iter().filter(|&&level| level != OptLevel::default()) {
        for bounds in bounds() {
            // Without optimisation what lowering makes shows; with all of it, what LLVM may do where checks let it.
            let files = match (opt_level, bounds) {
                (OptLevel::O0, Bounds::Guard) | (OptLevel::O3, Bounds::Explicit) => Files::Newest,
                _ => Files::AboutTime,
            };
            all.push(configuration(format!("llvm-jit {bounds} opt-{}", opt_level.name()), LLVM_JIT, files, |config| {
                config.bounds(bounds).spectre_guards(opt_level != OptLevel::O0);
                config.relaxed_simd_deterministic(opt_level != OptLevel::O3);
                config.tier_options(Options { opt_level }).expect("the default configuration has it too");
            }));
        }
    }
}

/// The modes that are compiled in.
fn modes() -> impl Iterator<Item = Mode> {
    let engine = Engine::new(&Config::new()).expect("the default configuration is supported");
    Mode::all().into_iter().filter(move |&mode| engine.supports(mode))
}

fn configuration(name: String, mode: Mode, files: Files, set: impl FnOnce(&mut Config)) -> Configuration {
    let mut config = Config::new();
    config.mode(mode).wasm_legacy_exceptions(true);
    set(&mut config);
    let engine = Engine::new(&config).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    Configuration { name, mode, engine, files }
}
