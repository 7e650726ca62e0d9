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

const SEED: u64 = 0x5eed_0000_0000_0001;

/// Pseudo-random numbers, the same each time: SplitMix64.
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
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
    fn one_sample_says_nothing_of_the_next() {
        let interval = bootstrap(|random| median(&random.draw(&[7.0]))).expect("of one");
        assert_eq!(interval, Interval { low: 7.0, high: 7.0 });
        assert_eq!(bootstrap(|random| median(&random.draw(&[]))), None);
    }
}
