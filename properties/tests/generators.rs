//! Generated modules: they are valid, various and the same for the same choices, and those that
//! fail become small.

#[path = "generators/kernels.rs"]
mod kernels;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config as Runs, TestCaseError, TestError, TestRunner};
use riser_properties::generate::{
    Bytes, Choices, Config, Module, Operator, Seeded, bodies, minimise, module, modules, slots, value, vector,
};

use riser_translator::ops::{
    BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp, VectorOp,
};
use riser_translator::{Features, ValType};
use wasmparser::Validator;

/// All families of operators.
fn everything() -> Config {
    Config {
        reference_signatures: true,
        memory64: true,
        table64: true,
        wide_tail_calls: true,
        shuffled_operands: true,
        custom_page_sizes: true,
        multi_memory: true,
        ..Config::default()
    }
}

fn seeded(seed: u64, config: &Config) -> Module {
    module(&mut Seeded::new(seed), config)
}

fn assert_valid(module: &Module, what: &dyn std::fmt::Debug) {
    let bytes = module.to_wasm();
    if let Err(error) = Validator::new_with_features(Features::ALL.flags()).validate_all(&bytes) {
        panic!("{error} in the module of {what:?}:\n{module:?}");
    }
    // It has no feature that is not supported, either.
    if let Err(error) = riser_properties::parse(bytes) {
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
        Config { wide_arithmetic: false, ..all.clone() },
        Config { vectors: false, ..all.clone() },
        Config { relaxed_vectors: false, ..all.clone() },
        Config { exceptions: false, ..all.clone() },
        Config { legacy_exceptions: false, ..all.clone() },
        Config { exceptions: true, floats: false, vectors: false, nesting: 2, ..all.clone() },
        Config { floats: false, memory: false, globals: false, calls: false, ..all.clone() },
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
    assert_eq!(kinds.len(), 65, "{kinds:?}");
}

#[test]
fn every_vector_operation_appears_with_every_lane() {
    let mut plain = BTreeSet::new();
    let (mut extracts, mut replaces, mut loads) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut lane_loads, mut lane_stores) = (BTreeSet::new(), BTreeSet::new());
    let (mut lanes, mut shuffled) = ([0; 2], BTreeSet::new());
    for seed in 0..2000 {
        for function in seeded(seed, &Config::default()).functions() {
            for operator in function.body() {
                match *operator {
                    Operator::Vector(op) => drop(plain.insert(op)),
                    Operator::Shuffle(numbers) => shuffled.extend(numbers),
                    Operator::ExtractLane(op, lane) => {
                        extracts.insert(op);
                        lanes[0] |= 1 << lane;
                    }
                    Operator::ReplaceLane(op, lane) => {
                        replaces.insert(op);
                        lanes[1] |= 1 << lane;
                    }
                    Operator::VectorLoad(op, _) => drop(loads.insert(op)),
                    Operator::LoadLane(op, ..) => drop(lane_loads.insert(op)),
                    Operator::StoreLane(op, ..) => drop(lane_stores.insert(op)),
                    _ => {}
                }
            }
        }
    }
    assert!(plain.iter().eq(VectorOp::ALL), "{plain:?}");
    assert!(extracts.iter().eq(ExtractOp::ALL), "{extracts:?}");
    assert!(replaces.iter().eq(ReplaceOp::ALL), "{replaces:?}");
    assert!(loads.iter().eq(VectorLoadOp::ALL), "{loads:?}");
    assert!(lane_loads.iter().eq(LoadLaneOp::ALL), "{lane_loads:?}");
    assert!(lane_stores.iter().eq(StoreLaneOp::ALL), "{lane_stores:?}");
    assert_eq!(lanes, [0xffff; 2]);
    assert!(shuffled.into_iter().eq(0..32));
}

/// Whether a module has a vector somewhere.
fn has_vectors(module: &Module) -> bool {
    let declared = |function: &riser_properties::generate::Function| {
        let ty = function.ty();
        [ty.params(), ty.results(), function.locals()].concat().contains(&ValType::V128)
    };
    let computed = |operator: &Operator| match operator {
        Operator::VectorConst(_) | Operator::Vector(_) | Operator::VectorLoad(..) => true,
        Operator::Block(ty) | Operator::Loop(ty) | Operator::If(ty) => {
            ty.params().contains(&ValType::V128) || ty.results().contains(&ValType::V128)
        }
        _ => false,
    };
    module.globals().iter().any(|global| global.ty() == ValType::V128)
        || module.functions().iter().any(|function| declared(function) || function.body().iter().any(computed))
}

#[test]
fn vectors_are_in_some_modules_and_can_be_left_out() {
    const SEEDS: u64 = 400;
    let with = (0..SEEDS).filter(|seed| has_vectors(&seeded(*seed, &Config::default()))).count();
    assert!((150..250).contains(&with), "{with} of {SEEDS} modules have vectors");
    let (mut signatures, mut blocks, mut variables) = (0, 0, 0);
    for seed in 0..SEEDS {
        assert!(!has_vectors(&seeded(seed, &Config { vectors: false, ..everything() })), "seed {seed}");
        let strict = seeded(seed, &Config { relaxed_vectors: false, ..everything() });
        for function in strict.functions() {
            let relaxed = |operator: &Operator| matches!(operator, Operator::Vector(op) if op.is_relaxed());
            assert!(!function.body().iter().any(relaxed), "seed {seed}");
            let takes = |types: &[ValType]| usize::from(types.contains(&ValType::V128));
            signatures += takes(function.ty().params()) + takes(function.ty().results());
            variables += takes(function.locals());
            for operator in function.body() {
                if let Operator::Block(ty) | Operator::Loop(ty) | Operator::If(ty) = operator {
                    blocks += takes(ty.params()) + takes(ty.results());
                }
            }
        }
        variables += strict.globals().iter().filter(|global| global.ty() == ValType::V128).count();
    }
    let seeds = SEEDS as usize;
    assert!(signatures > seeds / 2, "{signatures} signatures have vectors");
    assert!(blocks > seeds / 2, "{blocks} blocks have vectors");
    assert!(variables > seeds / 2, "{variables} locals and globals are vectors");
}

/// Every clause is generated, to blocks and to loops, around each other and around calls.
#[test]
fn handlers_are_what_they_should_be() {
    const SEEDS: u64 = 300;
    let (mut clauses, mut to_loops, mut nested, mut several, mut around_calls) = ([0; 4], 0, 0, 0, 0);
    let mut carried = BTreeSet::new();
    let mut references = 0;
    for seed in 0..SEEDS {
        let module = seeded(seed, &Config::default());
        carried.extend(module.tags().iter().flat_map(|tag| tag.params().to_vec()).map(|ty| format!("{ty:?}")));
        for function in module.functions() {
            references += function.locals().iter().filter(|ty| **ty == ValType::ExnRef).count();
            // Of each open block, whether it is a loop, and whether it has clauses.
            let mut open = vec![(false, false)];
            for operator in function.body() {
                let handled = open.iter().any(|(_, handles)| *handles);
                if let Operator::TryTable(_, found) = operator {
                    nested += usize::from(handled);
                    several += usize::from(found.len() > 1);
                    for clause in found {
                        clauses[2 * usize::from(clause.tag.is_none()) + usize::from(clause.reference)] += 1;
                        to_loops += usize::from(open[open.len() - 1 - clause.label as usize].0);
                    }
                }
                match operator {
                    Operator::TryTable(_, found) => open.push((false, !found.is_empty())),
                    Operator::Try(_) => open.push((false, true)),
                    Operator::Loop(_) => open.push((true, false)),
                    operator if operator.opens() => open.push((false, false)),
                    operator if operator.closes() => drop(open.pop()),
                    Operator::Call(_) | Operator::CallIndirect(..) => around_calls += usize::from(handled),
                    _ => {}
                }
            }
        }
    }
    let seeds = SEEDS as usize;
    assert!(clauses.iter().all(|count| *count > seeds / 8), "{clauses:?} of the kinds of clauses");
    assert!(to_loops > seeds / 4, "{to_loops} clauses go to loops");
    assert!(nested > seeds / 20, "{nested} handlers are in others");
    assert!(several > seeds / 4, "{several} handlers have several clauses");
    assert!(around_calls > seeds / 4, "{around_calls} calls are in the scope of a handler");
    assert!(references > seeds / 2, "{references} locals refer to exceptions");
    assert_eq!(carried.len(), 8, "exceptions carry {carried:?}");
    let without = Config { exceptions: false, ..everything() };
    let any =
        |operator: &Operator| matches!(operator, Operator::TryTable(..) | Operator::Throw(_) | Operator::ThrowRef);
    for seed in 0..SEEDS {
        let module = seeded(seed, &without);
        assert!(module.tags().is_empty(), "seed {seed}");
        let operators = || module.functions().iter().flat_map(|function| function.body());
        assert!(!operators().any(any) && !operators().any(is_legacy), "seed {seed}");
    }
}

/// Whether the operator is of the legacy proposal for exceptions alone.
fn is_legacy(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Try(_) | Operator::Catch(_) | Operator::CatchAll | Operator::Delegate(_) | Operator::Rethrow(_)
    )
}

/// Each operator of the legacy proposal is generated; what passes exceptions on, also to blocks further out.
#[test]
fn legacy_handlers_are_what_they_should_be() {
    const SEEDS: u64 = 300;
    let (mut tries, mut catches, mut all, mut several, mut delegates, mut rethrows, mut farther) =
        (0, 0, 0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        for function in seeded(seed, &Config::default()).functions() {
            // The arms of each open block that catch.
            let mut open = vec![0];
            for operator in function.body() {
                match operator {
                    Operator::Try(_) => tries += 1,
                    Operator::Catch(_) => catches += 1,
                    Operator::CatchAll => all += 1,
                    Operator::Delegate(label) => {
                        delegates += 1;
                        farther += usize::from(*label > 0);
                    }
                    Operator::Rethrow(label) => {
                        rethrows += 1;
                        farther += usize::from(*label > 0);
                        assert!(
                            open[open.len() - 1 - *label as usize] > 0,
                            "seed {seed}: nothing has been caught there"
                        );
                    }
                    _ => {}
                }
                if operator.opens() {
                    open.push(0);
                } else if operator.closes() {
                    several += usize::from(open.pop() > Some(1));
                } else if operator.divides() && is_legacy(operator) {
                    *open.last_mut().expect("the function's body is open") += 1;
                }
            }
        }
    }
    let seeds = SEEDS as usize;
    assert!(tries > seeds / 5, "{tries} handlers");
    assert!(catches > seeds / 6 && all > seeds / 12, "{catches} arms catch a tag, {all} all");
    assert!(several > seeds / 20, "{several} handlers have several arms");
    assert!(delegates > seeds / 30 && rethrows > seeds / 30, "{delegates} delegate, {rethrows} throw again");
    assert!(farther > seeds / 30, "{farther} of these go farther than one block");
    let without = Config { legacy_exceptions: false, ..Config::default() };
    for seed in 0..SEEDS {
        let module = seeded(seed, &without);
        assert!(!module.functions().iter().flat_map(|function| function.body()).any(is_legacy), "seed {seed}");
    }
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
                if let Some(ty) = operator.block_type() {
                    depth += 1;
                    deepest = depth.max(deepest);
                    several_results += usize::from(ty.results().len() > 1);
                    with_params += usize::from(!ty.params().is_empty());
                } else if operator.closes() {
                    depth -= 1;
                }
            }
            nested += usize::from(deepest >= 3);
            many_params += usize::from(function.ty().params().len() >= 20);
            let leaves =
                |operator: &Operator| matches!(operator, Operator::Br(_) | Operator::BrTable(_) | Operator::Return);
            let pairs = function.body().windows(2);
            dead += pairs.filter(|pair| leaves(&pair[0]) && !pair[1].closes() && !pair[1].divides()).count();
        }
    }
    let seeds = SEEDS as usize;
    assert!(nested > seeds / 2, "{nested} functions nest three blocks");
    assert!(several_results > seeds, "{several_results} blocks have several results");
    assert!(with_params > seeds, "{with_params} blocks have parameters");
    assert!(many_params > seeds / 20, "{many_params} functions have many parameters");
    assert!(dead > seeds / 2, "{dead} branches have dead code behind them");
}

/// Tables with 64-bit indices are in every operation, also together with others.
#[test]
fn tables_have_indices_of_both_widths() {
    let mut found = BTreeMap::<String, usize>::new();
    for seed in 0..400 {
        let module = seeded(seed, &everything());
        let wide = |table: u32| module.tables()[table as usize].is_64();
        for operator in module.functions().iter().flat_map(|function| function.body()) {
            let name = match *operator {
                Operator::TableCopy { dst, src } => format!("TableCopy {} {}", wide(dst), wide(src)),
                Operator::TableGet(table)
                | Operator::TableSet(table)
                | Operator::TableSize(table)
                | Operator::TableGrow(table)
                | Operator::TableFill(table)
                | Operator::TableInit { table, .. }
                | Operator::CallIndirect(table, _)
                | Operator::ReturnCallIndirect(table, _) => format!("{} {}", kind(operator), wide(table)),
                _ => continue,
            };
            *found.entry(name).or_default() += 1;
        }
        let without = seeded(seed, &Config { table64: false, ..everything() });
        assert!(!without.tables().iter().any(|table| table.is_64()), "seed {seed}");
    }
    assert_eq!(found.len(), 20, "{found:?}");
    assert!(found.values().all(|count| *count > 5), "{found:?}");
}

/// Functions end in tail calls of others with many more parameters, of all types, directly and through tables.
#[test]
fn tail_calls_are_wide() {
    const SEEDS: u64 = 400;
    let (mut direct, mut indirect, mut results, mut vectors) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let module = seeded(seed, &everything());
        for function in module.functions() {
            for operator in function.body() {
                let (callee, count) = match operator {
                    Operator::ReturnCall(callee) => (module.functions()[*callee as usize].ty(), &mut direct),
                    Operator::ReturnCallIndirect(_, ty) => (ty, &mut indirect),
                    _ => continue,
                };
                if callee.params().len() >= function.ty().params().len() + 8 {
                    *count += 1;
                    results += usize::from(callee.results().len() >= 10);
                    vectors += usize::from(callee.params().contains(&ValType::V128));
                }
            }
        }
    }
    let seeds = SEEDS as usize;
    assert!(direct > seeds / 8 && indirect > seeds / 20, "{direct} wide tail calls, and {indirect} through tables");
    assert!(results > seeds / 20, "{results} of them have many results");
    assert!(vectors > seeds / 20, "{vectors} of them have vectors");
}

/// Branches carry operands in another order than that in which they came, to loops and by tables.
#[test]
fn operands_change_places() {
    const SEEDS: u64 = 400;
    let found = |config: &Config| {
        let (mut twice, mut swapped, mut tables) = (0, 0, 0);
        for seed in 0..SEEDS {
            for function in seeded(seed, config).functions() {
                for (at, four) in function.body().windows(4).enumerate() {
                    let [
                        Operator::LocalSet(second),
                        Operator::LocalSet(first),
                        Operator::LocalGet(a),
                        Operator::LocalGet(b),
                    ] = four
                    else {
                        continue;
                    };
                    twice += usize::from(a == b && (a == first || a == second));
                    swapped += usize::from(a == second && b == first && a != b);
                    let mut next = function.body()[at + 4..].iter().take(12);
                    tables += usize::from(next.any(|operator| matches!(operator, Operator::BrTable(_))));
                }
            }
        }
        [twice, swapped, tables]
    };
    let with = found(&everything());
    assert!(with.iter().all(|count| *count > SEEDS as usize / 20), "{with:?}");
    let without = found(&Config { shuffled_operands: false, ..everything() });
    assert!(without[1] * 4 < with[1], "{without:?} without, {with:?} with");
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

#[test]
fn vectors_are_interesting() {
    let mut choices = Seeded::new(0);
    let vectors: BTreeSet<u128> = (0..200_000).map(|_| vector(&mut choices)).collect();
    // The same lane everywhere.
    let splat = |width: u32, lane: u128| (0..128 / width).fold(0, |bits, at| bits | lane << (at * width));
    for bits in [0, u128::MAX, splat(8, 0x80), splat(8, 0x7f), splat(16, 0x8000), splat(16, 0x7fff)] {
        assert!(vectors.contains(&bits), "{bits:#x}");
    }
    for bits in [splat(32, 0x8000_0000), splat(32, 0x7fc0_0000), splat(32, 0x7fa0_0000), splat(64, 1 << 63)] {
        assert!(vectors.contains(&bits), "{bits:#x}");
    }
    // One lane is another.
    let mixed = |bits: &&u128| (**bits ^ splat(64, 0x7ff8_0000_0000_0000)).leading_zeros() == 64;
    assert!(vectors.iter().any(|bits| mixed(&bits)));
    let types = [ValType::V128, ValType::I32, ValType::V128];
    assert_eq!(slots(&types, &mut choices).len(), 5);
}

fn divides_in_a_loop(module: &Module) -> bool {
    module.functions().iter().any(|function| {
        let mut open = Vec::new();
        function.body().iter().any(|operator| {
            match operator {
                operator if operator.opens() => open.push(matches!(operator, Operator::Loop(_))),
                operator if operator.closes() => drop(open.pop()),
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
