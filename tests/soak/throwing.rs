//! Threads of a guest that throw, catch, and count in a shared memory, while their functions move up.

use std::fmt::Write;
use std::thread;

use riser::{Engine, Instance, MemoryType, Module, SharedMemory, Store};

/// Functions between the one that catches and the one that throws.
const FRAMES: i64 = 10;
const THREADS: i64 = 3;
/// How often each thread calls the guest, and the turns of each call.
const CALLS: i64 = 4;
const TURNS: i32 = 60;

/// `run` throws at every odd turn, and answers the sum of what it catches and what returns; each frame counts.
fn module() -> String {
    let mut text = String::from(
        r#"
        (module
          (import "" "memory" (memory 1 1 shared))
          (type $f (func (param i32 i64) (result i64)))
          (tag $thrown (param i64))
          (tag $other)
          (func $leaf (type $f)
            (if (i32.and (local.get 0) (i32.const 1)) (then (throw $thrown (local.get 1))))
            (local.get 1))
          ;; Catches, and throws again.
          (func $again (type $f)
            (block $caught (result i64 exnref)
              (return
                (i64.add
                  (try_table (result i64) (catch_ref $thrown $caught) (call $leaf (local.get 0) (local.get 1)))
                  (i64.const 1))))
            (throw_ref))
          (func (export "run") (param $turn i32) (result i64) (local $sum i64)
            (loop $next
              (block $caught (result i64)
                (try_table (result i64) (catch $thrown $caught)
                  (call $f0 (local.get $turn) (i64.extend_i32_u (local.get $turn)))))
              (local.set $sum (i64.add (local.get $sum)))
              (br_if $next (local.tee $turn (i32.sub (local.get $turn) (i32.const 1)))))
            (local.get $sum))
          (func (export "count") (result i64) (i64.load (i32.const 8)))
        "#,
    );
    for frame in 0..FRAMES {
        let next = if frame + 1 == FRAMES { "$again".to_owned() } else { format!("$f{}", frame + 1) };
        writeln!(
            text,
            "(func $f{frame} (type $f)
               (drop (i64.atomic.rmw.add (i32.const 8) (i64.const 1)))
               (block $caught
                 (return (try_table (result i64) (catch $other $caught) (call {next} (local.get 0) (local.get 1)))))
               (unreachable))"
        )
        .unwrap();
    }
    text + ")"
}

/// Lets several threads run the guest in one memory, and checks that no throw and no count is lost.
pub fn run(engine: &Engine) {
    let module = Module::new(engine, module()).unwrap();
    let memory = SharedMemory::new(engine, MemoryType::shared(1, 1)).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut store = Store::new(engine, ());
                let instance = Instance::new(&mut store, &module, &[memory.clone().into()]).unwrap();
                let run = instance.get_typed_func::<i32, i64>(&mut store, "run").unwrap();
                // An even turn's number comes back with one more.
                let sum = i64::from(TURNS * (TURNS + 1) / 2 + TURNS / 2);
                for _ in 0..CALLS {
                    assert_eq!(run.call(&mut store, TURNS).unwrap(), sum);
                }
            });
        }
    });
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[memory.into()]).unwrap();
    let count = instance.get_typed_func::<(), i64>(&mut store, "count").unwrap().call(&mut store, ()).unwrap();
    assert_eq!(count, THREADS * CALLS * FRAMES * i64::from(TURNS));
}
