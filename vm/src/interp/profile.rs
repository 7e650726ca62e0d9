//! Counts of executed instructions, of pairs and of triples. [`super::pairs`] was chosen by such counts.
//!
//! [`Dispatch::Profile`](super::dispatch::Dispatch::Profile) is a loop that counts each instruction before it calls its
//! handler. Other strategies do not count. Counts belong to the thread that runs the code.

use std::cell::RefCell;
use std::collections::HashMap;

use super::tokens::{self, COUNT};

thread_local! {
    static PROFILE: RefCell<Profile> = RefCell::new(Profile::default());
}

/// How often instructions were executed, alone and in sequence.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The last two tokens, the last one first; `COUNT` for none.
    last: [usize; 2],
    singles: Vec<u64>,
    /// Counts of pairs. The index is the first token times [`COUNT`], plus the second.
    pairs: Vec<u64>,
    /// Counts of triples. The key is the index of the first two, times [`COUNT`], plus the third.
    triples: HashMap<usize, u64>,
}

impl Profile {
    fn count(&mut self, token: usize) {
        if self.singles.is_empty() {
            *self = Profile {
                last: [COUNT; 2],
                singles: vec![0; COUNT],
                pairs: vec![0; COUNT * COUNT],
                triples: HashMap::new(),
            };
        }
        self.singles[token] += 1;
        let [last, before] = self.last;
        if last < COUNT {
            self.pairs[last * COUNT + token] += 1;
            if before < COUNT {
                *self.triples.entry((before * COUNT + last) * COUNT + token).or_default() += 1;
            }
        }
        self.last = [token, last];
    }

    /// The number of executed instructions.
    pub fn total(&self) -> u64 {
        self.singles.iter().sum()
    }

    /// Returns the sequences of `length` instructions that were executed most, with their counts; the most frequent
    /// first. Sequences may span branches and calls.
    ///
    /// # Panics
    ///
    /// If `length` is not 1, 2 or 3.
    pub fn most_frequent(&self, length: usize, limit: usize) -> Vec<(Vec<&'static str>, u64)> {
        let mut counts: Vec<(usize, u64)> = match length {
            1 => self.singles.iter().copied().enumerate().collect(),
            2 => self.pairs.iter().copied().enumerate().collect(),
            3 => self.triples.iter().map(|(&row, &count)| (row, count)).collect(),
            _ => panic!("rows of {length} instructions are not counted"),
        };
        counts.retain(|&(_, count)| count > 0);
        counts.sort_by_key(|&(row, count)| (std::cmp::Reverse(count), row));
        counts.truncate(limit);
        let names = |mut row: usize| {
            let mut names = vec![""; length];
            for name in names.iter_mut().rev() {
                *name = tokens::name(row % COUNT);
                row /= COUNT;
            }
            names
        };
        counts.into_iter().map(|(row, count)| (names(row), count)).collect()
    }
}

/// Counts an instruction.
pub(super) fn count(token: usize) {
    PROFILE.with_borrow_mut(|profile| profile.count(token));
}

/// Takes the counts of what this thread has executed since the last call, with
/// [`Dispatch::Profile`](super::dispatch::Dispatch::Profile).
pub fn take_profile() -> Profile {
    PROFILE.take()
}
