//! Libraries: modules that are no programs, and what makes programs of them.
//!
//! A library is run as `riser run --preload harness=H --preload env=E --preload library=L DRIVER`, where L is the
//! library's module as its package has it. All else is ours, and made here, in a folder of the target directory:
//!
//! - The *driver*, `xtask/corpus/NAME.wat`, calls the library and prints what comes of it. It consists of a module's fields,
//!   between those of `prelude.wat` (imports) and `helpers.wat` (functions that work on the library's memory, which the driver
//!   imports first of its own).
//! - The *harness*, `harness.wat`, prints, and makes up numbers. It has a memory of its own.
//! - *Stubs*, one for each name that the library imports from, export what it imports: functions that trap, that return zeros, or
//!   that call the driver, as the manifest says; memories, tables and globals as they are declared.
//!
//! The driver cannot be there before the library, which it imports from, so functions of it that the library is to call go
//! into a table that the stub exports as `hooks`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use riser_vm::{Config, Engine, ExternType, FuncType, Limits, Module, ValType};

use super::manifest::Library;
use super::package;
use super::program::Job;

/// The module name of WASI, which every engine has.
const WASI: &str = "wasi_snapshot_preview1";

/// Gets a library's package, makes what is to run with it, and says how.
pub fn prepare(library: &Library, target: &Path) -> Result<Job> {
    let module = package::ensure_present(&library.source(), target)?.join(&library.module);
    let folder = target.join("libraries").join(&library.name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let sources = crate::repository().join("xtask/corpus");
    let source = |name: &str| {
        let path = sources.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let make = |name: &str, text: &str| {
        // Kept beside the module, for error messages and for people.
        let path = folder.join(name).with_extension("wat");
        fs::write(&path, text)?;
        let bytes = wat::parse_file(&path)?;
        fs::write(path.with_extension("wasm"), bytes)?;
        anyhow::Ok(())
    };

    make("harness", &source("harness.wat")?)?;
    let mut preloads = vec![("harness".to_owned(), PathBuf::from("harness.wasm"))];
    let bytes = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    let stubs = stubs(library, &bytes).with_context(|| format!("cannot make stubs for {}", module.display()))?;
    for (number, (name, text)) in stubs.into_iter().enumerate() {
        let file = format!("stub{number}.wasm");
        make(&file, &text)?;
        preloads.push((name, file.into()));
    }
    preloads.push(("library".to_owned(), module));
    let driver = source(&format!("{}.wat", library.name))?;
    make("driver", &[source("prelude.wat")?, driver, source("helpers.wat")?].concat())?;
    Ok(Job { folder, file: "driver.wasm".to_owned(), preloads })
}

/// For each name that the module in `bytes` imports from, the text of a module that exports what it imports.
fn stubs(library: &Library, bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let engine = Engine::new(Config::new().wasm_legacy_exceptions(true))?;
    let module = Module::new(&engine, bytes)?;
    for name in library.zero.iter().chain(&library.hooks) {
        let known = name == "*" || module.imports().any(|import| import.name() == name);
        ensure!(known, "the module imports no `{name}`, of which the manifest says what to do with it");
    }
    let mut stubs: BTreeMap<String, String> = BTreeMap::new();
    for import in module.imports().filter(|import| library.stub_wasi || import.module() != WASI) {
        let stub = stubs
            .entry(import.module().to_owned())
            .or_insert_with(|| format!("(table $hooks (export \"hooks\") {0} {0} funcref)\n", library.hooks.len()));
        let name = import.name();
        let export = format!("(export {})", quoted(name));
        let field = match import.ty() {
            ExternType::Func(ty) => {
                let says = |list: &[String], what: &str| list.iter().position(|it| it == what);
                let body = match (says(&library.hooks, name), says(&library.zero, name), says(&library.zero, "*")) {
                    (Some(hook), _, _) => call_hook(hook, &ty),
                    (None, Some(_), _) | (None, None, Some(_)) => {
                        ty.results().iter().map(|&ty| format!("({})", zero(ty))).collect::<Vec<_>>().join(" ")
                    }
                    (None, None, None) => "(unreachable)".to_owned(),
                };
                format!("(func {export} {} {body})", signature(&ty))
            }
            ExternType::Memory(ty) => {
                let (address, shared) = (if ty.memory64 { "i64 " } else { "" }, if ty.shared { " shared" } else { "" });
                format!("(memory {export} {address}{}{shared})", limits(ty.limits))
            }
            ExternType::Table(ty) => {
                let index = if ty.table64 { "i64 " } else { "" };
                format!("(table {export} {index}{} {})", limits(ty.limits), ty.element)
            }
            ExternType::Tag(ty) => format!("(tag {export} {})", signature(ty.ty())),
            ExternType::Global(ty) => {
                let content = if ty.mutable { format!("(mut {})", ty.content) } else { ty.content.to_string() };
                format!("(global {export} {content} ({}))", zero(ty.content))
            }
        };
        let _ = writeln!(stub, "{field}");
    }
    Ok(stubs)
}

/// A call of the element `index` of the table of hooks, with the arguments of the function around it.
fn call_hook(index: usize, ty: &FuncType) -> String {
    let arguments: String = (0..ty.params().len()).map(|index| format!(" (local.get {index})")).collect();
    format!("(call_indirect $hooks {}{arguments} (i32.const {index}))", signature(ty))
}

fn signature(ty: &FuncType) -> String {
    let names = |types: &[ValType]| types.iter().map(ValType::to_string).collect::<Vec<_>>().join(" ");
    format!("(param {}) (result {})", names(ty.params()), names(ty.results()))
}

fn limits(limits: Limits) -> String {
    limits.max.map_or_else(|| limits.min.to_string(), |max| format!("{} {max}", limits.min))
}

/// The instruction that gives a type's zero.
fn zero(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "i32.const 0",
        ValType::I64 => "i64.const 0",
        ValType::F32 => "f32.const 0",
        ValType::F64 => "f64.const 0",
        ValType::V128 => "v128.const i64x2 0 0",
        ValType::FuncRef => "ref.null func",
        ValType::ExternRef => "ref.null extern",
        ValType::ExnRef => "ref.null exn",
    }
}

/// A name as a string of the text format.
fn quoted(name: &str) -> String {
    let escaped = name.bytes().map(|byte| format!("\\{byte:02x}"));
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stubs_export_what_a_library_imports() {
        let library = Library {
            zero: vec!["zero".to_owned()],
            hooks: vec!["other".to_owned(), "hook".to_owned()],
            ..Library::default()
        };
        let text = r#"
            (module
              (import "env" "zero" (func (param f64) (result i32 v128 externref)))
              (import "env" "hook" (func (param i64 f32) (result i64)))
              (import "env" "trap" (func))
              (import "env" "memory" (memory 1 2))
              (import "./a \"b\".js" "table" (table 3 funcref))
              (import "./a \"b\".js" "other" (global (mut f32)))
              (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32))))
        "#;
        let bytes = wat::parse_str(text).expect("well-formed");
        let with_wasi = Library { stub_wasi: true, ..library.clone() };
        assert!(stubs(&with_wasi, &bytes).expect("stubs").contains_key(WASI));
        let stubs = stubs(&library, &bytes).expect("stubs");
        assert_eq!(stubs.keys().collect::<Vec<_>>(), ["./a \"b\".js", "env"]);
        let engine = Engine::new(&Config::new()).expect("an engine");
        let program = Module::new(&engine, bytes).expect("valid");
        for (name, stub) in &stubs {
            let stub = Module::new(&engine, wat::parse_str(stub).expect(stub)).expect(stub);
            for import in program.imports().filter(|import| import.module() == name) {
                assert_eq!(stub.get_export(import.name()), Some(import.ty()), "{name} {}", import.name());
            }
        }
    }

    #[test]
    fn what_is_said_of_imports_that_are_none_is_an_error() {
        let library = Library { hooks: vec!["f".to_owned()], ..Library::default() };
        let error = stubs(&library, b"\0asm\x01\0\0\0").expect_err("no import");
        assert!(error.to_string().contains("`f`"), "{error}");
    }
}
