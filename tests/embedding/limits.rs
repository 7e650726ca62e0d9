//! What a store's limits forbid.

use riser::{Engine, Instance, Store, StoreLimits, StoreLimitsBuilder, Trap};

use crate::engines::{each, instance, module};

const PAGE: usize = 65536;

fn store(engine: &Engine, limits: StoreLimits) -> Store<StoreLimits> {
    let mut store = Store::new(engine, limits);
    store.limiter(|limits| limits);
    store
}

#[test]
fn memories_and_tables_grow_to_the_limit() {
    each(
        |_| {},
        |name, engine| {
            let limits = StoreLimitsBuilder::new().memory_size(3 * PAGE).table_elements(5).build();
            let mut store = store(engine, limits);
            let instance = instance(
                &mut store,
                r#"
            (module
              (memory (export "memory") 1 100)
              (table (export "table") 2 100 funcref)
              (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "table_grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
            "#,
            );
            let mut grow = |export, delta| {
                let function = instance.get_typed_func::<i32, i32>(&mut store, export).expect("exported");
                function.call(&mut store, delta).expect(name)
            };
            assert_eq!(grow("memory_grow", 3), -1, "{name}");
            assert_eq!(grow("memory_grow", 2), 1, "{name}");
            assert_eq!(grow("memory_grow", 1), -1, "{name}");
            assert_eq!(grow("memory_grow", 0), 3, "{name}");
            assert_eq!(grow("table_grow", 4), -1, "{name}");
            assert_eq!(grow("table_grow", 3), 2, "{name}");
            assert_eq!(grow("table_grow", -1), -1, "{name}");
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            assert!(memory.grow(&mut store, 1).is_err(), "{name}: the host is bound too");
        },
    );
}

#[test]
fn growing_traps_where_asked_for() {
    each(
        |_| {},
        |name, engine| {
            let limits = StoreLimitsBuilder::new().memory_size(PAGE).trap_on_grow_failure(true).build();
            let mut store = store(engine, limits);
            let instance = instance(
                &mut store,
                r#"(module (memory 1) (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#,
            );
            let grow = instance.get_typed_func::<(), i32>(&mut store, "grow").expect("exported");
            let error = grow.call(&mut store, ()).expect_err(name);
            assert!(error.is::<Trap>(), "{name}: {error:?}");
        },
    );
}

#[test]
fn instances_that_need_too_much_are_errors() {
    each(
        |_| {},
        |name, engine| {
            let limits =
                StoreLimitsBuilder::new().memory_size(PAGE).table_elements(10).instances(2).memories(1).tables(1);
            let mut store = store(engine, limits.build());
            for text in ["(module (memory 2))", "(module (table 11 funcref))"] {
                let error = Instance::new(&mut store, &module(engine, text), &[]).expect_err(name);
                assert!(!error.is::<Trap>(), "{name}: {error:?}");
            }
            let fits = module(engine, "(module (memory 1) (table 10 funcref))");
            let mut made = 0;
            while Instance::new(&mut store, &fits, &[]).is_ok() {
                made += 1;
                assert!(made < 3, "{name}");
            }
        },
    );
}

#[test]
fn a_declared_size_that_no_machine_has_is_an_error() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            for text in ["(module (memory i64 0x1_0000_0000))", "(module (table 0xffff_ffff funcref))"] {
                if let Ok(module) = riser::Module::new(engine, text) {
                    assert!(Instance::new(&mut store, &module, &[]).is_err(), "{name}: {text}");
                }
            }
        },
    );
}
