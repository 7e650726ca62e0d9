//! Paths of every shape, against the system itself: the same call in the same folder does the same.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder};

/// The first preopened directory's descriptor.
const DIR: u64 = 3;
/// Where in the guest's memory paths are.
const OLD: u64 = 0x1000;
const NEW: u64 = 0x2000;

/// A file, a directory with a file in it, an empty one, links to these, and one that leads nowhere.
fn furnish(folder: &Path) {
    fs::write(folder.join("file"), "text").unwrap();
    fs::create_dir(folder.join("dir")).unwrap();
    fs::write(folder.join("dir/inner"), "more").unwrap();
    fs::create_dir(folder.join("empty")).unwrap();
    symlink("file", folder.join("to-file")).unwrap();
    symlink("dir", folder.join("to-dir")).unwrap();
    symlink("nowhere", folder.join("to-nowhere")).unwrap();
}

/// All that is in a folder, with what is in files and links.
fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ty = path.symlink_metadata().unwrap().file_type();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if ty.is_dir() {
            found.push(format!("{name}/"));
            found.extend(listing(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else if ty.is_symlink() {
            found.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
        } else {
            found.push(format!("{name}: {}", fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort_unstable();
    found
}

/// The system's answer as WASI has it.
fn errno_of<T>(result: io::Result<T>) -> u32 {
    let Err(error) = result else { return errno::SUCCESS };
    match error.raw_os_error() {
        Some(libc::EACCES) => 2,
        Some(libc::EBUSY) => 10,
        Some(libc::EEXIST) => 20,
        Some(libc::EINVAL) => 28,
        Some(libc::EISDIR) => 31,
        Some(libc::ELOOP) => 32,
        Some(libc::ENOENT) => 44,
        Some(libc::ENOTDIR) => 54,
        Some(libc::ENOTEMPTY) => 55,
        Some(libc::EPERM) => 63,
        _ => panic!("{error}"),
    }
}

/// A call by a guest, and the same by the host.
struct Operation {
    name: &'static str,
    guest: fn(&mut Guest, u64, u64) -> u32,
    host: fn(&Path, &str) -> io::Result<()>,
}

fn open(guest: &mut Guest, length: u64, oflags: u64) -> u32 {
    guest.call("path_open", &[DIR, 1, OLD, length, oflags, 1 << 1, 0, 0, 64])
}

const OPERATIONS: &[Operation] = &[
    Operation {
        name: "open",
        guest: |guest, length, _| open(guest, length, 0),
        host: |folder, path| File::open(join(folder, path)).map(drop),
    },
    Operation {
        name: "open to create",
        guest: |guest, length, _| open(guest, length, 1),
        host: |folder, path| {
            OpenOptions::new().create(true).write(true).read(true).truncate(false).open(join(folder, path)).map(drop)
        },
    },
    Operation {
        name: "unlink",
        guest: |guest, length, _| guest.call("path_unlink_file", &[DIR, OLD, length]),
        host: |folder, path| fs::remove_file(join(folder, path)),
    },
    Operation {
        name: "remove a directory",
        guest: |guest, length, _| guest.call("path_remove_directory", &[DIR, OLD, length]),
        host: |folder, path| fs::remove_dir(join(folder, path)),
    },
    Operation {
        name: "create a directory",
        guest: |guest, length, _| guest.call("path_create_directory", &[DIR, OLD, length]),
        host: |folder, path| fs::create_dir(join(folder, path)),
    },
    Operation {
        name: "stat",
        guest: |guest, length, _| guest.call("path_filestat_get", &[DIR, 1, OLD, length, 64]),
        host: |folder, path| fs::metadata(join(folder, path)).map(drop),
    },
    Operation {
        name: "lstat",
        guest: |guest, length, _| guest.call("path_filestat_get", &[DIR, 0, OLD, length, 64]),
        host: |folder, path| fs::symlink_metadata(join(folder, path)).map(drop),
    },
    Operation {
        name: "read a link",
        guest: |guest, length, _| guest.call("path_readlink", &[DIR, OLD, length, 256, 64, 64]),
        host: |folder, path| fs::read_link(join(folder, path)).map(drop),
    },
    Operation {
        name: "make a symbolic link",
        guest: |guest, length, new| guest.call("path_symlink", &[NEW, new, DIR, OLD, length]),
        host: |folder, path| symlink(OTHER, join(folder, path)),
    },
    Operation {
        name: "link from",
        guest: |guest, length, new| guest.call("path_link", &[DIR, 0, OLD, length, DIR, NEW, new]),
        host: |folder, path| fs::hard_link(join(folder, path), join(folder, OTHER)),
    },
    Operation {
        name: "link to",
        guest: |guest, length, _| {
            guest.put(NEW as u32, b"file");
            guest.call("path_link", &[DIR, 0, NEW, 4, DIR, OLD, length])
        },
        host: |folder, path| fs::hard_link(join(folder, "file"), join(folder, path)),
    },
    Operation {
        name: "rename from",
        guest: |guest, length, new| guest.call("path_rename", &[DIR, OLD, length, DIR, NEW, new]),
        host: |folder, path| fs::rename(join(folder, path), join(folder, OTHER)),
    },
    Operation {
        name: "rename a file to",
        guest: |guest, length, _| {
            guest.put(NEW as u32, b"file");
            guest.call("path_rename", &[DIR, NEW, 4, DIR, OLD, length])
        },
        host: |folder, path| fs::rename(join(folder, "file"), join(folder, path)),
    },
    Operation {
        name: "rename a directory to",
        guest: |guest, length, _| {
            guest.put(NEW as u32, b"dir/");
            guest.call("path_rename", &[DIR, NEW, 4, DIR, OLD, length])
        },
        host: |folder, path| fs::rename(join(folder, "dir/"), join(folder, path)),
    },
];

/// A name that nothing has.
const OTHER: &str = "other";

/// A path as it is, slashes at its end included.
fn join(folder: &Path, path: &str) -> String {
    format!("{}/{path}", folder.display())
}

/// The same as [`furnish`], in memory.
fn furnished_memory() -> (MemoryFs, Guest) {
    let fs = MemoryFs::new(1 << 20);
    fs.write("file", "text").unwrap();
    fs.write("dir/inner", "more").unwrap();
    let ctx = WasiCtxBuilder::new().preopened_memory_fs(&fs, "/", DirPerms::all(), FilePerms::all()).build();
    let mut guest = Guest::new(ctx);
    guest.put(OLD as u32, b"empty");
    assert_eq!(guest.call("path_create_directory", &[DIR, OLD, 5]), errno::SUCCESS);
    for (target, name) in [("file", "to-file"), ("dir", "to-dir"), ("nowhere", "to-nowhere")] {
        guest.put(OLD as u32, target.as_bytes());
        guest.put(NEW as u32, name.as_bytes());
        let arguments = [OLD, target.len() as u64, DIR, NEW, name.len() as u64];
        assert_eq!(guest.call("path_symlink", &arguments), errno::SUCCESS);
    }
    (fs, guest)
}

/// The names of what is no directory, from a listing.
fn names_of(listing: Vec<String>) -> Vec<String> {
    let no_directories = listing.into_iter().filter(|it| !it.ends_with('/'));
    let mut names: Vec<_> = no_directories.map(|it| it.split([':', ' ']).next().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

#[test]
fn calls_do_the_same_in_memory() {
    let mut wrong = Vec::new();
    for Operation { name, guest: call, host } in OPERATIONS {
        for end in ["", "/", "//"] {
            for path in NAMES.map(|it| format!("{it}{end}")) {
                let (fs, mut guest) = furnished_memory();
                let theirs = tempfile::tempdir().unwrap();
                furnish(theirs.path());
                guest.put(OLD as u32, path.as_bytes());
                guest.put(NEW as u32, OTHER.as_bytes());
                let actual = call(&mut guest, path.len() as u64, OTHER.len() as u64);
                let expected = errno_of(host(theirs.path(), &path));
                if (actual, fs.files()) != (expected, names_of(listing(theirs.path()))) {
                    wrong.push(format!("{name} `{path}`: {actual}, {expected} by the system"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const NAMES: [&str; 10] =
    ["file", "dir", "empty", "to-file", "to-dir", "to-nowhere", "new", "dir/inner", "to-dir/inner", "file/inner"];

#[test]
fn calls_do_what_the_systems_do() {
    let mut wrong = Vec::new();
    for Operation { name, guest: call, host } in OPERATIONS {
        for end in ["", "/", "//"] {
            for path in NAMES.map(|it| format!("{it}{end}")) {
                let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
                furnish(ours.path());
                furnish(theirs.path());
                let ctx = WasiCtxBuilder::new()
                    .preopened_dir(ours.path(), "/", DirPerms::all(), FilePerms::all())
                    .unwrap()
                    .build();
                let mut guest = Guest::new(ctx);
                guest.put(OLD as u32, path.as_bytes());
                guest.put(NEW as u32, OTHER.as_bytes());
                let actual = call(&mut guest, path.len() as u64, OTHER.len() as u64);
                let expected = errno_of(host(theirs.path(), &path));
                if (actual, listing(ours.path())) != (expected, listing(theirs.path())) {
                    wrong.push(format!("{name} `{path}`: {actual}, {expected} by the system"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Opens `file` with rights and flags; the descriptor, or the errno.
fn open_with(guest: &mut Guest, oflags: u64, rights: u64, fdflags: u64) -> Result<u64, u32> {
    guest.put(OLD as u32, b"file");
    match guest.call("path_open", &[DIR, 1, OLD, 4, oflags, rights, 0, fdflags, 64]) {
        errno::SUCCESS => Ok(u64::from(guest.u32(64))),
        errno => Err(errno),
    }
}

#[test]
fn files_are_cut_and_appended_to() {
    const CREATE: u64 = 1;
    const TRUNCATE: u64 = 8;
    const APPEND: u64 = 1;
    const READ: u64 = 1 << 1;
    const WRITE: u64 = 1 << 6;
    for (oflags, rights, fdflags, expected) in [
        (0, WRITE, 0, "more"),
        (0, WRITE, APPEND, "textmore"),
        (0, READ | WRITE, APPEND, "textmore"),
        (TRUNCATE, WRITE, 0, "more"),
        (TRUNCATE, WRITE, APPEND, "more"),
        (CREATE | TRUNCATE, WRITE, APPEND, "more"),
        (CREATE | TRUNCATE, READ | WRITE, APPEND, "more"),
        (TRUNCATE, READ, 0, ""),
        (TRUNCATE, READ, APPEND, ""),
        (0, READ, APPEND, "text"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "text").unwrap();
        let ctx =
            WasiCtxBuilder::new().preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap().build();
        let mut guest = Guest::new(ctx);
        let descriptor = open_with(&mut guest, oflags, rights, fdflags)
            .unwrap_or_else(|errno| panic!("{oflags} {rights} {fdflags}: {errno}"));
        assert_eq!(guest.call("fd_fdstat_get", &[descriptor, 256]), errno::SUCCESS);
        assert_eq!(u64::from(guest.bytes(258, 1)[0]) & APPEND, fdflags);
        if rights & WRITE != 0 {
            guest.put(200, b"more");
            guest.put_iovs(0, &[(200, 4)]);
            assert_eq!(guest.call("fd_write", &[descriptor, 0, 1, 64]), errno::SUCCESS);
        }
        let text = fs::read_to_string(folder.path().join("file")).unwrap();
        assert_eq!(text, expected, "{oflags} {rights} {fdflags}");
    }
}

#[test]
fn a_descriptor_begins_and_ceases_to_append() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "text").unwrap();
    let ctx =
        WasiCtxBuilder::new().preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap().build();
    let mut guest = Guest::new(ctx);
    let descriptor = open_with(&mut guest, 0, 1 << 6 | 1 << 2, 0).unwrap();
    guest.put(200, b"more");
    guest.put_iovs(0, &[(200, 2)]);
    for (flags, expected) in [(1, "textmo"), (0, "moxtmo"), (1, "moxtmomo")] {
        assert_eq!(guest.call("fd_fdstat_set_flags", &[descriptor, flags]), errno::SUCCESS);
        assert_eq!(guest.call("fd_seek", &[descriptor, 0, 0, 64]), errno::SUCCESS);
        assert_eq!(guest.call("fd_write", &[descriptor, 0, 1, 64]), errno::SUCCESS);
        assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), expected);
    }
}
