//! Instances that are captured while none of their code runs, and started many times.

use riser::snapshot::SnapshotError;
use riser::{Caller, Func, Instance, Result, Store, Trap};

use super::{Notes, configure, store, through_bytes};
use crate::engines::{each, module};

/// An instance that is not running is captured in every mode, and restored many times in every mode.
#[test]
fn an_instance_is_initialised_once_and_started_many_times() {
    const TEXT: &str = r#"(module
        (import "host" "note" (func $note (param i32) (result i32)))
        (memory (export "memory") 1 8)
        (table $table (export "table") 1 20 funcref)
        (global $count (export "count") (mut i64) (i64.const 3))
        (data $late "late")
        (elem declare func $note)
        (func (export "init")
            (drop (memory.grow (i32.const 2)))
            (drop (table.grow $table (ref.func $note) (i32.const 4)))
            (memory.init $late (i32.const 150000) (i32.const 0) (i32.const 4))
            (data.drop $late)
            (global.set $count (i64.const 40)))
        (func (export "again") (memory.init $late (i32.const 0) (i32.const 0) (i32.const 1)))
        (func (export "run") (param i32) (result i32)
            (global.set $count (i64.add (global.get $count) (i64.const 1)))
            (i32.add (i32.wrap_i64 (global.get $count))
                (i32.add (i32.load8_u (i32.const 150001))
                    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 4))))))"#;
    let mut expected: Option<Vec<u8>> = None;
    each(configure, |name, engine| {
        let module = module(engine, TEXT);
        let mut linker = riser::Linker::new(engine);
        linker
            .func_wrap("host", "note", |mut caller: Caller<'_, Notes>, value: i32| {
                caller.data_mut().push(value);
                value >> 3
            })
            .expect("a new name");
        let ready = linker.instantiate_pre(&module).expect("all is there");
        let mut first = store(engine);
        let instance = ready.instantiate(&mut first).expect("instantiates");
        instance.get_func(&first, "init").expect("exported").call(&mut first, &[], &mut []).expect("returns");
        first.set_fuel(1000).expect("fuel is consumed");
        let snapshot = through_bytes(&instance.snapshot(&first).expect("nothing runs"));
        assert!(snapshot.frames().is_empty(), "{name}");
        let bytes = snapshot.to_bytes();
        assert!(*expected.get_or_insert_with(|| bytes.clone()) == bytes, "{name}");
        for _ in 0..3 {
            let mut store = store(engine);
            let restored = ready.restore(&mut store, &snapshot).expect("it fits");
            let instance = restored.instance();
            assert!(restored.resume(&mut store).expect("there is nothing to do").is_empty());
            assert_eq!(store.get_fuel().expect("fuel is consumed"), 1000);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, 80).expect("returns"), 41 + i32::from(b'a') + 10, "{name}");
            assert_eq!(store.data(), &[80]);
            let again = instance.get_typed_func::<(), ()>(&mut store, "again").expect("exported");
            let error = again.call(&mut store, ()).expect_err("the segment is dropped");
            assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
            // What it does stays with it.
            let later = instance.snapshot(&store).expect("nothing runs");
            assert!(later != snapshot && later.globals() != snapshot.globals());
        }
    });
}

/// While code runs, its frames would be missing.
#[test]
fn an_instance_that_runs_is_not_captured_without_its_frames() {
    each(configure, |name, engine| {
        let module = module(
            engine,
            r#"(module (import "" "look" (func $look)) (func (export "run") (call $look)) (func (export "nothing")))"#,
        );
        let mut store: Store<Option<Instance>> = Store::new(engine, None);
        store.set_epoch_deadline(u64::MAX);
        store.set_fuel(10_000).expect("fuel is consumed");
        let look = Func::wrap(&mut store, |caller: Caller<'_, Option<Instance>>| -> Result<()> {
            let instance = caller.data().expect("set before");
            Ok(instance.snapshot(&caller).map(drop)?)
        });
        let instance = Instance::new(&mut store, &module, &[look.into()]).expect("instantiates");
        *store.data_mut() = Some(instance);
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("exported");
        let error = run.call(&mut store, ()).expect_err("it runs");
        assert_eq!(error.downcast_ref(), Some(&SnapshotError::Running), "{name}");
        assert!(instance.snapshot(&store).is_ok(), "{name}");
    });
}

/// Memories that are shared until they are written: what one guest writes no other sees, and all grow.
#[test]
fn sealed_memories_are_shared_until_they_are_written() {
    const TEXT: &str = r#"(module (memory (export "memory") 2 9) (memory $other 1)
        (func (export "init")
            (memory.fill (i32.const 10) (i32.const 7) (i32.const 70000))
            (drop (memory.grow (i32.const 1)))
            (i32.store8 $other (i32.const 65535) (i32.const 3)))
        (func (export "run") (param i32) (result i32)
            (i32.store8 (i32.const 10) (i32.add (i32.load8_u (i32.const 10)) (local.get 0)))
            (i32.store8 $other (i32.const 65535) (i32.add (i32.load8_u $other (i32.const 65535)) (local.get 0)))
            (drop (memory.grow (i32.const 1)))
            (i32.store8 (i32.const 262143) (i32.add (i32.load8_u (i32.const 262143)) (local.get 0)))
            (i32.add
                (i32.add (i32.load8_u (i32.const 10)) (i32.load8_u (i32.const 70009)))
                (i32.add (i32.load8_u $other (i32.const 65535)) (i32.load8_u (i32.const 262143)))))
        (func (export "beyond") (result i32) (i32.load8_u $other (i32.const 65536))))"#;
    let mut were_shared = 0;
    each(configure, |name, engine| {
        let module = module(engine, TEXT);
        let mut first = store(engine);
        let instance = Instance::new(&mut first, &module, &[]).expect("no imports");
        instance.get_func(&first, "init").expect("exported").call(&mut first, &[], &mut []).expect("returns");
        let mut snapshot = instance.snapshot(&first).expect("nothing runs");
        let plain = snapshot.clone();
        assert!(snapshot.seal(4 * 65536 - 1).is_err(), "{name}");
        snapshot.seal(4 * 65536).expect("there is room");
        assert_eq!(snapshot, plain);
        let mut stores = Vec::new();
        for number in 0..3 {
            let mut store = store(engine);
            let instance = snapshot.restore(&mut store, &module, &[]).expect("it fits").instance();
            assert_eq!(instance.snapshot(&store).expect("nothing runs").memories(), plain.memories(), "{name}");
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, number).expect("returns"), 7 + 7 + 3 + 3 * number, "{name}");
            let beyond = instance.get_typed_func::<(), i32>(&mut store, "beyond").expect("exported");
            let error = beyond.call(&mut store, ()).expect_err("it ends there");
            assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
            stores.push(store);
        }
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        were_shared += usize::from(maps.contains("memfd:wasm memory"));
    });
    assert!(were_shared > 0 || cfg!(not(target_os = "linux")));
}
