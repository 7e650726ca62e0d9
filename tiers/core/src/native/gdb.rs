//! Reports machine code to debuggers, through GDB's JIT interface
//! (<https://sourceware.org/gdb/current/onlinedocs/gdb.html/JIT-Interface.html>), which LLDB knows as well.
//!
//! A list of object files in memory starts at the symbol `__jit_debug_descriptor`. The debugger has a breakpoint at
//! `__jit_debug_register_code`, which is called when the list has changed. The files here contain no code, only its addresses: a
//! symbol for each function, and a DWARF line table. The lines are those of the source if the module carries DWARF itself, and
//! offsets in the module otherwise. Debuggers find frames by `rbp`, which every function sets up first thing, so no unwind tables
//! are needed.

use std::arch::global_asm;
use std::ops::Range;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use gimli::write::{Address, AttributeValue, DwarfUnit, EndianVec, LineProgram, LineString, Sections};
use gimli::{Encoding, Format, LineEncoding, LittleEndian};
use object::elf;
use object::write::elf::{FileHeader, ProgramHeader, SectionHeader, Sym, Writer};
use riser_translator::module::ModuleInfo;

use super::code_map::{NativeFunction, Origin};
use crate::Sources;

/// An object file in the list.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    file: *const u8,
    file_bytes: u64,
}

/// The head of the list.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

/// Values of [`Descriptor::action`].
const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

// Weak, so that a process that contains another compiler has one list: there can be only one.
global_asm!(
    ".pushsection .text.__jit_debug_register_code,\"ax\",@progbits",
    ".weak __jit_debug_register_code",
    ".type __jit_debug_register_code,@function",
    "__jit_debug_register_code:",
    "ret",
    ".size __jit_debug_register_code, 1",
    ".popsection",
    ".pushsection .data.__jit_debug_descriptor,\"aw\",@progbits",
    ".balign 8",
    ".weak __jit_debug_descriptor",
    ".type __jit_debug_descriptor,@object",
    ".size __jit_debug_descriptor, 24",
    "__jit_debug_descriptor:",
    ".long 1, 0",
    ".quad 0, 0",
    ".popsection",
);

unsafe extern "C" {
    fn __jit_debug_register_code();
    static mut __jit_debug_descriptor: Descriptor;
}

/// The files in the list, each with the address at which its code begins; the boxes do not move.
struct Files(Vec<(usize, Box<Entry>, Box<[u8]>)>);

// SAFETY: the pointers in an entry belong to the list, which is changed only under the lock.
unsafe impl Send for Files {}

static FILES: Mutex<Files> = Mutex::new(Files(Vec::new()));

/// Reports functions of one module that have been published, each with its name, in the order of their addresses.
pub(super) fn published(functions: &[(&NativeFunction, String)]) {
    let (Some(&(first, _)), Some(file)) = (functions.first(), object_file(functions)) else { return };
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let file = file.into_boxed_slice();
    let mut entry = Box::new(Entry {
        next: ptr::null_mut(),
        previous: ptr::null_mut(),
        file: file.as_ptr(),
        file_bytes: file.len() as u64,
    });
    // SAFETY: the list has the form above, its entries are alive, and the lock keeps others in this crate from changing it.
    unsafe {
        let list = &raw mut __jit_debug_descriptor;
        entry.next = (*list).first;
        if !entry.next.is_null() {
            (*entry.next).previous = &raw mut *entry;
        }
        (*list).first = &raw mut *entry;
        (*list).relevant = &raw mut *entry;
        (*list).action = REGISTER;
        __jit_debug_register_code();
    }
    files.0.push((first.start, entry, file));
}

/// Reports that the code in a range of addresses is gone.
pub(super) fn removed(range: &Range<usize>) {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    for (_, mut entry, _file) in files.0.extract_if(.., |(start, ..)| range.contains(start)) {
        // SAFETY: as in `published`.
        unsafe {
            let list = &raw mut __jit_debug_descriptor;
            match entry.previous.is_null() {
                true => (*list).first = entry.next,
                false => (*entry.previous).next = entry.next,
            }
            if !entry.next.is_null() {
                (*entry.next).previous = entry.previous;
            }
            (*list).relevant = &raw mut *entry;
            (*list).action = UNREGISTER;
            __jit_debug_register_code();
        }
    }
}

/// An ELF file with the places of functions.
fn object_file(functions: &[(&NativeFunction, String)]) -> Option<Vec<u8>> {
    let (start, end) = (functions.first()?.0.start, functions.last().map(|(last, _)| last.start + last.len)?);
    let debug = debug_sections(functions, start..end)?;
    let mut bytes = Vec::new();
    let mut file = Writer::new(object::Endianness::Little, true, &mut bytes);
    file.reserve_file_header();
    file.reserve_program_headers(1);
    file.reserve_null_section_index();
    let text_name = file.add_section_name(b".text");
    let text = file.reserve_section_index();
    let mut placed = Vec::new();
    for (name, data) in &debug {
        let name = file.add_section_name(name.as_bytes());
        file.reserve_section_index();
        placed.push((name, data, file.reserve(data.len(), 1)));
    }
    file.reserve_symtab_section_index();
    file.reserve_strtab_section_index();
    file.reserve_shstrtab_section_index();
    file.reserve_null_symbol_index();
    let mut names = Vec::new();
    for (_, name) in functions {
        names.push(file.add_string(name.as_bytes()));
        file.reserve_symbol_index(Some(text));
    }
    file.reserve_symtab();
    file.reserve_strtab();
    file.reserve_shstrtab();
    file.reserve_section_headers();

    let header = FileHeader {
        os_abi: elf::ELFOSABI_NONE,
        abi_version: 0,
        e_type: elf::ET_DYN,
        e_machine: elf::EM_X86_64,
        e_entry: 0,
        e_flags: 0,
    };
    file.write_file_header(&header).ok()?;
    file.write_align_program_headers();
    file.write_program_header(&ProgramHeader {
        p_type: elf::PT_LOAD,
        p_flags: elf::PF_R | elf::PF_X,
        p_offset: 0,
        p_vaddr: start as u64,
        p_paddr: start as u64,
        p_filesz: 0,
        p_memsz: (end - start) as u64,
        p_align: 1,
    });
    for (_, data, _) in &placed {
        file.write(data);
    }
    file.write_null_symbol();
    for ((function, _), &name) in functions.iter().zip(&names) {
        file.write_symbol(&Sym {
            name: Some(name),
            section: Some(text),
            st_info: elf::STB_GLOBAL << 4 | elf::STT_FUNC,
            st_other: 0,
            st_shndx: 0,
            st_value: function.start as u64,
            st_size: function.len as u64,
        });
    }
    file.write_strtab();
    file.write_shstrtab();
    file.write_null_section_header();
    let section = SectionHeader {
        name: Some(text_name),
        sh_type: elf::SHT_NOBITS,
        sh_flags: u64::from(elf::SHF_ALLOC | elf::SHF_EXECINSTR),
        sh_addr: start as u64,
        sh_offset: 0,
        sh_size: (end - start) as u64,
        sh_link: 0,
        sh_info: 0,
        sh_addralign: 1,
        sh_entsize: 0,
    };
    file.write_section_header(&section);
    for &(name, data, at) in &placed {
        file.write_section_header(&SectionHeader {
            name: Some(name),
            sh_type: elf::SHT_PROGBITS,
            sh_flags: 0,
            sh_addr: 0,
            sh_offset: at as u64,
            sh_size: data.len() as u64,
            sh_link: 0,
            sh_info: 0,
            sh_addralign: 1,
            sh_entsize: 0,
        });
    }
    file.write_symtab_section_header(1);
    file.write_strtab_section_header();
    file.write_shstrtab_section_header();
    Some(bytes)
}

/// A module and its sources, if it has any.
struct Known {
    module: Weak<ModuleInfo>,
    sources: Option<Arc<Sources>>,
}

/// The module that code was last published for, with its sources.
static LAST: Mutex<Option<Known>> = Mutex::new(None);

/// The sources of a module.
fn sources(module: &Arc<ModuleInfo>) -> Option<Arc<Sources>> {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    match &*last {
        Some(known) if ptr::eq(known.module.as_ptr(), Arc::as_ptr(module)) => known.sources.clone(),
        _ => {
            let sources = Sources::new(module).map(Arc::new);
            *last = Some(Known { module: Arc::downgrade(module), sources: sources.clone() });
            sources
        }
    }
}

/// The sections of a DWARF line table with a line for each position.
fn debug_sections(
    functions: &[(&NativeFunction, String)],
    range: Range<usize>,
) -> Option<Vec<(&'static str, Vec<u8>)>> {
    let encoding = Encoding { format: Format::Dwarf32, version: 4, address_size: 8 };
    let file = || LineString::String(b"module.wasm".to_vec());
    let directory = LineString::String(b".".to_vec());
    let mut lines = LineProgram::new(encoding, LineEncoding::default(), directory, None, file(), None);
    let source = lines.add_file(file(), lines.default_directory(), None);
    let mut unit = DwarfUnit::new(encoding);
    let root = unit.unit.root();
    for (function, name) in functions {
        let sources = match &function.origin {
            Origin::Function { module, .. } => sources(module),
            Origin::Trampoline => None,
        };
        lines.begin_sequence(Some(Address::Constant(function.start as u64)));
        for (at, offset) in function.operators() {
            let (file, line, column) = match &sources {
                None => (source, u64::from(offset), 0),
                // Inlined functions are not told apart: the line is the innermost function's.
                Some(sources) => {
                    let symbol = sources.find(offset).into_iter().next().unwrap_or_default();
                    let name = symbol.file().unwrap_or("<unknown>").as_bytes().to_vec();
                    let file = lines.add_file(LineString::String(name), lines.default_directory(), None);
                    (file, symbol.line().unwrap_or_default().into(), symbol.column().unwrap_or_default().into())
                }
            };
            let row = lines.row();
            (row.address_offset, row.file, row.line, row.column) = (u64::from(at), file, line, column);
            lines.generate_row();
        }
        lines.end_sequence(function.len as u64);
        let entry = unit.unit.add(root, gimli::DW_TAG_subprogram);
        let entry = unit.unit.get_mut(entry);
        entry.set(gimli::DW_AT_name, AttributeValue::String(name.clone().into_bytes()));
        entry.set(gimli::DW_AT_external, AttributeValue::Flag(true));
        entry.set(gimli::DW_AT_low_pc, AttributeValue::Address(Address::Constant(function.start as u64)));
        entry.set(gimli::DW_AT_high_pc, AttributeValue::Udata(function.len as u64));
    }
    unit.unit.line_program = lines;
    let root = unit.unit.get_mut(root);
    root.set(gimli::DW_AT_producer, AttributeValue::String(b"riser".to_vec()));
    root.set(gimli::DW_AT_language, AttributeValue::Language(gimli::DW_LANG_C));
    root.set(gimli::DW_AT_name, AttributeValue::String(b"module.wasm".to_vec()));
    root.set(gimli::DW_AT_comp_dir, AttributeValue::String(b".".to_vec()));
    root.set(gimli::DW_AT_low_pc, AttributeValue::Address(Address::Constant(range.start as u64)));
    root.set(gimli::DW_AT_high_pc, AttributeValue::Udata(range.len() as u64));
    let mut sections = Sections::new(EndianVec::new(LittleEndian));
    unit.write(&mut sections).ok()?;
    let mut found = Vec::new();
    let collected: Result<(), ()> = sections.for_each(|id, data| {
        if !data.slice().is_empty() {
            found.push((id.name(), data.slice().to_vec()));
        }
        Ok(())
    });
    collected.ok()?;
    Some(found)
}
