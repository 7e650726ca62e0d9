//! What generators make a point of is run, and not only made: it is reached in calls that have not trapped before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use riser::{Engine, Event, EventSet, Module, Monitor};
use riser_fuzz::configurations::Configuration;
use riser_fuzz::execute::{run, run_linked};
use riser_fuzz::{linked, plan};
use riser_properties::generate::{self, Config, Seeded};
use riser_translator::FuncIndex;
use riser_translator::module::ModuleInfo;
use wasmparser::{Operator, Parser, Payload};

/// The operators that were reached, by function and offset.
#[derive(Default)]
struct Reached(Mutex<BTreeSet<(u32, usize)>>);

impl Reached {
    fn take(&self) -> BTreeSet<(u32, usize)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Monitor for Reached {
    fn events(&self) -> EventSet {
        EventSet::CODE
    }

    fn event(&self, event: &Event<'_>) {
        let place = (event.function().as_u32(), event.offset());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
    }
}

/// What is so odd about an operator, if something is.
fn oddity(info: &ModuleInfo, function: FuncIndex, operator: &Operator<'_>) -> Option<&'static str> {
    let wide = |table: u32| info.tables[table as usize].is_64();
    let few = info.func_type(function).params().len() + 8;
    match *operator {
        Operator::TableCopy { dst_table, src_table } if wide(dst_table) != wide(src_table) => Some("mixed copy"),
        Operator::TableGet { table }
        | Operator::TableSet { table }
        | Operator::TableGrow { table }
        | Operator::TableFill { table }
        | Operator::TableInit { table, .. }
        | Operator::CallIndirect { table_index: table, .. }
            if wide(table) =>
        {
            Some("64-bit table")
        }
        Operator::ReturnCall { function_index } => {
            let params = info.func_type(FuncIndex::new(function_index)).params().len();
            (params >= few).then_some("wide tail call")
        }
        Operator::ReturnCallIndirect { type_index, .. } => {
            (info.types[type_index as usize].params().len() >= few).then_some("wide tail call")
        }
        Operator::BrTable { .. } => Some("branch table"),
        _ => None,
    }
}

/// The odd operators of a module, and those of them that were reached.
fn count(wasm: &[u8], info: &ModuleInfo, reached: &BTreeSet<(u32, usize)>, all: &mut BTreeMap<&str, [usize; 2]>) {
    let mut function = info.imported_functions;
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.expect("valid") else { continue };
        let mut operators = body.get_operators_reader().expect("valid");
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset().expect("valid");
            let Some(oddity) = oddity(info, FuncIndex::new(function), &operator) else { continue };
            let counts = all.entry(oddity).or_default();
            counts[0] += 1;
            counts[1] += usize::from(reached.contains(&(function, offset)));
        }
        function += 1;
    }
}

/// An engine that counts, and what it reaches.
fn monitored() -> (Engine, Arc<Reached>) {
    let reached = Arc::new(Reached::default());
    let mut config = Configuration::reference().config();
    config.monitor(reached.clone());
    (Engine::new(&config).expect("a configuration of the interpreter"), reached)
}

fn odd() -> Config {
    Config { memory64: true, table64: true, wide_tail_calls: true, shuffled_operands: true, ..Config::default() }
}

#[test]
fn what_is_odd_is_reached() {
    let (engine, reached) = monitored();
    let mut all = BTreeMap::new();
    for seed in 0..300 {
        let wasm = generate::module(&mut Seeded::new(seed), &odd()).to_wasm();
        let module = Module::from_binary(&engine, &wasm).expect("valid");
        run(&module, &plan::calls(module.info()), false).expect("there is room");
        count(&wasm, module.info(), &reached.take(), &mut all);
    }
    eprintln!("made and reached: {all:?}");
    assert_eq!(all.len(), 4, "{all:?}");
    for (what, [made, reached]) in all {
        assert!(reached * 6 > made && reached > 4, "{reached} of {made} are reached: {what}");
    }
}

/// Of the modules that are two instances, both parts run code in most.
#[test]
fn both_instances_are_reached() {
    const SEEDS: u64 = 200;
    let (engine, reached) = monitored();
    let mut both = 0;
    for seed in 0..SEEDS {
        let wasm = generate::module(&mut Seeded::new(seed), &odd()).to_wasm();
        let whole = Module::from_binary(&engine, &wasm).expect("valid");
        let Some(halves) = linked::split(&wasm, whole.info(), seed) else { continue };
        let [library, main] =
            [&halves.library, &halves.main].map(|wasm| Module::from_binary(&engine, wasm).expect("valid"));
        run_linked([&library, &main], whole.info(), &plan::calls(whole.info()), false).expect("there is room");
        // The functions of the main module have the indices behind those of the library.
        let first = main.info().imported_functions;
        let places = reached.take();
        let [in_library, in_main] = [false, true].map(|is_main| places.iter().any(|(at, _)| (*at >= first) == is_main));
        both += u64::from(in_library && in_main);
    }
    assert!(both * 2 > SEEDS, "{both} of {SEEDS} modules run in both parts");
}
