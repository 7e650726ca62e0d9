//! Configurations, engines and stores.

use riser::{Config, Engine};

use crate::info::Info;
use crate::store::StoreRef;
use crate::tiers;

/// `wasm_config_t`.
pub struct ConfigBox(pub Config);

/// `wasm_engine_t`.
pub struct EngineBox(pub Engine);

#[unsafe(no_mangle)]
extern "C" fn wasm_config_new() -> Box<ConfigBox> {
    Box::new(ConfigBox(tiers::config()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_config_delete(config: Option<Box<ConfigBox>>) {
    drop(config);
}

#[unsafe(no_mangle)]
extern "C" fn wasm_engine_new() -> Option<Box<EngineBox>> {
    wasm_engine_new_with_config(None)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_engine_new_with_config(config: Option<Box<ConfigBox>>) -> Option<Box<EngineBox>> {
    let config = config.map_or_else(tiers::config, |config| config.0);
    Engine::new(&config).ok().map(|engine| Box::new(EngineBox(engine)))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_engine_delete(engine: Option<Box<EngineBox>>) {
    drop(engine);
}

#[unsafe(no_mangle)]
extern "C" fn wasm_store_new(engine: Option<&EngineBox>) -> Option<Box<StoreRef>> {
    engine.map(|engine| Box::new(StoreRef::new(&engine.0, Info::default())))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_store_delete(store: Option<Box<StoreRef>>) {
    drop(store);
}
