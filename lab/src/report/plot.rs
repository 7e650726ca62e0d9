//! Plots as SVG.

use std::fmt::Write as _;

use super::number;
use crate::statistics::Interval;

/// Text that may stand in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A bar.
pub(super) struct Bar<'a> {
    pub name: &'a str,
    pub value: f64,
    pub interval: Option<Interval>,
}

const WIDTH: f64 = 640.0;
/// Where bars begin: names are left of it.
const LEFT: f64 = 190.0;
/// The room for numbers behind the longest bar.
const RIGHT: f64 = 160.0;
const ROW: f64 = 22.0;

/// Bars from zero, one below the other, with intervals and numbers. A line marks the value `mark`.
pub(super) fn bars(title: &str, bars: &[Bar<'_>], mark: Option<f64>) -> String {
    let most = bars.iter().map(|bar| bar.interval.map_or(bar.value, |it| it.high.min(bar.value * 1.5)).max(bar.value));
    let most = most.chain(mark).fold(f64::MIN_POSITIVE, f64::max);
    let x = |value: f64| LEFT + (WIDTH - LEFT - RIGHT) * (value / most).min(1.0);
    let height = ROW * bars.len() as f64 + 8.0;
    let mut svg = format!(
        "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{0}\">\n",
        escaped(title).replace('"', "&quot;")
    );
    if let Some(mark) = mark {
        let x = x(mark);
        let _ = writeln!(svg, "<line class=\"mark\" x1=\"{x:.1}\" y1=\"0\" x2=\"{x:.1}\" y2=\"{height}\"/>");
    }
    for (index, Bar { name, value, interval }) in bars.iter().enumerate() {
        let (top, middle) = (ROW * index as f64 + 6.0, ROW * index as f64 + 15.0);
        let _ = write!(
            svg,
            "<text class=\"name\" x=\"{:.0}\" y=\"{:.1}\">{}</text><rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{}\"/>",
            LEFT - 8.0,
            middle + 4.0,
            escaped(name),
            x(*value) - LEFT,
            ROW - 6.0
        );
        let mut end = x(*value);
        let mut text = number(*value);
        if let Some(Interval { low, high }) = *interval {
            let (from, to) = (x(low.max(0.0)), x(high));
            end = end.max(to);
            let _ = write!(
                svg,
                "<path d=\"M{from:.1} {middle}H{to:.1}M{from:.1} {:.1}v8M{to:.1} {:.1}v8\"/>",
                middle - 4.0,
                middle - 4.0
            );
            text += &format!(" ({} to {})", number(low), number(high));
        }
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{text}</text>", end + 6.0, middle + 4.0);
    }
    svg + "</svg></figure>\n"
}

/// A point.
pub(super) struct Point<'a> {
    pub name: &'a str,
    pub x: f64,
    pub y: f64,
}

/// Points in a plane, both axes logarithmic.
pub(super) fn points(title: &str, [across, up]: [&str; 2], points: &[Point<'_>]) -> String {
    const HEIGHT: f64 = 320.0;
    const SIDE: f64 = 60.0;
    const BOTTOM: f64 = 40.0;
    const TOP: f64 = 28.0;
    // Powers of ten around all values.
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = (low.log10().floor(), high.log10().ceil());
        (low, high.max(low + 1.0))
    };
    let (left, right) = range(&mut points.iter().map(|it| it.x));
    let (low, high) = range(&mut points.iter().map(|it| it.y));
    let x = |power: f64| SIDE + (WIDTH - SIDE - 120.0) * (power - left) / (right - left);
    let y = |power: f64| HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (power - low) / (high - low);
    let mut svg = format!(
        "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{0}\">\n",
        escaped(title).replace('"', "&quot;")
    );
    let mut tick = |class: &str, at: [f64; 4], text: [f64; 2], power: f64| {
        let [x1, y1, x2, y2] = at;
        let value = match power {
            power if power >= 0.0 => format!("{:.0}", 10f64.powf(power)),
            power => format!("{:.*}", -power as usize, 10f64.powf(power)),
        };
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\
             <text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\">{value}</text>",
            text[0], text[1]
        );
    };
    for power in left as i32..=right as i32 {
        let power = f64::from(power);
        tick("tick", [x(power), TOP, x(power), HEIGHT - BOTTOM], [x(power), HEIGHT - BOTTOM + 16.0], power);
    }
    for power in low as i32..=high as i32 {
        let power = f64::from(power);
        tick("name", [SIDE, y(power), WIDTH - 120.0, y(power)], [SIDE - 6.0, y(power) + 4.0], power);
    }
    let _ = writeln!(
        svg,
        "<text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">{}</text><text x=\"4\" y=\"12\">{}</text>",
        (SIDE + WIDTH - 120.0) / 2.0,
        HEIGHT - 6.0,
        escaped(across),
        escaped(up)
    );
    for Point { name, x: across, y: up } in points {
        let (x, y) = (x(across.log10()), y(up.log10()));
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 7.0,
            y + 4.0,
            escaped(name)
        );
    }
    svg + "</svg></figure>\n"
}
