//! The symbolic checker accepts what the translator makes, and rejects what is wrong.
//!
//! What is wrong is made by mutation: IR that the checker accepts all the same has to do
//! the same when it is evaluated.

#[path = "checker/by_hand.rs"]
mod by_hand;
#[path = "checker/mutate.rs"]
mod mutate;
#[path = "checker/vectors.rs"]
mod vectors;

use std::collections::HashSet;
use std::path::Path;

use riser_properties::check::check;
use riser_properties::evaluate::{Instance, Limits, Outcome, State};
use riser_properties::generate::{self, Config, Seeded};
use riser_translator::ir::{Function, Verifier};
use riser_translator::{FuncIndex, FuncTranslator, ParsedModule, TranslatorConfig, ValType, parse_module};

use mutate::Mutation;

/// Every combination of the optimisation switches and the instrumentation.
fn configs() -> impl Iterator<Item = TranslatorConfig> {
    let switches = TranslatorConfig::SWITCHES;
    (0..1u32 << (switches.len() + 2)).map(|set| {
        let bit = |bit: usize| set >> bit & 1 != 0;
        let mut config = TranslatorConfig { fuel: bit(0), epoch: bit(1), ..TranslatorConfig::naive() };
        for (at, (name, _)) in switches.iter().enumerate() {
            config.set(name, bit(at + 2));
        }
        config
    })
}

fn text_module(text: &str) -> ParsedModule {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    riser_properties::parse(bytes).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The IR of every function that the module defines.
fn translate(module: &ParsedModule, config: &TranslatorConfig) -> Vec<Function> {
    let info = module.info();
    let mut translator = FuncTranslator::new();
    let functions = info.defined_functions();
    functions.map(|function| translator.ir(module, function, config).expect("the body is valid")).collect()
}

fn assert_accepted(module: &ParsedModule, configs: impl Iterator<Item = TranslatorConfig>) {
    for config in configs {
        for ir in translate(module, &config) {
            if let Err(error) = check(module, &ir, &config) {
                panic!("{error}\nunder {config:?} in\n{ir}");
            }
        }
    }
}

#[test]
fn file_tests_are_accepted_under_every_configuration() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ir");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("tests/ir can be read") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "wat") {
            count += 1;
            assert_accepted(&text_module(&std::fs::read_to_string(&path).expect("the test can be read")), configs());
        }
    }
    assert!(count > 0, "no tests were found");
}

/// A random module; every fourth has 64-bit memories and several of them.
fn random_module(seed: u64) -> ParsedModule {
    let wide = seed.is_multiple_of(4);
    let config = Config { memory64: wide, multi_memory: wide, reference_signatures: wide, ..Config::default() };
    let module = generate::module(&mut Seeded::new(seed), &config);
    riser_properties::parse(module.to_wasm()).unwrap_or_else(|error| panic!("{error}\n{module:?}"))
}

#[test]
fn random_functions_are_accepted_under_every_configuration() {
    for seed in 1..=400 {
        assert_accepted(&random_module(seed), configs().skip(seed as usize % 64).step_by(64));
    }
}

#[test]
fn programs_are_accepted() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/programs");
    let vector = std::fs::read_dir(directory.join("vector")).expect("benches/programs/vector can be read");
    let mut seen = HashSet::new();
    for entry in std::fs::read_dir(directory).expect("benches/programs can be read").chain(vector) {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        let module = parse_module(std::fs::read(&path).expect("the program can be read")).expect("it is valid");
        // The programs have much of a library in common.
        let config = configs().nth(seen.len() % configs().count()).unwrap_or_default();
        for ir in translate(&module, &config) {
            if seen.insert(module.info().body_bytes(ir.index).map(<[u8]>::to_vec)) {
                assert_eq!(check(&module, &ir, &config), Ok(()), "{} under {config:?} in\n{ir}", path.display());
            }
        }
    }
    assert!(!seen.is_empty(), "no programs were found");
}

/// Frames, tables and nesting that are large: the work is linear in them, but for what the IR repeats itself.
#[test]
fn large_functions_are_accepted() {
    let (locals, branches, depth) = (2_000, 20_000, 5_000);
    let set: String = (1..locals).map(|at| format!("local.get {}\nlocal.set {at}\n", at - 1)).collect();
    let branch = "local.get 0\ni32.load\nlocal.get 1\nbr_if 0\ndrop\n".repeat(branches);
    let targets: String = (0..branches).map(|at| format!("{} ", at % depth)).collect();
    let text = format!(
        "(module (memory 1) (func (param i32) (result i32) (local {})
            (block (result i32) {set} {branch} i32.const 1)
            {} {} local.get 0 br_table {targets} {}))",
        "i32 ".repeat(locals),
        "i32.const 1\n".repeat(depth),
        "block\n".repeat(depth),
        "end\n".repeat(depth) + &"drop\n".repeat(depth),
    );
    let module = text_module(&text);
    for config in [TranslatorConfig::naive(), TranslatorConfig::optimized()] {
        for ir in translate(&module, &config) {
            assert_eq!(check(&module, &ir, &config), Ok(()));
        }
    }
}

/// What there is to see of calling a function.
type Behaviour = (Outcome, State, Option<(FuncIndex, u32)>);

/// Calls every function with each of a few lists of arguments.
fn behaviour(module: &ParsedModule, functions: &[Function]) -> Option<Vec<Behaviour>> {
    const VALUES: [u64; 4] = [0, 3, 0x3fc0_0000_ffff_fff0, u64::MAX];
    let mut behaviours = Vec::new();
    for function in functions {
        for at in 0..VALUES.len() {
            let args: Vec<u64> = function
                .ty
                .params()
                .iter()
                .enumerate()
                .flat_map(|(index, ty)| {
                    let value = VALUES[(at + index) % VALUES.len()];
                    let (slots, count) = match ty {
                        ValType::I32 | ValType::F32 => ([value & 0xffff_ffff, 0], 1),
                        ValType::I64 | ValType::F64 => ([value, 0], 1),
                        ValType::V128 => ([value, !value], 2),
                        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => ([0, 0], 1),
                    };
                    slots.into_iter().take(count)
                })
                .collect();
            let limits = Limits { fuel: 2_000, ..Limits::default() };
            let mut instance = Instance::new(module, functions, limits).ok()?;
            let outcome = instance.invoke(function.index, &args);
            let position =
                instance.position().filter(|_| matches!(outcome, Outcome::Trapped(_) | Outcome::Threw { .. }));
            behaviours.push((outcome, instance.state().clone(), position));
        }
    }
    Some(behaviours)
}

/// How mutants of one kind fared.
#[derive(Clone, Copy, Default)]
struct Tally {
    made: u32,
    accepted: u32,
    /// Rejected ones that were evaluated.
    evaluated: u32,
    /// Of these, how many did something else than the original.
    different: u32,
}

/// The least share of mutants that is to be rejected, in percent. What is accepted is as good as the
/// original: it concerns a value that nobody uses, operands that may be swapped, or a branch
/// both ways of which do the same.
fn least_rejected(mutation: Mutation) -> u32 {
    match mutation {
        Mutation::DropEffect | Mutation::RepeatEffect | Mutation::ReorderEffects | Mutation::Offset => 100,
        Mutation::Retarget => 99,
        Mutation::Negate => 95,
        Mutation::Number | Mutation::Operation | Mutation::Slot | Mutation::DropValue => 88,
        // Most operations that take two variables are commutative.
        Mutation::SwapOperands => 75,
        // Many vectors are dropped in the end.
        Mutation::HalfVector | Mutation::OverwriteHalf => 75,
        // Most instructions that only compute do not care about their neighbours.
        Mutation::Reorder => 50,
    }
}

#[test]
fn mutants_are_rejected_unless_they_behave_as_the_original() {
    let mut tallies = [Tally::default(); Mutation::ALL.len()];
    for seed in 1..=200 {
        let module = random_module(seed);
        let optimized = TranslatorConfig { epoch: true, ..TranslatorConfig::optimized() };
        let config = if seed.is_multiple_of(3) { TranslatorConfig::naive() } else { optimized };
        let config = TranslatorConfig { fuel: true, ..config };
        let mut functions = translate(&module, &config);
        let Some(expected) = behaviour(&module, &functions) else { continue };
        let mut choices = Seeded::new(seed);
        for at in 0..functions.len() {
            for (mutation, tally) in Mutation::ALL.iter().zip(&mut tallies) {
                for _ in 0..4 {
                    let Some(mutant) = mutation.make(&functions[at], &mut choices) else { continue };
                    tally.made += 1;
                    let rejected = check(&module, &mutant, &config).err();
                    tally.accepted += u32::from(rejected.is_none());
                    // The verifier takes it for granted that there is what an index names.
                    let to_sample = mutation != &Mutation::Number && tally.made.is_multiple_of(8);
                    if rejected.is_some() && !to_sample {
                        continue;
                    }
                    // Halves of vectors are of no type, which is all that is wrong with them.
                    let mut verifier = Verifier::new(module.info());
                    mutant.replay(&mut verifier);
                    let has_halves = matches!(mutation, Mutation::HalfVector | Mutation::OverwriteHalf);
                    if !has_halves && !verifier.errors().is_empty() {
                        continue;
                    }
                    let right = std::mem::replace(&mut functions[at], mutant);
                    let same = behaviour(&module, &functions).as_ref() == Some(&expected);
                    let mutant = std::mem::replace(&mut functions[at], right);
                    if rejected.is_some() {
                        tally.evaluated += 1;
                        tally.different += u32::from(!same);
                    } else {
                        assert!(same, "{mutation:?} is not seen: seed {seed}\n{}\n{mutant}", functions[at]);
                    }
                }
            }
        }
    }
    for (&mutation, Tally { made, accepted, evaluated, different }) in Mutation::ALL.iter().zip(tallies) {
        println!("{mutation:?}: {made}, {accepted} accepted; of {evaluated} rejected ones {different} differ");
        assert!(made >= 500, "{mutation:?} was made {made} times only");
        let rejected = (made - accepted) * 100;
        assert!(rejected >= made * least_rejected(mutation), "{mutation:?}: {accepted} of {made} accepted");
    }
}
