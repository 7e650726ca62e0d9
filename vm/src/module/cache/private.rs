//! Folders and files that nobody else can have written to.
//!
//! As ssh does with keys: what is run as machine code is taken only from where its owner, or the system's
//! administrator, put it. A folder counts with all folders above it, since who may write to one of those may put another
//! in its place. Paths have no symbolic links left in them when they are looked at, so what was looked at is what is opened.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The administrator.
const ROOT: u32 = 0;
/// Bits of a mode: who may write, besides the owner, and whether entries of a folder are safe from who does not own them.
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// The user that the process acts for.
fn user() -> u32 {
    // SAFETY: no preconditions.
    unsafe { libc::geteuid() }
}

fn is_trusted(owner: u32) -> bool {
    owner == ROOT || owner == user()
}

/// The folder with this path, made if need be, without symbolic links in it; `None` if there is no such folder and none can be made.
///
/// # Errors
///
/// If somebody else may write to it, or put another in its place.
pub(super) fn folder(path: &Path) -> Result<Option<PathBuf>> {
    let _ = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    let Ok(folder) = path.canonicalize() else { return Ok(None) };
    for at in folder.ancestors() {
        let Ok(metadata) = fs::symlink_metadata(at) else { return Ok(None) };
        if let Some((why, remedy)) = fault(&metadata, at == folder) {
            bail!(
                "the cache folder `{}` is not private: `{}` {why}. The machine code in it would be run, so nobody else \
                 may be able to write there: {}use another folder",
                path.display(),
                at.display(),
                if remedy { format!("`chmod go-w {}`, or ", at.display()) } else { String::new() },
            );
        }
    }
    Ok(Some(folder))
}

/// What is wrong with a folder, the one that files are in or one above it, and whether its mode is.
fn fault(metadata: &Metadata, is_innermost: bool) -> Option<(String, bool)> {
    let (owner, mode) = (metadata.uid(), metadata.mode());
    if !is_trusted(owner) {
        return Some((format!("belongs to the user {owner}"), false));
    }
    // What others make in a folder with the sticky bit is still theirs; they cannot touch the folder below.
    if !is_innermost && mode & STICKY != 0 {
        return None;
    }
    // Where each user has a group of the same number, that group is the user. Folders are then often its to write to.
    let own_group = !is_innermost && metadata.gid() == owner;
    let writers = match (mode & GROUP_WRITES != 0 && !own_group, mode & OTHERS_WRITE != 0) {
        (false, false) => return None,
        (true, false) => "its group",
        (_, true) => "anybody",
    };
    Some((format!("may be written to by {writers} (mode {:o})", mode & 0o7777), true))
}

/// What is in a file of such a folder.
///
/// # Errors
///
/// If there is no such file, or it cannot be read, or is not as [`create`] makes files.
pub(super) fn read(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let mut file = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || !is_trusted(metadata.uid()) || metadata.mode() & (GROUP_WRITES | OTHERS_WRITE) != 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok((file, bytes))
}

/// Makes a file in such a folder.
///
/// # Errors
///
/// If there is something of that name, or it cannot be made.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
