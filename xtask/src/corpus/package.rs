//! Getting the package that carries the programs.
//!
//! `pip` installs it, without its dependencies, into a folder of its own, and
//! compares the wheel's digest. The folder gets its final name only when it is
//! complete, so that an interrupted download is repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::manifest::Package;

/// The folder that holds the programs' groups, below `target`; downloads the
/// package when it is not there yet.
pub fn ensure_present(package: &Package, target: &Path) -> Result<PathBuf> {
    let installed = target.join(format!("{}-{}", package.name, package.version));
    let programs = installed.join(&package.folder);
    if installed.is_dir() {
        return Ok(programs);
    }
    fs::create_dir_all(target).with_context(|| format!("cannot create {}", target.display()))?;
    let partial = target.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    let requirements = target.join("requirements.txt");
    fs::write(&requirements, format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256))?;
    eprintln!("downloading {} {} (about 100 MB)", package.name, package.version);
    let status = Command::new("python3")
        .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet"])
        .args(["--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"])
        .arg("--target")
        .arg(&partial)
        .arg("--requirement")
        .arg(&requirements)
        .status()
        .context("cannot run python3; the corpus comes as a Python package")?;
    ensure!(status.success(), "pip cannot install {} {}", package.name, package.version);
    fs::rename(&partial, &installed)?;
    Ok(programs)
}
