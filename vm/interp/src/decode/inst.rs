//! The decoding of each instruction: the inverse of the encoder's file of the same name.

use riser_translator::TrapCode;
use riser_translator::index::{
    DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex,
};
use riser_translator::ir::{Addr, Cond, Dst, Inst, Src};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

use super::Decoder;
use super::error::Fault;
use super::form::{Address, Form, Place, Var};
use super::operands::{Checked, immediate, same_accumulator, short_immediate, unused};
use crate::encode::defined_offset;

impl Decoder<'_> {
    /// Decodes the operands of an instruction whose head has been taken. The targets of branches are given as numbers
    /// of words.
    pub(super) fn inst(&mut self, form: Form, name: &'static str) -> Checked<Inst> {
        Ok(match form {
            Form::Stub | Form::Enter | Form::CopyFar | Form::CopyFar128 => return Err(Fault::Misplaced(name)),
            Form::Const32 => {
                let (dst, half) = self.field_half()?;
                Inst::Const { ty: ValType::I64, dst: Dst::Slot(self.write(dst)?), bits: u64::from(half) }
            }
            Form::Const64 => {
                let [dst] = self.fields()?;
                let bits = self.word()?;
                if u32::try_from(bits).is_ok() {
                    return Err(Fault::NotCanonical);
                }
                Inst::Const { ty: ValType::I64, dst: Dst::Slot(self.write(dst)?), bits }
            }
            Form::ConstAcc { ty } => {
                unused(self.word()?)?;
                Inst::Const { ty, dst: Dst::Acc, bits: self.word()? }
            }
            Form::Copy64 => {
                let [dst, src] = self.fields()?;
                let (dst, src) = (self.frame_slot(dst.into())?, self.frame_slot(src.into())?);
                Inst::Copy { ty: ValType::I64, dst, src }
            }
            Form::VectorConst => self.vector_const()?,
            Form::Copy128 => self.copy_vector()?,
            Form::Select128 { cond } => self.select_vector(cond)?,
            Form::GlobalGet128 => self.vector_global_get()?,
            Form::GlobalSet128 => self.vector_global_set()?,
            Form::Vector(op) => self.vector(op)?,
            Form::Wide(op) => self.wide(op)?,
            Form::Atomic(op) => self.atomic(op)?,
            Form::AtomicFence => {
                self.fields::<0>()?;
                Inst::AtomicFence
            }
            Form::Shuffle => self.shuffle()?,
            Form::ExtractLane(op) => {
                let [dst, src, lane] = self.fields()?;
                let lane = Self::lane(lane, op.lanes())?;
                let src = self.read_vector(src)?;
                Inst::ExtractLane { op, lane, src, dst: self.write(dst)? }
            }
            Form::ReplaceLane(op) => {
                let [dst, vector, value, lane] = self.fields()?;
                let lane = Self::lane(lane, op.lanes())?;
                let (vector, value) = (self.read_vector(vector)?, self.read(value)?);
                Inst::ReplaceLane { op, lane, vector, value, dst: self.write_vector(dst)? }
            }
            Form::VectorLoad(op) => {
                let (dst, addr, offset) = self.fields_half()?;
                self.plain_access()?;
                let addr = self.read(addr)?;
                Inst::VectorLoad {
                    op,
                    memory: MemoryIndex::ZERO,
                    addr,
                    offset: offset.into(),
                    dst: self.write_vector(dst)?,
                }
            }
            Form::VectorStore => {
                let (addr, value, offset) = self.fields_half()?;
                self.plain_access()?;
                let (addr, value) = (self.read(addr)?, self.read_vector(value)?);
                Inst::VectorStore { memory: MemoryIndex::ZERO, addr, offset: offset.into(), value }
            }
            Form::VectorLoadAny(op) => {
                let (dst, addr, memory) = self.fields_half()?;
                let offset = self.word()?;
                let memory = self.general_access(memory, offset)?;
                let addr = self.read(addr)?;
                Inst::VectorLoad { op, memory, addr, offset, dst: self.write_vector(dst)? }
            }
            Form::VectorStoreAny => {
                let (addr, value, memory) = self.fields_half()?;
                let offset = self.word()?;
                let memory = self.general_access(memory, offset)?;
                let (addr, value) = (self.read(addr)?, self.read_vector(value)?);
                Inst::VectorStore { memory, addr, offset, value }
            }
            Form::LoadLane(op) => {
                let [dst, addr, vector, lane] = self.fields()?;
                let lane = Self::lane(lane, op.lanes())?;
                let (memory, offset) = self.any_access()?;
                let (addr, vector) = (self.read(addr)?, self.read_vector(vector)?);
                Inst::LoadLane { op, lane, memory, addr, offset, vector, dst: self.write_vector(dst)? }
            }
            Form::StoreLane(op) => {
                let [addr, vector, lane] = self.fields()?;
                let lane = Self::lane(lane, op.lanes())?;
                let (memory, offset) = self.any_access()?;
                let (addr, vector) = (self.read(addr)?, self.read_vector(vector)?);
                Inst::StoreLane { op, lane, memory, addr, offset, vector }
            }
            Form::CopySlots => {
                let (dst, src) = self.halves()?;
                let count = self.lower_half()?;
                let last = count.checked_sub(1).ok_or(Fault::NotCanonical)?;
                self.frame_slot(src.saturating_add(last))?;
                let (dst, src) = (self.frame_slot(dst)?, self.frame_slot(src)?);
                if dst >= src {
                    return Err(Fault::NotCanonical);
                }
                Inst::CopySlots { dst, src, count }
            }
            Form::Unary { op, dst, src } => {
                let [dst_field, src_field] = self.fields()?;
                Inst::Unary { op, src: self.var(src, src_field)?, dst: self.dst(dst, dst_field)? }
            }
            Form::RefIsNull { dst, src } => {
                let [dst_field, src_field] = self.fields()?;
                Inst::RefIsNull { src: self.var(src, src_field)?, dst: self.dst(dst, dst_field)? }
            }
            Form::Binary { op, dst, lhs, rhs } => self.binary(op, dst, lhs, rhs)?,
            Form::Select { cond } => {
                let [dst, cond_field, if_true, if_false] = self.fields()?;
                Inst::Select {
                    ty: ValType::I64,
                    cond: self.var(cond, cond_field)?,
                    if_true: self.read(if_true)?,
                    if_false: self.read(if_false)?,
                    dst: self.write(dst)?,
                }
            }
            Form::RefFunc => {
                let (dst, function) = self.field_half()?;
                let function = FuncIndex::new(self.index("function", &self.module.functions, function)?);
                Inst::RefFunc { dst: self.write(dst)?, function }
            }
            Form::GlobalGet { ty: acc, dst } => {
                let (field, global) = self.field_half()?;
                let (global, ty) = self.number_global(global)?;
                same_accumulator(dst, acc, ty)?;
                Inst::GlobalGet { ty, dst: self.dst(dst, field)?, global }
            }
            Form::GlobalSet { ty: acc, src } => {
                let (field, global) = self.field_half()?;
                let (global, ty) = self.number_global(global)?;
                same_accumulator(src, acc, ty)?;
                Inst::GlobalSet { ty, global, src: self.var(src, field)? }
            }
            Form::Load { op, dst, addr } => self.load(op, dst, addr)?,
            Form::LoadAny { op, dst } => {
                let (dst_field, base, memory) = self.fields_half()?;
                let offset = self.word()?;
                let memory = self.general_access(memory, offset)?;
                let addr = Addr::Base(Src::Slot(self.read(base)?));
                Inst::Load { op, dst: self.dst(dst, dst_field)?, memory, addr, offset }
            }
            Form::Store { op, addr, value } => self.store(op, addr, value)?,
            Form::StoreAny { op } => {
                let (base, value, memory) = self.fields_half()?;
                let offset = self.word()?;
                let memory = self.general_access(memory, offset)?;
                let addr = Addr::Base(Src::Slot(self.read(base)?));
                Inst::Store { op, memory, addr, offset, value: Src::Slot(self.read(value)?) }
            }
            Form::MemorySize => {
                let (dst, memory) = self.field_half()?;
                Inst::MemorySize { memory: self.memory(memory)?, dst: self.write(dst)? }
            }
            Form::MemoryGrow => {
                let (dst, delta, memory) = self.fields_half()?;
                let memory = self.memory(memory)?;
                Inst::MemoryGrow { memory, delta: self.read(delta)?, dst: self.write(dst)? }
            }
            Form::MemoryFill => {
                let ([dst, value, len], memory, rest) = self.bulk()?;
                unused(rest)?;
                Inst::MemoryFill { memory: self.memory(memory)?, dst, value, len }
            }
            Form::MemoryCopy => {
                let ([dst, src, len], to, from) = self.bulk()?;
                Inst::MemoryCopy { dst_memory: self.memory(to)?, src_memory: self.memory(from)?, dst, src, len }
            }
            Form::MemoryInit => {
                let ([dst, src, len], memory, segment) = self.bulk()?;
                Inst::MemoryInit { memory: self.memory(memory)?, segment: self.data(segment)?, dst, src, len }
            }
            Form::DataDrop => {
                let segment = self.upper_half()?;
                Inst::DataDrop { segment: self.data(segment)? }
            }
            Form::TableGet => {
                let [dst, index] = self.fields()?;
                let table = self.lower_half()?;
                Inst::TableGet { table: self.table(table)?, index: self.read(index)?, dst: self.write(dst)? }
            }
            Form::TableSet => {
                let [index, value] = self.fields()?;
                let table = self.lower_half()?;
                Inst::TableSet { table: self.table(table)?, index: self.read(index)?, value: self.read(value)? }
            }
            Form::TableSize => {
                let [dst] = self.fields()?;
                let table = self.lower_half()?;
                Inst::TableSize { table: self.table(table)?, dst: self.write(dst)? }
            }
            Form::TableGrow => {
                let [dst, init, delta] = self.fields()?;
                let table = self.lower_half()?;
                let (init, delta) = (self.read(init)?, self.read(delta)?);
                Inst::TableGrow { table: self.table(table)?, init, delta, dst: self.write(dst)? }
            }
            Form::TableFill => {
                let ([dst, value, len], table, rest) = self.bulk()?;
                unused(rest)?;
                Inst::TableFill { table: self.table(table)?, dst, value, len }
            }
            Form::TableCopy => {
                let ([dst, src, len], to, from) = self.bulk()?;
                Inst::TableCopy { dst_table: self.table(to)?, src_table: self.table(from)?, dst, src, len }
            }
            Form::TableInit => {
                let ([dst, src, len], table, segment) = self.bulk()?;
                Inst::TableInit { table: self.table(table)?, segment: self.element(segment)?, dst, src, len }
            }
            Form::ElemDrop => {
                let segment = self.upper_half()?;
                Inst::ElemDrop { segment: self.element(segment)? }
            }
            Form::Branch => {
                let distance = self.upper_half()?;
                Inst::Branch { target: self.target(distance)? }
            }
            Form::BranchIf { when, cond } => {
                let (field, distance) = self.field_half()?;
                let src = self.var(cond, field)?;
                let cond = if when { Cond::NonZero(src) } else { Cond::Zero(src) };
                Inst::BranchIf { cond, target: self.target(distance)? }
            }
            Form::BranchCompare { op, lhs, rhs } => {
                let (lhs_field, rhs_field, distance) = self.fields_half()?;
                let lhs = self.var(lhs, lhs_field)?;
                let rhs = match rhs {
                    Place::Var(place) => self.var(place, rhs_field)?,
                    Place::Imm => Src::Imm(short_immediate(op.operand_type(), rhs_field)),
                };
                Inst::BranchIf { cond: Cond::Compare { op, lhs, rhs }, target: self.target(distance)? }
            }
            Form::BranchTable { index } => self.branch_table(index)?,
            Form::Return => {
                let [link] = self.fields()?;
                self.own_link(link.into())?;
                Inst::Return
            }
            Form::ReturnValue { ty: acc, src } => {
                let [link, field] = self.fields()?;
                self.own_link(link.into())?;
                let ty = self.result_type()?;
                same_accumulator(src, acc, ty)?;
                Inst::ReturnValue { ty, src: self.var(src, field)? }
            }
            Form::ReturnConst => {
                let [link] = self.fields()?;
                self.own_link(link.into())?;
                Inst::ReturnValue { ty: self.result_type()?, src: Src::Imm(self.word()?) }
            }
            Form::CallDefined => {
                let (base, link) = self.halves()?;
                let offset = self.lower_half()?;
                let defined = offset / defined_offset(DefinedFuncIndex::new(1));
                let defined = DefinedFuncIndex::new(self.index("defined function", &self.module.bodies, defined)?);
                if defined_offset(defined) != offset {
                    return Err(Fault::NotCanonical);
                }
                let function = self.module.func_index(defined);
                Inst::Call { function, base: self.slot(base)?, link: self.slot(link)? }
            }
            Form::CallImported => {
                let (base, link) = self.halves()?;
                let function = self.lower_half()?;
                if function >= self.module.imported_functions {
                    return Err(Fault::Index("imported function", function));
                }
                let function = FuncIndex::new(function);
                Inst::Call { function, base: self.slot(base)?, link: self.slot(link)? }
            }
            Form::CallIndirect { index } => {
                let (base, link) = self.halves()?;
                let (index, table, type_index) = self.indirect(index)?;
                Inst::CallIndirect { table, type_index, index, base: self.slot(base)?, link: self.slot(link)? }
            }
            Form::ReturnCall => {
                let (base, params, link) = self.tail_call()?;
                let (function, own_link) = self.halves()?;
                self.own_link(own_link)?;
                let function = FuncIndex::new(self.index("function", &self.module.functions, function)?);
                Inst::ReturnCall { function, base, params, link }
            }
            Form::ReturnCallIndirect { index } => {
                let (base, params, link) = self.tail_call()?;
                let (index, table, type_index) = self.indirect(index)?;
                let own_link = self.lower_half()?;
                self.own_link(own_link)?;
                Inst::ReturnCallIndirect { table, type_index, index, base, params, link }
            }
            Form::Trap => {
                let [code] = self.fields()?;
                let known = u8::try_from(code).ok().and_then(TrapCode::from_u8);
                Inst::Trap { code: known.ok_or(Fault::TrapCode(code))? }
            }
            Form::Throw => {
                let (base, tag) = self.halves()?;
                let tag = TagIndex::new(self.index("tag", &self.module.tags, tag)?);
                Inst::Throw { tag, base: self.slot(base)? }
            }
            Form::ThrowRef => {
                let [exn] = self.fields()?;
                Inst::ThrowRef { exn: self.read(exn)? }
            }
            Form::Fuel => Inst::Fuel { units: self.upper_half()? },
            Form::Epoch => {
                unused(self.word()?)?;
                Inst::Epoch
            }
        })
    }

    fn binary(&mut self, op: BinaryOp, dst: Var, lhs: Place, rhs: Place) -> Checked<Inst> {
        let ty = op.operand_type();
        let (dst_field, lhs, rhs) = match (lhs, rhs) {
            (Place::Var(lhs), Place::Imm) if ty == ValType::F64 => {
                let [dst, field] = self.fields()?;
                let rhs = Src::Imm(self.word()?);
                (dst, self.var(lhs, field)?, rhs)
            }
            (Place::Var(lhs), Place::Imm) => {
                let (dst, field, half) = self.fields_half()?;
                (dst, self.var(lhs, field)?, Src::Imm(immediate(ty, half)))
            }
            (Place::Imm, Place::Var(rhs)) => {
                let (dst, field, half) = self.fields_half()?;
                (dst, Src::Imm(immediate(ty, half)), self.var(rhs, field)?)
            }
            (Place::Var(lhs), Place::Var(rhs)) => {
                let [dst, lhs_field, rhs_field] = self.fields()?;
                (dst, self.var(lhs, lhs_field)?, self.var(rhs, rhs_field)?)
            }
            (Place::Imm, Place::Imm) => return Err(Fault::NotCanonical),
        };
        Ok(Inst::Binary { op, lhs, rhs, dst: self.dst(dst, dst_field)? })
    }

    /// Decodes the address of an access to a 32-bit memory 0, from its field and the words behind the first one. Also
    /// returns the upper half of the last word, where some accesses have another operand.
    fn address(&mut self, addr: Address, field: u16, offset: u32, more: bool) -> Checked<(Addr, u32)> {
        match addr {
            Address::Base(Place::Imm) => {
                unused(field)?;
                let address = self.word()?.checked_sub(offset.into()).and_then(|address| u32::try_from(address).ok());
                Ok((Addr::Base(Src::Imm(address.ok_or(Fault::NotCanonical)?.into())), 0))
            }
            Address::Base(Place::Var(place)) => {
                let (add, rest) = if more { self.halves()? } else { (0, 0) };
                unused(add)?;
                Ok((Addr::Base(self.var(place, field)?), rest))
            }
            Address::Sum(place) => {
                let (add, rest) = self.halves()?;
                Ok((Addr::Sum { base: self.var(place, field)?, add: add as i32 }, rest))
            }
            Address::Index(base, index) => {
                let (second, rest) = self.halves()?;
                let second = u16::try_from(second).map_err(|_| Fault::UnusedBits)?;
                Ok((Addr::Index { base: self.var(base, field)?, index: self.var(index, second)? }, rest))
            }
        }
    }

    fn load(&mut self, op: LoadOp, dst: Var, addr: Address) -> Checked<Inst> {
        self.plain_access()?;
        let (dst_field, base, offset) = self.fields_half()?;
        let (addr, rest) = self.address(addr, base, offset, false)?;
        unused(rest)?;
        Ok(Inst::Load { op, dst: self.dst(dst, dst_field)?, memory: MemoryIndex::ZERO, addr, offset: offset.into() })
    }

    fn store(&mut self, op: StoreOp, addr: Address, value: Place) -> Checked<Inst> {
        self.plain_access()?;
        let ty = op.value_type();
        let (base, value_field, offset) = self.fields_half()?;
        let (addr, rest) = self.address(addr, base, offset, value == Place::Imm)?;
        let value = match value {
            // There are tokens for such stores, but the register IR has none.
            Place::Imm if ty == ValType::F64 => return Err(Fault::Type),
            Place::Imm => {
                unused(value_field)?;
                Src::Imm(immediate(ty, rest))
            }
            Place::Var(place) => {
                unused(rest)?;
                self.var(place, value_field)?
            }
        };
        Ok(Inst::Store { op, memory: MemoryIndex::ZERO, addr, offset: offset.into(), value })
    }

    /// Checks that memory 0 is one that the short forms serve.
    fn plain_access(&self) -> Checked<()> {
        let memory = self.memory(0)?;
        if self.module.memory(memory).has_short_forms() { Ok(()) } else { Err(Fault::Type) }
    }

    /// The memory of an access that could not have the plain form, so that the general form is the canonical one.
    fn general_access(&self, memory: u32, offset: u64) -> Checked<MemoryIndex> {
        let memory = self.memory(memory)?;
        let plain = memory == MemoryIndex::ZERO
            && self.module.memory(memory).has_short_forms()
            && u32::try_from(offset).is_ok();
        if plain { Err(Fault::NotCanonical) } else { Ok(memory) }
    }

    /// Decodes the slots and indices of a bulk operation.
    fn bulk(&mut self) -> Checked<([Slot; 3], u32, u32)> {
        let [a, b, c] = self.fields()?;
        let (first, second) = self.halves()?;
        Ok(([self.read(a)?, self.read(b)?, self.read(c)?], first, second))
    }

    fn branch_table(&mut self, index: Var) -> Checked<Inst> {
        let (field, count) = self.field_half()?;
        let index = self.var(index, field)?;
        let words = count.div_ceil(2) as usize;
        if words > self.words.len() - self.next {
            return Err(Fault::Truncated);
        }
        let mut targets = Vec::with_capacity(count as usize);
        for _ in 0..count / 2 {
            let (first, second) = self.halves()?;
            targets.extend([self.target(first)?, self.target(second)?]);
        }
        if count % 2 == 1 {
            let last = self.lower_half()?;
            targets.push(self.target(last)?);
        }
        if targets.is_empty() {
            Err(Fault::NotCanonical)
        } else {
            Ok(Inst::BranchTable { index, targets: targets.into() })
        }
    }

    /// Decodes what all calls through a table have: index, table and type.
    fn indirect(&mut self, index: Var) -> Checked<(Src, TableIndex, TypeIndex)> {
        let (field, table, type_index) = self.fields_half()?;
        let table = self.table(table.into())?;
        let type_index = TypeIndex::new(self.index("type", &self.module.types, type_index)?);
        Ok((self.var(index, field)?, table, type_index))
    }

    /// Decodes what all tail calls have: base, slots of the parameters and new link.
    fn tail_call(&mut self) -> Checked<(Slot, u32, u32)> {
        let (base, layout) = self.halves()?;
        Ok((self.slot(base)?, layout & 0xffff, layout >> 16))
    }

    /// Checks that the link which a returning instruction names is that of the function's own frame.
    fn own_link(&self, link: u32) -> Checked<()> {
        if link == self.frame.link().0 { Ok(()) } else { Err(Fault::Frame) }
    }

    /// The type of the function's only result.
    fn result_type(&self) -> Checked<ValType> {
        match self.results {
            &[ty] => Ok(ty),
            _ => Err(Fault::Type),
        }
    }

    /// Checks the index of a global. Returns it with the global's type.
    pub(super) fn global(&self, index: u32) -> Checked<(GlobalIndex, ValType)> {
        let global = self.index("global", &self.module.globals, index).map(GlobalIndex::new)?;
        Ok((global, self.module.global(global).content))
    }

    /// As [`Decoder::global`], for a global that must not be a vector.
    fn number_global(&self, index: u32) -> Checked<(GlobalIndex, ValType)> {
        let (global, ty) = self.global(index)?;
        if ty == ValType::V128 { Err(Fault::Type) } else { Ok((global, ty)) }
    }

    fn data(&self, index: u32) -> Checked<DataIndex> {
        self.index("data segment", &self.module.data, index).map(DataIndex::new)
    }

    fn element(&self, index: u32) -> Checked<ElemIndex> {
        self.index("element segment", &self.module.elements, index).map(ElemIndex::new)
    }
}
