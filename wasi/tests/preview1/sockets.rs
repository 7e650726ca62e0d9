//! Sockets that a guest is given.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;

use crate::guest::{Guest, errno};
use riser_wasi::{DescriptorKind, DirPerms, FilePerms, WasiCtxBuilder};

const NONBLOCK: u64 = 4;
const PEEK: u64 = 1;
const WAIT_ALL: u64 = 2;
const SHUT_WRITE: u64 = 2;

#[test]
fn a_guest_accepts_and_talks() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut guest = Guest::new(WasiCtxBuilder::new().preopened_listener(listener).build());
    // Nobody is there.
    assert_eq!(guest.call("fd_fdstat_set_flags", &[3, NONBLOCK]), errno::SUCCESS);
    assert_eq!(guest.call("sock_accept", &[3, 0, 64]), errno::AGAIN);
    assert_eq!(guest.call("fd_fdstat_set_flags", &[3, 0]), errno::SUCCESS);
    let mut client = TcpStream::connect(address).unwrap();
    assert_eq!(guest.call("sock_accept", &[3, NONBLOCK, 64]), errno::SUCCESS);
    let socket = u64::from(guest.u32(64));
    assert_eq!(guest.ctx.descriptors()[4].kind, DescriptorKind::Connection);

    guest.put_iovs(0, &[(100, 3), (200, 8)]);
    assert_eq!(guest.call("sock_recv", &[socket, 0, 2, 0, 64, 68]), errno::AGAIN);
    assert_eq!(guest.call("fd_fdstat_set_flags", &[socket, 0]), errno::SUCCESS);
    client.write_all(b"hello").unwrap();
    assert_eq!(guest.call("sock_recv", &[socket, 0, 2, PEEK, 64, 68]), errno::SUCCESS);
    assert_eq!((guest.u32(64), guest.bytes(100, 3)), (3, &b"hel"[..]));
    guest.put_iovs(0, &[(100, 3), (200, 2)]);
    assert_eq!(guest.call("sock_recv", &[socket, 0, 2, WAIT_ALL, 64, 68]), errno::SUCCESS);
    assert_eq!((guest.u32(64), guest.bytes(100, 3), guest.bytes(200, 2)), (5, &b"hel"[..], &b"lo"[..]));

    guest.put(100, b"good");
    guest.put(200, b"bye");
    guest.put_iovs(0, &[(100, 4), (200, 3)]);
    assert_eq!(guest.call("sock_send", &[socket, 0, 2, 0, 64]), errno::SUCCESS);
    assert_eq!(guest.u32(64), 7);
    assert_eq!(guest.call("fd_write", &[socket, 8, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.call("sock_shutdown", &[socket, SHUT_WRITE]), errno::SUCCESS);
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "goodbyebye");
    drop(client);
    assert_eq!(guest.call("fd_read", &[socket, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.u32(64), 0, "the end");
}

#[test]
fn what_is_no_socket_says_so() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let mut guest = Guest::new(WasiCtxBuilder::new().preopened_connection(ours).build());
    for (name, arguments) in [
        ("sock_accept", &[1, 0, 64][..]),
        ("sock_recv", &[1, 0, 1, 0, 64, 68]),
        ("sock_send", &[1, 0, 1, 0, 64]),
        ("sock_shutdown", &[1, SHUT_WRITE]),
    ] {
        assert_eq!(guest.call(name, arguments), errno::NOTSOCK, "{name}");
        let unknown = [&[9], &arguments[1..]].concat();
        assert_eq!(guest.call(name, &unknown), errno::BADF, "{name}");
    }
    assert_eq!(guest.call("sock_accept", &[3, 0, 64]), errno::INVAL, "a connection accepts nobody");
    assert_eq!(guest.call("sock_shutdown", &[3, 0]), errno::INVAL);
    assert_eq!(guest.call("sock_shutdown", &[3, 8]), errno::INVAL);
}

/// C libraries look for directories until there is one no more.
#[test]
fn sockets_come_after_directories() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_connection(ours);
    builder.preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap();
    let mut guest = Guest::new(builder.build());
    assert_eq!(guest.call("fd_prestat_get", &[3, 64]), errno::SUCCESS);
    assert_eq!(guest.call("fd_prestat_get", &[4, 64]), errno::BADF);
    assert_eq!(guest.ctx.descriptors()[4].kind, DescriptorKind::Connection);
}
