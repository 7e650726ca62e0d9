//! One thread of a campaign.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;
use std::time::Instant;

use riser_properties::campaign;

use crate::coverage;
use crate::targets::{Finding, Target, Verdict};

use super::{Campaign, Shared, artifact, nth_input};

/// An input that shows a finding.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The input's number.
    pub number: u64,
    /// The input.
    pub input: Vec<u8>,
    /// The finding, in words.
    pub message: String,
    /// The module that shows it, if it is not the input itself.
    pub module: Option<Vec<u8>>,
}

/// Runs a target. A panic is a finding, and is not printed.
///
/// # Errors
///
/// The target's, and panics.
pub fn quietly(target: &Target, data: &[u8]) -> Result<Verdict, Finding> {
    campaign::quietly(|| (target.run)(data)).unwrap_or_else(|panic| Err(Finding::new(panic)))
}

/// Runs every `jobs`th input, starting with number `first + job`, until the campaign is over.
pub(super) fn run(campaign: &Campaign, job: usize, seeds: &[Vec<u8>], shared: &Shared) {
    // If a crash ends the process, this file names the input.
    let name = format!("running-{}-{}-{job}", campaign.target.name, std::process::id());
    let trace = fs::create_dir_all(artifact::folder()).and_then(|()| File::create(artifact::folder().join(&name)));
    let mut number = campaign.first + job as u64;
    let end = campaign.first.saturating_add(campaign.inputs);
    while number < end && !shared.stop.load(Ordering::Relaxed) {
        let input = nth_input(campaign.target, campaign.seed, number, seeds);
        if let Ok(trace) = &trace {
            let line = format!("--seed {} --first {number:<20}\n", campaign.seed);
            // Errors are ignored: the file only helps in case of a crash.
            let _ = trace.write_all_at(line.as_bytes(), 0);
        }
        *shared.at[job].lock().unwrap_or_else(|error| error.into_inner()) = Some((Instant::now(), number));
        let result = quietly(campaign.target, &input);
        *shared.at[job].lock().unwrap_or_else(|error| error.into_inner()) = None;
        shared.inputs.fetch_add(1, Ordering::Relaxed);
        match result {
            Ok(verdict) => {
                shared.cases.fetch_add(verdict.cases, Ordering::Relaxed);
                shared.effective.fetch_add(verdict.effective, Ordering::Relaxed);
            }
            Err(Finding { message, module }) => {
                shared.cases.fetch_add(1, Ordering::Relaxed);
                let mut findings = shared.findings.lock().unwrap_or_else(|error| error.into_inner());
                findings.push(Failure { number, input, message, module });
                if findings.len() >= campaign.findings {
                    shared.stop.store(true, Ordering::Relaxed);
                }
            }
        }
        number += campaign.jobs as u64;
    }
    shared.coverage.lock().unwrap_or_else(|error| error.into_inner()).extend(coverage::take());
    let _ = fs::remove_file(artifact::folder().join(name));
}
