//! Engines to test with: every mode that is compiled in, and the settings that change what code runs.

use riser::{Bounds, Config, Dispatch, Engine, Instance, Linker, Mode, Module, Result, Store, TranslatorConfig};

/// Every mode that is compiled in.
pub fn modes() -> Vec<Mode> {
    let engine = Engine::new(&Config::new()).expect("the default configuration works");
    let modes: Vec<Mode> = Mode::all().into_iter().filter(|&mode| engine.supports(mode)).collect();
    assert!(modes.contains(&Mode::Interp));
    modes
}

/// Runs `test` with an engine for each mode and setting; `set` adds to the configuration. The
/// first argument says which engine it is.
pub fn each(set: impl Fn(&mut Config), mut test: impl FnMut(&str, &Engine)) {
    let mut run = |name: String, mode: Mode, choose: &dyn Fn(&mut Config)| {
        let mut config = Config::new();
        config.mode(mode);
        choose(&mut config);
        set(&mut config);
        test(&name, &Engine::new(&config).expect(&name));
    };
    for bounds in Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()) {
        for mode in modes() {
            if mode != Mode::Interp {
                run(format!("{mode} {bounds}"), mode, &|config| {
                    config.bounds(bounds);
                });
                continue;
            }
            for &dispatch in Dispatch::ALL {
                for (switches, translator) in
                    [("on", TranslatorConfig::optimized()), ("off", TranslatorConfig::naive())]
                {
                    run(format!("{mode} {dispatch} {bounds} switches-{switches}"), mode, &|config| {
                        config.dispatch(dispatch).bounds(bounds).translator(translator);
                    });
                }
            }
        }
    }
}

/// Runs `test` with every pair of modes.
pub fn each_pair(mut test: impl FnMut(Mode, Mode)) {
    for a in modes() {
        for b in modes() {
            test(a, b);
        }
    }
}

/// A module in the text format.
pub fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, text).unwrap_or_else(|error| panic!("{error:?}"))
}

/// An instance without imports.
pub fn instance<T>(store: &mut Store<T>, text: &str) -> Instance {
    let module = module(store.engine(), text);
    Instance::new(store, &module, &[]).unwrap_or_else(|error| panic!("{error:?}"))
}

/// An instance that runs in `mode`, whatever the engine's default is.
pub fn instance_in<T>(store: &mut Store<T>, linker: &Linker<T>, mode: Mode, text: &str) -> Result<Instance> {
    let module = module(store.engine(), text);
    let instance = linker.instantiate(&mut *store, &module)?;
    instance.set_mode(&mut *store, mode)?;
    assert_eq!(instance.mode(&*store), mode);
    Ok(instance)
}
