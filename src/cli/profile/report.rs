//! The report of counts: for the whole program, and for each of its parts.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use serde::Serialize;

use super::code::{AccessKind, Function, Instruction, function_name, module_name};
use super::count::Functions;
use super::{By, Level};
use crate::inspect::is_pair;
use crate::{CallCount, Callee, Counts, InstructionCount};

/// Everything that was counted.
#[derive(Serialize)]
pub struct Report {
    /// `code`: instructions of the register interpreter; `wasm`: operators of wasm.
    pub level: &'static str,
    /// What the parts are.
    pub by: Option<&'static str>,
    /// Instructions of the interpreter that belong to no function.
    pub stubs: u64,
    /// The whole program.
    pub total: Part,
    /// Its parts, those in which most was executed first.
    pub parts: Vec<Part>,
}

/// Counts of a part of the program.
#[derive(Default, Serialize)]
pub struct Part {
    /// The part's name.
    pub name: String,
    /// The index of its function in the module, if it is one or within one.
    pub function: Option<u32>,
    /// The offset of its loop in the module, if it is one.
    pub loop_offset: Option<u32>,
    /// Executed instructions or operators.
    pub executed: u64,
    /// Its share of all that were executed.
    pub share: f64,
    /// Dispatches of instructions: a pair takes one. Unknown for operators.
    pub dispatches: Option<u64>,
    /// Instructions, then sequences of two, and so on.
    pub sequences: Vec<Sequences>,
    /// Conditional branches.
    pub branches: Branches,
    /// Accesses to memory, by kind and width.
    pub accesses: Vec<Access>,
    /// Calls, by callee.
    pub calls: Vec<Call>,
}

/// Sequences of one length.
#[derive(Serialize)]
pub struct Sequences {
    /// The length.
    pub length: usize,
    /// How many were executed.
    pub executed: u64,
    /// How many different ones there were.
    pub distinct: usize,
    /// The most frequent ones.
    pub rows: Vec<Row>,
}

/// A sequence.
#[derive(Serialize)]
pub struct Row {
    /// The names of its instructions or operators.
    pub names: Vec<String>,
    /// How often it was executed.
    pub count: u64,
    /// Its share of all sequences of its length in the part.
    pub share: f64,
    /// For two instructions: whether the interpreter has one instruction for both.
    pub is_pair: Option<bool>,
    /// For two instructions: how often they were executed as one.
    pub as_pair: Option<u64>,
}

/// Conditional branches.
#[derive(Default, Serialize)]
pub struct Branches {
    /// Taken.
    pub taken: u64,
    /// Not taken.
    pub not_taken: u64,
}

/// Accesses of one kind and width.
#[derive(Serialize)]
pub struct Access {
    /// `load`, `store` or `atomic`.
    pub kind: &'static str,
    /// Bytes that one accesses.
    pub width: u32,
    /// How many there were.
    pub count: u64,
    /// Bytes that they accessed.
    pub bytes: u64,
}

/// Calls of one function, found in one way.
#[derive(Serialize)]
pub struct Call {
    /// The function.
    pub callee: String,
    /// `direct`, or `indirect`, through a table.
    pub kind: &'static str,
    /// Whether it is a function of the host.
    pub is_host: bool,
    /// How often it was called.
    pub count: u64,
    /// Its share of all calls in the part.
    pub share: f64,
}

/// A share; 0 of nothing.
pub fn share(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

/// How reports are made.
#[derive(Clone, Copy)]
pub struct Shape {
    pub level: Level,
    pub by: Option<By>,
    /// The longest sequences.
    pub length: usize,
    /// The most rows of a list, and the most parts.
    pub top: usize,
}

/// What identifies a part: the module's name, the function, the loop.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    module: String,
    function: Option<(u32, String)>,
    loop_offset: Option<u32>,
}

/// The counts of a part, before they are sorted.
#[derive(Default)]
struct Sums {
    executed: u64,
    fused: u64,
    /// For each length, the counts of sequences, and how often they were executed as a pair.
    sequences: Vec<HashMap<Vec<String>, (u64, u64)>>,
    branches: Branches,
    accesses: BTreeMap<(AccessKind, u32), u64>,
    calls: BTreeMap<(String, bool, bool), u64>,
}

/// Adds up counts.
struct Summary<'a> {
    counts: &'a Counts,
    functions: &'a Functions,
    shape: Shape,
    parts: BTreeMap<Key, Sums>,
}

impl Report {
    /// Makes the report.
    pub fn new(counts: &Counts, functions: &Functions, shape: Shape) -> Result<Report> {
        let of_all = Shape { by: None, ..shape };
        let total = Summary::of(counts, functions, of_all)?.remove(&Key::default()).unwrap_or_default();
        let executed = total.executed;
        let total = total.into_part(Key::default(), executed, shape);
        let mut parts = Vec::new();
        if shape.by.is_some() {
            parts.extend(Summary::of(counts, functions, shape)?);
            parts.sort_by(|(a_key, a), (b_key, b)| b.executed.cmp(&a.executed).then_with(|| a_key.cmp(b_key)));
            parts.truncate(shape.top);
        }
        Ok(Report {
            level: shape.level.name(),
            by: shape.by.map(By::name),
            stubs: counts.stubs,
            total,
            parts: parts.into_iter().map(|(key, sums)| sums.into_part(key, executed, shape)).collect(),
        })
    }
}

impl<'a> Summary<'a> {
    fn of(counts: &'a Counts, functions: &'a Functions, shape: Shape) -> Result<BTreeMap<Key, Sums>> {
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
    fn function(&self, it: &InstructionCount) -> Result<std::sync::Arc<Function>> {
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
        let fused = instructions.len() > 1 && {
            let before = &self.counts.instructions[instructions[instructions.len() - 2]];
            level == Level::Code && before.begins_pair
        };
        let sums = self.sums(&keys[last]);
        sums.executed += count;
        sums.fused += if fused { count } else { 0 };
        sums.sequences.resize_with(length, HashMap::new);
        for (of_length, shorter) in sums.sequences.iter_mut().zip(1..=names.len()) {
            let (executed, as_pair) = of_length.entry(names[names.len() - shorter..].to_vec()).or_default();
            *executed += count;
            *as_pair += if fused && shorter == 2 { count } else { 0 };
        }
        Ok(())
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
    let mut functions = caller.module.imports().filter(|import| matches!(import.ty(), crate::ExternType::Func(_)));
    let shown = |text: &str| crate::translator::Shown(text).to_string();
    functions.nth(function).map_or_else(String::new, |it| format!("{}::{}", shown(it.module()), shown(it.name())))
}

impl Sums {
    fn into_part(self, key: Key, of: u64, shape: Shape) -> Part {
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

fn sequences_of(length: usize, counts: HashMap<Vec<String>, (u64, u64)>, shape: Shape) -> Sequences {
    let (executed, distinct) = (counts.values().map(|(count, _)| count).sum(), counts.len());
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, (a_count, _)), (b, (b_count, _))| b_count.cmp(a_count).then_with(|| a.cmp(b)));
    counts.truncate(shape.top);
    let row = |(names, (count, as_pair)): (Vec<String>, (u64, u64))| {
        let pairs = length == 2 && shape.level == Level::Code;
        let is_pair = pairs.then(|| is_pair(&names[0], &names[1]));
        Row { names, count, share: share(count, executed), is_pair, as_pair: pairs.then_some(as_pair) }
    };
    Sequences { length, executed, distinct, rows: counts.into_iter().map(row).collect() }
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
