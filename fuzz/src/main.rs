//! The command `riser-fuzz`: runs targets for a while, or one target on a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use riser_fuzz::coverage;
use riser_fuzz::runner::{self, Campaign, Outcome};
use riser_fuzz::targets::{self, Target};

/// Runs the targets named, or all, one after the other.
#[derive(Debug, Parser)]
#[command(name = "riser-fuzz")]
struct Arguments {
    /// translate, differential, single_inst, wast, streaming, ahead, api, cost, monitors, snapshots
    targets: Vec<String>,
    /// How long each target runs; 10 if neither this nor a number is given
    #[arg(long)]
    seconds: Option<u64>,
    /// How many cases each target runs, or a few more
    #[arg(long)]
    cases: Option<u64>,
    /// How many inputs each target runs at most; an input may be many cases
    #[arg(long)]
    inputs: Option<u64>,
    /// Seed of the inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first input
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Number of threads
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// How long one case may take, in seconds
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// After how many findings a target ends
    #[arg(long, default_value_t = 3)]
    findings: usize,
    /// Runs the targets on this file only: an input, or a module in either format
    #[arg(long)]
    replay: Option<PathBuf>,
    /// Appends a line for each target to this file
    #[arg(long)]
    record: Option<PathBuf>,
    /// Writes the seeds of the targets as files to DIRECTORY/TARGET, for a fuzzing engine, and runs nothing
    #[arg(long, value_name = "DIRECTORY")]
    seeds: Option<PathBuf>,
    /// Prints the instructions of the interpreter that have not occurred
    #[arg(long)]
    missing: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let commit = runner::commit();
    let find = |name: &String| targets::find(name).with_context(|| format!("there is no target `{name}`"));
    let mut chosen: Vec<&'static Target> = arguments.targets.iter().map(find).collect::<Result<_>>()?;
    if chosen.is_empty() {
        chosen = targets::ALL.iter().collect();
    }
    if let Some(folder) = &arguments.seeds {
        return write_seeds(&chosen, folder).map(|()| ExitCode::SUCCESS);
    }
    let mut clean = true;
    for target in chosen {
        clean &= match &arguments.replay {
            Some(file) => match runner::replay(target, file)? {
                Ok(verdict) => {
                    println!("{}: nothing is wrong: {verdict:?}", target.name);
                    true
                }
                Err(finding) => {
                    println!("{}: {finding}", target.name);
                    false
                }
            },
            None => run(target, &arguments, &commit)?,
        };
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_seeds(targets: &[&Target], folder: &Path) -> Result<()> {
    for target in targets {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (number, seed) in runner::corpus(target).iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}

/// Runs one target; returns whether it found nothing.
fn run(target: &'static Target, arguments: &Arguments, commit: &str) -> Result<bool> {
    let default = if arguments.cases.is_some() || arguments.inputs.is_some() { u64::MAX >> 1 } else { 10 };
    let campaign = Campaign {
        target,
        seed: arguments.seed,
        first: arguments.first,
        inputs: arguments.inputs.unwrap_or(u64::MAX),
        time: Duration::from_secs(arguments.seconds.unwrap_or(default)),
        cases: arguments.cases.unwrap_or(u64::MAX),
        jobs: arguments.jobs.max(1),
        patience: Duration::from_secs(arguments.patience),
        findings: arguments.findings.max(1),
    };
    let outcome = campaign.run();
    print(target, &outcome, arguments.missing);
    for failure in &outcome.findings {
        runner::write_artifact(target, campaign.seed, failure)?;
    }
    if let Some(file) = &arguments.record {
        runner::append_record(file, commit, &campaign, &outcome)?;
    }
    Ok(outcome.findings.is_empty())
}

fn print(target: &Target, outcome: &Outcome, missing: bool) {
    let seconds = outcome.time.as_secs_f64();
    let all = coverage::all();
    println!(
        "{:12} {:>11} cases {:>9.0}/s {:>8} inputs {:>7.0}/s  effective {:>3}%  instructions {}/{}  findings {}",
        target.name,
        outcome.cases,
        outcome.cases as f64 / seconds,
        outcome.inputs,
        outcome.inputs as f64 / seconds,
        outcome.effective * 100 / outcome.cases.max(1),
        outcome.coverage.len(),
        all.len(),
        outcome.findings.len(),
    );
    if missing {
        let names: Vec<&str> = all.difference(&outcome.coverage).copied().collect();
        println!("  not seen: {}", names.join(" "));
    }
}
