//! File systems in memory.

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};

const DIR: u64 = 3;
const CREATE: u64 = 1;
const DIRECTORY: u64 = 2;

fn guest(fs: &MemoryFs) -> Guest {
    Guest::new(WasiCtxBuilder::new().preopened_memory_fs(fs, "/", DirPerms::all(), FilePerms::all()).build())
}

#[test]
fn files_are_written_read_and_kept() {
    let fs = MemoryFs::new(1 << 20);
    fs.write("in/put", "from the host").unwrap();
    let mut guest = guest(&fs);
    let fd = guest.open(DIR, "in/put", 0).unwrap();
    guest.put_iovs(0, &[(100, 4), (200, 64)]);
    assert_eq!(guest.call("fd_read", &[fd, 0, 2, 64]), errno::SUCCESS);
    assert_eq!((guest.u32(64), guest.bytes(100, 4), guest.bytes(200, 9)), (13, &b"from"[..], &b" the host"[..]));
    let fd = guest.open(DIR, "out", CREATE).unwrap();
    guest.put(100, b"guest");
    guest.put_iovs(0, &[(100, 5)]);
    assert_eq!(guest.call("fd_pwrite", &[fd, 0, 1, 3, 64]), errno::SUCCESS);
    assert_eq!(guest.call("path_unlink_file", &[DIR, 0x8000, 3]), errno::SUCCESS, "the path of `open`");
    assert_eq!(guest.call("fd_filestat_get", &[fd, 256]), errno::SUCCESS);
    assert_eq!((guest.u64(256 + 24), guest.u64(256 + 32)), (0, 8), "no names, eight bytes");
    let fd = guest.open(DIR, "out", CREATE).unwrap();
    assert_eq!(guest.call("fd_pwrite", &[fd, 0, 1, 3, 64]), errno::SUCCESS);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 2, 64]), errno::SUCCESS);
    assert_eq!(guest.u64(64), 8);
    assert_eq!((fs.files(), fs.read("out").unwrap()), (vec!["in/put".into(), "out".into()], b"\0\0\0guest".to_vec()));
    assert!(fs.read("in").is_err() && fs.read("nothing").is_err() && fs.write("out/beneath", "").is_err());
}

#[test]
fn no_path_leads_out() {
    let outer = MemoryFs::new(1 << 20);
    outer.write("sub/file", "").unwrap();
    outer.write("secret", "").unwrap();
    let mut guest = guest(&outer);
    let sub = guest.open(DIR, "sub", DIRECTORY).unwrap();
    guest.put(0, b"../secret");
    guest.put(16, b"link");
    assert_eq!(guest.call("path_symlink", &[0, 9, sub, 16, 4]), errno::SUCCESS);
    for path in ["..", "../secret", "/secret", "/", "link", "./../sub/file"] {
        assert_eq!(guest.open(sub, path, 0), Err(errno::PERM), "{path}");
    }
    assert!(guest.open(DIR, "sub/link", 0).is_ok(), "from above, it stays inside");
    guest.put(0, b"/etc");
    assert_eq!(guest.call("path_symlink", &[0, 4, DIR, 32, 4]), errno::PERM);
    guest.put(0, b"a\0b");
    assert_eq!(guest.call("path_symlink", &[0, 3, DIR, 16, 4]), errno::INVAL, "as in the system");
    guest.put(0, b"self");
    assert_eq!(guest.call("path_symlink", &[0, 4, DIR, 0, 4]), errno::SUCCESS);
    assert_eq!(guest.open(DIR, "self", 0), Err(errno::LOOP));
}

#[test]
fn a_full_device_takes_no_more_and_gives_back_what_goes() {
    let fs = MemoryFs::new(10_000);
    let mut guest = guest(&fs);
    guest.put_iovs(0, &[(0, 6_000)]);
    for _ in 0..3 {
        let fd = guest.open(DIR, "file", CREATE).unwrap();
        assert_eq!(guest.call("fd_write", &[fd, 0, 1, 64]), errno::SUCCESS);
        assert_eq!(guest.call("fd_write", &[fd, 0, 1, 64]), errno::SUCCESS);
        assert!(guest.u32(64) < 4_000, "what fits");
        assert_eq!(guest.call("fd_write", &[fd, 0, 1, 64]), errno::NOSPC);
        assert_eq!(guest.call("fd_allocate", &[fd, 0, 1 << 40]), errno::NOSPC);
        assert_eq!(guest.call("fd_pwrite", &[fd, 0, 1, 1 << 40, 64]), errno::NOSPC);
        assert_eq!(guest.call("path_unlink_file", &[DIR, 0x8000, 4]), errno::SUCCESS);
        assert_eq!(guest.call("fd_close", &[fd]), errno::SUCCESS);
    }
    // Entries cost something, too.
    let made = (0..1000).take_while(|number| {
        guest.put(0x100, format!("{number:04}").as_bytes());
        guest.call("path_create_directory", &[DIR, 0x100, 4]) == errno::SUCCESS
    });
    assert!((10..100).contains(&made.count()));
}

#[test]
fn a_directory_does_not_go_into_itself() {
    let fs = MemoryFs::new(1 << 20);
    fs.write("a/b/c", "").unwrap();
    let mut guest = guest(&fs);
    guest.put(0, b"a");
    guest.put(8, b"a/b/a");
    assert_eq!(guest.call("path_rename", &[DIR, 0, 1, DIR, 8, 5]), errno::INVAL);
    assert_eq!(fs.files(), ["a/b/c"]);
}

/// A guest may begin to list a directory with each of its descriptors. The entries are kept for the last of them, and read again for the
/// others.
#[test]
fn few_listings_are_kept() {
    let fs = MemoryFs::new(1 << 20);
    for number in 0..1000 {
        fs.write(&format!("{number:04}"), "").unwrap();
    }
    let mut guest = guest(&fs);
    let open: Vec<u64> = (0..100).map(|_| guest.open(DIR, ".", DIRECTORY).unwrap()).collect();
    for cookie in 0..3 {
        for &fd in &open {
            assert_eq!(guest.call("fd_readdir", &[fd, 1000, 28, cookie, 64]), errno::SUCCESS);
            assert_eq!((guest.u32(64), guest.u64(1000)), (28, cookie + 1));
        }
    }
    assert_eq!(guest.bytes(1024, 4), b"0000");
    // Listings go into snapshots.
    let bytes = guest.ctx.snapshot().unwrap().to_bytes().len();
    assert!(bytes < 400_000, "{bytes} bytes");
}

/// However deep directories are, they go without a stack that is as deep.
#[test]
fn deep_directories_are_dropped() {
    const ROUNDS: usize = 8;
    const LEVELS: usize = 12_000;
    let fs = MemoryFs::new(64 << 20);
    let mut guest = guest(&fs);
    guest.put(0, b"d");
    guest.put(8, b"old");
    for round in 0..ROUNDS {
        let mut at = DIR;
        for _ in 0..LEVELS {
            assert_eq!(guest.call("path_create_directory", &[at, 0, 1]), errno::SUCCESS);
            let below = guest.open(at, "d", DIRECTORY).unwrap();
            if at != DIR {
                assert_eq!(guest.call("fd_close", &[at]), errno::SUCCESS);
            }
            at = below;
        }
        // Those of the rounds before go beneath these.
        if round > 0 {
            assert_eq!(guest.call("path_rename", &[DIR, 8, 3, at, 0, 1]), errno::SUCCESS);
        }
        assert_eq!(guest.call("fd_close", &[at]), errno::SUCCESS);
        assert_eq!(guest.call("path_rename", &[DIR, 0, 1, DIR, 8, 3]), errno::SUCCESS);
    }
    drop((guest, fs));
}

#[test]
fn other_file_systems_are_other_devices() {
    let (one, other) = (MemoryFs::new(1 << 16), MemoryFs::new(1 << 16));
    let folder = tempfile::tempdir().unwrap();
    one.write("file", "").unwrap();
    let mut builder = WasiCtxBuilder::new();
    let all = (DirPerms::all(), FilePerms::all());
    builder.preopened_memory_fs(&one, "/", all.0, all.1).preopened_memory_fs(&other, "/b", all.0, all.1);
    builder.preopened_dir(folder.path(), "/c", all.0, all.1).unwrap();
    let mut guest = Guest::new(builder.build());
    guest.put(0, b"file");
    for to in [DIR + 1, DIR + 2] {
        assert_eq!(guest.call("path_rename", &[DIR, 0, 4, to, 0, 4]), errno::XDEV);
        assert_eq!(guest.call("path_link", &[DIR, 0, 0, 4, to, 0, 4]), errno::XDEV);
    }
}
