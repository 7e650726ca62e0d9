//! The smallest part of a list that still makes a difference.

use anyhow::Result;

/// Returns a part of `items` that makes a difference and no longer does with any one item less. The whole list has to make
/// one. Takes a number of tries that is logarithmic in the length if a single item is to blame (delta debugging).
pub(super) fn narrow<T: Clone>(items: &[T], differs: &mut dyn FnMut(&[T]) -> Result<bool>) -> Result<Vec<T>> {
    let mut kept = items.to_vec();
    let mut parts = 2;
    while kept.len() > 1 {
        let length = kept.len().div_ceil(parts);
        let smaller = match part(&kept, length, differs)? {
            Some(part) => Some((part, 2)),
            // Without two halves, leaving out one is trying the other.
            None if parts > 2 => rest(&kept, length, differs)?.map(|rest| (rest, parts - 1)),
            None => None,
        };
        (kept, parts) = match smaller {
            Some(smaller) => smaller,
            None if length == 1 => break,
            None => (kept, parts * 2),
        };
    }
    Ok(kept)
}

/// A part of this length that makes a difference.
fn part<T: Clone>(items: &[T], length: usize, differs: &mut dyn FnMut(&[T]) -> Result<bool>) -> Result<Option<Vec<T>>> {
    for part in items.chunks(length) {
        if differs(part)? {
            return Ok(Some(part.to_vec()));
        }
    }
    Ok(None)
}

/// What makes a difference without a part of this length.
fn rest<T: Clone>(items: &[T], length: usize, differs: &mut dyn FnMut(&[T]) -> Result<bool>) -> Result<Option<Vec<T>>> {
    for start in (0..items.len()).step_by(length) {
        let rest = [&items[..start], &items[(start + length).min(items.len())..]].concat();
        if differs(&rest)? {
            return Ok(Some(rest));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of so many numbers if these together make the difference, and the number of tries.
    fn narrowed(count: u32, culprits: &[u32]) -> (Vec<u32>, usize) {
        let items: Vec<u32> = (0..count).collect();
        let mut tries = 0;
        let kept = narrow(&items, &mut |part| {
            tries += 1;
            Ok(culprits.iter().all(|culprit| part.contains(culprit)))
        });
        (kept.expect("nothing fails"), tries)
    }

    #[test]
    fn one_of_many_is_found_in_few_tries() {
        for culprit in [0, 1, 500, 998, 999] {
            let (kept, tries) = narrowed(1000, &[culprit]);
            assert_eq!(kept, [culprit]);
            assert!(tries <= 20, "{tries} tries");
        }
        assert_eq!(narrowed(1, &[0]), (vec![0], 0));
    }

    #[test]
    fn several_are_found_together() {
        for culprits in [&[3, 4][..], &[0, 99], &[10, 50, 90], &[0, 1, 2, 3, 97, 98, 99]] {
            let (kept, tries) = narrowed(100, culprits);
            assert_eq!(kept, culprits);
            assert!(tries < 300, "{tries} tries");
        }
    }
}
