//! The page of a report, and its plots.

use std::fmt::Write as _;

use super::plot::{Bar, Plot, Point, STYLE, bars, escaped, ladder, points};
use super::{Named, Row, is_time, number, optional, overall, rows};
use crate::record::Record;
use crate::statistics::Interval;

/// The names of plots: that of all records, and those of one.
pub const PLOTS: [&str; 6] = ["overall", "time", "speed", "making", "code", "memory"];

/// Speeds that are further apart than this are shown on a logarithmic scale: the shortest bars could not be told apart.
const MOST_FOR_BARS: f64 = 8.0;

/// The records as one page of HTML, which needs nothing else.
pub fn html(records: &[Named]) -> String {
    let head = include_str!("head.html").replace("/* plots */\n", STYLE);
    let mut page = format!("{head}<h1>Report</h1>\n");
    if let Some(plot) = of_all(records) {
        page += "<h2>All programs</h2>\n";
        page += &plot.figure();
        page += "<p>Intervals of 95 % are for other programs like these.</p>\n";
    }
    for named in records {
        page += &section(named);
    }
    page + "</main></html>\n"
}

/// The plot with a name, one of [`PLOTS`], as a file of SVG.
///
/// # Errors
///
/// If the records have nothing to show in it, or if it is of one record and there are several.
pub fn svg(records: &[Named], name: &str) -> Result<String, String> {
    let plot = match (name, records) {
        ("overall", _) => of_all(records),
        (_, [Named { record, .. }]) => plots(record, &rows(record)).into_iter().find(|plot| plot.name == name),
        _ => return Err(format!("the plot `{name}` is of one record; `overall` is of several")),
    };
    plot.map(|plot| plot.file()).ok_or_else(|| match name {
        "overall" => "the plot `overall` takes two records or more, with subjects in common".to_owned(),
        _ => format!("the record has nothing that the plot `{name}` would show"),
    })
}

/// The plot of all records, if there are several with something in common.
fn of_all(records: &[Named]) -> Option<Plot> {
    let mut overall = overall(records);
    overall.retain(|it| it.programs > 1);
    let programs = overall.iter().map(|it| it.programs).max()?;
    let first = records[0].record.subjects.first().map_or("", |subject| &subject.name);
    let title = format!("Speed relative to {first}: mean of {programs} programs");
    let all: Vec<Bar<'_>> =
        overall.iter().map(|it| Bar { name: &it.name, value: it.speed, interval: it.interval }).collect();
    Some(speeds("overall", title, &all))
}

/// Speeds relative to the first subject: bars, or points on a logarithmic scale.
fn speeds(name: &'static str, title: String, all: &[Bar<'_>]) -> Plot {
    let (least, most) =
        all.iter().fold((1.0, 1.0), |(least, most): (f64, f64), bar| (least.min(bar.value), most.max(bar.value)));
    match most / least > MOST_FOR_BARS {
        true => ladder(name, title, all),
        false => bars(name, title, all, Some(1.0)),
    }
}

/// The plots of a record, which has these rows. One that would be empty is not there.
fn plots(Record { metric, subjects, .. }: &Record, rows: &[Row<'_>]) -> Vec<Plot> {
    let mut plots = Vec::new();
    let all: Vec<Bar<'_>> = rows
        .iter()
        .map(|row| Bar { name: &row.subject.name, value: row.value, interval: Some(row.interval) })
        .collect();
    let better = if is_time(metric) { ": less is better" } else { "" };
    plots.push(bars("time", format!("{}{better}", metric.heading()), &all, None));
    let relative: Vec<Bar<'_>> = (rows.iter().filter(|_| is_time(metric)))
        .filter_map(|row| {
            let it = row.comparison?;
            Some(Bar { name: &row.subject.name, value: 1.0 / it.ratio, interval: it.interval.map(Interval::inverse) })
        })
        .collect();
    if !relative.is_empty() {
        let title = format!("Speed relative to {}: more is better", subjects[0].name);
        plots.push(speeds("speed", title, &relative));
    }
    let made: Vec<Point<'_>> = (rows.iter())
        .filter_map(|row| Some(Point { name: &row.subject.name, x: row.made_ms?, y: row.run_ms? }))
        .filter(|point| point.x > 0.0 && point.y > 0.0)
        .collect();
    if made.len() > 1 {
        let title = "What making code costs, and what running it takes".to_owned();
        plots.push(points("making", title, ["making code, ms", "run, ms"], &made));
    }
    let code: Vec<Bar<'_>> = (rows.iter())
        .filter_map(|row| Some(Bar { name: &row.subject.name, value: row.code_kib?, interval: None }))
        .collect();
    if !code.is_empty() {
        plots.push(bars("code", "Code, KiB".to_owned(), &code, None));
    }
    let peak: Vec<Bar<'_>> =
        rows.iter().map(|row| Bar { name: &row.subject.name, value: row.peak_mib, interval: None }).collect();
    plots.push(bars("memory", "Peak memory, MiB".to_owned(), &peak, None));
    plots
}

/// A record: its plots and its table.
fn section(Named { name, record }: &Named) -> String {
    let rows = rows(record);
    let plots: String = plots(record, &rows).iter().map(Plot::figure).collect();
    let mut text = format!("<h2>{}</h2>\n<div class=\"plots\">\n{plots}</div>\n", escaped(name));
    let _ = writeln!(
        text,
        "<div class=\"wide\"><table><tr><th></th><th>{}</th><th>95 %</th><th>beside {}</th><th>making code, ms</th><th>run, ms</th>\
         <th>code, KiB</th><th>peak, MiB</th></tr>",
        escaped(&record.metric.heading()),
        escaped(record.subjects.first().map_or("", |subject| &subject.name))
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
    let Record { program, machine, kernel, command, commit, .. } = record;
    let commit = commit.as_ref().map(|commit| format!(", commit {}", escaped(commit)));
    let _ = write!(
        text,
        "</table></div>\n<p class=\"how\"><code>{}</code><br>{}{}, {}, kernel {}</p>\n",
        escaped(&command.join(" ")),
        escaped(program),
        commit.unwrap_or_default(),
        escaped(machine),
        escaped(kernel)
    );
    text
}
