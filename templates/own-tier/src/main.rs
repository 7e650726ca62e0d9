//! The command `riser` with one more mode, `closures`: the tier in `tier.rs` is linked into it.

mod tier;

fn main() {
    riser::cli::exit(riser::cli::main())
}
