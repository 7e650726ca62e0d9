//! Atomic operators.

use riser_translator::ops::{AtomicAccess, AtomicKind, AtomicOp, BinaryOp};
use riser_translator::types::ValType;

use super::super::Operator;
use super::super::operator::Access;
use super::body::Body;

impl Body<'_> {
    /// Adds an atomic operator that has no result, or whose result is an operand of what follows.
    pub(super) fn atomic_statement(&mut self) {
        match self.choices.below(8) {
            0 => self.emit(Operator::Nop),
            1 => self.emit(Operator::AtomicFence),
            _ if !self.config.memory => self.emit(Operator::AtomicFence),
            2..4 => {
                let ty = self.any_integer_type();
                self.atomic_of(ty);
            }
            4 => self.atomic(AtomicOp::MemoryAtomicNotify),
            // It traps. On a shared memory it might last for ever.
            5 if self.choices.one_in(8) && self.module.memories.iter().all(|memory| !memory.shared) => {
                let op = self.choices.pick(&[AtomicOp::MemoryAtomicWait32, AtomicOp::MemoryAtomicWait64]);
                self.atomic(op);
            }
            _ => {
                let stores = AtomicOp::ALL.iter().copied();
                if let Some(op) =
                    self.choices.pick_where(stores, |op| op.kind() == AtomicKind::Access(AtomicAccess::Store))
                {
                    self.atomic(op);
                }
            }
        }
    }

    fn any_integer_type(&mut self) -> ValType {
        self.choices.pick(&[ValType::I32, ValType::I64])
    }

    /// Pushes the result of an atomic operation; another value if the type is none of them.
    pub(super) fn atomic_of(&mut self, ty: ValType) {
        let fits = |op: AtomicOp| op.result_type() == Some(ty) && op.kind() != AtomicKind::Wait;
        match self.choices.pick_where(AtomicOp::ALL.iter().copied(), fits) {
            Some(op) => self.atomic(op),
            None => self.leaf(ty),
        }
    }

    /// Adds an atomic operation with its operands. Its address is mostly aligned.
    fn atomic(&mut self, op: AtomicOp) {
        let bytes = op.access_bytes();
        let access = self.access(bytes);
        let mut offset = access.offset;
        if !self.choices.one_in(32) {
            let aligned = !u64::from(bytes - 1);
            offset &= aligned;
            let (ty, and) = match self.memory(access.memory).address_type() {
                ValType::I64 => (ValType::I64, BinaryOp::I64And),
                _ => (ValType::I32, BinaryOp::I32And),
            };
            match self.operators.last_mut() {
                Some(Operator::Const(_, address)) => *address &= aligned,
                _ => {
                    let mask = if ty == ValType::I64 { aligned } else { u64::from(aligned as u32) };
                    self.constant(ty, mask);
                    self.emit(Operator::Binary(and));
                }
            }
        }
        for (at, &ty) in op.operand_types().iter().enumerate() {
            // What is expected is often there: memories begin with zeros.
            if at == 0 && op.kind() == AtomicKind::Access(AtomicAccess::Cmpxchg) && self.choices.one_in(3) {
                self.constant(ty, 0);
            } else {
                self.produce(ty);
            }
        }
        self.emit(Operator::Atomic(op, Access { offset, align: bytes.ilog2(), ..access }));
    }
}
