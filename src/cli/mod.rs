//! The command line: what it accepts, and what its exit codes mean.
//!
//! Each subcommand is a file: a struct of arguments with a method that runs it.
//! What they share: [`engine`] (the flags that configure an engine), [`quantity`]
//! (sizes and durations), [`stats`].
//!
//! # Exit codes
//!
//! | code | meaning |
//! |------|---------|
//! | 0 | success |
//! | the guest's | the guest called `proc_exit` |
//! | 134 | the guest trapped (128 + `SIGABRT`, as if it had aborted) |
//! | 2 | the command line is wrong |
//! | 1 | any other error |

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod compile;
mod dump_code;
mod dump_ir;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod dump_jit;
mod engine;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod fast_jit;
mod invoke;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm;
mod lockstep;
mod modes;
mod quantity;
mod run;
mod stats;
mod tiering;
mod validate;
mod wast;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use riser::Trap;
use riser::wasi::Exit;

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
    Run(run::Run),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    Compile(compile::Compile),
    Wast(wast::Wast),
    DumpIr(dump_ir::DumpIr),
    DumpCode(dump_code::DumpCode),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    DumpJit(dump_jit::DumpJit),
    Lockstep(lockstep::Lockstep),
    Validate(validate::Validate),
    Modes(modes::Modes),
}

/// Parses the process's arguments and does what they say.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(command) => command.execute(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Command::Compile(command) => command.execute(),
        Command::Wast(command) => command.execute(),
        Command::DumpIr(command) => command.execute(),
        Command::DumpCode(command) => command.execute(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Command::DumpJit(command) => command.execute(),
        Command::Lockstep(command) => command.execute(),
        Command::Validate(command) => command.execute(),
        Command::Modes(command) => command.execute(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code(&error),
    }
}

/// The exit code for an error, which is reported on standard error unless it is a guest's exit.
fn exit_code(error: &anyhow::Error) -> ExitCode {
    if let Some(&Exit(code)) = error.downcast_ref::<Exit>() {
        // Systems keep the low 8 bits.
        return ExitCode::from(code as u8);
    }
    eprint!("{}", report(error));
    match error.downcast_ref::<Trap>() {
        Some(_) => ExitCode::from(TRAPPED),
        None => ExitCode::FAILURE,
    }
}

/// An error with its causes, one a line. Whatever the environment says, there is no backtrace of
/// the command itself: the guest's is among the causes.
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
fn read_module(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}
