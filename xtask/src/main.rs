//! Chores of this repository, run as `cargo xtask NAME`.
//!
//! * `ablation` makes one record of what `riser ablate` has measured of several programs.
//! * `corpus` downloads programs that others compiled to WebAssembly, runs them in every mode of
//!   the `riser` command and checks what they print.
//! * `figures` puts measured figures into the documentation.
//! * `handlers` shows the machine code of the interpreter's handlers.
//! * `versus` runs two builds of the command side by side and reports whether the new one is
//!   slower.
//!
//! `corpus` and `versus` know `riser` only as a command line, so that they can be pointed at
//! any build of it, or at another engine behind the same command line (see
//! `run-in-node.mjs`). `handlers` looks at the interpreter that is linked into
//! this program.

use std::path::{Path, PathBuf};

use clap::Parser;

mod ablation;
mod corpus;
mod figures;
mod handlers;
mod versus;

/// Chores of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Make one record of what `riser ablate --json` has measured of several programs.
    Ablation(ablation::Options),
    /// Run the corpus of downloaded programs in every mode and check their output.
    Corpus(corpus::Options),
    /// Put the figures of the newest records into the README and the book.
    Figures(figures::Options),
    /// Show the machine code of the interpreter's handlers, or a table of its properties.
    Handlers(handlers::Options),
    /// Compare the CPU time of two builds of `riser`, in every mode.
    Versus(versus::Options),
}

fn main() -> anyhow::Result<()> {
    match Chore::parse() {
        Chore::Ablation(options) => ablation::run(&options),
        Chore::Corpus(options) => corpus::run(&options),
        Chore::Figures(options) => figures::run(&options),
        Chore::Handlers(options) => handlers::run(&options),
        Chore::Versus(options) => versus::run(&options),
    }
}

/// The root folder of the repository.
fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}
