//! Under which settings the suite runs.

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
/// translator's switches all on and all off; each with both ways of checking bounds. Then every mode
/// with code made early and late, and with instrumentation.
pub fn all() -> Vec<Configuration> {
    let mut all = Vec::new();
    for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
        for mode in modes().filter(|&mode| mode != Mode::Interp) {
            all.push(configuration(format!("{mode} {bounds}"), mode, |config| {
                config.bounds(bounds);
            }));
        }
        for &dispatch in Dispatch::ALL {
            for (switches, translator) in [("on", TranslatorConfig::optimized()), ("off", TranslatorConfig::naive())] {
                let name = format!("interp {dispatch} {bounds} switches-{switches}");
                all.push(configuration(name, Mode::Interp, |config| {
                    config.bounds(bounds).dispatch(dispatch).translator(translator);
                }));
            }
        }
    }
    for mode in modes() {
        all.push(configuration(format!("{mode} eager"), mode, |config| {
            config.compilation(Compilation::Eager);
        }));
        all.push(configuration(format!("{mode} lazy"), mode, |config| {
            config.compilation(Compilation::Lazy);
        }));
        all.push(configuration(format!("{mode} metered"), mode, |config| {
            config.consume_fuel(true).epoch_interruption(true);
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
