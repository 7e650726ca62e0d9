//! Records of `riser ablate --json`, one for each program, as one record.
//!
//! Programs are in sets by what was measured: `time`, and of what the interpreter did, `dispatches`, `code` (bytes) and `made` (nanoseconds
//! for making code).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use riser_lab::report::{DISPATCHES, code_bytes, made_ms};

use crate::record::{Record, Sample};

/// The record of programs, by their names.
///
/// # Errors
///
/// If they were not measured in the same configurations, at one commit and on one machine, or if a record is not one of `riser ablate`.
pub fn record(programs: &[(String, riser_lab::Record)]) -> Result<Record> {
    let (_, first) = programs.first().context("there are no records")?;
    let engines: Vec<String> = first.subjects.iter().map(|it| it.name.clone()).collect();
    let mut samples = BTreeMap::new();
    for (name, of_program) in programs {
        ensure!(
            of_program.subjects.iter().map(|it| &it.name).eq(&engines),
            "{name} was measured in other configurations than {}",
            programs[0].0
        );
        ensure!(
            (&of_program.commit, &of_program.machine) == (&first.commit, &first.machine),
            "{name} was measured at another commit or on another machine than {}",
            programs[0].0
        );
        for (set, value) in VALUES {
            samples
                .insert(format!("{set}/{name}"), rows(of_program, value).with_context(|| format!("{set} of {name}"))?);
        }
    }
    Ok(Record {
        commit: first.commit.clone().unwrap_or_default(),
        machine: first.machine.clone(),
        command: "riser ablate".to_owned(),
        engines,
        samples,
    })
}

/// What is kept of a sample, in whole numbers.
type Value = fn(&riser_lab::Sample) -> Option<f64>;

const VALUES: [(&str, Value); 4] = [
    ("time", |sample| Some(sample.cpu_ns as f64)),
    ("dispatches", |sample| sample.reported.get(DISPATCHES).copied()),
    ("code", code_bytes),
    ("made", |sample| made_ms(sample).map(|ms| ms * 1e6)),
];

/// A value of all samples, for each configuration.
fn rows(record: &riser_lab::Record, value: Value) -> Result<Vec<Sample>> {
    let mut rows = vec![Sample::default(); record.subjects.len()];
    for sample in &record.samples {
        let value = value(sample).context("the record does not say it: it is none of `riser ablate --json`")?;
        rows[sample.subject].push(sample.copy, value as u64);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use riser_lab::{Metric, Subject};

    use super::*;
    use crate::tables::table;

    fn of_program(name: &str, times: [u64; 2]) -> (String, riser_lab::Record) {
        let subjects = ["interp", "interp no-pairs"].map(|name| Subject {
            name: name.to_owned(),
            executables: vec!["riser".into(); 2],
            arguments: Vec::new(),
            report: None,
        });
        let mut samples = Vec::new();
        for (subject, time) in times.into_iter().enumerate() {
            for round in 0..6 {
                let reported = [(DISPATCHES, 100.0 * (subject + 1) as f64), ("translated_in_ms", 1.0)];
                let reported = reported.into_iter().chain([("interpreter_code_bytes", 1000.0)]);
                samples.push(riser_lab::Sample {
                    subject,
                    round: round / 2,
                    copy: round % 2,
                    cpu_ns: time,
                    reported: reported.map(|(name, value)| (name.to_owned(), value)).collect(),
                    ..riser_lab::Sample::default()
                });
            }
        }
        (name.to_owned(), riser_lab::Record::new("riser".to_owned(), Vec::new(), Metric::Cpu, &subjects, samples))
    }

    #[test]
    fn programs_are_rows_of_one_table() {
        let record = record(&[of_program("json", [100, 200]), of_program("sort", [100, 400])]).expect("a record");
        assert_eq!(Record::from_lines(&record.to_lines()).expect("reads back").samples, record.samples);
        let table = table("ablation", &record).expect("a table");
        assert!(table.contains("| json | sort |"), "{table}");
        assert!(table.contains("| `no-pairs` | 0.354 | "), "{table}");
        assert!(table.ends_with("| 0.500 | 0.250 | 2.00 | 1.00 | 1.00 |\n"), "{table}");
    }

    #[test]
    fn what_does_not_belong_together_is_an_error() {
        let mut other = of_program("sort", [1, 2]);
        other.1.machine += "!";
        let error = record(&[of_program("json", [1, 2]), other]).expect_err("another machine");
        assert!(error.to_string().contains("sort was measured at another commit or on another machine than json"));
        let mut bench = of_program("sort", [1, 2]);
        bench.1.samples[0].reported.remove(DISPATCHES);
        assert!(format!("{:#}", record(&[bench]).expect_err("no counts")).contains("none of `riser ablate --json`"));
        assert!(record(&[]).is_err());
    }
}
