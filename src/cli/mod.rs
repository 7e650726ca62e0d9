//! The command `riser`, as a library: a program that links tiers of its own ([`riser_tiers_core::LINKED_TIERS`]) and calls [`main`] is the
//! command with their modes.
//!
//! Each subcommand is a file: a struct of arguments with a method that runs it. They share: `engine` (the flags that configure an engine),
//! [`riser_lab::quantity`] (sizes and durations), `applies` (where each flag applies), `input` (files), `cause` (what a wrong file is),
//! `guest` (what a guest is given), `limits` (what bounds it), `reach` (where it must not write), `names` (finding functions by the names that
//! users give), `out` and `output` (what is written), `progress`, `spec` (how something runs, in words), `stats`.
//! `arguments` reads the command line, with `help` (its pages) and `elsewhere` (flags of other engines); `usage` is for what it cannot see. The
//! commands that measure are in `lab`, the one that counts is `profile`.
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
mod arguments;
mod cause;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod compile;
mod dump_code;
mod dump_ir;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod dump_jit;
mod elsewhere;
mod engine;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod explore;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod fast_jit;
mod guest;
mod heat;
mod help;
mod input;
mod invoke;
mod lab;
#[cfg(not(feature = "prop"))]
mod lacking;
mod limits;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm;
mod lockstep;
mod manual;
mod modes;
mod monitor;
mod names;
mod out;
mod output;
mod preload;
mod profile;
mod program;
mod progress;
#[cfg(feature = "prop")]
mod prop;
mod proposals;
mod reach;
mod run;
mod snapshot;
mod spec;
mod stats;
mod suggest;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod tier;
mod tiering;
mod trace;
mod usage;
mod validate;
mod wasi;
mod wast;

#[cfg(not(all(feature = "llvm", target_arch = "x86_64", target_os = "linux")))]
use std::process;

use clap::{Parser, Subcommand};

use crate::Trap;
use crate::wasi::Exit;
use input::{STDIN, operand, parse_text, read_file, read_module, to_binary};
use usage::Misuse;

/// The exit code of a guest that succeeded.
const SUCCESS: u8 = 0;
/// The exit code of an error that neither the guest nor the command line caused.
const FAILURE: u8 = 1;
/// The exit code of a wrong command line, as clap has it.
const MISUSE: u8 = 2;
/// The exit code of a guest that trapped.
const TRAPPED: u8 = 134;

/// Riser, a WebAssembly research engine
#[derive(Debug, Parser)]
#[command(
    name = "riser",
    version,
    arg_required_else_help = true,
    override_usage = "riser [run] [OPTIONS] FILE [ARGS]...\n       riser COMMAND ...",
    after_help = "\
A FILE in place of a command is run. `riser help COMMAND` has the flags of a command."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Run>),
    Trace(Box<trace::Trace>),
    Resume(Box<snapshot::Resume>),
    Snapshot(Box<snapshot::SnapshotCommand>),
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
    Completions(manual::Completions),
    Man(manual::Man),
}

/// Parses the process's arguments and runs the subcommand. Returns the exit code.
pub fn main() -> u8 {
    let result = match arguments::command() {
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
        Command::Completions(command) => command.execute(),
        Command::Man(command) => command.execute(),
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
    if error.is::<Trap>() {
        TRAPPED
    } else if error.is::<Misuse>() {
        MISUSE
    } else {
        FAILURE
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
    // As clap begins what it says of a wrong command line.
    let begin = if error.is::<Misuse>() { "error" } else { "Error" };
    let mut report = format!("{begin}: {error}\n");
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
