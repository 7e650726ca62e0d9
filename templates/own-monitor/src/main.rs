//! The command `riser` with one more monitor, `divisions`: the one in `monitor.rs` is linked into it.

mod monitor;

fn main() {
    riser::cli::exit(riser::cli::main())
}
