//! Text from modules, in the form in which it is shown to people.
//!
//! A module's names and paths may be any text: escape sequences that a terminal obeys, line ends that forge lines of a
//! log, marks that reverse the direction of letters, megabytes. The form that is shown is on one line, plain, and
//! short.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The largest number of characters of a name that are shown.
const MOST_CHARS: usize = 256;

/// The largest number of characters of a sentence with names in it that are shown.
const MOST_OF_SENTENCE: usize = 1024;

/// A name for display. Characters that are invisible, or change how others look, are escaped as in Rust. Only the first
/// few hundred characters are shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.0, MOST_CHARS)
    }
}

/// A sentence that may quote names, in the form that [`Shown`] gives names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sentence<'a>(pub &'a str);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.0, MOST_OF_SENTENCE)
    }
}

fn show(f: &mut fmt::Formatter<'_>, text: &str, most: usize) -> fmt::Result {
    let (start, is_cut) = split(text, most);
    for c in start.chars() {
        match c {
            '\n' | '\r' | '\t' => write!(f, "{}", c.escape_default())?,
            c if is_unseen(c) => write!(f, "{}", c.escape_unicode())?,
            c => f.write_char(c)?,
        }
    }
    if is_cut {
        write!(f, "... ({} bytes)", text.len())?;
    }
    Ok(())
}

/// Shortens a text that is escaped elsewhere for display.
pub fn cut(text: &str) -> Cow<'_, str> {
    match split(text, MOST_CHARS) {
        (start, true) => format!("{start}... ({} bytes)", text.len()).into(),
        (start, false) => start.into(),
    }
}

/// Turns a text into the name of a symbol, for debuggers, profilers and others that take names as one plain word or
/// line: invisible characters become underscores.
pub fn label(text: &str) -> String {
    split(text, MOST_CHARS).0.replace(is_unseen, "_")
}

/// Returns the first `most` characters, and whether there are more.
fn split(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((at, _)) => (&text[..at], true),
        None => (text, false),
    }
}

/// Whether a character is a control or format character, or ends a line: the categories Cc, Cf, Zl and Zp of Unicode.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_shown_as_it_is() {
        for text in ["", "main", "core::fmt::Write<'a, T>", "größe", "関数", "a b", "a\\b\"c`"] {
            assert_eq!(Shown(text).to_string(), text);
            assert_eq!((&*cut(text), &*label(text)), (text, text));
        }
    }

    #[test]
    fn what_is_not_to_be_seen_is_escaped() {
        for (text, expected) in [
            ("\x1b[31mred", "\\u{1b}[31mred"),
            ("two\nlines\r\n\t", "two\\nlines\\r\\n\\t"),
            ("nul\0", "nul\\u{0}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
            ("\u{2028}\u{feff}\u{e0041}", "\\u{2028}\\u{feff}\\u{e0041}"),
        ] {
            assert_eq!(Shown(text).to_string(), expected);
        }
    }

    #[test]
    fn nothing_shown_is_long_or_unseen() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert!(Shown(c.encode_utf8(&mut [0; 4])).to_string().chars().all(|c| !is_unseen(c)), "{c:?}");
        }
        let long = "\u{1b}é".repeat(1 << 20);
        let shown = Shown(&long).to_string();
        assert!(shown.len() < 4096 && shown.ends_with("... (3145728 bytes)"), "{}", shown.len());
        assert!(cut(&long).ends_with("... (3145728 bytes)"));
        assert_eq!(label(&long), "_é".repeat(MOST_CHARS / 2));
        let fits = "x".repeat(MOST_CHARS);
        assert_eq!(Shown(&fits).to_string(), fits);
    }
}
