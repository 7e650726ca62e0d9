//! Figures that somebody has typed: a number and what says that it was measured, outside of markers.

use super::END;

/// What stands behind a number that was measured. Bytes are left out: sizes are limits and layouts, mostly.
const UNITS: [&str; 9] = ["times", "ms", "s", "µs", "ns", "%", "seconds", "minutes", "MB/s"];

/// What begins figures that cannot be measured any more: the command and the commit that they are of, in words, up to `-->`.
const HISTORY: &str = "<!-- history: ";

/// How sure an interval is.
const CONFIDENCE: (&str, &str) = ("95", "%");

/// The lines of a document that have a figure which is neither between markers nor in a fenced block, nor in a line of code.
pub fn unmarked(document: &str, text: &str) -> Vec<String> {
    let (mut fenced, mut marked) = (false, false);
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced || line.starts_with("    ") {
            continue;
        }
        let outside = outside_of_markers(line, &mut marked);
        if let Some(figure) = figure(&outside) {
            problems.push(format!(
                "{document}:{}: `{figure}` is typed: put it between markers (benches/compare/README.md), or leave it out",
                number + 1
            ));
        }
    }
    problems
}

/// What of a line is outside of markers; `marked` is whether it begins between two, and then whether the next one does.
fn outside_of_markers(line: &str, marked: &mut bool) -> String {
    let mut outside = String::new();
    let mut rest = line;
    loop {
        if *marked {
            let Some((_, behind)) = rest.split_once(END) else { return outside };
            *marked = false;
            rest = behind;
        }
        let start = ["<!-- figure: ", "<!-- table: ", HISTORY].iter().filter_map(|marker| rest.find(marker)).min();
        let Some(start) = start else { return outside + rest };
        outside.push_str(&rest[..start]);
        *marked = true;
        rest = &rest[start..];
    }
}

/// The first thing that looks like something measured.
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
            "<!-- history: at 0123abc -->it was 12 ms<!-- end -->",
            "<!-- table: x -->\n| 12 ms |\n<!-- end -->\n",
            "```text\nin 130 s\n```",
            "    in 130 s",
            "the interval of 95 %, slots of 64 bits, 0x1f, two times, version 3.0, `--tier-delay 3`",
        ] {
            assert_eq!(unmarked("a.md", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(unmarked("a.md", "<!-- figure: x -->1<!-- end --> and 2 ms").len(), 1);
    }
}
