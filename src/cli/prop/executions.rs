//! The property of executions: a module does the same in every mode and under every setting of the switches.

use riser_properties::generate::{Choices, slots};
use riser_properties::nan;
use riser_properties::property::{Case, Failure, Property};

use crate::lockstep::{self, Call, Options, Report, Side};
use crate::modes::{CLASSIC, LLVM_JIT};
use crate::policy::Policy;
use crate::translator::Switches;
use crate::{
    Config, Engine, ExternType, FuncType, Mode, Module, Proposal, Result, SharedBytes, TranslatorConfig, Val, ValType,
};

/// Modes and switches agree, in lockstep.
pub const PROPERTY: Property = Property {
    name: "executions-agree",
    claim: "Every mode but LLVM's, and every configuration, passes the same states in lockstep; of modules without imports.",
    check,
};

/// Every run ends.
const OPTIONS: Options = Options { limit: None, fuel: Some(2_000), canonical_nans: false };

/// How a side runs: a name, the configuration, and the translator's switches, if the side is about these.
struct Way {
    name: String,
    config: Config,
    switches: Option<TranslatorConfig>,
}

fn check(case: &Case<'_>) -> Result<(), Failure> {
    if !case.module.info().imports.is_empty() {
        return Ok(());
    }
    compare(case).map_err(|error| Failure::from(format!("{error:#}")))?.map_or(Ok(()), Err)
}

/// The first way to run the module that differs from the reference.
fn compare(case: &Case<'_>) -> Result<Option<Failure>> {
    let choices: &mut dyn Choices = &mut case.choices();
    let engine = Engine::new(&configuration(Mode::Interp))?;
    let functions = functions(&engine, &case.wasm)?;
    if functions.is_empty() {
        return Ok(None);
    }
    let reference = if engine.supports(CLASSIC) { Way::of(CLASSIC) } else { Way::under(TranslatorConfig::naive()) };
    for way in ways(case, &engine, choices) {
        // Of a sample, each way runs one of the functions.
        let first = choices.below(functions.len() as u32) as usize;
        for (name, ty) in functions.iter().cycle().skip(first).take(case.some_of(functions.len(), 1)) {
            let call = Call::Export { name: name.clone(), arguments: arguments(ty, choices) };
            if let Some(difference) = difference(case, [&reference, &way], &call)? {
                let failure = match way.switches {
                    Some(switches) => case.translate(&switches).map(|ir| Failure::under(&switches, difference, &ir)),
                    None => Err(difference.into()),
                };
                return Ok(Some(failure.unwrap_or_else(|failure| failure)));
            }
        }
    }
    Ok(None)
}

impl Way {
    fn of(mode: Mode) -> Way {
        Way { name: mode.to_string(), config: configuration(mode), switches: None }
    }

    /// The interpreter under a setting of the switches.
    fn under(switches: TranslatorConfig) -> Way {
        let mut config = configuration(Mode::Interp);
        config.translator(switches);
        Way { name: format!("interp {}", Switches::of(&switches)), config, switches: Some(switches) }
    }
}

/// The interpreter under the case's settings of the switches, and the other modes, or of a sample one of them.
fn ways(case: &Case<'_>, engine: &Engine, choices: &mut dyn Choices) -> Vec<Way> {
    let mut settings: Vec<TranslatorConfig> = Vec::new();
    for config in case.configs() {
        // Lockstep has instrumentation of its own.
        let config = TranslatorConfig { fuel: false, epoch: false, ..config };
        if !settings.contains(&config) {
            settings.push(config);
        }
    }
    let takes_part =
        |mode: &Mode| ![Mode::Interp, Mode::Aot, CLASSIC, LLVM_JIT].contains(mode) && engine.supports(*mode);
    let mut modes: Vec<Mode> = Mode::all().into_iter().filter(takes_part).collect();
    if !case.is_thorough() && !modes.is_empty() {
        modes = vec![choices.pick(&modes)];
    }
    settings.into_iter().map(Way::under).chain(modes.into_iter().map(Way::of)).collect()
}

/// A mode in which functions tier up at once, and modules may use everything.
fn configuration(mode: Mode) -> Config {
    let mut config = Config::new();
    config.mode(mode).tier_policy(Policy {
        up_call_threshold: Policy::NEVER,
        up_loop_threshold: Policy::NEVER,
        ..Policy::at_once(0)
    });
    for &proposal in Proposal::ALL {
        config.wasm_proposal(proposal, true);
    }
    config
}

/// The exported functions.
fn functions(engine: &Engine, wasm: &SharedBytes) -> Result<Vec<(String, FuncType)>> {
    let module = Module::from_owned(engine, wasm.clone())?;
    let functions = module.exports().filter_map(|export| match export.ty() {
        ExternType::Func(ty) => Some((export.name().to_owned(), ty)),
        _ => None,
    });
    Ok(functions.collect())
}

/// Arguments that are likely to matter. References are null: no argument refers to an object of a store.
fn arguments(ty: &FuncType, choices: &mut dyn Choices) -> Vec<Val> {
    let argument = |ty: &ValType| {
        let slots = slots(&[*ty], choices);
        match *ty {
            ValType::I32 => Val::I32(slots[0] as u32 as i32),
            ValType::I64 => Val::I64(slots[0] as i64),
            ValType::F32 => Val::F32(slots[0] as u32),
            ValType::F64 => Val::F64(slots[0]),
            ValType::V128 => Val::V128((u128::from(slots[1]) << 64 | u128::from(slots[0])).into()),
            ValType::FuncRef => Val::FuncRef(None),
            ValType::ExternRef => Val::ExternRef(None),
            ValType::ExnRef => Val::ExnRef(None),
        }
    };
    ty.params().iter().map(argument).collect()
}

/// Where two ways to run differ, in words. Modes may differ in which NaN an operation returns; so what differs runs once more
/// with canonical NaNs.
fn difference(case: &Case<'_>, ways: [&Way; 2], call: &Call) -> Result<Option<String>> {
    if run(&case.wasm, ways, call)?.1.is_alike() {
        return Ok(None);
    }
    let canonical = nan::canonical(&case.wasm, case.module.info());
    let wasm = canonical.map_or(case.wasm.clone(), SharedBytes::from);
    let (sides, report) = run(&wasm, ways, call)?;
    if report.is_alike() {
        return Ok(None);
    }
    let [a, b] = &sides;
    Ok(Some(report.print(a, b, ways.map(|way| &*way.name))?))
}

/// Runs a module in two ways in lockstep.
fn run(wasm: &SharedBytes, ways: [&Way; 2], call: &Call) -> Result<([Side; 2], Report)> {
    let sides = ways.map(|way| Side { config: way.config.clone(), module: wasm.clone(), call: call.clone() });
    let report = lockstep::run(&sides[0], &sides[1], &OPTIONS)?;
    Ok((sides, report))
}
