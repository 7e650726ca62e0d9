//! The command `riser`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
