//! The types on the operand stack before each operator, according to wasmparser's validator, which alone decides what
//! is valid.

use wasmparser::{FuncValidator, OperatorsReader, Parser, ValidPayload, Validator, WasmModuleResources};

use riser_translator::Features;
use riser_translator::parse::val_type;
use riser_translator::types::ValType;

use super::super::{Module, Operator};

/// The state of the stack between two operators.
#[derive(Clone, Debug, Default)]
pub(super) struct Point {
    /// The operands of the innermost block; `None` is a value of any type.
    pub(super) operands: Vec<Option<ValType>>,
    /// Whether control cannot reach this point.
    pub(super) dead: bool,
}

/// A valid module and the types in its functions.
pub(super) struct Typed {
    module: Module,
    /// The points of each function: before each operator, and at the end.
    points: Vec<Vec<Point>>,
}

impl Typed {
    /// Determines the types of a module, if it is valid.
    pub(super) fn new(module: Module) -> wasmparser::Result<Typed> {
        let points = points(&module.to_wasm())?;
        Ok(Typed { module, points })
    }

    pub(super) fn module(&self) -> &Module {
        &self.module
    }

    pub(super) fn into_module(self) -> Module {
        self.module
    }

    pub(super) fn body(&self, function: usize) -> &[Operator] {
        &self.module.functions[function].body
    }

    /// The state before an operator.
    pub(super) fn point(&self, function: usize, at: usize) -> &Point {
        &self.points[function][at]
    }

    /// Converts a place among all operators to a function and an operator.
    pub(super) fn operator_at(&self, mut place: usize) -> Option<(usize, usize)> {
        for (index, function) in self.module.functions.iter().enumerate() {
            if place < function.body.len() {
                return Some((index, place));
            }
            place -= function.body.len();
        }
        None
    }
}

fn points(bytes: &[u8]) -> wasmparser::Result<Vec<Vec<Point>>> {
    let mut validator = Validator::new_with_features(Features::ALL.flags());
    let mut functions = Vec::new();
    let mut allocations = Default::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let ValidPayload::Func(function, body) = validator.payload(&payload?)? else { continue };
        let mut validator = function.into_validator(allocations);
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        let mut points = Vec::new();
        let mut operators = OperatorsReader::new(reader);
        while !operators.eof() {
            points.push(point(&validator));
            let (operator, offset) = operators.read_with_offset()?;
            validator.op(offset, &operator)?;
        }
        functions.push(points);
        allocations = validator.into_allocations();
    }
    Ok(functions)
}

fn point<T: WasmModuleResources>(validator: &FuncValidator<T>) -> Point {
    let Some(frame) = validator.get_control_frame(0) else { return Point::default() };
    let count = validator.operand_stack_height() as usize - frame.height;
    let operand = |depth| validator.get_operand_type(depth).flatten().and_then(|ty| val_type(ty, 0).ok());
    Point { operands: (0..count).rev().map(operand).collect(), dead: frame.unreachable }
}
