//! The modes of the tiers that this package has, whether the build includes them or not.
//!
//! A tier that the build lacks is registered, too, with a message that says how to get it.

use crate::Mode;

/// The classic interpreter; with the feature `classic`.
pub const CLASSIC: Mode = Mode::Tier("classic");

/// Functions compiled by Cranelift; with the feature `fast-jit`, on x86-64 Linux.
pub const FAST_JIT: Mode = Mode::Tier("fast-jit");

/// Functions compiled by LLVM; with the feature `llvm`, on x86-64 Linux.
pub const LLVM_JIT: Mode = Mode::Tier("llvm-jit");

#[cfg(not(all(
    feature = "classic",
    feature = "fast-jit",
    feature = "llvm",
    target_arch = "x86_64",
    target_os = "linux"
)))]
use {
    linkme::distributed_slice,
    riser_tiers_core::{LINKED_TIERS, LinkedTier},
};

#[cfg(not(feature = "classic"))]
#[distributed_slice(LINKED_TIERS)]
static NO_CLASSIC: LinkedTier =
    LinkedTier { name: CLASSIC.name(), step: None, make: || Err("build with the cargo feature `classic`".to_owned()) };

#[cfg(not(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")))]
#[distributed_slice(LINKED_TIERS)]
static NO_FAST_JIT: LinkedTier = LinkedTier { name: FAST_JIT.name(), step: Some(100), make: || Err(how("fast-jit")) };

#[cfg(not(all(feature = "llvm", target_arch = "x86_64", target_os = "linux")))]
#[distributed_slice(LINKED_TIERS)]
static NO_LLVM_JIT: LinkedTier = LinkedTier { name: LLVM_JIT.name(), step: Some(200), make: || Err(how("llvm")) };

/// How to get a tier that makes machine code.
#[cfg(not(all(feature = "fast-jit", feature = "llvm", target_arch = "x86_64", target_os = "linux")))]
fn how(feature: &str) -> String {
    match cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        true => format!("build with the cargo feature `{feature}`"),
        false => "machine code is made on x86-64 Linux only".to_owned(),
    }
}
