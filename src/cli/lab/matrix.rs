//! Combinations of modes, strategies and switches.

use anyhow::{Result, bail, ensure};
use clap::Args;

use super::configuration::Configuration;
use super::series::Series;
use crate::cli::engine::{mode, one_of};
use crate::cli::usage::Misuse;
use crate::translator::Switches;
use crate::{Bounds, Dispatch, Mode};

/// What is combined.
#[derive(Args, Clone, Debug, Default)]
pub struct Matrix {
    /// Modes; unless given, all that this build has
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = mode())]
    pub modes: Vec<Mode>,

    /// Dispatch strategies, for the modes that interpret
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of(Dispatch::ALL, Dispatch::name))]
    pub dispatch: Vec<Dispatch>,

    /// Bounds strategies
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = one_of(Bounds::ALL, Bounds::name))]
    pub bounds: Vec<Bounds>,

    /// Settings of the translator's switches, for the modes that interpret: `optimized`, `naive`, `no-NAME` (all but
    /// that one), `only-NAME`; several names are joined by `+`
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = Switches::parse)]
    pub switches: Vec<Switches>,

    /// In place of the above: `ladder`, from naive code with `switch` dispatch, by one idea after the other, to the modes that
    /// compile; or `tiers`, each tier with each of its settings. All code is made before the program runs, and the metric is
    /// `run_ms` unless given
    #[arg(long, value_name = "SERIES", value_parser = one_of(Series::ALL, Series::name), hide_possible_values = true,
          conflicts_with_all = ["modes", "dispatch", "bounds", "switches"])]
    pub series: Option<Series>,
}

impl Matrix {
    /// The flags that were given.
    pub fn given(&self) -> Vec<&'static str> {
        let Matrix { modes, dispatch, bounds, switches, series } = self;
        let flags = [
            ("--modes", modes.is_empty()),
            ("--dispatch", dispatch.is_empty()),
            ("--bounds", bounds.is_empty()),
            ("--switches", switches.is_empty()),
            ("--series", series.is_none()),
        ];
        flags.into_iter().filter(|(_, is_empty)| !is_empty).map(|(flag, _)| flag).collect()
    }

    /// All combinations of what is given, as far as it applies to the mode. `built_in` are the names of the modes that there are.
    pub fn configurations(&self, built_in: &[String]) -> Result<Vec<Configuration>> {
        let is_built_in = |mode: &Mode| built_in.iter().any(|name| name == mode.name());
        if let Some(series) = self.series {
            return Ok(series.configurations().into_iter().filter(|it| is_built_in(&it.mode)).collect());
        }
        let mut modes = self.modes.clone();
        if let Some(mode) = modes.iter().find(|mode| !is_built_in(mode)) {
            bail!("this build lacks the mode `{mode}`: `riser modes` says what to do");
        }
        if modes.is_empty() {
            modes.extend(Mode::all().into_iter().filter(is_built_in));
            // The others are compared with the first.
            modes.sort_by_key(|&mode| mode != Mode::Interp);
        }
        let interprets = modes.iter().any(|&mode| Configuration::interprets(mode));
        for (flag, is_given) in [("--dispatch", !self.dispatch.is_empty()), ("--switches", !self.switches.is_empty())] {
            let why = || format!("{flag} does nothing in these modes: it is for interp and multi-tier");
            ensure!(!is_given || interprets, Misuse::new(why()));
        }
        let mut configurations = Vec::new();
        for mode in modes {
            let interprets = Configuration::interprets(mode);
            for dispatch in alternatives(&self.dispatch, interprets) {
                for bounds in alternatives(&self.bounds, true) {
                    for switches in alternatives(&self.switches, interprets) {
                        configurations.push(Configuration { dispatch, bounds, switches, ..Configuration::of(mode) });
                    }
                }
            }
        }
        Ok(configurations)
    }
}

/// The given values; or the default, if there are none or they do not apply.
fn alternatives<T: Clone>(given: &[T], applies: bool) -> Vec<Option<T>> {
    match applies && !given.is_empty() {
        true => given.iter().cloned().map(Some).collect(),
        false => vec![None],
    }
}
