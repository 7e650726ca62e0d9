//! Links in documents lead somewhere: to a file of the repository, and to a heading of it. The book's table of contents has every page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::documents::documents;
use crate::{files, read, relative, root};

/// A document without its fenced blocks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The name by which a heading is linked to.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

/// The names of a document's headings.
fn headings(document: &Path) -> BTreeSet<String> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a pattern");
    let text = prose(&read(document));
    let headings = text.lines().filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')));
    headings.map(|heading| slug(&link.replace_all(heading, "$1"))).collect()
}

/// The targets of a document's links to files and headings of the repository.
fn targets(document: &Path) -> Vec<String> {
    let link = Regex::new(r"\]\(([^() \n]+)\)").expect("a pattern");
    let code = Regex::new(r"`[^`]*`").expect("a pattern");
    let text = prose(&read(document));
    let text = code.replace_all(&text, "");
    let targets = link.captures_iter(&text).map(|found| found[1].to_owned());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

#[test]
fn links_lead_somewhere() {
    let (mut broken, mut checked) = (Vec::new(), 0);
    for document in documents() {
        let folder = document.parent().expect("a document is in a folder");
        for target in targets(&document) {
            checked += 1;
            let (path, heading) =
                target.split_once('#').map_or((&*target, None), |(path, heading)| (path, Some(heading)));
            let file = if path.is_empty() { document.clone() } else { folder.join(path) };
            let leads = file.exists() && heading.is_none_or(|heading| headings(&file).contains(heading));
            if !leads {
                broken.push(format!("{}: {target}", relative(&document)));
            }
        }
    }
    assert!(checked > 100, "there are {checked} links");
    assert_eq!(broken, [""; 0]);
}

#[test]
fn the_table_of_contents_has_every_page() {
    let book = root().join("docs/src");
    let summary = book.join("SUMMARY.md");
    let listed: BTreeSet<PathBuf> = targets(&summary).iter().map(|target| book.join(target)).collect();
    let pages: BTreeSet<PathBuf> = files(&book, "md").into_iter().filter(|page| *page != summary).collect();
    let missing: Vec<&PathBuf> = pages.difference(&listed).collect();
    assert!(missing.is_empty(), "docs/src/SUMMARY.md lacks {missing:?}");
}

#[test]
fn headings_are_linked_to_by_their_words() {
    assert_eq!(slug(" Fuel, interruption, limits"), "fuel-interruption-limits");
    assert_eq!(slug("`riser run`: what else?"), "riser-run-what-else");
}
