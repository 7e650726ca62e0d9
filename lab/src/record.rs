//! Records of measurements, as JSON and as CSV.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::bench::{Sample, Subject};
use crate::machine;

/// Everything that was measured, and what is needed to measure it again.
#[derive(Debug)]
pub struct Record {
    /// The measuring program, with its version.
    pub program: String,
    /// The command line.
    pub command: Vec<String>,
    /// What was measured.
    pub subjects: Vec<Subject>,
    /// Each run.
    pub samples: Vec<Sample>,
}

impl Record {
    /// As JSON: one object, with every sample.
    pub fn to_json(&self) -> String {
        let subjects = self.subjects.iter().map(|subject| {
            let arguments: Vec<_> = subject.arguments.iter().map(|it| it.to_string_lossy()).collect();
            json!({ "name": subject.name, "copies": subject.executables.len(), "arguments": arguments })
        });
        let samples = self.samples.iter().map(|sample| {
            json!({
                "subject": self.subjects[sample.subject].name,
                "round": sample.round,
                "copy": sample.copy,
                "cpu_ns": sample.cpu_ns,
                "wall_ns": sample.wall_ns,
                "peak_kib": sample.peak_kib,
                "reported": sample.reported,
            })
        });
        let record = json!({
            "program": self.program,
            "command": self.command,
            "machine": machine::processor(),
            "kernel": machine::kernel(),
            "subjects": subjects.collect::<Vec<Value>>(),
            "samples": samples.collect::<Vec<Value>>(),
        });
        format!("{record:#}\n")
    }

    /// As CSV (RFC 4180): a line of names, then a line for each sample. A number that a subject did not report is empty.
    pub fn to_csv(&self) -> String {
        let reported: BTreeSet<&String> = self.samples.iter().flat_map(|sample| sample.reported.keys()).collect();
        let mut text = String::from("program,machine,command,subject,round,copy,cpu_ns,wall_ns,peak_kib");
        for name in &reported {
            let _ = write!(text, ",{}", quoted(name));
        }
        text.push('\n');
        let [program, machine, command] =
            [&self.program, &machine::processor(), &self.command.join(" ")].map(|it| quoted(it));
        for sample in &self.samples {
            let subject = quoted(&self.subjects[sample.subject].name);
            let Sample { round, copy, cpu_ns, wall_ns, peak_kib, .. } = sample;
            let _ =
                write!(text, "{program},{machine},{command},{subject},{round},{copy},{cpu_ns},{wall_ns},{peak_kib}");
            for name in &reported {
                let value = sample.reported.get(*name).map(f64::to_string).unwrap_or_default();
                let _ = write!(text, ",{value}");
            }
            text.push('\n');
        }
        text
    }
}

/// A field, in quotes if it needs them.
fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let subject = |name: &str| Subject {
            name: name.to_owned(),
            executables: vec!["/bin/true".into()],
            arguments: vec!["--mode".into(), name.into()],
            report: None,
        };
        let sample = |subject, cpu_ns| Sample { subject, cpu_ns, wall_ns: 9, peak_kib: 10, ..Sample::default() };
        let mut samples = vec![sample(0, 7), sample(1, 8)];
        samples[1].reported.insert("run".to_owned(), 2.5);
        Record {
            program: "riser 1".to_owned(),
            command: vec!["riser".to_owned(), "bench".to_owned(), "a,b.wasm".to_owned()],
            subjects: vec![subject("interp"), subject("say \"hi\"")],
            samples,
        }
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
    fn json_reads_back() {
        let value: Value = serde_json::from_str(&record().to_json()).expect("is JSON");
        assert_eq!(value["samples"][1]["reported"]["run"], 2.5);
        assert_eq!(value["subjects"][0]["arguments"][1], "interp");
    }
}
