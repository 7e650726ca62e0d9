//! Configurations of `riser run`: a mode, and what differs within it.

use std::fmt;
use std::path::PathBuf;

use super::program::Setting;
use crate::{Bounds, Dispatch, Mode, TranslatorConfig};

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
}

/// A setting of the translator's switches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Whether all others are on.
    others: bool,
    /// The switches that are not as the others.
    names: Vec<&'static str>,
}

impl Switches {
    /// Every switch off but these.
    pub fn only(names: &[&'static str]) -> Switches {
        Switches { others: false, names: names.to_vec() }
    }

    /// Every switch on but these.
    pub fn without(names: &[&'static str]) -> Switches {
        Switches { others: true, names: names.to_vec() }
    }

    /// Parses `optimized`, `naive`, `no-NAME` (all but that one) or `only-NAME`; several names are joined by `+`, as in
    /// `no-pairs+accumulators`.
    pub fn parse(text: &str) -> Result<Switches, String> {
        let (others, names) = match text {
            "optimized" => return Ok(Switches::without(&[])),
            "naive" => return Ok(Switches::only(&[])),
            _ => match (text.strip_prefix("no-"), text.strip_prefix("only-")) {
                (Some(names), _) => (true, names),
                (_, Some(names)) => (false, names),
                (None, None) => {
                    return Err("expected optimized, naive, no-NAME or only-NAME, such as no-pairs".to_owned());
                }
            },
        };
        let names = names.split('+').map(switch).collect::<Result<Vec<_>, _>>()?;
        Ok(Switches { others, names })
    }

    fn flags(&self) -> Vec<String> {
        let (all, flag) = match self.others {
            true => (None, "--translator-off"),
            false => (Some("--translator-naive".to_owned()), "--translator-on"),
        };
        let names = self.names.iter().flat_map(|name| [flag.to_owned(), (*name).to_owned()]);
        all.into_iter().chain(names).collect()
    }
}

/// The switch with a name.
pub fn switch(name: &str) -> Result<&'static str, String> {
    let mut names = TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name);
    names.clone().find(|known| *known == name).ok_or_else(|| {
        let known = names.by_ref().collect::<Vec<_>>().join(", ");
        format!("there is no switch `{name}`; there are {known}")
    })
}

impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.others, self.names.is_empty()) {
            (true, true) => f.write_str("optimized"),
            (false, true) => f.write_str("naive"),
            (true, false) => write!(f, "no-{}", self.names.join("+")),
            (false, false) => write!(f, "only-{}", self.names.join("+")),
        }
    }
}

impl Configuration {
    /// A mode, with everything else as by default.
    pub fn of(mode: Mode) -> Configuration {
        Configuration { mode, dispatch: None, bounds: None, switches: None }
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
        flags.extend(self.switches.iter().flat_map(Switches::flags));
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
    fn switches_read_back() {
        for text in ["optimized", "naive", "no-pairs", "only-pairs", "no-pairs+accumulators"] {
            assert_eq!(Switches::parse(text).expect("is one").to_string(), text);
        }
        assert!(Switches::parse("pairs").expect_err("says how").contains("no-NAME"));
        assert!(Switches::parse("no-such").expect_err("says which").contains("`such`; there are provider-elision"));
    }

    #[test]
    fn flags_are_those_of_run() {
        let all = Configuration {
            mode: Mode::Interp,
            dispatch: Some(Dispatch::Switch),
            bounds: Some(Bounds::Explicit),
            switches: Some(Switches::only(&["pairs"])),
        };
        let flags = "--mode interp --dispatch switch --bounds explicit --translator-naive --translator-on pairs";
        assert_eq!(all.flags().join(" "), flags);
        assert_eq!(all.to_string(), "interp switch explicit only-pairs");
        let ahead = Configuration { bounds: Some(Bounds::Guard), ..Configuration::of(Mode::Aot) };
        assert_eq!(ahead.flags().join(" "), "--mode aot");
        assert_eq!(ahead.compile_flags().expect("is compiled").join(" "), "--bounds guard");
    }
}
