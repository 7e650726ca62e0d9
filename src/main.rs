//! The command `riser`.

mod cli;

fn main() {
    cli::exit(cli::main())
}
