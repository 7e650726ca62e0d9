//! The errors that end a guest.

use std::fmt;

/// The guest called `proc_exit` with this code.
///
/// An engine carries it out of the guest as an error; whoever runs the guest downcasts the error
/// to `Exit` to tell a normal end from a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(
    /// The exit code as the guest gave it. Most systems keep its low 8 bits.
    pub i32,
);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exited with status {}", self.0)
    }
}

impl std::error::Error for Exit {}

/// Why a WASI function did not return to the guest.
#[derive(Debug)]
pub enum WasiError {
    /// `proc_exit` with this code.
    Exit(i32),
    /// The host could not carry the call out, and no errno describes that.
    Other(anyhow::Error),
}

impl fmt::Display for WasiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => Exit(*code).fmt(f),
            Self::Other(error) => error.fmt(f),
        }
    }
}

/// `Exit` becomes an [`Exit`] that `downcast_ref` finds again.
impl From<WasiError> for anyhow::Error {
    fn from(error: WasiError) -> Self {
        match error {
            WasiError::Exit(code) => Self::new(Exit(code)),
            WasiError::Other(error) => error,
        }
    }
}
