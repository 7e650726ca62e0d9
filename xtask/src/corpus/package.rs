//! Getting the packages that carry the programs and the libraries.
//!
//! `pip` installs the programs' package, without its dependencies, into a folder of its own, and
//! compares the wheel's digest; `npm pack` gets a library's archive. A folder gets its final name only when it is
//! complete, so that an interrupted download is repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::manifest::{Library, Package};
use super::program::digest;

/// The folder that holds the programs' groups, below `target`; downloads the
/// package when it is not there yet.
pub fn ensure_present(package: &Package, target: &Path) -> Result<PathBuf> {
    let installed = target.join(format!("{}-{}", package.name, package.version));
    let programs = installed.join(&package.folder);
    if installed.is_dir() {
        return Ok(programs);
    }
    let partial = empty_folder(target)?;
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

/// The folder of a library's package, below `target`; downloads it when it is not there yet.
pub fn ensure_library(library: &Library, target: &Path) -> Result<PathBuf> {
    let Library { package, version, sha256, .. } = library;
    let installed = library_folder(library, target);
    if installed.is_dir() {
        return Ok(installed);
    }
    let partial = empty_folder(target)?;
    eprintln!("downloading {package} {version}");
    let output = Command::new("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(&partial)
        .arg(format!("{package}@{version}"))
        .stderr(Stdio::inherit())
        .output()
        .context(
            "cannot run npm, which gets libraries and comes with Node.js; programs need none of it, see --filter",
        )?;
    ensure!(output.status.success(), "npm cannot get {package} {version}");
    let archive = partial.join(String::from_utf8_lossy(&output.stdout).trim());
    let found = digest(&fs::read(&archive).with_context(|| format!("npm has left no {}", archive.display()))?);
    ensure!(found == *sha256, "the archive of {package} {version} has the digest {found}, not {sha256}");
    let status = Command::new("python3").args(["-m", "tarfile", "-e"]).arg(&archive).arg(&partial).status();
    ensure!(status.context("cannot run python3")?.success(), "cannot unpack {}", archive.display());
    fs::create_dir_all(installed.parent().unwrap_or(target))?;
    fs::rename(partial.join("package"), &installed)?;
    Ok(installed)
}

/// Makes the folder, below `target`, in which a package is until it is complete.
fn empty_folder(target: &Path) -> Result<PathBuf> {
    let partial = target.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
    Ok(partial)
}

/// Where a library's package is, or will be.
pub fn library_folder(library: &Library, target: &Path) -> PathBuf {
    target.join("npm").join(format!("{}-{}", library.package.replace('/', "+"), library.version))
}
