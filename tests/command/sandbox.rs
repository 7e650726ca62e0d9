//! A guest reaches the directories that it is given, and nothing else of the host.

use std::fs;

use crate::{Guest, modes};

/// Opens `path` beneath the first preopened directory and exits with the errno.
fn opening(path: &str) -> Guest {
    opening_with(path, 0)
}

/// The same, with flags of `path_open`.
fn opening_with(path: &str, oflags: i32) -> Guest {
    Guest::new(&format!(
        r#"
        (module
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "{path}")
          (func (export "_start")
            (call $exit
              (call $open
                (i32.const 3) (i32.const 1) (i32.const 0) (i32.const {len}) (i32.const {oflags})
                (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 1024)))))
        "#,
        len = path.len()
    ))
}

/// Makes `inside/file`, `secret`, and a link from inside to the secret.
fn furnish(guest: &Guest) {
    fs::create_dir(guest.file("inside")).expect("a new folder");
    fs::write(guest.file("inside/file"), "fine").expect("a new file");
    fs::write(guest.file("secret"), "secret").expect("a new file");
    std::os::unix::fs::symlink("../secret", guest.file("inside/link")).expect("a new link");
    std::os::unix::fs::symlink(guest.file("secret"), guest.file("inside/absolute-link")).expect("a new link");
}

#[test]
fn files_beneath_the_directory_can_be_opened() {
    for mode in modes() {
        for path in ["file", "./file", "../inside/../inside/file"] {
            let guest = opening(path);
            furnish(&guest);
            let outcome = guest.riser(&["run", "--mode", &mode, "--dir", "inside::/", "guest.wat"]);
            let expected = if path.contains("..") { EPERM } else { 0 };
            assert_eq!(outcome.code, Some(expected), "{mode}: {path}: {outcome:#?}");
        }
    }
}

/// Errno of WASI preview 1: operation not permitted.
const EPERM: i32 = 63;
/// Errno of WASI preview 1: bad descriptor.
const EBADF: i32 = 8;
/// Errno of WASI preview 1: no such file.
const ENOENT: i32 = 44;

#[test]
fn nothing_else_can_be_opened() {
    for mode in modes() {
        for path in ["../secret", "/etc/passwd", "link", "absolute-link", "./../secret", "../inside/link"] {
            let guest = opening(path);
            furnish(&guest);
            let outcome = guest.riser(&["run", "--mode", &mode, "--dir", "inside", "guest.wat"]);
            assert_eq!(outcome.code, Some(EPERM), "{mode}: {path}: {outcome:#?}");
        }
        let guest = opening("missing");
        furnish(&guest);
        assert_eq!(guest.riser(&["run", "--mode", &mode, "--dir", "inside", "guest.wat"]).code, Some(ENOENT), "{mode}");
        assert_eq!(guest.riser(&["run", "--mode", &mode, "guest.wat"]).code, Some(EBADF), "{mode}: no directory");
    }
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let guest = opening("file");
    guest.riser(&["run", "--dir", "nowhere", "guest.wat"]).assert_failure(1, &["nowhere"]);
    guest.riser(&["run", "--read-only-dir", "nowhere", "guest.wat"]).assert_failure(1, &["nowhere"]);
}

#[test]
fn a_read_only_directory_is_read() {
    const CREATE: i32 = 1;
    let code = |path, oflags, flag| {
        let guest = opening_with(path, oflags);
        furnish(&guest);
        let code = guest.riser(&["run", flag, "inside::/", "guest.wat"]).code;
        (code, guest.file("inside/new").exists())
    };
    assert_eq!(code("file", 0, "--read-only-dir"), (Some(0), false));
    assert_eq!(code("new", CREATE, "--read-only-dir"), (Some(EPERM), false));
    assert_eq!(code("new", CREATE, "--dir"), (Some(0), true));
}

#[test]
fn a_guest_accepts_connections_where_it_is_told_to() {
    use std::io::Read as _;

    // Accepts a connection, answers, and ends.
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\05\00\00\00")
          (data (i32.const 16) "hello")
          (func (export "_start")
            (if (call $accept (i32.const 3) (i32.const 0) (i32.const 64)) (then (call $exit (i32.const 1))))
            (call $exit
              (call $send (i32.load (i32.const 64)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 68)))))
        "#,
    );
    let address = {
        // One that nobody listens at, a moment later.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free address");
        listener.local_addr().expect("an address").to_string()
    };
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            for _ in 0..1000 {
                if let Ok(mut connection) = std::net::TcpStream::connect(&address) {
                    let mut heard = String::new();
                    connection.read_to_string(&mut heard).expect("an answer");
                    return heard;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            String::new()
        });
        let outcome = guest.riser(&["run", "--timeout", "20s", "--tcplisten", &address, "guest.wat"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert_eq!(client.join().expect("a client"), "hello");
    });
    guest.riser(&["run", "--tcplisten", "nowhere", "guest.wat"]).assert_failure(1, &["nowhere"]);
}

#[test]
fn pointers_out_of_bounds_are_errors_of_the_call() {
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "write") (param i32 i32) (result i32)
            (call $write (i32.const 1) (local.get 0) (local.get 1) (i32.const 0)))
          (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1))))
        "#,
    );
    for mode in modes() {
        for (function, pointer, len) in
            [("write", "65532", "1"), ("write", "-8", "1"), ("random", "65535", "2"), ("random", "-1", "-1")]
        {
            let flags = ["run", "--mode", &mode, "--invoke", function, "guest.wat", pointer, len];
            // EFAULT.
            guest.riser(&flags).assert_success("21\n");
        }
    }
}

/// What a guest makes by the name of an output does not decide where the command writes.
#[test]
fn outputs_do_not_follow_links_of_the_guest() {
    let guest = Guest::new(
        r#"(module
          (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "../secret")
          (data (i32.const 16) "out")
          (func (export "_start")
            (if (call $symlink (i32.const 0) (i32.const 9) (i32.const 3) (i32.const 16) (i32.const 3))
              (then unreachable))
            (loop $on (br_if $on (i32.eqz (i32.load (i32.const 0)))))))"#,
    );
    furnish(&guest);
    for flags in [
        &["run", "--stats-json", "inside/out"][..],
        &["run", "--monitor", "calls=inside/out"],
        &["run", "--snapshot-on-exit", "inside/out"],
        &["run", "--snapshot", "inside/out", "--snapshot-after", "1"],
        &["profile", "--json", "inside/out"],
        &["profile", "--sample", "--svg", "inside/out"],
    ] {
        let run = guest.riser(&[flags, &["--dir", "inside", "guest.wat"]].concat());
        assert_eq!(run.code, Some(0), "{flags:?}: {run:#?}");
        assert_eq!(fs::read(guest.file("secret")).expect("it is there"), b"secret", "{flags:?}");
        let out = fs::symlink_metadata(guest.file("inside/out")).expect("it is there");
        assert!(out.is_file() && out.len() > 0, "{flags:?}");
        fs::remove_file(guest.file("inside/out")).expect("it is there");
    }
}

/// A later run executes what is in the cache.
#[test]
fn guests_write_no_cache_of_machine_code() {
    if !modes().contains(&"fast-jit".to_owned()) {
        return;
    }
    let guest = opening("file");
    furnish(&guest);
    for (dir, cache) in [("inside", "inside/cache"), (".::inside", "inside/a/b"), ("inside", "inside")] {
        let run = guest.riser(&["run", "--mode", "fast-jit", &format!("--cache={cache}"), "--dir", dir, "guest.wat"]);
        run.assert_failure(2, &["the guest could write the machine code in", "--read-only-dir"]);
    }
    assert!(!guest.file("inside/cache").exists());
    let run = |flag, dir| guest.riser(&["run", "--mode", "fast-jit", "--cache=cache", flag, dir, "guest.wat"]);
    assert_eq!(run("--dir", "inside").code, Some(0));
    assert_eq!(run("--read-only-dir", ".::inside").code, Some(44));
}
