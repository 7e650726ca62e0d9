//! The forms of the instructions in the code stream, as data: the operation of each and the places of its operands.
//!
//! The list of instructions ([`crate::tokens`]) gives each token a type with its body, which is generic over
//! just these properties. [`Describe`] reads them back from the type, as a dispatch strategy reads back the code. The
//! [`FORMS`] of all tokens are made from the list, so that an instruction without a form does not compile.

use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, IntCompareOp, LoadLaneOp, LoadOp, ReplaceOp, SlotValue, StoreLaneOp, StoreOp,
    UnaryOp, VectorLoadOp, VectorOp, WideOp,
};
use riser_translator::types::ValType;

use crate::access::{Explicit, Guard};
use crate::handlers::memory::{Index, Load, LoadAny, Store, StoreAny, Sum};
use crate::handlers::numeric::{Binary, Unary};
use crate::handlers::op::Operation;
use crate::handlers::{atomic, call, control, exception, memory, numeric, op, reference, table, vector};
use crate::lanes::sse41;
use crate::pairs::Pair;
use crate::regs::{A, I, S};
use crate::tokens::{COUNT, for_each_instruction};

/// A place that varies at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Var {
    Slot,
    Acc,
}

/// The place of an operand that may be an immediate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Var(Var),
    Imm,
}

/// How an access to memory 0 gets its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Base(Place),
    Sum(Var),
    Index(Var, Var),
}

/// An instruction of the code stream. A type stands for its accumulator: `i64` for integers and references of all
/// types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Code that belongs to no function, and instrumentation that no IR has.
    Stub,
    Enter,
    Branch,
    BranchIf {
        when: bool,
        cond: Var,
    },
    BranchCompare {
        op: IntCompareOp,
        lhs: Var,
        rhs: Place,
    },
    BranchTable {
        index: Var,
    },
    Trap,
    Throw,
    ThrowRef,
    Fuel,
    Epoch,
    CallDefined,
    CallImported,
    CallIndirect {
        index: Var,
    },
    ReturnCall,
    ReturnCallIndirect {
        index: Var,
    },
    Return,
    ReturnValue {
        ty: ValType,
        src: Var,
    },
    ReturnConst,
    Const32,
    Const64,
    ConstAcc {
        ty: ValType,
    },
    Copy64,
    CopyFar,
    CopySlots,
    Select {
        cond: Var,
    },
    Unary {
        op: UnaryOp,
        dst: Var,
        src: Var,
    },
    Binary {
        op: BinaryOp,
        dst: Var,
        lhs: Place,
        rhs: Place,
    },
    RefIsNull {
        dst: Var,
        src: Var,
    },
    RefFunc,
    GlobalGet {
        ty: ValType,
        dst: Var,
    },
    GlobalSet {
        ty: ValType,
        src: Var,
    },
    TableGet,
    TableSet,
    TableSize,
    TableGrow,
    TableFill,
    TableCopy,
    TableInit,
    ElemDrop,
    /// An access to a 32-bit memory 0. Its form does not depend on the bounds strategy.
    Load {
        op: LoadOp,
        dst: Var,
        addr: Address,
    },
    /// As `Load`.
    Store {
        op: StoreOp,
        addr: Address,
        value: Place,
    },
    /// An access to any memory.
    LoadAny {
        op: LoadOp,
        dst: Var,
    },
    /// As `LoadAny`.
    StoreAny {
        op: StoreOp,
    },
    MemorySize,
    MemoryGrow,
    MemoryFill,
    MemoryCopy,
    MemoryInit,
    DataDrop,
    VectorConst,
    Copy128,
    CopyFar128,
    Select128 {
        cond: Var,
    },
    GlobalGet128,
    GlobalSet128,
    Vector(VectorOp),
    /// Wide arithmetic.
    Wide(WideOp),
    /// As `VectorLoadAny`.
    Atomic(AtomicOp),
    AtomicFence,
    Shuffle,
    ExtractLane(ExtractOp),
    ReplaceLane(ReplaceOp),
    /// An access to a 32-bit memory 0. Its form does not depend on the bounds strategy.
    VectorLoad(VectorLoadOp),
    /// As `VectorLoad`.
    VectorStore,
    /// An access to any memory.
    VectorLoadAny(VectorLoadOp),
    /// As `VectorLoadAny`.
    VectorStoreAny,
    /// As `VectorLoadAny`.
    LoadLane(LoadLaneOp),
    /// As `VectorLoadAny`.
    StoreLane(StoreLaneOp),
}

/// The body of an instruction, which knows its form.
trait Describe {
    const FORM: Form;
}

macro_rules! forms {
    ($($Token:ident: $Body:ty;)*) => {
        /// The form of each instruction, by token.
        pub(super) static FORMS: [Form; COUNT] = [$(<$Body as Describe>::FORM),*];
    };
}

for_each_instruction!(forms);

/// A pair has the form of its first instruction. The second one follows with a head of its own.
impl<A: Describe, B> Describe for Pair<A, B> {
    const FORM: Form = A::FORM;
}

/// A type that stands for a place: [`S`] and [`A`].
trait Variable {
    const VAR: Var;
}

impl Variable for S {
    const VAR: Var = Var::Slot;
}

impl Variable for A {
    const VAR: Var = Var::Acc;
}

/// A type that stands for a place or an immediate: [`S`], [`A`] and [`I`].
trait Operand {
    const PLACE: Place;
}

impl<V: Variable> Operand for V {
    const PLACE: Place = Place::Var(V::VAR);
}

impl Operand for I {
    const PLACE: Place = Place::Imm;
}

/// A type that stands for an address: the operands, [`Sum`] of a variable, and [`Index`] of two.
trait Addressing {
    const ADDRESS: Address;
}

impl<P: Operand> Addressing for P {
    const ADDRESS: Address = Address::Base(P::PLACE);
}

impl<V: Variable> Addressing for Sum<V> {
    const ADDRESS: Address = Address::Sum(V::VAR);
}

impl<B: Variable, X: Variable> Addressing for Index<B, X> {
    const ADDRESS: Address = Address::Index(B::VAR, X::VAR);
}

/// Describes bodies that are types without parameters.
macro_rules! describe {
    ($($Body:ty => $Form:ident;)*) => {
        $(impl Describe for $Body {
            const FORM: Form = Form::$Form;
        })*
    };
}

describe! {
    control::Halt => Stub;
    call::Translate => Stub;
    call::Native => Stub;
    control::Heat => Stub;
    control::Probe => Stub;
    control::Enter => Enter;
    control::Branch => Branch;
    control::Trap => Trap;
    exception::Throw => Throw;
    exception::ThrowRef => ThrowRef;
    control::Fuel => Fuel;
    control::Epoch => Epoch;
    call::CallDefined => CallDefined;
    call::CallImported => CallImported;
    call::ReturnCall => ReturnCall;
    call::Return => Return;
    call::ReturnConst => ReturnConst;
    numeric::Const32 => Const32;
    numeric::Const64 => Const64;
    numeric::Copy64 => Copy64;
    numeric::CopyFar => CopyFar;
    numeric::CopySlots => CopySlots;
    reference::RefFunc => RefFunc;
    table::TableGet => TableGet;
    table::TableSet => TableSet;
    table::TableSize => TableSize;
    table::TableGrow => TableGrow;
    table::TableFill => TableFill;
    table::TableCopy => TableCopy;
    table::TableInit => TableInit;
    table::ElemDrop => ElemDrop;
    memory::MemorySize => MemorySize;
    memory::MemoryGrow => MemoryGrow;
    memory::MemoryFill => MemoryFill;
    memory::MemoryCopy => MemoryCopy;
    memory::MemoryInit => MemoryInit;
    memory::DataDrop => DataDrop;
    atomic::Fence => AtomicFence;
    vector::VectorConst => VectorConst;
    vector::Copy128 => Copy128;
    vector::CopyFar128 => CopyFar128;
    vector::GlobalGet128 => GlobalGet128;
    vector::GlobalSet128 => GlobalSet128;
    vector::Shuffle<false> => Shuffle;
    vector::Shuffle<true> => Shuffle;
}

impl<const WHEN: bool, C: Variable> Describe for control::BranchIf<WHEN, C> {
    const FORM: Form = Form::BranchIf { when: WHEN, cond: C::VAR };
}

impl<Op: Operation<IntCompareOp>, L: Variable, R: Operand> Describe for control::BranchCompare<Op, L, R> {
    const FORM: Form = Form::BranchCompare { op: Op::OP, lhs: L::VAR, rhs: R::PLACE };
}

impl<X: Variable> Describe for control::BranchTable<X> {
    const FORM: Form = Form::BranchTable { index: X::VAR };
}

impl<X: Variable> Describe for call::CallIndirect<X> {
    const FORM: Form = Form::CallIndirect { index: X::VAR };
}

impl<X: Variable> Describe for call::ReturnCallIndirect<X> {
    const FORM: Form = Form::ReturnCallIndirect { index: X::VAR };
}

impl<T: SlotValue, X: Variable> Describe for call::ReturnValue<T, X> {
    const FORM: Form = Form::ReturnValue { ty: T::TYPE, src: X::VAR };
}

impl<T: SlotValue> Describe for numeric::ConstAcc<T> {
    const FORM: Form = Form::ConstAcc { ty: T::TYPE };
}

impl<C: Variable> Describe for numeric::Select<C> {
    const FORM: Form = Form::Select { cond: C::VAR };
}

impl<Op: Operation<UnaryOp>, D: Variable, X: Variable> Describe for Unary<Op, D, X> {
    const FORM: Form = Form::Unary { op: Op::OP, dst: D::VAR, src: X::VAR };
}

impl<Op: Operation<BinaryOp>, D: Variable, L: Operand, R: Operand> Describe for Binary<Op, D, L, R> {
    const FORM: Form = Form::Binary { op: Op::OP, dst: D::VAR, lhs: L::PLACE, rhs: R::PLACE };
}

impl<D: Variable, X: Variable> Describe for reference::RefIsNull<D, X> {
    const FORM: Form = Form::RefIsNull { dst: D::VAR, src: X::VAR };
}

impl<T: SlotValue, D: Variable> Describe for reference::GlobalGet<T, D> {
    const FORM: Form = Form::GlobalGet { ty: T::TYPE, dst: D::VAR };
}

impl<T: SlotValue, X: Variable> Describe for reference::GlobalSet<T, X> {
    const FORM: Form = Form::GlobalSet { ty: T::TYPE, src: X::VAR };
}

impl<Op: Operation<LoadOp>, B, D: Variable, X: Addressing> Describe for Load<Op, B, D, X> {
    const FORM: Form = Form::Load { op: Op::OP, dst: D::VAR, addr: X::ADDRESS };
}

impl<Op: Operation<StoreOp>, B, X: Addressing, V: Operand> Describe for Store<Op, B, X, V> {
    const FORM: Form = Form::Store { op: Op::OP, addr: X::ADDRESS, value: V::PLACE };
}

impl<Op: Operation<LoadOp>, D: Variable> Describe for LoadAny<Op, D> {
    const FORM: Form = Form::LoadAny { op: Op::OP, dst: D::VAR };
}

impl<Op: Operation<StoreOp>> Describe for StoreAny<Op> {
    const FORM: Form = Form::StoreAny { op: Op::OP };
}

impl<C: Variable> Describe for vector::Select128<C> {
    const FORM: Form = Form::Select128 { cond: C::VAR };
}

impl<Op: Operation<VectorOp>> Describe for vector::Vector<Op> {
    const FORM: Form = Form::Vector(Op::OP);
}

impl<Op: Operation<ExtractOp>> Describe for vector::ExtractLane<Op> {
    const FORM: Form = Form::ExtractLane(Op::OP);
}

impl<Op: Operation<ReplaceOp>> Describe for vector::ReplaceLane<Op> {
    const FORM: Form = Form::ReplaceLane(Op::OP);
}

impl<Op: Operation<WideOp>> Describe for numeric::Wide<Op> {
    const FORM: Form = Form::Wide(Op::OP);
}

impl<Op: Operation<AtomicOp>> Describe for atomic::Atomic<Op> {
    const FORM: Form = Form::Atomic(Op::OP);
}

impl<Op: Operation<VectorLoadOp>, B> Describe for vector::VectorLoad<Op, B> {
    const FORM: Form = Form::VectorLoad(Op::OP);
}

impl<Op, B> Describe for vector::VectorStore<Op, B> {
    const FORM: Form = Form::VectorStore;
}

impl<Op: Operation<VectorLoadOp>> Describe for vector::VectorLoadAny<Op> {
    const FORM: Form = Form::VectorLoadAny(Op::OP);
}

impl<Op> Describe for vector::VectorStoreAny<Op> {
    const FORM: Form = Form::VectorStoreAny;
}

impl<Op: Operation<LoadLaneOp>> Describe for vector::LoadLane<Op> {
    const FORM: Form = Form::LoadLane(Op::OP);
}

impl<Op: Operation<StoreLaneOp>> Describe for vector::StoreLane<Op> {
    const FORM: Form = Form::StoreLane(Op::OP);
}
