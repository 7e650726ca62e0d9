//! What is run: the repository's own programs, and those of the corpus that `cargo xtask corpus` downloads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::host::Host;

/// A program.
pub struct Program {
    /// Its set, by which means are taken.
    pub set: &'static str,
    /// Its name in the set.
    pub name: String,
    pub path: PathBuf,
    /// How much faster than time its clocks go.
    pub clock_speed: u32,
    /// The scale that it runs at; `None` for its default, and no arguments.
    pub scale: Option<u32>,
}

impl Program {
    /// Set and name.
    pub fn title(&self) -> String {
        format!("{}/{}", self.set, self.name)
    }

    /// Whether it has vector instructions.
    pub fn has_vectors(&self) -> bool {
        self.set == VECTORS
    }

    /// What the program is to see of the world.
    pub fn world(&self) -> Host {
        Host::new(&self.name, self.scale, self.clock_speed)
    }
}

/// The set of programs that have vector instructions.
const VECTORS: &str = "vectors";

/// The scales of the programs with vectors. At the default, compiled code runs for less time than a tick of the clock by which the system
/// accounts for interrupts. Here it runs for some tens of milliseconds.
const VECTOR_SCALES: &[(&str, u32)] = &[
    ("base64_swizzle", 1500),
    ("blend", 1600),
    ("chacha_lanes", 49152),
    ("convolution", 800),
    ("dot", 3000),
    ("json_index", 1600),
    ("mandelbrot_lanes", 640),
    ("matrix", 720),
    ("resize", 500),
    ("search", 1600),
    ("utf8", 2500),
    ("waves", 1500),
];

/// Programs of libsodium that take minutes in an interpreter, or say the same as another one.
const SLOW: &[&str] = &[
    "auth5",
    "auth7",
    "box7",
    "box8",
    "box_easy2",
    "core_ed25519",
    "core_ristretto255",
    "pwhash_argon2i",
    "pwhash_argon2id",
    "pwhash_scrypt",
    "pwhash_scrypt_ll",
    "randombytes",
    "secretbox2",
    "sodium_utils2",
    "sodium_utils3",
];

/// All programs below `root`, the repository; those of the corpus only if it has been downloaded.
pub fn all(root: &Path) -> Result<Vec<Program>> {
    let mut all = Vec::new();
    add(&mut all, "programs", &root.join("benches/programs"))?;
    add(&mut all, VECTORS, &root.join("benches/programs/vector"))?;
    for corpus in folders(&root.join("target/corpus"))? {
        let benchmarks = corpus.join("wasure/benchmarks");
        for set in ["coremark", "polybench", "libsodium"] {
            add(&mut all, set, &benchmarks.join(set))?;
        }
    }
    all.retain(|program| program.set != "libsodium" || !SLOW.contains(&program.name.as_str()));
    for program in &mut all {
        if program.set == "coremark" {
            program.clock_speed = 5;
        }
        if program.has_vectors() {
            program.scale = VECTOR_SCALES.iter().find(|(name, _)| *name == program.name).map(|&(_, scale)| scale);
        }
    }
    Ok(all)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(path) else { return Ok(Vec::new()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn add(all: &mut Vec<Program>, set: &'static str, folder: &Path) -> Result<()> {
    for path in folders(folder)? {
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let name = path.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
            all.push(Program { set, name, path, clock_speed: 1, scale: None });
        }
    }
    Ok(())
}
