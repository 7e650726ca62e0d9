//! What went wrong once, and the seeds, through every target; then each target on numbered inputs.

use std::time::Duration;

use riser_fuzz::coverage;
use riser_fuzz::runner::{self, Campaign};
use riser_fuzz::targets::{self, Input, differential};

/// Every module in `tests/regressions`, through the targets on modules, in every configuration.
#[test]
fn regressions_stay_fixed() {
    for file in runner::files(&runner::regressions()) {
        if file.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        for target in targets::ALL.iter().filter(|target| target.input == Input::Module) {
            let result = runner::replay(target, &file).unwrap_or_else(|error| panic!("{}: {error:#}", file.display()));
            result.unwrap_or_else(|finding| panic!("{}, {target:?}: {finding}", file.display()));
        }
    }
}

/// Every seed, through its target; the seeds that are modules do run.
#[test]
fn seeds_pass() {
    for target in targets::ALL {
        for (number, seed) in runner::corpus(target).iter().enumerate() {
            let result = runner::quietly(target, seed);
            let verdict = result.unwrap_or_else(|finding| panic!("{target:?}, seed {number}: {finding}"));
            assert_eq!(verdict.cases, verdict.effective, "{target:?}, seed {number} stands for nothing");
        }
    }
}

#[test]
fn seeds_agree_in_every_configuration() {
    let target = targets::find("differential").expect("a target");
    for (number, seed) in runner::corpus(target).iter().enumerate() {
        differential::exhaustive(seed).unwrap_or_else(|finding| panic!("seed {number}: {finding}"));
    }
}

/// A target on its first inputs: how much of the interpreter it reaches, out of 100.
fn campaign(target: &str, inputs: u64) -> usize {
    let campaign = Campaign {
        target: targets::find(target).expect("a target"),
        seed: 0,
        first: 0,
        inputs: if cfg!(debug_assertions) { inputs / 4 } else { inputs },
        time: Duration::from_secs(600),
        cases: u64::MAX,
        jobs: 1,
        patience: Duration::from_secs(120),
        findings: 1,
    };
    let outcome = campaign.run();
    if let Some(failure) = outcome.findings.first() {
        panic!("{target}: --seed 0 --first {} --inputs 1: {}", failure.number, failure.message);
    }
    assert!(outcome.effective > 0 && outcome.inputs >= campaign.inputs, "{outcome:?}");
    let reached = outcome.coverage.len() * 100 / coverage::all().len();
    eprintln!("{target}: {reached} of 100");
    // Too few inputs say nothing about how much they reach.
    if cfg!(debug_assertions) { 100 } else { reached }
}

#[test]
fn translate() {
    assert!(campaign("translate", 5_000) >= 20);
}

#[test]
fn differential() {
    assert!(campaign("differential", 1_000) >= 20);
}

#[test]
fn single_inst() {
    assert!(campaign("single_inst", 40) >= 2);
}

#[test]
fn wast() {
    campaign("wast", 200);
}

#[test]
fn streaming() {
    assert!(campaign("streaming", 2_000) >= 20);
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[test]
fn ahead() {
    campaign("ahead", 20_000);
}

#[test]
fn api() {
    campaign("api", 200);
}

#[test]
fn monitors() {
    campaign("monitors", 300);
}

#[test]
fn snapshots() {
    campaign("snapshots", 200);
}

#[test]
fn cost() {
    campaign("cost", 8);
}
