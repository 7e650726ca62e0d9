//! Makes a module's results independent of which NaN an operation returns.
//!
//! The specification leaves that to the engine, and a module can look at the bits. So where a run in Riser and one in
//! another engine differ, both run the module once more with the canonical NaN put after each operation that may
//! return a NaN; if they agree then, it was the engines' freedom.

use std::convert::Infallible;

use riser_translator::module::ModuleInfo;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Function, Ieee32, Ieee64, Instruction, Module, ValType};

/// The module with canonical NaNs; `None` if it is not valid.
pub fn canonical(wasm: &[u8], info: &ModuleInfo) -> Option<Vec<u8>> {
    let mut rewriter = Rewriter { info, function: info.imported_functions };
    let mut module = Module::new();
    rewriter.parse_core_module(&mut module, wasmparser::Parser::new(0), wasm).ok()?;
    Some(module.finish())
}

struct Rewriter<'a> {
    info: &'a ModuleInfo,
    /// The function whose body comes next.
    function: u32,
}

impl Reencode for Rewriter<'_> {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut scratch = self.info.func_type(self.function).params().len() as u32;
        self.function += 1;
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            scratch += count;
            locals.push((count, self.val_type(ty)?));
        }
        locals.extend([(1, ValType::F32), (1, ValType::F64)]);
        let mut function = Function::new(locals);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let instruction = self.instruction(operators.read()?)?;
            function.instruction(&instruction);
            match width_of_nan(&instruction) {
                Some(Width::F32) => {
                    let nan = Instruction::F32Const(Ieee32::new(0x7fc0_0000));
                    insert(&mut function, scratch, &nan, &Instruction::F32Eq);
                }
                Some(Width::F64) => {
                    let nan = Instruction::F64Const(Ieee64::new(0x7ff8_0000_0000_0000));
                    insert(&mut function, scratch + 1, &nan, &Instruction::F64Eq);
                }
                None => {}
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// Replaces the operand by `nan` unless it is equal to itself.
fn insert(function: &mut Function, scratch: u32, nan: &Instruction<'_>, equal: &Instruction<'_>) {
    function.instruction(&Instruction::LocalTee(scratch)).instruction(nan);
    function.instruction(&Instruction::LocalGet(scratch)).instruction(&Instruction::LocalGet(scratch));
    function.instruction(equal).instruction(&Instruction::Select);
}

enum Width {
    F32,
    F64,
}

/// Of which width the NaN is that the instruction may choose.
fn width_of_nan(instruction: &Instruction<'_>) -> Option<Width> {
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
        | I::F32DemoteF64 => Some(Width::F32),
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
        | I::F64PromoteF32 => Some(Width::F64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nan_becomes_the_canonical_one() {
        let wasm = wat::parse_str(
            r#"(module
                (func (export "f") (param f32 f32 f64) (result i32 i64) (local i32)
                  (i32.reinterpret_f32 (f32.add (local.get 0) (local.get 1)))
                  (i64.reinterpret_f64 (f64.sqrt (local.get 2)))))"#,
        )
        .expect("well-formed");
        let parsed = riser_translator::parse_module(wasm.as_slice()).expect("valid");
        let canonical = canonical(&wasm, parsed.info()).expect("valid");
        let engine = riser::Engine::default();
        let module = riser::Module::from_binary(&engine, &canonical).expect("valid");
        let mut store = riser::Store::new(&engine, ());
        let instance = riser::Instance::new(&mut store, &module, &[]).expect("no imports");
        let f = instance.get_typed_func::<(f32, f32, f64), (u32, u64)>(&mut store, "f").expect("exported");
        let odd = f32::from_bits(0xffc0_1234);
        assert_eq!(f.call(&mut store, (odd, 1.0, -1.0)).expect("returns"), (0x7fc0_0000, 0x7ff8_0000_0000_0000));
        let plain = f.call(&mut store, (1.0, 2.0, 4.0)).expect("returns");
        assert_eq!(plain, (3.0f32.to_bits(), 2.0f64.to_bits()));
    }
}
