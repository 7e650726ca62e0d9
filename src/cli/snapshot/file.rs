//! Files that snapshots come from.

use std::path::Path;

use anyhow::{Context, Result};

use crate::Snapshot;
use crate::wasi::WasiSnapshot;

/// Reads a snapshot's file.
pub fn read(file: &Path) -> Result<Snapshot> {
    let bytes = crate::cli::read_file(file)?;
    Snapshot::from_bytes(&bytes).with_context(|| format!("`{}` is no snapshot", file.display()))
}

/// The WASI state of a snapshot's program, if the snapshot has it.
pub fn wasi(snapshot: &Snapshot) -> Result<Option<WasiSnapshot>> {
    let section = snapshot.section(WasiSnapshot::SECTION);
    section.map(WasiSnapshot::from_bytes).transpose().context("the snapshot's section `wasi-preview1` is damaged")
}
