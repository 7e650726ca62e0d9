//! Instruction selection: from the calls of a [`Sink`] to register IR.
//!
//! The selector decides which form an instruction takes. It looks back by one instruction, the *pending* one, which has
//! been selected but not emitted:
//!
//! * A copy of the temporary that the pending instruction computes changes that instruction: it computes the copy's
//!   destination instead (`result_folding`).
//! * A conditional branch on a pending comparison absorbs it (`compare_branch_fusion`).
//! * A load or store at the pending sum of a variable and a constant absorbs the addition (`address_folding`), and so does
//!   a load at the pending sum of two variables (`index_folding`).
//! * A conditional branch out of a loop and the branch back to its header behind it change places, and a conditional branch
//!   around an unconditional one becomes one branch, on the opposite condition. Both are held back until the next label
//!   shows where they are (`branch_inversion`).
//! * Any other consumer of a pending temporary reads it from the accumulator, if both instructions have the form
//!   (`accumulators`).
//!
//! Those that absorb a value are correct because a temporary is read once: when that read is absorbed, its slot is not
//! needed. Constants become part of the instruction if it has a form for them (`immediate_operands`), and are put into
//! their home slots otherwise.
//!
//! Copies of locals and constants between the pending instruction and its consumer (the arguments of a call, a local
//! saved from being overwritten) are emitted before the pending instruction if the order makes no difference. So they
//! do not separate the two.
//!
//! Control flow ends the window: at a label nothing is pending, and the accumulators are dead.

mod atomic;
mod control;
mod exception;
mod memory;
mod numeric;
mod table;
mod vector;
mod wide;
mod window;

use crate::config::TranslatorConfig;
use crate::faults::{Fault, faulty};
use crate::index::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use crate::ir::{Emitter, Inst};
use crate::module::{MemoryType, ModuleInfo};
use crate::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp, WideOp};
use crate::probe::{Point, ProbeSite};
use crate::sink::{
    Callee, Family, FamilySink, FuncHeader, Label, LabelKind, LiveAtCall, Operand, SeenByProbe, Sink, Slot,
};
use crate::trap::TrapCode;
use crate::types::{FuncType, ValType};

use window::Pending;

/// Selects register IR and streams it into an [`Emitter`].
pub struct Selector<'m, E> {
    module: &'m ModuleInfo,
    config: TranslatorConfig,
    emitter: E,
    pending: Option<Pending>,
    /// The target and offset of an unconditional branch, held back behind the conditional branch that is pending.
    jump: Option<(Label, u32)>,
    /// The headers of the loops that are open.
    loops: Vec<Label>,
    /// The offset of the operator that the current instructions come from.
    offset: u32,
    /// Whether a pending instruction can be absorbed at all, so that it pays to emit copies before it.
    overtaking: bool,
    /// The home of the lowest operand.
    first_temp: Slot,
    results: Vec<ValType>,
}

impl<'m, E: Emitter> Selector<'m, E> {
    /// Makes a selector for functions of `module`.
    pub fn new(module: &'m ModuleInfo, config: &TranslatorConfig, emitter: E) -> Selector<'m, E> {
        let TranslatorConfig {
            result_folding,
            compare_branch_fusion,
            accumulators,
            address_folding,
            index_folding,
            ..
        } = *config;
        Selector {
            module,
            config: *config,
            emitter,
            pending: None,
            jump: None,
            loops: Vec::new(),
            offset: 0,
            overtaking: result_folding || compare_branch_fusion || accumulators || address_folding || index_folding,
            first_temp: Slot(0),
            results: Vec::new(),
        }
    }

    /// The emitter.
    pub fn into_emitter(self) -> E {
        self.emitter
    }

    fn memory(&self, memory: MemoryIndex) -> MemoryType {
        *self.module.memory(memory)
    }
}

impl<E: Emitter> FamilySink for Selector<'_, E> {
    fn lacks(&mut self, family: Family) {
        unreachable!("register IR has {}", family.name());
    }
}

impl<E: Emitter> Sink for Selector<'_, E> {
    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.pending = None;
        self.jump = None;
        self.loops.clear();
        self.first_temp = func.frame.temp(0);
        self.results.clear();
        self.results.extend_from_slice(func.ty.results());
        self.emitter.begin(func);
    }

    fn end(&mut self, max_temps: u32) {
        self.flush();
        self.emitter.end(max_temps);
    }

    fn position(&mut self, offset: u32) {
        self.offset = offset;
    }

    fn bind(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.drop_jump(label);
        if !faulty(Fault::PendingAcrossLabel) {
            self.flush();
        }
        self.emitter.label(label, kind, operands);
        if kind == LabelKind::Loop {
            self.loops.push(label);
            self.emitter.loop_header(self.offset);
        }
    }

    fn is_probing(&self) -> bool {
        self.emitter.is_probing()
    }

    fn wants_calls(&self) -> bool {
        self.emitter.wants_calls()
    }

    fn live_at_call(&mut self, live: LiveAtCall<'_>) {
        self.emitter.call_site(self.offset, live);
    }

    fn choice(&self, point: &Point, at: u32) -> u64 {
        self.emitter.choice(point, at)
    }

    fn probe(&mut self, site: ProbeSite, seen: SeenByProbe<'_>) {
        self.flush();
        self.emitter.probe(site, seen);
    }

    fn close_loop(&mut self, label: Label) {
        debug_assert_eq!(self.loops.last(), Some(&label));
        self.loops.pop();
    }

    fn branch(&mut self, target: Label) {
        self.select_branch(target);
    }

    fn branch_if(&mut self, cond: Operand, negate: bool, target: Label) {
        self.select_branch_if(cond, negate, target);
    }

    fn branch_table(&mut self, index: Operand, targets: &[Label]) {
        let index = self.variable(ValType::I32, index);
        self.emit(Inst::BranchTable { index, targets: targets.into() });
    }

    fn ret(&mut self, values: &[Operand]) {
        self.select_return(values);
    }

    fn trap(&mut self, code: TrapCode) {
        self.emit(Inst::Trap { code });
    }

    fn fuel(&mut self, units: u32) {
        self.emit_fuel(units);
    }

    fn epoch(&mut self) {
        self.emit(Inst::Epoch);
    }

    fn call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.select_call(callee, ty, base, args);
    }

    fn return_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.select_return_call(callee, ty, base, args);
    }

    fn copy(&mut self, ty: ValType, dst: Slot, src: Operand) {
        self.select_copy(ty, dst, src);
    }

    fn copy_slots(&mut self, types: &[ValType], dst: Slot, src: Slot) {
        let count = types.iter().map(|ty| ty.slots()).sum();
        self.emit(Inst::CopySlots { dst, src, count });
    }

    fn select(&mut self, ty: ValType, dst: Slot, cond: Operand, if_true: Operand, if_false: Operand) {
        let if_true = self.slot(ty, if_true);
        let if_false = self.slot(ty, if_false);
        let cond = self.variable(ValType::I32, cond);
        self.emit(Inst::Select { ty, dst, cond, if_true, if_false });
    }

    fn unary(&mut self, op: UnaryOp, dst: Slot, src: Operand) {
        self.select_unary(op, dst, src);
    }

    fn binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand) {
        self.select_binary(op, dst, lhs, rhs);
    }

    fn wide(&mut self, op: WideOp, dst: Slot, operands: &[Operand]) {
        self.select_wide(op, dst, operands);
    }

    fn global_get(&mut self, ty: ValType, dst: Slot, global: GlobalIndex) {
        self.emit(Inst::GlobalGet { ty, dst: dst.into(), global });
    }

    fn global_set(&mut self, ty: ValType, global: GlobalIndex, src: Operand) {
        let src = self.variable(ty, src);
        self.emit(Inst::GlobalSet { ty, global, src });
    }

    fn load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        self.select_load(op, dst, memory, addr, offset);
    }

    fn store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Operand, offset: u64, value: Operand) {
        self.select_store(op, memory, addr, offset, value);
    }

    fn memory_size(&mut self, memory: MemoryIndex, dst: Slot) {
        self.emit(Inst::MemorySize { memory, dst });
    }

    fn memory_grow(&mut self, memory: MemoryIndex, dst: Slot, delta_pages: Operand) {
        let delta = self.slot(self.memory(memory).address_type(), delta_pages);
        self.emit(Inst::MemoryGrow { memory, dst, delta });
    }

    fn memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
        self.select_memory_fill(memory, dst, value, len);
    }

    fn memory_copy(
        &mut self,
        dst_memory: MemoryIndex,
        src_memory: MemoryIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        self.select_memory_copy(dst_memory, src_memory, dst, src, len);
    }

    fn memory_init(&mut self, memory: MemoryIndex, segment: DataIndex, dst: Operand, src: Operand, len: Operand) {
        self.select_memory_init(memory, segment, dst, src, len);
    }

    fn data_drop(&mut self, segment: DataIndex) {
        self.emit(Inst::DataDrop { segment });
    }

    fn table_get(&mut self, table: TableIndex, dst: Slot, index: Operand) {
        self.select_table_get(table, dst, index);
    }

    fn table_set(&mut self, table: TableIndex, index: Operand, value: Operand) {
        self.select_table_set(table, index, value);
    }

    fn table_size(&mut self, table: TableIndex, dst: Slot) {
        self.emit(Inst::TableSize { table, dst });
    }

    fn table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
        self.select_table_grow(table, dst, init, delta);
    }

    fn table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
        self.select_table_fill(table, dst, value, len);
    }

    fn table_copy(&mut self, dst_table: TableIndex, src_table: TableIndex, dst: Operand, src: Operand, len: Operand) {
        self.select_table_copy(dst_table, src_table, dst, src, len);
    }

    fn table_init(&mut self, table: TableIndex, segment: ElemIndex, dst: Operand, src: Operand, len: Operand) {
        self.select_table_init(table, segment, dst, src, len);
    }

    fn elem_drop(&mut self, segment: ElemIndex) {
        self.emit(Inst::ElemDrop { segment });
    }

    fn ref_func(&mut self, dst: Slot, function: FuncIndex) {
        self.emit(Inst::RefFunc { dst, function });
    }

    fn ref_is_null(&mut self, dst: Slot, src: Operand) {
        let src = self.variable(ValType::FuncRef, src);
        self.emit(Inst::RefIsNull { dst: dst.into(), src });
    }
}
