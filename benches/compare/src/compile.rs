//! Compiling modules, validation included, without running them.
//!
//! Engines called `ENGINE lazy` do what they do before a program can start.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::common::Common;
use crate::engines::{self, cpu_time_ns};
use crate::measure::root;
use crate::synthetic;
use crate::table::{Record, Sample};

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
    /// Also show how much memory each takes at most, in a process of its own
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
    /// Measures, and prints the tables.
    pub fn execute(self) -> Result<()> {
        let files = self.files()?;
        let record = self.common.record(|rounds| self.measure(&files, rounds))?;
        println!("{}", rates(&record));
        if self.memory {
            println!("{}", self.memory_table(&files)?);
        }
        Ok(())
    }

    /// All modules, those that are to be made included.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = self.files.clone();
        let program = root().join("benches/programs/json.wasm");
        for &megabytes in &self.synthetic {
            let wasm = synthetic::repeated(&fs::read(&program)?, (megabytes * 1e6) as usize)?;
            let path = std::env::temp_dir().join(format!("synthetic-{megabytes}.wasm"));
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
                for (at, engine) in engines.iter().enumerate() {
                    let started = cpu_time_ns();
                    match engine.compile(&wasm) {
                        Ok(()) => of_engine[at].times_ns.push(cpu_time_ns() - started),
                        Err(error) => eprintln!("  {}: {error:#}", self.engine[at]),
                    }
                }
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            // Padded, so that the order of names is that of sizes.
            samples.insert(format!("{:9}/{name}", wasm.len()), of_engine);
        }
        Ok(Record { engines: self.engine.clone(), samples })
    }

    /// MiB, beyond those of a process that only reads the module.
    fn memory_table(&self, files: &[PathBuf]) -> Result<String> {
        let peak = |engine: &str, file: &Path| {
            let mut command = Command::new(std::env::current_exe()?);
            let output = command.args(["probe-compile", engine]).arg(file).output()?;
            let kib = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
            kib.with_context(|| format!("{engine} fails in {}", file.display()))
        };
        let mut text = heading("peak memory, MiB", &self.engine);
        for file in files {
            let alone = peak(NONE, file)?;
            let _ = write!(text, "| {} |", file.file_stem().unwrap_or_default().to_string_lossy());
            for engine in &self.engine {
                let _ = write!(text, " {:.1} |", (peak(engine, file)? - alone) / 1024.0);
            }
            text.push('\n');
        }
        Ok(text)
    }
}

fn heading(title: &str, engines: &[String]) -> String {
    format!("| {title} | {} |\n|---|{}\n", engines.join(" | "), "--:|".repeat(engines.len()))
}

/// Megabytes of module a second.
fn rates(record: &Record) -> String {
    let mut text = heading("MB/s of module", &record.engines);
    for (module, samples) in &record.samples {
        let (size, name) = module.split_once('/').unwrap_or_default();
        let bytes: f64 = size.trim().parse().unwrap_or_default();
        let _ = write!(text, "| {name}, {:.2} MB |", bytes / 1e6);
        for sample in samples {
            match sample.median_ns() {
                Some(median) => {
                    let rate = bytes / median * 1e3;
                    let digits = if rate < 1.0 { 3 } else { 1 };
                    let _ = write!(text, " {rate:.digits$} |");
                }
                None => text.push_str(" - |"),
            }
        }
        text.push('\n');
    }
    text
}
