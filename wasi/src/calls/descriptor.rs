//! Descriptors themselves: their states, attributes, numbers and names; entries of directories.

use std::sync::Arc;

use super::{Call, set_times};
use crate::descriptors::DescriptorKind;
use crate::errno::{Errno, Result};
use crate::file::{Entry, Opened};
use crate::flags::{FdFlags, Rights, flags};
use crate::layout::{FDSTAT, FileType, Stat, dirent, fdstat};

pub(crate) fn fd_close(call: &mut Call<'_>, fd: u32) -> Result<()> {
    call.state.table.close(fd)
}

pub(crate) fn fd_renumber(call: &mut Call<'_>, fd: u32, to: u32) -> Result<()> {
    call.state.table.renumber(fd, to)
}

pub(crate) fn fd_fdstat_get(call: &mut Call<'_>, fd: u32, stat_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    call.memory.place(stat_out, FDSTAT, 8)?;
    let ty = descriptor.file_type()?;
    let bytes = {
        let state = descriptor.state();
        fdstat(ty, state.flags, state.base, state.inheriting)
    };
    call.memory.write(stat_out, &bytes)
}

/// Sets whether writes go to the end, and whether functions wait. How writes reach the device is decided when a file is opened.
pub(crate) fn fd_fdstat_set_flags(call: &mut Call<'_>, fd: u32, new: u32) -> Result<()> {
    let new: FdFlags = flags(new)?;
    let descriptor = call.descriptor(fd)?;
    descriptor.file(Rights::FD_FDSTAT_SET_FLAGS)?;
    let mut state = descriptor.state();
    if (new ^ state.flags).intersects(!FdFlags::SETTABLE) {
        return Err(Errno::Inval);
    }
    state.flags = new;
    Ok(())
}

/// Gives up rights. Nobody gets more.
pub(crate) fn fd_fdstat_set_rights(call: &mut Call<'_>, fd: u32, base: u64, inheriting: u64) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let mut state = descriptor.state();
    if base & !state.base.bits() != 0 || inheriting & !state.inheriting.bits() != 0 {
        return Err(Errno::NotCapable);
    }
    (state.base, state.inheriting) = (Rights::from_bits_truncate(base), Rights::from_bits_truncate(inheriting));
    Ok(())
}

pub(crate) fn fd_filestat_get(call: &mut Call<'_>, fd: u32, stat_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    descriptor.require(Rights::FD_FILESTAT_GET)?;
    call.memory.place(stat_out, Stat::size(call.version), 8)?;
    let stat = match &descriptor.opened {
        Opened::File(file) => file.stat()?,
        Opened::Directory(_) => descriptor.directory(Rights::empty())?.stat()?,
    };
    call.memory.write(stat_out, &stat.bytes(call.version))
}

pub(crate) fn fd_filestat_set_times(
    call: &mut Call<'_>,
    fd: u32,
    accessed: u64,
    modified: u64,
    which: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let times = set_times(accessed, modified, which)?;
    match &descriptor.opened {
        Opened::File(_) => descriptor.changed_file(Rights::FD_FILESTAT_SET_TIMES)?.set_times(times),
        Opened::Directory(_) => descriptor.changed_directory(Rights::FD_FILESTAT_SET_TIMES)?.set_times(times),
    }
}

pub(crate) fn fd_prestat_get(call: &mut Call<'_>, fd: u32, prestat_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    // C libraries look for preopened directories until they are told this.
    let DescriptorKind::Preopen { name } = &descriptor.kind else { return Err(Errno::BadF) };
    let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    call.memory.place(prestat_out, 8, 4)?;
    // A directory, the one kind that there is.
    call.memory.write(prestat_out, &u64::from(len).wrapping_shl(32).to_le_bytes())
}

pub(crate) fn fd_prestat_dir_name(call: &mut Call<'_>, fd: u32, path_out: u32, path_len: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let DescriptorKind::Preopen { name } = &descriptor.kind else { return Err(Errno::NotDir) };
    if name.len() > path_len as usize {
        return Err(Errno::NameTooLong);
    }
    call.memory.write(path_out, name.as_bytes())
}

/// Lists entries from a cookie on, which is an entry's number, in the order in which they were when the listing began: with
/// `.` and `..`, at cookie 0. A guest knows the end by a buffer that is not full.
pub(crate) fn fd_readdir(
    call: &mut Call<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    used_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let directory = descriptor.directory(Rights::FD_READDIR)?;
    let place = call.memory.place(buf, buf_len as usize, 1)?;
    call.memory.room_for_u32(used_out)?;
    let begun = if cookie == 0 { None } else { descriptor.state().listing.clone() };
    let listing = match begun {
        Some(listing) => listing,
        None => {
            let inode = directory.stat()?.inode;
            let dots = [".", ".."].map(|name| Entry { name: name.to_owned(), inode, ty: FileType::Directory });
            let mut listing = Vec::from(dots);
            listing.extend(directory.entries()?);
            Arc::from(listing)
        }
    };
    let mut used = 0;
    let first = usize::try_from(cookie).unwrap_or(usize::MAX).min(listing.len());
    for (next, entry) in (first as u64 + 1..).zip(&listing[first..]) {
        let head = dirent(next, entry.inode, entry.name.len(), entry.ty);
        for part in [&head[..], entry.name.as_bytes()] {
            // The last entry may be cut.
            let part = &part[..part.len().min(place.len() - used)];
            // Nothing is written behind the end, which may be that of all addresses.
            call.memory.write(buf.wrapping_add(used as u32), part)?;
            used += part.len();
        }
        if used == place.len() {
            break;
        }
    }
    let goes_on = used == place.len();
    descriptor.state().listing = goes_on.then_some(listing);
    if goes_on {
        call.state.table.keeps_listing(&descriptor);
    }
    call.memory.write_u32(used_out, used as u32)
}
