//! Values on the command line: a function's arguments as words, its results as lines.

use anyhow::{Context, Result, bail, ensure};

use crate::{FuncType, Val, ValType};

use super::out;

/// The arguments of a function of type `ty`, read from `words`.
pub fn arguments(ty: &FuncType, words: &[String]) -> Result<Vec<Val>> {
    let types = ty.params();
    if types.len() != words.len() {
        let takes = out::counted(types.len(), "argument");
        let types = types.iter().map(ValType::to_string).collect::<Vec<_>>().join(", ");
        let list = if types.is_empty() { types } else { format!(" ({types})") };
        bail!("the function takes {takes}{list}, and {} given", are(words.len()));
    }
    let parse = |(&ty, word): (&ValType, &String)| {
        argument(ty, word).with_context(|| format!("`{word}` is no argument of type {ty}"))
    };
    types.iter().zip(words).map(parse).collect()
}

/// A number, with the verb for so many.
fn are(number: usize) -> String {
    format!("{number} {}", if number == 1 { "is" } else { "are" })
}

fn argument(ty: ValType, word: &str) -> Result<Val> {
    Ok(match ty {
        ValType::I32 => match integer(word)? {
            value @ -0x8000_0000..=0xffff_ffff => Val::I32(value as i32),
            _ => bail!("it is out of range: -2147483648 to 4294967295"),
        },
        ValType::I64 => match integer(word)? {
            value @ -0x8000_0000_0000_0000..=0xffff_ffff_ffff_ffff => Val::I64(value as i64),
            _ => bail!("it is out of range: -9223372036854775808 to 18446744073709551615"),
        },
        ValType::F32 => Val::F32(word.parse::<f32>()?.to_bits()),
        ValType::F64 => Val::F64(word.parse::<f64>()?.to_bits()),
        ValType::V128 => Val::from(word.parse::<u128>()?),
        ValType::FuncRef => null(word).map(|()| Val::FuncRef(None))?,
        ValType::ExternRef => null(word).map(|()| Val::ExternRef(None))?,
        ValType::ExnRef => null(word).map(|()| Val::ExnRef(None))?,
    })
}

/// The one reference that has a word.
fn null(word: &str) -> Result<()> {
    ensure!(word == "null", "the one reference that can be given on the command line is `null`");
    Ok(())
}

/// A decimal or, after `0x`, hexadecimal integer, signed or unsigned.
fn integer(word: &str) -> Result<i128> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let magnitude = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16)?,
        None => digits.parse()?,
    };
    Ok(if negative { -i128::from(magnitude) } else { i128::from(magnitude) })
}

/// Prints the results of a function, one on each line.
///
/// # Errors
///
/// Those of [`out::print`].
pub fn print(results: &[Val]) -> Result<()> {
    out::print(|out| Ok(results.iter().try_for_each(|value| writeln!(out, "{}", result(value)))?))
}

/// A result in its printed form.
fn result(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => value.as_u128().to_string(),
        Val::FuncRef(None) => "<null funcref>".to_owned(),
        Val::FuncRef(Some(_)) => "<funcref>".to_owned(),
        Val::ExternRef(None) => "<null externref>".to_owned(),
        Val::ExternRef(Some(_)) => "<externref>".to_owned(),
        Val::ExnRef(None) => "<null exnref>".to_owned(),
        Val::ExnRef(Some(_)) => "<exnref>".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_signed_or_unsigned() {
        assert_eq!(integer("-1").ok(), Some(-1));
        assert_eq!(integer("0xff").ok(), Some(255));
        assert_eq!(integer("18446744073709551615").ok(), Some(i128::from(u64::MAX)));
        assert!(matches!(argument(ValType::I32, "4294967295"), Ok(Val::I32(-1))));
        assert!(matches!(argument(ValType::I64, "-9223372036854775808"), Ok(Val::I64(i64::MIN))));
    }

    #[test]
    fn vectors_are_numbers_of_128_bits() {
        let all_ones = argument(ValType::V128, "340282366920938463463374607431768211455");
        assert!(matches!(all_ones, Ok(Val::V128(bits)) if bits.as_u128() == u128::MAX));
        assert!(argument(ValType::V128, "-1").is_err());
        assert_eq!(result(&Val::from(1_u128 << 64)), "18446744073709551616");
    }

    #[test]
    fn words_that_do_not_fit_are_errors() {
        for word in ["", "one", "4294967296", "-2147483649", "1.5"] {
            assert!(argument(ValType::I32, word).is_err(), "{word}");
        }
        for word in ["0", "", "NULL", "null "] {
            assert!(argument(ValType::FuncRef, word).is_err(), "{word}");
        }
    }
}
