//! Sockets: listeners that an embedder gives, and connections. A guest cannot make any.

use std::io::IoSlice;
use std::sync::Arc;

use rustix::event::PollFlags;
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown};

use crate::errno::{Errno, Result};
use crate::file::{File, Ready, Socket};
use crate::flags::{FdFlags, ReceiveFlags, ShutdownFlags};
use crate::host_file::{bytes_ready, waiting};
use crate::layout::FileType;

/// A socket that accepts connections.
#[derive(Debug)]
pub(crate) struct Listener(pub(crate) OwnedFd);

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection(pub(crate) OwnedFd);

impl File for Listener {
    fn file_type(&self) -> Result<FileType> {
        Ok(FileType::SocketStream)
    }

    fn ready(&self) -> Ready<'_> {
        Ready::When(self.0.as_fd())
    }

    fn as_socket(&self) -> Option<&dyn Socket> {
        Some(self)
    }
}

impl Socket for Listener {
    fn accept(&self, flags: FdFlags) -> Result<Arc<dyn File>> {
        let connection = waiting(&self.0, PollFlags::IN, flags, || {
            let connection = rustix::net::accept(&self.0)?;
            rustix::io::ioctl_fioclex(&connection)?;
            Ok(connection)
        })?;
        Ok(Arc::new(Connection(connection)))
    }

    fn receive(&self, _buffer: &mut [u8], _how: ReceiveFlags, _flags: FdFlags) -> Result<usize> {
        Err(Errno::NotConn)
    }

    fn send(&self, _buffers: &[IoSlice<'_>], _flags: FdFlags) -> Result<usize> {
        Err(Errno::NotConn)
    }

    fn shutdown(&self, how: ShutdownFlags) -> Result<()> {
        shutdown(&self.0, how)
    }
}

impl File for Connection {
    fn file_type(&self) -> Result<FileType> {
        Ok(FileType::SocketStream)
    }

    fn read(&self, buffer: &mut [u8], flags: FdFlags) -> Result<usize> {
        self.receive(buffer, ReceiveFlags::empty(), flags)
    }

    fn write(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize> {
        self.send(buffers, flags)
    }

    fn ready(&self) -> Ready<'_> {
        Ready::When(self.0.as_fd())
    }

    fn readable(&self) -> Option<u64> {
        bytes_ready(&self.0)
    }

    fn as_socket(&self) -> Option<&dyn Socket> {
        Some(self)
    }
}

impl Socket for Connection {
    fn accept(&self, _flags: FdFlags) -> Result<Arc<dyn File>> {
        Err(Errno::Inval)
    }

    fn receive(&self, buffer: &mut [u8], how: ReceiveFlags, flags: FdFlags) -> Result<usize> {
        let mut system = RecvFlags::empty();
        system.set(RecvFlags::PEEK, how.contains(ReceiveFlags::PEEK));
        system.set(RecvFlags::WAITALL, how.contains(ReceiveFlags::WAIT_ALL));
        system.set(RecvFlags::DONTWAIT, flags.contains(FdFlags::NONBLOCK));
        let (got, _) = waiting(&self.0, PollFlags::IN, flags, || rustix::net::recv(&self.0, &mut *buffer, system))?;
        Ok(got)
    }

    fn send(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize> {
        let mut system = SendFlags::NOSIGNAL;
        system.set(SendFlags::DONTWAIT, flags.contains(FdFlags::NONBLOCK));
        let send = || rustix::net::sendmsg(&self.0, buffers, &mut SendAncillaryBuffer::default(), system);
        waiting(&self.0, PollFlags::OUT, flags, send)
    }

    fn shutdown(&self, how: ShutdownFlags) -> Result<()> {
        shutdown(&self.0, how)
    }
}

fn shutdown(socket: &OwnedFd, how: ShutdownFlags) -> Result<()> {
    let how = match (how.contains(ShutdownFlags::READ), how.contains(ShutdownFlags::WRITE)) {
        (true, true) => Shutdown::Both,
        (true, false) => Shutdown::Read,
        (false, true) => Shutdown::Write,
        (false, false) => return Err(Errno::Inval),
    };
    Ok(rustix::net::shutdown(socket, how)?)
}
