//! Bounds on what a store's instances may take.

use riser_tiers_core::Limits;

/// Bounds on what the instances of a store may take; see [`crate::Store::limiter`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreLimits {
    pub(crate) limits: Limits,
}

/// Builds [`StoreLimits`].
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreLimitsBuilder {
    limits: StoreLimits,
}

impl StoreLimitsBuilder {
    /// The defaults: memories of any size, tables of 10 million elements, 10 000 of each object.
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// Largest size of any one memory, in bytes.
    pub fn memory_size(mut self, bytes: usize) -> StoreLimitsBuilder {
        self.limits.limits.memory_bytes = bytes as u64;
        self
    }

    /// Largest size of any one table, in elements.
    pub fn table_elements(mut self, elements: usize) -> StoreLimitsBuilder {
        self.limits.limits.table_elements = elements as u64;
        self
    }

    /// Number of instances.
    pub fn instances(mut self, instances: usize) -> StoreLimitsBuilder {
        self.limits.limits.instances = instances;
        self
    }

    /// Number of tables.
    pub fn tables(mut self, tables: usize) -> StoreLimitsBuilder {
        self.limits.limits.tables = tables;
        self
    }

    /// Number of memories.
    pub fn memories(mut self, memories: usize) -> StoreLimitsBuilder {
        self.limits.limits.memories = memories;
        self
    }

    /// Whether `memory.grow` and `table.grow` past a limit trap rather than answer -1.
    pub fn trap_on_grow_failure(mut self, trap: bool) -> StoreLimitsBuilder {
        self.limits.limits.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    pub fn build(self) -> StoreLimits {
        self.limits
    }
}
