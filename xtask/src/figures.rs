//! The figures in the documentation, from the records: see [`riser_measure::figures`].

use anyhow::{Result, ensure};
use riser_measure::figures;

/// Options of `cargo xtask figures`.
#[derive(clap::Args)]
pub struct Options {
    /// Change nothing; fail if there is something to change.
    #[arg(long)]
    check: bool,
}

/// Fills in or compares the figures, as `options` say.
///
/// # Errors
///
/// If a document cannot be read or written, a figure is typed or has no record, or a record breaks the rules.
pub fn run(options: &Options) -> Result<()> {
    let repository = crate::repository();
    let report = if options.check { figures::check(&repository)? } else { figures::write(&repository)? };
    print!("{report}");
    ensure!(report.is_clean(), "the figures are not in order");
    Ok(())
}
