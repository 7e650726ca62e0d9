//! Runs scripts against an engine.

use std::collections::HashMap;
use std::thread::{self, Scope, ScopedJoinHandle};

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use riser_vm::{Engine, Extern, ExternRef, Instance, Linker, Module, Store, StoreLimits, ThrownException, Trap, Val};

use super::script::{Action, Directive, DirectiveKind, Invoke, Script, Source};
use super::spectest;
use super::threads::{SharedMemories, Threads};
use super::value::{Actual, Argument, Expected, RefKind};

/// The result of a script.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Number of assertions that were checked, whether they hold or not.
    pub assertions: usize,
    /// Directives that failed, assertions or not, in the order of their lines.
    pub failures: Vec<Failure>,
}

/// A directive that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line at which the directive begins.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A store with `spectest`, and the instances that scripts have made.
#[derive(Debug)]
pub struct Runner {
    store: Store<StoreLimits>,
    linker: Linker<StoreLimits>,
    /// The instance for actions that name none.
    current: Option<Instance>,
    instances: HashMap<String, Instance>,
    /// The definition to instantiate if none is named.
    last_definition: Option<Module>,
    definitions: HashMap<String, Module>,
    /// What the thread that started this one shares with it.
    shared: Option<SharedMemories>,
    may_start_threads: bool,
}

/// How a call ended, if the script got as far as calling.
type Outcome = std::result::Result<Vec<Val>, Error>;

impl Runner {
    /// A runner with a new store of the engine.
    ///
    /// # Errors
    ///
    /// If the store cannot be made.
    pub fn new(engine: &Engine) -> Result<Runner> {
        let mut store = Store::try_new(engine, StoreLimits::default())?;
        store.set_epoch_deadline(u64::MAX);
        // Scripts run without limits; an engine that does not count fuel refuses this call.
        store.set_fuel(u64::MAX).ok();
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(Runner {
            store,
            linker,
            current: None,
            instances: HashMap::new(),
            last_definition: None,
            definitions: HashMap::new(),
            shared: None,
            may_start_threads: true,
        })
    }

    /// Limits what scripts may use from now on; they can no longer start threads. Initially there are no limits, which suits
    /// scripts that end.
    ///
    /// # Errors
    ///
    /// If the engine does not count fuel.
    pub fn bound(&mut self, fuel: u64, limits: StoreLimits) -> Result<()> {
        *self.store.data_mut() = limits;
        self.store.limiter(|limits| limits);
        self.may_start_threads = false;
        self.store.set_fuel(fuel)
    }

    /// Runs a script to its end, and until all threads that it has started have ended.
    pub fn run(&mut self, script: &Script) -> Report {
        let mut report = thread::scope(|scope| self.run_all(&script.directives, scope));
        // Those of a thread come when it is waited for.
        report.failures.sort_by_key(|failure| failure.line);
        report
    }

    /// Runs directives, with threads in `scope`.
    fn run_all<'s>(&mut self, directives: &'s [Directive], scope: &'s Scope<'s, '_>) -> Report {
        let mut report = Report::default();
        let mut threads = Threads::default();
        for Directive { line, kind } in directives {
            report.assertions += usize::from(kind.is_assertion());
            if let Err(error) = self.directive(kind, scope, &mut threads, &mut report) {
                report.failures.push(Failure { line: *line, message: format!("{error:#}") });
            }
        }
        threads.join_all(&mut report);
        report
    }

    /// Starts a thread that runs directives in a store of its own.
    fn start<'s>(
        &mut self,
        shared: Option<&str>,
        directives: &'s [Directive],
        scope: &'s Scope<'s, '_>,
    ) -> Result<ScopedJoinHandle<'s, Report>> {
        ensure!(self.may_start_threads, "scripts within bounds start no threads");
        let shared = match shared {
            Some(name) => Some(SharedMemories::of(name, self.instance(Some(name))?, &mut self.store)),
            None => None,
        };
        let mut runner = Runner::new(self.store.engine())?;
        runner.shared = shared;
        Ok(thread::Builder::new().spawn_scoped(scope, move || runner.run_all(directives, scope))?)
    }

    fn directive<'s>(
        &mut self,
        kind: &'s DirectiveKind,
        scope: &'s Scope<'s, '_>,
        threads: &mut Threads<'s>,
        report: &mut Report,
    ) -> Result<()> {
        match kind {
            DirectiveKind::Module { name, source } => {
                // The directives that follow refer to this module, even if it has no instance.
                self.current = None;
                let module = self.module(source)?;
                let instance = self.linker.instantiate(&mut self.store, &module)?;
                self.add_instance(name, instance);
                Ok(())
            }
            DirectiveKind::Definition { name, source } => {
                let module = self.module(source)?;
                if let Some(name) = name {
                    self.definitions.insert(name.clone(), module.clone());
                }
                self.last_definition = Some(module);
                Ok(())
            }
            DirectiveKind::Instance { name, definition } => {
                let module = match definition {
                    Some(name) => self.definitions.get(name),
                    None => self.last_definition.as_ref(),
                };
                let module = module.context("there is no such definition")?;
                let instance = self.linker.instantiate(&mut self.store, module)?;
                self.add_instance(name, instance);
                Ok(())
            }
            DirectiveKind::Register { name, instance } => {
                if let Some(shared) = self.shared.as_ref().filter(|shared| shared.is_named(instance.as_deref())) {
                    return shared.define(&mut self.linker, &self.store, name);
                }
                let instance = self.instance(instance.as_deref())?;
                self.linker.instance(&mut self.store, name, instance)?;
                Ok(())
            }
            DirectiveKind::Invoke(invoke) => self.invoke(invoke)?.map(|_| ()),
            DirectiveKind::AssertReturn { action, expected } => {
                let results = self.perform(action)??;
                self.check_results(&results, expected)
            }
            DirectiveKind::AssertTrap { action, message } => {
                let outcome = self.perform(action)?;
                self.check_trap(outcome, message)
            }
            DirectiveKind::AssertException { action } => match self.perform(action)? {
                Ok(results) => bail!("returned {}, expected an exception", self.shown(&results)),
                Err(error) if error.is::<ThrownException>() => Ok(()),
                Err(error) => Err(error.context("expected an exception")),
            },
            DirectiveKind::AssertExhaustion { invoke, message } => {
                let outcome = self.invoke(invoke)?;
                self.check_trap(outcome, message)
            }
            DirectiveKind::AssertUnlinkable { source } => {
                let module = self.module(source)?;
                match self.linker.instantiate(&mut self.store, &module) {
                    Ok(_) => bail!("links, but should not"),
                    Err(error) if error.is::<Trap>() => Err(error.context("links, and traps")),
                    Err(_) => Ok(()),
                }
            }
            DirectiveKind::AssertRejected { source, message } => match source {
                // The text format's parser has already rejected it.
                Err(_) => Ok(()),
                Ok(bytes) => match Module::validate(self.store.engine(), bytes) {
                    Ok(()) => bail!("is accepted, but should be rejected: {message}"),
                    Err(_) => Ok(()),
                },
            },
            DirectiveKind::Thread { name, shared, directives } => {
                let thread = self.start(shared.as_deref(), directives, scope)?;
                threads.add(name, thread, report);
                Ok(())
            }
            DirectiveKind::Wait { thread } => threads.join(thread, report),
            DirectiveKind::Unsupported(what) => bail!("{what} are not supported"),
        }
    }

    fn module(&self, source: &Source) -> Result<Module> {
        let bytes = source.as_ref().map_err(|message| anyhow!("{message}"))?;
        Module::new(self.store.engine(), bytes)
    }

    fn add_instance(&mut self, name: &Option<String>, instance: Instance) {
        if let Some(name) = name {
            self.instances.insert(name.clone(), instance);
        }
        self.current = Some(instance);
    }

    fn instance(&self, name: Option<&str>) -> Result<Instance> {
        match name {
            Some(name) => self.instances.get(name).copied().with_context(|| format!("there is no instance ${name}")),
            None => self.current.context("there is no instance"),
        }
    }

    /// Performs an action. The outer error is the script's or the runner's, the inner one the guest's.
    fn perform(&mut self, action: &Action) -> Result<Outcome> {
        match action {
            Action::Invoke(invoke) => self.invoke(invoke),
            Action::Get { instance, global } => {
                let instance = self.instance(instance.as_deref())?;
                let found = instance.get_global(&mut self.store, global);
                let found = found.with_context(|| format!("there is no global `{global}`"))?;
                Ok(Ok(vec![found.get(&mut self.store)]))
            }
            Action::Instantiate(source) => {
                let module = self.module(source)?;
                Ok(self.linker.instantiate(&mut self.store, &module).map(|_| Vec::new()))
            }
        }
    }

    fn invoke(&mut self, invoke: &Invoke) -> Result<Outcome> {
        let Invoke { instance, function, arguments } = invoke;
        let instance = self.instance(instance.as_deref())?;
        let found = match instance.get_export(&mut self.store, function) {
            Some(Extern::Func(found)) => found,
            _ => bail!("there is no function `{function}`"),
        };
        let arguments = arguments.iter().map(|argument| self.argument(argument)).collect::<Result<Vec<Val>>>()?;
        let mut results = vec![Val::I32(0); found.ty(&self.store).results().len()];
        Ok(found.call(&mut self.store, &arguments, &mut results).map(|()| results))
    }

    fn argument(&mut self, argument: &Argument) -> Result<Val> {
        Ok(match *argument {
            Argument::I32(value) => Val::I32(value),
            Argument::I64(value) => Val::I64(value),
            Argument::F32(bits) => Val::F32(bits),
            Argument::F64(bits) => Val::F64(bits),
            Argument::V128(bits) => Val::from(bits),
            Argument::RefNull(RefKind::Func) => Val::FuncRef(None),
            Argument::RefNull(RefKind::Extern) => Val::ExternRef(None),
            Argument::RefNull(RefKind::Exn) => Val::ExnRef(None),
            Argument::RefNull(RefKind::Other) => bail!("null references of this type are not supported"),
            Argument::RefExtern(number) => Val::ExternRef(Some(ExternRef::new(&mut self.store, number)?)),
            Argument::Unsupported(what) => bail!("a {what} as argument is not supported"),
        })
    }

    fn actual(&self, value: &Val) -> Actual {
        match value {
            Val::I32(value) => Actual::I32(*value),
            Val::I64(value) => Actual::I64(*value),
            Val::F32(bits) => Actual::F32(*bits),
            Val::F64(bits) => Actual::F64(*bits),
            Val::FuncRef(None) => Actual::NullFunc,
            Val::FuncRef(Some(_)) => Actual::Func,
            Val::ExternRef(None) => Actual::NullExtern,
            Val::ExternRef(Some(reference)) => {
                let number = reference.data(&self.store).ok().and_then(|data| data?.downcast_ref::<u32>());
                number.map_or(Actual::Other, |&number| Actual::Extern(number))
            }
            Val::ExnRef(None) => Actual::NullExn,
            Val::ExnRef(Some(_)) => Actual::Other,
            Val::V128(bits) => Actual::V128(bits.as_u128()),
        }
    }

    fn check_results(&self, results: &[Val], expected: &[Expected]) -> Result<()> {
        ensure!(results.len() == expected.len(), "{} results, expected {}", results.len(), expected.len());
        for (result, expected) in results.iter().zip(expected) {
            let actual = self.actual(result);
            ensure!(expected.matches(actual), "got {actual}, expected {expected}");
        }
        Ok(())
    }

    /// Results, in words.
    fn shown(&self, results: &[Val]) -> String {
        let results: Vec<String> = results.iter().map(|result| self.actual(result).to_string()).collect();
        if results.is_empty() { "nothing".to_owned() } else { results.join(", ") }
    }

    /// Checks that a call ended in the trap with the given message. Either message may continue where the other one
    /// ends, as in "uninitialized element 2".
    fn check_trap(&self, outcome: Outcome, expected: &str) -> Result<()> {
        let error = match outcome {
            Ok(results) => bail!("returned {}, expected the trap `{expected}`", self.shown(&results)),
            Err(error) => error,
        };
        let Some(trap) = error.downcast_ref::<Trap>() else {
            return Err(error.context(format!("expected the trap `{expected}`")));
        };
        let actual = trap.message();
        ensure!(
            actual.starts_with(expected) || expected.starts_with(actual),
            "trapped with `{actual}`, expected `{expected}`"
        );
        Ok(())
    }
}

impl DirectiveKind {
    fn is_assertion(&self) -> bool {
        match self {
            DirectiveKind::AssertReturn { .. }
            | DirectiveKind::AssertTrap { .. }
            | DirectiveKind::AssertException { .. }
            | DirectiveKind::AssertExhaustion { .. }
            | DirectiveKind::AssertUnlinkable { .. }
            | DirectiveKind::AssertRejected { .. }
            | DirectiveKind::Unsupported(_) => true,
            DirectiveKind::Module { .. }
            | DirectiveKind::Definition { .. }
            | DirectiveKind::Instance { .. }
            | DirectiveKind::Register { .. }
            | DirectiveKind::Invoke(_)
            | DirectiveKind::Thread { .. }
            | DirectiveKind::Wait { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_threads_are_in_order() {
        let threads: String = (0..6).map(|number| format!("(thread $t{number} (invoke \"none\"))\n")).collect();
        let script = format!("(module)\n{threads}(invoke \"none\")");
        let script = Script::parse(&script).expect("it is a script");
        let mut runner = Runner::new(&Engine::default()).expect("there is room for a store");
        let lines: Vec<usize> = runner.run(&script).failures.iter().map(|failure| failure.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8]);
    }
}
