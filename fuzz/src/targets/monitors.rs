//! Property: monitors change nothing, and see the same in every interpreter.
//!
//! A valid module is called as planned by [`crate::plan`], with a monitor of all events, in every dispatch strategy of the
//! register interpreter, with and without optimisations, and in the classic interpreter. Each run has to agree with the run
//! of the reference, which has no monitor: in results, traps and their places, fuel, and what hosts see. And all have to
//! report the same events, in the same order, with the same values.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use riser::modes::CLASSIC;
use riser::{
    Bounds, Compilation, Dispatch, Engine, Event, EventSet, HostCall, HostOutcome, Module, Monitor, TranslatorConfig,
    Trap, Value,
};

use crate::configurations::{Configuration, modes};
use crate::execute::run;
use crate::observation::{Agreement, Ending, Observation, compare};
use crate::value::Float;
use crate::{coverage, plan, source};

use super::{Finding, Verdict, differential, with_canonical_nans};

/// An event: where it was, and a digest of everything about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    function: u32,
    offset: usize,
    digest: u64,
}

/// Records events, as many as memory is worth; the digest of the last one contains all others.
#[derive(Default)]
struct Recorder {
    record: Mutex<Record>,
    /// Whether one NaN is as good as another. Between an operation and the operators that make its NaN canonical, a monitor sees it as it is.
    ignores_nans: AtomicBool,
}

#[derive(Default)]
struct Record {
    events: Vec<Seen>,
    digest: u64,
}

impl Recorder {
    const MOST: usize = 100_000;

    fn record(&self, function: u32, offset: usize, digest: impl Fn(&mut DefaultHasher)) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hasher = DefaultHasher::new();
        record.digest.hash(&mut hasher);
        digest(&mut hasher);
        record.digest = hasher.finish();
        let seen = Seen { function, offset, digest: record.digest };
        if record.events.len() >= Recorder::MOST {
            record.events.pop();
        }
        record.events.push(seen);
    }

    fn value(&self, value: Value, digest: &mut DefaultHasher) {
        let is_nan = match value {
            Value::F32(bits) => Float::F32.has_nan(bits.into()),
            Value::F64(bits) => Float::F64.has_nan(bits.into()),
            // Its lanes may be of either type.
            Value::V128(value) => [Float::F32, Float::F64].iter().any(|lanes| lanes.has_nan(value.as_u128())),
            Value::I32(_) | Value::I64(_) | Value::Ref { .. } => false,
        };
        if is_nan && self.ignores_nans.load(Ordering::Relaxed) {
            f64::NAN.to_bits().hash(digest);
        } else {
            value.hash(digest);
        }
    }

    fn take(&self) -> Vec<Seen> {
        mem::take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner)).events
    }
}

impl Monitor for Recorder {
    fn events(&self) -> EventSet {
        EventSet::CODE | EventSet::HOST
    }

    fn event(&self, event: &Event<'_>) {
        self.record(event.function().as_u32(), event.offset(), |digest| {
            event.point().hash(digest);
            (event.taken(), event.target(), event.instance()).hash(digest);
            event.locals().iter().for_each(|value| self.value(value, digest));
            event.operands().iter().for_each(|value| self.value(value, digest));
            event.accesses().for_each(|access| access.hash(digest));
        });
    }

    fn host_call(&self, call: &HostCall<'_>) {
        self.record(u32::MAX, 0, |digest| {
            (call.module(), call.name()).hash(digest);
            call.args().iter().for_each(|value| value.hash(digest));
        });
    }

    fn host_return(&self, _: &HostCall<'_>, outcome: HostOutcome<'_>) {
        self.record(u32::MAX, 1, |digest| match outcome {
            HostOutcome::Returned(results) => results.iter().for_each(|value| value.hash(digest)),
            HostOutcome::Threw => 1.hash(digest),
            HostOutcome::Failed => 2.hash(digest),
            HostOutcome::Panicked => 3.hash(digest),
        });
    }
}

/// An interpreter with a monitor.
struct Monitored {
    configuration: Configuration,
    engine: Engine,
    recorder: Arc<Recorder>,
}

impl Monitored {
    fn new(configuration: Configuration) -> Monitored {
        let recorder = Arc::new(Recorder::default());
        let mut config = configuration.config();
        config.monitor(recorder.clone());
        let engine = Engine::new(&config).unwrap_or_else(|error| panic!("{configuration}: {error:#}"));
        Monitored { configuration, engine, recorder }
    }
}

/// The configurations, with a new engine each.
fn monitored() -> Vec<Monitored> {
    let reference = Configuration::reference();
    let bounds =
        |number| if number % 2 == 1 && Bounds::Guard.is_supported() { Bounds::Guard } else { Bounds::Explicit };
    let settings =
        [(TranslatorConfig::optimized(), Compilation::Eager), (TranslatorConfig::naive(), Compilation::Lazy)];
    let strategies = Dispatch::ALL.iter().enumerate().flat_map(|(number, &dispatch)| {
        settings.map(|(switches, compilation)| Configuration {
            dispatch,
            switches,
            compilation,
            bounds: bounds(number),
            ..reference
        })
    });
    let classic = modes().contains(&CLASSIC).then_some(Configuration { mode: CLASSIC, ..reference });
    strategies.chain(classic).map(Monitored::new).collect()
}

thread_local! {
    static MONITORED: RefCell<Vec<Monitored>> = RefCell::new(monitored());
}

/// The property for the module that `data` stands for; an invalid module is not a case.
///
/// # Errors
///
/// If a monitor changes something, or two interpreters report other events.
pub fn monitors(data: &[u8]) -> Result<Verdict, Finding> {
    match source::module(data) {
        Some(wasm) => monitors_of(&wasm),
        None => Ok(Verdict::NOTHING),
    }
}

/// The property for a module.
///
/// # Errors
///
/// If a monitor changes something, or two interpreters report other events.
pub fn monitors_of(wasm: &[u8]) -> Result<Verdict, Finding> {
    with_canonical_nans(wasm, check)
}

/// Checks a module; `ignores_nans` if one NaN is as good as another.
fn check(wasm: &[u8], ignores_nans: bool) -> Result<Verdict, Finding> {
    let Some(expected) = differential::observe(wasm, &Configuration::reference(), usize::MAX)? else {
        return Ok(Verdict::NOTHING);
    };
    if let Ok(parsed) = riser_properties::parse(wasm) {
        coverage::note(&parsed);
    }
    MONITORED.with_borrow(|all| {
        let mut first: Option<(&Monitored, Vec<Seen>)> = None;
        for monitored in all {
            monitored.recorder.ignores_nans.store(ignores_nans, Ordering::Relaxed);
            let (actual, events) = observe(wasm, monitored)?;
            let who = &monitored.configuration;
            if let Err(difference) = compare(&expected, &actual, Agreement::Exact) {
                return Err(Finding::in_module(format!("{who} with a monitor differs in {difference}"), wasm));
            }
            if [&expected, &actual].into_iter().any(overflows) {
                // The depth of the stack depends on the mode.
                continue;
            }
            match &first {
                Some((other, seen)) if *seen != events => {
                    let at = seen.iter().zip(&events).take_while(|(a, b)| a == b).count();
                    let message = format!(
                        "{} and {who} report other events: event {at} is {:?}, or {:?}",
                        other.configuration,
                        seen.get(at),
                        events.get(at)
                    );
                    return Err(Finding::in_module(message, wasm));
                }
                Some(_) => {}
                None => first = Some((monitored, events)),
            }
        }
        let got_somewhere = expected.steps.len() > 1;
        Ok(Verdict { cases: 1, effective: u64::from(got_somewhere) })
    })
}

/// Runs the module with the monitor.
fn observe(wasm: &[u8], monitored: &Monitored) -> Result<(Observation, Vec<Seen>), Finding> {
    let failed = |error: riser::Error| Finding::in_module(format!("{}: {error:#}", monitored.configuration), wasm);
    let module = Module::from_binary(&monitored.engine, wasm).map_err(failed)?;
    monitored.recorder.take();
    let observation = run(&module, &plan::calls(module.info()), false).map_err(failed)?;
    Ok((observation, monitored.recorder.take()))
}

fn overflows(observation: &Observation) -> bool {
    observation.steps.iter().any(|step| step.ending == Ending::Trapped(Trap::StackOverflow))
}
