//! The types of memories.

use std::fmt;

use super::Limits;
use crate::types::ValType;

/// A memory's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryType {
    /// Size in pages.
    pub limits: Limits,
    /// Whether addresses are 64 bits wide.
    pub memory64: bool,
    /// Whether threads share it. It has a largest size then.
    pub shared: bool,
    /// The base-2 logarithm of a page's size in bytes: 16, or 0 with custom page sizes.
    pub page_size_log2: u8,
}

impl MemoryType {
    /// The base-2 logarithm of the size of pages that a module does not say more about.
    pub const DEFAULT_PAGE_SIZE_LOG2: u8 = 16;

    /// A memory with 32-bit addresses, of `minimum` to `maximum` pages of 64 KiB.
    pub const fn new(minimum: u32, maximum: Option<u32>) -> MemoryType {
        let max = match maximum {
            Some(maximum) => Some(maximum as u64),
            None => None,
        };
        MemoryType { memory64: false, ..MemoryType::new64(minimum as u64, max) }
    }

    /// A memory with 64-bit addresses, of `minimum` to `maximum` pages of 64 KiB.
    pub const fn new64(minimum: u64, maximum: Option<u64>) -> MemoryType {
        let limits = Limits { min: minimum, max: maximum };
        MemoryType { limits, memory64: true, shared: false, page_size_log2: MemoryType::DEFAULT_PAGE_SIZE_LOG2 }
    }

    /// A memory with 32-bit addresses, of `minimum` to `maximum` pages of 64 KiB, that threads share.
    pub const fn shared(minimum: u32, maximum: u32) -> MemoryType {
        MemoryType { shared: true, ..MemoryType::new(minimum, Some(maximum)) }
    }

    /// A memory with 64-bit addresses, of `minimum` to `maximum` pages of 64 KiB, that threads share.
    pub const fn shared64(minimum: u64, maximum: u64) -> MemoryType {
        MemoryType { shared: true, ..MemoryType::new64(minimum, Some(maximum)) }
    }

    /// Describes a memory step by step.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::default()
    }

    /// Initial size in pages.
    pub const fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// Largest size in pages, if declared.
    pub const fn maximum(&self) -> Option<u64> {
        self.limits.max
    }

    /// Whether addresses are 64 bits wide.
    pub const fn is_64(&self) -> bool {
        self.memory64
    }

    /// Whether threads share it.
    pub const fn is_shared(&self) -> bool {
        self.shared
    }

    /// Size of a page in bytes; 0 if it is 2^64 or more, which no memory has.
    pub const fn page_size(&self) -> u64 {
        match 1_u64.checked_shl(self.page_size_log2 as u32) {
            Some(bytes) => bytes,
            None => 0,
        }
    }

    /// The base-2 logarithm of the size of a page in bytes.
    pub const fn page_size_log2(&self) -> u8 {
        self.page_size_log2
    }

    /// The type of addresses, and of sizes in pages.
    pub const fn address_type(self) -> ValType {
        if self.memory64 { ValType::I64 } else { ValType::I32 }
    }

    /// Whether guard pages can bound its accesses: addresses have 32 bits, and the end is always that of a page of the
    /// system. The accesses to any other memory are checked one by one.
    pub const fn can_be_guarded(self) -> bool {
        !self.memory64 && self.page_size_log2 == MemoryType::DEFAULT_PAGE_SIZE_LOG2
    }

    /// Whether the register interpreter's short forms of accesses serve it: guard pages can bound its accesses, and the
    /// length in the interpreter's register is exact, because no other thread can make the memory grow.
    pub const fn has_short_forms(self) -> bool {
        self.can_be_guarded() && !self.shared
    }

    /// The most pages that a memory of this type can have, whatever its declared maximum: as many as there are
    /// addresses, and no more than an address can count.
    pub const fn most_pages(self) -> u64 {
        let address_bits = if self.memory64 { 64 } else { 32 };
        match u32::saturating_sub(address_bits, self.page_size_log2 as u32) {
            64 => u64::MAX,
            32 if !self.memory64 => u32::MAX as u64,
            bits => 1 << bits,
        }
    }

    /// Checks that there can be memories of this type.
    ///
    /// # Errors
    ///
    /// If not; the message says why.
    pub fn check(self) -> Result<(), InvalidMemoryType> {
        if ![0, MemoryType::DEFAULT_PAGE_SIZE_LOG2].contains(&self.page_size_log2) {
            let log2 = self.page_size_log2;
            return Err(InvalidMemoryType(format!("pages have 1 or 65536 bytes, not 2^{log2}")));
        }
        let most = self.most_pages();
        if self.limits.min > most || self.limits.max.is_some_and(|max| max > most) {
            return Err(InvalidMemoryType(format!("memory size must be at most {most} pages")));
        }
        if self.limits.max.is_some_and(|max| self.limits.min > max) {
            return Err(InvalidMemoryType("size minimum must not be greater than maximum".to_owned()));
        }
        if self.shared && self.limits.max.is_none() {
            return Err(InvalidMemoryType("shared memories must have a maximum size".to_owned()));
        }
        Ok(())
    }
}

/// The error for a type that no memory can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMemoryType(String);

impl fmt::Display for InvalidMemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidMemoryType {}

/// Describes a memory step by step; see [`MemoryType::builder`]. Unless told otherwise, it has 32-bit addresses, pages of
/// 64 KiB, and no page at first.
#[derive(Clone, Debug)]
pub struct MemoryTypeBuilder {
    ty: MemoryType,
}

impl Default for MemoryTypeBuilder {
    fn default() -> MemoryTypeBuilder {
        MemoryTypeBuilder { ty: MemoryType::new(0, None) }
    }
}

impl MemoryTypeBuilder {
    /// Initial size in pages.
    pub fn min(&mut self, minimum: u64) -> &mut MemoryTypeBuilder {
        self.ty.limits.min = minimum;
        self
    }

    /// Largest size in pages; `None` if it is not declared.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut MemoryTypeBuilder {
        self.ty.limits.max = maximum;
        self
    }

    /// Whether addresses are 64 bits wide.
    pub fn memory64(&mut self, memory64: bool) -> &mut MemoryTypeBuilder {
        self.ty.memory64 = memory64;
        self
    }

    /// Whether threads share it; it needs a largest size then.
    pub fn shared(&mut self, shared: bool) -> &mut MemoryTypeBuilder {
        self.ty.shared = shared;
        self
    }

    /// The base-2 logarithm of the size of a page in bytes: 0 or 16.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut MemoryTypeBuilder {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// The type.
    ///
    /// # Errors
    ///
    /// If there can be no such memory.
    pub fn build(&self) -> Result<MemoryType, InvalidMemoryType> {
        self.ty.check().map(|()| self.ty)
    }
}
