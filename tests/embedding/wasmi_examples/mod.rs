//! What wasmi's documentation shows, written anew. The names that differ are named at the place; `docs/src/embedding.md` has all.

mod fuel;
mod hello;
#[cfg(feature = "resumable")]
mod resumable;
mod values;
