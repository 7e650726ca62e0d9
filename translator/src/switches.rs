//! Settings of the switches, as people write and read them.

use std::fmt;

use crate::config::TranslatorConfig;

/// A setting of the translator's switches: all on but some, or all off but some.
///
/// The text form is `optimized`, `naive`, `no-NAME` (all but that one) or `only-NAME`; several names are joined by `+`,
/// as in `no-pairs+accumulators`.
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

    /// The switches of a configuration, in the shorter of the two forms.
    pub fn of(config: &TranslatorConfig) -> Switches {
        let names = TranslatorConfig::SWITCHES.iter().map(|&(name, _)| name);
        let (on, off): (Vec<_>, Vec<_>) = names.partition(|name| config.get(name) == Some(true));
        if off.len() < on.len() { Switches::without(&off) } else { Switches::only(&on) }
    }

    /// Parses the text form.
    ///
    /// # Errors
    ///
    /// What is expected instead, or the names that there are.
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

    /// Whether all switches are on but the [named](Switches::names) ones, rather than off.
    pub fn others(&self) -> bool {
        self.others
    }

    /// The switches that are not as the others.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Whether the switch with this name is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.others != self.names.contains(&name)
    }

    /// The setting as a configuration, without instrumentation.
    pub fn config(&self) -> TranslatorConfig {
        let mut config = TranslatorConfig::naive();
        for (name, _) in TranslatorConfig::SWITCHES {
            config.set(name, self.is_on(name));
        }
        config
    }
}

/// The switch with a name.
///
/// # Errors
///
/// The names that there are.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_read_back() {
        for text in ["optimized", "naive", "no-pairs", "only-pairs", "no-accumulators+pairs"] {
            let switches = Switches::parse(text).expect("is one");
            assert_eq!(switches.to_string(), text);
            assert_eq!(Switches::of(&switches.config()), switches);
        }
        assert!(Switches::parse("no-pairs").expect("is one").is_on("accumulators"));
        assert!(!Switches::parse("only-pairs").expect("is one").is_on("accumulators"));
        assert!(Switches::parse("pairs").expect_err("says how").contains("no-NAME"));
        assert!(Switches::parse("no-such").expect_err("says which").contains("`such`; there are provider-elision"));
    }
}
