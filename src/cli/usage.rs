//! Command lines that are wrong in a way that only the subcommand sees: flags that do not fit each other, or what they are given with.

use std::fmt;

/// The error that the command line is wrong. The message says what, and what to do.
#[derive(Debug)]
pub struct Misuse(String);

impl Misuse {
    /// With a message.
    pub fn new(message: impl Into<String>) -> Misuse {
        Misuse(message.into())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}
