//! Vectors where the specification's scripts do not have them: among other values, across calls and modules.

use super::{Guest, modes};

#[test]
fn vectors_go_wherever_values_go() {
    let guest = Guest::new("(module)");
    for (name, script) in
        [("calls.wast", include_str!("vectors/calls.wast")), ("values.wast", include_str!("vectors/values.wast"))]
    {
        std::fs::write(guest.file(name), script).expect("the folder is writable");
        for mode in modes() {
            for bounds in ["guard", "explicit"] {
                let outcome = guest.riser(&["wast", "--mode", &mode, "--bounds", bounds, name]);
                assert_eq!(outcome.code, Some(0), "{outcome:#?}");
                assert!(outcome.stdout.contains(" 0 failures"), "{outcome:#?}");
            }
        }
    }
}
