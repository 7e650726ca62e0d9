//! Counts the instructions of single programs with valgrind: the counts are the same each time to a few parts in a million, on any machine
//! however busy.
//!
//! It counts in the interpreters only: valgrind cannot map memory twice, as machine code needs, so the compiled modes interpret under it. A
//! program runs once, at a scale that takes valgrind seconds.

use anyhow::{Result, ensure};
use riser_lab::statistics::geometric_mean;
use riser_lab::{counters, valgrind};

use super::build::{Build, Runs};
use super::work::Work;

/// The modes that run the same under valgrind as without.
pub const MODES: [&str; 2] = ["classic", "interp"];

/// Scales at which programs take hundredths of a second in the interpreter.
const SCALES: &[(&str, &str)] = &[
    ("base64", "20"),
    ("bigint", "1000"),
    ("bytecode", "1000"),
    ("chacha20", "512"),
    ("coremix", "150"),
    ("fannkuch", "7"),
    ("hashmap", "90000"),
    ("json", "2400"),
    ("lz", "100"),
    ("mandelbrot", "130"),
    ("nbody", "25000"),
    ("recursion", "24"),
    ("regex", "300"),
    ("sha256", "600"),
    ("sieve", "800000"),
    ("sort", "6000"),
    ("spectral_norm", "200"),
];

/// Prints the instructions of every program in every mode, by both builds.
///
/// # Errors
///
/// If a mode is none of [`MODES`], there is no valgrind, the builds print different things, or a program takes more instructions than before by more
/// than `tolerance` percent.
pub fn compare(old: &Build, new: &Build, works: &[Work], modes: &[String], tolerance: f64) -> Result<()> {
    for mode in modes {
        ensure!(
            MODES.contains(&mode.as_str()),
            "valgrind cannot run the code of {mode}: instructions are counted in {}",
            MODES.join(" and ")
        );
    }
    println!("instructions, new relative to old\n\n| mode | program | old, millions | new, millions | ratio |");
    println!("|---|---|--:|--:|--:|");
    let mut more = Vec::new();
    for mode in modes {
        let mut ratios = Vec::new();
        for work in works {
            let scale = SCALES.iter().find(|(name, _)| *name == work.name).map(|(_, scale)| *scale);
            let (before, printed_before) = count(&old.runs(work, mode)?, scale)?;
            let (after, printed_after) = count(&new.runs(work, mode)?, scale)?;
            // CoreMark prints times, which differ.
            ensure!(
                scale.is_none() || printed_before == printed_after,
                "{} prints something else than before in {mode}",
                work.name
            );
            let ratio = after / before;
            println!("| {mode} | {} | {:.1} | {:.1} | {ratio:.4} |", work.name, before / 1e6, after / 1e6);
            if ratio > 1.0 + tolerance / 100.0 {
                more.push(format!("{} in {mode}", work.name));
            }
            ratios.push(ratio);
        }
        println!("| {mode} | geometric mean | | | {:.4} |", geometric_mean(&ratios).unwrap_or(f64::NAN));
    }
    ensure!(more.is_empty(), "more instructions by more than {tolerance} %: {}", more.join(", "));
    Ok(())
}

/// The number of instructions that a run takes, and its output.
fn count(runs: &Runs<'_>, scale: Option<&str>) -> Result<(f64, Vec<u8>)> {
    let (counts, output) = valgrind::count(runs.executable(0), &runs.arguments(scale), false)?;
    Ok((counts[counters::INSTRUCTIONS], output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_is_of_a_program() {
        for (name, _) in SCALES {
            let works = super::super::work::select(&crate::repository(), &[(*name).to_owned()]).expect("a program");
            assert!(works.iter().any(|work| work.name == *name), "{name}");
        }
    }
}
