//! Programs to measure, and the copies of this executable that run them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use riser_lab::process::{Copies, run};
use riser_lab::{Subject, TemporaryFolder};

use super::configuration::Configuration;
use super::measure;
use crate::cli::usage::Misuse;
use crate::cli::{STDIN, operand, reach};

/// A program to measure.
#[derive(Clone, Debug)]
pub struct Program {
    /// The module.
    pub file: PathBuf,
    /// The guest's arguments.
    pub arguments: Vec<String>,
    /// The flags of `riser run` for what the guest gets.
    pub guest: Vec<OsString>,
    /// The host's folders that the guest may write to.
    pub writable: Vec<PathBuf>,
}

impl Program {
    /// Checks that there is a module to run. Of the processes that run it, a message would be about their own command lines.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is no module.
    pub fn check(&self) -> Result<()> {
        // What is read once, such as a pipe, cannot be run several times.
        ensure!(
            self.file != Path::new(STDIN),
            Misuse::new("standard input is read once, and a program is run many times: write the module to a file")
        );
        ensure!(self.file.is_file(), "there is no file `{}`", self.file.display());
        measure::module(&self.file).map(drop)
    }

    /// Checks that the guest cannot write to a folder whose files are executed, or written by names that it may know.
    ///
    /// # Errors
    ///
    /// If it can.
    pub fn check_out_of_reach(&self, folder: &Path) -> Result<()> {
        match reach::way_into(folder, self.writable.iter().map(PathBuf::as_path))? {
            None => Ok(()),
            Some(dir) => bail!(
                "the guest could write to `{}`, where the measurement has what it executes and records: its folder `{}` leads there; give \
                 it another one",
                folder.display(),
                dir.display()
            ),
        }
    }
}

/// How the command is to run a program.
pub struct Setting<'a> {
    /// Its name in tables.
    pub name: String,
    /// The flags of `riser run`.
    pub flags: Vec<String>,
    /// The flags of `riser compile`, if the program is to be compiled beforehand.
    pub compile: Option<Vec<String>>,
    /// The copies of the executable.
    pub executables: &'a [PathBuf],
}

/// Copies of this executable, and a folder for what is made on the way.
pub struct Laboratory {
    copies: Copies,
    folder: TemporaryFolder,
    /// The folder that has both.
    whole: PathBuf,
}

impl Laboratory {
    /// With so many copies, which are removed with the value.
    pub fn new(copies: usize) -> Result<Laboratory> {
        let folder = TemporaryFolder::new("riser-lab")?;
        let copies = Copies::new(&this_executable()?, &folder.path().join("copies"), "riser", copies)?;
        let whole = folder.path().to_owned();
        Ok(Laboratory { copies, folder, whole })
    }

    /// With copies in a folder that stay there, for who goes on with the measurement.
    pub fn that_stays(copies: usize, folder: &Path) -> Result<Laboratory> {
        let copies = Copies::keep(&this_executable()?, &folder.join("copies"), "riser", copies)?;
        let running = TemporaryFolder::at(operand(folder).join("running"))?;
        Ok(Laboratory { copies, folder: running, whole: folder.to_owned() })
    }

    /// Lets the copies go with the value, after all.
    pub fn finish(mut self) {
        self.copies.let_go();
    }

    /// The copies of this executable.
    pub fn executables(&self) -> &[PathBuf] {
        self.copies.paths()
    }

    /// Copies of another executable, for as long as there are those of this one.
    pub fn copies_of(&self, executable: &Path) -> Result<Copies> {
        Copies::new(executable, &self.folder.path().join("others"), "riser", self.executables().len())
    }

    /// A program in several configurations, as something to measure.
    pub fn subjects(&self, program: &Program, configurations: &[Configuration]) -> Result<Vec<Subject>> {
        let all = configurations.iter().enumerate();
        all.map(|(number, it)| self.subject(program, number, it.setting(self.executables()))).collect()
    }

    /// A program in one setting, as something to measure. The number tells it from others.
    pub fn subject(&self, program: &Program, number: usize, setting: Setting<'_>) -> Result<Subject> {
        program.check_out_of_reach(&self.whole)?;
        let Setting { name, flags, compile, executables } = setting;
        let report = self.folder.path().join(format!("report-{number}.json"));
        let mut arguments: Vec<OsString> = vec!["run".into(), "--stats-json".into(), report.clone().into()];
        arguments.extend(flags.into_iter().map(OsString::from));
        arguments.extend(program.guest.iter().cloned());
        if let Some(flags) = compile {
            let compiled = self.folder.path().join(format!("compiled-{number}.aot"));
            let mut compile = Command::new(&executables[0]);
            compile.arg("compile").args(flags).arg(&*operand(&program.file)).arg("-o").arg(&compiled);
            run(&mut compile).with_context(|| format!("cannot compile `{}`", program.file.display()))?;
            arguments.extend(["--allow-precompiled".into(), compiled.into()]);
        } else {
            arguments.push(operand(&program.file).into_owned().into());
        }
        arguments.extend(program.arguments.iter().map(OsString::from));
        Ok(Subject { name, executables: executables.to_vec(), arguments, report: Some(report) })
    }
}

/// The names of the modes that this build has.
///
/// Another process answers: to know whether there is LLVM, this one would have to load it, and the memory of a process counts among that of
/// the processes that it starts.
pub fn built_in_modes() -> Result<Vec<String>> {
    let names = run(Command::new(this_executable()?).args(["modes", "--names"]))?.output.stdout;
    Ok(String::from_utf8_lossy(&names).split_whitespace().map(str::to_owned).collect())
}

/// The file of this command.
pub fn this_executable() -> Result<PathBuf> {
    std::env::current_exe().context("cannot find the file of this command")
}
