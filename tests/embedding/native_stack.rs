//! The stack that compiled code and host functions run on: how much there is of it, and what happens at its end.

use std::hint::black_box;

use riser::modes::{FAST_JIT, LLVM_JIT};
use riser::{Caller, Config, Engine, Instance, Linker, Mode, Module, Store, Trap};

use crate::engines::{each_pair, modes};
use crate::process::{in_child, signal};

/// The modes in which functions are machine code.
fn compiled_modes() -> impl Iterator<Item = Mode> {
    modes().into_iter().filter(|mode| matches!(*mode, FAST_JIT | LLVM_JIT | Mode::Aot))
}

fn engine(mode: Mode, set: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    config.mode(mode);
    set(&mut config);
    Engine::new(&config).expect("supported")
}

/// Calls itself as often as it is told to, then the host.
const DEEP: &str = r#"
    (module
      (import "host" "run" (func $host))
      (func $f (export "f") (param i32) (result i64)
        (if (result i64) (i32.eqz (local.get 0))
          (then (call $host) (i64.const 0))
          (else (i64.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i64.const 1))))))
"#;

/// Calls a host function from as deep as it is told.
fn call_host(engine: &Engine, depth: i32, host: impl Fn() + Send + Sync + 'static) -> riser::Result<i64> {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "run", host)?;
    let instance = linker.instantiate(&mut store, &Module::new(engine, DEEP)?)?;
    instance.get_typed_func::<i32, i64>(&mut store, "f")?.call(&mut store, depth)
}

/// Takes `bytes` of stack, but for the last kilobytes.
fn take_stack(bytes: usize) {
    #[inline(never)]
    fn recurse(end: usize) -> u64 {
        let kilobyte = black_box([end as u64; 128]);
        if kilobyte.as_ptr().addr() < end { kilobyte[0] } else { recurse(end) + black_box(&kilobyte)[7] }
    }
    let here = 0u8;
    black_box(recurse(black_box(&raw const here).addr() - (bytes - (16 << 10))));
}

#[test]
fn host_functions_have_the_stack_that_is_configured_however_deep_the_code_is() {
    for mode in compiled_modes() {
        for kilobytes in [256, 2048, 20_000] {
            let engine = engine(mode, |config| _ = config.host_stack(kilobytes << 10).max_wasm_stack(1 << 20));
            let call = |depth| call_host(&engine, depth, move || take_stack(kilobytes << 10));
            // The deepest that there is, to a frame.
            let (mut returns, mut traps) = (0, 1 << 17);
            while traps - returns > 1 {
                let depth = (returns + traps) / 2;
                match call(depth) {
                    Ok(depths) => {
                        assert_eq!(depths, i64::from(depth));
                        returns = depth;
                    }
                    Err(error) => {
                        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{mode}: {error:?}");
                        traps = depth;
                    }
                }
            }
            assert!(returns > 1000, "{mode}: {returns}");
        }
    }
}

#[test]
fn a_host_function_that_overflows_its_stack_ends_the_process_with_a_message() {
    const NAME: &str = "native_stack::a_host_function_that_overflows_its_stack_ends_the_process_with_a_message";
    for mode in compiled_modes() {
        for thread in ["of-rust", "without-signal-stack"] {
            let child = |argument: &str| {
                let (mode, thread) = argument.split_once(' ').expect("two words");
                if thread == "without-signal-stack" {
                    let none = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
                    // SAFETY: as a thread that was not made by the standard library.
                    unsafe { libc::sigaltstack(&none, std::ptr::null_mut()) };
                }
                let engine = engine(mode.parse().expect("a mode"), |_| {});
                call_host(&engine, 100, || take_stack(1 << 30)).expect("does not return");
            };
            let Some(output) = in_child(NAME, &format!("{mode} {thread}"), child) else { return };
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(text.contains("a host function has overflowed the stack"), "{mode} {thread}: {text}");
            assert_eq!(signal(&output), Some(libc::SIGABRT), "{mode} {thread}");
        }
    }
}

#[test]
fn a_fault_of_the_host_is_no_trap() {
    const NAME: &str = "native_stack::a_fault_of_the_host_is_no_trap";
    for mode in modes() {
        let places = ["null", "memory", "sent"].into_iter();
        for (place, handled) in places.flat_map(|place| [(place, false), (place, true)]) {
            let child = |argument: &str| {
                let words: Vec<&str> = argument.split(' ').collect();
                let &[mode, place, handled] = &words[..] else { unreachable!("three words") };
                if handled == "true" {
                    extern "C" fn handler(_signal: i32) {
                        // SAFETY: ends the process.
                        unsafe { libc::_exit(77) }
                    }
                    // SAFETY: the handler does nothing else.
                    unsafe { libc::signal(libc::SIGSEGV, handler as *const () as usize) };
                }
                let engine = engine(mode.parse().expect("a mode"), |_| {});
                let mut store = Store::new(&engine, ());
                let mut linker = Linker::new(&engine);
                let read = |mut caller: Caller<'_, ()>, kind: i32| {
                    let memory = caller.get_export("memory").and_then(|it| it.into_memory()).expect("exported");
                    let beyond = memory.data_ptr(&caller).wrapping_add(memory.data_size(&caller));
                    let at = match kind {
                        0 => std::ptr::without_provenance_mut(8),
                        1 => beyond,
                        // SAFETY: a signal that is no fault.
                        _ => unsafe { libc::raise(libc::SIGSEGV) as usize as *mut u8 },
                    };
                    // SAFETY: it is not: this is a host function with a fault.
                    i32::from(unsafe { at.read_volatile() })
                };
                linker.func_wrap("host", "read", read).expect("defines");
                let text = r#"(module
                    (import "host" "read" (func $read (param i32) (result i32)))
                    (memory (export "memory") 1)
                    (func (export "f") (param i32) (result i32)
                      (i32.add (call $read (local.get 0)) (i32.load (i32.const 0)))))"#;
                let module = Module::new(&engine, text).expect("valid");
                let instance = linker.instantiate(&mut store, &module).expect("links");
                let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("exported");
                let kind = ["null", "memory", "sent"].iter().position(|it| *it == place).expect("one of them");
                let outcome = f.call(&mut store, kind as i32);
                eprintln!("taken for: {outcome:?}");
            };
            let Some(output) = in_child(NAME, &format!("{mode} {place} {handled}"), child) else { return };
            let text = String::from_utf8_lossy(&output.stderr);
            let name = format!("{mode} {place} {handled}: {text}");
            match handled {
                false => assert_eq!(signal(&output), Some(libc::SIGSEGV), "{name}"),
                true => assert_eq!(output.status.code(), Some(77), "{name}"),
            }
        }
    }
}

/// Makes a store and has its code call the host, which does the same again.
fn descend(module: &Module, depth: i32) -> riser::Result<i32> {
    let mut store = Store::new(module.engine(), ());
    let mut linker = Linker::new(module.engine());
    let again = module.clone();
    linker.func_wrap("host", "next", move |depth: i32| descend(&again, depth + 1))?;
    let instance: Instance = linker.instantiate(&mut store, module)?;
    instance.get_typed_func::<i32, i32>(&mut store, "f")?.call(&mut store, depth)
}

#[test]
fn stores_that_call_each_other_share_the_threads_stack() {
    for mode in modes() {
        let engine = engine(mode, |config| _ = config.max_wasm_stack(1 << 20));
        let text = r#"(module (import "host" "next" (func $next (param i32) (result i32)))
            (func (export "f") (param i32) (result i32) (call $next (local.get 0))))"#;
        let module = Module::new(&engine, text).expect("valid");
        // However much the thread has.
        for stack in [256 << 10, 4 << 20] {
            let module = module.clone();
            let run = move || {
                let error = descend(&module, 0).expect_err("the stack ends");
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{mode}: {error:?}");
            };
            let thread = std::thread::Builder::new().stack_size(stack).spawn(run).expect("starts");
            thread.join().expect("returns");
        }
    }
}

#[test]
fn stores_of_different_modes_nest() {
    // Code of a store that runs on another one's stack is under the limit of that.
    each_pair(|a, b| {
        let outer = engine(a, |config| _ = config.max_wasm_stack(1 << 20));
        let inner = engine(b, |config| _ = config.max_wasm_stack(1 << 20));
        let host = move || {
            let error = call_host(&inner, 10_000_000, || ()).expect_err("the stack ends");
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow));
            assert_eq!(call_host(&inner, 100, || ()).expect("returns"), 100);
        };
        assert_eq!(call_host(&outer, 10, host).expect("returns"), 10, "{a}, {b}");
    });
}

#[test]
fn a_stack_that_cannot_be_had_is_an_error() {
    for mode in modes() {
        let engine = engine(mode, |config| _ = config.max_wasm_stack(1 << 60));
        let module = Module::new(&engine, "(module (func (export \"f\")))").expect("valid");
        assert!(Store::try_new(&engine, ()).is_err(), "{mode}");
        let mut store = Store::new(&engine, ());
        let error = Instance::new(&mut store, &module, &[]).expect_err("there is no room");
        assert!(error.to_string().contains("failed to reserve the value stack"), "{mode}: {error:?}");
        let host = riser::Func::wrap(&mut store, || ());
        assert!(host.call(&mut store, &[], &mut []).is_err(), "{mode}");
    }
    for mode in compiled_modes() {
        let engine = engine(mode, |config| _ = config.host_stack(1 << 60));
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, "(module (func (export \"f\")))").expect("valid");
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let f = instance.get_typed_func::<(), ()>(&mut store, "f").expect("exported");
        let error = f.call(&mut store, ()).expect_err("there is no room");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{mode}: {error:?}");
    }
}
