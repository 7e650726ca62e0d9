//! One module as two instances that import from each other.
//!
//! A module is cut in two. The *library* defines its memories, tables, globals and tags, and some of its functions; it has the
//! imports from the host. The *main module* imports all of that from the library, defines the other functions, has the segments
//! and the start function, and exports what the whole module exports. So calls, accesses and exceptions cross between two
//! instances of one store, in both directions: the library calls a function of the main module through one more table, which
//! the main module fills when it is instantiated, and through the tables that the module has anyway. What can be observed of
//! the two is what can be observed of the whole, but for fuel and places.

use riser_translator::FuncIndex;
use riser_translator::module::{ConstOp, ModuleInfo};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, Instruction, MemorySection, Module,
    RefType, StartSection, TableSection, TableType, TagSection, TypeSection,
};
use wasmparser::{Operator, Parser, Payload};

use crate::mutate::Numbers;

/// The name that the main module imports from.
const LIBRARY: &str = "library";

/// The two modules.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The module that is instantiated first.
    pub library: Vec<u8>,
    /// The module whose imports are the library's exports, by name.
    pub main: Vec<u8>,
}

/// Cuts a valid module in two; a seed decides where. `None` if it cannot be cut: a global refers to a function that needs a
/// segment.
pub fn split(wasm: &[u8], info: &ModuleInfo, seed: u64) -> Option<Linked> {
    let cut = Cut::new(wasm, info, seed)?;
    let half = |is_library| Half { cut: &cut, is_library, bodies: 0 }.module(wasm).ok();
    Some(Linked { library: half(true)?, main: half(false)? })
}

/// Where the functions of a module are.
struct Cut<'m> {
    info: &'m ModuleInfo,
    /// Of each function that the module defines, whether it is in the main module.
    in_main: Vec<bool>,
    /// The index of each function: in both modules for those of the library and the host, else in the main module alone.
    indices: Vec<u32>,
    /// The number of functions of the library and the host.
    shared: u32,
}

impl<'m> Cut<'m> {
    fn new(wasm: &[u8], info: &'m ModuleInfo, seed: u64) -> Option<Cut<'m>> {
        let mut numbers = Numbers::new(seed);
        let needs_segments = needs_segments(wasm)?;
        let mut in_main: Vec<bool> = needs_segments.iter().map(|needs| *needs || numbers.below(2) == 0).collect();
        let constants = info.global_inits.iter().chain(info.table_inits.iter().flatten());
        for op in constants.flatten() {
            let ConstOp::RefFunc(function) = op else { continue };
            let Some(defined) = function.as_u32().checked_sub(info.imported_functions) else { continue };
            if needs_segments[defined as usize] {
                return None;
            }
            in_main[defined as usize] = false;
        }
        let mut indices: Vec<u32> = (0..info.imported_functions).collect();
        let shared = info.imported_functions + in_main.iter().filter(|main| !**main).count() as u32;
        let (mut library, mut main) = (info.imported_functions, shared);
        for &is_main in &in_main {
            let next = if is_main { &mut main } else { &mut library };
            indices.push(*next);
            *next += 1;
        }
        Some(Cut { info, in_main, indices, shared })
    }

    /// Whether the function with this index is in the main module.
    fn is_main(&self, function: u32) -> bool {
        self.indices[function as usize] >= self.shared
    }

    /// The index of the table through which the library calls the main module.
    fn table(&self) -> u32 {
        self.info.tables.len() as u32
    }

    /// The index of the main module's function in that table.
    fn slot(&self, function: u32) -> i32 {
        (self.indices[function as usize] - self.shared) as i32
    }

    /// The functions in the order of their new indices.
    fn functions(&self) -> Vec<u32> {
        let mut functions: Vec<u32> = (0..self.indices.len() as u32).collect();
        functions.sort_by_key(|function| self.indices[*function as usize]);
        functions
    }
}

/// Of each function that a module defines, whether it has operators on segments, which no two instances share.
fn needs_segments(wasm: &[u8]) -> Option<Vec<bool>> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.ok()? else { continue };
        let mut needs = false;
        for operator in body.get_operators_reader().ok()? {
            needs |= matches!(
                operator.ok()?,
                Operator::MemoryInit { .. }
                    | Operator::DataDrop { .. }
                    | Operator::TableInit { .. }
                    | Operator::ElemDrop { .. }
            );
        }
        all.push(needs);
    }
    Some(all)
}

/// The library is to refer to a function of the main module by its index.
#[derive(Debug)]
struct NotThere;

/// One of the two modules.
struct Half<'c> {
    cut: &'c Cut<'c>,
    is_library: bool,
    /// The number of bodies so far.
    bodies: usize,
}

impl Reencode for Half<'_> {
    type Error = NotThere;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<NotThere>> {
        if self.is_library && self.cut.is_main(function) {
            return Err(Error::UserError(NotThere));
        }
        Ok(self.cut.indices[function as usize])
    }

    /// Copies a body that is in this module. The library finds functions of the main module in the table.
    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<NotThere>> {
        let is_here = self.cut.in_main[self.bodies] != self.is_library;
        self.bodies += 1;
        if !is_here {
            return Ok(());
        }
        let mut function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            self.operator(&mut function, operator?)?;
        }
        code.function(&function);
        Ok(())
    }
}

impl Half<'_> {
    fn operator(&mut self, body: &mut Function, operator: Operator<'_>) -> Result<(), Error<NotThere>> {
        let (cut, is_library) = (self.cut, self.is_library);
        let elsewhere = |function: u32| is_library && cut.is_main(function);
        let table_index = cut.table();
        let through_table = match operator {
            Operator::Call { function_index } if elsewhere(function_index) => {
                let type_index = type_index(cut.info, function_index);
                Some((function_index, Instruction::CallIndirect { type_index, table_index }))
            }
            Operator::ReturnCall { function_index } if elsewhere(function_index) => {
                let type_index = type_index(cut.info, function_index);
                Some((function_index, Instruction::ReturnCallIndirect { type_index, table_index }))
            }
            Operator::RefFunc { function_index } if elsewhere(function_index) => {
                Some((function_index, Instruction::TableGet(table_index)))
            }
            _ => None,
        };
        match through_table {
            Some((function, instruction)) => {
                body.instruction(&Instruction::I32Const(cut.slot(function))).instruction(&instruction);
            }
            None => {
                body.instruction(&self.instruction(operator)?);
            }
        }
        Ok(())
    }

    fn module(mut self, wasm: &[u8]) -> Result<Vec<u8>, Error<NotThere>> {
        let (cut, info, is_library) = (self.cut, self.cut.info, self.is_library);
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        let (mut tables, mut memories) = (TableSection::new(), MemorySection::new());
        let (mut tags, mut globals) = (TagSection::new(), GlobalSection::new());
        let (mut exports, mut elements) = (ExportSection::new(), ElementSection::new());
        let (mut code, mut data, mut data_count) = (CodeSection::new(), DataSection::new(), None);
        // The types of what the library has, by index; those of functions are in the module's description.
        let mut types_of = Entities::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => self.parse_type_section(&mut types, section)?,
                Payload::ImportSection(section) => {
                    let mut own = ImportSection::new();
                    for import in section.clone().into_imports() {
                        types_of.add(self.entity_type(import?.ty)?);
                    }
                    self.parse_import_section(&mut own, section)?;
                    if is_library {
                        imports = own;
                    }
                }
                Payload::TableSection(section) => {
                    for table in section.clone() {
                        types_of.tables.push(self.table_type(table?.ty)?);
                    }
                    if is_library {
                        self.parse_table_section(&mut tables, section)?;
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section.clone() {
                        types_of.memories.push(self.memory_type(memory?)?);
                    }
                    if is_library {
                        self.parse_memory_section(&mut memories, section)?;
                    }
                }
                Payload::TagSection(section) => {
                    for tag in section.clone() {
                        types_of.tags.push(self.tag_type(tag?)?);
                    }
                    if is_library {
                        self.parse_tag_section(&mut tags, section)?;
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section.clone() {
                        types_of.globals.push(self.global_type(global?.ty)?);
                    }
                    if is_library {
                        self.parse_global_section(&mut globals, section)?;
                    }
                }
                Payload::ExportSection(section) if !is_library => self.parse_export_section(&mut exports, section)?,
                Payload::ElementSection(section) if !is_library => {
                    self.parse_element_section(&mut elements, section)?
                }
                Payload::DataCountSection { count, .. } if !is_library => data_count = Some(count),
                Payload::DataSection(section) if !is_library => self.parse_data_section(&mut data, section)?,
                Payload::CodeSectionEntry(body) => self.parse_function_body(&mut code, body)?,
                _ => {}
            }
        }
        let all = cut.functions();
        let (shared, main) = all.split_at(cut.shared as usize);
        let link = TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: main.len() as u64,
            maximum: Some(main.len() as u64),
            shared: false,
        };
        types_of.tables.push(link);
        let mut functions = FunctionSection::new();
        if is_library {
            tables.table(link);
            types_of.export(shared.len() as u32, &mut exports);
            let own = &shared[info.imported_functions as usize..];
            for function in own {
                functions.function(type_index(info, *function));
            }
        } else {
            let types = shared.iter().map(|function| type_index(info, *function));
            types_of.import(types, &mut imports);
            for function in main {
                functions.function(type_index(info, *function));
            }
            let own: Vec<u32> = (cut.shared..all.len() as u32).collect();
            elements.active(Some(cut.table()), &ConstExpr::i32_const(0), Elements::Functions(own.into()));
            elements.declared(Elements::Functions((0..all.len() as u32).collect::<Vec<_>>().into()));
        }

        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
        if !tags.is_empty() {
            module.section(&tags);
        }
        module.section(&globals).section(&exports);
        if let Some(start) = info.start.filter(|_| !is_library) {
            module.section(&StartSection { function_index: self.function_index(start.as_u32())? });
        }
        module.section(&elements);
        if let Some(count) = data_count {
            module.section(&DataCountSection { count });
        }
        module.section(&code).section(&data);
        Ok(module.finish())
    }
}

/// The index of the type of a function of the whole module, which both modules have.
fn type_index(info: &ModuleInfo, function: u32) -> u32 {
    info.type_index(FuncIndex::new(function)).as_u32()
}

/// The types of what the library has beside functions, by index.
#[derive(Default)]
struct Entities {
    tables: Vec<TableType>,
    memories: Vec<wasm_encoder::MemoryType>,
    globals: Vec<wasm_encoder::GlobalType>,
    tags: Vec<wasm_encoder::TagType>,
}

impl Entities {
    fn add(&mut self, ty: EntityType) {
        match ty {
            EntityType::Table(ty) => self.tables.push(ty),
            EntityType::Memory(ty) => self.memories.push(ty),
            EntityType::Global(ty) => self.globals.push(ty),
            EntityType::Tag(ty) => self.tags.push(ty),
            EntityType::Function(_) | EntityType::FunctionExact(_) => {}
        }
    }

    /// Exports everything, by the kind and the index.
    fn export(&self, functions: u32, exports: &mut ExportSection) {
        let mut all = |prefix: char, kind: ExportKind, count: u32| {
            for index in 0..count {
                exports.export(&format!("{prefix}{index}"), kind, index);
            }
        };
        all('f', ExportKind::Func, functions);
        all('t', ExportKind::Table, self.tables.len() as u32);
        all('m', ExportKind::Memory, self.memories.len() as u32);
        all('g', ExportKind::Global, self.globals.len() as u32);
        all('e', ExportKind::Tag, self.tags.len() as u32);
    }

    /// Imports everything that is exported so, with functions of these types.
    fn import(&self, functions: impl Iterator<Item = u32>, imports: &mut ImportSection) {
        let mut add = |prefix: char, index: usize, ty: EntityType| {
            imports.import(LIBRARY, &format!("{prefix}{index}"), ty);
        };
        functions.enumerate().for_each(|(index, ty)| add('f', index, EntityType::Function(ty)));
        self.tables.iter().enumerate().for_each(|(index, ty)| add('t', index, (*ty).into()));
        self.memories.iter().enumerate().for_each(|(index, ty)| add('m', index, (*ty).into()));
        self.globals.iter().enumerate().for_each(|(index, ty)| add('g', index, (*ty).into()));
        self.tags.iter().enumerate().for_each(|(index, ty)| add('e', index, EntityType::Tag(*ty)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::differential;
    use riser_properties::generate::{self, Config, Seeded};

    fn halves(wasm: &[u8], seed: u64) -> Option<Linked> {
        let parsed = riser_properties::parse(wasm.to_vec()).expect("valid");
        split(wasm, parsed.info(), seed)
    }

    #[test]
    fn most_modules_can_be_cut() {
        let config = Config {
            memory64: true,
            table64: true,
            multi_memory: true,
            reference_signatures: true,
            wide_tail_calls: true,
            ..Config::default()
        };
        let (mut cut, mut called, mut called_back) = (0, 0, 0);
        for seed in 0..300 {
            let wasm = generate::module(&mut Seeded::new(seed), &config).to_wasm();
            let Some(linked) = halves(&wasm, seed) else { continue };
            cut += 1;
            let count = |wasm: &[u8], text: &str| {
                let printed = wasmprinter::print_bytes(wasm).expect("valid");
                printed.lines().filter(|line| line.trim_start().starts_with(text)).count()
            };
            for half in [&linked.library, &linked.main] {
                riser_properties::parse(half.clone()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            }
            called += usize::from(count(&linked.main, "call ") > 0);
            let tables = riser_properties::parse(linked.library.clone()).expect("valid").info().tables.len();
            called_back += usize::from(count(&linked.library, &format!("call_indirect {} ", tables - 1)) > 0);
        }
        assert!(cut > 250, "{cut} of 300 modules are two");
        assert!(called > 100 && called_back > 50, "{called} main modules call, {called_back} libraries call back");
    }

    /// A whole whose parts call each other, throw at each other, and share what they have.
    #[test]
    fn parts_do_what_the_whole_does() {
        let wasm = wat::parse_str(
            r#"(module
                (import "host" "f" (func $host (param i32) (result i32)))
                (memory (export "memory") 1) (table (export "table") 4 funcref) (tag $tag (param i32))
                (global $depth (export "depth") (mut i32) (i32.const 6))
                (type $unary (func (param i32) (result i32)))
                (elem (i32.const 1) $down $up $catches) (elem $passive func $up)
                (func $down (export "down") (type $unary)
                  (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
                  (if (i32.le_s (global.get $depth) (i32.const 0)) (then (throw $tag (local.get 0))))
                  (i32.store8 (global.get $depth) (local.get 0))
                  (return_call $up (i32.add (local.get 0) (i32.const 1))))
                (func $up (export "up") (type $unary)
                  (call_indirect (type $unary) (call $host (local.get 0)) (i32.and (local.get 0) (i32.const 3))))
                (func $catches (export "catches") (type $unary)
                  (block (result i32) (try_table (result i32) (catch $tag 0) (call $down (local.get 0)))))
                (func (export "refers") (table.set (i32.const 0) (ref.func $down)))
                (func (export "fills") (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1))))"#,
        )
        .expect("valid");
        let mut cuts = std::collections::BTreeSet::new();
        for seed in 0..64 {
            let linked = halves(&wasm, seed).expect("no global refers to a function");
            cuts.insert(linked.library);
        }
        assert!(cuts.len() >= 8, "cut in {} places", cuts.len());
        differential::exhaustive(&wasm).unwrap_or_else(|finding| panic!("{finding}"));
    }

    #[test]
    fn a_function_that_needs_a_segment_is_not_what_a_global_refers_to() {
        let cut = |global: &str| {
            let text = format!(r#"(module (memory 1) (data $d "x") (func $f (data.drop $d)) {global})"#);
            halves(&wat::parse_str(&text).expect("valid"), 0)
        };
        assert!(cut("(global funcref (ref.func $f))").is_none());
        assert!(cut("(global funcref (ref.null func))").is_some());
    }
}
