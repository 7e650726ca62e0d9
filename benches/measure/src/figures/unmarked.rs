//! Finds figures that somebody has typed: numbers that seem to be measured, outside of markers.

use super::END;

/// Units that follow a measured number. Bytes are not among them: sizes are mostly limits and layouts.
const UNITS: [&str; 9] = ["times", "ms", "s", "µs", "ns", "%", "seconds", "minutes", "MB/s"];

/// The confidence level of intervals, which is no measured figure.
const CONFIDENCE: (&str, &str) = ("95", "%");

/// The lines of a document with a figure that is neither between markers, nor in a fenced block, nor in a line of code. A comment
/// counts as an opening marker if the next comment is `<!-- end -->`: tables that other commands fill in have markers of their own.
pub fn unmarked(document: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in outside_of_markers(&without_code(text)).lines().enumerate() {
        if let Some(figure) = figure(line) {
            problems.push(format!(
                "{document}:{}: `{figure}` is typed: put it between markers (benches/compare/README.md), or leave it out",
                number + 1
            ));
        }
    }
    problems
}

/// A document with its code replaced by empty lines.
fn without_code(text: &str) -> String {
    let mut fenced = false;
    let prose = text.lines().map(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fenced || fence || line.starts_with("    ") { "" } else { line }
    });
    prose.collect::<Vec<_>>().join("\n")
}

/// A document without the text between markers, but with the same number of lines.
fn outside_of_markers(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<!--") {
        let (before, comment) = rest.split_at(start);
        outside.push_str(before);
        let Some(end) = comment.find("-->") else { break };
        let behind = &comment[end + "-->".len()..];
        rest = match behind.find("<!--") {
            Some(next) if behind[next..].starts_with(END) => {
                outside.extend(behind[..next].chars().filter(|&c| c == '\n'));
                &behind[next + END.len()..]
            }
            _ => behind,
        };
    }
    outside + rest
}

/// The first text that looks like a measured figure.
fn figure(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "()|`".contains(c)).filter(|it| !it.is_empty()).collect();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_end_matches([',', '.', ';', ':']);
        if let Some(factor) = bare.strip_suffix(['x', '×']).filter(|it| is_number(it)) {
            return Some(format!("{factor}x"));
        }
        let unit = words.get(at + 1).map(|unit| unit.trim_end_matches([',', '.', ';', ':']));
        let is_figure = |unit: &&str| is_number(word) && UNITS.contains(unit) && (*word, *unit) != CONFIDENCE;
        if let Some(unit) = unit.filter(is_figure) {
            return Some(format!("{word} {unit}"));
        }
    }
    None
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_figures_are_found() {
        for text in [
            "it is 1.30 times as fast",
            "has 0.88x the speed",
            "(in 130 s)",
            "| a | 12 ms |",
            "spread 5 %.",
            "takes\n4 µs each",
        ] {
            assert_eq!(unmarked("a.md", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_marked_or_no_figure_is_left_alone() {
        for text in [
            "<!-- figure: x -->1.30<!-- end --> times as fast",
            "<!-- other-times -->\n| 12 ms |\n<!-- end -->\n",
            "<!-- history: at 0123abc -->it was 12 ms<!-- end -->",
            "<!-- table: x -->\n| 12 ms |\n<!-- end -->\n",
            "```text\nin 130 s\n```",
            "    in 130 s",
            "the interval of 95 %, slots of 64 bits, 0x1f, two times, version 3.0, `--tier-delay 3`",
        ] {
            assert_eq!(unmarked("a.md", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(unmarked("a.md", "<!-- figure: x -->1<!-- end --> and 2 ms").len(), 1);
        let below = unmarked("a.md", "<!-- a comment -->\n2 ms\n<!-- table: x -->\n\n<!-- end -->\n3 ms\n");
        assert!(below[0].starts_with("a.md:2:") && below[1].starts_with("a.md:6:"), "{below:?}");
    }
}
