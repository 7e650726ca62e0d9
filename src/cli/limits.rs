//! Limits of a guest: fuel, time, and what its store may hold.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use riser_lab::quantity;

use crate::{Engine, StoreLimits, StoreLimitsBuilder};

use super::{TRAPPED, exit, out};

/// Limits of a guest.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Trap after this many units of fuel
    #[arg(long, value_name = "UNITS", help_heading = None)]
    pub fuel: Option<u64>,

    /// Trap after this time, such as 5s or 100ms
    #[arg(long, value_name = "TIME", value_parser = quantity::duration, help_heading = None)]
    pub timeout: Option<Duration>,

    /// Largest size of a memory, such as 64MiB
    #[arg(long, visible_alias = "max-memory-size", value_name = "SIZE", value_parser = quantity::size, help_heading = None)]
    max_memory: Option<u64>,

    /// Largest size of a table; 10 million elements unless given
    #[arg(long, value_name = "ELEMENTS")]
    max_table_elements: Option<usize>,

    /// Largest size of all memories and tables together, such as 1GiB; an element of a table is 8 bytes
    #[arg(long, value_name = "SIZE", value_parser = quantity::size)]
    max_total: Option<u64>,

    /// Most instances; 10000 unless given
    #[arg(long, value_name = "N")]
    max_instances: Option<usize>,

    /// Most tables; 10000 unless given
    #[arg(long, value_name = "N")]
    max_tables: Option<usize>,

    /// Most memories; 10000 unless given
    #[arg(long, value_name = "N")]
    max_memories: Option<usize>,

    /// End the guest when a memory or a table cannot grow, rather than answer -1
    #[arg(long)]
    trap_on_grow_failure: bool,
}

impl LimitArgs {
    /// The given limits, by name.
    pub fn settings(&self) -> Vec<(String, String)> {
        let limits = [
            ("fuel", self.fuel.map(|units| units.to_string())),
            ("timeout", self.timeout.map(|time| format!("{time:?}"))),
            ("largest memory", self.max_memory.map(|bytes| format!("{bytes} bytes"))),
            ("largest table", self.max_table_elements.map(|elements| format!("{elements} elements"))),
            ("largest total", self.max_total.map(|bytes| format!("{bytes} bytes"))),
            ("most instances", self.max_instances.map(|most| most.to_string())),
            ("most tables", self.max_tables.map(|most| most.to_string())),
            ("most memories", self.max_memories.map(|most| most.to_string())),
        ];
        limits.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// The limits of a store.
    ///
    /// # Errors
    ///
    /// If a size is larger than this machine's addresses.
    pub fn store_limits(&self) -> Result<StoreLimits> {
        let mut limits = StoreLimitsBuilder::new().trap_on_grow_failure(self.trap_on_grow_failure);
        if let Some(bytes) = self.max_memory {
            limits = limits.memory_size(usize::try_from(bytes)?);
        }
        if let Some(elements) = self.max_table_elements {
            limits = limits.table_elements(elements);
        }
        if let Some(bytes) = self.max_total {
            limits = limits.total_size(usize::try_from(bytes)?);
        }
        if let Some(instances) = self.max_instances {
            limits = limits.instances(instances);
        }
        if let Some(tables) = self.max_tables {
            limits = limits.tables(tables);
        }
        if let Some(memories) = self.max_memories {
            limits = limits.memories(memories);
        }
        Ok(limits.build())
    }
}

/// Ends a guest that takes too long. Stops when dropped.
pub struct Watchdog {
    _done: Sender<()>,
}

impl Watchdog {
    /// How long the guest may stay where nothing interrupts it after the timeout: in a host function, such as a sleep, in a bulk operation,
    /// or in the compiler.
    const GRACE: Duration = Duration::from_millis(500);

    /// Begins to wait for the timeout.
    pub fn start(engine: &Engine, timeout: Duration) -> Watchdog {
        let (done, is_done) = mpsc::channel::<()>();
        let engine = engine.clone();
        thread::spawn(move || {
            if is_done.recv_timeout(timeout) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            engine.increment_epoch();
            if is_done.recv_timeout(Watchdog::GRACE) == Err(RecvTimeoutError::Timeout) {
                out::tell("Error: timed out in a host function, in a bulk operation, or while it was compiled\n");
                exit(TRAPPED);
            }
        });
        Watchdog { _done: done }
    }
}
