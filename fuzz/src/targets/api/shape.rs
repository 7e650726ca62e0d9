//! The modules that the sequences use, and what their functions compute, which is simple enough for a model of a few
//! lines.

use std::fmt::Write as _;

use riser::{FuncType, Val, ValType};
use riser_properties::generate::Choices;

/// The model of a function. It returns an i64, always the same for the same arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its type.
    pub ty: FuncType,
    /// The number that distinguishes it from other functions of its type.
    pub tag: i64,
    /// The number that wrappers add to the result.
    pub plus: i64,
}

impl Function {
    /// The function's result.
    pub fn result(&self, args: &[Val]) -> i64 {
        let mixed = args.iter().fold(self.tag, |mixed, arg| mixed.wrapping_mul(31).wrapping_add(bits(arg)));
        mixed.wrapping_add(self.plus)
    }

    /// The function that calls this one and adds a number to the result.
    pub fn and(&self, plus: i64) -> Function {
        Function { plus: self.plus.wrapping_add(plus), ..self.clone() }
    }
}

fn bits(arg: &Val) -> i64 {
    match *arg {
        Val::I32(value) => i64::from(value as u32),
        Val::I64(value) => value,
        Val::F32(bits) => i64::from(bits),
        Val::F64(bits) => bits as i64,
        Val::V128(bits) => (bits.as_u128() as i64).wrapping_add((bits.as_u128() >> 64) as i64),
        Val::FuncRef(_) | Val::ExternRef(_) | Val::ExnRef(_) => 0,
    }
}

/// The types of parameters.
const PARAMS: [ValType; 5] = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];

/// A type of function: some numbers and vectors, and an i64.
pub fn ty(choices: &mut dyn Choices) -> FuncType {
    let params = (0..choices.below(12)).map(|_| choices.pick(&PARAMS));
    FuncType::new(params.collect::<Vec<_>>(), [ValType::I64])
}

/// Arguments for a type.
pub fn args(ty: &FuncType, choices: &mut dyn Choices) -> Vec<Val> {
    let number = |choices: &mut dyn Choices| i64::from(choices.below(1 << 16)).wrapping_mul(0x0123_4567_89ab);
    let arg = |ty: &ValType| match ty {
        ValType::I32 => Val::I32(number(choices) as i32),
        ValType::F32 => Val::F32(number(choices) as u32 & 0x3fff_ffff),
        ValType::F64 => Val::F64(number(choices) as u64 & 0x3fff_ffff_ffff_ffff),
        ValType::I64 => Val::I64(number(choices)),
        ValType::V128 => {
            Val::V128((u128::from(number(choices) as u64) << 64 | u128::from(number(choices) as u64)).into())
        }
        ValType::FuncRef => Val::FuncRef(None),
        ValType::ExternRef => Val::ExternRef(None),
        ValType::ExnRef => Val::ExnRef(None),
    };
    ty.params().iter().map(arg).collect()
}

/// The name of the module that imports come from.
pub const HOST: &str = "host";
/// Largest size of the memory, in pages.
pub const MAX_PAGES: u64 = 3;
/// Size of the table.
pub const TABLE: u64 = 3;

/// A module.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The function that it defines.
    pub own: Function,
    /// The name and type of the function that it imports, if any.
    pub import: Option<(String, FuncType)>,
}

impl Shape {
    /// The module in the text format.
    pub fn text(&self) -> String {
        let mut text = String::from("(module\n");
        let Function { ty, tag, .. } = &self.own;
        let _ = writeln!(text, "(type $own (func {}))", signature(ty));
        if let Some((name, ty)) = &self.import {
            let _ = writeln!(text, "(import \"{HOST}\" \"{name}\" (func $import {}))", signature(ty));
        }
        let _ = write!(
            text,
            "(memory (export \"memory\") 1 {MAX_PAGES}) (table $table (export \"table\") {TABLE} funcref)
            (global $global (export \"global\") (mut i64) (i64.const 0))
            (func (export \"bump\") (param i64) (result i64)
              (global.set $global (i64.add (global.get $global) (local.get 0))) (global.get $global))
            (func (export \"load\") (param i32) (result i64) (i64.load (local.get 0)))
            (func (export \"store\") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
            (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))
            (func $deep (export \"deep\") (param i64) (result i64) (i64.add (i64.const 1) (call $deep (local.get 0))))\n"
        );
        let gets: String = (0..ty.params().len()).map(|index| format!("(local.get {index})")).collect();
        let _ = writeln!(text, "(func (export \"own\") (type $own) {})", mixed(ty, *tag));
        // The table's index comes last.
        let _ = writeln!(
            text,
            "(func (export \"indirect\") (param {}) (param $index i32) (result i64)
               (i64.add (i64.const 2) (call_indirect $table (type $own) {gets} (local.get $index))))",
            names(ty.params())
        );
        if let Some((_, ty)) = &self.import {
            let gets: String = (0..ty.params().len()).map(|index| format!("(local.get {index})")).collect();
            let _ = writeln!(
                text,
                "(func (export \"through\") {0} (i64.add (i64.const 1) (call $import {gets})))
                 (func (export \"tail\") {0} (return_call $import {gets}))
                 (export \"imported\" (func $import))",
                signature(ty)
            );
        }
        text + ")"
    }
}

fn names(types: &[ValType]) -> String {
    types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" ")
}

fn signature(ty: &FuncType) -> String {
    format!("(param {}) (result {})", names(ty.params()), names(ty.results()))
}

/// The body of a function of a type, which mixes its arguments.
fn mixed(ty: &FuncType, tag: i64) -> String {
    ty.params().iter().enumerate().fold(format!("(i64.const {tag})"), |mixed, (index, ty)| {
        let bits = match ty {
            ValType::I32 => format!("(i64.extend_i32_u (local.get {index}))"),
            ValType::F32 => format!("(i64.extend_i32_u (i32.reinterpret_f32 (local.get {index})))"),
            ValType::F64 => format!("(i64.reinterpret_f64 (local.get {index}))"),
            ValType::V128 => format!(
                "(i64.add (i64x2.extract_lane 0 (local.get {index})) (i64x2.extract_lane 1 (local.get {index})))"
            ),
            ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => format!("(local.get {index})"),
        };
        format!("(i64.add (i64.mul {mixed} (i64.const 31)) {bits})")
    })
}
