//! Whether a guest has the descriptors that it was given, and no others: a module cannot say that it has.

use anyhow::{Result, bail, ensure};

use crate::wasi::{DescriptorInfo, DescriptorKind};

/// Checks that a guest's descriptors are those that it was given.
///
/// # Errors
///
/// If they are not.
pub fn check(given: &[DescriptorInfo], now: &[DescriptorInfo]) -> Result<()> {
    for descriptor in now {
        match &descriptor.kind {
            DescriptorKind::Opened { preopen, path } => {
                bail!(
                    "the guest has `{path}` of its directory `{preopen}` open, which a module cannot contain; a snapshot can"
                )
            }
            DescriptorKind::Listener
            | DescriptorKind::Connection
            | DescriptorKind::Stdin
            | DescriptorKind::Stdout
            | DescriptorKind::Stderr
            | DescriptorKind::Preopen { .. } => {}
        }
    }
    // Positions are the host's affair: these descriptors lead to what the guest does not have to itself.
    let is_same = |given: &DescriptorInfo, now: &DescriptorInfo| {
        let state = |it: &DescriptorInfo| (it.number, it.flags, it.rights_base, it.rights_inheriting);
        state(given) == state(now) && given.kind == now.kind
    };
    ensure!(
        given.len() == now.len() && given.iter().zip(now).all(|(given, now)| is_same(given, now)),
        "the guest has closed, renumbered or restricted a standard stream or a directory, which a module cannot contain; a \
         snapshot can"
    );
    Ok(())
}
