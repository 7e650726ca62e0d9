//! Machine code in a file.

use riser::{Config, Engine, Result, Strategy};

pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift);
    if let Err(error) = config.target("x86_64") {
        eprintln!("there is no compiler for x86_64: {error:?}");
        return Ok(());
    }
    let engine = match Engine::new(&config) {
        Ok(engine) => engine,
        Err(error) => {
            println!("the configuration is not supported: {error:?}");
            return Ok(());
        }
    };
    let precompiled = engine.precompile_module(
        r#"
            (module
              (func (export "add") (param i32 i32) (result i32)
                (i32.add (local.get 0) (local.get 1))))
        "#
        .as_bytes(),
    )?;
    std::fs::write("add.cwasm", &precompiled)?;
    Ok(())
}
