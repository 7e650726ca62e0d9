//! The settings that a module really runs with, after defaults and fallbacks, as text.

use riser_tiers_core::policy::FunctionPattern;
use riser_translator::TranslatorConfig;

use crate::{Bounds, Compilation, Engine, Mode, Module};

impl Module {
    /// The effective settings of instances that do not choose a mode of their own, by name, as text for people. Also
    /// says what was configured but is not available in this build.
    pub fn settings(&self) -> Vec<(String, String)> {
        settings(self.engine(), self.default_mode(), self.tier_number(Mode::Aot))
    }
}

/// The effective settings in a mode; `ahead` is the number of the tier that runs [`Mode::Aot`].
fn settings(engine: &Engine, mode: Mode, ahead: Option<usize>) -> Vec<(String, String)> {
    let config = engine.config();
    let interpreted = matches!(mode, Mode::Interp | Mode::MultiTier);
    let mut rows = vec![("mode", mode.to_string())];
    if interpreted {
        rows.push(("dispatch", dispatch(engine)));
    }
    rows.push(("bounds", bounds(engine, mode)));
    if interpreted {
        rows.push(("switches off", switches_off(&config.translator)));
        if !config.translator_filter.is_empty() {
            let functions: Vec<String> = config.translator_filter.iter().map(FunctionPattern::to_string).collect();
            rows.push(("switches for", functions.join(", ")));
        }
    }
    rows.push(("compilation", compilation(engine, mode)));
    rows.push(("relaxed vectors", relaxed_vectors(engine, mode).to_owned()));
    let mut rows: Vec<(String, String)> = rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let steps: Vec<Mode> = engine.steps().iter().map(|step| step.mode).collect();
    let ahead = ahead.filter(|_| mode == Mode::Aot);
    for (number, tier) in engine.tiers().iter().enumerate() {
        let step = steps.iter().position(|&step| step == tier.mode()).filter(|_| mode == Mode::MultiTier);
        if step.is_none() && tier.mode() != mode && ahead != Some(number) {
            continue;
        }
        let mut value = tier.settings();
        if let Some(step) = step {
            let below = step.checked_sub(1).map_or(Mode::Interp, |below| steps[below]);
            value += &format!(
                "{}from {below} {}",
                if value.is_empty() { "" } else { ", " },
                when(engine, step, tier.mode())
            );
        }
        if !value.is_empty() {
            rows.push((format!("tier {}", tier.name()), value));
        }
    }
    if mode == Mode::MultiTier {
        let threads = match config.policy.threads {
            0 => "none, compiled where it is asked for".to_owned(),
            threads => format!("{threads} a tier"),
        };
        rows.push(("background threads".to_owned(), threads));
    }
    if let Some(cache) = &config.cache {
        let (folder, limit) = (cache.directory().display(), cache.limit(config));
        rows.push(("cache".to_owned(), format!("{folder}, at most {limit} bytes")));
    }
    rows.push(("value stack".to_owned(), format!("{} bytes", config.max_wasm_stack)));
    rows.push(("native stack".to_owned(), format!("{} bytes", config.max_native_stack)));
    rows
}

fn dispatch(engine: &Engine) -> String {
    let asked = engine.config().dispatch;
    match asked.effective() {
        effective if effective == asked => effective.to_string(),
        effective => format!("{effective}, as this build has no {asked}"),
    }
}

fn bounds(engine: &Engine, mode: Mode) -> String {
    let config = engine.config();
    let compiled = match engine.lacks_guard_pages() {
        true => "explicit, as there is no address space for guard pages",
        false => engine.compiled_bounds().name(),
    };
    let interpreted = config.interpreter_bounds().name();
    match mode {
        Mode::Interp => interpreted.to_owned(),
        Mode::MultiTier if interpreted != compiled => format!("{interpreted}, {compiled} in compiled code"),
        Mode::MultiTier | Mode::Aot => compiled.to_owned(),
        Mode::Tier(_) => match engine.tier_number(mode).is_some_and(|tier| engine.tiers()[tier].uses_guard_pages()) {
            true => compiled.to_owned(),
            false => Bounds::Explicit.to_string(),
        },
    }
}

/// The results of relaxed vector operators.
fn relaxed_vectors(engine: &Engine, mode: Mode) -> &'static str {
    if engine.config().relaxed_simd_deterministic {
        return "deterministic";
    }
    let compiles = match mode {
        Mode::Interp => false,
        Mode::MultiTier => return "the machine's own in compiled code, deterministic otherwise",
        Mode::Aot => true,
        Mode::Tier(_) => engine.tier_number(mode).is_some_and(|tier| engine.tiers()[tier].native().is_some()),
    };
    if compiles { "the machine's own" } else { "deterministic, as always in interpreters" }
}

/// The translator's optimisations that are switched off.
fn switches_off(config: &TranslatorConfig) -> String {
    let on = |name| config.get(name).unwrap_or_default();
    let names: Vec<&str> = TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name).filter(|name| !on(name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn compilation(engine: &Engine, mode: Mode) -> String {
    let config = engine.config();
    let when = match config.compilation {
        _ if mode == Mode::Aot || config.cache.is_some() => "ahead of time",
        Compilation::Lazy => "lazy",
        Compilation::LazyTranslation => "lazy-translation",
        Compilation::Speculative => "speculative",
        Compilation::Eager => "eager",
    };
    match config.parallel_compilation {
        0 => format!("{when}, a thread a core"),
        1 => when.to_owned(),
        threads => format!("{when}, {threads} threads"),
    }
}

/// When functions tier up to a tier, which is the step with this number.
fn when(engine: &Engine, step: usize, tier: Mode) -> String {
    let policy = &engine.config().policy;
    if !policy.schedule.is_empty() {
        let entries = policy.schedule.iter().filter(|entry| entry.tier == tier).count();
        return format!("as {entries} entries of the schedule say");
    }
    let [calls, loops] = policy.counts(step);
    let delay = policy.delay_of(step).as_millis();
    let mut text = format!("after {calls} calls or {loops} iterations");
    if policy.threads > 0 {
        text += &format!(", {delay} ms delay");
    }
    if !policy.filter.is_empty() {
        let names: Vec<String> = policy.filter.iter().map(ToString::to_string).collect();
        text += &format!(", only {}", names.join(", "));
    }
    text
}
