//! Guests that pass nonsense: every answer is an errno, and nothing panics or traps.

use crate::guest::{Guest, PAGE, errno};
use riser_wasi::{DirPerms, FUNCTIONS, FilePerms, MemoryFs, UNSTABLE_FUNCTIONS, ValKind, WasiCtxBuilder};

const END: u64 = PAGE as u64;
const BEYOND: u64 = END + 8;
const LAST: u64 = u32::MAX as u64 - 7;

fn guest() -> Guest {
    Guest::new(WasiCtxBuilder::new().arg("prog").env("A", "1").build())
}

#[test]
fn pointers_out_of_bounds_are_faults() {
    let mut guest = guest();
    for bad in [END - 1, END, BEYOND, LAST, u64::from(u32::MAX)] {
        let past_end = [bad & !7, (bad & !7) + 8][usize::from(bad < END)];
        let calls: &[(&str, &[u64])] = &[
            ("args_get", &[past_end, 0]),
            ("args_get", &[0, past_end]),
            ("args_sizes_get", &[0, past_end]),
            ("environ_get", &[0, past_end]),
            ("clock_time_get", &[1, 0, past_end]),
            ("fd_fdstat_get", &[0, past_end]),
            ("fd_read", &[0, past_end, 1, 0]),
            ("fd_write", &[1, past_end, 1, 0]),
            ("fd_write", &[1, 0, 1, past_end]),
            ("poll_oneoff", &[past_end, 0, 1, 0]),
            ("random_get", &[bad, 16]),
            ("random_get", &[0, bad.max(END + 1)]),
        ];
        for (name, args) in calls {
            assert_eq!(guest.call(name, args), errno::FAULT, "{name}({args:?})");
        }
    }
}

#[test]
fn buffers_named_in_memory_are_checked() {
    let mut guest = guest();
    for iov in [(END as u32, 1), (0, END as u32 + 1), (8, u32::MAX), (u32::MAX, u32::MAX)] {
        guest.put_iovs(0, &[iov]);
        assert_eq!(guest.call("fd_write", &[1, 0, 1, 64]), errno::FAULT, "{iov:?}");
        assert_eq!(guest.call("fd_read", &[0, 0, 1, 64]), errno::FAULT, "{iov:?}");
    }
    guest.put_iovs(0, &[(0, 0)]);
    assert_eq!(guest.call("fd_write", &[1, 0, u64::from(u32::MAX), 64]), errno::FAULT);
}

/// What a function stores may end where addresses do.
#[test]
#[cfg(target_pointer_width = "64")]
fn results_at_the_end_of_all_addresses_are_stored() {
    const ALL: usize = 1 << 32;
    let fs = MemoryFs::new(1 << 20);
    let mut builder = WasiCtxBuilder::new();
    builder.arg("prog").preopened_memory_fs(&fs, "/", DirPerms::all(), FilePerms::all());
    let mut guest = Guest::new(builder.build());
    // What nobody touches of this takes no memory.
    guest.memory = vec![0; ALL];
    let end = ALL as u64;
    assert_eq!(guest.call("args_get", &[0x100, end - 5]), errno::SUCCESS);
    assert_eq!(guest.memory[ALL - 5..], *b"prog\0");
    assert_eq!(guest.call("args_get", &[end - 4, 0x200]), errno::SUCCESS);
    assert_eq!(guest.memory[ALL - 4..], 0x200_u32.to_le_bytes());
    // A subscription of zeros is one of a clock, with no time to wait.
    guest.put(0x1000, &[7]);
    assert_eq!(guest.call("poll_oneoff", &[0x1000, end - 32, 1, 0x300]), errno::SUCCESS);
    assert_eq!((guest.memory[ALL - 32], guest.u32(0x300)), (7, 1));
    // What is behind that is no buffer, and neither is what is at 0.
    guest.memory.resize(ALL + 64, 0);
    guest.put_iovs(0x300, &[(0x100, 1)]);
    assert_eq!(guest.call("fd_write", &[1, end - 8, 2, 0x300]), errno::FAULT);
    guest.memory.truncate(ALL);
    // Room for the head of the first entry, and for none of its name.
    assert_eq!(guest.call("fd_readdir", &[3, end - 24, 24, 0, 0x300]), errno::SUCCESS);
    assert_eq!((guest.memory[ALL - 24], guest.u32(0x300)), (1, 24));
}

#[test]
fn misaligned_pointers_are_invalid() {
    let mut guest = guest();
    assert_eq!(guest.call("args_sizes_get", &[1, 8]), errno::INVAL);
    assert_eq!(guest.call("clock_time_get", &[1, 0, 4]), errno::INVAL);
    assert_eq!(guest.call("fd_write", &[1, 2, 1, 64]), errno::INVAL);
}

#[test]
fn a_guest_without_memory_gets_faults() {
    let mut guest = guest();
    guest.memory.clear();
    assert_eq!(guest.call("fd_write", &[1, 0, 1, 64]), errno::FAULT);
    assert_eq!(guest.call("clock_time_get", &[1, 0, 0]), errno::FAULT);
    assert_eq!(guest.call("sched_yield", &[]), errno::SUCCESS);
}

#[test]
fn unknown_descriptors_and_flags_are_errnos() {
    let mut guest = guest();
    for fd in [3, 99, u64::from(u32::MAX)] {
        assert_eq!(guest.call("fd_close", &[fd]), errno::BADF);
        assert_eq!(guest.call("fd_write", &[fd, 0, 0, 64]), errno::BADF);
    }
    assert_eq!(guest.call("fd_fdstat_set_flags", &[1, 0xff00]), errno::INVAL);
    assert_eq!(guest.call("fd_fdstat_set_flags", &[1, 0x1_0000]), errno::INVAL);
    assert_eq!(guest.call("fd_seek", &[1, 0, 9, 64]), errno::INVAL);
}

/// Values at the edges of what an argument can mean.
const EDGES: [u64; 9] = [0, 1, 3, 8, END - 8, END - 1, END, LAST, u32::MAX as u64];

/// Calls every function with many mixtures of edge values, over an open directory and file. The
/// memory is filled with one byte value, so that structures in it are nonsense too.
#[test]
fn every_function_survives_any_mixture_of_edges() {
    const ROUNDS: usize = 500;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        // xorshift64: the same mixtures in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for function in [FUNCTIONS, UNSTABLE_FUNCTIONS].concat().iter().filter(|function| returns(function.name)) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "some bytes").unwrap();
        for round in 0..ROUNDS {
            let mut builder = WasiCtxBuilder::new();
            builder.arg("prog").preopened_dir(dir.path(), "/", DirPerms::all(), FilePerms::all()).unwrap();
            let mut guest = Guest::new(builder.build());
            guest.memory.fill([0, 1, 0x2e, 0xff][round % 4]);
            guest.open(3, "file", 1).expect("a file to pass");
            let args: Vec<u64> = function
                .params
                .iter()
                .enumerate()
                .map(|(index, kind)| match kind {
                    // Half of the first arguments name one of the five open descriptors.
                    ValKind::I32 if index == 0 && random(2) == 0 => random(5) as u64,
                    ValKind::I32 => EDGES[random(EDGES.len())],
                    ValKind::I64 => [EDGES[random(EDGES.len())], u64::MAX, 1 << 63][random(3)],
                })
                .collect();
            guest.try_call_of(function, &args).unwrap_or_else(|error| panic!("{}({args:?}): {error}", function.name));
        }
    }
}

/// All but one do. (None of the memories above holds a timeout that `poll_oneoff` would sleep for.)
fn returns(name: &str) -> bool {
    name != "proc_exit"
}
