//! How Riser is measured: processes and the time that they take, samples, and what can be said of them.
//!
//! Used by `cargo xtask versus`, which compares two builds of the command, by `benches/compare`,
//! which compares engines and writes [`record`]s, and by `cargo xtask figures`, which puts these into the documentation
//! ([`figures`]). No engine is known here but by its name, so that all of it is built and tested in seconds.
//!
//! Times are CPU time, in nanoseconds: on a machine that does other work, time of the clock says more about
//! that work. Even so no single number is to be believed. What is compared runs side by side, again and again; programs
//! are compared as ratios, sets of programs by the geometric mean of these; and a mean comes with the
//! interval in which it would lie were all of it measured anew ([`statistics::bootstrap`]).

pub mod coremark;
pub mod figures;
pub mod process;
pub mod record;
pub mod statistics;
pub mod tables;
