//! Riser.
