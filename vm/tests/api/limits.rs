//! Limits of a store, and sizes that no system has.

use riser_vm::{
    Config, Engine, GlobalType, Instance, Limits, Memory, MemoryType, Ref, Store, StoreLimits, StoreLimitsBuilder,
    Table, TableType, Val, ValType,
};

use crate::module;

struct Host {
    limits: StoreLimits,
}

fn store(engine: &Engine, limits: StoreLimitsBuilder) -> Store<Host> {
    let mut store = Store::new(engine, Host { limits: limits.build() });
    store.limiter(|host| &mut host.limits);
    store
}

const GROW: &str = r#"(module
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow_table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))"#;

#[test]
fn memories_and_tables_stop_growing_at_the_limit() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(3 << 16).table_elements(5);
    let mut store = store(&engine, limits);
    let instance = Instance::new(&mut store, &module(&engine, GROW), &[]).unwrap();
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    assert_eq!(grow.call(&mut store, 2).unwrap(), 1);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 0).unwrap(), 3);
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow_table").unwrap();
    assert_eq!(grow.call(&mut store, 4).unwrap(), 1);
    assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.grow(&mut store, 1).unwrap_err().to_string(), "failed to grow memory by `1`");
    assert_eq!((memory.size(&store), memory.data_size(&store)), (3, 3 << 16));
    let table = instance.get_table(&mut store, "table").unwrap();
    assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
}

#[test]
fn growing_past_a_limit_may_trap() {
    let engine = Engine::default();
    let limits = StoreLimitsBuilder::new().memory_size(1 << 16).table_elements(1).trap_on_grow_failure(true);
    let mut store = store(&engine, limits);
    let instance = Instance::new(&mut store, &module(&engine, GROW), &[]).unwrap();
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow").unwrap();
    let why = |error: riser_vm::Error| error.root_cause().to_string();
    assert_eq!(why(grow.call(&mut store, 1).unwrap_err()), "forcing trap when growing memory to 131072 bytes");
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow_table").unwrap();
    assert_eq!(why(grow.call(&mut store, 1).unwrap_err()), "forcing trap when growing table to 2 elements");
}

#[test]
fn instances_memories_and_tables_are_counted() {
    let engine = Engine::default();
    let new = StoreLimitsBuilder::new;
    let both = module(&engine, "(module (memory 1) (table 1 funcref))");
    for (limits, message) in [
        (new().instances(1), "instance count too high at 2"),
        (new().memories(1), "memory count too high at 2"),
        (new().tables(1), "table count too high at 2"),
    ] {
        let mut store = store(&engine, limits);
        Instance::new(&mut store, &both, &[]).unwrap();
        let error = Instance::new(&mut store, &both, &[]).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    for (limits, message) in [
        (new().memory_size(65_535), "memory minimum size of 65536 bytes exceeds memory limits"),
        (new().table_elements(0), "table minimum size of 1 elements exceeds table limits"),
    ] {
        let error = Instance::new(store(&engine, limits), &both, &[]).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn impossible_sizes_are_errors() {
    let engine = Engine::default();
    for text in [
        "(module (table 4294967295 funcref))",
        "(module (memory i64 0x1000000000000))",
        "(module (memory i64 0xffffffffffff))",
        "(module (memory i64 0x100000000))",
    ] {
        let everything = StoreLimitsBuilder::new().table_elements(usize::MAX);
        // Tables of 32 GiB may be refused by the system or not; 64-bit memories of that size cannot be had.
        let result = Instance::new(store(&engine, everything), &module(&engine, text), &[]);
        assert!(result.is_err() || text.contains("table"), "{text}");
        assert!(Instance::new(Store::new(&engine, ()), &module(&engine, text), &[]).is_err(), "{text}");
    }
}

#[test]
fn large_memories_grow_or_fail_cleanly() {
    let engine = Engine::default();
    let text = r#"(module
        (memory $a (export "a") 65536)
        (memory $b i64 1)
        (func (export "grow") (param i64) (result i64) (memory.grow $b (local.get 0)))
        (func (export "last") (result i32) (i32.load8_u $a (i32.const -1))))"#;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module(&engine, text), &[]).unwrap();
    assert_eq!(instance.get_memory(&mut store, "a").unwrap().data_size(&store), 1 << 32);
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "last").unwrap().call(&mut store, ()).unwrap(), 0);
    let grow = instance.get_typed_func::<i64, i64>(&mut store, "grow").unwrap();
    for pages in [-1, i64::MAX, i64::MIN, 0xffff_ffff_ffff, 0xffff_ffff_fffe, 0x1_0000_0000_0000, 1 << 33] {
        assert_eq!(grow.call(&mut store, pages).unwrap(), -1, "{pages:#x}");
    }
    assert_eq!(grow.call(&mut store, 3).unwrap(), 1);
    assert_eq!(grow.call(&mut store, 100).unwrap(), 4);
}

#[test]
fn invalid_types_are_errors() {
    let mut store = Store::<()>::default();
    let memory = |min, max, memory64| MemoryType { limits: Limits { min, max }, memory64, ..MemoryType::new(0, None) };
    for ty in [memory(65_537, None, false), memory(0, Some(65_537), false), memory(2, Some(1), false)] {
        assert!(Memory::new(&mut store, ty).is_err(), "{ty:?}");
    }
    let table = |element, min, max| TableType { element, limits: Limits { min, max }, table64: false };
    for (ty, init) in [
        (table(ValType::I32, 1, None), Ref::Func(None)),
        (table(ValType::ExternRef, 1, None), Ref::Func(None)),
        (table(ValType::FuncRef, 2, Some(1)), Ref::Func(None)),
        (table(ValType::FuncRef, 1 << 32, None), Ref::Func(None)),
        (table(ValType::FuncRef, 0, Some(1 << 32)), Ref::Func(None)),
    ] {
        assert!(Table::new(&mut store, ty, init).is_err(), "{ty:?}");
    }
    let ty = GlobalType { content: ValType::I64, mutable: true };
    assert!(riser_vm::Global::new(&mut store, ty, Val::I32(0)).is_err());
}

#[test]
fn value_stacks_of_impossible_size_are_errors() {
    for bytes in [usize::MAX, 1 << 60] {
        let engine = Engine::new(Config::new().max_wasm_stack(bytes)).unwrap();
        assert!(Store::try_new(&engine, ()).is_err());
    }
}
