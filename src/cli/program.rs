//! A program, and how it runs: for every subcommand that runs one.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueHint};

use crate::translator::Shown;
use crate::translator::module::ModuleInfo;
use crate::wasi::{self, Exit, WasiCtx, WasiSnapshot, WasiThreads};
use crate::{
    Bounds, Caller, Config, Engine, Extern, Func, Instance, InstancePre, Linker, Module, Proposal, Restored,
    SharedBytes, Snapshot, Store, StoreLimits, Val,
};

use super::engine::EngineArgs;
use super::guest::{GuestArgs, arguments};
use super::limits::{LimitArgs, Watchdog};
use super::preload::Preloads;
use super::progress::Progress;
use super::snapshot::{Taking, WIZER};
use super::stats::{Stats, Value};
use super::wasi::{WasiArgs, makes_threads};
use super::{invoke, names, out};

/// A program, and how it runs.
#[derive(Args, Debug)]
pub struct Program {
    #[command(flatten)]
    pub engine: EngineArgs,

    #[command(flatten)]
    guest: GuestArgs,

    #[command(flatten)]
    wasi: WasiArgs,

    #[command(flatten)]
    limits: LimitArgs,

    /// Run FILE even if `riser compile` made it: it holds machine code
    ///
    /// Machine code can do anything that this process may: for files that you compiled yourself, or whose source you trust.
    #[arg(long, help_heading = None)]
    allow_precompiled: bool,

    /// The module, and the guest's arguments; `-` for standard input
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"], value_hint = ValueHint::FilePath, help_heading = None)]
    file_and_args: Vec<OsString>,

    /// What is done with it.
    #[arg(skip)]
    begin: Begin,
}

/// What is done with a program.
#[derive(Debug, Default)]
pub enum Begin {
    /// It is started, or a function of it is called.
    #[default]
    Start,
    /// It is initialised by a function with this name, or by the usual one.
    Initialise(Option<String>),
    /// It is restored, with its WASI state; then it goes on, or a function of it is called.
    Restore(Box<(Snapshot, WasiSnapshot)>),
}

/// The store's data.
pub struct Host {
    wasi: WasiCtx,
    limits: StoreLimits,
    stopwatch: Stopwatch,
    /// The guest's threads, if it may have any.
    threads: Option<WasiThreads<Host>>,
}

impl Host {
    /// The guest's WASI state.
    pub fn wasi(&self) -> &WasiCtx {
        &self.wasi
    }

    /// A store for a thread of the guest.
    fn store(self, engine: &Engine, fuel: Option<u64>) -> Result<Store<Host>> {
        let mut store = Store::new(engine, self);
        store.limiter(|host| &mut host.limits);
        if let Some(fuel) = fuel {
            store.set_fuel(fuel)?;
        }
        store.set_epoch_deadline(1);
        Ok(store)
    }
}

/// The time between the guest's calls of `bench.start` and `bench.end`: the part of a benchmark that its author means. Both are imported by
/// the benchmarks of Sightglass, and do nothing else.
#[derive(Default)]
struct Stopwatch {
    started: Option<Instant>,
    total: Option<Duration>,
}

impl Stopwatch {
    /// The module that the functions are imported from.
    const MODULE: &str = "bench";

    fn add_to_linker(linker: &mut Linker<Host>) -> Result<()> {
        linker.func_wrap(Stopwatch::MODULE, "start", |mut caller: Caller<'_, Host>| {
            caller.data_mut().stopwatch.started = Some(Instant::now());
        })?;
        linker.func_wrap(Stopwatch::MODULE, "end", |mut caller: Caller<'_, Host>| {
            let stopwatch = &mut caller.data_mut().stopwatch;
            if let Some(started) = stopwatch.started.take() {
                *stopwatch.total.get_or_insert_default() += started.elapsed();
            }
        })?;
        Ok(())
    }
}

/// Whether one of the modules imports something from the module with this name.
fn is_imported(modules: &[&ModuleInfo], name: &str) -> bool {
    modules.iter().flat_map(|module| &module.imports).any(|import| &*import.module == name)
}

/// What a subcommand adds to the run of a program.
pub trait Watch: Send + Sync + 'static {
    /// Changes the configuration.
    fn configure(&self, config: &mut Config);

    /// Looks at the modules that were loaded.
    ///
    /// # Errors
    ///
    /// If they lack something.
    fn check(&self, modules: &[&ModuleInfo]) -> Result<()> {
        let _ = modules;
        Ok(())
    }

    /// Prepares a store, before anything is in it: of the guest, or of one of its threads.
    ///
    /// # Errors
    ///
    /// If it cannot be prepared.
    fn prepare(&self, store: &mut Store<Host>) -> Result<()> {
        let _ = store;
        Ok(())
    }

    /// Looks at the program when it has ended, with this outcome.
    ///
    /// # Errors
    ///
    /// If something fails that is to be done then.
    fn ended(&self, store: &Store<Host>, instance: Instance, outcome: &Result<()>) -> Result<()> {
        let _ = (store, instance, outcome);
        Ok(())
    }
}

/// What takes a snapshot, if one is to be taken.
pub struct Taken(pub Option<Arc<Taking>>);

impl Taken {
    /// Says so if no snapshot was taken of a guest that has ended so, although it did not fail.
    pub fn tell_if_missed(&self, ended: &Result<()>) {
        if let (Some(taking), Ok(())) = (&self.0, ended) {
            taking.tell_if_missed();
        }
    }
}

impl Watch for Taken {
    fn configure(&self, config: &mut Config) {
        if let Some(taking) = &self.0 {
            taking.configure(config);
        }
    }

    fn check(&self, modules: &[&ModuleInfo]) -> Result<()> {
        if let (Some(taking), [program, ..]) = (&self.0, modules) {
            taking.set_module(program)?;
        }
        Ok(())
    }

    fn prepare(&self, store: &mut Store<Host>) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |taking| taking.prepare(store))
    }

    fn ended(&self, store: &Store<Host>, instance: Instance, outcome: &Result<()>) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |taking| taking.ended(store, instance, outcome))
    }
}

impl Program {
    /// The module's file.
    pub fn file(&self) -> &Path {
        Path::new(&self.file_and_args[0])
    }

    /// A program that is not simply run.
    pub fn new(
        engine: EngineArgs,
        limits: LimitArgs,
        invoke: Option<String>,
        [dirs, read_only_dirs]: [Vec<String>; 2],
        env: Vec<String>,
        file_and_args: Vec<OsString>,
        begin: Begin,
    ) -> Program {
        let guest = GuestArgs { invoke, dirs, read_only_dirs, env, ..GuestArgs::default() };
        let wasi = WasiArgs::default();
        Program { engine, guest, wasi, limits, allow_precompiled: false, file_and_args, begin }
    }

    /// The snapshot that it is restored from.
    fn snapshot(&self) -> Option<&(Snapshot, WasiSnapshot)> {
        match &self.begin {
            Begin::Start | Begin::Initialise(_) => None,
            Begin::Restore(snapshot) => Some(snapshot),
        }
    }

    /// Checks that neither these outputs nor those of the engine's flags are files that are read.
    ///
    /// # Errors
    ///
    /// If one is.
    pub fn keep_inputs<'a>(&'a self, outputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
        self.engine.keep_inputs([self.file()].into_iter().chain(self.guest.inputs()), outputs)
    }

    /// Whether the guest ends after a time.
    pub fn has_timeout(&self) -> bool {
        self.limits.timeout.is_some()
    }

    /// Runs the program. The stores are gone when this returns, except those of threads that the guest has left running.
    pub fn run(&self, stats: &mut Stats, watch: Arc<impl Watch>) -> Result<()> {
        let (file, args) = (self.file(), arguments(&self.file_and_args[1..])?);
        if let Some(folder) = self.engine.cache()? {
            self.guest.check_cache(&folder)?;
        }
        let mut config = self.configuration(&*watch)?;
        let progress = self.engine.compiles_modules().then(|| Progress::add_to(&mut config)).flatten();
        let engine = Engine::new(&config)?;

        let bytes = match self.snapshot() {
            Some((snapshot, _)) => snapshot.code().context("the snapshot does not include its module")?.to_vec().into(),
            None => stats.time("read", || read(file))?,
        };
        let module = stats.time("load", || self.load(&engine, file, bytes));
        let preloads = stats.time_if(!self.guest.preloads.is_empty(), "load preloads", || {
            Preloads::load(&self.guest.preloads, |file| self.load(&engine, file, read(file)?))
        });
        drop(progress);
        let module = module.with_context(|| format!("cannot load `{}`", file.display()))?;
        let preloads = preloads?;
        self.engine.tell_of_cache(&engine);
        let infos: Vec<&ModuleInfo> = std::iter::once(&**module.info()).chain(preloads.infos()).collect();
        self.engine.check_names(&infos)?;
        watch.check(&infos)?;
        stats.add_settings(&module, self.engine.implied_by(), self.limits.settings());

        let limits = self.limits.store_limits()?;
        let wasi = self.guest.wasi(file, &args, self.snapshot().map(|(_, wasi)| wasi))?;
        let host = Host { wasi, limits, stopwatch: Stopwatch::default(), threads: None };
        let mut store = host.store(&engine, self.limits.fuel)?;
        watch.prepare(&mut store)?;
        let mut linker = self.linker(&mut store, &module, &preloads, &infos)?;

        let watchdog = self.limits.timeout.map(|timeout| Watchdog::start(&engine, timeout));
        let instance = stats.time("instantiate", || {
            preloads.define(&mut store, &mut linker)?;
            let program = preloads.program(&mut store, &linker, &module)?;
            self.instantiate(&mut store, program, &module, limits, &watch)
        });
        let instance = match self.snapshot() {
            // The error says that the guest cannot go on.
            Some(_) => instance,
            None => instance.with_context(|| format!("cannot instantiate `{}`", file.display())),
        };
        let result = instance.and_then(|(instance, restored)| {
            let outcome = stats.time("run", || self.go(&mut store, instance, restored, &args));
            watch.ended(&store, instance, &outcome).and(outcome)
        });
        drop(watchdog);

        self.add_numbers(stats, &store, &module, &preloads);
        let result = match result {
            Err(error) if matches!(error.downcast_ref(), Some(Exit(0))) => Ok(()),
            result => result,
        };
        out::and(result, self.engine.check_logs())
    }

    /// The configuration from the flags.
    fn configuration(&self, watch: &impl Watch) -> Result<Config> {
        let mut config = self.engine.config()?;
        if self.wasi.threads() && !self.engine.allow(Proposal::Threads)? {
            out::tell(
                "Note: '--wasi threads' does nothing: '--wasm' turns the proposal `threads` off, and with it shared memories\n",
            );
        }
        config.consume_fuel(self.limits.fuel.is_some() || self.snapshot().is_some_and(|(it, _)| it.fuel().is_some()));
        config.epoch_interruption(self.limits.timeout.is_some());
        if self.engine.is_interpreted() && !self.allow_precompiled {
            // No compiled code needs guard pages, so no address space is reserved for them.
            config.bounds(self.engine.bounds().unwrap_or(Bounds::Explicit));
        }
        watch.configure(&mut config);
        Ok(config)
    }

    /// What the program can import: WASI and the stopwatch where a module asks for them, and what starts threads.
    fn linker(
        &self,
        store: &mut Store<Host>,
        module: &Module,
        preloads: &Preloads,
        infos: &[&ModuleInfo],
    ) -> Result<Linker<Host>> {
        let mut linker = Linker::new(store.engine());
        // To define one costs about as much as to load and run a small module.
        for module in [wasi::MODULE, wasi::UNSTABLE_MODULE].into_iter().filter(|name| is_imported(infos, name)) {
            wasi::p1::add_module_to_linker(&mut linker, module, |host: &mut Host| &mut host.wasi)?;
        }
        if is_imported(infos, Stopwatch::MODULE) && !preloads.has(Stopwatch::MODULE) {
            Stopwatch::add_to_linker(&mut linker)?;
        }
        if self.wasi.threads() {
            wasi::add_threads_to_linker(&mut linker, store, module, |host| host.threads.as_ref())?;
        }
        Ok(linker)
    }

    /// Makes the program's instance, or restores it from the snapshot. Threads that it starts get stores as this one is.
    fn instantiate(
        &self,
        store: &mut Store<Host>,
        program: InstancePre<Host>,
        module: &Module,
        limits: StoreLimits,
        watch: &Arc<impl Watch>,
    ) -> Result<(Instance, Option<Restored>)> {
        if self.wasi.threads() && makes_threads(module) {
            let threads = self.wasi.threads_of(program.clone())?;
            let (engine, wasi, fuel) = (store.engine().clone(), store.data().wasi.clone(), self.limits.fuel);
            let (clone, watch) = (threads.clone(), Arc::clone(watch));
            threads.stores(move || {
                let (wasi, threads) = (wasi.clone(), Some(clone.clone()));
                let host = Host { wasi, limits, stopwatch: Stopwatch::default(), threads };
                let mut store = host.store(&engine, fuel)?;
                watch.prepare(&mut store)?;
                Ok(store)
            });
            store.data_mut().threads = Some(threads);
        }
        match self.snapshot() {
            Some((snapshot, _)) => {
                let restored = program.restore(store, snapshot)?;
                Ok((restored.instance(), Some(restored)))
            }
            None => Ok((program.instantiate(store)?, None)),
        }
    }

    /// Adds what is known after the run.
    fn add_numbers(&self, stats: &mut Stats, store: &Store<Host>, module: &Module, preloads: &Preloads) {
        let engine = store.engine();
        if let Some(time) = store.data().stopwatch.total {
            stats.add("bench", Value::Time(time));
        }
        stats.add_module(module);
        preloads.add_to(stats);
        let why = if engine.lacks_guard_pages() { " (no address space for guard pages)" } else { "" };
        stats.add("bounds of compiled code", Value::Text(format!("{}{why}", engine.compiled_bounds())));
        if let (Some(fuel), Ok(left)) = (self.limits.fuel, store.get_fuel()) {
            stats.add("fuel consumed", Value::Count(fuel - left));
        }
    }

    /// Starts the program, initialises it or lets it go on.
    fn go(
        &self,
        store: &mut Store<Host>,
        instance: Instance,
        restored: Option<Restored>,
        args: &[String],
    ) -> Result<()> {
        let file = self.file();
        let was_running = match &self.begin {
            Begin::Initialise(name) => return initialise(store, instance, file, name.as_deref()),
            Begin::Start => false,
            Begin::Restore(snapshot) => !snapshot.0.frames().is_empty(),
        };
        if let (Some(_), Some(fuel)) = (&restored, self.limits.fuel) {
            store.set_fuel(fuel)?;
        }
        match (restored, &self.guest.invoke) {
            (Some(restored), _) if was_running => invoke::print(&restored.resume(store)?),
            (Some(_), Some(name)) => call(store, instance, name, args),
            (None, Some(name)) => {
                initialise_reactor(store, instance)?;
                call(store, instance, name, args)
            }
            (Some(_) | None, None) => start(store, instance, file, args),
        }
    }

    /// Makes a module from a file's bytes: wasm, compiled ahead of time, or text. For text, backtraces show its
    /// lines.
    fn load(&self, engine: &Engine, file: &Path, bytes: SharedBytes) -> Result<Module> {
        if !Engine::detect_precompiled(&bytes) {
            let parser = crate::parser_with_lines(&bytes);
            return Module::from_owned(engine, super::parse_text(bytes, &parser, file)?);
        }
        if !self.allow_precompiled {
            bail!(
                "running a precompiled module requires the flag `--allow-precompiled`: it holds machine code, which can \
                 do anything that this process may"
            );
        }
        // SAFETY: a user who allows a file of machine code to be run vouches for its source, as for any
        // program.
        unsafe { Module::deserialize(engine, bytes) }
    }
}

/// The bytes of a module's file.
fn read(file: &Path) -> Result<SharedBytes> {
    if file.extension().is_some_and(|extension| extension == "wast") {
        bail!("`{0}` is a script of the specification's test suite: use `riser wast {0}`", file.display());
    }
    super::read_file(file)
}

/// The most names of functions that a message lists.
const MOST_SHOWN: usize = 8;

/// The names of the functions that an instance exports.
fn functions(store: &mut Store<Host>, instance: Instance) -> Vec<String> {
    let exports = instance.exports(store);
    let functions = exports.filter_map(|export| {
        Some(export.name().to_owned()).filter(|_| matches!(export.into_extern(), Extern::Func(_)))
    });
    functions.collect()
}

/// Some names of functions.
fn list(functions: &[String]) -> String {
    let shown: Vec<String> = functions.iter().take(MOST_SHOWN).map(|name| format!("`{}`", Shown(name))).collect();
    let more = if functions.len() > MOST_SHOWN { ", and more" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Calls the `_start` of a command.
fn start(store: &mut Store<Host>, instance: Instance, file: &Path, args: &[String]) -> Result<()> {
    let Some(start) = instance.get_func(&mut *store, "_start") else {
        let functions = functions(store, instance);
        let list = match &functions[..] {
            [] => "it exports no function at all".to_owned(),
            _ if args.iter().any(|arg| arg == "--invoke" || arg == "-f") => {
                "what follows FILE is for the guest, so `--invoke` has to come before it".to_owned()
            }
            all => format!("use `--invoke` to call another function: {}", list(all)),
        };
        bail!("`{}` is no command: it exports no `_start`; {list}", file.display());
    };
    let start = start.typed::<(), ()>(&*store);
    let start = start.with_context(|| format!("`{}` is no command: its `_start` has another type", file.display()))?;
    start.call(store, ()).context("failed to run `_start`")
}

/// Calls the `_initialize` of a library, if it has one. Returns whether it has.
fn initialise_reactor(store: &mut Store<Host>, instance: Instance) -> Result<bool> {
    let Some(Extern::Func(initialize)) = instance.get_export(&mut *store, "_initialize") else { return Ok(false) };
    initialize.typed::<(), ()>(&*store)?.call(&mut *store, ()).context("failed to run `_initialize`")?;
    Ok(true)
}

/// Calls what initialises a module: `_initialize`, and a function with this name, or the one that Wizer calls.
fn initialise(store: &mut Store<Host>, instance: Instance, file: &Path, name: Option<&str>) -> Result<()> {
    let is_reactor = initialise_reactor(store, instance)?;
    let function = match name {
        Some(name) => exported(store, instance, name)?,
        None => match instance.get_func(&mut *store, WIZER) {
            Some(function) => function,
            None if is_reactor => return Ok(()),
            None => {
                let functions = functions(store, instance);
                bail!(
                    "`{}` exports neither `_initialize` nor `{WIZER}`; use `--init-func` to call another function: {}",
                    file.display(),
                    list(&functions)
                );
            }
        },
    };
    let name = name.unwrap_or(WIZER);
    let function = function.typed::<(), ()>(&*store);
    let function = function.with_context(|| format!("`{name}` cannot initialise the module"))?;
    function.call(store, ()).with_context(|| format!("failed to run `{name}`"))
}

/// The exported function with a name.
fn exported(store: &mut Store<Host>, instance: Instance, name: &str) -> Result<Func> {
    let Some(function) = instance.get_func(&mut *store, name) else {
        if instance.get_export(&mut *store, name).is_some() {
            bail!("the module exports `{}`, but that is no function", Shown(name));
        }
        let functions = functions(store, instance);
        let more = match (&*names::nearest(name, functions.iter().map(|name| &**name)), &functions[..]) {
            ("", []) => "; it exports no function at all".to_owned(),
            ("", all) => format!("; it exports {}", list(all)),
            (near, _) => near.to_owned(),
        };
        bail!("the module exports no function `{}`{more}", Shown(name));
    };
    Ok(function)
}

/// Calls a function of a library, and prints its results.
fn call(store: &mut Store<Host>, instance: Instance, name: &str, args: &[String]) -> Result<()> {
    let function = exported(store, instance, name)?;
    let ty = function.ty(&*store);
    let arguments = invoke::arguments(&ty, args).with_context(|| format!("cannot call `{name}`"))?;
    let mut results = vec![Val::I32(0); ty.results().len()];
    function.call(store, &arguments, &mut results).with_context(|| format!("failed to run `{name}`"))?;
    invoke::print(&results)
}
