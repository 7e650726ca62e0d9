//! The properties of every translation (`riser_properties::property`), put to Riser's translator.
//!
//! The translator makes a great many decisions, each sound for a reason that involves others. The file tests (`tests/ir`)
//! show what comes out for a few functions; these tests say what must hold for all of them.
//!
//! * [`random`]: on modules from `riser_properties::generate`. `PROPTEST_CASES` says how many for each property. A module
//!   that fails is made small, printed, and left in a file. `riser prop` does the same from the command line.
//! * [`replay`]: the modules in `tests/regressions`, or the one that `RISER_REPLAY` names, each put to all properties under
//!   all configurations.
//! * `faults`, with the cargo feature of that name: the properties themselves are on trial. The translator makes one
//!   deliberate mistake after the other, and some property has to notice.
//!
//! ```text
//! cargo test -p riser-properties --test properties
//! PROPTEST_CASES=100000 cargo test --release -p riser-properties --test properties -- same_behaviour
//! RISER_REPLAY=case.wat cargo test -p riser-properties --test properties -- replay
//! cargo test --release -p riser-properties --features faults --test properties -- faults
//! ```

mod campaign;
#[cfg(feature = "faults")]
mod faults;
mod random;
mod replay;
