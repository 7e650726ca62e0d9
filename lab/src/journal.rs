//! Records of long measurements, which grow as samples come: what was measured before an interruption is not measured again.
//!
//! A journal is a file with a line of JSON for what was begun ([`Origin`]), and then one for each sample, or for each program that is done.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::origin::Origin;
use crate::sample::Sample;

/// A line of a journal, after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// A sample of a program.
    Sample(usize, Sample),
    /// A program has been measured for as long as asked for, in words.
    Done(usize, String),
}

/// A record that grows.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What it is a record of.
    pub origin: Origin,
    lines: Vec<Line>,
}

/// Locks a file, unless another process has it. A process that is being started holds the files of the one that starts it for a moment, so one
/// moment is not enough to tell.
fn lock(file: &File) -> bool {
    (0..20).any(|attempt| {
        if attempt > 0 {
            thread::sleep(Duration::from_millis(10));
        }
        file.try_lock().is_ok()
    })
}

impl Journal {
    /// Opens the journal at `path`; begins one about `origin` if there is none. Nobody else can open it meanwhile.
    ///
    /// A last line that is not whole, of a process that was ended while it wrote, is dropped.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written, is no journal, or is open elsewhere.
    pub fn open(path: &Path, origin: impl FnOnce() -> Result<Origin>) -> Result<Journal> {
        let context = || format!("cannot open the record `{}`", path.display());
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = file.with_context(context)?;
        ensure!(lock(&file), "another process is writing the record `{}`", path.display());
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(context)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).with_context(context)?;
        let mut lines = text[..whole].lines();
        let Some(first) = lines.next() else {
            let mut journal = Journal { path: path.to_owned(), file, origin: origin()?, lines: Vec::new() };
            let first = serde_json::to_string(&journal.origin)?;
            journal.write(first)?;
            return Ok(journal);
        };
        let parsed = || -> serde_json::Result<(Origin, Vec<Line>)> {
            Ok((serde_json::from_str(first)?, lines.map(serde_json::from_str).collect::<Result<_, _>>()?))
        };
        let Ok((origin, lines)) = parsed() else { bail!("`{}` is no record of an experiment", path.display()) };
        Ok(Journal { path: path.to_owned(), file, origin, lines })
    }

    /// The samples of a program.
    pub fn samples(&self, program: usize) -> Vec<Sample> {
        let own = self.lines.iter().filter_map(|line| match line {
            Line::Sample(of, sample) if *of == program => Some(sample.clone()),
            Line::Sample(..) | Line::Done(..) => None,
        });
        own.collect()
    }

    /// Whether a program has been measured for so long.
    pub fn is_done(&self, program: usize, how_long: &str) -> bool {
        self.lines.contains(&Line::Done(program, how_long.to_owned()))
    }

    /// Adds a sample.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn add(&mut self, program: usize, sample: &Sample) -> Result<()> {
        self.push(Line::Sample(program, sample.clone()))
    }

    /// Notes that a program has been measured for so long.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(&mut self, program: usize, how_long: &str) -> Result<()> {
        self.push(Line::Done(program, how_long.to_owned()))
    }

    fn push(&mut self, line: Line) -> Result<()> {
        self.write(serde_json::to_string(&line)?)?;
        self.lines.push(line);
        Ok(())
    }

    fn write(&mut self, line: String) -> Result<()> {
        let written: io::Result<()> = self.file.write_all((line + "\n").as_bytes());
        written.with_context(|| format!("cannot write the record `{}`", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Result<Origin> {
        Ok(Origin { command: "riser 1".to_owned(), ..Origin::default() })
    }

    #[test]
    fn what_was_added_is_there_the_next_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let sample = |round| Sample { round, ..Sample::default() };
        {
            let mut journal = Journal::open(&path, origin).expect("a new one");
            journal.add(0, &sample(0)).expect("is written");
            journal.add(1, &sample(1)).expect("is written");
            journal.finish(1, "60 s").expect("is written");
            let error = Journal::open(&path, origin).expect_err("it is open").to_string();
            assert!(error.starts_with("another process is writing"), "{error}");
        }
        // A process that was ended while it wrote.
        let mut text = std::fs::read_to_string(&path).expect("is text");
        text.push_str("{\"sample\": [0, {\"subj");
        std::fs::write(&path, text).expect("is writable");
        let mut journal = Journal::open(&path, || bail!("it is there")).expect("is a journal");
        assert_eq!((journal.samples(0), journal.samples(1)), (vec![sample(0)], vec![sample(1)]));
        assert!(journal.is_done(1, "60 s") && !journal.is_done(1, "90 s") && !journal.is_done(0, "60 s"));
        assert_eq!(journal.origin.command, "riser 1");
        journal.add(0, &sample(2)).expect("is written");
        drop(journal);
        let journal = Journal::open(&path, origin).expect("is a journal");
        assert_eq!(journal.samples(0), [sample(0), sample(2)]);
    }

    #[test]
    fn other_files_are_no_journals() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        std::fs::write(&path, "some text\n").expect("is writable");
        let error = Journal::open(&path, origin).expect_err("is none").to_string();
        assert!(error.ends_with("is no record of an experiment"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("is text"), "some text\n");
    }
}
