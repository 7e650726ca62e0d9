//! Shared memories: stores on several threads that use one, in every mode.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use riser::{
    Bounds, Engine, Extern, Instance, Memory, MemoryType, ResourceLimiter, SharedMemory, Store, StoreLimits,
    StoreLimitsBuilder, Trap, WaitResult,
};

use crate::engines::{each, module};

const THREADS: u32 = 4;

/// An instance in a store of its own, with the memory.
fn instance(engine: &Engine, text: &str, memory: &SharedMemory) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    store.set_epoch_deadline(1);
    let module = module(engine, text);
    let instance = Instance::new(&mut store, &module, &[memory.clone().into()]).expect("the memory fits");
    (store, instance)
}

/// Waits until a guest says that it runs, by the word at 0.
fn until_it_runs(memory: &SharedMemory, name: &str) {
    let begun = memory.atomic_wait32(0, 0, Some(Duration::from_secs(10))).expect("in bounds");
    assert_ne!(begun, WaitResult::TimedOut, "{name}");
}

/// The 32-bit word at an address.
fn word(memory: &SharedMemory, address: usize) -> &AtomicU32 {
    let cell = &memory.data()[address];
    // SAFETY: the address is aligned and in bounds, and nobody accesses the word but atomically.
    unsafe { AtomicU32::from_ptr(cell.get().cast()) }
}

/// Adds to a counter, which is read and written plainly, under a lock that waits.
const LOCK: &str = r#"
    (module
      (import "" "memory" (memory 1 2 shared))
      (func $lock
        (block $done
          (br_if $done (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))))
          (loop $again
            (if (i32.eqz (i32.atomic.rmw.xchg (i32.const 0) (i32.const 2)))
              (then (br $done)))
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))
            (br $again))))
      (func $unlock
        (if (i32.eq (i32.atomic.rmw.xchg (i32.const 0) (i32.const 0)) (i32.const 2))
          (then (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
      (func (export "run") (param $times i32)
        (loop $again
          (call $lock)
          (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))
          (call $unlock)
          (drop (i64.atomic.rmw32.add_u (i32.const 16) (i64.const 3)))
          (drop (i32.atomic.rmw8.xor_u (i32.const 21) (i32.const 255)))
          (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
      (func (export "sum") (result i64) (i64.load (i32.const 8))))
"#;

#[test]
fn a_lock_keeps_threads_apart() {
    const TIMES: i32 = 500;
    each(
        |_| {},
        |name, engine| {
            let memory = SharedMemory::new(engine, MemoryType::shared(1, 2)).expect("there is room");
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        let (mut store, instance) = instance(engine, LOCK, &memory);
                        let run = instance.get_typed_func::<i32, ()>(&mut store, "run").expect("exported");
                        run.call(&mut store, TIMES).expect(name);
                    });
                }
            });
            let (mut store, instance) = instance(engine, LOCK, &memory);
            let sum = instance.get_typed_func::<(), i64>(&mut store, "sum").expect("exported");
            let times = THREADS * TIMES as u32;
            assert_eq!(sum.call(&mut store, ()).expect(name), i64::from(times), "{name}");
            assert_eq!(word(&memory, 16).load(Ordering::SeqCst), 3 * times, "{name}");
            assert_eq!(word(&memory, 20).load(Ordering::SeqCst), 0, "{name}: an even number of flips");
        },
    );
}

/// Waits until the host has made the memory grow, and accesses the new page in many ways.
const GROWN: &str = r#"
    (module
      (import "" "memory" (memory 1 3 shared))
      (data $data "abcd")
      (func (export "run") (result i64) (local $before i64)
        (local.set $before (i64.load (i32.const 8)))
        (i32.atomic.store (i32.const 0) (i32.const 1))
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
        (loop $again
          (br_if $again (i32.ne (i32.atomic.load (i32.const 4)) (i32.const 7))))
        (i32.store (i32.const 65540) (i32.const 5))
        (v128.store (i32.const 65552) (v128.const i64x2 1 2))
        (memory.fill (i32.const 65600) (i32.const 9) (i32.const 8))
        (memory.init $data (i32.const 65610) (i32.const 0) (i32.const 4))
        (i64.add
          (i64.add
            (i64.extend_i32_u (memory.size))
            (i64.load32_u (i32.const 65540)))
          (i64.add
            (i64.atomic.rmw.add (i32.const 65552) (i64.const 1))
            (i64.load8_u (i32.const 65600)))))
      (func (export "beyond") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "grow") (result i32) (memory.grow (i32.const 1))))
"#;

#[test]
fn growth_is_seen_by_threads_that_run() {
    each(
        |_| {},
        |name, engine| {
            let memory = SharedMemory::new(engine, MemoryType::shared(1, 3)).expect("there is room");
            thread::scope(|scope| {
                let guest = scope.spawn(|| {
                    let (mut store, instance) = instance(engine, GROWN, &memory);
                    let run = instance.get_typed_func::<(), i64>(&mut store, "run").expect("exported");
                    let result = run.call(&mut store, ()).expect(name);
                    let beyond = instance.get_typed_func::<i32, i32>(&mut store, "beyond").expect("exported");
                    let error = beyond.call(&mut store, 2 * 65_536 - 3).expect_err(name);
                    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}: {error:?}");
                    result
                });
                until_it_runs(&memory, name);
                assert_eq!(memory.grow(1).expect("there is room"), 1, "{name}");
                word(&memory, 4).store(7, Ordering::SeqCst);
                assert_eq!(guest.join().expect(name), 2 + 5 + 1 + 9, "{name}");
            });
            let (mut store, instance) = instance(engine, GROWN, &memory);
            let grow = instance.get_typed_func::<(), i32>(&mut store, "grow").expect("exported");
            assert_eq!(grow.call(&mut store, ()).expect(name), 2, "{name}");
            assert_eq!(grow.call(&mut store, ()).expect(name), -1, "{name}: the largest size is reached");
            assert_eq!((memory.size(), memory.data_size()), (3, 3 * 65_536), "{name}");
            assert_eq!(memory.data().len(), 3 * 65_536, "{name}");
        },
    );
}

/// Nothing in the loop could tell that another thread has made the memory grow, but the size. It ends in any case, after some seconds.
#[test]
fn a_loop_that_asks_for_the_size_sees_growth() {
    const TEXT: &str = r#"
        (module
          (import "" "memory" (memory 1 2 shared))
          (func (export "run") (result i32) (local $before i32) (local $left i32)
            (i32.atomic.store (i32.const 0) (i32.const 1))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
            (local.set $before (memory.size))
            (loop $again
              (local.set $left (i32.sub (local.get $left) (i32.const 1)))
              (br_if $again
                (i32.and (i32.eq (memory.size) (local.get $before)) (i32.ne (local.get $left) (i32.const 0)))))
            (i32.ne (memory.size) (local.get $before))))"#;
    each(
        |_| {},
        |name, engine| {
            let memory = SharedMemory::new(engine, MemoryType::shared(1, 2)).expect("there is room");
            thread::scope(|scope| {
                let guest = scope.spawn(|| {
                    let (mut store, instance) = instance(engine, TEXT, &memory);
                    let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
                    run.call(&mut store, ()).expect(name)
                });
                until_it_runs(&memory, name);
                // By now the guest asks, most likely.
                thread::sleep(Duration::from_millis(2));
                memory.grow(1).expect("there is room");
                assert_eq!(guest.join().expect(name), 1, "{name}");
            });
        },
    );
}

#[test]
fn atomic_operators_take_no_stack() {
    const TEXT: &str = r#"
        (module
          (memory 1)
          (func (export "run") (param $times i32) (result i32)
            (loop $again
              (atomic.fence)
              (drop (i32.atomic.rmw8.cmpxchg_u (i32.const 4) (i32.const 0) (i32.const 1)))
              (drop (memory.atomic.notify (i32.const 8) (i32.const 1)))
              (i32.atomic.store16 (i32.const 12) (i32.atomic.load8_u (i32.const 4)))
              (br_if $again (i32.ne (i32.atomic.rmw.add (i32.const 0) (i32.const 1)) (local.get $times))))
            (i32.atomic.load (i32.const 0))))"#;
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module(engine, TEXT), &[]).expect(name);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect("exported");
            assert_eq!(run.call(&mut store, 100_000).expect(name), 100_001, "{name}");
        },
    );
}

const WAIT: &str = r#"
    (module
      (import "" "memory" (memory 1 1 shared))
      (func (export "wait") (param i32 i64 i64) (result i32)
        (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2))))
"#;

#[test]
fn waits_end() {
    each(
        |config| {
            config.epoch_interruption(true);
        },
        |name, engine| {
            let memory = SharedMemory::new(engine, MemoryType::shared(1, 1)).expect("there is room");
            let (mut store, instance) = instance(engine, WAIT, &memory);
            let wait = instance.get_typed_func::<(i32, i64, i64), i32>(&mut store, "wait").expect("exported");
            assert_eq!(wait.call(&mut store, (8, 1, -1)).expect(name), 1, "{name}: another value");
            assert_eq!(wait.call(&mut store, (8, 0, 1000)).expect(name), 2, "{name}: the time is over");
            assert_eq!(wait.call(&mut store, (8, 0, 0)).expect(name), 2, "{name}: no time");
            for (address, trap) in [(4, Trap::HeapMisaligned), (65_536, Trap::MemoryOutOfBounds)] {
                let error = wait.call(&mut store, (address, 0, -1)).expect_err(name);
                assert_eq!(error.downcast_ref(), Some(&trap), "{name}: {error:?}");
            }
            let started = Instant::now();
            let ticker = thread::spawn({
                let engine = engine.clone();
                move || {
                    thread::sleep(Duration::from_millis(5));
                    engine.increment_epoch();
                }
            });
            let error = wait.call(&mut store, (8, 0, -1)).expect_err("nobody wakes it");
            assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt), "{name}: {error:?}");
            assert!(started.elapsed() < Duration::from_secs(5), "{name}: {:?}", started.elapsed());
            ticker.join().expect("the ticker ends");
            assert_eq!(memory.atomic_notify(8, 5).expect("in bounds"), 0, "{name}: nobody waits any more");
        },
    );
}

#[test]
fn what_a_module_defines_is_exported() {
    const TEXT: &str = r#"
        (module
          (memory (export "memory") 1 4 shared)
          (memory (export "wide") i64 1 2 shared)
          (data (i32.const 3) "x")
          (func (export "read") (param i64) (result i32) (i32.atomic.load8_u 1 (local.get 0))))"#;
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module(engine, TEXT), &[]).expect(name);
            assert!(instance.get_memory(&mut store, "memory").is_none(), "{name}: its bytes cannot be borrowed");
            let memory = instance.get_shared_memory(&mut store, "memory").expect("exported");
            assert_eq!((memory.ty(), memory.size()), (MemoryType::shared(1, 4), 1), "{name}");
            assert_eq!(word(&memory, 0).load(Ordering::SeqCst), u32::from(b'x') << 24, "{name}");
            let wide = instance.get_export(&mut store, "wide").and_then(Extern::into_shared_memory).expect("exported");
            assert_eq!(wide.ty(), MemoryType::shared64(1, 2), "{name}");
            word(&wide, 4).store(0x0700, Ordering::SeqCst);
            let read = instance.get_typed_func::<i64, i32>(&mut store, "read").expect("exported");
            assert_eq!(read.call(&mut store, 5).expect(name), 7, "{name}");
            let error = read.call(&mut store, 65_536).expect_err(name);
            assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}: {error:?}");
            // The memory outlives its store.
            drop(store);
            assert_eq!(wide.grow(1).expect("there is room"), 1, "{name}");
        },
    );
}

#[test]
fn a_stores_limits_hold_for_shared_memories() {
    struct Limited(StoreLimits);
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(2 * 65_536).build();
    let mut store = Store::new(&engine, Limited(limits));
    store.limiter(|limited| &mut limited.0 as &mut dyn ResourceLimiter);
    let large = module(&engine, "(module (memory 3 3 shared))");
    assert!(Instance::new(&mut store, &large, &[]).is_err());
    assert!(SharedMemory::limited(&mut store, MemoryType::shared(3, 3)).is_err());
    let memory = SharedMemory::limited(&mut store, MemoryType::shared(1, 3)).expect("it is allowed");
    let grows = module(&engine, GROWN);
    let instance = Instance::new(&mut store, &grows, &[memory.clone().into()]).expect("the memory fits");
    let grow = instance.get_typed_func::<(), i32>(&mut store, "grow").expect("exported");
    assert_eq!(grow.call(&mut store, ()).expect("it does not trap"), 1);
    assert_eq!(grow.call(&mut store, ()).expect("it does not trap"), -1);
    assert_eq!(memory.size(), 2);
}

/// What counts is what there is, not how often it is imported.
#[test]
fn a_shared_memory_is_in_a_store_once() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, StoreLimitsBuilder::new().memories(3).build());
            store.limiter(|limits| limits);
            let own = module(engine, r#"(module (memory (export "memory") 1 1 shared))"#);
            let own = Instance::new(&mut store, &own, &[]).expect(name);
            let own = own.get_export(&mut store, "memory").expect("it is exported");
            let from_host = Extern::from(SharedMemory::new(engine, MemoryType::shared(1, 1)).expect("there is room"));
            let imports =
                module(engine, r#"(module (import "" "a" (memory 1 1 shared)) (import "" "b" (memory 1 1 shared)))"#);
            for _ in 0..5 {
                Instance::new(&mut store, &imports, &[own.clone(), from_host.clone()]).expect(name);
            }
            Memory::new(&mut store, MemoryType::new(1, None)).expect("it is the third");
            let error = Memory::new(&mut store, MemoryType::new(1, None)).expect_err("there are three").to_string();
            assert!(error.contains("memory count too high at 4"), "{name}: {error}");
        },
    );
}

/// The more of them a store has, the longer it must not take to add one.
#[test]
fn many_shared_memories_are_found_at_once() {
    const CHUNK: usize = 100;
    // Guard pages of so many take more address space than there is.
    let engine = Engine::new(riser::Config::new().bounds(Bounds::Explicit)).expect("it is supported");
    let imports = module(&engine, r#"(module (import "" "memory" (memory 1 1 shared)))"#);
    let mut store = Store::new(&engine, ());
    let new = || SharedMemory::new(&engine, MemoryType::shared(1, 1)).expect("there is room");
    let mut times = Vec::new();
    for _ in 0..80 {
        let memories: Vec<SharedMemory> = (0..CHUNK).map(|_| new()).collect();
        let start = Instant::now();
        for memory in memories {
            Instance::new(&mut store, &imports, &[memory.into()]).expect("the memory fits");
        }
        times.push(start.elapsed());
    }
    // The shortest times: other processes make some longer.
    let least = |times: &[Duration]| times.iter().min().copied().expect("there are some");
    let (first, last) = (least(&times[..10]), least(&times[70..]));
    assert!(last < first * 5, "{CHUNK} took {first:?} at first, and {last:?} in the end");
}
