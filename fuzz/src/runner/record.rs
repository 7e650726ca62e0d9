//! The record of long runs: one line of tab-separated values for each.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::{configurations, coverage};

use super::{Campaign, Outcome};

const HEADER: &str =
    "date\tcommit\ttarget\tseed\tfirst\tinputs\tcases\teffective\tseconds\tinstructions\tof\tfindings\tmodes";

/// Appends a campaign to a file, which gets a header if it is new. `commit` is the commit that was checked out when the
/// process began.
///
/// # Errors
///
/// If the file cannot be written.
pub fn append(file: &Path, commit: &str, campaign: &Campaign, outcome: &Outcome) -> Result<()> {
    let is_new = !file.exists();
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    if is_new {
        writeln!(file, "{HEADER}")?;
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    writeln!(
        file,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        date(seconds / 86_400),
        commit,
        campaign.target.name,
        campaign.seed,
        campaign.first,
        outcome.inputs,
        outcome.cases,
        outcome.effective,
        outcome.time.as_secs(),
        outcome.coverage.len(),
        coverage::all().len(),
        outcome.findings.len(),
        configurations::modes().iter().map(|mode| mode.name()).collect::<Vec<_>>().join(" "),
    )?;
    Ok(())
}

/// The commit that is checked out, or `-`.
pub fn commit() -> String {
    let git = Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(super::folder()).output();
    let text =
        git.ok().filter(|output| output.status.success()).map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
    text.map_or_else(|| "-".to_owned(), |text| text.trim().to_owned())
}

/// The date of a day, counted from 1970, by counting in eras of 400 years that begin in March.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (days, text) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_453, "2025-12-31")] {
            assert_eq!(date(days), text);
        }
    }
}
