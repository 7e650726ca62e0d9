//! A side: sets up a run, runs it, and sends its safepoints to the comparison.

use std::error::Error as StdError;
use std::fmt;
use std::sync::mpsc::SyncSender;

use anyhow::{Context as _, Result, bail, ensure};
use riser_wasi::Exit;

use super::batch::Batch;
use super::compare::Message;
use super::end::{End, Ended, Memory};
use super::host::{self, Host};
use super::nan::Canonical;
use super::{Call, Options, Side, Value};
use crate::translator::FuncIndex;
use crate::translator::safepoint::Safepoint;
use crate::{
    Config, Engine, Error, Extern, ExternType, Instance, InstancePre, Module, Store, Trap, Val, WasmBacktrace,
};

/// A side that is ready to run.
pub(super) struct Prepared {
    engine: Engine,
    module: Module,
    linked: InstancePre<Host>,
    call: Call,
    options: Options,
}

impl Prepared {
    /// Sets a side up.
    ///
    /// # Errors
    ///
    /// See [`super::run`].
    pub(super) fn new(side: &Side, options: &Options) -> Result<Prepared> {
        let mut config: Config = side.config.clone();
        config.epoch_interruption(true).consume_fuel(options.fuel.is_some());
        let engine = Engine::new(&config)?;
        let module = Module::from_owned(&engine, side.module.clone())?;
        let name = match &side.call {
            Call::Command(_) => "_start",
            Call::Export { name, .. } => name,
        };
        match module.get_export(name) {
            Some(ExternType::Func(ty)) => match &side.call {
                Call::Export { arguments, .. } => {
                    ensure!(arguments.len() == ty.params().len(), "`{name}` takes {} arguments", ty.params().len());
                }
                Call::Command(_) => ensure!(ty.params().is_empty(), "`{name}` is no command: it takes arguments"),
            },
            _ => bail!("the module exports no function `{name}`"),
        }
        let linked = host::linker(&engine)?.instantiate_pre(&module)?;
        Ok(Prepared { engine, module, linked, call: side.call.clone(), options: *options })
    }

    /// Runs to the end, or until the receiver of `to` is gone.
    pub(super) fn run(&self, to: SyncSender<Message>) {
        let arguments = match &self.call {
            Call::Command(arguments) => &arguments[..],
            Call::Export { .. } => &[],
        };
        let nans = self.options.canonical_nans.then(|| Canonical::new(&self.module));
        let recorder = Recorder { batch: Batch::new(), left: self.options.limit, nans, to };
        let mut store = Store::new(&self.engine, Host::new(arguments, recorder));
        let mut instance = None;
        let result = self.run_in(&mut store, &mut instance);
        let end = match result {
            Ok(values) => End::Returned(values),
            Err(error) => end(&error),
        };
        let ended = self.ended(&mut store, instance, end);
        let recorder = &mut store.data_mut().recorder;
        // If the receiver is gone, nobody needs this message.
        if recorder.send().is_ok() {
            drop(recorder.to.send(Message::Ended(Box::new(ended))));
        }
    }

    fn run_in(&self, store: &mut Store<Host>, instance: &mut Option<Instance>) -> Result<Vec<Value>> {
        if let Some(fuel) = self.options.fuel {
            store.set_fuel(fuel)?;
        }
        store.set_epoch_deadline(u64::MAX);
        store.on_safepoint(|mut store, _, safepoint| store.data_mut().recorder.record(safepoint))?;
        let instance = *instance.insert(self.linked.instantiate(&mut *store)?);
        let (name, arguments) = match &self.call {
            Call::Command(_) => ("_start", &[][..]),
            Call::Export { name, arguments } => {
                if let Some(initialize) = instance.get_func(&mut *store, "_initialize") {
                    initialize.call(&mut *store, &[], &mut [])?;
                }
                (&name[..], &arguments[..])
            }
        };
        let function = instance.get_func(&mut *store, name).context("the function is exported")?;
        let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
        function.call(&mut *store, arguments, &mut results)?;
        Ok(results.iter().map(|value| self.value(value)).collect())
    }

    /// The final state of the run.
    fn ended(&self, store: &mut Store<Host>, instance: Option<Instance>, end: End) -> Ended {
        let mut ended = Ended {
            end,
            output: store.data().output(),
            fuel: self.options.fuel.and_then(|_| store.get_fuel().ok()),
            memories: Vec::new(),
            globals: Vec::new(),
        };
        for name in self.module.exports().map(|export| export.name().to_owned()) {
            match instance.and_then(|instance| instance.get_export(&mut *store, &name)) {
                Some(Extern::Memory(memory)) => {
                    ended.memories.push((name, Memory::of(memory.data(&*store))));
                }
                Some(Extern::Global(global)) => {
                    ended.globals.push((name, self.value(&global.get(&*store))));
                }
                _ => {}
            }
        }
        ended
    }

    /// The value in the form to be compared.
    fn value(&self, value: &Val) -> Value {
        let value = Value::of(value);
        if self.options.canonical_nans { value.with_canonical_nan() } else { value }
    }
}

/// Classifies the end of a run that ended with an error.
fn end(error: &Error) -> End {
    if let Some(&Exit(code)) = error.downcast_ref() {
        return End::Exited(code);
    }
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return match stop {
            Stop::Limit => End::Limited,
            Stop::Abandoned => End::Abandoned,
        };
    }
    let Some(&trap) = error.downcast_ref::<Trap>() else { return End::Failed(error.root_cause().to_string()) };
    let innermost = error.downcast_ref::<WasmBacktrace>().and_then(|backtrace| backtrace.frames().first());
    let place = innermost.and_then(|frame| Some((FuncIndex::new(frame.func_index()), frame.module_offset()? as u32)));
    End::Trapped { trap, place }
}

/// Sends the safepoints that a side passes to the comparison.
pub(super) struct Recorder {
    batch: Batch,
    /// The number of safepoints left until the limit.
    left: Option<u64>,
    /// Makes all NaNs equal, if requested.
    nans: Option<Canonical>,
    to: SyncSender<Message>,
}

/// The reason why a side stops.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// It has passed as many safepoints as the limit allows.
    Limit,
    /// The comparison has stopped.
    Abandoned,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stop::Limit => "stopped at the limit",
            Stop::Abandoned => "stopped",
        })
    }
}

impl StdError for Stop {}

impl Recorder {
    /// Records a safepoint.
    ///
    /// # Errors
    ///
    /// [`Stop`], if the run has to end.
    fn record(&mut self, safepoint: &Safepoint) -> Result<()> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or(Stop::Limit)?;
        }
        self.batch.push(match &mut self.nans {
            Some(nans) => nans.make(safepoint)?,
            None => safepoint,
        });
        if self.batch.is_full() {
            self.send()?;
        }
        Ok(())
    }

    /// Sends the current batch, if it is not empty.
    fn send(&mut self) -> Result<(), Stop> {
        if self.batch.len() == 0 {
            return Ok(());
        }
        let batch = std::mem::replace(&mut self.batch, Batch::new());
        self.to.send(Message::Passed(batch)).map_err(|_| Stop::Abandoned)
    }
}
