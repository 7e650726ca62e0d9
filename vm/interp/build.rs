//! Decides whether handlers may rely on sibling calls: only when they are
//! optimised and without debug assertions, on targets where it was measured. For the
//! register interpreter and the classic one. Says whether AddressSanitizer watches, which
//! has to be told of frames that faults skip.
//!
//! `vm/interp/build.rs` and `tiers/classic/build.rs` are the same, each a file of its own: a package has to have one, and a link is none on every
//! system. A test compares them.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=Cargo.toml");
    let var = |name: &str| env::var(name).unwrap_or_default();
    let optimized = var("OPT_LEVEL") != "0";
    let assertions = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    let target = var("CARGO_CFG_TARGET_ARCH") == "x86_64" && var("CARGO_CFG_TARGET_FAMILY") == "unix";
    if optimized && !assertions && target {
        println!("cargo::rustc-cfg=tail_dispatch");
    }
    if var("CARGO_CFG_SANITIZE").split(',').any(|sanitizer| sanitizer == "address") {
        println!("cargo::rustc-cfg=address_sanitizer");
    }
}
