//! The page of a report.

use std::fmt::Write as _;

use super::plot::{Bar, Point, bars, escaped, points};
use super::{Named, is_time, number, optional, overall, rows};
use crate::record::Record;
use crate::statistics::Interval;

/// The records as one page of HTML, which needs nothing else.
pub fn html(records: &[Named]) -> String {
    let mut page = format!("{}<h1>Report</h1>\n", include_str!("head.html"));
    let overall = overall(records);
    if records.len() > 1 && !overall.is_empty() {
        let first = records[0].record.subjects.first().map_or("", |subject| &subject.name);
        let title = format!("Speed relative to {first}, geometric mean of {} programs", overall[0].programs);
        let all = overall.iter().map(|it| Bar { name: &it.name, value: it.speed, interval: it.interval });
        page += "<h2>All programs</h2>\n";
        page += &bars(&title, &all.collect::<Vec<_>>(), Some(1.0));
        page += "<p>Intervals of 95 % are for other programs like these.</p>\n";
    }
    for named in records {
        page += &section(named);
    }
    page + "</main></html>\n"
}

/// A record: its plots and its table.
fn section(Named { name, record }: &Named) -> String {
    let Record { metric, subjects, .. } = record;
    let rows = rows(record);
    let mut text = format!("<h2>{}</h2>\n", escaped(name));
    let heading = metric.heading();
    let all: Vec<Bar<'_>> = rows
        .iter()
        .map(|row| Bar { name: &row.subject.name, value: row.value, interval: Some(row.interval) })
        .collect();
    let better = if is_time(metric) { ": less is better" } else { "" };
    text += &bars(&format!("{heading}{better}"), &all, None);
    let speeds: Vec<Bar<'_>> = (rows.iter().filter(|_| is_time(metric)))
        .filter_map(|row| {
            let it = row.comparison?;
            Some(Bar { name: &row.subject.name, value: 1.0 / it.ratio, interval: it.interval.map(Interval::inverse) })
        })
        .collect();
    if !speeds.is_empty() {
        text += &bars(&format!("Speed relative to {}: more is better", subjects[0].name), &speeds, Some(1.0));
    }
    let made: Vec<Point<'_>> = (rows.iter())
        .filter_map(|row| Some(Point { name: &row.subject.name, x: row.made_ms?, y: row.run_ms? }))
        .filter(|point| point.x > 0.0 && point.y > 0.0)
        .collect();
    if made.len() > 1 {
        text += &points("What making code costs, and what running it takes", ["making code, ms", "run, ms"], &made);
    }
    let code: Vec<Bar<'_>> = (rows.iter())
        .filter_map(|row| Some(Bar { name: &row.subject.name, value: row.code_kib?, interval: None }))
        .collect();
    if !code.is_empty() {
        text += &bars("Code, KiB", &code, None);
    }
    let peak: Vec<Bar<'_>> =
        rows.iter().map(|row| Bar { name: &row.subject.name, value: row.peak_mib, interval: None }).collect();
    text += &bars("Peak memory, MiB", &peak, None);
    let _ = writeln!(
        text,
        "<div class=\"wide\"><table><tr><th></th><th>{}</th><th>95 %</th><th>beside {}</th><th>making code, ms</th><th>run, ms</th>\
         <th>code, KiB</th><th>peak, MiB</th></tr>",
        escaped(&heading),
        escaped(subjects.first().map_or("", |subject| &subject.name))
    );
    for row in &rows {
        let beside = row.comparison.map_or_else(String::new, |it| it.to_string());
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td>{}</td><td>{} to {}</td><td>{beside}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&row.subject.name),
            number(row.value),
            number(row.interval.low),
            number(row.interval.high),
            optional(row.made_ms),
            optional(row.run_ms),
            optional(row.code_kib),
            number(row.peak_mib)
        );
    }
    let Record { program, machine, kernel, command, .. } = record;
    let _ = write!(
        text,
        "</table></div>\n<p class=\"how\"><code>{}</code><br>{}, {}, kernel {}</p>\n",
        escaped(&command.join(" ")),
        escaped(program),
        escaped(machine),
        escaped(kernel)
    );
    text
}
