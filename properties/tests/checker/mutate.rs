//! Mistakes in register IR, made at random.
//!
//! Most are made in the text form: its words are slots, labels, numbers and operations,
//! whichever instruction they belong to.

use riser_properties::generate::Choices;
use riser_translator::ValType;
use riser_translator::ir::{Cond, Dst, Function, Inst, Item, OperandType, parse};
use riser_translator::ops::{
    BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp, VectorOp,
};
use riser_translator::sink::Slot;

/// A kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A slot is another one.
    Slot,
    /// Two operands change places.
    SwapOperands,
    /// A number is another one.
    Number,
    /// An operation is another one.
    Operation,
    /// A condition is its opposite.
    Negate,
    /// A branch leads elsewhere.
    Retarget,
    /// An instruction that only computes is missing.
    DropValue,
    /// An instruction that has an effect is missing.
    DropEffect,
    /// An instruction that has an effect is there twice.
    RepeatEffect,
    /// An effect and the next change places.
    ReorderEffects,
    /// An instruction and the next change places.
    Reorder,
    /// What can trap or call says that it comes from elsewhere.
    Offset,
    /// Of a vector, one half alone is copied.
    HalfVector,
    /// One slot of a vector that has just been computed is overwritten.
    OverwriteHalf,
}

impl Mutation {
    pub const ALL: [Mutation; 14] = [
        Mutation::Slot,
        Mutation::SwapOperands,
        Mutation::Number,
        Mutation::Operation,
        Mutation::Negate,
        Mutation::Retarget,
        Mutation::DropValue,
        Mutation::DropEffect,
        Mutation::RepeatEffect,
        Mutation::ReorderEffects,
        Mutation::Reorder,
        Mutation::Offset,
        Mutation::HalfVector,
        Mutation::OverwriteHalf,
    ];

    /// The function with one such mistake; `None` if this attempt made none.
    pub fn make(self, function: &Function, choices: &mut dyn Choices) -> Option<Function> {
        let mutant = match self {
            Mutation::Negate => negate(function, choices)?,
            Mutation::Offset => other_offset(function, choices)?,
            Mutation::HalfVector => half_vector(function, choices)?,
            Mutation::OverwriteHalf => overwrite_half(function, choices)?,
            Mutation::DropValue
            | Mutation::DropEffect
            | Mutation::RepeatEffect
            | Mutation::ReorderEffects
            | Mutation::Reorder => self.rearrange(function, choices)?,
            Mutation::Slot | Mutation::SwapOperands | Mutation::Number | Mutation::Operation | Mutation::Retarget => {
                self.reword(function, choices)?
            }
        };
        (mutant != *function).then_some(mutant)
    }

    fn rearrange(self, function: &Function, choices: &mut dyn Choices) -> Option<Function> {
        let items = &function.items;
        let at = pick_item(function, choices, |item| match (self, item) {
            (_, Item::Label { .. }) => false,
            (Mutation::DropValue, Item::Inst { inst, .. }) => !has_effect(inst),
            (Mutation::Reorder, Item::Inst { .. }) => true,
            (_, Item::Inst { inst, .. }) => has_effect(inst),
        })?;
        let mut mutant = function.clone();
        match self {
            Mutation::DropEffect if leads_on(items, at) => return None,
            Mutation::DropValue | Mutation::DropEffect => drop(mutant.items.remove(at)),
            Mutation::RepeatEffect => mutant.items.insert(at, items[at].clone()),
            _ => {
                let fits = |inst: &Inst| self == Mutation::Reorder || has_effect(inst);
                let next = items[at + 1..].iter().position(|item| match item {
                    Item::Inst { inst, .. } => fits(inst),
                    Item::Label { .. } => true,
                })?;
                let next = at + 1 + next;
                match (&items[at], &items[next]) {
                    (Item::Inst { inst: a, .. }, Item::Inst { inst: b, .. }) if a != b => mutant.items.swap(at, next),
                    _ => return None,
                }
            }
        }
        Some(mutant)
    }

    fn reword(self, function: &Function, choices: &mut dyn Choices) -> Option<Function> {
        let text = function.to_string();
        let words: Vec<Word<'_>> = words(&text).collect();
        let of = |class: Class| words.iter().copied().filter(move |word| word.class == class).collect::<Vec<_>>();
        let replaced = match self {
            Mutation::Slot => {
                let slots = of(Class::Slot);
                text_with(&text, &[(choices.pick(non_empty(&slots)?), choices.pick(&slots).text)])
            }
            Mutation::SwapOperands => {
                let operands: Vec<Word<'_>> =
                    words.iter().copied().filter(|word| word.class == Class::Slot || word.text == "acc").collect();
                let a = choices.pick(non_empty(&operands)?);
                let others: Vec<Word<'_>> =
                    operands.iter().copied().filter(|b| b.line == a.line && b.start > a.start).collect();
                let b = choices.pick(non_empty(&others)?);
                text_with(&text, &[(a, b.text), (b, a.text)])
            }
            Mutation::Number => {
                let word = choices.pick(non_empty(&of(Class::Number))?);
                let hexadecimal = word.text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
                let other = match word.text.parse::<i64>() {
                    _ if let Some(bits) = hexadecimal => format!("{:#x}", bits ^ 1 << choices.below(64)),
                    Ok(number) => choices
                        .pick(&[number.wrapping_add(1), number.wrapping_sub(1), number.wrapping_neg(), 0])
                        .to_string(),
                    Err(_) => "2.5".to_owned(),
                };
                text_with(&text, &[(word, &other)])
            }
            Mutation::Operation => {
                let word = choices.pick(non_empty(&of(Class::Operation))?);
                text_with(&text, &[(word, choices.pick(&alike(word.text)))])
            }
            _ => {
                let labels = of(Class::Label);
                let word = choices.pick(non_empty(&labels)?);
                text_with(&text, &[(word, choices.pick(&labels).text)])
            }
        };
        let mut mutant = parse::parse(&replaced).ok()?;
        mutant.name.clone_from(&function.name);
        Some(mutant)
    }
}

fn non_empty<T>(items: &[T]) -> Option<&[T]> {
    (!items.is_empty()).then_some(items)
}

fn pick_item(function: &Function, choices: &mut dyn Choices, fits: impl Fn(&Item) -> bool) -> Option<usize> {
    let fitting: Vec<usize> = (0..function.items.len()).filter(|at| fits(&function.items[*at])).collect();
    Some(choices.pick(non_empty(&fitting)?))
}

/// Whether an item is a branch to a label that follows it, with nothing between them that is executed.
fn leads_on(items: &[Item], at: usize) -> bool {
    let Item::Inst { inst: Inst::Branch { target }, .. } = &items[at] else { return false };
    let is_mark = |inst: &Inst| {
        matches!(inst, Inst::TryBegin { .. } | Inst::TryEnd { .. } | Inst::Catch { .. } | Inst::CatchEnd { .. })
    };
    let passes = |item: &&Item| match item {
        Item::Label { .. } => true,
        Item::Inst { inst, .. } => is_mark(inst),
    };
    let mut behind = items[at + 1..].iter().take_while(passes);
    behind.any(|item| matches!(item, Item::Label { label, .. } if label == target))
}

fn negate(function: &Function, choices: &mut dyn Choices) -> Option<Function> {
    let is_branch = |item: &Item| matches!(item, Item::Inst { inst: Inst::BranchIf { .. }, .. });
    let at = pick_item(function, choices, is_branch)?;
    let mut mutant = function.clone();
    if let Item::Inst { inst: Inst::BranchIf { cond, .. }, .. } = &mut mutant.items[at] {
        *cond = match *cond {
            Cond::NonZero(src) => Cond::Zero(src),
            Cond::Zero(src) => Cond::NonZero(src),
            Cond::Compare { op, lhs, rhs } => Cond::Compare { op: op.negated(), lhs, rhs },
        };
    }
    Some(mutant)
}

fn other_offset(function: &Function, choices: &mut dyn Choices) -> Option<Function> {
    let at = pick_item(function, choices, |item| matches!(item, Item::Inst { inst, .. } if can_trap(inst)))?;
    let mut mutant = function.clone();
    if let Item::Inst { offset, .. } = &mut mutant.items[at] {
        *offset = choices.pick(&[*offset + 1, *offset - 1, *offset + 2]);
    }
    Some(mutant)
}

fn half_vector(function: &Function, choices: &mut dyn Choices) -> Option<Function> {
    const V128: ValType = ValType::V128;
    let is_copy = |item: &Item| {
        matches!(item, Item::Inst { inst: Inst::Copy { ty: V128, .. } | Inst::Select { ty: V128, .. }, .. })
    };
    let at = pick_item(function, choices, is_copy)?;
    let half = choices.below(2);
    let mut mutant = function.clone();
    let Item::Inst { inst, .. } = &mut mutant.items[at] else { return None };
    let (ty, slots) = match inst {
        Inst::Copy { ty, dst, src } => (ty, vec![dst, src]),
        Inst::Select { ty, dst, if_true, if_false, .. } => (ty, vec![dst, if_true, if_false]),
        _ => return None,
    };
    *ty = ValType::I64;
    for slot in slots {
        slot.0 += half;
    }
    Some(mutant)
}

fn overwrite_half(function: &Function, choices: &mut dyn Choices) -> Option<Function> {
    let vector = |item: &Item| match item {
        Item::Inst { inst, offset } => match inst.result()? {
            (Dst::Slot(dst), OperandType::Value(ValType::V128)) => Some((dst, *offset)),
            _ => None,
        },
        Item::Label { .. } => None,
    };
    let at = pick_item(function, choices, |item| vector(item).is_some())?;
    let (dst, offset) = vector(&function.items[at])?;
    let dst = Slot(dst.0 + choices.below(2)).into();
    let mut mutant = function.clone();
    mutant.items.insert(at + 1, Item::Inst { inst: Inst::Const { ty: ValType::I64, dst, bits: 0x1234 }, offset });
    Some(mutant)
}

/// Whether the instruction does more than compute a value.
fn has_effect(inst: &Inst) -> bool {
    let table = matches!(inst, Inst::TableGet { .. } | Inst::TableGrow { .. } | Inst::MemoryGrow { .. });
    let values = inst.result().is_some() || matches!(inst, Inst::CopySlots { .. });
    !values || table || can_trap(inst)
}

/// Whether a trap or backtrace may tell where the instruction comes from.
fn can_trap(inst: &Inst) -> bool {
    match inst {
        Inst::Unary { op, .. } => op.mnemonic().contains("trunc_f"),
        Inst::Binary { op, .. } => {
            op.operand_type() == op.result_type() && {
                let name = op.mnemonic();
                name.starts_with('i') && (name.contains("div") || name.contains("rem"))
            }
        }
        Inst::Load { .. }
        | Inst::Store { .. }
        | Inst::VectorLoad { .. }
        | Inst::VectorStore { .. }
        | Inst::LoadLane { .. }
        | Inst::StoreLane { .. }
        | Inst::Call { .. }
        | Inst::CallIndirect { .. }
        | Inst::ReturnCall { .. }
        | Inst::ReturnCallIndirect { .. }
        | Inst::Trap { .. }
        | Inst::Fuel { .. }
        | Inst::Epoch => true,
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Slot,
    Label,
    Number,
    Operation,
    Other,
}

/// A word of an instruction's text.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    /// Where it begins in the function's text.
    start: usize,
    line: usize,
    class: Class,
}

/// The words of all instructions, without the offset at the head of a line and punctuation.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let position = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let lines = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("0x"));
    lines.flat_map(move |(line, instruction)| {
        instruction.split_whitespace().skip(1).map(move |word| {
            let word = word.rsplit(['[', '=']).next().unwrap_or(word).trim_end_matches([',', ']', ':']);
            Word { text: word, start: position(word), line, class: class(word) }
        })
    })
}

fn class(word: &str) -> Class {
    let numbered = |prefix| word.strip_prefix(prefix).is_some_and(|rest: &str| rest.parse::<u32>().is_ok());
    if numbered('l') || numbered('t') || numbered('r') {
        Class::Slot
    } else if numbered('L') {
        Class::Label
    } else if word.parse::<f64>().is_ok() || word.starts_with("0x") {
        Class::Number
    } else if !alike(word).is_empty() {
        Class::Operation
    } else {
        Class::Other
    }
}

/// The operations of the same type as the one of this name.
fn alike(name: &str) -> Vec<&'static str> {
    if let Some(op) = BinaryOp::from_mnemonic(name) {
        let same =
            |other: &&BinaryOp| (other.operand_type(), other.result_type()) == (op.operand_type(), op.result_type());
        return BinaryOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = UnaryOp::from_mnemonic(name) {
        let same =
            |other: &&UnaryOp| (other.operand_type(), other.result_type()) == (op.operand_type(), op.result_type());
        return UnaryOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = LoadOp::from_mnemonic(name) {
        let same = |other: &&LoadOp| other.result_type() == op.result_type();
        return LoadOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = StoreOp::from_mnemonic(name) {
        let same = |other: &&StoreOp| other.value_type() == op.value_type();
        return StoreOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = VectorOp::from_mnemonic(name) {
        let same =
            |other: &&VectorOp| (other.operand_types(), other.result_type()) == (op.operand_types(), op.result_type());
        return VectorOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = ExtractOp::from_mnemonic(name) {
        let same = |other: &&ExtractOp| other.result_type() == op.result_type();
        return ExtractOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if let Some(op) = ReplaceOp::from_mnemonic(name) {
        let same = |other: &&ReplaceOp| other.value_type() == op.value_type();
        return ReplaceOp::ALL.iter().filter(same).map(|other| other.mnemonic()).collect();
    }
    if VectorLoadOp::from_mnemonic(name).is_some() {
        return VectorLoadOp::ALL.iter().map(|other| other.mnemonic()).collect();
    }
    if LoadLaneOp::from_mnemonic(name).is_some() {
        return LoadLaneOp::ALL.iter().map(|other| other.mnemonic()).collect();
    }
    if StoreLaneOp::from_mnemonic(name).is_some() {
        return StoreLaneOp::ALL.iter().map(|other| other.mnemonic()).collect();
    }
    Vec::new()
}

/// The text with words replaced; they are given in the order of the text.
fn text_with(text: &str, replacements: &[(Word<'_>, &str)]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (word, replacement) in replacements {
        out.push_str(&text[at..word.start]);
        out.push_str(replacement);
        at = word.start + word.text.len();
    }
    out.push_str(&text[at..]);
    out
}
