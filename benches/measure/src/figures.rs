//! The figures in the documentation. Each is between markers that say where it comes from; `cargo xtask figures` fills them in, and a test
//! compares them.
//!
//! ```text
//! ...the interpreter is <!-- figure: mean of engines programs: interp / wasmi -->1.30<!-- end --> times as fast...
//!
//! <!-- table: programs of engines -->
//! <!-- end -->
//! ```
//!
//! `of` is followed by the part of a record: the file `PART.tsv` in the newest set of `benches/record` that has it. A table is one of
//! [`tables::table`]. A figure is a statistic of a set of programs (or of `all`) and of two engines, whose speeds it compares: `mean`,
//! `interval`, `median`, or `worst` with its program. The table of `records` lists the sets.
//!
//! A number that looks like a figure, but is neither between markers nor in a fenced block, is an error ([`unmarked`]). In the record of a
//! decision, figures that can no longer be measured follow `<!-- history: COMMAND, at COMMIT -->`, and are left as they are.

mod records;
mod unmarked;

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::record::Record;
use crate::tables;

pub use records::Records;
pub use unmarked::unmarked;

const END: &str = "<!-- end -->";

/// The problems of figures, and of the records that they come from.
#[derive(Debug, Default)]
pub struct Report {
    /// Documents to change, with their new text.
    pub changed: Vec<(PathBuf, String)>,
    /// Everything else, a line each.
    pub problems: Vec<String>,
    /// The rules that older records break, a line each.
    pub exceptions: Vec<String>,
}

impl Report {
    /// Whether nothing has to be changed or put right.
    pub fn is_clean(&self) -> bool {
        self.changed.is_empty() && self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for exception in &self.exceptions {
            writeln!(f, "made before the rules: {exception}")?;
        }
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        for (path, filled) in &self.changed {
            let text = fs::read_to_string(path).unwrap_or_default();
            writeln!(f, "{}: not what the records say; `cargo xtask figures` puts it right:", path.display())?;
            let (said, should): (Vec<&str>, Vec<&str>) = (text.lines().collect(), filled.lines().collect());
            for line in said.iter().filter(|line| !should.contains(line)) {
                writeln!(f, "  - {line}")?;
            }
            for line in should.iter().filter(|line| !said.contains(line)) {
                writeln!(f, "  + {line}")?;
            }
        }
        Ok(())
    }
}

/// Compares every document of a repository with the records.
///
/// # Errors
///
/// If a document or record cannot be read.
pub fn check(repository: &Path) -> Result<Report> {
    let repository = &repository.canonicalize().with_context(|| format!("no folder {}", repository.display()))?;
    let records = Records::read(&repository.join("benches/record"))?;
    let mut report = Report { problems: records.problems(), exceptions: records.exceptions(), ..Report::default() };
    for path in documents(repository)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(repository).unwrap_or(&path).display().to_string();
        match fill(&text, &records) {
            Ok(filled) if filled == text => {}
            Ok(filled) => report.changed.push((path.clone(), filled)),
            Err(error) => report.problems.push(format!("{name}: {error:#}")),
        }
        report.problems.extend(unmarked(&name, &text));
    }
    Ok(report)
}

/// As [`check`], but also writes the documents. Somebody has to put right what is left in the report.
///
/// # Errors
///
/// If a document or record cannot be read, or a document not be written.
pub fn write(repository: &Path) -> Result<Report> {
    let mut report = check(repository)?;
    for (path, filled) in report.changed.drain(..) {
        fs::write(&path, filled).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

/// The documents whose figures are checked.
fn documents(repository: &Path) -> Result<Vec<PathBuf>> {
    let mut documents = vec![repository.join("README.md"), repository.join("benches/record/README.md")];
    let mut folders = vec![repository.join("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path);
            }
        }
    }
    documents.sort();
    Ok(documents)
}

/// A document with all figures filled in from the records.
///
/// # Errors
///
/// If a marker is not closed, or asks for something that no record has.
fn fill(text: &str, records: &Records) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((start, opening, query)) = next_marker(rest) {
        let inside = &rest[start + opening.len()..];
        let end = inside.find(END).with_context(|| format!("`{opening}` has no `{END}`"))?;
        ensure!(next_marker(&inside[..end]).is_none(), "`{opening}` has no `{END}` before the next marker");
        filled.push_str(&rest[..start]);
        filled.push_str(opening);
        let shown = match query {
            Query::Figure(query) => figure(query, records),
            Query::Table(query) => table(query, records),
        };
        filled.push_str(&shown.with_context(|| format!("`{opening}`"))?);
        filled.push_str(END);
        rest = &inside[end + END.len()..];
    }
    filled.push_str(rest);
    Ok(filled)
}

enum Query<'a> {
    Figure(&'a str),
    Table(&'a str),
}

/// The first opening marker outside of fenced blocks: its position, its text, and its query.
fn next_marker(text: &str) -> Option<(usize, &str, Query<'_>)> {
    let (mut at, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let found = line.find("<!-- figure: ").into_iter().chain(line.find("<!-- table: ")).min();
        if let (Some(start), false) = (found, fenced) {
            let opening = &line[start..];
            let opening = &opening[..opening.find("-->")? + "-->".len()];
            let (kind, query) = opening.trim_start_matches("<!-- ").trim_end_matches("-->").split_once(':')?;
            let query = if kind == "table" { Query::Table(query.trim()) } else { Query::Figure(query.trim()) };
            return Some((at + start, opening, query));
        }
        at += line.len();
    }
    None
}

/// The value of `STATISTIC of PART SET: ENGINE / BASE`.
fn figure(query: &str, records: &Records) -> Result<String> {
    let parsed = query.split_once(" of ").and_then(|(statistic, of)| {
        let (what, engines) = of.split_once(": ")?;
        let (part, set) = what.split_once(' ')?;
        let (engine, base) = engines.split_once(" / ")?;
        Some((statistic, part, set, engine, base))
    });
    let (statistic, part, set, engine, base) = parsed.context(
        "a figure is `STATISTIC of PART SET: ENGINE / BASE`, for instance `mean of engines all: interp / wasmi`",
    )?;
    let newest = records.newest(part)?.with_context(|| format!("no record that may be quoted has the part {part}"))?;
    let set = (set != "all").then_some(set);
    let summary = newest.record.summary(set, engine, base).context("the record has no such programs or engines")?;
    Ok(match statistic {
        "mean" => format!("{:.2}", summary.mean),
        "interval" => format!("{:.2}", summary.interval.context("one program and one copy have no interval")?),
        "median" => format!("{:.2}", summary.median),
        "worst" => {
            let (program, speed) = tables::worst(&summary, engine, base).context("neither of them is Riser")?;
            format!("{speed:.2} ({})", tables::name_of(program))
        }
        _ => bail!("there is no statistic `{statistic}`"),
    })
}

/// The table for `KIND of PART`, or the table of records, on lines of its own.
fn table(query: &str, records: &Records) -> Result<String> {
    if query == "records" {
        return Ok(format!("\n\n{}\n", records.table()));
    }
    let (kind, part) =
        query.split_once(" of ").context("a table is `KIND of PART`, for instance `programs of engines`")?;
    let Some(newest) = records.newest(part)? else {
        return Ok(format!("\n\n*Not measured yet: `benches/compare/record.sh {part}` makes the record.*\n"));
    };
    let table = tables::table(kind, newest.record)?;
    let Record { commit, machine, .. } = newest.record;
    let machine = if machine.is_empty() { String::new() } else { format!(", {machine}") };
    let (set, note) = (newest.set, newest.note());
    Ok(format!("\n\n{table}\n*Record: `benches/record/{set}`, commit {commit}{note}{machine}.*\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    const RECORD: &str = "# commit 0123abc\n# machine A processor, 2 cores\n# riser-compare run\nprogram\tengine\tnanoseconds\n\
                          a/one\tinterp\t10 10 10 10 10\na/one\twasmi\t20 20 20 20 20\n\
                          a/two\tinterp\t10 10 10 10 10\na/two\twasmi\t8 8 8 8 8\n";

    fn records() -> Records {
        let record = Record::from_lines(RECORD).expect("a record");
        Records::default().with("2030-01-01-0123abc", "engines", record)
    }

    #[test]
    fn figures_are_filled_in() {
        let text = "It is <!-- figure: mean of engines all: interp / wasmi -->9<!-- end --> times as fast, at worst\n\
                    <!-- figure: worst of engines a: interp / wasmi -->?<!-- end -->.\n";
        let filled = fill(text, &records()).expect("figures");
        assert_eq!(filled.matches("-->1.26<!-- end --> times").count(), 1, "{filled}");
        assert!(filled.ends_with("-->0.80 (two)<!-- end -->.\n"), "{filled}");
        assert_eq!(fill(&filled, &records()).expect("figures"), filled);
    }

    #[test]
    fn tables_are_filled_in() {
        let filled = fill("<!-- table: programs of engines -->\n<!-- end -->\n", &records()).expect("a table");
        assert!(filled.contains("\n| a: geometric mean | 1.000 | | 0.791 |\n"), "{filled}");
        assert!(
            filled
                .contains("`benches/record/2030-01-01-0123abc`, commit 0123abc, A processor, 2 cores.*\n<!-- end -->"),
            "{filled}"
        );
        let none = fill("<!-- table: summary of polybench -->\n<!-- end -->\n", &records()).expect("no table");
        assert!(none.contains("Not measured yet"), "{none}");
    }

    #[test]
    fn what_cannot_be_filled_in_is_an_error() {
        for text in [
            "<!-- figure: mean of engines all: interp / wasmi -->1.26",
            "<!-- figure: mean of engines all: interp / wasmi --> <!-- figure: x --> <!-- end --><!-- end -->",
            "<!-- figure: mean of engines all: interp / stitch --><!-- end -->",
            "<!-- figure: mean of engines b: interp / wasmi --><!-- end -->",
            "<!-- figure: mean of polybench all: interp / wasmi --><!-- end -->",
            "<!-- figure: hunch of engines all: interp / wasmi --><!-- end -->",
            "<!-- figure: fast --><!-- end -->",
            "<!-- table: guesses of engines -->\n<!-- end -->",
        ] {
            assert!(fill(text, &records()).is_err(), "{text}");
        }
    }

    #[test]
    fn fenced_blocks_are_left_alone() {
        let text = "```text\n<!-- figure: nonsense -->1<!-- end -->\n```\n";
        assert_eq!(fill(text, &records()).expect("no figure"), text);
    }

    /// Checks the documents of this repository. `cargo xtask figures` fills them in.
    #[test]
    fn documents_say_what_records_say() {
        let report = check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).expect("documents and records");
        assert!(report.is_clean(), "{report}");
    }
}
