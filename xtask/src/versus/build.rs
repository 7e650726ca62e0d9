//! A build of the command `riser`, and how to run a program with it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use riser_lab::Subject;
use riser_lab::process::{self, Copies};

use super::work::Work;

/// The mode for which programs are compiled beforehand.
const AHEAD_OF_TIME: &str = "aot";
/// The flag that newer builds require in order to run precompiled code.
const ALLOW: &str = "--allow-precompiled";

/// A build: copies of its executable, and a folder for its compiled files.
pub struct Build {
    copies: Copies,
    folder: PathBuf,
    name: &'static str,
    /// Whether it knows [`ALLOW`].
    allows: bool,
}

impl Build {
    /// Copies of `riser` in `folder`, called `name`.
    pub fn new(riser: &Path, folder: &Path, name: &'static str, copies: usize) -> Result<Build> {
        let copies = Copies::new(riser, folder, name, copies)?;
        let mut build = Build { copies, folder: folder.to_owned(), name, allows: false };
        for copy in build.copies.paths() {
            // Checks that it runs at all, and reads its file once before anything is measured.
            process::run(Command::new(copy).arg("--version"))?;
        }
        let help = process::run(build.command(0).args(["run", "--help"]))?;
        build.allows = String::from_utf8_lossy(&help.output.stdout).contains(ALLOW);
        Ok(build)
    }

    fn command(&self, copy: usize) -> Command {
        Command::new(&self.copies.paths()[copy])
    }

    /// The modes of this build.
    pub fn modes(&self) -> Result<Vec<String>> {
        let output = process::run(self.command(0).args(["modes", "--names"]))?.output;
        let modes: Vec<String> =
            String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect();
        ensure!(!modes.is_empty(), "`riser modes --names` lists no modes");
        Ok(modes)
    }

    /// Prepares a program to be run in a mode.
    pub fn runs<'a>(&'a self, work: &'a Work, mode: &'a str) -> Result<Runs<'a>> {
        let mut file = work.module.clone();
        if mode == AHEAD_OF_TIME {
            file = self.folder.join(format!("{}-{}.aot", self.name, work.name));
            process::run(self.command(0).arg("compile").arg(&work.module).arg("-o").arg(&file))
                .with_context(|| format!("{} is not compiled", work.name))?;
        }
        Ok(Runs { build: self, work, mode, file })
    }
}

/// A program in a mode, by a build.
pub struct Runs<'a> {
    build: &'a Build,
    work: &'a Work,
    mode: &'a str,
    file: PathBuf,
}

impl Runs<'_> {
    /// The arguments of the command line, after `riser`.
    pub fn arguments(&self, scale: Option<&str>) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["run".into(), "--mode".into(), self.mode.into()];
        if self.mode == AHEAD_OF_TIME && self.build.allows {
            arguments.push(ALLOW.into());
        }
        arguments.push(self.file.clone().into());
        arguments.extend(scale.map(OsString::from));
        arguments
    }

    /// The path of a copy.
    pub fn executable(&self, copy: usize) -> &Path {
        &self.build.copies.paths()[copy]
    }

    /// As something to measure.
    pub fn subject(&self) -> Subject {
        Subject {
            name: format!("{} by the {} command", self.work.name, self.build.name),
            executables: self.build.copies.paths().to_vec(),
            arguments: self.arguments(None),
            report: None,
        }
    }
}

impl Drop for Runs<'_> {
    fn drop(&mut self) {
        if self.file != self.work.module {
            // A file that is left is overwritten next time.
            let _ = std::fs::remove_file(&self.file);
        }
    }
}
