//! Execution properties of Riser: what all ways to run a module have to agree in, checked by running modules in all of
//! them.
//!
//! ```text
//! bytes -> target: a module, or text -> runs in several configurations, and in another engine
//!                                        -> observations, compared -> Verdict or Finding
//! ```
//!
//! A target ([`targets`]) is a function of bytes, and the same bytes are always the same case. That makes one target serve
//! three purposes: ordinary tests feed it seeded bytes, the runner (`riser-fuzz`) does so for hours, and cargo-fuzz lets
//! coverage choose the bytes (`fuzz/libfuzzer`).
//!
//! | module | what |
//! |---|---|
//! | [`configurations`] | all ways to run a module |
//! | [`plan`], [`host`] | what is called, and what imports are |
//! | [`execute`], [`oracle`] | running a module in Riser, and in wasmi |
//! | [`observation`] | what can be seen of a run, and comparison |
//! | [`source`], [`sequences`], [`smith`], [`scaled`], [`mutate`] | from bytes to modules |
//! | [`cost`] | what code may cost |
//! | [`targets`] | the properties |
//! | [`runner`] | running targets without a fuzzing engine |
//! | [`coverage`] | how much of the interpreter the modules reach |

pub mod configurations;
pub mod cost;
pub mod coverage;
pub mod execute;
pub mod host;
pub mod mutate;
pub mod nan;
pub mod observation;
pub mod oracle;
pub mod plan;
pub mod runner;
pub mod scaled;
pub mod sequences;
pub mod smith;
pub mod source;
pub mod targets;
pub mod value;
