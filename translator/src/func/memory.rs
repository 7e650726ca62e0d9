//! Memory operators other than loads and stores, and the places that vector and atomic operators access.

use wasmparser::MemArg;

use crate::index::{DataIndex, MemoryIndex};
use crate::sink::{Access, Sink};
use crate::types::ValType;

use super::Lowering;

impl<S: Sink> Lowering<'_, S> {
    fn address_type(&self, memory: MemoryIndex) -> ValType {
        self.module.memory(memory).address_type()
    }

    /// Returns the place of an access. Pops the address.
    pub(super) fn access(&mut self, memarg: MemArg) -> Access {
        let (_, addr) = self.stack.pop();
        Access { memory: MemoryIndex::new(memarg.memory), addr, offset: memarg.offset }
    }

    pub(super) fn memory_size(&mut self, memory: MemoryIndex) {
        let dst = self.stack.push_temp(self.address_type(memory));
        self.sink.memory_size(memory, dst);
    }

    pub(super) fn memory_grow(&mut self, memory: MemoryIndex) {
        let (_, delta) = self.stack.pop();
        let dst = self.stack.push_temp(self.address_type(memory));
        self.sink.memory_grow(memory, dst, delta);
    }

    pub(super) fn memory_fill(&mut self, memory: MemoryIndex) {
        let (dst, value, len) = self.pop3();
        self.sink.memory_fill(memory, dst, value, len);
    }

    pub(super) fn memory_copy(&mut self, dst_memory: MemoryIndex, src_memory: MemoryIndex) {
        let (dst, src, len) = self.pop3();
        self.sink.memory_copy(dst_memory, src_memory, dst, src, len);
    }

    pub(super) fn memory_init(&mut self, segment: DataIndex, memory: MemoryIndex) {
        let (dst, src, len) = self.pop3();
        self.sink.memory_init(memory, segment, dst, src, len);
    }
}
