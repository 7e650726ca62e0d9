//! One record of what `riser ablate` has measured of several programs: see [`riser_measure::ablation`].

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use riser_measure::ablation;

/// Options of `cargo xtask ablation`.
#[derive(clap::Args)]
pub struct Options {
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Records of `riser ablate --json`, each of the program that its file is called after.
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
}

/// Makes the record.
///
/// # Errors
///
/// If a file cannot be read or written, or if the records do not belong together.
pub fn run(options: &Options) -> Result<()> {
    let programs = options.records.iter().map(|path| {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let record = riser_lab::Record::from_json(&text).with_context(|| format!("in {}", path.display()))?;
        Ok((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), record))
    });
    let record = ablation::record(&programs.collect::<Result<Vec<_>>>()?)?;
    let path = &options.output;
    fs::write(path, record.to_lines()).with_context(|| format!("cannot write {}", path.display()))
}
