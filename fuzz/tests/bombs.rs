//! Modules that mean much for their bytes: each costs what these are worth, in every mode.

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

#[test]
#[ignore = "full run: minutes"]
fn small_shapes_cost_what_they_are_worth_in_every_configuration() {
    let configurations = cost::without_llvm();
    for shape in SHAPES {
        if let Err(finding) = cost::check(&(shape.module)(cost::SHAPE_BYTES), None, &configurations) {
            panic!("{}: {finding}", shape.name);
        }
    }
}
