//! Families of operators, and which engines lack which: a list, and modules that show that it is true.
//!
//! The methods of a family may by default say that the engine lacks it
//! ([`riser::translator::sink::FamilySink::lacks`]), so that an engine can gain a family later than the others. A
//! tier then declines the functions that use it, and they run elsewhere: correctly, and slowly. So nobody would notice
//! an operator that somebody forgot. Here every operator is compiled in every mode that has an engine of its own. One
//! that is declined has to be on the list, and what is on the list has to be declined.

use std::collections::BTreeSet;
use std::iter;

use riser::translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};
use riser::translator::{TranslatorConfig, ValType, parse_module, print_function};
use riser::{Compilation, Config, Engine, Mode, Module};

use crate::engines::modes;

/// Every family that an engine lacks: the engine, the family, and why.
const LACKING: &[(&str, &str, &str)] = &[];

/// The name of the emitter of register IR as a value, which is an engine as far as families go.
const IR: &str = "ir";

/// A module with a function for each operator of a family.
struct Family {
    name: &'static str,
    /// The module's declarations.
    head: &'static str,
    functions: Vec<String>,
}

impl Family {
    fn text(&self) -> String {
        format!("(module {} {})", self.head, self.functions.join("\n"))
    }
}

/// A function that applies an operator to its parameters.
fn apply(params: &[ValType], results: &[ValType], operator: &str) -> String {
    let names = |types: &[ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let gets: String = (0..params.len()).map(|at| format!("local.get {at} ")).collect();
    format!("(func (param {}) (result {}) {gets} {operator})", names(params), names(results))
}

/// Functions that run these bodies, which take nothing and leave nothing.
fn bodies(bodies: &[&str]) -> Vec<String> {
    bodies.iter().map(|body| format!("(func {body})")).collect()
}

/// Every load and store of scalars, with addresses of the type.
fn accesses(address: ValType, memory: &str) -> Vec<String> {
    let loads = LoadOp::ALL.iter().map(|op| apply(&[address], &[op.result_type()], &format!("{op} {memory} offset=8")));
    let stores =
        StoreOp::ALL.iter().map(|op| apply(&[address, op.value_type()], &[], &format!("{op} {memory} offset=8")));
    loads.chain(stores).collect()
}

/// Every load and store of vectors and their lanes.
fn vector_accesses(address: ValType) -> Vec<String> {
    use ValType::V128;
    let mut functions: Vec<String> =
        VectorLoadOp::ALL.iter().map(|op| apply(&[address], &[V128], &op.to_string())).collect();
    functions.push(apply(&[address, V128], &[], "v128.store"));
    functions.extend(LoadLaneOp::ALL.iter().map(|op| apply(&[address, V128], &[V128], &format!("{op} 1"))));
    functions.extend(StoreLaneOp::ALL.iter().map(|op| apply(&[address, V128], &[], &format!("{op} 1"))));
    functions
}

/// Every operation on vectors in registers that is relaxed, or that is not.
fn vector_operations(relaxed: bool) -> Vec<String> {
    let all = VectorOp::ALL.iter().filter(|op| op.is_relaxed() == relaxed);
    all.map(|op| apply(op.operand_types(), &[op.result_type()], op.mnemonic())).collect()
}

fn scalars() -> Vec<String> {
    let unary = UnaryOp::ALL.iter().map(|op| apply(&[op.operand_type()], &[op.result_type()], op.mnemonic()));
    let binary = BinaryOp::ALL.iter().map(|op| apply(&[op.operand_type(); 2], &[op.result_type()], op.mnemonic()));
    let rest = bodies(&[
        "(global.set 0 (global.get 1))",
        "(local i64 i64) (local.set 0 (local.tee 1 (i64.const -1)))",
        "(drop (select (f32.const 1) (f32.const 2) (i32.const 3)))",
        "(drop (f64.const nan)) nop",
    ]);
    unary.chain(binary).chain(rest).collect()
}

fn vectors() -> Vec<String> {
    use ValType::{I32, V128};
    let mut functions = vector_operations(false);
    functions.extend(vector_accesses(I32));
    let extracts = ExtractOp::ALL.iter();
    functions.extend(extracts.map(|op| apply(&[V128], &[op.result_type()], &format!("{op} 1"))));
    let replaces = ReplaceOp::ALL.iter();
    functions.extend(replaces.map(|op| apply(&[V128, op.value_type()], &[V128], &format!("{op} 1"))));
    functions.push(apply(&[V128; 2], &[V128], "i8x16.shuffle 0 31 1 30 2 29 3 28 4 27 5 26 6 25 7 24"));
    functions.push(apply(&[V128, V128, I32], &[V128], "select"));
    functions.push(apply(&[V128; 9], &[V128; 8], "drop"));
    functions.extend(bodies(&[
        "(drop (v128.const i64x2 1 2))",
        "(global.set 2 (global.get 2))",
        "(drop (block (result v128) (br_if 0 (v128.const i64x2 1 2) (i32.const 1))))",
    ]));
    functions
}

/// Atomic operators, on memories of both address types.
fn atomics() -> Vec<String> {
    let on = |op: AtomicOp, address: ValType, memory: &str| {
        let params: Vec<ValType> = iter::once(address).chain(op.operand_types().iter().copied()).collect();
        let results: Vec<ValType> = op.result_type().into_iter().collect();
        apply(&params, &results, &format!("{op} {memory}"))
    };
    let mut functions: Vec<String> = AtomicOp::ALL.iter().map(|&op| on(op, ValType::I32, "")).collect();
    functions.extend(AtomicOp::ALL.iter().map(|&op| on(op, ValType::I64, "$n")));
    functions.extend(bodies(&["(atomic.fence)"]));
    functions
}

fn families() -> Vec<Family> {
    use ValType::{F32, F64, I32, I64, V128};
    const MEMORY: &str = "(memory 1)";
    const TABLE: &str = "(table $t 2 funcref) (table $u 2 externref) (elem $e func 0) (elem declare func 0)";
    const NINE: &str = "(type $nine (func (result i64 i64 i64 i64 i64 i64 i64 i64 i64))) (table $t 1 funcref)";
    const GLOBALS: &str = "(global (mut i64) (i64.const 1)) (global i64 (i64.const 2)) \
                           (global (mut v128) (v128.const i64x2 1 2))";
    const BULK: &[&str] = &[
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 2))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 2))",
        "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))",
        "(data.drop $d)",
        "(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))",
        "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))",
        "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))",
        "(elem.drop $e)",
    ];
    let family = |name, head, functions| Family { name, head, functions };
    vec![
        family(
            "exceptions",
            "(tag $e (param i32 v128)) (func $f)",
            bodies(&[
                "(throw $e (i32.const 1) (v128.const i64x2 1 2))",
                "(throw_ref (ref.null exn))",
                "(block $h (try_table (catch_all $h) (call $f)))",
                "(drop (block $h (result exnref) (try_table (catch_all_ref $h) (call $f)) (return)))",
                "(block $h (result i32 v128) (try_table (catch $e $h) (call $f)) (return)) (drop) (drop)",
            ]),
        ),
        family("scalars", GLOBALS, scalars()),
        family(
            "control",
            TABLE,
            bodies(&[
                "unreachable",
                "(block (br 0))",
                "(loop (br_if 0 (i32.const 0)))",
                "(if (i32.const 1) (then (return)) (else (nop)))",
                "(block (block (br_table 0 1 (i32.const 0))))",
                "(drop (drop (block (result i32 f64) (i32.const 1) (f64.const 2))))",
                "(i32.const 1) (loop (param i32) (drop))",
                "(call 0)",
                "(call_indirect $t (i32.const 0))",
            ]),
        ),
        family("many parameters", "", [I32, F64, V128].map(|ty| apply(&[ty; 40], &[], &"drop ".repeat(40))).into()),
        family("many results", NINE, {
            let (ones, drops) = ("(i64.const 1)".repeat(9), "(drop)".repeat(9));
            let mut functions = vec![
                format!("(func $nine (type $nine) {ones})"),
                "(func (type $nine) (return_call $nine))".to_owned(),
                "(func (type $nine) (return_call_indirect $t (type $nine) (i32.const 0)))".to_owned(),
                apply(&[V128; 1000], &[V128; 1000], ""),
            ];
            functions.extend([I64, F32, V128].map(|ty| apply(&[ty; 9], &[ty; 9], "")));
            functions.extend(bodies(&[
                &format!("(call $nine) {drops}"),
                &format!("(call_indirect $t (type $nine) (i32.const 0)) {drops}"),
                &format!("(block $h (try_table (catch_all $h) (call $nine) {drops}))"),
            ]));
            functions
        }),
        family("memory", MEMORY, {
            let mut functions = accesses(I32, "");
            functions.extend(bodies(&["(drop (memory.size))", "(drop (memory.grow (i32.const 1)))"]));
            functions
        }),
        family(
            "tables",
            TABLE,
            bodies(&[
                "(table.set $t (i32.const 0) (table.get $t (i32.const 1)))",
                "(drop (table.size $u))",
                "(drop (table.grow $u (ref.null extern) (i32.const 1)))",
            ]),
        ),
        family(
            "references",
            TABLE,
            bodies(&[
                "(drop (ref.null extern))",
                "(drop (ref.func 0))",
                "(drop (ref.is_null (ref.null func)))",
                "(drop (select (result externref) (ref.null extern) (ref.null extern) (i32.const 0)))",
            ]),
        ),
        family("bulk memory", "(memory 1) (data $d \"abc\") (table $t 2 funcref) (elem $e func 0)", bodies(BULK)),
        family("tail calls", TABLE, bodies(&["(return_call 0)", "(return_call_indirect $t (i32.const 0))"])),
        family("multi-memory", "(memory $m 1) (memory $n 1) (data $d \"abc\")", {
            let mut functions = accesses(I32, "$n");
            functions.extend(bodies(&[
                "(drop (memory.size $n))",
                "(drop (memory.grow $n (i32.const 1)))",
                "(memory.fill $n (i32.const 0) (i32.const 1) (i32.const 2))",
                "(memory.copy $m $n (i32.const 0) (i32.const 1) (i32.const 2))",
                "(memory.init $n $d (i32.const 0) (i32.const 0) (i32.const 1))",
                "(v128.store $n (i32.const 0) (v128.load $n (i32.const 16)))",
            ]));
            functions
        }),
        family("memory64", "(memory $m i64 1) (memory $n 1) (data $d \"abc\")", {
            let mut functions = accesses(I64, "");
            functions.extend(vector_accesses(I64));
            functions.extend(bodies(&[
                "(drop (memory.size))",
                "(drop (memory.grow (i64.const 1)))",
                "(memory.fill (i64.const 0) (i32.const 1) (i64.const 2))",
                "(memory.copy $m $m (i64.const 0) (i64.const 1) (i64.const 2))",
                "(memory.copy $m $n (i64.const 0) (i32.const 1) (i32.const 2))",
                "(memory.init $d (i64.const 0) (i32.const 0) (i32.const 1))",
            ]));
            functions
        }),
        family(
            "table64",
            "(table $t i64 2 funcref) (elem $e func 0)",
            bodies(&[
                "(table.set $t (i64.const 0) (table.get $t (i64.const 1)))",
                "(drop (table.size $t))",
                "(drop (table.grow $t (ref.null func) (i64.const 1)))",
                "(table.fill $t (i64.const 0) (ref.null func) (i64.const 1))",
                "(table.copy $t $t (i64.const 0) (i64.const 1) (i64.const 1))",
                "(table.init $t $e (i64.const 0) (i32.const 0) (i32.const 1))",
                "(call_indirect $t (i64.const 0))",
                "(return_call_indirect $t (i64.const 0))",
            ]),
        ),
        family(
            "vectors",
            "(memory 1) (global i64 (i64.const 0)) (global i64 (i64.const 0)) (global (mut v128) (v128.const i64x2 1 2))",
            vectors(),
        ),
        family("relaxed vectors", "", vector_operations(true)),
        family("atomics", "(memory 1) (memory $n i64 1)", atomics()),
        family(
            "wide arithmetic",
            "",
            WideOp::ALL.iter().map(|op| apply(&vec![I64; op.operands()], &[I64; 2], op.mnemonic())).collect(),
        ),
    ]
}

/// What compiling a module in a mode says is lacking.
fn lacking_in(mode: Mode, metered: bool, text: &str) -> Vec<String> {
    let mut config = Config::new();
    config.mode(mode).compilation(Compilation::Eager).consume_fuel(metered).epoch_interruption(metered);
    let engine = Engine::new(&config).expect("the mode is compiled in");
    let module = Module::new(&engine, text).unwrap_or_else(|error| panic!("{mode}: {error:?}\n{text}"));
    module.bailouts(mode).into_iter().map(|(function, why)| format!("function {function}: {why}")).collect()
}

/// What translating a module to register IR says is lacking.
fn lacking_in_ir(text: &str) -> Vec<String> {
    let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let module = parse_module(wasm).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let config = TranslatorConfig::default();
    let functions = module.info().defined_functions();
    functions.filter_map(|at| print_function(&module, at, &config).err().map(|error| error.to_string())).collect()
}

/// The engines: each mode but those that use the engines of others.
fn engines() -> Vec<Mode> {
    modes().into_iter().filter(|mode| !matches!(mode, Mode::MultiTier | Mode::Aot)).collect()
}

#[test]
fn engines_lack_the_families_that_the_list_says() {
    let mut found = BTreeSet::new();
    let mut reasons = Vec::new();
    let mut note = |engine: &str, family: &'static str, lacks: Vec<String>| {
        if !lacks.is_empty() {
            found.insert((engine.to_owned(), family));
            reasons.extend(lacks.into_iter().map(|why| format!("{engine} lacks {family}: {why}")));
        }
    };
    for family in families() {
        let text = family.text();
        note(IR, family.name, lacking_in_ir(&text));
        for mode in engines() {
            for metered in [false, true] {
                note(mode.name(), family.name, lacking_in(mode, metered, &text));
            }
        }
    }
    let built: BTreeSet<&str> = engines().into_iter().map(Mode::name).chain([IR]).collect();
    let listed = LACKING.iter().filter(|(engine, ..)| built.contains(engine));
    let listed: BTreeSet<_> = listed.map(|&(engine, family, _)| (engine.to_owned(), family)).collect();
    assert_eq!(found, listed, "{}", reasons.join("\n"));
    assert!(LACKING.iter().all(|(.., why)| !why.is_empty()), "each has a reason");
}

#[test]
fn the_list_names_families_that_there_are() {
    let names: BTreeSet<&str> = families().iter().map(|family| family.name).collect();
    let engines: BTreeSet<&str> = Mode::all().into_iter().map(Mode::name).chain([IR]).collect();
    for (engine, family, _) in LACKING {
        assert!(names.contains(family) && engines.contains(engine), "{engine} and {family}");
    }
}
