//! Parses CoreMark's output: it measures and checks itself.

/// The nanoseconds that an iteration takes, from CoreMark's output: it prints iterations per second of its own
/// clock, which runs `clock_speed` times as fast as real time. `None` if it is not CoreMark's output, or if CoreMark
/// found an error.
///
/// A run of less than ten seconds is an error for CoreMark. If it is the only one, it is none here.
pub fn iteration_ns(output: &[u8], clock_speed: u32) -> Option<u64> {
    let text = std::str::from_utf8(output).ok()?;
    let line = text.lines().find(|line| line.starts_with("Iterations/Sec"))?;
    let per_second: f64 = line.split(':').nth(1)?.trim().parse().ok()?;
    let too_short = text.contains("Must execute for at least 10 secs") && text.matches("ERROR!").count() == 1;
    (text.contains("Correct operation validated") || too_short)
        .then_some((1e9 / (per_second * f64::from(clock_speed))) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iteration_is_a_fraction_of_a_second() {
        let valid = b"Iterations/Sec   : 2000.0\nCorrect operation validated.\n";
        assert_eq!(iteration_ns(valid, 1), Some(500_000));
        assert_eq!(iteration_ns(valid, 5), Some(100_000));
    }

    #[test]
    fn too_short_a_run_is_the_only_error_that_passes() {
        let short = b"Iterations/Sec   : 2000.0\nERROR! Must execute for at least 10 secs for a valid result!\n";
        assert_eq!(iteration_ns(short, 1), Some(500_000));
        let wrong = [short.as_slice(), b"[0]ERROR! list crc 0x0000\n"].concat();
        assert_eq!(iteration_ns(&wrong, 1), None);
        assert_eq!(iteration_ns(b"sieve 10: 4 primes, sum 17\n", 1), None);
    }
}
