//! Links that change while a guest walks over them: no call ever reaches what is outside.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, WasiCtxBuilder};

const DIR: u64 = 3;
const O_CREAT: u64 = 1;
const SECRET: &[u8] = b"out of bounds";

/// Makes `swap` by turns a directory and a link that leads out, the latter by three ways.
fn swap(inside: &Path, stop: &AtomicBool) {
    let outside = inside.parent().unwrap().to_owned();
    let [swap, spare] = ["swap", "spare"].map(|name| inside.join(name));
    let mut turn = 0;
    while !stop.load(Ordering::Relaxed) {
        let target = ["..".into(), "sub/../..".into(), outside.clone()][turn % 3].clone();
        turn += 1;
        fs::rename(&swap, &spare).unwrap();
        symlink(target, &swap).unwrap();
        // Another link takes its place as a whole, too.
        symlink("..", inside.join("other")).unwrap();
        fs::rename(inside.join("other"), &swap).unwrap();
        fs::remove_file(&swap).unwrap();
        fs::rename(&spare, &swap).unwrap();
    }
}

/// What is outside, besides the directory that the guest has.
fn outside(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name() != "inside")
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default()))
        .collect();
    found.sort();
    found
}

#[test]
fn no_call_is_led_out_by_links_that_change() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir_all(inside.join("swap/sub")).unwrap();
    fs::create_dir(inside.join("sub")).unwrap();
    fs::write(folder.path().join("secret"), SECRET).unwrap();
    fs::write(inside.join("mine"), "mine").unwrap();
    let before = outside(folder.path());
    let ctx = WasiCtxBuilder::new().preopened_dir(&inside, "/", DirPerms::all(), FilePerms::all()).unwrap().build();
    let mut guest = Guest::new(ctx);
    let stop = AtomicBool::new(false);
    let mut reached = [0_usize; 2];
    thread::scope(|scope| {
        scope.spawn(|| swap(&inside, &stop));
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(1500) {
            for path in ["swap/secret", "swap/../swap/secret", "swap/sub/../secret"] {
                if let Ok(fd) = guest.open(DIR, path, 0) {
                    guest.put_iovs(0, &[(100, 64)]);
                    assert_eq!(guest.call("fd_read", &[fd, 0, 1, 64]), errno::SUCCESS);
                    assert_ne!(guest.bytes(100, guest.u32(64)), SECRET, "{path}");
                    guest.call("fd_close", &[fd]);
                }
            }
            for path in ["swap/new", "swap/sub/../../new"] {
                if let Ok(fd) = guest.open(DIR, path, O_CREAT) {
                    reached[0] += 1;
                    guest.call("fd_close", &[fd]);
                } else {
                    reached[1] += 1;
                }
            }
            let (at, len) = (0x100, "swap/secret".len() as u64);
            guest.put(0x100, b"swap/secret");
            guest.put(0x200, b"mine");
            guest.put(0x300, b"swap/link");
            let mine = (0x200, 4);
            for (name, arguments) in [
                ("path_unlink_file", &[DIR, at, len][..]),
                ("path_remove_directory", &[DIR, at, len]),
                ("path_create_directory", &[DIR, 0x300, 9]),
                ("path_remove_directory", &[DIR, 0x300, 9]),
                ("path_symlink", &[mine.0, mine.1, DIR, 0x300, 9]),
                ("path_link", &[DIR, 0, mine.0, mine.1, DIR, 0x300, 9]),
                ("path_rename", &[DIR, at, len, DIR, 0x300, 9]),
                ("path_filestat_set_times", &[DIR, 1, at, len, 5, 5, 5]),
                ("path_unlink_file", &[DIR, 0x300, 9]),
            ] {
                guest.call(name, arguments);
            }
            if guest.call("path_filestat_get", &[DIR, 1, at, len, 0x400]) == errno::SUCCESS {
                assert_ne!(guest.u64(0x400 + 32), SECRET.len() as u64, "the attributes of what is outside");
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(outside(folder.path()), before);
    assert!(reached.iter().all(|&count| count > 0), "the link was there, and was not: {reached:?}");
}
