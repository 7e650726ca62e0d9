//! Adds counts up, for the whole program or for its parts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::Result;

use super::code::{AccessKind, Function, Instruction, function_name, module_name};
use super::count::Functions;
use super::report::{Access, Branches, Call, Part, Row, Sequences, Shape, share};
use super::{By, Level};
use crate::inspect::is_pair;
use crate::translator::Shown;
use crate::{CallCount, Callee, Counts, ExternType, InstructionCount};

/// What identifies a part: the module's name, the function, the loop.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    module: String,
    function: Option<(u32, String)>,
    loop_offset: Option<u32>,
}

/// The counts of a part, before they are sorted.
#[derive(Default)]
pub struct Sums {
    pub executed: u64,
    fused: u64,
    /// For each length, the counts of sequences.
    sequences: Vec<HashMap<Vec<String>, SequenceSums>>,
    branches: Branches,
    accesses: BTreeMap<(AccessKind, u32), u64>,
    calls: BTreeMap<(String, bool, bool), u64>,
}

/// How often a sequence was executed; if it is of two, how often as a pair, and how often within a basic block.
#[derive(Clone, Copy, Default)]
struct SequenceSums {
    count: u64,
    as_pair: u64,
    in_block: u64,
}

/// Adds up counts.
pub struct Summary<'a> {
    counts: &'a Counts,
    functions: &'a Functions,
    shape: Shape,
    parts: BTreeMap<Key, Sums>,
}

impl<'a> Summary<'a> {
    /// Adds up the counts of each part.
    pub fn of(counts: &'a Counts, functions: &'a Functions, shape: Shape) -> Result<BTreeMap<Key, Sums>> {
        let mut summary = Summary { counts, functions, shape, parts: BTreeMap::new() };
        let keys = counts.instructions.iter().map(|it| summary.key(it)).collect::<Result<Vec<_>>>()?;
        for (it, key) in counts.instructions.iter().zip(&keys) {
            summary.instruction(it, key)?;
        }
        for it in &counts.sequences {
            summary.sequence(&it.instructions, it.count, &keys)?;
        }
        for it in &counts.calls {
            summary.call(it, &keys[it.instruction])?;
        }
        Ok(summary.parts)
    }

    /// What is known of an instruction's function.
    fn function(&self, it: &InstructionCount) -> Result<Arc<Function>> {
        self.functions.get(&it.module, it.function)
    }

    /// The part that an instruction belongs to.
    fn key(&self, it: &InstructionCount) -> Result<Key> {
        let Some(by) = self.shape.by else { return Ok(Key::default()) };
        let mut key = Key { module: module_name(&it.module), ..Key::default() };
        if by != By::Module {
            key.function = Some((it.function.as_u32(), function_name(&it.module, it.function)));
        }
        if by == By::Loop {
            let function = self.function(it)?;
            let offset = function.instruction(it.word).and_then(|it| it.offset);
            key.loop_offset = offset.and_then(|offset| function.innermost(offset)).map(|it| it.start);
        }
        Ok(key)
    }

    fn sums(&mut self, key: &Key) -> &mut Sums {
        self.parts.entry(key.clone()).or_default()
    }

    /// Adds what an instruction did.
    fn instruction(&mut self, it: &InstructionCount, key: &Key) -> Result<()> {
        let function = self.function(it)?;
        let level = self.shape.level;
        let sums = self.sums(key);
        let Some(instruction) = function.instruction(it.word) else { return Ok(()) };
        if let Some(access) = instruction.access {
            *sums.accesses.entry(access).or_default() += it.count;
        }
        if let Some(taken) = taken(it, instruction, &function, level) {
            sums.branches.taken += taken;
            sums.branches.not_taken += it.count - taken;
        }
        Ok(())
    }

    /// Adds a sequence, and the shorter ones at its end.
    fn sequence(&mut self, instructions: &[usize], count: u64, keys: &[Key]) -> Result<()> {
        let Some(&last) = instructions.last() else { return Ok(()) };
        let (level, length) = (self.shape.level, self.shape.length);
        let names = instructions.iter().map(|&it| self.name(&self.counts.instructions[it]));
        let names = names.collect::<Result<Vec<_>>>()?;
        let before = (level == Level::Code && instructions.len() > 1).then(|| instructions[instructions.len() - 2]);
        let before = before.map(|it| &self.counts.instructions[it]);
        let if_so = |holds: bool| if holds { count } else { 0 };
        let as_pair = if_so(before.is_some_and(|it| it.begins_pair));
        let in_block = match before {
            Some(before) => if_so(self.is_block(before, &self.counts.instructions[last])?),
            None => 0,
        };
        let sums = self.sums(&keys[last]);
        sums.executed += count;
        sums.fused += as_pair;
        sums.sequences.resize_with(length, HashMap::new);
        for (of_length, shorter) in sums.sequences.iter_mut().zip(1..=names.len()) {
            let sums = of_length.entry(names[names.len() - shorter..].to_vec()).or_default();
            sums.count += count;
            if shorter == 2 {
                sums.as_pair += as_pair;
                sums.in_block += in_block;
            }
        }
        Ok(())
    }

    /// Whether two instructions are beside each other in a basic block.
    fn is_block(&self, first: &InstructionCount, second: &InstructionCount) -> Result<bool> {
        let (of_first, of_second) = (self.function(first)?, self.function(second)?);
        let goes_on_at = of_first.instruction(first.word).and_then(|it| it.goes_on_at);
        let is_target = of_second.instruction(second.word).is_some_and(|it| it.is_target);
        Ok(Arc::ptr_eq(&of_first, &of_second) && goes_on_at == Some(second.word) && !is_target)
    }

    /// The name of an instruction, or of its operator.
    fn name(&self, it: &InstructionCount) -> Result<String> {
        let function = self.function(it)?;
        let Some(instruction) = function.instruction(it.word) else { return Ok(String::new()) };
        Ok(match self.shape.level {
            Level::Code => instruction.name.to_owned(),
            Level::Wasm => instruction.offset.map_or("", |offset| function.operator(offset)).to_owned(),
        })
    }

    /// Adds calls.
    fn call(&mut self, call: &CallCount, key: &Key) -> Result<()> {
        let it = &self.counts.instructions[call.instruction];
        let is_indirect = self.function(it)?.instruction(it.word).is_some_and(|it| it.is_indirect);
        let (callee, is_host) = match &call.callee {
            Callee::Defined(module, function) if module_name(module) == module_name(&it.module) => {
                (function_name(module, *function), false)
            }
            Callee::Defined(module, function) => {
                (format!("{}!{}", module_name(module), function_name(module, *function)), false)
            }
            Callee::Host(Some(import)) => (imported_name(it, import.index()), true),
            Callee::Host(None) => ("(a function of the host)".to_owned(), true),
        };
        *self.sums(key).calls.entry((callee, is_indirect, is_host)).or_default() += call.count;
        Ok(())
    }
}

/// How often an instruction was taken, if it is a conditional branch. At the level of wasm that is how often the condition held.
fn taken(it: &InstructionCount, instruction: &Instruction, function: &Function, level: Level) -> Option<u64> {
    let when = instruction.branches_if?;
    match level {
        Level::Code => Some(it.taken),
        Level::Wasm => {
            let operator = instruction.offset.map(|offset| function.operator(offset))?;
            ["br_if", "if"].contains(&operator).then(|| if when { it.taken } else { it.count - it.taken })
        }
    }
}

/// The name of a function that a module imports.
fn imported_name(caller: &InstructionCount, function: usize) -> String {
    let mut functions = caller.module.imports().filter(|import| matches!(import.ty(), ExternType::Func(_)));
    let shown = |text: &str| Shown(text).to_string();
    functions.nth(function).map_or_else(String::new, |it| format!("{}::{}", shown(it.module()), shown(it.name())))
}

impl Sums {
    /// The part with these counts; `of` is what the whole program has executed.
    pub fn into_part(self, key: Key, of: u64, shape: Shape) -> Part {
        let Sums { executed, fused, sequences, branches, accesses, calls } = self;
        let all_calls: u64 = calls.values().sum();
        let mut calls: Vec<Call> = calls
            .into_iter()
            .map(|((callee, is_indirect, is_host), count)| {
                let kind = if is_indirect { "indirect" } else { "direct" };
                Call { callee, kind, is_host, count, share: share(count, all_calls) }
            })
            .collect();
        calls.sort_by_key(|call| std::cmp::Reverse(call.count));
        calls.truncate(shape.top);
        let accesses = accesses.into_iter().map(|((kind, width), count)| {
            let kind = match kind {
                AccessKind::Load => "load",
                AccessKind::Store => "store",
                AccessKind::Atomic => "atomic",
            };
            Access { kind, width, count, bytes: count * u64::from(width) }
        });
        Part {
            name: key.name(),
            function: key.function.map(|(index, _)| index),
            loop_offset: key.loop_offset,
            executed,
            share: share(executed, of),
            dispatches: (shape.level == Level::Code).then_some(executed - fused),
            sequences: (1..).zip(sequences).map(|(length, rows)| sequences_of(length, rows, shape)).collect(),
            branches,
            accesses: accesses.collect(),
            calls,
        }
    }
}

fn sequences_of(length: usize, sums: HashMap<Vec<String>, SequenceSums>, shape: Shape) -> Sequences {
    let (executed, distinct) = (sums.values().map(|it| it.count).sum(), sums.len());
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(a, of_a), (b, of_b)| of_b.count.cmp(&of_a.count).then_with(|| a.cmp(b)));
    sums.truncate(shape.top);
    let is_of_two = length == 2 && shape.level == Level::Code;
    let row = |(names, it): (Vec<String>, SequenceSums)| Row {
        is_pair: is_of_two.then(|| is_pair(&names[0], &names[1])),
        as_pair: is_of_two.then_some(it.as_pair),
        in_block: is_of_two.then_some(it.in_block),
        names,
        count: it.count,
        share: share(it.count, executed),
    };
    Sequences { length, executed, distinct, rows: sums.into_iter().map(row).collect() }
}

impl Key {
    fn name(&self) -> String {
        let place = match &self.function {
            _ if self.module.is_empty() => "program".to_owned(),
            None => self.module.clone(),
            Some((_, function)) => format!("{}!{function}", self.module),
        };
        match self.loop_offset {
            Some(offset) => format!("{place} loop at {offset:#x}"),
            None => place,
        }
    }
}
