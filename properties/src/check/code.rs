//! The IR's side. Instructions that only compute are executed on the way to the next instruction that does more.

use smallvec::SmallVec;

use riser_translator::ir::{Addr, Cond, Dst, Inst, Item, OperandType, Src};
use riser_translator::ops::{BinaryOp, VectorOp, WideOp};
use riser_translator::sink::{Label, LabelKind, Slot, SlotRole};
use riser_translator::types::{FuncType, ValType};

use super::CheckError;
use super::effect::Action;
use super::term::{Place, Term, TermId};
use super::text::TermText;
use super::walk::Checker;

/// The accumulators.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bank {
    Integer,
    F32,
    F64,
}

impl Bank {
    /// Returns the accumulator for an operand's type; `None` for vectors.
    fn of(ty: OperandType) -> Option<Bank> {
        Some(match ty {
            OperandType::Value(ValType::V128) | OperandType::Pair => return None,
            OperandType::Value(ValType::F32) => Bank::F32,
            OperandType::Value(ValType::F64) => Bank::F64,
            OperandType::Value(
                ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef,
            )
            | OperandType::Address(_)
            | OperandType::CommonAddress(..)
            | OperandType::Index(_)
            | OperandType::CommonIndex(..)
            | OperandType::Element(_) => Bank::Integer,
        })
    }
}

/// The value that an instruction left in an accumulator.
#[derive(Clone, Copy)]
pub(super) struct Acc {
    bank: Bank,
    term: TermId,
    /// The only item that may read it.
    reader: usize,
}

/// An operand of an instruction, as messages name it.
enum Operand {
    Plain(Src),
    Sum { base: Src, add: i32 },
    Index { base: Src, index: Src },
}

impl<'a> Checker<'a> {
    /// Makes an error about an item of the IR.
    pub(super) fn error(&self, item: Option<usize>, message: impl Into<String>) -> CheckError {
        let mut message = message.into();
        match item.map(|item| &self.ir.items[item]) {
            Some(Item::Inst { inst, .. }) => message += &format!(", in `{}`", inst.display(self.state.frame)),
            Some(Item::Label { label, .. }) => message += &format!(", at L{}", label.0),
            None => {}
        }
        CheckError { function: self.ir.index, offset: self.offset, item, message }
    }

    /// A slot's name, as in the text form of the IR.
    pub(super) fn slot_name(&self, slot: Slot) -> String {
        self.state.frame.role(slot).to_string()
    }

    pub(super) fn term(&self, id: TermId) -> TermText<'_> {
        TermText::new(&self.state.terms, &self.state.log, self.state.frame, id)
    }

    /// Makes an error about a place that does not hold the right value.
    pub(super) fn differs(&self, item: usize, name: &str, wanted: TermId, found: Option<TermId>) -> CheckError {
        let found = found.map_or("nothing".to_owned(), |found| self.term(found).to_string());
        self.error(Some(item), format!("{name} should hold {} and holds {found}", self.term(wanted)))
    }

    /// Executes the instructions that only compute. Returns the item behind them, and does not pass it; `None` at the
    /// end.
    pub(super) fn advance(&mut self) -> Result<Option<(usize, &'a Item)>, CheckError> {
        let ir = self.ir;
        while let Some(item) = ir.items.get(self.at) {
            let Item::Inst { inst, .. } = item else { return Ok(Some((self.at, item))) };
            if let Inst::CopySlots { dst, src, count } = *inst {
                self.copy_slots(self.at, dst, src, count)?;
                self.at += 1;
                continue;
            }
            if let Inst::Wide { op, dst, operands } = *inst {
                self.wide(self.at, op, dst, &operands[..op.operands()])?;
                self.at += 1;
                continue;
            }
            let Some(value) = self.compute(self.at, inst)? else { return Ok(Some((self.at, item))) };
            self.leave_result(self.at, inst, value)?;
            self.at += 1;
        }
        Ok(None)
    }

    /// Advances to the next instruction that does more than compute, and passes it. Fails, with `what` in the message,
    /// if there is none.
    pub(super) fn next_inst(
        &mut self,
        what: &dyn Fn(&Checker<'a>) -> String,
    ) -> Result<(usize, &'a Inst, u32), CheckError> {
        match self.advance()? {
            Some((at, Item::Inst { inst, offset })) => {
                self.at += 1;
                Ok((at, inst, *offset))
            }
            Some((at, Item::Label { .. })) => Err(self.error(Some(at), format!("wasm has {} here", what(self)))),
            None => Err(self.error(None, format!("the IR ends where wasm has {}", what(self)))),
        }
    }

    /// Returns where a label is bound, and its kind.
    pub(super) fn place_of(&self, item: usize, label: Label) -> Result<(usize, LabelKind), CheckError> {
        let unbound = || self.error(Some(item), format!("L{} is not bound", label.0));
        let at = *self.labels.get(&label).ok_or_else(unbound)?;
        match &self.ir.items[at] {
            Item::Label { kind, .. } => Ok((at, *kind)),
            Item::Inst { .. } => Err(unbound()),
        }
    }

    /// Reads an operand of the instruction at `item`.
    fn read(&mut self, item: usize, src: Src, ty: OperandType) -> Result<TermId, CheckError> {
        match src {
            Src::Slot(slot) => self.read_value(item, slot, ty.resolve(self.module)),
            Src::Imm(bits) => Ok(self.state.terms.constant(ty.resolve(self.module), bits)),
            Src::Acc => match self.acc {
                Some(Acc { bank, term, reader }) if reader == item && Some(bank) == Bank::of(ty) => Ok(term),
                _ => Err(self.error(Some(item), "acc is read and holds nothing")),
            },
        }
    }

    /// Reads a value of a type from the slots from `slot` on.
    fn read_value(&mut self, item: usize, slot: Slot, ty: ValType) -> Result<TermId, CheckError> {
        self.state.value(slot, ty).ok_or_else(|| self.holds_nothing(item, slot))
    }

    /// Reads a slot, which holds a value or a half of one.
    fn read_slot(&mut self, item: usize, slot: Slot) -> Result<TermId, CheckError> {
        self.state.read(slot).ok_or_else(|| self.holds_nothing(item, slot))
    }

    fn holds_nothing(&self, item: usize, slot: Slot) -> CheckError {
        self.error(Some(item), format!("{} is read and holds nothing", self.slot_name(slot)))
    }

    /// Copies slots downwards, in an order in which none is overwritten before it is read.
    fn copy_slots(&mut self, item: usize, dst: Slot, src: Slot, count: u32) -> Result<(), CheckError> {
        if dst >= src {
            return Err(self.error(Some(item), "slots are copied upwards"));
        }
        for at in 0..count {
            let term = self.read_slot(item, Slot(src.0 + at))?;
            self.write_slot(item, Slot(dst.0 + at), term)?;
        }
        Ok(())
    }

    /// Wide arithmetic: the halves of the result go to two slots.
    fn wide(&mut self, item: usize, op: WideOp, dst: Slot, operands: &[Slot]) -> Result<(), CheckError> {
        let operands = operands.iter().map(|&operand| self.read_value(item, operand, ValType::I64));
        let operands = operands.collect::<Result<SmallVec<[TermId; WideOp::MOST_OPERANDS]>, _>>()?;
        let [low, high] = self.state.terms.wide(op, &operands);
        self.write_slot(item, dst, low)?;
        self.write_slot(item, Slot(dst.0.wrapping_add(1)), high)
    }

    /// Leaves a value in the slots from one on.
    fn write_value(&mut self, item: usize, slot: Slot, ty: ValType, value: TermId) -> Result<(), CheckError> {
        let low = self.state.terms.low(value);
        self.write_slot(item, slot, low)?;
        if ty.slots() == 2 {
            let high = self.state.terms.high(value);
            self.write_slot(item, Slot(slot.0.wrapping_add(1)), high)?;
        }
        Ok(())
    }

    fn write_slot(&mut self, item: usize, slot: Slot, term: TermId) -> Result<(), CheckError> {
        match self.state.frame.role(slot) {
            SlotRole::Link(_) => {
                let name = self.slot_name(slot);
                return Err(self.error(Some(item), format!("{name} is written")));
            }
            SlotRole::Temp(height) if height >= self.ir.max_temps => {
                let name = self.slot_name(slot);
                let message = format!("{name} is written, and the frame has {} slots of operands", self.ir.max_temps);
                return Err(self.error(Some(item), message));
            }
            SlotRole::Local(_) | SlotRole::Result(_) | SlotRole::Temp(_) => self.state.write(slot, term),
        }
        Ok(())
    }

    fn leave_result(&mut self, item: usize, inst: &Inst, term: TermId) -> Result<(), CheckError> {
        match inst.result() {
            Some((Dst::Slot(slot), ty)) => self.write_value(item, slot, ty.resolve(self.module), term)?,
            Some((Dst::Acc, ty)) => {
                let bank = Bank::of(ty).ok_or_else(|| self.error(Some(item), "vectors have no accumulator"))?;
                self.acc = Some(Acc { bank, term, reader: item + 1 });
            }
            None => {}
        }
        Ok(())
    }

    /// Returns the value that an instruction computes; `None` if it does anything else.
    fn compute(&mut self, item: usize, inst: &Inst) -> Result<Option<TermId>, CheckError> {
        let value = match *inst {
            Inst::GlobalGet { global, .. } if global.index() < self.module.globals.len() => {
                self.read_place(Place::Global(global))
            }
            Inst::MemorySize { memory, .. } if memory.index() < self.module.memories.len() => {
                self.read_place(Place::MemorySize(memory))
            }
            Inst::TableSize { table, .. } if table.index() < self.module.tables.len() => {
                self.read_place(Place::TableSize(table))
            }
            Inst::RefFunc { function, .. } if function.index() < self.module.functions.len() => {
                self.state.terms.plain(Term::RefFunc(function))
            }
            Inst::GlobalGet { .. } | Inst::MemorySize { .. } | Inst::TableSize { .. } | Inst::RefFunc { .. } => {
                return Err(self.error(Some(item), "the module has nothing of this index"));
            }
            Inst::Const { ty, bits, .. } => self.state.terms.constant(ty, bits),
            Inst::Copy { ty, src, .. } => self.read_value(item, src, ty)?,
            Inst::Unary { op, src, .. } if !op.traps() => {
                let src = self.read(item, src, OperandType::Value(op.operand_type()))?;
                self.state.terms.unary(op, src)
            }
            Inst::Binary { op, lhs, rhs, .. } if !op.traps() => {
                let (lhs, rhs) = self.read_both(item, op, lhs, rhs)?;
                self.state.terms.binary(op, lhs, rhs)
            }
            Inst::Select { ty, cond, if_true, if_false, .. } => {
                let cond = self.read(item, cond, OperandType::Value(ValType::I32))?;
                let if_true = self.read_value(item, if_true, ty)?;
                let if_false = self.read_value(item, if_false, ty)?;
                self.state.terms.select(cond, if_true, if_false)
            }
            Inst::RefIsNull { src, .. } => {
                let src = self.read(item, src, OperandType::Value(ValType::FuncRef))?;
                self.state.terms.plain(Term::RefIsNull(src))
            }
            Inst::VectorConst { slots, .. } => self.state.terms.plain(Term::VectorConst(slots)),
            Inst::Vector { op, operands, .. } => {
                let operands = self.read_operands(item, op, operands)?;
                self.state.terms.vector(op, &operands)
            }
            Inst::Shuffle { lhs, rhs, lanes, .. } => {
                let lhs = self.read_value(item, lhs, ValType::V128)?;
                let rhs = self.read_value(item, rhs, ValType::V128)?;
                self.state.terms.plain(Term::Shuffle { lhs, rhs, lanes })
            }
            Inst::ExtractLane { op, lane, src, .. } => {
                let vector = self.read_value(item, src, ValType::V128)?;
                self.state.terms.plain(Term::ExtractLane(op, lane, vector))
            }
            Inst::ReplaceLane { op, lane, vector, value, .. } => {
                let vector = self.read_value(item, vector, ValType::V128)?;
                let value = self.read_value(item, value, op.value_type())?;
                self.state.terms.plain(Term::ReplaceLane { op, lane, vector, value })
            }
            Inst::Unary { .. }
            | Inst::Binary { .. }
            | Inst::Wide { .. }
            | Inst::Atomic { .. }
            | Inst::AtomicFence
            | Inst::CopySlots { .. }
            | Inst::VectorLoad { .. }
            | Inst::VectorStore { .. }
            | Inst::LoadLane { .. }
            | Inst::StoreLane { .. }
            | Inst::GlobalSet { .. }
            | Inst::Load { .. }
            | Inst::Store { .. }
            | Inst::MemoryGrow { .. }
            | Inst::MemoryFill { .. }
            | Inst::MemoryCopy { .. }
            | Inst::MemoryInit { .. }
            | Inst::DataDrop { .. }
            | Inst::TableGet { .. }
            | Inst::TableSet { .. }
            | Inst::TableGrow { .. }
            | Inst::TableFill { .. }
            | Inst::TableCopy { .. }
            | Inst::TableInit { .. }
            | Inst::ElemDrop { .. }
            | Inst::Branch { .. }
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
            | Inst::Fuel { .. }
            | Inst::Epoch => return Ok(None),
        };
        Ok(Some(value))
    }

    /// Reads the operands of a vector operation, as many as it takes.
    fn read_operands(
        &mut self,
        item: usize,
        op: VectorOp,
        operands: [Slot; 3],
    ) -> Result<SmallVec<[TermId; 3]>, CheckError> {
        op.operand_types().iter().zip(operands).map(|(&ty, operand)| self.read_value(item, operand, ty)).collect()
    }

    /// Returns the present value of a place.
    pub(super) fn read_place(&mut self, place: Place) -> TermId {
        let version = self.state.log.version(place);
        self.state.terms.plain(Term::Read { place, version })
    }

    fn read_both(&mut self, item: usize, op: BinaryOp, lhs: Src, rhs: Src) -> Result<(TermId, TermId), CheckError> {
        let ty = OperandType::Value(op.operand_type());
        Ok((self.read(item, lhs, ty)?, self.read(item, rhs, ty)?))
    }

    /// Returns the condition of a branch, as 0 or 1.
    pub(super) fn condition(&mut self, item: usize, cond: Cond) -> Result<TermId, CheckError> {
        let i32 = OperandType::Value(ValType::I32);
        Ok(match cond {
            Cond::NonZero(src) => {
                let value = self.read(item, src, i32)?;
                self.state.terms.truth(value)
            }
            Cond::Zero(src) => {
                let value = self.read(item, src, i32)?;
                self.state.terms.not(value)
            }
            Cond::Compare { op, lhs, rhs } => {
                let (lhs, rhs) = self.read_both(item, op.into(), lhs, rhs)?;
                self.state.terms.binary(op.into(), lhs, rhs)
            }
        })
    }

    /// Checks that the IR's next effect is `action` with `operands`, in the order of [`Inst::sources`], as in wasm.
    /// Returns the effect's number.
    pub(super) fn act(&mut self, action: Action, operands: &[TermId]) -> Result<u32, CheckError> {
        let (item, inst) = self.same_action(action, operands)?;
        let number = self.state.log.push(action, self.offset);
        if action == Action::ThrowRef {
            self.throws(item)?;
        }
        if inst.result().is_some() {
            let result = self.state.terms.plain(Term::Result { effect: number, index: 0 });
            self.leave_result(item, inst, result)?;
        }
        Ok(number)
    }

    /// Checks that the IR's next effect is a call with `args`, as in wasm. Returns the effect's number.
    pub(super) fn call(
        &mut self,
        action: Action,
        ty: &FuncType,
        index: Option<TermId>,
        args: &[TermId],
    ) -> Result<u32, CheckError> {
        let (item, inst) = self.same_action(action, index.as_slice())?;
        let (base, in_place) = match *inst {
            Inst::Call { base, link, .. } | Inst::CallIndirect { base, link, .. } => {
                (base, link.0.checked_sub(base.0) == Some(link_offset(ty)))
            }
            Inst::ReturnCall { base, params, link, .. } | Inst::ReturnCallIndirect { base, params, link, .. } => {
                (base, params == ty.param_slots() && link == link_offset(ty))
            }
            _ => return Err(self.error(Some(item), "this is not a call")),
        };
        let SlotRole::Temp(_) = self.state.frame.role(base) else {
            return Err(self.error(Some(item), format!("{} is the base of a call", self.slot_name(base))));
        };
        if !in_place {
            return Err(self.error(Some(item), format!("this is not the layout of a call of type {ty}")));
        }
        let mut slot = base;
        for (&wanted, ty) in args.iter().zip(ty.params()) {
            self.demand(item, slot, *ty, wanted)?;
            slot.0 = slot.0.wrapping_add(ty.slots());
        }
        let number = self.state.log.push(action, self.offset);
        if let Action::Call(_) = action {
            self.throws(item)?;
            self.state.clobber(base);
            let mut slot = base;
            for (index, ty) in ty.results().iter().enumerate() {
                let result = self.state.terms.plain(Term::Result { effect: number, index: index as u32 });
                self.write_value(item, slot, *ty, result)?;
                slot.0 = slot.0.wrapping_add(ty.slots());
            }
        }
        Ok(number)
    }

    /// Checks that the slots from `slot` on hold a value.
    pub(super) fn demand(&mut self, item: usize, slot: Slot, ty: ValType, wanted: TermId) -> Result<(), CheckError> {
        match self.state.value(slot, ty) {
            Some(found) if found == wanted => Ok(()),
            None if self.state.read(slot).is_some() => {
                // The slot holds half a vector.
                let second = self.slot_name(Slot(slot.0 + 1));
                let wanted = self.state.terms.high(wanted);
                Err(self.differs(item, &second, wanted, None))
            }
            found => Err(self.differs(item, &self.slot_name(slot), wanted, found)),
        }
    }

    /// Passes the next instruction, and checks that it does `action` with the operands that it names.
    pub(super) fn same_action(&mut self, action: Action, operands: &[TermId]) -> Result<(usize, &'a Inst), CheckError> {
        let (item, inst, offset) = self.next_inst(&|this| this.effect_text(action, operands))?;
        if Action::of(inst) != Some(action) {
            return Err(self.error(Some(item), format!("wasm has {} here", self.effect_text(action, operands))));
        }
        let sources = inst.sources();
        for (at, (&(src, ty), &wanted)) in sources.iter().zip(operands).enumerate() {
            let operand = match *inst {
                Inst::Load { addr: Addr::Sum { base, add }, .. }
                | Inst::Store { addr: Addr::Sum { base, add }, .. }
                    if at == 0 =>
                {
                    Operand::Sum { base, add }
                }
                Inst::Load { addr: Addr::Index { base, index }, .. } if at == 0 => Operand::Index { base, index },
                _ => Operand::Plain(src),
            };
            self.same_operand(item, &operand, ty, wanted)?;
        }
        if action.is_traced() && offset != self.offset {
            let message = format!("{action} comes from {:#x} and says {offset:#x}", self.offset);
            return Err(self.error(Some(item), message));
        }
        Ok((item, inst))
    }

    fn same_operand(
        &mut self,
        item: usize,
        operand: &Operand,
        ty: OperandType,
        wanted: TermId,
    ) -> Result<(), CheckError> {
        let (name, found) = match *operand {
            Operand::Plain(Src::Slot(slot)) => return self.demand(item, slot, ty.resolve(self.module), wanted),
            Operand::Plain(Src::Acc) => {
                let found = self.read(item, Src::Acc, ty)?;
                return if found == wanted { Ok(()) } else { Err(self.differs(item, "acc", wanted, Some(found))) };
            }
            Operand::Plain(src @ Src::Imm(_)) => ("immediate", self.read(item, src, ty)?),
            Operand::Sum { base, add } => {
                let base = self.read(item, base, ty)?;
                let (op, ty, add) = match ty.resolve(self.module) {
                    ValType::I64 => (BinaryOp::I64Add, ValType::I64, i64::from(add) as u64),
                    _ => (BinaryOp::I32Add, ValType::I32, u64::from(add as u32)),
                };
                let add = self.state.terms.constant(ty, add);
                ("address", self.state.terms.binary(op, base, add))
            }
            Operand::Index { base, index } => {
                let (base, index) = (self.read(item, base, ty)?, self.read(item, index, ty)?);
                ("address", self.state.terms.binary(BinaryOp::I32Add, base, index))
            }
        };
        if found == wanted {
            return Ok(());
        }
        let message = format!("the {name} should be {} and is {}", self.term(wanted), self.term(found));
        Err(self.error(Some(item), message))
    }

    /// Checks that the operand of a branch table, or the value of a return, is `wanted`.
    pub(super) fn same_value(&mut self, item: usize, src: Src, ty: ValType, wanted: TermId) -> Result<(), CheckError> {
        self.same_operand(item, &Operand::Plain(src), OperandType::Value(ty), wanted)
    }

    fn effect_text(&self, action: Action, operands: &[TermId]) -> String {
        let operands: SmallVec<[String; 3]> =
            operands.iter().map(|operand| format!(" {}", self.term(*operand))).collect();
        format!("`{action}{}`", operands.concat())
    }
}

/// Returns the position of the link in the frame of a function of type `ty`.
fn link_offset(ty: &FuncType) -> u32 {
    ty.param_slots().max(ty.result_slots())
}
