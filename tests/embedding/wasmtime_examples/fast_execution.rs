//! Settings for fast code.

use riser::{Config, Engine, Result, Strategy};

const CROSS_COMPILING: bool = false;

pub fn main() -> Result<()> {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift);
    config.signals_based_traps(true);
    config.memory_reservation(1 << 32);
    config.memory_guard_size(1 << 32);

    if CROSS_COMPILING {
        #[expect(unused_unsafe, reason = "these functions are unsafe in Wasmtime")]
        // SAFETY: here they are safe.
        unsafe {
            if let Err(error) = config.target("x86_64") {
                eprintln!("there is no compiler for x86_64: {error:?}");
                return Ok(());
            }
            config.cranelift_flag_enable("has_sse41");
            config.cranelift_flag_enable("has_avx");
            config.cranelift_flag_enable("has_avx2");
            config.cranelift_flag_enable("has_lzcnt");
        }
    }

    let engine = match Engine::new(&config) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("this machine does not support the configuration: {error:?}");
            return Ok(());
        }
    };
    let _ = engine;
    Ok(())
}
