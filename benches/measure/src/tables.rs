//! Records as tables for readers. Speeds are relative: 0.5 is half as fast.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use crate::record::{Record, Summary, is_riser};
use riser_lab::statistics::{Interval, geometric_mean};

/// The program that has a column of its own in the tables of steps.
const COREMARK: &str = "coremark/coremark-1000";
/// The default register interpreter, with which others are compared in those tables.
const DEFAULT: &str = "interp";

/// A table of a record, in Markdown.
///
/// | kind | contents |
/// |---|---|
/// | `programs` | every program: the first engine's time, the others' speed; then as `summary` |
/// | `summary` | for each set, the others' speed: mean, interval, median, the worst for Riser |
/// | `ideas`, `switches`, `strategies` | `riser-compare steps` |
/// | `rates`, `memory` | `riser-compare compile` |
/// | `commands` | `riser-compare start` |
/// | `modes` | `riser-compare modes` |
/// | `ablation` | `riser ablate`, by [`ablation`](crate::ablation) |
///
/// # Errors
///
/// If there is no such kind, or the record lacks what it shows.
pub fn table(kind: &str, record: &Record) -> Result<String> {
    match kind {
        "programs" => Ok(run(record, true)),
        "summary" => Ok(run(record, false)),
        "ideas" => steps(record),
        "switches" => Ok(beside_default(record, |settings| settings.starts_with('-'), "without", |it| &it[1..])),
        "strategies" => {
            let is_strategy = |settings: &str| !settings.starts_with('-') && !settings.starts_with("naive");
            Ok(beside_default(record, is_strategy, "with", |it| it))
        }
        "rates" => Ok(by_size(record, "MB/s of module", |bytes, ns| bytes / ns * 1e3)),
        "memory" => Ok(by_size(record, "peak memory, MiB", |_, peak| peak / f64::from(1 << 20))),
        "commands" => commands(record),
        "modes" => modes(record),
        "ablation" => ablation(record),
        _ => bail!("there is no table `{kind}`"),
    }
}

/// A cell with a number, with three decimals.
fn cell(value: Option<f64>) -> String {
    value.map_or(" - |".to_owned(), |value| format!(" {value:.3} |"))
}

/// An interval in a cell; `-` if there is none.
fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "-".to_owned(), |it| it.to_string())
}

fn heading(title: &str, engines: &[String]) -> String {
    format!("| {title} | {} |\n|---|{}\n", engines.join(" | "), "--:|".repeat(engines.len()))
}

/// The tables `programs` and `summary`: programs in engines, and their statistics.
fn run(record: &Record, programs: bool) -> String {
    let Some((base, engines)) = record.engines.split_first() else { return String::new() };
    let mut text = heading(&format!("speed, {base} = 1"), engines);
    if programs {
        text = heading("program", &[&[base.clone(), "spread".to_owned()], engines].concat());
        for program in record.programs(None) {
            let Some(sample) = record.sample(program, base) else { continue };
            let (Some(time), Some(spread)) = (sample.median(), sample.spread()) else { continue };
            let _ = write!(text, "| {program} | {:.2} ms | {spread:.0} % |", time / 1e6);
            for engine in engines {
                text.push_str(&cell(record.speed(program, engine, base)));
            }
            text.push('\n');
        }
    }
    let mut sets: Vec<Option<&str>> = record.sets().into_iter().map(Some).collect();
    if sets.len() > 1 {
        sets.push(None);
    }
    for set in sets {
        let summaries: Vec<Option<Summary>> = engines.iter().map(|engine| record.summary(set, engine, base)).collect();
        let set = set.unwrap_or("all");
        let mut row = |title: &str, of_base: &str, value: &dyn Fn(&Summary, &str) -> Option<String>| {
            let _ = write!(text, "| {set}: {title} |");
            if programs {
                let _ = write!(text, " {of_base} | |");
            }
            for (summary, engine) in summaries.iter().zip(engines) {
                let value = summary.as_ref().and_then(|summary| value(summary, engine));
                let _ = write!(text, " {} |", value.as_deref().unwrap_or("-"));
            }
            text.push('\n');
        };
        row("geometric mean", "1.000", &|it, _| Some(format!("{:.3}", it.mean)));
        row("95 %", "", &|it, _| it.interval.map(|it| it.to_string()));
        row("median", "1.000", &|it, _| Some(format!("{:.3}", it.median)));
        row("worst for Riser", "", &|it, engine| {
            let (program, speed) = worst(it, engine, base)?;
            Some(format!("{speed:.3} {}", name_of(program)))
        });
    }
    text
}

/// A program's name, without its set.
pub fn name_of(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Where Riser does worst: the program in which its own engine is slowest, or another engine fastest. `None` if neither
/// engine is Riser.
pub fn worst<'a>(summary: &'a Summary, engine: &str, base: &str) -> Option<&'a (String, f64)> {
    match (is_riser(engine), is_riser(base)) {
        (true, _) => Some(&summary.lowest),
        (false, true) => Some(&summary.highest),
        (false, false) => None,
    }
}

/// The speeds for CoreMark and for the set of programs.
fn speeds(record: &Record, engine: &str, base: &str) -> (Option<f64>, Option<Summary>) {
    (record.speed(COREMARK, engine, base), record.summary(Some("programs"), engine, base))
}

/// The table of steps from naive code to the default, each compared with the first and with the one before.
fn steps(record: &Record) -> Result<String> {
    let mut text = "| step | CoreMark, to the first | programs, to the first | CoreMark, to the one before | \
                    programs, to the one before | 95 % |\n|---|--:|--:|--:|--:|--:|\n"
        .to_owned();
    let mut rows = Vec::new();
    for engine in &record.engines {
        let Some(settings) = engine.strip_prefix("interp naive") else { continue };
        rows.push(match settings.rsplit_once('+') {
            Some((_, switch)) => (engine.as_str(), format!("+ `{switch}`")),
            None => (engine.as_str(), format!("naive code, `{}`", settings.trim())),
        });
    }
    // The last switch turns the step into the default, which has a name of its own.
    let mut switches = record.engines.iter().filter_map(|engine| engine.strip_prefix("interp -"));
    let last = switches.next_back().context("the record has no steps")?;
    rows.push((DEFAULT, format!("+ `{last}`")));
    let first = rows[0].0;
    let mut before = first;
    for (engine, title) in &rows {
        let _ = write!(text, "| {title} |");
        let (coremark, programs) = speeds(record, engine, first);
        text.push_str(&(cell(coremark) + &cell(programs.map(|programs| programs.mean))));
        let (coremark, programs) = speeds(record, engine, before);
        text.push_str(&(cell(coremark) + &cell(programs.as_ref().map(|programs| programs.mean))));
        let interval = programs.filter(|_| *engine != before).map(|programs| range(programs.interval));
        let _ = writeln!(text, " {} |", interval.unwrap_or_default());
        before = engine;
    }
    Ok(text)
}

/// A table of engines with certain settings, compared with the default.
fn beside_default(record: &Record, is_row: impl Fn(&str) -> bool, word: &str, name: impl Fn(&str) -> &str) -> String {
    let mut text = "| | CoreMark | programs | 95 % | median | worst |\n|---|--:|--:|--:|--:|---|\n".to_owned();
    for engine in &record.engines {
        let Some(settings) = engine.strip_prefix("interp ").filter(|settings| is_row(settings)) else { continue };
        let (coremark, programs) = speeds(record, engine, DEFAULT);
        let _ = write!(text, "| {word} `{}` |{}", name(settings), cell(coremark));
        let _ = match programs {
            Some(it) => writeln!(
                text,
                " {:.3} | {} | {:.3} | {:.3} {} |",
                it.mean,
                range(it.interval),
                it.median,
                it.lowest.1,
                name_of(&it.lowest.0)
            ),
            None => writeln!(text, " - | | | |"),
        };
    }
    text
}

/// A table of modules, whose names begin with their sizes, with a value computed from each size and median.
fn by_size(record: &Record, title: &str, value: impl Fn(f64, f64) -> f64) -> String {
    let mut text = heading(title, &record.engines);
    for module in record.programs(None) {
        let (size, name) = module.split_once('/').unwrap_or_default();
        let bytes: f64 = size.trim().parse().unwrap_or_default();
        let _ = write!(text, "| {name}, {:.2} MB |", bytes / 1e6);
        for engine in &record.engines {
            let median = record.sample(module, engine).and_then(|sample| sample.median());
            match median.map(|median| value(bytes, median)) {
                Some(value) => {
                    let digits = if value < 1.0 { 3 } else { 1 };
                    let _ = write!(text, " {value:.digits$} |");
                }
                None => text.push_str(" - |"),
            }
        }
        text.push('\n');
    }
    text
}

/// A table of commands: the time of each, and its speed relative to the first.
fn commands(record: &Record) -> Result<String> {
    let mut text =
        "| command | median, ms | spread | speed, the first = 1 | 95 % |\n|---|--:|--:|--:|--:|\n".to_owned();
    let (base, programs) = (record.engines.first(), record.programs(None).next());
    let (base, program) = base.zip(programs).context("the record has no commands")?;
    for command in &record.engines {
        let sample = record.sample(program, command).context("a command without samples")?;
        let (median, spread) = sample.median().zip(sample.spread()).context("a command without samples")?;
        let _ = write!(text, "| `{command}` | {:.2} | {spread:.0} % |", median / 1e6);
        let summary = record.summary(None, command, base).context("a command without samples")?;
        let _ = match command == base {
            true => writeln!(text, " 1.000 | |"),
            false => writeln!(text, " {:.3} | {} |", summary.mean, range(summary.interval)),
        };
    }
    Ok(text)
}

/// The mode with which the others are compared in the table of modes.
const MODES_BASE: &str = "interp";

/// A table of modes: the costs of each, and its speed.
fn modes(record: &Record) -> Result<String> {
    let mut text = String::from(
        "| mode | start, ms | compile, ms | speed, short programs | 95 % | speed, CoreMark | code per byte of wasm | peak memory, MiB |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    // Selects the samples that are called WHAT/SET PROGRAM.
    let select = |what: &str, only: &dyn Fn(&str) -> bool| {
        let mut selected = Record { engines: record.engines.clone(), ..Record::default() };
        for (title, samples) in &record.samples {
            if title.split_once('/').is_some_and(|(which, program)| which == what && only(program)) {
                selected.samples.insert(title.clone(), samples.clone());
            }
        }
        selected
    };
    // The geometric mean over programs. A quantity that is 0 everywhere, such as an interpreter's machine code, has a mean of
    // 0.
    let mean_of = |what: &str, mode: &str, only: &dyn Fn(&str) -> bool| {
        let selected = select(what, only);
        let medians = selected.programs(None).filter_map(|program| selected.sample(program, mode)?.median());
        geometric_mean(&medians.collect::<Vec<_>>()).with_context(|| format!("no samples of {what} in {mode}"))
    };
    let (is_long, is_short, any) = (
        &|program: &str| program.starts_with("coremark "),
        &|program: &str| !program.starts_with("coremark "),
        &|_: &str| true,
    );
    for mode in &record.engines {
        let speed = |which: &dyn Fn(&str) -> bool| {
            let summary = select("run", which).summary(None, mode, MODES_BASE);
            summary.with_context(|| format!("no samples of run in {mode}"))
        };
        let short = speed(is_short)?;
        let interval = short.interval.filter(|_| mode != MODES_BASE).map_or_else(String::new, |it| format!("{it:.2}"));
        let _ = writeln!(
            text,
            "| `{mode}` | {:.1} | {:.1} | {:.2} | {interval} | {:.2} | {:.1} | {:.0} |",
            mean_of("start", mode, any)? / 1e6,
            mean_of("compile", mode, is_short)? / 1e6,
            short.mean,
            speed(is_long)?.mean,
            mean_of("code", mode, any)? / 1000.0,
            mean_of("memory", mode, any)? / f64::from(1 << 20),
        );
    }
    Ok(text)
}

/// A table of what differs from the register interpreter as it is, the largest effect first: speeds, and how many times as much it
/// dispatches, its code takes, and making that takes.
fn ablation(record: &Record) -> Result<String> {
    let programs: Vec<&str> = record.programs(Some("time")).collect();
    let base = record.engines.first().context("the record has no configurations")?;
    let mut rows: Vec<(&str, Summary)> = Vec::new();
    for engine in &record.engines[1..] {
        let summary = record.summary(Some("time"), engine, base).context("the record has no times")?;
        rows.push((engine, summary));
    }
    rows.sort_by(|(_, one), (_, other)| other.mean.ln().abs().total_cmp(&one.mean.ln().abs()));
    let names: Vec<&str> = programs.iter().map(|program| name_of(program)).collect();
    let mut text = format!(
        "| `{base}`, but | speed | 95 % | {} | dispatches | code | making it |\n|---|--:|--:|{}--:|--:|--:|\n",
        names.join(" | "),
        "--:|".repeat(names.len())
    );
    for (engine, speed) in rows {
        let setting = engine.strip_prefix(base.as_str()).map_or(engine, str::trim_start);
        let _ = write!(text, "| `{setting}` | {:.3} | {} |", speed.mean, range(speed.interval));
        for program in &programs {
            text.push_str(&cell(record.speed(program, engine, base)));
        }
        for set in ["dispatches", "code", "made"] {
            let summary = record.summary(Some(set), engine, base).with_context(|| format!("the record lacks {set}"))?;
            let _ = write!(text, " {:.2} |", 1.0 / summary.mean);
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rows: &str) -> Record {
        Record::from_lines(&format!("# commit 0123abc\nprogram\tengine\tvalue\n{rows}")).expect("a record")
    }

    #[test]
    fn modules_are_shown_by_size() {
        let modules = record("  1000000/small\tinterp\t10000000 10000000\n  4000000/large\tinterp\t8388608 8388608\n");
        let memory = table("memory", &modules).expect("a table");
        assert!(memory.ends_with("| small, 1.00 MB | 9.5 |\n| large, 4.00 MB | 8.0 |\n"), "{memory}");
        let rates = table("rates", &modules).expect("a table");
        assert!(rates.contains("| small, 1.00 MB | 100.0 |\n"), "{rates}");
    }

    #[test]
    fn the_worst_for_riser_is_where_it_is_slow_or_another_is_fast() {
        let record = record("a/x\tinterp\t10\na/x\twasmi\t20\na/y\tinterp\t10\na/y\twasmi\t8\n");
        let worst_of = |engine, base| {
            let summary = record.summary(None, engine, base).expect("a summary");
            worst(&summary, engine, base).map(|(program, _)| program.clone())
        };
        assert_eq!(worst_of("interp", "wasmi").as_deref(), Some("a/y"));
        assert_eq!(worst_of("wasmi", "interp").as_deref(), Some("a/y"));
        assert_eq!(worst_of("wasmi", "wasmi"), None);
    }

    #[test]
    fn a_record_without_what_a_table_shows_is_an_error() {
        for kind in ["ideas", "commands", "modes", "ablation", "hopes"] {
            let empty = if kind == "modes" { record("start/hello\tinterp\t1\n") } else { Record::default() };
            assert!(table(kind, &empty).is_err(), "{kind}");
        }
    }
}
