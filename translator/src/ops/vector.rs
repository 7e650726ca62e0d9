//! Typed vector operations: the enums that the table in `vector_table` defines, with their mnemonics, operand and
//! result types, and evaluation on bits.

use std::fmt;

use crate::semantics::{self, f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2, v128};
use crate::types::ValType;

/// A Rust type that represents a WebAssembly value among the operands and results
/// of vector operations.
///
/// Numbers are zero-extended to 128 bits. Lane 0 of a vector is in the lowest bits and the first bytes.
pub trait VectorValue: Copy {
    /// The WebAssembly type.
    const TYPE: ValType;

    /// Converts these bits to a value; ignores bits that its type does not have.
    fn from_bits(bits: u128) -> Self;

    /// The bits of this value.
    fn to_bits(self) -> u128;

    /// The value with these bytes, the lowest first.
    ///
    /// For vectors this is the cheaper way: between a load and a store of bytes, the compiler turns the lanes into
    /// whole vectors, which it does not do with shifted bits.
    #[inline(always)]
    fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_bits(u128::from_le_bytes(bytes))
    }

    /// The bytes of this value, the lowest first.
    #[inline(always)]
    fn to_bytes(self) -> [u8; 16] {
        self.to_bits().to_le_bytes()
    }
}

impl VectorValue for i32 {
    const TYPE: ValType = ValType::I32;
    #[inline(always)]
    fn from_bits(bits: u128) -> i32 {
        bits as i32
    }
    #[inline(always)]
    fn to_bits(self) -> u128 {
        self.cast_unsigned().into()
    }
}

impl VectorValue for i64 {
    const TYPE: ValType = ValType::I64;
    #[inline(always)]
    fn from_bits(bits: u128) -> i64 {
        bits as i64
    }
    #[inline(always)]
    fn to_bits(self) -> u128 {
        self.cast_unsigned().into()
    }
}

impl VectorValue for f32 {
    const TYPE: ValType = ValType::F32;
    #[inline(always)]
    fn from_bits(bits: u128) -> f32 {
        f32::from_bits(bits as u32)
    }
    #[inline(always)]
    fn to_bits(self) -> u128 {
        f32::to_bits(self).into()
    }
}

impl VectorValue for f64 {
    const TYPE: ValType = ValType::F64;
    #[inline(always)]
    fn from_bits(bits: u128) -> f64 {
        f64::from_bits(bits as u64)
    }
    #[inline(always)]
    fn to_bits(self) -> u128 {
        f64::to_bits(self).into()
    }
}

impl VectorValue for v128 {
    const TYPE: ValType = ValType::V128;
    #[inline(always)]
    fn from_bits(bits: u128) -> u128 {
        bits
    }
    #[inline(always)]
    fn to_bits(self) -> u128 {
        self
    }
}

/// The lane count of vector types.
trait Lanes {
    /// The number of lanes.
    const LANES: u8;
}

/// Implements [`VectorValue`] and [`Lanes`] for arrays of lanes.
macro_rules! impl_lanes {
    ($($lanes:ident of $lane:ident;)*) => {
        $(
            impl VectorValue for $lanes {
                const TYPE: ValType = ValType::V128;
                #[inline(always)]
                fn from_bits(bits: u128) -> $lanes {
                    <$lanes>::from_bytes(bits.to_le_bytes())
                }
                #[inline(always)]
                fn to_bits(self) -> u128 {
                    u128::from_le_bytes(self.to_bytes())
                }
                #[inline(always)]
                fn from_bytes(bytes: [u8; 16]) -> $lanes {
                    let (lanes, _) = bytes.as_chunks();
                    std::array::from_fn(|lane| $lane::from_le_bytes(lanes[lane]))
                }
                #[inline(always)]
                fn to_bytes(self) -> [u8; 16] {
                    let mut bytes = [0; 16];
                    for (to, lane) in bytes.as_chunks_mut().0.iter_mut().zip(self) {
                        *to = lane.to_le_bytes();
                    }
                    bytes
                }
            }

            impl Lanes for $lanes {
                const LANES: u8 = (size_of::<$lanes>() / size_of::<$lane>()) as u8;
            }
        )*
    };
}

impl_lanes! {
    i8x16 of i8;
    u8x16 of u8;
    i16x8 of i16;
    u16x8 of u16;
    i32x4 of i32;
    u32x4 of u32;
    i64x2 of i64;
    u64x2 of u64;
    f32x4 of f32;
    f64x2 of f64;
}

macro_rules! vector_operation_enums {
    (
        vector Fixed { $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)* }
        vector Relaxed { $($R:ident $r:literal $r_c:literal $r_fn:ident($($r_i:ident),*) -> $r_o:ident;)* }
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_v:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_v:ident, $p_i:ident) -> $p_o:ident;)* }
        vector_load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        vector_store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_v:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_v:ident) -> $sl_m:ident;)* }
    ) => {
        operation_enum! {
            /// A vector operation without immediates, on one to three values.
            VectorOp { $($V $v $v_c)* $($R $r $r_c)* }
        }
        operation_enum! {
            /// A read of one lane of a vector.
            ExtractOp { $($E $e $e_c)* }
        }
        operation_enum! {
            /// A write of one lane of a vector.
            ReplaceOp { $($P $p $p_c)* }
        }
        operation_enum! {
            /// A load of a vector from a linear memory.
            VectorLoadOp { $($L $l $l_c)* }
        }
        operation_enum! {
            /// A load of one lane of a vector from a linear memory.
            LoadLaneOp { $($LL $ll $ll_c)* }
        }
        operation_enum! {
            /// A store of one lane of a vector to a linear memory.
            StoreLaneOp { $($SL $sl $sl_c)* }
        }

        impl VectorOp {
            /// The operands' types, first to last.
            pub const fn operand_types(self) -> &'static [ValType] {
                match self {
                    $(VectorOp::$V => const { &[$(<$v_i as VectorValue>::TYPE),*] },)*
                    $(VectorOp::$R => const { &[$(<$r_i as VectorValue>::TYPE),*] },)*
                }
            }

            /// The result's type.
            #[inline]
            pub const fn result_type(self) -> ValType {
                match self {
                    $(VectorOp::$V => <$v_o as VectorValue>::TYPE,)*
                    $(VectorOp::$R => <$r_o as VectorValue>::TYPE,)*
                }
            }

            /// Whether this is an operation of relaxed SIMD, for which other engines may compute other results.
            #[inline]
            pub const fn is_relaxed(self) -> bool {
                matches!(self, $(VectorOp::$R)|*)
            }

            /// Computes the operation on bits; ignores operands that it does not have.
            pub fn eval(self, operands: [u128; 3]) -> u128 {
                let mut operands = operands.into_iter();
                let mut next = || operands.next().unwrap_or_default();
                match self {
                    $(VectorOp::$V => semantics::$v_fn($(<$v_i as VectorValue>::from_bits(next())),*).to_bits(),)*
                    $(VectorOp::$R => semantics::$r_fn($(<$r_i as VectorValue>::from_bits(next())),*).to_bits(),)*
                }
            }
        }

        impl ExtractOp {
            /// The result's type.
            #[inline]
            pub const fn result_type(self) -> ValType {
                match self { $(ExtractOp::$E => <$e_o as VectorValue>::TYPE,)* }
            }

            /// The number of lanes to choose from.
            #[inline]
            pub const fn lanes(self) -> u8 {
                match self { $(ExtractOp::$E => <$e_v as Lanes>::LANES,)* }
            }

            /// Computes the operation on bits.
            pub fn eval(self, lane: u8, vector: u128) -> u128 {
                match self {
                    $(ExtractOp::$E => {
                        VectorValue::to_bits(semantics::$e_fn(<$e_v as VectorValue>::from_bits(vector), lane))
                    })*
                }
            }
        }

        impl ReplaceOp {
            /// The type of the lane's new value.
            #[inline]
            pub const fn value_type(self) -> ValType {
                match self { $(ReplaceOp::$P => <$p_i as VectorValue>::TYPE,)* }
            }

            /// The number of lanes to choose from.
            #[inline]
            pub const fn lanes(self) -> u8 {
                match self { $(ReplaceOp::$P => <$p_v as Lanes>::LANES,)* }
            }

            /// Computes the operation on bits.
            pub fn eval(self, lane: u8, vector: u128, value: u128) -> u128 {
                match self {
                    $(ReplaceOp::$P => {
                        let vector = <$p_v as VectorValue>::from_bits(vector);
                        semantics::$p_fn(vector, lane, <$p_i as VectorValue>::from_bits(value)).to_bits()
                    })*
                }
            }
        }

        impl VectorLoadOp {
            /// The number of bytes that are read.
            #[inline]
            pub const fn access_bytes(self) -> u32 {
                match self { $(VectorLoadOp::$L => size_of::<$l_m>() as u32,)* }
            }

            /// Returns the vector for the bytes in memory, the first byte lowest.
            pub fn eval(self, stored: u128) -> u128 {
                match self { $(VectorLoadOp::$L => semantics::$l_fn(stored as $l_m).to_bits(),)* }
            }
        }

        impl LoadLaneOp {
            /// The number of bytes that are read.
            #[inline]
            pub const fn access_bytes(self) -> u32 {
                match self { $(LoadLaneOp::$LL => size_of::<$ll_m>() as u32,)* }
            }

            /// The number of lanes to choose from.
            #[inline]
            pub const fn lanes(self) -> u8 {
                match self { $(LoadLaneOp::$LL => <$ll_v as Lanes>::LANES,)* }
            }

            /// Returns the vector with the bytes in memory, the first byte lowest, in one lane.
            pub fn eval(self, lane: u8, stored: u128, vector: u128) -> u128 {
                match self {
                    $(LoadLaneOp::$LL => {
                        let vector = <$ll_v as VectorValue>::from_bits(vector);
                        semantics::$ll_fn(stored as $ll_m, lane, vector).to_bits()
                    })*
                }
            }
        }

        impl StoreLaneOp {
            /// The number of bytes that are written.
            #[inline]
            pub const fn access_bytes(self) -> u32 {
                match self { $(StoreLaneOp::$SL => size_of::<$sl_m>() as u32,)* }
            }

            /// The number of lanes to choose from.
            #[inline]
            pub const fn lanes(self) -> u8 {
                match self { $(StoreLaneOp::$SL => <$sl_v as Lanes>::LANES,)* }
            }

            /// Returns the bytes to store of a vector, the first byte lowest.
            pub fn eval(self, lane: u8, vector: u128) -> u128 {
                match self {
                    $(StoreLaneOp::$SL => semantics::$sl_fn(<$sl_v as VectorValue>::from_bits(vector), lane).into(),)*
                }
            }
        }
    };
}

crate::for_each_vector_operation!(vector_operation_enums);
