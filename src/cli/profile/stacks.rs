//! What samples say: functions, lines and stacks, as text, JSON, CSV and folded stacks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use riser_lab::record::quoted;
use serde::Serialize;

use super::code::function_name;
use super::report::share;
use super::sample::Stacks;
use crate::FrameInfo;
use crate::cli::lab::table::Table;
use crate::cli::out::counted;

/// What the samples say.
#[derive(Serialize)]
pub struct SampleReport {
    /// Samples a second that were asked for.
    pub hz: u32,
    /// How many were taken.
    pub samples: u64,
    /// The functions, those with most samples of their own first.
    pub functions: Vec<Place>,
    /// The source lines, as far as the modules say, in the same order.
    pub lines: Vec<Place>,
    /// The stacks, those with most samples first.
    pub stacks: Vec<Stack>,
}

/// A function or a line.
#[derive(Serialize)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Samples in it.
    pub own: u64,
    /// Its share of all samples.
    pub share: f64,
    /// Samples in it and in what it calls.
    pub total: u64,
}

/// A stack.
#[derive(Serialize)]
pub struct Stack {
    /// The names of its functions, the outermost first.
    pub frames: Vec<String>,
    /// Samples of it.
    pub count: u64,
}

/// The name of a frame's function.
pub fn name(frame: &FrameInfo) -> String {
    function_name(frame.module(), crate::translator::FuncIndex::new(frame.func_index()))
}

/// The line of the source that a frame is at.
fn line(frame: &FrameInfo) -> Option<String> {
    let symbol = frame.symbols().first()?;
    let file = crate::translator::Shown(symbol.file()?).to_string();
    Some(format!("{file}:{}", symbol.line()?))
}

impl SampleReport {
    /// Adds samples up.
    pub fn new(samples: &Stacks, hz: u32) -> SampleReport {
        let names: Vec<String> = samples.frames.iter().map(name).collect();
        let lines: Vec<Option<String>> = samples.frames.iter().map(line).collect();
        let mut counts = vec![0; samples.stacks.len()];
        for sample in &samples.taken {
            counts[sample.stack] += 1;
        }
        let all = samples.taken.len() as u64;
        let of_stack = |names: &[Option<String>]| -> Vec<(Vec<Option<String>>, u64)> {
            let stack = |stack: &Vec<usize>| stack.iter().map(|&frame| names[frame].clone()).collect();
            samples.stacks.iter().map(stack).zip(counts.iter().copied()).collect()
        };
        let named: Vec<Option<String>> = names.iter().cloned().map(Some).collect();
        let mut stacks: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for (stack, &count) in samples.stacks.iter().zip(&counts) {
            *stacks.entry(stack.iter().map(|&frame| names[frame].clone()).collect()).or_default() += count;
        }
        let mut stacks: Vec<Stack> = stacks.into_iter().map(|(frames, count)| Stack { frames, count }).collect();
        stacks.sort_by_key(|stack| std::cmp::Reverse(stack.count));
        let (functions, lines) = (places(&of_stack(&named), all), places(&of_stack(&lines), all));
        SampleReport { hz, samples: all, functions, lines, stacks }
    }

    /// The report as tables with at most `top` rows.
    pub fn text(&self, top: usize) -> String {
        let mut text = format!("{}, at most {} a second\n", counted(self.samples as usize, "sample"), self.hz);
        for (title, places) in [("function", &self.functions), ("line", &self.lines)] {
            if places.is_empty() {
                continue;
            }
            let mut table = Table::new(&[title, "own", "share", "with callees"]);
            for it in places.iter().take(top) {
                let share = format!("{:.2} %", it.share * 100.0);
                table.row(vec![it.name.clone(), it.own.to_string(), share, it.total.to_string()]);
            }
            let _ = write!(text, "\n{table}");
        }
        text
    }

    /// The functions and lines as CSV.
    pub fn csv(&self) -> String {
        let mut text = String::from("kind,name,own,share,total\n");
        for (kind, places) in [("function", &self.functions), ("line", &self.lines)] {
            for it in places {
                let _ = writeln!(text, "{kind},{},{},{:.6},{}", quoted(&it.name), it.own, it.share, it.total);
            }
        }
        text
    }

    /// The stacks in the form that tools for flame graphs read: functions with semicolons between, and a number.
    pub fn folded(&self) -> String {
        let line = |stack: &Stack| {
            let names: Vec<String> = stack.frames.iter().map(|name| name.replace([';', '\n'], ":")).collect();
            format!("{} {}\n", names.join(";"), stack.count)
        };
        self.stacks.iter().map(line).collect()
    }
}

/// Adds up the samples of stacks by names; frames without a name are left out.
fn places(stacks: &[(Vec<Option<String>>, u64)], all: u64) -> Vec<Place> {
    let mut sums: HashMap<&str, (u64, u64)> = HashMap::new();
    for (stack, count) in stacks {
        if let Some(Some(innermost)) = stack.last() {
            sums.entry(innermost).or_default().0 += count;
        }
        // A recursive function is there once.
        let distinct: HashSet<&str> = stack.iter().flatten().map(|name| &**name).collect();
        for name in distinct {
            sums.entry(name).or_default().1 += count;
        }
    }
    let place =
        |(name, (own, total)): (&str, (u64, u64))| Place { name: name.to_owned(), own, share: share(own, all), total };
    let mut places: Vec<Place> = sums.into_iter().map(place).collect();
    places.sort_by(|a, b| (b.own, b.total).cmp(&(a.own, a.total)).then_with(|| a.name.cmp(&b.name)));
    places
}
