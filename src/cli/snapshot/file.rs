//! Files that snapshots go to and come from.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::Snapshot;
use crate::wasi::WasiSnapshot;

/// Writes a file. A regular file is either what it was or whole. What is there and is something else, such as a pipe, is written in order.
pub fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let is_regular = match fs::symlink_metadata(file) {
        Ok(metadata) => metadata.is_file(),
        Err(_) => true,
    };
    let written = if is_regular {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = file.with_file_name(name);
        // Others can guess the name: a link that they have put there is not followed.
        drop(fs::remove_file(&part));
        fs::File::create_new(&part)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&part, file))
            .inspect_err(|_| drop(fs::remove_file(&part)))
    } else {
        fs::OpenOptions::new().write(true).truncate(true).open(file).and_then(|mut file| file.write_all(bytes))
    };
    written.with_context(|| format!("cannot write `{}`", file.display()))
}

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
