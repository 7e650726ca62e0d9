//! The machine code of the interpreter's handlers.
//!
//! The interpreter is linked into this program, so the code shown is what the compiler made of it
//! in this build. A table shows for each dispatch strategy how large handlers are, and how many
//! have a shape that threaded code should not have. Given names of instructions, the command shows
//! their code in place of the table. [`rule`] checks the same in tests.
//!
//! For ELF executables on x86-64 only.

mod machine_code;
mod rule;

use std::io::{self, Write};

use anyhow::{Result, ensure};
use riser_vm::Dispatch;
use riser_vm::inspect::{HandlerInfo, handlers};

use machine_code::{Executable, Shape};

/// Options of `cargo xtask handlers`.
#[derive(clap::Args)]
pub struct Options {
    /// Only this dispatch strategy (repeatable); without it, all.
    #[arg(long = "dispatch", value_name = "STRATEGY")]
    strategies: Vec<Dispatch>,
    /// Print the table even when names are given.
    #[arg(long)]
    table: bool,
    /// Show the code of these instructions; `*` stands for any characters, `?` for one.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Shows what `options` request.
///
/// # Errors
///
/// If the executable cannot be read, standard output cannot be written to, or no instruction has
/// one of the names.
pub fn run(options: &Options) -> Result<()> {
    let out = &mut io::stdout().lock();
    let executable = Executable::current()?;
    let strategies = if options.strategies.is_empty() { Dispatch::ALL } else { &options.strategies };
    if options.table || options.names.is_empty() {
        table(out, &executable, strategies)?;
    }
    for name in &options.names {
        let mut found = false;
        for &dispatch in strategies {
            for handler in handlers(dispatch).iter().filter(|handler| matches(name, handler.name)) {
                found = true;
                writeln!(out, "; {} of {dispatch}", handler.name)?;
                for line in executable.function(handler.address)?.listing() {
                    writeln!(out, "    {line}")?;
                }
                writeln!(out)?;
            }
        }
        ensure!(found, "no instruction has the name `{name}`; for the list of names see vm/interp/src/tokens.rs");
    }
    Ok(())
}

/// Whether a pattern names the instruction: `*` stands for any characters, `?` for one.
fn matches(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return name.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    if first == '*' {
        return name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| matches(rest, &name[at..]));
    }
    name.chars().next().is_some_and(|it| (first == '?' || first == it) && matches(rest, &name[it.len_utf8()..]))
}

/// The shape of each handler of a strategy.
fn shapes(executable: &Executable, dispatch: Dispatch) -> Result<Vec<(HandlerInfo, Shape)>> {
    let shape = |handler: HandlerInfo| Ok((handler, executable.function(handler.address)?.shape()));
    handlers(dispatch).into_iter().map(shape).collect()
}

fn table(out: &mut impl Write, executable: &Executable, strategies: &[Dispatch]) -> Result<()> {
    writeln!(out, "| strategy | pieces | bytes: all | min | median | max | jump on | push | spill | call | wait |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    for &dispatch in strategies {
        let shapes = shapes(executable, dispatch)?;
        let count = |has: fn(&Shape) -> bool| shapes.iter().filter(|(_, shape)| has(shape)).count();
        let mut sizes: Vec<usize> = shapes.iter().map(|(_, shape)| shape.bytes).collect();
        sizes.sort_unstable();
        writeln!(
            out,
            "| {dispatch} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            shapes.len(),
            sizes.iter().sum::<usize>(),
            sizes[0],
            sizes[sizes.len() / 2],
            sizes[sizes.len() - 1],
            count(|shape| shape.indirect_jumps > 0),
            count(|shape| shape.pushes > 0),
            count(|shape| shape.spills > 0),
            count(|shape| shape.calls > 0),
            count(|shape| shape.waits > 0),
        )?;
    }
    for &dispatch in strategies.iter().filter(|&&dispatch| rule::applies_to(dispatch)) {
        writeln!(out, "\nOf {dispatch}, not plain threaded code:")?;
        for (handler, shape) in shapes(executable, dispatch)? {
            if let Err(flaws) = rule::threaded(&shape) {
                let reason = rule::exception(handler.name, dispatch).unwrap_or("NOT EXPECTED");
                writeln!(out, "  {}: {flaws} ({reason})", handler.name)?;
            }
        }
    }
    Ok(())
}
