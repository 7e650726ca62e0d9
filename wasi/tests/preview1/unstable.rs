//! The older version of the interface, where it differs.

use std::fs;

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, UNSTABLE_FUNCTIONS, WasiCtxBuilder};

const DIR: u64 = 3;

/// The errno of a call of the older version.
fn call(guest: &mut Guest, name: &str, args: &[u64]) -> u32 {
    let function = UNSTABLE_FUNCTIONS.iter().find(|function| function.name == name).expect("a function");
    guest.try_call_of(function, args).expect("an errno")
}

#[test]
fn attributes_positions_and_clocks_have_their_older_forms() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "0123456789").unwrap();
    fs::hard_link(folder.path().join("file"), folder.path().join("name")).unwrap();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap();
    let mut guest = Guest::new(builder.build());
    let file = guest.open(DIR, "file", 0).unwrap();
    guest.memory.fill(0xaa);
    assert_eq!(call(&mut guest, "fd_filestat_get", &[file, 512]), errno::SUCCESS);
    assert_eq!((guest.bytes(512 + 16, 1), guest.u32(512 + 20), guest.u64(512 + 24)), (&[4][..], 2, 10));
    assert_eq!(guest.bytes(512 + 56, 1), [0xaa], "nothing behind it");
    // From the current position, from the end, from the start.
    for (offset, whence, expected) in [(4, 2, 4), (3, 0, 7), (-1_i64 as u64, 1, 9)] {
        assert_eq!(call(&mut guest, "fd_seek", &[file, offset, whence, 512]), errno::SUCCESS);
        assert_eq!(guest.u64(512), expected);
    }
    guest.put(0, &[0; 56]);
    guest.put(0, &7_u64.to_le_bytes());
    guest.put(24, &1_u32.to_le_bytes());
    guest.put(32, &1_000_u64.to_le_bytes());
    assert_eq!(call(&mut guest, "poll_oneoff", &[0, 128, 1, 256]), errno::SUCCESS);
    assert_eq!((guest.u32(256), guest.u64(128)), (1, 7));
}
