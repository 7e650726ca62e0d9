//! Wasmtime's examples, written anew: the same calls of the API, which differ from Wasmtime's in the name of the crate only. Each runs in
//! a process of its own, in an empty folder, and prints what Wasmtime's prints.

mod coredump;
mod epochs;
mod externref;
mod fast_compilation;
mod fast_execution;
mod fast_instantiation;
mod fib_debug;
mod fuel;
mod gcd;
mod hello;
mod interrupt;
mod linking;
mod memory;
mod mpk_available;
mod multi;
mod multimemory;
mod pre_compile;
mod run_pre_compiled;
mod serialize;
mod threads;
mod tokio;
mod wasip1;

use riser::Result;

use crate::process::in_child_with;

/// Printed before and after what an example prints.
const LINE: &str = "\n-----\n";

/// The path of a module in the text format.
fn wat(name: &str) -> String {
    format!("{}/tests/embedding/wasmtime_examples/wat/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What an example prints, run by the test with this name.
fn output_of(test: &str, example: impl FnOnce() -> Result<()>) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let prepare = |command: &mut std::process::Command| {
        command.current_dir(&folder).env("XDG_CACHE_HOME", folder.path());
    };
    let output = in_child_with(&format!("wasmtime_examples::prints::{test}"), "", prepare, |_| {
        print!("{LINE}");
        let result = example();
        print!("{LINE}");
        result.expect("the example runs");
    })?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stderr, "");
    Some(stdout.split(LINE).nth(1).expect("a beginning and an end").to_owned())
}

/// `fn hello() { .. }`: the example prints these lines.
macro_rules! examples {
    ($($name:ident: $($line:literal)*;)*) => {
        mod prints {
            $(#[test]
            fn $name() {
                if let Some(output) = super::output_of(stringify!($name), super::$name::main) {
                    assert_eq!(output, concat!($($line, "\n"),*));
                }
            })*

            #[test]
            fn threads() {
                if let Some(output) = super::output_of("threads", super::threads::main) {
                    super::threads::check(&output);
                }
            }
        }
    };
}

examples! {
    coredump: "Core dumps are on." "A module is defined that changes its state and traps." "It is instantiated."
        "Its function runs." "It has trapped." "The error has a core dump." "Memories: 1"
        "  Memory 0 is 52 at 0x1234" "Globals: 1" "  Global 0 is I32(36)" "The core dump is written.";
    epochs: "fib(100) was interrupted";
    externref: "Start" "Compile" "Instantiate" "Make a reference" "Use the table" "Use the global" "Call the function"
        "Collect" "Done";
    fast_compilation: ;
    fast_execution: ;
    fast_instantiation: ;
    fib_debug: "fib(6) = 13";
    fuel: "fib(1) = 1" "fib(2) = 1" "fib(3) = 2" "fib(4) = 3" "fib(5) = 5" "fib(6) = 8" "fib(7) = 13" "fib(8) = 21" "fib(9) = 34"
        "fib(10) = 55" "fib(11) = 89" "fib(12) = 144" "fib(13) = 233" "fib(14) has taken all fuel";
    gcd: "gcd(6, 27) = 3";
    hello: "Compile" "Make a store" "Make a host function" "Instantiate" "Find the export" "Call it" "Called back" "> hello, world!" "Done";
    interrupt: "Entering a loop without end" "Interrupting" "It has trapped";
    linking: "Hello, world!";
    memory: "Checking" "Writing" "Growing" "A memory of its own";
    mpk_available: "There are no protection keys";
    multi: "Compile" "Make a host function" "Instantiate" "Find the export" "Call `g`" "> 4 2" "Call `round_trip_many`"
        "> (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)";
    multimemory: "Checking" "Writing" "Growing";
    pre_compile: ;
    run_pre_compiled: "3 and 8 are 11";
    serialize: "Compile" "Serialized" "Deserialize" "Make a host function" "Instantiate" "Call" "Called back" "> Hello World!" "Done";
    tokio: "Hello, my name is Gussie" "Hello, my name is Willa" "Hello, my name is Sparky" "Hello, my name is Gussie"
        "Hello, my name is Willa" "Hello, my name is Sparky" "Hello, my name is Gussie" "Hello, my name is Willa"
        "Hello, my name is Sparky";
    wasip1: "Hello from a program";
}
