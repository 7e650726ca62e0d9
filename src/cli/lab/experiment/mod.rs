//! Experiments: `riser bench EXPERIMENT.toml`.
//!
//! What is measured is in a folder beside the file: the [journal](riser_lab::journal) of all samples, a record for each program, the report,
//! and the copies of the executable until the experiment is done. A measurement that was interrupted goes on with the journal and the copies
//! that are there. It does not if anything of what it measures has changed.

mod archive;
mod file;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use riser_lab::origin::digest;
use riser_lab::report::{Named, html};
use riser_lab::{Journal, Origin, Record, Subject};

use super::bench::report;
use super::measure::{self, measure, version};
use super::program::{Laboratory, built_in_modes, this_executable};
use crate::cli::out;

use file::Entry;
pub use file::Experiment;

/// The file of the journal.
const JOURNAL: &str = "journal.jsonl";
/// The file of the report.
const REPORT: &str = "report.html";

/// Measures an experiment, as far as it has not been measured yet, and reports.
///
/// # Errors
///
/// If something fails, or if what was measured before was something else and `restart` does not drop it.
pub fn run(experiment: &Experiment, restart: bool, archive: Option<&Path>) -> Result<()> {
    let folder = experiment.folder();
    if let Some(archive) = archive {
        archive::check(archive)?;
    }
    for Entry { name, program, .. } in &experiment.programs {
        [Some(&*folder), archive]
            .into_iter()
            .flatten()
            .try_for_each(|folder| program.check_out_of_reach(folder))
            .with_context(|| format!("cannot measure `{name}`"))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    if restart {
        remove(&folder.join(JOURNAL))?;
    }
    let configurations = experiment.matrix.configurations(&built_in_modes()?)?;
    let names = configurations.iter().map(|it| format!("{it}: {}", it.flags().join(" ")));
    let names = names.chain(experiment.peers.iter().map(|peer| format!("{}: {}", peer.name, peer.command())));
    let origin = origin(experiment, &names.collect::<Vec<_>>())?;
    let mut journal = open(experiment, origin)?;
    // Not before: if the executable has changed, copies of the one before are to stay as they are.
    let laboratory = Laboratory::that_stays(experiment.lab.copies(), &folder)?;
    let subjects = |entry: &Entry| -> Result<Vec<Subject>> {
        let own = laboratory.subjects(&entry.program, &configurations)?.into_iter().map(Ok);
        own.chain(experiment.peers.iter().map(|peer| peer.subject(&entry.program))).collect()
    };
    let mut records = Vec::new();
    for (number, entry) in experiment.programs.iter().enumerate() {
        let subjects = entry.program.check().and_then(|()| subjects(entry));
        let subjects = subjects.with_context(|| format!("cannot measure `{}`", entry.name))?;
        let record = measure_one(experiment, &mut journal, number, entry, &subjects);
        let record = record.with_context(|| format!("cannot measure `{}`", entry.name))?;
        measure::write(&folder.join(format!("{}.json", entry.name)), record.to_json())?;
        measure::write(&folder.join(format!("{}.csv", entry.name)), record.to_csv())?;
        out::print(|out| Ok(write!(out, "{}\n\n{}\n", entry.name, report(&record))?))?;
        records.push(Named { name: entry.name.clone(), record });
    }
    let page = folder.join(REPORT);
    measure::write(&page, html(&records))?;
    laboratory.finish();
    if let Some(archive) = archive {
        archive::write(archive, experiment, &journal.origin)?;
    }
    out::print(|out| Ok(writeln!(out, "The report is `{}`; the records are beside it.", page.display())?))
}

/// Measures a program, unless it has been measured for so long.
fn measure_one(
    experiment: &Experiment,
    journal: &mut Journal,
    number: usize,
    entry: &Entry,
    subjects: &[Subject],
) -> Result<Record> {
    let mut plan = experiment.lab.plan(subjects, &entry.program.file)?;
    // A limit of time may end a measurement that goes on without it.
    let hurried = if plan.rounds_beyond_time < plan.least_rounds { " unless the time is over" } else { "" };
    let how_long = format!("{} rounds{hurried}, {:?}, {}", plan.least_rounds, plan.time, plan.precision);
    let samples = journal.samples(number);
    if journal.is_done(number, &how_long) {
        plan.most_rounds = 0;
        return measure(subjects, &plan, samples, |_| Ok(()));
    }
    let record = measure(subjects, &plan, samples, |sample| journal.add(number, sample))?;
    journal.finish(number, &how_long)?;
    Ok(record)
}

/// What the experiment measures, on this machine. `subjects` are described in words.
fn origin(experiment: &Experiment, subjects: &[String]) -> Result<Origin> {
    let mut origin = Origin::here(version(), &this_executable()?)?;
    let mut files = BTreeMap::new();
    for Entry { name, program, inputs } in &experiment.programs {
        let guest: Vec<String> = program.guest.iter().map(|it| it.to_string_lossy().into_owned()).collect();
        let words = [&guest[..], &[program.file.display().to_string()], &program.arguments].concat().join(" ");
        origin.measured.push(format!("{name}: {words}"));
        for path in inputs.iter().map(|input| &input.path) {
            for file in files_below(path)? {
                files.insert(file.display().to_string(), digest(&file)?);
            }
        }
    }
    origin.measured.extend(subjects.iter().cloned());
    let lab = &experiment.lab;
    let metric = lab.metric.as_ref().map_or("default".to_owned(), |metric| metric.heading());
    origin.measured.push(format!("{} copies, metric {metric}", lab.copies()));
    for executable in experiment.peers.iter().filter_map(|peer| peer.executable()) {
        files.insert(executable.display().to_string(), digest(&executable)?);
    }
    origin.files = files;
    origin.experiment = experiment.text.clone();
    Ok(origin)
}

/// Opens the journal, if what it is about is still the same.
fn open(experiment: &Experiment, origin: Origin) -> Result<Journal> {
    let path = experiment.folder().join(JOURNAL);
    let journal = Journal::open(&path, || Ok(origin.clone()))?;
    let differences = origin.differences(&journal.origin);
    if !differences.is_empty() {
        bail!(
            "the record `{}` is not of what `{}` would measure now:\n  {}\nundo that, or begin anew with --restart",
            path.display(),
            experiment.path.display(),
            differences.join("\n  ")
        );
    }
    if origin.experiment != journal.origin.experiment {
        let path = experiment.path.display();
        out::tell(format!("`{path}` has changed, but not what it measures: the record goes on\n"));
    }
    Ok(journal)
}

/// A file; or all regular files of a folder, in the order of their names. A link to a folder that it is in is left out.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    match path.is_dir() {
        true => add_files_below(path, &mut Vec::new(), &mut files)?,
        false => files.push(path.to_owned()),
    }
    Ok(files)
}

/// Adds the files of a folder, which is in the folders `above`.
fn add_files_below(folder: &Path, above: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("cannot read `{}`", folder.display());
    let real = folder.canonicalize().with_context(unreadable)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    let entries = fs::read_dir(folder).with_context(unreadable)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>().with_context(unreadable)?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            add_files_below(&path, above, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_of_a_folder_are_found_once_for_each_way_to_them() {
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;

        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("a/b")).expect("is writable");
        fs::write(at("a/b/c"), "").expect("is writable");
        for (target, link) in [("..", "a/b/up"), (".", "a/b/same"), ("b/c", "a/d"), ("b", "a/e"), ("none", "a/f")] {
            symlink(target, at(link)).expect("is writable");
        }
        let _socket = UnixListener::bind(at("a/socket")).expect("is writable");
        let found = |path: &str| -> Vec<String> {
            let files = files_below(&at(path)).expect("is readable");
            files.iter().map(|it| it.strip_prefix(folder.path()).expect("below").display().to_string()).collect()
        };
        assert_eq!(found("a"), ["a/b/c", "a/d", "a/e/c"]);
        assert_eq!(found("a/b/c"), ["a/b/c"]);
    }
}
