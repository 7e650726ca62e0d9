//! Random numbers: the system's, the embedder's, or a sequence that a seed determines.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::errno::{Errno, Result};

/// A function of the embedder's that fills what it is given.
pub(crate) type Fill = Box<dyn FnMut(&mut [u8]) + Send>;

/// Where random bytes come from.
pub(crate) enum Random {
    System,
    /// The state of a SplitMix64 sequence.
    Seeded(Mutex<u64>),
    Own(Mutex<Fill>),
}

/// Where a guest's random bytes come from, for [`WasiCtx::random`](crate::WasiCtx::random).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RandomState {
    /// The system.
    System,
    /// The state of the sequence of [`WasiCtxBuilder::random_seed`](crate::WasiCtxBuilder::random_seed): a context with this seed goes
    /// on where this one is.
    Seeded(u64),
    /// The embedder.
    Own,
}

impl Random {
    pub(crate) fn state(&self) -> RandomState {
        match self {
            Random::System => RandomState::System,
            Random::Seeded(state) => RandomState::Seeded(*state.lock().unwrap_or_else(PoisonError::into_inner)),
            Random::Own(_) => RandomState::Own,
        }
    }

    /// Goes on from a state of the sequence, if there is one.
    pub(crate) fn set_seed(&self, seed: u64) -> bool {
        let Random::Seeded(state) = self else { return false };
        *state.lock().unwrap_or_else(PoisonError::into_inner) = seed;
        true
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        match self {
            Random::System => getrandom::fill(bytes).map_err(|_| Errno::Io)?,
            Random::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&next(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
            Random::Own(fill) => fill.lock().unwrap_or_else(PoisonError::into_inner)(bytes),
        }
        Ok(())
    }
}

/// The next number of the SplitMix64 sequence.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_bytes_and_the_state_goes_on() {
        let random = Random::Seeded(Mutex::new(0));
        let mut bytes = [0; 11];
        random.fill(&mut bytes).unwrap();
        // The first numbers of SplitMix64 from 0.
        assert_eq!(bytes[..8], 0xe220_a839_7b1d_cdaf_u64.to_le_bytes());
        assert_eq!(bytes[8..], 0x6e78_9e6a_a1b9_65f4_u64.to_le_bytes()[..3]);
        let RandomState::Seeded(state) = random.state() else { panic!("{random:?}") };
        let [mut one, mut other] = [[0; 8]; 2];
        random.fill(&mut one).unwrap();
        Random::Seeded(Mutex::new(state)).fill(&mut other).unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn the_system_fills_all() {
        let mut bytes = [0; 64];
        Random::System.fill(&mut bytes).unwrap();
        assert_ne!(bytes[32..], [0; 32]);
    }
}
