//! Modules: made from bytes, in pieces, validated now or later.

use riser_translator::FuncIndex;
use riser_vm::inspect::code;
use riser_vm::{
    Compilation, Config, Engine, ExternType, Instance, Module, ModuleBuilder, SharedBytes, Store, TranslateError,
};

use crate::module;

const TEXT: &str = r#"(module $named
    (import "env" "f" (func (param i32)))
    (import "env" "g" (global i64))
    (memory (export "memory") 1 2)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

#[test]
fn imports_and_exports_are_listed() {
    let module = module(&Engine::default(), TEXT);
    assert_eq!(module.name(), Some("named"));
    let imports: Vec<_> = module.imports().map(|it| (it.module(), it.name())).collect();
    assert_eq!(imports, [("env", "f"), ("env", "g")]);
    let exports: Vec<_> = module.exports().map(|it| it.name()).collect();
    assert_eq!(exports, ["memory", "add"]);
    assert_eq!(module.imports().len(), 2);
    let Some(ExternType::Func(ty)) = module.get_export("add") else { panic!("not a function") };
    assert_eq!(ty.to_string(), "(i32, i32) -> (i32)");
    assert!(module.get_export("sub").is_none());
}

/// Branches within many blocks take the parser of text time in proportion to the product of both.
#[cfg(feature = "wat")]
#[test]
fn text_that_would_take_long_to_read_is_refused() {
    let text = |blocks: usize, branches: usize| {
        let (begin, end) = ("(block $l ".repeat(blocks), ")".repeat(blocks));
        format!("(module (func {begin} {} {end}))", "(br $l)".repeat(branches))
    };
    let engine = Engine::default();
    Module::new(&engine, text(300, 300)).expect("it takes a moment");
    let error = Module::new(&engine, text(50_000, 50_000)).expect_err("it takes seconds");
    assert!(format!("{error:#}").contains("labels"), "{error:#}");
}

#[test]
fn modules_arrive_in_chunks() {
    let engine = Engine::default();
    let binary = wat::parse_str(r#"(module (func (export "f") (result i32) (i32.const 42)))"#).unwrap();
    for size in [1, 3, binary.len()] {
        let mut builder = ModuleBuilder::new(&engine);
        binary.chunks(size).try_for_each(|chunk| builder.push(chunk)).unwrap();
        let module = builder.finish().unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "f").unwrap().call(&mut store, ()).unwrap(), 42);
    }
    let mut builder = ModuleBuilder::new(&engine);
    builder.push(&binary[..binary.len() - 1]).unwrap();
    assert!(builder.finish().is_err());
    assert!(ModuleBuilder::new(&engine).push(b"not wasm").is_err());
}

/// A module with two functions, the second of which is not valid.
fn half_valid() -> Vec<u8> {
    wat::parse_str(
        r#"(module (func (export "good") (result i32) (i32.const 1)) (func (export "bad") (result i32) (nop)))"#,
    )
    .unwrap()
}

#[test]
fn bodies_are_validated_when_the_configuration_says() {
    let engine = |compilation| Engine::new(Config::new().compilation(compilation)).unwrap();
    for compilation in [Compilation::LazyTranslation, Compilation::Eager] {
        let error = Module::new(&engine(compilation), half_valid()).unwrap_err();
        let error = error.downcast_ref::<TranslateError>().unwrap();
        assert_eq!(error.function().unwrap(), (FuncIndex::new(1), Some("bad")));
    }

    let engine = engine(Compilation::Lazy);
    let module = Module::new(&engine, half_valid()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let good = instance.get_typed_func::<(), i32>(&mut store, "good").unwrap();
    let bad = instance.get_typed_func::<(), i32>(&mut store, "bad").unwrap();
    for _ in 0..2 {
        let error = bad.call(&mut store, ()).unwrap_err();
        assert!(error.downcast_ref::<TranslateError>().is_some(), "{error:?}");
        assert_eq!(good.call(&mut store, ()).unwrap(), 1);
    }
    assert!(Module::validate(&engine, &half_valid()).is_err());
    assert!(Module::validate(&engine, &half_valid()[..20]).is_err());
}

#[test]
fn bytes_that_are_given_away_are_the_modules() {
    let engine = Engine::default();
    let bytes = wat::parse_str(TEXT).unwrap();
    let place = bytes.as_ptr();
    let bytes = SharedBytes::from(bytes);
    Module::validate_owned(&engine, bytes.clone()).unwrap();
    let modules = [(); 2].map(|()| Module::from_owned(&engine, bytes.clone()).unwrap());
    assert!(modules.iter().all(|module| module.info().bytes.as_ptr() == place));
    assert!(Module::validate_owned(&engine, half_valid()).is_err());
}

#[test]
fn code_is_made_once_for_all_instances() {
    for compilation in [Compilation::Lazy, Compilation::LazyTranslation, Compilation::Eager] {
        let engine = Engine::new(Config::new().compilation(compilation)).unwrap();
        let text = r#"(module (func (export "f") (call $g)) (func $g) (func (export "h")))"#;
        let module = module(&engine, text);
        let at_first = if compilation == Compilation::Eager { 3 } else { 0 };
        assert_eq!(module.statistics().translated, at_first);
        for _ in 0..2 {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            instance.get_typed_func::<(), ()>(&mut store, "f").unwrap().call(&mut store, ()).unwrap();
            let statistics = module.statistics();
            assert_eq!(statistics.translated, at_first.max(2));
            assert!(statistics.code_bytes > 0);
        }
    }
}

#[test]
fn modules_are_shared_by_threads() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module (func $fib (export "fib") (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add
                    (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#,
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).unwrap();
                let fib = instance.get_typed_func::<i32, i32>(&mut store, "fib").unwrap();
                assert_eq!(fib.call(&mut store, 15).unwrap(), 610);
            });
        }
    });
}

#[test]
fn stores_move_between_threads() {
    let engine = Engine::default();
    let module = module(&engine, r#"(module (func (export "f") (result i32) (i32.const 3)))"#);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let f = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
    assert_eq!(f.call(&mut store, ()).unwrap(), 3);
    let handle = std::thread::spawn(move || f.call(&mut store, ()).unwrap());
    assert_eq!(handle.join().unwrap(), 3);
}

#[test]
fn files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("module.wasm");
    std::fs::write(&path, wat::parse_str(TEXT).unwrap()).unwrap();
    let module = Module::from_file(&Engine::default(), &path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(module.unwrap().exports().len(), 2);
    let error = Module::from_file(&Engine::default(), &path).unwrap_err();
    assert!(error.to_string().contains("failed to read input file"), "{error}");
}

#[test]
#[cfg(feature = "wat")]
fn text_is_accepted() {
    let engine = Engine::default();
    assert_eq!(Module::new(&engine, TEXT).unwrap().exports().len(), 2);
    assert!(Module::from_binary(&engine, TEXT.as_bytes()).is_err());
    assert!(Module::new(&engine, "(module").is_err());
}

/// A module of functions of many sizes, of which those that `invalid` names lack their result.
fn many_functions(invalid: &[u32]) -> Vec<u8> {
    let function = |number: u32| {
        let work = "(local.set 0 (i32.add (local.get 0) (i32.const 7)))".repeat(number as usize % 40);
        let result = if invalid.contains(&number) { "(nop)" } else { "(i32.mul (local.get 0) (local.get 0))" };
        format!("(func (param i32) (result i32) {work} {result})")
    };
    wat::parse_str(format!("(module {})", (0..300).map(function).collect::<String>())).unwrap()
}

#[test]
fn code_is_the_same_by_any_number_of_threads() {
    let binary = many_functions(&[]);
    let load = |jobs| {
        let engine = Engine::new(Config::new().compilation(Compilation::Eager).parallel_compilation(jobs)).unwrap();
        Module::new(&engine, &binary).unwrap()
    };
    let alone = load(1);
    for jobs in [0, 2, 5] {
        let module = load(jobs);
        let [made, made_alone] = [&module, &alone].map(Module::statistics);
        assert_eq!([made.functions, made.translated], [300, 300]);
        assert_eq!([made.wasm_bytes, made.code_bytes], [made_alone.wasm_bytes, made_alone.code_bytes]);
        for function in FuncIndex::first(300) {
            assert_eq!(code(&module, function).unwrap().words, code(&alone, function).unwrap().words, "{jobs} jobs");
        }
    }
}

#[test]
fn errors_are_the_same_by_any_number_of_threads() {
    let binary = many_functions(&[123, 124, 250, 299]);
    for compilation in [Compilation::LazyTranslation, Compilation::Eager] {
        let error = |jobs| {
            let engine = Engine::new(Config::new().compilation(compilation).parallel_compilation(jobs)).unwrap();
            Module::new(&engine, &binary).unwrap_err()
        };
        let alone = error(1);
        assert_eq!(alone.downcast_ref::<TranslateError>().unwrap().function().unwrap().0, FuncIndex::new(123));
        for _ in 0..20 {
            assert_eq!(error(4).to_string(), alone.to_string());
        }
    }
}
