//! `riser lockstep`.

mod bisect;
mod narrow;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::lockstep::{self, Call, Options, Report, Side};
use crate::translator::parse_module_with;
use crate::{Engine, ExternType, Module};

use super::guest::arguments;
use super::spec::Spec;
use super::{invoke, operand, out};
use bisect::Bisect;
#[cfg(feature = "faults")]
use riser_translator::faults::{Fault, plant};

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
  riser lockstep --bisect --a classic --b interp program.wasm

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

    /// Narrow a difference down: to a function, and to a switch of the translator or the level of a compiler
    #[arg(long, conflicts_with = "b_file")]
    bisect: bool,

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

    /// Let the translator make this planted fault, on both sides: for tests of the tests
    #[cfg(feature = "faults")]
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,

    /// The module, in the binary or the text format, and the guest's arguments; `-` for standard input
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    file_and_args: Vec<OsString>,
}

/// A word of a command line, in quotes if a shell would make something else of it.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-./:_,=".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.into();
    }
    shlex::try_quote(word).unwrap_or_else(|_| word.into())
}

impl Lockstep {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let (file, args) = self.file_and_args.split_first().expect("the command line requires a file");
        let (file, args) = (Path::new(file), arguments(args)?);
        #[cfg(feature = "faults")]
        if let Some(name) = &self.fault {
            plant(Fault::named(name).map_err(anyhow::Error::msg)?);
        }
        if self.bisect {
            return self.bisect(file, &args);
        }
        let (a, b, report) = self.compare(&self.a, &self.b, file, &args)?;
        let text = report.print(&a, &b, [&self.a.text, &self.b.text])?;
        out::without_reader(out::print(|out| Ok(out.write_all(text.as_bytes())?)))?;
        if !report.is_alike() {
            bail!("the sides differ");
        }
        Ok(())
    }

    /// Runs two sides in lockstep.
    fn compare(&self, a: &Spec, b: &Spec, file: &Path, args: &[String]) -> Result<(Side, Side, Report)> {
        let a = self.side(a, file, file, args)?;
        let b = self.side(b, self.b_file.as_deref().unwrap_or(file), file, args)?;
        let canonical_nans = self.nan == "canonical";
        let report = lockstep::run(&a, &b, &Options { limit: self.limit, fuel: self.fuel, canonical_nans });
        let report = report.with_context(|| format!("cannot compare runs of `{}`", file.display()))?;
        Ok((a, b, report))
    }

    /// Narrows the difference between the sides down.
    fn bisect(&self, file: &Path, args: &[String]) -> Result<()> {
        let context = || format!("cannot load `{}`", file.display());
        let module = super::to_binary(super::read_module(file)?, file).with_context(context)?;
        let module = parse_module_with(module, self.a.config.features()).with_context(context)?;
        let differ = Bisect::new(self, module.info(), file, args).run(module.info());
        if differ? {
            bail!("the sides differ");
        }
        Ok(())
    }

    /// The command line that compares two sides, with the other flags as they are.
    fn command(&self, a: &str, b: &str, file: &Path, args: &[String]) -> String {
        let mut words = vec!["riser".to_owned(), "lockstep".to_owned()];
        #[cfg(feature = "faults")]
        words.extend(self.fault.iter().flat_map(|name| ["--fault".to_owned(), name.clone()]));
        words.extend(["--a", a, "--b", b].map(str::to_owned));
        words.extend(self.invoke.iter().flat_map(|name| ["--invoke".to_owned(), name.clone()]));
        words.extend(self.limit.iter().flat_map(|limit| ["--limit".to_owned(), limit.to_string()]));
        words.extend(self.fuel.iter().flat_map(|fuel| ["--fuel".to_owned(), fuel.to_string()]));
        if self.nan != "exact" {
            words.extend(["--nan".to_owned(), self.nan.clone()]);
        }
        if *operand(file) != *file {
            words.push("--".to_owned());
        }
        words.push(file.display().to_string());
        words.extend(args.iter().cloned());
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// The side that runs the module in `file`, with `name` as the program's name.
    fn side(&self, spec: &Spec, file: &Path, name: &Path, args: &[String]) -> Result<Side> {
        let context = || format!("cannot load `{}`", file.display());
        let bytes = super::read_module(file)?;
        let module = super::to_binary(bytes, file).with_context(context)?;
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
