//! Threads of scripts, as the suite of the threads proposal has them: each has a store of its own, and shares memories of one
//! instance with the thread that started it.

use std::collections::HashMap;
use std::thread::ScopedJoinHandle;

use anyhow::{Context, Result};
use riser_vm::{Extern, Instance, Linker, SharedMemory, Store};

use super::runner::Report;

/// The shared memories that an instance exports, to be used by another store.
#[derive(Debug)]
pub(super) struct SharedMemories {
    /// The instance's name in the script.
    instance: String,
    /// With the names of their exports.
    memories: Vec<(String, SharedMemory)>,
}

impl SharedMemories {
    pub(super) fn of<T: 'static>(name: &str, instance: Instance, store: &mut Store<T>) -> SharedMemories {
        let memories = instance.exports(store).filter_map(|export| {
            let name = export.name().to_owned();
            match export.into_extern() {
                Extern::SharedMemory(memory) => Some((name, memory)),
                Extern::Func(_) | Extern::Table(_) | Extern::Memory(_) | Extern::Global(_) | Extern::Tag(_) => None,
            }
        });
        SharedMemories { instance: name.to_owned(), memories: memories.collect() }
    }

    pub(super) fn is_named(&self, name: Option<&str>) -> bool {
        name == Some(&*self.instance)
    }

    /// Makes the memories available to imports from `module`.
    pub(super) fn define<T: 'static>(&self, linker: &mut Linker<T>, store: &Store<T>, module: &str) -> Result<()> {
        for (name, memory) in &self.memories {
            linker.define(store, module, name, Extern::SharedMemory(memory.clone()))?;
        }
        Ok(())
    }
}

/// The threads that a thread has started and not waited for.
#[derive(Debug, Default)]
pub(super) struct Threads<'s> {
    running: HashMap<String, ScopedJoinHandle<'s, Report>>,
}

impl<'s> Threads<'s> {
    /// Adds a thread. One that has had the same name is waited for.
    pub(super) fn add(&mut self, name: &str, thread: ScopedJoinHandle<'s, Report>, report: &mut Report) {
        if let Some(earlier) = self.running.insert(name.to_owned(), thread) {
            join(earlier, report);
        }
    }

    /// Waits until a thread has ended, and adds its report.
    pub(super) fn join(&mut self, name: &str, report: &mut Report) -> Result<()> {
        let thread = self.running.remove(name).with_context(|| format!("there is no thread ${name}"))?;
        join(thread, report);
        Ok(())
    }

    /// Waits for all threads.
    pub(super) fn join_all(self, report: &mut Report) {
        for thread in self.running.into_values() {
            join(thread, report);
        }
    }
}

fn join(thread: ScopedJoinHandle<'_, Report>, report: &mut Report) {
    let Report { assertions, failures } = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    report.assertions += assertions;
    report.failures.extend(failures);
}
