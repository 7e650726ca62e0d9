//! Snapshots to bytes. `docs/src/snapshot-format.md` is the specification.

use riser_translator::ValType;
use riser_translator::safepoint::SafepointKind;

use super::{MemoryImage, ModuleId, Snapshot, Stop, StoredException, StoredFrame, StoredValue, TableImage};

/// What the bytes of snapshots begin with.
pub(super) const MAGIC: [u8; 8] = *b"\0wasmsnp";
/// The version of the format.
pub(super) const VERSION: u32 = 2;
/// What the names of the host's sections begin with.
pub(super) const HOST: &str = "host:";

impl Snapshot {
    /// The bytes of the snapshot. Equal snapshots have equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        out.u32(VERSION);
        out.section("module", |out| out.module(&self.module));
        if let Some(code) = &self.code {
            out.section("code", |out| out.0.extend_from_slice(code));
        }
        out.section("externs", |out| out.list(&self.externs, |out, bytes| out.bytes(bytes)));
        out.section("exceptions", |out| out.list(&self.exceptions, Writer::exception));
        out.section("frames", |out| out.list(&self.frames, Writer::frame));
        out.section("globals", |out| out.list(&self.globals, |out, value| out.value(*value)));
        out.section("tables", |out| out.list(&self.tables, Writer::table));
        out.section("memories", |out| out.list(&self.memories, Writer::memory));
        out.section("segments", |out| {
            out.list(&self.dropped_data, |out, dropped| out.u8((*dropped).into()));
            out.list(&self.dropped_elements, |out, dropped| out.u8((*dropped).into()));
        });
        if let Some(fuel) = self.fuel {
            out.section("fuel", |out| out.u64(fuel));
        }
        for (name, bytes) in &self.sections {
            out.section(&format!("{HOST}{name}"), |out| out.0.extend_from_slice(bytes));
        }
        let sum = crc32fast::hash(&out.0);
        out.u32(sum);
        out.0
    }
}

/// Bytes that grow.
struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Writer, &T)) {
        self.u32(items.len() as u32);
        items.iter().for_each(|it| item(self, it));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.u8(text.len() as u8);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn section(&mut self, name: &str, content: impl FnOnce(&mut Writer)) {
        self.text(name);
        let at = self.0.len();
        self.u64(0);
        content(self);
        let len = (self.0.len() - at - size_of::<u64>()) as u64;
        self.0[at..at + size_of::<u64>()].copy_from_slice(&len.to_le_bytes());
    }

    fn module(&mut self, module: &ModuleId) {
        self.0.extend_from_slice(&module.sha256);
        self.u64(module.len);
        self.list(&module.features, |out, name| out.text(name));
    }

    fn exception(&mut self, exception: &StoredException) {
        self.u32(exception.tag.as_u32());
        self.list(&exception.payload, |out, value| out.value(*value));
    }

    fn frame(&mut self, frame: &StoredFrame) {
        self.u32(frame.function.as_u32());
        self.u32(frame.offset);
        self.u8(match frame.stop {
            Stop::Safepoint(SafepointKind::Entry) => 0,
            Stop::Safepoint(SafepointKind::Loop) => 1,
            Stop::Call => 2,
        });
        self.list(&frame.locals, |out, value| out.value(*value));
        self.list(&frame.operands, |out, value| out.value(*value));
    }

    fn ty(&mut self, ty: ValType) {
        self.u8(ty.code());
    }

    fn value(&mut self, value: StoredValue) {
        self.ty(value.ty());
        match value {
            StoredValue::I32(bits) | StoredValue::F32(bits) => self.u32(bits),
            StoredValue::I64(bits) | StoredValue::F64(bits) => self.u64(bits),
            StoredValue::V128(bits) => self.0.extend_from_slice(&bits.to_le_bytes()),
            StoredValue::FuncRef(function) => self.u32(function.map_or(u32::MAX, |function| function.as_u32())),
            StoredValue::ExternRef(number) | StoredValue::ExnRef(number) => self.u32(number.unwrap_or(u32::MAX)),
        }
    }

    fn table(&mut self, table: &TableImage) {
        self.ty(table.element);
        self.u64(table.len);
        self.list(&table.runs, |out, run| {
            out.u64(run.start);
            out.list(&run.references, |out, reference| out.u32(*reference));
        });
    }

    fn memory(&mut self, memory: &MemoryImage) {
        self.u64(memory.len_bytes);
        self.list(&memory.blocks, |out, block| {
            out.u64(block.start);
            out.u32(block.len_bytes);
            out.u8(block.is_compressed.into());
            out.bytes(&block.stored);
        });
    }
}
