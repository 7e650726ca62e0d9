//! `riser modes`.

use anyhow::Result;
use clap::Args;
use riser::{Config, Dispatch, Engine, FEATURES, Mode};

use super::out;

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
        out::print(|out| {
            for &mode in Mode::ALL {
                let supported = engine.supports(mode);
                if self.names {
                    if supported {
                        writeln!(out, "{mode}")?;
                    }
                    continue;
                }
                let state = match mode.feature() {
                    _ if supported && mode == engine.default_mode() => "compiled in, the default".to_owned(),
                    _ if supported => "compiled in".to_owned(),
                    Some(feature) => format!("not compiled in; needs the cargo feature `{feature}`"),
                    None => "not compiled in".to_owned(),
                };
                writeln!(out, "{:<10} {state}", mode.name())?;
                if supported {
                    writeln!(out, "           {}", FEATURES.join(", "))?;
                }
                if mode == Mode::Interp {
                    writeln!(out, "           dispatch: {}", dispatch().join(", "))?;
                }
            }
            Ok(())
        })
    }
}

/// The dispatch strategies, with the replacements of those that this build lacks.
fn dispatch() -> Vec<String> {
    let strategies = Dispatch::ALL.iter().map(|&asked| match asked.effective() {
        effective if effective == asked => asked.to_string(),
        effective => format!("{asked} (falls back to {effective} in this build)"),
    });
    strategies.collect()
}
