//! Other engines, by their command lines.

use std::path::PathBuf;

use anyhow::{Context, Result};
use riser_lab::Subject;

use super::program::Program;
use crate::cli::operand;

/// Another engine.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its name in tables.
    pub name: String,
    words: Vec<String>,
}

impl Peer {
    /// From `NAME=COMMAND`.
    pub fn parse(text: &str) -> Result<Peer, String> {
        let example = "write NAME=COMMAND, such as 'wasmtime=wasmtime run'";
        let (name, command) = text.split_once('=').ok_or_else(|| format!("there is no `=`; {example}"))?;
        let words = words(command)?;
        match words.is_empty() {
            true => Err(format!("there is no command after `=`; {example}")),
            false => Ok(Peer { name: name.to_owned(), words }),
        }
    }

    /// With a command line that has words.
    pub fn new(name: String, words: Vec<String>) -> Peer {
        Peer { name, words }
    }

    /// The command line.
    pub fn command(&self) -> String {
        self.words.join(" ")
    }

    /// The file of its command, if it can be found as a shell finds it.
    pub fn executable(&self) -> Option<PathBuf> {
        let command = PathBuf::from(self.words.first()?);
        if command.components().count() > 1 {
            return Some(command);
        }
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join(&command)).find(|path| path.is_file())
    }

    /// The engine with a program, as something to measure.
    pub fn subject(&self, program: &Program) -> Result<Subject> {
        let (executable, words) = self.words.split_first().context("a peer has a command")?;
        let file = operand(&program.file);
        let file = file.to_str().context("the name of FILE is not text")?;
        let arguments = words.iter().map(String::as_str).chain([file]);
        let arguments = arguments.chain(program.arguments.iter().map(String::as_str)).map(Into::into).collect();
        Ok(Subject { name: self.name.clone(), executables: vec![executable.into()], arguments, report: None })
    }
}

/// The words of a command line, with quotation marks as a shell has them.
pub fn words(command: &str) -> Result<Vec<String>, String> {
    shlex::split(command).ok_or_else(|| "a quotation mark is not closed".to_owned())
}
