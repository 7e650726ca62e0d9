//! The command's output: one function for each stream, and one for files that may be standard output.
//!
//! Standard output is for results. Failing to write it is an error, as for any file, unless its reader has gone (`| head`): then
//! the command ends quietly, as if everything had been read. Standard error is for messages to people; nothing can be done if
//! they cannot be written.
//!
//! Text from modules is made safe to show where it is put into messages ([`Shown`](crate::translator::Shown)). This file
//! additionally makes sure that no control character reaches a terminal, wherever it comes from.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use anyhow::ensure;
use anyhow::{Context as _, Result};
use clap::builder::{PathBufValueParser, TypedValueParser};

use super::input::STDIN;
use super::output::OutputFile;
use crate::translator::shown::is_unseen;

/// The error that the reader of standard output has gone.
#[derive(Debug)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output is closed")
    }
}

impl std::error::Error for Closed {}

/// Writes to standard output, and flushes it before returning.
///
/// # Errors
///
/// Those of `write`; [`Closed`], or the reason why standard output cannot be written.
pub fn print(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let result = write(&mut Plain(&mut out)).map_err(|error| match error.downcast::<io::Error>() {
        Ok(error) => failed(error),
        Err(error) => error,
    });
    let flushed = out.flush().and_then(|()| out.get_mut().flush()).map_err(failed);
    // Do not try again to write the rest.
    let _ = out.into_parts();
    result.and(flushed)
}

/// What a file gets.
pub enum Contents {
    /// Text, such as a page of HTML.
    Text(String),
    /// Anything else.
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    Bytes(Vec<u8>),
}

/// Writes a file that a flag names, which may be standard output ([`STDIN`]). That gets the same as a file would, but for a terminal: text is
/// made safe to show, and bytes are refused.
///
/// # Errors
///
/// If the file cannot be written; as [`print`] and [`refuse_terminal`].
pub fn write(path: &Path, contents: Contents) -> Result<()> {
    let bytes = match contents {
        Contents::Text(text) if is_terminal(path) => return print(|out| Ok(out.write_all(text.as_bytes())?)),
        Contents::Text(text) => text.into_bytes(),
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        Contents::Bytes(bytes) => {
            refuse_terminal(path)?;
            bytes
        }
    };
    if path == Path::new(STDIN) {
        let mut out = io::stdout().lock();
        return out.write_all(&bytes).and_then(|()| out.flush()).map_err(failed);
    }
    fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Whether a file to write is a terminal.
fn is_terminal(path: &Path) -> bool {
    path == Path::new(STDIN) && io::stdout().is_terminal()
}

/// Refuses a terminal as the file to write bytes to: it would take some of them for commands. For who has much to do before there are any.
///
/// # Errors
///
/// If it is one.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
pub fn refuse_terminal(path: &Path) -> Result<()> {
    ensure!(
        !is_terminal(path),
        "standard output is a terminal, and the file is not text: use `> FILE`, or name a file"
    );
    Ok(())
}

/// Why a file that is written beside the guest's output cannot be standard output.
pub const GUESTS: &str = "standard output is the guest's; `/dev/fd/3` with `3>FILE` or `3>&1 >&2` is another way out";

/// Accepts a file to write when the guest has run, whose output standard output is.
pub fn file_beside_guest() -> impl TypedValueParser<Value = OutputFile> {
    path_beside_guest().try_map(find)
}

/// Accepts a file to write when guests have run; then a table goes to standard output.
pub fn file_beside_table() -> impl TypedValueParser<Value = OutputFile> {
    path_beside("standard output has the table; `/dev/fd/3` with `3>FILE` or `3>&1 >&2` is another way out")
        .try_map(find)
}

/// Accepts a file to write from the start on, while standard output is the guest's.
pub fn path_beside_guest() -> impl TypedValueParser<Value = PathBuf> {
    path_beside(GUESTS)
}

/// Accepts a file that is not standard output, for the given reason.
fn path_beside(why: &'static str) -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(move |file| if file == Path::new(STDIN) { Err(why) } else { Ok(file) })
}

fn find(path: PathBuf) -> Result<OutputFile, String> {
    OutputFile::find(path).map_err(|error| format!("{error:#}"))
}

/// A number of things: `1 function`, `2 functions`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Converts an error of standard output.
fn failed(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Closed.into(),
        _ => anyhow::Error::from(error).context("cannot write to standard output"),
    }
}

/// Ignores that the reader has gone: for commands whose exit code is what counts.
///
/// # Errors
///
/// Any error but [`Closed`].
pub fn without_reader(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.is::<Closed>() => Ok(()),
        result => result,
    }
}

/// The first error. Another one is told.
pub fn and(result: Result<()>, next: Result<()>) -> Result<()> {
    match (result, next) {
        (Ok(()), next) => next,
        (Err(error), next) => {
            if let Err(next) = next {
                tell(format!("Error: {next:#}\n"));
            }
            Err(error)
        }
    }
}

/// The longest line of a message: a message may quote arbitrary files.
const LONGEST_LINE: usize = 4096;

/// Writes to standard error, if possible.
pub fn tell(message: impl fmt::Display) {
    let message = message.to_string();
    let mut text = String::with_capacity(message.len());
    for line in message.split_inclusive('\n') {
        match line.char_indices().nth(LONGEST_LINE) {
            Some((at, _)) => text += &format!("{}...\n", &line[..at]),
            None => text += line,
        }
    }
    let _ = Plain(&mut io::stderr().lock()).write_all(text.as_bytes());
}

/// Writes a message of the command's own to standard error, if possible: for programs to read, so nothing is cut.
pub fn tell_whole(message: &str) {
    let _ = Plain(&mut io::stderr().lock()).write_all(message.as_bytes());
}

/// Shows progress on a terminal's standard error, in place of what was shown before.
pub fn progress(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(b"\r\x1b[K");
    let _ = Plain(&mut err).write_all(text.as_bytes());
}

/// Writes text with control characters escaped, except for line ends.
struct Plain<'a, W>(&'a mut W);

impl<W: Write> Write for Plain<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Text arrives in pieces of whole characters.
        let text = String::from_utf8_lossy(bytes);
        let mut written = 0;
        for (at, c) in text.char_indices().filter(|&(_, c)| c != '\n' && is_unseen(c)) {
            self.0.write_all(&text.as_bytes()[written..at])?;
            write!(self.0, "{}", c.escape_unicode())?;
            written = at + c.len_utf8();
        }
        self.0.write_all(&text.as_bytes()[written..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_on_the_way_out() {
        let mut out = Vec::new();
        write!(Plain(&mut out), "a\x1b[2Jb\u{202e}\ngröße\n").expect("there is room");
        assert_eq!(String::from_utf8(out).expect("it is text"), "a\\u{1b}[2Jb\\u{202e}\ngröße\n");
    }
}
