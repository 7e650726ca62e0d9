//! How a WASI function fails: with an errno the guest sees, or with an error that ends the guest.

use std::fmt;
use std::io;

use wasi_common::snapshots::preview_1::types::Errno;
use wiggle::GuestError;

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

/// The errno for a failed call, or the error itself where the guest cannot be told.
pub(crate) fn errno_of(error: wiggle::error::Error) -> Result<u32, WasiError> {
    let errno = if let Some(guest) = error.downcast_ref::<GuestError>() {
        errno_of_guest_error(guest)
    } else if error.downcast_ref::<io::Error>().is_some() {
        // An I/O error without an errno of its own, as a host's `Read` or `Write` may return.
        Errno::Io
    } else {
        return Err(WasiError::Other(anyhow::Error::from_boxed(error.into_boxed_dyn_error())));
    };
    Ok(u32::from(u16::from(errno)))
}

fn errno_of_guest_error(error: &GuestError) -> Errno {
    match error {
        GuestError::PtrOverflow
        | GuestError::PtrOutOfBounds(_)
        | GuestError::SliceLengthsDiffer => Errno::Fault,
        GuestError::PtrNotAligned(..)
        | GuestError::InvalidFlagValue(_)
        | GuestError::InvalidEnumValue(_)
        // A flags argument with bits above its width.
        | GuestError::TryFromIntError(_) => Errno::Inval,
        GuestError::InvalidUtf8(_) => Errno::Ilseq,
        GuestError::InFunc { err, .. } => errno_of_guest_error(err),
    }
}
