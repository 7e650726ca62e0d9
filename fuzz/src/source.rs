//! From bytes to modules: how targets that work on modules read their input.
//!
//! Bytes that begin like a module are one. All others are decisions of a generator: Riser's own, whose programs compute;
//! [`crate::sequences`], whose code is dense; or wasm-smith, whose modules are odd. So the file of a module is an input
//! of these targets, and seeds in a corpus can be either.

use riser_properties::generate;

use crate::{padded, sequences, smith};

/// The first bytes of every module.
pub const MAGIC: &[u8] = b"\0asm";

/// The module that bytes stand for; `None` if there are too few for one.
pub fn module(data: &[u8]) -> Option<Vec<u8>> {
    if data.starts_with(MAGIC) {
        return Some(data.to_vec());
    }
    let (&first, rest) = data.split_first()?;
    let wasm = match first % 4 {
        0 => smith::module(rest)?,
        1 => sequences::module(&mut generate::Bytes::new(rest)),
        _ => generated(first, rest).to_wasm(),
    };
    // In one module of eight, numbers take more bytes than they need.
    let seed = rest.last().filter(|last| **last % 8 == 7);
    let padded = seed.and_then(|seed| padded::module(&wasm, u64::from(*seed)));
    Some(padded.map_or(wasm, |padded| padded.wasm))
}

/// The module of Riser's own generator that the bytes stand for, if they stand for one.
pub fn own(data: &[u8]) -> Option<generate::Module> {
    let (&first, rest) = data.split_first()?;
    (!data.starts_with(MAGIC) && first % 4 > 1).then(|| generated(first, rest))
}

fn generated(first: u8, rest: &[u8]) -> generate::Module {
    let config = generate::Config {
        references: first & 4 != 0,
        reference_signatures: first & 8 != 0,
        memory64: first & 16 != 0,
        // Often with such memories, and without.
        table64: (first & 16 != 0) != (first & 4 != 0),
        wide_tail_calls: (first & 32 != 0) != (first & 64 != 0),
        shuffled_operands: (first & 32 != 0) != (first & 128 != 0),
        multi_memory: first & 32 != 0,
        relaxed_vectors: first & 64 != 0,
        custom_page_sizes: first & 128 != 0,
        // Together with either of the two, and without.
        atomics: (first & 16 != 0) != (first & 128 != 0),
        // Only where the other engine may have no say anyway, because of relaxed vectors.
        exceptions: first & 64 != 0 && (first & 8 != 0) != (first & 32 != 0),
        ..generate::Config::default()
    };
    generate::module(&mut generate::Bytes::new(rest), &config)
}
