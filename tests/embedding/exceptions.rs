//! Exceptions between host and guest, in every mode: tags, references, errors, and how long exceptions live.

use riser::{
    AsContext, AsContextMut, CallHook, Caller, Config, Engine, Error, ExnRef, ExnType, Extern, Func, FuncType, Global,
    GlobalType, Instance, Linker, Mode, Mutability, Ref, Result, RootScope, Rooted, Store, StoreContext,
    StoreContextMut, Table, TableType, Tag, TagType, ThrownException, Trap, Val, ValType, WasmBacktrace,
};

use crate::engines::{each, each_pair, instance, instance_in, modes, module};

/// Throws an exception with two fields, catches what a host function throws, and passes references on.
const GUEST: &str = r#"
    (module $guest
        (tag $pair (export "pair") (param i32 i64))
        (tag $other (export "other"))
        (import "" "host" (func $host (param i32) (result i32)))
        (import "" "ref" (func $ref (param exnref) (result exnref)))
        (func $throw (export "throw") (param i32) (throw $pair (local.get 0) (i64.const 20)))
        (func $outer (export "outer") (param i32) (call $throw (local.get 0)))
        (func (export "call_host") (param i32) (result i32) (i32.add (i32.const 100) (call $host (local.get 0))))
        (func (export "catch") (param i32) (result i32)
            (block $h (result i32 i64)
                (try_table (catch $pair $h) (return (call $host (local.get 0))))
                (unreachable))
            (i32.wrap_i64) (i32.add))
        (func (export "catch_other") (param i32) (result i32)
            (block $h (try_table (catch $other $h) (return (call $host (local.get 0)))))
            (i32.const -1))
        (func (export "catch_ref") (param i32) (result exnref)
            (block $h (result exnref)
                (try_table (catch_all_ref $h) (drop (call $host (local.get 0))))
                (ref.null exn)))
        (func (export "throw_ref") (param exnref) (throw_ref (local.get 0)))
        (func (export "through_host") (param i32) (result i32)
            (local exnref)
            (block $h (result exnref)
                (try_table (catch_all_ref $h) (call $throw (local.get 0)))
                (unreachable))
            (local.set 1)
            (block $h (result i32 i64)
                (try_table (catch $pair $h) (throw_ref (call $ref (local.get 1))))
                (unreachable))
            (drop)))
"#;

/// What the host function of the guest does with its argument.
type Host = fn(Caller<'_, ()>, i32) -> Result<i32>;

fn guest(store: &mut Store<()>, host: Host) -> Instance {
    let mut linker = Linker::new(store.engine());
    linker.func_wrap("", "host", host).expect("it is new");
    linker.func_wrap("", "ref", |_: Caller<'_, ()>, exn: Option<Rooted<ExnRef>>| exn).expect("it is new");
    let module = module(store.engine(), GUEST);
    linker.instantiate(store, &module).expect("it has its imports")
}

fn i32_of(store: &mut Store<()>, instance: &Instance, name: &str, argument: i32) -> Result<i32> {
    instance.get_typed_func::<i32, i32>(&mut *store, name)?.call(store, argument)
}

fn call(store: &mut Store<()>, instance: &Instance, name: &str, argument: i32) -> Result<()> {
    instance.get_typed_func::<i32, ()>(&mut *store, name)?.call(store, argument)
}

fn ints(store: &mut Store<()>, exn: Rooted<ExnRef>) -> Vec<i64> {
    let number = |value: Val| value.i32().map(i64::from).or(value.i64()).expect("it is a number");
    exn.fields(store).expect("it is alive").map(number).collect()
}

/// Throws a pair of the caller's tag.
fn throw_pair(mut caller: Caller<'_, ()>, argument: i32) -> Result<i32> {
    let tag = caller.get_export("pair").and_then(Extern::into_tag).expect("it is exported");
    let exn = ExnRef::new(&mut caller, &tag, &[Val::I32(argument), Val::I64(5)])?;
    Ok(caller.as_context_mut().throw(exn)?)
}

fn names(error: &Error) -> Vec<String> {
    let trace = error.downcast_ref::<WasmBacktrace>().expect("the error has a backtrace");
    trace.frames().iter().map(|frame| frame.func_name().unwrap_or("?").to_owned()).collect()
}

#[test]
fn an_exception_that_leaves_the_guest_is_an_error() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, |_, _| Ok(0));
            let error = call(&mut store, &instance, "outer", 7).expect_err("it throws");
            let thrown = error.downcast_ref::<ThrownException>().unwrap_or_else(|| panic!("{name}: {error:?}"));
            assert_eq!(thrown.to_string(), "thrown Wasm exception (i32 7, i64 20)", "{name}");
            assert_eq!(names(&error), ["throw", "outer"], "{name}");
            assert!(store.has_pending_exception(), "{name}");
            let exn = store.take_pending_exception().expect("it is pending");
            assert!(!store.has_pending_exception() && store.take_pending_exception().is_none(), "{name}");
            assert_eq!(ints(&mut store, exn), [7, 20], "{name}");
            let pair = instance.get_tag(&mut store, "pair").expect("it is exported");
            let other = instance.get_tag(&mut store, "other").expect("it is exported");
            let tag = exn.tag(&store).expect("it is alive");
            assert!(Tag::eq(&tag, &pair, &store) && !Tag::eq(&tag, &other, &store), "{name}");
            let ty = exn.ty(&store).expect("it is alive");
            assert_eq!(ty.fields(), [ValType::I32, ValType::I64], "{name}");
            assert_eq!(ty, ExnType::from_tag_type(&pair.ty(&store)), "{name}");
            assert!(exn.field(&mut store, 2).is_err(), "{name}");
        },
    );
}

#[test]
fn host_functions_throw_and_the_guest_catches() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, throw_pair);
            assert_eq!(i32_of(&mut store, &instance, "catch", 7).expect(name), 12);
            assert!(!store.has_pending_exception(), "{name}");
            let error = i32_of(&mut store, &instance, "catch_other", 8).expect_err("nobody catches it");
            assert!(error.is::<ThrownException>(), "{name}: {error:?}");
            assert_eq!(names(&error), ["catch_other"], "{name}");
            let exn = store.take_pending_exception().expect("it is pending");
            assert_eq!(ints(&mut store, exn), [8, 5], "{name}");
            let catch = instance.get_typed_func::<i32, Option<Rooted<ExnRef>>>(&mut store, "catch_ref").expect(name);
            let exn = catch.call(&mut store, 9).expect(name).expect("it threw");
            assert_eq!(ints(&mut store, exn), [9, 5], "{name}");
        },
    );
}

#[test]
fn errors_and_traps_of_host_functions_are_not_caught() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, |_, argument| match argument {
                0 => Err(Error::msg("no luck")),
                _ => Err(Trap::IntegerOverflow.into()),
            });
            for function in ["catch", "catch_other"] {
                let error = i32_of(&mut store, &instance, function, 0).expect_err("it fails");
                assert_eq!(error.root_cause().to_string(), "no luck", "{name}");
                let error = i32_of(&mut store, &instance, function, 1).expect_err("it traps");
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::IntegerOverflow), "{name}");
            }
        },
    );
}

/// The host catches what the guest throws, and throws it on, or another one.
#[test]
fn exceptions_pass_through_the_host() {
    fn host(mut caller: Caller<'_, ()>, argument: i32) -> Result<i32> {
        let throw = caller.get_export("outer").and_then(Extern::into_func).expect("it is exported");
        let error = throw.call(&mut caller, &[Val::I32(argument)], &mut []).expect_err("it throws");
        match argument {
            // As it is.
            0 => Err(error),
            // The host has had a look.
            1 => {
                let mut store = caller.as_context_mut();
                let exn = store.take_pending_exception().expect("it is pending");
                Ok(store.throw(exn)?)
            }
            // The host handles it.
            2 => {
                let exn = caller.as_context_mut().take_pending_exception().expect("it is pending");
                Ok(exn.field(&mut caller, 0)?.unwrap_i32() + 40)
            }
            // Another error, whatever is pending.
            _ => Err(Error::msg("something else")),
        }
    }
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, host);
            assert_eq!(i32_of(&mut store, &instance, "catch", 0).expect(name), 20);
            assert_eq!(i32_of(&mut store, &instance, "catch", 1).expect(name), 21);
            assert_eq!(i32_of(&mut store, &instance, "catch", 2).expect(name), 42);
            let error = i32_of(&mut store, &instance, "catch", 3).expect_err("it fails");
            assert!(!error.is::<ThrownException>() && error.root_cause().to_string() == "something else", "{name}");
            let error = i32_of(&mut store, &instance, "call_host", 0).expect_err("nobody catches it");
            assert!(error.is::<ThrownException>(), "{name}");
            assert_eq!(names(&error), ["throw", "outer", "call_host"], "{name}");
            assert_eq!(i32_of(&mut store, &instance, "through_host", 6).expect(name), 6);
        },
    );
}

#[test]
fn exceptions_cross_instances_of_any_two_modes() {
    each_pair(|a, b| {
        let engine = Engine::new(&Config::new()).expect("the default configuration works");
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let thrower = r#"(module (tag (export "e") (param i32))
            (func $f (export "throw") (param i32) (if (local.get 0)
                (then (call $f (i32.sub (local.get 0) (i32.const 1))))
                (else (throw 0 (i32.const 5))))))"#;
        let Ok(thrower) = instance_in(&mut store, &linker, a, thrower) else { return };
        linker.instance(&mut store, "a", thrower).expect("it is new");
        let middle = r#"(module (func $throw (import "a" "throw") (param i32))
            (func (export "throw") (param i32) (call $throw (local.get 0)) (drop (i32.const 1))))"#;
        let middle = instance_in(&mut store, &linker, b, middle).expect("it has its imports");
        linker.instance(&mut store, "b", middle).expect("it is new");
        let catcher = r#"(module (tag $e (import "a" "e") (param i32)) (func $throw (import "b" "throw") (param i32))
            (func (export "catch") (param i32) (result i32)
                (block $h (result i32)
                    (try_table (catch $e $h) (call $throw (local.get 0))) (unreachable))
                (i32.add (local.get 0))))"#;
        let catcher = instance_in(&mut store, &linker, a, catcher).expect("it has its imports");
        assert_eq!(i32_of(&mut store, &catcher, "catch", 3).expect("it catches"), 8, "{a} {b}");
    });
}

#[test]
fn references_are_values_of_the_host() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, |_, _| Ok(0));
            let ty = TagType::new(FuncType::new([ValType::F64, ValType::ExnRef], []));
            let tag = Tag::new(&mut store, &ty).expect("it has no results");
            assert_eq!(tag.ty(&store), ty);
            let inner = ExnRef::new(&mut store, &tag, &[Val::F64(1.5_f64.to_bits()), Val::ExnRef(None)]).expect(name);
            let exn = ExnRef::new(&mut store, &tag, &[Val::from(2.5), inner.into()]).expect(name);
            assert!(matches!(exn.field(&mut store, 1), Ok(Val::ExnRef(Some(found))) if found == inner), "{name}");
            let throw = instance.get_typed_func::<Option<Rooted<ExnRef>>, ()>(&mut store, "throw_ref").expect(name);
            let error = throw.call(&mut store, Some(exn)).expect_err("it throws");
            assert_eq!(
                error.downcast_ref::<ThrownException>().map(ToString::to_string).as_deref(),
                Some("thrown Wasm exception (f64 2.5, exnref)"),
                "{name}"
            );
            assert_eq!(store.take_pending_exception(), Some(exn), "{name}");
            let error = throw.call(&mut store, None).expect_err("it traps");
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::NullReference), "{name}");

            let ty = GlobalType::new(ValType::ExnRef, Mutability::Var);
            let global = Global::new(&mut store, ty, Val::null_exn_ref()).expect(name);
            global.set(&mut store, exn.into()).expect(name);
            assert_eq!(global.get(&store).unwrap_exnref(), Some(&exn), "{name}");
            let table = Table::new(&mut store, TableType::new(ValType::ExnRef, 1, None), Ref::Exn(None)).expect(name);
            table.set(&mut store, 0, exn.into()).expect(name);
            assert!(matches!(table.get(&store, 0), Some(Ref::Exn(Some(found))) if found == exn), "{name}");

            assert!(Tag::new(&mut store, &TagType::new(FuncType::new([], [ValType::I32]))).is_err(), "{name}");
            assert!(ExnRef::new(&mut store, &tag, &[Val::I32(1), Val::ExnRef(None)]).is_err(), "{name}");
            let mut other = Store::new(engine, ());
            assert!(exn.tag(&other).is_err(), "{name}");
            let foreign = Tag::new(&mut other, &TagType::new(FuncType::new([ValType::ExnRef], []))).expect(name);
            assert!(ExnRef::new(&mut other, &foreign, &[exn.into()]).is_err(), "{name}");
        },
    );
}

#[test]
fn references_end_with_their_scope() {
    let mut store = Store::<()>::default();
    let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I64], []))).expect("it has no results");
    let kept = ExnRef::new(&mut store, &tag, &[Val::I64(1)]).expect("there is room");
    let lost = {
        let mut scope = RootScope::new(&mut store);
        let lost = ExnRef::new(&mut scope, &tag, &[Val::I64(2)]).expect("there is room");
        assert!(lost.field(&mut scope, 0).is_ok());
        lost
    };
    // Others take its place.
    for number in 0..100_000 {
        let mut scope = RootScope::new(&mut store);
        ExnRef::new(&mut scope, &tag, &[Val::I64(number)]).expect("there is room");
    }
    assert_eq!(kept.field(&mut store, 0).map(|value| value.unwrap_i64()).expect("it is kept"), 1);
    assert!(lost.field(&mut store, 0).is_err() && lost.tag(&store).is_err());
    let ty = GlobalType::new(ValType::ExnRef, Mutability::Var);
    assert!(Global::new(&mut store, ty, lost.into()).is_err());
    let identity = Func::wrap(&mut store, |exn: Option<Rooted<ExnRef>>| exn);
    let identity =
        identity.typed::<Option<Rooted<ExnRef>>, Option<Rooted<ExnRef>>>(&store).expect("it is of this type");
    assert!(identity.call(&mut store, Some(lost)).is_err());
    assert_eq!(identity.call(&mut store, Some(kept)).expect("it returns"), Some(kept));
}

/// A loop that throws, with a reference or without, and keeps one of ten exceptions in a table of a hundred.
const LOOPS: &str = r#"
    (module
        (tag $e (param i64 i64 i64 i64 i64))
        (table $kept 100 exnref)
        (func (export "drops") (param i32)
            (loop $l
                (block $h
                    (try_table (catch_all $h)
                        (throw $e (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5))))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "escapes") (param i32) (result i64)
            (local exnref)
            (loop $l
                (block $h (result exnref)
                    (try_table (catch_all_ref $h)
                        (throw $e (i64.extend_i32_u (local.get 0)) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)))
                    (unreachable))
                (local.set 1)
                (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 10)))
                    (then (table.set $kept (i32.rem_u (i32.div_u (local.get 0) (i32.const 10)) (i32.const 100)) (local.get 1))))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (block $h (result i64 i64 i64 i64 i64)
                (try_table (catch $e $h) (throw_ref (table.get $kept (i32.const 7))))
                (unreachable))
            (drop) (drop) (drop) (drop)))
"#;

#[test]
fn exceptions_are_given_back() {
    for mode in modes() {
        let mut config = Config::new();
        config.mode(mode);
        let Ok(engine) = Engine::new(&config) else { continue };
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, LOOPS);
        call(&mut store, &instance, "drops", 1_000_000).expect("it returns");
        assert_eq!(store.exception_bytes(), 0, "{mode}");
        let escapes = instance.get_typed_func::<i32, i64>(&mut store, "escapes").expect("it is exported");
        assert_eq!(escapes.call(&mut store, 1_000_000).expect("it returns"), 70, "{mode}");
        let bytes = store.exception_bytes();
        assert!((100 * 64..1 << 20).contains(&bytes), "{mode}: {bytes} bytes are left");
    }
}

#[test]
fn an_exception_of_another_store_is_not_thrown() {
    let engine = Engine::default();
    let [mut store, mut other] = [(), ()].map(|()| Store::new(&engine, ()));
    let new = |store: &mut Store<()>| {
        let tag = Tag::new(&mut *store, &TagType::new(FuncType::new([], []))).expect("it has no results");
        ExnRef::new(store, &tag, &[]).expect("there is room")
    };
    let (own, foreign) = (new(&mut store), new(&mut other));
    assert!(store.throw::<()>(own).is_err() && store.has_pending_exception());
    assert!(store.throw::<()>(foreign).is_err() && !store.has_pending_exception());
}

/// Payloads refer to exceptions, so that one slot keeps any number alive, up to a limit.
#[test]
fn exceptions_have_a_limit() {
    let mut config = Config::new();
    config.mode(Mode::Interp);
    let mut store = Store::new(&Engine::new(&config).expect("every build has this mode"), ());
    let list = r#"
        (module
            (tag $e (param exnref))
            (func (export "list") (local exnref)
                (loop $l
                    (block $h (result exnref)
                        (try_table (catch_all_ref $h) (throw $e (local.get 0)))
                        (unreachable))
                    (local.set 0)
                    (br $l)))
            (func (export "some") (param i32)
                (loop $l
                    (block $h (result exnref)
                        (try_table (catch_all_ref $h) (throw $e (ref.null exn)))
                        (unreachable))
                    (drop)
                    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
    "#;
    let instance = instance(&mut store, list);
    let list = instance.get_typed_func::<(), ()>(&mut store, "list").expect("it is exported");
    let error = list.call(&mut store, ()).expect_err("it has no end");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfExceptions));
    // What it held is free.
    call(&mut store, &instance, "some", 1000).expect("there is room");
    assert!(store.exception_bytes() < 1 << 20);
}

/// A look for exceptions that can be given back goes through all places that there ever were, and through tables. So it is not taken for
/// few exceptions if these are many.
#[test]
fn looks_for_exceptions_are_in_proportion() {
    let text = r#"
        (module
            (tag $e)
            (table $kept 300000 exnref)
            (func $new (result exnref)
                (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e)) (unreachable)))
            (func (export "keep") (param i32)
                (loop $l
                    (table.set $kept (i32.sub (local.get 0) (i32.const 1)) (call $new))
                    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
            (func (export "forget") (param i32)
                (table.fill $kept (i32.const 0) (ref.null exn) (local.get 0)))
            (func (export "some") (param i32)
                (loop $l
                    (drop (call $new))
                    (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
    "#;
    let mut store = Store::new(&Engine::default(), ());
    let instance = instance(&mut store, text);
    call(&mut store, &instance, "keep", 300_000).expect("there is room");
    assert_eq!(store.exception_bytes(), 300_000 * 64);
    call(&mut store, &instance, "forget", 300_000).expect("it returns");
    store.gc(None).expect("it works");
    assert_eq!(store.exception_bytes(), 0);
    call(&mut store, &instance, "some", 10_000).expect("it returns");
    assert_eq!(store.exception_bytes(), 10_000 * 64, "no look was taken");
    call(&mut store, &instance, "some", 1_000_000).expect("it returns");
    assert!(store.exception_bytes() < 20 << 20, "{}", store.exception_bytes());
}

/// Threads that run the same functions for the first time at the same time: whoever runs code finds its handlers.
#[test]
fn exceptions_are_caught_in_code_that_another_thread_has_made() {
    const FUNCTIONS: usize = 4000;
    let mut text = String::from("(module (tag $e (param i32))");
    for number in 0..FUNCTIONS {
        text += &format!(
            "(func $f{number} (result i32)
                (block $b (result i32) (try_table (catch $e $b) (throw $e (i32.const {number}))) (unreachable)))"
        );
    }
    text += r#"(func (export "all") (result i32) (i32.const 0)"#;
    for number in 0..FUNCTIONS {
        text += &format!("(i32.add (call $f{number}))");
    }
    text += "))";
    let mut config = Config::new();
    config.mode(Mode::Interp);
    let engine = Engine::new(&config).expect("supported");
    let module = module(&engine, &text);
    let expected = (0..FUNCTIONS as i32).sum::<i32>();
    std::thread::scope(|scope| {
        let threads = [(); 4].map(|()| {
            scope.spawn(|| {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).expect("it has no imports");
                let all = instance.get_typed_func::<(), i32>(&mut store, "all").expect("it is one");
                all.call(&mut store, ())
            })
        });
        for thread in threads {
            assert_eq!(thread.join().expect("it does not panic").expect("all are caught"), expected);
        }
    });
}

/// What a hook's own calls throw and catch is not what the call that it is about ends in.
#[test]
fn an_exception_outlives_what_a_hook_throws_and_catches() {
    use riser::CallHook::{ReturningFromHost, ReturningFromWasm};
    const CATCHES: &str = r#"
        (module
            (tag $e)
            (func (export "run") (block $h (try_table (catch $e $h) (throw $e)))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, throw_pair);
            let other = Instance::new(&mut store, &module(engine, CATCHES), &[]).expect("it has no imports");
            store.call_hook(move |mut store, what| {
                if matches!(what, ReturningFromHost | ReturningFromWasm) {
                    let run = other.get_typed_func::<(), ()>(&mut store, "run")?;
                    run.call(&mut store, ())?;
                }
                Ok(())
            });
            assert_eq!(i32_of(&mut store, &instance, "catch", 7).expect(name), 12, "{name}");
            call(&mut store, &instance, "outer", 7).expect_err(name).downcast_ref::<ThrownException>().expect(name);
            let exn = store.take_pending_exception().expect(name);
            assert_eq!(ints(&mut store, exn), [7, 20], "{name}");
        },
    );
}

/// Shows one store to those who only look at it, and another one to the others.
struct Two<'a> {
    looked_at: &'a Store<()>,
    used: StoreContextMut<'a, ()>,
}

impl AsContext for Two<'_> {
    type Data = ();

    fn as_context(&self) -> StoreContext<'_, ()> {
        self.looked_at.as_context()
    }
}

impl AsContextMut for Two<'_> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, ()> {
        self.used.as_context_mut()
    }
}

/// What a hook gives up is its own: the exception that the call ends in is still there, whatever stands for the store.
#[test]
fn a_scope_gives_up_no_references_of_another_store() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = guest(&mut store, |_, _| Ok(0));
            let other = Store::new(engine, ());
            store.call_hook(move |mut store, what| {
                if what == CallHook::ReturningFromWasm {
                    store.take_pending_exception();
                    drop(RootScope::new(Two { looked_at: &other, used: store.as_context_mut() }));
                    store.gc(None)?;
                }
                Ok(())
            });
            call(&mut store, &instance, "outer", 7).expect_err(name).downcast_ref::<ThrownException>().expect(name);
            let exn = store.take_pending_exception().expect(name);
            assert_eq!(ints(&mut store, exn), [7, 20], "{name}");
        },
    );
}
