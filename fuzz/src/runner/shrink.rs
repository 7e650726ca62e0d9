//! Shrinks an input that fails.
//!
//! A module of Riser's own generator is edited as a program. Any other input loses as many bytes as possible, and the
//! remaining bytes become zero where possible: generators make little of either.

use std::time::{Duration, Instant};

use riser_properties::generate;

use crate::source;
use crate::targets::{Input, Target, differential};

use super::job::{Failure, quietly};

/// How long shrinking may take.
const TIME: Duration = Duration::from_secs(60);

/// The smallest failing input that was found, with its finding.
pub fn shrink(target: &Target, failure: &Failure) -> Failure {
    let end = Instant::now() + TIME;
    let fails = |input: &[u8]| {
        if Instant::now() > end {
            return None;
        }
        let result = if target.name == "differential" && input.starts_with(source::MAGIC) {
            differential::exhaustive(input)
        } else {
            quietly(target, input)
        };
        let finding = result.err()?;
        Some(Failure {
            number: failure.number,
            input: input.to_vec(),
            message: finding.message,
            module: finding.module,
        })
    };
    if target.input == Input::Module
        && let Some(module) = source::own(&failure.input)
        && let Some(whole) = fails(&module.to_wasm())
    {
        let smallest = generate::minimise(module, &mut |module| fails(&module.to_wasm()).is_some());
        return fails(&smallest.to_wasm()).unwrap_or(whole);
    }
    fewer_bytes(failure.clone(), &fails)
}

fn fewer_bytes(mut best: Failure, fails: &dyn Fn(&[u8]) -> Option<Failure>) -> Failure {
    let mut chunk = best.input.len() / 2;
    while chunk > 0 {
        let mut start = 0;
        while start < best.input.len() {
            let end = (start + chunk).min(best.input.len());
            let mut without = best.input.clone();
            without.drain(start..end);
            let mut zeroed = best.input.clone();
            zeroed[start..end].fill(0);
            if let Some(smaller) = fails(&without) {
                best = smaller;
            } else {
                if zeroed != best.input
                    && let Some(plainer) = fails(&zeroed)
                {
                    best = plainer;
                }
                start = end;
            }
        }
        chunk /= 2;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{Finding, Verdict};

    #[test]
    fn what_does_not_matter_goes() {
        fn needs_a_seven(data: &[u8]) -> Result<Verdict, Finding> {
            if data.contains(&7) { Err(Finding::new("a seven")) } else { Ok(Verdict::ONE) }
        }
        let target = Target { name: "seven", input: Input::Bytes, run: needs_a_seven };
        let mut input = vec![1; 100];
        input[60] = 7;
        let failure = Failure { number: 0, input, message: String::new(), module: None };
        let smallest = shrink(&target, &failure);
        assert_eq!((smallest.input, smallest.message), (vec![7], "a seven".to_owned()));
    }
}
