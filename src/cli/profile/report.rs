//! The report of counts: for the whole program, and for each of its parts.

use anyhow::Result;
use serde::Serialize;

use super::count::Functions;
use super::summary::{Key, Summary};
use super::{By, Level};
use crate::Counts;

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
    /// For two instructions: how often they were beside each other in a basic block, so that they could be one.
    pub in_block: Option<u64>,
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
