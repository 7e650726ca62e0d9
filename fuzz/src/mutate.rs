//! Mutations of bytes and of text, determined by numbers from the caller.

use crate::value::mix;

/// A stream of numbers determined by a seed.
#[derive(Clone, Debug)]
pub struct Numbers {
    seed: u64,
    index: u64,
}

impl Numbers {
    /// The stream with this seed.
    pub fn new(seed: u64) -> Numbers {
        Numbers { seed, index: 0 }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.index += 1;
        mix(self.seed, self.index)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.number().to_le_bytes()).collect();
        bytes.truncate(count);
        bytes
    }
}

/// Bytes with a meaning in modules: ends of LEB128 ranges, opcodes of blocks and types.
const TELLING: &[u8] = &[
    0, 1, 2, 3, 4, 5, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x11, 0x40, 0x60, 0x6f, 0x70, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80,
    0xfc, 0xfd, 0xff,
];

/// Mutates bytes as `decisions` say, three bytes for each change. Without decisions nothing changes.
pub fn damage(bytes: &mut Vec<u8>, decisions: &[u8]) {
    for decision in decisions.chunks_exact(3) {
        let &[kind, position, operand] = decision else { break };
        if bytes.is_empty() {
            return;
        }
        // Most of a module's bytes are beyond the first 256.
        let at = (usize::from(position) * 257 + usize::from(operand) * 31) % bytes.len();
        match kind % 32 {
            0 => bytes[at] = operand,
            1 => bytes[at] ^= 1 << (operand % 8),
            2 => bytes[at] = TELLING[usize::from(operand) % TELLING.len()],
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes[at] = bytes[at].wrapping_sub(1),
            5 => {
                bytes.remove(at);
            }
            6 => bytes.insert(at, TELLING[usize::from(operand) % TELLING.len()]),
            7 => bytes.truncate(at),
            // Most decisions change nothing, so that some modules stay as they are.
            _ => {}
        }
    }
}

/// A new input from seeds: fresh bytes, a mutated seed, or two seeds spliced.
pub fn input(numbers: &mut Numbers, seeds: &[Vec<u8>]) -> Vec<u8> {
    let length = |numbers: &mut Numbers| match numbers.below(8) {
        0..3 => numbers.below(128),
        3..7 => 128 + numbers.below(1024),
        _ => 1024 + numbers.below(4096),
    };
    let fresh = seeds.is_empty() || numbers.below(4) != 0;
    if fresh {
        let count = length(numbers);
        return numbers.bytes(count);
    }
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    if numbers.below(4) == 0 {
        let other = &seeds[numbers.below(seeds.len())];
        let (keep, from) = (numbers.below(bytes.len() + 1), numbers.below(other.len() + 1));
        bytes.truncate(keep);
        bytes.extend_from_slice(&other[from..]);
    }
    let changes = 3 << numbers.below(4);
    let decisions = numbers.bytes(changes);
    damage(&mut bytes, &decisions);
    bytes
}

/// Text with some of its tokens changed: removed, doubled, swapped, or replaced by other tokens of the
/// text.
pub fn text(original: &str, numbers: &mut Numbers) -> String {
    let mut tokens: Vec<&str> = tokens(original).collect();
    for _ in 0..1 << numbers.below(4) {
        if tokens.is_empty() {
            break;
        }
        let (at, other) = (numbers.below(tokens.len()), numbers.below(tokens.len()));
        match numbers.below(6) {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.insert(at, tokens[other]),
            2 => tokens.swap(at, other),
            3 => tokens[at] = NUMBERS[numbers.below(NUMBERS.len())],
            _ => tokens[at] = tokens[other],
        }
    }
    tokens.concat()
}

/// Numbers, and tokens that look like numbers.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "0x7fffffff",
    "0x80000000",
    "4294967295",
    "4294967296",
    "-0x8000000000000000",
    "18446744073709551616",
    "nan",
    "-nan:0x1",
    "nan:canonical",
    "nan:arithmetic",
    "inf",
    "-0.0",
    "0x1p-149",
    "1e400",
    "0x",
    "1_000",
    "_1",
    "\"\"",
];

/// Splits text into parentheses, words, and the characters between them.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let kind = |c: char| match c {
            '(' | ')' => 0,
            c if c.is_whitespace() => 1,
            _ => 2,
        };
        let first = kind(rest.chars().next()?);
        let same = |&(index, c): &(usize, char)| index > 0 && (first == 0 || kind(c) != first);
        let end = rest.char_indices().find(same).map_or(rest.len(), |(index, _)| index);
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_whole_text() {
        let text = "(module\n  (func $f (result i32) (i32.const 1)))";
        assert_eq!(tokens(text).collect::<String>(), text);
        assert_eq!(tokens(text).filter(|token| *token == "(").count(), 4);
    }

    #[test]
    fn inputs_follow_from_their_seed() {
        let seeds = vec![b"abcdefgh".to_vec(), vec![0; 100]];
        for seed in 0..100 {
            let (first, second) = (&mut Numbers::new(seed), &mut Numbers::new(seed));
            assert_eq!(input(first, &seeds), input(second, &seeds));
        }
    }
}
