//! The sources of a generator's decisions.
//!
//! All randomness of a module is a sequence of answers to the question "a number below this bound?". The generators ask
//! such that 0 is the simplest answer. A source that has run dry answers 0 for ever, so that the module ends soon.

#[cfg(feature = "proptest")]
use proptest::{prelude::Rng as _, test_runner::TestRng};

/// A source of decisions.
pub trait Choices {
    /// Returns a number below `bound`, which is at least 1.
    fn below(&mut self, bound: u32) -> u32;
}

impl<'c> dyn Choices + 'c {
    /// Whether the last of `count` equally likely cases happens.
    pub fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == count - 1
    }

    /// Picks one of several items. There has to be one.
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize].clone()
    }

    /// Picks one of the items that fit, if there are any.
    pub fn pick_where<T: Copy>(
        &mut self,
        items: impl IntoIterator<Item = T, IntoIter: Clone>,
        fits: impl Fn(T) -> bool,
    ) -> Option<T> {
        let fitting = items.into_iter().filter(|item| fits(*item));
        let count = fitting.clone().count() as u32;
        if count == 0 { None } else { fitting.clone().nth(self.below(count) as usize) }
    }

    /// Returns a number from `first` up to `last`.
    pub fn within(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }
}

/// Pseudo-random decisions (splitmix64), the same for the same seed on every machine.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// Makes the sequence of decisions for the seed.
    pub fn new(seed: u64) -> Seeded {
        Seeded(seed)
    }
}

impl Choices for Seeded {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        scale(bits ^ bits >> 31, bound)
    }
}

/// Decisions that are read from bytes, as a fuzzer mutates them: one byte for a bound of up to 256. After the last byte
/// every decision is 0.
#[derive(Clone, Debug)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Makes the sequence of decisions for the bytes.
    pub fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes(bytes)
    }
}

impl Choices for Bytes<'_> {
    fn below(&mut self, bound: u32) -> u32 {
        let wanted = ((bound - 1).checked_ilog2().unwrap_or(0) / 8 + 1) as usize;
        let (read, rest) = self.0.split_at(wanted.min(self.0.len()));
        self.0 = rest;
        read.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)) % bound
    }
}

#[cfg(feature = "proptest")]
impl Choices for TestRng {
    fn below(&mut self, bound: u32) -> u32 {
        scale(self.next_u64(), bound)
    }
}

/// Scales 64 random bits to a number below `bound`.
fn scale(bits: u64, bound: u32) -> u32 {
    (((bits >> 32) * u64::from(bound)) >> 32) as u32
}
