//! Limits on the resources of a store's instances.

use std::fmt;

use anyhow::{Error, Result, bail};

/// The most elements of a table, unless a limiter says otherwise.
const DEFAULT_TABLE_ELEMENTS: usize = 10_000_000;
/// The most instances, tables and memories, each, unless a limiter says otherwise.
const DEFAULT_OBJECTS: usize = 10_000;

/// Decides how much the instances of a store may take; see [`crate::Store::limiter`].
///
/// It is asked whenever a memory or a table grows or is made, which counts as growing from a size of 0, whatever the
/// cause: `memory.grow` and `table.grow` in every mode, instantiation, or the host. Sizes of memories are in bytes,
/// those of tables in elements.
pub trait ResourceLimiter: Send {
    /// Whether a memory of `current` bytes may grow to `desired`. `maximum` is the limit of its type, if it has one; it
    /// cannot be exceeded, whatever the answer.
    ///
    /// # Errors
    ///
    /// An error ends the code that wants to grow, as an error of a host function does.
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool>;

    /// Reports that a memory could not grow although it was allowed to.
    ///
    /// # Errors
    ///
    /// As for [`ResourceLimiter::memory_growing`]. Without an error, the code that wants to grow gets -1.
    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Whether a table of `current` elements may grow to `desired`, as [`ResourceLimiter::memory_growing`].
    ///
    /// # Errors
    ///
    /// As for [`ResourceLimiter::memory_growing`].
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool>;

    /// Reports that a table could not grow although it was allowed to.
    ///
    /// # Errors
    ///
    /// As for [`ResourceLimiter::memory_grow_failed`].
    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        let _ = error;
        Ok(())
    }

    /// Whether all memories and tables of the store together may grow from `current` bytes to `desired`. An element of
    /// a table counts 8 bytes. Asked after the memory or the table itself has been allowed to grow. Wasmtime has no
    /// such method.
    ///
    /// # Errors
    ///
    /// As for [`ResourceLimiter::memory_growing`].
    fn total_growing(&mut self, current: usize, desired: usize) -> Result<bool> {
        let _ = (current, desired);
        Ok(true)
    }

    /// The maximum number of instances in the store. Asked once, when the limiter is set.
    fn instances(&self) -> usize {
        DEFAULT_OBJECTS
    }

    /// The maximum number of tables, as [`ResourceLimiter::instances`].
    fn tables(&self) -> usize {
        DEFAULT_OBJECTS
    }

    /// The maximum number of memories, as [`ResourceLimiter::instances`].
    fn memories(&self) -> usize {
        DEFAULT_OBJECTS
    }
}

/// Fixed limits on what the instances of a store may take: a [`ResourceLimiter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    memory_bytes: Option<usize>,
    table_elements: usize,
    total_bytes: Option<usize>,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl Default for StoreLimits {
    fn default() -> StoreLimits {
        StoreLimits {
            memory_bytes: None,
            table_elements: DEFAULT_TABLE_ELEMENTS,
            total_bytes: None,
            instances: DEFAULT_OBJECTS,
            tables: DEFAULT_OBJECTS,
            memories: DEFAULT_OBJECTS,
            trap_on_grow_failure: false,
        }
    }
}

impl StoreLimits {
    /// Returns the answer to a request to grow, which may be an error if it is not allowed.
    fn answer(&self, allowed: bool, what: impl fmt::Display) -> Result<bool> {
        if !allowed && self.trap_on_grow_failure {
            bail!("forcing trap when growing {what}");
        }
        Ok(allowed)
    }

    fn failed(&self, what: &str, error: Error) -> Result<()> {
        if self.trap_on_grow_failure {
            return Err(error.context(format!("forcing a {what} growth failure to be a trap")));
        }
        Ok(())
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let allowed = [self.memory_bytes, maximum].into_iter().flatten().all(|limit| desired <= limit);
        self.answer(allowed, format_args!("memory to {desired} bytes"))
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed("memory", error)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let allowed = desired <= self.table_elements && maximum.is_none_or(|maximum| desired <= maximum);
        self.answer(allowed, format_args!("table to {desired} elements"))
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.failed("table", error)
    }

    fn total_growing(&mut self, _current: usize, desired: usize) -> Result<bool> {
        let allowed = self.total_bytes.is_none_or(|limit| desired <= limit);
        self.answer(allowed, format_args!("memories and tables to {desired} bytes in all"))
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Builds [`StoreLimits`].
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreLimitsBuilder {
    limits: StoreLimits,
}

impl StoreLimitsBuilder {
    /// The defaults: memories of any size, tables of 10 million elements, no limit on their sum, 10 000 of each kind of
    /// object.
    pub fn new() -> StoreLimitsBuilder {
        StoreLimitsBuilder::default()
    }

    /// Largest size of any one memory, in bytes.
    pub fn memory_size(mut self, bytes: usize) -> StoreLimitsBuilder {
        self.limits.memory_bytes = Some(bytes);
        self
    }

    /// Largest size of any one table, in elements.
    pub fn table_elements(mut self, elements: usize) -> StoreLimitsBuilder {
        self.limits.table_elements = elements;
        self
    }

    /// Largest size of all memories and tables together, in bytes; an element of a table is 8 bytes.
    pub fn total_size(mut self, bytes: usize) -> StoreLimitsBuilder {
        self.limits.total_bytes = Some(bytes);
        self
    }

    /// Number of instances.
    pub fn instances(mut self, instances: usize) -> StoreLimitsBuilder {
        self.limits.instances = instances;
        self
    }

    /// Number of tables.
    pub fn tables(mut self, tables: usize) -> StoreLimitsBuilder {
        self.limits.tables = tables;
        self
    }

    /// Number of memories.
    pub fn memories(mut self, memories: usize) -> StoreLimitsBuilder {
        self.limits.memories = memories;
        self
    }

    /// Whether a `memory.grow` or `table.grow` that fails ends the code with an error instead of returning -1.
    pub fn trap_on_grow_failure(mut self, trap: bool) -> StoreLimitsBuilder {
        self.limits.trap_on_grow_failure = trap;
        self
    }

    /// The limits.
    pub fn build(self) -> StoreLimits {
        self.limits
    }
}
