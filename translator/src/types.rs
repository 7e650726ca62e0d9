//! Value and function types (core spec, section 2.3).

use std::fmt;

/// The type of a WebAssembly value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit IEEE 754 number.
    F32,
    /// A 64-bit IEEE 754 number.
    F64,
    /// A 128-bit vector; takes two slots.
    V128,
    /// A nullable reference to a function.
    FuncRef,
    /// A nullable reference to a host value.
    ExternRef,
    /// A nullable reference to an exception.
    ExnRef,
}

impl ValType {
    /// [`ValType::FuncRef`], by the name that Wasmtime has for it.
    pub const FUNCREF: ValType = ValType::FuncRef;
    /// [`ValType::ExternRef`], by the name that Wasmtime has for it.
    pub const EXTERNREF: ValType = ValType::ExternRef;
    /// [`ValType::ExnRef`], by the name that Wasmtime has for it.
    pub const EXNREF: ValType = ValType::ExnRef;

    /// The number of 64-bit slots that a value of this type takes.
    pub const fn slots(self) -> u32 {
        match self {
            ValType::V128 => 2,
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => 1,
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => 1,
        }
    }

    /// Whether this is a reference type.
    pub const fn is_ref(self) -> bool {
        match self {
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => true,
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => false,
        }
    }

    /// Whether this is the type of a number: neither a vector nor a reference.
    pub const fn is_num(self) -> bool {
        !self.is_ref() && !self.is_vector()
    }

    /// Whether this is the type of vectors.
    pub const fn is_vector(self) -> bool {
        matches!(self, ValType::V128)
    }

    /// The type's byte in the binary format.
    pub const fn code(self) -> u8 {
        match self {
            ValType::I32 => 0x7f,
            ValType::I64 => 0x7e,
            ValType::F32 => 0x7d,
            ValType::F64 => 0x7c,
            ValType::V128 => 0x7b,
            ValType::FuncRef => 0x70,
            ValType::ExternRef => 0x6f,
            ValType::ExnRef => 0x69,
        }
    }

    /// The type's name in the text format.
    pub const fn name(self) -> &'static str {
        match self {
            ValType::I32 => "i32",
            ValType::I64 => "i64",
            ValType::F32 => "f32",
            ValType::F64 => "f64",
            ValType::V128 => "v128",
            ValType::FuncRef => "funcref",
            ValType::ExternRef => "externref",
            ValType::ExnRef => "exnref",
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A function type: parameters to results.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    params: Box<[ValType]>,
    results: Box<[ValType]>,
}

impl FuncType {
    /// The type of functions that take `params` and return `results`.
    pub fn new(params: impl IntoIterator<Item = ValType>, results: impl IntoIterator<Item = ValType>) -> FuncType {
        FuncType { params: params.into_iter().collect(), results: results.into_iter().collect() }
    }

    /// The type of a parameter.
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params.get(index).copied()
    }

    /// The type of a result.
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results.get(index).copied()
    }

    /// The parameter types, first to last.
    pub fn params(&self) -> &[ValType] {
        &self.params
    }

    /// The result types, first to last.
    pub fn results(&self) -> &[ValType] {
        &self.results
    }

    /// The number of slots that the parameters take.
    pub fn param_slots(&self) -> u32 {
        self.params.iter().map(|ty| ty.slots()).sum()
    }

    /// The number of slots that the results take.
    pub fn result_slots(&self) -> u32 {
        self.results.iter().map(|ty| ty.slots()).sum()
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValType]| types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(", ");
        write!(f, "({}) -> ({})", list(&self.params), list(&self.results))
    }
}
