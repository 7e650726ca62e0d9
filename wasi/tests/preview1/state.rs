//! Descriptors: what may be done with them, what they say of themselves, and how many there are.

use std::fs;
use std::io::Write as _;

use crate::guest::{Guest, RIGHTS_READ_WRITE, errno};
use riser_wasi::{
    DescriptorKind, DirPerms, FdFlags, FilePerms, FileType, MemoryInputPipe, MemoryOutputPipe, RandomState, Rights,
    WasiCtxBuilder,
};
use tempfile::TempDir;

const DIR: u64 = 3;
const CREATE: u64 = 1;
const DIRECTORY: u64 = 2;
const TRUNCATE: u64 = 8;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "text").unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    folder
}

fn guest(folder: &TempDir, dir_perms: DirPerms, file_perms: FilePerms) -> Guest {
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder.path(), "/data", dir_perms, file_perms).unwrap();
    Guest::new(builder.build())
}

#[test]
fn all_descriptors_are_listed() {
    let folder = folder();
    let mut guest = guest(&folder, DirPerms::all(), FilePerms::all());
    let sub = guest.open(DIR, "sub", DIRECTORY).unwrap();
    let file = guest.open(sub, "new", CREATE).unwrap();
    guest.put_iovs(0, &[(100, 3)]);
    assert_eq!(guest.call("fd_write", &[file, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.call("fd_fdstat_set_flags", &[file, 1]), errno::SUCCESS);
    assert_eq!(guest.call("fd_close", &[1]), errno::SUCCESS);
    let all = guest.ctx.descriptors();
    assert_eq!(all.iter().map(|it| it.number).collect::<Vec<_>>(), [0, 2, 3, 4, 5]);
    assert_eq!((&all[0].kind, &all[1].kind), (&DescriptorKind::Stdin, &DescriptorKind::Stderr));
    assert_eq!(all[2].kind, DescriptorKind::Preopen { name: "/data".to_owned() });
    assert_eq!(all[4].kind, DescriptorKind::Opened { preopen: "/data".to_owned(), path: "sub/new".to_owned() });
    assert_eq!((all[4].file_type, all[4].offset, all[4].flags), (FileType::RegularFile, Some(3), FdFlags::APPEND));
    assert!(all[4].rights_base.contains(Rights::FD_READ | Rights::FD_WRITE | Rights::FD_SEEK));
    assert_eq!((all[3].file_type, all[3].offset), (FileType::Directory, None));
}

#[test]
fn rights_that_are_given_up_are_missed() {
    let folder = folder();
    let mut guest = guest(&folder, DirPerms::all(), FilePerms::all());
    let file = guest.open(DIR, "file", 0).unwrap();
    let rights = |guest: &mut Guest, fd| {
        assert_eq!(guest.call("fd_fdstat_get", &[fd, 512]), errno::SUCCESS);
        (guest.u64(520), guest.u64(528))
    };
    let (base, inheriting) = rights(&mut guest, file);
    assert_eq!(base & RIGHTS_READ_WRITE, RIGHTS_READ_WRITE);
    let less = base & !RIGHTS_READ_WRITE & !Rights::FD_SEEK.bits();
    assert_eq!(guest.call("fd_fdstat_set_rights", &[file, less, inheriting]), errno::SUCCESS);
    assert_eq!(rights(&mut guest, file), (less, inheriting));
    assert_eq!(guest.call("fd_fdstat_set_rights", &[file, base, inheriting]), errno::NOTCAPABLE);
    guest.put_iovs(0, &[(100, 3)]);
    assert_eq!(guest.call("fd_read", &[file, 0, 1, 64]), errno::BADF);
    assert_eq!(guest.call("fd_pwrite", &[file, 0, 1, 0, 64]), errno::BADF);
    assert_eq!(guest.call("fd_seek", &[file, 1, 0, 64]), errno::NOTCAPABLE);
    assert_eq!(guest.call("fd_tell", &[file, 64]), errno::SUCCESS);
    // A directory that passes on no right to write.
    let (base, inheriting) = rights(&mut guest, DIR);
    let less = inheriting & !Rights::FD_WRITE.bits();
    assert_eq!(guest.call("fd_fdstat_set_rights", &[DIR, base, less]), errno::SUCCESS);
    assert_eq!(guest.open(DIR, "file", 0), Err(errno::NOTCAPABLE));
    guest.put(0x8000, b"file");
    let read = Rights::FD_READ.bits();
    assert_eq!(guest.call("path_open", &[DIR, 0, 0x8000, 4, 0, read, 0, 0, 64]), errno::SUCCESS);
    // And none to change sizes.
    assert_eq!(guest.call("fd_fdstat_set_rights", &[DIR, base, read]), errno::SUCCESS);
    assert_eq!(guest.call("path_open", &[DIR, 0, 0x8000, 4, TRUNCATE, read, 0, 0, 64]), errno::NOTCAPABLE);
    assert_eq!(std::fs::read(folder.path().join("file")).unwrap(), b"text");
}

#[test]
fn a_read_only_directory_stays_as_it_is() {
    let folder = folder();
    let mut guest = guest(&folder, DirPerms::READ, FilePerms::READ);
    guest.put(0, b"file");
    guest.put(8, b"new");
    guest.put(16, b"sub");
    let read = Rights::FD_READ.bits();
    let open = |oflags, rights| [DIR, 0, 0, 4, oflags, rights, 0, 0, 64];
    let writes = [(0, RIGHTS_READ_WRITE), (CREATE, read), (TRUNCATE, read), (0, 1 << 6), (DIRECTORY, 1 << 6)];
    for (oflags, rights) in writes {
        assert_eq!(guest.call("path_open", &open(oflags, rights)), errno::PERM, "{oflags} {rights}");
    }
    for (name, arguments) in [
        ("path_unlink_file", &[DIR, 0, 4][..]),
        ("path_create_directory", &[DIR, 8, 3]),
        ("path_remove_directory", &[DIR, 16, 3]),
        ("path_rename", &[DIR, 0, 4, DIR, 8, 3]),
        ("path_link", &[DIR, 0, 0, 4, DIR, 8, 3]),
        ("path_symlink", &[0, 4, DIR, 8, 3]),
        ("path_filestat_set_times", &[DIR, 0, 0, 4, 1, 1, 5]),
        ("fd_filestat_set_times", &[DIR, 1, 1, 5]),
    ] {
        assert_eq!(guest.call(name, arguments), errno::PERM, "{name}");
    }
    assert_eq!(guest.call("path_open", &open(0, read)), errno::SUCCESS);
    let file = u64::from(guest.u32(64));
    guest.put_iovs(128, &[(200, 16)]);
    assert_eq!(guest.call("fd_read", &[file, 128, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.bytes(200, guest.u32(64)), b"text");
    assert_eq!(guest.call("fd_write", &[file, 128, 1, 64]), errno::BADF);
    assert_eq!(guest.call("fd_filestat_set_times", &[file, 1, 1, 5]), errno::PERM);
    assert_eq!(guest.call("fd_filestat_set_size", &[file, 0]), errno::INVAL);
    // What is beneath it is as much read-only.
    guest.put(0x8000, b"sub");
    assert_eq!(guest.call("path_open", &[DIR, 0, 0x8000, 3, DIRECTORY, read, 0, 0, 64]), errno::SUCCESS);
    let sub = u64::from(guest.u32(64));
    assert_eq!(guest.open(sub, "new", CREATE), Err(errno::PERM));
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "text");
}

#[test]
fn no_file_moves_to_where_more_is_allowed() {
    let (shown, own) = (folder(), tempfile::tempdir().unwrap());
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(shown.path(), "/shown", DirPerms::all(), FilePerms::READ).unwrap();
    builder.preopened_dir(own.path(), "/own", DirPerms::all(), FilePerms::all()).unwrap();
    let mut guest = Guest::new(builder.build());
    guest.put(0, b"file");
    assert_eq!(guest.call("path_rename", &[DIR, 0, 4, DIR + 1, 0, 4]), errno::PERM);
    assert_eq!(guest.call("path_link", &[DIR, 0, 0, 4, DIR + 1, 0, 4]), errno::PERM);
}

#[test]
fn descriptors_are_counted() {
    let folder = folder();
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap().max_descriptors(6);
    let mut guest = Guest::new(builder.build());
    assert_eq!([4, 5].map(Ok), [(); 2].map(|()| guest.open(DIR, "file", 0)));
    assert_eq!(guest.open(DIR, "another", CREATE), Err(errno::MFILE));
    assert!(!folder.path().join("another").exists(), "what cannot be opened is not made");
    assert_eq!(guest.call("fd_close", &[4]), errno::SUCCESS);
    assert_eq!(guest.open(DIR, "file", 0), Ok(4));
}

/// A directory with a link to itself is as deep as a guest likes.
#[test]
fn the_paths_of_descriptors_are_bounded() {
    let folder = folder();
    std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
    let mut guest = guest(&folder, DirPerms::all(), FilePerms::all());
    let path = ["loop"; 30].join("/./");
    let mut at = DIR;
    let refused = (0..1000).find_map(|_| {
        let next = guest.open(at, &path, DIRECTORY);
        if at != DIR {
            guest.call("fd_close", &[at]);
        }
        next.map(|next| at = next).err()
    });
    assert_eq!(refused, Some(errno::NAMETOOLONG));
    guest.open(DIR, "./sub/.//", DIRECTORY).unwrap();
    let names = DescriptorKind::Opened { preopen: "/data".to_owned(), path: "sub".to_owned() };
    assert_eq!(guest.ctx.descriptors().last().map(|it| it.kind.clone()), Some(names));
}

#[test]
fn positions_of_writes_are_those_that_were_asked_for() {
    let folder = folder();
    let mut guest = guest(&folder, DirPerms::all(), FilePerms::all());
    let file = guest.open(DIR, "file", 0).unwrap();
    assert_eq!(guest.call("fd_fdstat_set_flags", &[file, 1]), errno::SUCCESS);
    guest.put(100, b"ab");
    guest.put_iovs(0, &[(100, 2)]);
    assert_eq!(guest.call("fd_write", &[file, 0, 1, 64]), errno::SUCCESS);
    assert_eq!((guest.call("fd_tell", &[file, 64]), guest.u64(64)), (errno::SUCCESS, 6));
    assert_eq!(guest.call("fd_pwrite", &[file, 0, 1, 1, 64]), errno::SUCCESS);
    assert_eq!((guest.call("fd_tell", &[file, 64]), guest.u64(64)), (errno::SUCCESS, 6));
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "tabtab");
}

#[test]
fn buffers_cost_no_more_than_the_memory_has() {
    let stdout = MemoryOutputPipe::new(usize::MAX);
    let input = MemoryInputPipe::new(vec![7; 1 << 20]);
    let mut guest = Guest::new(WasiCtxBuilder::new().stdin(input).stdout(stdout.clone()).build());
    let all: Vec<(u32, u32)> = vec![(0, 1 << 16); 2000];
    guest.put_iovs(0, &all);
    assert_eq!(guest.call("fd_write", &[1, 0, 2000, 65532]), errno::SUCCESS);
    assert_eq!((stdout.contents().len(), guest.u32(65532)), (1 << 16, 1 << 16));
    guest.put_iovs(0, &all);
    assert_eq!(guest.call("fd_read", &[0, 0, 2000, 65532]), errno::SUCCESS);
    assert_eq!(guest.u32(65532), 1 << 16);
}

#[test]
fn chance_and_time_are_what_the_embedder_says() {
    let run = || {
        let ctx = WasiCtxBuilder::new().random_seed(42).deterministic_clocks(1_000, 10).build();
        let mut guest = Guest::new(ctx);
        assert_eq!(guest.call("random_get", &[0, 100]), errno::SUCCESS);
        assert_eq!(guest.call("clock_time_get", &[1, 0, 104]), errno::SUCCESS);
        // A sleep of an hour takes no time, and the clock says that it did.
        guest.put(256, &[0; 48]);
        guest.put(256 + 24, &3_600_000_000_000_u64.to_le_bytes());
        let started = std::time::Instant::now();
        assert_eq!(guest.call("poll_oneoff", &[256, 512, 1, 600]), errno::SUCCESS);
        assert!(started.elapsed().as_secs() < 60);
        assert_eq!(guest.call("clock_time_get", &[0, 0, 112]), errno::SUCCESS);
        assert_eq!((guest.u64(104), guest.u64(112)), (1_010, 3_600_000_001_020));
        assert!(matches!(guest.ctx.random(), RandomState::Seeded(state) if state != 42));
        guest.bytes(0, 100).to_vec()
    };
    assert_eq!(run(), run());
    let mut guest = Guest::new(WasiCtxBuilder::new().secure_random(|bytes| bytes.fill(9)).build());
    assert_eq!(guest.call("random_get", &[0, 4]), errno::SUCCESS);
    assert_eq!(guest.bytes(0, 5), [9, 9, 9, 9, 0]);
}

#[test]
fn one_thread_may_wait_while_another_works() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let folder = folder();
    let mut builder = WasiCtxBuilder::new();
    builder.stdin(reader).preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap();
    let ctx = builder.build();
    let (mut one, mut other) = (Guest::new(ctx.clone()), Guest::new(ctx));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            one.put_iovs(0, &[(100, 8)]);
            assert_eq!(one.call("fd_read", &[0, 0, 1, 64]), errno::SUCCESS);
            one.bytes(100, one.u32(64)).to_vec()
        });
        assert_eq!(other.open(DIR, "file", 0), Ok(4));
        writer.write_all(b"late").unwrap();
        assert_eq!(waiting.join().unwrap(), b"late");
    });
}
