//! Settings for a quick start.

use riser::{Cache, Config, Engine, Result, Strategy};

pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.cache(Some(Cache::from_file(None)?));
    config.strategy(Strategy::Winch);
    config.parallel_compilation(true);
    let engine = Engine::new(&config)?;
    let _ = engine;
    Ok(())
}
