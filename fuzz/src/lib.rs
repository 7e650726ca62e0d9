//! Execution properties of Riser: everything in which all ways to run a module have to agree, checked by running modules
//! in all of them.
//!
//! ```text
//! bytes -> target: a module, or text -> runs in several configurations, and in another engine
//!                                        -> observations, compared -> Verdict or Finding
//! ```
//!
//! A target ([`targets`]) is a function of bytes, and the same bytes always stand for the same case. So one target serves
//! three purposes: ordinary tests run it on seeded bytes, the runner (`riser-fuzz`) does so for hours, and cargo-fuzz lets
//! coverage choose the bytes (`fuzz/libfuzzer`).
//!
//! | module | contents |
//! |---|---|
//! | [`configurations`] | all ways to run a module |
//! | [`plan`], [`host`] | the calls to make, and the imports |
//! | [`execute`], [`oracle`] | running a module in Riser, and in wasmi |
//! | [`observation`] | observations of runs, and their comparison |
//! | [`source`], [`sequences`], [`smith`], [`scaled`], [`mutate`] | from bytes to modules |
//! | [`padded`], [`linked`] | from modules to others that do the same |
//! | [`cost`] | bounds of the cost of code |
//! | [`targets`] | the properties |
//! | [`runner`] | running targets without a fuzzing engine |
//! | [`coverage`] | how much of the interpreter the modules exercise |

pub mod configurations;
pub mod cost;
pub mod coverage;
pub mod execute;
pub mod host;
pub mod linked;
pub mod mutate;
pub mod observation;
pub mod oracle;
pub mod padded;
pub mod plan;
pub mod runner;
pub mod scaled;
pub mod sequences;
pub mod smith;
pub mod source;
pub mod targets;
pub mod value;
