//! Property: all ways to run a module agree, and wasmi agrees with them.
//!
//! A valid module's exports are called as planned by [`crate::plan`], in the configurations that a [`Rotation`] chooses for the
//! input: over many inputs, every configuration is compared with the reference. The observations have to be exactly the same,
//! except for the choice of NaNs. Making the module may cost no more than [`crate::cost`] allows, including its code if that is
//! made early.
//!
//! Two variants of the module have to do the same as it does: one whose numbers take more bytes ([`crate::padded`]), and one
//! that is two instances ([`crate::linked`]). Each runs in some of the configurations.

use std::ops::Range;
use std::sync::LazyLock;

use riser::modes::CLASSIC;
use riser_properties::nan;
use riser_translator::module::ModuleInfo;

use crate::configurations::{self, Configuration, Rotation, pooled};
use crate::cost::{self, Bounds};
use crate::execute::{run, run_linked};
use crate::linked::{self, Linked};
use crate::observation::{Agreement, Difference, Observation, compare};
use crate::oracle::Oracle;
use crate::plan::{self, PlannedCall};
use crate::{coverage, padded, source};

use super::{Finding, Verdict, canonical, digest};

static ALL: LazyLock<Vec<Configuration>> = LazyLock::new(configurations::all);
static ROTATION: LazyLock<Rotation> = LazyLock::new(|| Rotation::new(|_| true));

thread_local! {
    static ORACLE: Oracle = Oracle::new();
}

/// The property for the module that `data` stands for; an invalid module is not a case.
///
/// # Errors
///
/// If two ways to run the module differ.
pub fn differential(data: &[u8]) -> Result<Verdict, Finding> {
    let Some(wasm) = source::module(data) else { return Ok(Verdict::NOTHING) };
    let configurations: Vec<Configuration> = ROTATION.of_case(digest(data) as usize).collect();
    check(&wasm, &configurations)
}

/// The property for a module, under every configuration.
///
/// # Errors
///
/// If two ways to run the module differ.
pub fn exhaustive(wasm: &[u8]) -> Result<Verdict, Finding> {
    check_with(wasm, &ALL, 0..VARIANTS, &configurations::quick())
}

/// Runs the module under the reference configuration, under these, and in the other engine, and compares the runs.
///
/// # Errors
///
/// If two ways to run the module differ.
pub fn check(wasm: &[u8], configurations: &[Configuration]) -> Result<Verdict, Finding> {
    let variant = digest(wasm) % VARIANTS;
    let some: Vec<Configuration> =
        configurations.iter().skip(variant as usize).step_by(VARIANTS as usize).copied().collect();
    check_with(wasm, configurations, variant..variant + 1, &some)
}

/// Numbers of which each stands for a way to make numbers longer, and to cut a module in two. There are few, so that a module that
/// is made smaller meets the same one again.
const VARIANTS: u64 = 4;

/// As [`check`], with these variants of the module, which run as two instances under `linked`.
fn check_with(
    wasm: &[u8],
    configurations: &[Configuration],
    variants: Range<u64>,
    linked: &[Configuration],
) -> Result<Verdict, Finding> {
    let reference = Configuration::reference();
    let Some(expected) = observe(wasm, &reference, usize::MAX)? else { return Ok(Verdict::NOTHING) };
    for configuration in configurations {
        if let Some(difference) = against(wasm, &expected, configuration)?
            && !chose_other_nans(wasm, configuration)?
        {
            let message = format!("{reference} and {configuration} differ in {difference}");
            return Err(Finding::in_module(message, wasm));
        }
    }
    for variant in variants {
        check_padded(wasm, &expected, configurations, variant)?;
        check_linked(wasm, &expected, linked, variant)?;
    }
    oracle(wasm, &expected)?;
    let got_somewhere = expected.steps.len() > 1;
    Ok(Verdict { cases: 1, effective: u64::from(got_somewhere) })
}

/// The difference of a module's run under a configuration from its run under the reference.
fn against(wasm: &[u8], expected: &Observation, configuration: &Configuration) -> Result<Option<Difference>, Finding> {
    // Without fuel, the calls have to end by themselves.
    let steps = if configuration.fuel { usize::MAX } else { expected.steps_with_resources() };
    if steps == 0 {
        return Ok(None);
    }
    match observe(wasm, configuration, steps)? {
        Some(actual) => Ok(compare(expected, &actual, Agreement::Exact).err()),
        None => Err(Finding::in_module(format!("{configuration} rejects the module"), wasm)),
    }
}

/// Whether the configuration and the reference agree on the module with canonical NaNs. For two NaN operands, the compiled code
/// of an operation's definition does not always return the same one.
fn chose_other_nans(wasm: &[u8], configuration: &Configuration) -> Result<bool, Finding> {
    let Some(canonical) = canonical(wasm) else { return Ok(false) };
    let Some(expected) = observe(&canonical, &Configuration::reference(), usize::MAX)? else { return Ok(false) };
    Ok(against(&canonical, &expected, configuration)?.is_none())
}

/// Runs the module with longer numbers under the reference configuration, in the classic interpreter, which reads them as they
/// are, and under another of these configurations.
fn check_padded(
    wasm: &[u8],
    expected: &Observation,
    configurations: &[Configuration],
    variant: u64,
) -> Result<(), Finding> {
    let Some(padded) = padded::module(wasm, variant) else { return Ok(()) };
    let expected = padded.moved(expected.clone());
    let classic = Configuration { mode: CLASSIC, ..Configuration::reference() };
    let others: Vec<&Configuration> = configurations.iter().filter(|it| !it.uses_llvm()).collect();
    let other = others.get(digest(wasm) as usize % others.len().max(1)).copied();
    for configuration in [Configuration::reference(), classic].iter().chain(other) {
        if let Some(difference) = against(&padded.wasm, &expected, configuration)?
            && !chose_other_nans(&padded.wasm, configuration)?
        {
            let message = format!("{configuration}, where numbers take more bytes, differs in {difference}");
            return Err(Finding::in_module(message, wasm));
        }
    }
    Ok(())
}

/// Runs the module as two instances, and compares the runs under these configurations with each other, and one with the run of the
/// whole.
fn check_linked(
    wasm: &[u8],
    expected: &Observation,
    configurations: &[Configuration],
    variant: u64,
) -> Result<(), Finding> {
    let Some(message) = linked_difference(wasm, expected, configurations, variant)? else { return Ok(()) };
    // The runs may have chosen different NaNs.
    if let Some(canonical) = canonical(wasm)
        && let Some(expected) = observe(&canonical, &Configuration::reference(), usize::MAX)?
        && linked_difference(&canonical, &expected, configurations, variant)?.is_none()
    {
        return Ok(());
    }
    Err(Finding::in_module(message, wasm))
}

fn linked_difference(
    wasm: &[u8],
    whole: &Observation,
    configurations: &[Configuration],
    variant: u64,
) -> Result<Option<String>, Finding> {
    let parsed = riser_properties::parse(wasm).map_err(|error| Finding::in_module(error.to_string(), wasm))?;
    let Some(linked) = linked::split(wasm, parsed.info(), variant) else { return Ok(None) };
    let expected = observe_linked(&linked, parsed.info(), &Configuration::reference(), usize::MAX)?;
    if let Err(difference) = compare(whole, &expected, Agreement::Specified) {
        return Ok(Some(format!("one instance and two differ in {difference}")));
    }
    for configuration in configurations {
        let steps = if configuration.fuel { usize::MAX } else { expected.steps_with_resources() };
        if steps == 0 {
            continue;
        }
        let actual = observe_linked(&linked, parsed.info(), configuration, steps)?;
        if let Err(difference) = compare(&expected, &actual, Agreement::Exact) {
            let reference = Configuration::reference();
            return Ok(Some(format!("as two instances, {reference} and {configuration} differ in {difference}")));
        }
    }
    Ok(None)
}

/// As [`observe`], of a valid module that is two instances.
fn observe_linked(
    linked: &Linked,
    whole: &ModuleInfo,
    configuration: &Configuration,
    steps: usize,
) -> Result<Observation, Finding> {
    let engine = pooled(configuration);
    let make = |wasm: &[u8]| {
        let most = Bounds::of(configuration).at(wasm.len());
        match cost::make(wasm, configuration, most, || engine.clone())? {
            (Some(module), _) => Ok(module),
            (None, _) => Err(Finding::in_module(format!("{configuration} rejects a part of a module"), wasm)),
        }
    };
    let (library, main) = (make(&linked.library)?, make(&linked.main)?);
    let calls = planned(whole, steps);
    run_linked([&library, &main], whole, &calls, configuration.changing)
        .map_err(|error| Finding::in_module(format!("{error:#}"), &linked.main))
}

/// The calls of the first `steps` steps. If the steps are limited, calls without enough fuel are left out.
fn planned(info: &ModuleInfo, steps: usize) -> Vec<PlannedCall> {
    let mut calls = plan::calls(info);
    if steps < usize::MAX {
        calls.retain(|call| call.fuel >= plan::FUEL);
        calls.truncate(steps - 1);
    }
    calls
}

/// The first `steps` steps of a run under a configuration. If the steps are limited, calls without enough fuel are left out.
/// `None` if the module is not valid.
///
/// # Errors
///
/// If there is no room for a store, or the module costs too much.
pub fn observe(wasm: &[u8], configuration: &Configuration, steps: usize) -> Result<Option<Observation>, Finding> {
    let engine = pooled(configuration);
    let most = Bounds::of(configuration).at(wasm.len());
    let (module, _) = cost::make(wasm, configuration, most, || engine.clone())?;
    let Some(module) = module else { return Ok(None) };
    let calls = planned(module.info(), steps);
    let observation =
        run(&module, &calls, configuration.changing).map_err(|error| Finding::in_module(format!("{error:#}"), wasm))?;
    Ok(Some(observation))
}

/// Compares Riser's run with one in the other engine.
fn oracle(wasm: &[u8], observed: &Observation) -> Result<(), Finding> {
    let parsed = riser_properties::parse(wasm).map_err(|error| Finding::in_module(error.to_string(), wasm))?;
    coverage::note(&parsed);
    let differs = |wasm: &[u8], observed: &Observation| {
        let steps = observed.steps_with_resources();
        if steps == 0 {
            return None;
        }
        let theirs = ORACLE.with(|oracle| oracle.execute(wasm, parsed.info(), steps))?;
        compare(observed, &theirs, Agreement::Specified).err()
    };
    let Some(mut difference) = differs(wasm, observed) else { return Ok(()) };
    // The engines may have chosen different NaNs.
    if let Some(canonical) = nan::canonical(wasm, parsed.info())
        && let Some(observed) = observe(&canonical, &Configuration::reference(), usize::MAX)?
    {
        match differs(&canonical, &observed) {
            None => return Ok(()),
            Some(still) => difference = still,
        }
    }
    Err(Finding::in_module(format!("Riser and wasmi differ in {difference}"), wasm))
}
