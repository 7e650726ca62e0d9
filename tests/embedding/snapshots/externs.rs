//! Values of the host in snapshots, which two functions of the host make bytes of and values again.

use riser::snapshot::{Snapshot, SnapshotError, StoredValue};
use riser::{
    Engine, Error, Extern, ExternRef, Global, GlobalType, Instance, Mode, Module, Mutability, Ref, Result, Rooted,
    Store, Val, ValType,
};

use super::{configure, engine, taken, through_bytes};
use crate::engines::{each, each_pair, module};

/// References to values of the host in a local, below a call, in a global, in a table, and in the payload of an exception.
const PROGRAM: &str = r#"(module
    (tag $carries (param i32 externref))
    (table $table (export "table") 3 externref)
    (global $kept (export "kept") (mut externref) (ref.null extern))
    (global $thrown (mut exnref) (ref.null exn))
    (func $stop)
    (func $throw (param externref) (throw $carries (i32.const 1) (local.get 0)))
    (func (export "run") (param $a externref) (param $b externref) (result externref externref externref)
        (local $c externref)
        (global.set $kept (local.get $b))
        (table.set $table (i32.const 1) (local.get $a))
        (table.set $table (i32.const 2) (local.get $b))
        (global.set $thrown
            (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw (local.get $b))) (unreachable)))
        (local.set $c (local.get $a))
        (table.get $table (i32.const 1))
        (call $stop)
        (block $h (result i32 externref)
            (try_table (catch $carries $h) (throw_ref (global.get $thrown)))
            (unreachable))
        (local.set $b)
        (drop)
        (local.get $b)
        (local.get $c)))"#;

/// A store whose values of the host are texts.
fn store(engine: &Engine) -> Store<()> {
    let mut store: Store<()> = Store::new(engine, ());
    store.set_epoch_deadline(u64::MAX);
    store.set_fuel(10_000).expect("fuel is consumed");
    store
}

fn set_codec(store: &mut Store<()>) {
    store.set_extern_codec(
        |value| match value.downcast_ref::<String>() {
            Some(text) => Ok(text.clone().into_bytes()),
            None => Err(Error::msg("this is no text")),
        },
        |bytes| Ok(Box::new(String::from_utf8(bytes.to_vec())?)),
    );
}

fn text(store: &Store<()>, value: Rooted<ExternRef>) -> String {
    let value = value.data(store).expect("it is of this store").expect("it is there");
    value.downcast_ref::<String>().expect("it is a text").clone()
}

fn host_value(val: &Val) -> Rooted<ExternRef> {
    let Val::ExternRef(Some(value)) = val else { panic!("{val:?}") };
    *value
}

/// The snapshot of the program where it calls `stop`. The store has another value before, which nothing refers to.
fn stopped(module: &Module, set: fn(&mut Store<()>)) -> Result<Snapshot, SnapshotError> {
    let mut store = store(module.engine());
    set(&mut store);
    let [_, b, a] = ["nothing refers to it", "second", "first"]
        .map(|text| Val::ExternRef(Some(ExternRef::new(&mut store, text.to_owned()).expect("there is room"))));
    let instance = Instance::new(&mut store, module, &[]).expect("no imports");
    let taken = taken(&mut store, false);
    store.request_snapshot_after(2);
    let run = instance.get_func(&store, "run").expect("exported");
    run.call(&mut store, &[a, b], &mut [Val::I32(0), Val::I32(0), Val::I32(0)]).expect("it returns");
    taken.lock().expect("not poisoned").take().expect("taken")
}

#[test]
fn values_come_back_in_every_mode() {
    let mut expected: Option<Vec<u8>> = None;
    each(configure, |name, engine| {
        let snapshot = stopped(&module(engine, PROGRAM), set_codec).expect("the values are texts");
        assert_eq!(snapshot.externs(), [&b"second"[..], b"first"], "{name}");
        let bytes = snapshot.to_bytes();
        assert!(*expected.get_or_insert_with(|| bytes.clone()) == bytes, "{name}");
    });
    each_pair(|from, to| {
        let (from, to) = (module(&engine(from), PROGRAM), module(&engine(to), PROGRAM));
        let snapshot = through_bytes(&stopped(&from, set_codec).expect("the values are texts"));
        assert_eq!(snapshot.exceptions()[0].payload, [StoredValue::I32(1), StoredValue::ExternRef(Some(0))]);
        let mut store = store(to.engine());
        set_codec(&mut store);
        // The new store has other numbers for them.
        ExternRef::new(&mut store, 7).expect("there is room");
        let restored = snapshot.restore(&mut store, &to, &[]).expect("it fits");
        let instance = restored.instance();
        let results = restored.resume(&mut store).expect("it returns");
        let [below, b, c] = [0, 1, 2].map(|at| host_value(&results[at]));
        assert_eq!([below, b, c].map(|value| text(&store, value)), ["first", "second", "first"]);
        // Each is there once.
        assert_eq!(below, c);
        let table = instance.get_table(&mut store, "table").expect("exported");
        let kept = instance.get_global(&mut store, "kept").expect("exported").get(&mut store);
        assert_eq!(host_value(&kept), b);
        for (at, expected) in [(0, None), (1, Some(c)), (2, Some(b))] {
            let Some(Ref::Extern(found)) = table.get(&mut store, at) else { panic!("there is no element {at}") };
            assert_eq!(found, expected);
        }
        // What is captured then is the same.
        let again = instance.snapshot(&store).expect("nothing runs");
        assert_eq!((again.externs(), again.tables()), (snapshot.externs(), snapshot.tables()));
    });
}

#[test]
fn what_is_wrong_is_said() {
    let module = module(&engine(Mode::Interp), PROGRAM);
    let error = stopped(&module, |_| {}).expect_err("the host has said nothing");
    assert!(matches!(error, SnapshotError::HostValue(_)), "{error}");
    assert!(error.to_string().contains("`Store::set_extern_codec`"), "{error}");
    let refuses = |store: &mut Store<()>| store.set_extern_codec(|_| Err(Error::msg("a secret")), |_| unreachable!());
    let error = stopped(&module, refuses).expect_err("the host refuses");
    assert!(error.to_string().contains("whose value cannot be stored: a secret"), "{error}");
    let panics = |store: &mut Store<()>| store.set_extern_codec(|_| panic!("a fault of the test"), |_| unreachable!());
    let error = stopped(&module, panics).expect_err("the host panics");
    assert!(error.to_string().contains("has panicked"), "{error}");

    let snapshot = stopped(&module, set_codec).expect("the values are texts");
    let mut other = store(module.engine());
    let error = snapshot.restore(&mut other, &module, &[]).expect_err("the host has said nothing");
    assert!(error.to_string().contains("`Store::set_extern_codec`"), "{error}");
    other.set_extern_codec(|_| unreachable!(), |_| Err(Error::msg("no such value")));
    let error = snapshot.restore(&mut other, &module, &[]).expect_err("the host refuses");
    assert_eq!(format!("{error:#}"), "cannot make value 0 of the host: no such value");

    // What a constant refers to is the host's to provide.
    let constant =
        self::module(module.engine(), r#"(module (import "" "value" (global externref)) (func (export "run")))"#);
    let mut store = store(module.engine());
    set_codec(&mut store);
    let value = ExternRef::new(&mut store, "text".to_owned()).expect("there is room");
    let ty = GlobalType::new(ValType::ExternRef, Mutability::Const);
    let import: Extern = Global::new(&mut store, ty, Val::ExternRef(Some(value))).expect("it fits").into();
    let instance = Instance::new(&mut store, &constant, &[import]).expect("instantiates");
    let error = instance.snapshot(&store).expect_err("the global is constant");
    assert!(error.to_string().contains("global 0 is constant and refers to"), "{error}");
}
