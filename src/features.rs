//! The WebAssembly features that modules may use.

/// The WebAssembly features beyond version 1.0 that every mode supports, by the names of their proposals.
pub const FEATURES: &[&str] = &[
    "mutable-globals",
    "sign-extension",
    "saturating-float-to-int",
    "multi-value",
    "bulk-memory",
    "reference-types",
    "extended-const",
    "tail-call",
    "multi-memory",
    "memory64",
    "simd",
    "relaxed-simd",
    "wide-arithmetic",
];
