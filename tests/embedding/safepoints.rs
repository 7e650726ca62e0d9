//! Observers of safepoints see the same in every mode and under every setting.

use std::sync::{Arc, Mutex};

use riser::{Config, Engine, Instance, Linker, Module, Result, Safepoint, SafepointKind, Store, Trap, TypedFunc};

use crate::engines::{each, instance};

/// What an observer saw.
type Seen = Arc<Mutex<Vec<Safepoint>>>;

/// Has the safepoints of a store collected.
fn collect<T>(store: &mut Store<T>) -> Seen {
    let seen = Seen::default();
    store.set_epoch_deadline(u64::MAX);
    let sink = Arc::clone(&seen);
    let collect = move |_: riser::StoreContextMut<'_, T>, _, safepoint: &Safepoint| {
        sink.lock().expect("not poisoned").push(safepoint.clone());
        Ok(())
    };
    store.on_safepoint(collect).expect("the engine interrupts");
    seen
}

fn interruptible(config: &mut Config) {
    config.epoch_interruption(true);
}

/// Runs `run`, whose argument is exported by `text`, in every configuration, and answers what
/// the observer saw, which must always be the same.
fn observe(text: &str, argument: i32) -> Vec<Safepoint> {
    let mut first: Option<Vec<Safepoint>> = None;
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, ());
        let seen = collect(&mut store);
        let mut linker = Linker::new(engine);
        linker.func_wrap("host", "twice", |value: i32| value.wrapping_mul(2)).expect("a new name");
        let module = Module::new(engine, text).expect(name);
        let instance = linker.instantiate(&mut store, &module).expect(name);
        let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect(name);
        // The results are the test's own: they may be traps.
        drop(run.call(&mut store, argument));
        let seen = std::mem::take(&mut *seen.lock().expect("not poisoned"));
        match &first {
            Some(first) => assert_eq!(&seen, first, "{name}"),
            None => first = Some(seen),
        }
    });
    first.expect("there is a configuration")
}

#[test]
fn entries_and_loops_are_seen_with_their_values() {
    let text = r#"(module
        (func $step (param i32 i64) (result i64) (local f32)
            (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
        (func (export "run") (param $n i32) (result i32) (local $sum i64) (local $x f64)
            (local.set $x (f64.const 0.5))
            (i64.const -1)
            (i32.const 7)
            (loop $again (param i32) (result i32)
                (local.set $sum (call $step (local.get $n) (local.get $sum)))
                (i32.add (i32.const 1))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (drop) (drop)
            (i32.wrap_i64 (local.get $sum))))"#;
    let half = 0.5f64.to_bits();
    let seen = observe(text, 2);
    let brief: Vec<_> =
        seen.iter().map(|it| (it.kind, it.function.as_u32(), &it.locals[..], &it.operands[..])).collect();
    use SafepointKind::{Entry, Loop};
    let expected: &[(SafepointKind, u32, &[u64], &[u64])] = &[
        (Entry, 1, &[2, 0, 0], &[]),
        (Loop, 1, &[2, 0, half], &[u64::MAX, 7]),
        (Entry, 0, &[2, 0, 0], &[]),
        (Loop, 1, &[1, 2, half], &[u64::MAX, 8]),
        (Entry, 0, &[1, 2, 0], &[]),
    ];
    assert_eq!(brief, expected);
    // An entry is where the first operator is, a loop where the `loop` is.
    let module = wat::parse_str(text).expect("valid");
    for safepoint in &seen {
        let opcode = module[safepoint.offset as usize];
        assert_eq!(opcode == 0x03, safepoint.kind == Loop, "{safepoint}");
    }
}

#[test]
fn calls_of_every_kind_are_seen() {
    let text = r#"(module
        (import "host" "twice" (func $twice (param i32) (result i32)))
        (type $unary (func (param i32) (result i32)))
        (table funcref (elem $down $twice $count))
        (func $down (type $unary)
            (if (result i32) (local.get 0)
                (then (return_call $down (i32.sub (local.get 0) (i32.const 1))))
                (else (call $twice (i32.const 21)))))
        (func $count (type $unary) (loop $again
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (return_call_indirect (type $unary) (i32.const 4) (i32.const 0)))
        (func $tail_to_host (param i32) (result i32) (return_call $twice (local.get 0)))
        (func (export "run") (param $n i32) (result i32) (local $i i32)
            (loop $again
                (drop (call_indirect (type $unary) (local.get $n) (local.get $i)))
                (drop (call $tail_to_host (i32.const 5)))
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
            (call $twice (local.get $i))))"#;
    let seen = observe(text, 3);
    // `run`, its three turns; `down` with 3 to 0 and with 4 to 0; `count` with its three turns; the last thrice.
    assert_eq!(seen.len(), 1 + 3 + 4 + 5 + (1 + 3) + 3, "{seen:#?}");
}

#[test]
fn references_are_numbers() {
    let text = r#"(module
        (import "host" "twice" (func $twice (param i32) (result i32)))
        (elem declare func $twice $f)
        (func $f (param funcref externref funcref) (result funcref) (local.get 0))
        (func (export "run") (param i32) (result i32)
            (call $f (ref.func $twice) (ref.null extern) (ref.func $f))
            (loop (param funcref) (drop))
            (drop (call $f (ref.null func) (ref.null extern) (ref.null func)))
            (i32.const 0)))"#;
    let seen = observe(text, 0);
    let values: Vec<_> = seen.iter().map(|it| (&it.locals[..], &it.operands[..])).collect();
    let (host, own) = (1, 1 << 32 | 2);
    assert_eq!(
        values,
        [(&[0][..], &[][..]), (&[host, 0, own], &[]), (&[0], &[host]), (&[0, 0, 0], &[])],
        "a number says whose function it is, and which"
    );
}

#[test]
fn frames_of_many_slots_are_seen() {
    // More operands than an instruction of the register interpreter can name.
    let pushes = "(local.get 0) ".repeat(70_000);
    let drops = "(drop) ".repeat(69_999);
    let text = format!(
        r#"(module (func (export "run") (param i32) (result i32) (local i64 i32)
            {pushes}
            (loop $again (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get 2) (i32.const 2))))
            {drops}))"#
    );
    let seen = observe(&text, 5);
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].locals, [5, 0, 0]);
    for (turn, safepoint) in (0..).zip(&seen[1..]) {
        assert_eq!(safepoint.locals, [5, 0, turn]);
        assert!(safepoint.operands == vec![5; 70_000]);
    }
}

#[test]
fn traps_end_what_is_seen() {
    let text = r#"(module (func (export "run") (param i32) (result i32)
        (loop $again
            (drop (i32.div_u (i32.const 8) (local.get 0)))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br $again))
        (unreachable)))"#;
    let seen = observe(text, 3);
    assert_eq!(seen.iter().map(|it| it.locals[0]).collect::<Vec<_>>(), [3, 3, 2, 1, 0]);
}

const LOOP: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "forever") (loop $again (br $again)))
    (func (export "grow") (drop (memory.grow (i32.const 1))))
    (func (export "count") (param i32) (result i32) (local $sum i32)
        (loop $again
            (i32.store (i32.const 65536) (local.get 0))
            (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 65536))))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get $sum)))"#;

#[test]
fn an_observer_ends_the_code_by_an_error() {
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, 0);
        store.set_epoch_deadline(u64::MAX);
        let observer = |mut store: riser::StoreContextMut<'_, i32>, _, _: &Safepoint| {
            *store.data_mut() += 1;
            if *store.data() >= 1000 { Err(riser::Error::msg("enough")) } else { Ok(()) }
        };
        store.on_safepoint(observer).expect(name);
        let instance = instance(&mut store, LOOP);
        let forever = instance.get_typed_func::<(), ()>(&mut store, "forever").expect(name);
        let error = forever.call(&mut store, ()).expect_err(name);
        assert_eq!(error.root_cause().to_string(), "enough", "{name}");
        let backtrace = error.downcast_ref::<riser::WasmBacktrace>().expect(name);
        assert_eq!(backtrace.frames().len(), 1, "{name}");
        assert_eq!(*store.data(), 1000, "{name}");
        // The store goes on, observed as before.
        let error = forever.call(&mut store, ()).expect_err(name);
        assert_eq!((&*error.root_cause().to_string(), *store.data()), ("enough", 1001), "{name}");
    });
}

#[test]
fn a_panic_of_an_observer_arrives_at_the_caller() {
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(u64::MAX);
        store.on_safepoint(|_, _, _| panic!("as the observer says")).expect(name);
        let instance = instance(&mut store, LOOP);
        let grow = instance.get_typed_func::<(), ()>(&mut store, "grow").expect(name);
        let call = std::panic::AssertUnwindSafe(|| grow.call(&mut store, ()));
        let payload = std::panic::catch_unwind(call).expect_err(name);
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"as the observer says"), "{name}");
    });
}

#[test]
fn an_observer_may_call_and_grow_memories() {
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, (None::<TypedFunc<(), ()>>, 0));
        store.set_epoch_deadline(u64::MAX);
        let observer = |mut store: riser::StoreContextMut<'_, (Option<TypedFunc<(), ()>>, i32)>, _, _: &Safepoint| {
            store.data_mut().1 += 1;
            // The second safepoint of `count` is the loop, before the first access.
            match *store.data() {
                (Some(grow), 2) => grow.call(&mut store, ()),
                _ => Ok(()),
            }
        };
        store.on_safepoint(observer).expect(name);
        let instance = instance(&mut store, LOOP);
        store.data_mut().0 = Some(instance.get_typed_func(&mut store, "grow").expect(name));
        let count = instance.get_typed_func::<i32, i32>(&mut store, "count").expect(name);
        assert_eq!(count.call(&mut store, 4).expect(name), 10, "{name}");
        assert_eq!(store.data().1, 5, "{name}: calls of the observer are not observed");
    });
}

#[test]
fn an_observer_is_told_the_instance() {
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, Vec::<Instance>::new());
        store.set_epoch_deadline(u64::MAX);
        let observer = |mut store: riser::StoreContextMut<'_, Vec<Instance>>, instance, _: &Safepoint| {
            store.data_mut().push(instance);
            Ok(())
        };
        store.on_safepoint(observer).expect(name);
        let instances = [instance(&mut store, LOOP), instance(&mut store, LOOP)];
        for instance in instances.iter().rev() {
            instance.get_typed_func::<(), ()>(&mut store, "grow").expect(name).call(&mut store, ()).expect(name);
        }
        assert_eq!(*store.data(), [instances[1], instances[0]], "{name}");
    });
}

#[test]
fn the_deadline_holds_while_code_is_observed() {
    each(interruptible, |name, engine| {
        let mut store = Store::new(engine, 0u64);
        store.set_epoch_deadline(1);
        let observer = |mut store: riser::StoreContextMut<'_, u64>, _, _: &Safepoint| {
            *store.data_mut() += 1;
            if *store.data() == 100 {
                store.engine().increment_epoch();
            }
            Ok(())
        };
        store.on_safepoint(observer).expect(name);
        let instance = instance(&mut store, LOOP);
        let forever = instance.get_typed_func::<(), ()>(&mut store, "forever").expect(name);
        let error = forever.call(&mut store, ()).expect_err(name);
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Interrupt), "{name}");
        assert_eq!(*store.data(), 100, "{name}");
    });
}

#[test]
fn observers_need_polls() -> Result<()> {
    let mut store = Store::new(&Engine::new(&Config::new())?, ());
    let error = store.on_safepoint(|_, _, _| Ok(())).expect_err("there are no polls");
    assert_eq!(error.to_string(), "epoch interruption is not configured in this store");
    Ok(())
}
