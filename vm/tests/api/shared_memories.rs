//! Shared memories, as the host sees them.

use std::thread;
use std::time::Duration;

use riser_vm::{Engine, Instance, Memory, MemoryType, SharedMemory, Store, Trap, WaitResult};

use crate::module;

#[test]
fn types_are_checked() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    for (ty, why) in [
        (MemoryType::new(1, Some(2)), "must have the `shared` flag"),
        (MemoryType::shared(3, 2), "minimum must not be greater than maximum"),
        (MemoryType::shared(1, 1 << 17), "at most 65536 pages"),
        (MemoryType { shared: true, ..MemoryType::new(1, None) }, "must have a maximum"),
        (MemoryType::shared64(1 << 47, 1 << 48), "failed to allocate a shared memory"),
    ] {
        let error = SharedMemory::new(&engine, ty).expect_err(why);
        assert!(format!("{error:#}").contains(why), "{ty:?}: {error:#}");
    }
    let error = Memory::new(&mut store, MemoryType::shared(1, 2)).expect_err("it is shared");
    assert_eq!(error.to_string(), "shared memories must be created through `SharedMemory`");
}

#[test]
fn a_clone_is_the_same_memory() {
    let engine = Engine::default();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 3)).unwrap();
    let clone = memory.clone();
    assert_eq!(clone.grow(1).unwrap(), 1);
    assert_eq!((memory.size(), memory.data_size(), memory.data().len()), (2, 131_072, 131_072));
    assert_eq!(memory.grow(0).unwrap(), 2);
    let error = memory.grow(2).unwrap_err();
    assert_eq!(error.to_string(), "failed to grow memory by `2`");
    assert_eq!(memory.data().as_ptr(), clone.data().as_ptr());
}

#[test]
fn a_memory_with_pages_of_a_byte_grows_from_anywhere() {
    let engine = Engine::default();
    let ty = MemoryType { page_size_log2: 0, ..MemoryType::shared(1, 20_000) };
    let memory = SharedMemory::new(&engine, ty).unwrap();
    // Within a page of the system, to its end, over that, and to the limit.
    for (old, delta) in [(1, 5), (6, 4090), (4096, 1), (4097, 15_903)] {
        assert_eq!(memory.grow(delta).unwrap(), old);
    }
    assert_eq!((memory.size(), memory.data_size()), (20_000, 20_000));
    assert_eq!(memory.atomic_wait32(19_996, 1, None), Ok(WaitResult::Mismatch));
    assert_eq!(memory.atomic_wait32(20_000, 1, None), Err(Trap::MemoryOutOfBounds));
    assert!(memory.grow(1).is_err());
}

#[test]
fn the_host_waits_and_wakes() {
    let engine = Engine::default();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1)).unwrap();
    let soon = Some(Duration::from_millis(1));
    assert_eq!(memory.atomic_wait32(0, 0, soon), Ok(WaitResult::TimedOut));
    assert_eq!(memory.atomic_wait64(0, 1, None), Ok(WaitResult::Mismatch));
    assert_eq!(memory.atomic_wait64(4, 0, None), Err(Trap::HeapMisaligned));
    assert_eq!(memory.atomic_wait32(65_536, 0, None), Err(Trap::MemoryOutOfBounds));
    assert_eq!(memory.atomic_notify(2, 1), Err(Trap::HeapMisaligned));
    let waiting = memory.clone();
    let waiter = thread::spawn(move || waiting.atomic_wait64(64, 0, None));
    while memory.atomic_notify(64, 1).unwrap() == 0 {
        thread::yield_now();
    }
    assert_eq!(waiter.join().unwrap(), Ok(WaitResult::Ok));
}

#[test]
#[should_panic(expected = "shared memory used with the wrong engine")]
fn a_memory_of_another_engine_is_refused() {
    let memory = SharedMemory::new(&Engine::default(), MemoryType::shared(1, 1)).unwrap();
    let engine = Engine::default();
    let module = module(&engine, r#"(module (import "" "" (memory 1 1 shared)))"#);
    let _ = Instance::new(Store::new(&engine, ()), &module, &[memory.into()]);
}
