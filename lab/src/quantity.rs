//! Sizes and durations, as people write them on command lines.

use std::time::Duration;

/// Parses a number of bytes: `4096`, `64KiB`, `64MiB`, `2GiB`, `1TiB`; also `64k`, `64M`, `2G`, `1T`, which mean the same.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return Err(format!("unknown unit `{unit}`; expected KiB, MiB, GiB or TiB, or none for bytes")),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{number}` is not a whole number"));
    }
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "it is too large: 2^64 bytes or more".to_owned())
}

/// Parses a duration: `5s`, `1.5s`, `100ms`, `250us`, `2m`, `8h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "" => return Err("a duration needs a unit: us, ms, s, m or h".to_owned()),
        _ => return Err(format!("unknown unit `{unit}`; expected us, ms, s, m or h")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{number}` is not a number"))?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

/// The number and the unit after it.
fn split(text: &str) -> Result<(&str, &str), String> {
    if text.starts_with('-') {
        return Err("it is negative".to_owned());
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    Ok((&text[..end], text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_two() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        assert_eq!(size("64 MiB"), Ok(64 << 20));
        assert_eq!(size("2G"), Ok(2 << 30));
        assert_eq!(size("1TiB"), Ok(1 << 40));
        for wrong in ["", "MiB", "1.5MiB", "1XB", "-1", "99999999999GiB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        assert!(size("-1MiB").is_err_and(|why| why.contains("negative")));
        for large in ["16777216TiB", "99999999999999999999"] {
            assert!(size(large).is_err_and(|why| why.contains("too large")), "{large}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("8h"), Ok(Duration::from_secs(8 * 3600)));
        for wrong in ["", "5", "s", "5d", "-5s", "1..2s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(duration("-5s").is_err_and(|why| why.contains("negative")));
    }
}
