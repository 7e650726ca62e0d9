//! `riser report`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result};
use clap::Args;
use clap::builder::PossibleValuesParser;
use riser_lab::Record;
use riser_lab::report::{self, Named};

use crate::cli::STDIN;
use crate::cli::out::{self, Contents};
use crate::cli::output::keep_inputs;

/// Show records of `riser bench --json` and `riser ablate --json` as a page of HTML with plots
///
/// The page is one file, which needs no network. Each record is a program, called by its file's name.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser bench --json sort.json sort.wasm && riser report sort.json -o sort.html
  riser report *.json -o report.html
  riser report --markdown sort.json
  riser report --svg speed sort.json -o speed.svg")]
pub struct Report {
    /// The file to write; standard output unless given, or if it is `-`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write tables in Markdown instead
    #[arg(long)]
    markdown: bool,

    /// Write one plot as SVG instead: `time`, `speed` (relative to the first), `making` (what making code costs beside what
    /// running it takes), `code` (its size) or `memory` of one record; `overall` of several
    #[arg(long, value_name = "PLOT", value_parser = PossibleValuesParser::new(report::PLOTS), hide_possible_values = true,
          conflicts_with = "markdown")]
    svg: Option<String>,

    /// The records
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
}

impl Report {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        keep_inputs(self.records.iter().map(|record| &**record), self.output.as_deref())?;
        let records = self.records.iter().map(|path| {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let record = Record::from_json(&text).with_context(|| format!("cannot read `{}`", path.display()))?;
            let name = path.file_stem().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
            Ok(Named { name: name.into_owned(), record })
        });
        let records = records.collect::<Result<Vec<_>>>()?;
        let text = match &self.svg {
            Some(plot) => report::svg(&records, plot).map_err(Error::msg)?,
            None if self.markdown => report::markdown(&records),
            None => report::html(&records),
        };
        out::write(self.output.as_deref().unwrap_or(Path::new(STDIN)), Contents::Text(text))
    }
}
