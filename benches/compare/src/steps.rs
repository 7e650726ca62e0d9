//! The steps from naive register code to the default, and what each is worth.
//!
//! The first table begins with code as a textbook translation makes it, run by a `switch`, goes through
//! the dispatch strategies, and turns the translator's switches on, one after the other, in
//! the order of [`TranslatorConfig::SWITCHES`]. The others go one step back from the default.

use anyhow::Result;
use clap::Args;
use riser::{Bounds, Dispatch, TranslatorConfig};
use riser_measure::tables;

use crate::common::Common;
use crate::measure;

/// Options of `steps`.
#[derive(Args)]
pub struct Steps {
    #[command(flatten)]
    common: Common,
    /// Only programs whose set and name contain this; can be repeated. The repository's own programs and one
    /// CoreMark unless given
    #[arg(long)]
    filter: Vec<String>,
}

/// The program that has a column of its own.
const COREMARK: &str = "coremark/coremark-1000";

/// The register interpreter as it comes.
const DEFAULT: &str = "interp";

/// Strategies of dispatch, from the plainest; the last is the default.
fn dispatches() -> Vec<Dispatch> {
    let others = Dispatch::ALL.iter().copied().filter(|&dispatch| dispatch != Dispatch::default());
    others.chain([Dispatch::default()]).collect()
}

/// From the first idea to the default.
fn ideas() -> Vec<String> {
    let mut engines: Vec<String> =
        dispatches().into_iter().map(|dispatch| format!("interp naive {dispatch}")).collect();
    let (mut switches, last) = ("naive".to_owned(), TranslatorConfig::SWITCHES.len() - 1);
    for (switch, _) in &TranslatorConfig::SWITCHES[..last] {
        switches = format!("{switches}+{switch}");
        engines.push(format!("interp {switches}"));
    }
    engines.push(DEFAULT.to_owned());
    engines
}

/// The default without one switch.
fn without_one() -> impl Iterator<Item = String> {
    TranslatorConfig::SWITCHES.iter().map(|(switch, _)| format!("interp -{switch}"))
}

/// The default with another strategy.
fn strategies() -> impl Iterator<Item = String> {
    let dispatches = dispatches().into_iter().filter(|&it| it != Dispatch::default()).map(|it| it.name());
    let others = Bounds::ALL.iter().filter(|&&bounds| bounds != Bounds::default() && bounds.is_supported());
    dispatches.chain(others.map(|it| it.name())).map(|name| format!("interp {name}"))
}

impl Steps {
    /// Measures, and prints the tables.
    pub fn execute(self) -> Result<()> {
        let filters = match self.filter.is_empty() {
            true => vec!["programs/".to_owned(), COREMARK.to_owned()],
            false => self.filter.clone(),
        };
        let engines: Vec<String> = ideas().into_iter().chain(without_one()).chain(strategies()).collect();
        let record = self.common.record(|rounds| measure::run(&measure::select(&filters)?, &engines, rounds))?;
        for kind in ["ideas", "switches", "strategies"] {
            println!("{}", tables::table(kind, &record)?);
        }
        Ok(())
    }
}
