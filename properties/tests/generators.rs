//! Generated modules: they are valid, various and the same for the same choices, and those that
//! fail become small.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config as Runs, TestCaseError, TestError, TestRunner};
use riser_properties::generate::{
    Bytes, Choices, Config, Module, Operator, Seeded, bodies, minimise, module, modules, value,
};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};
use riser_translator::{ValType, parse_module};

/// All families of operators.
fn everything() -> Config {
    Config { reference_signatures: true, memory64: true, multi_memory: true, ..Config::default() }
}

fn seeded(seed: u64, config: &Config) -> Module {
    module(&mut Seeded::new(seed), config)
}

fn assert_valid(module: &Module, what: &dyn std::fmt::Debug) {
    let bytes = module.to_wasm();
    if let Err(error) = wasmparser::validate(&bytes) {
        panic!("{error} in the module of {what:?}:\n{module:?}");
    }
    // It has no feature that is not supported, either.
    if let Err(error) = parse_module(bytes) {
        panic!("{error} in the module of {what:?}:\n{module:?}");
    }
}

/// Configurations that lack one family each, and some that have but a few.
fn configurations() -> Vec<Config> {
    let all = everything();
    vec![
        Config { memory: false, ..all.clone() },
        Config { table: false, ..all.clone() },
        Config { globals: false, ..all.clone() },
        Config { calls: false, ..all.clone() },
        Config { tail_calls: false, ..all.clone() },
        Config { floats: false, ..all.clone() },
        Config { bulk: false, ..all.clone() },
        Config { references: false, ..all.clone() },
        Config { segments: false, ..all.clone() },
        Config { nesting: 0, ..all.clone() },
        Config { memory: false, table: false, globals: false, floats: false, references: false, ..Config::default() },
        Config { functions: 1, size: 1, ..Config::default() },
        Config { functions: 12, size: 600, nesting: 12, ..all },
    ]
}

#[test]
fn modules_are_valid() {
    for seed in 0..2000 {
        assert_valid(&seeded(seed, &Config::default()), &seed);
        assert_valid(&seeded(seed, &everything()), &seed);
    }
    for config in configurations() {
        for seed in 0..100 {
            assert_valid(&seeded(seed, &config), &(seed, &config));
        }
    }
}

#[test]
fn modules_of_bytes_are_valid() {
    let mut random = Seeded::new(1);
    for _ in 0..1000 {
        let length = random.below(400);
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        assert_valid(&module(&mut Bytes::new(&bytes), &everything()), &bytes);
    }
}

/// A source that always answers alike.
struct Constant(u32);

impl Choices for Constant {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 % bound
    }
}

#[test]
fn monotonous_choices_come_to_an_end() {
    for byte in 0..=255 {
        assert_valid(&module(&mut Bytes::new(&[byte; 3000]), &everything()), &byte);
        let endless = module(&mut Constant(u32::from(byte)), &everything());
        assert_valid(&endless, &byte);
    }
    let nothing = module(&mut Bytes::new(&[]), &Config::default());
    assert!(nothing.size() <= 4, "{nothing:?}");
}

#[test]
fn the_same_choices_make_the_same_module() {
    for seed in 0..50 {
        let [first, second] = [(); 2].map(|()| seeded(seed, &everything()).to_wasm());
        assert_eq!(first, second, "seed {seed}");
        assert_ne!(first, seeded(seed + 1, &everything()).to_wasm(), "seed {seed} and the next");
    }
}

/// The name of an operator's kind: that of the variant.
fn kind(operator: &Operator) -> String {
    let debug = format!("{operator:?}");
    debug.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default().to_string()
}

#[test]
fn every_operator_appears() {
    let mut kinds = BTreeMap::<String, usize>::new();
    let (mut unary, mut binary) = (BTreeSet::new(), BTreeSet::new());
    let (mut loads, mut stores) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..400 {
        for function in seeded(seed, &Config::default()).functions() {
            for operator in function.body() {
                *kinds.entry(kind(operator)).or_default() += 1;
                match *operator {
                    Operator::Unary(op) => drop(unary.insert(op)),
                    Operator::Binary(op) => drop(binary.insert(op)),
                    Operator::Load(op, _) => drop(loads.insert(op)),
                    Operator::Store(op, _) => drop(stores.insert(op)),
                    _ => {}
                }
            }
        }
    }
    assert!(unary.iter().eq(UnaryOp::ALL), "{unary:?}");
    assert!(binary.iter().eq(BinaryOp::ALL), "{binary:?}");
    assert!(loads.iter().eq(LoadOp::ALL), "{loads:?}");
    assert!(stores.iter().eq(StoreOp::ALL), "{stores:?}");
    // One for each variant of `Operator`.
    assert_eq!(kinds.len(), 45, "{kinds:?}");
}

/// Properties of programs that are to be met with often.
#[test]
fn programs_are_what_they_should_be() {
    let (mut nested, mut several_results, mut with_params, mut many_params, mut dead) = (0, 0, 0, 0, 0);
    const SEEDS: u64 = 300;
    for seed in 0..SEEDS {
        for function in seeded(seed, &Config::default()).functions() {
            let (mut depth, mut deepest) = (0, 0);
            for operator in function.body() {
                match operator {
                    Operator::Block(ty) | Operator::Loop(ty) | Operator::If(ty) => {
                        depth += 1;
                        deepest = depth.max(deepest);
                        several_results += usize::from(ty.results().len() > 1);
                        with_params += usize::from(!ty.params().is_empty());
                    }
                    Operator::End => depth -= 1,
                    _ => {}
                }
            }
            nested += usize::from(deepest >= 3);
            many_params += usize::from(function.ty().params().len() >= 20);
            let leaves =
                |operator: &Operator| matches!(operator, Operator::Br(_) | Operator::BrTable(_) | Operator::Return);
            let pairs = function.body().windows(2);
            dead += pairs.filter(|pair| leaves(&pair[0]) && !matches!(pair[1], Operator::End | Operator::Else)).count();
        }
    }
    let seeds = SEEDS as usize;
    assert!(nested > seeds / 2, "{nested} functions nest three blocks");
    assert!(several_results > seeds, "{several_results} blocks have several results");
    assert!(with_params > seeds, "{with_params} blocks have parameters");
    assert!(many_params > seeds / 20, "{many_params} functions have many parameters");
    assert!(dead > seeds / 2, "{dead} branches have dead code behind them");
}

#[test]
fn values_are_interesting() {
    let mut choices = Seeded::new(0);
    let mut values = |ty| -> BTreeSet<u64> { (0..20_000).map(|_| value(ty, &mut choices)).collect() };
    let (i32s, i64s, f32s, f64s) =
        (values(ValType::I32), values(ValType::I64), values(ValType::F32), values(ValType::F64));
    for number in [0, 1, -1, i32::MIN, i32::MAX, 0x7fff, 0x8000, -0x8000, -0x8001, 0xffff, 0x1_0000] {
        assert!(i32s.contains(&u64::from(number as u32)), "{number}");
        assert!(i64s.contains(&(i64::from(number) as u64)), "{number}");
    }
    for number in [i64::MIN, i64::MAX, 0x8000_0000, -0x8000_0001, 0xffff_ffff, 0x1_0000_0000] {
        assert!(i64s.contains(&(number as u64)), "{number}");
    }
    assert!(i32s.iter().chain(&f32s).all(|bits| u32::try_from(*bits).is_ok()));
    for number in [0.0, -0.0, 1.0, f32::INFINITY, f32::MAX, f32::from_bits(1), 2147483648.0, -4294967296.0] {
        assert!(f32s.contains(&u64::from(number.to_bits())), "{number}");
    }
    for number in [0.0, -0.0, 1.0, f64::NEG_INFINITY, f64::MAX, f64::from_bits(1), 2147483647.0, -2147483649.0] {
        assert!(f64s.contains(&number.to_bits()), "{number}");
    }
    let quiet = 1 << 51;
    let nans: Vec<u64> = f64s.iter().copied().filter(|bits| f64::from_bits(*bits).is_nan()).collect();
    assert!(nans.iter().any(|bits| bits & quiet == 0) && nans.iter().any(|bits| bits & quiet != 0), "{nans:x?}");
}

fn divides_in_a_loop(module: &Module) -> bool {
    module.functions().iter().any(|function| {
        let mut open = Vec::new();
        function.body().iter().any(|operator| {
            match operator {
                Operator::Loop(_) => open.push(true),
                Operator::Block(_) | Operator::If(_) => open.push(false),
                Operator::End => drop(open.pop()),
                _ => {}
            }
            *operator == Operator::Binary(BinaryOp::I32DivS) && open.contains(&true)
        })
    })
}

/// Minimises with every step checked: it is valid and smaller in the end.
fn minimised(found: Module, fails: &dyn Fn(&Module) -> bool) -> (Module, usize) {
    let mut steps = 0;
    let small = minimise(found, &mut |module| {
        steps += 1;
        assert_valid(module, &"a step of shrinking");
        fails(module)
    });
    assert!(fails(&small));
    (small, steps)
}

#[test]
fn failures_become_small() {
    let mut found = 0;
    for seed in 0..600 {
        let module = seeded(seed, &everything());
        if divides_in_a_loop(&module) {
            let (small, _) = minimised(module, &divides_in_a_loop);
            assert!(small.size() <= 6, "seed {seed} ends at\n{small:?}");
            found += 1;
        }
    }
    assert!(found > 5, "{found} modules of 600 divide in a loop");
}

#[test]
fn whatever_fails_becomes_small() {
    // For each kind of operator, that it is there, and reachable by no less than itself.
    let mut first = BTreeMap::<String, Module>::new();
    for seed in 0..400 {
        let module = seeded(seed, &Config::default());
        for function in module.functions() {
            for operator in function.body() {
                first.entry(kind(operator)).or_insert_with(|| module.clone());
            }
        }
    }
    for (wanted, module) in first {
        let has = |module: &Module| {
            let mut operators = module.functions().iter().flat_map(|function| function.body());
            operators.any(|operator| kind(operator) == wanted)
        };
        let size = module.size();
        let (small, steps) = minimised(module, &has);
        assert!(small.size() <= 8, "{wanted} ends at\n{small:?}");
        assert!(steps < 20 * size + 200, "{wanted}: {steps} steps for {size} operators");
    }
}

#[test]
fn proptest_shrinks_by_the_same_steps() {
    let runs = Runs { cases: 500, max_shrink_iters: 20_000, failure_persistence: None, ..Runs::default() };
    let mut runner = TestRunner::new_with_rng(
        runs,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let seen = RefCell::new(0);
    let outcome = runner.run(&modules(Config::default()), |module| {
        *seen.borrow_mut() += 1;
        if divides_in_a_loop(&module) { Err(TestCaseError::fail("it divides")) } else { Ok(()) }
    });
    let Err(TestError::Fail(_, small)) = outcome else { panic!("{outcome:?} after {} modules", seen.borrow()) };
    assert!(divides_in_a_loop(&small) && small.size() <= 6, "{small:?}");
}

#[test]
fn bodies_are_one_function_without_calls() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let tree = bodies(Config::default()).new_tree(&mut runner).expect("nothing is rejected");
        let module = tree.current();
        assert_eq!(module.functions().len(), 1);
        let calls = |operator: &Operator| kind(operator).contains("Call");
        assert!(!module.functions()[0].body().iter().any(calls), "{module:?}");
    }
}

#[test]
fn a_small_module_is_easy_to_read() {
    let has = |module: &Module| {
        let mut operators = module.functions().iter().flat_map(|function| function.body());
        operators.any(|operator| matches!(operator, Operator::Load(LoadOp::I64Load32S, _)))
    };
    let found = (0..).map(|seed| seeded(seed, &Config::default())).find(has).expect("there is one");
    let (small, _) = minimised(found, &has);
    assert_eq!(format!("{small:?}"), small.to_wat());
    // How large the memory may become is all that is left to chance.
    let text = small.to_wat().replace("(memory (;0;) 1 3)", "(memory (;0;) 1 2)");
    assert_eq!(
        text,
        "(module
  (type (;0;) (func))
  (memory (;0;) 1 2)
  (export \"f0\" (func 0))
  (export \"memory\" (memory 0))
  (func (;0;) (type 0)
    i32.const 0
    i64.load32_s
    drop
  )
)
"
    );
}
