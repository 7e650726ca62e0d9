//! Modules of a megabyte that mean much: each costs what its bytes are worth, in every mode.

use riser_fuzz::targets::cost;
use riser_properties::generate::shapes::SHAPES;

const BYTES: usize = 1_000_000;

#[test]
#[ignore = "full run: minutes"]
fn shapes_of_a_megabyte_cost_what_they_are_worth() {
    for (number, shape) in SHAPES.iter().enumerate() {
        let wasm = (shape.module)(BYTES);
        if let Err(finding) = cost::check(&wasm, None, &cost::of_case(number)) {
            panic!("{}: {finding}", shape.name);
        }
    }
}
