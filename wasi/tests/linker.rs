//! Guests that run in the engine and import the functions by name.

use riser_vm::{Engine, Linker, Module, Store};
use riser_wasi::p1::{add_module_to_linker, add_to_linker_sync};
use riser_wasi::{DirPerms, Exit, FilePerms, MemoryFs, MemoryOutputPipe, WasiCtx, WasiCtxBuilder};
use riser_wasi::{FUNCTIONS, MODULE, UNSTABLE_MODULE};

/// Runs `_start` of a module in the text format.
fn run(ctx: WasiCtx, text: &str) -> anyhow::Result<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(text)?)?;
    let mut linker = Linker::new(&engine);
    add_to_linker_sync(&mut linker, |ctx: &mut WasiCtx| ctx)?;
    let mut store = Store::new(&engine, ctx);
    let instance = linker.instantiate(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
    start.call(&mut store, ())
}

#[test]
fn a_guest_writes_and_exits() {
    let stdout = MemoryOutputPipe::new(1 << 16);
    let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build();
    let error = run(
        ctx,
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\10\00\00\00\06\00\00\00")
            (data (i32.const 16) "hello\n")
            (func (export "_start")
                ;; The exit code is the errno plus the number of bytes written.
                (i32.add
                    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
                    (i32.load (i32.const 8)))
                call $proc_exit
                unreachable))"#,
    )
    .unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(6)), "{error:?}");
    assert_eq!(stdout.contents(), b"hello\n");
}

#[test]
fn a_bad_pointer_comes_back_as_an_errno() {
    const FAULT: i32 = 21;
    let error = run(
        WasiCtxBuilder::new().build(),
        r#"(module
            (import "wasi_snapshot_preview1" "clock_time_get"
                (func $clock_time_get (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start")
                (call $proc_exit
                    (call $clock_time_get (i32.const 1) (i64.const -1) (i32.const -8)))))"#,
    )
    .unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(FAULT)), "{error:?}");
}

#[test]
fn a_guest_without_memory_runs() {
    run(
        WasiCtxBuilder::new().build(),
        r#"(module
            (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
            (func (export "_start")
                (if (call $sched_yield) (then unreachable))))"#,
    )
    .unwrap();
}

/// From the end, which is 1 in the older version, of a file in memory.
#[test]
fn a_guest_of_the_older_version_runs() {
    let fs = MemoryFs::new(1 << 16);
    fs.write("f", "seven b").unwrap();
    let ctx = WasiCtxBuilder::new().preopened_memory_fs(&fs, "/", DirPerms::READ, FilePerms::READ).build_p1();
    let error = run(
        ctx,
        r#"(module
            (import "wasi_unstable" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_unstable" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
            (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "f")
            (func (export "_start")
                (if (call $open
                        (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
                        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8))
                    (then unreachable))
                (if (call $fd_seek (i32.load (i32.const 8)) (i64.const 0) (i32.const 1) (i32.const 16))
                    (then unreachable))
                (call $proc_exit (i32.load (i32.const 16)))))"#,
    )
    .unwrap_err();
    assert_eq!(error.downcast_ref::<Exit>(), Some(&Exit(7)), "{error:?}");
}

#[test]
fn the_modules_are_defined_one_by_one() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let mut store = Store::new(&engine, WasiCtxBuilder::new().build());
    for module in [MODULE, UNSTABLE_MODULE] {
        assert!(linker.iter(&mut store).all(|(name, _, _)| name != module));
        add_module_to_linker(&mut linker, module, |ctx: &mut WasiCtx| ctx).unwrap();
        assert_eq!(linker.iter(&mut store).filter(|(name, _, _)| *name == module).count(), FUNCTIONS.len());
    }
    let error = add_module_to_linker(&mut linker, "wasi", |ctx: &mut WasiCtx| ctx).unwrap_err();
    assert!(error.to_string().contains("no `wasi`"), "{error}");
}

#[test]
fn names_are_defined_once() {
    let mut linker = Linker::new(&Engine::default());
    add_to_linker_sync(&mut linker, |ctx: &mut WasiCtx| ctx).unwrap();
    assert!(add_to_linker_sync(&mut linker, |ctx: &mut WasiCtx| ctx).is_err());
}
