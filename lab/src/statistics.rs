//! Statistics of samples: medians, means of ratios, and how far these can be trusted.

use std::fmt;

/// The median; `None` if there are no values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        len if len % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// The geometric mean; `None` if there are no values.
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    let logarithms = values.iter().map(|value| value.ln()).sum::<f64>();
    (!values.is_empty()).then(|| (logarithms / values.len() as f64).exp())
}

/// A confidence interval of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of the inverse.
    pub fn inverse(self) -> Interval {
        Interval { low: 1.0 / self.high, high: 1.0 / self.low }
    }
}

impl fmt::Display for Interval {
    /// Shows the two ends, with the requested number of digits, or three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(f, "{:.digits$} to {:.digits$}", self.low, self.high)
    }
}

/// The number of draws of [`bootstrap`].
const DRAWS: usize = 1000;

/// The interval of a statistic, by a percentile bootstrap: computes `statistic` many times, from samples drawn anew, with
/// replacement, from the existing ones ([`Random::draw`]). Everything that varies from one measurement to the next has to
/// be drawn: the runs of a program, the copies of an executable, and the programs, if the statement is about programs like
/// these.
///
/// The same samples always give the same interval. `None` if the statistic is `None` for some draw.
pub fn bootstrap(mut statistic: impl FnMut(&mut Random) -> Option<f64>) -> Option<Interval> {
    let mut random = Random(SEED);
    let mut values = (0..DRAWS).map(|_| statistic(&mut random)).collect::<Option<Vec<f64>>>()?;
    values.sort_by(f64::total_cmp);
    let outside = DRAWS / 40;
    Some(Interval { low: values[outside], high: values[DRAWS - 1 - outside] })
}

/// The interval of the mean of independent values, by Student's distribution. `None` for fewer than two values.
///
/// It holds the true mean in 95 of 100 cases whatever the spread of the values, if they are distributed about normally, also if there are
/// only a few of them. A bootstrap of three or five values is much too narrow.
pub fn mean_interval(values: &[f64]) -> Option<Interval> {
    let count = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let half = student(values.len() - 1) * (variance / count).sqrt();
    Some(Interval { low: mean - half, high: mean + half })
}

/// As [`mean_interval`], of the geometric mean.
pub fn geometric_interval(values: &[f64]) -> Option<Interval> {
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    mean_interval(&logarithms).map(|it| Interval { low: it.low.exp(), high: it.high.exp() })
}

/// The quantile of 97.5 % of Student's distribution.
fn student(degrees: usize) -> f64 {
    const QUANTILES: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];
    // Beyond the table, the first terms of its expansion in 1 / degrees are exact to four digits.
    let more = degrees as f64;
    QUANTILES.get(degrees - 1).copied().unwrap_or(1.959_96 + 2.3723 / more + 2.8225 / (more * more))
}

const SEED: u64 = 0x5eed_0000_0000_0001;

/// Pseudo-random numbers, the same each time: SplitMix64.
pub struct Random(u64);

impl Random {
    /// Numbers that depend on `seed` only.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to 1, evenly distributed.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number of the normal distribution with mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.fraction()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.fraction()).cos()
    }

    /// Draws as many values as there are, with replacement.
    pub fn draw<T: Clone>(&mut self, values: &[T]) -> Vec<T> {
        values.iter().map(|_| values[(self.next() % values.len() as u64) as usize].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_means() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(geometric_mean(&[]), None);
        let mean = geometric_mean(&[2.0, 8.0]).expect("of two");
        assert!((mean - 4.0).abs() < 1e-12);
    }

    /// The interval of the mean of numbers from 0 to 1 has to be close to the textbook's, and the same each time.
    #[test]
    fn an_interval_is_as_wide_as_it_should_be() {
        let mut random = Random(1);
        let values: Vec<f64> = (0..400).map(|_| random.next() as f64 / u64::MAX as f64).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let interval = || bootstrap(|random| Some(mean(&random.draw(&values)))).expect("of many");
        let Interval { low, high } = interval();
        assert!(low < mean(&values) && mean(&values) < high);
        // 2 * 1.96 standard errors of sqrt(1/12) / sqrt(400).
        assert!(((high - low) / 0.0566 - 1.0).abs() < 0.15, "{low} to {high}");
        assert_eq!(interval(), interval());
    }

    #[test]
    fn the_interval_of_a_mean_is_the_textbooks() {
        assert_eq!(mean_interval(&[1.0]), None);
        // Mean 3, deviation sqrt(2.5), five values: 3 +- 2.776 * sqrt(0.5).
        let Interval { low, high } = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("of five");
        assert!((low - 1.037).abs() < 1e-3 && (high - 4.963).abs() < 1e-3, "{low} to {high}");
        assert!((student(31) - 2.0395).abs() < 1e-4 && (student(1000) - 1.9623).abs() < 1e-4);
    }

    #[test]
    fn one_sample_says_nothing_of_the_next() {
        let interval = bootstrap(|random| median(&random.draw(&[7.0]))).expect("of one");
        assert_eq!(interval, Interval { low: 7.0, high: 7.0 });
        assert_eq!(bootstrap(|random| median(&random.draw(&[]))), None);
    }
}
