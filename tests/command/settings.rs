//! Samples of settings: rather than each combination of them, a few in which each pair of values occurs.

use crate::full::is_full;

/// One of so many things to run, other ones each turn; all of them in the full run.
pub fn one_in<T>(number: usize, all: &[T], turn: usize) -> impl Iterator<Item = &T> {
    let step = if is_full() { 1 } else { number };
    all.iter().skip(turn % step).step_by(step)
}

/// Rows with a value of each axis, so that each pair of values of two axes occurs in some row.
pub fn pairwise(axes: &[Vec<String>]) -> Vec<Vec<&str>> {
    // The pairs that no row has so far: axis and value of each, the lower axis first.
    let mut missing = Vec::new();
    for (a, values) in axes.iter().enumerate() {
        for (b, others) in axes.iter().enumerate().skip(a + 1) {
            missing.extend(
                (0..values.len()).flat_map(|value| (0..others.len()).map(move |other| ((a, value), (b, other)))),
            );
        }
    }
    let mut rows = Vec::new();
    while let Some(&(first, second)) = missing.first() {
        let mut row: Vec<Option<usize>> = vec![None; axes.len()];
        row[first.0] = Some(first.1);
        row[second.0] = Some(second.1);
        // Each other axis gets the value that makes up most missing pairs with those that are chosen.
        for (axis, values) in axes.iter().enumerate().filter(|(axis, _)| *axis != first.0 && *axis != second.0) {
            let gain = |value: usize| {
                let is_chosen = |(other, it): (usize, usize)| row[other] == Some(it);
                let makes = |one, two| one == (axis, value) && is_chosen(two);
                missing.iter().filter(|(one, two)| makes(*one, *two) || makes(*two, *one)).count()
            };
            // Of equals, the first; turned around, so that values without pairs to make up take turns.
            let best =
                (0..values.len()).map(|value| (value + rows.len()) % values.len()).rev().max_by_key(|&it| gain(it));
            row[axis] = best;
        }
        let row: Vec<usize> = row.into_iter().map(|value| value.expect("every axis has a value")).collect();
        missing.retain(|(one, two)| row[one.0] != one.1 || row[two.0] != two.1);
        rows.push(row);
    }
    rows.iter().map(|row| row.iter().zip(axes).map(|(&value, axis)| &*axis[value]).collect()).collect()
}

/// An axis: flags for each of its values.
pub fn axis(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

#[test]
fn every_pair_of_values_is_in_a_row() {
    let axes = [axis(&["a", "b", "c", "d"]), axis(&["e", "f"]), axis(&["g", "h", "i"]), axis(&["j", "k"])];
    let rows = pairwise(&axes);
    for (at, values) in axes.iter().enumerate() {
        for (other_at, others) in axes.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
            for (value, other) in values.iter().flat_map(|value| others.iter().map(move |other| (value, other))) {
                assert!(rows.iter().any(|row| row[at] == value && row[other_at] == other), "{value} {other}: {rows:?}");
            }
        }
    }
    // As few as the two longest axes need, or little more; all combinations are 48.
    assert!(rows.len() <= 14, "{rows:?}");
}
