//! Reading and writing.

use std::io::SeekFrom;

use super::Call;
use crate::descriptors::FilePerms;
use crate::errno::{Errno, Result};
use crate::flags::Rights;
use crate::iovec::{read_into, write_from};
use crate::layout::seek_from;

pub(crate) fn fd_read(call: &mut Call<'_>, fd: u32, iovs: u32, iovs_len: u32, nread_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let (file, flags) = (descriptor.file(Rights::FD_READ)?, descriptor.flags());
    call.memory.room_for_u32(nread_out)?;
    let more = file.is_seekable();
    let read = read_into(&mut call.memory, iovs, iovs_len, more, |buffer, _| file.read(buffer, flags))?;
    call.memory.write_u32(nread_out, read)
}

pub(crate) fn fd_pread(
    call: &mut Call<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::FD_READ)?;
    call.memory.room_for_u32(nread_out)?;
    let read = read_into(&mut call.memory, iovs, iovs_len, true, |buffer, done| {
        file.read_at(buffer, offset.checked_add(done).ok_or(Errno::Inval)?)
    })?;
    call.memory.write_u32(nread_out, read)
}

pub(crate) fn fd_write(call: &mut Call<'_>, fd: u32, iovs: u32, iovs_len: u32, nwritten_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let (file, flags) = (descriptor.file(Rights::FD_WRITE)?, descriptor.flags());
    call.memory.room_for_u32(nwritten_out)?;
    let written = write_from(&call.memory, iovs, iovs_len, |buffers| file.write(buffers, flags))?;
    call.memory.write_u32(nwritten_out, written)
}

pub(crate) fn fd_pwrite(
    call: &mut Call<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::FD_WRITE)?;
    call.memory.room_for_u32(nwritten_out)?;
    let written = write_from(&call.memory, iovs, iovs_len, |buffers| file.write_at(buffers, offset))?;
    call.memory.write_u32(nwritten_out, written)
}

pub(crate) fn fd_seek(call: &mut Call<'_>, fd: u32, offset: u64, whence: u32, position_out: u32) -> Result<()> {
    let to = seek_from(whence, offset as i64, call.version)?;
    seek(call, fd, to, position_out)
}

pub(crate) fn fd_tell(call: &mut Call<'_>, fd: u32, position_out: u32) -> Result<()> {
    seek(call, fd, TELL, position_out)
}

/// Where a seek that only tells the position leads.
const TELL: SeekFrom = SeekFrom::Current(0);

fn seek(call: &mut Call<'_>, fd: u32, to: SeekFrom, position_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::empty())?;
    if file.is_seekable() {
        descriptor.require(if to == TELL { Rights::FD_TELL } else { Rights::FD_SEEK })?;
    }
    call.memory.place(position_out, 8, 8)?;
    let position = file.seek(to)?;
    call.memory.write_u64(position_out, position)
}

pub(crate) fn fd_sync(call: &mut Call<'_>, fd: u32) -> Result<()> {
    call.descriptor(fd)?.file(Rights::FD_SYNC)?.sync(false)
}

pub(crate) fn fd_datasync(call: &mut Call<'_>, fd: u32) -> Result<()> {
    call.descriptor(fd)?.file(Rights::FD_DATASYNC)?.sync(true)
}

pub(crate) fn fd_advise(call: &mut Call<'_>, fd: u32, offset: u64, len: u64, advice: u32) -> Result<()> {
    use crate::file::Advice;
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::Inval),
    };
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::empty())?;
    if file.is_seekable() {
        descriptor.require(Rights::FD_ADVISE)?;
    }
    file.advise(offset, len, advice)
}

pub(crate) fn fd_allocate(call: &mut Call<'_>, fd: u32, offset: u64, len: u64) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::FD_WRITE)?;
    if file.is_seekable() {
        descriptor.require(Rights::FD_ALLOCATE)?;
    }
    file.allocate(offset, len)
}

pub(crate) fn fd_filestat_set_size(call: &mut Call<'_>, fd: u32, size: u64) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let file = descriptor.file(Rights::empty())?;
    if !file.is_seekable() || !descriptor.file_perms.contains(FilePerms::WRITE) {
        return Err(Errno::Inval);
    }
    descriptor.require(Rights::FD_FILESTAT_SET_SIZE)?;
    file.set_len(size)
}
