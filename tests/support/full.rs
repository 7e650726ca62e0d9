//! Whether tests that otherwise take a sample take all.

/// Whether this is the full run (`tests/full.sh`).
pub fn is_full() -> bool {
    std::env::var_os("RISER_FULL").is_some_and(|value| !value.is_empty())
}
