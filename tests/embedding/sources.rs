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

/// A number (LEB128).
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The binary format of the program with custom sections.
fn with_sections(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut binary = wat::parse_str(PROGRAM).unwrap();
    for &(name, data) in sections {
        let contents = [&number(name.len())[..], name.as_bytes(), data].concat();
        binary.extend([vec![0], number(contents.len()), contents].concat());
    }
    binary
}

/// Abbreviations: 1 is a unit of C++ with children, an address and a size; 2 a function with children, a linkage name, an address and a
/// size; 3 an inlined function with children; 4 a unit with ranges.
const ABBREVIATIONS: &[u8] = &[
    1, 0x11, 1, 0x13, 0x0B, 0x11, 0x01, 0x12, 0x06, 0, 0, 2, 0x2E, 1, 0x6E, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0, 3,
    0x1D, 1, 0, 0, 4, 0x11, 0, 0x55, 0x17, 0, 0, 0,
];

/// A unit with entries.
fn unit(entries: &[u8]) -> Vec<u8> {
    let length = (entries.len() as u32 + 7).to_le_bytes();
    // The version, the place of the abbreviations, and the size of an address.
    [&length[..], &[4, 0, 0, 0, 0, 0, 4][..], entries].concat()
}

/// A unit with a function that has all addresses.
fn function(name: &str, children: &[u8]) -> Vec<u8> {
    let all: &[u8] = &[0, 0, 0, 0, 0, 0x10, 0, 0];
    let (language, end): (&[u8], &[u8]) = (&[1, 4], &[0, 0]);
    unit(&[language, all, &[2][..], name.as_bytes(), &[0][..], all, children, end].concat())
}

/// DWARF that is small and takes long to read, or much memory, is not read.
#[test]
fn dwarf_costs_no_more_than_its_size_allows() {
    let engine = Engine::default();
    let symbols = |sections: &[(&str, &[u8])]| {
        let backtrace = backtrace(&engine, &Module::new(&engine, with_sections(sections)).unwrap());
        assert!(backtrace.to_string().contains("divide"));
        let [divide, _] = backtrace.frames() else { panic!("{backtrace}") };
        divide.symbols().to_vec()
    };
    let info = |info: &[u8]| symbols(&[(".debug_abbrev", ABBREVIATIONS), (".debug_info", info)]);
    let name = |name: &str| info(&function(name, &[]))[0].name().map(ToOwned::to_owned);
    assert_eq!(name("divide").as_deref(), Some("divide"));
    assert_eq!(name("_ZN4shop6divideEi").as_deref(), Some("shop::divide(int)"));
    // Each template has sixteen times the one before it as arguments.
    let templates: String = (1..=9).map(|before| format!("S0_I{}E", format!("S{before}_").repeat(16))).collect();
    let long = format!("_Z1fI1AI{}E{templates}Evv", "i".repeat(16));
    assert_eq!(name(&long), Some(long), "a name that stands for one of terabytes");

    let nested = 100_000;
    let deep = info(&function("divide", &[vec![3; nested], vec![0; nested]].concat()));
    assert!(deep.is_empty(), "functions that are inlined into each other");

    let units = unit(&[4, 0, 0, 0, 0]).repeat(20_000);
    let ranges: Vec<u8> = (1..20_000_u32).flat_map(|at| [at.to_le_bytes(), (at + 1).to_le_bytes()].concat()).collect();
    let sections: &[(&str, &[u8])] =
        &[(".debug_abbrev", ABBREVIATIONS), (".debug_info", &units[..]), (".debug_ranges", &ranges[..])];
    assert!(symbols(sections).is_empty(), "units that share ranges");

    let many = (5..20_000).flat_map(|code| [number(code), vec![0x34, 0, 0, 0]].concat());
    let abbreviations: Vec<u8> =
        ABBREVIATIONS[..ABBREVIATIONS.len() - 1].iter().copied().chain(many).chain([0]).collect();
    let units = function("divide", &[]).repeat(20_000);
    let sections: &[(&str, &[u8])] = &[(".debug_abbrev", &abbreviations[..]), (".debug_info", &units[..])];
    assert!(symbols(sections).is_empty(), "units that share abbreviations");
}

/// Lines of text take time in proportion to the square of a line's length. Text on one long line, as programs write it, has none.
#[test]
fn text_on_one_long_line_has_no_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let has_lines = |separator: &str| {
        let instructions = format!("(drop (i32.const 1)){separator}").repeat(20_000);
        let file = folder.path().join("long.wat");
        fs::write(&file, format!("(module (func {instructions}))")).expect("the folder is writable");
        let module = Module::from_file(&Engine::default(), &file).expect("it is valid");
        module.custom_sections().any(|section| section.name() == ".debug_line")
    };
    assert!(has_lines("\n"));
    assert!(!has_lines(" "));
}
