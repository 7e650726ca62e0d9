//! Memories whose pages have one byte: they end anywhere, also in the middle of a page of the system.

use riser::{Instance, Linker, Memory, MemoryType, Module, Store, StoreLimitsBuilder, Trap};

use crate::engines::{each, instance, module};

/// Two memories with pages of one byte, with 32-bit and 64-bit addresses, and one of 64 KiB between them.
const MODULE: &str = r#"
    (module
      (memory $a (export "a") 4093 9000 (pagesize 1))
      (memory $page 1)
      (memory $b (export "b") i64 7 (pagesize 1))
      (data (memory $a) (i32.const 4092) "\2a")
      (func (export "a.1") (param i32) (drop (i32.load8_u $a (local.get 0))))
      (func (export "a.4") (param i32) (i32.store $a (local.get 0) (i32.const 0)))
      (func (export "a.8") (param i32) (drop (i64.load $a (local.get 0))))
      (func (export "a.16") (param i32) (v128.store $a (local.get 0) (v128.const i64x2 0 0)))
      (func (export "a.20") (param i32) (drop (i64.load $a offset=12 (local.get 0))))
      (func (export "a.5") (param i32) (memory.fill $a (local.get 0) (i32.const 0) (i32.const 5)))
      (func (export "a.6") (param i32) (memory.copy $a $page (local.get 0) (i32.const 0) (i32.const 6)))
      (func (export "b.1") (param i32) (i64.store8 $b (i64.extend_i32_u (local.get 0)) (i64.const 0)))
      (func (export "b.7") (param i32) (memory.fill $b (i64.extend_i32_u (local.get 0)) (i32.const 0) (i64.const 7)))
      (func (export "a.size") (result i32) (memory.size $a))
      (func (export "a.grow") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "b.size") (result i32) (i32.wrap_i64 (memory.size $b)))
      (func (export "b.grow") (param i32) (result i32)
        (i32.wrap_i64 (memory.grow $b (i64.extend_i32_u (local.get 0)))))
      (func (export "last") (result i32)
        (i32.load8_u $a (i32.sub (memory.size $a) (i32.const 1)))))
"#;

/// The accesses of the module: the memory, and up to how many bytes behind the address they reach.
const ACCESSES: &[(&str, u32)] =
    &[("a", 1), ("a", 4), ("a", 8), ("a", 16), ("a", 20), ("a", 5), ("a", 6), ("b", 1), ("b", 7)];

/// Checks for each access where it ends.
fn check_ends(name: &str, store: &mut Store<()>, instance: Instance) {
    for &(memory, width) in ACCESSES {
        let size = instance.get_typed_func::<(), u32>(&mut *store, &format!("{memory}.size")).expect(name);
        let size = size.call(&mut *store, ()).expect(name);
        let access = instance.get_typed_func::<u32, ()>(&mut *store, &format!("{memory}.{width}")).expect(name);
        let ends = [0, 1, size.saturating_sub(width), size - 1, size, size + 1, 4095, 4096, 8192, 65_535, u32::MAX];
        for address in ends.into_iter().chain(size.saturating_sub(24)..size + 8) {
            let fits = u64::from(address) + u64::from(width) <= u64::from(size);
            match access.call(&mut *store, address) {
                Ok(()) => assert!(fits, "{name}: {memory}.{width} at {address} of {size}"),
                Err(error) => {
                    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}: {error:?}");
                    assert!(!fits, "{name}: {memory}.{width} at {address} of {size}");
                }
            }
        }
    }
}

#[test]
fn accesses_end_where_the_memory_does() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, MODULE);
            let last = instance.get_typed_func::<(), u32>(&mut store, "last").expect(name);
            assert_eq!(last.call(&mut store, ()).expect(name), 0x2a, "{name}");
            check_ends(name, &mut store, instance);
            let mut grow = |memory: &str, delta| {
                let grow = instance.get_typed_func::<u32, u32>(&mut store, &format!("{memory}.grow")).expect(name);
                grow.call(&mut store, delta).expect(name)
            };
            // Byte by byte over the end of a page of the system; then to the limit, and not beyond.
            for old in 4093..4100 {
                assert_eq!(grow("a", 1), old, "{name}");
            }
            assert_eq!(grow("a", 4901), u32::MAX, "{name}");
            assert_eq!(grow("a", u32::MAX), u32::MAX, "{name}");
            assert_eq!(grow("a", 4900), 4100, "{name}");
            assert_eq!(grow("a", 0), 9000, "{name}");
            assert_eq!(grow("b", 70_000), 7, "{name}");
            check_ends(name, &mut store, instance);
        },
    );
}

#[test]
fn the_host_sees_pages_of_one_byte() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let ty = MemoryType::builder().min(5).max(Some(8)).page_size_log2(0).build().expect(name);
            assert_eq!((ty.page_size(), ty.page_size_log2()), (1, 0));
            let memory = Memory::new(&mut store, ty).expect(name);
            assert_eq!((memory.size(&store), memory.data_size(&store), memory.page_size(&store)), (5, 5, 1));
            memory.data_mut(&mut store).copy_from_slice(b"12345");
            assert!(memory.write(&mut store, 5, &[0]).is_err());
            assert_eq!(memory.grow(&mut store, 3).expect(name), 5);
            assert!(memory.grow(&mut store, 1).is_err());
            assert_eq!(memory.data(&store), b"12345\0\0\0");

            let mut linker = Linker::new(engine);
            linker.define(&store, "host", "memory", memory).expect(name);
            let text = r#"(module (import "host" "memory" (memory 5 10 (pagesize 1)))
                (func (export "f") (param i32) (result i32) (i32.load8_u (local.get 0))))"#;
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let f = instance.get_typed_func::<u32, u32>(&mut store, "f").expect(name);
            assert_eq!(f.call(&mut store, 4).expect(name), u32::from(b'5'), "{name}");
            assert_eq!(f.call(&mut store, 7).expect(name), 0, "{name}");
            assert!(f.call(&mut store, 8).is_err(), "{name}");
            // A memory with other pages is another type, even if it is as large.
            let other = module(engine, r#"(module (import "host" "memory" (memory 0)))"#);
            let why = format!("{:#}", linker.instantiate(&mut store, &other).map(drop).expect_err(name));
            assert!(why.contains("memory 8 8 (pagesize 1)"), "{name}: {why}");
        },
    );
}

#[test]
fn limits_count_bytes() {
    each(
        |_| {},
        |name, engine| {
            let limits = StoreLimitsBuilder::new().memory_size(4099).build();
            let mut store = Store::new(engine, limits);
            store.limiter(|limits| limits);
            let module = Module::new(
                engine,
                r#"(module (memory 4095 (pagesize 1)) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))"#,
            );
            let instance = Instance::new(&mut store, &module.expect(name), &[]).expect(name);
            let grow = instance.get_typed_func::<u32, u32>(&mut store, "f").expect(name);
            assert_eq!(grow.call(&mut store, 5).expect(name), u32::MAX, "{name}");
            assert_eq!(grow.call(&mut store, 4).expect(name), 4095, "{name}");
        },
    );
}

#[test]
fn types_that_no_memory_can_have_are_errors() {
    for (log2, min, max) in
        [(1, 1, None), (12, 1, None), (64, 1, None), (255, 0, None), (0, 1 << 32, None), (0, 2, Some(1))]
    {
        let mut ty = MemoryType::builder();
        ty.min(min).max(max).page_size_log2(log2);
        ty.build().expect_err("no memory can have it");
    }
    let most =
        MemoryType::builder().min(u64::from(u32::MAX)).page_size_log2(0).build().expect("an address counts them");
    assert_eq!(most.minimum(), u64::from(u32::MAX));
    MemoryType::builder().memory64(true).min(u64::MAX).page_size_log2(0).build().expect("an address counts them");
}
