//! Generates the numbered inputs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::mutate::{self, Numbers};
use crate::targets::{Input, Target};
use crate::value::mix;

use super::folder;

/// The seeds of a target: the files of `fuzz/corpus/TARGET`, and for targets on modules also those of `fuzz/corpus/modules`
/// and `tests/regressions`. Each folder's files are in the order of their names. Modules in the text format are converted.
pub fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let mut folders = vec![folder().join("corpus").join(target.name)];
    if target.input == Input::Module {
        folders.extend([folder().join("corpus/modules"), regressions()]);
    }
    folders.iter().flat_map(|folder| files(folder)).filter_map(|path| read(target, &path)).collect()
}

/// The folder of modules that once showed a bug.
pub fn regressions() -> PathBuf {
    folder().join("../tests/regressions")
}

/// The files in a folder, in the order of their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// Reads a file as an input of the target.
fn read(target: &Target, path: &Path) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    match (path.extension()?.to_str()?, target.input) {
        ("wat", Input::Module) => wat::parse_bytes(&bytes).ok().map(Into::into),
        ("wat" | "bin" | "wasm" | "wast", _) => Some(bytes),
        _ => None,
    }
}

/// Input number `number` for a seed: the corpus comes first, then inputs made from it and from nothing.
pub fn nth_input(target: &Target, seed: u64, number: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    if let Some(seed) = usize::try_from(number).ok().and_then(|index| seeds.get(index)) {
        return seed.clone();
    }
    let name = target.name.bytes().fold(seed, |digest, byte| mix(digest, u64::from(byte)));
    let mut numbers = Numbers::new(mix(name, number));
    if target.input == Input::Text
        && !seeds.is_empty()
        && numbers.below(4) == 0
        && let Ok(text) = std::str::from_utf8(&seeds[numbers.below(seeds.len())])
    {
        return mutate::text(text, &mut numbers).into_bytes();
    }
    mutate::input(&mut numbers, seeds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets;

    #[test]
    fn every_target_has_seeds() {
        for target in targets::ALL {
            assert!(!corpus(target).is_empty(), "{target:?}");
        }
    }
}
