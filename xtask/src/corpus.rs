//! The corpus: programs and libraries compiled by others, run in every mode.
//!
//! `corpus.toml` names the packages they come from and lists them with their
//! arguments and what they must print. Here the list is filtered, the packages
//! fetched when they are not there, `riser` built when none is given, and every
//! program run in every mode, one after the other so that the seconds shown mean
//! something. Libraries are run by drivers: see [`library`].
//!
//! It prints a table with a row for each run, and fails if any run fails.

mod library;
mod manifest;
mod moves;
mod package;
mod program;
mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use manifest::{Case, Manifest, Source};
use moves::Moves;
use program::{Job, Outcome};

/// Options of `cargo xtask corpus`.
#[derive(clap::Args)]
pub struct Options {
    /// The `riser` command to test; without it, one is built in release mode.
    #[arg(long, value_name = "PATH")]
    riser: Option<PathBuf>,
    /// Run only in this mode (repeatable); without it, in those `riser modes --names` lists.
    #[arg(long = "mode", value_name = "MODE")]
    modes: Vec<String>,
    /// Run only programs whose name contains this.
    #[arg(long, value_name = "SUBSTRING", default_value = "")]
    filter: String,
    /// Run the programs marked slow, too.
    #[arg(long)]
    slow: bool,
    /// List the programs that would run, and stop.
    #[arg(long)]
    list: bool,
    /// Seconds after which a program has failed.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
    /// Instead of a run in each mode, one that is stopped so often at most, at random times, and goes on in another mode.
    #[arg(long, value_name = "COUNT", conflicts_with = "record")]
    moves: Option<u32>,
    /// Seed of the modes and times of `--moves`.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "moves")]
    seed: u64,
    /// Instead of checking digests, print those of this run, as `corpus.toml` has them.
    #[arg(long)]
    record: bool,
    /// Further options for `riser run`, after `--`.
    #[arg(last = true)]
    run_options: Vec<String>,
}

/// Runs the corpus as `options` say.
///
/// # Errors
///
/// When the package or `riser` is not available, or any program failed.
pub fn run(options: &Options) -> Result<()> {
    let manifest = Manifest::read(&crate::repository().join("xtask/corpus.toml"))?;
    let (cases, passed_over) = select(manifest.cases(), options);
    if options.list {
        for case in &cases {
            println!("{}{}", case.name, if case.slow { " (slow)" } else { "" });
        }
        return Ok(());
    }
    ensure!(!cases.is_empty(), "no program is called *{}*", options.filter);

    let target = crate::repository().join("target/corpus");
    let cases = cases.into_iter().map(|case| {
        let job = match &case.source {
            Source::Program { folder, file, preloads, packages } => {
                let folder = if packages.is_empty() {
                    let package = &manifest.package;
                    package::ensure_present(package, &target)?.join(&package.folder).join(folder)
                } else {
                    stage::prepare(folder, packages, &target)?
                };
                let preloads = preloads.iter().map(|(name, file)| (name.clone(), PathBuf::from(file)));
                Job { folder, file: file.clone(), preloads: preloads.collect() }
            }
            Source::Library(library) => library::prepare(library, &target)?,
        };
        Ok((case, job))
    });
    let cases: Vec<(Case, Job)> = cases.collect::<Result<_>>()?;
    let riser = riser(options)?;
    let modes = modes(options, &riser)?;
    let runner = program::Runner {
        riser,
        run_options: options.run_options.clone(),
        outputs: target.join("output"),
        timeout: Duration::from_secs(options.timeout),
    };
    if options.record {
        return record(&runner, &cases, &modes);
    }
    if let Some(most) = options.moves {
        return move_all(&runner, &cases, &modes, &mut Moves::new(most, options.seed));
    }
    let failures = run_all(&runner, &cases, &modes)?;
    let runs = cases.len() * modes.len();
    println!("{runs} runs, {failures} failed; {passed_over} slow programs left out");
    ensure!(failures == 0, "{failures} of {runs} runs failed");
    Ok(())
}

/// The requested cases, and how many were left out for being slow.
fn select(cases: Vec<Case>, options: &Options) -> (Vec<Case>, usize) {
    let named: Vec<Case> = cases.into_iter().filter(|case| case.name.contains(&options.filter)).collect();
    let all = named.len();
    let chosen: Vec<Case> = named.into_iter().filter(|case| options.slow || !case.slow).collect();
    let passed_over = all - chosen.len();
    (chosen, passed_over)
}

/// The command to test, as an absolute path, because programs run in other folders.
fn riser(options: &Options) -> Result<PathBuf> {
    if let Some(path) = &options.riser {
        return path.canonicalize().with_context(|| format!("no command at {}", path.display()));
    }
    let root = crate::repository();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "riser"])
        .current_dir(&root)
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "riser does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
    Ok(target.join("release").join(format!("riser{}", std::env::consts::EXE_SUFFIX)))
}

/// The requested modes, or all that the command has.
fn modes(options: &Options, riser: &Path) -> Result<Vec<String>> {
    if !options.modes.is_empty() {
        return Ok(options.modes.clone());
    }
    let output = Command::new(riser)
        .args(["modes", "--names"])
        .output()
        .with_context(|| format!("cannot run {}", riser.display()))?;
    let names = String::from_utf8_lossy(&output.stdout);
    let modes: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
    if !output.status.success() || modes.is_empty() {
        bail!("`{} modes --names` lists no modes; name them with --mode", riser.display());
    }
    Ok(modes)
}

/// Runs every case in every mode, printing the table; returns the number of failures.
fn run_all(runner: &program::Runner, cases: &[(Case, Job)], modes: &[String]) -> Result<usize> {
    println!("{:<36} {:<16} {:<5} {:>8}", "program", "mode", "", "seconds");
    let mut failures = 0;
    for (case, job) in cases {
        for mode in modes {
            failures += usize::from(!tell(case, mode, &runner.run(case, job, mode)?));
        }
    }
    Ok(failures)
}

/// Runs every case once as it is and once moved between the modes, printing the table.
fn move_all(runner: &program::Runner, cases: &[(Case, Job)], modes: &[String], moves: &mut Moves) -> Result<()> {
    println!("{:<36} {:<16} {:<5} {:>8}", "program", "modes", "", "seconds");
    let (mut runs, mut moved, mut failures) = (0, 0, 0);
    // A snapshot is of one instance.
    for (case, job) in cases.iter().filter(|(_, job)| job.preloads.is_empty()) {
        let time = runner.run(case, job, &modes[0])?.time;
        let run = moves.run(runner, case, job, modes, time)?;
        runs += 1;
        moved += run.modes.len() - 1;
        failures += usize::from(!tell(case, &run.modes.join(" > "), &run.outcome));
    }
    println!("{runs} programs, moved {moved} times, {failures} failed");
    ensure!(failures == 0, "{failures} of {runs} programs failed");
    Ok(())
}

/// Prints a row of the table; whether the outcome is what it is to be.
fn tell(case: &Case, mode: &str, outcome: &Outcome) -> bool {
    let problems = outcome.problems(&case.expected);
    let word = if problems.is_empty() { "ok" } else { "FAIL" };
    println!("{:<36} {mode:<16} {word:<5} {:>8.2}", case.name, outcome.time.as_secs_f64());
    for problem in &problems {
        println!("    {problem}");
    }
    problems.is_empty()
}

/// Prints the digests that runs in the first mode give, for the programs that have any.
fn record(runner: &program::Runner, cases: &[(Case, Job)], modes: &[String]) -> Result<()> {
    for (case, job) in cases {
        let digests = [&case.expected.stdout_sha256, &case.expected.stderr_sha256];
        if digests.iter().all(|digest| digest.is_none()) && case.expected.files_sha256.is_empty() {
            continue;
        }
        let outcome = runner.run(case, job, &modes[0])?;
        ensure!(outcome.ended_with(case.expected.exit_code), "{} does not run", case.name);
        for (stream, expected, bytes) in [
            ("stdout", &case.expected.stdout_sha256, &outcome.stdout),
            ("stderr", &case.expected.stderr_sha256, &outcome.stderr),
        ] {
            if expected.is_some() {
                println!("{}: {stream}_sha256 = \"{}\"", case.name, program::digest(bytes));
            }
        }
        for (file, bytes) in &outcome.files {
            println!("{}: \"{file}\" = \"{}\"", case.name, program::digest(bytes.as_deref().unwrap_or_default()));
        }
    }
    Ok(())
}
