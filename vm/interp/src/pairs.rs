//! Pairs: two instructions that often follow each other, executed with one dispatch.
//!
//! If the second instruction of a pair comes right behind the first, in the same basic block, the encoder gives the
//! first one the head of the pair. Nothing else in the code changes: both instructions keep their words, and the second
//! one keeps its head. So the second instruction can still be reached in other ways (a trap's backtrace, a branch), and
//! distances of branches stay the same.
//!
//! A pair's body is the first body followed by the second ([`Pair`]), compiled as one function. A value that the first
//! leaves in an accumulator never leaves the machine register, and the indirect jump between the two, which costs more
//! than most bodies, is gone.
//!
//! The list is data. It has the pairs that were executed most, by counts as `riser profile` gives them, over the
//! programs of `benches/programs`, CoreMark, PolyBench, libsodium, MiBench and Ostrich. Each set has a weight, which
//! its programs share equally. The list also has the rest of these pairs' families, because other programs may use
//! another member: an increment and any branch on a comparison, a comparison and a selection. The first
//! instruction of a pair does not branch, call or return. Ertl and Gregg call such pairs *static superinstructions*
//! ("Optimizing indirect branch prediction accuracy in virtual machine interpreters", PLDI 2003).

use std::marker::PhantomData;

use super::regs::{Flow, Handler, Regs};
use super::tokens::{COUNT, Token, body};

/// Calls the macro `$callback` with `$arg` and then, in braces, `First: Second Second...;` for
/// the tokens of every pair.
macro_rules! for_each_pair {
    ($($callback:ident)::+ $(, $arg:ident)?) => {
        $($callback)::+! {
            $($arg)?
            {
                I32AddSsi: Branch BranchI32EqAi BranchI32EqAs BranchI32EqSi BranchI32EqSs BranchI32GeSAi
                    BranchI32GeSAs BranchI32GeSSi BranchI32GeSSs BranchI32GeUAi BranchI32GeUAs
                    BranchI32GeUSi BranchI32GeUSs BranchI32GtSAi BranchI32GtSAs BranchI32GtSSi
                    BranchI32GtSSs BranchI32GtUAi BranchI32GtUAs BranchI32GtUSi BranchI32GtUSs
                    BranchI32LeSAi BranchI32LeSAs BranchI32LeSSi BranchI32LeSSs BranchI32LeUAi
                    BranchI32LeUAs BranchI32LeUSi BranchI32LeUSs BranchI32LtSAi BranchI32LtSAs
                    BranchI32LtSSi BranchI32LtSSs BranchI32LtUAi BranchI32LtUAs BranchI32LtUSi
                    BranchI32LtUSs BranchI32NeAi BranchI32NeAs BranchI32NeSi BranchI32NeSs BranchIfA
                    BranchIfS BranchUnlessA BranchUnlessS CallDefined Const32 Copy64 F64LoadAa F64LoadSa
                    I32AddAsa I32AddAsi I32AddSsi I32AddSss I32Load8UAa I32Load8USa I32Load8USi
                    I32Load8USs I32LtUSss I32ShlAai I32ShlAsi I32ShlSsi I32ShrUAsi I32ShrUSsi I32StoreSa
                    I32SubSsi I64AddSsi I64LoadAa;
                I32SubSsi: BranchI32EqAi BranchI32EqAs BranchI32EqSi BranchI32EqSs BranchI32GeSAi
                    BranchI32GeSAs BranchI32GeSSi BranchI32GeSSs BranchI32GeUAi BranchI32GeUAs
                    BranchI32GeUSi BranchI32GeUSs BranchI32GtSAi BranchI32GtSAs BranchI32GtSSi
                    BranchI32GtSSs BranchI32GtUAi BranchI32GtUAs BranchI32GtUSi BranchI32GtUSs
                    BranchI32LeSAi BranchI32LeSAs BranchI32LeSSi BranchI32LeSSs BranchI32LeUAi
                    BranchI32LeUAs BranchI32LeUSi BranchI32LeUSs BranchI32LtSAi BranchI32LtSAs
                    BranchI32LtSSi BranchI32LtSSs BranchI32LtUAi BranchI32LtUAs BranchI32LtUSi
                    BranchI32LtUSs BranchI32NeAi BranchI32NeAs BranchI32NeSi BranchI32NeSs BranchIfA
                    BranchIfS BranchUnlessA BranchUnlessS;
                I32AddAas: F64ConvertI32USa F64LoadAas F64LoadSas I32AddAas I32AddSai I32AddSas
                    I32RotlAai I32ShlAai I32Store16As I32StoreSa;
                Copy64: Branch BranchI32NeSi BranchIfA BranchIfS CallDefined Const32 Copy64 F32MulSaa
                    F32MulSas F32SubAss F64AddSss F64LoadAas F64MulSaa F64MulSas F64SubAss I32AddAas
                    I32AddSsa I32AddSsi I32AndAas I32LoadSa I32LoadSs I32RotlSai I32ShlAsi I32XorAsi
                    I64LoadAa;
                I32AddAss: F64LoadAas F64LoadSas I32AddAas I32RotlAai I32Store8Ai I32Store8As
                    ReturnValueA;
                I32AddSas: Const32 Copy64 F64LoadAaSum F64LoadSa F64LoadSaSum F64LoadSas F64LoadSss
                    I32AddAas I32AddAss I32AddSsa I32AddSsi I32Load16SSss I32LoadAsSum I32LoadSa
                    I32LoadSaSum I32LoadSas I32LoadSsSum I32Store8Sa I32XorAas I64LoadSa;
                I32AddSss: BranchI32LtUAs Copy64 I32AddAai I32AddAss I32AddSai I32AddSas I32AddSsi
                    I32LeSAss I32Load8USa I32ShlAsi I32SubAai I32SubSsi I32XorAas I32XorAsa I64Load32UAa;
                Const32: Branch BranchTableS Const32 Copy64 I32AddSsi I32GtUAsi I32Load16USs I32LoadSs
                    I32SubAsi SelectS;
                I32AndAsi: BranchI32EqAi BranchI32EqAs BranchI32NeAi BranchIfA BranchTableA
                    BranchUnlessA I32AddAas I32EqSas I32ShlAai I32ShrUAsa I32XorAas SelectA;
                I32LoadSs: BranchI32EqSs BranchI32LtUSs BranchI32NeAi BranchIfA BranchUnlessA I32AddAai
                    I32AddSsi I32LoadAs I32LoadSs I32ShlAss I64ShrUAsi;
                I32AndAai: BranchI32EqAi BranchI32GeUAi BranchI32NeAi BranchIfA BranchUnlessA
                    I32Load8UAaSum I32LoadAaSum I32MulAas I32ShrUAsa SelectA;
                I32StoreSa: Branch Copy64 I32AddAss I32AddSsi I32AddSss I32LoadAs I32LoadSsSum I32ShlAsi;
                I32XorAas: BranchUnlessA I32AddAas I32AddSas I32AndAai I32MulSai I32RotlSai I32Store8Sa
                    I32XorSai;
                F64AddSsa: F64LoadAsSum F64LoadAss F64LoadSss F64SqrtAa F64StoreIs F64StoreSa I32AddAss
                    I32AddSsi I32AddSss;
                F64StoreSa: BranchI32NeSi Copy64 F64LoadSs F64LoadSsSum I32AddSsi I32OrAsi I32OrSsi;
                I32AddAsi: GlobalSetA I32AddSas I32AndAai I32AndSas I32LtSAas I32Store8Sa I32StoreSa;
                I32AddSai: I32AddSsi I32LoadAa I32LoadAs I32LoadSa I32ShlAsi I32ShrUAai I32XorAsi;
                I32LoadAs: BranchI32NeAi BranchI32NeAs BranchIfA BranchUnlessA I32AddAai I32AddAas
                    I32AddSas I32EqSas I32Load16USa I32Load8USa;
                I32ShlAsi: F64LoadAas F64LoadSas I32AddAas I32AddSai I32AddSas I32LoadAaSum I32LoadAas
                    I32LoadSas I32OrAas I32OrSas I32XorSas;
                F64LoadSa: Copy64 F64LoadAs F64LoadAss F64LoadSs F64LoadSss F64MulAss I32AddAss
                    I32MulAsi;
                F64LoadSs: F64LoadAa F64LoadAs F64LoadAss F64MulAss I32AddAss I32AddSsi I32MulAsi;
                I32RotlSai: Copy64 I32AddSas I32AddSsa I32AddSsi I32RotlAsi I32XorAss;
                I32ShlSsi: F64LoadAsa F64LoadSsa I32AddAsa I32AddSai I32AddSsa I32LoadAaSum I32LoadAsa
                    I32LoadSsa I32MulSsi I32OrAsa;
                I32ShrUAai: I32AddAas I32AddSas I32AndAai I32AndSai I32XorAas I32XorSas;
                F64LoadAa: F64AddAsa F64AddSsa F64MulAsa F64MulSai F64SubSas;
                F64MulSsa: ConstAccF64 F64LoadAi F64LoadAss F64LoadSs F64MulSss I32AddAss;
                I32AddAai: BranchTableA I32MulAas I32StoreSa I32XorSas I64ExtendI32USa;
                I32LoadAa: BranchI32NeAs BranchIfA BranchTableA BranchUnlessA I32AddAai I32AddAas
                    I32AddSas;
                I32LoadSa: BranchIfA BranchUnlessA I32AddAsi I32AddSsi I32LoadSi I32NeSai SelectS;
                I32ShlAai: F64LoadAas F64LoadSas I32AddAas I32AddSas I32Load16SAas I32Load16SSas
                    I32LoadAaSum I32LoadAas I32LoadSas I32OrSas I32XorSas;
                I32ShrUAsi: I32AddAas I32AndAai I32Load8UAaSum I32ShlSia I32Store8Sa I32SubSia I32XorAas;
                I32XorSas: I32AddAas I32RotlAsi I32ShlAai I32ShrUAai I32ShrUAsi;
                F64AddAsa: F64AddAsa F64LeAai F64MulAai F64StoreSa;
                F64MulAsa: F64AddAsa F64AddSas F64AddSsa F64SubAsa;
                I32AddSsa: F64LoadSa I32AddSss I32XorAas I32XorAsa;
                I32AndSas: Copy64 I32AndAas I32AndAss I32ShlAai;
                I32Load8USs: BranchI32EqAi BranchI32NeSs BranchIfA BranchUnlessA I32AddAai I32Load8USs;
                I32StoreSs: Copy64 I32AddSsi I32MulAsi ReturnValueS;
                I64Store32Sa: I32AddSsi I64MulAai I64MulAas I64ShrUSai;
                SelectS: BranchUnlessA I32AddAas I32AddSas SelectS;
                F64LoadAs: F64AddSsa F64MulAsa F64MulSai;
                F64LoadSsSum: F64LoadAaSum F64LoadAsSum F64MulSsa;
                F64MulAai: F64AddAsa F64AddSsa F64StoreSa;
                F64MulAss: F64AddSas F64MulAas F64MulAsa;
                F64MulSai: F64LoadAas F64LoadAs F64LoadAss I32AddAss I32MulAsi;
                I32AddAsa: F64LoadAas F64LoadSa F64LoadSas I32AddAas I32AddSas I32Load8USas;
                I32AndAas: BranchIfA BranchUnlessA I32OrAas;
                I32AndSai: Const32 I32ShrUAsi I32XorSai;
                I32Load16USs: I32AndAsi I32Load16UAs I32MulAai;
                I32Load8UAs: BranchI32EqAi BranchIfA BranchUnlessA I32AddSas I32Load8USaSum I32Store8Sa;
                I32MulAsi: F64LoadAas F64LoadSas I32AddAas I32AddSai I32AddSas I32LoadAas I32LoadSas;
                I32OrAas: I32AddSas I32ShrUAai I32StoreSa;
                I32OrSsi: I32AddAsa I32AddSsa I32ShlAai;
                I32Store8Sa: I32AddSsi I32ShrUAsi I32Store8Ss;
                I32XorSai: I32AndAsi I32ShrUAsi I32StoreIs;
                I64AddSas: I32AddAss I64AddSsa I64Load32UAss I64Load32USss I64RotlAsi;
                I64Load32UAs: I64AddSas I64MulAas I64OrSas;
                I64MulAas: I64AddSas I64OrSai I64ShrUAai;
                SelectA: I32ShrUAai I32StoreSa ReturnValueA;
                ConstAcc: I64AndSas I64MulAas;
                F32MulSas: F32AddAsa F32MulAss;
                F64AddAas: F64AddSsa F64DivAai;
                F64LoadAsSum: F64MulSsa F64SubSas;
                F64LoadSaSum: F64LoadSaSum I32MulAsi;
                F64MulAas: F64AddAsa F64AddSsa;
                F64SubAsa: F64MulAai F64StoreSa;
                I32EqSas: Branch BranchIfA;
                I32Load16USa: BranchUnlessA I32AndAsi;
                I32Load8USa: BranchIfA BranchUnlessA I32AddSsi I32AndAsi;
                I32LoadAaSum: BranchTableA I32XorSas;
                I32LoadSaSum: BranchI32EqAi I32ShlAsi;
                I32LoadSsSum: I32LoadSsSum I32RotlSai;
                I32MulAai: I32AddSai I32AddSas;
                I32MulAas: I32AddSas I32ShrUAai;
                I32MulSas: I32Load16SAsSum I32ShrUAai;
                I32RotlAsi: I32XorAas I32XorSas;
                I32SubAai: F64LoadAa F64LoadSa;
                I32SubAss: F64ConvertI32SSa ReturnValueA;
                I32XorAss: I32AndSas I32RotlSai;
                I64AddAas: I64AddSas I64StoreSa;
                I64MulAss: I64AddSas I64SubAsa;
                I64RotlAsi: I64AddSas I64XorSas;
                I64StoreSumSs: I32AddSsi I64StoreSumSs;
                I64XorSas: ConstAcc I64RotlAsi;
                F32AddAas: F32AddSsa;
                F32AddAsa: F32LeAai;
                F32AddSas: F32MulSaa F32MulSas;
                F32AddSsa: I32AddSsi;
                F32AddSss: Copy64;
                F32LeAai: BranchIfA;
                F32LoadAs: F32MulAsa;
                F32LoadAsSum: F32MulSsa;
                F32LoadSs: F32LoadAs;
                F32LoadSsSum: F32LoadAsSum;
                F32MulAsa: F32AddAas;
                F32MulAss: F32AddSas;
                F32MulSsa: F32LoadSs;
                F32SubAss: F32AddSas;
                F64AddSas: Copy64 F64MulSaa;
                F64AddSss: Copy64;
                F64ConvertI32SAa: F64DivAai;
                F64ConvertI32SSa: F64AddAas;
                F64ConvertI32USa: ConstAccF64;
                F64DivAai: F64StoreSa;
                F64LeAai: BranchIfA;
                F64LoadAaSum: F64MulAsa;
                F64LoadAi: F64MulAai;
                F64LoadSi: F64LoadAi;
                F64MulSas: F64AddAsa;
                F64MulSss: F64LoadAsSum;
                F64SqrtAa: F64MulSsa;
                F64StoreIs: F64LoadSi;
                F64SubAss: F64AddSas;
                F64SubSas: F64MulAaa F64MulAas;
                F64SubSsa: F64StoreSa;
                GlobalGetA: I32SubSai;
                I32AndAss: I32XorAas;
                I32AndSsi: BranchIfA BranchUnlessA Const32;
                I32GtSAas: SelectA;
                I32GtUAai: BranchIfA;
                I32GtUSss: Const32;
                I32LeSAss: I32AndAas SelectA;
                I32Load16SAsSum: I32MulAas;
                I32Load16SSs: I32Load16SAs;
                I32Load16UAs: I32EqSas;
                I32Load8UAa: BranchIfA BranchUnlessA I32Store8Sa;
                I32Load8UAaSum: I32Store8Sa;
                I32Load8UAsSum: I32XorAas;
                I32Load8USaSum: BranchI32EqAi;
                I32Load8USi: BranchIfA;
                I32LoadAsSum: I32AddSas;
                I32LoadSi: BranchI32EqSs;
                I32LtSAas: I32ShlAai;
                I32LtSAss: SelectA;
                I32LtUAss: SelectA;
                I32LtUSsi: I32AddSsi;
                I32LtUSss: I32AddSsi;
                I32MulSsi: I32AddAsa;
                I32NeSai: I32AddSss;
                I32OrAsa: I32ShrUAai;
                I32OrAsi: I32MulAai;
                I32OrSas: Const32;
                I32RotlAai: I32XorSas;
                I32ShlAss: I32OrAas;
                I32ShrUAas: I32AndAai;
                I32ShrUAsa: I32XorAas;
                I32ShrUSsi: I32SubSsi;
                I32Store16Sa: I32AddSsi;
                I32Store8Ss: I32AddSsi;
                I32StoreSumSs: I32StoreSumSs;
                I32SubAsi: I32AndAai;
                I32SubSai: GlobalSetA;
                I32SubSsa: BranchUnlessA;
                I32SubSss: I32GtUAai;
                I32WrapI64Aa: I32AndSas;
                I32XorAsa: I32RotlSai;
                I32XorAsi: I32AndSas;
                I64AddSsa: I64RotlAsi;
                I64ExtendI32USa: ConstAcc;
                I64Load32UAa: I64AddSas;
                I64Load32USa: I64Load32UAs;
                I64LoadAa: BranchI64NeAi;
                I64LoadSa: BranchI64EqAi;
                I64MulAsa: I64AddSas;
                I64MulSai: I64Load32UAs;
                I64MulSsi: I64Load32UAs;
                I64MulSss: I64MulAss;
                I64OrSai: I32AndAsi;
                I64ShrUAai: I32WrapI64Aa;
                I64ShrUAsi: I64XorSas;
                I64StoreSa: I32AddSsi;
                I64StoreSs: I64StoreSumSs;
                I64SubAsa: I64MulSai;
                I64SubSsa: I32AddSsi;
                I32LtSAsi: SelectA;
                I32LtUAsi: SelectA;
                I32GtSAsi: SelectA;
                I32GtSAss: SelectA;
                I32GtUAsi: SelectA;
                I32GtUAss: SelectA;
                I32LeSAsi: SelectA;
                I32LeUAsi: SelectA;
                I32LeUAss: SelectA;
                I32GeSAsi: SelectA;
                I32GeSAss: SelectA;
                I32GeUAsi: SelectA;
                I32GeUAss: SelectA;
                I32EqAsi: SelectA;
                I32EqAas: SelectA;
                F64MulAaa: F64AddAsa F64AddSsa;
                F64MulSaa: F64AddAsa;
                F32MulSaa: F32AddAsa F32MulAss;
                F64LoadAas: F64AddAsa F64AddSsa F64MulAai F64MulAsa F64MulSai F64SubAsa F64SubSas;
                F64LoadAss: F64AddAsa F64AddSsa F64MulAsa F64SubAsa;
                F64LoadSas: Copy64 F64AddAsa F64LoadAas F64LoadAs F64LoadAsa I32AddAss I32AddSss
                    I32MulAsi I32ShlAsi;
                I32Load16SSss: I32Load16SAsSum;
                I32LoadSas: I32LoadAs;
                I32LoadSss: I32LoadAs;
                I32Load8UAss: BranchI32EqAs BranchI32NeAs BranchIfA BranchUnlessA I32Store8Sa;
                I32Load16SAas: I32MulAas;
                F64LoadAsa: F64AddAsa F64AddSsa F64MulAsa F64MulSai;
                F64LoadSsa: F64LoadAas F64LoadAs F64LoadAsa F64LoadAss;
                I32OrSai: F64LoadAsa F64LoadSsa;
                I32Load16SSas: I32AddAss;
                I32LoadAas: I32AddAas I32AddSas;
                I64Load32USss: I64Load32UAs I64Load32UAss;
                I32Load8USas: I32Load8UAss;
                I32ShlAis: I32AndAas I32OrAas;
                I32ShlAia: I32AndAas I32OrAas;
                I32RotlAis: I32AndSas;
                I32RotlAia: I32AndSas;
                I32SubAis: I32AndAas;
                I64ShrUAia: I64AndAai;
                I64SubAis: I64XorAas;
            }
        }
    };
}
pub(super) use for_each_pair;

/// The bodies of two adjacent instructions, as one body.
pub(super) struct Pair<A, B>(PhantomData<(A, B)>);

impl<A: Straight, B: Handler> Handler for Pair<A, B> {
    #[cfg(any(tail_dispatch, feature = "become"))]
    const CONVERTS: bool = A::CONVERTS || B::CONVERTS;

    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; the first body moves `ip` to the second instruction.
        unsafe {
            match A::execute(regs) {
                Flow::Next => B::execute(regs),
                exit => exit,
            }
        }
    }
}

/// A body that continues at the next instruction, or leaves: the first of a pair.
pub(super) trait Straight: Handler {}

macro_rules! pairs {
    ({ $($First:ident: $($Second:ident)*;)* }) => {
        $(impl Straight for body::$First {})*

        /// The two tokens of every pair, in the order of the pairs' own tokens, which are the last ones.
        const PAIRS: &[(Token, Token)] = &[$($((Token::$First, Token::$Second),)*)*];
    };
}
for_each_pair!(pairs);

/// The token of the first pair.
const FIRST_PAIR: usize = COUNT - PAIRS.len();

/// The number of places in [`Table::places`].
const PLACES: usize = 1280;

/// Finds pairs by their tokens. The table is a matrix of first and second tokens. Most of it is empty, so its rows
/// overlap such that no two pairs are at one place (Tarjan and Yao, "Storing a sparse table", CACM 1979).
struct Table {
    /// The place where the row of each first token begins.
    rows: [u16; COUNT],
    /// The column of each second token, from 1 on; 0 for other tokens.
    columns: [u8; COUNT],
    /// At the place of each pair: its first token, and its own token.
    places: [(u16, u16); PLACES],
}

static TABLE: Table = {
    let mut table = Table { rows: [0; COUNT], columns: [0; COUNT], places: [(u16::MAX, 0); PLACES] };
    let (mut columns, mut at) = (0, 0);
    while at < PAIRS.len() {
        let column = &mut table.columns[PAIRS[at].1 as usize];
        if *column == 0 {
            columns += 1;
            *column = columns;
        }
        at += 1;
    }
    let mut start = 0;
    while start < PAIRS.len() {
        let first = PAIRS[start].0 as u16;
        let mut end = start + 1;
        while end < PAIRS.len() && PAIRS[end].0 as u16 == first {
            end += 1;
        }
        let mut row = 0;
        let mut at = start;
        while at < end {
            let free = table.places[row + table.columns[PAIRS[at].1 as usize] as usize].0 == u16::MAX;
            (row, at) = if free { (row, at + 1) } else { (row + 1, start) };
        }
        assert!(row + (u8::MAX as usize) < PLACES);
        table.rows[first as usize] = row as u16;
        while start < end {
            let place = row + table.columns[PAIRS[start].1 as usize] as usize;
            table.places[place] = (first, (FIRST_PAIR + start) as u16);
            start += 1;
        }
    }
    // Each pair is found, and so nothing else is: no place has two owners, and no column two second tokens.
    let mut at = 0;
    while at < PAIRS.len() {
        let (first, second) = (PAIRS[at].0 as usize, PAIRS[at].1 as usize);
        let (owner, pair) = table.places[table.rows[first] as usize + table.columns[second] as usize];
        assert!(owner as usize == first && pair as usize == FIRST_PAIR + at);
        at += 1;
    }
    table
};

/// Returns the token of the pair that two tokens form, if they do.
#[inline]
pub(super) fn pair(first: usize, second: usize) -> Option<usize> {
    let place = usize::from(TABLE.rows[first]) + usize::from(TABLE.columns[second]);
    let (owner, pair) = TABLE.places[place];
    (usize::from(owner) == first).then_some(usize::from(pair))
}

/// Returns the two tokens of a pair, if `token` is one.
pub(super) fn split(token: usize) -> Option<(usize, usize)> {
    let (first, second) = PAIRS[token.checked_sub(FIRST_PAIR)?];
    Some((first as usize, second as usize))
}
