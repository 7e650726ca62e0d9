//! Reads the command line: which subcommand, with which flags; or what is wrong with it, or which help it asks for.

use std::any::TypeId;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::num::{IntErrorKind, ParseIntError};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser};

use super::{Cli, Command, SUCCESS, elsewhere, exit, exit_code, help, out, run};

/// Parses the process's arguments. If they are wrong, or ask for help, the process ends here.
///
/// `run` is recognised by the first argument, so that the arguments of the other subcommands need not be described: that would take a
/// tenth of a short run.
pub fn command() -> Command {
    parse(&std::env::args_os().collect::<Vec<OsString>>())
}

/// Parses the arguments of the process.
fn parse(arguments: &[OsString]) -> Command {
    let first = arguments.get(1).map_or(OsStr::new(""), |first| first);
    if first == "run" {
        return parse_run(&arguments[1..]);
    }
    if is_of_run(first) {
        return parse_run(arguments);
    }
    match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command,
        Err(error) if error.kind() == ErrorKind::InvalidSubcommand && Path::new(first).is_file() => {
            parse_run(arguments)
        }
        Err(error) => {
            let mut root = Cli::command();
            root.build();
            if error.kind() == ErrorKind::InvalidSubcommand
                && let Some(hint) = first.to_str().and_then(elsewhere::subcommand)
            {
                end_with(&wrong(ErrorKind::InvalidSubcommand, hint, &root));
            }
            let described = named(&root, &arguments[1..]);
            match with_joined(&error, described, arguments) {
                Some(joined) => parse(&joined),
                None => usage(&error, described, arguments),
            }
        }
    }
}

/// The subcommand that arguments begin with, or that they ask for help on: `snapshot show`, `help snapshot show`, `snapshot help show`.
fn named<'a>(root: &'a clap::Command, arguments: &[OsString]) -> &'a clap::Command {
    let words = arguments.iter().map(|word| word.to_str()).filter(|word| *word != Some("help"));
    let mut command = root;
    for word in words {
        match word.and_then(|word| command.find_subcommand(word)) {
            Some(inner) => command = inner,
            None => break,
        }
    }
    command
}

/// Whether a first argument is a file to run, or a flag of `riser run`: no subcommand's name has a dot or a slash.
fn is_of_run(first: &OsStr) -> bool {
    let bytes = first.as_encoded_bytes();
    let own = ["-h", "--help", "-V", "--version"].iter().any(|own| first == *own);
    !own && (bytes.starts_with(b"-") || bytes.iter().any(|byte| b"./\\".contains(byte)))
}

/// Parses the arguments of `riser run`: something in the place of the command, flags, the file and its arguments.
fn parse_run(arguments: &[OsString]) -> Command {
    let mut description = run::Run::augment_args(clap::Command::new("riser run"));
    let parsed = description.try_get_matches_from_mut(arguments);
    match parsed.and_then(|mut matches| run::Run::from_arg_matches_mut(&mut matches)) {
        Ok(run) => Command::Run(Box::new(run)),
        Err(error) => {
            let error = error.format(&mut description);
            match with_joined(&error, &description, arguments) {
                Some(joined) => parse_run(&joined),
                None => usage(&error, &description, arguments),
            }
        }
    }
}

/// Prints requested help on the described command, or what is wrong with the command line, and ends the process.
fn usage(error: &clap::Error, command: &clap::Command, arguments: &[OsString]) -> ! {
    if let Some(page) = help::asked(error) {
        match help::page(command, &page) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let printed = out::print(|out| Ok(write!(out, "{text}")?));
                exit(printed.map_or_else(|error| exit_code(&error), |()| SUCCESS))
            }
            Err(why) => end_with(&wrong(ErrorKind::InvalidValue, why, command)),
        }
    }
    if let Some(why) = no_number(error, command) {
        end_with(&wrong(ErrorKind::ValueValidation, why, command));
    }
    if error.kind() == ErrorKind::InvalidUtf8 {
        end_with(&wrong(ErrorKind::InvalidUtf8, not_unicode(), command));
    }
    match foreign(error, arguments) {
        Some(hint) => end_with(&wrong(ErrorKind::UnknownArgument, hint, command)),
        None => end_with(error),
    }
}

/// The arguments with a negative number joined to the flag in front of it, as in `--fuel=-1`, if that is what is wrong. clap takes the number
/// for a flag, and its tip is to call it a file.
fn with_joined(error: &clap::Error, command: &clap::Command, arguments: &[OsString]) -> Option<Vec<OsString>> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    // Of `-5s`, it is `-5`.
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else { return None };
    if !unknown.strip_prefix('-')?.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let is_it = |pair: &[OsString]| {
        let is_unknown = pair[1].as_encoded_bytes().starts_with(unknown.as_bytes());
        is_unknown && command.get_arguments().any(|flag| takes_value(flag, &pair[0]))
    };
    let at = arguments.windows(2).position(is_it)?;
    let mut joined = arguments.to_vec();
    let value = joined.remove(at + 1);
    joined[at].push("=");
    joined[at].push(value);
    Some(joined)
}

/// Whether a word is a flag, and the next argument is its value.
fn takes_value(flag: &Arg, word: &OsStr) -> bool {
    let Some(word) = word.to_str() else { return false };
    let is_it = match word.strip_prefix("--") {
        Some(long) => {
            flag.get_long() == Some(long) || flag.get_all_aliases().is_some_and(|aliases| aliases.contains(&long))
        }
        None => {
            let mut shorts = flag.get_short().into_iter().chain(flag.get_all_short_aliases().into_iter().flatten());
            word.strip_prefix('-').is_some_and(|word| shorts.any(|short| word.chars().eq([short])))
        }
    };
    is_it && flag.get_action().takes_values() && !flag.is_require_equals_set()
}

/// Says which numbers a flag takes, if it was given something else. clap says that a digit is invalid.
pub fn no_number(error: &clap::Error, command: &clap::Command) -> Option<String> {
    let why = error.source()?.downcast_ref::<ParseIntError>()?;
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    };
    let (name, value) = (text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?);
    let flag = command.get_arguments().find(|flag| flag.to_string() == *name)?;
    let parsed = flag.get_value_parser().type_id();
    let why = match why.kind() {
        _ if parsed == TypeId::of::<u64>() || parsed == TypeId::of::<usize>() => {
            format!("expected a number from 0 to {}", u64::MAX)
        }
        // Of other flags, only clap knows the range.
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "the number is out of range".to_owned(),
        _ => "expected a whole number".to_owned(),
    };
    Some(format!("invalid value '{value}' for '{name}': {why}"))
}

/// Says which of the process's arguments are not UTF-8. clap says only that there are some.
fn not_unicode() -> String {
    let found = std::env::args_os().enumerate().filter(|(_, word)| word.to_str().is_none());
    let found: Vec<String> = found.map(|(number, word)| format!("argument {number} (`{}`)", word.display())).collect();
    format!("the values of flags have to be UTF-8, except for names of files; not UTF-8: {}", found.join(", "))
}

/// Prints an error of clap's, which may be help, and ends the process. It quotes arguments as they are: they are made safe to show on the way
/// out.
pub fn end_with(error: &clap::Error) -> ! {
    let (text, code) = (error.render(), error.exit_code() as u8);
    if error.use_stderr() {
        out::tell(text);
        exit(code);
    }
    let printed = out::print(|out| Ok(write!(out, "{text}")?));
    exit(printed.map_or_else(|error| exit_code(&error), |()| code))
}

/// An error of the command line.
fn wrong(kind: ErrorKind, message: String, command: &clap::Command) -> clap::Error {
    clap::Error::raw(kind, message + "\n").with_cmd(command)
}

/// What an unknown flag is called here, if it is one of another engine's.
fn foreign(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    let flag = flag.split(['=', ' ']).next().unwrap_or(flag);
    elsewhere::hint(flag, value_of(flag, arguments).as_deref())
}

/// The value of a flag in a list of arguments: behind it, with or without `=`, or the next argument if that is no flag.
fn value_of(flag: &str, arguments: &[OsString]) -> Option<String> {
    let mut arguments = arguments.iter().filter_map(|argument| argument.to_str());
    let behind = arguments.by_ref().find_map(|argument| argument.strip_prefix(flag))?;
    match behind.strip_prefix('=').unwrap_or(behind) {
        "" => arguments.next().filter(|next| !next.starts_with('-') && next.contains('=')).map(str::to_owned),
        value => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_flags_are_run() {
        for first in
            ["program.wasm", "./program", "/bin/x", "-", "--invoke", "-W", "--mode=interp", "--help=engine", "a.wat.gz"]
        {
            assert!(is_of_run(OsStr::new(first)), "{first}");
        }
        for first in ["", "run", "dump-ir", "help", "-h", "--help", "--version", "-V", "program"] {
            assert!(!is_of_run(OsStr::new(first)), "{first}");
        }
    }

    #[test]
    fn no_subcommand_looks_like_a_file() {
        for subcommand in Cli::command().get_subcommands() {
            assert!(!is_of_run(OsStr::new(subcommand.get_name())), "{}", subcommand.get_name());
            assert!(elsewhere::subcommands().all(|it| it != subcommand.get_name()), "{}", subcommand.get_name());
        }
    }

    #[test]
    fn values_follow_their_flags() {
        let arguments = ["riser", "-O", "opt-level=2", "--stack-size=9", "-Oa=b", "file"].map(OsString::from);
        assert_eq!(value_of("-O", &arguments).as_deref(), Some("opt-level=2"));
        assert_eq!(value_of("--stack-size", &arguments).as_deref(), Some("9"));
        assert_eq!(value_of("-O", &arguments[4..]).as_deref(), Some("a=b"));
        assert_eq!(value_of("--interp", &arguments), None);
    }

    #[test]
    fn negative_numbers_are_joined_to_their_flags() {
        let command = run::Run::augment_args(clap::Command::new("riser run"));
        let joined = |words: &[&str]| {
            let arguments: Vec<OsString> = ["riser"].iter().chain(words).map(OsString::from).collect();
            let error = command.clone().try_get_matches_from(&arguments).expect_err("it is wrong");
            let joined = with_joined(&error, &command, &arguments)?;
            Some(joined[1..].iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(joined(&["--fuel", "-1", "x.wasm"]).as_deref(), Some("--fuel=-1 x.wasm"));
        assert_eq!(joined(&["--timeout", "-5s", "x", "--fuel", "-5"]).as_deref(), Some("--timeout=-5s x --fuel -5"));
        assert_eq!(joined(&["--max-memory-size", "-.5"]).as_deref(), Some("--max-memory-size=-.5"));
        assert_eq!(joined(&["-f", "-1", "x"]).as_deref(), Some("-f=-1 x"));
        // No value belongs to these.
        for words in [&["-1"][..], &["--stats", "-1"], &["--trap-on-grow-failure", "-1"], &["--no-such", "-1"]] {
            assert_eq!(joined(words), None, "{words:?}");
        }
    }

    #[test]
    fn no_flag_complains_of_a_digit() {
        let mut root = Cli::command();
        root.build();
        let mut numbers = 0;
        for command in root.get_subcommands() {
            for flag in command.get_arguments().filter(|flag| flag.get_action().takes_values()) {
                let Some(long) = flag.get_long() else { continue };
                for word in ["x", "-1", "99999999999999999999"] {
                    let value = format!("--{long}={word}");
                    let Err(error) = Cli::try_parse_from(["riser", command.get_name(), &value]) else { continue };
                    let why = no_number(&error, command).unwrap_or_else(|| error.to_string());
                    assert!(!why.contains("digit"), "{why}");
                    numbers += usize::from(why.contains(&u64::MAX.to_string()));
                }
            }
        }
        assert!(numbers > 20, "{numbers}");
    }

    /// The flags of all subcommands.
    fn flags(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().flat_map(|arg| {
            let long =
                arg.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(|long| format!("--{long}"));
            long.chain(arg.get_short().map(|short| format!("-{short}"))).collect::<Vec<_>>()
        });
        own.chain(command.get_subcommands().flat_map(flags)).collect()
    }

    #[test]
    fn hints_name_flags_that_there_are() {
        // In builds without a tier its flags are not there.
        if !cfg!(all(feature = "llvm", feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
            return;
        }
        let known = flags(&Cli::command());
        for text in elsewhere::texts() {
            for word in
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter(|word| word.starts_with('-'))
            {
                assert!(known.iter().any(|flag| flag == word), "`{word}` in `{text}`");
            }
        }
        let run = flags(&run::Run::augment_args(clap::Command::new("run")));
        for flag in elsewhere::flags().filter(|flag| !flag.contains(' ')) {
            assert!(!run.iter().any(|own| own == flag), "`{flag}` is a flag here");
        }
    }
}
