//! Help in pages that fit a screen: `--help` shows the flags that most need, `--help=TOPIC` those of a topic.
//!
//! The flags' help headings say which topic they belong to, so what clap derives from the structs is the only list. A flag under no
//! heading, or under one of its subcommand's own, is on the first page.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::names::nearest;

/// A page of help.
struct Topic {
    name: &'static str,
    about: &'static str,
    /// The headings of its flags.
    headings: &'static [&'static str],
}

/// All pages but the first.
const TOPICS: &[Topic] = &[
    Topic { name: "engine", about: "what runs and when it is compiled", headings: &["Engine"] },
    Topic {
        name: "interpreter",
        about: "the register interpreter and the translator",
        headings: &["Register interpreter"],
    },
    Topic { name: "tiers", about: "when functions tier up, and the Fast JIT", headings: &["Multi-tier", "Fast JIT"] },
    Topic { name: "llvm", about: "LLVM", headings: &["LLVM"] },
    Topic { name: "wasi", about: "what else the guest is given: name, threads", headings: &["Guest"] },
    Topic { name: "limits", about: "what else bounds the guest", headings: &["Limits"] },
    Topic {
        name: "watch",
        about: "monitors, profilers and debuggers",
        headings: &["Watching", "Profilers and debuggers"],
    },
    Topic { name: "snapshots", about: "a guest that stops, and goes on later", headings: &["Snapshots"] },
];

/// The name of the page with every flag.
const ALL: &str = "all";

/// A subcommand with fewer topics has one page.
const FEW: usize = 3;

/// A page that somebody asks for.
pub enum Page {
    /// `--help`.
    First,
    /// `--help=TOPIC`.
    Topic(String),
}

/// The page that a command line asks for. clap takes `--help=TOPIC` for an error: its own `--help` has no value.
pub fn asked(error: &clap::Error) -> Option<Page> {
    if error.kind() == ErrorKind::DisplayHelp {
        return Some(Page::First);
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    if error.kind() != ErrorKind::TooManyValues || text(ContextKind::InvalidArg) != Some("--help") {
        return None;
    }
    Some(Page::Topic(text(ContextKind::InvalidValue)?.to_owned()))
}

/// A page of a subcommand's help. `None` if the subcommand has one page only, which clap shows.
///
/// # Errors
///
/// If there is no such topic; the message says which there are.
pub fn page(command: &Command, page: &Page) -> Result<Option<StyledStr>, String> {
    let mut topics: Vec<&Topic> = TOPICS.iter().filter(|topic| has(command, topic)).collect();
    if topics.len() < FEW {
        topics.clear();
    }
    match page {
        Page::First if topics.is_empty() => Ok(None),
        Page::First => Ok(Some(first(command.clone(), &topics))),
        Page::Topic(name) if name == ALL => Ok(Some(command.clone().render_long_help())),
        Page::Topic(name) => match topics.iter().find(|topic| topic.name == name) {
            Some(topic) => Ok(Some(one(command.clone(), topic))),
            None => {
                let names: Vec<&str> = topics.iter().map(|topic| topic.name).chain([ALL]).collect();
                let name = name.escape_debug().to_string();
                let near = nearest(&name, names.iter().copied());
                Err(format!("there is no help on `{name}`{near}; there is help on {}", names.join(", ")))
            }
        },
    }
}

/// Whether a flag belongs to a topic.
fn is_of(arg: &Arg, topic: &Topic) -> bool {
    arg.get_help_heading().is_some_and(|heading| topic.headings.contains(&heading))
}

/// Whether a subcommand has flags of a topic.
fn has(command: &Command, topic: &Topic) -> bool {
    command.get_arguments().any(|arg| is_of(arg, topic) && !arg.is_hide_set())
}

/// The first page: without the flags of the topics, a line or two for each flag.
fn first(command: Command, topics: &[&Topic]) -> StyledStr {
    let width = topics.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let list = topics.iter().map(|topic| format!("\n  --help={:<width$}  {}", topic.name, topic.about));
    let examples = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    let after = format!("{examples}More flags:{}\n  --help={ALL:<width$}  everything", list.collect::<String>());
    let shown = |arg: Arg| match topics.iter().any(|topic| is_of(&arg, topic)) || arg.get_id() == "help" {
        true => arg.hide(true),
        false => arg.hide_possible_values(true),
    };
    command.disable_help_flag(true).mut_args(shown).after_help(after).render_help()
}

/// The page of a topic, with what values mean.
fn one(command: Command, topic: &Topic) -> StyledStr {
    let hidden = |arg: Arg| if is_of(&arg, topic) { arg } else { arg.hide(true) };
    command
        .disable_help_flag(true)
        .mut_args(hidden)
        .about(topic.about)
        .long_about(None)
        .after_help(None::<&str>)
        .render_long_help()
}
