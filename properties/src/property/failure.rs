//! Why a property does not hold.

use std::fmt;

use riser_translator::ir::Function;
use riser_translator::{Switches, TranslatorConfig};

/// Why a property does not hold for a module.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What is wrong, in words.
    pub message: String,
    /// The configuration that shows it, if it depends on one.
    pub config: Option<TranslatorConfig>,
    /// The IR that is wrong, if IR is.
    pub ir: Vec<Function>,
}

impl Failure {
    /// A failure under a configuration, in these functions.
    pub fn under(config: &TranslatorConfig, message: impl Into<String>, ir: &[Function]) -> Failure {
        Failure { message: message.into(), config: Some(*config), ir: ir.to_vec() }
    }

    /// The configuration that shows it, in words.
    pub fn configuration(&self) -> Option<String> {
        self.config.as_ref().map(describe)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure { message, config: None, ir: Vec::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(config) = self.configuration() {
            write!(f, "\n{config}")?;
        }
        self.ir.iter().try_for_each(|function| write!(f, "\n{function}"))
    }
}

/// A configuration as a setting of the switches, with the instrumentation that is on.
fn describe(config: &TranslatorConfig) -> String {
    let mut words = vec![Switches::of(config).to_string()];
    words.extend(config.fuel.then(|| "fuel".to_owned()));
    words.extend(config.epoch.then(|| "epoch".to_owned()));
    words.join(", ")
}
