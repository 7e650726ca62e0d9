//! A module that begins where an instance of another has ended: pre-initialisation, as Wizer does it.
//!
//! Memories and tables have their sizes from the start, and what is in them comes from active segments. Mutable globals begin with their
//! values. There is no start function, and the exports that were called are gone. Functions, types and what else there is are copied, with
//! all indices. If code names segments, they keep their numbers: what was dropped, or copied at the start, is a segment that is copied at the
//! start, or is empty; both have nothing left for code to copy.
//!
//! Nothing in the result needs more of an engine than the module did.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    AbstractHeapType, ConstExpr, CustomSection, DataCountSection, DataSection, ElementMode, ElementSection,
    ElementSegment, Elements, ExportSection, GlobalSection, HeapType, Ieee32, Ieee64, MemorySection, Module,
    RawSection, SectionId, TableSection,
};
use wasmparser::{
    BinaryReader, Data, DataKind, Element, ElementItems, ElementKind, ExternalKind, MemoryType, Operator, Parser,
    Payload, RefType, TableType, TypeRef,
};

use crate::snapshot::{MemoryImage, Snapshot, StoredValue};

/// What a module cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inexpressible {
    /// What the module imports has the state of whoever provides it.
    Imported {
        /// The kind.
        what: &'static str,
        /// The module's name.
        module: String,
        /// Its name in there.
        name: String,
    },
    /// The instance is running.
    Frames,
    /// A global or a table refers to an exception or to a value of the host.
    References,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inexpressible::Imported { what, module, name } => write!(
                f,
                "the module imports the {what} `{}::{}`, whose state a module cannot contain; a snapshot can",
                module.escape_debug(),
                name.escape_debug()
            ),
            Inexpressible::Frames => {
                f.write_str("the program is running, which a module cannot contain; a snapshot can")
            }
            Inexpressible::References => f.write_str(
                "a global or a table refers to an exception or a value of the host, which a module cannot contain; a \
                 snapshot can",
            ),
        }
    }
}

impl std::error::Error for Inexpressible {}

/// Makes the module that begins with the state of `snapshot`, which is one of the module in `wasm` without frames, and does not export the
/// functions `without`.
///
/// # Errors
///
/// [`Inexpressible`] if a module cannot have the state.
pub fn initialised(wasm: &[u8], snapshot: &Snapshot, without: &[String]) -> Result<Vec<u8>> {
    if !snapshot.frames().is_empty() {
        return Err(Inexpressible::Frames.into());
    }
    if !snapshot.exceptions().is_empty() || !snapshot.externs().is_empty() {
        return Err(Inexpressible::References.into());
    }
    let source = Source::read(wasm)?;
    let mut out = Out { module: Module::new(), pending: VecDeque::new() };
    let (elements, data) = (source.elements(snapshot)?, source.data(snapshot)?);
    if !elements.is_empty() {
        out.pending.push_back(Pending::Elements(elements));
    }
    if source.names_data {
        out.pending.push_back(Pending::DataCount(DataCountSection { count: data.len() }));
    }
    if !data.is_empty() {
        out.pending.push_back(Pending::Data(data));
    }
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        if id != SectionId::Custom as u8 {
            out.up_to(order(id));
        }
        match payload {
            Payload::TableSection(_) => out.module.section(&source.tables(snapshot)?),
            Payload::MemorySection(_) => out.module.section(&source.memories(snapshot)),
            Payload::GlobalSection(reader) => {
                let mut section = GlobalSection::new();
                let values = &snapshot.globals()[source.imported_globals..];
                for (global, value) in reader.into_iter().zip(values) {
                    let global = global?;
                    let init = if global.ty.mutable {
                        constant(*value)
                    } else {
                        RoundtripReencoder.const_expr(global.init_expr)?
                    };
                    section.global(RoundtripReencoder.global_type(global.ty)?, &init);
                }
                out.module.section(&section)
            }
            Payload::ExportSection(reader) => {
                let mut section = ExportSection::new();
                for export in reader {
                    let export = export?;
                    let is_called = export.kind == ExternalKind::Func && without.iter().any(|it| it == export.name);
                    if !is_called {
                        section.export(export.name, RoundtripReencoder.export_kind(export.kind)?, export.index);
                    }
                }
                out.module.section(&section)
            }
            // These are pending, or there is none.
            Payload::StartSection { .. }
            | Payload::ElementSection(_)
            | Payload::DataCountSection { .. }
            | Payload::DataSection(_) => continue,
            Payload::CustomSection(custom) if custom.name() == "name" => {
                let data = source.names(custom.data())?;
                out.module.section(&CustomSection { name: "name".into(), data: data.into() })
            }
            _ => out.module.section(&RawSection { id, data: &wasm[range] }),
        };
    }
    out.up_to(u32::MAX);
    Ok(out.module.finish())
}

/// The place of a section among the others.
fn order(id: u8) -> u32 {
    const ORDER: [SectionId; 13] = [
        SectionId::Type,
        SectionId::Import,
        SectionId::Function,
        SectionId::Table,
        SectionId::Memory,
        SectionId::Tag,
        SectionId::Global,
        SectionId::Export,
        SectionId::Start,
        SectionId::Element,
        SectionId::DataCount,
        SectionId::Code,
        SectionId::Data,
    ];
    ORDER.iter().position(|&it| it as u8 == id).map_or(u32::MAX, |at| at as u32)
}

/// A section that is made.
enum Pending {
    Elements(ElementSection),
    DataCount(DataCountSection),
    Data(DataSection),
}

/// The module that is made.
struct Out {
    module: Module,
    /// Sections whose place is still to come, in their order.
    pending: VecDeque<Pending>,
}

impl Out {
    /// Adds the pending sections that come before the one with a place.
    fn up_to(&mut self, place: u32) {
        let id = |pending: &Pending| match pending {
            Pending::Elements(_) => SectionId::Element,
            Pending::DataCount(_) => SectionId::DataCount,
            Pending::Data(_) => SectionId::Data,
        };
        while let Some(pending) = self.pending.pop_front_if(|pending| order(id(pending) as u8) <= place) {
            match pending {
                Pending::Elements(section) => self.module.section(&section),
                Pending::DataCount(section) => self.module.section(&section),
                Pending::Data(section) => self.module.section(&section),
            };
        }
    }
}

/// What has to be known of the original module.
#[derive(Default)]
struct Source<'a> {
    imported_globals: usize,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    elements: Vec<Element<'a>>,
    data: Vec<Data<'a>>,
    /// Whether code names data segments.
    names_data: bool,
    /// Whether code names element segments.
    names_elements: bool,
    /// The functions that code takes references to: they have to be declared.
    referenced: BTreeSet<u32>,
}

impl<'a> Source<'a> {
    fn read(wasm: &'a [u8]) -> Result<Source<'a>> {
        let mut source = Source::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        let import = import?;
                        let what = match import.ty {
                            TypeRef::Global(ty) if ty.mutable => "global",
                            TypeRef::Global(_) => {
                                source.imported_globals += 1;
                                continue;
                            }
                            TypeRef::Memory(_) => "memory",
                            TypeRef::Table(_) => "table",
                            TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Tag(_) => continue,
                        };
                        let (module, name) = (import.module.to_owned(), import.name.to_owned());
                        return Err(Inexpressible::Imported { what, module, name }.into());
                    }
                }
                Payload::TableSection(reader) => {
                    source.tables = reader.into_iter().map(|table| Ok(table?.ty)).collect::<Result<_>>()?;
                }
                Payload::MemorySection(reader) => source.memories = reader.into_iter().collect::<Result<_, _>>()?,
                Payload::ElementSection(reader) => source.elements = reader.into_iter().collect::<Result<_, _>>()?,
                Payload::DataSection(reader) => source.data = reader.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader()? {
                        let operator = operator?;
                        if let Operator::RefFunc { function_index } = operator {
                            source.referenced.insert(function_index);
                        }
                        source.names_data |=
                            matches!(operator, Operator::MemoryInit { .. } | Operator::DataDrop { .. });
                        source.names_elements |=
                            matches!(operator, Operator::TableInit { .. } | Operator::ElemDrop { .. });
                    }
                }
                _ => {}
            }
        }
        Ok(source)
    }

    fn tables(&self, snapshot: &Snapshot) -> Result<TableSection> {
        let mut section = TableSection::new();
        for (ty, image) in self.tables.iter().zip(snapshot.tables()) {
            section.table(RoundtripReencoder.table_type(TableType { initial: image.len, ..*ty })?);
        }
        Ok(section)
    }

    fn memories(&self, snapshot: &Snapshot) -> MemorySection {
        let mut section = MemorySection::new();
        for (ty, image) in self.memories.iter().zip(snapshot.memories()) {
            let initial = image.len_bytes >> ty.page_size_log2.unwrap_or(PAGE_LOG2);
            section.memory(wasm_encoder::MemoryType {
                minimum: initial,
                maximum: ty.maximum,
                memory64: ty.memory64,
                shared: ty.shared,
                page_size_log2: ty.page_size_log2,
            });
        }
        section
    }

    /// Segments with what is in tables, and those that code still uses.
    fn elements(&self, snapshot: &Snapshot) -> Result<ElementSection> {
        let mut runs: VecDeque<(u32, bool, u64, Vec<u32>)> = VecDeque::new();
        for (table, (ty, image)) in (0..).zip(self.tables.iter().zip(snapshot.tables())) {
            for run in &image.runs {
                runs.push_back((table, ty.table64, run.start, run.references.clone()));
            }
        }
        let mut section = ElementSection::new();
        let active = |section: &mut ElementSection, (table, is_64, start, functions): (u32, bool, u64, Vec<u32>)| {
            let table = (table > 0).then_some(table);
            section.active(table, &offset(is_64, start), Elements::Functions(functions.into()));
        };
        if self.names_elements {
            for (segment, &is_dropped) in self.elements.iter().zip(snapshot.dropped_elements()) {
                let ty = match &segment.items {
                    ElementItems::Functions(_) => None,
                    ElementItems::Expressions(ty, _) => Some(*ty),
                };
                let takes_functions = ty.is_none_or(|ty| ty == RefType::FUNCREF);
                let is_passive = matches!(segment.kind, ElementKind::Passive);
                if !is_dropped && is_passive {
                    let elements = RoundtripReencoder.element_items(segment.items.clone())?;
                    section.segment(ElementSegment { mode: ElementMode::Passive, elements });
                } else if let Some(run) = runs.pop_front_if(|_| takes_functions) {
                    active(&mut section, run);
                } else {
                    let elements = match ty {
                        None => Elements::Functions(Cow::Borrowed(&[])),
                        Some(ty) => Elements::Expressions(RoundtripReencoder.ref_type(ty)?, Cow::Borrowed(&[])),
                    };
                    section.passive(elements);
                }
            }
        }
        runs.into_iter().for_each(|run| active(&mut section, run));
        if !self.referenced.is_empty() {
            let referenced: Vec<u32> = self.referenced.iter().copied().collect();
            section.declared(Elements::Functions(referenced.into()));
        }
        Ok(section)
    }

    /// Segments with what is in memories, and those that code still uses.
    fn data(&self, snapshot: &Snapshot) -> Result<DataSection> {
        let mut runs = VecDeque::new();
        for (memory, (ty, image)) in (0..).zip(self.memories.iter().zip(snapshot.memories())) {
            runs.extend(nonzero(image)?.into_iter().map(|run| (memory, ty.memory64, run)));
        }
        let mut section = DataSection::new();
        let active = |section: &mut DataSection, (memory, is_64, run): (u32, bool, Run)| {
            section.active(memory, &offset(is_64, run.start), run.bytes);
        };
        if self.names_data {
            for (segment, &is_dropped) in self.data.iter().zip(snapshot.dropped_data()) {
                if !is_dropped && matches!(segment.kind, DataKind::Passive) {
                    section.passive(segment.data.iter().copied());
                } else if let Some(run) = runs.pop_front() {
                    active(&mut section, run);
                } else {
                    section.passive([]);
                }
            }
        }
        runs.into_iter().for_each(|run| active(&mut section, run));
        Ok(section)
    }

    /// The name section without the names of segments whose numbers have changed.
    fn names(&self, mut section: &[u8]) -> Result<Vec<u8>> {
        const ELEMENTS: u8 = 8;
        const DATA: u8 = 9;
        let mut kept = Vec::with_capacity(section.len());
        while let Some((&id, behind)) = section.split_first() {
            let mut reader = BinaryReader::new(behind, 0);
            let Ok(len) = reader.read_var_u32() else { break };
            let whole = (1 + reader.original_position()).checked_add(len as usize).and_then(|len| section.get(..len));
            // What is damaged is left as it is.
            let Some(whole) = whole else { break };
            let is_kept = (id != ELEMENTS || self.names_elements) && (id != DATA || self.names_data);
            kept.extend_from_slice(if is_kept { whole } else { &[] });
            section = &section[whole.len()..];
        }
        kept.extend_from_slice(section);
        Ok(kept)
    }
}

/// The size of a page is two to this power, unless a memory says otherwise.
const PAGE_LOG2: u32 = 16;

fn offset(is_64: bool, start: u64) -> ConstExpr {
    if is_64 { ConstExpr::i64_const(start as i64) } else { ConstExpr::i32_const(start as i32) }
}

fn constant(value: StoredValue) -> ConstExpr {
    match value {
        StoredValue::I32(bits) => ConstExpr::i32_const(bits as i32),
        StoredValue::I64(bits) => ConstExpr::i64_const(bits as i64),
        StoredValue::F32(bits) => ConstExpr::f32_const(Ieee32::new(bits)),
        StoredValue::F64(bits) => ConstExpr::f64_const(Ieee64::new(bits)),
        StoredValue::V128(bits) => ConstExpr::v128_const(bits as i128),
        StoredValue::FuncRef(Some(function)) => ConstExpr::ref_func(function.as_u32()),
        StoredValue::FuncRef(None) => ConstExpr::ref_null(HeapType::FUNC),
        // There are no values of the host and no exceptions.
        StoredValue::ExternRef(_) => ConstExpr::ref_null(HeapType::EXTERN),
        StoredValue::ExnRef(_) => ConstExpr::ref_null(HeapType::Abstract { shared: false, ty: AbstractHeapType::Exn }),
    }
}

/// Consecutive bytes of a memory.
struct Run {
    start: u64,
    bytes: Vec<u8>,
}

impl Run {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

/// Zeros between two runs that cost no more than another segment.
const SHORT: u64 = 12;

/// The most segments for a memory: some engines take no more than 100,000 in a module.
const MOST_RUNS: usize = 10_000;

/// What is not zero in a memory.
fn nonzero(image: &MemoryImage) -> Result<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for block in &image.blocks {
        let bytes = block.bytes().context("a memory of the snapshot is damaged")?;
        let mut at = 0;
        while let Some(zeros) = bytes[at..].iter().position(|&byte| byte != 0) {
            let first = at + zeros;
            let len = bytes[first..].iter().position(|&byte| byte == 0).unwrap_or(bytes.len() - first);
            at = first + len;
            let part = Run { start: block.start + first as u64, bytes: bytes[first..at].to_vec() };
            join(&mut runs, part, SHORT);
        }
    }
    let mut gap = SHORT;
    while runs.len() > MOST_RUNS {
        gap *= 2;
        let parts = std::mem::take(&mut runs);
        parts.into_iter().for_each(|part| join(&mut runs, part, gap));
    }
    Ok(runs)
}

/// Adds a run, to the last one if no more than `gap` zeros are between them.
fn join(runs: &mut Vec<Run>, part: Run, gap: u64) {
    match runs.last_mut() {
        Some(last) if part.start - last.end() <= gap => {
            last.bytes.resize((part.start - last.start) as usize, 0);
            last.bytes.extend_from_slice(&part.bytes);
        }
        _ => runs.push(part),
    }
}
