//! Ratios of times, new to old, and their statistics.

use std::fmt::Write as _;

use riser_lab::statistics::{Interval, median};
use riser_lab::{Comparison, Metric, Sample};

/// The samples in one mode, of every program: subject 0 is the old build, 1 the new one.
#[derive(Default)]
pub struct Ratios {
    programs: Vec<(String, Vec<Sample>)>,
}

/// Whether the new build is slower by more than a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is slower.
    Slower,
    /// It is not slower.
    NotSlower,
    /// These runs cannot tell.
    Unknown,
}

impl Ratios {
    /// The head of the table.
    pub const HEADING: &str = "| mode | mean | 95 % | median | slowest | slower by more than that? |\n\
                               |---|--:|--:|--:|---|---|";

    /// Adds a program.
    pub fn add(&mut self, program: &str, samples: Vec<Sample>) {
        self.programs.push((program.to_owned(), samples));
    }

    /// A ratio for each program.
    fn of_programs(&self) -> Vec<f64> {
        let of = |samples: &[Sample]| Comparison::of(samples, 0, 1, &Metric::Cpu).map_or(f64::NAN, |it| it.ratio);
        self.programs.iter().map(|(_, samples)| of(samples)).collect()
    }

    /// The ratio over programs, with its interval; NaN where there is none.
    fn of_all(&self) -> (f64, Interval) {
        let programs: Vec<&[Sample]> = self.programs.iter().map(|(_, samples)| &**samples).collect();
        let comparison = Comparison::of_all(&programs, 0, 1, &Metric::Cpu);
        let interval = comparison.and_then(|it| it.interval).unwrap_or(Interval { low: f64::NAN, high: f64::NAN });
        (comparison.map_or(f64::NAN, |it| it.ratio), interval)
    }

    /// Whether the mean is above 1 by more than `tolerance` percent.
    pub fn verdict(&self, tolerance: f64) -> Verdict {
        let (bound, (_, interval)) = (1.0 + tolerance / 100.0, self.of_all());
        if interval.low > bound {
            Verdict::Slower
        } else if interval.high <= bound {
            Verdict::NotSlower
        } else {
            Verdict::Unknown
        }
    }

    /// A row of the table.
    pub fn row(&self, mode: &str, tolerance: f64) -> String {
        let of_programs = self.of_programs();
        let named = self.programs.iter().map(|(name, _)| name).zip(&of_programs);
        let slowest = named.max_by(|one, other| one.1.total_cmp(other.1));
        let slowest = slowest.map_or_else(String::new, |(name, ratio)| format!("{name} {ratio:.3}"));
        let verdict = match self.verdict(tolerance) {
            Verdict::Slower => format!("yes, by more than {tolerance} %"),
            Verdict::NotSlower => "no".to_owned(),
            Verdict::Unknown => "cannot be seen: more --rounds or --copies".to_owned(),
        };
        let (mean, interval) = self.of_all();
        format!(
            "| {mode} | {mean:.3} | {interval} | {:.3} | {slowest} | {verdict} |",
            median(&of_programs).unwrap_or(f64::NAN)
        )
    }

    /// A line for each program.
    pub fn by_program(&self) -> String {
        let mut text = String::new();
        for ((name, _), ratio) in self.programs.iter().zip(self.of_programs()) {
            let _ = writeln!(text, "    {name:<20} {ratio:.3}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three copies, each with a factor of its own, and five rounds with noise of 2 %.
    fn measured(speed: f64) -> Ratios {
        let mut ratios = Ratios::default();
        for (program, of_program) in [("a", 1.002), ("b", 0.997), ("c", 1.001)] {
            let rounds = [1.01, 0.99, 1.0, 1.02, 0.98];
            let mut samples = Vec::new();
            for (copy, of_copy) in [1.003, 0.999, 0.998].into_iter().enumerate() {
                for (round, of_round) in rounds.into_iter().enumerate() {
                    for (subject, times) in [1.0, speed * of_program * of_copy * of_round].into_iter().enumerate() {
                        samples.push(Sample {
                            subject,
                            copy,
                            round,
                            cpu_ns: (1e9 * times) as u64,
                            ..Sample::default()
                        });
                    }
                }
            }
            ratios.add(program, samples);
        }
        ratios
    }

    #[test]
    fn what_is_slower_is_found() {
        assert_eq!(measured(1.05).verdict(1.0), Verdict::Slower);
        assert_eq!(measured(0.95).verdict(1.0), Verdict::NotSlower);
        assert_eq!(measured(1.05).verdict(10.0), Verdict::NotSlower);
    }

    #[test]
    fn what_cannot_be_seen_is_not_denied() {
        assert_eq!(measured(1.01).verdict(1.0), Verdict::Unknown);
        assert_eq!(Ratios::default().verdict(1.0), Verdict::Unknown);
    }

    #[test]
    fn the_mean_is_that_of_medians() {
        let (mean, _) = measured(1.25).of_all();
        assert!((mean / 1.25 - 1.0).abs() < 1e-3, "{mean}");
        assert!(measured(1.25).row("interp", 1.0).contains("| a 1.252 | yes"));
    }
}
