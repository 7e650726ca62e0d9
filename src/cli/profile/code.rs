//! What profiles say about places in code: the names of functions, loops, instructions and operators.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use crate::Module;
use crate::inspect::{CodeInst, code};
use crate::listing::WasmText;
use crate::translator::ir::{Inst, Kind};
use crate::translator::{FuncIndex, Shown};

/// Operators of wasm that do nothing when they are executed, or only say where something begins or ends.
const UNCOUNTED: &[&str] =
    &["block", "loop", "else", "end", "try_table", "try", "catch", "catch_all", "delegate", "nop", "drop"];

/// How an instruction accesses memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessKind {
    Load,
    Store,
    Atomic,
}

/// An instruction of a function's code.
pub struct Instruction {
    /// Its name in the interpreter's list, without the second one of a pair.
    pub name: &'static str,
    /// The operator of wasm that it comes from; none for the function's entry.
    pub offset: Option<u32>,
    /// How it accesses memory, and the number of bytes.
    pub access: Option<(AccessKind, u32)>,
    /// Whether it calls through a table.
    pub is_indirect: bool,
    /// Whether it is a conditional branch, and is taken if the operator's condition holds.
    pub branches_if: Option<bool>,
    /// The word behind it, if control goes on there and nowhere else.
    pub goes_on_at: Option<usize>,
    /// Whether branches go to it.
    pub is_target: bool,
    /// Whether it is the first one of its operator.
    leads: bool,
}

/// A loop of wasm: the offset of its operator, and that of its `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loop {
    pub start: u32,
    end: u32,
}

/// A function.
pub struct Function {
    instructions: BTreeMap<usize, Instruction>,
    operators: BTreeMap<u32, String>,
    loops: Vec<Loop>,
}

impl Function {
    /// Describes a function.
    pub fn new(module: &Module, index: FuncIndex, text: Option<&WasmText<'_>>) -> Result<Function> {
        let code = code(module, index)?;
        let mut seen = HashSet::new();
        let instruction = |it: CodeInst<'_>| {
            let leads = it.wasm_offset.is_some_and(|offset| seen.insert(offset));
            (it.decoded.word, Instruction::new(&it, leads))
        };
        let instructions = code.instructions().map(instruction).collect();
        let mut function = Function { instructions, operators: BTreeMap::new(), loops: Vec::new() };
        if let Some(text) = text {
            function.read(text, index);
        }
        Ok(function)
    }

    /// Reads the function's operators and loops.
    fn read(&mut self, text: &WasmText<'_>, index: FuncIndex) {
        // For each construct that has not ended, where it began if it is a loop.
        let mut open: Vec<Option<u32>> = Vec::new();
        for line in text.function(index) {
            let Some(offset) = line.offset else { continue };
            let name = line.text.split_whitespace().next().unwrap_or_default();
            // A function's locals have lines as well, and its end has a parenthesis.
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            match name {
                "loop" => open.push(Some(offset)),
                "block" | "if" | "try_table" | "try" => open.push(None),
                "end" | "delegate" => {
                    if let Some(Some(start)) = open.pop() {
                        self.loops.push(Loop { start, end: offset });
                    }
                }
                _ => {}
            }
            self.operators.insert(offset, name.to_owned());
        }
    }

    /// The instruction at a word of the code.
    pub fn instruction(&self, word: usize) -> Option<&Instruction> {
        self.instructions.get(&word)
    }

    /// The name of the operator at an offset.
    pub fn operator(&self, offset: u32) -> &str {
        self.operators.get(&offset).map_or("", |name| name)
    }

    /// Whether executing the instruction at a word counts as executing its operator.
    pub fn counts_operator(&self, word: usize) -> bool {
        let operator = self.instruction(word).filter(|it| it.leads).and_then(|it| it.offset);
        operator.and_then(|offset| self.operators.get(&offset)).is_some_and(|name| !UNCOUNTED.contains(&&**name))
    }

    /// The innermost loop around an offset.
    pub fn innermost(&self, offset: u32) -> Option<Loop> {
        // Inner loops end first, so they are before the outer ones.
        self.loops.iter().copied().find(|it| (it.start..it.end).contains(&offset))
    }
}

impl Instruction {
    fn new(it: &CodeInst<'_>, leads: bool) -> Instruction {
        let kind = it.inst.map(Inst::kind);
        Instruction {
            name: it.decoded.alone,
            offset: it.wasm_offset,
            access: kind.and_then(access),
            is_indirect: matches!(
                kind,
                Some(Kind::Call { is_indirect: true } | Kind::ReturnCall { is_indirect: true })
            ),
            branches_if: match kind {
                Some(Kind::BranchIf { taken_if }) => Some(taken_if),
                _ => None,
            },
            goes_on_at: kind.filter(|kind| kind.goes_on()).map(|_| it.decoded.word + it.decoded.len),
            is_target: it.decoded.label.is_some(),
            leads,
        }
    }
}

/// How an instruction accesses memory, if its width is fixed.
fn access(kind: Kind) -> Option<(AccessKind, u32)> {
    match kind {
        Kind::Load { bytes } => Some((AccessKind::Load, bytes)),
        Kind::Store { bytes } => Some((AccessKind::Store, bytes)),
        Kind::Atomic { bytes } => Some((AccessKind::Atomic, bytes)),
        Kind::Compute
        | Kind::Bulk
        | Kind::Branch
        | Kind::BranchIf { .. }
        | Kind::Call { .. }
        | Kind::ReturnCall { .. }
        | Kind::Return
        | Kind::Throw
        | Kind::Trap
        | Kind::Poll
        | Kind::Mark => None,
    }
}

/// The name of a module.
pub fn module_name(module: &Module) -> String {
    module.name().map_or_else(|| "(unnamed module)".to_owned(), |name| Shown(name).to_string())
}

/// The name of a function.
pub fn function_name(module: &Module, index: FuncIndex) -> String {
    match module.info().func_name(index) {
        Some(name) => Shown(name).to_string(),
        None => format!("function[{index}]"),
    }
}
