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
    let all = |list: &[DescriptorInfo]| -> Vec<_> {
        let list = list.iter().cloned();
        list.map(|it| (it.number, it.kind, it.flags, it.rights_base, it.rights_inheriting)).collect()
    };
    ensure!(
        all(given) == all(now),
        "the guest has closed, renumbered or restricted a standard stream or a directory, which a module cannot contain; a \
         snapshot can"
    );
    Ok(())
}
