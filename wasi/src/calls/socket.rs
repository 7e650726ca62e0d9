//! Sockets.

use super::Call;
use crate::descriptors::{Descriptor, DescriptorKind};
use crate::errno::{Errno, Result};
use crate::flags::{FdFlags, ReceiveFlags, Rights, ShutdownFlags, flags};
use crate::iovec::{read_into, write_from};

pub(crate) fn sock_accept(call: &mut Call<'_>, fd: u32, fdflags: u32, fd_out: u32) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let socket = descriptor.socket(Rights::SOCK_ACCEPT)?;
    let new: FdFlags = flags(fdflags)?;
    if new.intersects(!FdFlags::NONBLOCK) {
        return Err(Errno::Inval);
    }
    call.memory.room_for_u32(fd_out)?;
    call.state.table.room()?;
    let connection = socket.accept(descriptor.flags())?;
    let connection = Descriptor::of_file(DescriptorKind::Connection, connection, Rights::SOCKET, new);
    let fd = call.state.table.insert(connection)?;
    call.memory.write_u32(fd_out, fd)
}

pub(crate) fn sock_recv(
    call: &mut Call<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    how: u32,
    nread_out: u32,
    flags_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let socket = descriptor.socket(Rights::FD_READ)?;
    let how: ReceiveFlags = flags(how)?;
    call.memory.room_for_u32(nread_out)?;
    call.memory.place(flags_out, 2, 2)?;
    // What is only looked at would be there again for the next buffer.
    let more = how == ReceiveFlags::WAIT_ALL;
    let flags = descriptor.flags();
    let read = read_into(&mut call.memory, iovs, iovs_len, more, |buffer, _| socket.receive(buffer, how, flags))?;
    call.memory.write_u32(nread_out, read)?;
    // No message of a stream is ever cut.
    call.memory.write(flags_out, &[0, 0])
}

pub(crate) fn sock_send(
    call: &mut Call<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    how: u32,
    nwritten_out: u32,
) -> Result<()> {
    let descriptor = call.descriptor(fd)?;
    let socket = descriptor.socket(Rights::FD_WRITE)?;
    if how != 0 {
        return Err(Errno::Inval);
    }
    call.memory.room_for_u32(nwritten_out)?;
    let flags = descriptor.flags();
    let written = write_from(&call.memory, iovs, iovs_len, |buffers| socket.send(buffers, flags))?;
    call.memory.write_u32(nwritten_out, written)
}

pub(crate) fn sock_shutdown(call: &mut Call<'_>, fd: u32, how: u32) -> Result<()> {
    let how: ShutdownFlags = flags(how)?;
    call.descriptor(fd)?.socket(Rights::SOCK_SHUTDOWN)?.shutdown(how)
}
