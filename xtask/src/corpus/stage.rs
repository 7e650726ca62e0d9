//! The folder that the programs of a group with packages of its own run in.
//!
//! It has copies of the files of `xtask/corpus/GROUP`, those in the text format as modules, and each package under its name. What programs write
//! stays until they write it again, so that one can read what another has written.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::manifest::Package;
use super::package;

/// Makes the folder of a group, below `target`; downloads the packages that are not there yet.
pub fn prepare(group: &str, packages: &[Package], target: &Path) -> Result<PathBuf> {
    let stage = target.join("stages").join(group);
    // Some programs want a place for temporary files.
    let temporary = stage.join("tmp");
    fs::create_dir_all(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
    let sources = crate::repository().join("xtask/corpus").join(group);
    for entry in fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))? {
        let source = entry?.path();
        let copy = stage.join(source.file_name().unwrap_or_default());
        if source.extension().is_some_and(|extension| extension == "wat") {
            fs::write(copy.with_extension("wasm"), wat::parse_file(&source)?)?;
        } else {
            fs::copy(&source, copy)?;
        }
    }
    for package in packages {
        let link = stage.join(package::folder_name(package));
        match fs::remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        std::os::unix::fs::symlink(package::ensure_present(package, target)?, &link)?;
    }
    Ok(stage)
}
