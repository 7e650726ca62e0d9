//! Property: the cost of code is in proportion to its bytes, in every mode: memory, time, and the size of the code.
//!
//! A module that repeats something, and one that repeats it twice as often, are compiled in each mode, in one of its configurations that
//! the input chooses; with LLVM, in only one of those that have it. Each module must stay within its bounds ([`crate::cost`]). In the
//! interpreters, the second must cost little more than twice what the first does. Compilers treat larger functions differently from smaller
//! ones, or decline them, so their cost need not grow evenly. The modules are [scaled](crate::scaled), or one of the shapes of
//! `riser-properties`. For a module in a file, only the bounds are checked. With `RISER_SHOW=1`, the costs are printed; if it is a folder, the
//! modules are written there, too, before they are compiled.

use std::path::Path;
use std::sync::LazyLock;

use riser::modes::{CLASSIC, LLVM_JIT};
use riser::{Compilation, Mode};
use riser_properties::generate::shapes::SHAPES;
use riser_properties::generate::{Bytes, Choices};

use crate::configurations::{self, Configuration};
use crate::cost::{self, Amounts, Bounds};
use crate::scaled::Scaled;
use crate::source;

use super::{Finding, Verdict, digest};

/// The smallest size of a shape. The widest types alone take some thousand bytes.
pub const SHAPE_BYTES: usize = 20_000;
/// The smallest size of a scaled module, and the most times it is doubled.
const SCALED_BYTES: usize = 2000;
const DOUBLINGS: u32 = 5;

/// The configurations that compile all of a module when it is made, grouped by compiler; those with LLVM are last.
static GROUPS: LazyLock<[Vec<Vec<Configuration>>; 2]> = LazyLock::new(|| {
    let compiler = |it: &Configuration| (it.mode, it.tier());
    let mut groups = [Vec::<Vec<Configuration>>::new(), Vec::new()];
    let is_asked = |it: &Configuration| it.compilation == Compilation::Eager && !it.changing && !it.only_loops;
    for configuration in configurations::all().into_iter().filter(is_asked) {
        let with_llvm = configuration.tier() == LLVM_JIT;
        let groups = &mut groups[usize::from(with_llvm)];
        match groups.iter_mut().find(|group| compiler(&group[0]) == compiler(&configuration)) {
            Some(group) => group.push(configuration),
            None => groups.push(vec![configuration]),
        }
    }
    groups
});

/// All configurations without LLVM.
pub fn without_llvm() -> Vec<Configuration> {
    GROUPS[0].concat()
}

/// The configurations of a case: one for each mode without LLVM, and one with LLVM.
pub fn of_case(number: usize) -> Vec<Configuration> {
    let [others, llvm] = &*GROUPS;
    let one = |group: &Vec<Configuration>| group[number % group.len()];
    let with_llvm = (!llvm.is_empty()).then(|| one(&llvm[number % llvm.len()]));
    others.iter().map(one).chain(with_llvm).collect()
}

/// The property for the modules that `data` stands for.
///
/// # Errors
///
/// If a module costs too much.
pub fn cost(data: &[u8]) -> Result<Verdict, Finding> {
    let configurations = of_case((digest(data) >> 8) as usize);
    if data.starts_with(source::MAGIC) {
        return check(data, None, &configurations);
    }
    let [first, second] = modules(&mut Bytes::new(data));
    check(&first, Some(&second), &configurations)
}

/// A module, and one that repeats its code twice as often.
fn modules(choices: &mut dyn Choices) -> [Vec<u8>; 2] {
    if choices.one_in(5) {
        let shape = choices.pick(SHAPES);
        return [SHAPE_BYTES, 2 * SHAPE_BYTES].map(shape.module);
    }
    let doublings = choices.below(DOUBLINGS);
    let scaled = Scaled::new(choices);
    let scale = scaled.scale_of(SCALED_BYTES << doublings);
    [scale, 2 * scale].map(|scale| scaled.module(scale))
}

/// Compares the cost of a module with the bounds, and the cost of its doubled module, if there is one, with its own. An invalid module is
/// no case.
///
/// # Errors
///
/// If the cost is too high.
pub fn check(wasm: &[u8], doubled: Option<&[u8]>, configurations: &[Configuration]) -> Result<Verdict, Finding> {
    for configuration in configurations {
        let bounds = Bounds::of(configuration);
        let Some(first) = compile(wasm, configuration, bounds.at(wasm.len()))? else { return Ok(Verdict::NOTHING) };
        let Some(doubled) = doubled else { continue };
        let Some(second) = compile(doubled, configuration, bounds.at(doubled.len()))? else {
            return Err(Finding::in_module("a module is valid, and one with twice as much is not", doubled));
        };
        let most = first.doubled(bounds.base);
        let is_interpreted = matches!(configuration.mode, CLASSIC | Mode::Interp | Mode::MultiTier);
        if is_interpreted && !second.is_within(most) {
            compile(doubled, configuration, most)?;
        }
    }
    Ok(Verdict::ONE)
}

/// Compiles a module with an engine that has not seen any; `None` if the module is not valid.
fn compile(wasm: &[u8], configuration: &Configuration, most: Amounts) -> Result<Option<Amounts>, Finding> {
    let show = std::env::var_os("RISER_SHOW");
    if let Some(folder) = show.as_ref().map(Path::new).filter(|it| it.is_dir()) {
        // Who asks for the module looks for it if it cannot be written.
        let _ = std::fs::write(folder.join(format!("{}.wasm", wasm.len())), wasm);
    }
    let (module, amounts) = cost::make(wasm, configuration, most, || configuration.engine())?;
    if show.is_some() {
        eprintln!("{:7} bytes {amounts}, {configuration}", wasm.len());
    }
    Ok(module.map(|_| amounts))
}
