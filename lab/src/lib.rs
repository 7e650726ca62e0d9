//! The laboratory: what `riser bench` and `riser ablate` are made of.
//!
//! A [`Subject`] is a command line to measure. [`bench()`] runs several of them in interleaved rounds, each in a process of its own and from
//! several fresh copies of its executable, until what can be said of them is as certain as requested. It checks that all print the same.
//! [`Comparison`] says how the time of one relates to that of another, with an interval; [`record`] keeps every sample, and [`report`] shows records.
//! A measurement that may be interrupted is kept in a [`journal`]. [`quantity`] reads sizes and durations. What is made on the way is in a
//! [`TemporaryFolder`].
//!
//! Nothing here knows what the commands do. A subject may write numbers of its own, such as the times of its phases, to a file, which
//! become part of its samples ([`Subject::report`]).
//!
//! No single number can be trusted. Things that are compared run side by side, again and again, and are compared as ratios. An executable
//! may be faster from one file than from another, because its pages lie elsewhere in memory; so a statement about an executable is one about
//! its copies.

pub mod bench;
pub mod comparison;
pub mod counters;
pub mod folder;
mod interrupt;
pub mod journal;
pub mod machine;
pub mod origin;
pub mod process;
pub mod quantity;
pub mod record;
pub mod report;
pub mod sample;
pub mod statistics;
pub mod valgrind;

pub use bench::{Output, Plan, Progress, Subject, bench, resume};
pub use comparison::Comparison;
pub use folder::TemporaryFolder;
pub use journal::Journal;
pub use origin::Origin;
pub use record::Record;
pub use sample::{Metric, Sample};
