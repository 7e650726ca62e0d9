//! The command `riser`, as a library: a program that links tiers of its own ([`riser_tiers_core::LINKED_TIERS`]) and calls [`main`] is the
//! command with their modes.
//!
//! Each subcommand is a file: a struct of arguments with a method that runs it. They share: `engine` (the flags that configure an engine),
//! [`riser_lab::quantity`] (sizes and durations), `applies` (where each flag applies), `names` (finding functions by the names that users
//! give), `out` (output), `spec` (how something runs, in words), `stats`. The commands that measure are in `lab`, the one that counts is
//! `profile`.
//!
//! # Exit codes
//!
//! | code | meaning |
//! |------|---------|
//! | 0 | success, or nobody reads what is printed |
//! | the guest's | the guest called `proc_exit` |
//! | 134 | the guest trapped (128 + `SIGABRT`, as if it had aborted) |
//! | 2 | the command line is wrong |
//! | 1 | any other error |

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod applies;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod compile;
mod dump_code;
mod dump_ir;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod dump_jit;
mod engine;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod explore;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod fast_jit;
mod invoke;
mod lab;
#[cfg(not(feature = "prop"))]
mod lacking;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm;
mod lockstep;
mod modes;
mod monitor;
mod names;
mod out;
mod preload;
mod profile;
#[cfg(feature = "prop")]
mod prop;
mod proposals;
mod run;
mod snapshot;
mod spec;
mod stats;
mod suggest;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod tier;
mod tiering;
mod trace;
mod validate;
mod wasi;
mod wast;

use std::io::Read as _;
use std::path::Path;
#[cfg(not(all(feature = "llvm", target_arch = "x86_64", target_os = "linux")))]
use std::process;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use clap::{Args, FromArgMatches, Parser, Subcommand};

use crate::wasi::Exit;
use crate::{Engine, SharedBytes, Trap};

/// The exit code of a guest that succeeded.
const SUCCESS: u8 = 0;
/// The exit code of an error that neither the guest nor the command line caused.
const FAILURE: u8 = 1;
/// The exit code of a guest that trapped.
const TRAPPED: u8 = 134;

/// Riser, a WebAssembly research engine.
#[derive(Debug, Parser)]
#[command(name = "riser", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Run>),
    Trace(Box<trace::Trace>),
    Resume(Box<snapshot::Resume>),
    Snapshot(snapshot::SnapshotCommand),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    Compile(compile::Compile),
    Wast(Box<wast::Wast>),
    DumpIr(dump_ir::DumpIr),
    DumpCode(dump_code::DumpCode),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    DumpJit(dump_jit::DumpJit),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    Explore(explore::Explore),
    Bench(Box<lab::bench::Bench>),
    Ablate(Box<lab::ablate::Ablate>),
    Why(Box<lab::why::Why>),
    Report(lab::report::Report),
    Profile(Box<profile::Profile>),
    Suggest(suggest::Suggest),
    Lockstep(Box<lockstep::Lockstep>),
    #[cfg(feature = "prop")]
    Prop(Box<prop::Prop>),
    #[cfg(not(feature = "prop"))]
    Prop(lacking::Prop),
    Validate(validate::Validate),
    Modes(modes::Modes),
}

/// Parses the process's arguments. If they are wrong, or ask for help, the process ends here.
///
/// `run` is recognised by the first argument, so that the arguments of the other subcommands need not be described: that would take a
/// tenth of a short run.
fn command() -> Command {
    if std::env::args_os().nth(1).is_none_or(|first| first != "run") {
        return Cli::try_parse().map_or_else(|error| usage(&error), |cli| cli.command);
    }
    let mut description = run::Run::augment_args(clap::Command::new("riser run"));
    let parsed = description.try_get_matches_from_mut(std::env::args_os().skip(1));
    match parsed.and_then(|mut matches| run::Run::from_arg_matches_mut(&mut matches)) {
        Ok(run) => Command::Run(Box::new(run)),
        Err(error) => usage(&error.format(&mut description)),
    }
}

/// Prints requested help, or what is wrong with the command line, and ends the process.
fn usage(error: &clap::Error) -> ! {
    let code = match error.print() {
        Err(why) if !error.use_stderr() => exit_code(&out::failed(why)),
        _ => error.exit_code() as u8,
    };
    exit(code)
}

/// Parses the process's arguments and runs the subcommand. Returns the exit code.
pub fn main() -> u8 {
    let result = match command() {
        Command::Run(command) => command.execute(),
        Command::Trace(command) => command.execute(),
        Command::Resume(command) => command.execute(),
        Command::Snapshot(command) => command.execute(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Command::Compile(command) => command.execute(),
        Command::Wast(command) => command.execute(),
        Command::DumpIr(command) => command.execute(),
        Command::DumpCode(command) => command.execute(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Command::DumpJit(command) => command.execute(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Command::Explore(command) => command.execute(),
        Command::Bench(command) => command.execute(),
        Command::Ablate(command) => command.execute(),
        Command::Why(command) => command.execute(),
        Command::Report(command) => command.execute(),
        Command::Profile(command) => command.execute(),
        Command::Suggest(command) => command.execute(),
        Command::Lockstep(command) => command.execute(),
        Command::Prop(command) => command.execute(),
        Command::Validate(command) => command.execute(),
        Command::Modes(command) => command.execute(),
    };
    match result {
        Ok(()) => SUCCESS,
        Err(error) => exit_code(&error),
    }
}

/// The exit code for an error, which is reported on standard error unless it is a guest's exit.
fn exit_code(error: &anyhow::Error) -> u8 {
    if let Some(&Exit(code)) = error.downcast_ref::<Exit>() {
        // Systems keep the low 8 bits.
        return code as u8;
    }
    if error.is::<out::Closed>() {
        return SUCCESS;
    }
    out::tell(report(error));
    match error.downcast_ref::<Trap>() {
        Some(_) => TRAPPED,
        None => FAILURE,
    }
}

/// Ends the process, even while functions are compiled in the background.
pub fn exit(code: u8) -> ! {
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    crate::llvm::exit(code.into());
    #[cfg(not(all(feature = "llvm", target_arch = "x86_64", target_os = "linux")))]
    process::exit(code.into())
}

/// An error with its causes, one on each line. It never has a backtrace of the command itself, whatever the environment says: the guest's
/// backtrace is among the causes.
fn report(error: &anyhow::Error) -> String {
    let mut report = format!("Error: {error}\n");
    let causes: Vec<String> = error.chain().skip(1).map(|cause| cause.to_string()).collect();
    if !causes.is_empty() {
        report.push_str("\nCaused by:\n");
    }
    for (number, cause) in causes.iter().enumerate() {
        let cause = cause.replace('\n', "\n       ");
        report.push_str(&if causes.len() > 1 { format!("{number:>5}: {cause}\n") } else { format!("    {cause}\n") });
    }
    report
}

/// The bytes of a module, in the binary format or as text.
fn read_module(path: &Path) -> Result<SharedBytes> {
    let bytes = read_file(path)?;
    if Engine::detect_precompiled(&bytes) {
        bail!("`{}` is a precompiled module, which only `riser run --allow-precompiled` takes", path.display());
    }
    Ok(bytes)
}

/// Stands for standard input in place of a file.
const STDIN: &str = "-";

/// The bytes of a file: a module in the binary format, as text, or precompiled; or a script. Standard input ([`STDIN`]) is read once, and
/// every caller gets the same bytes.
fn read_file(path: &Path) -> Result<SharedBytes> {
    static READ: OnceLock<SharedBytes> = OnceLock::new();
    if path != Path::new(STDIN) {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        return Ok(bytes.into());
    }
    if let Some(bytes) = READ.get() {
        return Ok(bytes.clone());
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(READ.get_or_init(|| bytes.into()).clone())
}

/// Converts a module, which may be text, to the binary format.
fn to_binary(bytes: SharedBytes) -> Result<SharedBytes> {
    parse_text(bytes, &wat::Parser::new(), None)
}

/// Converts a module, which may be text, to the binary format; `parser` reads the text as that of `file`. Binary modules are passed on
/// unchanged.
fn parse_text(bytes: SharedBytes, parser: &wat::Parser, file: Option<&Path>) -> Result<SharedBytes> {
    Ok(bytes.converted(|bytes| parser.parse_bytes(file, bytes))?)
}
