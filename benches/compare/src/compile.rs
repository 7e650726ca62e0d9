//! Compiling modules, validation included, without running them.
//!
//! Engines called `ENGINE lazy` do what they do before a program can start.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use riser_lab::TemporaryFolder;
use riser_measure::record::{Record, Sample};
use riser_measure::tables;

use crate::common::Common;
use crate::engines::{self, Engine, cpu_time_ns};
use crate::measure::root;
use crate::process::PREFIX;
use crate::synthetic;

/// Options of `compile`.
#[derive(Args)]
pub struct Compile {
    #[command(flatten)]
    common: Common,
    /// Only engines with this name; can be repeated
    #[arg(long, default_values_t = ["interp", "wasmi", "interp lazy", "wasmi lazy"].map(str::to_owned))]
    engine: Vec<String>,
    /// Modules of about this many megabytes, made by repeating the functions of a program; can be repeated
    #[arg(long, value_name = "MB")]
    synthetic: Vec<f64>,
    /// In place of time, measure how much memory each takes at most in a process of its own, beyond one that only reads the module
    #[arg(long)]
    memory: bool,
    /// Modules
    files: Vec<PathBuf>,
}

/// Compiles one module in one engine, or in [`NONE`]. Prints the most memory that this process, which did nothing
/// else, has had.
pub fn probe(engine: &str, file: &Path) -> Result<()> {
    let wasm = fs::read(file)?;
    if engine != NONE {
        engines::by_name(engine)?.compile(&wasm)?;
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system does not tell")?;
    println!("{}", line.trim_end_matches("kB").trim());
    Ok(())
}

/// Stands for an engine that does nothing.
const NONE: &str = "none";

impl Compile {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let folder = TemporaryFolder::new(PREFIX)?;
        let files = self.files(&folder)?;
        let record = self.common.record(|rounds| self.measure(&files, rounds))?;
        println!("{}", tables::table(if self.memory { "memory" } else { "rates" }, &record)?);
        Ok(())
    }

    /// All modules, those that are to be made included: these are made in a folder.
    fn files(&self, folder: &TemporaryFolder) -> Result<Vec<PathBuf>> {
        let mut files = self.files.clone();
        let program = root().join("benches/programs/json.wasm");
        for &megabytes in &self.synthetic {
            let wasm = synthetic::repeated(&fs::read(&program)?, (megabytes * 1e6) as usize)?;
            let path = folder.path().join(format!("synthetic-{megabytes}.wasm"));
            fs::write(&path, wasm)?;
            files.push(path);
        }
        Ok(files)
    }

    fn measure(&self, files: &[PathBuf], rounds: usize) -> Result<Record> {
        ensure!(!files.is_empty(), "there is no module to compile");
        let engines = self.engine.iter().map(|name| engines::by_name(name)).collect::<Result<Vec<_>>>()?;
        let mut samples = BTreeMap::new();
        for path in files {
            let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let mut of_engine = vec![Sample::default(); engines.len()];
            for _ in 0..rounds {
                for ((engine, name), sample) in engines.iter().zip(&self.engine).zip(&mut of_engine) {
                    let value = match self.memory {
                        true => Ok(peak_bytes(name, path)?.saturating_sub(peak_bytes(NONE, path)?)),
                        false => time_ns(&**engine, &wasm),
                    };
                    match value {
                        Ok(value) => sample.push(0, value),
                        Err(error) => eprintln!("  {name}: {error:#}"),
                    }
                }
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            // Padded, so that the order of names is that of sizes.
            samples.insert(format!("{:9}/{name}", wasm.len()), of_engine);
        }
        Ok(Record { engines: self.engine.clone(), samples, ..Record::default() })
    }
}

fn time_ns(engine: &dyn Engine, wasm: &[u8]) -> Result<u64> {
    let started = cpu_time_ns();
    engine.compile(wasm)?;
    Ok(cpu_time_ns() - started)
}

/// The most memory that a process takes which compiles a module, and nothing else.
fn peak_bytes(engine: &str, file: &Path) -> Result<u64> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["probe-compile", engine]).arg(file).output()?;
    let kib = String::from_utf8_lossy(&output.stdout).trim().parse::<u64>();
    Ok(kib.with_context(|| format!("{engine} fails in {}", file.display()))? * 1024)
}
