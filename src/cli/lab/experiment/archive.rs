//! Archives of experiments: all that is needed to repeat one, in a folder.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use riser_lab::Origin;

use super::file::{Entry, Experiment, Input};
use super::{JOURNAL, REPORT, files_below};
use crate::cli::lab::measure::write as write_file;

/// The folder of an archive that has the modules and what they take.
const PROGRAMS: &str = "programs";
/// The folder that has what was measured.
const RECORD: &str = "record";

/// Checks that an archive can be written to a folder: it is not there, or empty.
pub fn check(folder: &Path) -> Result<()> {
    let is_empty = fs::read_dir(folder).map_or(!folder.exists(), |mut entries| entries.next().is_none());
    ensure!(is_empty, "`{}` is not an empty folder: an archive needs one of its own", folder.display());
    Ok(())
}

/// Writes the archive of an experiment that has been measured.
pub fn write(folder: &Path, experiment: &Experiment, origin: &Origin) -> Result<()> {
    // From the end on, so that places before it stay what they are.
    let mut text = experiment.text.clone();
    let mut renamed: Vec<(&Input, String)> = Vec::new();
    for Entry { name, inputs, .. } in &experiment.programs {
        for (number, input) in inputs.iter().enumerate() {
            let ending = input.path.extension().map(|it| format!(".{}", it.to_string_lossy())).unwrap_or_default();
            let number = if number > 0 { format!("-{number}") } else { String::new() };
            renamed.push((input, format!("{PROGRAMS}/{name}{number}{ending}")));
        }
    }
    renamed.sort_by_key(|(input, _)| std::cmp::Reverse(input.place.start));
    for (input, name) in &renamed {
        copy(&input.path, &folder.join(name))?;
        let [before, after] = &input.around;
        // A string of JSON is one of TOML.
        text.replace_range(input.place.clone(), &serde_json::to_string(&format!("{before}{name}{after}"))?);
    }
    write_file(&folder.join("experiment.toml"), &text)?;
    let record = experiment.folder();
    let own = experiment.programs.iter().flat_map(|it| [format!("{}.json", it.name), format!("{}.csv", it.name)]);
    for file in own.chain([JOURNAL.to_owned(), REPORT.to_owned()]) {
        copy(&record.join(&file), &folder.join(RECORD).join(&file))?;
    }
    let origin_json = serde_json::to_string_pretty(origin)? + "\n";
    write_file(&folder.join("origin.json"), &origin_json)?;
    write_file(&folder.join("README.md"), readme(experiment, origin))
}

/// Copies a file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let to = match file.strip_prefix(from) {
            Ok(below) if from.is_dir() => to.join(below),
            Ok(_) | Err(_) => to.to_owned(),
        };
        let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(&file, &to));
        copied.with_context(|| format!("cannot copy `{}` to `{}`", file.display(), to.display()))?;
    }
    Ok(())
}

/// What whoever opens the archive is told.
fn readme(experiment: &Experiment, origin: &Origin) -> String {
    let Origin { command, executable, commit, machine, kernel, .. } = origin;
    let commit = commit.as_deref().unwrap_or("unknown");
    let mut text = format!(
        "# An experiment\n\n\
         * `experiment.toml` says what is measured, and how; `{PROGRAMS}` has the modules, and what they take.\n\
         * `{RECORD}` has what was measured: `{REPORT}`, and for each program all samples as JSON and CSV.\n\
         * `origin.json` says where the record comes from, with the digests of all files.\n\n\
         It was measured by {command} (commit {commit}, executable {executable}) on {machine}, kernel {kernel}.\n\n\
         To measure it again, here and beside the record, and to show both:\n\n\
         ```text\nriser bench experiment.toml\nriser report {RECORD}/*.json experiment.lab/*.json -o both.html\n```\n"
    );
    if !experiment.peers.is_empty() {
        text += "\nThe other engines are not in the archive. These are their command lines, and their digests are in `origin.json`:\n\n";
        text.extend(experiment.peers.iter().map(|peer| format!("* {}: `{}`\n", peer.name, peer.command())));
    }
    text
}
