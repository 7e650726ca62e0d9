//! `riser lockstep`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::lockstep::{self, Call, Options, Side};
use crate::translator::parse_module_with;
use crate::{Engine, ExternType, Module};

use super::spec::Spec;
use super::{invoke, out};

/// Run a program in two configurations side by side, and say where they first differ
///
/// Compares locals and operands at every function entry and loop header, and at the end results, output and
/// exported memories and globals. The guest's output is not shown; its clocks and random numbers are made up.
///
/// A SPEC is words with commas or spaces between: a mode, `naive`, or a flag of `riser run` without its
/// dashes, such as `dispatch=switch`, `bounds=guard`, `compile=eager`, `max-stack=1MiB`; `off=NAME+NAME`
/// and `on=NAME+NAME` turn optimisations of the translator off and on.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser lockstep program.wasm 20
  riser lockstep --a interp,naive --b interp,off=accumulators+result-folding program.wasm
  riser lockstep --b interp,dispatch=switch,bounds=guard --invoke fib library.wat 30
  riser lockstep --a interp --b interp --b-file new.wasm old.wasm

Exit codes: 0 if the sides are alike, 1 if not.")]
pub struct Lockstep {
    /// How side A runs
    #[arg(long, value_name = "SPEC", default_value = "classic", value_parser = Spec::parse)]
    a: Spec,

    /// How side B runs
    #[arg(long, value_name = "SPEC", default_value = "interp", value_parser = Spec::parse)]
    b: Spec,

    /// Let side B run this module instead: the same program, compiled otherwise
    #[arg(long, value_name = "FILE")]
    b_file: Option<PathBuf>,

    /// Call this exported function, with the arguments after FILE
    #[arg(long, value_name = "NAME")]
    invoke: Option<String>,

    /// Stop after this many safepoints
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,

    /// Trap after this many units of fuel, and compare the fuel left at the end
    #[arg(long, value_name = "UNITS")]
    fuel: Option<u64>,

    /// How NaNs compare: by their bits, or as if there were one
    #[arg(long, value_name = "HOW", default_value = "exact", value_parser = ["exact", "canonical"])]
    nan: String,

    /// The module, in the binary or the text format, and the guest's arguments; `-` for standard input
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    file_and_args: Vec<String>,
}

impl Lockstep {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let (file, args) = self.file_and_args.split_first().expect("the command line requires a file");
        let file = Path::new(file);
        let a = self.side(&self.a, file, file, args)?;
        let b = self.side(&self.b, self.b_file.as_deref().unwrap_or(file), file, args)?;
        let canonical_nans = self.nan == "canonical";
        let report = lockstep::run(&a, &b, &Options { limit: self.limit, fuel: self.fuel, canonical_nans })?;
        let text = report.print(&a, &b, [&self.a.text, &self.b.text])?;
        out::without_reader(out::print(|out| Ok(out.write_all(text.as_bytes())?)))?;
        if !report.is_alike() {
            bail!("the sides differ");
        }
        Ok(())
    }

    /// The side that runs the module in `file`, with `name` as the program's name.
    fn side(&self, spec: &Spec, file: &Path, name: &Path, args: &[String]) -> Result<Side> {
        let context = || format!("cannot load `{}`", file.display());
        let bytes = super::read_module(file)?;
        let module = super::to_binary(bytes).with_context(context)?;
        let parsed = parse_module_with(module.clone(), spec.config.features()).with_context(context)?;
        spec.engine.check_names(&[parsed.info()])?;
        let call = match &self.invoke {
            None => Call::Command([&[name.to_string_lossy().into_owned()], args].concat()),
            Some(name) => {
                let parsed = Module::from_owned(&Engine::new(&spec.config)?, module.clone()).with_context(context)?;
                let Some(ExternType::Func(ty)) = parsed.get_export(name) else {
                    bail!("`{}` exports no function `{name}`", file.display());
                };
                let arguments = invoke::arguments(&ty, args).with_context(|| format!("cannot call `{name}`"))?;
                Call::Export { name: name.clone(), arguments }
            }
        };
        Ok(Side { config: spec.config.clone(), module, call })
    }
}
