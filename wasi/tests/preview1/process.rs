//! What a guest learns about its process: arguments, environment, streams, time, chance, its end.

use std::io;

use crate::guest::{Guest, errno, function};
use riser_wasi::{Exit, FUNCTIONS, MemoryOutputPipe, ValKind, WasiCtxBuilder, WasiError};

#[test]
fn the_list_holds_all_functions_once() {
    let mut names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 46);
}

#[test]
fn signatures_name_the_wasm_types() {
    use ValKind::{I32, I64};
    let path_open = function("path_open");
    assert_eq!(path_open.params, [I32, I32, I32, I32, I32, I64, I64, I32, I32]);
    assert_eq!(path_open.results, [I32]);
    assert_eq!(function("clock_time_get").params, [I32, I64, I32]);
    assert_eq!(function("sched_yield").params, []);
    assert_eq!(function("proc_exit").results, []);
}

#[test]
fn output_reaches_its_stream_in_order() {
    let (stdout, stderr) = (MemoryOutputPipe::new(1 << 16), MemoryOutputPipe::new(1 << 16));
    let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).stderr(stderr.clone()).build();
    let mut guest = Guest::new(ctx);
    guest.put(100, b"hello, ");
    guest.put(200, b"world");
    guest.put_iovs(0, &[(100, 7), (200, 5)]);
    assert_eq!(guest.call("fd_write", &[1, 0, 2, 64]), errno::SUCCESS);
    assert_eq!(guest.u32(64), 12);
    guest.put(100, b"again!!");
    assert_eq!(guest.call("fd_write", &[1, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.call("fd_write", &[2, 8, 1, 64]), errno::SUCCESS);
    assert_eq!(stdout.contents(), b"hello, worldagain!!");
    assert_eq!(stderr.contents(), b"world");
}

#[test]
fn input_comes_from_the_reader() {
    let ctx = WasiCtxBuilder::new().stdin(&b"some input"[..]).build();
    let mut guest = Guest::new(ctx);
    guest.put_iovs(0, &[(100, 64)]);
    assert_eq!(guest.call("fd_read", &[0, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.bytes(100, guest.u32(64)), b"some input");
    assert_eq!(guest.call("fd_read", &[0, 0, 1, 64]), errno::SUCCESS);
    assert_eq!(guest.u32(64), 0, "at the end");
}

#[test]
fn arguments_and_environment_are_nul_terminated() {
    let ctx = WasiCtxBuilder::new().arg("prog").args(&["-v", "grün"]).env("A", "1").envs(&[("EMPTY", "")]).build();
    let mut guest = Guest::new(ctx);
    for (sizes, get, strings) in [
        ("args_sizes_get", "args_get", &["prog", "-v", "grün"][..]),
        ("environ_sizes_get", "environ_get", &["A=1", "EMPTY="][..]),
    ] {
        assert_eq!(guest.call(sizes, &[0, 4]), errno::SUCCESS);
        let flat: Vec<u8> = strings.iter().flat_map(|s| [s.as_bytes(), b"\0"].concat()).collect();
        assert_eq!(guest.u32(0) as usize, strings.len());
        assert_eq!(guest.u32(4) as usize, flat.len());
        assert_eq!(guest.call(get, &[16, 1000]), errno::SUCCESS);
        assert_eq!(guest.bytes(1000, flat.len() as u32), flat);
        let mut pointer = 1000;
        for (index, string) in strings.iter().enumerate() {
            assert_eq!(guest.u32(16 + 4 * index as u32), pointer);
            pointer += string.len() as u32 + 1;
        }
    }
}

#[test]
fn clocks_advance() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    const REALTIME: u64 = 0;
    const MONOTONIC: u64 = 1;
    const YEAR_2020_NS: u64 = 1_577_836_800_000_000_000;
    assert_eq!(guest.call("clock_time_get", &[REALTIME, 1, 8]), errno::SUCCESS);
    assert!(guest.u64(8) > YEAR_2020_NS, "{}", guest.u64(8));
    assert_eq!(guest.call("clock_time_get", &[MONOTONIC, 1, 16]), errno::SUCCESS);
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert_eq!(guest.call("clock_time_get", &[MONOTONIC, 1, 24]), errno::SUCCESS);
    assert!(guest.u64(24) >= guest.u64(16) + 2_000_000);
    assert_eq!(guest.call("clock_res_get", &[MONOTONIC, 32]), errno::SUCCESS);
    assert_ne!(guest.u64(32), 0);
    assert_eq!(guest.call("clock_time_get", &[17, 1, 8]), errno::INVAL);
}

#[test]
fn cpu_time_advances() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    for clock in [2, 3] {
        assert_eq!(guest.call("clock_res_get", &[clock, 8]), errno::SUCCESS);
        assert_ne!(guest.u64(8), 0);
        assert_eq!(guest.call("clock_time_get", &[clock, 1, 16]), errno::SUCCESS);
        let start = guest.u64(16);
        while guest.u64(16) < start + 1_000_000 {
            assert_eq!(guest.call("clock_time_get", &[clock, 1, 16]), errno::SUCCESS);
        }
        assert_eq!(guest.call("clock_time_get", &[clock, 1, 20]), errno::INVAL);
        assert_eq!(guest.call("clock_time_get", &[clock, 1, u64::from(u32::MAX) - 7]), errno::FAULT);
    }
}

#[test]
fn random_bytes_differ() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    assert_eq!(guest.call("random_get", &[0, 32]), errno::SUCCESS);
    assert_eq!(guest.call("random_get", &[32, 32]), errno::SUCCESS);
    assert_ne!(guest.bytes(0, 32), guest.bytes(32, 32));
    assert_eq!(guest.bytes(64, 64), [0; 64], "nothing past the buffer");
}

#[test]
fn a_sleep_reports_its_clock_event() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    const TIMEOUT_NS: u64 = 3_000_000;
    guest.put(0, &42_u64.to_le_bytes()); // userdata
    guest.put(16, &1_u32.to_le_bytes()); // the monotonic clock
    guest.put(24, &TIMEOUT_NS.to_le_bytes());
    let start = std::time::Instant::now();
    assert_eq!(guest.call("poll_oneoff", &[0, 64, 1, 128]), errno::SUCCESS);
    assert!(start.elapsed().as_nanos() >= u128::from(TIMEOUT_NS));
    assert_eq!((guest.u32(128), guest.u64(64)), (1, 42));
    assert_eq!(guest.call("sched_yield", &[]), errno::SUCCESS);
}

#[test]
fn proc_exit_carries_its_code_out() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    for code in [0, 7, 200, -1] {
        let error = guest.try_call("proc_exit", &[u64::from(code as u32)]).unwrap_err();
        assert!(matches!(error, WasiError::Exit(c) if c == code), "{error}");
        let error = anyhow::Error::from(error);
        assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(code)));
    }
}

#[test]
fn a_call_with_the_wrong_number_of_slots_is_an_error() {
    let mut guest = Guest::new(WasiCtxBuilder::new().build());
    for function in FUNCTIONS {
        let args = vec![0; function.params.len() + 1];
        let error = guest.try_call(function.name, &args).unwrap_err();
        assert!(matches!(error, WasiError::Other(_)), "{}", function.name);
    }
}

#[test]
fn a_failing_stream_is_an_errno() {
    struct Broken;
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("out of paper"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(Broken).build());
    guest.put_iovs(0, &[(100, 1)]);
    assert_eq!(guest.call("fd_write", &[1, 0, 1, 64]), errno::IO);
}

#[test]
#[should_panic = "builds one context"]
fn a_builder_builds_once() {
    let mut builder = WasiCtxBuilder::new();
    drop(builder.build());
    builder.build();
}
