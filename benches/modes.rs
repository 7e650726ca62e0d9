//! Every program of `benches/programs` and its folder `vector` in every mode: in the classic interpreter, and in the
//! register interpreter with each dispatch strategy of the build.
//!
//! ```text
//! cargo bench --bench modes                      everything, a few minutes
//! cargo bench --bench modes -- sort              one program
//! cargo bench --bench modes -- interp/switch     one mode
//! ```
//!
//! A benchmark is called `PROGRAM/MODE` or `PROGRAM/MODE/DISPATCH`. What is measured is one run
//! of the program at its default scale: an instance, the call of `_start`, output kept in
//! memory. The module is translated before. What a program prints must be what it is
//! known to print, or the benchmark stops.
//!
//! `benches/compare` measures Riser beside other engines, and its steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use criterion::Criterion;
use riser::modes::CLASSIC;
use riser::wasi::{self, Exit, MemoryOutputPipe, WasiCtx, WasiCtxBuilder};
use riser::{Compilation, Config, Dispatch, Engine, Linker, Mode, Module, Store};

/// A way to run programs.
struct Variant {
    name: String,
    engine: Engine,
    linker: Linker<WasiCtx>,
}

impl Variant {
    fn new(name: String, mode: Mode, dispatch: Dispatch) -> Result<Variant> {
        let mut config = Config::new();
        config.mode(mode).dispatch(dispatch).compilation(Compilation::Eager);
        let engine = Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasi::p1::add_to_linker_sync(&mut linker, |ctx: &mut WasiCtx| ctx)?;
        Ok(Variant { name, engine, linker })
    }

    fn all() -> Result<Vec<Variant>> {
        let mut all = vec![Variant::new(CLASSIC.to_string(), CLASSIC, Dispatch::default())?];
        for &dispatch in Dispatch::ALL {
            all.push(Variant::new(format!("{}/{dispatch}", Mode::Interp), Mode::Interp, dispatch)?);
        }
        Ok(all)
    }

    /// Runs a program from start to end; returns what it printed.
    fn run(&self, module: &Module, program: &str) -> Result<Vec<u8>> {
        let output = MemoryOutputPipe::new(1 << 20);
        let ctx = WasiCtxBuilder::new().arg(program).stdout(output.clone()).build();
        let mut store = Store::new(&self.engine, ctx);
        let instance = self.linker.instantiate(&mut store, module)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        if let Err(error) = start.call(&mut store, ()) {
            match error.downcast_ref() {
                Some(Exit(0)) => {}
                _ => return Err(error),
            }
        }
        Ok(output.contents())
    }
}

/// The programs, in the order of their paths.
fn programs() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for folder in ["benches/programs", "benches/programs/vector"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    paths.sort();
    Ok(paths)
}

/// Registers the benchmarks of a program.
fn benchmark(criterion: &mut Criterion, path: &Path, variants: &[Variant]) -> Result<()> {
    let name = path.file_stem().context("a program without a name")?.to_string_lossy();
    let expected = fs::read(path.with_file_name("expected").join(format!("{name}.txt")))?;
    let wasm = fs::read(path)?;
    for variant in variants {
        let module = Module::new(&variant.engine, &wasm)?;
        let mut failure = None;
        criterion.bench_function(&format!("{name}/{}", variant.name), |bencher| {
            bencher.iter(|| match variant.run(&module, &name) {
                Ok(output) if output == expected => {}
                Ok(_) => failure = Some(anyhow!("it does not print what it should")),
                Err(error) => failure = Some(error),
            });
        });
        if let Some(error) = failure {
            return Err(error.context(format!("{name} in {}", variant.name)));
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let criterion = Criterion::default();
    // The least that criterion takes. A run is long enough for a sample of its own.
    let criterion = criterion.sample_size(10).warm_up_time(Duration::from_millis(1));
    let mut criterion = criterion.measurement_time(Duration::from_millis(10)).without_plots().configure_from_args();
    let variants = Variant::all()?;
    for path in programs()? {
        benchmark(&mut criterion, &path, &variants)?;
    }
    criterion.final_summary();
    Ok(())
}
