//! A guest's state, stored and restored: what is open is opened again where the new context allows it, and nothing else is.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::guest::{Guest, errno};
use riser_wasi::{
    DirPerms, FilePerms, MemoryFs, Rights, SavedClocks, SavedTarget, WasiCtxBuilder, WasiSnapshot, WasiSnapshotError,
};
use tempfile::TempDir;

const DIR: u64 = 3;
const CREATE: u64 = 1;
const DIRECTORY: u64 = 2;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "0123456789").unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/inner"), "inner").unwrap();
    folder
}

fn guest(folder: &Path) -> Guest {
    guest_with(folder, DirPerms::all(), FilePerms::all())
}

fn guest_with(folder: &Path, dir_perms: DirPerms, file_perms: FilePerms) -> Guest {
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder, "/data", dir_perms, file_perms).unwrap();
    Guest::new(builder.build())
}

/// The guest's state after a way through its bytes.
fn saved(guest: &Guest) -> WasiSnapshot {
    let snapshot = guest.ctx.snapshot().unwrap();
    let back = WasiSnapshot::from_bytes(&snapshot.to_bytes()).unwrap();
    assert_eq!(back, snapshot);
    back
}

/// A guest that goes on from a state.
fn restored(snapshot: &WasiSnapshot, folder: &Path) -> Guest {
    let next = guest(folder);
    snapshot.restore(&next.ctx).unwrap();
    // It is what was stored; clocks go on meanwhile.
    let again = next.ctx.snapshot().unwrap();
    assert_eq!((again.descriptors(), again.directories()), (snapshot.descriptors(), snapshot.directories()));
    next
}

fn read(guest: &mut Guest, fd: u64, len: u32) -> Result<Vec<u8>, u32> {
    guest.put_iovs(0, &[(100, len)]);
    match guest.call("fd_read", &[fd, 0, 1, 64]) {
        errno::SUCCESS => Ok(guest.bytes(100, guest.u32(64)).to_vec()),
        errno => Err(errno),
    }
}

fn write(guest: &mut Guest, fd: u64, bytes: &[u8]) -> u32 {
    guest.put(100, bytes);
    guest.put_iovs(0, &[(100, bytes.len() as u32)]);
    guest.call("fd_write", &[fd, 0, 1, 64])
}

#[test]
fn open_files_go_on_where_they_were() {
    let folder = folder();
    let mut guest = guest(folder.path());
    let sub = guest.open(DIR, "sub", DIRECTORY).unwrap();
    let inner = guest.open(sub, "inner", 0).unwrap();
    let file = guest.open(DIR, "file", 0).unwrap();
    assert_eq!(read(&mut guest, file, 4).unwrap(), b"0123");
    assert_eq!(read(&mut guest, inner, 2).unwrap(), b"in");
    assert_eq!(guest.call("fd_fdstat_set_flags", &[inner, 1]), errno::SUCCESS);
    // Numbers between are closed, one of the standard streams too; another one has its number.
    assert_eq!(guest.call("fd_close", &[0]), errno::SUCCESS);
    assert_eq!(guest.call("fd_renumber", &[file, 1]), errno::SUCCESS);
    let snapshot = saved(&guest);
    drop(guest);

    let mut guest = restored(&snapshot, folder.path());
    let numbers: Vec<u32> = snapshot.descriptors().iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3, sub as u32, inner as u32]);
    assert_eq!(read(&mut guest, 0, 1), Err(errno::BADF));
    assert_eq!(read(&mut guest, 1, 20).unwrap(), b"456789");
    assert_eq!(write(&mut guest, inner, b"!"), errno::SUCCESS);
    assert_eq!(fs::read(folder.path().join("sub/inner")).unwrap(), b"inner!");
    // What is opened next gets the least number that is free.
    assert_eq!(guest.open(sub, "inner", 0), Ok(0));
}

/// The directory may be elsewhere, with other files in it: names count.
#[test]
fn files_are_those_of_the_new_directory() {
    let (old, new) = (folder(), folder());
    fs::write(new.path().join("file"), "abcdefghij").unwrap();
    let mut guest = guest(old.path());
    let file = guest.open(DIR, "./file", 0).unwrap();
    read(&mut guest, file, 3).unwrap();
    let mut guest = restored(&saved(&guest), new.path());
    assert_eq!(read(&mut guest, file, 3).unwrap(), b"def");
}

#[test]
fn what_cannot_be_opened_again_is_named() {
    let old = folder();
    let mut first = guest(old.path());
    let file = first.open(DIR, "file", 0).unwrap();
    read(&mut first, file, 6).unwrap();
    let snapshot = saved(&first);
    let refused = |change: fn(&Path)| {
        let new = folder();
        change(new.path());
        let next = guest(new.path());
        snapshot.restore(&next.ctx).expect_err("it cannot be opened").to_string()
    };
    let place = format!("the guest had `file` in its directory `/data` (descriptor {file}) open, which");
    let why = refused(|folder| fs::remove_file(folder.join("file")).unwrap());
    assert_eq!(why, format!("{place} cannot be opened again: there is no such file"));
    let why = refused(|folder| fs::write(folder.join("file"), "01234").unwrap());
    assert_eq!(why, format!("{place} is shorter than it was: the guest is at byte 6, and there are 5"));
    let why = refused(|folder| {
        fs::remove_file(folder.join("file")).unwrap();
        fs::create_dir(folder.join("file")).unwrap();
    });
    assert_eq!(why, format!("{place} cannot be opened again: it is a directory"));
    // A link out of the directory is followed no more than for any path of the guest's.
    let why = refused(|folder| {
        fs::remove_file(folder.join("file")).unwrap();
        symlink("/etc/passwd", folder.join("file")).unwrap();
    });
    assert_eq!(why, format!("{place} cannot be opened again: it leads out of the directory, or is not permitted"));
    let other = WasiCtxBuilder::new().build();
    assert_eq!(snapshot.restore(&other), Err(WasiSnapshotError::NoDirectory("/data".to_owned())));
}

/// A pipe in the place of a file is not waited for.
#[cfg(target_os = "linux")]
#[test]
fn pipes_are_refused() {
    let folder = folder();
    let mut first = guest(folder.path());
    let file = first.open(DIR, "file", 0).unwrap();
    let snapshot = saved(&first);
    fs::remove_file(folder.path().join("file")).unwrap();
    make_pipe(&folder.path().join("file"));
    let error = snapshot.restore(&guest(folder.path()).ctx).expect_err("it is a pipe");
    assert!(matches!(error, WasiSnapshotError::CannotOpen { .. }), "{error}");
    drop((first, file));
    let mut second = guest(folder.path());
    // Both ends, so that opening does not wait.
    let fd = second.open(DIR, "file", 0).unwrap();
    let error = second.ctx.snapshot().expect_err("it is a pipe");
    assert!(matches!(&error, WasiSnapshotError::NoFile(place) if u64::from(place.descriptor) == fd), "{error}");
}

#[cfg(target_os = "linux")]
fn make_pipe(at: &Path) {
    let made = std::process::Command::new("mkfifo").arg(at).status().unwrap();
    assert!(made.success());
}

#[test]
fn positions_that_do_not_matter_are_no_error() {
    let folder = folder();
    let mut first = guest(folder.path());
    // Behind the end, where the guest went by itself.
    let file = first.open(DIR, "file", 0).unwrap();
    assert_eq!(first.call("fd_seek", &[file, 50, 0, 64]), errno::SUCCESS);
    // Behind what the guest has written to the end of, without the right to read.
    let log = first.open(DIR, "log", CREATE).unwrap();
    assert_eq!(write(&mut first, log, b"some lines"), errno::SUCCESS);
    assert_eq!(first.call("fd_fdstat_set_flags", &[log, 1]), errno::SUCCESS);
    assert_eq!(first.call("fd_fdstat_get", &[log, 512]), errno::SUCCESS);
    let base = first.u64(520) & !Rights::FD_READ.bits();
    assert_eq!(first.call("fd_fdstat_set_rights", &[log, base, 0]), errno::SUCCESS);
    let snapshot = saved(&first);
    fs::write(folder.path().join("file"), "").unwrap();
    fs::write(folder.path().join("log"), "").unwrap();
    let next = guest(folder.path());
    snapshot.restore(&next.ctx).unwrap();
    let mut next = next;
    assert_eq!(next.call("fd_tell", &[file, 64]), errno::SUCCESS);
    assert_eq!(next.u64(64), 50);
    assert_eq!(write(&mut next, log, b"more"), errno::SUCCESS);
    assert_eq!(fs::read(folder.path().join("log")).unwrap(), b"more");
    assert_eq!(read(&mut next, log, 1), Err(errno::BADF));
}

#[test]
fn what_is_not_at_its_path_is_not_stored() {
    for change in [
        |path: &Path| fs::remove_file(path).unwrap(),
        |path: &Path| fs::rename(path, path.with_extension("old")).unwrap(),
        |path: &Path| {
            fs::write(path.with_extension("new"), "new").unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        },
    ] {
        let folder = folder();
        let mut guest = guest(folder.path());
        let file = guest.open(DIR, "file", 0).unwrap();
        change(&folder.path().join("file"));
        let error = guest.ctx.snapshot().expect_err("it is gone");
        let WasiSnapshotError::Gone(place) = &error else { panic!("{error}") };
        assert_eq!((u64::from(place.descriptor), &*place.directory, &*place.path), (file, "/data", "file"));
    }
}

#[test]
fn sockets_are_not_stored() {
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_listener(std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    assert_eq!(builder.build().snapshot(), Err(WasiSnapshotError::Socket(3)));
}

/// The new context decides what is permitted, and rights are at most those of a file that is opened.
#[test]
fn nobody_gets_more() {
    let folder = folder();
    let mut first = guest(folder.path());
    first.open(DIR, "file", 0).unwrap();
    let snapshot = saved(&first);
    let read_only = guest_with(folder.path(), DirPerms::READ, FilePerms::READ);
    let error = snapshot.restore(&read_only.ctx).expect_err("it was open for writing").to_string();
    assert!(error.contains("is not permitted"), "{error}");

    // Another right for each descriptor, by its bits.
    let bytes = snapshot.to_bytes();
    let ways_out = snapshot.descriptors().iter().filter(|it| it.rights_base.bits() > 0).count();
    let mut refused = 0;
    for descriptor in snapshot.descriptors() {
        let rights = [descriptor.rights_base.bits().to_le_bytes(), descriptor.rights_inheriting.bits().to_le_bytes()];
        let own =
            [&descriptor.number.to_le_bytes()[..], &descriptor.flags.bits().to_le_bytes(), &rights.concat()].concat();
        let at = bytes.windows(own.len()).position(|window| window == own).unwrap();
        let mut changed = bytes.clone();
        changed[at + 6..at + 14].copy_from_slice(&Rights::all().bits().to_le_bytes());
        let changed = WasiSnapshot::from_bytes(&changed).unwrap();
        let error = changed.restore(&guest(folder.path()).ctx).expect_err("too many rights");
        refused += usize::from(error == WasiSnapshotError::Rights(descriptor.number));
    }
    assert_eq!(refused, ways_out);
}

#[test]
fn numbers_are_bounded() {
    let folder = folder();
    let mut first = guest(folder.path());
    for _ in 0..10 {
        first.open(DIR, "file", 0).unwrap();
    }
    let snapshot = saved(&first);
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder.path(), "/data", DirPerms::all(), FilePerms::all()).unwrap().max_descriptors(8);
    assert_eq!(snapshot.restore(&builder.build()), Err(WasiSnapshotError::TooMany(8)));
}

#[test]
fn files_in_memory_are_stored_with_their_descriptors() {
    let fs = MemoryFs::new(1 << 20);
    fs.write("a/b", "0123456789").unwrap();
    let ctx = |fs: &MemoryFs| {
        let mut builder = WasiCtxBuilder::new();
        builder.preopened_memory_fs(fs, "/", DirPerms::all(), FilePerms::all());
        builder.preopened_memory_fs(fs, "/again", DirPerms::READ, FilePerms::READ);
        builder.build()
    };
    let mut first = Guest::new(ctx(&fs));
    let file = first.open(DIR, "a/b", 0).unwrap();
    assert_eq!(write(&mut first, file, b"xyz"), errno::SUCCESS);
    let snapshot = saved(&first);
    assert!(snapshot.directories().iter().all(|it| it.is_in_memory()));
    let other = MemoryFs::new(1 << 20);
    other.write("old", "is replaced").unwrap();
    let mut next = Guest::new(ctx(&other));
    snapshot.restore(&next.ctx).unwrap();
    assert_eq!(other.files(), ["a/b"]);
    assert_eq!(read(&mut next, file, 4).unwrap(), b"3456");
    assert_eq!(write(&mut next, file, b"!"), errno::SUCCESS);
    assert_eq!((other.read("a/b").unwrap(), fs.read("a/b").unwrap()), (b"xyz3456!89".to_vec(), b"xyz3456789".to_vec()));
    assert_eq!(next.ctx.snapshot().unwrap().directories(), snapshot.directories());

    let small = Guest::new(ctx(&MemoryFs::new(100)));
    assert_eq!(snapshot.restore(&small.ctx), Err(WasiSnapshotError::NoRoom("/".to_owned())));
    let folder = folder();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap();
    builder.preopened_memory_fs(&other, "/again", DirPerms::all(), FilePerms::all());
    assert_eq!(snapshot.restore(&builder.build()), Err(WasiSnapshotError::NotInMemory("/".to_owned())));
    // A file that only a descriptor leads to.
    next.put(0x8000, b"a/b");
    assert_eq!(next.call("path_unlink_file", &[DIR, 0x8000, 3]), errno::SUCCESS);
    assert!(matches!(next.ctx.snapshot(), Err(WasiSnapshotError::Gone(_))));
}

#[test]
fn a_listing_goes_on() {
    let folder = folder();
    for number in 0..20 {
        fs::write(folder.path().join(format!("entry-{number}")), "").unwrap();
    }
    let mut first = guest(folder.path());
    let list = |guest: &mut Guest, cookie: u64| {
        assert_eq!(guest.call("fd_readdir", &[DIR, 1000, 200, cookie, 64]), errno::SUCCESS);
        let used = guest.u32(64);
        let (mut at, mut names, mut next) = (1000, Vec::new(), cookie);
        while at + 24 <= 1000 + used {
            let len = guest.u32(at + 16);
            if at + 24 + len > 1000 + used {
                break;
            }
            next = guest.u64(at);
            names.push(String::from_utf8(guest.bytes(at + 24, len).to_vec()).unwrap());
            at += 24 + len;
        }
        (names, next)
    };
    let (names, cookie) = list(&mut first, 0);
    let expected = list(&mut first, cookie).0;
    assert!(!names.is_empty() && !expected.is_empty());
    let snapshot = saved(&first);
    fs::write(folder.path().join("another"), "").unwrap();
    fs::remove_file(folder.path().join(&names[names.len() - 1])).unwrap_or_default();
    let mut next = restored(&snapshot, folder.path());
    assert_eq!(list(&mut next, cookie).0, expected);
}

#[test]
fn clocks_and_random_bytes_go_on() {
    let ctx = WasiCtxBuilder::new().deterministic_clocks(1000, 10).random_seed(4).arg("a").env("B", "c").build();
    let mut first = Guest::new(ctx);
    let time = |guest: &mut Guest| {
        assert_eq!(guest.call("clock_time_get", &[1, 0, 64]), errno::SUCCESS);
        guest.u64(64)
    };
    let random = |guest: &mut Guest| {
        assert_eq!(guest.call("random_get", &[64, 8]), errno::SUCCESS);
        guest.u64(64)
    };
    time(&mut first);
    random(&mut first);
    let snapshot = saved(&first);
    let mut next = Guest::new(snapshot.builder().build());
    snapshot.restore(&next.ctx).unwrap();
    assert_eq!((next.ctx.args(), next.ctx.env()), (first.ctx.args(), first.ctx.env()));
    for _ in 0..3 {
        assert_eq!(time(&mut next), time(&mut first));
        assert_eq!(random(&mut next), random(&mut first));
    }
    let other = WasiCtxBuilder::new().build();
    assert_eq!(snapshot.restore(&other), Err(WasiSnapshotError::Clocks));
    let other = WasiCtxBuilder::new().deterministic_clocks(0, 10).build();
    assert_eq!(snapshot.restore(&other), Err(WasiSnapshotError::Random));

    // The monotonic clock of the host does not go back.
    let mut first = Guest::new(WasiCtxBuilder::new().build());
    std::thread::sleep(Duration::from_millis(20));
    let snapshot = saved(&first);
    let SavedClocks::Real { monotonic } = snapshot.clocks() else { panic!("{snapshot:?}") };
    let begun = Instant::now();
    let mut next = Guest::new(snapshot.builder().build());
    snapshot.restore(&next.ctx).unwrap();
    let then = time(&mut next);
    assert!((monotonic..=monotonic + begun.elapsed().as_nanos() as u64).contains(&then), "{monotonic} {then}");
    assert!(time(&mut first) >= 20_000_000);
}

#[test]
fn two_directories_of_one_name_are_told_apart_while_nothing_is_open() {
    let (one, other) = (folder(), folder());
    let ctx = || {
        let mut builder = WasiCtxBuilder::new();
        for folder in [&one, &other] {
            builder.preopened_dir(folder.path(), "/data", DirPerms::all(), FilePerms::all()).unwrap();
        }
        builder.build()
    };
    let mut first = Guest::new(ctx());
    assert_eq!(first.call("fd_close", &[3]), errno::SUCCESS);
    let snapshot = saved(&first);
    assert_eq!(snapshot.descriptors()[3].target, SavedTarget::Directory(1));
    fs::write(other.path().join("only here"), "").unwrap();
    let mut next = Guest::new(ctx());
    snapshot.restore(&next.ctx).unwrap();
    assert_eq!(next.open(3, "file", 0), Err(errno::BADF));
    next.open(4, "only here", 0).unwrap();
    assert_eq!(next.ctx.snapshot(), Err(WasiSnapshotError::SameName("/data".to_owned())));
}
