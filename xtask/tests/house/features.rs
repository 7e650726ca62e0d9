//! The features of the crate `riser` are each built on their own by `tests/full.sh`.

use std::collections::BTreeSet;

use crate::{read, root};

/// Features that cannot be built as the others are, or need not: `become` needs a nightly toolchain.
const APART: [&str; 2] = ["become", "default"];

#[test]
fn each_feature_is_built_on_its_own() {
    let manifest: toml::Table = read(&root().join("Cargo.toml")).parse().expect("a manifest");
    let features = manifest["features"].as_table().expect("a table of features");
    let features: BTreeSet<&str> = features.keys().map(|name| &**name).filter(|name| !APART.contains(name)).collect();
    let script = read(&root().join("tests/full.sh"));
    let listed = script.lines().find_map(|line| line.trim().strip_prefix("for feature in '' ")?.strip_suffix("; do"));
    let built: BTreeSet<&str> = listed.expect("the script builds each feature").split_whitespace().collect();
    assert_eq!(built, features);
}
