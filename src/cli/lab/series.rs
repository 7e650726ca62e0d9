//! Series of configurations that belong in one plot.
//!
//! All code is made before the program runs, by one thread, and unless told otherwise what is compared is how long it then runs: making code
//! and running it are apart.

use riser_lab::Metric;

use super::configuration::{Configuration, Step};
use crate::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use crate::translator::Switches;
use crate::{Dispatch, Mode, TranslatorConfig};

/// A series of configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// From naive code with `switch` dispatch, by one idea after the other, to the modes that compile.
    Ladder,
    /// Each tier with each of its settings.
    Tiers,
}

impl Series {
    /// All series.
    pub const ALL: &[Series] = &[Series::Ladder, Series::Tiers];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Series::Ladder => "ladder",
            Series::Tiers => "tiers",
        }
    }

    /// What is compared.
    pub fn metric(self) -> Metric {
        Metric::Reported("run_ms".to_owned())
    }

    /// Its configurations, in order. The others are compared with the first.
    pub fn configurations(self) -> Vec<Configuration> {
        match self {
            Series::Ladder => ladder(),
            Series::Tiers => tiers(),
        }
    }
}

fn step(configuration: Configuration, name: &str, flags: &[&'static str]) -> Configuration {
    const AHEAD: [&str; 4] = ["--compile", "eager", "--jobs", "1"];
    Configuration { step: Some(Step { name: name.to_owned(), flags: [&AHEAD, flags].concat() }), ..configuration }
}

fn ladder() -> Vec<Configuration> {
    let naive = |dispatch: Dispatch| {
        let switches = Some(Switches::only(&[]));
        let configuration = Configuration { dispatch: Some(dispatch), switches, ..Configuration::of(Mode::Interp) };
        step(configuration, &format!("naive, {dispatch}"), &[])
    };
    // In place of a strategy that this build lacks, another one would run.
    let strategies = Dispatch::ALL.iter().copied().filter(|&it| it != Dispatch::default() && it.effective() == it);
    let mut all: Vec<Configuration> = strategies.map(naive).collect();
    all.push(naive(Dispatch::default()));
    let names: Vec<&'static str> = TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name).collect();
    for (index, name) in names.iter().enumerate() {
        let switches = Some(Switches::only(&names[..=index]));
        all.push(step(Configuration { switches, ..Configuration::of(Mode::Interp) }, &format!("+ {name}"), &[]));
    }
    all.extend([FAST_JIT, LLVM_JIT].map(|mode| step(Configuration::of(mode), mode.name(), &[])));
    all
}

fn tiers() -> Vec<Configuration> {
    let of = |mode: Mode, setting: &str, flags: &[&'static str]| {
        step(Configuration::of(mode), [mode.name(), setting].join(" ").trim_end(), flags)
    };
    const NONE: [&str; 2] = ["--fast-jit-opt", "none"];
    const SINGLE_PASS: [&str; 2] = ["--fast-jit-regalloc", "single-pass"];
    vec![
        of(Mode::Interp, "", &[]),
        of(Mode::Interp, "naive", &["--translator-naive"]),
        of(CLASSIC, "", &[]),
        of(FAST_JIT, "none single-pass", &[NONE, SINGLE_PASS].concat()),
        of(FAST_JIT, "none", &NONE),
        of(FAST_JIT, "single-pass", &SINGLE_PASS),
        of(FAST_JIT, "", &[]),
        of(LLVM_JIT, "0", &["--llvm-opt", "0"]),
        of(LLVM_JIT, "1", &["--llvm-opt", "1"]),
        of(LLVM_JIT, "2", &["--llvm-opt", "2"]),
        of(LLVM_JIT, "3", &["--llvm-opt", "3"]),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_ladder_ends_with_all_switches_on() {
        let all = Series::Ladder.configurations();
        assert_eq!(all[0].to_string(), "naive, switch");
        let last = all.iter().rfind(|it| it.mode == Mode::Interp).expect("interpreters");
        let switches = last.switches.as_ref().expect("has switches").config();
        assert_eq!(switches, TranslatorConfig::optimized());
        assert_eq!(last.dispatch, None);
        assert_eq!(all.last().map(|it| it.mode), Some(LLVM_JIT));
    }

    #[test]
    fn no_two_configurations_have_one_name() {
        for series in Series::ALL {
            let all = series.configurations();
            assert_eq!(all.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(), all.len());
        }
    }
}
