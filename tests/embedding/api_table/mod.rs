//! The table of the API's items in `docs/src/embedding.md`: every name in Riser's column exists.

mod names;

use std::collections::BTreeSet;

use names::NAMES;

#[test]
fn every_name_in_risers_column_exists() {
    let page = include_str!("../../../docs/src/embedding.md");
    let (_, table) = page.split_once("## The API, item by item").expect("the page has the table");
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what |"));
    let mut named = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert_eq!(cells.len(), 4, "{row}");
        let cell = cells[3].trim();
        assert!(!cell.is_empty(), "{row}");
        named.extend(cell.split('`').skip(1).step_by(2).filter(|name| NAMES.contains(name) || name.contains("::")));
    }
    let known: BTreeSet<&str> = NAMES.iter().copied().collect();
    let missing: Vec<_> = named.difference(&known).collect();
    assert!(missing.is_empty(), "names of the table that `names.rs` does not have: {missing:?}");
    let more: Vec<_> = known.difference(&named).collect();
    assert!(more.is_empty(), "names of `names.rs` that the table does not have: {more:?}");
    assert!(named.len() > 200);
}
