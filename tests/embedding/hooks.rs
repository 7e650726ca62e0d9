//! The host's hooks: at calls, and at the epoch's deadline.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use riser::{
    AsContext, AsContextMut, CallHook, Caller, Error, Extern, Instance, Linker, Ref, Result, Store, Trap,
    UpdateDeadline, Val,
};

use crate::engines::{each, instance, module};

#[test]
fn a_hook_sees_calls_in_both_directions() {
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::new(engine);
            linker.func_wrap("", "f", |caller: Caller<'_, u32>| *caller.data()).expect("it is new");
            let text = r#"(module (import "" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f)))"#;
            let mut store = Store::new(engine, 0);
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let g = instance.get_typed_func::<(), u32>(&mut store, "g").expect(name);
            let seen = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&seen);
            store.call_hook(move |mut store, what| {
                log.lock().expect("it is free").push(what);
                *store.data_mut() += 1;
                // Calls of the hook's own have no hook.
                if what.entering_host() {
                    g.call(&mut store, ())?;
                }
                Ok(())
            });
            assert_eq!(g.call(&mut store, ()).expect(name), 2, "{name}");
            let all = [
                CallHook::CallingWasm,
                CallHook::CallingHost,
                CallHook::ReturningFromHost,
                CallHook::ReturningFromWasm,
            ];
            assert_eq!(*seen.lock().expect("it is free"), all, "{name}");

            store.call_hook(|_, what| if what == CallHook::CallingHost { Err(Error::msg("no host")) } else { Ok(()) });
            let error = g.call(&mut store, ()).unwrap_err();
            assert_eq!(error.root_cause().to_string(), "no host", "{name}");
            store.call_hook(|_, what| if what.exiting_host() { Err(Error::msg("no wasm")) } else { Ok(()) });
            assert_eq!(g.call(&mut store, ()).unwrap_err().to_string(), "no wasm", "{name}");
        },
    );
}

/// Adds up the numbers below one, which are all in locals and on the stack of operands while the loop polls.
const LOOP: &str = r#"
    (module
      (func (export "sum") (param $n i32) (result i32)
        (local $sum i32)
        (i32.add
          (i32.const 1000000)
          (block (result i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (local.get $n)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))))
      (func (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))
"#;

#[test]
fn the_deadline_asks_how_to_go_on() {
    each(
        |config| {
            config.epoch_interruption(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, 0_i32);
            store.set_epoch_deadline(1);
            let instance = instance(&mut store, LOOP);
            let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").expect(name);
            let square = instance.get_typed_func::<i32, i32>(&mut store, "square").expect(name);
            // Every poll is at the deadline, up to a number of them.
            store.epoch_deadline_callback(move |mut store| {
                *store.data_mut() += 1;
                let calls = *store.data();
                store.set_epoch_deadline(1);
                assert_eq!(square.call(&mut store, calls)?, calls * calls);
                Ok(UpdateDeadline::Continue(if calls < 50 { 0 } else { 1000 }))
            });
            engine.increment_epoch();
            assert_eq!(sum.call(&mut store, 100).expect(name), 1_005_050, "{name}");
            assert_eq!(*store.data(), 50, "{name}");

            let at_deadline = |store: &mut Store<i32>| {
                store.set_epoch_deadline(0);
                sum.call(store, 3).unwrap_err()
            };
            store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Interrupt));
            assert_eq!(at_deadline(&mut store).downcast_ref(), Some(&Trap::Interrupt), "{name}");
            store.epoch_deadline_callback(|_| Err(Error::msg("enough")));
            assert_eq!(at_deadline(&mut store).root_cause().to_string(), "enough", "{name}");
            store.epoch_deadline_callback(|_| panic!("enough"));
            let panics = catch_unwind(AssertUnwindSafe(|| drop(at_deadline(&mut store))));
            assert_eq!(panics.unwrap_err().downcast_ref(), Some(&"enough"), "{name}");
            // The callback may give itself up.
            store.epoch_deadline_callback(|mut store| {
                store.epoch_deadline_trap();
                Ok(UpdateDeadline::Continue(0))
            });
            assert_eq!(at_deadline(&mut store).downcast_ref(), Some(&Trap::Interrupt), "{name}");
            store.epoch_deadline_trap();
            assert_eq!(at_deadline(&mut store).downcast_ref(), Some(&Trap::Interrupt), "{name}");
            store.set_epoch_deadline(1);
            assert_eq!(sum.call(&mut store, 3).expect(name), 1_000_006, "{name}");
        },
    );
}

/// Looks at each iteration whether memory, table and global are as the host left them, wherever code keeps addresses and sizes.
pub const CHANGED: &str = r#"
    (module
      (memory (export "memory") 1)
      (table $t (export "table") 1 funcref)
      (global $calls (export "calls") (mut i32) (i32.const 0))
      (func (export "run") (param $n i32) (result i32)
        (local $sum i32)
        (loop $again
          (if (i32.ne (i32.load (i32.const 4)) (global.get $calls)) (then unreachable))
          (if (i32.ne (memory.size) (i32.add (global.get $calls) (i32.const 1))) (then unreachable))
          (if (i32.ne (table.size $t) (i32.add (global.get $calls) (i32.const 1))) (then unreachable))
          (if (i32.eqz (ref.is_null (table.get $t (global.get $calls)))) (then unreachable))
          ;; The last page, which is new.
          (i32.store (i32.shl (global.get $calls) (i32.const 16)) (local.get $n))
          (if (i32.ne (i32.load (i32.shl (global.get $calls) (i32.const 16))) (local.get $n)) (then unreachable))
          (local.set $sum (i32.add (local.get $sum) (local.get $n)))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))
"#;

/// Changes what an instance of [`CHANGED`] looks at.
pub fn change(mut store: impl AsContextMut, [memory, table, calls]: &[Extern; 3]) -> Result<()> {
    let (Extern::Memory(memory), Extern::Table(table), Extern::Global(calls)) = (memory, table, calls) else {
        panic!("these are a memory, a table and a global")
    };
    let number = calls.get(&mut store).unwrap_i32() + 1;
    memory.grow(&mut store, 1)?;
    memory.write(&mut store, 4, &number.to_le_bytes())?;
    table.grow(&mut store, 1, Ref::Func(None))?;
    calls.set(&mut store, Val::I32(number))
}

/// The exports of an instance of [`CHANGED`] that [`change`] takes.
pub fn changed(store: impl AsContext, instance: Instance) -> [Extern; 3] {
    ["memory", "table", "calls"].map(|name| instance.get_export(&store, name).expect("exported"))
}

#[test]
fn code_sees_what_the_deadline_s_callback_changes() {
    each(
        |config| {
            config.epoch_interruption(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, CHANGED);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect(name);
            let exports = changed(&store, instance);
            store.epoch_deadline_callback(move |mut store| {
                change(&mut store, &exports)?;
                Ok(UpdateDeadline::Continue(0))
            });
            assert_eq!(run.call(&mut store, 100).expect(name), 5050, "{name}");
            let calls = instance.get_global(&mut store, "calls").expect(name).get(&mut store);
            assert!(calls.unwrap_i32() >= 100, "{name}: {calls:?}");
        },
    );
}
