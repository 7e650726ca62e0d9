//! Probes: where the state is made canonical for one, and the sink told of it.

use wasmparser::Operator;

use crate::index::{FuncIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::ops::{AtomicAccess, AtomicKind};
use crate::probe::{Access, AccessKind, Bulk, Point, ProbeSite};
use crate::sink::{SeenByProbe, Sink};
use crate::types::ValType;

use super::Lowering;
use super::rows::{AtomicRow, Row, VectorRow, atomic_row, row, vector_row};

impl Point {
    /// The point that an operator is. `None` for loops, whose header is the point, and for the `end` of a function.
    fn of(operator: &Operator<'_>, ends_function: bool) -> Option<Point> {
        if let Some(access) = Access::of(operator) {
            return Some(Point::Access(access));
        }
        Some(match *operator {
            Operator::Loop { .. } => return None,
            Operator::End if ends_function => return None,
            Operator::If { .. } | Operator::BrIf { .. } => Point::Branch,
            Operator::BrTable { ref targets } => Point::BranchTable { targets: targets.len() },
            Operator::Call { function_index } => Point::call(function_index, false),
            Operator::ReturnCall { function_index } => Point::call(function_index, true),
            Operator::CallIndirect { type_index, table_index } => Point::indirect(type_index, table_index, false),
            Operator::ReturnCallIndirect { type_index, table_index } => Point::indirect(type_index, table_index, true),
            Operator::MemoryFill { mem } => Point::Bulk(Bulk::Fill(MemoryIndex::new(mem))),
            Operator::MemoryCopy { dst_mem, src_mem } => {
                Point::Bulk(Bulk::Copy { to: MemoryIndex::new(dst_mem), from: MemoryIndex::new(src_mem) })
            }
            Operator::MemoryInit { mem, .. } => Point::Bulk(Bulk::Init(MemoryIndex::new(mem))),
            _ => Point::Operator,
        })
    }

    fn call(callee: u32, tail: bool) -> Point {
        Point::Call { callee: FuncIndex::new(callee), tail }
    }

    fn indirect(ty: u32, table: u32, tail: bool) -> Point {
        Point::CallIndirect { table: TableIndex::new(table), ty: TypeIndex::new(ty), tail }
    }
}

impl Access {
    /// The access that a load, a store or an atomic operator makes.
    fn of(operator: &Operator<'_>) -> Option<Access> {
        use AccessKind::{Read, ReadWrite, Write};
        const VECTOR: u32 = ValType::V128.slots();
        let (memarg, bytes, kind, slots_above) = match (row(operator), vector_row(operator), atomic_row(operator)) {
            (Some(Row::Load(op, memarg)), ..) => (memarg, op.access_bytes(), Read, 0),
            (Some(Row::Store(op, memarg)), ..) => (memarg, op.access_bytes(), Write, 1),
            (_, Some(VectorRow::Load(op, memarg)), _) => (memarg, op.access_bytes(), Read, 0),
            (_, Some(VectorRow::Store(memarg)), _) => (memarg, 16, Write, VECTOR),
            (_, Some(VectorRow::LoadLane(op, memarg, _)), _) => (memarg, op.access_bytes(), Read, VECTOR),
            (_, Some(VectorRow::StoreLane(op, memarg, _)), _) => (memarg, op.access_bytes(), Write, VECTOR),
            (_, _, Some(AtomicRow::Access(op, memarg))) => {
                let kind = match op.kind() {
                    AtomicKind::Access(AtomicAccess::Load) | AtomicKind::Wait => Read,
                    AtomicKind::Access(AtomicAccess::Store) => Write,
                    AtomicKind::Access(_) => ReadWrite,
                    AtomicKind::Notify => return None,
                };
                (memarg, op.access_bytes(), kind, op.operand_types().len() as u32)
            }
            _ => return None,
        };
        let (memory, offset) = (MemoryIndex::new(memarg.memory), memarg.offset);
        Some(Access { memory, offset, bytes, kind, slots_above })
    }
}

impl<S: Sink> Lowering<'_, S> {
    /// A probe at a point where all operands are in their homes.
    pub(super) fn probe_here(&mut self, point: Point, offset: u32) {
        if self.sink.is_probing() {
            self.probe(point, offset, 0);
        }
    }

    /// The probe before an operator that is reachable.
    #[cold]
    #[inline(never)]
    pub(super) fn probe_operator(&mut self, operator: &Operator<'_>, offset: usize) {
        let point = Point::of(operator, self.control.len() == 1);
        let chosen = point.is_some_and(|point| self.sink.choice(&point, offset as u32) != 0);
        if chosen || leaves(operator) && self.sink.choice(&Point::Exit, offset as u32) != 0 {
            // A way out may be conditional, and there it is too late to move operands on all ways.
            self.stack.flush(self.sink);
        }
        if let Some(point) = point.filter(|_| chosen) {
            self.probe(point, offset as u32, 0);
        }
    }

    /// The probe at an exit, with the results from index `first` up.
    pub(super) fn probe_exit(&mut self, first: usize) {
        if self.sink.is_probing() {
            self.probe(Point::Exit, self.offset, first);
        }
    }

    /// A probe, if it is chosen, that sees the operands from index `first` up.
    fn probe(&mut self, point: Point, at: u32, first: usize) {
        let chosen = self.sink.choice(&point, at);
        if chosen == 0 {
            return;
        }
        let height = self.stack.height_of(first);
        let (operands, hidden) = (Vec::new(), Vec::new());
        let site = ProbeSite { point, offset: at, at, chosen, height, operands, hidden };
        let caught = &self.handlers[self.handlers.partition_point(|&index| index < first)..];
        let visible = self.stack.types().enumerate().skip(first);
        let visible = visible.filter(|(index, _)| caught.binary_search(index).is_err());
        let mut hidden = caught.iter().map(|&index| self.stack.height_of(index));
        self.sink.probe(site, SeenByProbe { operands: &mut visible.map(|(_, ty)| ty), hidden: &mut hidden });
    }
}

/// Whether an operator may leave the function.
fn leaves(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Br { .. } | Operator::BrIf { .. } | Operator::BrTable { .. } | Operator::Return | Operator::End
    )
}
