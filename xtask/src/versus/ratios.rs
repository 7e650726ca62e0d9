//! Ratios of times, new to old, and their statistics.

use std::fmt::Write as _;

use riser_lab::statistics::{Interval, bootstrap, geometric_mean, median};

/// The ratios in one mode, of every program, copy and round.
#[derive(Default)]
pub struct Ratios {
    programs: Vec<(String, Vec<Vec<f64>>)>,
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

    /// Adds a program: for every copy, the ratio of every round.
    pub fn add(&mut self, program: &str, of_copies: Vec<Vec<f64>>) {
        self.programs.push((program.to_owned(), of_copies));
    }

    /// One ratio for each program: the median over rounds, the mean over copies.
    fn of_programs(&self) -> Vec<f64> {
        let of_copies = |copies: &Vec<Vec<f64>>| copies.iter().filter_map(|rounds| median(rounds)).collect::<Vec<_>>();
        self.programs.iter().filter_map(|(_, copies)| geometric_mean(&of_copies(copies))).collect()
    }

    /// The mean over programs; NaN if there are none.
    fn mean(&self) -> f64 {
        geometric_mean(&self.of_programs()).unwrap_or(f64::NAN)
    }

    /// The interval of the mean, for other copies and other rounds. All programs of a draw use the same copies, because
    /// a copy's peculiarities affect every program.
    fn interval(&self) -> Interval {
        let copies: Vec<usize> = (0..self.programs.first().map_or(0, |(_, copies)| copies.len())).collect();
        let interval = bootstrap(|random| {
            let copies = random.draw(&copies);
            let all = self.programs.iter().flat_map(|(_, of_copies)| copies.iter().map(move |&copy| &of_copies[copy]));
            let medians = all.map(|rounds| median(&random.draw(rounds))).collect::<Option<Vec<_>>>()?;
            geometric_mean(&medians)
        });
        interval.unwrap_or(Interval { low: f64::NAN, high: f64::NAN })
    }

    /// Whether the mean is above 1 by more than `tolerance` percent.
    pub fn verdict(&self, tolerance: f64) -> Verdict {
        let (bound, interval) = (1.0 + tolerance / 100.0, self.interval());
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
        format!(
            "| {mode} | {:.3} | {} | {:.3} | {slowest} | {verdict} |",
            self.mean(),
            self.interval(),
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
            let copies = [1.003, 0.999, 0.998];
            let of_copy = |copy: f64| rounds.iter().map(|round| speed * of_program * copy * round).collect();
            ratios.add(program, copies.into_iter().map(of_copy).collect());
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
        let mean = measured(1.25).mean();
        assert!((mean / 1.25 - 1.0).abs() < 1e-3, "{mean}");
        assert!(measured(1.25).row("interp", 1.0).contains("| a 1.252 | yes"));
    }
}
