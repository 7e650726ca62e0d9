//! Values on which operations are likely to err: the ends of ranges, and what is
//! next to them.

use riser_translator::types::ValType;

use super::Choices;

/// Interesting slot bits of the type: small numbers, powers of two and their neighbours (the
/// limits of immediates are among them) of either sign; of floats all special values, too.
/// A reference is always null; of a vector this is one half.
pub fn value(ty: ValType, choices: &mut dyn Choices) -> u64 {
    match ty {
        ValType::I32 => integer(choices, 32) & u64::from(u32::MAX),
        ValType::I64 | ValType::V128 => integer(choices, 64),
        ValType::F32 => {
            let bits = match choices.below(8) {
                0 => 0.0f32.to_bits(),
                1..4 => (small(choices) as f32 * 0.5).to_bits(),
                4 => (integer_as_float(choices) as f32).to_bits(),
                5 => choices.pick(F32),
                6 => (near_limit(choices) as f32).to_bits(),
                _ => random(choices) as u32,
            };
            u64::from(bits)
        }
        ValType::F64 => match choices.below(8) {
            0 => 0.0f64.to_bits(),
            1..4 => (small(choices) as f64 * 0.5).to_bits(),
            4 => integer_as_float(choices).to_bits(),
            5 => choices.pick(F64),
            6 => near_limit(choices).to_bits(),
            _ => random(choices),
        },
        ValType::FuncRef | ValType::ExternRef => 0,
    }
}

/// NaNs (canonical, negative, with a payload, signalling), infinities, the least and greatest
/// numbers, denormals, zero and one of either sign.
const F32: &[u32] = &[
    0x8000_0000,
    0x3f80_0000,
    0xbf80_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc0_0000,
    0x7fc1_2345,
    0x7fa0_0000,
    0xff80_0001,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
];

/// The same of 64 bits.
const F64: &[u64] = &[
    0x8000_0000_0000_0000,
    0x3ff0_0000_0000_0000,
    0xbff0_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0xfff8_0000_0000_0000,
    0x7ff8_0000_1234_5678,
    0x7ff4_0000_0000_0000,
    0xfff0_0000_0000_0001,
    0x0000_0000_0000_0001,
    0x8000_0000_0000_0001,
    0x000f_ffff_ffff_ffff,
    0x0010_0000_0000_0000,
    0x7fef_ffff_ffff_ffff,
    0xffef_ffff_ffff_ffff,
];

/// A number around 0, mostly positive.
fn small(choices: &mut dyn Choices) -> i64 {
    let magnitude = i64::from(choices.below(17));
    if choices.one_in(4) { -magnitude } else { magnitude }
}

fn random(choices: &mut dyn Choices) -> u64 {
    (0..4).fold(0, |bits, _| bits << 16 | u64::from(choices.below(1 << 16)))
}

fn integer(choices: &mut dyn Choices, width: u32) -> u64 {
    // The exponents at which immediates of some form, or the type, end.
    let limits = [7, 8, 15, 16, 31, 32, 63];
    let power = |exponent: u32| 1u64.wrapping_shl(exponent);
    let bits = match choices.below(8) {
        0..3 => return small(choices) as u64,
        3 => power(choices.below(width)),
        4..7 => power(choices.pick(&limits)).wrapping_add_signed(i64::from(choices.below(5)) - 2),
        _ => return random(choices),
    };
    if choices.one_in(2) { bits.wrapping_neg() } else { bits }
}

/// An integral number of any size.
fn integer_as_float(choices: &mut dyn Choices) -> f64 {
    integer(choices, 64) as i64 as f64
}

/// A number at the edge of what converts to an integer type.
fn near_limit(choices: &mut dyn Choices) -> f64 {
    let limit = choices.pick(&[2147483648.0, 4294967296.0, 9223372036854775808.0, 18446744073709551616.0, 1.0]);
    let away = choices.pick(&[0.0, -1.0, -0.5, 1.0, -1025.0]);
    let sign = choices.pick(&[1.0, -1.0]);
    sign * (limit + away)
}
