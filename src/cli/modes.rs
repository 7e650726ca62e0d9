//! `riser modes`.

use anyhow::Result;
use clap::Args;
use riser::{Config, Engine, FEATURES, Mode};

/// List the running modes that are compiled in, and what they support
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  riser modes\n  for mode in $(riser modes --names); do riser run --mode $mode program.wasm; done"
)]
pub struct Modes {
    /// Print the names of the modes that are compiled in, one a line
    #[arg(long)]
    names: bool,
}

impl Modes {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let engine = Engine::new(&Config::new())?;
        for &mode in Mode::ALL {
            let supported = engine.supports(mode);
            if self.names {
                if supported {
                    println!("{mode}");
                }
                continue;
            }
            let state = match mode.feature() {
                _ if supported && mode == engine.default_mode() => "compiled in, the default".to_owned(),
                _ if supported => "compiled in".to_owned(),
                Some(feature) => format!("not compiled in; needs the cargo feature `{feature}`"),
                None => "not compiled in".to_owned(),
            };
            println!("{:<10} {state}", mode.name());
            if supported {
                println!("           {}", FEATURES.join(", "));
            }
        }
        Ok(())
    }
}
