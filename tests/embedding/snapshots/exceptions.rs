//! Exceptions in snapshots: in locals, operands, globals, tables and payloads, and those that handlers of legacy exceptions keep.

use riser::snapshot::{Snapshot, SnapshotError, StoredValue};
use riser::{
    AsContextMut as _, CallHook, Caller, Engine, ExnRef, Extern, Func, FuncType, Global, GlobalType, Instance, Mode,
    Module, Mutability, Ref, Restored, Result, RootScope, Rooted, Store, Tag, TagType, Val, ValType,
};

use super::refused::{crc32, not_captured};
use super::{Notes, all_snapshots, configure, engine, imports, resumed, store, taken, through_bytes};
use crate::engines::{each, each_pair, modes, module};

/// References to exceptions in locals, below calls, as parameters of a loop, in a global, in a table that grows, and in the payloads of others.
pub const REFERENCES: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (tag $pair (param i32 i64))
    (tag $wide (param v128 f64 funcref externref i32))
    (tag $nested (param exnref i32))
    (memory (export "memory") 1)
    (table $kept (export "table") 4 20 exnref)
    (global $last (export "last") (mut exnref) (ref.null exn))
    (global $count (export "count") (mut i64) (i64.const 0))
    (elem declare func $leaf)
    (func $leaf (param i32) (result i32)
        (global.set $count (i64.add (global.get $count) (i64.const 1))) (local.get 0))
    (func $throws (param $n i32)
        (if (i32.and (call $leaf (local.get $n)) (i32.const 1))
            (then (throw $pair (local.get $n) (i64.const 7))))
        (throw $wide
            (v128.const i64x2 1 2) (f64.const 4.5) (ref.func $leaf) (ref.null extern) (local.get $n)))
    (func $catches (param $n i32) (result exnref)
        (block $h (result exnref)
            (try_table (catch_all_ref $h) (call $throws (local.get $n)))
            (unreachable)))
    (func $wraps (param $inner exnref) (param $n i32) (result exnref)
        (block $h (result exnref i32 exnref)
            (try_table (catch_ref $nested $h) (throw $nested (local.get $inner) (call $leaf (local.get $n))))
            (unreachable))
        (local.set $inner) (drop) (drop) (local.get $inner))
    ;; The sum of the numbers in a chain of exceptions.
    (func $unwrap (param $e exnref) (result i32) (local $sum i32)
        (loop $on
            (if (ref.is_null (local.get $e)) (then (return (local.get $sum))))
            (block $nested (result exnref i32)
                (block $pair (result i32 i64)
                    (block $wide (result v128 f64 funcref externref i32)
                        (try_table (catch $nested $nested) (catch $pair $pair) (catch $wide $wide)
                            (throw_ref (local.get $e)))
                        (unreachable))
                    (local.set $sum (i32.add (local.get $sum)))
                    (drop)
                    (ref.is_null)
                    (local.set $sum (i32.add (local.get $sum)))
                    (i32.trunc_f64_s)
                    (local.set $sum (i32.add (local.get $sum)))
                    (i32x4.extract_lane 2)
                    (local.set $sum (i32.add (local.get $sum)))
                    (local.set $e (ref.null exn))
                    (br $on))
                (i32.wrap_i64)
                (i32.add)
                (local.set $sum (i32.add (local.get $sum)))
                (local.set $e (ref.null exn))
                (br $on))
            (local.set $sum (i32.add (local.get $sum)))
            (local.set $e)
            (br $on))
        (unreachable))
    (func (export "run") (param $n i32) (result i32 i64) (local $i i32) (local $sum i32) (local $total i64) (local $e exnref)
        (i64.const 3)
        (ref.null exn)
        (loop $again (param exnref) (result exnref)
            (local.set $e (call $catches (local.get $i)))
            (global.set $last (local.get $e))
            (table.set $kept (i32.and (local.get $i) (i32.const 3)) (local.get $e))
            (call $wraps (local.get $i))
            (local.set $sum (i32.add (local.get $sum) (call $note (i32.add (local.get $sum) (i32.const 20)))))
            (drop (table.grow $kept (local.get $e) (i32.const 1)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
        (call $unwrap)
        (local.set $sum (i32.add (local.get $sum)))
        (local.set $sum (i32.add (local.get $sum) (call $unwrap (global.get $last))))
        (local.set $sum (i32.add (local.get $sum) (call $unwrap (table.get $kept (i32.const 1)))))
        (local.set $sum (i32.add (local.get $sum) (call $unwrap (local.get $e))))
        (local.set $total (i64.add (global.get $count)))
        (local.get $sum) (local.get $total)))"#;

/// Handlers of legacy exceptions, in each other, with operands below, between and above what they keep, loops and calls in them. They throw
/// it again.
pub const LEGACY: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (tag $a (param i32))
    (tag $b (param i32 i64))
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (global $count (export "count") (mut i64) (i64.const 0))
    (func $leaf (param i32) (result i32)
        (global.set $count (i64.add (global.get $count) (i64.const 1))) (local.get 0))
    (func $throws (param $n i32)
        (if (i32.and (call $leaf (local.get $n)) (i32.const 1))
            (then (throw $b (local.get $n) (i64.const 9))))
        (throw $a (local.get $n)))
    (func $inner (param $n i32) (result i32) (local $j i32)
        i64.const 11
        try (result i32)
            local.get $n
            call $throws
            i32.const 1
        catch $a
            local.get $n
            call $leaf
            i32.add
            v128.const i32x4 1 2 3 4
            i32.const 0
            local.set $j
            try
                local.get $n
                i32.const 1
                i32.add
                call $throws
            catch_all
                f64.const 2.5
                loop $on (param f64) (result f64)
                    (local.set $j (call $leaf (i32.add (local.get $j) (i32.const 1))))
                    (br_if $on (i32.lt_u (local.get $j) (i32.const 2)))
                end
                drop
                local.get $n
                i32.const 4
                i32.lt_u
                if
                    rethrow 2
                end
            end
            i32x4.extract_lane 2
            i32.add
        catch $b
            loop $on (param i32 i64) (result i32 i64)
                (local.set $j (call $leaf (i32.add (local.get $j) (i32.const 1))))
                (br_if $on (i32.lt_u (local.get $j) (i32.const 2)))
            end
            drop
            drop
            rethrow 0
        end
        local.set $j
        i32.wrap_i64
        local.get $j
        i32.add)
    (func (export "run") (param $n i32) (result i32 i64) (local $i i32) (local $sum i32)
        (loop $again
            try (result i32)
                local.get $i
                call $inner
            catch $b
                i32.wrap_i64
                i32.add
                call $leaf
            catch $a
                call $note
            end
            (local.set $sum (i32.add (local.get $sum)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
        (local.get $sum) (global.get $count)))"#;

/// What handlers keep is among the operands, with the payload of its tag; another program has exceptions everywhere.
#[test]
fn exceptions_are_where_they_were() {
    let engine = engine(Mode::Interp);
    let snapshots = read_all(&module(&engine, LEGACY));
    let kept = |snapshot: &Snapshot| {
        let operands = snapshot.frames().iter().flat_map(|frame| &frame.operands);
        operands.filter(|value| matches!(value, StoredValue::ExnRef(Some(_)))).count()
    };
    assert_eq!(snapshots.iter().map(kept).max(), Some(2));
    for snapshot in snapshots.iter().filter(|snapshot| kept(snapshot) == 2) {
        let [outer, inner] = snapshot.exceptions() else { panic!("{snapshot:?}") };
        let [StoredValue::I32(n)] = *outer.payload else { panic!("{outer:?}") };
        assert_eq!(inner.payload, [StoredValue::I32(n + 1), StoredValue::I64(9)]);
    }

    let snapshots = read_all(&module(&engine, REFERENCES));
    let most = snapshots.iter().max_by_key(|it| it.exceptions().len()).expect("there are some");
    assert_eq!(most.exceptions().len(), 10);
    // Five of them refer to the one before, but for the first one.
    let payloads = || most.exceptions().iter().flat_map(|exception| &exception.payload).copied();
    assert_eq!(payloads().filter(|value| *value == StoredValue::ExnRef(None)).count(), 1);
    let chain: Vec<StoredValue> = [1, 3, 5, 7].map(|number| StoredValue::ExnRef(Some(number))).into();
    let found: Vec<StoredValue> = payloads().filter(|value| chain.contains(value)).collect();
    assert_eq!(found, chain, "{most:?}");
    // The same one in a global, in the table, and in a local.
    let last = snapshots.last().expect("there are some");
    let StoredValue::ExnRef(Some(same)) = last.globals()[0] else { panic!("{last:?}") };
    assert!(last.tables()[0].runs[0].references.starts_with(&[same]), "{last:?}");
    assert_eq!(*last.tables()[0].runs[0].references.last().expect("it has grown"), same);
    assert!(last.frames()[0].locals.contains(&StoredValue::ExnRef(Some(same))), "{last:?}");
}

/// References to one exception are to one afterwards, which the host sees; and what is captured then is the same.
#[test]
fn references_to_one_exception_stay_one() {
    each(configure, |name, engine| {
        let module = module(engine, REFERENCES);
        for bytes in all_snapshots(&module, 5).iter().skip(20).step_by(7) {
            let snapshot = Snapshot::from_bytes(bytes).expect("its own bytes");
            let mut store = store(engine);
            let imports = imports(&mut store);
            let restored = snapshot.restore(&mut store, &module, &imports).expect("it fits");
            let instance = restored.instance();
            // Everything is referred to, and stays.
            let before = store.exception_bytes();
            store.gc(None).expect("it collects");
            assert_eq!(store.exception_bytes(), before, "{name}");
            restored.resume(&mut store).expect("it returns");
            let last = instance.get_global(&mut store, "last").expect("exported").get(&mut store);
            let table = instance.get_table(&mut store, "table").expect("exported");
            let Val::ExnRef(Some(last)) = last else { panic!("{last:?}") };
            let element = |store: &mut Store<Notes>, at| match table.get(store, at) {
                Some(Ref::Exn(Some(exception))) => exception,
                other => panic!("{other:?}"),
            };
            let (same, other) = (element(&mut store, 0), element(&mut store, 1));
            assert!(Rooted::ref_eq(&store, &last, &same).expect("both are alive"), "{name}");
            assert!(!Rooted::ref_eq(&store, &last, &other).expect("both are alive"), "{name}");
        }
    });
}

/// A module, and a snapshot of it whose frames refer to exceptions.
fn with_references_in_frames() -> (Module, Snapshot) {
    let module = module(&engine(Mode::Interp), REFERENCES);
    let last = all_snapshots(&module, 5).pop().expect("there are some");
    (module, Snapshot::from_bytes(&last).expect("its own bytes"))
}

/// A program whose exceptions nothing keeps alive: it was restored in a scope that has ended, and the instance refers to none.
fn restored_without_roots(module: &Module, snapshot: &Snapshot) -> (Store<Notes>, Restored) {
    let mut store = store(module.engine());
    let imports = imports(&mut store);
    let restored = {
        let mut scope = RootScope::new(&mut store);
        snapshot.restore(&mut scope, module, &imports).expect("it fits")
    };
    let instance = restored.instance();
    instance.get_global(&mut store, "last").expect("exported").set(&mut store, Val::ExnRef(None)).expect("it fits");
    let table = instance.get_table(&mut store, "table").expect("exported");
    let all = table.size(&store);
    table.fill(&mut store, 0, Ref::Exn(None), all).expect("it fits");
    (store, restored)
}

/// A program that is restored in a scope of references goes on only there, if its frames refer to exceptions.
#[test]
fn exceptions_of_frames_are_alive_until_they_go_on() {
    let (module, snapshot) = with_references_in_frames();
    let (mut store, restored) = restored_without_roots(&module, &snapshot);
    store.gc(None).expect("it collects");
    assert_eq!(store.exception_bytes(), 0);
    let error = restored.resume(&mut store).expect_err("they are gone");
    assert!(error.to_string().contains("not kept alive any more"), "{error}");
    assert!(resumed(&snapshot, &module).0.results.is_ok());
}

/// What the hook of calls collects was alive when the call began.
#[test]
fn exceptions_of_frames_are_alive_after_the_call_hook() {
    let (module, snapshot) = with_references_in_frames();
    let (mut store, restored) = restored_without_roots(&module, &snapshot);
    assert_ne!(store.exception_bytes(), 0);
    store.call_hook(|mut store, what| {
        if what == CallHook::CallingWasm {
            store.gc(None)?;
        }
        Ok(())
    });
    let error = restored.resume(&mut store).expect_err("they are gone");
    assert!(error.to_string().contains("not kept alive any more"), "{error}");
    assert_eq!(store.exception_bytes(), 0);
}

/// A tag that is imported is found as the import.
#[test]
fn imported_tags_are_those_of_the_new_imports() {
    const TEXT: &str = r#"(module
        (import "host" "tag" (tag $e (param i32)))
        (import "host" "throw" (func $throw))
        (func $stop)
        (func (export "run") (result i32) (local $e exnref)
            (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw)) (unreachable))
            (local.set $e)
            (call $stop)
            (block $caught (result i32)
                (try_table (catch $e $caught) (throw_ref (local.get $e)))
                (unreachable))))"#;
    let ready = |engine: &Engine| -> (Store<()>, [Extern; 2]) {
        let mut store: Store<()> = Store::new(engine, ());
        store.set_epoch_deadline(u64::MAX);
        store.set_fuel(10_000).expect("fuel is consumed");
        // One that is made before has another address.
        let ty = TagType::new(FuncType::new([ValType::I32], []));
        Tag::new(&mut store, &ty).expect("no results");
        let tag = Tag::new(&mut store, &ty).expect("no results");
        let throw = Func::wrap(&mut store, move |mut caller: Caller<'_, ()>| -> Result<()> {
            let exception = ExnRef::new(&mut caller, &tag, &[Val::I32(41)])?;
            Ok(caller.as_context_mut().throw(exception)?)
        });
        (store, [tag.into(), throw.into()])
    };
    each_pair(|from, to| {
        let (from, to) = (module(&engine(from), TEXT), module(&engine(to), TEXT));
        let (mut store, imports) = ready(from.engine());
        let instance = Instance::new(&mut store, &from, &imports).expect("instantiates");
        let taken = taken(&mut store, true);
        store.request_snapshot_after(1);
        let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
        run.call(&mut store, ()).expect_err("it is stopped");
        let snapshot = taken.lock().expect("not poisoned").take().expect("taken").expect("the tag is known");
        let (mut store, imports) = ready(to.engine());
        let restored = through_bytes(&snapshot).restore(&mut store, &to, &imports).expect("it fits");
        let results = restored.resume(&mut store).expect("it is caught");
        assert_eq!(results[0].i32(), Some(41));
    });
}

/// What an exception of a snapshot cannot be has an error that names it.
#[test]
fn exceptions_that_cannot_be_captured_are_named() {
    modes().into_iter().for_each(exceptions_that_cannot_be_captured_are_named_in);
}

fn exceptions_that_cannot_be_captured_are_named_in(mode: Mode) {
    let engine = engine(mode);
    let imports = |store: &mut Store<()>, module: &Module| {
        let tag = Tag::new(&mut *store, &TagType::new(FuncType::new([], []))).expect("no results");
        let exception = ExnRef::new(&mut *store, &tag, &[]).expect("there is room");
        let value = riser::ExternRef::new(&mut *store, 7).expect("there is room");
        (module.imports())
            .map(|import| match import.name() {
                "tag" => tag.into(),
                "exception" => {
                    let ty = GlobalType::new(ValType::ExnRef, Mutability::Const);
                    Global::new(&mut *store, ty, Val::ExnRef(Some(exception))).expect("it fits").into()
                }
                _ => Func::wrap(&mut *store, move || Some(value)).into(),
            })
            .collect()
    };
    let capture = |text: &str, after: u64| not_captured(&engine, text, after, imports);
    let foreign = capture(
        r#"(module (import "" "exception" (global $e exnref))
            (func $inner)
            (func (export "run") (local exnref) (local.set 0 (global.get $e)) (call $inner)))"#,
        1,
    );
    let expected = "a frame of function 1 refers to an exception whose tag the module does not know";
    assert!(foreign.to_string().contains(expected), "{mode}: {foreign}");
    let foreign = capture(
        r#"(module (import "" "exception" (global $e exnref)) (tag)
            (func $inner) (func (export "run") (call $inner)))"#,
        1,
    );
    let expected = "global 0 refers to an exception whose tag the module does not know";
    assert!(foreign.to_string().contains(expected), "{mode}: {foreign}");
    let constant = capture(
        r#"(module (import "" "exception" (global $e exnref)) (import "" "tag" (tag))
            (func $inner) (func (export "run") (call $inner)))"#,
        1,
    );
    assert!(constant.to_string().contains("global 0 is constant and refers to an exception"), "{mode}: {constant}");
    let value = capture(
        r#"(module (import "" "value" (func $v (result externref))) (tag $e (param i32 externref))
            (global $kept (mut exnref) (ref.null exn))
            (func $throw (throw $e (i32.const 1) (call $v)))
            (func $inner)
            (func (export "run")
                (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw)) (unreachable))
                (global.set $kept)
                (call $inner)))"#,
        2,
    );
    assert!(matches!(value, SnapshotError::HostValue(_)), "{mode}: {value}");
    assert!(value.to_string().contains("an exception of tag 0 holds an externref"), "{mode}: {value}");
}

/// Exceptions that do not fit the module are refused, and so is one that would be part of itself.
#[test]
fn exceptions_that_do_not_fit_are_refused() {
    let engine = engine(Mode::Interp);
    let references = module(&engine, REFERENCES);
    let snapshots = all_snapshots(&references, 1);
    let has_two = |bytes: &&Vec<u8>| Snapshot::from_bytes(bytes).expect("its own bytes").exceptions().len() == 2;
    let bytes = snapshots.iter().find(has_two).expect("one is in the payload of another");
    // In the section behind its name, its size, and the number of exceptions.
    let first = position(bytes, b"\x0aexceptions") + 11 + 8 + 4;
    assert!(refused(&references, bytes, first, 1).is_none());
    let count = first + 4;
    let function = count + 4 + 17 + 9 + 1;
    let host_value = function + 5;
    let nested = host_value + 4 + 5 + 4 + 4 + 1;
    for (at, number, why) in [
        (first, 99, "the module has no tag 99"),
        (first, 0, "the types of the values are not those"),
        (count, 4, "malformed snapshot"),
        (function, 77, "the module has no function 77"),
        (host_value, 0, "there is no value 0 of the host"),
        (nested, 1, "there is no exception 1 before"),
        (nested, 2, "there is no exception 2 before"),
    ] {
        let error = refused(&references, bytes, at, number).unwrap_or_else(|| panic!("accepted: {why}"));
        assert!(error.contains(why), "{error}");
    }

    let legacy = module(&engine, LEGACY);
    let has_kept = |bytes: &&Vec<u8>| bytes.windows(KEPT.len()).any(|it| it == KEPT);
    let snapshots = all_snapshots(&legacy, 1);
    let bytes = snapshots.iter().find(has_kept).expect("a handler runs");
    let kept = position(bytes, KEPT) + KEPT.len() - 4;
    assert!(refused(&legacy, bytes, kept, 0).is_none());
    let error = refused(&legacy, bytes, kept, u32::MAX).expect("handlers keep something");
    assert!(error.contains("a handler of a legacy exception has none"), "{error}");
}

/// The operand below a handler of [`LEGACY`], and what the handler keeps: the number 11, and exception 0.
const KEPT: &[u8] = &[0x7e, 11, 0, 0, 0, 0, 0, 0, 0, 0x69, 0, 0, 0, 0];

/// Where a part is, the last time: the name of a section may be that of a proposal, too.
fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).rposition(|it| it == part).expect("it is there")
}

/// Why the snapshot is refused that these bytes are with another number in them, if it is.
fn refused(module: &Module, bytes: &[u8], at: usize, number: u32) -> Option<String> {
    let mut altered = bytes.to_vec();
    altered[at..at + 4].copy_from_slice(&number.to_le_bytes());
    let end = altered.len() - 4;
    let sum = crc32(&altered[..end]);
    altered[end..].copy_from_slice(&sum.to_le_bytes());
    let snapshot = match Snapshot::from_bytes(&altered) {
        Ok(snapshot) => snapshot,
        Err(error) => return Some(error.to_string()),
    };
    let mut store = store(module.engine());
    let imports = imports(&mut store);
    let restored = snapshot.restore(&mut store, module, &imports);
    restored.err().map(|error| format!("{error:#}"))
}

/// All snapshots of a run.
fn read_all(module: &Module) -> Vec<Snapshot> {
    let all = all_snapshots(module, 5);
    all.iter().map(|bytes| Snapshot::from_bytes(bytes).expect("its own bytes")).collect()
}
