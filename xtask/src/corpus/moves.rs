//! Programs that are stopped while they run, and go on in another mode from a snapshot.
//!
//! A program is moved at random times. What it prints and writes, all parts together, must be what it prints and writes in one run. The
//! times and modes follow from a seed, as far as times can.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::manifest::Case;
use super::program::{Job, Outcome, Runner, stdin};

/// What `riser` says last if the program was faster.
const ENDED_BEFORE: &str = "Note: the guest ended before a snapshot was taken";

/// How programs are moved.
pub struct Moves {
    /// How often each program is moved at most.
    pub most: u32,
    random: Random,
}

/// What moving a program gave.
pub struct Moved {
    /// The modes that it was in, in order.
    pub modes: Vec<String>,
    pub outcome: Outcome,
}

impl Moves {
    /// At most so many for each program.
    pub fn new(most: u32, seed: u64) -> Moves {
        Moves { most, random: Random(seed) }
    }

    /// Runs `case`, which comes to `job` and takes about `time`, and moves it from mode to mode.
    pub fn run(&mut self, runner: &Runner, case: &Case, job: &Job, modes: &[String], time: Duration) -> Result<Moved> {
        ensure!(modes.len() > 1, "a program moves between two modes at least");
        let streams = runner.begin(case, job, "moved")?;
        let [snapshot, next] = ["snapshot", "next"].map(|name| runner.outputs.join(name));
        // All parts read on in one file.
        let input = stdin(case, job)?;
        let started = Instant::now();
        let mut visited: Vec<String> = Vec::new();
        let status = loop {
            let others: Vec<&String> = modes.iter().filter(|&mode| visited.last() != Some(mode)).collect();
            let mode = others[self.random.below(others.len() as u64) as usize];
            let is_first = visited.is_empty();
            let mut command = runner.command(if is_first { "run" } else { "resume" }, mode, case, job);
            let moves_on = (visited.len() as u32) < self.most;
            if moves_on {
                let after = 1 + self.random.below(time.as_millis() as u64 / u64::from(self.most) + 1);
                command.arg("--snapshot").arg(&next).arg("--snapshot-after").arg(format!("{after}ms"));
            }
            if is_first {
                runner.options_of_run(&mut command, case, job);
                command.arg(&job.file).args(&case.args);
            } else {
                command.arg(&snapshot);
            }
            command.stdin(match &input {
                Some(file) => file.try_clone()?.into(),
                None => Stdio::null(),
            });
            visited.push(mode.clone());
            let left = runner.timeout.saturating_sub(started.elapsed());
            let status = runner.wait(&mut command, &streams, left)?;
            if moves_on && next.exists() {
                fs::rename(&next, &snapshot)?;
                continue;
            }
            if moves_on {
                streams.remove_last(ENDED_BEFORE)?;
            }
            break status;
        };
        let outcome = Outcome::new(status, &streams, case, job, started.elapsed())?;
        Ok(Moved { modes: visited, outcome })
    }
}

/// SplitMix64: numbers that follow from a seed (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014).
struct Random(u64);

impl Random {
    /// One below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
