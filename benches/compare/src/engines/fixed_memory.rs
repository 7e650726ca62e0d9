//! Modules whose memory has its full size from the start, for engines that do not get along with one that grows.
//!
//! What `memory.size` and `memory.grow` say is kept in a global that is added, so that a program sees no difference until it
//! accesses what it has not asked for.

use std::convert::Infallible;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, Function, FunctionSection, GlobalSection, GlobalType, Instruction, MemoryType,
    Module, TypeSection, ValType,
};
use wasmparser::{Parser, Payload};

/// The full size of a memory, in pages of 64 KiB.
const PAGES: u32 = 1024;

/// The module `wasm`, which has one memory, its own, and globals, with that memory at its full size.
pub fn rewrite(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut fixed = FixedMemory::default();
    for payload in Parser::new(0).parse_all(wasm) {
        fixed.count(&payload?)?;
    }
    let mut module = Module::new();
    fixed.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| anyhow!("{error}"))?;
    Ok(module.finish())
}

/// How many there are of each, which are the indices of what is added.
#[derive(Default)]
struct FixedMemory {
    types: u32,
    functions: u32,
    globals: u32,
    /// Pages at the start.
    pages: u32,
}

impl FixedMemory {
    fn count(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => self.types = section.count(),
            Payload::FunctionSection(section) => self.functions += section.count(),
            Payload::GlobalSection(section) => self.globals += section.count(),
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    match import?.ty {
                        wasmparser::TypeRef::Func(_) => self.functions += 1,
                        wasmparser::TypeRef::Global(_) => self.globals += 1,
                        _ => {}
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone() {
                    self.pages = u32::try_from(memory?.initial)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `memory.grow`, as a function.
    fn grow(&self) -> Function {
        let mut function = Function::new([]);
        // Is there room?
        function.instruction(&Instruction::I32Const(PAGES as i32));
        function.instruction(&Instruction::GlobalGet(self.globals));
        function.instruction(&Instruction::I32Sub);
        function.instruction(&Instruction::LocalGet(0));
        function.instruction(&Instruction::I32LtU);
        function.instruction(&Instruction::If(BlockType::Empty));
        function.instruction(&Instruction::I32Const(-1));
        function.instruction(&Instruction::Return);
        function.instruction(&Instruction::End);
        // The size of before, and the new one.
        function.instruction(&Instruction::GlobalGet(self.globals));
        function.instruction(&Instruction::GlobalGet(self.globals));
        function.instruction(&Instruction::LocalGet(0));
        function.instruction(&Instruction::I32Add);
        function.instruction(&Instruction::GlobalSet(self.globals));
        function.instruction(&Instruction::End);
        function
    }
}

impl Reencode for FixedMemory {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.types);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&self.grow());
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        let pages = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(pages, &ConstExpr::i32_const(self.pages as i32));
        Ok(())
    }

    fn memory_type(&mut self, memory: wasmparser::MemoryType) -> Result<MemoryType, Error> {
        let memory = utils::memory_type(self, memory);
        Ok(MemoryType { minimum: PAGES.into(), maximum: Some(PAGES.into()), ..memory })
    }

    fn instruction<'a>(&mut self, operator: wasmparser::Operator<'a>) -> Result<Instruction<'a>, Error> {
        match operator {
            wasmparser::Operator::MemorySize { .. } => Ok(Instruction::GlobalGet(self.globals)),
            wasmparser::Operator::MemoryGrow { .. } => Ok(Instruction::Call(self.functions)),
            _ => utils::instruction(self, operator),
        }
    }
}
