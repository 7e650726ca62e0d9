//! How one subject relates to another.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::sample::{Metric, Sample};
use crate::statistics::{Interval, bootstrap, geometric_interval, geometric_mean, median};

/// The ratio of a metric of one subject to that of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The geometric mean over copies of the median over rounds.
    pub ratio: f64,
    /// An interval of 95 %, for other copies and rounds of the same executables. `None` if there is only one copy.
    pub interval: Option<Interval>,
}

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The ratio is below 1.
    Less,
    /// The ratio is above 1.
    More,
    /// The interval includes 1.
    Same,
    /// There is no interval.
    Unknown,
}

impl Comparison {
    /// Compares `subject` with `base`, by subjects' indices. A sample of one is paired with that of the other in the same round from the
    /// same copy, which ran shortly before or after it. `None` if there is no such pair, or a value is missing, or not above zero, so
    /// that there is no ratio.
    ///
    /// The copies are independent of each other, the rounds of a copy are not: a copy that is slow stays slow. So the interval is that of
    /// the mean over copies ([`geometric_interval`]).
    pub fn of(samples: &[Sample], base: usize, subject: usize, metric: &Metric) -> Option<Comparison> {
        Comparison::of_all(&[samples], base, subject, metric)
    }

    /// As [`Comparison::of`], over several programs that ran from the same copies: the ratio of a copy is the geometric mean of its ratios
    /// in the programs, because a copy's peculiarities affect all of them. The interval is for other copies and rounds of these programs.
    pub fn of_all(programs: &[&[Sample]], base: usize, subject: usize, metric: &Metric) -> Option<Comparison> {
        let mut of_copies: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for samples in programs {
            for (copy, ratio) in ratios(samples, base, subject, metric)? {
                of_copies.entry(copy).or_default().push(ratio);
            }
        }
        // A copy that lacks a program would be compared with others in which it counts.
        let whole = of_copies.values().filter(|ratios| ratios.len() == programs.len());
        let of_copies = whole.map(|ratios| geometric_mean(ratios)).collect::<Option<Vec<_>>>()?;
        Some(Comparison { ratio: geometric_mean(&of_copies)?, interval: geometric_interval(&of_copies) })
    }

    /// Half the width of the interval, relative to the ratio.
    pub fn precision(&self) -> Option<f64> {
        self.interval.map(|it| (it.high - it.low) / 2.0 / self.ratio)
    }

    /// What can be said of the difference.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            None => Verdict::Unknown,
            Some(Interval { high, .. }) if high < 1.0 => Verdict::Less,
            Some(Interval { low, .. }) if low > 1.0 => Verdict::More,
            Some(_) => Verdict::Same,
        }
    }
}

impl fmt::Display for Comparison {
    /// The difference in words, for metrics that are times.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { ratio, interval } = *self;
        match (self.verdict(), interval) {
            (Verdict::Less, Some(it)) => {
                let it = it.inverse();
                write!(f, "{:.2}x faster ({:.2} to {:.2})", 1.0 / ratio, it.low, it.high)
            }
            (Verdict::More, Some(it)) => write!(f, "{ratio:.2}x slower ({:.2} to {:.2})", it.low, it.high),
            (Verdict::Same, Some(it)) => write!(f, "no difference that can be seen ({:.3} to {:.3})", it.low, it.high),
            (_, _) => write!(f, "{ratio:.2}, from one copy"),
        }
    }
}

/// The ratio of each copy: the median over its rounds.
fn ratios(samples: &[Sample], base: usize, subject: usize, metric: &Metric) -> Option<BTreeMap<usize, f64>> {
    let of_subject = |subject| samples.iter().filter(move |sample| sample.subject == subject);
    let bases: HashMap<(usize, usize), &Sample> =
        of_subject(base).map(|sample| ((sample.round, sample.copy), sample)).collect();
    let mut copies: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for sample in of_subject(subject) {
        let paired = bases.get(&(sample.round, sample.copy))?;
        let ratio = metric.of(sample)? / metric.of(paired)?;
        copies.entry(sample.copy).or_default().push(Some(ratio).filter(|it| it.is_finite() && *it > 0.0)?);
    }
    copies.into_iter().map(|(copy, rounds)| Some((copy, median(&rounds)?))).collect()
}

/// By how much copies of a subject's executable differ in a metric: the slowest relative to the fastest, by medians over rounds. `None` if
/// there are fewer than two copies, a value is missing, or the fastest takes nothing.
pub fn spread(samples: &[Sample], subject: usize, metric: &Metric) -> Option<f64> {
    let copies = by_copy(samples, subject, metric)?;
    let medians = copies.values().map(|rounds| median(rounds)).collect::<Option<Vec<_>>>()?;
    let (least, most) = (medians.iter().copied().reduce(f64::min)?, medians.iter().copied().reduce(f64::max)?);
    (medians.len() > 1 && least > 0.0).then_some(most / least)
}

/// The values of a metric of one subject, by copy.
fn by_copy(samples: &[Sample], subject: usize, metric: &Metric) -> Option<BTreeMap<usize, Vec<f64>>> {
    let mut copies: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.subject == subject) {
        copies.entry(sample.copy).or_default().push(metric.of(sample)?);
    }
    Some(copies)
}

/// A metric of one subject: the median over copies and rounds, with an interval of 95 % by a bootstrap that draws copies, and rounds of
/// each. `None` if there are no samples, or a value is missing.
pub fn typical(samples: &[Sample], subject: usize, metric: &Metric) -> Option<(f64, Interval)> {
    let copies: Vec<Vec<f64>> = by_copy(samples, subject, metric)?.into_values().collect();
    let all: Vec<f64> = copies.iter().flatten().copied().collect();
    let interval = bootstrap(|random| {
        let drawn: Vec<f64> = random.draw(&copies).iter().flat_map(|rounds| random.draw(rounds)).collect();
        median(&drawn)
    });
    Some((median(&all)?, interval?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Random;

    /// Samples of two subjects from `copies` copies, five rounds each, the second of which takes `effect` times as long. Copies differ by
    /// 3 %, runs by 2 %, and rounds by what the machine does, which affects both subjects.
    fn samples(random: &mut Random, copies: usize, effect: f64) -> Vec<Sample> {
        let mut samples = Vec::new();
        for copy in 0..copies {
            let of_copy = [0.03 * random.normal(), 0.03 * random.normal()];
            for round in 0..5 {
                let load = 0.1 * random.fraction();
                for (subject, effect) in [1.0, effect].into_iter().enumerate() {
                    let noise: f64 = of_copy[subject] + load + 0.02 * random.normal();
                    let cpu_ns = (1e9 * effect * noise.exp()) as u64;
                    samples.push(Sample { subject, round, copy, cpu_ns, ..Sample::default() });
                }
            }
        }
        samples
    }

    /// How many of 1000 intervals hold the true effect.
    fn covered(copies: usize, effect: f64) -> usize {
        let mut random = Random::new(7);
        let holds = |it: &Interval| it.low <= effect && effect <= it.high;
        let comparisons = (0..1000).map(|_| Comparison::of(&samples(&mut random, copies, effect), 0, 1, &Metric::Cpu));
        comparisons.filter(|it| it.and_then(|it| it.interval).as_ref().is_some_and(holds)).count()
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_effect() {
        for copies in [3, 5, 8] {
            for effect in [1.0, 1.05, 0.5] {
                let covered = covered(copies, effect);
                assert!((930..=970).contains(&covered), "{copies} copies, effect {effect}: {covered} of 1000");
            }
        }
    }

    #[test]
    fn programs_are_compared_together() {
        let mut random = Random::new(3);
        let programs = [samples(&mut random, 5, 1.2), samples(&mut random, 5, 1.2), samples(&mut random, 4, 0.9)];
        let [one, same, other] = programs.each_ref().map(Vec::as_slice);
        let of = |programs: &[&[Sample]]| Comparison::of_all(programs, 0, 1, &Metric::Cpu).expect("pairs");
        assert_eq!(of(&[one]), Comparison::of(one, 0, 1, &Metric::Cpu).expect("pairs"));
        let both = of(&[one, same]);
        assert!((both.ratio / 1.2 - 1.0).abs() < 0.04, "{both:?}");
        // The fifth copy did not run the third program.
        let three = of(&[one, same, other]);
        assert!((three.ratio / (1.2f64 * 1.2 * 0.9).cbrt() - 1.0).abs() < 0.04, "{three:?}");
        assert_eq!(Comparison::of_all(&[], 0, 1, &Metric::Cpu), None);
    }

    #[test]
    fn copies_differ_by_their_medians() {
        let sample = |copy, round, cpu_ns| Sample { copy, round, cpu_ns, ..Sample::default() };
        let samples = [sample(0, 0, 10), sample(0, 1, 10), sample(0, 2, 90), sample(1, 0, 11), sample(1, 1, 11)];
        let spread_of = |samples| spread(samples, 0, &Metric::Cpu);
        assert!((spread_of(&samples).expect("two copies") - 1.1).abs() < 1e-9);
        assert_eq!(spread_of(&samples[..3]), None);
        assert_eq!(spread_of(&[sample(0, 0, 0), sample(1, 0, 11)]), None);
    }

    #[test]
    fn a_value_of_zero_is_not_compared() {
        for zeros in [[true, false], [false, true], [true, true]] {
            let mut samples = samples(&mut Random::new(1), 3, 1.0);
            samples.iter_mut().filter(|it| zeros[it.subject]).for_each(|it| it.cpu_ns = 0);
            assert_eq!(Comparison::of(&samples, 0, 1, &Metric::Cpu), None, "{zeros:?}");
        }
    }

    #[test]
    fn what_is_said_fits_the_interval() {
        let said =
            |effect| Comparison::of(&samples(&mut Random::new(1), 5, effect), 0, 1, &Metric::Cpu).expect("pairs");
        assert_eq!(said(2.0).verdict(), Verdict::More);
        assert!(said(2.0).to_string().contains("x slower ("), "{}", said(2.0));
        assert_eq!(said(0.5).verdict(), Verdict::Less);
        assert!(said(0.5).to_string().starts_with("2.") || said(0.5).to_string().starts_with("1.9"), "{}", said(0.5));
        assert!(said(1.0).to_string().starts_with("no difference that can be seen"), "{}", said(1.0));
        let one = Comparison::of(&samples(&mut Random::new(1), 1, 2.0), 0, 1, &Metric::Cpu).expect("pairs");
        assert_eq!(one.verdict(), Verdict::Unknown);
    }

    #[test]
    fn a_value_that_is_missing_is_not_compared() {
        let samples = samples(&mut Random::new(1), 3, 1.0);
        assert_eq!(Comparison::of(&samples, 0, 1, &Metric::Reported("run".to_owned())), None);
        assert_eq!(typical(&samples, 2, &Metric::Cpu), None);
        let (median, interval) = typical(&samples, 0, &Metric::Cpu).expect("of many");
        assert!(interval.low <= median && median <= interval.high);
    }
}
