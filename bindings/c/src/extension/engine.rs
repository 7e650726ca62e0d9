//! Engines, and their modes.

use std::ffi::c_char;
use std::ptr;
use std::str::FromStr;
use std::sync::OnceLock;

use anyhow::Result;
use riser::{Engine, Mode};

use super::given;
use crate::failure::{Outcome, outcome, outcome_into};
use crate::standard::{ConfigBox, EngineBox};
use crate::text::{lasting, text};
use crate::tiers;
use crate::vector::{Item, Out};

#[unsafe(no_mangle)]
extern "C" fn riser_engine_new(config: Item<ConfigBox>, out: Out<'_, Item<EngineBox>>) -> Outcome {
    let config = config.map_or_else(tiers::config, |config| config.0);
    outcome_into(None, out, || Ok(Some(Box::new(EngineBox(Engine::new(&config)?)))))
}

#[unsafe(no_mangle)]
extern "C" fn riser_engine_copy(engine: Option<&EngineBox>) -> Item<EngineBox> {
    engine.map(|engine| Box::new(EngineBox(engine.0.clone())))
}

#[unsafe(no_mangle)]
extern "C" fn riser_engine_increment_epoch(engine: Option<&EngineBox>) {
    if let Some(engine) = engine {
        engine.0.increment_epoch();
    }
}

/// The mode with this name.
///
/// # Errors
///
/// If there is none.
///
/// # Safety
///
/// The name is null, or ends with a null byte.
pub unsafe fn mode(name: *const c_char) -> Result<Mode> {
    // SAFETY: by the contract of this function.
    Ok(Mode::from_str(unsafe { text(name, "the mode's name") }?)?)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_is_mode_supported(name: *const c_char) -> bool {
    static DEFAULT: OnceLock<Option<Engine>> = OnceLock::new();
    let engine = DEFAULT.get_or_init(|| Engine::new(&tiers::config()).ok());
    // SAFETY: C passes a name.
    let mode = unsafe { mode(name) };
    engine.as_ref().zip(mode.ok()).is_some_and(|(engine, mode)| engine.check_mode(mode).is_ok())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_engine_check_mode(engine: Option<&EngineBox>, name: *const c_char) -> Outcome {
    // SAFETY: C passes a name.
    outcome(None, || given::engine(engine)?.check_mode(unsafe { mode(name) }?))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_engine_set_default_mode(engine: Option<&EngineBox>, name: *const c_char) -> Outcome {
    // SAFETY: C passes a name.
    outcome(None, || given::engine(engine)?.set_default_mode(unsafe { mode(name) }?))
}

#[unsafe(no_mangle)]
extern "C" fn riser_engine_default_mode(engine: Option<&EngineBox>) -> *const c_char {
    engine.map_or(ptr::null(), |engine| lasting(engine.0.default_mode().name()))
}
