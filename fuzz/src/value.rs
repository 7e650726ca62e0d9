//! Values in observations: a type and bits, without a store.
//!
//! The bits of a reference are 0 for null, a host value's number, or what [`FunctionIdentity`] says for a function. So
//! references of different stores, and of different engines, can be compared.

use std::fmt;

use riser::ValType;
use riser_translator::FuncIndex;

/// A WebAssembly value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value {
    /// The type.
    pub ty: ValType,
    /// Numbers are zero-extended, vectors have lane 0 lowest, and references are as described for this file.
    pub bits: u128,
}

/// The function that a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionIdentity {
    /// The function with this index in the module.
    Index(FuncIndex),
    /// A function that the module does not export, with this many parameters and results.
    Unknown(usize, usize),
}

impl FunctionIdentity {
    /// The bits of a reference to the function.
    pub fn bits(self) -> u128 {
        match self {
            FunctionIdentity::Index(index) => u128::from(index.as_u32()) + 1,
            FunctionIdentity::Unknown(params, results) => 1 << 63 | (params as u128) << 32 | results as u128,
        }
    }

    /// The index in the module that is encoded in a reference's bits.
    pub fn index(bits: u128) -> Option<FuncIndex> {
        u32::try_from(bits.checked_sub(1)?).ok().map(FuncIndex::new)
    }
}

impl Value {
    /// The value with any NaN replaced by the canonical one. A vector stays as it is, because its lanes are unknown.
    pub fn canonical(self) -> Value {
        let Value { ty, bits } = self;
        let bits = match ty {
            ValType::F32 => Float::F32.canonical(bits),
            ValType::F64 => Float::F64.canonical(bits),
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                bits
            }
        };
        Value { ty, bits }
    }
}

/// A floating-point type, of numbers and of lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

impl Float {
    /// The bits of one number or of several lanes, with any NaN replaced by the canonical one. A lane of zeros is no NaN, so
    /// there may be fewer bits than a vector's.
    pub fn canonical(self, bits: u128) -> u128 {
        let nan = match self {
            Float::F32 => 0x7fc0_0000,
            Float::F64 => 0x7ff8_0000_0000_0000,
        };
        self.lanes(bits).fold(0, |canonical, (at, lane)| canonical | (if self.is_nan(lane) { nan } else { lane }) << at)
    }

    /// Whether there is a NaN among one number or several lanes.
    pub fn has_nan(self, bits: u128) -> bool {
        self.lanes(bits).any(|(_, lane)| self.is_nan(lane))
    }

    /// The lanes, with the bit at which each begins.
    fn lanes(self, bits: u128) -> impl Iterator<Item = (u32, u128)> {
        let width = match self {
            Float::F32 => 32,
            Float::F64 => 64,
        };
        (0..128 / width).map(move |lane| (lane * width, bits >> (lane * width) & u128::MAX >> (128 - width)))
    }

    fn is_nan(self, lane: u128) -> bool {
        match self {
            Float::F32 => f32::from_bits(lane as u32).is_nan(),
            Float::F64 => f64::from_bits(lane as u64).is_nan(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            ValType::I32 => write!(f, "i32 {:#x}", self.bits),
            ValType::I64 => write!(f, "i64 {:#x}", self.bits),
            ValType::F32 => write!(f, "f32 {:?} ({:#x})", f32::from_bits(self.bits as u32), self.bits),
            ValType::F64 => write!(f, "f64 {:?} ({:#x})", f64::from_bits(self.bits as u64), self.bits),
            ValType::V128 => write!(f, "v128 {:#034x}", self.bits),
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef if self.bits == 0 => write!(f, "{} null", self.ty),
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => write!(f, "{} {:#x}", self.ty, self.bits),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Mixes a number into a digest (the finaliser of SplitMix64).
pub fn mix(digest: u64, number: u64) -> u64 {
    let mut z = (digest ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Mixes a value's bits into a digest.
pub fn mix_bits(digest: u64, bits: u128) -> u64 {
    let low = mix(digest, bits as u64);
    match (bits >> 64) as u64 {
        0 => low,
        high => mix(low, high),
    }
}

/// A value at which operations behave differently, determined by a digest: a number of [`interesting`], or a vector of such
/// numbers; a reference is null.
pub fn picked(ty: ValType, digest: u64) -> u128 {
    match ty {
        ValType::V128 => vector(SHAPES[digest as usize % SHAPES.len()], mix(digest, 1)),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => {
            let list = interesting(ty);
            list[digest as usize % list.len()].into()
        }
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => 0,
    }
}

/// The interpretation of a vector's lanes: the width in bits, and the type for which values are interesting.
pub type Shape = (u32, ValType);

/// Every shape.
pub const SHAPES: &[Shape] = &[
    (8, ValType::I32),
    (16, ValType::I32),
    (32, ValType::I32),
    (64, ValType::I64),
    (32, ValType::F32),
    (64, ValType::F64),
];

/// A vector with lanes of a shape, determined by a digest: interesting numbers, now and then one of their neighbours or any
/// bits; all lanes or most of them are the same.
pub fn vector((width, ty): Shape, digest: u64) -> u128 {
    let list = interesting(ty);
    let lane = |number: u64| {
        let near = list[(number >> 8) as usize % list.len()];
        match number % 16 {
            0..12 => near,
            12 => near.wrapping_add(1),
            13 => near.wrapping_sub(1),
            _ => mix(number, 2),
        }
    };
    let alike = digest.is_multiple_of(4);
    (0..128 / width).fold(0, |bits, at| {
        let number = mix(digest, u64::from(at) + 1);
        let same = alike && !number.is_multiple_of(8);
        let lane = u128::from(lane(if same { digest >> 2 } else { number })) & (u128::MAX >> (128 - width));
        bits | lane << (at * width)
    })
}

/// Numbers at which operations behave differently, as bits of `ty`; empty for types that are not numbers.
pub fn interesting(ty: ValType) -> &'static [u64] {
    const I32: &[u64] = &[
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        15,
        16,
        31,
        32,
        33,
        63,
        64,
        100,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0x8000,
        0xffff,
        0x1_0000,
        0xfffe,
        0xfffc,
        0xfff8,
        0x1_0001,
        0x1234_5678,
        0x7fff_fffe,
        0x7fff_ffff,
        0x8000_0000,
        0x8000_0001,
        0xdead_beef,
        0xffff_0000,
        0xffff_7fff,
        0xffff_8000,
        0xffff_ff7f,
        0xffff_ff80,
        0xffff_fffe,
        0xffff_ffff,
    ];
    const I64: &[u64] = &[
        0,
        1,
        2,
        3,
        7,
        8,
        31,
        32,
        33,
        63,
        64,
        65,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x1_0000,
        0xfff8,
        0x7fff_ffff,
        0x8000_0000,
        0x8000_0001,
        0xffff_ffff,
        0x1_0000_0000,
        0x1234_5678_9abc_def0,
        0x7fff_ffff_ffff_fffe,
        0x7fff_ffff_ffff_ffff,
        0x8000_0000_0000_0000,
        0x8000_0000_0000_0001,
        0xffff_ffff_0000_0000,
        0xffff_ffff_7fff_ffff,
        0xffff_ffff_8000_0000,
        0xffff_ffff_ffff_7fff,
        0xffff_ffff_ffff_8000,
        0xffff_ffff_ffff_ff80,
        0xffff_ffff_ffff_fffe,
        0xffff_ffff_ffff_ffff,
        0x43e0_0000_0000_0000,
        0x0020_0000_0000_0001,
    ];
    const F32: &[u64] = &[
        0,
        0x8000_0000,
        1,
        0x8000_0001,
        0x007f_ffff,
        0x0080_0000,
        0x3f80_0000,
        0xbf80_0000,
        0x3f00_0000,
        0xbf00_0000,
        0x3fc0_0000,
        0x4020_0000,
        0xc020_0000,
        0x4b00_0000,
        0x4b7f_ffff,
        0x4b80_0000,
        0x4eff_ffff,
        0x4f00_0000,
        0xcf00_0000,
        0xcf00_0001,
        0x4f7f_ffff,
        0x4f80_0000,
        0x5eff_ffff,
        0x5f00_0000,
        0xdf00_0000,
        0x5f7f_ffff,
        0x5f80_0000,
        0x7f7f_ffff,
        0xff7f_ffff,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0000,
        0xffc0_0000,
        0x7f80_0001,
        0xff80_0001,
        0x7fa0_0000,
        0x7fff_ffff,
        0x7fc1_2345,
        0x3eaa_aaab,
        0x3f7f_ffff,
        0xbf7f_ffff,
    ];
    const F64: &[u64] = &[
        0,
        0x8000_0000_0000_0000,
        1,
        0x8000_0000_0000_0001,
        0x000f_ffff_ffff_ffff,
        0x0010_0000_0000_0000,
        0x3ff0_0000_0000_0000,
        0xbff0_0000_0000_0000,
        0x3fe0_0000_0000_0000,
        0xbfe0_0000_0000_0000,
        0x3ff8_0000_0000_0000,
        0x4004_0000_0000_0000,
        0xc004_0000_0000_0000,
        0x4330_0000_0000_0000,
        0x4340_0000_0000_0000,
        0x41df_ffff_ffc0_0000,
        0x41df_ffff_ffff_ffff,
        0x41e0_0000_0000_0000,
        0xc1e0_0000_0000_0000,
        0xc1e0_0000_0010_0000,
        0xc1e0_0000_0020_0000,
        0x41ef_ffff_ffe0_0000,
        0x41f0_0000_0000_0000,
        0x43df_ffff_ffff_ffff,
        0x43e0_0000_0000_0000,
        0xc3e0_0000_0000_0000,
        0xc3e0_0000_0000_0001,
        0x43ef_ffff_ffff_ffff,
        0x43f0_0000_0000_0000,
        0x7fef_ffff_ffff_ffff,
        0xffef_ffff_ffff_ffff,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
        0x7ff8_0000_0000_0000,
        0xfff8_0000_0000_0000,
        0x7ff0_0000_0000_0001,
        0xfff0_0000_0000_0001,
        0x7ff4_0000_0000_0000,
        0x7fff_ffff_ffff_ffff,
        0x7ff8_1234_5678_9abc,
        0x36a0_0000_0000_0000,
        0x47ef_ffff_f000_0000,
        0x3fef_ffff_ffff_ffff,
        0xbfef_ffff_ffff_ffff,
    ];
    match ty {
        ValType::I32 => I32,
        ValType::I64 => I64,
        ValType::F32 => F32,
        ValType::F64 => F64,
        ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nans_of_lanes_become_canonical() {
        let lanes = 0x7ff0_0000_0000_0001_ff80_0000_ffc0_0001;
        assert_eq!(Float::F32.canonical(lanes), 0x7fc0_0000_0000_0001_ff80_0000_7fc0_0000);
        assert_eq!(Float::F64.canonical(lanes), 0x7ff8_0000_0000_0000_ff80_0000_ffc0_0001);
        let infinity = 0x7ff0_0000_0000_0000 << 64;
        assert_eq!(Float::F64.canonical(infinity), infinity);
        assert_eq!(Float::F32.canonical(infinity), 0x7fc0_0000 << 96);
    }

    #[test]
    fn vectors_have_interesting_lanes() {
        let vectors: Vec<u128> = (0..1000).map(|number| picked(ValType::V128, mix(number, 0))).collect();
        let count = |wanted: &dyn Fn(&u128) -> bool| vectors.iter().filter(|bits| wanted(bits)).count();
        let lanes = |bits: u128| (0..4).map(move |lane| (bits >> (32 * lane)) as u32);
        assert!(count(&|&bits| lanes(bits).any(|lane| f32::from_bits(lane).is_nan())) > 50);
        assert!(count(&|&bits| lanes(bits).any(|lane| lane == 0x8000_0000)) > 20);
        assert!(count(&|&bits| bits as u64 == (bits >> 64) as u64) > 20);
    }
}
