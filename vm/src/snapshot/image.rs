//! Memories and tables in snapshots.

use std::borrow::Cow;

use riser_translator::ValType;

use super::SnapshotError;

/// A memory. Bytes in no block are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryImage {
    /// Its size in bytes.
    pub len_bytes: u64,
    /// What is in it, in order of addresses; blocks do not overlap.
    pub blocks: Vec<Block>,
}

/// Consecutive bytes of a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The address of the first one.
    pub start: u64,
    /// How many they are; from 1 to [`Block::MOST_BYTES`].
    pub len_bytes: u32,
    /// Whether they are compressed, as a block of LZ4.
    pub is_compressed: bool,
    /// The bytes, or the compressed block.
    pub stored: Vec<u8>,
}

/// A table. Elements in no run are null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableImage {
    /// The type of the elements.
    pub element: ValType,
    /// The number of elements.
    pub len: u64,
    /// The elements that are not null, in order; runs do not overlap.
    pub runs: Vec<TableRun>,
}

/// Consecutive elements of a table that are not null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRun {
    /// The index of the first one.
    pub start: u64,
    /// For a table of funcref, the functions' indices; for one of externref or exnref, the numbers of values of the host or of exceptions
    /// [in the snapshot](super::Snapshot::exceptions).
    pub references: Vec<u32>,
}

/// The bytes that are looked at together: if all are zero, they are left out.
const PIECE: usize = 4096;

impl Block {
    /// The most bytes in a block, so that reading one takes little memory.
    pub const MOST_BYTES: usize = 256 << 10;

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If they cannot be decompressed.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, SnapshotError> {
        if !self.is_compressed {
            return Ok(Cow::Borrowed(&self.stored));
        }
        let mut bytes = vec![0; self.len_bytes as usize];
        match lz4_flex::block::decompress_into(&self.stored, &mut bytes) {
            Ok(len) if len == bytes.len() => Ok(Cow::Owned(bytes)),
            _ => Err(SnapshotError::mismatch(format!("the memory's block at {:#x} is damaged", self.start))),
        }
    }

    fn new(start: usize, bytes: &[u8]) -> Block {
        let compressed = lz4_flex::block::compress(bytes);
        let is_compressed = compressed.len() < bytes.len();
        let stored = if is_compressed { compressed } else { bytes.to_vec() };
        Block { start: start as u64, len_bytes: bytes.len() as u32, is_compressed, stored }
    }
}

impl MemoryImage {
    /// The image of a memory with these bytes.
    pub(super) fn of(bytes: &[u8]) -> MemoryImage {
        let mut blocks = Vec::new();
        let mut begun = None;
        let mut end = |begun: &mut Option<usize>, at: usize| {
            if let Some(start) = begun.take() {
                blocks.push(Block::new(start, &bytes[start..at]));
            }
        };
        for (index, piece) in bytes.chunks(PIECE).enumerate() {
            let at = index * PIECE;
            if is_zero(piece) || begun.is_some_and(|start| at - start == Block::MOST_BYTES) {
                end(&mut begun, at);
            }
            if !is_zero(piece) {
                begun.get_or_insert(at);
            }
        }
        end(&mut begun, bytes.len());
        MemoryImage { len_bytes: bytes.len() as u64, blocks }
    }
}

/// Whether all bytes are zero.
fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<16>();
    rest.iter().all(|&byte| byte == 0) && words.iter().all(|&word| u128::from_ne_bytes(word) == 0)
}

impl TableImage {
    /// The image of a table with these elements.
    pub(super) fn of(element: ValType, elements: &[Option<u32>]) -> TableImage {
        let mut runs: Vec<TableRun> = Vec::new();
        let mut before = None;
        for (at, reference) in elements.iter().enumerate() {
            match (reference, before.is_some(), runs.last_mut()) {
                (Some(reference), true, Some(run)) => run.references.push(*reference),
                (Some(reference), ..) => runs.push(TableRun { start: at as u64, references: vec![*reference] }),
                (None, ..) => {}
            }
            before = *reference;
        }
        TableImage { element, len: elements.len() as u64, runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_left_out_and_the_rest_comes_back() {
        let mut bytes = vec![0; 3 * Block::MOST_BYTES + 100];
        bytes[5000] = 1;
        bytes[Block::MOST_BYTES..3 * Block::MOST_BYTES].fill(7);
        bytes[3 * Block::MOST_BYTES + 99] = 9;
        let image = MemoryImage::of(&bytes);
        let places: Vec<(u64, u32)> = image.blocks.iter().map(|block| (block.start, block.len_bytes)).collect();
        let most = Block::MOST_BYTES as u32;
        let expected = [(4096, 4096), (most.into(), most), (u64::from(most) * 2, most), (u64::from(most) * 3, 100)];
        assert_eq!(places, expected);
        let mut back = vec![0; bytes.len()];
        for block in &image.blocks {
            let start = block.start as usize;
            back[start..start + block.len_bytes as usize].copy_from_slice(&block.bytes().expect("just made"));
        }
        assert!(back == bytes);
    }

    #[test]
    fn runs_of_references_are_together() {
        let image = TableImage::of(ValType::FuncRef, &[None, Some(3), Some(3), None, Some(0)]);
        let runs: Vec<(u64, usize)> = image.runs.iter().map(|run| (run.start, run.references.len())).collect();
        assert_eq!((image.len, runs), (5, vec![(1, 2), (4, 1)]));
    }
}
