//! Paths beneath a directory.

use super::{Call, set_times};
use crate::descriptors::{Descriptor, FilePerms};
use crate::errno::{Errno, Result};
use crate::file::{Directory, Open};
use crate::flags::{FdFlags, LookupFlags, OFlags, Rights, flags};
use crate::layout::Stat;
use crate::slashes;

/// Whether a link at the path's end is followed.
fn follows(lookup: u32) -> Result<bool> {
    Ok(flags::<LookupFlags>(lookup)?.contains(LookupFlags::SYMLINK_FOLLOW))
}

pub(crate) fn path_create_directory(call: &mut Call<'_>, fd: u32, path: u32, path_len: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.changed_directory(Rights::PATH_CREATE_DIRECTORY)?;
    slashes::create_directory(directory, &call.memory.read_path(path, path_len)?)
}

pub(crate) fn path_remove_directory(call: &mut Call<'_>, fd: u32, path: u32, path_len: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.changed_directory(Rights::PATH_REMOVE_DIRECTORY)?;
    slashes::remove_directory(directory, &call.memory.read_path(path, path_len)?)
}

pub(crate) fn path_unlink_file(call: &mut Call<'_>, fd: u32, path: u32, path_len: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.changed_directory(Rights::PATH_UNLINK_FILE)?;
    slashes::remove_file(directory, &call.memory.read_path(path, path_len)?)
}

pub(crate) fn path_filestat_get(
    call: &mut Call<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    stat_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.directory(Rights::PATH_FILESTAT_GET)?;
    let (follow, path) = (follows(lookup)?, call.memory.read_path(path, path_len)?);
    call.memory.place(stat_out, Stat::size(call.version), 8)?;
    let stat = slashes::stat_at(directory, &path, follow)?;
    call.memory.write(stat_out, &stat.bytes(call.version))
}

#[expect(clippy::too_many_arguments, reason = "the interface has so many")]
pub(crate) fn path_filestat_set_times(
    call: &mut Call<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    accessed: u64,
    modified: u64,
    which: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.changed_directory(Rights::PATH_FILESTAT_SET_TIMES)?;
    let (follow, path) = (follows(lookup)?, call.memory.read_path(path, path_len)?);
    slashes::set_times_at(directory, &path, follow, set_times(accessed, modified, which)?)
}

#[expect(clippy::too_many_arguments, reason = "the interface has so many")]
pub(crate) fn path_link(
    call: &mut Call<'_>,
    old_fd: u32,
    lookup: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<()> {
    if follows(lookup)? {
        return Err(Errno::Inval);
    }
    let (old, new) =
        (At { fd: old_fd, path: old_path, len: old_path_len }, At { fd: new_fd, path: new_path, len: new_path_len });
    another_name(call, [old, new], [Rights::PATH_LINK_SOURCE, Rights::PATH_LINK_TARGET], slashes::add_name)
}

pub(crate) fn path_rename(
    call: &mut Call<'_>,
    old_fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<()> {
    let (old, new) =
        (At { fd: old_fd, path: old_path, len: old_path_len }, At { fd: new_fd, path: new_path, len: new_path_len });
    another_name(call, [old, new], [Rights::PATH_RENAME_SOURCE, Rights::PATH_RENAME_TARGET], slashes::rename)
}

/// A path beneath a directory, in the guest's memory.
#[derive(Clone, Copy)]
struct At {
    fd: u32,
    path: u32,
    len: u32,
}

/// Gives something another name, by `give`, which takes each name's directory and its path there. The rights are those for the two
/// directories.
fn another_name(
    call: &Call<'_>,
    [from, to]: [At; 2],
    rights: [Rights; 2],
    give: fn(&dyn Directory, &str, &dyn Directory, &str) -> Result<()>,
) -> Result<()> {
    let (old, new) = (call.descriptor(from.fd)?, call.descriptor(to.fd)?);
    let (source, target) = (old.changed_directory(rights[0])?, new.changed_directory(rights[1])?);
    // A name in a directory where more is allowed would allow more.
    if !old.file_perms.contains(new.file_perms) {
        return Err(Errno::Perm);
    }
    let path = |at: At| call.memory.read_path(at.path, at.len);
    give(source, &path(from)?, target, &path(to)?)
}

pub(crate) fn path_symlink(
    call: &mut Call<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.changed_directory(Rights::PATH_SYMLINK)?;
    let target = call.memory.read_path(target, target_len)?;
    slashes::make_link(directory, &target, &call.memory.read_path(path, path_len)?)
}

pub(crate) fn path_readlink(
    call: &mut Call<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    used_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.directory(Rights::PATH_READLINK)?;
    let path = call.memory.read_path(path, path_len)?;
    call.memory.place(buf, buf_len as usize, 1)?;
    call.memory.room_for_u32(used_out)?;
    let target = slashes::read_link(directory, &path)?;
    // As POSIX has it, what does not fit is cut.
    let used = target.len().min(buf_len as usize);
    call.memory.write(buf, &target.as_bytes()[..used])?;
    call.memory.write_u32(used_out, used as u32)
}

#[expect(clippy::too_many_arguments, reason = "the interface has so many")]
pub(crate) fn path_open(
    call: &mut Call<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    rights_base: u64,
    _rights_inheriting: u64,
    fdflags: u32,
    fd_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.directory(Rights::PATH_OPEN)?;
    let asked = Rights::from_bits_truncate(rights_base);
    let how = Open {
        follow: follows(lookup)?,
        oflags: flags(oflags)?,
        read: asked.contains(Rights::FD_READ),
        write: asked.contains(Rights::FD_WRITE),
        flags: flags::<FdFlags>(fdflags)?,
    };
    let path = call.memory.read_path(path, path_len)?;
    call.memory.room_for_u32(fd_out)?;
    may_open(&descriptor, how)?;
    let kind = descriptor.kind_beneath(&path)?;
    call.state.table.room()?;
    let opened = slashes::open(directory, &path, how)?;
    let fd = call.state.table.insert(descriptor.beneath(kind, opened, asked, how.flags))?;
    call.memory.write_u32(fd_out, fd)
}

/// Whether something may be opened so beneath a directory.
pub(crate) fn may_open(directory: &Descriptor, how: Open) -> Result<()> {
    if how.oflags.contains(OFlags::DIRECTORY) && how.oflags.intersects(!OFlags::DIRECTORY) {
        return Err(Errno::Inval);
    }
    let inheriting = directory.state().inheriting;
    for (asked, right, perm) in
        [(how.read, Rights::FD_READ, FilePerms::READ), (how.write, Rights::FD_WRITE, FilePerms::WRITE)]
    {
        if asked && !inheriting.contains(right) {
            return Err(Errno::NotCapable);
        }
        // What turns out to be a directory is not read as a file. To open a file for writing could have an effect of its own.
        let is_no_file = how.oflags.contains(OFlags::DIRECTORY) && perm == FilePerms::READ;
        if asked && !directory.file_perms.contains(perm) && !is_no_file {
            return Err(Errno::Perm);
        }
    }
    if how.oflags.contains(OFlags::CREATE) {
        directory.changed_directory(Rights::PATH_CREATE_FILE)?;
    }
    if how.oflags.contains(OFlags::TRUNCATE) {
        if !inheriting.contains(Rights::FD_FILESTAT_SET_SIZE) {
            return Err(Errno::NotCapable);
        }
        if !directory.file_perms.contains(FilePerms::WRITE) {
            return Err(Errno::Perm);
        }
    }
    Ok(())
}
