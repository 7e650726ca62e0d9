//! Records of measurements, as JSON and as CSV.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::bench::Subject;
use crate::machine;
use crate::origin;
use crate::sample::{Metric, Sample};

/// Everything that was measured, and what is needed to measure it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The measuring program, with its version.
    pub program: String,
    /// The command line.
    pub command: Vec<String>,
    /// The commit of the repository that the measuring program lies in, if it lies in one; `-dirty` if files differ from it.
    #[serde(default)]
    pub commit: Option<String>,
    /// The processor, and the number of its cores.
    pub machine: String,
    /// The release of the system's kernel.
    pub kernel: String,
    /// What was compared.
    pub metric: Metric,
    /// What was measured.
    pub subjects: Vec<Measured>,
    /// Each run.
    pub samples: Vec<Sample>,
}

/// A subject that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// The number of copies of its executable.
    pub copies: usize,
    /// Its arguments; of files in the folder of its report, which is gone with the measurement, the names alone.
    pub arguments: Vec<String>,
}

fn arguments(subject: &Subject) -> Vec<String> {
    let folder = subject.report.as_deref().and_then(Path::parent);
    let as_recorded = |argument: &OsString| {
        let path = Path::new(argument);
        let is_temporary = folder.is_some() && path.parent() == folder;
        let name = path.file_name().filter(|_| is_temporary);
        name.unwrap_or(argument).to_string_lossy().into_owned()
    };
    subject.arguments.iter().map(as_recorded).collect()
}

impl Record {
    /// A record of this machine.
    pub fn new(
        program: String,
        command: Vec<String>,
        metric: Metric,
        subjects: &[Subject],
        samples: Vec<Sample>,
    ) -> Record {
        let measured = subjects.iter().map(|subject| Measured {
            name: subject.name.clone(),
            copies: subject.executables.len(),
            arguments: arguments(subject),
        });
        Record {
            program,
            command,
            commit: std::env::current_exe().ok().and_then(|executable| origin::commit(executable.parent()?)),
            machine: machine::processor(),
            kernel: machine::kernel(),
            metric,
            subjects: measured.collect(),
            samples,
        }
    }

    /// Reads a record back.
    ///
    /// # Errors
    ///
    /// If the text is no record.
    pub fn from_json(text: &str) -> Result<Record> {
        let record: Record = serde_json::from_str(text).context("this is no record of `riser bench --json`")?;
        let is_known = |sample: &Sample| sample.subject < record.subjects.len() && record.metric.of(sample).is_some();
        ensure!(record.samples.iter().all(is_known), "a sample is of no subject, or lacks what was compared");
        Ok(record)
    }

    /// As JSON: one object, with every sample on a line of its own.
    pub fn to_json(&self) -> String {
        const PLAIN: &str = "a record has nothing that JSON lacks";
        const NONE: &str = "[]\n}";
        let without = serde_json::to_string_pretty(&Record { samples: Vec::new(), ..self.clone() }).expect(PLAIN);
        let head = without.strip_suffix(NONE).expect("samples come last");
        let samples = self.samples.iter().map(|sample| serde_json::to_string(sample).expect(PLAIN));
        format!("{head}[\n    {}\n  ]\n}}\n", samples.collect::<Vec<_>>().join(",\n    "))
    }

    /// As CSV (RFC 4180): a line of names, then a line for each sample. A number that is not known of a sample is empty.
    pub fn to_csv(&self) -> String {
        let names = self.samples.iter().flat_map(|sample| sample.reported.keys().chain(sample.counted.keys()));
        let names: BTreeSet<&String> = names.collect();
        let mut text = String::from("program,machine,command,subject,round,copy,cpu_ns,wall_ns,peak_kib");
        for name in &names {
            let _ = write!(text, ",{}", quoted(name));
        }
        text.push('\n');
        let [program, machine, command] = [&self.program, &self.machine, &self.command.join(" ")].map(|it| quoted(it));
        for sample in &self.samples {
            let subject = quoted(&self.subjects[sample.subject].name);
            let Sample { round, copy, cpu_ns, wall_ns, peak_kib, .. } = sample;
            let _ =
                write!(text, "{program},{machine},{command},{subject},{round},{copy},{cpu_ns},{wall_ns},{peak_kib}");
            for name in &names {
                let value = sample.reported.get(*name).or_else(|| sample.counted.get(*name));
                let value = value.map(f64::to_string).unwrap_or_default();
                let _ = write!(text, ",{value}");
            }
            text.push('\n');
        }
        text
    }
}

/// A field of CSV that has text, in quotes if it needs them.
///
/// Text may come from a module, and a spreadsheet takes what begins with one of `=+-@` for a formula, in quotes as well. Such a field gets an
/// apostrophe in front, which spreadsheets take for "this is text"; a number stays one. A semicolon or a tab ends a field in some of them.
pub fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    let field = if is_formula { format!("'{field}") } else { field.to_owned() };
    match field.contains([',', ';', '"', '\t', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let subject = |name: &str| Subject {
            name: name.to_owned(),
            executables: vec!["/bin/true".into()],
            arguments: vec!["--stats-json".into(), "/gone/report-1.json".into(), "--mode".into(), name.into()],
            report: Some("/gone/report-1.json".into()),
        };
        let sample = |subject, cpu_ns| Sample { subject, cpu_ns, wall_ns: 9, peak_kib: 10, ..Sample::default() };
        let mut samples = vec![sample(0, 7), sample(1, 8)];
        samples[1].reported.insert("run".to_owned(), 2.5);
        let command = vec!["riser".to_owned(), "bench".to_owned(), "a,b.wasm".to_owned()];
        let subjects = [subject("interp"), subject("say \"hi\"")];
        Record::new("riser 1".to_owned(), command, Metric::Cpu, &subjects, samples)
    }

    #[test]
    fn csv_has_a_row_for_each_sample() {
        let text = record().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], "program,machine,command,subject,round,copy,cpu_ns,wall_ns,peak_kib,run");
        assert!(lines[1].ends_with(",\"riser bench a,b.wasm\",interp,0,0,7,9,10,"), "{text}");
        assert!(lines[2].ends_with(",\"say \"\"hi\"\"\",0,0,8,9,10,2.5"), "{text}");
    }

    #[test]
    fn text_is_no_formula_and_numbers_are_numbers() {
        for (field, expected) in [
            ("=HYPERLINK(\"x\";1)", "\"'=HYPERLINK(\"\"x\"\";1)\""),
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-cmd", "'-cmd"),
            ("-", "'-"),
            ("@SUM", "'@SUM"),
            ("\t=1", "\"'\t=1\""),
            ("a;=1", "\"a;=1\""),
            ("a-b", "a-b"),
            ("-1", "-1"),
            ("-1.5e3", "-1.5e3"),
            ("+2", "+2"),
            ("", ""),
        ] {
            assert_eq!(quoted(field), expected);
        }
        let mut record = record();
        record.subjects[1].name = "=1".to_owned();
        record.samples[1].reported.insert("run".to_owned(), -2.5);
        let text = record.to_csv();
        assert!(text.ends_with(",'=1,0,0,8,9,10,-2.5\n"), "{text}");
    }

    #[test]
    fn json_reads_back() {
        let text = record().to_json();
        assert_eq!(Record::from_json(&text).expect("is a record"), record());
        assert!(text.contains("\"report-1.json\"") && !text.contains("/gone"), "{text}");
        let empty = Record { samples: Vec::new(), ..record() };
        assert_eq!(Record::from_json(&empty.to_json()).expect("is a record"), empty);
        // As records were before they had a commit.
        assert!(Record::from_json(&text.replace("\"commit\"", "\"other\"")).is_ok_and(|it| it.commit.is_none()));
        let wrong = text.replace("\"subject\":1", "\"subject\":2");
        assert!(Record::from_json(&wrong).is_err() && Record::from_json("{}").is_err());
    }
}
