//! Files that are there twice are the same, and no source is a link: some systems check links out as files with a path in them.

use crate::{files, read, root};

#[test]
fn build_scripts_are_the_same() {
    let [interpreter, classic] = ["vm/interp", "tiers/classic"].map(|of| read(&root().join(of).join("build.rs")));
    assert_eq!(classic, interpreter, "tiers/classic/build.rs is not as vm/interp/build.rs");
}

#[test]
fn no_source_is_a_link() {
    for file in files(&root(), "rs") {
        assert!(!file.is_symlink(), "{} is a link", file.display());
    }
}
