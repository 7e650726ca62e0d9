//! Reports: records as one page of HTML with plots, as Markdown, or one plot as SVG.
//!
//! Plots are written here: bars with intervals, ratios on a logarithmic scale, and points in a plane. Everything that a plot shows is text,
//! too, so nothing depends on colour.

mod page;
mod plot;

use std::fmt::Write as _;

use crate::comparison::{Comparison, typical};
use crate::record::{Measured, Record};
use crate::sample::{Metric, Sample};
use crate::statistics::{Interval, geometric_interval, geometric_mean, median};

pub use page::{PLOTS, html, svg};

/// A record, by the name of what was measured.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The record.
    pub record: Record,
}

/// A subject's result in one record.
struct Row<'a> {
    subject: &'a Measured,
    /// The median, with its interval.
    value: f64,
    interval: Interval,
    /// The ratio to the first subject; `None` for that one itself.
    comparison: Option<Comparison>,
    /// Medians of what Riser reports: making code, running, the code's size in KiB.
    made_ms: Option<f64>,
    run_ms: Option<f64>,
    code_kib: Option<f64>,
    peak_mib: f64,
}

/// The rows of a record, in the order of its subjects. Subjects without samples have none.
fn rows(record: &Record) -> Vec<Row<'_>> {
    let Record { subjects, samples, metric, .. } = record;
    let row = |(index, subject)| {
        let (value, interval) = typical(samples, index, metric)?;
        let median_of = |number: &dyn Fn(&Sample) -> Option<f64>| median_of(samples, index, number);
        Some(Row {
            subject,
            value,
            interval,
            comparison: (index > 0).then(|| Comparison::of(samples, 0, index, metric)).flatten(),
            made_ms: median_of(&made_ms),
            run_ms: median_of(&|sample| sample.reported.get("run_ms").copied()),
            code_kib: median_of(&|sample| code_bytes(sample).map(|bytes| bytes / 1024.0)),
            peak_mib: median_of(&|sample| Some(sample.peak_kib as f64 / 1024.0))?,
        })
    };
    subjects.iter().enumerate().filter_map(row).collect()
}

/// The median of a number over a subject's samples; `None` if one lacks it.
pub fn median_of(samples: &[Sample], subject: usize, number: impl Fn(&Sample) -> Option<f64>) -> Option<f64> {
    let own = samples.iter().filter(|sample| sample.subject == subject);
    median(&own.map(number).collect::<Option<Vec<f64>>>()?)
}

/// The time in milliseconds that Riser took to make code, by all its engines and threads.
pub fn made_ms(sample: &Sample) -> Option<f64> {
    Some(sample.reported.get("translated_in_ms")? + compiled_ms(sample)?)
}

/// The part of [`made_ms`] that is compilers'. `None` if the subject reports nothing.
pub fn compiled_ms(sample: &Sample) -> Option<f64> {
    let compiled = sample.reported.iter().filter(|(name, _)| name.starts_with("compiled_by_"));
    (!sample.reported.is_empty()).then(|| compiled.fold(0.0, |sum, (_, time)| sum + time))
}

/// The name of a number that `riser ablate` adds to samples: how many instructions the register interpreter dispatched.
pub const DISPATCHES: &str = "dispatches";

/// The size in bytes of the code of all of Riser's engines.
pub fn code_bytes(sample: &Sample) -> Option<f64> {
    let interpreted = sample.reported.get("interpreter_code_bytes")?;
    let compiled = sample.reported.iter().filter(|(name, _)| name.starts_with("code_of_"));
    Some(interpreted + compiled.map(|(_, bytes)| bytes).sum::<f64>())
}

/// The speed of a subject relative to the first one over all records that have both, by names: the geometric mean, with an interval for
/// other programs like these, if there are at least two.
struct Overall {
    name: String,
    speed: f64,
    interval: Option<Interval>,
    programs: usize,
}

fn overall(records: &[Named]) -> Vec<Overall> {
    // In the order in which the names first occur.
    let mut speeds: Vec<(&str, Vec<f64>)> = Vec::new();
    for Record { subjects, samples, metric, .. } in records.iter().map(|named| &named.record) {
        for (index, Measured { name, .. }) in subjects.iter().enumerate().skip(1) {
            let Some(comparison) = Comparison::of(samples, 0, index, metric) else { continue };
            match speeds.iter_mut().find(|(known, _)| known == name) {
                Some((_, of_name)) => of_name.push(1.0 / comparison.ratio),
                None => speeds.push((name, vec![1.0 / comparison.ratio])),
            }
        }
    }
    let overall = speeds.into_iter().filter_map(|(name, speeds)| {
        let (speed, interval) = (geometric_mean(&speeds)?, geometric_interval(&speeds));
        Some(Overall { name: name.to_owned(), speed, interval, programs: speeds.len() })
    });
    overall.collect()
}

/// How a number is shown: three digits that mean something.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), number)
}

/// Text that may stand in a cell of a table in Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The records as Markdown: a table each.
pub fn markdown(records: &[Named]) -> String {
    let mut text = String::new();
    for Named { name, record } in records {
        let rows = rows(record);
        let first = record.subjects.first().map_or("", |subject| &subject.name);
        let _ = write!(
            text,
            "## {name}\n\n| | {} | 95 % | beside {} | making code, ms | run, ms | code, KiB | peak, MiB |\n\
             |---|--:|--:|---|--:|--:|--:|--:|\n",
            cell(&record.metric.heading()),
            cell(first)
        );
        for row in &rows {
            let beside = row.comparison.map_or_else(String::new, |it| it.to_string());
            let [made, run, code] = [row.made_ms, row.run_ms, row.code_kib].map(optional);
            let (value, peak) = (number(row.value), number(row.peak_mib));
            let Interval { low, high } = row.interval;
            let _ = writeln!(
                text,
                "| {} | {value} | {} to {} | {beside} | {made} | {run} | {code} | {peak} |",
                cell(&row.subject.name),
                number(low),
                number(high)
            );
        }
        let Record { program, machine, command, commit, .. } = record;
        let commit = commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
        let _ = writeln!(text, "\n`{}`, {program}{commit}, {machine}\n", command.join(" "));
    }
    text
}

/// Whether a metric is better if it is less: all times are.
fn is_time(metric: &Metric) -> bool {
    match metric {
        Metric::Cpu | Metric::Wall => true,
        Metric::Reported(name) => name.ends_with("_ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Subject;

    fn named(name: &str, times: [u64; 2]) -> Named {
        let subject = |name: &str| Subject {
            name: name.to_owned(),
            executables: vec!["x".into(); 3],
            arguments: Vec::new(),
            report: None,
        };
        let mut samples = Vec::new();
        for copy in 0..3 {
            for (subject, time) in times.into_iter().enumerate() {
                let mut sample =
                    Sample { subject, copy, cpu_ns: time + copy as u64, peak_kib: 2048, ..Sample::default() };
                sample.reported = [("translated_in_ms", 1.0), ("compiled_by_x_in_ms", 2.0), ("run_ms", 5.0)]
                    .into_iter()
                    .chain([("interpreter_code_bytes", 1024.0), ("code_of_x_bytes", 2048.0)])
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                samples.push(sample);
            }
        }
        let subjects = [subject("interp"), subject("<fast>")];
        let record = Record::new("riser 1".to_owned(), vec!["riser".to_owned()], Metric::Cpu, &subjects, samples);
        Named { name: name.to_owned(), record }
    }

    #[test]
    fn a_report_says_what_the_records_do() {
        let records = [named("sieve", [8_000_000, 2_000_000]), named("sort", [4_000_000, 2_000_000])];
        let text = markdown(&records);
        assert!(text.contains("| interp | 8.00 | 8.00 to 8.00 |  | 3.00 | 5.00 | 3.00 | 2.00 |"), "{text}");
        assert!(text.contains("| <fast> | 2.00 |") && text.contains("4.00x faster"), "{text}");
        let overall = overall(&records);
        assert_eq!((overall.len(), overall[0].programs), (1, 2));
        assert!((overall[0].speed - 8f64.sqrt()).abs() < 1e-3, "{}", overall[0].speed);
    }

    #[test]
    fn tables_say_what_subjects_are_beside() {
        let mut records = [named("sieve", [8_000_000, 2_000_000])];
        let Record { subjects, samples, .. } = &mut records[0].record;
        subjects[0].name = "a | b".to_owned();
        // A measurement that was interrupted.
        samples.retain(|sample| sample.subject == 1);
        let text = markdown(&records);
        assert!(text.contains("| beside a \\| b |") && text.contains("| <fast> | 2.00 |"), "{text}");
        assert!(!text.contains("beside <fast>"), "{text}");
    }

    #[test]
    fn a_page_is_whole() {
        let page = html(&[named("a&b", [8_000_000, 2_000_000]), named("sort", [4_000_000, 2_000_000])]);
        assert!(page.contains("a&amp;b") && page.contains("&lt;fast>") && !page.contains("<fast>"), "{page}");
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        assert!(page.matches("<svg").count() >= 5, "{page}");
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
        assert!(!page.contains("/* plots */") && page.contains("svg .bar"), "{page}");
    }

    #[test]
    fn what_takes_no_time_is_not_compared() {
        for times in [[0, 2_000_000], [8_000_000, 0]] {
            let mut records = [named("sieve", times), named("sort", times)];
            for sample in records.iter_mut().flat_map(|named| &mut named.record.samples) {
                sample.cpu_ns = times[sample.subject];
            }
            let page = html(&records);
            assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
            assert!(svg(&records[..1], "speed").expect_err("no ratio").contains("nothing that the plot"));
        }
    }

    #[test]
    fn a_plot_can_be_had_alone() {
        let records = [named("sieve", [8_000_000, 2_000_000]), named("sort", [4_000_000, 2_000_000])];
        for name in PLOTS {
            let of = if name == "overall" { &records[..] } else { &records[..1] };
            let plot = svg(of, name).expect(name);
            assert!(plot.contains("&lt;fast>") && plot.contains("<title>"), "{plot}");
        }
        assert!(svg(&records, "speed").expect_err("is of one").contains("`overall` is of several"));
        assert!(svg(&records[..1], "overall").expect_err("is of several").contains("two records or more"));
        // Bars of such ratios could not be told apart.
        let far = svg(&[named("far", [90_000_000, 2_000_000])], "speed").expect("a plot");
        assert!(far.contains("<circle") && !far.contains("class=\"bar\""), "{far}");
    }
}
