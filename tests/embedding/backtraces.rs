//! What a trap costs does not depend on what else is in the store.

use std::time::{Duration, Instant};

use riser::{Instance, Store, Trap, WasmBacktrace};

use crate::engines::{each, module};

/// Instances of a large store: as many as there may be, but for the one that traps.
const MANY: usize = 9_999;

#[test]
fn a_deep_trap_costs_the_same_among_many_instances() {
    each(
        |config| {
            // Tens of thousands of frames.
            config.max_wasm_stack(2 << 20);
        },
        |name, engine| {
            let empty = module(engine, "(module)");
            let deep = module(
                engine,
                r#"(module (func $f (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))"#,
            );
            let [alone, among_many] = [0, MANY].map(|others| {
                let mut store = Store::new(engine, ());
                for _ in 0..others {
                    Instance::new(&mut store, &empty, &[]).expect(name);
                }
                let instance = Instance::new(&mut store, &deep, &[]).expect(name);
                let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect(name);
                let mut trap = || {
                    let started = Instant::now();
                    let error = f.call(&mut store, 0).expect_err(name);
                    let took = started.elapsed();
                    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{name}: {error:?}");
                    let backtrace = error.downcast_ref::<WasmBacktrace>().expect(name);
                    assert_eq!(backtrace.frames().len(), 64, "{name}");
                    assert!(backtrace.omitted_frames() > 1000, "{name}");
                    assert!(backtrace.frames().iter().all(|frame| frame.func_name() == Some("f")), "{name}");
                    took
                };
                // The least of three: others may be using the machine.
                [trap(), trap(), trap()].into_iter().min().unwrap_or_default()
            });
            let bound = 10 * alone + Duration::from_millis(100);
            assert!(among_many < bound, "{name}: {among_many:?} among {MANY} instances, {alone:?} alone");
        },
    );
}
