//! `riser modes`.

use anyhow::Result;
use clap::Args;

use crate::{Config, Dispatch, Engine, FEATURES, Mode};

use super::out;

/// List the running modes, whether this build has them, and what they support
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  riser modes\n  for mode in $(riser modes --names); do riser run --mode $mode program.wasm; done"
)]
pub struct Modes {
    /// Print the names of the modes that this build has, one a line
    #[arg(long)]
    names: bool,
}

impl Modes {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let engine = Engine::new(&Config::new())?;
        out::print(|out| {
            let modes = Mode::all();
            let width = modes.iter().map(|mode| mode.name().len()).max().unwrap_or(0);
            for mode in modes {
                let supported = engine.supports(mode);
                if self.names {
                    if supported {
                        writeln!(out, "{mode}")?;
                    }
                    continue;
                }
                let state = match engine.check_mode(mode) {
                    Ok(()) if mode == engine.default_mode() => "available, the default".to_owned(),
                    Ok(()) => "available".to_owned(),
                    Err(why) => why.to_string(),
                };
                writeln!(out, "{:<width$} {state}", mode.name())?;
                if supported {
                    writeln!(out, "{:<width$} {}", "", FEATURES.join(", "))?;
                }
                if mode == Mode::Interp {
                    writeln!(out, "{:<width$} dispatch: {}", "", dispatch().join(", "))?;
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
