//! Configurations.

use std::ffi::c_char;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow, bail};
use riser::{Bounds, Compilation, Config, Dispatch, Mode, Proposal, TranslatorConfig, policy::Policy};

use crate::failure::{Outcome, outcome};
use crate::standard::ConfigBox;
use crate::text::text;

/// `name(bool)` for each method of `Config` that turns something on or off.
macro_rules! plain {
    ($($name:ident($Type:ty);)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<riser_config_ $name _set>](config: Option<&mut ConfigBox>, value: $Type) {
            if let Some(config) = config {
                config.0.$name(value);
            }
        }
    )*}};
}

plain! {
    consume_fuel(bool);
    epoch_interruption(bool);
    snapshots(bool);
    spectre_guards(bool);
    relaxed_simd_deterministic(bool);
    parallel_compilation(usize);
    max_wasm_stack(usize);
    max_native_stack(usize);
    host_stack(usize);
}

/// Changes a configuration by a name.
///
/// # Safety
///
/// The name is null, or ends with a null byte.
unsafe fn by_name(
    config: Option<&mut ConfigBox>,
    name: *const c_char,
    what: &str,
    set: impl FnOnce(&mut Config, &str) -> Result<()>,
) -> Outcome {
    outcome(None, || {
        // SAFETY: by the contract of this function.
        let name = unsafe { text(name, what) }?;
        set(&mut config.context("the configuration is null")?.0, name)
    })
}

/// The dispatch strategy with this name; the one that counts instructions is among them.
fn dispatch(name: &str) -> Result<Dispatch> {
    if name == Dispatch::Profile.name() { Ok(Dispatch::Profile) } else { Ok(Dispatch::from_str(name)?) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_mode_set(config: Option<&mut ConfigBox>, mode: *const c_char) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        config.mode(Mode::from_str(name)?);
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, mode, "the mode's name", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_dispatch_set(config: Option<&mut ConfigBox>, strategy: *const c_char) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        config.dispatch(dispatch(name)?);
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, strategy, "the strategy's name", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_bounds_set(config: Option<&mut ConfigBox>, strategy: *const c_char) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        config.bounds(Bounds::from_str(name)?);
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, strategy, "the strategy's name", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_compilation_set(config: Option<&mut ConfigBox>, when: *const c_char) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        config.compilation(match name {
            "lazy" => Compilation::Lazy,
            "lazy-translation" => Compilation::LazyTranslation,
            "speculative" => Compilation::Speculative,
            "eager" => Compilation::Eager,
            _ => bail!(
                "unknown time of compilation `{name}`; expected one of lazy, lazy-translation, speculative, eager"
            ),
        });
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, when, "the time's name", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_switch_set(config: Option<&mut ConfigBox>, name: *const c_char, on: bool) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        let mut switches = config.translator_config();
        if !switches.set(name, on) {
            let known: Vec<&str> = TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name).collect();
            bail!("unknown switch `{name}`; expected one of {}", known.join(", "));
        }
        config.translator(switches);
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, name, "the switch's name", set) }
}

#[unsafe(no_mangle)]
extern "C" fn riser_config_switches_set(config: Option<&mut ConfigBox>, on: bool) {
    if let Some(config) = config {
        config.0.translator(if on { TranslatorConfig::optimized() } else { TranslatorConfig::naive() });
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_proposal_set(
    config: Option<&mut ConfigBox>,
    name: *const c_char,
    on: bool,
) -> Outcome {
    let set = |config: &mut Config, name: &str| {
        config.wasm_proposal(Proposal::from_str(name).map_err(Error::msg)?, on);
        Ok(())
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, name, "the proposal's name", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_cache_set(
    config: Option<&mut ConfigBox>,
    folder: *const c_char,
    limit: u64,
) -> Outcome {
    let set = |config: &mut Config, folder: &str| {
        config.cache(folder);
        if limit > 0 {
            config.cache_limit(limit);
        }
        Ok(())
    };
    // SAFETY: C passes a path.
    unsafe { by_name(config, folder, "the folder's path", set) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_config_opt_level_set(
    config: Option<&mut ConfigBox>,
    mode: *const c_char,
    level: *const c_char,
) -> Outcome {
    let set = |config: &mut Config, mode: &str| {
        // SAFETY: C passes a name.
        let level = unsafe { text(level, "the level's name") }?;
        set_opt_level(config, mode, level)
    };
    // SAFETY: C passes a name.
    unsafe { by_name(config, mode, "the mode's name", set) }
}

fn set_opt_level(config: &mut Config, mode: &str, level: &str) -> Result<()> {
    match mode {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        "fast-jit" => {
            let opt_level = level.parse()?;
            config.tier_options(riser::fast_jit::Options { opt_level, ..Default::default() })?;
        }
        #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
        "llvm-jit" => {
            let opt_level = level.parse()?;
            config.tier_options(riser::llvm::Options { opt_level })?;
        }
        _ => return Err(anyhow!("the mode `{mode}` has no optimization level in this build")),
    }
    Ok(())
}

/// `riser_tier_policy_t`.
#[repr(C)]
struct TierPolicy {
    call_threshold: u32,
    loop_threshold: u32,
    up_call_threshold: u32,
    up_loop_threshold: u32,
    threads: usize,
    delay_ms: u64,
    up_delay_ms: u64,
}

#[unsafe(no_mangle)]
extern "C" fn riser_tier_policy_default() -> TierPolicy {
    let policy = Policy::default();
    TierPolicy {
        call_threshold: policy.call_threshold,
        loop_threshold: policy.loop_threshold,
        up_call_threshold: policy.up_call_threshold,
        up_loop_threshold: policy.up_loop_threshold,
        threads: policy.threads,
        delay_ms: policy.delay.as_millis() as u64,
        up_delay_ms: policy.up_delay.as_millis() as u64,
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_config_tier_policy_set(config: Option<&mut ConfigBox>, policy: Option<&TierPolicy>) {
    if let (Some(config), Some(policy)) = (config, policy) {
        config.0.tier_policy(Policy {
            call_threshold: policy.call_threshold,
            loop_threshold: policy.loop_threshold,
            up_call_threshold: policy.up_call_threshold,
            up_loop_threshold: policy.up_loop_threshold,
            threads: policy.threads,
            delay: Duration::from_millis(policy.delay_ms),
            up_delay: Duration::from_millis(policy.up_delay_ms),
            ..Policy::default()
        });
    }
}
