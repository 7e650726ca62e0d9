//! The forms: sources of operands and uses of results, as text.

use std::fmt::Write as _;

use riser::{Trap, ValType};

/// The source of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A parameter.
    Local,
    /// A constant of the code.
    Constant,
    /// The result of the instruction before: in the accumulator, if that is enabled.
    Fresh,
    /// A slot of the operand stack, to which a loop's header has moved it.
    Stacked,
}

impl Place {
    /// Every place.
    pub const ALL: &[Place] = &[Place::Local, Place::Constant, Place::Fresh, Place::Stacked];

    /// Code that pushes the operand: parameter `index`, or the constant with these bits.
    pub fn push(self, ty: ValType, index: usize, constant: u128) -> String {
        match self {
            Place::Local => format!("local.get {index}"),
            Place::Constant => literal(ty, constant),
            Place::Fresh => format!("global.get ${ty}{index}"),
            Place::Stacked => format!("local.get {index} loop end"),
        }
    }

    /// Code that has to run before any operand is pushed.
    pub fn prepare(self, ty: ValType, index: usize) -> String {
        match self {
            Place::Fresh => format!("local.get {index} global.set ${ty}{index} "),
            Place::Local | Place::Constant | Place::Stacked => String::new(),
        }
    }
}

/// An instruction with a constant's bits. A reference is null.
pub fn literal(ty: ValType, bits: u128) -> String {
    let number = bits as u64;
    let (sign, exponent, fraction, fraction_bits) = match ty {
        ValType::F32 => (number >> 31 & 1, number >> 23 & 0xff, number & 0x7f_ffff, 23),
        ValType::F64 => (number >> 63, number >> 52 & 0x7ff, number & 0xf_ffff_ffff_ffff, 52),
        ValType::I32 => return format!("i32.const {}", bits as i32),
        ValType::I64 => return format!("i64.const {}", bits as i64),
        ValType::V128 => return format!("v128.const i64x2 {number:#x} {:#x}", bits >> 64),
        ValType::FuncRef => return "ref.null func".to_owned(),
        ValType::ExternRef => return "ref.null extern".to_owned(),
        ValType::ExnRef => return "ref.null exn".to_owned(),
    };
    let sign = if sign == 0 { "" } else { "-" };
    let (bias, top) = if ty == ValType::F32 { (127, 0xff) } else { (1023, 0x7ff) };
    let number = match (exponent, fraction) {
        (0, 0) => "0".to_owned(),
        (0, fraction) => format!("{fraction:#x}p-{}", bias - 1 + fraction_bits),
        (exponent, 0) if exponent == top => "inf".to_owned(),
        (exponent, fraction) if exponent == top => format!("nan:{fraction:#x}"),
        (exponent, fraction) => {
            format!("{:#x}p{}", fraction | 1 << fraction_bits, exponent as i64 - bias - fraction_bits)
        }
    };
    format!("{ty}.const {sign}{number}")
}

/// The use of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The function's result.
    Result,
    /// Returned from within a block.
    Return,
    /// Stored in a local.
    Set,
    /// Stored in the local of the first operand, if that has the same type.
    SetOwn,
    /// Stored in a local by `local.tee`.
    Tee,
    /// Stored in a global.
    Global,
    /// Stored in memory.
    Store,
    /// An argument of a call.
    Argument,
    /// An operand of a second instance of the operation.
    Again,
    /// Reinterpreted by the next instruction; of a vector, the upper half.
    Bits,
    /// Dropped.
    Drop,
    /// The condition of `br_if`.
    BranchIf,
    /// The negated condition of `br_if`.
    BranchUnless,
    /// The condition of `if`.
    If,
    /// The condition of `select`.
    Select,
}

impl Use {
    /// Every use.
    pub const ALL: &[Use] = &[
        Use::Result,
        Use::Return,
        Use::Set,
        Use::SetOwn,
        Use::Tee,
        Use::Global,
        Use::Store,
        Use::Argument,
        Use::Again,
        Use::Bits,
        Use::Drop,
        Use::BranchIf,
        Use::BranchUnless,
        Use::If,
        Use::Select,
    ];

    /// Whether an operation's result can be used so.
    pub fn applies(self, operand: ValType, result: ValType) -> bool {
        match self {
            Use::BranchIf | Use::BranchUnless | Use::If | Use::Select => result == ValType::I32,
            Use::SetOwn | Use::Again => operand == result,
            Use::Result
            | Use::Return
            | Use::Set
            | Use::Tee
            | Use::Global
            | Use::Store
            | Use::Argument
            | Use::Bits
            | Use::Drop => true,
        }
    }

    /// The function's result type.
    pub fn result(self, ty: ValType) -> ValType {
        match self {
            Use::Drop | Use::BranchIf | Use::BranchUnless | Use::If | Use::Select => ValType::I32,
            Use::Bits => ValType::I64,
            _ => ty,
        }
    }

    /// The function's expected outcome, given the outcomes of the operation, which has result type `ty`, once
    /// and `again`.
    pub fn expected(
        self,
        ty: ValType,
        outcome: Result<u128, Trap>,
        again: impl FnOnce(u128) -> Result<u128, Trap>,
    ) -> Result<u128, Trap> {
        let bits = outcome?;
        Ok(match self {
            Use::Drop => 7,
            Use::BranchIf | Use::If | Use::Select => u128::from(bits != 0),
            Use::BranchUnless => u128::from(bits == 0),
            Use::Again => again(bits)?,
            Use::Bits if ty == ValType::V128 => bits >> 64,
            _ => bits,
        })
    }

    /// The function's body around `operation`, which is code that pushes the operands and computes. `second` is
    /// code that computes with the result as the first operand. Local `own` has the result's type.
    pub fn body(self, ty: ValType, own: usize, operation: &str, second: &str) -> String {
        match self {
            Use::Result => operation.to_owned(),
            Use::Return => format!("block {operation} return end unreachable"),
            Use::Set => format!("{operation} local.set {own} local.get {own}"),
            Use::SetOwn => format!("{operation} local.set 0 local.get 0"),
            Use::Tee => format!("{operation} local.tee {own} drop local.get {own}"),
            Use::Global => format!("{operation} global.set ${ty}3 global.get ${ty}3"),
            Use::Store => format!("i32.const 8 {operation} {ty}.store i32.const 8 {ty}.load"),
            Use::Argument => format!("{operation} call $same_{ty}"),
            Use::Again => format!("{operation} {second}"),
            Use::Bits => match ty {
                ValType::I32 => format!("{operation} i64.extend_i32_u"),
                ValType::F32 => format!("{operation} i32.reinterpret_f32 i64.extend_i32_u"),
                ValType::F64 => format!("{operation} i64.reinterpret_f64"),
                ValType::I64 => format!("{operation} i64.const 0 i64.xor"),
                ValType::V128 => format!("{operation} i64x2.extract_lane 1"),
                ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                    format!("{operation} ref.is_null i64.extend_i32_u")
                }
            },
            Use::Drop => format!("{operation} drop i32.const 7"),
            Use::BranchIf => format!("block {operation} br_if 0 i32.const 0 return end i32.const 1"),
            Use::BranchUnless => format!("block {operation} i32.eqz br_if 0 i32.const 0 return end i32.const 1"),
            Use::If => format!("{operation} if (result i32) i32.const 1 else i32.const 0 end"),
            Use::Select => format!("i32.const 1 i32.const 0 {operation} select"),
        }
    }
}

/// The parts that every module has: a memory, globals `$i320` to `$i323` and so on, and functions that return
/// their argument.
pub fn preamble() -> String {
    let mut text = String::new();
    for ty in [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128] {
        for index in 0..4 {
            let _ = write!(text, "(global ${ty}{index} (mut {ty}) ({}))", literal(ty, 0));
        }
        let _ = writeln!(text, "(func $same_{ty} (param {ty}) (result {ty}) local.get 0)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::picked;

    #[test]
    fn constants_have_their_bits() {
        for ty in [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128] {
            for bits in (0..100).map(|number| picked(ty, number)) {
                let text = format!("(module (func (export \"f\") (result {ty}) {}))", literal(ty, bits));
                let engine = riser::Engine::default();
                let module = riser::Module::new(&engine, &text).unwrap_or_else(|error| panic!("{text}: {error:#}"));
                let mut store = riser::Store::new(&engine, ());
                let instance = riser::Instance::new(&mut store, &module, &[]).expect("no imports");
                let mut results = [riser::Val::I32(0)];
                let f = instance.get_func(&store, "f").expect("exported");
                f.call(&mut store, &[], &mut results).expect("returns");
                assert_eq!(crate::targets::single_inst::machines::bits(&results[0]), bits, "{text}");
            }
        }
    }
}
