//! Plots as SVG.
//!
//! A plot is as wide as a phone's screen, so that its text can be read there. A page puts several beside each other where there is room.

use std::fmt::Write as _;

use super::number;
use crate::statistics::Interval;

/// Text that may stand in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

const WIDTH: f64 = 420.0;
/// About how wide a character is.
const CHARACTER: f64 = 7.0;

/// What the elements of a plot look like.
pub(super) const STYLE: &str = include_str!("plot.css");

/// A plot.
pub(super) struct Plot {
    /// The name by which it can be asked for.
    pub name: &'static str,
    title: String,
    height: f64,
    body: String,
}

impl Plot {
    /// As a part of a page that has [`STYLE`].
    pub fn figure(&self) -> String {
        let Plot { title, height, body, .. } = self;
        let title = escaped(title);
        format!(
            "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n\
             {body}</svg></figure>\n"
        )
    }

    /// As a file of its own, on white: it may stand in a page of any colour.
    pub fn file(&self) -> String {
        const MARGIN: f64 = 10.0;
        const TITLE: f64 = 24.0;
        let Plot { title, height, body, .. } = self;
        let (width, all) = (WIDTH + 2.0 * MARGIN, height + TITLE + 2.0 * MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {all}\" width=\"{width}\" role=\"img\">\n\
             <title>{0}</title>\n<style>\nsvg {{ color: #1a1a1a; }}\n{STYLE}</style>\n\
             <rect width=\"{width}\" height=\"{all}\" fill=\"#fff\"/>\n<g transform=\"translate({MARGIN} {MARGIN})\">\n\
             <text class=\"title\" x=\"0\" y=\"13\">{0}</text>\n<g transform=\"translate(0 {TITLE})\">\n{body}</g>\n</g>\n</svg>\n",
            escaped(title)
        )
    }
}

/// A bar.
pub(super) struct Bar<'a> {
    pub name: &'a str,
    pub value: f64,
    pub interval: Option<Interval>,
}

impl Bar<'_> {
    /// As far as it is drawn to the right. An interval that is much wider than that is cut.
    fn end(&self) -> f64 {
        self.interval.map_or(self.value, |it| it.high.min(self.value * 1.5)).max(self.value)
    }

    /// Its numbers as text.
    fn text(&self) -> String {
        let value = number(self.value);
        match self.interval {
            Some(Interval { low, high }) => format!("{value} ({} to {})", number(low), number(high)),
            None => value,
        }
    }

    /// Its name and its numbers, in the line above it. A name that would reach into the numbers is cut.
    fn line(&self, y: f64) -> String {
        let numbers = self.text();
        let room = ((WIDTH / CHARACTER) as usize).saturating_sub(numbers.chars().count() + 1);
        let mut name = self.name.to_owned();
        if name.chars().count() > room {
            name = name.chars().take(room.saturating_sub(1)).chain(['…']).collect();
        }
        format!(
            "<text x=\"0\" y=\"{y:.1}\">{}</text><text class=\"end\" x=\"{WIDTH}\" y=\"{y:.1}\">{numbers}</text>",
            escaped(&name)
        )
    }

    /// Its interval, as a line with ends.
    fn whiskers(&self, y: f64, x: impl Fn(f64) -> f64) -> String {
        self.interval.map_or_else(String::new, |Interval { low, high }| {
            let (from, to, top) = (x(low), x(high), y - 4.0);
            format!("<path d=\"M{from:.1} {y:.1}H{to:.1}M{from:.1} {top:.1}v8M{to:.1} {top:.1}v8\"/>")
        })
    }
}

/// The height of a bar with the line above it.
const ROW: f64 = 36.0;

/// Bars from zero, one below the other, with intervals and numbers. A line marks the value `mark`.
pub(super) fn bars(name: &'static str, title: String, bars: &[Bar<'_>], mark: Option<f64>) -> Plot {
    let most = bars.iter().map(Bar::end).chain(mark).fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| 1.0 + (WIDTH - 2.0) * (value.max(0.0) / most).min(1.0);
    let height = ROW * bars.len() as f64;
    let mut body = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let top = ROW * index as f64;
        let _ = writeln!(
            body,
            "{}<rect class=\"bar\" x=\"1\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\"/>{}",
            bar.line(top + 13.0),
            top + 19.0,
            x(bar.value) - 1.0,
            bar.whiskers(top + 24.0, x)
        );
        if let Some(mark) = mark {
            let _ = writeln!(body, "<path class=\"mark\" d=\"M{:.1} {:.1}v16\"/>", x(mark), top + 16.0);
        }
    }
    Plot { name, title, height, body }
}

/// Points on a logarithmic scale, one below the other, with intervals and numbers: ratios that lie too far apart for bars. Values are
/// positive.
pub(super) fn ladder(name: &'static str, title: String, bars: &[Bar<'_>]) -> Plot {
    const SIDE: f64 = 14.0;
    let (low, high) = range(bars.iter().flat_map(|bar| [bar.value, bar.end()]));
    let x = |value: f64| {
        let at = (value.clamp(low, high) / low).ln() / (high / low).ln();
        SIDE + (WIDTH - 2.0 * SIDE) * at
    };
    let height = ROW * bars.len() as f64 + 16.0;
    let mut body = String::new();
    for value in ticks(low, high) {
        body += &upright(value, x(value), [0.0, height - 14.0], height - 2.0);
    }
    for (index, bar) in bars.iter().enumerate() {
        let top = ROW * index as f64;
        let _ = writeln!(
            body,
            "{}{}<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>",
            bar.line(top + 13.0),
            bar.whiskers(top + 24.0, x),
            x(bar.value),
            top + 24.0
        );
    }
    Plot { name, title, height, body }
}

/// An upright line of the grid, from top to bottom, and its number at `y`.
fn upright(value: f64, x: f64, [top, bottom]: [f64; 2], y: f64) -> String {
    format!(
        "<path class=\"grid\" d=\"M{x:.1} {top}V{bottom:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{y:.1}\">{value}</text>\n"
    )
}

/// The numbers 1, 2 and 5 times a power of ten around all values, which are positive.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::MAX, f64::MIN_POSITIVE), |(low, high), value| (low.min(value), high.max(value)));
    let around = ticks(low / 10.0, high * 10.0);
    let below = around.iter().copied().filter(|&tick| tick <= low).fold(f64::MIN_POSITIVE, f64::max);
    let above = around.iter().copied().filter(|&tick| tick >= high && tick > below).fold(f64::MAX, f64::min);
    (below, above)
}

/// The numbers 1, 2 and 5 times a power of ten from `low` to `high`.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    // As text, so that 0.1 is that number.
    let all = powers.flat_map(|power| [1, 2, 5].map(|digit| format!("{digit}e{power}").parse().unwrap_or(f64::NAN)));
    all.filter(|&tick: &f64| tick >= low * 0.999_999 && tick <= high * 1.000_001).collect()
}

/// A point.
pub(super) struct Point<'a> {
    pub name: &'a str,
    pub x: f64,
    pub y: f64,
}

/// Points in a plane, both axes logarithmic. Values are positive.
pub(super) fn points(name: &'static str, title: String, [across, up]: [&str; 2], points: &[Point<'_>]) -> Plot {
    const HEIGHT: f64 = 340.0;
    const SIDE: f64 = 42.0;
    const RIGHT: f64 = 18.0;
    const BOTTOM: f64 = 40.0;
    const TOP: f64 = 28.0;
    let (left, right) = range(points.iter().map(|it| it.x));
    let (low, high) = range(points.iter().map(|it| it.y));
    let x = |value: f64| SIDE + (WIDTH - SIDE - RIGHT) * (value / left).ln() / (right / left).ln();
    let y = |value: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value / low).ln() / (high / low).ln();
    let mut body = String::new();
    // Where there are many, the powers of ten are enough.
    let shown = |low: f64, high: f64| {
        let all = ticks(low, high);
        let is_few = all.len() <= 7;
        all.into_iter().filter(move |tick| is_few || tick.log10().fract().abs() < 1e-9)
    };
    for value in shown(left, right) {
        body += &upright(value, x(value), [TOP, HEIGHT - BOTTOM], HEIGHT - BOTTOM + 16.0);
    }
    for value in shown(low, high) {
        let _ = writeln!(
            body,
            "<path class=\"grid\" d=\"M{SIDE} {0:.1}H{1:.1}\"/><text class=\"end tick\" x=\"{2:.1}\" y=\"{3:.1}\">{value}</text>",
            y(value),
            WIDTH - RIGHT,
            SIDE - 6.0,
            y(value) + 4.0
        );
    }
    let _ = writeln!(
        body,
        "<text class=\"end\" x=\"{:.0}\" y=\"{:.0}\">{}</text><text x=\"0\" y=\"13\">{}</text>",
        WIDTH - RIGHT,
        HEIGHT - 4.0,
        escaped(across),
        escaped(up)
    );
    let centres: Vec<[f64; 2]> = points.iter().map(|it| [x(it.x), y(it.y)]).collect();
    for [x, y] in &centres {
        let _ = writeln!(body, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
    }
    let room = Place { left: SIDE, right: WIDTH, top: 0.0, bottom: HEIGHT - BOTTOM };
    for (point, place) in points.iter().zip(places(points, &centres, room)) {
        let _ = writeln!(
            body,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            place.left,
            place.bottom - 3.0,
            escaped(point.name)
        );
    }
    Plot { name, title, height: HEIGHT, body }
}

/// A rectangle.
#[derive(Clone, Copy)]
struct Place {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Place {
    fn overlaps(self, other: Place) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// Where the names of points go: beside each, or above or below it, where no other point or name is, if there is such a place in the room.
fn places(points: &[Point<'_>], centres: &[[f64; 2]], room: Place) -> Vec<Place> {
    const HEIGHT: f64 = 14.0;
    let mut taken: Vec<Place> = (centres.iter())
        .map(|&[x, y]| Place { left: x - 4.0, right: x + 4.0, top: y - 4.0, bottom: y + 4.0 })
        .collect();
    let mut places = Vec::new();
    for (point, &[x, y]) in points.iter().zip(centres) {
        let width = CHARACTER * point.name.chars().count() as f64;
        let at = |left: f64, middle: f64| Place {
            left,
            right: left + width,
            top: middle - HEIGHT / 2.0,
            bottom: middle + HEIGHT / 2.0,
        };
        let mut candidates = Vec::new();
        for away in 0..6 {
            let away = HEIGHT * f64::from(away);
            for middle in [y - away, y + away] {
                candidates.extend([at(x + 7.0, middle), at(x - 7.0 - width, middle)]);
                if away > 0.0 {
                    candidates.push(at(x - width / 2.0, middle));
                }
            }
        }
        let is_free = |it: &&Place| {
            let is_inside =
                it.left >= room.left && it.right <= room.right && it.top >= room.top && it.bottom <= room.bottom;
            is_inside && !taken.iter().any(|other| other.overlaps(**it))
        };
        let place = candidates.iter().find(is_free).copied().unwrap_or(candidates[0]);
        taken.push(place);
        places.push(place);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: f64) -> Bar<'_> {
        Bar { name, value, interval: Some(Interval { low: value * 0.9, high: value * 1.1 }) }
    }

    #[test]
    fn scales_are_around_their_values() {
        assert_eq!(ticks(0.1, 2.0), [0.1, 0.2, 0.5, 1.0, 2.0]);
        assert_eq!(range([0.3, 7.0].into_iter()), (0.2, 10.0));
        assert_eq!(range([1.0, 1.0].into_iter()), (1.0, 2.0));
        assert_eq!(range([1200.0, 0.02].into_iter()), (0.02, 2000.0));
    }

    #[test]
    fn a_bar_is_as_long_as_its_value() {
        let plot = bars("time", "Time".to_owned(), &[bar("a", 1.0), bar("b", 4.0)], Some(1.0));
        let widths = plot.body.split("width=\"").skip(1).map(|rest| rest.split('"').next().expect("ends"));
        let widths: Vec<f64> = widths.map(|width| width.parse().expect("a number")).collect();
        assert!((widths[1] / widths[0] - 4.0).abs() < 0.01, "{widths:?}");
        assert!(plot.body.contains(">4.00 (3.60 to 4.40)<"), "{}", plot.body);
    }

    #[test]
    fn a_name_leaves_room_for_the_numbers() {
        let long = "interp ".repeat(20);
        let plot = bars("time", String::new(), &[bar(&long, 1.0)], None);
        let name = plot.body.split('>').nth(1).and_then(|rest| rest.split('<').next()).expect("a name");
        assert!(name.ends_with('…') && name.chars().count() < 45, "{name}");
        // The numbers take all of the line.
        let plot = bars("time", String::new(), &[bar("interp", 1e60)], None);
        assert!(plot.body.contains(">…<"), "{}", plot.body);
    }

    #[test]
    fn names_of_points_do_not_cover_each_other() {
        let names = ["interp", "classic", "fast-jit", "llvm-jit"];
        let all = names.map(|name| Point { name, x: 10.0, y: 10.0 });
        let centres = [[200.0, 100.0]; 4];
        let places = places(&all, &centres, Place { left: 0.0, right: 400.0, top: 0.0, bottom: 200.0 });
        for (index, one) in places.iter().enumerate() {
            assert!(places[..index].iter().all(|other| !one.overlaps(*other)));
        }
    }

    #[test]
    fn a_file_stands_alone() {
        let file = ladder("speed", "a <b> \"c\"".to_owned(), &[bar("a", 1.0), bar("b", 20.0)]).file();
        assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && file.ends_with("</svg>\n"), "{file}");
        assert!(file.contains("<title>a &lt;b> &quot;c&quot;</title>") && !file.contains("NaN"), "{file}");
        assert_eq!(file.matches("<g").count(), file.matches("</g>").count());
    }
}
