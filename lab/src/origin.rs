//! Where a record comes from: what has to be the same if it is to be continued, or measured again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::machine;

/// Where a record comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The measuring command, with its version.
    pub command: String,
    /// The digest of its executable.
    pub executable: String,
    /// The commit of the repository that the executable lies in, if it lies in one; `-dirty` if files differ from it.
    pub commit: Option<String>,
    /// The processor, and the number of its cores.
    pub machine: String,
    /// The release of the system's kernel.
    pub kernel: String,
    /// What is measured, a line for each part.
    pub measured: Vec<String>,
    /// The digests of the files that it takes, by their names.
    pub files: BTreeMap<String, String>,
    /// The text of the experiment.
    pub experiment: String,
}

impl Origin {
    /// An origin on this machine, by the command `command`, which is the file `executable`.
    ///
    /// # Errors
    ///
    /// If the executable cannot be read.
    pub fn here(command: String, executable: &Path) -> Result<Origin> {
        Ok(Origin {
            command,
            executable: digest(executable)?,
            commit: executable.parent().and_then(commit),
            machine: machine::processor(),
            kernel: machine::kernel(),
            ..Origin::default()
        })
    }

    /// What of this origin is not as in `other`, and would make its samples another record's: a line for each difference.
    pub fn differences(&self, other: &Origin) -> Vec<String> {
        let mut differences = Vec::new();
        let parts = [
            ("the command", &other.command, &self.command),
            ("the executable", &other.executable, &self.executable),
            ("the machine", &other.machine, &self.machine),
            ("the kernel", &other.kernel, &self.kernel),
        ];
        for (what, was, is) in parts {
            if was != is {
                differences.push(format!("{what} was {was}, and is {is}"));
            }
        }
        let gone = other.measured.iter().filter(|line| !self.measured.contains(line));
        let new = self.measured.iter().filter(|line| !other.measured.contains(line));
        differences.extend(gone.map(|line| format!("no longer measured: {line}")));
        differences.extend(new.map(|line| format!("not measured before: {line}")));
        for name in other.files.keys().chain(self.files.keys()).collect::<BTreeSet<_>>() {
            match (other.files.get(name), self.files.get(name)) {
                (Some(was), Some(is)) if was != is => differences.push(format!("the file {name} has changed")),
                (Some(_), None) => differences.push(format!("the file {name} is no longer there, or no longer taken")),
                (None, Some(_)) => differences.push(format!("the file {name} is new")),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        if differences.is_empty() && self.measured != other.measured {
            differences.push("the order of what is measured has changed".to_owned());
        }
        differences
    }
}

/// The digest of a file, SHA-256.
///
/// # Errors
///
/// If it cannot be read.
pub fn digest(path: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut Writer(&mut digest)));
    copied.with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(shown(digest))
}

/// The digest of bytes, SHA-256.
pub fn digest_of(bytes: &[u8]) -> String {
    shown(Sha256::new().chain_update(bytes))
}

fn shown(digest: Sha256) -> String {
    format!("sha256:{}", digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

struct Writer<'a>(&'a mut Sha256);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The commit of the repository that a folder lies in, if git knows one.
pub fn commit(folder: &Path) -> Option<String> {
    let mut git = Command::new("git");
    let output = git.arg("-C").arg(folder).args(["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]);
    let output = output.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|commit| !commit.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            measured: vec!["sort: interp".to_owned(), "sort: classic".to_owned()],
            files: [("sort.wasm".to_owned(), "1".to_owned())].into(),
            executable: "1".to_owned(),
            ..Origin::default()
        }
    }

    #[test]
    fn differences_are_named() {
        assert_eq!(origin().differences(&origin()), [""; 0]);
        let mut other = Origin { executable: "2".to_owned(), experiment: "# a comment".to_owned(), ..origin() };
        other.files.insert("sort.wasm".to_owned(), "2".to_owned());
        other.measured[1] = "sort: fast-jit".to_owned();
        let expected = [
            "the executable was 1, and is 2",
            "no longer measured: sort: classic",
            "not measured before: sort: fast-jit",
            "the file sort.wasm has changed",
        ];
        assert_eq!(other.differences(&origin()), expected);
        // A folder of a guest has a file more, and one less.
        let mut other = origin();
        other.files = [("data/new".to_owned(), "1".to_owned())].into();
        let expected = ["the file data/new is new", "the file sort.wasm is no longer there, or no longer taken"];
        assert_eq!(other.differences(&origin()), expected);
        let mut other = origin();
        other.measured.reverse();
        assert_eq!(other.differences(&origin()), ["the order of what is measured has changed"]);
    }

    #[test]
    fn digests_are_the_textbooks() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").expect("is writable");
        let expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(&path).expect("is there"), expected);
        assert_eq!(digest_of(b"abc"), expected);
        assert!(digest(folder.path().join("none").as_path()).is_err());
        assert_eq!(commit(folder.path()), None);
    }
}
