//! The programs of `benches/programs`, in every mode and under every setting of the command line.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use crate::{modes, riser};

pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/programs");

/// Programs, and a scale at which they take a moment.
const PROGRAMS: &[(&str, &str)] = &[
    ("base64", "4"),
    ("bigint", "300"),
    ("bytecode", "300"),
    ("chacha20", "64"),
    ("coremix", "30"),
    ("fannkuch", "6"),
    ("hashmap", "10000"),
    ("json", "500"),
    ("lz", "32"),
    ("mandelbrot", "50"),
    ("nbody", "4000"),
    ("recursion", "18"),
    ("regex", "100"),
    ("sha256", "64"),
    ("sieve", "100000"),
    ("sort", "2000"),
    ("spectral_norm", "60"),
];

#[test]
fn every_program_has_a_scale() {
    let mut programs: Vec<String> = fs::read_dir(FOLDER)
        .expect("the folder exists")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".wasm")?.to_owned()))
        .collect();
    programs.sort();
    assert_eq!(programs, PROGRAMS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

/// Runs a program, and answers what it prints.
fn run(flags: &[&str], program: &str, scale: Option<&str>) -> String {
    let mut arguments = vec!["run"];
    arguments.extend(flags);
    let file = format!("{program}.wasm");
    arguments.push(&file);
    arguments.extend(scale);
    let outcome = riser(Path::new(FOLDER), &arguments);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""), "{program} {flags:?}: {}", outcome.stdout);
    outcome.stdout
}

/// Runs `job` for each of the programs, on all processors.
pub fn for_each_program(job: impl Fn(&str, &str) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((name, scale)) = PROGRAMS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    job(name, scale);
                }
            });
        }
    });
}

#[test]
fn programs_print_what_they_print_natively() {
    let modes = modes();
    for_each_program(|program, _| {
        let expected = fs::read_to_string(format!("{FOLDER}/expected/{program}.txt")).expect("an expected output");
        for mode in &modes {
            assert_eq!(run(&["--mode", mode], program, None), expected, "{program}, {mode}");
        }
    });
}

#[test]
fn no_setting_changes_what_programs_print() {
    let mut settings: Vec<Vec<&str>> = Vec::new();
    for bounds in ["explicit", "guard"] {
        for dispatch in ["switch", "call-loop", "direct-tail", "token-tail"] {
            settings.push(vec!["--mode", "interp", "--bounds", bounds, "--dispatch", dispatch]);
            settings.push(vec!["--mode", "interp", "--bounds", bounds, "--dispatch", dispatch, "--translator-naive"]);
        }
    }
    for (switch, _) in riser::TranslatorConfig::SWITCHES {
        settings.push(vec!["--mode", "interp", "--translator-off", switch]);
        settings.push(vec!["--mode", "interp", "--translator-naive", "--translator-on", switch]);
    }
    let modes = modes();
    for mode in &modes {
        settings.push(vec!["--mode", mode, "--bounds", "explicit", "--compile", "lazy"]);
        settings.push(vec!["--mode", mode, "--bounds", "guard", "--compile", "eager"]);
        settings.push(vec!["--mode", mode, "--fuel", "1000000000000", "--timeout", "10m"]);
    }
    for_each_program(|program, scale| {
        let expected = run(&[], program, Some(scale));
        for flags in &settings {
            assert_eq!(run(flags, program, Some(scale)), expected, "{program} {flags:?}");
        }
    });
}
