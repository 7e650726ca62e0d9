//! Batches of safepoints: many safepoints, one after the other, in one vector of words.
//!
//! Equal safepoints have equal words, so batches can be compared as a whole. Whether a batch is
//! full depends only on the words of its safepoints, so runs that pass the same safepoints make the
//! same batches.
//!
//! ```text
//! word 0   kind: 1 bit | function: 31 bits | offset: 32 bits
//! word 1   number of locals: 32 bits       | number of operands: 32 bits
//! then     the locals, the operands
//! ```

use riser_translator::FuncIndex;
use riser_translator::safepoint::{Safepoint, SafepointKind};

/// Safepoints in the order in which they were passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    words: Vec<u64>,
    len: u64,
    /// The index in `words` of the last safepoint.
    last: usize,
}

impl Batch {
    /// The number of words from which on a batch is full.
    const FULL: usize = 1 << 14;

    /// An empty batch.
    pub(super) fn new() -> Batch {
        Batch { words: Vec::with_capacity(Batch::FULL + Batch::FULL / 16), len: 0, last: 0 }
    }

    /// The number of safepoints.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Whether the batch is full.
    pub(super) fn is_full(&self) -> bool {
        self.words.len() >= Batch::FULL
    }

    /// Adds a safepoint.
    pub(super) fn push(&mut self, safepoint: &Safepoint) {
        let Safepoint { kind, function, offset, locals, operands } = safepoint;
        let is_loop = u64::from(*kind == SafepointKind::Loop);
        self.last = self.words.len();
        self.len += 1;
        // Modules have fewer than 2^31 functions.
        self.words.push(is_loop << 63 | u64::from(function.as_u32()) << 32 | u64::from(*offset));
        self.words.push((locals.len() as u64) << 32 | operands.len() as u64);
        self.words.extend_from_slice(locals);
        self.words.extend_from_slice(operands);
    }

    /// The safepoints.
    pub(super) fn safepoints(&self) -> impl Iterator<Item = Safepoint> + '_ {
        let mut rest = &self.words[..];
        std::iter::from_fn(move || {
            let safepoint;
            (safepoint, rest) = decode(rest)?;
            Some(safepoint)
        })
    }

    /// The last safepoint.
    pub(super) fn last(&self) -> Option<Safepoint> {
        decode(&self.words[self.last..]).map(|(safepoint, _)| safepoint)
    }
}

/// The safepoint that `words` start with, and the words after it.
fn decode(words: &[u64]) -> Option<(Safepoint, &[u64])> {
    let [place, counts, values @ ..] = words else { return None };
    let (locals, values) = values.split_at((counts >> 32) as usize);
    let (operands, rest) = values.split_at(*counts as u32 as usize);
    let safepoint = Safepoint {
        kind: if place >> 63 == 0 { SafepointKind::Entry } else { SafepointKind::Loop },
        function: FuncIndex::new((place >> 32) as u32 & 0x7fff_ffff),
        offset: *place as u32,
        locals: locals.to_vec(),
        operands: operands.to_vec(),
    };
    Some((safepoint, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safepoints_come_out_as_they_went_in() {
        let safepoints = [
            (SafepointKind::Entry, 0, 0, vec![], vec![]),
            (SafepointKind::Loop, u32::MAX >> 1, u32::MAX, vec![u64::MAX, 0], vec![1]),
            (SafepointKind::Entry, 7, 0x20, vec![5], vec![]),
        ]
        .map(|(kind, function, offset, locals, operands)| Safepoint {
            kind,
            function: FuncIndex::new(function),
            offset,
            locals,
            operands,
        });
        let mut batch = Batch::new();
        assert_eq!(batch.last(), None);
        for safepoint in &safepoints {
            batch.push(safepoint);
        }
        assert_eq!(batch.len(), 3);
        assert!(batch.safepoints().eq(safepoints.iter().cloned()));
        assert_eq!(batch.last().as_ref(), safepoints.last());
    }

    #[test]
    fn batches_are_full_at_some_time() {
        let safepoint = Safepoint {
            kind: SafepointKind::Loop,
            function: FuncIndex::new(1),
            offset: 2,
            locals: vec![3; 30],
            operands: vec![],
        };
        let mut batch = Batch::new();
        let count = std::iter::from_fn(|| (!batch.is_full()).then(|| batch.push(&safepoint))).count();
        assert_eq!(count, Batch::FULL / 32);
    }
}
