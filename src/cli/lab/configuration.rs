//! Configurations of `riser run`: a mode, and what differs within it.

use std::fmt;
use std::path::PathBuf;

use super::program::Setting;
use crate::translator::Switches;
use crate::{Bounds, Dispatch, Mode};

/// How a program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The mode.
    pub mode: Mode,
    /// The dispatch strategy, if it is not the default.
    pub dispatch: Option<Dispatch>,
    /// The bounds strategy, if it is not the default.
    pub bounds: Option<Bounds>,
    /// The translator's switches, if they are not the default.
    pub switches: Option<Switches>,
    /// What else it is, if it is of a [series](super::series).
    pub step: Option<Step>,
}

/// What sets a configuration of a series apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in tables, in place of that of the configuration.
    pub name: String,
    /// Further flags of `riser run`.
    pub flags: Vec<&'static str>,
}

/// The flags of `riser run` for a setting of the switches.
fn switch_flags(switches: &Switches) -> Vec<String> {
    let (all, flag) = match switches.others() {
        true => (None, "--translator-off"),
        false => (Some("--translator-naive".to_owned()), "--translator-on"),
    };
    let names = switches.names().iter().flat_map(|name| [flag.to_owned(), (*name).to_owned()]);
    all.into_iter().chain(names).collect()
}

impl Configuration {
    /// A mode, with everything else as by default.
    pub fn of(mode: Mode) -> Configuration {
        Configuration { mode, dispatch: None, bounds: None, switches: None, step: None }
    }

    /// Whether the mode runs code of the register interpreter by design, so that dispatch and switches matter.
    pub fn interprets(mode: Mode) -> bool {
        matches!(mode, Mode::Interp | Mode::MultiTier)
    }

    /// How to run a program so, from copies of this executable.
    pub fn setting<'a>(&self, executables: &'a [PathBuf]) -> Setting<'a> {
        Setting { name: self.to_string(), flags: self.flags(), compile: self.compile_flags(), executables }
    }

    /// The flags of `riser run`.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec!["--mode".to_owned(), self.mode.name().to_owned()];
        if let Some(dispatch) = self.dispatch {
            flags.extend(["--dispatch".to_owned(), dispatch.name().to_owned()]);
        }
        if let Some(bounds) = self.bounds.filter(|_| self.mode != Mode::Aot) {
            flags.extend(["--bounds".to_owned(), bounds.name().to_owned()]);
        }
        flags.extend(self.switches.iter().flat_map(switch_flags));
        flags.extend(self.step.iter().flat_map(|step| &step.flags).map(|&flag| flag.to_owned()));
        flags
    }

    /// The flags of `riser compile`, if the program has to be compiled before it runs.
    pub fn compile_flags(&self) -> Option<Vec<String>> {
        (self.mode == Mode::Aot).then(|| {
            let bounds = self.bounds.map(|bounds| ["--bounds".to_owned(), bounds.name().to_owned()]);
            bounds.into_iter().flatten().collect()
        })
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = &self.step {
            return f.write_str(&step.name);
        }
        f.write_str(self.mode.name())?;
        if let Some(dispatch) = self.dispatch {
            write!(f, " {dispatch}")?;
        }
        if let Some(bounds) = self.bounds {
            write!(f, " {bounds}")?;
        }
        if let Some(switches) = &self.switches {
            write!(f, " {switches}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_of_run() {
        let all = Configuration {
            mode: Mode::Interp,
            dispatch: Some(Dispatch::Switch),
            bounds: Some(Bounds::Explicit),
            switches: Some(Switches::only(&["pairs"])),
            step: None,
        };
        let flags = "--mode interp --dispatch switch --bounds explicit --translator-naive --translator-on pairs";
        assert_eq!(all.flags().join(" "), flags);
        assert_eq!(all.to_string(), "interp switch explicit only-pairs");
        let ahead = Configuration { bounds: Some(Bounds::Guard), ..Configuration::of(Mode::Aot) };
        assert_eq!(ahead.flags().join(" "), "--mode aot");
        assert_eq!(ahead.compile_flags().expect("is compiled").join(" "), "--bounds guard");
        let step = Step { name: "the least".to_owned(), flags: vec!["--fast-jit-opt", "none"] };
        let step = Configuration { step: Some(step), ..Configuration::of(crate::modes::FAST_JIT) };
        assert_eq!(
            (step.to_string().as_str(), &*step.flags().join(" ")),
            ("the least", "--mode fast-jit --fast-jit-opt none")
        );
    }
}
