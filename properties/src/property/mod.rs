//! What is true of every translation, as a list of *properties*: each is a function from a module to whether the module's
//! translations have it.
//!
//! | property | in short |
//! |---|---|
//! | `verified` | the IR obeys its rules |
//! | `symbolically-equal` | the IR means what the function means |
//! | `same-behaviour` | no switch changes what a program does |
//! | `deterministic` | the function and the configuration determine the IR |
//! | `lazy-equals-eager` | it makes no difference when a function is translated |
//! | `any-chunking` | it makes no difference how a module's bytes arrive |
//! | `text-round-trip` | the IR's text says all there is to say |
//! | `linear-size` | the IR is not much larger than the function |
//!
//! A property is asked about a [`Case`]: a module, the [`Subject`] that translates it, and the configurations to try.
//! [`crate::campaign`] asks about many.
//!
//! # How to add a property
//!
//! A module with a `PROPERTY`, a line in [`ALL`] and in the table above, and a test in `tests/properties`. It leaves
//! nothing to chance but by [`Case::choices`], so that a case can be run again.

mod any_chunking;
mod case;
mod deterministic;
mod failure;
mod lazy_equals_eager;
mod linear_size;
mod same_behaviour;
mod subject;
mod symbolically_equal;
mod text_round_trip;
mod verified;

pub use any_chunking::PROPERTY as ANY_CHUNKING;
pub use case::Case;
pub use deterministic::PROPERTY as DETERMINISTIC;
pub use failure::Failure;
pub use lazy_equals_eager::PROPERTY as LAZY_EQUALS_EAGER;
pub use linear_size::PROPERTY as LINEAR_SIZE;
pub use same_behaviour::PROPERTY as SAME_BEHAVIOUR;
pub use subject::{Subject, Translator};
pub use symbolically_equal::PROPERTY as SYMBOLICALLY_EQUAL;
pub use text_round_trip::PROPERTY as TEXT_ROUND_TRIP;
pub use verified::PROPERTY as VERIFIED;

/// Something that is true of every module.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// A name that stays.
    pub name: &'static str,
    /// What is true, in a line.
    pub claim: &'static str,
    /// Why it is not true of the module at hand, if it is not.
    pub check: fn(&Case<'_>) -> Result<(), Failure>,
}

/// All properties.
pub const ALL: &[Property] = &[
    VERIFIED,
    SYMBOLICALLY_EQUAL,
    SAME_BEHAVIOUR,
    DETERMINISTIC,
    LAZY_EQUALS_EAGER,
    ANY_CHUNKING,
    TEXT_ROUND_TRIP,
    LINEAR_SIZE,
];
