//! Makes a module's results independent of which NaN an operation returns.
//!
//! The specification leaves the choice to the engine, and a module can look at the bits. So if a run in Riser and one in
//! another engine differ, both run a variant of the module that replaces the result of each operation that may return a
//! NaN by the canonical NaN, if it is a NaN. If they agree then, the difference was within the engines' freedom. In a
//! vector, each lane may be a NaN.

use std::convert::Infallible;

use riser_translator::DefinedFuncIndex;
use riser_translator::module::ModuleInfo;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Function, Ieee32, Ieee64, Instruction, Module, ValType};

/// The canonical NaNs.
const F32_NAN: u32 = 0x7fc0_0000;
const F64_NAN: u64 = 0x7ff8_0000_0000_0000;

/// The module with canonical NaNs; `None` if the module is not valid.
pub fn canonical(wasm: &[u8], info: &ModuleInfo) -> Option<Vec<u8>> {
    let mut rewriter = Rewriter { info, bodies: 0 };
    let mut module = Module::new();
    rewriter.parse_core_module(&mut module, wasmparser::Parser::new(0), wasm).ok()?;
    Some(module.finish())
}

struct Rewriter<'a> {
    info: &'a ModuleInfo,
    /// The number of bodies so far.
    bodies: usize,
}

impl Reencode for Rewriter<'_> {
    type Error = Infallible;

    /// Drops custom sections: a module is valid whatever they contain, and whatever its names are.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let function = self.info.func_index(DefinedFuncIndex::at(self.bodies));
        let mut scratch = self.info.func_type(function).params().len() as u32;
        self.bodies += 1;
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            scratch += count;
            locals.push((count, self.val_type(ty)?));
        }
        locals.extend([(1, ValType::F32), (1, ValType::F64), (1, ValType::V128)]);
        let mut function = Function::new(locals);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let instruction = self.instruction(operators.read()?)?;
            function.instruction(&instruction);
            let Some(nans) = nans(&instruction) else { continue };
            use Instruction as I;
            let lanes = |nan: u64, other: u64| I::V128Const((u128::from(nan) << 64 | u128::from(other)).cast_signed());
            let (local, nan, equal, select) = match nans {
                Nans::Number(Float::F32) => (scratch, I::F32Const(Ieee32::new(F32_NAN)), I::F32Eq, I::Select),
                Nans::Number(Float::F64) => (scratch + 1, I::F64Const(Ieee64::new(F64_NAN)), I::F64Eq, I::Select),
                Nans::Lanes(Float::F32) => {
                    let two = u64::from(F32_NAN) << 32 | u64::from(F32_NAN);
                    (scratch + 2, lanes(two, two), I::F32x4Eq, I::V128Bitselect)
                }
                Nans::Lanes(Float::F64) => (scratch + 2, lanes(F64_NAN, F64_NAN), I::F64x2Eq, I::V128Bitselect),
            };
            // The operand, or `nan` if the operand is not equal to itself.
            function.instruction(&I::LocalTee(local)).instruction(&nan);
            function.instruction(&I::LocalGet(local)).instruction(&I::LocalGet(local));
            // The local keeps it, too: whoever compares locals sees no other NaN.
            function.instruction(&equal).instruction(&select).instruction(&I::LocalTee(local));
        }
        code.function(&function);
        Ok(())
    }
}

/// A type of floating-point numbers.
enum Float {
    F32,
    F64,
}

/// The NaNs that an instruction may choose.
enum Nans {
    /// A NaN as its result.
    Number(Float),
    /// NaNs in lanes of its result.
    Lanes(Float),
}

/// The NaNs that the instruction may choose. Instructions that select one of their operands, such as `pmin` and `pmax`,
/// choose none.
fn nans(instruction: &Instruction<'_>) -> Option<Nans> {
    use Instruction as I;
    match instruction {
        I::F32Add
        | I::F32Sub
        | I::F32Mul
        | I::F32Div
        | I::F32Min
        | I::F32Max
        | I::F32Sqrt
        | I::F32Ceil
        | I::F32Floor
        | I::F32Trunc
        | I::F32Nearest
        | I::F32DemoteF64 => Some(Nans::Number(Float::F32)),
        I::F64Add
        | I::F64Sub
        | I::F64Mul
        | I::F64Div
        | I::F64Min
        | I::F64Max
        | I::F64Sqrt
        | I::F64Ceil
        | I::F64Floor
        | I::F64Trunc
        | I::F64Nearest
        | I::F64PromoteF32 => Some(Nans::Number(Float::F64)),
        I::F32x4Add
        | I::F32x4Sub
        | I::F32x4Mul
        | I::F32x4Div
        | I::F32x4Min
        | I::F32x4Max
        | I::F32x4Sqrt
        | I::F32x4Ceil
        | I::F32x4Floor
        | I::F32x4Trunc
        | I::F32x4Nearest
        | I::F32x4DemoteF64x2Zero
        | I::F32x4RelaxedMadd
        | I::F32x4RelaxedNmadd
        | I::F32x4RelaxedMin
        | I::F32x4RelaxedMax => Some(Nans::Lanes(Float::F32)),
        I::F64x2Add
        | I::F64x2Sub
        | I::F64x2Mul
        | I::F64x2Div
        | I::F64x2Min
        | I::F64x2Max
        | I::F64x2Sqrt
        | I::F64x2Ceil
        | I::F64x2Floor
        | I::F64x2Trunc
        | I::F64x2Nearest
        | I::F64x2PromoteLowF32x4
        | I::F64x2RelaxedMadd
        | I::F64x2RelaxedNmadd
        | I::F64x2RelaxedMin
        | I::F64x2RelaxedMax => Some(Nans::Lanes(Float::F64)),
        _ => None,
    }
}
