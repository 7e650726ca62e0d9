//! The command `riser`.

fn main() {
    riser::cli::exit(riser::cli::main())
}
