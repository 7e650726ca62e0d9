//! The one list of all instructions of the code stream: for each a token, and the type with the instruction's body. The
//! [`Token`] enum, the handler tables of each dispatch strategy and the `match` of the switch are made from it.
//!
//! The token of an operation in the operation table consists of its name and its operands' places: `I32AddSai` is
//! `i32.add`, destination in a slot, left operand in the accumulator, right operand immediate. The pairs of
//! [`super::pairs`] come last.

/// Calls the macro `$callback` with `Token: body type;` for every instruction.
macro_rules! for_each_instruction {
    ($callback:ident) => {
        $crate::pairs::for_each_pair!($crate::tokens::with_pairs, $callback);
    };
}
pub(super) use for_each_instruction;

macro_rules! with_pairs {
    ($callback:ident $pairs:tt) => {
        riser_translator::for_each_operation_name!($crate::tokens::expand_instructions, $callback $pairs);
    };
}
pub(super) use with_pairs;

macro_rules! expand_instructions {
    (
        $callback:ident { $($First:ident: $($Second:ident)*;)* }
        binary IntBinaryOp { $($IB:ident)* }
        binary IntCompareOp { $($IC:ident)* }
        binary FloatBinaryOp { $($FB:ident)* }
        binary FloatCompareOp { $($FC:ident)* }
        unary { $($U:ident)* }
        load { $($L:ident)* }
        store { $($St:ident)* }
        wide { $($W:ident)* }
        $(vector $Part:ident { $($V:ident)* })*
        extract { $($E:ident)* }
        replace { $($P:ident)* }
        vector_load { $($VL:ident)* }
        vector_store { $($VS:ident)* }
        load_lane { $($LL:ident)* }
        store_lane { $($SL:ident)* }
        atomic { $($AT:ident)* }
    ) => { pastey::paste! { $callback! {
        Halt: control::Halt;
        Translate: call::Translate;
        Native: call::Native;
        Heat: control::Heat;
        Enter: control::Enter;
        Branch: control::Branch;
        BranchIfS: control::BranchIf<true, S>;
        BranchIfA: control::BranchIf<true, A>;
        BranchUnlessS: control::BranchIf<false, S>;
        BranchUnlessA: control::BranchIf<false, A>;
        BranchTableS: control::BranchTable<S>;
        BranchTableA: control::BranchTable<A>;
        Trap: control::Trap;
        Throw: exception::Throw;
        ThrowRef: exception::ThrowRef;
        Fuel: control::Fuel;
        Epoch: control::Epoch;
        Probe: control::Probe;
        CallDefined: call::CallDefined;
        CallImported: call::CallImported;
        CallIndirectS: call::CallIndirect<S>;
        CallIndirectA: call::CallIndirect<A>;
        ReturnCall: call::ReturnCall;
        ReturnCallIndirectS: call::ReturnCallIndirect<S>;
        ReturnCallIndirectA: call::ReturnCallIndirect<A>;
        Return: call::Return;
        ReturnValueS: call::ReturnValue<i64, S>;
        ReturnValueA: call::ReturnValue<i64, A>;
        ReturnF32A: call::ReturnValue<f32, A>;
        ReturnF64A: call::ReturnValue<f64, A>;
        ReturnConst: call::ReturnConst;
        Const32: numeric::Const32;
        Const64: numeric::Const64;
        ConstAcc: numeric::ConstAcc<i64>;
        ConstAccF32: numeric::ConstAcc<f32>;
        ConstAccF64: numeric::ConstAcc<f64>;
        Copy64: numeric::Copy64;
        CopyFar: numeric::CopyFar;
        CopySlots: numeric::CopySlots;
        SelectS: numeric::Select<S>;
        SelectA: numeric::Select<A>;
        RefIsNullSs: reference::RefIsNull<S, S>;
        RefIsNullSa: reference::RefIsNull<S, A>;
        RefIsNullAs: reference::RefIsNull<A, S>;
        RefIsNullAa: reference::RefIsNull<A, A>;
        RefFunc: reference::RefFunc;
        GlobalGetS: reference::GlobalGet<i64, S>;
        GlobalGetA: reference::GlobalGet<i64, A>;
        GlobalGetF32A: reference::GlobalGet<f32, A>;
        GlobalGetF64A: reference::GlobalGet<f64, A>;
        GlobalSetS: reference::GlobalSet<i64, S>;
        GlobalSetA: reference::GlobalSet<i64, A>;
        GlobalSetF32A: reference::GlobalSet<f32, A>;
        GlobalSetF64A: reference::GlobalSet<f64, A>;
        TableGet: table::TableGet;
        TableSet: table::TableSet;
        TableSize: table::TableSize;
        TableGrow: table::TableGrow;
        TableFill: table::TableFill;
        TableCopy: table::TableCopy;
        TableInit: table::TableInit;
        ElemDrop: table::ElemDrop;
        MemorySize: memory::MemorySize;
        MemoryGrow: memory::MemoryGrow;
        MemoryFill: memory::MemoryFill;
        MemoryCopy: memory::MemoryCopy;
        MemoryInit: memory::MemoryInit;
        DataDrop: memory::DataDrop;
        $(
            [<$IB Sss>]: Binary<op::$IB, S, S, S>;
            [<$IB Sas>]: Binary<op::$IB, S, A, S>;
            [<$IB Ssa>]: Binary<op::$IB, S, S, A>;
            [<$IB Ssi>]: Binary<op::$IB, S, S, I>;
            [<$IB Sai>]: Binary<op::$IB, S, A, I>;
            [<$IB Ass>]: Binary<op::$IB, A, S, S>;
            [<$IB Aas>]: Binary<op::$IB, A, A, S>;
            [<$IB Asa>]: Binary<op::$IB, A, S, A>;
            [<$IB Asi>]: Binary<op::$IB, A, S, I>;
            [<$IB Aai>]: Binary<op::$IB, A, A, I>;
        )*
        I32SubSis: Binary<op::I32Sub, S, I, S>;
        I32SubSia: Binary<op::I32Sub, S, I, A>;
        I32SubAis: Binary<op::I32Sub, A, I, S>;
        I32SubAia: Binary<op::I32Sub, A, I, A>;
        I32ShlSis: Binary<op::I32Shl, S, I, S>;
        I32ShlSia: Binary<op::I32Shl, S, I, A>;
        I32ShlAis: Binary<op::I32Shl, A, I, S>;
        I32ShlAia: Binary<op::I32Shl, A, I, A>;
        I32ShrUSis: Binary<op::I32ShrU, S, I, S>;
        I32ShrUSia: Binary<op::I32ShrU, S, I, A>;
        I32ShrUAis: Binary<op::I32ShrU, A, I, S>;
        I32ShrUAia: Binary<op::I32ShrU, A, I, A>;
        I32RotlSis: Binary<op::I32Rotl, S, I, S>;
        I32RotlSia: Binary<op::I32Rotl, S, I, A>;
        I32RotlAis: Binary<op::I32Rotl, A, I, S>;
        I32RotlAia: Binary<op::I32Rotl, A, I, A>;
        I64SubSis: Binary<op::I64Sub, S, I, S>;
        I64SubSia: Binary<op::I64Sub, S, I, A>;
        I64SubAis: Binary<op::I64Sub, A, I, S>;
        I64SubAia: Binary<op::I64Sub, A, I, A>;
        I64ShlSis: Binary<op::I64Shl, S, I, S>;
        I64ShlSia: Binary<op::I64Shl, S, I, A>;
        I64ShlAis: Binary<op::I64Shl, A, I, S>;
        I64ShlAia: Binary<op::I64Shl, A, I, A>;
        I64ShrUSis: Binary<op::I64ShrU, S, I, S>;
        I64ShrUSia: Binary<op::I64ShrU, S, I, A>;
        I64ShrUAis: Binary<op::I64ShrU, A, I, S>;
        I64ShrUAia: Binary<op::I64ShrU, A, I, A>;
        $(
            [<$IC Sss>]: Binary<op::$IC, S, S, S>;
            [<$IC Sas>]: Binary<op::$IC, S, A, S>;
            [<$IC Ssi>]: Binary<op::$IC, S, S, I>;
            [<$IC Sai>]: Binary<op::$IC, S, A, I>;
            [<$IC Ass>]: Binary<op::$IC, A, S, S>;
            [<$IC Aas>]: Binary<op::$IC, A, A, S>;
            [<$IC Asi>]: Binary<op::$IC, A, S, I>;
            [<$IC Aai>]: Binary<op::$IC, A, A, I>;
            [<Branch $IC Ss>]: control::BranchCompare<op::$IC, S, S>;
            [<Branch $IC As>]: control::BranchCompare<op::$IC, A, S>;
            [<Branch $IC Si>]: control::BranchCompare<op::$IC, S, I>;
            [<Branch $IC Ai>]: control::BranchCompare<op::$IC, A, I>;
        )*
        $(
            [<$FB Sss>]: Binary<op::$FB, S, S, S>;
            [<$FB Sas>]: Binary<op::$FB, S, A, S>;
            [<$FB Ssa>]: Binary<op::$FB, S, S, A>;
            [<$FB Ssi>]: Binary<op::$FB, S, S, I>;
            [<$FB Sai>]: Binary<op::$FB, S, A, I>;
            [<$FB Saa>]: Binary<op::$FB, S, A, A>;
            [<$FB Ass>]: Binary<op::$FB, A, S, S>;
            [<$FB Aas>]: Binary<op::$FB, A, A, S>;
            [<$FB Asa>]: Binary<op::$FB, A, S, A>;
            [<$FB Asi>]: Binary<op::$FB, A, S, I>;
            [<$FB Aai>]: Binary<op::$FB, A, A, I>;
            [<$FB Aaa>]: Binary<op::$FB, A, A, A>;
        )*
        $(
            [<$FC Sss>]: Binary<op::$FC, S, S, S>;
            [<$FC Sas>]: Binary<op::$FC, S, A, S>;
            [<$FC Ssi>]: Binary<op::$FC, S, S, I>;
            [<$FC Sai>]: Binary<op::$FC, S, A, I>;
            [<$FC Ass>]: Binary<op::$FC, A, S, S>;
            [<$FC Aas>]: Binary<op::$FC, A, A, S>;
            [<$FC Asi>]: Binary<op::$FC, A, S, I>;
            [<$FC Aai>]: Binary<op::$FC, A, A, I>;
        )*
        $(
            [<$U Ss>]: Unary<op::$U, S, S>;
            [<$U Sa>]: Unary<op::$U, S, A>;
            [<$U As>]: Unary<op::$U, A, S>;
            [<$U Aa>]: Unary<op::$U, A, A>;
        )*
        $(
            [<$L Ss>]: Load<op::$L, Explicit, S, S>;
            [<$L Sa>]: Load<op::$L, Explicit, S, A>;
            [<$L Si>]: Load<op::$L, Explicit, S, I>;
            [<$L SsSum>]: Load<op::$L, Explicit, S, Sum<S>>;
            [<$L SaSum>]: Load<op::$L, Explicit, S, Sum<A>>;
            [<$L Sss>]: Load<op::$L, Explicit, S, Index<S, S>>;
            [<$L Sas>]: Load<op::$L, Explicit, S, Index<A, S>>;
            [<$L Ssa>]: Load<op::$L, Explicit, S, Index<S, A>>;
            [<$L As>]: Load<op::$L, Explicit, A, S>;
            [<$L Aa>]: Load<op::$L, Explicit, A, A>;
            [<$L Ai>]: Load<op::$L, Explicit, A, I>;
            [<$L AsSum>]: Load<op::$L, Explicit, A, Sum<S>>;
            [<$L AaSum>]: Load<op::$L, Explicit, A, Sum<A>>;
            [<$L Ass>]: Load<op::$L, Explicit, A, Index<S, S>>;
            [<$L Aas>]: Load<op::$L, Explicit, A, Index<A, S>>;
            [<$L Asa>]: Load<op::$L, Explicit, A, Index<S, A>>;
            [<Guarded $L Ss>]: Load<op::$L, Guard, S, S>;
            [<Guarded $L Sa>]: Load<op::$L, Guard, S, A>;
            [<Guarded $L Si>]: Load<op::$L, Guard, S, I>;
            [<Guarded $L SsSum>]: Load<op::$L, Guard, S, Sum<S>>;
            [<Guarded $L SaSum>]: Load<op::$L, Guard, S, Sum<A>>;
            [<Guarded $L Sss>]: Load<op::$L, Guard, S, Index<S, S>>;
            [<Guarded $L Sas>]: Load<op::$L, Guard, S, Index<A, S>>;
            [<Guarded $L Ssa>]: Load<op::$L, Guard, S, Index<S, A>>;
            [<Guarded $L As>]: Load<op::$L, Guard, A, S>;
            [<Guarded $L Aa>]: Load<op::$L, Guard, A, A>;
            [<Guarded $L Ai>]: Load<op::$L, Guard, A, I>;
            [<Guarded $L AsSum>]: Load<op::$L, Guard, A, Sum<S>>;
            [<Guarded $L AaSum>]: Load<op::$L, Guard, A, Sum<A>>;
            [<Guarded $L Ass>]: Load<op::$L, Guard, A, Index<S, S>>;
            [<Guarded $L Aas>]: Load<op::$L, Guard, A, Index<A, S>>;
            [<Guarded $L Asa>]: Load<op::$L, Guard, A, Index<S, A>>;
            [<$L AnyS>]: memory::LoadAny<op::$L, S>;
            [<$L AnyA>]: memory::LoadAny<op::$L, A>;
        )*
        $(
            [<$St Ss>]: Store<op::$St, Explicit, S, S>;
            [<$St Sa>]: Store<op::$St, Explicit, S, A>;
            [<$St Si>]: Store<op::$St, Explicit, S, I>;
            [<$St As>]: Store<op::$St, Explicit, A, S>;
            [<$St Ai>]: Store<op::$St, Explicit, A, I>;
            [<$St Is>]: Store<op::$St, Explicit, I, S>;
            [<$St SumSs>]: Store<op::$St, Explicit, Sum<S>, S>;
            [<$St SumSa>]: Store<op::$St, Explicit, Sum<S>, A>;
            [<$St SumSi>]: Store<op::$St, Explicit, Sum<S>, I>;
            [<$St SumAs>]: Store<op::$St, Explicit, Sum<A>, S>;
            [<$St SumAi>]: Store<op::$St, Explicit, Sum<A>, I>;
            [<Guarded $St Ss>]: Store<op::$St, Guard, S, S>;
            [<Guarded $St Sa>]: Store<op::$St, Guard, S, A>;
            [<Guarded $St Si>]: Store<op::$St, Guard, S, I>;
            [<Guarded $St As>]: Store<op::$St, Guard, A, S>;
            [<Guarded $St Ai>]: Store<op::$St, Guard, A, I>;
            [<Guarded $St Is>]: Store<op::$St, Guard, I, S>;
            [<Guarded $St SumSs>]: Store<op::$St, Guard, Sum<S>, S>;
            [<Guarded $St SumSa>]: Store<op::$St, Guard, Sum<S>, A>;
            [<Guarded $St SumSi>]: Store<op::$St, Guard, Sum<S>, I>;
            [<Guarded $St SumAs>]: Store<op::$St, Guard, Sum<A>, S>;
            [<Guarded $St SumAi>]: Store<op::$St, Guard, Sum<A>, I>;
            [<$St Any>]: memory::StoreAny<op::$St>;
        )*
        VectorConst: vector::VectorConst;
        Copy128: vector::Copy128;
        CopyFar128: vector::CopyFar128;
        Select128S: vector::Select128<S>;
        Select128A: vector::Select128<A>;
        GlobalGet128: vector::GlobalGet128;
        GlobalSet128: vector::GlobalSet128;
        Shuffle: vector::Shuffle<false>;
        ShuffleSse41: vector::Shuffle<true>;
        I8x16AbsSse41: vector::Vector<sse41::I8x16Abs>;
        I16x8AbsSse41: vector::Vector<sse41::I16x8Abs>;
        I32x4AbsSse41: vector::Vector<sse41::I32x4Abs>;
        F32x4CeilSse41: vector::Vector<sse41::F32x4Ceil>;
        F32x4FloorSse41: vector::Vector<sse41::F32x4Floor>;
        F32x4TruncSse41: vector::Vector<sse41::F32x4Trunc>;
        F32x4NearestSse41: vector::Vector<sse41::F32x4Nearest>;
        F64x2CeilSse41: vector::Vector<sse41::F64x2Ceil>;
        F64x2FloorSse41: vector::Vector<sse41::F64x2Floor>;
        F64x2TruncSse41: vector::Vector<sse41::F64x2Trunc>;
        F64x2NearestSse41: vector::Vector<sse41::F64x2Nearest>;
        I64x2EqSse41: vector::Vector<sse41::I64x2Eq>;
        I8x16MinSSse41: vector::Vector<sse41::I8x16MinS>;
        I8x16MaxSSse41: vector::Vector<sse41::I8x16MaxS>;
        I16x8MinUSse41: vector::Vector<sse41::I16x8MinU>;
        I16x8MaxUSse41: vector::Vector<sse41::I16x8MaxU>;
        I32x4MinSSse41: vector::Vector<sse41::I32x4MinS>;
        I32x4MinUSse41: vector::Vector<sse41::I32x4MinU>;
        I32x4MaxSSse41: vector::Vector<sse41::I32x4MaxS>;
        I32x4MaxUSse41: vector::Vector<sse41::I32x4MaxU>;
        I32x4MulSse41: vector::Vector<sse41::I32x4Mul>;
        I16x8NarrowI32x4USse41: vector::Vector<sse41::I16x8NarrowI32x4U>;
        I8x16SwizzleSse41: vector::Vector<sse41::I8x16Swizzle>;
        I8x16RelaxedSwizzleSse41: vector::Vector<sse41::I8x16RelaxedSwizzle>;
        $($W: numeric::Wide<op::$W>;)*
        $($($V: vector::Vector<op::$V>;)*)*
        $($E: vector::ExtractLane<op::$E>;)*
        $($P: vector::ReplaceLane<op::$P>;)*
        $(
            $VL: vector::VectorLoad<op::$VL, Explicit>;
            [<Guarded $VL>]: vector::VectorLoad<op::$VL, Guard>;
            [<$VL Any>]: vector::VectorLoadAny<op::$VL>;
        )*
        $(
            $VS: vector::VectorStore<op::$VS, Explicit>;
            [<Guarded $VS>]: vector::VectorStore<op::$VS, Guard>;
            [<$VS Any>]: vector::VectorStoreAny<op::$VS>;
        )*
        $($AT: atomic::Atomic<op::$AT>;)*
        AtomicFence: atomic::Fence;
        $($LL: vector::LoadLane<op::$LL>;)*
        $($SL: vector::StoreLane<op::$SL>;)*
        $($(
            [<$First Then $Second>]: Pair<crate::tokens::body::$First, crate::tokens::body::$Second>;
        )*)*
    } } };
}
pub(super) use expand_instructions;

macro_rules! tokens {
    ($($Token:ident: $Body:ty;)*) => {
        /// An instruction of the code stream.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub(super) enum Token { $($Token,)* }

        /// Number of instructions.
        pub(super) const COUNT: usize = [$(Token::$Token),*].len();

        /// Names of the tokens, in order, each ended by a space.
        const NAMES: &str = concat!($(stringify!($Token), " "),*);
    };
}

for_each_instruction!(tokens);

/// The position of each token's name in [`NAMES`]. The names are in one string, so that nothing has to be relocated
/// when a process starts; a `&str` for each would cost every start of the command seventeen page faults.
static NAME_STARTS: [u32; COUNT + 1] = {
    let mut starts = [0; COUNT + 1];
    let (mut token, mut at) = (0, 0);
    while at < NAMES.len() {
        if NAMES.as_bytes()[at] == b' ' {
            token += 1;
            starts[token] = at as u32 + 1;
        }
        at += 1;
    }
    assert!(token == COUNT);
    starts
};

/// The name of the token with this number.
///
/// # Panics
///
/// If there is no such token.
pub(super) fn name(token: usize) -> &'static str {
    &NAMES[NAME_STARTS[token] as usize..NAME_STARTS[token + 1] as usize - 1]
}

/// The bodies by the names of their tokens.
#[expect(dead_code, reason = "only those in pairs are used")]
pub(super) mod body {
    use crate::access::{Explicit, Guard};
    use crate::handlers::memory::{Index, Load, Store, Sum};
    use crate::handlers::numeric::{Binary, Unary};
    use crate::handlers::{atomic, call, control, exception, memory, numeric, op, reference, table, vector};
    use crate::lanes::sse41;
    use crate::pairs::Pair;
    use crate::regs::{A, I, S};

    macro_rules! bodies {
        ($($Token:ident: $Body:ty;)*) => {
            $(pub(crate) type $Token = $Body;)*
        };
    }
    for_each_instruction!(bodies);
}

/// The first of the tokens of each operation. The tokens for other operand places follow it, in the order of the list
/// above.
pub(super) mod form {
    use super::Token;

    /// Number of forms of an integer operation on two values.
    const INT: usize = 10;
    /// Number of forms of a float operation on two values.
    const FLOAT: usize = 12;
    /// Number of forms of a comparison.
    const COMPARE: usize = 8;
    /// Number of forms of a load with its result in one place.
    pub(crate) const LOAD: usize = 8;

    macro_rules! first_forms {
        (
            binary IntBinaryOp { $($IB:ident)* }
            binary IntCompareOp { $($IC:ident)* }
            binary FloatBinaryOp { $($FB:ident)* }
            binary FloatCompareOp { $($FC:ident)* }
            unary { $($U:ident)* }
            load { $($L:ident)* }
            store { $($St:ident)* }
            wide { $($W:ident)* }
            $(vector $Part:ident { $($V:ident)* })*
            extract { $($E:ident)* }
            replace { $($P:ident)* }
            vector_load { $($VL:ident)* }
            vector_store { V128Store }
            load_lane { $($LL:ident)* }
            store_lane { $($SL:ident)* }
            atomic { $($A:ident)* }
        ) => { pastey::paste! {
            /// First form and number of forms of a binary operation.
            #[inline]
            pub(crate) fn binary(op: BinaryOp) -> (Token, usize) {
                match op {
                    $(BinaryOp::$IB => (Token::[<$IB Sss>], INT),)*
                    $(BinaryOp::$IC => (Token::[<$IC Sss>], COMPARE),)*
                    $(BinaryOp::$FB => (Token::[<$FB Sss>], FLOAT),)*
                    $(BinaryOp::$FC => (Token::[<$FC Sss>], COMPARE),)*
                }
            }

            /// First form of a binary operation whose left operand is an immediate.
            pub(crate) fn left_immediate(op: BinaryOp) -> Option<Token> {
                Some(match op {
                    BinaryOp::I32Sub => Token::I32SubSis,
                    BinaryOp::I32Shl => Token::I32ShlSis,
                    BinaryOp::I32ShrU => Token::I32ShrUSis,
                    BinaryOp::I32Rotl => Token::I32RotlSis,
                    BinaryOp::I64Sub => Token::I64SubSis,
                    BinaryOp::I64Shl => Token::I64ShlSis,
                    BinaryOp::I64ShrU => Token::I64ShrUSis,
                    _ => return None,
                })
            }

            /// Whether a binary operation has forms with the right operand in the accumulator.
            #[inline]
            pub(crate) fn has_right_acc(op: BinaryOp) -> bool {
                binary(op).1 != COMPARE
            }

            /// Whether a binary operation has forms with both operands in the accumulator: those that square.
            #[inline]
            pub(crate) fn has_both_acc(op: BinaryOp) -> bool {
                binary(op).1 == FLOAT
            }

            /// First form of a branch with a comparison in it.
            #[inline]
            pub(crate) fn branch(op: IntCompareOp) -> Token {
                match op { $(IntCompareOp::$IC => Token::[<Branch $IC Ss>],)* }
            }

            /// First form of a unary operation.
            #[inline]
            pub(crate) fn unary(op: UnaryOp) -> Token {
                match op { $(UnaryOp::$U => Token::[<$U Ss>],)* }
            }

            /// First form of a load.
            #[inline]
            pub(crate) fn load(op: LoadOp, bounds: Bounds) -> Token {
                match (op, bounds) {
                    $((LoadOp::$L, Bounds::Explicit) => Token::[<$L Ss>],)*
                    $((LoadOp::$L, Bounds::Guard) => Token::[<Guarded $L Ss>],)*
                }
            }

            /// First general form of a load.
            #[inline]
            pub(crate) fn load_any(op: LoadOp) -> Token {
                match op { $(LoadOp::$L => Token::[<$L AnyS>],)* }
            }

            /// First form of a store.
            #[inline]
            pub(crate) fn store(op: StoreOp, bounds: Bounds) -> Token {
                match (op, bounds) {
                    $((StoreOp::$St, Bounds::Explicit) => Token::[<$St Ss>],)*
                    $((StoreOp::$St, Bounds::Guard) => Token::[<Guarded $St Ss>],)*
                }
            }

            /// The general form of a store.
            #[inline]
            pub(crate) fn store_any(op: StoreOp) -> Token {
                match op { $(StoreOp::$St => Token::[<$St Any>],)* }
            }

            /// The token of a vector operation without immediates.
            pub(crate) fn vector(op: VectorOp) -> Token {
                match op { $($(VectorOp::$V => Token::$V,)*)* }
            }

            /// The token of an extraction of a lane.
            pub(crate) fn extract(op: ExtractOp) -> Token {
                match op { $(ExtractOp::$E => Token::$E,)* }
            }

            /// The token of a replacement of a lane.
            pub(crate) fn replace(op: ReplaceOp) -> Token {
                match op { $(ReplaceOp::$P => Token::$P,)* }
            }

            /// The token of a load from a 32-bit memory 0; without `bounds`, from any memory.
            pub(crate) fn vector_load(op: VectorLoadOp, bounds: Option<Bounds>) -> Token {
                match (op, bounds) {
                    $((VectorLoadOp::$VL, Some(Bounds::Explicit)) => Token::$VL,)*
                    $((VectorLoadOp::$VL, Some(Bounds::Guard)) => Token::[<Guarded $VL>],)*
                    $((VectorLoadOp::$VL, None) => Token::[<$VL Any>],)*
                }
            }

            /// As [`vector_load`], for stores.
            pub(crate) fn vector_store(bounds: Option<Bounds>) -> Token {
                match bounds {
                    Some(Bounds::Explicit) => Token::V128Store,
                    Some(Bounds::Guard) => Token::GuardedV128Store,
                    None => Token::V128StoreAny,
                }
            }

            /// The token of a load into a lane.
            pub(crate) fn load_lane(op: LoadLaneOp) -> Token {
                match op { $(LoadLaneOp::$LL => Token::$LL,)* }
            }

            /// The token of a store of a lane.
            pub(crate) fn store_lane(op: StoreLaneOp) -> Token {
                match op { $(StoreLaneOp::$SL => Token::$SL,)* }
            }

            /// The token of an operation of wide arithmetic.
            pub(crate) fn wide(op: WideOp) -> Token {
                match op { $(WideOp::$W => Token::$W,)* }
            }

            /// The token of an atomic operation.
            pub(crate) fn atomic(op: AtomicOp) -> Token {
                match op { $(AtomicOp::$A => Token::$A,)* }
            }
        } };
    }

    macro_rules! sse41_tokens {
        ($($Op:ident)*) => { pastey::paste! {
            /// The token of an operation's version for processors that have SSE4.1, if there is one.
            pub(crate) fn vector_sse41(op: VectorOp) -> Option<Token> {
                match op {
                    $(VectorOp::$Op => Some(Token::[<$Op Sse41>]),)*
                    _ => None,
                }
            }
        } };
    }

    use riser_translator::ops::{
        AtomicOp, BinaryOp, ExtractOp, IntCompareOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp,
        VectorLoadOp, VectorOp, WideOp,
    };

    use crate::dispatch::Bounds;

    riser_translator::for_each_operation_name!(first_forms);
    crate::lanes::for_each_sse41_operation!(sse41_tokens);

    /// The form `index` places after `first`, as a token's number.
    #[inline]
    pub(crate) fn nth(first: Token, index: usize) -> usize {
        first as usize + index
    }
}
