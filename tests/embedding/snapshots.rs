//! Snapshots: taken at any safepoint, in any mode that can, and gone on with in any other, a program ends as it does without.

use std::sync::{Arc, Mutex};

use riser::policy::Policy;
use riser::snapshot::{Snapshot, SnapshotError, Stop};
use riser::{Caller, Config, Engine, Extern, Func, Instance, Mode, Module, Result, Store, Trap, V128, Val};

use crate::engines::{each, each_pair, modes, module};

use self::exceptions::{LEGACY, REFERENCES};

mod exceptions;
mod externs;
mod idle;
mod refused;

/// Recursion with operands below calls (computed, locals, constants), calls through a table, loops with operands, a memory and a table
/// that grow, globals, vectors, and a host function.
const PROGRAM: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (type $unary (func (param i32) (result i32)))
    (memory (export "memory") 1 8)
    (table $table (export "table") 4 20 funcref)
    (global $count (export "count") (mut i64) (i64.const 3))
    (global $seed i32 (i32.const 77))
    (global $chosen (mut funcref) (ref.null func))
    (global $lanes (mut v128) (v128.const i32x4 1 2 3 4))
    (elem (i32.const 0) $double $tree)
    (elem $passive func $double $note)
    (data (i32.const 65000) "to be read later")
    (data $late "late")
    (func $double (type $unary)
        (global.set $count (i64.add (global.get $count) (i64.const 1)))
        (i32.mul (local.get 0) (i32.const 2)))
    (func $tree (type $unary) (local $x f64) (local $v v128)
        (local.set $x (f64.convert_i32_s (local.get 0)))
        (if (i32.le_s (local.get 0) (i32.const 0)) (then (return (i32.const 1))))
        (local.set $v (i32x4.splat (local.get 0)))
        ;; Below the call: a local, a constant, a vector, and a sum.
        (local.get 0)
        (i32.const 41)
        (v128.not (local.get $v))
        (i32.add (local.get 0) (i32.const 5))
        (call $tree (i32.sub (local.get 0) (i32.const 1)))
        (i32.add)
        (call_indirect (type $unary) (i32.const 0))
        (i32.store (i32.mul (local.get 0) (i32.const 4)) (i32.const 9))
        (i32.store offset=64 (i32.mul (local.get 0) (i32.const 4)))
        (global.set $lanes (i32x4.add (global.get $lanes)))
        (i32.add)
        (i32.trunc_f64_s (f64.mul (local.get $x) (f64.const 1.5)))
        (i32.add))
    (func (export "run") (param $n i32) (result i32 i64) (local $i i32) (local $sum i32) (local $total i64)
        (global.set $chosen (ref.func $note))
        (memory.init $late (i32.const 70) (i32.const 0) (i32.const 4))
        (i64.const -9)
        (loop $again (param i64) (result i64)
            (local.set $sum (i32.add (local.get $sum) (call $tree (local.get $i))))
            (drop (memory.grow (i32.const 1)))
            (drop (table.grow $table (ref.func $tree) (i32.const 2)))
            (if (i32.eq (local.get $i) (i32.const 2)) (then (data.drop $late)))
            (local.set $sum (i32.xor (local.get $sum) (call $note (local.get $sum))))
            (table.set $table (i32.const 3) (global.get $chosen))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (i64.add (i64.extend_i32_u (local.get $sum)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
        (table.init $table $passive (i32.const 1) (i32.const 0) (i32.const 2))
        (local.set $sum (call_indirect (type $unary) (local.get $sum) (i32.const 2)))
        (local.set $sum (i32.add (i32.load8_u (i32.const 65003)) (local.get $sum)))
        (local.set $sum (i32.add (i32x4.extract_lane 2 (global.get $lanes)) (local.get $sum)))
        ;; Traps if the segment is not dropped, or the other way round.
        (if (i32.gt_s (local.get $n) (i32.const 4))
            (then (memory.init $late (i32.const 0) (i32.const 0) (i32.const 1))))
        (local.set $n (i32.add (local.get $sum) (i32.const 1)))
        (local.set $total)
        (i64.store (i32.const 128) (local.get $total))
        (local.get $sum) (i64.load (i32.const 128))))"#;

/// What can be seen of an end.
#[derive(Debug, PartialEq)]
struct End {
    results: Result<String, String>,
    memory: Vec<u8>,
    table: u64,
    count: i64,
    fuel: u64,
}

/// The host's data: what `note` has got, which a snapshot does not contain.
type Notes = Vec<i32>;

fn imports(store: &mut Store<Notes>) -> Vec<Extern> {
    let note = Func::wrap(store, |mut caller: Caller<'_, Notes>, value: i32| {
        caller.data_mut().push(value);
        value >> 3
    });
    vec![note.into()]
}

fn configure(config: &mut Config) {
    config.epoch_interruption(true).consume_fuel(true).snapshots(true).wasm_legacy_exceptions(true);
}

fn engine(mode: Mode) -> Engine {
    let mut config = Config::new();
    config.mode(mode);
    configure(&mut config);
    Engine::new(&config).expect("the mode is there")
}

fn store(engine: &Engine) -> Store<Notes> {
    let mut store = Store::new(engine, Vec::new());
    store.set_epoch_deadline(u64::MAX);
    store.set_fuel(1_000_000).expect("fuel is consumed");
    store
}

fn end(store: &mut Store<Notes>, instance: Instance, results: Result<Vec<Val>>) -> End {
    let memory = instance.get_memory(&*store, "memory").expect("exported");
    let table = instance.get_table(&*store, "table").expect("exported");
    let count = instance.get_global(&*store, "count").expect("exported").get(&mut *store).i64().expect("an i64");
    End {
        results: results.map(|it| format!("{it:?}")).map_err(|error| format!("{:?}", error.downcast_ref::<Trap>())),
        memory: memory.data(&*store).to_vec(),
        table: table.size(&*store),
        count,
        fuel: store.get_fuel().expect("fuel is consumed"),
    }
}

/// Why a run ended that was stopped.
const STOPPED: &str = "stopped for a snapshot";

/// Runs the program with a snapshot after this number of safepoints; answers the snapshot, if there are so many.
fn stopped(module: &Module, argument: i32, safepoints: u64) -> Option<Result<Snapshot, SnapshotError>> {
    let mut store = store(module.engine());
    let imports = imports(&mut store);
    let instance = Instance::new(&mut store, module, &imports).expect("instantiates");
    let taken = taken(&mut store, true);
    store.request_snapshot_after(safepoints);
    let run = instance.get_func(&store, "run").expect("exported");
    let mut results = [Val::I32(0), Val::I64(0)];
    let outcome = run.call(&mut store, &[Val::I32(argument)], &mut results);
    let taken = taken.lock().expect("not poisoned").take();
    assert_eq!(taken.is_some(), outcome.is_err_and(|error| error.root_cause().to_string() == STOPPED));
    taken
}

/// Where the next snapshot of the store goes, whose code it ends if `stop`.
fn taken<T>(store: &mut Store<T>, stop: bool) -> Arc<Mutex<Option<Result<Snapshot, SnapshotError>>>> {
    let taken = Arc::new(Mutex::new(None));
    let place = Arc::clone(&taken);
    let take = move |_: riser::StoreContextMut<'_, T>, snapshot| {
        *place.lock().expect("not poisoned") = Some(snapshot);
        if stop { Err(riser::Error::msg(STOPPED)) } else { Ok(()) }
    };
    store.on_snapshot(take).expect("the engine interrupts");
    taken
}

/// The snapshot after a way through its bytes.
fn through_bytes(snapshot: &Snapshot) -> Snapshot {
    let bytes = snapshot.to_bytes();
    let back = Snapshot::from_bytes(&bytes).expect("its own bytes");
    assert_eq!(&back, snapshot);
    back
}

/// Restores the snapshot and runs to the end.
fn resumed(snapshot: &Snapshot, module: &Module) -> (End, Notes) {
    let mut store = store(module.engine());
    let imports = imports(&mut store);
    let restored = snapshot.restore(&mut store, module, &imports).expect("it fits");
    let instance = restored.instance();
    let results = restored.resume(&mut store);
    (end(&mut store, instance, results), store.into_data())
}

/// The end of a run that is not stopped.
fn undisturbed(module: &Module, argument: i32) -> (End, Notes) {
    let mut store = store(module.engine());
    let imports = imports(&mut store);
    let instance = Instance::new(&mut store, module, &imports).expect("instantiates");
    let mut results = vec![Val::I32(0), Val::I64(0)];
    let run = instance.get_func(&store, "run").expect("exported");
    let outcome = run.call(&mut store, &[Val::I32(argument)], &mut results);
    (end(&mut store, instance, outcome.map(|()| results)), store.into_data())
}

/// Each snapshot of the program goes on in every mode and setting. With 5 iterations it traps in the end.
#[test]
fn a_program_ends_as_it_does_without() {
    let interp = module(&engine(Mode::Interp), PROGRAM);
    for argument in [3, 5] {
        let (expected, notes) = undisturbed(&interp, argument);
        assert_eq!(expected.results.is_ok(), argument == 3, "{expected:?}");
        let mut snapshots = Vec::new();
        while let Some(snapshot) = stopped(&interp, argument, snapshots.len() as u64) {
            snapshots.push(through_bytes(&snapshot.expect("all frames are interpreted")));
        }
        assert!(snapshots.len() > 10, "{}", snapshots.len());
        assert!(snapshots.iter().any(|it| it.frames().len() > 2));
        each(configure, |name, engine| {
            let module = module(engine, PROGRAM);
            for (number, snapshot) in snapshots.iter().enumerate() {
                let (actual, after) = resumed(snapshot, &module);
                assert!(actual == expected, "{name}, snapshot {number}: {actual:?} instead of {expected:?}");
                assert!(notes.ends_with(&after), "{name}, snapshot {number}");
            }
        });
    }
}

/// Calls with operands and locals of all types below them: in loops that write some of the locals, in a handler scope that catches all,
/// behind branches after which only some ways have called, through a table, and in tail position.
const VALUES: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (type $unary (func (param i32) (result i32)))
    (tag $oops (param i32))
    (memory (export "memory") 1)
    (table $table (export "table") 4 funcref)
    (elem (i32.const 0) $leaf $last)
    (global $count (export "count") (mut i64) (i64.const 0))
    (func $leaf (type $unary) (global.set $count (i64.add (global.get $count) (i64.const 1))) (local.get 0))
    (func $last (type $unary) (return_call $leaf (i32.add (local.get 0) (i32.const 1))))
    (func $many (param i32 i64 f32 f64 v128 i64 i64 i64 f64 f32) (result i64 f64 v128)
        (drop (call $last (local.get 0)))
        (i64.add (local.get 1) (i64.add (local.get 5) (i64.add (local.get 6) (local.get 7))))
        (f64.add (local.get 3) (f64.add (local.get 8) (f64.promote_f32 (f32.add (local.get 2) (local.get 9)))))
        (i32x4.add (local.get 4) (i32x4.splat (call $leaf (local.get 0)))))
    (func $throws (param i32) (result i32)
        (if (i32.and (call $leaf (local.get 0)) (i32.const 1)) (then (throw $oops (local.get 0))))
        (local.get 0))
    (func (export "run") (param $n i32) (result i32 i64)
        (local $i i32) (local $a i64) (local $b f32) (local $c f64) (local $v v128) (local $f funcref) (local $e externref)
        (local $never i64) (local $j i32) (local $same f64) (local $x exnref)
        (local.set $same (f64.const 2.5))
        (local.set $f (ref.func $last))
        (f32.const 0.5) (f32.mul (f32.const 3))
        (i64.mul (i64.extend_i32_u (local.get $n)) (i64.const 0x100000007))
        (v128.const i64x2 7 9) (i64x2.add (i64x2.splat (i64.const 3)))
        (ref.func $leaf)
        (loop $outer
            (block $out
                (br_if $out (i32.eq (local.get $i) (i32.const 1)))
                (local.set $a (i64.extend_i32_u (call $last (local.get $i))))
                (br_if $out (i32.eq (local.get $i) (i32.const 2)))
                (local.set $b (f32.add (local.get $b) (f32.const 1)))
                (local.set $j (i32.const 0))
                (loop $inner
                    (local.set $c (f64.add (local.get $c) (local.get $same)))
                    (local.set $v (i32x4.add (local.get $v) (i32x4.splat (call $leaf (local.get $j)))))
                    (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 3)))))
            (block $caught (result i32)
                (try_table (result i32) (catch $oops $caught) (catch_all $outer)
                    (i32.add (local.get $i) (call $throws (local.get $i)))))
            (local.set $j)
            (call $many (local.get $j) (local.get $a) (local.get $b) (local.get $c) (local.get $v)
                (i64.const 1) (i64.const 2) (local.get $a) (local.get $same) (f32.const 4))
            (local.set $v) (local.set $c) (local.set $a)
            (drop (call_indirect (type $unary) (local.get $i) (i32.and (local.get $i) (i32.const 1))))
            (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (table.set (i32.const 2) (ref.func $leaf))
        (drop (call $note (i32.const 3)))
        (drop)
        (local.set $v (v128.xor (local.get $v)))
        (local.set $a (i64.add (local.get $a)))
        (local.set $b (f32.add (local.get $b)))
        (v128.store (i32.const 16) (local.get $v))
        (f64.store (i32.const 32) (local.get $c))
        (f32.store (i32.const 40) (local.get $b))
        (i32.add (ref.is_null (local.get $f)) (i32.add (ref.is_null (local.get $e)) (local.get $j)))
        (i64.add (local.get $never) (local.get $a))))"#;

/// Programs with more than thirty safepoints for an argument of 5.
const PROGRAMS: [&str; 4] = [PROGRAM, VALUES, REFERENCES, LEGACY];

/// All snapshots of a run.
fn all_snapshots(module: &Module, argument: i32) -> Vec<Vec<u8>> {
    let mut snapshots = Vec::new();
    while let Some(snapshot) = stopped(module, argument, snapshots.len() as u64) {
        let snapshot = snapshot.unwrap_or_else(|error| panic!("snapshot {}: {error}", snapshots.len()));
        snapshots.push(snapshot.to_bytes());
    }
    snapshots
}

/// At each safepoint the snapshot is the same in every mode, under every setting.
#[test]
fn snapshots_are_the_same_in_every_mode() {
    for text in PROGRAMS {
        let reference = module(&engine(Mode::Interp), text);
        let expected = all_snapshots(&reference, 5);
        assert!(expected.len() > 30, "{}", expected.len());
        each(configure, |name, engine| {
            let actual = all_snapshots(&module(engine, text), 5);
            assert_eq!(actual.len(), expected.len(), "{name}");
            for (at, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
                let read = |bytes: &[u8]| Snapshot::from_bytes(bytes).expect("its own bytes");
                assert!(actual == expected, "{name} at {at}: {:#?} instead of {:#?}", read(actual), read(expected));
            }
        });
    }
}

/// From each mode to each: what was captured goes on as the run does without.
#[test]
fn every_mode_goes_on_from_every_mode() {
    for text in PROGRAMS {
        let (expected, notes) = undisturbed(&module(&engine(Mode::Interp), text), 5);
        each_pair(|from, to| {
            let (from_module, to_module) = (module(&engine(from), text), module(&engine(to), text));
            for at in [1, 4, 9, 17, 26] {
                let snapshot = stopped(&from_module, 5, at).expect("so long").expect("all frames are known");
                let (actual, after) = resumed(&through_bytes(&snapshot), &to_module);
                assert!(actual == expected, "{from} to {to} at {at}: {actual:?} instead of {expected:?}");
                assert!(notes.ends_with(&after), "{from} to {to} at {at}");
            }
        });
    }
}

/// Code goes on after a snapshot as if there had been none, in the mode that it is in.
#[test]
fn a_snapshot_changes_nothing() {
    each(configure, |name, engine| {
        for text in PROGRAMS {
            let module = module(engine, text);
            let (expected, notes) = undisturbed(&module, 5);
            for at in 0..25 {
                let mut store = store(engine);
                let imports = imports(&mut store);
                let instance = Instance::new(&mut store, &module, &imports).expect("instantiates");
                let taken = taken(&mut store, false);
                store.request_snapshot_after(at);
                let run = instance.get_func(&store, "run").expect("exported");
                let mut results = vec![Val::I32(0), Val::I64(0)];
                let outcome = run.call(&mut store, &[Val::I32(5)], &mut results);
                assert!(taken.lock().expect("not poisoned").take().expect("taken").is_ok(), "{name} at {at}");
                assert_eq!(end(&mut store, instance, outcome.map(|()| results)), expected, "{name} at {at}");
                assert_eq!(store.into_data(), notes, "{name} at {at}");
            }
        }
    });
}

/// An engine whose functions move up as a schedule says.
fn scheduled(schedule: &[&str]) -> Engine {
    let schedule = schedule.iter().map(|line| line.parse().expect("an entry")).collect();
    let mut config = Config::new();
    config.mode(Mode::MultiTier).tier_policy(Policy { threads: 0, schedule, ..Policy::default() });
    configure(&mut config);
    Engine::new(&config).expect("supported")
}

/// Frames of several tiers lie on the stack together, in any order.
#[test]
fn frames_of_several_tiers_are_captured_together() {
    let compiled: Vec<&str> = modes().iter().map(|mode| mode.name()).filter(|name| name.ends_with("-jit")).collect();
    for text in PROGRAMS {
        let expected = all_snapshots(&module(&engine(Mode::Interp), text), 5);
        for &upper in &compiled {
            for &lower in &compiled {
                for lines in [
                    vec![format!("2 {upper} call 1")],
                    vec![format!("2 {upper} call 3"), format!("1 {lower} call 2")],
                    vec![format!("1 {upper} call 1"), format!("3 {lower} loop 1")],
                    vec![format!("3 {upper} call 1"), format!("4 {lower} call 1"), format!("5 {upper} loop 2")],
                    vec![format!("5 {lower} loop 1"), format!("4 {upper} call 2"), format!("1 {upper} call 2")],
                    vec![format!("2 {lower} call 1"), format!("5 {upper} loop 2")],
                ] {
                    let lines: Vec<&str> = lines.iter().map(|line| &**line).collect();
                    let actual = all_snapshots(&module(&scheduled(&lines), text), 5);
                    assert!(actual == expected, "{lines:?}");
                }
            }
        }
    }
}

/// Without the setting, compiled code keeps no copies, and its frames are an error unless they poll.
#[test]
fn without_the_setting_compiled_frames_are_named() {
    for mode in modes().into_iter().filter(|mode| mode.name().ends_with("-jit")) {
        let mut config = Config::new();
        configure(&mut config);
        let engine = Engine::new(config.mode(mode).snapshots(false)).expect("the mode is there");
        let module = module(&engine, PROGRAM);
        stopped(&module, 5, 0).expect("so long").expect("the only frame polls");
        let error = stopped(&module, 5, 20).expect("so long").expect_err("a frame is compiled");
        assert!(matches!(error, SnapshotError::CompiledFrame { .. }), "{error}");
        assert!(error.to_string().contains("`Config::snapshots`"), "{error}");
    }
}

/// What is captured right after restoring is what was restored; and ten snapshots in a row lose nothing. Restored frames are those of the
/// register interpreter, and call functions in the mode.
#[test]
fn snapshots_follow_each_other() {
    for text in PROGRAMS {
        modes().into_iter().for_each(|mode| snapshots_follow_each_other_in(mode, text));
    }
}

fn snapshots_follow_each_other_in(mode: Mode, text: &str) {
    let module = module(&engine(mode), text);
    let (expected, _) = undisturbed(&module, 5);
    let mut snapshot = stopped(&module, 5, 3).expect("so long").expect("interpreted");
    for _ in 0..10 {
        for (after, is_same) in [(0, true), (2, false)] {
            let mut store = store(module.engine());
            let imports = imports(&mut store);
            let restored = snapshot.restore(&mut store, &module, &imports).expect("it fits");
            let taken = taken(&mut store, true);
            store.request_snapshot_after(after);
            restored.resume(&mut store).expect_err("it is stopped");
            let next = taken.lock().expect("not poisoned").take().expect("taken").expect("interpreted");
            assert_eq!(next == snapshot, is_same, "{mode}");
            snapshot = next;
        }
    }
    assert_eq!(resumed(&snapshot, &module).0, expected, "{mode}");
}

/// A program goes on after a snapshot, and a request may come from another thread.
#[test]
fn requests_come_from_anywhere_and_code_goes_on() {
    for mode in modes() {
        let engine = engine(mode);
        let mut store: Store<()> = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        store.set_fuel(u64::MAX).expect("fuel is consumed");
        let module = module(
            &engine,
            "(module (global $stop (export \"stop\") (mut i32) (i32.const 0))
                (func (export \"run\") (result i32) (loop $on (br_if $on (i32.eqz (global.get $stop)))) (i32.const 5)))",
        );
        let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
        let stop = instance.get_global(&store, "stop").expect("exported");
        let requests = store
            .on_snapshot(move |mut store, snapshot| {
                assert_eq!(snapshot?.frames().len(), 1);
                stop.set(&mut store, Val::I32(1))
            })
            .expect("the engine interrupts");
        let other = requests.clone();
        let thread = std::thread::spawn(move || other.request());
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
        // The request's step of the epoch does not end the code.
        assert_eq!(run.call(&mut store, ()).expect("the request stops the loop"), 5);
        thread.join().expect("it asked");
        // A real one does.
        stop.set(&mut store, Val::I32(0)).expect("mutable");
        engine.increment_epoch();
        let error = run.call(&mut store, ()).expect_err("the deadline has passed");
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    }
}

/// Deep recursion: there is no limit on frames but the stack, and a smaller stack is an error.
#[test]
fn deep_stacks_come_back() {
    let text = r#"(module (func $deep (export "run") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 0))
            (else (i64.add (local.get 0) (call $deep (i64.sub (local.get 0) (i64.const 1))))))))"#;
    let taken_in = |mode: Mode| {
        let module = module(&engine(mode), text);
        let mut store = store(module.engine());
        let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
        let taken = taken(&mut store, true);
        store.request_snapshot_after(2000);
        let run = instance.get_func(&store, "run").expect("exported");
        run.call(&mut store, &[Val::I64(2000)], &mut [Val::I64(0)]).expect_err("it is stopped");
        taken.lock().expect("not poisoned").take().expect("taken").expect("all frames are known")
    };
    let snapshot = taken_in(Mode::Interp);
    assert_eq!(snapshot.frames().len(), 2001);
    assert!(snapshot.frames()[..2000].iter().all(|frame| frame.stop == Stop::Call));
    for mode in modes() {
        assert!(taken_in(mode) == snapshot, "{mode}");
    }
    let module = module(&engine(Mode::Interp), text);
    let mut store = self::store(module.engine());
    let restored = snapshot.restore(&mut store, &module, &[]).expect("it fits");
    let results = restored.resume(&mut store).expect("there is room");
    assert_eq!(results[0].i64(), Some(2000 * 2001 / 2));

    let mut config = Config::new();
    configure(config.max_wasm_stack(32 << 10));
    let small = Engine::new(&config).expect("a small stack");
    let module = self::module(&small, text);
    let mut store = self::store(&small);
    let restored = snapshot.restore(&mut store, &module, &[]).expect("it fits");
    let error = restored.resume(&mut store).expect_err("there is no room");
    assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow));
}

/// A vector is captured whole.
#[test]
fn vectors_are_whole() {
    let text = r#"(module (func $id (param v128) (result v128) (local.get 0))
        (func (export "run") (result v128)
            (i64x2.add (v128.const i64x2 -1 0x1234567890abcdef) (call $id (v128.const i64x2 1 1)))))"#;
    let module = module(&engine(Mode::Interp), text);
    let mut store = store(module.engine());
    let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
    let taken = taken(&mut store, true);
    store.request_snapshot_after(1);
    let run = instance.get_func(&store, "run").expect("exported");
    run.call(&mut store, &[], &mut [Val::V128(V128::from(0))]).expect_err("it is stopped");
    let snapshot = through_bytes(&taken.lock().expect("not poisoned").take().expect("taken").expect("interpreted"));
    let mut store = self::store(module.engine());
    let results = snapshot.restore(&mut store, &module, &[]).expect("it fits").resume(&mut store).expect("returns");
    assert_eq!(results[0].v128(), Some(V128::from(0x1234_5678_90ab_cdf0_0000_0000_0000_0000)));
}
