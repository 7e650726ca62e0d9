//! Values on which operations are likely to fail: the ends of ranges and their neighbours.

use riser_translator::types::ValType;

use super::Choices;

/// Returns interesting slot bits of the type: small numbers, and powers of two and their neighbours (which include the
/// limits of immediates), of either sign; for floats also all special values. A reference is always null; for a vector
/// the bits are one half ([`vector`] is the whole).
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
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => 0,
    }
}

/// Returns interesting slot bits of values of these types: the arguments of a function. A vector takes two slots.
pub fn slots(types: &[ValType], choices: &mut dyn Choices) -> Vec<u64> {
    let mut slots = Vec::new();
    for &ty in types {
        if ty == ValType::V128 {
            let bits = vector(choices);
            slots.extend([bits as u64, (bits >> 64) as u64]);
        } else {
            slots.push(value(ty, choices));
        }
    }
    slots
}

/// Returns interesting bits of a vector: all zeros, all ones, random bits, or lanes of any shape with interesting
/// values. The lanes hold the same value, except that some may hold a second one.
pub fn vector(choices: &mut dyn Choices) -> u128 {
    // Lanes have 8, 16, 32 or 64 bits.
    let (width, ty) = match choices.below(10) {
        0 => return 0,
        1 => return u128::MAX,
        2 => return u128::from(random(choices)) << 64 | u128::from(random(choices)),
        3 => (8, ValType::I32),
        4 => (16, ValType::I32),
        5 | 6 => (32, ValType::I32),
        7 => (64, ValType::I64),
        8 => (32, ValType::F32),
        _ => (64, ValType::F64),
    };
    let mut lane = || -> u128 {
        let bits = if width < 32 { narrow(choices, width) } else { value(ty, choices) };
        u128::from(bits & (u64::MAX >> (64 - width)))
    };
    let (most, other) = (lane(), lane());
    let count = 128 / width;
    let others = match choices.below(4) {
        0 => 0,
        1 => 1 << choices.below(count),
        _ => choices.below(1 << count),
    };
    (0..count).fold(0, |bits, at| bits | (if others >> at & 1 == 0 { most } else { other }) << (at * width))
}

/// Returns an integer of 8 or 16 bits.
fn narrow(choices: &mut dyn Choices, width: u32) -> u64 {
    let sign = 1u64 << (width - 1);
    match choices.below(4) {
        0 => small(choices) as u64,
        1 => choices.pick(&[0, 1, sign - 1, sign, sign + 1, u64::MAX]),
        2 => 1 << choices.below(width),
        _ => u64::from(choices.below(1 << width)),
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

/// The same values in 64 bits.
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

/// Returns a number around 0, mostly positive.
fn small(choices: &mut dyn Choices) -> i64 {
    let magnitude = i64::from(choices.below(17));
    if choices.one_in(4) { -magnitude } else { magnitude }
}

fn random(choices: &mut dyn Choices) -> u64 {
    (0..4).fold(0, |bits, _| bits << 16 | u64::from(choices.below(1 << 16)))
}

fn integer(choices: &mut dyn Choices, width: u32) -> u64 {
    // The exponents of the limits of the type and of immediates of some form.
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

/// Returns an integral number of any size.
fn integer_as_float(choices: &mut dyn Choices) -> f64 {
    integer(choices, 64) as i64 as f64
}

/// Returns a number close to the limits of conversions to an integer type.
fn near_limit(choices: &mut dyn Choices) -> f64 {
    let limit = choices.pick(&[2147483648.0, 4294967296.0, 9223372036854775808.0, 18446744073709551616.0, 1.0]);
    let away = choices.pick(&[0.0, -1.0, -0.5, 1.0, -1025.0]);
    let sign = choices.pick(&[1.0, -1.0]);
    sign * (limit + away)
}
