//! Random modules.

use riser_properties::generate::{self, Seeded};

use crate::{Names, check_with, configurations};

/// How many modules; each is translated with a few combinations of switches.
const MODULES: u64 = 1000;

#[test]
fn random_modules() {
    let configurations: Vec<_> = configurations().collect();
    for seed in 0..MODULES {
        let name = format!("seed {seed}");
        let binary = generate::module(&mut Seeded::new(seed), &generate::Config::default()).to_wasm();
        let module = riser_properties::parse(&*binary).unwrap_or_else(|error| panic!("{name}: {error}"));
        // All switches on, all off, and others in turn.
        let turn = seed as usize % configurations.len();
        for at in [0, configurations.len() - 1, turn] {
            check_with(&name, &module, &configurations[at], &mut Names::new());
        }
    }
}
