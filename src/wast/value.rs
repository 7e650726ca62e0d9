//! Arguments and expected results.

use std::fmt;

use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};

/// An argument of a call.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    I32(i32),
    I64(i64),
    /// As bits.
    F32(u32),
    /// As bits.
    F64(u64),
    V128(u128),
    RefNull(RefKind),
    /// A host value, by number.
    RefExtern(u32),
    /// A value of a kind that Riser does not have.
    Unsupported(&'static str),
}

/// The hierarchy that a reference belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefKind {
    Func,
    Extern,
    Exn,
    Other,
}

/// An expected result.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    I32(i32),
    I64(i64),
    F32(Float<u32>),
    F64(Float<u64>),
    V128(Vector),
    /// Null, of this hierarchy if one is given.
    RefNull(Option<RefKind>),
    /// A host value, namely this one if one is given.
    RefExtern(Option<u32>),
    /// Any function.
    RefFunc,
    Either(Vec<Expected>),
    /// A value of a kind that Riser does not have.
    Unsupported(&'static str),
}

/// An expected vector.
#[derive(Clone, Copy, Debug)]
pub(super) enum Vector {
    Bits(u128),
    F32([Float<u32>; 4]),
    F64([Float<u64>; 2]),
}

/// An expected float.
#[derive(Clone, Copy, Debug)]
pub(super) enum Float<T> {
    /// These bits.
    Bits(T),
    /// A NaN of either sign whose payload is the quiet bit alone.
    CanonicalNan,
    /// A NaN of either sign whose payload has the quiet bit.
    ArithmeticNan,
}

/// An actual result, reduced to what expectations check.
#[derive(Clone, Copy, Debug)]
pub(super) enum Actual {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    NullFunc,
    Func,
    NullExtern,
    /// A host value of the script, by number.
    Extern(u32),
    NullExn,
    /// A value that no script expects.
    Other,
}

impl Expected {
    pub fn matches(&self, actual: Actual) -> bool {
        match (self, actual) {
            (Expected::I32(expected), Actual::I32(actual)) => *expected == actual,
            (Expected::I64(expected), Actual::I64(actual)) => *expected == actual,
            (Expected::F32(expected), Actual::F32(actual)) => expected.matches(actual),
            (Expected::F64(expected), Actual::F64(actual)) => expected.matches(actual),
            (Expected::V128(expected), Actual::V128(actual)) => expected.matches(actual),
            (Expected::RefNull(kind), Actual::NullFunc) => kind.is_none_or(|kind| kind == RefKind::Func),
            (Expected::RefNull(kind), Actual::NullExtern) => kind.is_none_or(|kind| kind == RefKind::Extern),
            (Expected::RefNull(kind), Actual::NullExn) => kind.is_none_or(|kind| kind == RefKind::Exn),
            (Expected::RefFunc, Actual::Func) => true,
            (Expected::RefExtern(expected), Actual::Extern(actual)) => {
                expected.is_none_or(|expected| expected == actual)
            }
            (Expected::Either(options), _) => options.iter().any(|option| option.matches(actual)),
            _ => false,
        }
    }
}

impl Float<u32> {
    fn matches(&self, actual: u32) -> bool {
        match self {
            Float::Bits(bits) => *bits == actual,
            Float::CanonicalNan => actual & 0x7fff_ffff == 0x7fc0_0000,
            Float::ArithmeticNan => actual & 0x7fc0_0000 == 0x7fc0_0000,
        }
    }
}

impl Float<u64> {
    fn matches(&self, actual: u64) -> bool {
        match self {
            Float::Bits(bits) => *bits == actual,
            Float::CanonicalNan => actual & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
            Float::ArithmeticNan => actual & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        }
    }
}

impl Vector {
    fn matches(&self, actual: u128) -> bool {
        match self {
            Vector::Bits(bits) => *bits == actual,
            Vector::F32(lanes) => lanes.iter().zip(0..).all(|(lane, at)| lane.matches((actual >> (32 * at)) as u32)),
            Vector::F64(lanes) => lanes.iter().zip(0..).all(|(lane, at)| lane.matches((actual >> (64 * at)) as u64)),
        }
    }
}

impl<T: fmt::LowerHex> fmt::Display for Float<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Float::Bits(bits) => write!(f, "{bits:#x}"),
            Float::CanonicalNan => f.write_str("nan:canonical"),
            Float::ArithmeticNan => f.write_str("nan:arithmetic"),
        }
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Vector::Bits(bits) => write!(f, "v128 {bits:#034x}"),
            Vector::F32(lanes) => {
                f.write_str("f32x4")?;
                lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
            }
            Vector::F64(lanes) => {
                f.write_str("f64x2")?;
                lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::I32(value) => write!(f, "i32 {value} ({value:#x})"),
            Expected::I64(value) => write!(f, "i64 {value} ({value:#x})"),
            Expected::F32(Float::Bits(bits)) => write!(f, "f32 {} ({bits:#x})", f32::from_bits(*bits)),
            Expected::F64(Float::Bits(bits)) => write!(f, "f64 {} ({bits:#x})", f64::from_bits(*bits)),
            Expected::F32(nan) => nan.fmt(f),
            Expected::F64(nan) => nan.fmt(f),
            Expected::V128(vector) => vector.fmt(f),
            Expected::RefNull(None) => f.write_str("ref.null"),
            Expected::RefNull(Some(kind)) => write!(f, "ref.null {kind:?}"),
            Expected::RefExtern(None) => f.write_str("ref.extern"),
            Expected::RefExtern(Some(number)) => write!(f, "ref.extern {number}"),
            Expected::RefFunc => f.write_str("ref.func"),
            Expected::Either(options) => {
                f.write_str("either")?;
                options.iter().try_for_each(|option| write!(f, " ({option})"))
            }
            Expected::Unsupported(what) => write!(f, "a {what}"),
        }
    }
}

impl fmt::Display for Actual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actual::I32(value) => write!(f, "i32 {value} ({value:#x})"),
            Actual::I64(value) => write!(f, "i64 {value} ({value:#x})"),
            Actual::F32(bits) => write!(f, "f32 {} ({bits:#x})", f32::from_bits(*bits)),
            Actual::F64(bits) => write!(f, "f64 {} ({bits:#x})", f64::from_bits(*bits)),
            Actual::V128(bits) => write!(f, "v128 {bits:#034x}"),
            Actual::NullFunc => f.write_str("ref.null func"),
            Actual::Func => f.write_str("ref.func"),
            Actual::NullExtern => f.write_str("ref.null extern"),
            Actual::NullExn => f.write_str("ref.null exn"),
            Actual::Extern(number) => write!(f, "ref.extern {number}"),
            Actual::Other => f.write_str("a value of another kind"),
        }
    }
}

impl From<HeapType<'_>> for RefKind {
    fn from(ty: HeapType<'_>) -> RefKind {
        match ty {
            HeapType::Abstract { ty: AbstractHeapType::Func | AbstractHeapType::NoFunc, .. } => RefKind::Func,
            HeapType::Abstract { ty: AbstractHeapType::Extern | AbstractHeapType::NoExtern, .. } => RefKind::Extern,
            HeapType::Abstract { ty: AbstractHeapType::Exn | AbstractHeapType::NoExn, .. } => RefKind::Exn,
            _ => RefKind::Other,
        }
    }
}

impl From<WastArgCore<'_>> for Argument {
    fn from(argument: WastArgCore<'_>) -> Argument {
        match argument {
            WastArgCore::I32(value) => Argument::I32(value),
            WastArgCore::I64(value) => Argument::I64(value),
            WastArgCore::F32(value) => Argument::F32(value.bits),
            WastArgCore::F64(value) => Argument::F64(value.bits),
            WastArgCore::RefNull(ty) => Argument::RefNull(ty.into()),
            WastArgCore::RefExtern(number) => Argument::RefExtern(number),
            WastArgCore::V128(value) => Argument::V128(u128::from_le_bytes(value.to_le_bytes())),
            WastArgCore::RefHost(_) => Argument::Unsupported("host reference of type any"),
        }
    }
}

impl From<WastRetCore<'_>> for Expected {
    fn from(result: WastRetCore<'_>) -> Expected {
        match result {
            WastRetCore::I32(value) => Expected::I32(value),
            WastRetCore::I64(value) => Expected::I64(value),
            WastRetCore::F32(pattern) => Expected::F32(float(pattern, |value| value.bits)),
            WastRetCore::F64(pattern) => Expected::F64(float(pattern, |value| value.bits)),
            WastRetCore::RefNull(ty) => Expected::RefNull(ty.map(RefKind::from)),
            WastRetCore::RefExtern(number) => Expected::RefExtern(number),
            WastRetCore::RefFunc(_) => Expected::RefFunc,
            WastRetCore::Either(options) => Expected::Either(options.into_iter().map(Expected::from).collect()),
            WastRetCore::V128(pattern) => Expected::V128(pattern.into()),
            _ => Expected::Unsupported("reference of the garbage collection proposal"),
        }
    }
}

impl From<V128Pattern> for Vector {
    fn from(pattern: V128Pattern) -> Vector {
        /// The bits of lanes of `bits` bits, the lowest first.
        fn bits(lanes: impl DoubleEndedIterator<Item = u128>, bits: u32) -> Vector {
            Vector::Bits(lanes.rev().fold(0, |all, lane| all << bits | lane))
        }
        match pattern {
            V128Pattern::I8x16(lanes) => bits(lanes.into_iter().map(|lane| u128::from(lane as u8)), 8),
            V128Pattern::I16x8(lanes) => bits(lanes.into_iter().map(|lane| u128::from(lane as u16)), 16),
            V128Pattern::I32x4(lanes) => bits(lanes.into_iter().map(|lane| u128::from(lane as u32)), 32),
            V128Pattern::I64x2(lanes) => bits(lanes.into_iter().map(|lane| u128::from(lane as u64)), 64),
            V128Pattern::F32x4(lanes) => Vector::F32(lanes.map(|lane| float(lane, |value| value.bits))),
            V128Pattern::F64x2(lanes) => Vector::F64(lanes.map(|lane| float(lane, |value| value.bits))),
        }
    }
}

fn float<F, T>(pattern: NanPattern<F>, bits: impl Fn(F) -> T) -> Float<T> {
    match pattern {
        NanPattern::Value(value) => Float::Bits(bits(value)),
        NanPattern::CanonicalNan => Float::CanonicalNan,
        NanPattern::ArithmeticNan => Float::ArithmeticNan,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_patterns_look_at_the_payload_and_not_at_the_sign() {
        let canonical = Expected::F32(Float::CanonicalNan);
        let arithmetic = Expected::F32(Float::ArithmeticNan);
        for (bits, is_canonical, is_arithmetic) in [
            (0x7fc0_0000, true, true),
            (0xffc0_0000, true, true),
            (0x7fc0_0001, false, true),
            (0xffe0_0000, false, true),
            (0x7fa0_0000, false, false),
            (0x7f80_0000, false, false),
        ] {
            assert_eq!(canonical.matches(Actual::F32(bits)), is_canonical, "{bits:#x}");
            assert_eq!(arithmetic.matches(Actual::F32(bits)), is_arithmetic, "{bits:#x}");
        }
    }

    #[test]
    fn values_of_different_types_never_match() {
        assert!(!Expected::I32(0).matches(Actual::I64(0)));
        assert!(!Expected::RefNull(Some(RefKind::Func)).matches(Actual::NullExtern));
        assert!(Expected::RefNull(None).matches(Actual::NullExtern));
        assert!(Expected::Either(vec![Expected::I32(1), Expected::I32(2)]).matches(Actual::I32(2)));
    }
}
