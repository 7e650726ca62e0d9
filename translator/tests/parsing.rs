//! Modules from chunks, and the errors for those that are not accepted.

use riser_translator::module::{ConstOp, EntityIndex, ExternType, SegmentMode};
use riser_translator::{
    ErrorKind, Features, FuncIndex, FuncTranslator, FuncType, GlobalIndex, ModuleParser, ParsedModule, TableIndex,
    TranslateError, TypeIndex, ValType, parse_module, parse_module_with,
};

const MODULE: &str = r#"
    (module $m
      (type $t (func (param i32) (result i64)))
      (import "env" "f" (func $imported (type $t)))
      (import "env" "g" (global $base i32))
      (memory $mem 1 2)
      (memory $wide i64 3)
      (table $tab 4 funcref)
      (global $h (mut i32) (i32.add (global.get $base) (i32.const 5)))
      (func $first (export "run") (type $t) (i64.extend_i32_s (local.get 0)))
      (func (export "second") (local f32))
      (start 2)
      (elem (table $tab) (global.get $base) func $first $imported)
      (elem declare func $first)
      (data (memory $wide) (i64.const 8) "hello")
      (data "passive")
      (@custom "notes" "a custom section"))"#;

fn bytes() -> Vec<u8> {
    wat::parse_str(MODULE).expect("the module is well-formed")
}

fn in_chunks(bytes: &[u8], size: usize) -> Result<ParsedModule, TranslateError> {
    let mut parser = ModuleParser::new();
    for chunk in bytes.chunks(size) {
        parser.push(chunk)?;
    }
    parser.finish()
}

#[test]
fn sections_are_decoded() {
    let module = parse_module(bytes()).expect("the module is valid");
    let info = module.info();
    assert_eq!(info.name.as_deref(), Some("m"));
    assert_eq!(info.types, [FuncType::new([ValType::I32], [ValType::I64]), FuncType::new([], [])]);
    assert_eq!(info.functions, [0, 0, 1].map(TypeIndex::new));
    assert_eq!((info.imported_functions, info.imported_globals), (1, 1));
    assert_eq!(info.func_name(FuncIndex::new(1)), Some("first"));
    assert_eq!(info.func_name(FuncIndex::new(2)), Some("second"));
    assert_eq!(info.start, Some(FuncIndex::new(2)));
    assert_eq!(info.exports[0], ("run".into(), EntityIndex::Func(FuncIndex::new(1))));
    assert!(info.memories[1].memory64);
    assert_eq!(info.memories[0].limits.max, Some(2));
    assert_eq!(*info.global_inits[0], [ConstOp::GlobalGet(GlobalIndex::new(0)), ConstOp::Value(5), ConstOp::I32Add]);
    assert!(matches!(&info.elements[0].mode, SegmentMode::Active { target, .. } if *target == TableIndex::new(0)));
    assert!(matches!(&info.elements[1].mode, SegmentMode::Declared));
    let data = |at: usize| &info.bytes[info.data[at].range.start as usize..info.data[at].range.end as usize];
    assert_eq!((data(0), data(1)), (&b"hello"[..], &b"passive"[..]));
    assert_eq!(info.body_bytes(FuncIndex::new(0)), None);
    assert_eq!(info.body_bytes(FuncIndex::new(1)), Some(&[0, 0x20, 0, 0xac, 0x0b][..]));
    let notes = &info.custom_section("notes").expect("is there").data;
    assert_eq!(&info.bytes[notes.start as usize..notes.end as usize], b"a custom section");
    assert_eq!(info.custom_section("note"), None);
    let ExternType::Func(ty) = info.extern_type(EntityIndex::Func(FuncIndex::new(0))) else { panic!("not a function") };
    assert_eq!(ty.to_string(), "(i32) -> (i64)");
}

#[test]
fn chunks_of_any_size_give_the_same_module() {
    let whole = format!("{:?}", parse_module(bytes()).expect("valid").info());
    for size in [1, 2, 3, 7, 64, 10_000] {
        let module = in_chunks(&bytes(), size).expect("the module is valid");
        assert_eq!(format!("{:?}", module.info()), whole, "in chunks of {size}");
    }
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = bytes();
    let whole = parse_module(bytes.clone()).expect("valid");
    for len in 0..bytes.len() {
        // A module may end after a section.
        let results = [parse_module(&bytes[..len]), in_chunks(&bytes[..len], 1)];
        let [one, other] = results.map(|result| result.map(|module| module.info().bodies.len()));
        match (one, other) {
            (Ok(one), Ok(other)) => assert!(one == other && one <= whole.info().bodies.len()),
            (Err(one), Err(other)) => {
                assert_eq!(one.kind(), other.kind(), "{one} / {other}");
                assert!(one.offset() <= len, "{one}");
            }
            (one, other) => panic!("at {len}: {one:?}, byte by byte {other:?}"),
        }
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let bytes = bytes();
    for at in 0..bytes.len() {
        for value in [0, 1, 0x40, 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            if let Ok(module) = parse_module(bytes) {
                let info = module.info();
                for function in info.defined_functions() {
                    let config = riser_translator::TranslatorConfig::optimized();
                    // Valid or not, it is one or the other.
                    let _ = riser_translator::print_function(&module, function, &config);
                }
            }
        }
    }
}

#[test]
fn a_malformed_name_section_is_ignored() {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.extend_from_slice(b"\0\x0a\x04name\x01\xff\xff\xff\xff");
    let module = parse_module(bytes).expect("names do not matter");
    assert_eq!(module.info().func_name(FuncIndex::new(0)), None);
}

#[test]
fn an_error_in_a_body_names_the_function_and_the_place() {
    let text = "(module (func $good) (func $foo (result i32) (i64.const 1)))";
    let module = parse_module(wat::parse_str(text).expect("well-formed")).expect("lazily valid");
    let mut translator = FuncTranslator::new();
    translator.validate(&module, FuncIndex::new(0)).expect("the first body is valid");
    let error = translator.validate(&module, FuncIndex::new(1)).expect_err("the second is not");
    assert_eq!(
        error.to_string(),
        "invalid module at offset 0x21 in function $foo (index 1): type mismatch: expected i32, found i64"
    );
    assert_eq!((error.kind(), error.function()), (ErrorKind::Invalid, Some((FuncIndex::new(1), Some("foo")))));
    let config = riser_translator::TranslatorConfig::optimized();
    let again = riser_translator::print_function(&module, FuncIndex::new(1), &config).expect_err("it is still not");
    assert_eq!(again.to_string(), error.to_string());
}

#[test]
fn an_error_in_a_body_is_the_same_whoever_looks_first() {
    // There is no such operator; `try` is of the exceptions that came before today's.
    for (opcode, kind) in [(0xff, ErrorKind::Malformed), (0x06, ErrorKind::Unsupported)] {
        let mut bytes = wat::parse_str("(module (func (nop)))").expect("well-formed");
        let nop = bytes.len() - 2;
        bytes[nop] = opcode;
        let module = parse_module(bytes).expect("lazily valid");
        let early = FuncTranslator::new().validate(&module, FuncIndex::new(0)).expect_err("the body is not valid");
        assert_eq!((early.kind(), early.offset()), (kind, nop), "{early}");
        let config = riser_translator::TranslatorConfig::optimized();
        let late = riser_translator::print_function(&module, FuncIndex::new(0), &config).expect_err("it is still not");
        assert_eq!(late, early);
    }
}

/// The error for a module, whether it comes at once or from a function body.
fn rejection(text: &str) -> TranslateError {
    rejection_with(text, Features::default())
}

/// As [`rejection`], of a module that may use these proposals.
fn rejection_with(text: &str, features: Features) -> TranslateError {
    let bytes = wat::parse_str(text).expect("the module is well-formed");
    let outcome = validated(bytes, features);
    outcome.err().unwrap_or_else(|| panic!("accepted: {text}"))
}

/// Parses a module that may use these proposals, and validates its functions.
fn validated(bytes: Vec<u8>, features: Features) -> Result<(), TranslateError> {
    let module = parse_module_with(bytes, features)?;
    let mut functions = module.info().defined_functions();
    functions.try_for_each(|function| FuncTranslator::new().validate(&module, function))
}

#[test]
fn unsupported_features_are_named() {
    for (feature, text) in [
        ("gc", "(module (type (struct)))"),
        ("gc", "(module (func (param anyref)))"),
        ("function references", "(module (func (param (ref func))))"),
        ("function references", "(module (type $t (func)) (func (param (ref null $t)) (call_ref $t (local.get 0))))"),
        ("component model", "(component)"),
        ("gc", "(module (func (drop (ref.i31 (i32.const 1)))))"),
    ] {
        let error = rejection(text);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{text}: {error}");
        assert!(error.to_string().contains(feature), "{text}: {error}");
    }
}

#[test]
fn all_that_a_module_needs_is_said_at_once() {
    let error = rejection(
        "(module (type (func (param (ref null any)))) (func $plain)
           (func $i31 (drop (ref.i31 (i32.const 1)))
             (drop (ref.i31 (i32.const 2)))))",
    );
    assert_eq!((error.kind(), error.function()), (ErrorKind::Unsupported, None));
    assert_eq!(error.message(), "it needs garbage collection (gc), which Riser does not have");
    // Where it is in a body, the function is named, also if that has an error of its own.
    for body in ["(drop (ref.i31 (i32.const 1)))", "(drop (ref.i31 (i32.const 1))) (drop)"] {
        let error = rejection(&format!("(module (import \"\" \"\" (func)) (func $plain) (func $boxes {body}))"));
        assert_eq!(
            (error.kind(), error.function()),
            (ErrorKind::Unsupported, Some((FuncIndex::new(2), Some("boxes")))),
            "{error}"
        );
        assert!(error.to_string().contains(": it needs garbage collection ("), "{error}");
        assert!(error.to_string().ends_with(", which Riser does not have"), "{error}");
    }
    // Every feature is named by its own name: no error speaks of switches.
    for text in [
        "(module (type (array i8)))",
        "(module (rec (type (func)) (type (func))))",
        "(module (type $t (sub (func))))",
        "(module (func (result i31ref) (ref.i31 (i32.const 1))))",
        "(module (global (ref func) (ref.func 0)) (func))",
        "(module (table 1 (ref func) (ref.func 0)) (func))",
        "(module (type $t (func)) (func (result (ref null $t)) (ref.null $t)))",
        "(module (type $f (func)) (type (cont $f)))",
    ] {
        let error = rejection(text);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{text}: {error}");
        assert!(error.message().starts_with("it needs "), "{text}: {error}");
    }
}

#[test]
fn all_that_is_off_is_said_at_once() {
    for (needs, text) in [
        ("threads", "(module (func (atomic.fence)))"),
        ("threads", "(module (memory 1 1 shared))"),
        ("threads", "(module (import \"\" \"\" (memory 1 2 shared)))"),
        ("mutable-globals", "(module (import \"\" \"\" (global (mut i32))))"),
        ("mutable-globals", "(module (global (export \"g\") (mut i32) (i32.const 0)))"),
        ("sign-extension", "(module (func (drop (i32.extend8_s (i32.const 0)))))"),
        ("saturating-float-to-int", "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))"),
        ("multi-value", "(module (type (func (result i32 i32))))"),
        ("multi-value", "(module (func (i32.const 0) (block (param i32) (drop))))"),
        ("bulk-memory", "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"),
        ("bulk-memory", "(module (data \"\"))"),
        ("bulk-memory", "(module (elem func))"),
        ("bulk-memory,reference-types", "(module (table 1 funcref) (table 1 funcref))"),
        ("bulk-memory,reference-types", "(module (table 1 externref))"),
        ("bulk-memory,reference-types", "(module (func (local externref)))"),
        (
            "bulk-memory,reference-types",
            "(module (func (param i32) (drop (select (result i32) (local.get 0) (local.get 0) (local.get 0)))))",
        ),
        ("extended-const", "(module (global i64 (i64.mul (i64.const 1) (i64.const 2))))"),
        ("tail-call", "(module (func $f (return_call $f)))"),
        ("multi-memory", "(module (memory 1) (memory 1))"),
        ("memory64", "(module (memory i64 1))"),
        ("memory64", "(module (table i64 1 funcref))"),
        ("custom-page-sizes", "(module (memory 1 (pagesize 1)))"),
        ("compact-imports", "(module (import \"a\" (item \"b\" (func)) (item \"c\" (func))))"),
        ("extended-const", "(module (global i32 (i32.const 0)) (global i32 (global.get 0)))"),
        ("bulk-memory,reference-types,exceptions", "(module (tag))"),
        (
            "bulk-memory,reference-types,exceptions,legacy-exceptions",
            "(module (tag $t) (func try throw $t catch_all end))",
        ),
        ("simd", "(module (func (param v128)))"),
        ("simd", "(module (func (drop (i32x4.splat (i32.const 1)))))"),
        ("simd,relaxed-simd", "(module (func (param v128) (drop (i32x4.relaxed_trunc_f32x4_s (local.get 0)))))"),
        (
            "multi-value,wide-arithmetic",
            "(module (func (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))",
        ),
        (
            "bulk-memory,tail-call,memory64,simd",
            "(module (memory i64 1) (func $f (local v128) (memory.fill (i64.const 0) (i32.const 0) (i64.const 0)) (return_call $f)))",
        ),
    ] {
        let on: Features = needs.split(',').map(|name| name.parse().expect("a proposal")).collect();
        let error = rejection_with(text, Features::NONE);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{text}: {error}");
        let message = error.message();
        assert!(
            message.starts_with("it needs ") && message.contains(&format!(" off (`--wasm {needs}`, ")),
            "{text}: {error}"
        );
        // These are enough.
        let module = parse_module_with(wat::parse_str(text).expect("well-formed"), on).expect(text);
        for function in module.info().defined_functions() {
            FuncTranslator::new().validate(&module, function).expect(text);
        }
    }
    let error = rejection_with("(module (func (drop (i32x4.splat (i32.const 1)))))", Features::NONE);
    assert_eq!(error.message(), "it needs simd, which is off (`--wasm simd`, `Config::wasm_simd`)");
    let text = "(module (type (struct)) (memory 1) (memory i64 1) (func (local v128)))";
    assert_eq!(
        rejection_with(text, Features::NONE).message(),
        "it needs garbage collection (gc), which Riser does not have, and multi-memory, memory64, simd, which are off \
         (`--wasm multi-memory,memory64,simd`, `Config::wasm_multi_memory`, `Config::wasm_memory64`, `Config::wasm_simd`)"
    );
}

/// What compilers write needs a proposal by its form alone: an index in place of the zero byte that WebAssembly 1.0 has there.
#[test]
fn what_the_form_of_an_operator_needs_is_said() {
    let with_body = |code: &[u8]| {
        let empty = "(module (type (func)) (table 1 funcref) (memory 1) (func))";
        let mut bytes = wat::parse_str(empty).expect("well-formed");
        assert!(bytes.ends_with(&[10, 4, 1, 2, 0, 0x0b]), "the body is at the end");
        bytes.truncate(bytes.len() - 6);
        let len = code.len() as u8;
        bytes.extend([&[10, len + 4, 1, len + 2, 0], code, &[0x0b]].concat());
        bytes
    };
    let zero = [0x41, 0];
    let drop = [0x1a];
    for (needs, code) in [
        ("bulk-memory,reference-types", [&zero[..], &[0x11, 0, 0x80, 0x80, 0x80, 0x80, 0]].concat()),
        ("multi-memory", [&[0x3f, 0x80, 0][..], &drop].concat()),
        ("multi-memory", [&zero[..], &[0x40, 0x80, 0], &drop].concat()),
        ("bulk-memory,multi-memory", [&zero[..], &zero, &zero, &[0xfc, 11, 0x80, 0]].concat()),
        ("bulk-memory,multi-memory", [&zero[..], &zero, &zero, &[0xfc, 10, 0x80, 0, 0]].concat()),
        ("multi-memory", [&zero[..], &[0x28, 0x42, 0, 0], &drop].concat()),
        ("memory64", [&zero[..], &[0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 0], &drop].concat()),
        ("threads", [&zero[..], &[0xfe, 0x10, 2, 0], &drop].concat()),
        ("multi-memory,threads", [&zero[..], &[0xfe, 0x10, 0x42, 0, 0], &drop].concat()),
        ("memory64,simd", [&zero[..], &[0xfd, 0, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0], &drop].concat()),
    ] {
        let error = validated(with_body(&code), Features::NONE).expect_err(needs);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{needs}: {error}");
        assert!(error.message().contains(&format!(" off (`--wasm {needs}`, ")), "{needs}: {error}");
        let on: Features = needs.split(',').map(|name| name.parse().expect("a proposal")).collect();
        validated(with_body(&code), on).expect("these are enough");
    }
    // WebAssembly 1.0 has the zero byte, and an index of the type in as many bytes as one likes.
    for code in [[&zero[..], &[0x11, 0, 0]].concat(), [&zero[..], &[0x11, 0x80, 0, 0]].concat()] {
        validated(with_body(&code), Features::NONE).expect("is WebAssembly 1.0");
    }
}

#[test]
fn a_module_that_arrives_is_told_what_it_needs() {
    let text = "(module (type (func (param i32))) (type (func (param anyref))) (memory 1 1 shared)
                  (func (atomic.fence)))";
    let bytes = wat::parse_str(text).expect("well-formed");
    let whole = parse_module(&*bytes).expect_err("it has a reference to anything");
    for size in [1, 2, 3, 7, 64, 10_000] {
        let error = in_chunks(&bytes, size).expect_err("it has a reference to anything");
        assert_eq!((error.kind(), error.offset()), (whole.kind(), whole.offset()), "in chunks of {size}: {error}");
        assert_eq!(error.message(), "it needs at least garbage collection (gc), which Riser does not have");
    }
}

#[test]
fn what_is_behind_an_error_is_not_its_reason() {
    // The second export is another error, whatever comes after it.
    let text = "(module (func (export \"f\")) (func (drop (ref.i31 (i32.const 1)))) (export \"f\" (func 0)))";
    let bytes = wat::parse_str(text).expect("well-formed");
    for error in [parse_module(&*bytes), in_chunks(&bytes, 1)].map(|it| it.expect_err("two exports have one name")) {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
}

#[test]
fn what_is_wrong_in_any_case_is_not_unsupported() {
    for text in [
        "(module (func $wrong (result i32)) (func (drop (ref.i31 (i32.const 1)))))",
        "(module (func (drop (ref.i31 (i32.const 1)))) (export \"f\" (func 7)))",
    ] {
        assert_eq!(rejection(text).kind(), ErrorKind::Invalid, "{text}");
    }
    // Nor is a body that is, in a module whose other bodies are not looked at.
    let bytes = wat::parse_str("(module (func (drop (ref.i31 (i32.const 1)))) (func $wrong (result i32)))");
    let module = parse_module(bytes.expect("well-formed")).expect("lazily valid");
    let error = FuncTranslator::new().validate(&module, FuncIndex::new(1)).expect_err("the body is not valid");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let error = FuncTranslator::new().validate(&module, FuncIndex::new(0)).expect_err("the body has a boxed number");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn imports_of_a_group_are_like_others() {
    let parse = |text: &str| parse_module(wat::parse_str(text).expect("well-formed")).expect("valid");
    let of_group = parse(
        r#"(module (import "m" (item "a" (func)) (item "b" (global i32))) (import "n" (item "c") (item "d") (func)))"#,
    );
    let single = parse(
        r#"(module (import "m" "a" (func)) (import "m" "b" (global i32)) (import "n" "c" (func)) (import "n" "d" (func)))"#,
    );
    let (of_group, single) = (of_group.info(), single.info());
    assert_eq!(of_group.imports, single.imports);
    assert_eq!((&of_group.functions, &of_group.globals), (&single.functions, &single.globals));
    assert_eq!((of_group.imported_functions, of_group.imported_globals), (3, 1));
}

#[test]
fn a_long_name_of_a_group_is_not_written_out_for_each_import() {
    let module = |name: usize, imports: usize| {
        let items: String = (0..imports).map(|at| format!("(item \"{at}\")")).collect();
        let text = format!("(module (import \"{}\" {items} (func)))", "m".repeat(name));
        parse_module(wat::parse_str(text).expect("well-formed"))
    };
    assert_eq!(module(90_000, 100).expect("valid").info().imports.len(), 100);
    let error = module(90_000, 1_000).expect_err("90 MB of names");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.message().contains("take 90000000 bytes"), "{error}");
}

const HINTED: &str = r#"
    (module
      (import "" "" (func))
      (func $plain)
      (func $hinted (param i32) (local i64)
        (block $out
          (@metadata.code.branch_hint "\00") (br_if $out (local.get 0))
          (@metadata.code.branch_hint "\01") (if (local.get 0) (then)))))"#;

#[test]
fn branch_hints_are_read() {
    let bytes = wat::parse_str(HINTED).expect("well-formed");
    let module = parse_module(&*bytes).expect("valid");
    let info = module.info();
    let function = FuncIndex::new(2);
    assert_eq!(info.branch_hints(FuncIndex::new(1)), []);
    let [unlikely, likely] = *info.branch_hints(function) else { panic!("{:?}", info.branch_hints) };
    assert_eq!([unlikely.is_taken, likely.is_taken], [false, true]);
    // They are where the operators are.
    let body = info.body_bytes(function).expect("it has a body");
    assert_eq!([unlikely, likely].map(|hint| body[hint.offset as usize]), [0x0d, 0x04]);
    let off = Features::ALL.iter().filter(|&it| it != riser_translator::Proposal::BranchHinting).collect();
    assert_eq!(parse_module_with(bytes, off).expect("advice only").info().branch_hints, []);
}

#[test]
fn wrong_branch_hints_are_ignored() {
    const NAME: &[u8] = b"\x19metadata.code.branch_hint";
    let bytes = wat::parse_str(HINTED).expect("well-formed");
    let at = bytes.windows(NAME.len()).position(|bytes| bytes == NAME).expect("it has hints");
    let (before, code) = (&bytes[..at - 2], &bytes[at + usize::from(bytes[at - 1])..]);
    let hints = |sections: &[&[u8]]| {
        let sections = sections.iter().map(|hints| {
            let content = [NAME, hints].concat();
            [&[0, content.len() as u8], &*content].concat()
        });
        let bytes = [before, &sections.collect::<Vec<_>>().concat(), code].concat();
        parse_module(bytes).expect("advice only").info().branch_hints.len()
    };
    let right: &[u8] = b"\x01\x02\x02\x05\x01\x00\x09\x01\x01";
    assert_eq!(hints(&[right]), 2);
    assert_eq!(hints(&[right, right]), 2);
    for wrong in [
        &b"\x01\x02\x02\x09\x01\x00\x05\x01\x01"[..],    // not in order
        b"\x01\x02\x02\x05\x01\x00\x05\x01\x01",         // twice
        b"\x01\x02\x02\x05\x01\x00\x09\x01\x02",         // neither taken nor not
        b"\x01\x02\x02\x05\x01\x00\x09\x02\x01",         // another size
        b"\x01\x02\x03\x05\x01\x00\x09\x01\x01",         // too few
        b"\x01\x00\x02\x05\x01\x00\x09\x01\x01",         // an import
        b"\x01\x03\x02\x05\x01\x00\x09\x01\x01",         // no function
        b"\x02\x02\x01\x05\x01\x00\x01\x01\x05\x01\x00", // functions not in order
        b"\xff\xff\xff\xff\x0f",                         // too many
        b"",
    ] {
        assert_eq!(hints(&[wrong]), 0, "{wrong:?}");
    }
    // Behind the code it is too late.
    let late = [before, code, &[0, (NAME.len() + right.len()) as u8], NAME, right].concat();
    assert_eq!(parse_module(late).expect("advice only").info().branch_hints, []);
}

#[test]
fn looking_for_features_is_bounded() {
    // 40 MB of code behind a tag: what is beyond 16 MB is not looked at, and the message says so.
    let large = wasm_of_bodies(40, 1 << 20);
    let error = parse_module_with(large, Features::NONE).expect_err("it has a tag");
    assert_eq!(
        error.message(),
        "it needs at least bulk-memory, reference-types, exceptions, which are off (`--wasm \
         bulk-memory,reference-types,exceptions`, `Config::wasm_bulk_memory`, `Config::wasm_reference_types`, \
         `Config::wasm_exceptions`)"
    );
}

/// A module with a tag, and bodies of so many bytes each.
fn wasm_of_bodies(bodies: u32, bytes: u32) -> Vec<u8> {
    let leb = |mut value: u32| {
        let mut out = Vec::new();
        loop {
            let byte = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    };
    let section = |id: u8, content: Vec<u8>| [vec![id], leb(content.len() as u32), content].concat();
    let body: Vec<u8> = [vec![0], vec![0x01; bytes as usize - 2], vec![0x0b]].concat();
    let code = (0..bodies).flat_map(|_| [leb(bytes), body.clone()].concat());
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, vec![1, 0x60, 0, 0]),
        section(3, [leb(bodies), vec![0; bodies as usize]].concat()),
        section(13, vec![1, 0, 0]),
        section(10, [leb(bodies), code.collect()].concat()),
    ]
    .concat()
}

#[test]
fn kinds_of_errors_are_told_apart() {
    let malformed = parse_module(&b"\0asm\x01\0\0\0\x01"[..]).expect_err("it ends in a section");
    assert_eq!(malformed.kind(), ErrorKind::Malformed);
    assert!(malformed.to_string().starts_with("malformed module at offset 0x"), "{malformed}");
    assert_eq!(parse_module(&b"wasm"[..]).expect_err("no magic").kind(), ErrorKind::Malformed);
    let invalid = rejection("(module (export \"f\" (func 0)))");
    assert_eq!(invalid.kind(), ErrorKind::Invalid, "{invalid}");
}

#[test]
fn a_parser_that_failed_keeps_failing() {
    let mut parser = ModuleParser::new();
    let first = parser.push(b"not wasm").expect_err("no magic");
    let second = parser.push(b"\0asm\x01\0\0\0").expect_err("still not");
    assert_eq!(first, second);
    assert_eq!(parser.finish().expect_err("still not"), first);
}
