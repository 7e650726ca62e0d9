//! Core dumps as files: a module's binary format, with custom sections for the process and its stack.

use std::collections::HashMap;

use super::WasmCoreDump;
use crate::{Module, Mutability, StoreContextMut, Val};

/// Contents of memories are kept in pieces of this size, without the zeros around them.
const PIECE: usize = 4096;

/// The index of an object that is not in the file.
const ABSENT: u32 = u32::MAX;

/// Bytes in the making.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn byte(&mut self, byte: u8) -> &mut Bytes {
        self.0.push(byte);
        self
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Bytes {
        self.0.extend_from_slice(bytes);
        self
    }

    /// An unsigned number (LEB128).
    fn number(&mut self, mut number: u64) -> &mut Bytes {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8)
    }

    /// A signed number (LEB128).
    fn signed(&mut self, mut number: i64) -> &mut Bytes {
        loop {
            let (low, rest) = (number as u8 & 0x7F, number >> 7);
            if rest == if low & 0x40 == 0 { 0 } else { -1 } {
                return self.byte(low);
            }
            self.byte(low | 0x80);
            number = rest;
        }
    }

    fn text(&mut self, text: &str) -> &mut Bytes {
        self.number(text.len() as u64).raw(text.as_bytes())
    }

    /// A vector of items.
    fn list<T>(&mut self, items: impl ExactSizeIterator<Item = T>, mut put: impl FnMut(&mut Bytes, T)) -> &mut Bytes {
        self.number(items.len() as u64);
        items.for_each(|item| put(self, item));
        self
    }

    fn section(&mut self, id: u8, contents: &Bytes) -> &mut Bytes {
        self.byte(id).number(contents.0.len() as u64).raw(&contents.0)
    }

    fn custom(&mut self, name: &str, fill: impl FnOnce(&mut Bytes)) -> &mut Bytes {
        let mut contents = Bytes::default();
        contents.text(name);
        fill(&mut contents);
        self.section(0, &contents)
    }
}

/// Encodes a dump of a store.
pub(super) fn encode<T>(dump: &WasmCoreDump, store: &mut StoreContextMut<'_, T>, name: &str) -> Vec<u8> {
    let mut file = Bytes::default();
    file.raw(b"\0asm\x01\0\0\0");
    file.custom("core", |out| {
        out.byte(0).text(name);
    });
    file.section(5, &memories(dump, store));
    file.section(6, &globals(dump, store));
    file.section(11, &contents(dump, store));
    file.custom("coremodules", |out| {
        out.list(dump.modules.iter().enumerate(), |out, (number, module)| {
            let anonymous = format!("<module {number}>");
            out.byte(0).text(module.name().unwrap_or(&anonymous));
        });
    });
    file.custom("coreinstances", |out| instances(dump, store, out));
    file.custom("corestack", |out| {
        out.byte(0).text("main");
        out.list(dump.frames().iter().zip(&dump.frame_instances), |out, (frame, instance)| {
            let offset = frame.func_offset().unwrap_or_default() as u64;
            out.byte(0).number(u64::from(*instance)).number(u64::from(frame.func_index())).number(offset);
            // No locals, and no operands.
            out.number(0).number(0);
        });
    });
    file.0
}

fn memories<T>(dump: &WasmCoreDump, store: &StoreContextMut<'_, T>) -> Bytes {
    let mut out = Bytes::default();
    out.list(dump.memories.iter(), |out, memory| {
        let ty = memory.ty(store);
        let has_page_size = ty.page_size_log2() != riser_translator::module::MemoryType::DEFAULT_PAGE_SIZE_LOG2;
        let flags = u8::from(ty.maximum().is_some()) | u8::from(ty.is_64()) << 2 | u8::from(has_page_size) << 3;
        out.byte(flags).number(memory.size(store));
        if let Some(maximum) = ty.maximum() {
            out.number(maximum);
        }
        if has_page_size {
            out.number(u64::from(ty.page_size_log2()));
        }
    });
    out
}

fn globals<T>(dump: &WasmCoreDump, store: &StoreContextMut<'_, T>) -> Bytes {
    let mut out = Bytes::default();
    out.list(dump.globals.iter(), |out, global| {
        let ty = global.ty(store);
        out.byte(ty.content().code()).byte(u8::from(ty.mutability() == Mutability::Var));
        match global.get(store) {
            Val::I32(value) => out.byte(0x41).signed(i64::from(value)),
            Val::I64(value) => out.byte(0x42).signed(value),
            Val::F32(bits) => out.byte(0x43).raw(&bits.to_le_bytes()),
            Val::F64(bits) => out.byte(0x44).raw(&bits.to_le_bytes()),
            Val::V128(vector) => out.raw(&[0xFD, 12]).raw(&vector.as_u128().to_le_bytes()),
            Val::FuncRef(_) | Val::ExternRef(_) | Val::ExnRef(_) => out.byte(0xD0).byte(ty.content().code()),
        }
        .byte(0x0B);
    });
    out
}

/// The data section: what memories contain, except for zeros.
fn contents<T>(dump: &WasmCoreDump, store: &StoreContextMut<'_, T>) -> Bytes {
    let mut segments = Bytes::default();
    let mut count = 0;
    for (number, memory) in dump.memories.iter().enumerate() {
        for (index, piece) in memory.data(store).chunks(PIECE).enumerate() {
            let is_set = |byte: &u8| *byte != 0;
            let (Some(first), Some(last)) = (piece.iter().position(is_set), piece.iter().rposition(is_set)) else {
                continue;
            };
            segments.byte(2).number(number as u64);
            let offset = index * PIECE + first;
            match memory.ty(store).is_64() {
                true => segments.byte(0x42).signed(offset as i64),
                false => segments.byte(0x41).signed(i64::from(offset as u32 as i32)),
            };
            let bytes = &piece[first..=last];
            segments.byte(0x0B).number(bytes.len() as u64).raw(bytes);
            count += 1;
        }
    }
    let mut out = Bytes::default();
    out.number(count).raw(&segments.0);
    out
}

fn instances<T>(dump: &WasmCoreDump, store: &StoreContextMut<'_, T>, out: &mut Bytes) {
    let core = store.core();
    let memories = dump.memories.iter().map(|memory| memory.0.address(core).addr().get());
    let memories: HashMap<usize, u32> = memories.zip(0..).collect();
    let globals = dump.globals.iter().map(|global| global.0.address(core).addr().get());
    let globals: HashMap<usize, u32> = globals.zip(0..).collect();
    let index = |known: &HashMap<usize, u32>, address: usize| known.get(&address).copied().unwrap_or(ABSENT);
    out.list(dump.instances.iter(), |out, instance| {
        let data = instance.0.get(core);
        let module = dump.modules.iter().position(|module| Module::same(module, data.module())).unwrap_or_default();
        out.byte(0).number(module as u64);
        let parts = &data.parts;
        out.list(parts.memories.iter(), |out, memory| {
            out.number(u64::from(index(&memories, memory.addr())));
        });
        out.list(parts.globals.iter(), |out, global| {
            out.number(u64::from(index(&globals, global.addr())));
        });
    });
}
