//! Under which settings the suite runs.

use riser::policy::{FunctionPattern, Policy, ScheduleEntry, Trigger};
use riser::{Bounds, Compilation, Config, Dispatch, Engine, Mode, TranslatorConfig};

/// An engine and what to call it.
pub struct Configuration {
    /// Mode and settings, separated by spaces.
    pub name: String,
    /// The mode.
    pub mode: Mode,
    /// The engine.
    pub engine: Engine,
}

/// Every mode that is compiled in; of the register interpreter, every dispatch strategy with the
/// translator's switches all on and all off, and of the Fast JIT and LLVM all settings; each with both ways of checking bounds. Then every mode
/// with code made early and late, and with instrumentation.
pub fn all() -> Vec<Configuration> {
    let mut all = Vec::new();
    for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
        for mode in modes().filter(|&mode| mode != Mode::Interp) {
            all.push(configuration(format!("{mode} {bounds}"), mode, |config| {
                config.bounds(bounds);
            }));
        }
        // A strategy that falls back to another one in this build runs nothing of its own.
        for dispatch in Dispatch::ALL.iter().copied().filter(|dispatch| dispatch.effective() == *dispatch) {
            for (switches, translator) in [("on", TranslatorConfig::optimized()), ("off", TranslatorConfig::naive())] {
                let name = format!("interp {dispatch} {bounds} switches-{switches}");
                all.push(configuration(name, Mode::Interp, |config| {
                    config.bounds(bounds).dispatch(dispatch).translator(translator);
                }));
            }
        }
    }
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    all.extend(fast_jit());
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    all.extend(llvm());
    all.extend(ahead_of_time());
    for mode in modes() {
        all.push(configuration(format!("{mode} eager"), mode, |config| {
            config.compilation(Compilation::Eager);
        }));
        if mode.feature().is_some() && mode != Mode::Classic {
            all.push(configuration(format!("{mode} eager 2-threads"), mode, |config| {
                config.compilation(Compilation::Eager).parallel_compilation(2);
            }));
            all.push(configuration(format!("{mode} speculative"), mode, |config| {
                config.compilation(Compilation::Speculative);
            }));
        }
        all.push(configuration(format!("{mode} lazy"), mode, |config| {
            config.compilation(Compilation::Lazy);
        }));
        all.push(configuration(format!("{mode} metered"), mode, |config| {
            config.consume_fuel(true).epoch_interruption(true);
        }));
    }
    if let Some(mode) = modes().find(|&mode| mode == Mode::MultiTier) {
        for threads in [0, 2] {
            let policy = Policy::at_once(threads);
            for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
                all.push(configuration(format!("{mode} at-once {threads}-threads {bounds}"), mode, |config| {
                    config.tier_policy(policy.clone()).bounds(bounds);
                }));
            }
            all.push(configuration(format!("{mode} at-once {threads}-threads metered"), mode, |config| {
                config.tier_policy(policy.clone()).consume_fuel(true).epoch_interruption(true);
            }));
        }
        // In the middle of loops only.
        all.push(configuration(format!("{mode} at-once loops"), mode, |config| {
            let (call_threshold, up_call_threshold) = (Policy::NEVER, Policy::NEVER);
            config.tier_policy(Policy { call_threshold, up_call_threshold, ..Policy::at_once(0) });
        }));
        let steps: Vec<Mode> = Mode::STEPS.iter().copied().filter(|&step| modes().any(|mode| mode == step)).collect();
        for seed in 0..4 {
            all.push(configuration(format!("{mode} schedule-{seed}"), mode, |config| {
                let schedule = random_schedule(seed, &steps);
                config.tier_policy(Policy { threads: 0, schedule, ..Policy::default() });
            }));
        }
    }
    all
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
        (!is_left_out).then_some(ScheduleEntry { function: FunctionPattern::Index(index), tier, trigger })
    };
    (0..100)
        .flat_map(|index| steps.iter().map(move |&tier| (index, tier)))
        .filter_map(|(index, tier)| entry(index, tier))
        .collect()
}

/// The Fast JIT with the settings that are not its default, each with both ways of checking bounds.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
fn fast_jit() -> Vec<Configuration> {
    use riser::fast_jit::{OptLevel, Options, RegAlloc};
    let mut all = Vec::new();
    for &opt_level in OptLevel::ALL {
        for &regalloc in RegAlloc::ALL {
            let options = Options { opt_level, regalloc };
            if options == Options::default() {
                continue;
            }
            for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
                let name = format!("fast-jit {bounds} opt-{} {}", opt_level.name(), regalloc.name());
                all.push(configuration(name, Mode::FastJit, |config| {
                    config.bounds(bounds);
                    config.tier_options(options).expect("the default configuration has it too");
                }));
            }
        }
    }
    all
}

/// LLVM with the settings that are not its default, each with both ways of checking bounds.
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
fn llvm() -> Vec<Configuration> {
    use riser::llvm::{OptLevel, Options};
    let mut all = Vec::new();
    for &opt_level in OptLevel::ALL.iter().filter(|&&level| level != OptLevel::default()) {
        for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
            all.push(configuration(format!("llvm-jit {bounds} opt-{}", opt_level.name()), Mode::LlvmJit, |config| {
                config.bounds(bounds);
                config.tier_options(Options { opt_level }).expect("the default configuration has it too");
            }));
        }
    }
    all
}

/// Code made ahead of time by each tier that can, with both ways of checking bounds, and with instrumentation.
fn ahead_of_time() -> Vec<Configuration> {
    let mut all = Vec::new();
    for tier in modes().filter(|mode| matches!(mode, Mode::FastJit | Mode::LlvmJit)) {
        for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
            all.push(configuration(format!("aot {bounds} by {tier}"), Mode::Aot, |config| {
                config.bounds(bounds).ahead_of_time_tier(tier);
            }));
        }
        all.push(configuration(format!("aot metered by {tier}"), Mode::Aot, |config| {
            config.ahead_of_time_tier(tier).consume_fuel(true).epoch_interruption(true);
        }));
    }
    all
}

/// The modes that are compiled in.
fn modes() -> impl Iterator<Item = Mode> {
    let engine = Engine::new(&Config::new()).expect("the default configuration is supported");
    Mode::ALL.iter().copied().filter(move |&mode| engine.supports(mode))
}

fn configuration(name: String, mode: Mode, set: impl FnOnce(&mut Config)) -> Configuration {
    let mut config = Config::new();
    config.mode(mode);
    set(&mut config);
    let engine = Engine::new(&config).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    Configuration { name, mode, engine }
}
