//! Memory operators other than loads and stores.

use crate::sink::Sink;
use crate::types::ValType;

use super::Lowering;

impl<S: Sink> Lowering<'_, S> {
    fn address_type(&self, memory: u32) -> ValType {
        self.module.memories[memory as usize].address_type()
    }

    pub(super) fn memory_size(&mut self, memory: u32) {
        let dst = self.stack.push_temp(self.address_type(memory));
        self.sink.memory_size(memory, dst);
    }

    pub(super) fn memory_grow(&mut self, memory: u32) {
        let (_, delta) = self.stack.pop();
        let dst = self.stack.push_temp(self.address_type(memory));
        self.sink.memory_grow(memory, dst, delta);
    }

    pub(super) fn memory_fill(&mut self, memory: u32) {
        let (dst, value, len) = self.pop3();
        self.sink.memory_fill(memory, dst, value, len);
    }

    pub(super) fn memory_copy(&mut self, dst_memory: u32, src_memory: u32) {
        let (dst, src, len) = self.pop3();
        self.sink.memory_copy(dst_memory, src_memory, dst, src, len);
    }

    pub(super) fn memory_init(&mut self, segment: u32, memory: u32) {
        let (dst, src, len) = self.pop3();
        self.sink.memory_init(memory, segment, dst, src, len);
    }
}
