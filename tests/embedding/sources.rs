//! Backtraces with the lines of the source.

use std::fs;
use std::ops::Range;

use riser::{Config, Engine, FrameInfo, Instance, Module, Store, WasmBacktrace};

use crate::engines::modes;

const PROGRAM: &str = "(module
  (func $divide (param i32 i32) (result i32)
    local.get 0
    local.get 1
    i32.div_s)
  (func $share (export \"share\") (param i32) (result i32)
    (i32.add
      (i32.const 1)
      (call $divide (i32.const 100) (local.get 0)))))
";

/// The binary format of the program in a file, which says where it comes from.
fn with_lines(file: &std::path::Path) -> Vec<u8> {
    wat::Parser::new()
        .generate_dwarf(wat::GenerateDwarf::Lines)
        .parse_bytes(Some(file), PROGRAM.as_bytes())
        .unwrap()
        .into()
}

fn backtrace(engine: &Engine, module: &Module) -> WasmBacktrace {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    let share = instance.get_typed_func::<i32, i32>(&mut store, "share").unwrap();
    share.call(&mut store, 0).unwrap_err().downcast().unwrap()
}

fn lines(frame: &FrameInfo) -> Vec<(Option<u32>, Option<u32>)> {
    frame.symbols().iter().map(|symbol| (symbol.line(), symbol.column())).collect()
}

#[test]
fn frames_have_lines_in_every_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("share.wat");
    fs::write(&file, PROGRAM).unwrap();
    for mode in modes() {
        let mut config = Config::new();
        let engine = Engine::new(config.mode(mode)).unwrap();
        let backtrace = backtrace(&engine, &Module::from_file(&engine, &file).unwrap());
        let [divide, share] = backtrace.frames() else { panic!("{mode}: {backtrace}") };
        assert_eq!(lines(divide), [(Some(5), Some(5))], "{mode}: {backtrace}");
        assert_eq!(lines(share), [(Some(9), Some(8))], "{mode}: {backtrace}");
        let name = divide.symbols()[0].file().unwrap();
        assert!(name.ends_with("share.wat"), "{name}");
        let text = backtrace.to_string();
        assert!(text.contains("share.wat:5:5\n"), "{text}");
        assert!(text.ends_with("share.wat:9:8"), "{text}");
    }
}

#[test]
fn modules_without_dwarf_have_no_lines() {
    let engine = Engine::default();
    let backtrace = backtrace(&engine, &Module::new(&engine, PROGRAM).unwrap());
    assert!(backtrace.frames().iter().all(|frame| frame.symbols().is_empty()));
}

/// Whatever a module carries as DWARF, a backtrace is one.
#[test]
fn damaged_dwarf_does_no_harm() {
    let engine = Engine::default();
    let binary = with_lines("share.wat".as_ref());
    let sections = Module::from_binary(&engine, &binary).unwrap().info().custom_sections.clone();
    let is_debug = |name: &Range<u32>| binary[name.start as usize..name.end as usize].starts_with(b".debug");
    let places = sections.iter().filter(|section| is_debug(&section.name));
    let mut places: Vec<usize> = places.flat_map(|it| it.data.start as usize..it.data.end as usize).collect();
    assert!(places.len() > 100, "there is DWARF");
    places.dedup();
    for place in places {
        for value in [0, 1, 0x7f, 0xff] {
            let mut damaged = binary.clone();
            damaged[place] = value;
            let backtrace = backtrace(&engine, &Module::from_binary(&engine, &damaged).unwrap());
            assert_eq!(backtrace.frames().len(), 2);
            assert!(backtrace.to_string().contains("divide"));
        }
    }
}
