//! Measurement of Riser: processes and the time that they take, samples, and their statistics.
//!
//! Used by `cargo xtask versus`, which compares two builds of the command; by `benches/compare`, which compares engines
//! and writes [`record`]s; and by `cargo xtask figures`, which puts these into the documentation ([`figures`]). This
//! crate knows engines only by their names, so that it is built and tested in seconds.
//!
//! Times are CPU time, in nanoseconds: on a machine that does other work, wall-clock time says more about that work.
//! Even so no single number can be trusted. Things that are compared run side by side, again and again. Programs are
//! compared as ratios, and sets of programs by the geometric mean of these. A mean comes with the interval in which it
//! would lie if all of it were measured anew ([`statistics::bootstrap`]).

pub mod coremark;
pub mod figures;
pub mod process;
pub mod record;
pub mod statistics;
pub mod tables;
