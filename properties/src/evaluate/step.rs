//! The execution of each instruction.

use riser_translator::index::{FuncIndex, MemoryIndex};
use riser_translator::ir::{Addr, Cond, Dst, Inst, Item, Src};
use riser_translator::ops::BinaryOp;
use riser_translator::safepoint::{Safepoint, SafepointKind};
use riser_translator::semantics;
use riser_translator::sink::{Label, LabelKind, Slot};
use riser_translator::trap::TrapCode;
use riser_translator::types::ValType;

use super::memory::sum;
use super::state::{reference, vector};
use super::{Instance, RUBBISH, Stop};

/// Where control continues after an instruction.
pub(super) enum Next {
    Fallthrough,
    Label(Label),
    Safepoint,
    Call {
        function: FuncIndex,
        args: Slot,
    },
    TailCall {
        function: FuncIndex,
        args: Slot,
        params: u32,
    },
    Return,
    /// The exception with this reference is thrown.
    Throw(u64),
}

impl Instance<'_> {
    /// Executes an instruction, as far as it concerns its frame and the state.
    pub(super) fn step(&mut self, inst: &Inst) -> Result<Next, Stop> {
        if let Some(next) = self.control(inst)? {
            self.acc = RUBBISH;
            return Ok(next);
        }
        let result = self.compute(inst)?;
        self.acc = RUBBISH;
        match inst.result() {
            Some((Dst::Slot(dst), ty)) => self.set_slots(dst, ty.slots(), result),
            Some((Dst::Acc, _)) => self.acc = result as u64,
            None => {}
        }
        Ok(Next::Fallthrough)
    }

    fn read(&self, src: Src) -> u64 {
        match src {
            Src::Slot(slot) => self.slot(slot),
            Src::Acc => self.acc,
            Src::Imm(bits) => bits,
        }
    }

    /// Returns a value of a type, which takes one slot or two.
    fn value(&self, ty: ValType, src: Src) -> u128 {
        match src {
            Src::Slot(slot) if ty == ValType::V128 => self.vector(slot),
            Src::Slot(_) | Src::Acc | Src::Imm(_) => self.read(src).into(),
        }
    }

    /// Returns an i32 as a condition.
    fn holds(&self, src: Src) -> bool {
        self.read(src) as u32 != 0
    }

    /// Executes an instruction that determines where control continues; `None` for other instructions.
    fn control(&mut self, inst: &Inst) -> Result<Option<Next>, Stop> {
        Ok(Some(match *inst {
            Inst::Branch { target } => Next::Label(target),
            Inst::BranchIf { cond, target } => {
                let taken = match cond {
                    Cond::NonZero(src) => self.holds(src),
                    Cond::Zero(src) => !self.holds(src),
                    Cond::Compare { op, lhs, rhs } => BinaryOp::from(op).eval(self.read(lhs), self.read(rhs))? != 0,
                };
                if taken { Next::Label(target) } else { Next::Fallthrough }
            }
            Inst::BranchTable { index, ref targets } => {
                let index = (self.read(index) as u32 as usize).min(targets.len() - 1);
                Next::Label(targets[index])
            }
            Inst::Return => Next::Return,
            Inst::ReturnValue { src, .. } => {
                let value = self.read(src);
                self.set_slot(Slot(0), value);
                Next::Return
            }
            Inst::Call { function, base, .. } => Next::Call { function, args: base },
            Inst::CallIndirect { table, type_index, index, base, .. } => {
                let function = self.state.callee(self.module, table, type_index, self.read(index))?;
                Next::Call { function, args: base }
            }
            Inst::ReturnCall { function, base, params, .. } => Next::TailCall { function, args: base, params },
            Inst::ReturnCallIndirect { table, type_index, index, base, params, .. } => {
                let function = self.state.callee(self.module, table, type_index, self.read(index))?;
                Next::TailCall { function, args: base, params }
            }
            Inst::Throw { tag, base } => Next::Throw(self.new_exception(tag, base)),
            Inst::ThrowRef { exn } => match self.slot(exn) {
                0 => return Err(TrapCode::NullReference.into()),
                reference => Next::Throw(reference),
            },
            Inst::TryBegin { .. } | Inst::TryEnd { .. } | Inst::Catch { .. } | Inst::CatchEnd { .. } => {
                Next::Fallthrough
            }
            Inst::Trap { code } => return Err(code.into()),
            Inst::Epoch => Next::Safepoint,
            _ => return Ok(None),
        }))
    }

    /// Executes an instruction that the next one follows. Returns the bits of the result, or any bits if it has none.
    fn compute(&mut self, inst: &Inst) -> Result<u128, TrapCode> {
        let slot = |slot: Slot| self.stack[self.current.base + slot.0 as usize];
        let state = &mut self.state;
        match *inst {
            Inst::Const { bits, .. } => return Ok(bits.into()),
            Inst::Copy { ty, src, .. } => return Ok(self.value(ty, Src::Slot(src))),
            Inst::CopySlots { dst, src, count } => {
                let at = |slot: Slot| self.current.base + slot.0 as usize;
                self.stack.copy_within(at(src)..at(src) + count as usize, at(dst));
            }
            Inst::Unary { op, src, .. } => return op.eval(self.read(src)).map(u128::from),
            Inst::Binary { op, lhs, rhs, .. } => return op.eval(self.read(lhs), self.read(rhs)).map(u128::from),
            Inst::Select { ty, cond, if_true, if_false, .. } => {
                return Ok(self.value(ty, Src::Slot(if self.holds(cond) { if_true } else { if_false })));
            }
            Inst::RefIsNull { src, .. } => return Ok(u128::from(self.read(src) == 0)),
            Inst::RefFunc { function, .. } => return Ok(reference(function).into()),
            Inst::VectorConst { slots, .. } => return Ok(vector(slots)),
            Inst::Vector { op, operands, .. } => {
                let mut values = [0; 3];
                for ((value, &ty), operand) in values.iter_mut().zip(op.operand_types()).zip(operands) {
                    *value = self.value(ty, Src::Slot(operand));
                }
                return Ok(op.eval(values));
            }
            Inst::Wide { op, operands, .. } => return Ok(self::vector(op.eval(operands.map(slot)))),
            Inst::Shuffle { lhs, rhs, lanes, .. } => {
                let [lhs, rhs] = [lhs, rhs].map(|slot| self.vector(slot).to_le_bytes());
                return Ok(u128::from_le_bytes(semantics::i8x16_shuffle(lanes, lhs, rhs)));
            }
            Inst::ExtractLane { op, lane, src, .. } => return Ok(op.eval(lane, self.vector(src))),
            Inst::ReplaceLane { op, lane, vector, value, .. } => {
                return Ok(op.eval(lane, self.vector(vector), slot(value).into()));
            }
            Inst::VectorLoad { op, memory, addr, offset, .. } => {
                return Ok(op.eval(state.load_bits(memory, slot(addr), offset, op.access_bytes())?));
            }
            Inst::VectorStore { memory, addr, offset, value } => {
                let (address, value) = (slot(addr), self.vector(value));
                self.state.store_bits(memory, address, offset, size_of::<u128>() as u32, value)?;
            }
            Inst::LoadLane { op, lane, memory, addr, offset, vector, .. } => {
                let loaded = state.load_bits(memory, slot(addr), offset, op.access_bytes())?;
                return Ok(op.eval(lane, loaded, self.vector(vector)));
            }
            Inst::StoreLane { op, lane, memory, addr, offset, vector } => {
                let (address, stored) = (slot(addr), op.eval(lane, self.vector(vector)));
                self.state.store_bits(memory, address, offset, op.access_bytes(), stored)?;
            }
            Inst::Atomic { op, memory, addr, offset, operands, .. } => {
                let (address, operands) = (slot(addr), operands.map(slot));
                return state.atomic(op, memory, address, offset, operands).map(u128::from);
            }
            Inst::AtomicFence => {}
            Inst::GlobalGet { global, .. } => return Ok(state.globals[global.index()]),
            Inst::GlobalSet { ty, global, src } => self.state.globals[global.index()] = self.value(ty, src),

            Inst::Load { op, memory, addr, offset, .. } => {
                let address = self.address(memory, addr);
                return self.state.load(op, memory, address, offset).map(u128::from);
            }
            Inst::Store { op, memory, addr, offset, value } => {
                let (address, value) = (self.address(memory, addr), self.read(value));
                self.state.store(op, memory, address, offset, value)?;
            }
            Inst::MemorySize { memory, .. } => {
                let ty = *self.module.memory(memory);
                return Ok(state.memory_size(memory, ty).into());
            }
            Inst::MemoryGrow { memory, delta, .. } => {
                let ty = *self.module.memory(memory);
                return Ok(state.memory_grow(memory, ty, slot(delta), &self.limits).into());
            }
            Inst::MemoryFill { memory, dst, value, len } => {
                state.memory_fill(memory, slot(dst), slot(value), slot(len))?;
            }
            Inst::MemoryCopy { dst_memory, src_memory, dst, src, len } => {
                state.memory_copy((dst_memory, slot(dst)), (src_memory, slot(src)), slot(len))?;
            }
            Inst::MemoryInit { memory, segment, dst, src, len } => {
                state.memory_init(&self.module.bytes, memory, segment, slot(dst), slot(src), slot(len))?;
            }
            Inst::DataDrop { segment } => state.data_drop(segment),

            Inst::TableGet { table, index, .. } => return state.table_get(table, slot(index)).map(u128::from),
            Inst::TableSet { table, index, value } => state.table_set(table, slot(index), slot(value))?,
            Inst::TableSize { table, .. } => return Ok(state.table_size(table).into()),
            Inst::TableGrow { table, init, delta, .. } => {
                let ty = *self.module.table(table);
                return Ok(state.table_grow(table, ty, slot(init), slot(delta), &self.limits).into());
            }
            Inst::TableFill { table, dst, value, len } => {
                state.table_fill(table, slot(dst), slot(value), slot(len))?;
            }
            Inst::TableCopy { dst_table, src_table, dst, src, len } => {
                state.table_copy((dst_table, slot(dst)), (src_table, slot(src)), slot(len))?;
            }
            Inst::TableInit { table, segment, dst, src, len } => {
                state.table_init(table, segment, slot(dst), slot(src), slot(len))?;
            }
            Inst::ElemDrop { segment } => state.elem_drop(segment),

            Inst::Fuel { units } => match state.fuel.checked_sub(u64::from(units)) {
                Some(left) => state.fuel = left,
                None => {
                    state.fuel = 0;
                    return Err(TrapCode::OutOfFuel);
                }
            },

            Inst::Branch { .. }
            | Inst::BranchIf { .. }
            | Inst::BranchTable { .. }
            | Inst::Return
            | Inst::ReturnValue { .. }
            | Inst::Call { .. }
            | Inst::CallIndirect { .. }
            | Inst::ReturnCall { .. }
            | Inst::ReturnCallIndirect { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::ThrowRef { .. }
            | Inst::Trap { .. }
            | Inst::Epoch => unreachable!("{inst:?} is control"),
        }
        Ok(RUBBISH.into())
    }

    fn address(&self, memory: MemoryIndex, addr: Addr) -> u64 {
        match addr {
            Addr::Base(base) => self.read(base),
            Addr::Sum { base, add } => sum(self.module, memory, self.read(base), add),
            // Only a 32-bit memory has such accesses.
            Addr::Index { base, index } => u64::from((self.read(base) as u32).wrapping_add(self.read(index) as u32)),
        }
    }

    /// Reports the safepoint at the item with index `at` of the running function.
    pub(super) fn safepoint(&mut self, at: usize) {
        let Some(observer) = &mut self.observer else { return };
        let code = &self.code[self.current.code.index()];
        let Item::Inst { offset, .. } = code.ir.items[at] else { return };
        let before = at.checked_sub(1).map(|before| &code.ir.items[before]);
        let (kind, operands) = match before {
            Some(Item::Label { kind: LabelKind::Loop, operands, .. }) => (SafepointKind::Loop, &operands[..]),
            _ => (SafepointKind::Entry, &[][..]),
        };
        let slot = |slot: Slot| self.stack[self.current.base + slot.0 as usize];
        let height = operands.iter().map(|ty| ty.slots()).sum();
        observer(Safepoint {
            kind,
            function: code.ir.index,
            offset,
            locals: (0..code.frame.locals).map(|index| slot(code.frame.local(index))).collect(),
            operands: (0..height).map(|height| slot(code.frame.temp(height))).collect(),
        });
    }
}
