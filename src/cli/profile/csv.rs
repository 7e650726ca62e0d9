//! Counts as CSV: a row for each number.

use std::fmt::Write as _;

use riser_lab::record::quoted;

use super::report::{Part, Report};

/// The report as CSV.
pub fn csv(report: &Report) -> String {
    let mut text = String::from("part,kind,name,count,share\n");
    for part in std::iter::once(&report.total).chain(&report.parts) {
        add(&mut text, part);
    }
    text
}

fn add(text: &mut String, part: &Part) {
    let mut row = |kind: &str, name: &str, count: u64, share: Option<f64>| {
        let share = share.map_or_else(String::new, |share| format!("{share:.6}"));
        let _ = writeln!(text, "{},{},{},{count},{share}", quoted(&part.name), quoted(kind), quoted(name));
    };
    row("executed", "", part.executed, Some(part.share));
    if let Some(dispatches) = part.dispatches {
        row("dispatches", "", dispatches, None);
    }
    for sequences in &part.sequences {
        for it in &sequences.rows {
            let kind = format!("sequence of {}", sequences.length);
            row(&kind, &it.names.join(" "), it.count, Some(it.share));
            if let Some(as_pair) = it.as_pair.filter(|_| it.is_pair == Some(true)) {
                row("as a pair", &it.names.join(" "), as_pair, None);
            }
        }
    }
    row("branches", "taken", part.branches.taken, None);
    row("branches", "not taken", part.branches.not_taken, None);
    for it in &part.accesses {
        row("accesses", &format!("{} of {}", it.kind, it.width), it.count, None);
    }
    for it in &part.calls {
        let host = if it.is_host { " of the host" } else { "" };
        row(&format!("{} calls{host}", it.kind), &it.callee, it.count, Some(it.share));
    }
}
