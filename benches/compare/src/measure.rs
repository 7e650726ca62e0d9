//! Running programs in engines, interleaved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, ensure};
use riser_measure::coremark;
use riser_measure::record::{Record, Sample};

use crate::engines::{self, Engine};
use crate::programs::{self, Program};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The programs whose set and name contain one of `filters`; all if there are none.
pub fn select(filters: &[String]) -> Result<Vec<Program>> {
    let mut programs = programs::all(&root())?;
    programs
        .retain(|program| filters.is_empty() || filters.iter().any(|filter| program.title().contains(filter.as_str())));
    ensure!(!programs.is_empty(), "there is no such program");
    Ok(programs)
}

/// Runs programs in the engines with the given names, as often as `rounds` says.
pub fn run(programs: &[Program], names: &[String], rounds: usize) -> Result<Record> {
    let engines = names.iter().map(|name| engines::by_name(name)).collect::<Result<Vec<_>>>()?;
    let mut samples = BTreeMap::new();
    for program in programs {
        eprintln!("{}", program.title());
        samples.insert(program.title(), run_program(program, names, &engines, rounds)?);
    }
    Ok(Record { engines: names.to_vec(), samples, ..Record::default() })
}

/// Runs one program in one engine, for [`survives`].
pub fn probe(engine: &str, program: &str) -> Result<()> {
    let engine = engines::by_name(engine)?;
    for program in select(&[program.to_owned()])?.iter().filter(|other| other.title() == program) {
        engine.load(program, &fs::read(&program.path)?)?.run(program.world())?;
    }
    Ok(())
}

/// Whether an engine gets through a program. Some abort the process where they do not.
fn survives(engine: &str, program: &Program) -> Result<bool> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["probe", engine, &program.title()]).output()?;
    Ok(output.status.success())
}

/// For how long a program is run in an engine, at most so often, if that is more often than asked for.
const ENOUGH_NS: u64 = 200_000_000;
const MOST_ROUNDS: u64 = 20;

/// Runs a program in every engine, interleaved. Samples are in the order of the engines.
fn run_program(program: &Program, names: &[String], engines: &[Box<dyn Engine>], rounds: usize) -> Result<Vec<Sample>> {
    let wasm = fs::read(&program.path)?;
    let mut loaded = Vec::new();
    for (name, engine) in names.iter().zip(engines) {
        if let Some(reason) = engine.without_vectors().filter(|_| program.has_vectors()) {
            eprintln!("  {name}: {reason}");
            loaded.push(Err(anyhow!(reason)));
            continue;
        }
        // Riser does not abort: time is not spent on finding that out.
        loaded.push(match engines::is_riser(name) || survives(name, program)? {
            true => engine.load(program, &wasm),
            false => {
                eprintln!("  {name}: fails");
                Err(anyhow!("fails"))
            }
        });
    }
    let mut samples = vec![Sample::default(); engines.len()];
    let mut expected: Option<(Vec<u8>, Option<i32>)> = None;
    let (mut done, mut rounds) = (0, rounds);
    while done < rounds {
        let mut slowest_ns = 1;
        for (at, program_in_engine) in loaded.iter_mut().enumerate() {
            let Ok(ready) = program_in_engine else { continue };
            match ready.run(program.world()) {
                Ok((host, time)) => {
                    slowest_ns = time.max(slowest_ns);
                    let time = coremark::iteration_ns(&host.output, program.clock_speed).unwrap_or(time);
                    let (output, exit) = expected.get_or_insert_with(|| (deterministic(&host.output), host.exit));
                    if *output == deterministic(&host.output) && *exit == host.exit {
                        samples[at].push(0, time);
                    } else {
                        eprintln!("  {}: prints something else", names[at]);
                        *program_in_engine = Err(anyhow!("other output"));
                    }
                }
                Err(error) => {
                    eprintln!("  {}: {error:#}", names[at]);
                    *program_in_engine = Err(error);
                }
            }
        }
        // Short programs are run more often: an interrupt is as long as they are.
        if done == 0 {
            rounds = rounds.max((ENOUGH_NS / slowest_ns).min(MOST_ROUNDS) as usize);
        }
        done += 1;
    }
    Ok(samples)
}

/// What a program printed, without what it says about time: all of CoreMark's, and lines of libsodium's that are a number.
fn deterministic(output: &[u8]) -> Vec<u8> {
    if coremark::iteration_ns(output, 1).is_some() {
        return Vec::new();
    }
    let is_number = |line: &[u8]| line.iter().all(u8::is_ascii_digit);
    output.split(|&byte| byte == b'\n').filter(|line| !is_number(line)).flatten().copied().collect()
}
