//! No engine: the program's source, which lies beside its module, compiled for this machine by clang, and run as a process.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use riser_lab::process::children_ns;

use crate::engines::Loaded;
use crate::host::Host;
use crate::process::TemporaryFile;
use crate::programs::Program;

/// The compiler and what it is told: as `benches/programs/build.sh` tells it, but for the level.
const COMPILER: &str = "clang-19";
const FLAGS: [&str; 3] = ["-std=c11", "-O3", "-ffp-contract=off"];

pub struct Native;

struct Executable(TemporaryFile);

impl super::Engine for Native {
    fn load(&self, program: &Program, _: &[u8]) -> Result<Box<dyn Loaded>> {
        let source = program.path.with_extension("c");
        ensure!(source.exists(), "there is no source of {}", program.title());
        let file = TemporaryFile::new(&program.name)?;
        let mut command = Command::new(std::env::var_os("CLANG").unwrap_or(OsString::from(COMPILER)));
        let status = command.args(FLAGS).arg(source).arg("-o").arg(file.path()).arg("-lm").status();
        ensure!(status.with_context(|| format!("cannot run {command:?}"))?.success(), "{command:?} fails");
        Ok(Box::new(Executable(file)))
    }

    fn compile(&self, _: &[u8]) -> Result<()> {
        bail!("modules are not what clang compiles")
    }

    /// `vector.h` defines the intrinsics lane by lane, for what they compute.
    fn without_vectors(&self) -> Option<&'static str> {
        Some("is no measure of vectors: without WebAssembly, their intrinsics are loops")
    }
}

impl Loaded for Executable {
    /// Start and end of the process are part of the time: a millisecond.
    fn run(&self, mut host: Host) -> Result<(Host, u64)> {
        let before = children_ns();
        let mut child = Command::new(self.0.path()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        child.stdout.take().context("no output")?.read_to_end(&mut host.output)?;
        let status = child.wait()?;
        ensure!(status.success(), "{} fails: {status}", self.0.path().display());
        Ok((host, children_ns() - before))
    }
}
