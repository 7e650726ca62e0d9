//! Getting the packages that carry the programs and the libraries.
//!
//! `pip` installs a package of PyPI, without its dependencies, into a folder of its own, and compares the wheel's digest;
//! `npm pack` gets the archive of a package of npm's registry. A folder gets its final name only when it is complete, so that
//! an interrupted download is repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::manifest::{Package, Registry};
use super::program::digest;

/// The folder of a package, below `target`; downloads it when it is not there yet.
pub fn ensure_present(package: &Package, target: &Path) -> Result<PathBuf> {
    let Package { registry, name, version, .. } = package;
    let folder = format!("{}-{version}", folder_name(package));
    let installed = match registry {
        Registry::Pypi => target.join(folder),
        Registry::Npm => target.join("npm").join(folder),
    };
    if installed.is_dir() {
        return Ok(installed);
    }
    let partial = empty_folder(target)?;
    eprintln!("downloading {name} {version}");
    let complete = match registry {
        Registry::Pypi => install_from_pypi(package, target, partial)?,
        Registry::Npm => unpack_from_npm(package, &partial)?,
    };
    fs::create_dir_all(installed.parent().unwrap_or(target))?;
    fs::rename(complete, &installed)?;
    Ok(installed)
}

/// A package's name as the name of a folder.
pub fn folder_name(package: &Package) -> String {
    package.name.replace('/', "+")
}

/// Installs a package into the empty folder `partial`, which is the package then.
fn install_from_pypi(package: &Package, target: &Path, partial: PathBuf) -> Result<PathBuf> {
    let requirements = target.join("requirements.txt");
    fs::write(&requirements, format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256))?;
    let status = Command::new("python3")
        .args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet"])
        .args(["--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"])
        .arg("--target")
        .arg(&partial)
        .arg("--requirement")
        .arg(&requirements)
        .status()
        .context("cannot run python3, which gets Python packages")?;
    ensure!(status.success(), "pip cannot install {} {}", package.name, package.version);
    Ok(partial)
}

/// Unpacks a package in the empty folder `partial`; returns the folder in it that is the package.
fn unpack_from_npm(package: &Package, partial: &Path) -> Result<PathBuf> {
    let Package { name, version, sha256, .. } = package;
    let output = Command::new("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(partial)
        .arg(format!("{name}@{version}"))
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| {
            format!("cannot run npm, which gets {name} and comes with Node.js; --filter can pass it over")
        })?;
    ensure!(output.status.success(), "npm cannot get {name} {version}");
    let archive = partial.join(String::from_utf8_lossy(&output.stdout).trim());
    let found = digest(&fs::read(&archive).with_context(|| format!("npm has left no {}", archive.display()))?);
    ensure!(found == *sha256, "the archive of {name} {version} has the digest {found}, not {sha256}");
    let status = Command::new("python3").args(["-m", "tarfile", "-e"]).arg(&archive).arg(partial).status();
    ensure!(status.context("cannot run python3")?.success(), "cannot unpack {}", archive.display());
    Ok(partial.join("package"))
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
