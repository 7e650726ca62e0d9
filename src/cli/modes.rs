//! `riser modes`.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::{Config, Dispatch, Engine, Mode, Proposal};

use super::out;

/// List the running modes, whether this build has them, and what they support
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  riser modes\n  riser modes --json\n  for mode in $(riser modes --names); do riser run --mode $mode program.wasm; done"
)]
pub struct Modes {
    /// Print the names of the modes that this build has, one a line
    #[arg(long)]
    names: bool,

    /// Print everything as a JSON object
    #[arg(long, conflicts_with = "names")]
    json: bool,
}

impl Modes {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let engine = Engine::new(&Config::new())?;
        if self.json {
            let text = serde_json::to_string_pretty(&json(&engine))?;
            return out::print(|out| Ok(writeln!(out, "{text}")?));
        }
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
                if mode == Mode::Interp {
                    writeln!(out, "{:<width$} dispatch: {}", "", dispatch().join(", "))?;
                }
            }
            if !self.names {
                write!(out, "\n{}", proposals(&engine))?;
            }
            Ok(())
        })
    }
}

/// Modes, dispatch strategies and proposals.
fn json(engine: &Engine) -> Value {
    let modes = Mode::all().into_iter().map(|mode| {
        let why = engine.check_mode(mode).err().map(|why| why.to_string());
        json!({
            "name": mode.name(),
            "is_available": why.is_none(),
            "is_default": mode == engine.default_mode(),
            "why_not": why,
        })
    });
    let dispatch = Dispatch::ALL.iter().map(|it| json!({ "name": it.name(), "effective": it.effective().name() }));
    let proposals =
        Proposal::ALL.iter().map(|it| json!({ "name": it.name(), "is_on_by_default": it.is_on_by_default() }));
    json!({
        "modes": modes.collect::<Vec<_>>(),
        "dispatch": dispatch.collect::<Vec<_>>(),
        "proposals": proposals.collect::<Vec<_>>(),
    })
}

/// The table of proposals and modes.
fn proposals(engine: &Engine) -> String {
    const NOTE: &str = "\
On or off is what modules may use unless the program that embeds Riser says otherwise. The
commands let them use all, unless `--wasm NAME=n` is given; `--wasm help` says what each is.
";
    let first = Proposal::ALL.iter().map(|proposal| proposal.name().len()).max().unwrap_or(0);
    let row = |head: &str, cells: &mut dyn Iterator<Item = (Mode, &str)>| {
        let cells = cells.map(|(mode, cell)| format!("  {cell:<width$}", width = mode.name().len()));
        format!("{}\n", format!("{head:<first$}{}", cells.collect::<String>()).trim_end())
    };
    let mut table = row("proposal", &mut Mode::all().into_iter().map(|mode| (mode, mode.name())));
    for &proposal in Proposal::ALL {
        let cell = |mode| match engine.supports(mode) {
            true if proposal.is_on_by_default() => "on",
            true => "off",
            false => "-",
        };
        table += &row(proposal.name(), &mut Mode::all().into_iter().map(|mode| (mode, cell(mode))));
    }
    table + "\n" + NOTE
}

/// The dispatch strategies, with the replacements of those that this build lacks.
fn dispatch() -> Vec<String> {
    let strategies = Dispatch::ALL.iter().map(|&asked| match asked.effective() {
        effective if effective == asked => asked.to_string(),
        effective => format!("{asked} (falls back to {effective} in this build)"),
    });
    strategies.collect()
}
