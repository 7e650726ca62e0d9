//! The shared bytes of a module, of which there is one copy.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// Immutable bytes with shared ownership. Cheap to clone; clones share them.
///
/// Made from a `Vec`, it takes over the `Vec`'s bytes without a copy, and frees spare capacity. Made from borrowed
/// bytes, it is a copy.
// An `Arc<[u8]>` stores its counts before the bytes, and so would have to copy any `Vec`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedBytes(Arc<Vec<u8>>);

impl SharedBytes {
    /// Returns what `convert` makes of these bytes, if that is something else, and drops these; otherwise returns these
    /// bytes.
    ///
    /// # Errors
    ///
    /// The error of `convert`.
    pub fn converted<E>(self, convert: impl FnOnce(&[u8]) -> Result<Cow<'_, [u8]>, E>) -> Result<SharedBytes, E> {
        let made = match convert(&self)? {
            Cow::Owned(made) => Some(made),
            Cow::Borrowed(_) => None,
        };
        Ok(made.map_or(self, SharedBytes::from))
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for SharedBytes {
    fn from(mut bytes: Vec<u8>) -> SharedBytes {
        bytes.shrink_to_fit();
        SharedBytes(Arc::new(bytes))
    }
}

impl From<&[u8]> for SharedBytes {
    fn from(bytes: &[u8]) -> SharedBytes {
        bytes.to_vec().into()
    }
}

impl<const LEN: usize> From<[u8; LEN]> for SharedBytes {
    fn from(bytes: [u8; LEN]) -> SharedBytes {
        Vec::from(bytes).into()
    }
}

impl From<Cow<'_, [u8]>> for SharedBytes {
    fn from(bytes: Cow<'_, [u8]>) -> SharedBytes {
        bytes.into_owned().into()
    }
}
