//! The libraries as `bindings/c/install.sh` has put them into the folder that `RISER_PREFIX` names: programs in C against both, and the
//! names that headers and libraries have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn prefix() -> PathBuf {
    PathBuf::from(std::env::var_os("RISER_PREFIX").expect("RISER_PREFIX is where the libraries are installed"))
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The output of a command that succeeds.
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    output
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

/// How a program gets the library.
#[derive(Clone, Copy, Debug)]
enum Linked {
    Static,
    Shared,
}

/// The flags that pkg-config says.
fn flags(what: &[&str]) -> Vec<String> {
    let path = prefix().join("lib/pkgconfig");
    let output = run(Command::new("pkg-config").args(what).arg("riser").env("PKG_CONFIG_PATH", path));
    text(&output).split_whitespace().map(str::to_owned).collect()
}

/// Compiles a program, given by its path from the crate's folder, and returns where it is.
fn compile(source: impl AsRef<Path>, linked: Linked, into: &Path) -> PathBuf {
    let source = here().join(source);
    let stem = source.file_stem().expect("a source has a name").to_string_lossy();
    let program = into.join(format!("{stem}-{linked:?}"));
    let mut command = Command::new("cc");
    command.args(["-std=c11", "-g", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror"]);
    command.args(flags(&["--cflags"])).arg(&source).arg("-o").arg(&program);
    match linked {
        Linked::Shared => {
            command.args(flags(&["--libs"])).arg(format!("-Wl,-rpath,{}", prefix().join("lib").display()));
        }
        Linked::Static => {
            let private =
                flags(&["--static", "--libs-only-l", "--libs-only-other"]).into_iter().filter(|flag| flag != "-lriser");
            command.arg(prefix().join("lib/libriser.a")).args(private);
        }
    }
    run(command.arg("-lpthread"));
    program
}

/// Compiles a program against both libraries, and compares what it prints.
fn prints(source: &str, arguments: &[&str], expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    for linked in [Linked::Shared, Linked::Static] {
        let program = compile(source, linked, folder.path());
        let output = text(&run(Command::new(program).args(arguments)));
        assert_eq!(output, expected, "{source}, {linked:?}");
    }
}

#[test]
fn both_headers_do_what_they_say() {
    prints("tests/api.c", &[], "passed\n");
}

#[test]
fn hello() {
    prints("examples/hello.c", &[], "hello from wasm: 42\ndone\n");
}

#[test]
fn the_guides_program() {
    let guide = std::fs::read_to_string(here().join("../../docs/src/c-api.md")).expect("the guide is there");
    let program = guide.split("```c\n").nth(1).and_then(|it| it.split("```").next()).expect("the guide has a program");
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("guide.c");
    std::fs::write(&source, program).expect("the folder is writable");
    for linked in [Linked::Shared, Linked::Static] {
        assert_eq!(text(&run(&mut Command::new(compile(&source, linked, folder.path())))), "42\n", "{linked:?}");
    }
}

#[test]
fn callback() {
    let expected = "\
        call 1: hello\n\
        call 2: hello\n\
        share(7) = 14\n\
        share(0) traps: integer divide by zero (code 7)\n  \
          in function 3 divide, of an instance\n  \
          in function 4 share, of an instance\n\
        share(-1) traps: negative (code 0)\n  \
          in function 4 share, of an instance\n\
        share(50) = 2\n\
        deleting the last\n\
        end of print\n\
        end of check\n";
    // The order of the two ends is that of a hash map.
    let expected_otherwise = expected.replace("end of print\nend of check\n", "end of check\nend of print\n");
    let folder = tempfile::tempdir().expect("a folder");
    for linked in [Linked::Shared, Linked::Static] {
        let output = text(&run(&mut Command::new(compile("examples/callback.c", linked, folder.path()))));
        assert!(output == expected || output == expected_otherwise, "{linked:?}: {output}");
    }
}

#[test]
fn interrupt() {
    let expected = "all fuel consumed by WebAssembly: out of fuel\nfuel left: 0\ninterrupt: interrupted\n";
    prints("examples/interrupt.c", &[], expected);
}

#[test]
fn modes() {
    let folder = tempfile::tempdir().expect("a folder");
    let [shared, fixed] = [Linked::Shared, Linked::Static].map(|linked| {
        let output = run(Command::new(compile("examples/modes.c", linked, folder.path())).arg("15"));
        let times = String::from_utf8(output.stderr.clone()).expect("the output is text");
        let names: Vec<String> =
            times.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
        let results = text(&output);
        assert!(results.lines().all(|line| line == "fib(15) = 610"), "{results}");
        (results.lines().count(), names)
    });
    assert_eq!(shared, fixed, "a static library has the tiers that a shared one has");
    for mode in ["classic", "interp", "switch", "direct-tail"] {
        assert!(shared.1.iter().any(|name| name == mode), "{mode}: {:?}", shared.1);
    }
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        assert!(shared.1.iter().any(|name| name == "fast-jit"), "{:?}", shared.1);
    }
}

#[test]
fn wasi() {
    const GUEST: &str = r#"
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\06\00\00\00")
          (data (i32.const 16) "hello\0a")
          (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (drop (call $args (i32.const 100) (i32.const 104)))
            (drop (call $environ (i32.const 108) (i32.const 112)))
            (if (call $prestat (i32.const 3) (i32.const 120)) (then (call $exit (i32.const 1))))
            ;; Three arguments and one variable.
            (call $exit (i32.add (i32.mul (i32.load (i32.const 100)) (i32.const 10)) (i32.load (i32.const 108))))))
    "#;
    let folder = tempfile::tempdir().expect("a folder");
    let guest = folder.path().join("guest.wat");
    std::fs::write(&guest, GUEST).expect("the folder is writable");
    for linked in [Linked::Shared, Linked::Static] {
        let program = compile("examples/wasi.c", linked, folder.path());
        let mut command = Command::new(program);
        let output = command.arg(&guest).arg(folder.path()).args(["one", "two"]).output().expect("it runs");
        assert_eq!((output.status.code(), &*output.stdout), (Some(31), &b"hello\n"[..]), "{linked:?}: {output:?}");
    }
}

/// The functions that a header declares and does not define.
fn declared(header: &str) -> BTreeSet<String> {
    let mut command = Command::new("cc");
    let output = run(command.args(["-E", "-P", "-x", "c"]).arg(here().join("include").join(header)));
    let is_ours = |name: &&str| name.starts_with("wasm_") || name.starts_with("riser_");
    // Every statement ends with a semicolon, and so does what comes before a body.
    let (mut outside, mut depth) = (String::new(), 0);
    for character in text(&output).chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
        if character == '{' && depth == 1 {
            outside.push(';');
        }
    }
    let is_declared = |it: &&str| !it.contains("typedef") && !it.contains("static inline");
    let functions = outside.split(';').filter(is_declared).filter_map(|statement| {
        let (before, _) = statement.split_once('(')?;
        before.trim_end().rsplit(|it: char| it != '_' && !it.is_ascii_alphanumeric()).next()
    });
    functions.filter(is_ours).map(str::to_owned).collect()
}

/// The functions that the shared library has.
fn exported() -> BTreeSet<String> {
    let output = run(Command::new("nm").args(["--dynamic", "--defined-only"]).arg(prefix().join("lib/libriser.so")));
    let names = text(&output);
    let names = names.lines().filter_map(|line| line.split(" T ").nth(1));
    names.filter(|name| name.starts_with("wasm_") || name.starts_with("riser_")).map(str::to_owned).collect()
}

#[test]
fn headers_and_library_have_the_same_functions() {
    let (declared, exported) = (declared("riser.h"), exported());
    assert!(declared.len() > 300, "{declared:?}");
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!(only(&declared, &exported), [""; 0], "these are declared and not exported");
    assert_eq!(only(&exported, &declared), [""; 0], "these are exported and not declared");
}

#[test]
fn the_standard_header_is_whole() {
    let standard = std::fs::read_to_string(here().join("tests/standard.txt")).expect("the list is there");
    let standard: BTreeSet<String> =
        standard.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(declared("wasm.h"), standard);
}

#[test]
fn headers_are_c_and_cpp() {
    let folder = tempfile::tempdir().expect("a folder");
    for (compiler, standard, name) in
        [("cc", "-std=c99", "it.c"), ("cc", "-std=c11", "it.c"), ("c++", "-std=c++20", "it.cc")]
    {
        let source = folder.path().join(name);
        std::fs::write(&source, "#include <riser.h>\nint main(void) { return 0; }\n").expect("the folder is writable");
        let mut command = Command::new(compiler);
        command
            .args([standard, "-Wall", "-Wextra", "-Werror", "-fsyntax-only"])
            .arg("-I")
            .arg(prefix().join("include"));
        run(command.arg(&source));
    }
}

/// Null for every argument. A function may return a structure by a pointer to its place, so there is room.
#[test]
fn null_does_nothing() {
    const PROGRAM: &str = "
        #include <dlfcn.h>
        #include <stdio.h>
        int main(int argc, char** argv) {
          void* library = dlopen(argv[1], RTLD_NOW);
          if (library == NULL) return puts(dlerror()), 1;
          for (int i = 2; i < argc; i++) {
            void* (*function)(void*, void*, void*, void*, void*, void*, void*, void*, void*);
            *(void**)&function = dlsym(library, argv[i]);
            if (function == NULL) return puts(argv[i]), 1;
            fprintf(stderr, \"%s\\n\", argv[i]);
            function(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
          }
          return 0;
        }";
    let folder = tempfile::tempdir().expect("a folder");
    let (source, program) = (folder.path().join("null.c"), folder.path().join("null"));
    std::fs::write(&source, PROGRAM).expect("the folder is writable");
    run(Command::new("cc").arg(&source).arg("-o").arg(&program).arg("-ldl"));
    // It takes nothing, and returns a structure at an address that it gets.
    let names = exported().into_iter().filter(|name| name != "riser_tier_policy_default");
    run(Command::new(&program).arg(prefix().join("lib/libriser.so")).args(names));
}

/// Under valgrind, which says what is lost. It has no memory for machine code, and so no results without an interpreter.
#[test]
fn nothing_leaks() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is not there: leaks are not looked for");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (source, arguments) in [
        ("tests/api.c", &["interpreted"][..]),
        ("examples/hello.c", &[]),
        ("examples/callback.c", &[]),
        ("examples/interrupt.c", &[]),
    ] {
        let program = compile(source, Linked::Shared, folder.path());
        let flags = ["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=9"];
        let known = concat!("--suppressions=", env!("CARGO_MANIFEST_DIR"), "/tests/valgrind.supp");
        let shown = ["--show-leak-kinds=definite", "--undef-value-errors=no", known];
        run(Command::new("valgrind").args(flags).args(shown).arg(program).args(arguments));
    }
}
