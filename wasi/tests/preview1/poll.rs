//! Waiting for clocks and descriptors.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime};

use crate::guest::{Guest, errno};
use riser_wasi::{DirPerms, FilePerms, WasiCtxBuilder};

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;

/// Where in the guest's memory things are.
const SUBSCRIPTIONS: u32 = 0;
const EVENTS: u32 = 0x1000;
const COUNT: u32 = 0x2000;

enum Subscription {
    /// A clock, nanoseconds, and whether these are a time on the clock.
    Clock(u32, u64, bool),
    Read(u32),
    Write(u32),
}
use Subscription::{Clock, Read, Write};

/// The events that come, as their subscriptions' numbers and errnos; or the errno of the call.
fn poll(guest: &mut Guest, subscriptions: &[Subscription]) -> Result<Vec<(u64, u8)>, u32> {
    for (number, subscription) in subscriptions.iter().enumerate() {
        let at = SUBSCRIPTIONS + 48 * number as u32;
        guest.put(at, &[0; 48]);
        guest.put(at, &(number as u64).to_le_bytes());
        match subscription {
            Clock(id, nanoseconds, absolute) => {
                guest.put(at + 16, &id.to_le_bytes());
                guest.put(at + 24, &nanoseconds.to_le_bytes());
                guest.put(at + 40, &[u8::from(*absolute)]);
            }
            Read(descriptor) | Write(descriptor) => {
                guest.put(at + 8, &[if let Read(_) = subscription { 1 } else { 2 }]);
                guest.put(at + 16, &descriptor.to_le_bytes());
            }
        }
    }
    let before = guest.bytes(SUBSCRIPTIONS, 48 * subscriptions.len() as u32).to_vec();
    let arguments = [SUBSCRIPTIONS, EVENTS, subscriptions.len() as u32, COUNT].map(u64::from);
    let errno = guest.call("poll_oneoff", &arguments);
    assert_eq!(guest.bytes(SUBSCRIPTIONS, before.len() as u32), before, "subscriptions stay as they are");
    match errno {
        errno::SUCCESS => Ok((0..guest.u32(COUNT))
            .map(|it| EVENTS + 32 * it)
            .map(|at| (guest.u64(at), guest.bytes(at + 8, 1)[0]))
            .collect()),
        errno => Err(errno),
    }
}

/// A guest with a descriptor 3 that is a folder, in which `file` is.
fn guest() -> (tempfile::TempDir, Guest) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "text").unwrap();
    let ctx =
        WasiCtxBuilder::new().preopened_dir(folder.path(), "/", DirPerms::all(), FilePerms::all()).unwrap().build();
    (folder, Guest::new(ctx))
}

fn nanoseconds(time: Duration) -> u64 {
    time.as_nanos() as u64
}

#[test]
fn subscriptions_are_bounded() {
    let (_folder, mut guest) = guest();
    guest.memory.resize(4097 * 48, 0);
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 4097, 0]), errno::INVAL);
    // Clocks whose time has come.
    assert_eq!(guest.call("poll_oneoff", &[0, 0, 4096, 4096 * 48]), errno::SUCCESS);
    assert_eq!(guest.u32(4096 * 48), 4096);
}

#[test]
fn clocks_are_waited_for() {
    let (_folder, mut guest) = guest();
    let now = || nanoseconds(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap());
    const WAIT: u64 = 5_000_000;
    for clock in [REALTIME, MONOTONIC] {
        // What is over, and what is to come; alone, and beside a clock that is further away.
        for beside in [vec![], vec![Clock(MONOTONIC, u64::MAX >> 8, false)]] {
            let mut wait = |first: Subscription| {
                let started = Instant::now();
                let subscriptions: Vec<Subscription> =
                    [first].into_iter().chain(beside.iter().map(|_| Clock(MONOTONIC, u64::MAX >> 8, false))).collect();
                assert_eq!(poll(&mut guest, &subscriptions), Ok(vec![(0, 0)]));
                nanoseconds(started.elapsed())
            };
            wait(Clock(clock, 0, true));
            wait(Clock(clock, 0, false));
            assert!(wait(Clock(clock, WAIT, false)) >= WAIT);
        }
    }
    let started = Instant::now();
    let date = now() + WAIT;
    assert_eq!(poll(&mut guest, &[Clock(REALTIME, date, true)]), Ok(vec![(0, 0)]));
    assert!(now() >= date && started.elapsed() < Duration::from_secs(10));
    // All that are over at once.
    let over = [Clock(REALTIME, 1, true), Clock(MONOTONIC, 1, true), Clock(REALTIME, u64::MAX, true)];
    assert_eq!(poll(&mut guest, &over), Ok(vec![(0, 0), (1, 0)]));
}

#[test]
fn mistakes_of_the_guest_are_errnos() {
    let (_folder, mut guest) = guest();
    assert_eq!(poll(&mut guest, &[]), Err(errno::INVAL));
    assert_eq!(poll(&mut guest, &[Clock(9, 0, true)]), Err(errno::INVAL));
    assert_eq!(poll(&mut guest, &[Read(9)]), Err(errno::BADF));
    assert_eq!(poll(&mut guest, &[Clock(REALTIME, 0, true), Write(9)]), Err(errno::BADF));
    // A date, with its events out of bounds or misaligned.
    guest.put(0, &[0; 48]);
    guest.put(40, &[1]);
    for (arguments, expected) in [
        ([0, 0xffff_fff0, 1, 128], errno::FAULT),
        ([0, 64, 1, 0xffff_fffc], errno::FAULT),
        ([0, 60, 1, 128], errno::INVAL),
        ([0, 64, 1, 130], errno::INVAL),
        ([0xffff_fff8, 64, 1, 128], errno::FAULT),
        ([0, 64, u64::from(u32::MAX), 128], errno::FAULT),
    ] {
        assert_eq!(guest.call("poll_oneoff", &arguments), expected, "{arguments:?}");
    }
}

#[test]
fn files_are_ready() {
    let (_folder, mut guest) = guest();
    let file = guest.open(3, "file", 0).unwrap() as u32;
    let later = || Clock(MONOTONIC, nanoseconds(Duration::from_secs(60)), false);
    assert_eq!(poll(&mut guest, &[Read(file), later(), Write(file)]), Ok(vec![(0, 0), (2, 0)]));
    assert_eq!(guest.u64(EVENTS + 16), 4, "the bytes that there are to read");
    // Streams of the embedder's.
    assert_eq!(poll(&mut guest, &[Read(0), Write(1), later()]), Ok(vec![(0, 0), (1, 0)]));
}

/// Says to this test, in a process of its own, what its standard input is.
const STDIN_IS: &str = "RISER_TEST_STDIN_IS";

#[test]
fn the_systems_streams_are_waited_for() {
    match std::env::var(STDIN_IS).as_deref() {
        Ok("empty") => {
            // The descriptor that is ready is reported, and it alone.
            assert_eq!(poll(&mut with_stdin(), &[Read(0), Write(1)]), Ok(vec![(1, 0)]));
            assert_eq!(poll(&mut with_stdin(), &[Read(0), Clock(MONOTONIC, 1_000_000, false)]), Ok(vec![(1, 0)]));
            assert_eq!(poll(&mut with_stdin(), &[Read(0), Clock(REALTIME, 1, true)]), Ok(vec![(1, 0)]));
        }
        Ok("three bytes") => {
            let mut guest = with_stdin();
            assert_eq!(poll(&mut guest, &[Clock(MONOTONIC, u64::MAX >> 8, false), Read(0)]), Ok(vec![(1, 0)]));
            assert_eq!(guest.u64(EVENTS + 16), 3, "bytes");
        }
        Ok(_) => assert_eq!(poll(&mut with_stdin(), &[Read(0)]), Ok(vec![(0, 0)])),
        Err(_) => {
            let (reader, writer) = std::io::pipe().unwrap();
            again("empty", reader);
            drop(writer);
            let (reader, mut writer) = std::io::pipe().unwrap();
            writer.write_all(b"abc").unwrap();
            again("three bytes", reader);
            drop(writer);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(writer);
            again("at its end", reader);
            again("at its end", File::open("/dev/null").unwrap());
        }
    }
}

fn with_stdin() -> Guest {
    Guest::new(WasiCtxBuilder::new().inherit_stdin().build())
}

/// Runs the test above in a process of its own.
fn again(what: &str, stdin: impl Into<std::process::Stdio>) {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "poll::the_systems_streams_are_waited_for"])
        .env(STDIN_IS, what)
        .stdin(stdin)
        .output()
        .unwrap();
    assert!(output.status.success(), "{what}: {output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{what}: {output:?}");
}
