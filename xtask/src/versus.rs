//! Compares two builds of the command `riser`: is the new one slower?
//!
//! Both builds run the programs of `benches/programs` and, if the corpus has been downloaded, CoreMark, in each mode, from several fresh
//! copies of each executable, measured and compared by the laboratory (`lab/src/comparison.rs`). A mode's ratio is of CPU times, new to old,
//! over all programs, with an interval for other copies and other rounds of the same programs.
//!
//! The time includes everything that a mode does in its process, also compilation, and threads in the background. For `aot`, each build
//! compiles the programs beforehand.
//!
//! CPU time cannot show a difference of a percent in a single program. [`instructions`] can, since valgrind counts instructions.

mod build;
mod instructions;
mod ratios;
mod work;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use riser_lab::{Metric, Output, Plan, bench};

use build::Build;
use ratios::{Ratios, Verdict};
use work::Work;

/// Options of `cargo xtask versus`.
#[derive(clap::Args)]
pub struct Options {
    /// The command before.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The command after.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Only this mode (repeatable); without it, those that both builds have.
    #[arg(long = "mode", value_name = "MODE")]
    modes: Vec<String>,
    /// Only programs whose name contains this (repeatable).
    #[arg(long, value_name = "SUBSTRING")]
    filter: Vec<String>,
    /// Fresh copies of each executable.
    #[arg(long, default_value_t = 5)]
    copies: usize,
    /// How often each copy runs each program in each mode.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// What is too slow, in percent of the mean.
    #[arg(long, default_value_t = 1.0)]
    tolerance: f64,
    /// Show every program's ratio.
    #[arg(long)]
    programs: bool,
    /// Count the instructions of each program in the interpreters, at a small scale and once, by valgrind, instead of taking time.
    #[arg(long)]
    instructions: bool,
}

/// Compares the builds, as `options` say.
///
/// # Errors
///
/// If a build cannot be run or prints something wrong, or if the new one is slower.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.copies > 0 && options.rounds > 0, "nothing is run: --copies and --rounds are at least 1");
    let folder = crate::repository().join("target/versus");
    let copies = if options.instructions { 1 } else { options.copies };
    let old = Build::new(&options.old, &folder, "old", copies)?;
    let new = Build::new(&options.new, &folder, "new", copies)?;
    let works = work::select(&crate::repository(), &options.filter)?;
    let both = old.modes()?;
    let mut both: Vec<String> = new.modes()?.into_iter().filter(|mode| both.contains(mode)).collect();
    if options.instructions {
        both.retain(|mode| instructions::MODES.contains(&mode.as_str()));
    }
    let modes = if options.modes.is_empty() { &both } else { &options.modes };
    println!("old: {}\nnew: {}", options.old.display(), options.new.display());
    if options.instructions {
        return instructions::compare(&old, &new, &works, modes, options.tolerance);
    }
    println!(
        "CPU time, new relative to old; {} programs, {copies} copies of each command, {} rounds a copy\n\n{}",
        works.len(),
        options.rounds,
        Ratios::HEADING
    );
    let mut slower = Vec::new();
    for mode in modes {
        let ratios = measure(&old, &new, &works, mode, options.rounds)?;
        println!("{}", ratios.row(mode, options.tolerance));
        if options.programs {
            print!("{}", ratios.by_program());
        }
        if ratios.verdict(options.tolerance) == Verdict::Slower {
            slower.push(mode.as_str());
        }
    }
    ensure!(slower.is_empty(), "slower by more than {} %: {}", options.tolerance, slower.join(", "));
    Ok(())
}

/// Runs every program in a mode, with every copy, in all rounds.
fn measure(old: &Build, new: &Build, works: &[Work], mode: &str, rounds: usize) -> Result<Ratios> {
    let mut ratios = Ratios::default();
    for work in works {
        let (old, new) = (old.runs(work, mode)?, new.runs(work, mode)?);
        let checked = work.clone();
        let plan = Plan {
            least_rounds: rounds,
            rounds_beyond_time: rounds,
            most_rounds: rounds,
            time: Duration::MAX,
            precision: 0.0,
            metric: Metric::Cpu,
            output: Output::Right(Arc::new(move |printed| checked.is_expected(printed))),
        };
        let samples =
            bench(&[old.subject(), new.subject()], &plan, |it| progress(&format!("{mode}: {}", it.subject.name)));
        ratios.add(&work.name, samples.with_context(|| format!("in {mode}"))?);
    }
    progress("");
    Ok(ratios)
}

/// Shows the progress to whoever is watching, in place of the previous text.
fn progress(text: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}
