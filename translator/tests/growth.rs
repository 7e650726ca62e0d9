//! Translation takes time in proportion to the code, whatever its shape: each module here is translated in two sizes. And a module's bytes are
//! there once.

use std::fmt::Write as _;
use std::time::Duration;

use riser_meter::{Meter, measure};
use riser_translator::ir::{Emitter, Inst};
use riser_translator::probe::{Chooser, Point};
use riser_translator::probe_map::ProbeMap;
use riser_translator::sink::{FuncHeader, Label, LabelKind};
use riser_translator::{
    FuncIndex, FuncTranslator, ModuleParser, ParsedModule, TranslatorConfig, ValType, parse_module,
};

#[global_allocator]
static METER: Meter = Meter;

/// Counts instructions.
#[derive(Default)]
struct Count(usize);

impl Emitter for Count {
    fn begin(&mut self, _: &FuncHeader<'_>) {}

    fn inst(&mut self, _: &Inst, _: u32) {
        self.0 += 1;
    }

    fn label(&mut self, _: Label, _: LabelKind, _: &mut dyn Iterator<Item = ValType>) {}

    fn end(&mut self, _: u32) {}
}

/// How many times as large as the small one the large module of a test is.
const TIMES: usize = 8;

/// How many times as long the large one may take: what grows with the square of the size takes 64 times as long.
const TIMES_AS_LONG: u32 = 3 * TIMES as u32;

/// Checks that a piece of work takes time in proportion to its size, by that size and a fraction of it. `prepare` makes what the work needs.
///
/// The time is CPU time, and the least of several: what else the machine does makes some longer.
fn is_linear<P, R>(size: usize, prepare: impl Fn(usize) -> P, work: impl Fn(&P) -> R) -> R {
    let timed = |prepared: &P| {
        let (result, cost) = measure(|| work(prepared));
        (result, cost.time)
    };
    let small = prepare(size / TIMES);
    let least = (0..5).map(|_| timed(&small).1).min().expect("there are some");
    let large = prepare(size);
    let mut times = Vec::new();
    for _ in 0..3 {
        let (result, time) = timed(&large);
        if time < least * TIMES_AS_LONG {
            return result;
        }
        times.push(time);
    }
    panic!("a size of {} takes {least:?}, and one of {size} {times:?}", size / TIMES);
}

/// Translates function 0 of a module that grows with its size, under several configurations. Returns the number of instructions.
fn translate(size: usize, module: impl Fn(usize) -> String) -> usize {
    let prepare = |size| wat::parse_str(module(size)).expect("the module is well-formed");
    is_linear(size, prepare, |bytes: &Vec<u8>| {
        let module = parse_module(&bytes[..]).expect("the module is valid");
        let mut translator = FuncTranslator::new();
        let mut instructions = 0;
        for config in [TranslatorConfig::naive(), TranslatorConfig::optimized()] {
            let mut count = Count::default();
            translator.emit(&module, FuncIndex::new(0), &config, &mut count).expect("the body is valid");
            instructions = count.0;
        }
        instructions
    })
}

#[test]
fn many_name_sections() {
    let number = |number: usize| [number as u8 | 0x80, (number >> 7) as u8 | 0x80, (number >> 14) as u8];
    let section = |contents: &[u8]| [&[0_u8][..], &number(contents.len())[..], contents].concat();
    let empty = |function| [&number(function)[..], &[0][..]].concat();
    let prepare = |count| {
        let mut names = number(count).to_vec();
        names.extend((0..count).flat_map(empty));
        let names = section(&[&b"\x04name\x01"[..], &number(names.len())[..], &names[..]].concat());
        [&b"\0asm\x01\0\0\0"[..], &names[..], &section(b"\x04name").repeat(count)[..]].concat()
    };
    let count = 300_000;
    let module = is_linear(count, prepare, |module: &Vec<u8>| parse_module(&module[..]).expect("the module is valid"));
    assert_eq!(module.info().func_name(FuncIndex::new(count as u32 - 1)), Some(""));
}

#[test]
fn many_operators() {
    let count = translate(50_000, |size| {
        let body = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (local.get 1)))".repeat(size);
        format!("(module (func (param i32 i32) {body}))")
    });
    assert_eq!(count, 100_001);
}

#[test]
fn deep_nesting() {
    translate(10_000, |size| {
        let (open, close) = ("block (result i32) i32.const 1 ".repeat(size), "end drop ".repeat(size));
        format!("(module (func {open} i32.const 2 drop {close}))")
    });
    translate(10_000, |size| {
        let (open, close) = ("local.get 0 if ".repeat(size), "end ".repeat(size));
        format!("(module (func (param i32) {open} {close}))")
    });
}

#[test]
fn many_blocks_over_many_pending_operands() {
    translate(20_000, |size| {
        let push = "local.get 0 ".repeat(size);
        let blocks = "block end ".repeat(5 * size / 2);
        let drop = "drop ".repeat(size);
        format!("(module (func (param i32) {push} {blocks} {drop}))")
    });
}

#[test]
fn many_locals() {
    translate(49_000, |size| {
        let locals = "i32 ".repeat(size);
        let sets: String = (0..size).map(|at| format!("local.get {at} local.set {} ", at / 2)).collect();
        format!("(module (func (local {locals}) {sets}))")
    });
}

#[test]
fn many_pending_reads_and_writes() {
    // Each write has to look for reads that wait for its local, and finds none.
    let count = translate(20_000, |size| {
        let mut body = "local.get 0 ".repeat(size);
        body += &"i32.const 1 local.set 1 ".repeat(size);
        body += &"i32.const 1 local.set 0 ".repeat(size);
        body += &"drop ".repeat(size);
        format!("(module (func (param i32 i32) {body}))")
    });
    assert_eq!(count, 60_001);
}

#[test]
fn wide_branch_tables() {
    let targets = |size: usize| {
        let mut targets = String::new();
        for at in 0..size {
            let _ = write!(targets, "{} ", at % 3);
        }
        targets
    };
    translate(50_000, |size| {
        let body = format!("block block local.get 0 br_table {} end end", targets(size));
        format!("(module (func (param i32) {body}))")
    });
    // Every target needs moves; they share three stubs.
    let values = "i32.const 7 ".repeat(50);
    let results = "i32 ".repeat(50);
    let drops = "drop ".repeat(50);
    let count = translate(50_000, |size| {
        let targets = targets(size);
        let body = format!(
            "block (result {results}) block (result {results}) block (result {results})
             i32.const 1 {values} local.get 0 br_table {targets}
             end {drops} {values} end {drops} {values} end {drops}"
        );
        format!("(module (func (param i32) {body}))")
    });
    assert!(count < 500, "{count} instructions");
}

#[test]
fn large_modules_parse_without_a_look_at_the_code() {
    // Bodies of 60 KB each that are not valid: nobody looks.
    let mut body = vec![0u8];
    body.extend(std::iter::repeat_n(0x6a, 60_000));
    body.push(0x0b);
    const COUNT: usize = 1_000;
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
    section(&mut module, 3, COUNT, &[0]);
    let mut entry = Vec::new();
    leb(&mut entry, body.len());
    entry.extend_from_slice(&body);
    section(&mut module, 10, COUNT, &entry);
    assert!(module.len() > 60_000_000);
    let (parsed, cost) = measure(|| parse_module(module).expect("all but the code is valid"));
    assert!(cost.time < Duration::from_secs(5), "took {:?}", cost.time);
    assert_eq!(parsed.info().bodies.len(), COUNT);
    let error = FuncTranslator::new().validate(&parsed, FuncIndex::new(7)).expect_err("the body is not valid");
    assert_eq!(error.function(), Some((FuncIndex::new(7), None)));
}

#[test]
fn a_byte_at_a_time_is_linear() {
    let prepare = |size| {
        let body = "(drop (i32.const 1))".repeat(size);
        let data = "abcdefgh".repeat(size / 2);
        wat::parse_str(format!("(module (memory 1) (func {body}) (data \"{data}\"))")).expect("well-formed")
    };
    is_linear(100_000, prepare, |bytes: &Vec<u8>| {
        let mut parser = ModuleParser::new();
        for byte in bytes {
            parser.push(std::slice::from_ref(byte)).expect("the module is valid");
        }
        parser.finish().expect("the module is valid")
    });
}

/// Chooses every point of a function for a probe.
struct Everything;

impl Chooser for Everything {
    fn choose(&self, _: FuncIndex, _: &Point, _: u32) -> u64 {
        1
    }
}

#[test]
fn probes_that_see_many_operands() {
    let probes = |operands: usize, others: usize| {
        let body = ["local.get 0 ".repeat(operands), "nop ".repeat(others), "drop ".repeat(operands)].concat();
        let bytes = wat::parse_str(format!("(module (func (param i32) {body}))")).expect("the module is well-formed");
        let module = parse_module(bytes).expect("the module is valid");
        measure(|| ProbeMap::of(&module, FuncIndex::new(0), &Everything))
    };
    let (map, _) = probes(20, 1000);
    let map = map.expect("there is room");
    assert!(map.sites.iter().all(|site| site.operands.len() <= 20));
    assert_eq!(map.sites.iter().filter(|site| site.operands.len() == 20).count(), 1000 + 1);
    let (map, cost) = probes(100_000, 100_000);
    let error = map.expect_err("the lists would take ten gigabytes").to_string();
    assert!(error.contains("too many values are live at the safepoints, calls or probes"), "{error}");
    assert!(cost.peak < 100_000_000 && cost.time < Duration::from_secs(5), "{cost:?}");
}

#[test]
fn probes_in_deep_nests() {
    let [open, others, close] = ["block ".repeat(50_000), "nop ".repeat(100_000), "end ".repeat(50_000)];
    let bytes = wat::parse_str(format!("(module (func {open} {others} {close}))")).expect("the module is well-formed");
    let module = parse_module(bytes).expect("the module is valid");
    let (map, cost) = measure(|| ProbeMap::of(&module, FuncIndex::new(0), &Everything));
    assert!(map.expect("there is room").sites.len() > 100_000);
    assert!(cost.time < Duration::from_secs(5), "took {:?}", cost.time);
}

/// The most bytes at a time that parsing and validating a module takes, for each of the module's.
const PEAK_PER_BYTE: f64 = 1.1;

/// A module of some MB as compilers make them: code, data, names of functions, and what a debugger reads.
fn ordinary_module() -> Vec<u8> {
    const COUNT: usize = 10_000;
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
    section(&mut module, 3, COUNT, &[0]);
    module.extend_from_slice(&[5, 3, 1, 0, 1]);
    // Pairs of `i32.const` and `drop` make a body of a few hundred bytes.
    let mut body = vec![0];
    body.extend([0x41, 0x07, 0x1a].repeat(100));
    body.push(0x0b);
    let mut entry = Vec::new();
    leb(&mut entry, body.len());
    entry.extend_from_slice(&body);
    section(&mut module, 10, COUNT, &entry);
    let mut segment = vec![1];
    leb(&mut segment, 1_000);
    segment.resize(segment.len() + 1_000, 0);
    section(&mut module, 11, 1_000, &segment);
    let mut names = b"\x04name\x01".to_vec();
    let mut functions = Vec::new();
    leb(&mut functions, COUNT);
    for function in 0..COUNT {
        leb(&mut functions, function);
        let name = format!("program::a_module::function_{function}::h0123456789abcdef");
        leb(&mut functions, name.len());
        functions.extend_from_slice(name.as_bytes());
    }
    leb(&mut names, functions.len());
    names.extend_from_slice(&functions);
    let debug = [b"\x0b.debug_info".to_vec(), vec![0; 2_000_000]].concat();
    for custom in [names, debug] {
        module.push(0);
        leb(&mut module, custom.len());
        module.extend_from_slice(&custom);
    }
    module
}

/// What is live at most while a module is parsed and all its bodies are validated, for each of its `len` bytes.
fn peak_per_byte(len: usize, parse: impl FnOnce() -> ParsedModule) -> f64 {
    let (_, cost) = measure(|| {
        let parsed = parse();
        let mut translator = FuncTranslator::new();
        for function in parsed.info().defined_functions() {
            translator.validate(&parsed, function).expect("the body is valid");
        }
        parsed
    });
    cost.peak as f64 / len as f64
}

#[test]
fn the_bytes_of_a_module_are_held_once() {
    let bytes = ordinary_module();
    let len = bytes.len();
    assert!(len > 6_000_000, "{len}");
    // The copy is what somebody reads from a file and gives away.
    let whole = peak_per_byte(len, || parse_module(bytes.clone()).expect("the module is valid"));
    assert!((1.0..PEAK_PER_BYTE).contains(&whole), "{whole}");
    for size in [1_000, 64 << 10, len] {
        let in_chunks = peak_per_byte(len, || {
            let mut parser = ModuleParser::new();
            bytes.chunks(size).for_each(|chunk| parser.push(chunk).expect("the module is valid"));
            parser.finish().expect("the module is valid")
        });
        assert!((1.0..PEAK_PER_BYTE).contains(&in_chunks), "in chunks of {size}: {in_chunks}");
    }
}

#[test]
fn names_of_many_exported_functions() {
    const COUNT: u32 = 200_000;
    let mut module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
    section(&mut module, 3, COUNT as usize, &[0]);
    // The last function comes first, and every one has another name after that; the first function has none.
    let mut exports = Vec::new();
    leb(&mut exports, 2 * (COUNT as usize - 1));
    for (prefix, function) in ["f", "g"].into_iter().flat_map(|it| (1..COUNT).rev().map(move |function| (it, function)))
    {
        let name = format!("{prefix}{function}");
        leb(&mut exports, name.len());
        exports.extend_from_slice(name.as_bytes());
        exports.push(0);
        leb(&mut exports, function as usize);
    }
    module.push(7);
    leb(&mut module, exports.len());
    module.extend_from_slice(&exports);
    section(&mut module, 10, COUNT as usize, &[2, 0, 0x0b]);
    let parsed = parse_module(module).expect("the module is valid");
    let ((), cost) = measure(|| {
        for function in 1..COUNT {
            let name = parsed.info().func_name(FuncIndex::new(function)).expect("it is exported");
            assert_eq!(name.strip_prefix('f').and_then(|number| number.parse().ok()), Some(function));
        }
    });
    assert_eq!(parsed.info().func_name(FuncIndex::new(0)), None);
    assert!(cost.time < Duration::from_secs(5), "took {:?}", cost.time);
}

/// A section that says that it has a million exports, and ends: nothing makes room for them.
#[test]
fn entries_that_are_not_there_take_no_room() {
    let module = b"\0asm\x01\0\0\0\x07\x04\xc0\x84\x3d\0";
    let (result, cost) = measure(|| parse_module(&module[..]));
    let error = result.expect_err("there are no exports").to_string();
    assert!(error.contains("says that it has 1000000 entries"), "{error}");
    assert!(cost.peak < 100_000, "{} bytes", cost.peak);
}

/// Appends a section of `count` times the same entry.
fn section(module: &mut Vec<u8>, id: u8, count: usize, entry: &[u8]) {
    let mut payload = Vec::new();
    leb(&mut payload, count);
    for _ in 0..count {
        payload.extend_from_slice(entry);
    }
    module.push(id);
    leb(module, payload.len());
    module.extend_from_slice(&payload);
}

fn leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
