//! Limits on what all stores of an engine take together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail, ensure};

use super::Config;

/// Where instances get what they need from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum InstanceAllocationStrategy {
    /// From the system, whenever something is needed.
    #[default]
    OnDemand,
    /// As `OnDemand`, within limits on all stores of the engine together.
    Pooling(PoolingAllocationConfig),
}

impl InstanceAllocationStrategy {
    /// [`InstanceAllocationStrategy::Pooling`] with the default limits.
    pub fn pooling() -> InstanceAllocationStrategy {
        InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::default())
    }
}

impl From<PoolingAllocationConfig> for InstanceAllocationStrategy {
    fn from(limits: PoolingAllocationConfig) -> InstanceAllocationStrategy {
        InstanceAllocationStrategy::Pooling(limits)
    }
}

/// Whether to use something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enabled {
    /// If it is available.
    #[default]
    Auto,
    /// It is an error if it is not available.
    Yes,
    /// Not.
    No,
}

/// Limits on what all stores of an engine have at a time. Nothing is set aside for them; a thread keeps the stacks of a store that
/// is dropped for the next one.
#[derive(Clone, Debug)]
pub struct PoolingAllocationConfig {
    core_instances: u32,
    memories: u32,
    tables: u32,
    pub(crate) memory_bytes: usize,
    pub(crate) table_elements: usize,
    protection_keys: Enabled,
}

impl Default for PoolingAllocationConfig {
    fn default() -> PoolingAllocationConfig {
        PoolingAllocationConfig {
            core_instances: 1000,
            memories: 1000,
            tables: 1000,
            memory_bytes: 4 << 30,
            table_elements: 20_000,
            protection_keys: Enabled::No,
        }
    }
}

impl PoolingAllocationConfig {
    /// The defaults: 1000 instances, memories and tables, each; memories of 4 GiB, tables of 20 000 elements.
    pub fn new() -> PoolingAllocationConfig {
        PoolingAllocationConfig::default()
    }

    /// The most instances.
    pub fn total_core_instances(&mut self, count: u32) -> &mut Self {
        self.core_instances = count;
        self
    }

    /// The most memories, those that stores share not included.
    pub fn total_memories(&mut self, count: u32) -> &mut Self {
        self.memories = count;
        self
    }

    /// The most tables.
    pub fn total_tables(&mut self, count: u32) -> &mut Self {
        self.tables = count;
        self
    }

    /// The largest size of a memory, in bytes.
    pub fn max_memory_size(&mut self, bytes: usize) -> &mut Self {
        self.memory_bytes = bytes;
        self
    }

    /// The largest size of a table, in elements.
    pub fn table_elements(&mut self, elements: usize) -> &mut Self {
        self.table_elements = elements;
        self
    }

    /// Whether memories are protected from each other by keys. They are not available, so that [`Enabled::Yes`] is an error when an
    /// engine is made.
    pub fn memory_protection_keys(&mut self, enable: Enabled) -> &mut Self {
        self.protection_keys = enable;
        self
    }

    /// Whether memories can be protected from each other by keys: never.
    pub fn are_memory_protection_keys_available() -> bool {
        false
    }
}

impl Config {
    /// Where instances get what they need from.
    pub fn allocation_strategy(&mut self, strategy: impl Into<InstanceAllocationStrategy>) -> &mut Config {
        self.pool = match strategy.into() {
            InstanceAllocationStrategy::OnDemand => None,
            InstanceAllocationStrategy::Pooling(limits) => Some(limits),
        };
        self
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooled {
    Instance,
    Memory,
    Table,
}

/// What all stores of an engine have.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) limits: PoolingAllocationConfig,
    taken: [AtomicU32; 3],
}

impl Pool {
    /// A pool with these limits.
    ///
    /// # Errors
    ///
    /// If they ask for what is not available.
    pub(crate) fn new(limits: PoolingAllocationConfig) -> Result<Pool> {
        ensure!(
            limits.protection_keys != Enabled::Yes,
            "memory protection keys are not available: use `Enabled::Auto`"
        );
        Ok(Pool { limits, taken: Default::default() })
    }

    fn limit(&self, what: Pooled) -> (u32, &'static str) {
        match what {
            Pooled::Instance => (self.limits.core_instances, "core instance"),
            Pooled::Memory => (self.limits.memories, "memory"),
            Pooled::Table => (self.limits.tables, "table"),
        }
    }
}

/// What a store has of a pool, which it gives back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    pool: Arc<Pool>,
    taken: [u32; 3],
}

impl Share {
    pub(crate) fn new(pool: &Arc<Pool>) -> Share {
        Share { pool: Arc::clone(pool), taken: [0; 3] }
    }

    pub(crate) fn limits(&self) -> &PoolingAllocationConfig {
        &self.pool.limits
    }

    /// Takes one.
    ///
    /// # Errors
    ///
    /// If all stores together have as many as they may.
    pub(crate) fn take(&mut self, what: Pooled) -> Result<()> {
        let (limit, name) = self.pool.limit(what);
        let place = &self.pool.taken[what as usize];
        let more = |taken: u32| taken.checked_add(1).filter(|&taken| taken <= limit);
        if place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
            bail!("maximum concurrent {name} limit of {limit} reached");
        }
        self.taken[what as usize] += 1;
        Ok(())
    }

    /// Gives back one that was taken.
    pub(crate) fn give_back(&mut self, what: Pooled) {
        self.pool.taken[what as usize].fetch_sub(1, Ordering::Relaxed);
        self.taken[what as usize] -= 1;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        for (place, taken) in self.pool.taken.iter().zip(self.taken) {
            place.fetch_sub(taken, Ordering::Relaxed);
        }
    }
}
