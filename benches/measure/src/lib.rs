//! Records of Riser beside other engines, and the figures that the documentation takes from them.
//!
//! Used by `benches/compare`, which compares engines and writes [`record`]s, and by `cargo xtask figures`, which puts these into the
//! documentation ([`figures`]). This crate knows engines only by their names, so that it is built and tested in seconds. Processes and
//! statistics are those of the laboratory ([`riser_lab`]).
//!
//! Times are CPU time, in nanoseconds: on a machine that does other work, wall-clock time says more about that work.
//! Even so no single number can be trusted. Things that are compared run side by side, again and again. Programs are
//! compared as ratios, and sets of programs by the geometric mean of these. A mean comes with the interval in which it
//! would lie if all of it were measured anew ([`riser_lab::statistics::geometric_interval`]).

pub mod ablation;
pub mod coremark;
pub mod figures;
pub mod record;
pub mod tables;
