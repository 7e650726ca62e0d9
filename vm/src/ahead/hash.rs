//! A hash that depends on every bit and runs at the speed of memory. It does not resist deliberate collisions: whoever
//! can write to a file of machine code needs none.

const LANES: usize = 4;
const LANE_BYTES: usize = 8;

/// The hash of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut lanes = [1, 2, 3, 4];
    let mut blocks = bytes.chunks_exact(LANES * LANE_BYTES);
    for block in &mut blocks {
        for (lane, word) in lanes.iter_mut().zip(block.chunks_exact(LANE_BYTES)) {
            *lane = mix(*lane, u64::from_le_bytes(word.try_into().expect("eight bytes")));
        }
    }
    let hash = lanes.into_iter().fold(bytes.len() as u64, mix);
    blocks.remainder().iter().fold(hash, |hash, &byte| mix(hash, byte.into()))
}

/// Mixes a number into a hash. Each step is invertible, so that a single changed input always changes the result.
fn mix(hash: u64, number: u64) -> u64 {
    let hash = (hash ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_and_every_length_counts() {
        let bytes: Vec<u8> = (0..150).collect();
        let whole = hash(&bytes);
        for at in 0..bytes.len() {
            assert_ne!(hash(&bytes[..at]), whole);
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert_ne!(hash(&changed), whole);
            }
        }
    }
}
