//! What a guest was given, as snapshots of the command record it.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::Snapshot;

/// What a guest was given. Directories are recorded by the guest's names only: a snapshot gives nobody a directory of the host.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct GuestLine {
    /// The arguments; the first is the guest's name for itself.
    pub args: Vec<String>,
    /// The environment, as `NAME=VALUE`.
    pub env: Vec<String>,
    /// The guest's names for its directories.
    pub dirs: Vec<String>,
    /// The function that is called, if it is not `_start`.
    pub invoke: Option<String>,
}

impl GuestLine {
    /// The name of the section.
    pub const SECTION: &str = "riser-command";

    /// The section's content.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// What a snapshot records.
    ///
    /// # Errors
    ///
    /// If it records nothing, because another embedder has made it.
    pub fn of(snapshot: &Snapshot) -> Result<GuestLine> {
        let section = snapshot.section(GuestLine::SECTION);
        let section =
            section.context("the snapshot was not taken by this command: it does not say what the guest was given")?;
        serde_json::from_slice(section).context("the snapshot's section `riser-command` is malformed")
    }

    /// Checks that these directories, in the form of `--dir`, are those that the guest had, in this order.
    ///
    /// # Errors
    ///
    /// If one is missing, or there are others.
    pub fn check_dirs<'a>(&self, dirs: impl Iterator<Item = &'a String>) -> Result<()> {
        let given: Vec<&str> = dirs.map(|dir| guest_name(dir)).collect();
        for name in &self.dirs {
            ensure!(given.contains(&&**name), "the guest had a directory `{name}`; `--dir HOST::{name}` gives it one");
        }
        ensure!(given == self.dirs, "the guest had the directories {:?}, in this order", self.dirs);
        Ok(())
    }
}

/// The guest's name in a value of `--dir`.
pub fn guest_name(dir: &str) -> &str {
    dir.split_once("::").map_or(dir, |(_, guest)| guest)
}
