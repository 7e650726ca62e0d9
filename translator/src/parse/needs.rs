//! Finds the features that a rejected module needs, and that Riser does not have or that are off.
//!
//! The reader and the validator stop at the first thing that they do not accept, with a message of their own, which may
//! hardly hint at the feature behind it. So a rejected module is scanned once more, with every feature enabled. The
//! scan finds out whether the module is wrong in any case, and notes all the features that it uses. It is a single
//! pass, over a limited amount of code.
//!
//! The cause of the rejection lies in what had been looked at by then. So the kind and the place of the error do not
//! depend on how much more of the module there is; the rest only adds to the features in the message.

use wasmparser::{
    AbstractHeapType, BinaryReaderError, BlockType, Chunk, CompositeInnerType, ConstExpr, DataKind, ElementItems,
    ElementKind, ExternalKind, FuncValidatorAllocations, FunctionBody, GlobalType, HeapType, Imports, KnownCustom,
    MemoryType, Operator, OperatorsReader, Parser, Payload, RecGroup, RefType, StorageType, TableInit, TableType,
    TypeRef, ValType, ValidPayload, Validator, WasmFeatures,
};

use crate::error::{ErrorKind, TranslateError};
use crate::features::{Features, Proposal};
use crate::index::FuncIndex;
use crate::module::ModuleInfo;
use crate::parse::too_large;

/// The largest number of bytes of bodies to scan.
const MOST_CODE: usize = 16 << 20;

/// A feature that a module may need.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Feature {
    /// Riser does not have it. It is named in words.
    Lacking(&'static str),
    /// Riser has it; it may be off.
    Switch(Proposal),
}

const EXCEPTIONS: Feature = Feature::Switch(Proposal::Exceptions);
const LEGACY_EXCEPTIONS: Feature = Feature::Switch(Proposal::LegacyExceptions);
const THREADS: Feature = Feature::Switch(Proposal::Threads);
const SHARED_EVERYTHING: Feature = Feature::Lacking("shared-everything threads");
const GC: Feature = Feature::Lacking("garbage collection (gc)");
const FUNCTION_REFERENCES: Feature = Feature::Lacking("typed function references");
const STACK_SWITCHING: Feature = Feature::Lacking("stack switching");
const MEMORY_CONTROL: Feature = Feature::Lacking("memory control");
const CUSTOM_DESCRIPTORS: Feature = Feature::Lacking("custom descriptors");
const MUTABLE_GLOBALS: Feature = Feature::Switch(Proposal::MutableGlobals);
const MULTI_VALUE: Feature = Feature::Switch(Proposal::MultiValue);
const BULK_MEMORY: Feature = Feature::Switch(Proposal::BulkMemory);
const REFERENCE_TYPES: Feature = Feature::Switch(Proposal::ReferenceTypes);
const EXTENDED_CONST: Feature = Feature::Switch(Proposal::ExtendedConst);
const MULTI_MEMORY: Feature = Feature::Switch(Proposal::MultiMemory);
const CUSTOM_PAGE_SIZES: Feature = Feature::Switch(Proposal::CustomPageSizes);
const COMPACT_IMPORTS: Feature = Feature::Switch(Proposal::CompactImports);
const MEMORY64: Feature = Feature::Switch(Proposal::Memory64);
const SIMD: Feature = Feature::Switch(Proposal::Simd);

/// Returns the feature behind the proposal, named as in wasmparser, that an operator belongs to; `None` for WebAssembly
/// 1.0.
fn of_proposal(proposal: &str) -> Option<Feature> {
    let features = [
        ("sign_extension", Feature::Switch(Proposal::SignExtension)),
        ("saturating_float_to_int", Feature::Switch(Proposal::SaturatingFloatToInt)),
        ("bulk_memory", BULK_MEMORY),
        ("reference_types", REFERENCE_TYPES),
        ("tail_call", Feature::Switch(Proposal::TailCall)),
        ("simd", SIMD),
        ("relaxed_simd", Feature::Switch(Proposal::RelaxedSimd)),
        ("wide_arithmetic", Feature::Switch(Proposal::WideArithmetic)),
        ("threads", THREADS),
        ("exceptions", EXCEPTIONS),
        ("legacy_exceptions", LEGACY_EXCEPTIONS),
        ("shared_everything_threads", SHARED_EVERYTHING),
        ("gc", GC),
        ("function_references", FUNCTION_REFERENCES),
        ("stack_switching", STACK_SWITCHING),
        ("memory_control", MEMORY_CONTROL),
        ("custom_descriptors", CUSTOM_DESCRIPTORS),
    ];
    features.iter().find(|(name, _)| *name == proposal).map(|(_, feature)| *feature)
}

/// Returns the error for a module that was rejected with `error` after everything that begins before byte `until` had
/// been looked at, although it may use the proposals of `on`. It names the needed features, if they are the only cause. A
/// module that is not `complete` is scanned up to that byte only.
#[cold]
pub(crate) fn explain(
    error: TranslateError,
    on: Features,
    bytes: &[u8],
    until: usize,
    complete: bool,
) -> TranslateError {
    if bytes.len() > u32::MAX as usize || Parser::is_component(bytes) {
        return error;
    }
    let mut scan = Scan::new(on, error.function().map(|(index, _)| index));
    let wrong = scan.module(bytes, if complete { usize::MAX } else { until }).err();
    let wrong = wrong.filter(|wrong| wrong.offset() == error.offset());
    let Some(&Need { offset, function, .. }) = scan.needs.first().filter(|need| need.payload < until) else {
        return match wrong {
            // The validator named a feature that it requires, but rejects the module with that feature as well.
            Some(wrong) if error.kind() == ErrorKind::Unsupported => {
                TranslateError::new(ErrorKind::Invalid, error.offset(), wrong.message())
            }
            Some(_) | None => error,
        };
    };
    if wrong.is_some_and(|wrong| wrong.message() == error.message()) {
        return error;
    }
    let message = scan.message(complete);
    if let Some((function, name)) = error.function() {
        let name = name.map(str::to_owned);
        return TranslateError::new(ErrorKind::Unsupported, error.offset(), message).in_named(function, name);
    }
    let unsupported = TranslateError::new(ErrorKind::Unsupported, offset, message);
    match function {
        Some(function) => unsupported.in_named(function, scan.name(function, bytes).map(str::to_owned)),
        None => unsupported,
    }
}

/// A feature, and where it is first used.
struct Need {
    feature: Feature,
    offset: usize,
    function: Option<FuncIndex>,
    /// Where the section or body with that use begins.
    payload: usize,
}

/// The bit of an access's flags that says that the index of a memory follows.
const NAMES_MEMORY: u8 = 1 << 6;

/// The number in LEB128 that bytes begin with.
fn number(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).map_or(bytes.len(), |last| last + 1);
    &bytes[..end]
}

/// Whether the last numbers of an operator are zeros of one byte each. Without the proposals that brought indices in their places, nothing
/// else is accepted there, not even zero in more bytes.
fn ends_in_zeros(encoded: &[u8], numbers: usize) -> bool {
    let (before, last) = encoded.split_at(encoded.len().saturating_sub(numbers));
    last.iter().all(|byte| *byte == 0) && before.last().is_some_and(|byte| byte & 0x80 == 0)
}

/// The state of scanning a module.
struct Scan {
    /// The proposals that the module may use.
    on: Features,
    /// The function whose body was rejected, if the error is in one.
    rejected: Option<FuncIndex>,
    needs: Vec<Need>,
    /// The number of functions so far: of imports, then of bodies as well.
    functions: u32,
    /// The number of tables so far.
    tables: u32,
    /// The number of memories so far.
    memories: u32,
    /// Whether each global so far is mutable.
    globals: Vec<bool>,
    /// The number of imported globals.
    imported_globals: u32,
    /// The function that is being scanned.
    function: Option<FuncIndex>,
    /// Where the section or body that is being scanned begins.
    payload: usize,
    /// The number of bytes of bodies that have been scanned.
    code: usize,
    /// Whether there was more code than the limit.
    is_cut: bool,
    /// The names of functions.
    names: ModuleInfo,
}

impl Scan {
    fn new(on: Features, rejected: Option<FuncIndex>) -> Scan {
        Scan {
            on,
            rejected,
            needs: Vec::new(),
            functions: 0,
            tables: 0,
            memories: 0,
            globals: Vec::new(),
            imported_globals: 0,
            function: None,
            payload: 0,
            code: 0,
            is_cut: false,
            names: ModuleInfo::empty(on),
        }
    }

    /// Adds what is off of what this proposal builds on, and of what that builds on.
    fn turn_on(&self, proposal: Proposal, off: &mut Features) {
        for &needed in proposal.needs().iter().filter(|&&needed| !self.on.contains(needed)) {
            off.set(needed, true);
            self.turn_on(needed, off);
        }
    }

    /// Says what the module needs, and how to turn on what is merely off.
    fn message(&self, complete: bool) -> String {
        let lacking = self.needs.iter().filter_map(|need| match need.feature {
            Feature::Lacking(words) => Some(words),
            Feature::Switch(_) => None,
        });
        let lacking: Vec<&str> = lacking.collect();
        let mut off = Features::NONE;
        for need in &self.needs {
            if let Feature::Switch(proposal) = need.feature {
                off.set(proposal, true);
                self.turn_on(proposal, &mut off);
            }
        }
        let mut parts = Vec::new();
        if !lacking.is_empty() {
            parts.push(format!("{}, which Riser does not have", lacking.join(", ")));
        }
        if off != Features::NONE {
            let names: Vec<&str> = off.iter().map(Proposal::name).collect();
            let switches: Vec<String> = off.iter().map(|it| format!("`Config::{}`", it.switch())).collect();
            let verb = if names.len() == 1 { "is" } else { "are" };
            let [flag, switches] = [names.join(","), switches.join(", ")];
            parts.push(format!("{}, which {verb} off (`--wasm {flag}`, {switches})", names.join(", ")));
        }
        let least = if self.is_cut || !complete { "at least " } else { "" };
        format!("it needs {least}{}", parts.join(", and "))
    }

    fn name<'a>(&self, function: FuncIndex, bytes: &'a [u8]) -> Option<&'a str> {
        let at = self.names.function_names.binary_search_by_key(&function, |(index, _)| *index).ok()?;
        let range = &self.names.function_names[at].1;
        str::from_utf8(bytes.get(range.start as usize..range.end as usize)?).ok()
    }

    fn note(&mut self, feature: Feature, offset: usize) {
        let is_on = matches!(feature, Feature::Switch(proposal) if self.on.contains(proposal));
        if !is_on && self.needs.iter().all(|need| need.feature != feature) {
            self.needs.push(Need { feature, offset, function: self.function, payload: self.payload });
        }
    }

    /// Scans the part of a module that begins before byte `until`, as far as it can be read. Continues to scan code
    /// behind an error that does not depend on features.
    ///
    /// # Errors
    ///
    /// If the module is not valid with all features.
    fn module(&mut self, bytes: &[u8], until: usize) -> Result<(), BinaryReaderError> {
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut allocations = FuncValidatorAllocations::default();
        let mut wrong = Ok(());
        let mut at = 0;
        while at < until {
            let payload = match parser.parse(&bytes[at..], true) {
                Ok(Chunk::Parsed { consumed, payload }) => {
                    self.payload = at;
                    at += consumed;
                    payload
                }
                // The module ends here.
                Ok(Chunk::NeedMoreData(_)) => return wrong,
                Err(error) => return wrong.and(Err(error)),
            };
            if too_large(&payload).is_some() {
                return wrong;
            }
            if wrong.is_ok() {
                wrong = validator.payload(&payload).and_then(|valid| {
                    if let ValidPayload::Func(function, body) = valid
                        && self.rejected == Some(FuncIndex::new(function.index))
                    {
                        let mut validator = function.into_validator(std::mem::take(&mut allocations));
                        let result = validator.validate(&body);
                        allocations = validator.into_allocations();
                        return result;
                    }
                    Ok(())
                });
            }
            // Errors in reading are ignored here: the validator has seen them.
            let _ = self.section(&payload);
            if let Payload::End(_) = payload {
                break;
            }
        }
        wrong
    }

    fn section(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section.clone().into_iter_with_offsets() {
                    let (offset, group) = group?;
                    self.group(&group, offset);
                }
            }
            Payload::ImportSection(section) => {
                for imports in section.clone().into_iter_with_offsets() {
                    let (offset, imports) = imports?;
                    if !matches!(imports, Imports::Single(..)) {
                        self.note(COMPACT_IMPORTS, offset);
                    }
                    for import in imports {
                        let (offset, import) = import?;
                        self.import(&import.ty, offset);
                    }
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone().into_iter_with_offsets() {
                    let (offset, table) = table?;
                    self.table(&table.ty, offset);
                    if let TableInit::Expr(expression) = &table.init {
                        self.note(FUNCTION_REFERENCES, offset);
                        self.expression(expression)?;
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone().into_iter_with_offsets() {
                    let (offset, memory) = memory?;
                    self.memory(&memory, offset);
                }
            }
            Payload::TagSection(section) => self.note(EXCEPTIONS, section.range().start),
            Payload::GlobalSection(section) => {
                for global in section.clone().into_iter_with_offsets() {
                    let (offset, global) = global?;
                    self.global(&global.ty, offset);
                    self.expression(&global.init_expr)?;
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone().into_iter_with_offsets() {
                    match export? {
                        (offset, export) if export.kind == ExternalKind::Tag => self.note(EXCEPTIONS, offset),
                        (offset, export) if export.kind == ExternalKind::FuncExact => {
                            self.note(CUSTOM_DESCRIPTORS, offset);
                        }
                        (offset, export)
                            if export.kind == ExternalKind::Global
                                && self.globals.get(export.index as usize) == Some(&true) =>
                        {
                            self.note(MUTABLE_GLOBALS, offset);
                        }
                        _ => {}
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section.clone() {
                    let element = element?;
                    match &element.kind {
                        ElementKind::Active { offset_expr, .. } => self.expression(offset_expr)?,
                        ElementKind::Passive | ElementKind::Declared => self.note(BULK_MEMORY, element.range.start),
                    }
                    if let ElementItems::Expressions(ty, items) = element.items {
                        self.reference(ty, items.range().start);
                        for item in items {
                            self.expression(&item?)?;
                        }
                    }
                }
            }
            Payload::DataSection(section) => {
                for data in section.clone() {
                    let data = data?;
                    match &data.kind {
                        DataKind::Active { offset_expr, .. } => self.expression(offset_expr)?,
                        DataKind::Passive => self.note(BULK_MEMORY, data.range.start),
                    }
                }
            }
            Payload::DataCountSection { range, .. } => self.note(BULK_MEMORY, range.start),
            Payload::CodeSectionEntry(body) => self.body(body)?,
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(_) = section.as_known() {
                    self.names.add_names(section.data(), section.data_offset());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn group(&mut self, group: &RecGroup, offset: usize) {
        if group.is_explicit_rec_group() {
            self.note(GC, offset);
        }
        for ty in group.types() {
            if !ty.is_final || ty.supertype_idx.is_some() {
                self.note(GC, offset);
            }
            let composite = &ty.composite_type;
            if composite.shared {
                self.note(SHARED_EVERYTHING, offset);
            }
            if composite.descriptor_idx.is_some() || composite.describes_idx.is_some() {
                self.note(CUSTOM_DESCRIPTORS, offset);
            }
            match &composite.inner {
                CompositeInnerType::Func(ty) => {
                    if ty.results().len() > 1 {
                        self.note(MULTI_VALUE, offset);
                    }
                    ty.params().iter().chain(ty.results()).for_each(|&ty| self.value(ty, offset));
                }
                CompositeInnerType::Array(ty) => {
                    self.note(GC, offset);
                    self.storage(ty.0.element_type, offset);
                }
                CompositeInnerType::Struct(ty) => {
                    self.note(GC, offset);
                    ty.fields.iter().for_each(|field| self.storage(field.element_type, offset));
                }
                CompositeInnerType::Cont(_) => self.note(STACK_SWITCHING, offset),
            }
        }
    }

    fn import(&mut self, ty: &TypeRef, offset: usize) {
        match ty {
            TypeRef::Func(_) => {}
            TypeRef::Table(ty) => self.table(ty, offset),
            TypeRef::Memory(ty) => self.memory(ty, offset),
            TypeRef::Global(ty) => {
                self.imported_globals += 1;
                self.global(ty, offset);
                if ty.mutable {
                    self.note(MUTABLE_GLOBALS, offset);
                }
            }
            TypeRef::Tag(_) => self.note(EXCEPTIONS, offset),
            TypeRef::FuncExact(_) => self.note(CUSTOM_DESCRIPTORS, offset),
        }
        if matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
            self.functions += 1;
        }
    }

    fn global(&mut self, ty: &GlobalType, offset: usize) {
        self.globals.push(ty.mutable);
        self.value(ty.content_type, offset);
        if ty.shared {
            self.note(SHARED_EVERYTHING, offset);
        }
    }

    fn table(&mut self, ty: &TableType, offset: usize) {
        self.tables += 1;
        if self.tables > 1 {
            self.note(REFERENCE_TYPES, offset);
        }
        self.reference(ty.element_type, offset);
        if ty.table64 {
            self.note(MEMORY64, offset);
        }
        if ty.shared {
            self.note(SHARED_EVERYTHING, offset);
        }
    }

    fn memory(&mut self, ty: &MemoryType, offset: usize) {
        self.memories += 1;
        if self.memories > 1 {
            self.note(MULTI_MEMORY, offset);
        }
        if ty.memory64 {
            self.note(MEMORY64, offset);
        }
        if ty.shared {
            self.note(THREADS, offset);
        }
        if ty.page_size_log2.is_some() {
            self.note(CUSTOM_PAGE_SIZES, offset);
        }
    }

    fn storage(&mut self, ty: StorageType, offset: usize) {
        match ty {
            StorageType::I8 | StorageType::I16 => {}
            StorageType::Val(ty) => self.value(ty, offset),
        }
    }

    fn value(&mut self, ty: ValType, offset: usize) {
        match ty {
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => {}
            ValType::V128 => self.note(SIMD, offset),
            ValType::Ref(ty) => {
                if ty == RefType::FUNCREF {
                    self.note(REFERENCE_TYPES, offset);
                }
                self.reference(ty, offset);
            }
        }
    }

    fn reference(&mut self, ty: RefType, offset: usize) {
        self.heap(ty.heap_type(), offset);
        if !ty.is_nullable() {
            self.note(FUNCTION_REFERENCES, offset);
        }
    }

    fn heap(&mut self, ty: HeapType, offset: usize) {
        match ty {
            HeapType::Abstract { shared, ty } => {
                if shared {
                    self.note(SHARED_EVERYTHING, offset);
                }
                match ty {
                    AbstractHeapType::Func => {}
                    AbstractHeapType::Extern => self.note(REFERENCE_TYPES, offset),
                    AbstractHeapType::Exn | AbstractHeapType::NoExn => self.note(EXCEPTIONS, offset),
                    AbstractHeapType::Cont | AbstractHeapType::NoCont => self.note(STACK_SWITCHING, offset),
                    AbstractHeapType::Any
                    | AbstractHeapType::None
                    | AbstractHeapType::NoExtern
                    | AbstractHeapType::NoFunc
                    | AbstractHeapType::Eq
                    | AbstractHeapType::Struct
                    | AbstractHeapType::Array
                    | AbstractHeapType::I31 => self.note(GC, offset),
                }
            }
            HeapType::Concrete(_) => self.note(FUNCTION_REFERENCES, offset),
            HeapType::Exact(_) => self.note(CUSTOM_DESCRIPTORS, offset),
        }
    }

    fn expression(&mut self, expression: &ConstExpr<'_>) -> Result<(), BinaryReaderError> {
        let mut bytes = expression.get_binary_reader();
        let bytes = bytes.read_bytes(bytes.bytes_remaining())?;
        self.operators(expression.get_operators_reader(), bytes, |scan, operator, offset| match operator {
            Operator::I32Add
            | Operator::I32Sub
            | Operator::I32Mul
            | Operator::I64Add
            | Operator::I64Sub
            | Operator::I64Mul => scan.note(EXTENDED_CONST, offset),
            Operator::GlobalGet { global_index } if *global_index >= scan.imported_globals => {
                scan.note(EXTENDED_CONST, offset);
            }
            _ => {}
        })
    }

    /// Notes what the operators of `bytes` need; `also` notes what else they need where they are.
    fn operators(
        &mut self,
        mut operators: OperatorsReader<'_>,
        bytes: &[u8],
        also: impl Fn(&mut Scan, &Operator<'_>, usize),
    ) -> Result<(), BinaryReaderError> {
        let start = operators.original_position();
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            also(self, &operator, offset);
            self.operator(&operator, offset, &bytes[offset - start..operators.original_position() - start]);
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let function = FuncIndex::new(self.functions);
        self.functions += 1;
        self.code = self.code.saturating_add(body.range().len());
        if self.code > MOST_CODE {
            self.is_cut = true;
            return Ok(());
        }
        self.function = Some(function);
        let result = self.code_of(body);
        self.function = None;
        result
    }

    /// Notes what the form of an access's immediates needs, whatever their values.
    fn access(&mut self, encoded: &[u8], offset: usize) {
        let is_prefixed = matches!(encoded, [0xfc..=0xfe, ..]);
        let opcode = if is_prefixed { 1 + number(&encoded[1..]).len() } else { 1 };
        let flags = number(&encoded[opcode..]);
        let mut rest = &encoded[opcode + flags.len()..];
        if flags.first().is_some_and(|flags| flags & NAMES_MEMORY != 0) {
            self.note(MULTI_MEMORY, offset);
            rest = &rest[number(rest).len()..];
        }
        // A number of 32 bits has at most 5 bytes, the last one with 4 bits.
        let distance = number(rest);
        if distance.len() > 5 || distance.get(4).is_some_and(|last| *last > 0xf) {
            self.note(MEMORY64, offset);
        }
    }

    fn code_of(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let mut locals = body.get_locals_reader()?;
        for _ in 0..locals.get_count() {
            let offset = locals.original_position();
            self.value(locals.read()?.1, offset);
        }
        let operators = body.get_operators_reader()?;
        let begin = operators.original_position() - body.range().start;
        self.operators(operators, &body.as_bytes()[begin..], |_, _, _| ())
    }

    fn operator(&mut self, operator: &Operator<'_>, offset: usize, encoded: &[u8]) {
        /// Returns wasmparser's name for the proposal that an operator belongs to, and whether it accesses a memory.
        macro_rules! proposals {
            ($(@$proposal:ident $Op:ident $({ $($arg:ident: $Arg:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
                match operator {
                    $(Operator::$Op { .. } => {
                        let immediates: &[&str] = &[$($(stringify!($arg)),*)?];
                        (stringify!($proposal), immediates.contains(&"memarg"))
                    })*
                    _ => ("", false),
                }
            };
        }
        let (proposal, is_access) = wasmparser::for_each_operator!(proposals);
        if let Some(feature) = of_proposal(proposal) {
            self.note(feature, offset);
        }
        if is_access {
            self.access(encoded, offset);
        }
        match operator {
            Operator::CallIndirect { .. } if !ends_in_zeros(encoded, 1) => self.note(REFERENCE_TYPES, offset),
            Operator::MemorySize { .. }
            | Operator::MemoryGrow { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
                if !ends_in_zeros(encoded, 1) =>
            {
                self.note(MULTI_MEMORY, offset);
            }
            Operator::MemoryCopy { .. } if !ends_in_zeros(encoded, 2) => self.note(MULTI_MEMORY, offset),
            Operator::Block { blockty: BlockType::Type(ty) }
            | Operator::Loop { blockty: BlockType::Type(ty) }
            | Operator::If { blockty: BlockType::Type(ty) }
            | Operator::TypedSelect { ty } => self.value(*ty, offset),
            Operator::Block { blockty: BlockType::FuncType(_) }
            | Operator::Loop { blockty: BlockType::FuncType(_) }
            | Operator::If { blockty: BlockType::FuncType(_) } => self.note(MULTI_VALUE, offset),
            Operator::RefNull { hty } => self.heap(*hty, offset),
            _ => {}
        }
    }
}
