//! `--monitor`: monitors of a run, and where their reports go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use crate::Config;
use crate::monitors::{self, Report, by_name};

use super::input::STDIN;
use super::names::nearest;
use super::out;
use super::output::OutputFile;

/// A value of the flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorFlag {
    name: String,
    file: Option<PathBuf>,
}

impl MonitorFlag {
    /// The file for the report, if it has one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Parses `NAME[=FILE]`.
    pub fn parse(text: &str) -> Result<MonitorFlag, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        if by_name(name).is_none() {
            let names: Vec<&str> = monitors::names().collect();
            let near = nearest(name, names.iter().copied());
            return Err(format!("there is no monitor `{name}`{near}; there are {}", names.join(", ")));
        }
        if file == Some("") {
            return Err("the file for the report has no name".to_owned());
        }
        if file == Some(STDIN) {
            return Err(out::GUESTS.to_owned());
        }
        Ok(MonitorFlag { name: name.to_owned(), file: file.map(PathBuf::from) })
    }
}

/// The monitors of a run.
pub struct Monitors(Vec<(Arc<dyn Report>, Option<OutputFile>)>);

impl Monitors {
    /// Makes the monitors that the flags name.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn new(flags: &[MonitorFlag]) -> Result<Monitors> {
        let monitors = flags.iter().filter_map(|flag| {
            let monitor = by_name(&flag.name)?;
            let file = flag.file.clone().map(OutputFile::find).transpose();
            Some(file.map(|file| (monitor, file)))
        });
        monitors.collect::<Result<_>>().map(Monitors)
    }

    /// Adds them to a configuration.
    pub fn add_to(&self, config: &mut Config) {
        for (monitor, _) in &self.0 {
            config.monitor(monitor.clone());
        }
    }

    /// Writes the reports: to their files, or to standard error.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn report(&self) -> Result<()> {
        for (monitor, file) in &self.0 {
            match file {
                Some(file) => file.write(monitor.report())?,
                None => out::tell(monitor.report()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_is_a_name_and_perhaps_a_file() {
        let flag =
            |name: &str, file: Option<&str>| Ok(MonitorFlag { name: name.into(), file: file.map(PathBuf::from) });
        assert_eq!(MonitorFlag::parse("calls"), flag("calls", None));
        assert_eq!(MonitorFlag::parse("coverage=a=b.lcov"), flag("coverage", Some("a=b.lcov")));
        assert!(MonitorFlag::parse("calls=").is_err());
        assert_eq!(MonitorFlag::parse("calls=-"), Err(out::GUESTS.to_owned()));
        assert!(MonitorFlag::parse("call").is_err_and(|why| why.contains("did you mean `calls`")));
    }
}
