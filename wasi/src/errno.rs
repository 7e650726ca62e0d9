//! Errnos: how a function tells a guest what went wrong.

use std::io;

/// Errnos of both versions of the interface, with their numbers and, for those that the system has too, its names.
macro_rules! errnos {
    ($($name:ident = $number:literal $(from $($system:ident),+)?;)*) => {
        /// An errno, by its name in the witx document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(crate) enum Errno {
            $($name = $number,)*
        }

        impl From<rustix::io::Errno> for Errno {
            fn from(error: rustix::io::Errno) -> Errno {
                match error {
                    $($($(rustix::io::Errno::$system)|+ => Errno::$name,)?)*
                    _ => Errno::Io,
                }
            }
        }
    };
}

errnos! {
    TooBig = 1 from TOOBIG;
    Access = 2 from ACCESS;
    AddrInUse = 3 from ADDRINUSE;
    AddrNotAvail = 4 from ADDRNOTAVAIL;
    AfNoSupport = 5 from AFNOSUPPORT;
    Again = 6 from AGAIN;
    Already = 7 from ALREADY;
    BadF = 8 from BADF;
    BadMsg = 9 from BADMSG;
    Busy = 10 from BUSY;
    Canceled = 11 from CANCELED;
    ConnAborted = 13 from CONNABORTED;
    ConnRefused = 14 from CONNREFUSED;
    ConnReset = 15 from CONNRESET;
    Deadlk = 16 from DEADLK;
    DestAddrReq = 17 from DESTADDRREQ;
    Dquot = 19 from DQUOT;
    Exist = 20 from EXIST;
    Fault = 21 from FAULT;
    FBig = 22 from FBIG;
    HostUnreach = 23 from HOSTUNREACH;
    Ilseq = 25 from ILSEQ;
    InProgress = 26 from INPROGRESS;
    Intr = 27 from INTR;
    Inval = 28 from INVAL;
    Io = 29 from IO;
    IsConn = 30 from ISCONN;
    IsDir = 31 from ISDIR;
    Loop = 32 from LOOP;
    MFile = 33 from MFILE;
    MLink = 34 from MLINK;
    MsgSize = 35 from MSGSIZE;
    NameTooLong = 37 from NAMETOOLONG;
    NetDown = 38 from NETDOWN;
    NetReset = 39 from NETRESET;
    NetUnreach = 40 from NETUNREACH;
    NFile = 41 from NFILE;
    NoBufs = 42 from NOBUFS;
    NoDev = 43 from NODEV;
    NoEnt = 44 from NOENT;
    NoLck = 46 from NOLCK;
    NoMem = 48 from NOMEM;
    NoProtoOpt = 50 from NOPROTOOPT;
    NoSpc = 51 from NOSPC;
    NoSys = 52 from NOSYS;
    NotConn = 53 from NOTCONN;
    NotDir = 54 from NOTDIR;
    NotEmpty = 55 from NOTEMPTY;
    NotSock = 57 from NOTSOCK;
    NotSup = 58 from NOTSUP;
    NoTty = 59 from NOTTY;
    Nxio = 60 from NXIO;
    Overflow = 61 from OVERFLOW;
    Perm = 63 from PERM;
    Pipe = 64 from PIPE;
    Proto = 65 from PROTO;
    ProtoNoSupport = 66 from PROTONOSUPPORT;
    Range = 68 from RANGE;
    RoFs = 69 from ROFS;
    SPipe = 70 from SPIPE;
    Stale = 72 from STALE;
    TimedOut = 73 from TIMEDOUT;
    TxtBsy = 74 from TXTBSY;
    XDev = 75 from XDEV;
    NotCapable = 76;
}

/// An error of the system's has its own number. Others come from `cap-std` (a path that leads out), and from readers and
/// writers of the embedder.
impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Errno {
        if let Some(error) = rustix::io::Errno::from_io_error(&error) {
            return error.into();
        }
        match error.kind() {
            io::ErrorKind::PermissionDenied => Errno::Perm,
            io::ErrorKind::NotFound => Errno::NoEnt,
            io::ErrorKind::AlreadyExists => Errno::Exist,
            io::ErrorKind::InvalidInput => Errno::Inval,
            io::ErrorKind::WouldBlock => Errno::Again,
            io::ErrorKind::Interrupted => Errno::Intr,
            io::ErrorKind::BrokenPipe => Errno::Pipe,
            io::ErrorKind::StorageFull => Errno::NoSpc,
            _ => Errno::Io,
        }
    }
}

/// What a function of ours gives back.
pub(crate) type Result<T, E = Errno> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_and_of_streams_have_errnos() {
        assert_eq!(
            Errno::from(io::Error::from_raw_os_error(rustix::io::Errno::NOTEMPTY.raw_os_error())),
            Errno::NotEmpty
        );
        assert_eq!(Errno::from(io::Error::new(io::ErrorKind::PermissionDenied, "led outside")), Errno::Perm);
        assert_eq!(Errno::from(io::Error::other("out of paper")), Errno::Io);
    }
}
