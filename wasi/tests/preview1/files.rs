//! Files beneath a preopened directory, and attempts to leave it.

use std::fs;
use std::os::unix::fs::symlink;

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use tempfile::TempDir;

/// The first preopened directory's descriptor.
const DIR: u64 = 3;
const O_CREAT: u64 = 1;
const SECRET: &str = "out of bounds";

/// A directory that holds `secret` and the sandbox `inside`, and a guest that is given `inside`.
fn sandbox() -> (TempDir, Guest) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("secret"), SECRET).unwrap();
    let inside = dir.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let ctx = WasiCtxBuilder::new().preopened_dir(&inside, "/data", DirPerms::all(), FilePerms::all()).unwrap().build();
    (dir, Guest::new(ctx))
}

#[test]
fn a_preopened_directory_tells_its_name() {
    let (_dir, mut guest) = sandbox();
    assert_eq!(guest.call("fd_prestat_get", &[DIR, 0]), errno::SUCCESS);
    assert_eq!((guest.bytes(0, 1), guest.u32(4)), (&[0][..], 5));
    assert_eq!(guest.call("fd_prestat_dir_name", &[DIR, 16, 5]), errno::SUCCESS);
    assert_eq!(guest.bytes(16, 5), b"/data");
    assert_eq!(guest.call("fd_prestat_get", &[DIR + 1, 0]), errno::BADF);
}

#[test]
fn a_missing_directory_is_an_error_of_the_builder() {
    let (dir, _guest) = sandbox();
    let error = WasiCtxBuilder::new()
        .preopened_dir(dir.path().join("nowhere"), "/", DirPerms::all(), FilePerms::all())
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn files_are_written_and_read() {
    let (dir, mut guest) = sandbox();
    fs::write(dir.path().join("inside/in.txt"), "from the host").unwrap();

    let fd = guest.open(DIR, "in.txt", 0).unwrap();
    guest.put_iovs(0, &[(100, 64)]);
    assert_eq!(guest.call("fd_read", &[fd, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.bytes(100, guest.u32(64)), b"from the host");
    assert_eq!(guest.call("fd_seek", &[fd, 5, 0, 72]), errno::SUCCESS);
    assert_eq!(guest.call("fd_read", &[fd, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.bytes(100, guest.u32(64)), b"the host");
    assert_eq!(guest.call("fd_close", &[fd]), errno::SUCCESS);
    assert_eq!(guest.call("fd_read", &[fd, 0, 1, 64]), errno::BADF);

    let fd = guest.open(DIR, "out.txt", O_CREAT).unwrap();
    guest.put(200, b"from the guest");
    guest.put_iovs(0, &[(200, 14)]);
    assert_eq!(guest.call("fd_write", &[fd, 0, 1, 64]), errno::SUCCESS);
    let written = fs::read(dir.path().join("inside/out.txt")).unwrap();
    assert_eq!(written, b"from the guest");
}

#[test]
fn a_directory_lists_its_entries() {
    let (dir, mut guest) = sandbox();
    fs::write(dir.path().join("inside/entry"), "").unwrap();
    assert_eq!(guest.call("fd_readdir", &[DIR, 1000, 4096, 0, 0]), errno::SUCCESS);
    let mut names = Vec::new();
    let (mut at, end) = (1000, 1000 + guest.u32(0));
    while at < end {
        let length = guest.u32(at + 16);
        names.push(String::from_utf8(guest.bytes(at + 24, length).to_vec()).unwrap());
        at += 24 + length;
    }
    names.sort_unstable();
    assert_eq!(names, [".", "..", "entry"]);
}

#[test]
fn no_path_leads_out() {
    let (dir, mut guest) = sandbox();
    let inside = dir.path().join("inside");
    symlink("../secret", inside.join("relative")).unwrap();
    symlink(dir.path().join("secret"), inside.join("absolute")).unwrap();
    symlink("..", inside.join("up")).unwrap();
    fs::create_dir(inside.join("sub")).unwrap();
    let absolute = dir.path().join("secret").to_str().unwrap().to_owned();
    for path in ["../secret", "sub/../../secret", "relative", "absolute", "up/secret", "..", "/", &absolute] {
        assert_eq!(guest.open(DIR, path, 0), Err(errno::PERM), "open {path}");
        if path != "/" && path != ".." {
            assert_eq!(guest.open(DIR, path, O_CREAT), Err(errno::PERM), "create {path}");
        }
    }
    assert_eq!(guest.open(DIR, "../absent", O_CREAT), Err(errno::PERM));
    assert!(!dir.path().join("absent").exists());
    assert_eq!(guest.open(DIR, "absent", 0), Err(errno::NOENT));
    guest.open(DIR, "sub/../file", O_CREAT).expect("a path that stays inside");
}

#[test]
fn no_change_reaches_out() {
    let (dir, mut guest) = sandbox();
    let secret = dir.path().join("secret");
    symlink("..", dir.path().join("inside/up")).unwrap();
    for path in ["../secret", "up/secret"] {
        guest.put(0, path.as_bytes());
        guest.put(100, b"mine");
        let (at, length) = (0, path.len() as u64);
        let (mine, mine_length) = (100, 4);
        let calls: [(&str, &[u64]); 6] = [
            ("path_unlink_file", &[DIR, at, length]),
            ("path_remove_directory", &[DIR, at, length]),
            ("path_create_directory", &[DIR, at, length]),
            ("path_rename", &[DIR, at, length, DIR, mine, mine_length]),
            ("path_link", &[DIR, 0, at, length, DIR, mine, mine_length]),
            ("path_filestat_get", &[DIR, 1, at, length, 200]),
        ];
        for (name, args) in calls {
            assert_eq!(guest.call(name, args), errno::PERM, "{name} {path}");
        }
    }
    // A link to an absolute path would lead anywhere.
    guest.put(0, b"/etc");
    assert_eq!(guest.call("path_symlink", &[0, 4, DIR, 100, 4]), errno::PERM);
    assert_eq!(fs::read_to_string(secret).unwrap(), SECRET);
    assert!(!dir.path().join("inside/mine").exists());
}
