//! Help fits a screen, and together its pages have every flag once; the book's list of flags is the command's; manual pages and
//! completions are made.

use std::collections::BTreeSet;

use crate::riser;

/// A page of help.
fn help(arguments: &[&str]) -> String {
    let outcome = riser(".", arguments);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""), "{outcome:#?}");
    outcome.stdout
}

/// The words after a heading of a page: the first of each line below it that does not continue another.
fn listed(page: &str, heading: &str) -> Vec<String> {
    let lines = page.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.is_empty());
    let begins = lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    begins.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

/// The subcommands.
fn subcommands() -> Vec<String> {
    let mut subcommands = listed(&help(&["--help"]), "Commands:");
    subcommands.retain(|it| it != "help");
    assert!(subcommands.len() > 10, "{subcommands:?}");
    subcommands
}

/// The flags that a page describes, each as often as it does.
fn flags(page: &str) -> Vec<String> {
    let described = |line: &str| {
        let line = line.trim_start();
        let long = line.split([' ', ',', '=', '[']).find(|word| word.starts_with("--"));
        long.filter(|_| line.starts_with('-')).map(str::to_owned)
    };
    let page = page.split("\nExamples:").next().unwrap_or(page).split("\nMore flags:").next().unwrap_or(page);
    page.lines().filter_map(described).filter(|flag| flag != "--help").collect()
}

#[test]
fn every_flag_is_on_one_page() {
    let mut with_topics = 0;
    for subcommand in subcommands() {
        let first = help(&[&subcommand, "--help"]);
        let topics: Vec<String> = listed(&first, "More flags:");
        let Some((last, topics)) = topics.split_last() else { continue };
        assert_eq!(last, "--help=all");
        let pages = topics.iter().flat_map(|topic| flags(&help(&[&subcommand, topic])));
        let mut found: Vec<String> = flags(&first).into_iter().chain(pages).collect();
        found.sort();
        let all: BTreeSet<String> = flags(&help(&[&subcommand, "--help=all"])).into_iter().collect();
        assert_eq!(found, all.into_iter().collect::<Vec<_>>(), "{subcommand}");
        with_topics += 1;
    }
    assert!(with_topics > 1, "riser run and riser trace have topics");
}

#[test]
fn subcommands_of_subcommands_have_pages() {
    let inner = listed(&help(&["snapshot", "--help"]), "Commands:");
    assert_eq!(inner, ["show", "diff", "help"]);
    for inner in ["show", "diff"] {
        let page = help(&["snapshot", inner, "--help"]);
        assert!(page.contains(&format!("Usage: riser snapshot {inner} <")), "{page}");
        assert_eq!(page, help(&["help", "snapshot", inner]));
        assert_eq!(page, help(&["snapshot", "help", inner]));
    }
    assert_eq!(help(&["help", "snapshot"]), help(&["snapshot", "--help"]));
    riser(".", &["help", "snapshot", "shows"]).assert_failure(2, &["unrecognized subcommand 'shows'"]);
}

#[test]
fn help_on_run_fits_a_screen() {
    let page = help(&["run", "--help"]);
    assert!(page.lines().count() <= 45, "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
    assert_eq!(page, help(&["run", "-h"]));
}

#[test]
fn unknown_topics_are_errors() {
    riser(".", &["run", "--help=limit"])
        .assert_failure(2, &["there is no help on `limit`; did you mean `limits`?", "engine, interpreter"]);
    riser(".", &["validate", "--help=engine"]).assert_failure(2, &["there is no help on `engine`"]);
    assert!(help(&["run", "--help=engine"]).contains("--bounds"));
    assert!(help(&["--help"]).contains("FILE"));
}

/// The book's list of flags is made of the command's help: `RISER_BLESS=1` writes it.
#[cfg(all(
    feature = "classic",
    feature = "fast-jit",
    feature = "llvm",
    feature = "prop",
    target_arch = "x86_64",
    target_os = "linux"
))]
#[test]
fn the_book_lists_every_flag() {
    let mut book = "# Every flag\n\nWhat `riser help` says, in a build with all features. A test of the command keeps this page.\n".to_owned();
    for subcommand in subcommands() {
        let page = help(&[&subcommand, "--help=all"]);
        let page: Vec<&str> = page.lines().map(str::trim_end).collect();
        book += &format!("\n## riser {subcommand}\n\n```text\n{}\n```\n", page.join("\n").trim_end());
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/flags.md");
    if std::env::var_os("RISER_BLESS").is_some() {
        std::fs::write(file, &book).expect("the repository is writable");
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    let differs = written.lines().zip(book.lines()).find(|(written, is)| written != is);
    assert!(written == book, "docs/src/flags.md is old: RISER_BLESS=1 makes it anew; first at {differs:?}");
}

/// The chapter on the command has each subcommand.
#[test]
fn the_chapter_has_every_subcommand() {
    let chapter = include_str!("../../docs/src/command.md");
    for subcommand in subcommands() {
        assert!(chapter.contains(&format!("| `riser {subcommand}` |")), "docs/src/command.md lacks {subcommand}");
    }
}

#[test]
fn shells_complete_and_man_has_pages() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = help(&["completions", shell]);
        assert!(script.contains("dump-ir") && script.contains("fuel"), "{shell}: {script}");
    }
    riser(".", &["completions", "tcsh"]).assert_failure(2, &["tcsh"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("man1");
    riser(".", &["man", pages.to_str().expect("a name of text")]).assert_success("");
    for subcommand in subcommands() {
        let page = std::fs::read_to_string(pages.join(format!("riser-{subcommand}.1"))).unwrap_or_default();
        assert!(page.contains(".TH"), "{subcommand}");
    }
    assert!(pages.join("riser.1").is_file());
}

#[cfg(unix)]
#[test]
fn bash_takes_its_script() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else { return };
    let script = help(&["completions", "bash"]);
    bash.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("bash reads it");
    assert!(bash.wait().expect("bash ends").success());
}
