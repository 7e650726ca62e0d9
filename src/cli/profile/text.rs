//! Counts as text, for people.

use std::fmt::Write as _;

use super::report::{Part, Report, Row, Sequences};
use crate::cli::lab::table::Table;

/// The report as tables.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    add(&mut text, report, &report.total);
    if report.stubs > 0 {
        let _ = writeln!(text, "\n{} instructions that belong to no function are not among these.", report.stubs);
    }
    if let Some(by) = report.by {
        let mut table = Table::new(&[by, "executed", "share", "loads", "stores", "taken", "not taken", "calls"]);
        for part in &report.parts {
            let accesses = |kind: &str| part.accesses.iter().filter(|it| it.kind == kind).map(|it| it.count).sum();
            let loads: u64 = accesses("load");
            let stores: u64 = accesses("store");
            let calls: u64 = part.calls.iter().map(|it| it.count).sum();
            let (taken, not_taken) = (part.branches.taken, part.branches.not_taken);
            let numbers = [loads, stores, taken, not_taken, calls].map(|it| it.to_string());
            let mut row = vec![part.name.clone(), part.executed.to_string(), percent(part.share)];
            row.extend(numbers);
            table.row(row);
        }
        let _ = write!(text, "\n{table}");
        for part in &report.parts {
            text.push('\n');
            add(&mut text, report, part);
        }
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn add(text: &mut String, report: &Report, part: &Part) {
    let what = if report.level == "wasm" { "operators" } else { "instructions" };
    let dispatches = part.dispatches.map_or_else(String::new, |count| format!(", {count} dispatches"));
    let _ = writeln!(text, "{}: {} {what}{dispatches}", part.name, part.executed);
    for sequences in part.sequences.iter().filter(|it| !it.rows.is_empty()) {
        let _ = write!(text, "\n{}", rows(sequences, what));
    }
    if part.branches.taken + part.branches.not_taken > 0 {
        let _ = writeln!(
            text,
            "\nconditional branches: {} taken, {} not taken",
            part.branches.taken, part.branches.not_taken
        );
    }
    if !part.accesses.is_empty() {
        let mut table = Table::new(&["accesses", "width", "count", "bytes"]);
        for it in &part.accesses {
            table.row(vec![it.kind.to_owned(), it.width.to_string(), it.count.to_string(), it.bytes.to_string()]);
        }
        let _ = write!(text, "\n{table}");
    }
    if !part.calls.is_empty() {
        let mut table = Table::new(&["calls", "count", "share", "how "]);
        for it in &part.calls {
            let host = if it.is_host { ", of the host" } else { "" };
            table.row(vec![it.callee.clone(), it.count.to_string(), percent(it.share), format!("{}{host}", it.kind)]);
        }
        let _ = write!(text, "\n{table}");
    }
}

fn rows(sequences: &Sequences, what: &str) -> Table {
    let title = match sequences.length {
        1 => what.to_owned(),
        length => format!("{length} {what}"),
    };
    let mut table = Table::new(&[&title, "count", "share", " "]);
    for row in &sequences.rows {
        table.row(vec![row.names.join(" "), row.count.to_string(), percent(row.share), mark(row)]);
    }
    table
}

/// What is to be said of a pair that is one instruction.
fn mark(row: &Row) -> String {
    match (row.is_pair, row.as_pair) {
        (Some(true), Some(0)) => "a pair, executed as two".to_owned(),
        (Some(true), Some(as_pair)) => format!("a pair: {as_pair} with one dispatch"),
        _ => String::new(),
    }
}
