//! Adds the contents of each section to the [`ModuleInfo`]. The sections have been validated.

use std::sync::Arc;

use smallvec::smallvec;
use wasmparser::{
    AbstractHeapType, BinaryReader, BinaryReaderError, CustomSectionReader, Data, DataKind, ElementKind,
    ExportSectionReader, ExternalKind, HeapType, Imports, KnownCustom, Operator, OperatorsReader, Payload, TableInit,
    TypeRef, TypeSectionReader,
};

use crate::bytes::SharedBytes;
use crate::error::{ErrorKind, Stage, TranslateError};
use crate::features::{Features, Proposal};
use crate::index::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use crate::module::{
    ConstExpr, ConstOp, CustomSection, DataSegment, ElementItems, ElementSegment, EntityIndex, Import, ModuleInfo,
    SegmentMode,
};

use super::ref_type;
use super::types::{func_type, global_type, memory_type, table_type};

fn read(error: BinaryReaderError) -> TranslateError {
    TranslateError::reported(&error, Stage::Reading)
}

fn unsupported(what: &str, offset: usize) -> TranslateError {
    TranslateError::new(ErrorKind::Unsupported, offset, format!("{what} is not supported"))
}

impl ModuleInfo {
    /// Makes the description of an empty module that may use these proposals.
    pub(super) fn empty(features: Features) -> ModuleInfo {
        ModuleInfo {
            features,
            bytes: SharedBytes::default(),
            name: None,
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            imported_functions: 0,
            tables: Vec::new(),
            table_inits: Vec::new(),
            imported_tables: 0,
            memories: Vec::new(),
            imported_memories: 0,
            globals: Vec::new(),
            global_inits: Vec::new(),
            imported_globals: 0,
            tags: Vec::new(),
            imported_tags: 0,
            exports: Vec::new(),
            function_exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            bodies: Vec::new(),
            code_start: 0,
            function_names: Vec::new(),
            branch_hints: Vec::new(),
            custom_sections: Vec::new(),
        }
    }

    /// Adds the declarations of a section other than code. The section has been validated, so it has as many entries as
    /// it claims.
    pub(super) fn add_section(&mut self, payload: &Payload<'_>) -> Result<(), TranslateError> {
        match payload {
            Payload::TypeSection(section) => self.add_types(section)?,
            Payload::ImportSection(section) => {
                self.imports.reserve_exact(section.count() as usize);
                for imports in section.clone() {
                    let imports = imports.map_err(read)?;
                    let module: Arc<str> = imports_from(&imports).into();
                    for import in imports {
                        let (offset, import) = import.map_err(read)?;
                        self.add_import(Arc::clone(&module), &import, offset)?;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                self.functions.reserve_exact(section.count() as usize);
                for type_index in section.clone() {
                    self.functions.push(TypeIndex::new(type_index.map_err(read)?));
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone() {
                    let table = table.map_err(read)?;
                    self.tables.push(table_type(&table.ty, section.range().start)?);
                    self.table_inits.push(match table.init {
                        TableInit::RefNull => None,
                        TableInit::Expr(expr) => Some(const_expr(&expr)?),
                    });
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    self.memories.push(memory_type(&memory.map_err(read)?));
                }
            }
            Payload::GlobalSection(section) => {
                self.globals.reserve_exact(section.count() as usize);
                self.global_inits.reserve_exact(section.count() as usize);
                for global in section.clone() {
                    let global = global.map_err(read)?;
                    self.globals.push(global_type(&global.ty, section.range().start)?);
                    self.global_inits.push(const_expr(&global.init_expr)?);
                }
            }
            Payload::ExportSection(section) => self.add_exports(section)?,
            Payload::StartSection { func, .. } => self.start = Some(FuncIndex::new(*func)),
            Payload::ElementSection(section) => {
                self.elements.reserve_exact(section.count() as usize);
                for element in section.clone() {
                    self.add_element_segment(element.map_err(read)?)?;
                }
            }
            Payload::DataSection(section) => {
                self.data.reserve_exact(section.count() as usize);
                for data in section.clone() {
                    self.add_data_segment(&data.map_err(read)?)?;
                }
            }
            Payload::CodeSectionStart { count, range, .. } => {
                self.bodies.reserve_exact(*count as usize);
                self.code_start = range.start as u32;
            }
            Payload::CustomSection(section) => self.add_custom_section(section),
            Payload::TagSection(section) => {
                self.tags.reserve_exact(section.count() as usize);
                for tag in section.clone() {
                    self.tags.push(TypeIndex::new(tag.map_err(read)?.func_type_idx));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_types(&mut self, section: &TypeSectionReader<'_>) -> Result<(), TranslateError> {
        self.types.reserve_exact(section.count() as usize);
        // The validator is not asked: it lets garbage collection pass outside of bodies.
        for group in section.clone() {
            if group.map_err(read)?.is_explicit_rec_group() {
                return Err(unsupported("a recursive group of types", section.range().start));
            }
        }
        for ty in section.clone().into_iter_err_on_gc_types() {
            self.types.push(func_type(&ty.map_err(read)?, section.range().start)?);
        }
        Ok(())
    }

    fn add_exports(&mut self, section: &ExportSectionReader<'_>) -> Result<(), TranslateError> {
        self.exports.reserve_exact(section.count() as usize);
        for export in section.clone() {
            let export = export.map_err(read)?;
            let entity = match export.kind {
                ExternalKind::Func => EntityIndex::Func(FuncIndex::new(export.index)),
                ExternalKind::Table => EntityIndex::Table(TableIndex::new(export.index)),
                ExternalKind::Memory => EntityIndex::Memory(MemoryIndex::new(export.index)),
                ExternalKind::Global => EntityIndex::Global(GlobalIndex::new(export.index)),
                ExternalKind::Tag => EntityIndex::Tag(TagIndex::new(export.index)),
                ExternalKind::FuncExact => {
                    return Err(unsupported("this kind of export", section.range().start));
                }
            };
            if let EntityIndex::Func(function) = entity {
                self.function_exports.push((function, self.exports.len() as u32));
            }
            self.exports.push((export.name.into(), entity));
        }
        self.function_exports.sort_unstable();
        self.function_exports.dedup_by_key(|(function, _)| *function);
        self.function_exports.shrink_to_fit();
        Ok(())
    }

    fn add_custom_section(&mut self, section: &CustomSectionReader<'_>) {
        let start = section.data_offset();
        // The name comes right before the contents; offsets fit 32 bits.
        let name = (start - section.name().len()) as u32..start as u32;
        let data = start as u32..(start + section.data().len()) as u32;
        self.custom_sections.push(CustomSection { name, data });
        match section.as_known() {
            KnownCustom::Name(_) => self.add_names(section.data(), start),
            KnownCustom::BranchHints(hints) if self.features.contains(Proposal::BranchHinting) => {
                self.add_branch_hints(hints);
            }
            _ => {}
        }
    }

    fn add_data_segment(&mut self, data: &Data<'_>) -> Result<(), TranslateError> {
        let mode = match &data.kind {
            DataKind::Passive => SegmentMode::Passive,
            DataKind::Active { memory_index, offset_expr } => {
                SegmentMode::Active { target: MemoryIndex::new(*memory_index), offset: const_expr(offset_expr)? }
            }
        };
        // The segment's bytes come last in its range; offsets fit 32 bits.
        let end = data.range.end as u32;
        self.data.push(DataSegment { mode, range: end - data.data.len() as u32..end });
        Ok(())
    }

    fn add_import(
        &mut self,
        module: Arc<str>,
        import: &wasmparser::Import<'_>,
        offset: usize,
    ) -> Result<(), TranslateError> {
        let entity = match import.ty {
            TypeRef::Func(type_index) => {
                self.functions.push(TypeIndex::new(type_index));
                self.imported_functions += 1;
                EntityIndex::Func(FuncIndex::at(self.functions.len() - 1))
            }
            TypeRef::Table(ty) => {
                self.tables.push(table_type(&ty, offset)?);
                self.imported_tables += 1;
                EntityIndex::Table(TableIndex::at(self.tables.len() - 1))
            }
            TypeRef::Memory(ty) => {
                self.memories.push(memory_type(&ty));
                self.imported_memories += 1;
                EntityIndex::Memory(MemoryIndex::at(self.memories.len() - 1))
            }
            TypeRef::Global(ty) => {
                self.globals.push(global_type(&ty, offset)?);
                self.imported_globals += 1;
                EntityIndex::Global(GlobalIndex::at(self.globals.len() - 1))
            }
            TypeRef::Tag(tag) => {
                self.tags.push(TypeIndex::new(tag.func_type_idx));
                self.imported_tags += 1;
                EntityIndex::Tag(TagIndex::at(self.tags.len() - 1))
            }
            TypeRef::FuncExact(_) => {
                return Err(unsupported("this kind of import", offset));
            }
        };
        self.imports.push(Import { module, name: import.name.into(), entity });
        Ok(())
    }

    fn add_element_segment(&mut self, segment: wasmparser::Element<'_>) -> Result<(), TranslateError> {
        let mode = match segment.kind {
            ElementKind::Passive => SegmentMode::Passive,
            ElementKind::Declared => SegmentMode::Declared,
            ElementKind::Active { table_index, offset_expr } => {
                let target = TableIndex::new(table_index.unwrap_or(0));
                SegmentMode::Active { target, offset: const_expr(&offset_expr)? }
            }
        };
        let (element, items) = match segment.items {
            wasmparser::ElementItems::Functions(functions) => {
                let functions = functions
                    .into_iter()
                    .map(|function| function.map(FuncIndex::new))
                    .collect::<Result<_, _>>()
                    .map_err(read)?;
                (crate::ValType::FuncRef, ElementItems::Functions(functions))
            }
            wasmparser::ElementItems::Expressions(ty, exprs) => {
                let items = exprs.into_iter().map(|expr| const_expr(&expr.map_err(read)?)).collect::<Result<_, _>>()?;
                (ref_type(ty, segment.range.start)?, ElementItems::Expressions(items))
            }
        };
        self.elements.push(ElementSegment { mode, element, items });
        Ok(())
    }
}

/// The module that a group of imports is from.
pub(super) fn imports_from<'a>(imports: &Imports<'a>) -> &'a str {
    match imports {
        Imports::Single(_, import) => import.module,
        Imports::Compact1 { module, .. } | Imports::Compact2 { module, .. } => module,
    }
}

/// Decodes a constant expression (core spec, section 3.3.10).
fn const_expr(expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, TranslateError> {
    const EXN: HeapType = HeapType::Abstract { shared: false, ty: AbstractHeapType::Exn };
    if let Some(value) = i32_const(expr.get_binary_reader()) {
        return Ok(smallvec![ConstOp::Value(u64::from(value))]);
    }
    let mut steps = ConstExpr::new();
    let mut operators: OperatorsReader<'_> = expr.get_operators_reader();
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset().map_err(read)?;
        steps.push(match operator {
            Operator::I32Const { value } => ConstOp::Value(u64::from(value as u32)),
            Operator::I64Const { value } => ConstOp::Value(value as u64),
            Operator::F32Const { value } => ConstOp::Value(u64::from(value.bits())),
            Operator::F64Const { value } => ConstOp::Value(value.bits()),
            Operator::V128Const { value } => {
                let bits = value.i128() as u128;
                ConstOp::Vector([bits as u64, (bits >> 64) as u64])
            }
            Operator::RefNull { hty: HeapType::FUNC | HeapType::EXTERN | EXN } => ConstOp::Value(0),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(FuncIndex::new(function_index)),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(GlobalIndex::new(global_index)),
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::End => continue,
            _ => return Err(unsupported("this operator in a constant expression", offset)),
        });
    }
    Ok(steps)
}

/// Returns the value of an expression that is a single `i32.const`. The offsets of most segments are such expressions,
/// and some modules have a hundred thousand of them.
fn i32_const(mut expr: BinaryReader<'_>) -> Option<u32> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    if expr.read_u8().ok()? != I32_CONST {
        return None;
    }
    let value = expr.read_var_i32().ok()?;
    (expr.read_u8().ok()? == END && expr.eof()).then_some(value as u32)
}
