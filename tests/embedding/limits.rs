//! What a store's limits forbid.

use std::panic::{AssertUnwindSafe, catch_unwind};

use riser::{
    Bounds, Caller, Engine, Error, Extern, Instance, Limits, Linker, Memory, MemoryType, Ref, ResourceLimiter, Result,
    Store, StoreLimits, StoreLimitsBuilder, Table, TableType, Trap, ValType, WasmBacktrace,
};

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
            assert_eq!(error.root_cause().to_string(), "forcing trap when growing memory to 131072 bytes", "{name}");
            assert!(error.is::<WasmBacktrace>() && !error.is::<Trap>(), "{name}: {error:?}");
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

const GROW: &str = r#"
    (module
      (memory (export "memory") 1 5)
      (table (export "table") 2 8 funcref)
      (func (export "memory_grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "table_grow") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
"#;

/// Notes what it is asked, and does what it is told.
#[derive(Default)]
struct Limiter {
    asked: Vec<String>,
    refuses: bool,
    fails: bool,
    panics: bool,
}

impl Limiter {
    fn answer(&mut self, asked: String) -> Result<bool> {
        self.asked.push(asked);
        assert!(!self.panics, "the limiter panics");
        if self.fails { Err(Error::msg("the limiter fails")) } else { Ok(!self.refuses) }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.answer(format!("memory {} {} {:?}", current / PAGE, desired / PAGE, maximum.map(|it| it / PAGE)))
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.answer(format!("memory failed: {error}")).map(|_| ())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        self.answer(format!("table {current} {desired} {maximum:?}"))
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.answer(format!("table failed: {error}")).map(|_| ())
    }

    fn total_growing(&mut self, current: usize, desired: usize) -> Result<bool> {
        self.answer(format!("total {current} {desired}"))
    }

    fn instances(&self) -> usize {
        1
    }
}

#[test]
fn a_limiter_is_asked_in_every_mode_and_by_the_host() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, Limiter::default());
            store.limiter(|limiter| limiter);
            let instance = instance(&mut store, GROW);
            let asked = |store: &mut Store<Limiter>| std::mem::take(&mut store.data_mut().asked);
            let made = ["memory 0 1 Some(5)", "total 0 65536", "table 0 2 Some(8)", "total 65536 65552"];
            assert_eq!(asked(&mut store), made, "{name}");
            let grow = |store: &mut Store<Limiter>, export, delta| {
                let function = instance.get_typed_func::<i32, i32>(&mut *store, export).expect("exported");
                function.call(store, delta)
            };
            assert_eq!(grow(&mut store, "memory_grow", 2).expect(name), 1, "{name}");
            assert_eq!(grow(&mut store, "table_grow", 3).expect(name), 2, "{name}");
            let grown = ["memory 1 3 Some(5)", "total 65552 196624", "table 2 5 Some(8)", "total 196624 196648"];
            assert_eq!(asked(&mut store), grown, "{name}");
            // Nothing is asked for nothing; the type's maximum holds whatever the limiter says.
            assert_eq!(grow(&mut store, "memory_grow", 0).expect(name), 3, "{name}");
            assert_eq!(grow(&mut store, "memory_grow", 3).expect(name), -1, "{name}");
            assert_eq!(grow(&mut store, "table_grow", 4).expect(name), -1, "{name}");
            let beyond = [
                "memory 3 6 Some(5)",
                "total 196648 393256",
                "memory failed: Memory maximum size exceeded",
                "table 5 9 Some(8)",
                "total 196648 196680",
                "table failed: Table maximum size exceeded",
            ];
            assert_eq!(asked(&mut store), beyond, "{name}");

            store.data_mut().refuses = true;
            assert_eq!(grow(&mut store, "memory_grow", 1).expect(name), -1, "{name}");
            assert_eq!(grow(&mut store, "table_grow", 1).expect(name), -1, "{name}");
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            let table = instance.get_table(&mut store, "table").expect("exported");
            assert!(memory.grow(&mut store, 1).is_err() && table.grow(&mut store, 1, Ref::Func(None)).is_err());
            let limits = Limits { min: 1, max: None };
            assert!(Memory::new(&mut store, MemoryType { limits, memory64: false, shared: false }).is_err(), "{name}");
            let ty = TableType { element: ValType::FuncRef, limits, table64: false };
            assert!(Table::new(&mut store, ty, Ref::Func(None)).is_err(), "{name}");
            let refused = [
                "memory 3 4 Some(5)",
                "table 5 6 Some(8)",
                "memory 3 4 Some(5)",
                "table 5 6 Some(8)",
                "memory 0 1 None",
                "table 0 1 None",
            ];
            assert_eq!(asked(&mut store), refused, "{name}");
            assert!(Instance::new(&mut store, &module(engine, "(module)"), &[]).is_err(), "{name}: a second instance");

            for export in ["memory_grow", "table_grow"] {
                store.data_mut().fails = true;
                let error = grow(&mut store, export, 1).expect_err(name);
                assert_eq!(error.root_cause().to_string(), "the limiter fails", "{name}");
                assert!(error.is::<WasmBacktrace>(), "{name}");
                store.data_mut().panics = true;
                let panic = catch_unwind(AssertUnwindSafe(|| grow(&mut store, export, 1))).expect_err(name);
                assert_eq!(panic.downcast_ref(), Some(&"the limiter panics"), "{name}");
                *store.data_mut() = Limiter::default();
            }
            assert_eq!(grow(&mut store, "memory_grow", 1).expect(name), 3, "{name}");
        },
    );
}

#[test]
fn all_memories_and_tables_together_are_limited() {
    each(
        |_| {},
        |name, engine| {
            let limits = StoreLimitsBuilder::new().total_size(4 * PAGE).build();
            let mut store = store(engine, limits);
            let two = "(module (memory 1) (memory 1) (table 4096 funcref))";
            Instance::new(&mut store, &module(engine, two), &[]).expect("two pages and a half");
            let instance =
                instance(&mut store, &GROW.replace("table (export \"table\") 2 8", "table (export \"table\") 0"));
            let mut grow = |export, delta| {
                let function = instance.get_typed_func::<i32, i32>(&mut store, export).expect("exported");
                function.call(&mut store, delta).expect(name)
            };
            // Half a page is left.
            assert_eq!(grow("memory_grow", 1), -1, "{name}");
            assert_eq!(grow("table_grow", 4097), -1, "{name}");
            assert_eq!(grow("table_grow", 4096), 0, "{name}");
            assert_eq!(grow("table_grow", 1), -1, "{name}");
            let error = Instance::new(&mut store, &module(engine, "(module (table 1 funcref))"), &[]).expect_err(name);
            assert!(error.to_string().contains("exceeds"), "{name}: {error}");
        },
    );
}

/// Memories that are checked explicitly move when they grow, whoever has them grow, and code sees that.
#[test]
fn memories_move_under_running_code() {
    let text = r#"
        (module
          (import "host" "grow" (func $host_grow))
          (memory $other 1)
          (memory $main (export "memory") 1)
          (func $grow (drop (memory.grow $main (i32.const 1))))
          ;; Writes its number to word $i, has the memory grow in three ways, and looks.
          (func $step (param $i i32) (local $sum i32)
            (i32.store $main (i32.mul (local.get $i) (i32.const 4)) (local.get $i))
            (i32.store $other (i32.mul (local.get $i) (i32.const 4)) (local.get $i))
            (drop (memory.grow $main (i32.const 1)))
            (drop (memory.grow $other (i32.const 1)))
            (local.set $sum (i32.load $main (i32.mul (local.get $i) (i32.const 4))))
            (i32.store $main offset=65536 (i32.mul (local.get $i) (i32.const 4)) (local.get $i))
            (call $host_grow)
            (local.set $sum
              (i32.add (local.get $sum) (i32.load $main offset=65536 (i32.mul (local.get $i) (i32.const 4)))))
            (call $grow)
            (local.set $sum (i32.add (local.get $sum) (i32.load $main (i32.mul (local.get $i) (i32.const 4)))))
            (local.set $sum (i32.add (local.get $sum) (i32.load $other (i32.mul (local.get $i) (i32.const 4)))))
            (if (i32.ne (local.get $sum) (i32.mul (local.get $i) (i32.const 4))) (then unreachable)))
          (func (export "run") (param $times i32) (local $i i32)
            (loop $again
              (call $step (local.get $i))
              ;; And in a loop of its own.
              (i32.store $main offset=32768 (i32.mul (local.get $i) (i32.const 4)) (i32.const 7))
              (drop (memory.grow $main (i32.const 1)))
              (if (i32.ne (i32.load $main offset=32768 (i32.mul (local.get $i) (i32.const 4))) (i32.const 7))
                (then unreachable))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $i) (local.get $times)))))
          (func (export "load") (param i32) (result i32) (i32.load $main (local.get 0))))
    "#;
    const TIMES: i32 = 400;
    for swapped in [false, true] {
        // Memory 0 is special.
        let text = if swapped {
            let other = "(memory $other 1)\n";
            text.replacen(other, "", 1).replacen("(export \"memory\") 1)", &format!("(export \"memory\") 1){other}"), 1)
        } else {
            text.to_owned()
        };
        each(
            |config| {
                config.bounds(Bounds::Explicit);
            },
            |name, engine| {
                let mut linker = Linker::new(engine);
                let grow = |mut caller: Caller<'_, ()>| -> Result<()> {
                    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { panic!("exported") };
                    memory.grow(&mut caller, 1).map(|_| ())
                };
                linker.func_wrap("host", "grow", grow).expect("defined once");
                let mut store = Store::new(engine, ());
                let instance = linker.instantiate(&mut store, &module(engine, &text)).expect("instantiates");
                let memory = instance.get_memory(&mut store, "memory").expect("exported");
                let start = memory.data_ptr(&store);
                let run = instance.get_typed_func::<i32, ()>(&mut store, "run").expect("exported");
                run.call(&mut store, TIMES).expect(name);
                assert_ne!(memory.data_ptr(&store), start, "{name}: it has moved");
                assert_eq!(memory.size(&store), 1 + 4 * TIMES as u64, "{name}");
                let load = instance.get_typed_func::<i32, i32>(&mut store, "load").expect("exported");
                let end = memory.data_size(&store) as i32;
                assert_eq!(load.call(&mut store, end - 4).expect(name), 0);
                for beyond in [end - 3, end, -1, -4] {
                    let error = load.call(&mut store, beyond).expect_err(name);
                    assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
                }
            },
        );
    }
}

#[test]
fn tables_grow_from_small_to_large() {
    let text = r#"
        (module
          (table $t (export "table") 3 funcref)
          (type $unit (func (result i32)))
          (elem declare func $one)
          (func $one (result i32) (i32.const 1))
          (func (export "set") (param i32) (table.set (local.get 0) (ref.func $one)))
          (func (export "call") (param i32) (result i32) (call_indirect (type $unit) (local.get 0)))
          (func (export "null") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
          (func (export "one") (param i32) (result i32) (table.grow (ref.func $one) (local.get 0))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, text);
            let mut call = |export, argument| {
                let function = instance.get_func(&mut store, export).expect("exported");
                let mut results = vec![riser::Val::I32(0); function.ty(&store).results().len()];
                let outcome = function.call(&mut store, &[riser::Val::I32(argument)], &mut results);
                outcome.map(|()| results.pop().map_or(0, |it| it.unwrap_i32()))
            };
            call("set", 2).expect(name);
            let mut len = 3;
            let mut ones = vec![2];
            for (export, delta) in
                [("one", 5), ("null", 9000), ("one", 3), ("null", 1), ("null", 500_000), ("one", 40_000), ("null", 1)]
            {
                assert_eq!(call(export, delta).expect(name), len, "{name}");
                let (first, last) = (len, len + delta - 1);
                len += delta;
                if export == "one" {
                    ones.extend([first, last]);
                } else {
                    for index in [first, last] {
                        let error = call("call", index).expect_err(name);
                        assert_eq!(error.downcast_ref(), Some(&Trap::UninitializedElement), "{name} {index}");
                    }
                }
                for &index in &ones {
                    assert_eq!(call("call", index).expect(name), 1, "{name} {index}");
                }
                let error = call("call", len).expect_err(name);
                assert_eq!(error.downcast_ref(), Some(&Trap::UndefinedElement), "{name}");
            }
        },
    );
}
