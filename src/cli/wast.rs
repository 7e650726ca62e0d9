//! `riser wast`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::wast::{Runner, Script};

use super::engine::EngineArgs;
use super::out;

/// Run scripts of the specification's test suite
///
/// Prints what fails, by line, and a summary for each script.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  riser wast --mode classic spec/test/core/*.wast")]
pub struct Wast {
    #[command(flatten)]
    engine: EngineArgs,

    /// The scripts; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Wast {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        self.engine.keep_inputs(self.files.iter().map(|file| &**file), [])?;
        let engine = self.engine.engine()?;
        let mut failures = 0;
        for file in &self.files {
            let bytes = super::read_file(file)?;
            let text = str::from_utf8(&bytes).with_context(|| format!("`{}` is no text", file.display()))?;
            let file = file.display();
            ensure!(!text.trim().is_empty(), "`{file}` is no script: it is empty");
            let script = Script::parse(text).with_context(|| format!("`{file}` is no script"))?;
            let report = Runner::new(&engine)?.run(&script);
            out::without_reader(out::print(|out| {
                for failure in &report.failures {
                    writeln!(out, "{file}:{}: {}", failure.line, failure.message)?;
                }
                let assertions = out::counted(report.assertions, "assertion");
                Ok(writeln!(out, "{file}: {assertions}, {}", out::counted(report.failures.len(), "failure"))?)
            }))?;
            failures += report.failures.len();
        }
        self.engine.tell_of_cache(&engine);
        self.engine.check_logs()?;
        match failures {
            0 => Ok(()),
            _ => bail!("{} failed", out::counted(failures, "directive")),
        }
    }
}
