//! What is true of every translation.
//!
//! The translator makes a great many decisions, each sound for a reason that involves
//! others. The file tests (`tests/ir`) show what comes out for a few functions. This
//! test says what must hold for all of them, as a list of *properties*, each of
//! which is a function from a module to whether it has the property:
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
//! # Who asks
//!
//! * [`random`]: proptest, on modules from `riser_properties::generate`. `PROPTEST_CASES`
//!   says how many for each property. A module that fails is made small, printed,
//!   and left in a file.
//! * [`replay`]: the modules in `tests/regressions`, or the one that `RISER_REPLAY` names,
//!   each put to all properties under all configurations.
//! * `faults`, with the cargo feature of that name: the properties themselves are on
//!   trial. The translator makes one deliberate mistake after the other, and
//!   some property has to notice.
//!
//! ```text
//! cargo test -p riser-properties --test properties
//! PROPTEST_CASES=100000 cargo test --release -p riser-properties --test properties -- same_behaviour
//! RISER_REPLAY=case.wat cargo test -p riser-properties --test properties -- replay
//! cargo test --release -p riser-properties --features faults --test properties -- faults
//! ```
//!
//! # How to add a property
//!
//! A module with a `PROPERTY`, a line in [`PROPERTIES`] and in the table above, and a test
//! below. It leaves nothing to chance but by [`case::Case::choices`], so that a case can be run again.

mod any_chunking;
mod case;
mod deterministic;
#[cfg(feature = "faults")]
mod faults;
mod lazy_equals_eager;
mod linear_size;
mod random;
mod replay;
mod same_behaviour;
mod symbolically_equal;
mod text_round_trip;
mod verified;

use case::Case;

/// Something that is true of every module.
pub struct Property {
    /// A name that stays.
    pub name: &'static str,
    /// What is true, in a line.
    pub claim: &'static str,
    /// Why it is not true of the module at hand, if it is not.
    pub check: fn(&Case) -> Result<(), String>,
}

/// All properties.
pub const PROPERTIES: &[Property] = &[
    verified::PROPERTY,
    symbolically_equal::PROPERTY,
    same_behaviour::PROPERTY,
    deterministic::PROPERTY,
    lazy_equals_eager::PROPERTY,
    any_chunking::PROPERTY,
    text_round_trip::PROPERTY,
    linear_size::PROPERTY,
];

#[test]
fn verified() {
    random::test(&verified::PROPERTY);
}

#[test]
fn symbolically_equal() {
    random::test(&symbolically_equal::PROPERTY);
}

#[test]
fn same_behaviour() {
    random::test(&same_behaviour::PROPERTY);
}

#[test]
fn deterministic() {
    random::test(&deterministic::PROPERTY);
}

#[test]
fn lazy_equals_eager() {
    random::test(&lazy_equals_eager::PROPERTY);
}

#[test]
fn any_chunking() {
    random::test(&any_chunking::PROPERTY);
}

#[test]
fn text_round_trip() {
    random::test(&text_round_trip::PROPERTY);
}

#[test]
fn linear_size() {
    random::test(&linear_size::PROPERTY);
}
