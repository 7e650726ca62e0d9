//! Riser.
fn main() {}
