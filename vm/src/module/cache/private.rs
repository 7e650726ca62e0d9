//! Folders and files that only trusted users can have written to.
//!
//! The rule is that of ssh for keys: what is run as machine code is taken only from places that its owner, or the
//! system's administrator, controls. All folders above a folder are checked, too, since whoever may write to one of
//! those may replace the folder. Paths are checked after all symbolic links in them have been resolved, so that the
//! path that was checked is the one that is opened.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The administrator's user number.
const ROOT: u32 = 0;
/// Bits of a mode: whether others than the owner may write, and whether entries of a folder are safe from users who do
/// not own them.
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

/// Returns the path of this folder without symbolic links in it. Makes the folder if need be; returns why if that fails.
///
/// # Errors
///
/// If somebody else may write to the folder, or replace it.
pub(super) fn folder(path: &Path) -> Result<io::Result<PathBuf>> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    let folder = match path.canonicalize() {
        Ok(folder) => folder,
        Err(why) => return Ok(made.and(Err(why))),
    };
    for at in folder.ancestors() {
        let metadata = match fs::symlink_metadata(at) {
            Ok(metadata) => metadata,
            Err(why) => return Ok(Err(why)),
        };
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
    Ok(Ok(folder))
}

/// Returns what is wrong with a folder, either the one with the files or one above it, and whether that is its mode.
fn fault(metadata: &Metadata, is_innermost: bool) -> Option<(String, bool)> {
    let (owner, mode) = (metadata.uid(), metadata.mode());
    if !is_trusted(owner) {
        return Some((format!("belongs to the user {owner}"), false));
    }
    // In a folder with the sticky bit, others keep their own entries, but cannot touch the folder below.
    if !is_innermost && mode & STICKY != 0 {
        return None;
    }
    // On systems where each user has a group with the same number, that group is the user. It may then often write to
    // folders.
    let own_group = !is_innermost && metadata.gid() == owner;
    let writers = match (mode & GROUP_WRITES != 0 && !own_group, mode & OTHERS_WRITE != 0) {
        (false, false) => return None,
        (true, false) => "its group",
        (_, true) => "anybody",
    };
    Some((format!("may be written to by {writers} (mode {:o})", mode & 0o7777), true))
}

/// Returns an open file of such a folder, and its contents.
///
/// # Errors
///
/// If there is no such file, it cannot be read, or its mode and owner are not such as [`create`] sets.
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
/// If the name exists already, or the file cannot be made.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
