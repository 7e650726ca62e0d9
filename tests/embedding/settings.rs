//! Settings by the names that Wasmtime has for them, and what they do.

use riser::{
    Bounds, Cache, CacheConfig, Config, Enabled, Engine, Instance, InstanceAllocationStrategy, Linker, Memory,
    MemoryType, Module, PoolingAllocationConfig, Store, Strategy, Table, WasmCoreDump,
};

use crate::engines::{each, module};

#[test]
fn what_is_lacking_is_an_error_of_the_engine() {
    let refused = |set: &dyn Fn(&mut Config)| {
        let mut config = Config::new();
        set(&mut config);
        Engine::new(&config).map(drop).unwrap_err().to_string()
    };
    let types = |config: &mut Config| {
        config.wasm_gc(true);
    };
    assert!(refused(&types).contains("garbage-collected types are not implemented"));
    let components = |config: &mut Config| {
        config.wasm_component_model(true);
    };
    assert!(refused(&components).contains("components"));
    let wings = |config: &mut Config| {
        config.cranelift_flag_enable("has_wings");
    };
    assert!(refused(&wings).contains("has_wings"));
    let keys = |config: &mut Config| {
        let mut pool = PoolingAllocationConfig::new();
        pool.memory_protection_keys(Enabled::Yes);
        config.allocation_strategy(pool);
    };
    assert!(refused(&keys).contains("Enabled::Auto"));

    let mut config = Config::new();
    config.wasm_gc(true).wasm_gc(false).wasm_function_references(false).strategy(Strategy::Auto);
    assert!(config.target("sparc64-unknown-linux-gnu").is_err());
    config.target(&format!("{}-unknown-linux-gnu", std::env::consts::ARCH)).expect("it is this machine");
    Engine::new(&config).expect("it is the default configuration");
}

#[test]
fn a_strategy_is_a_mode() {
    let mode = |strategy| Engine::new(Config::new().strategy(strategy)).map(|engine| engine.default_mode());
    let default = Engine::default().default_mode();
    assert_eq!(mode(Strategy::Auto).expect("it works"), default);
    assert_eq!(mode(Strategy::Winch).expect("it works"), default);
    let cranelift = mode(Strategy::Cranelift);
    if cfg!(feature = "fast-jit") {
        assert_eq!(cranelift.expect("it is built in"), riser::modes::FAST_JIT);
    } else {
        assert!(cranelift.is_err());
    }
}

#[test]
fn a_cache_has_a_folder_and_a_limit() {
    let mut config = CacheConfig::new();
    config.with_directory("/somewhere").with_files_total_size_soft_limit(1 << 20);
    assert_eq!(Cache::new(config).expect("there is a folder").directory(), std::path::Path::new("/somewhere"));
    assert!(Cache::from_file(Some("cache.toml".as_ref())).unwrap_err().to_string().contains("CacheConfig"));
}

/// What a module of an engine runs with, by the name of the setting.
fn effective(config: &Config, name: &str) -> Option<String> {
    let engine = Engine::new(config).expect("it is supported");
    let settings = module(&engine, "(module)").settings();
    settings.into_iter().find(|(of, _)| of == name).map(|(_, value)| value)
}

#[test]
fn the_last_cache_holds_whole() {
    let cache = |folder: &str, limit: Option<u64>| {
        let mut config = CacheConfig::new();
        config.with_directory(folder);
        limit.map(|limit| config.with_files_total_size_soft_limit(limit));
        Some(Cache::new(config).expect("there is a folder"))
    };
    // In this mode, nothing is put there.
    let of = |config: &mut Config| effective(config.mode(riser::Mode::Interp), "cache").unwrap_or_default();
    assert_eq!(of(Config::new().cache(cache("/one", Some(1)))), "/one, at most 1 bytes");
    assert_eq!(
        of(Config::new().cache(cache("/one", Some(1))).cache(cache("/two", None))),
        "/two, at most 536870912 bytes"
    );
    assert_eq!(of(Config::new().cache(cache("/one", Some(1))).cache("/two")), "/two, at most 536870912 bytes");
    assert_eq!(of(Config::new().cache(cache("/one", Some(1))).cache(None)), "");
    // The engine's limit is for caches that have none of their own, in whatever order they are set.
    assert_eq!(of(Config::new().cache_limit(2).cache("/two")), "/two, at most 2 bytes");
    assert_eq!(of(Config::new().cache("/two").cache_limit(2)), "/two, at most 2 bytes");
    assert_eq!(of(Config::new().cache_limit(2).cache(cache("/one", Some(1)))), "/one, at most 1 bytes");
    assert_eq!(of(Config::new().cache(cache("/one", Some(1))).cache_limit(2)), "/one, at most 1 bytes");
}

#[test]
fn settings_that_rule_faults_out_do_not_undo_each_other() {
    type Set = fn(&mut Config) -> &mut Config;
    let bounds = |setters: &[Set]| {
        let mut config = Config::new();
        setters.iter().for_each(|set| _ = set(&mut config));
        effective(&config, "bounds").expect("it is a setting of every mode")
    };
    let default = bounds(&[]);
    let ruled_out: [Set; 3] = [
        |config| config.signals_based_traps(false),
        |config| config.memory_reservation(0),
        |config| config.memory_guard_size(0),
    ];
    let ruled_in: [Set; 3] = [
        |config| config.signals_based_traps(true),
        |config| config.memory_reservation(4 << 30),
        |config| config.memory_guard_size(4 << 30),
    ];
    for (number, &out) in ruled_out.iter().enumerate() {
        assert_eq!(bounds(&[out]), "explicit");
        for (other, &within) in ruled_in.iter().enumerate() {
            // A setting is only undone by itself.
            let expected = if other == number { &*default } else { "explicit" };
            assert_eq!(bounds(&[out, within]), expected, "{number}, {other}");
            assert_eq!(bounds(&[within, out]), "explicit", "{number}, {other}");
        }
        if Bounds::Guard.is_supported() {
            let guard: Set = |config| config.bounds(Bounds::Guard);
            assert_eq!(bounds(&[out, guard]), "explicit");
            assert_eq!(bounds(&[guard, out]), "explicit");
            assert_eq!(bounds(&[guard, ruled_in[number]]), bounds(&[guard]));
        }
    }
}

#[test]
fn a_pool_limits_all_stores_together() {
    each(
        |config| {
            let mut pool = PoolingAllocationConfig::new();
            pool.total_core_instances(3).total_memories(2).total_tables(1).max_memory_size(2 << 16).table_elements(5);
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        },
        |name, engine| {
            let empty = module(engine, "(module)");
            let new = |store: &mut Store<()>, module: &Module| Instance::new(store, module, &[]).map(drop);
            let [mut a, mut b] = [Store::new(engine, ()), Store::new(engine, ())];
            new(&mut a, &empty).expect(name);
            new(&mut a, &empty).expect(name);
            new(&mut b, &empty).expect(name);
            assert!(new(&mut b, &empty).unwrap_err().to_string().contains("limit of 3"), "{name}");
            drop(a);
            let text = r#"(module (memory (export "m") 1) (table 1 funcref) (func (export "g") (result i32) (memory.grow (i32.const 1))))"#;
            let full = module(engine, text);
            let instance = Instance::new(&mut b, &full, &[]).expect(name);
            let grow = instance.get_typed_func::<(), i32>(&mut b, "g").expect(name);
            assert_eq!(grow.call(&mut b, ()).expect(name), 1, "{name}");
            assert_eq!(grow.call(&mut b, ()).expect(name), -1, "{name}: the memory is larger than it may be");
            assert!(new(&mut b, &full).unwrap_err().to_string().contains("table limit of 1"), "{name}");
            drop(b);
            let mut c = Store::new(engine, ());
            assert!(Memory::new(&mut c, MemoryType::new(3, None)).is_err(), "{name}");
            let ty = riser::TableType::new(riser::RefType::FUNCREF, 6, None);
            assert!(Table::new(&mut c, ty, riser::Ref::Func(None)).is_err(), "{name}");
        },
    );
}

#[test]
fn what_cannot_be_made_takes_nothing_of_a_pool() {
    each(
        |config| {
            let mut pool = PoolingAllocationConfig::new();
            pool.total_core_instances(1).total_memories(1).total_tables(1).max_memory_size(1 << 16).table_elements(5);
            config.allocation_strategy(pool);
        },
        |name, engine| {
            let large = module(engine, "(module (memory 2))");
            let empty = module(engine, "(module)");
            let memory = |store: &mut Store<()>, pages| Memory::new(store, MemoryType::new(pages, None)).map(drop);
            let table = |store: &mut Store<()>, elements| {
                let ty = riser::TableType::new(riser::RefType::FUNCREF, elements, None);
                Table::new(store, ty, riser::Ref::Func(None)).map(drop)
            };
            let [mut a, mut b] = [Store::new(engine, ()), Store::new(engine, ())];
            for _ in 0..3 {
                assert!(memory(&mut a, 2).unwrap_err().to_string().contains("exceeds memory limits"), "{name}");
                assert!(table(&mut a, 6).unwrap_err().to_string().contains("exceeds table limits"), "{name}");
                Instance::new(&mut a, &large, &[]).expect_err(name);
            }
            Instance::new(&mut b, &empty, &[]).expect(name);
            memory(&mut b, 1).expect(name);
            table(&mut b, 5).expect(name);
            assert!(memory(&mut a, 1).unwrap_err().to_string().contains("memory limit of 1"), "{name}");
            drop(b);
            memory(&mut a, 1).expect(name);
            table(&mut a, 5).expect(name);
        },
    );
}

/// A module that could not be instantiated leaves nothing behind that a core dump shows: its functions are gone.
#[test]
fn a_core_dump_has_nothing_of_what_has_failed() {
    let fails = r#"(module (global funcref (ref.func $f)) (func $f) (table i64 0x2000000000000000 funcref))"#;
    let traps = r#"(module (global i32 (i32.const 7)) (func (export "run") unreachable))"#;
    each(
        |config| {
            config.coredump_on_trap(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            Instance::new(&mut store, &module(engine, fails), &[]).expect_err(name);
            let instance = Instance::new(&mut store, &module(engine, traps), &[]).expect(name);
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect(name);
            let error = run.call(&mut store, ()).unwrap_err();
            let dump: &WasmCoreDump = error.downcast_ref().expect(name);
            let values: Vec<Option<i32>> = dump.globals().iter().map(|it| it.get(&mut store).i32()).collect();
            assert_eq!(values, [Some(7)], "{name}");
        },
    );
}

#[test]
fn a_core_dump_is_a_module_with_the_contents() {
    let text = r#"
        (module $dumped
          (memory 1) (memory i64 1 3)
          (global (mut i64) (i64.const -3)) (global f32 (f32.const 1.5)) (global v128 (v128.const i64x2 1 2))
          (global (mut externref) (ref.null extern))
          (func $inner (i32.store8 (i32.const 70) (i32.const 9)) (i64.store8 1 (i64.const 5000) (i64.const 8)) unreachable)
          (func $run (export "run") (call $inner)))
    "#;
    each(
        |config| {
            config.coredump_on_trap(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module(engine, text), &[]).expect(name);
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect(name);
            let error = run.call(&mut store, ()).unwrap_err();
            let dump: &WasmCoreDump = error.downcast_ref().expect(name);
            assert!(error.is::<riser::Trap>() && error.is::<riser::WasmBacktrace>(), "{name}");
            let names: Vec<_> = dump.frames().iter().map(|frame| frame.func_name()).collect();
            assert_eq!(names, [Some("inner"), Some("run")], "{name}");
            assert_eq!(
                (dump.modules().len(), dump.instances(), dump.globals().len()),
                (1, &[instance][..], 4),
                "{name}"
            );
            let bytes = dump.serialize(&mut store, "dumped.wasm");
            let file = Module::new(engine, &bytes).expect(name);
            let sections: Vec<_> = file.custom_sections().map(|section| section.name()).collect();
            assert_eq!(sections, ["core", "coremodules", "coreinstances", "corestack"], "{name}");
            let core = file.custom_sections().next().expect(name);
            assert_eq!(core.data(), b"\0\x0bdumped.wasm", "{name}");
            let needs = file.resources_required();
            assert_eq!(
                (needs.num_memories, needs.max_initial_memory_size, needs.num_tables),
                (2, Some(1), 0),
                "{name}"
            );
            // Its memories are those of the store, once it is an instance.
            let mut again = Store::new(engine, ());
            Instance::new(&mut again, &file, &[]).expect(name);
        },
    );
    let mut store = Store::<()>::default();
    let engine = store.engine().clone();
    let instance = Instance::new(&mut store, &module(&engine, text), &[]).expect("it fits");
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("it is one");
    assert!(!run.call(&mut store, ()).unwrap_err().is::<WasmCoreDump>(), "core dumps are off by default");
}

#[test]
fn imports_without_a_definition_have_default_values() {
    let text = r#"
        (module
          (import "a" "f" (func $f (result i64 funcref)))
          (import "a" "m" (memory 2))
          (import "a" "t" (table 3 externref))
          (import "a" "g" (global $g (mut f64)))
          (func (export "run") (result i64 i32)
            (if (f64.ne (global.get $g) (f64.const 0)) (then unreachable))
            (call $f)
            (ref.is_null)))
    "#;
    each(
        |_| {},
        |name, engine| {
            let (mut linker, mut store) = (Linker::new(engine), Store::new(engine, ()));
            let module = module(engine, text);
            linker.define_unknown_imports_as_default_values(&mut store, &module).expect(name);
            let instance = linker.instantiate(&mut store, &module).expect(name);
            let run = instance.get_typed_func::<(), (i64, i32)>(&mut store, "run").expect(name);
            assert_eq!(run.call(&mut store, ()).expect(name), (0, 1), "{name}");
            let Some(riser::Extern::Table(table)) = linker.get(&mut store, "a", "t") else { panic!("{name}") };
            assert_eq!(table.size(&store), 3, "{name}");
            assert!(table.get(&mut store, 2).is_some_and(|element| element.is_null()), "{name}");
        },
    );
    let mut store = Store::<()>::default();
    let mut linker = Linker::new(&store.engine().clone());
    let tag = Module::new(store.engine(), r#"(module (import "a" "e" (tag)))"#).expect("it is valid");
    assert!(linker.define_unknown_imports_as_default_values(&mut store, &tag).is_err());
}

#[test]
fn a_weak_handle_does_not_keep_an_engine() {
    let engine = Engine::default();
    assert!(engine.weak().upgrade().is_some_and(|again| Engine::same(&again, &engine)));
    let weak = engine.weak();
    drop(engine);
    assert!(weak.upgrade().is_none());
}
