//! The state of an instance, and its initialisation: constant expressions, then active segments.

use std::ops::Range;

use riser_translator::index::{DataIndex, ElemIndex, FuncIndex};
use riser_translator::module::{ConstOp, ElementItems, Limits as Declared, ModuleInfo, SegmentMode};
use riser_translator::trap::TrapCode;

use super::{InstanceError, Limits};

/// The state that functions have effects on. In each list, imports come first.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    /// The bytes of each memory.
    pub memories: Vec<Vec<u8>>,
    /// The elements of each table: 0 for null, the index + 1 for functions.
    pub tables: Vec<Vec<u64>>,
    /// The bits of each global, as in its slot. For a vector, the first slot is the lower half.
    pub globals: Vec<u128>,
    /// The bytes of each data segment, as a range of the module's bytes; empty if the segment has been dropped.
    pub data: Vec<Range<u32>>,
    /// The elements of each element segment; empty if the segment has been dropped.
    pub elements: Vec<Vec<u64>>,
    /// The remaining fuel.
    pub fuel: u64,
}

impl State {
    /// Makes the initial state of a module.
    pub(super) fn new(module: &ModuleInfo, limits: &Limits) -> Result<State, InstanceError> {
        let mut globals = vec![0; module.imported_globals as usize];
        for init in &module.global_inits {
            let value = constant(init, &globals);
            globals.push(value);
        }
        let mut tables = Vec::new();
        for (at, table) in module.tables.iter().enumerate() {
            let init = at.checked_sub(module.imported_tables as usize).and_then(|at| module.table_inits[at].as_ref());
            let init = init.map_or(0, |init| slot_constant(init, &globals));
            tables.push(vec![init; size(table.limits, limits.elements, 1)?]);
        }
        let mut memories = Vec::new();
        for memory in &module.memories {
            memories.push(vec![0; size(memory.limits, limits.most_pages(*memory), memory.page_size())?]);
        }
        let elements = module.elements.iter().map(|segment| match &segment.items {
            ElementItems::Functions(functions) => functions.iter().map(|function| reference(*function)).collect(),
            ElementItems::Expressions(items) => items.iter().map(|item| slot_constant(item, &globals)).collect(),
        });
        let elements = elements.collect();
        let data = module.data.iter().map(|segment| segment.range.clone()).collect();
        let mut state = State { memories, tables, globals, data, elements, fuel: limits.fuel };
        state.copy_active_segments(module).map_err(InstanceError::Segment)?;
        Ok(state)
    }

    fn copy_active_segments(&mut self, module: &ModuleInfo) -> Result<(), TrapCode> {
        for (index, segment) in ElemIndex::first(module.elements.len()).zip(&module.elements) {
            if let SegmentMode::Active { target, offset } = &segment.mode {
                let dst = slot_constant(offset, &self.globals);
                self.table_init(*target, index, dst, 0, self.elements[index.index()].len() as u64)?;
            }
            if !matches!(segment.mode, SegmentMode::Passive) {
                self.elem_drop(index);
            }
        }
        for (index, segment) in DataIndex::first(module.data.len()).zip(&module.data) {
            if let SegmentMode::Active { target, offset } = &segment.mode {
                let dst = slot_constant(offset, &self.globals);
                self.memory_init(&module.bytes, *target, index, dst, 0, segment.range.len() as u64)?;
                self.data_drop(index);
            }
        }
        Ok(())
    }
}

/// Returns a reference to a function as slot bits.
pub(super) fn reference(function: FuncIndex) -> u64 {
    u64::from(function.as_u32()) + 1
}

/// Returns the bits of a vector in two slots.
pub(super) fn vector([low, high]: [u64; 2]) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Returns the initial size of a memory or table, in units of which each page or element has `scale`.
fn size(declared: Declared, most: u64, scale: u64) -> Result<usize, InstanceError> {
    if declared.min > most {
        return Err(InstanceError::TooLarge);
    }
    usize::try_from(declared.min * scale).map_err(|_| InstanceError::TooLarge)
}

/// Evaluates a constant expression that is not a vector.
fn slot_constant(expr: &[ConstOp], globals: &[u128]) -> u64 {
    constant(expr, globals) as u64
}

/// Evaluates a constant expression; `globals` has the globals that it may use.
fn constant(expr: &[ConstOp], globals: &[u128]) -> u128 {
    let mut stack: Vec<u128> = Vec::new();
    for &op in expr {
        let value = match op {
            ConstOp::Value(bits) => bits.into(),
            ConstOp::Vector(slots) => vector(slots),
            ConstOp::GlobalGet(global) => globals[global.index()],
            ConstOp::RefFunc(function) => reference(function).into(),
            ConstOp::I32Add
            | ConstOp::I32Sub
            | ConstOp::I32Mul
            | ConstOp::I64Add
            | ConstOp::I64Sub
            | ConstOp::I64Mul => {
                let (Some(rhs), Some(lhs)) = (stack.pop(), stack.pop()) else {
                    unreachable!("constant expressions are validated with the module");
                };
                binary(op, lhs as u64, rhs as u64).into()
            }
        };
        stack.push(value);
    }
    stack.pop().expect("constant expressions are validated with the module")
}

fn binary(op: ConstOp, lhs: u64, rhs: u64) -> u64 {
    let i32 = |bits: u64| u64::from(bits as u32);
    match op {
        ConstOp::I32Add => i32(lhs.wrapping_add(rhs)),
        ConstOp::I32Sub => i32(lhs.wrapping_sub(rhs)),
        ConstOp::I32Mul => i32(lhs.wrapping_mul(rhs)),
        ConstOp::I64Add => lhs.wrapping_add(rhs),
        ConstOp::I64Sub => lhs.wrapping_sub(rhs),
        ConstOp::I64Mul => lhs.wrapping_mul(rhs),
        ConstOp::Value(_) | ConstOp::Vector(_) | ConstOp::GlobalGet(_) | ConstOp::RefFunc(_) => {
            unreachable!("these take nothing from the stack")
        }
    }
}
