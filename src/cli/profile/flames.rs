//! A flame graph: stacks as an SVG image, a box for each function that is called by the one below it, as wide as its samples.
//!
//! The image is a file of its own. `flames.js`, which is in it, zooms to the frame that is clicked and finds frames by name; without
//! scripts it is a picture with tooltips.

use std::fmt::Write as _;

use super::report::share;
use super::stacks::Stack;
use crate::cli::out::counted;

const WIDTH: f64 = 1200.0;
/// Room for the title above, and at the sides.
const TOP: f64 = 48.0;
const SIDE: f64 = 10.0;
const ROW: f64 = 17.0;
/// About how wide a character is.
const CHARACTER: f64 = 6.6;
/// Narrower frames are left out: nobody sees them, and a file has room for all others.
const NARROWEST: f64 = 0.2;
/// Levels that are drawn: recursion may be as deep as the guest likes.
const LEVELS: usize = 500;

const STYLE: &str = "\
text { font: 12px ui-monospace, monospace; fill: #1a1a1a; }
.title { font: 600 15px system-ui, sans-serif; }
.note { font: 12px system-ui, sans-serif; }
.frame { cursor: pointer; }
.frame text { pointer-events: none; }
.frame rect { stroke: #fff; stroke-width: 0.5; }
.frame:hover rect, .frame.found rect { stroke: #1a1a1a; stroke-width: 1.5; }
";
const SCRIPT: &str = include_str!("flames.js");

/// A box: a function, called by what is below it, in adjacent samples.
#[derive(Debug, PartialEq)]
struct Frame<'a> {
    name: &'a str,
    /// How many frames are below it.
    level: usize,
    /// The first of its samples, in the order of the stacks, and how many they are.
    first: u64,
    count: u64,
}

/// The frames of stacks. Where stacks begin with the same functions, these are one frame.
fn frames<'a>(stacks: &'a [Stack]) -> Vec<Frame<'a>> {
    let mut sorted: Vec<&Stack> = stacks.iter().collect();
    sorted.sort_by(|a, b| a.frames.cmp(&b.frames));
    let mut frames: Vec<Frame<'a>> = Vec::new();
    // Those that the stack before is in, by their levels: they go on as long as the next one has the same functions.
    let mut open: Vec<usize> = Vec::new();
    let mut first = 0;
    for stack in sorted {
        let common = open.iter().zip(&stack.frames).take_while(|&(&frame, name)| frames[frame].name == name).count();
        open.truncate(common);
        for (level, name) in stack.frames.iter().enumerate().take(LEVELS).skip(common) {
            open.push(frames.len());
            frames.push(Frame { name, level, first, count: 0 });
        }
        for &frame in &open {
            frames[frame].count += stack.count;
        }
        first += stack.count;
    }
    frames
}

/// Text that may stand in SVG, a format that has no way to write most control characters.
fn escaped(text: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(shown).collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A name as far as it fits.
fn cut(name: &str, width: f64) -> String {
    let room = (width / CHARACTER) as usize;
    match name.chars().count() {
        all if all <= room => name.to_owned(),
        _ if room < 3 => String::new(),
        _ => name.chars().take(room - 1).chain(['…']).collect(),
    }
}

/// A colour between red and yellow that only the name decides: a function looks the same in each of its frames, and in other graphs.
fn colour(name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("hsl({} {}% {}%)", 8 + hash % 47, 70 + (hash >> 8) % 20, 66 + (hash >> 16) % 10)
}

/// The flame graph of stacks, as a file.
pub fn svg(stacks: &[Stack], title: &str) -> String {
    let all: u64 = stacks.iter().map(|stack| stack.count).sum();
    let scale = (WIDTH - 2.0 * SIDE) / all.max(1) as f64;
    let mut frames = frames(stacks);
    frames.retain(|frame| frame.count as f64 * scale >= NARROWEST);
    let levels = frames.iter().map(|frame| frame.level + 1).max().unwrap_or(0);
    let deepest = stacks.iter().map(|stack| stack.frames.len()).max().unwrap_or(0);
    let height = TOP + ROW * levels as f64 + SIDE;
    let mut note = counted(all as usize, "sample");
    if deepest > LEVELS {
        let _ = write!(note, ", the outermost {LEVELS} of up to {deepest} frames");
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" data-all=\"{all}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text class=\"title\" x=\"{SIDE}\" y=\"20\">{title}</text>\n\
         <text class=\"note\" x=\"{SIDE}\" y=\"38\">{note}<tspan id=\"hints\"/></text>\n",
        title = escaped(title),
    );
    for Frame { name, level, first, count } in frames {
        let (x, width) = (SIDE + first as f64 * scale, count as f64 * scale);
        let y = height - SIDE - ROW * (level + 1) as f64;
        let _ = writeln!(
            svg,
            "<g class=\"frame\" data-first=\"{first}\" data-count=\"{count}\" data-level=\"{level}\">\
             <title>{full} ({samples}, {:.2} %)</title>\
             <rect x=\"{x:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{ROW}\" fill=\"{}\"/>\
             <text x=\"{:.2}\" y=\"{:.1}\">{}</text></g>",
            share(count, all) * 100.0,
            colour(name),
            x + 3.0,
            y + 12.5,
            escaped(&cut(name, width - 6.0)),
            full = escaped(name),
            samples = counted(count as usize, "sample"),
        );
    }
    let _ = write!(svg, "<script>//<![CDATA[\n{SCRIPT}//]]></script>\n</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(frames: &[&str], count: u64) -> Stack {
        Stack { frames: frames.iter().map(|&name| name.to_owned()).collect(), count }
    }

    #[test]
    fn stacks_share_the_frames_that_they_begin_with() {
        let stacks =
            [stack(&["main", "b"], 3), stack(&["main", "a", "b"], 2), stack(&["main"], 1), stack(&["main", "a"], 4)];
        let frame = |name, level, first, count| Frame { name, level, first, count };
        // `main` alone comes first, then those that it calls.
        let expected = [frame("main", 0, 0, 10), frame("a", 1, 1, 6), frame("b", 2, 5, 2), frame("b", 1, 7, 3)];
        assert_eq!(frames(&stacks), expected);
    }

    #[test]
    fn functions_of_one_name_below_different_callers_are_not_one_frame() {
        let stacks = [stack(&["a", "shared"], 1), stack(&["b", "shared"], 1)];
        let names: Vec<(&str, u64)> = frames(&stacks).iter().map(|frame| (frame.name, frame.count)).collect();
        assert_eq!(names, [("a", 1), ("shared", 1), ("b", 1), ("shared", 1)]);
    }

    #[test]
    fn names_cannot_end_the_text_that_they_stand_in() {
        let svg = svg(&[stack(&["</title><script>\u{1b}"], 1)], "a&b");
        assert!(svg.contains("&lt;/title>&lt;script>\u{fffd} (1 sample, 100.00 %)"), "{svg}");
        assert!(svg.contains("<title>a&amp;b</title>"), "{svg}");
    }

    #[test]
    fn recursion_is_drawn_to_a_depth() {
        let deep = Stack { frames: vec!["again".to_owned(); 100_000], count: 1 };
        let svg = svg(&[deep], "deep");
        assert_eq!(svg.matches("class=\"frame\"").count(), LEVELS);
        assert!(svg.contains("the outermost 500 of up to 100000 frames"));
    }

    #[test]
    fn no_samples_are_a_picture_too() {
        let svg = svg(&[], "nothing");
        assert!(svg.contains("0 samples") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
