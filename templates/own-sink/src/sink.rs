//! A sink to learn on: integers, locals, control, and nothing else.

use riser_properties::translator::ValType;
use riser_properties::translator::ir::{Cond, Emitter, Function, Inst, Src};
use riser_properties::translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp, WideOp};
use riser_properties::translator::sink::{
    AtomicSink, Callee, ExceptionSink, Family, FamilySink, FuncHeader, Label, LabelKind, Operand, Sink, Slot,
    VectorSink,
};
use riser_properties::translator::types::FuncType;
use riser_properties::translator::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TrapCode};

// ANCHOR: state
/// Makes register IR in which every operand is in a slot, but for constants on the right.
pub struct Plain {
    pub function: Function,
    /// Where the instructions at hand come from.
    offset: u32,
    results: Vec<ValType>,
    /// A mistake to be found: a constant on the left of an operation changes places with the right operand,
    /// whatever the operation.
    pub swaps_everything: bool,
}
// ANCHOR_END: state

impl Plain {
    pub fn new(swaps_everything: bool) -> Plain {
        Plain { function: Function::new(), offset: 0, results: Vec::new(), swaps_everything }
    }

    // ANCHOR: helpers
    fn emit(&mut self, inst: Inst) {
        self.function.inst(&inst, self.offset);
    }

    /// The slot of an operand; a constant is brought to its home first.
    fn slot(&mut self, ty: ValType, operand: Operand) -> Slot {
        if let Operand::Const { bits, home } = operand {
            self.emit(Inst::Const { ty, dst: home.into(), bits });
        }
        operand.slot().unwrap_or(operand.home())
    }
    // ANCHOR_END: helpers
}

/// What the generated modules do not have.
const ABSENT: &str = "the generator was told to leave this out";

impl FamilySink for Plain {
    fn lacks(&mut self, _family: Family) {
        unreachable!("{ABSENT}");
    }
}

impl VectorSink for Plain {}

impl AtomicSink for Plain {}

impl ExceptionSink for Plain {}

impl Sink for Plain {
    // ANCHOR: binary
    fn binary(&mut self, op: BinaryOp, dst: Slot, mut lhs: Operand, mut rhs: Operand) {
        let ty = op.operand_type();
        if self.swaps_everything && matches!(lhs, Operand::Const { .. }) {
            std::mem::swap(&mut lhs, &mut rhs);
        }
        let lhs = self.slot(ty, lhs);
        let rhs = match rhs {
            Operand::Const { bits, .. } if ty == ValType::I32 => Src::Imm(bits),
            _ => Src::Slot(self.slot(ty, rhs)),
        };
        self.emit(Inst::Binary { op, dst: dst.into(), lhs: Src::Slot(lhs), rhs });
    }
    // ANCHOR_END: binary

    fn unary(&mut self, op: UnaryOp, dst: Slot, src: Operand) {
        let src = Src::Slot(self.slot(op.operand_type(), src));
        self.emit(Inst::Unary { op, dst: dst.into(), src });
    }

    fn select(&mut self, ty: ValType, dst: Slot, cond: Operand, if_true: Operand, if_false: Operand) {
        let cond = Src::Slot(self.slot(ValType::I32, cond));
        let if_true = self.slot(ty, if_true);
        let if_false = self.slot(ty, if_false);
        self.emit(Inst::Select { ty, dst, cond, if_true, if_false });
    }

    // ANCHOR: copy
    fn copy(&mut self, ty: ValType, dst: Slot, src: Operand) {
        match src {
            Operand::Const { bits, .. } => self.emit(Inst::Const { ty, dst: dst.into(), bits }),
            Operand::Local { slot, .. } | Operand::Temp(slot) => self.emit(Inst::Copy { ty, dst, src: slot }),
        }
    }
    // ANCHOR_END: copy

    // ANCHOR: control
    fn bind(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        self.function.label(label, kind, operands);
    }

    fn branch(&mut self, target: Label) {
        self.emit(Inst::Branch { target });
    }

    fn branch_if(&mut self, cond: Operand, negate: bool, target: Label) {
        let cond = Src::Slot(self.slot(ValType::I32, cond));
        let cond = if negate { Cond::Zero(cond) } else { Cond::NonZero(cond) };
        self.emit(Inst::BranchIf { cond, target });
    }

    fn branch_table(&mut self, index: Operand, targets: &[Label]) {
        let index = Src::Slot(self.slot(ValType::I32, index));
        self.emit(Inst::BranchTable { index, targets: targets.into() });
    }

    /// Results go to slots 0 and up, where parameters are that may be results: so all go home first.
    fn ret(&mut self, values: &[Operand]) {
        let types = self.results.clone();
        for (&ty, &value) in types.iter().zip(values) {
            if value.slot() != Some(value.home()) {
                self.copy(ty, value.home(), value);
            }
        }
        let mut dst = Slot(0);
        for (&ty, value) in types.iter().zip(values) {
            self.emit(Inst::Copy { ty, dst, src: value.home() });
            dst.0 += ty.slots();
        }
        self.emit(Inst::Return);
    }
    // ANCHOR_END: control

    fn begin(&mut self, func: &FuncHeader<'_>) {
        self.results = func.ty.results().to_vec();
        self.function.begin(func);
    }

    fn end(&mut self, max_temps: u32) {
        self.function.end(max_temps);
    }

    fn position(&mut self, offset: u32) {
        self.offset = offset;
    }

    fn trap(&mut self, code: TrapCode) {
        self.emit(Inst::Trap { code });
    }

    fn fuel(&mut self, units: u32) {
        self.emit(Inst::Fuel { units });
    }

    fn epoch(&mut self) {
        self.emit(Inst::Epoch);
    }

    // ANCHOR: absent
    fn load(&mut self, _: LoadOp, _: Slot, _: MemoryIndex, _: Operand, _: u64) {
        unreachable!("{ABSENT}");
    }
    // ANCHOR_END: absent

    fn store(&mut self, _: StoreOp, _: MemoryIndex, _: Operand, _: u64, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn call(&mut self, _: Callee, _: &FuncType, _: Slot, _: &[Operand]) {
        unreachable!("{ABSENT}");
    }

    fn return_call(&mut self, _: Callee, _: &FuncType, _: Slot, _: &[Operand]) {
        unreachable!("{ABSENT}");
    }

    fn wide(&mut self, _: WideOp, _: Slot, _: &[Operand]) {
        unreachable!("{ABSENT}");
    }

    fn global_get(&mut self, _: ValType, _: Slot, _: GlobalIndex) {
        unreachable!("{ABSENT}");
    }

    fn global_set(&mut self, _: ValType, _: GlobalIndex, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn memory_size(&mut self, _: MemoryIndex, _: Slot) {
        unreachable!("{ABSENT}");
    }

    fn memory_grow(&mut self, _: MemoryIndex, _: Slot, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn memory_fill(&mut self, _: MemoryIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn memory_copy(&mut self, _: MemoryIndex, _: MemoryIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn memory_init(&mut self, _: MemoryIndex, _: DataIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn data_drop(&mut self, _: DataIndex) {
        unreachable!("{ABSENT}");
    }

    fn table_get(&mut self, _: TableIndex, _: Slot, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn table_set(&mut self, _: TableIndex, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn table_size(&mut self, _: TableIndex, _: Slot) {
        unreachable!("{ABSENT}");
    }

    fn table_grow(&mut self, _: TableIndex, _: Slot, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn table_fill(&mut self, _: TableIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn table_copy(&mut self, _: TableIndex, _: TableIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn table_init(&mut self, _: TableIndex, _: ElemIndex, _: Operand, _: Operand, _: Operand) {
        unreachable!("{ABSENT}");
    }

    fn elem_drop(&mut self, _: ElemIndex) {
        unreachable!("{ABSENT}");
    }

    fn ref_func(&mut self, _: Slot, _: FuncIndex) {
        unreachable!("{ABSENT}");
    }

    fn ref_is_null(&mut self, _: Slot, _: Operand) {
        unreachable!("{ABSENT}");
    }
}
