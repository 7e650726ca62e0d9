//! Every shape, at sizes that double: what translation gives, what it allocates, and how long it takes.

use std::time::Duration;

use riser_meter::{Cost, Meter, measure};
use riser_properties::generate::shapes::{SHAPES, Shape};
use riser_translator::ir::{Emitter, Inst};
use riser_translator::sink::{FuncHeader, Label, LabelKind};
use riser_translator::{FuncTranslator, TranslatorConfig, ValType, parse_module};

#[global_allocator]
static METER: Meter = Meter;

/// The smallest size of a module. The widest types alone take some thousand bytes.
const BYTES: usize = 20_000;
/// How often it is doubled.
const DOUBLINGS: u32 = 2;

/// The most instructions, targets of tables and labels for a byte of the module.
const ITEMS_PER_BYTE: f64 = 4.0;
/// The most bytes that are allocated at a time, and in all, for a byte of the module.
const PEAK_PER_BYTE: f64 = 100.0 + LOG_PER_BYTE;
const ALLOCATED_PER_BYTE: f64 = 150.0 + LOG_PER_BYTE;
/// With assertions, the validator notes each push and pop of a value, of which an operator of two bytes makes two thousand.
const LOG_PER_BYTE: f64 = if cfg!(debug_assertions) { 2000.0 } else { 0.0 };
/// Likewise for the time, on a machine that has much else to do. A call of two bytes with a thousand arguments has the
/// validator look at each.
const TIME_PER_BYTE: Duration = Duration::from_micros(if cfg!(debug_assertions) { 400 } else { 40 });
/// By how much more than the module each of them may grow.
const GROWTH: f64 = 1.3;

/// Counts what makes code.
#[derive(Default)]
struct Items(usize);

impl Emitter for Items {
    fn begin(&mut self, _: &FuncHeader<'_>) {}

    fn inst(&mut self, inst: &Inst, _: u32) {
        self.0 += match inst {
            Inst::BranchTable { targets, .. } => 1 + targets.len(),
            _ => 1,
        };
    }

    fn label(&mut self, _: Label, _: LabelKind, _: &mut dyn Iterator<Item = ValType>) {
        self.0 += 1;
    }

    fn end(&mut self, _: u32) {}
}

/// Translates all functions; answers how many items they have.
fn translate(wasm: &[u8], config: &TranslatorConfig) -> usize {
    let module = parse_module(wasm).expect("the module is valid");
    let mut translator = FuncTranslator::new();
    let mut items = Items::default();
    let info = module.info();
    for function in info.defined_functions() {
        translator.emit(&module, function, config, &mut items).expect("the body is valid");
    }
    items.0
}

/// What translating a module of a shape gives and costs, by its size.
struct Measured {
    bytes: f64,
    items: f64,
    cost: Cost,
}

impl Measured {
    fn of(shape: &Shape, bytes: usize, config: &TranslatorConfig) -> Measured {
        let wasm = (shape.module)(bytes);
        let (items, cost) = measure(|| translate(&wasm, config));
        assert!(cost.allocated > 0, "memory is measured");
        Measured { bytes: wasm.len() as f64, items: items as f64, cost }
    }

    /// What is too much for the size.
    fn excess(&self) -> Vec<String> {
        let Measured { bytes, items, cost } = self;
        let mut excess = Vec::new();
        let mut check = |what: &str, amount: f64, most: f64| {
            if amount / bytes > most {
                excess.push(format!("{what}: {:.1} a byte, {most} are the most", amount / bytes));
            }
        };
        check("items", *items, ITEMS_PER_BYTE);
        check("bytes at a time", cost.peak as f64, PEAK_PER_BYTE);
        check("bytes", cost.allocated as f64, ALLOCATED_PER_BYTE);
        check("nanoseconds", cost.time.as_nanos() as f64, TIME_PER_BYTE.as_nanos() as f64);
        excess
    }

    /// What has grown by too much more than the module since it was smaller.
    fn growth(&self, before: &Measured) -> Vec<String> {
        let size = self.bytes / before.bytes;
        let amounts =
            |it: &Measured| [("items", it.items), ("bytes", it.cost.allocated as f64), ("peak", it.cost.peak as f64)];
        let pairs = amounts(before).into_iter().zip(amounts(self));
        let grown = pairs.filter(|((_, before), (_, now))| now / before > size * GROWTH);
        grown
            .map(|((what, before), (_, now))| format!("{what}: from {before} to {now}, the module by {size:.2}"))
            .collect()
    }
}

/// Every shape under a configuration, which `name` is for.
fn check(name: &str, config: &TranslatorConfig) {
    let mut excess = Vec::new();
    for shape in SHAPES {
        let mut before: Option<Measured> = None;
        for doubling in 0..=DOUBLINGS {
            let now = Measured::of(shape, BYTES << doubling, config);
            let mut wrong = now.excess();
            wrong.extend(before.iter().flat_map(|before| now.growth(before)));
            excess.extend(wrong.into_iter().map(|what| format!("{}, switches {name}: {what}", shape.name)));
            if std::env::var_os("RISER_SHOW").is_some() {
                let Measured { bytes, items, cost } = &now;
                let each = |amount: f64| amount / bytes;
                println!(
                    "{:40} {name:3} {bytes:7} items {:6.2} peak {:7.1} bytes {:7.1} ns {:7.1}",
                    shape.name,
                    each(*items),
                    each(cost.peak as f64),
                    each(cost.allocated as f64),
                    each(cost.time.as_nanos() as f64),
                );
            }
            before = Some(now);
        }
    }
    assert!(excess.is_empty(), "{}", excess.join("\n"));
}

#[test]
fn optimised_translation_costs_in_proportion_to_the_size() {
    check("on", &TranslatorConfig::optimized());
}

#[test]
fn naive_translation_costs_in_proportion_to_the_size() {
    check("off", &TranslatorConfig::naive());
}
