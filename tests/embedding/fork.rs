//! What a process may rely on that forks: parent and child each have their own code.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};

use riser::policy::Policy;
use riser::{Compilation, Config, Engine, Instance, Mode, Module, Store, Trap, WasmBacktrace};

use crate::engines::modes;
use crate::process::in_child;

/// Functions of which each is compiled when it is called first.
fn module() -> String {
    let mut text = String::from("(module (memory 1) (table funcref (elem $f0))");
    for i in 0..8 {
        text += &format!(
            "(func $f{i} (export \"f{i}\") (param i32) (result i32)
               (i32.store (i32.const 8) (local.get 0))
               (i32.add (i32.load (i32.const 8)) (i32.const {i}000)))
             (func (export \"g{i}\") (param i32) (result i32)
               (i32.add (call $f{i} (local.get 0)) (i32.const 1)))
             (func (export \"trap{i}\") (param i32) (result i32)
               (i32.add (call $f{i} (local.get 0)) (i32.load offset=65536 (i32.const {i}))))"
        );
    }
    text + ")"
}

struct Guest {
    store: Store<()>,
    instance: Instance,
}

impl Guest {
    fn new(engine: &Engine) -> Guest {
        let mut store = Store::new(engine, ());
        let module = Module::new(engine, module()).expect("valid");
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        Guest { store, instance }
    }

    fn call(&mut self, name: &str, argument: i32) -> riser::Result<i32> {
        let func = self.instance.get_typed_func::<i32, i32>(&mut self.store, name)?;
        func.call(&mut self.store, argument)
    }

    /// Checks all about the functions with a number.
    fn check(&mut self, i: i32) {
        assert_eq!(self.call(&format!("g{i}"), 5).expect("returns"), i * 1000 + 6);
        assert_eq!(self.call(&format!("f{i}"), 7).expect("returns"), i * 1000 + 7);
        let error = self.call(&format!("trap{i}"), 5).expect_err("traps");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::MemoryOutOfBounds));
        let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
        assert_eq!(backtrace.frames().len(), 1);
    }
}

/// Has the other process go on.
fn wake(other: &mut PipeWriter) {
    other.write_all(&[0]).expect("the other process waits");
}

/// Waits for the other process; not for long if it has ended.
fn wait(other: &mut PipeReader) {
    other.read_exact(&mut [0]).expect("the other process goes on");
}

/// Forks; parent and child compile and run, one after the other and at the same time.
fn fork_and_run(engine: &Engine) {
    let (mut guest, gone) = (Guest::new(engine), Guest::new(engine));
    let mut gone = Some(gone);
    guest.check(0);
    gone.as_mut().expect("still here").check(1);
    let (mut to_parent, mut to_child) = (pipe().expect("a pipe"), pipe().expect("a pipe"));
    // SAFETY: the other thread of this process, which runs tests, does nothing meanwhile.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "there is room for a process");
    let (reader, writer) =
        if child == 0 { (&mut to_child.0, &mut to_parent.1) } else { (&mut to_parent.0, &mut to_child.1) };
    let mut run = || {
        if child == 0 {
            guest.check(1);
            wake(writer);
            wait(reader);
        } else {
            wait(reader);
            // Elsewhere, and over what the child has as well.
            guest.check(2);
            drop(gone.take());
            Guest::new(engine).check(6);
            wake(writer);
        }
        for i in [0, 1, 3, 2, 4, 7] {
            guest.check(i);
        }
        if let Some(gone) = &mut gone {
            gone.check(1);
            gone.check(5);
        }
        let mut another = Guest::new(engine);
        for round in 0..200 {
            another.check(round % 8);
        }
    };
    if child == 0 {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        // SAFETY: ends the child, without what is to be done once at the parent's end.
        unsafe { libc::_exit(i32::from(outcome.is_err())) }
    }
    run();
    let mut status = -1;
    // SAFETY: waits for the child.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0, "the child finds everything as it should be");
}

#[test]
fn parent_and_child_each_have_their_own_code() {
    for mode in modes() {
        let child = |mode: &str| {
            let mode: Mode = mode.parse().expect("a mode");
            for threads in [0, 1] {
                let mut config = Config::new();
                config.mode(mode).tier_policy(Policy::at_once(threads));
                if threads > 0 {
                    config.compilation(Compilation::Speculative);
                }
                fork_and_run(&Engine::new(&config).expect("supported"));
            }
        };
        let name = "fork::parent_and_child_each_have_their_own_code";
        let Some(output) = in_child(name, mode.name(), child) else { return };
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{mode}: {text}{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn children_have_children() {
    let name = "fork::children_have_children";
    let child = |_: &str| {
        let engine = Engine::new(&Config::new()).expect("supported");
        let mut guest = Guest::new(&engine);
        for generation in 0..4 {
            // SAFETY: as above.
            let child = unsafe { libc::fork() };
            guest.check(generation);
            if child > 0 {
                let mut status = -1;
                // SAFETY: waits for the child.
                unsafe { libc::waitpid(child, &mut status, 0) };
                guest.check(generation + 4);
                // SAFETY: ends this process.
                unsafe { libc::_exit(i32::from(status != 0)) }
            }
        }
        // SAFETY: ends the last of them.
        unsafe { libc::_exit(0) }
    };
    let Some(output) = in_child(name, "", child) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
