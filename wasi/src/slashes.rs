//! Paths that end in slashes: they may only lead to directories, and what each function says of others is the system's habit.
//!
//! These are the functions of [`Directory`] for paths of every form.

use crate::errno::{Errno, Result};
use crate::file::{Directory, Open, Opened, SetTimes};
use crate::flags::OFlags;
use crate::layout::{FileType, Stat};

/// A path without its trailing slashes, and whether there were any. The root, which no guest can reach, stays as it is.
fn split(path: &str) -> (&str, bool) {
    match path.trim_end_matches('/') {
        "" => (path, false),
        trimmed => (trimmed, trimmed.len() < path.len()),
    }
}

fn is_directory(stat: &Stat) -> bool {
    stat.ty == FileType::Directory
}

/// The target of a path that ended in a slash, which has to be a directory.
fn target(directory: &dyn Directory, path: &str) -> Result<Stat> {
    let stat = directory.stat_at(path, true)?;
    if is_directory(&stat) { Ok(stat) } else { Err(Errno::NotDir) }
}

/// The entry at a path, which may be a link. `None` if there is none.
fn entry(directory: &dyn Directory, path: &str) -> Result<Option<Stat>> {
    match directory.stat_at(path, false) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NoEnt) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error for creating something other than a directory at a path that ends in a slash.
fn no_name(directory: &dyn Directory, path: &str) -> Result<Errno> {
    Ok(if entry(directory, path)?.is_some() { Errno::Exist } else { Errno::NoEnt })
}

pub(crate) fn open(directory: &dyn Directory, path: &str, mut how: Open) -> Result<Opened> {
    let (path, slash) = split(path);
    if slash {
        if how.oflags.contains(OFlags::CREATE) {
            entry(directory, path)?;
            return Err(Errno::IsDir);
        }
        target(directory, path)?;
        how.follow = true;
        how.oflags |= OFlags::DIRECTORY;
    }
    directory.open(path, how)
}

pub(crate) fn stat_at(directory: &dyn Directory, path: &str, follow: bool) -> Result<Stat> {
    match split(path) {
        (path, true) => target(directory, path),
        (path, false) => directory.stat_at(path, follow),
    }
}

pub(crate) fn set_times_at(directory: &dyn Directory, path: &str, follow: bool, times: SetTimes) -> Result<()> {
    let (path, slash) = split(path);
    if slash {
        target(directory, path)?;
    }
    directory.set_times_at(path, follow || slash, times)
}

pub(crate) fn create_directory(directory: &dyn Directory, path: &str) -> Result<()> {
    directory.create_directory(split(path).0)
}

pub(crate) fn remove_directory(directory: &dyn Directory, path: &str) -> Result<()> {
    directory.remove_directory(split(path).0)
}

pub(crate) fn remove_file(directory: &dyn Directory, path: &str) -> Result<()> {
    match split(path) {
        (path, true) => Err(match entry(directory, path)? {
            None => Errno::NoEnt,
            Some(stat) if is_directory(&stat) => Errno::IsDir,
            Some(_) => Errno::NotDir,
        }),
        (path, false) => directory.remove_file(path),
    }
}

pub(crate) fn read_link(directory: &dyn Directory, path: &str) -> Result<String> {
    match split(path) {
        (path, true) => Err(target(directory, path).map_or_else(|error| error, |_| Errno::Inval)),
        (path, false) => directory.read_link(path),
    }
}

pub(crate) fn make_link(directory: &dyn Directory, to: &str, path: &str) -> Result<()> {
    match split(path) {
        (path, true) => Err(no_name(directory, path)?),
        (path, false) => directory.make_link(to, path),
    }
}

pub(crate) fn add_name(from: &dyn Directory, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
    let ((path, slash), (to_path, to_slash)) = (split(path), split(to_path));
    if slash {
        target(from, path)?;
        return Err(Errno::Perm);
    }
    if to_slash {
        from.stat_at(path, false)?;
        return Err(no_name(to, to_path)?);
    }
    from.add_name(path, to, to_path)
}

pub(crate) fn rename(from: &dyn Directory, path: &str, to: &dyn Directory, to_path: &str) -> Result<()> {
    let ((path, slash), (to_path, to_slash)) = (split(path), split(to_path));
    if slash || to_slash {
        match entry(from, path)? {
            None => return Err(Errno::NoEnt),
            Some(stat) if !is_directory(&stat) => return Err(Errno::NotDir),
            Some(_) => {}
        }
    }
    from.rename(path, to, to_path)
}
