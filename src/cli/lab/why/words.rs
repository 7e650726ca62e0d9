//! What follows from the facts, in words.
//!
//! A time is a product: of dispatches, instructions of the processor for each dispatch, and time for each instruction. So is a ratio of
//! times. The last factor is what instructions do not explain: mispredictions and missed caches, of which the one that costs most by a usual
//! estimate is named; and where the code lies, which copies of one executable show.

use riser_lab::comparison::Verdict;
use riser_lab::counters::{CODE_MISSES, DATA_MISSES, INSTRUCTIONS, MEMORY_MISSES, MISPREDICTIONS};
use riser_lab::statistics::Interval;
use riser_lab::{Comparison, Metric};

use super::facts::{DISPATCHES, Facts, MADE, SPREAD, Source, TIME};

/// Events that take time beside that of instructions, and about how many cycles each takes.
const EVENTS: [(&str, &str, f64); 4] = [
    (MISPREDICTIONS, "mispredicted branches", 15.0),
    (CODE_MISSES, "misses of the cache of code", 10.0),
    (DATA_MISSES, "misses of the first cache of data", 10.0),
    (MEMORY_MISSES, "misses of all caches", 100.0),
];

/// Factors within this of 1 are not worth a word.
const NOTHING: f64 = 0.02;

/// The sentences.
pub fn words(metric: &Metric, comparison: &Comparison, sides: &[Facts; 2], source: &Source) -> Vec<String> {
    let mut words = vec![difference(metric, comparison)];
    words.extend(compilation(metric, comparison, sides));
    match ratio(sides, INSTRUCTIONS) {
        Some(instructions) => {
            words.push(executed(instructions, ratio(sides, DISPATCHES)));
            words.extend(rest(comparison, instructions, sides));
        }
        None => {
            let only = ratio(sides, DISPATCHES).map(|it| format!("B executes {} the dispatches of A. ", times(it)));
            words.push(format!("{}{}", only.unwrap_or_default(), uncounted(sides, source)));
        }
    }
    words.extend(layout(comparison, sides));
    words
}

/// The ratio of a fact, B to A.
fn ratio([a, b]: &[Facts; 2], name: &str) -> Option<f64> {
    let (a, b) = (a.get(name)?, b.get(name)?);
    (a > 0.0 && b > 0.0).then_some(b / a)
}

/// A ratio in words.
fn times(ratio: f64) -> String {
    if (ratio - 1.0).abs() < NOTHING / 4.0 { "exactly or nearly".to_owned() } else { format!("{ratio:.2} times") }
}

fn difference(metric: &Metric, comparison: &Comparison) -> String {
    let what = match metric {
        Metric::Cpu => "the CPU time".to_owned(),
        Metric::Wall => "the time".to_owned(),
        Metric::Reported(name) => format!("the `{name}`"),
    };
    let interval = comparison
        .interval
        .map_or("from one copy".to_owned(), |Interval { low, high }| format!("{low:.3} to {high:.3}"));
    match comparison.verdict() {
        Verdict::Same => format!("No difference in {what} can be seen ({interval})."),
        Verdict::Less | Verdict::More | Verdict::Unknown => {
            format!("B takes {:.2} times {what} of A ({interval}).", comparison.ratio)
        }
    }
}

/// How much of the difference is making code.
fn compilation(metric: &Metric, comparison: &Comparison, [a, b]: &[Facts; 2]) -> Option<String> {
    if *metric != Metric::Cpu || comparison.verdict() == Verdict::Same {
        return None;
    }
    let (made, time) = (b.get(MADE)? - a.get(MADE)?, b.get(TIME)? - a.get(TIME)?);
    if made.abs() < NOTHING * a.get(TIME)? {
        return None;
    }
    let direction = if made > 0.0 { "more" } else { "less" };
    let share = match made / time {
        share if share < 0.0 => ", against the difference".to_owned(),
        share if share > 1.0 => ", more than the whole difference".to_owned(),
        share => format!(", {:.0} % of the difference", share * 100.0),
    };
    Some(format!("Making code takes B {:.1} ms {direction}{share}.", made.abs()))
}

/// What is executed.
fn executed(instructions: f64, dispatches: Option<f64>) -> String {
    let all = format!("B executes {} the instructions of A", times(instructions));
    match dispatches {
        Some(dispatches) => format!(
            "{all}: {} the dispatches, and {} the instructions for each.",
            times(dispatches),
            times(instructions / dispatches)
        ),
        None => format!("{all}."),
    }
}

/// What instructions do not explain.
fn rest(comparison: &Comparison, instructions: f64, sides: &[Facts; 2]) -> Option<String> {
    let rest = comparison.ratio / instructions;
    let within = |Interval { low, high }: Interval| low <= instructions && instructions <= high;
    if comparison.interval.is_some_and(within) || (rest - 1.0).abs() < NOTHING {
        return (comparison.verdict() != Verdict::Same).then(|| "Instructions account for the difference.".to_owned());
    }
    let rest = format!("The rest is {rest:.2} times the time for each instruction");
    let [a, b] = sides;
    let changes = EVENTS.iter().filter_map(|&(name, title, cycles)| {
        let per_thousand = |side: &Facts| Some(1000.0 * side.get(name)? / side.get(INSTRUCTIONS)?);
        let (before, after) = (per_thousand(a)?, per_thousand(b)?);
        Some((cycles * (after - before), title, before, after))
    });
    // What happens more often explains instructions that take longer, and nothing else does.
    let sign = (comparison.ratio / instructions).ln().signum();
    let largest = changes.filter(|it| it.0 * sign > 0.0).max_by(|one, other| one.0.abs().total_cmp(&other.0.abs()));
    match largest {
        // A hundredth of a cycle for an instruction.
        Some((cycles, title, before, after)) if cycles.abs() > 10.0 => Some(format!(
            "{rest}. Of the events that are counted, {title} changed most: {before:.2} for a thousand instructions of A, {after:.2} of B."
        )),
        Some(_) | None => Some(format!("{rest}, which no counted event explains.")),
    }
}

/// Why instructions were not counted.
fn uncounted(sides: &[Facts; 2], source: &Source) -> String {
    match source {
        Source::None(why) => format!("Instructions are not counted: {why}."),
        Source::Valgrind => {
            let which = match sides.each_ref().map(|side| side.get(INSTRUCTIONS).is_some()) {
                [true, false] => "B",
                [false, true] => "A",
                [_, _] => "either side",
            };
            format!(
                "Instructions are not counted of {which}: valgrind runs the modes interp and classic, and the processor's counters cannot be read."
            )
        }
        Source::Processor => "The processor counted no instructions.".to_owned(),
    }
}

/// What copies of one executable differ by, if that is much beside the difference.
fn layout(comparison: &Comparison, sides: &[Facts; 2]) -> Option<String> {
    let spreads = sides.each_ref().map(|side| side.get(SPREAD).unwrap_or(1.0));
    let (index, most) = if spreads[0] > spreads[1] { ("A", spreads[0]) } else { ("B", spreads[1]) };
    let difference = comparison.ratio.ln().abs().max(NOTHING);
    (most.ln() > difference).then(|| {
        format!(
            "Copies of one executable differ by {:.0} % ({index}), which is more: where code lies in memory may be all of it.",
            (most - 1.0) * 100.0
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(all: &[(&str, f64)]) -> Facts {
        let mut facts = Facts::default();
        all.iter().for_each(|&(name, value)| facts.set(name, Some(value)));
        facts
    }

    fn said(ratio: f64, a: &[(&str, f64)], b: &[(&str, f64)]) -> String {
        let interval = Some(Interval { low: ratio * 0.98, high: ratio * 1.02 });
        let comparison = Comparison { ratio, interval };
        words(&Metric::Cpu, &comparison, &[facts(a), facts(b)], &Source::Valgrind).join("\n")
    }

    #[test]
    fn instructions_are_dispatches_times_what_each_takes() {
        let a = [(INSTRUCTIONS, 1e9), (DISPATCHES, 1e8)];
        let text = said(1.3, &a, &[(INSTRUCTIONS, 1.3e9), (DISPATCHES, 1.25e8)]);
        let expected = "B takes 1.30 times the CPU time of A (1.274 to 1.326).\n\
                        B executes 1.30 times the instructions of A: 1.25 times the dispatches, and 1.04 times the instructions for each.\n\
                        Instructions account for the difference.";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_rest_is_named_if_it_is_counted() {
        let a = [(INSTRUCTIONS, 1e9), (MISPREDICTIONS, 1e6), (CODE_MISSES, 1e6)];
        let text = said(2.0, &a, &[(INSTRUCTIONS, 1e9), (MISPREDICTIONS, 2e7), (CODE_MISSES, 0.0)]);
        assert!(text.contains("exactly or nearly the instructions of A.\n"), "{text}");
        assert!(text.contains("The rest is 2.00 times the time for each instruction. Of"), "{text}");
        assert!(
            text.ends_with("mispredicted branches changed most: 1.00 for a thousand instructions of A, 20.00 of B."),
            "{text}"
        );
        let text = said(2.0, &a, &a);
        assert!(text.ends_with("time for each instruction, which no counted event explains."), "{text}");
        // Fewer misses do not explain what takes longer.
        let text = said(2.0, &a, &[(INSTRUCTIONS, 1e9), (MISPREDICTIONS, 0.0), (CODE_MISSES, 1e6)]);
        assert!(text.ends_with("which no counted event explains."), "{text}");
    }

    #[test]
    fn making_code_is_set_apart() {
        let text = said(0.5, &[(MADE, 1.0), (TIME, 100.0)], &[(MADE, 11.0), (TIME, 50.0)]);
        assert!(text.contains("Making code takes B 10.0 ms more, against the difference."), "{text}");
        let text = said(1.5, &[(MADE, 1.0), (TIME, 100.0)], &[(MADE, 26.0), (TIME, 150.0)]);
        assert!(text.contains("Making code takes B 25.0 ms more, 50 % of the difference."), "{text}");
        assert!(text.contains("Instructions are not counted of either side: valgrind runs the modes"), "{text}");
    }

    #[test]
    fn layout_is_said_where_it_matters() {
        let text = said(1.005, &[(SPREAD, 1.01)], &[(SPREAD, 1.4)]);
        assert!(text.starts_with("No difference in the CPU time can be seen (0.985 to 1.025)."), "{text}");
        assert!(text.contains("\nCopies of one executable differ by 40 % (B), which is more"), "{text}");
        assert!(!said(1.5, &[(SPREAD, 1.01)], &[(SPREAD, 1.4)]).contains("Copies"));
        let one = Comparison { ratio: 1.5, interval: None };
        let text = words(&Metric::Wall, &one, &[facts(&[]), facts(&[])], &Source::None("as asked for".to_owned()));
        assert_eq!(
            text,
            ["B takes 1.50 times the time of A (from one copy).", "Instructions are not counted: as asked for."]
        );
    }
}
