//! The programs of `benches/programs`, those with vectors too, in every mode and under every setting of the command line.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use crate::full::is_full;
use crate::settings::{axis, one_in, pairwise};
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
    ("vector/base64_swizzle", "4"),
    ("vector/blend", "4"),
    ("vector/chacha_lanes", "64"),
    ("vector/convolution", "2"),
    ("vector/dot", "10"),
    ("vector/json_index", "4"),
    ("vector/mandelbrot_lanes", "48"),
    ("vector/matrix", "60"),
    ("vector/resize", "2"),
    ("vector/search", "4"),
    ("vector/utf8", "4"),
    ("vector/waves", "20"),
];

#[test]
fn every_program_has_a_scale() {
    let mut programs = Vec::new();
    for prefix in ["", "vector/"] {
        let files = fs::read_dir(format!("{FOLDER}/{prefix}")).expect("the folder exists");
        let name = |file: String| Some(format!("{prefix}{}", file.strip_suffix(".wasm")?));
        programs.extend(files.filter_map(|file| name(file.ok()?.file_name().into_string().ok()?)));
    }
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

/// What a program prints at its default scale, compiled for this machine.
fn expected(program: &str) -> String {
    let program = Path::new(FOLDER).join(program);
    let name = program.file_name().expect("a program has a name");
    let file = program.with_file_name("expected").join(name).with_extension("txt");
    fs::read_to_string(file).expect("an expected output")
}

/// Runs `job` with each of the programs, its number and its scale, on all processors.
pub fn for_each_program(job: impl Fn(usize, &str, &str) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((name, scale)) = PROGRAMS.get(at) else { break };
                    job(at, name, scale);
                }
            });
        }
    });
}

/// The modes whose code LLVM makes, in which a program takes longer to compile than to run in all others.
const BY_LLVM: [&str; 2] = ["llvm-jit", "aot"];

/// In every mode; in one whose code LLVM makes every fourth program, unless all are asked for.
#[test]
fn programs_print_what_they_print_natively() {
    let modes = modes();
    for_each_program(|at, program, _| {
        let expected = expected(program);
        let is_left_out = |mode: &str| match BY_LLVM.iter().position(|it| *it == mode) {
            Some(number) => !is_full() && at % 4 != 2 * number,
            None => false,
        };
        for mode in modes.iter().filter(|mode| !is_left_out(mode)) {
            assert_eq!(run(&["--mode", mode], program, None), expected, "{program}, {mode}");
        }
    });
}

/// Flags for runs that together have each pair of values of two settings: of the register interpreter, and of the other modes.
fn settings() -> Vec<String> {
    let bounds = axis(&["--bounds explicit", "--bounds guard"]);
    let times = axis(&["--compile lazy", "--compile lazy-translation", "--compile eager"]);
    let metering = axis(&["", "--fuel 1000000000000 --timeout 10m"]);
    let dispatches =
        ["switch", "call-loop", "direct-tail", "token-tail"].map(|it| format!("--mode interp --dispatch {it}"));
    let mut interp = vec![dispatches.to_vec(), bounds.clone(), times.clone(), metering.clone()];
    let switches = riser::TranslatorConfig::SWITCHES.iter();
    interp.extend(switches.map(|(switch, _)| vec![String::new(), format!("--translator-off {switch}")]));
    let modes = modes().iter().filter(|mode| *mode != "interp").map(|mode| format!("--mode {mode}")).collect();
    let others = [modes, bounds, times, metering];
    let mut rows: Vec<String> =
        [pairwise(&interp), pairwise(&others)].concat().iter().map(|row| row.join(" ")).collect();
    // Ahead of time everything is compiled; other times are an error.
    for row in rows.iter_mut().filter(|row| row.starts_with("--mode aot")) {
        *row =
            row.replace("--compile lazy-translation", "--compile eager").replace("--compile lazy", "--compile eager");
    }
    rows.push("--mode interp --translator-naive".to_owned());
    rows
}

#[test]
fn no_setting_changes_what_programs_print() {
    let is_by_llvm = |setting: &String| BY_LLVM.iter().any(|mode| setting.contains(&format!("--mode {mode} ")));
    let (by_llvm, others): (Vec<_>, Vec<_>) = settings().into_iter().partition(is_by_llvm);
    for_each_program(|at, program, scale| {
        let expected = run(&[], program, Some(scale));
        for setting in one_in(6, &others, at).chain(one_in(12, &by_llvm, at)) {
            let flags: Vec<&str> = setting.split_whitespace().collect();
            assert_eq!(run(&flags, program, Some(scale)), expected, "{program} {setting}");
        }
    });
}
