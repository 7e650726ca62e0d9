//! The vector operation table: one row per operation of fixed-width and relaxed
//! SIMD. Rows read as in [`super::table`].
//!
//! A vector operand has the type of its lanes (`i8x16`, `u8x16`, .., see [`crate::semantics`]), or `u64x2` if only the
//! bits matter. The sections differ in the further arguments of the operations:
//!
//! | section | semantics |
//! |---|---|
//! | `vector Fixed`, `vector Relaxed` | a function of the operands |
//! | `extract` | `fn(vector, lane: u8)` |
//! | `replace` | `fn(vector, lane: u8, value)` |
//! | `vector_load` | a function of the bytes in memory |
//! | `vector_store` | a function that returns the bytes for memory |
//! | `load_lane` | `fn(stored, lane: u8, vector)` |
//! | `store_lane` | `fn(vector, lane: u8)`, returns the bytes for memory |
//!
//! The specification allows several results for the operations of `Relaxed`; the semantics are those of its
//! deterministic profile.
//!
//! `v128.const` and `i8x16.shuffle` are not rows: their immediates are whole
//! vectors.

/// Calls the macro `$mac` with the whole vector operation table, preceded by the tokens that follow the macro's
/// name and a comma.
#[macro_export]
macro_rules! for_each_vector_operation {
    ($($mac:ident)::+ $(, $($prefix:tt)*)?) => {
        $($mac)::+! {
        $($($prefix)*)?
        vector Fixed {
            I8x16Swizzle "i8x16.swizzle" 0xfd00e i8x16_swizzle(u8x16, u8x16) -> u8x16;
            I8x16Splat "i8x16.splat" 0xfd00f i8x16_splat(i32) -> i8x16;
            I16x8Splat "i16x8.splat" 0xfd010 i16x8_splat(i32) -> i16x8;
            I32x4Splat "i32x4.splat" 0xfd011 i32x4_splat(i32) -> i32x4;
            I64x2Splat "i64x2.splat" 0xfd012 i64x2_splat(i64) -> i64x2;
            F32x4Splat "f32x4.splat" 0xfd013 f32x4_splat(f32) -> f32x4;
            F64x2Splat "f64x2.splat" 0xfd014 f64x2_splat(f64) -> f64x2;
            I8x16Eq "i8x16.eq" 0xfd023 i8x16_eq(i8x16, i8x16) -> i8x16;
            I8x16Ne "i8x16.ne" 0xfd024 i8x16_ne(i8x16, i8x16) -> i8x16;
            I8x16LtS "i8x16.lt_s" 0xfd025 i8x16_lt_s(i8x16, i8x16) -> i8x16;
            I8x16LtU "i8x16.lt_u" 0xfd026 i8x16_lt_u(u8x16, u8x16) -> i8x16;
            I8x16GtS "i8x16.gt_s" 0xfd027 i8x16_gt_s(i8x16, i8x16) -> i8x16;
            I8x16GtU "i8x16.gt_u" 0xfd028 i8x16_gt_u(u8x16, u8x16) -> i8x16;
            I8x16LeS "i8x16.le_s" 0xfd029 i8x16_le_s(i8x16, i8x16) -> i8x16;
            I8x16LeU "i8x16.le_u" 0xfd02a i8x16_le_u(u8x16, u8x16) -> i8x16;
            I8x16GeS "i8x16.ge_s" 0xfd02b i8x16_ge_s(i8x16, i8x16) -> i8x16;
            I8x16GeU "i8x16.ge_u" 0xfd02c i8x16_ge_u(u8x16, u8x16) -> i8x16;
            I16x8Eq "i16x8.eq" 0xfd02d i16x8_eq(i16x8, i16x8) -> i16x8;
            I16x8Ne "i16x8.ne" 0xfd02e i16x8_ne(i16x8, i16x8) -> i16x8;
            I16x8LtS "i16x8.lt_s" 0xfd02f i16x8_lt_s(i16x8, i16x8) -> i16x8;
            I16x8LtU "i16x8.lt_u" 0xfd030 i16x8_lt_u(u16x8, u16x8) -> i16x8;
            I16x8GtS "i16x8.gt_s" 0xfd031 i16x8_gt_s(i16x8, i16x8) -> i16x8;
            I16x8GtU "i16x8.gt_u" 0xfd032 i16x8_gt_u(u16x8, u16x8) -> i16x8;
            I16x8LeS "i16x8.le_s" 0xfd033 i16x8_le_s(i16x8, i16x8) -> i16x8;
            I16x8LeU "i16x8.le_u" 0xfd034 i16x8_le_u(u16x8, u16x8) -> i16x8;
            I16x8GeS "i16x8.ge_s" 0xfd035 i16x8_ge_s(i16x8, i16x8) -> i16x8;
            I16x8GeU "i16x8.ge_u" 0xfd036 i16x8_ge_u(u16x8, u16x8) -> i16x8;
            I32x4Eq "i32x4.eq" 0xfd037 i32x4_eq(i32x4, i32x4) -> i32x4;
            I32x4Ne "i32x4.ne" 0xfd038 i32x4_ne(i32x4, i32x4) -> i32x4;
            I32x4LtS "i32x4.lt_s" 0xfd039 i32x4_lt_s(i32x4, i32x4) -> i32x4;
            I32x4LtU "i32x4.lt_u" 0xfd03a i32x4_lt_u(u32x4, u32x4) -> i32x4;
            I32x4GtS "i32x4.gt_s" 0xfd03b i32x4_gt_s(i32x4, i32x4) -> i32x4;
            I32x4GtU "i32x4.gt_u" 0xfd03c i32x4_gt_u(u32x4, u32x4) -> i32x4;
            I32x4LeS "i32x4.le_s" 0xfd03d i32x4_le_s(i32x4, i32x4) -> i32x4;
            I32x4LeU "i32x4.le_u" 0xfd03e i32x4_le_u(u32x4, u32x4) -> i32x4;
            I32x4GeS "i32x4.ge_s" 0xfd03f i32x4_ge_s(i32x4, i32x4) -> i32x4;
            I32x4GeU "i32x4.ge_u" 0xfd040 i32x4_ge_u(u32x4, u32x4) -> i32x4;
            I64x2Eq "i64x2.eq" 0xfd0d6 i64x2_eq(i64x2, i64x2) -> i64x2;
            I64x2Ne "i64x2.ne" 0xfd0d7 i64x2_ne(i64x2, i64x2) -> i64x2;
            I64x2LtS "i64x2.lt_s" 0xfd0d8 i64x2_lt_s(i64x2, i64x2) -> i64x2;
            I64x2GtS "i64x2.gt_s" 0xfd0d9 i64x2_gt_s(i64x2, i64x2) -> i64x2;
            I64x2LeS "i64x2.le_s" 0xfd0da i64x2_le_s(i64x2, i64x2) -> i64x2;
            I64x2GeS "i64x2.ge_s" 0xfd0db i64x2_ge_s(i64x2, i64x2) -> i64x2;
            F32x4Eq "f32x4.eq" 0xfd041 f32x4_eq(f32x4, f32x4) -> i32x4;
            F32x4Ne "f32x4.ne" 0xfd042 f32x4_ne(f32x4, f32x4) -> i32x4;
            F32x4Lt "f32x4.lt" 0xfd043 f32x4_lt(f32x4, f32x4) -> i32x4;
            F32x4Gt "f32x4.gt" 0xfd044 f32x4_gt(f32x4, f32x4) -> i32x4;
            F32x4Le "f32x4.le" 0xfd045 f32x4_le(f32x4, f32x4) -> i32x4;
            F32x4Ge "f32x4.ge" 0xfd046 f32x4_ge(f32x4, f32x4) -> i32x4;
            F64x2Eq "f64x2.eq" 0xfd047 f64x2_eq(f64x2, f64x2) -> i64x2;
            F64x2Ne "f64x2.ne" 0xfd048 f64x2_ne(f64x2, f64x2) -> i64x2;
            F64x2Lt "f64x2.lt" 0xfd049 f64x2_lt(f64x2, f64x2) -> i64x2;
            F64x2Gt "f64x2.gt" 0xfd04a f64x2_gt(f64x2, f64x2) -> i64x2;
            F64x2Le "f64x2.le" 0xfd04b f64x2_le(f64x2, f64x2) -> i64x2;
            F64x2Ge "f64x2.ge" 0xfd04c f64x2_ge(f64x2, f64x2) -> i64x2;
            V128Not "v128.not" 0xfd04d v128_not(u64x2) -> u64x2;
            V128And "v128.and" 0xfd04e v128_and(u64x2, u64x2) -> u64x2;
            V128AndNot "v128.andnot" 0xfd04f v128_andnot(u64x2, u64x2) -> u64x2;
            V128Or "v128.or" 0xfd050 v128_or(u64x2, u64x2) -> u64x2;
            V128Xor "v128.xor" 0xfd051 v128_xor(u64x2, u64x2) -> u64x2;
            V128Bitselect "v128.bitselect" 0xfd052 v128_bitselect(u64x2, u64x2, u64x2) -> u64x2;
            V128AnyTrue "v128.any_true" 0xfd053 v128_any_true(u64x2) -> i32;
            I8x16Abs "i8x16.abs" 0xfd060 i8x16_abs(i8x16) -> i8x16;
            I8x16Neg "i8x16.neg" 0xfd061 i8x16_neg(i8x16) -> i8x16;
            I8x16Popcnt "i8x16.popcnt" 0xfd062 i8x16_popcnt(u8x16) -> u8x16;
            I8x16AllTrue "i8x16.all_true" 0xfd063 i8x16_all_true(i8x16) -> i32;
            I8x16Bitmask "i8x16.bitmask" 0xfd064 i8x16_bitmask(i8x16) -> i32;
            I8x16NarrowI16x8S "i8x16.narrow_i16x8_s" 0xfd065 i8x16_narrow_i16x8_s(i16x8, i16x8) -> i8x16;
            I8x16NarrowI16x8U "i8x16.narrow_i16x8_u" 0xfd066 i8x16_narrow_i16x8_u(i16x8, i16x8) -> u8x16;
            I8x16Shl "i8x16.shl" 0xfd06b i8x16_shl(i8x16, i32) -> i8x16;
            I8x16ShrS "i8x16.shr_s" 0xfd06c i8x16_shr_s(i8x16, i32) -> i8x16;
            I8x16ShrU "i8x16.shr_u" 0xfd06d i8x16_shr_u(u8x16, i32) -> u8x16;
            I8x16Add "i8x16.add" 0xfd06e i8x16_add(i8x16, i8x16) -> i8x16;
            I8x16AddSatS "i8x16.add_sat_s" 0xfd06f i8x16_add_sat_s(i8x16, i8x16) -> i8x16;
            I8x16AddSatU "i8x16.add_sat_u" 0xfd070 i8x16_add_sat_u(u8x16, u8x16) -> u8x16;
            I8x16Sub "i8x16.sub" 0xfd071 i8x16_sub(i8x16, i8x16) -> i8x16;
            I8x16SubSatS "i8x16.sub_sat_s" 0xfd072 i8x16_sub_sat_s(i8x16, i8x16) -> i8x16;
            I8x16SubSatU "i8x16.sub_sat_u" 0xfd073 i8x16_sub_sat_u(u8x16, u8x16) -> u8x16;
            I8x16MinS "i8x16.min_s" 0xfd076 i8x16_min_s(i8x16, i8x16) -> i8x16;
            I8x16MinU "i8x16.min_u" 0xfd077 i8x16_min_u(u8x16, u8x16) -> u8x16;
            I8x16MaxS "i8x16.max_s" 0xfd078 i8x16_max_s(i8x16, i8x16) -> i8x16;
            I8x16MaxU "i8x16.max_u" 0xfd079 i8x16_max_u(u8x16, u8x16) -> u8x16;
            I8x16AvgrU "i8x16.avgr_u" 0xfd07b i8x16_avgr_u(u8x16, u8x16) -> u8x16;
            I16x8ExtAddPairwiseI8x16S "i16x8.extadd_pairwise_i8x16_s" 0xfd07c i16x8_extadd_pairwise_i8x16_s(i8x16) -> i16x8;
            I16x8ExtAddPairwiseI8x16U "i16x8.extadd_pairwise_i8x16_u" 0xfd07d i16x8_extadd_pairwise_i8x16_u(u8x16) -> u16x8;
            I16x8Abs "i16x8.abs" 0xfd080 i16x8_abs(i16x8) -> i16x8;
            I16x8Neg "i16x8.neg" 0xfd081 i16x8_neg(i16x8) -> i16x8;
            I16x8Q15MulrSatS "i16x8.q15mulr_sat_s" 0xfd082 i16x8_q15mulr_sat_s(i16x8, i16x8) -> i16x8;
            I16x8AllTrue "i16x8.all_true" 0xfd083 i16x8_all_true(i16x8) -> i32;
            I16x8Bitmask "i16x8.bitmask" 0xfd084 i16x8_bitmask(i16x8) -> i32;
            I16x8NarrowI32x4S "i16x8.narrow_i32x4_s" 0xfd085 i16x8_narrow_i32x4_s(i32x4, i32x4) -> i16x8;
            I16x8NarrowI32x4U "i16x8.narrow_i32x4_u" 0xfd086 i16x8_narrow_i32x4_u(i32x4, i32x4) -> u16x8;
            I16x8ExtendLowI8x16S "i16x8.extend_low_i8x16_s" 0xfd087 i16x8_extend_low_i8x16_s(i8x16) -> i16x8;
            I16x8ExtendHighI8x16S "i16x8.extend_high_i8x16_s" 0xfd088 i16x8_extend_high_i8x16_s(i8x16) -> i16x8;
            I16x8ExtendLowI8x16U "i16x8.extend_low_i8x16_u" 0xfd089 i16x8_extend_low_i8x16_u(u8x16) -> u16x8;
            I16x8ExtendHighI8x16U "i16x8.extend_high_i8x16_u" 0xfd08a i16x8_extend_high_i8x16_u(u8x16) -> u16x8;
            I16x8Shl "i16x8.shl" 0xfd08b i16x8_shl(i16x8, i32) -> i16x8;
            I16x8ShrS "i16x8.shr_s" 0xfd08c i16x8_shr_s(i16x8, i32) -> i16x8;
            I16x8ShrU "i16x8.shr_u" 0xfd08d i16x8_shr_u(u16x8, i32) -> u16x8;
            I16x8Add "i16x8.add" 0xfd08e i16x8_add(i16x8, i16x8) -> i16x8;
            I16x8AddSatS "i16x8.add_sat_s" 0xfd08f i16x8_add_sat_s(i16x8, i16x8) -> i16x8;
            I16x8AddSatU "i16x8.add_sat_u" 0xfd090 i16x8_add_sat_u(u16x8, u16x8) -> u16x8;
            I16x8Sub "i16x8.sub" 0xfd091 i16x8_sub(i16x8, i16x8) -> i16x8;
            I16x8SubSatS "i16x8.sub_sat_s" 0xfd092 i16x8_sub_sat_s(i16x8, i16x8) -> i16x8;
            I16x8SubSatU "i16x8.sub_sat_u" 0xfd093 i16x8_sub_sat_u(u16x8, u16x8) -> u16x8;
            I16x8Mul "i16x8.mul" 0xfd095 i16x8_mul(i16x8, i16x8) -> i16x8;
            I16x8MinS "i16x8.min_s" 0xfd096 i16x8_min_s(i16x8, i16x8) -> i16x8;
            I16x8MinU "i16x8.min_u" 0xfd097 i16x8_min_u(u16x8, u16x8) -> u16x8;
            I16x8MaxS "i16x8.max_s" 0xfd098 i16x8_max_s(i16x8, i16x8) -> i16x8;
            I16x8MaxU "i16x8.max_u" 0xfd099 i16x8_max_u(u16x8, u16x8) -> u16x8;
            I16x8AvgrU "i16x8.avgr_u" 0xfd09b i16x8_avgr_u(u16x8, u16x8) -> u16x8;
            I16x8ExtMulLowI8x16S "i16x8.extmul_low_i8x16_s" 0xfd09c i16x8_extmul_low_i8x16_s(i8x16, i8x16) -> i16x8;
            I16x8ExtMulHighI8x16S "i16x8.extmul_high_i8x16_s" 0xfd09d i16x8_extmul_high_i8x16_s(i8x16, i8x16) -> i16x8;
            I16x8ExtMulLowI8x16U "i16x8.extmul_low_i8x16_u" 0xfd09e i16x8_extmul_low_i8x16_u(u8x16, u8x16) -> u16x8;
            I16x8ExtMulHighI8x16U "i16x8.extmul_high_i8x16_u" 0xfd09f i16x8_extmul_high_i8x16_u(u8x16, u8x16) -> u16x8;
            I32x4ExtAddPairwiseI16x8S "i32x4.extadd_pairwise_i16x8_s" 0xfd07e i32x4_extadd_pairwise_i16x8_s(i16x8) -> i32x4;
            I32x4ExtAddPairwiseI16x8U "i32x4.extadd_pairwise_i16x8_u" 0xfd07f i32x4_extadd_pairwise_i16x8_u(u16x8) -> u32x4;
            I32x4Abs "i32x4.abs" 0xfd0a0 i32x4_abs(i32x4) -> i32x4;
            I32x4Neg "i32x4.neg" 0xfd0a1 i32x4_neg(i32x4) -> i32x4;
            I32x4AllTrue "i32x4.all_true" 0xfd0a3 i32x4_all_true(i32x4) -> i32;
            I32x4Bitmask "i32x4.bitmask" 0xfd0a4 i32x4_bitmask(i32x4) -> i32;
            I32x4ExtendLowI16x8S "i32x4.extend_low_i16x8_s" 0xfd0a7 i32x4_extend_low_i16x8_s(i16x8) -> i32x4;
            I32x4ExtendHighI16x8S "i32x4.extend_high_i16x8_s" 0xfd0a8 i32x4_extend_high_i16x8_s(i16x8) -> i32x4;
            I32x4ExtendLowI16x8U "i32x4.extend_low_i16x8_u" 0xfd0a9 i32x4_extend_low_i16x8_u(u16x8) -> u32x4;
            I32x4ExtendHighI16x8U "i32x4.extend_high_i16x8_u" 0xfd0aa i32x4_extend_high_i16x8_u(u16x8) -> u32x4;
            I32x4Shl "i32x4.shl" 0xfd0ab i32x4_shl(i32x4, i32) -> i32x4;
            I32x4ShrS "i32x4.shr_s" 0xfd0ac i32x4_shr_s(i32x4, i32) -> i32x4;
            I32x4ShrU "i32x4.shr_u" 0xfd0ad i32x4_shr_u(u32x4, i32) -> u32x4;
            I32x4Add "i32x4.add" 0xfd0ae i32x4_add(i32x4, i32x4) -> i32x4;
            I32x4Sub "i32x4.sub" 0xfd0b1 i32x4_sub(i32x4, i32x4) -> i32x4;
            I32x4Mul "i32x4.mul" 0xfd0b5 i32x4_mul(i32x4, i32x4) -> i32x4;
            I32x4MinS "i32x4.min_s" 0xfd0b6 i32x4_min_s(i32x4, i32x4) -> i32x4;
            I32x4MinU "i32x4.min_u" 0xfd0b7 i32x4_min_u(u32x4, u32x4) -> u32x4;
            I32x4MaxS "i32x4.max_s" 0xfd0b8 i32x4_max_s(i32x4, i32x4) -> i32x4;
            I32x4MaxU "i32x4.max_u" 0xfd0b9 i32x4_max_u(u32x4, u32x4) -> u32x4;
            I32x4DotI16x8S "i32x4.dot_i16x8_s" 0xfd0ba i32x4_dot_i16x8_s(i16x8, i16x8) -> i32x4;
            I32x4ExtMulLowI16x8S "i32x4.extmul_low_i16x8_s" 0xfd0bc i32x4_extmul_low_i16x8_s(i16x8, i16x8) -> i32x4;
            I32x4ExtMulHighI16x8S "i32x4.extmul_high_i16x8_s" 0xfd0bd i32x4_extmul_high_i16x8_s(i16x8, i16x8) -> i32x4;
            I32x4ExtMulLowI16x8U "i32x4.extmul_low_i16x8_u" 0xfd0be i32x4_extmul_low_i16x8_u(u16x8, u16x8) -> u32x4;
            I32x4ExtMulHighI16x8U "i32x4.extmul_high_i16x8_u" 0xfd0bf i32x4_extmul_high_i16x8_u(u16x8, u16x8) -> u32x4;
            I64x2Abs "i64x2.abs" 0xfd0c0 i64x2_abs(i64x2) -> i64x2;
            I64x2Neg "i64x2.neg" 0xfd0c1 i64x2_neg(i64x2) -> i64x2;
            I64x2AllTrue "i64x2.all_true" 0xfd0c3 i64x2_all_true(i64x2) -> i32;
            I64x2Bitmask "i64x2.bitmask" 0xfd0c4 i64x2_bitmask(i64x2) -> i32;
            I64x2ExtendLowI32x4S "i64x2.extend_low_i32x4_s" 0xfd0c7 i64x2_extend_low_i32x4_s(i32x4) -> i64x2;
            I64x2ExtendHighI32x4S "i64x2.extend_high_i32x4_s" 0xfd0c8 i64x2_extend_high_i32x4_s(i32x4) -> i64x2;
            I64x2ExtendLowI32x4U "i64x2.extend_low_i32x4_u" 0xfd0c9 i64x2_extend_low_i32x4_u(u32x4) -> u64x2;
            I64x2ExtendHighI32x4U "i64x2.extend_high_i32x4_u" 0xfd0ca i64x2_extend_high_i32x4_u(u32x4) -> u64x2;
            I64x2Shl "i64x2.shl" 0xfd0cb i64x2_shl(i64x2, i32) -> i64x2;
            I64x2ShrS "i64x2.shr_s" 0xfd0cc i64x2_shr_s(i64x2, i32) -> i64x2;
            I64x2ShrU "i64x2.shr_u" 0xfd0cd i64x2_shr_u(u64x2, i32) -> u64x2;
            I64x2Add "i64x2.add" 0xfd0ce i64x2_add(i64x2, i64x2) -> i64x2;
            I64x2Sub "i64x2.sub" 0xfd0d1 i64x2_sub(i64x2, i64x2) -> i64x2;
            I64x2Mul "i64x2.mul" 0xfd0d5 i64x2_mul(i64x2, i64x2) -> i64x2;
            I64x2ExtMulLowI32x4S "i64x2.extmul_low_i32x4_s" 0xfd0dc i64x2_extmul_low_i32x4_s(i32x4, i32x4) -> i64x2;
            I64x2ExtMulHighI32x4S "i64x2.extmul_high_i32x4_s" 0xfd0dd i64x2_extmul_high_i32x4_s(i32x4, i32x4) -> i64x2;
            I64x2ExtMulLowI32x4U "i64x2.extmul_low_i32x4_u" 0xfd0de i64x2_extmul_low_i32x4_u(u32x4, u32x4) -> u64x2;
            I64x2ExtMulHighI32x4U "i64x2.extmul_high_i32x4_u" 0xfd0df i64x2_extmul_high_i32x4_u(u32x4, u32x4) -> u64x2;
            F32x4Ceil "f32x4.ceil" 0xfd067 f32x4_ceil(f32x4) -> f32x4;
            F32x4Floor "f32x4.floor" 0xfd068 f32x4_floor(f32x4) -> f32x4;
            F32x4Trunc "f32x4.trunc" 0xfd069 f32x4_trunc(f32x4) -> f32x4;
            F32x4Nearest "f32x4.nearest" 0xfd06a f32x4_nearest(f32x4) -> f32x4;
            F32x4Abs "f32x4.abs" 0xfd0e0 f32x4_abs(f32x4) -> f32x4;
            F32x4Neg "f32x4.neg" 0xfd0e1 f32x4_neg(f32x4) -> f32x4;
            F32x4Sqrt "f32x4.sqrt" 0xfd0e3 f32x4_sqrt(f32x4) -> f32x4;
            F32x4Add "f32x4.add" 0xfd0e4 f32x4_add(f32x4, f32x4) -> f32x4;
            F32x4Sub "f32x4.sub" 0xfd0e5 f32x4_sub(f32x4, f32x4) -> f32x4;
            F32x4Mul "f32x4.mul" 0xfd0e6 f32x4_mul(f32x4, f32x4) -> f32x4;
            F32x4Div "f32x4.div" 0xfd0e7 f32x4_div(f32x4, f32x4) -> f32x4;
            F32x4Min "f32x4.min" 0xfd0e8 f32x4_min(f32x4, f32x4) -> f32x4;
            F32x4Max "f32x4.max" 0xfd0e9 f32x4_max(f32x4, f32x4) -> f32x4;
            F32x4PMin "f32x4.pmin" 0xfd0ea f32x4_pmin(f32x4, f32x4) -> f32x4;
            F32x4PMax "f32x4.pmax" 0xfd0eb f32x4_pmax(f32x4, f32x4) -> f32x4;
            F64x2Ceil "f64x2.ceil" 0xfd074 f64x2_ceil(f64x2) -> f64x2;
            F64x2Floor "f64x2.floor" 0xfd075 f64x2_floor(f64x2) -> f64x2;
            F64x2Trunc "f64x2.trunc" 0xfd07a f64x2_trunc(f64x2) -> f64x2;
            F64x2Nearest "f64x2.nearest" 0xfd094 f64x2_nearest(f64x2) -> f64x2;
            F64x2Abs "f64x2.abs" 0xfd0ec f64x2_abs(f64x2) -> f64x2;
            F64x2Neg "f64x2.neg" 0xfd0ed f64x2_neg(f64x2) -> f64x2;
            F64x2Sqrt "f64x2.sqrt" 0xfd0ef f64x2_sqrt(f64x2) -> f64x2;
            F64x2Add "f64x2.add" 0xfd0f0 f64x2_add(f64x2, f64x2) -> f64x2;
            F64x2Sub "f64x2.sub" 0xfd0f1 f64x2_sub(f64x2, f64x2) -> f64x2;
            F64x2Mul "f64x2.mul" 0xfd0f2 f64x2_mul(f64x2, f64x2) -> f64x2;
            F64x2Div "f64x2.div" 0xfd0f3 f64x2_div(f64x2, f64x2) -> f64x2;
            F64x2Min "f64x2.min" 0xfd0f4 f64x2_min(f64x2, f64x2) -> f64x2;
            F64x2Max "f64x2.max" 0xfd0f5 f64x2_max(f64x2, f64x2) -> f64x2;
            F64x2PMin "f64x2.pmin" 0xfd0f6 f64x2_pmin(f64x2, f64x2) -> f64x2;
            F64x2PMax "f64x2.pmax" 0xfd0f7 f64x2_pmax(f64x2, f64x2) -> f64x2;
            I32x4TruncSatF32x4S "i32x4.trunc_sat_f32x4_s" 0xfd0f8 i32x4_trunc_sat_f32x4_s(f32x4) -> i32x4;
            I32x4TruncSatF32x4U "i32x4.trunc_sat_f32x4_u" 0xfd0f9 i32x4_trunc_sat_f32x4_u(f32x4) -> u32x4;
            F32x4ConvertI32x4S "f32x4.convert_i32x4_s" 0xfd0fa f32x4_convert_i32x4_s(i32x4) -> f32x4;
            F32x4ConvertI32x4U "f32x4.convert_i32x4_u" 0xfd0fb f32x4_convert_i32x4_u(u32x4) -> f32x4;
            I32x4TruncSatF64x2SZero "i32x4.trunc_sat_f64x2_s_zero" 0xfd0fc i32x4_trunc_sat_f64x2_s_zero(f64x2) -> i32x4;
            I32x4TruncSatF64x2UZero "i32x4.trunc_sat_f64x2_u_zero" 0xfd0fd i32x4_trunc_sat_f64x2_u_zero(f64x2) -> u32x4;
            F64x2ConvertLowI32x4S "f64x2.convert_low_i32x4_s" 0xfd0fe f64x2_convert_low_i32x4_s(i32x4) -> f64x2;
            F64x2ConvertLowI32x4U "f64x2.convert_low_i32x4_u" 0xfd0ff f64x2_convert_low_i32x4_u(u32x4) -> f64x2;
            F32x4DemoteF64x2Zero "f32x4.demote_f64x2_zero" 0xfd05e f32x4_demote_f64x2_zero(f64x2) -> f32x4;
            F64x2PromoteLowF32x4 "f64x2.promote_low_f32x4" 0xfd05f f64x2_promote_low_f32x4(f32x4) -> f64x2;
        }
        vector Relaxed {
            I8x16RelaxedSwizzle "i8x16.relaxed_swizzle" 0xfd100 i8x16_relaxed_swizzle(u8x16, u8x16) -> u8x16;
            I32x4RelaxedTruncF32x4S "i32x4.relaxed_trunc_f32x4_s" 0xfd101 i32x4_relaxed_trunc_f32x4_s(f32x4) -> i32x4;
            I32x4RelaxedTruncF32x4U "i32x4.relaxed_trunc_f32x4_u" 0xfd102 i32x4_relaxed_trunc_f32x4_u(f32x4) -> u32x4;
            I32x4RelaxedTruncF64x2SZero "i32x4.relaxed_trunc_f64x2_s_zero" 0xfd103 i32x4_relaxed_trunc_f64x2_s_zero(f64x2) -> i32x4;
            I32x4RelaxedTruncF64x2UZero "i32x4.relaxed_trunc_f64x2_u_zero" 0xfd104 i32x4_relaxed_trunc_f64x2_u_zero(f64x2) -> u32x4;
            F32x4RelaxedMadd "f32x4.relaxed_madd" 0xfd105 f32x4_relaxed_madd(f32x4, f32x4, f32x4) -> f32x4;
            F32x4RelaxedNmadd "f32x4.relaxed_nmadd" 0xfd106 f32x4_relaxed_nmadd(f32x4, f32x4, f32x4) -> f32x4;
            F64x2RelaxedMadd "f64x2.relaxed_madd" 0xfd107 f64x2_relaxed_madd(f64x2, f64x2, f64x2) -> f64x2;
            F64x2RelaxedNmadd "f64x2.relaxed_nmadd" 0xfd108 f64x2_relaxed_nmadd(f64x2, f64x2, f64x2) -> f64x2;
            I8x16RelaxedLaneselect "i8x16.relaxed_laneselect" 0xfd109 i8x16_relaxed_laneselect(i8x16, i8x16, i8x16) -> i8x16;
            I16x8RelaxedLaneselect "i16x8.relaxed_laneselect" 0xfd10a i16x8_relaxed_laneselect(i16x8, i16x8, i16x8) -> i16x8;
            I32x4RelaxedLaneselect "i32x4.relaxed_laneselect" 0xfd10b i32x4_relaxed_laneselect(i32x4, i32x4, i32x4) -> i32x4;
            I64x2RelaxedLaneselect "i64x2.relaxed_laneselect" 0xfd10c i64x2_relaxed_laneselect(i64x2, i64x2, i64x2) -> i64x2;
            F32x4RelaxedMin "f32x4.relaxed_min" 0xfd10d f32x4_relaxed_min(f32x4, f32x4) -> f32x4;
            F32x4RelaxedMax "f32x4.relaxed_max" 0xfd10e f32x4_relaxed_max(f32x4, f32x4) -> f32x4;
            F64x2RelaxedMin "f64x2.relaxed_min" 0xfd10f f64x2_relaxed_min(f64x2, f64x2) -> f64x2;
            F64x2RelaxedMax "f64x2.relaxed_max" 0xfd110 f64x2_relaxed_max(f64x2, f64x2) -> f64x2;
            I16x8RelaxedQ15mulrS "i16x8.relaxed_q15mulr_s" 0xfd111 i16x8_relaxed_q15mulr_s(i16x8, i16x8) -> i16x8;
            I16x8RelaxedDotI8x16I7x16S "i16x8.relaxed_dot_i8x16_i7x16_s" 0xfd112 i16x8_relaxed_dot_i8x16_i7x16_s(i8x16, i8x16) -> i16x8;
            I32x4RelaxedDotI8x16I7x16AddS "i32x4.relaxed_dot_i8x16_i7x16_add_s" 0xfd113 i32x4_relaxed_dot_i8x16_i7x16_add_s(i8x16, i8x16, i32x4) -> i32x4;
        }
        extract {
            I8x16ExtractLaneS "i8x16.extract_lane_s" 0xfd015 i8x16_extract_lane_s(i8x16) -> i32;
            I8x16ExtractLaneU "i8x16.extract_lane_u" 0xfd016 i8x16_extract_lane_u(u8x16) -> i32;
            I16x8ExtractLaneS "i16x8.extract_lane_s" 0xfd018 i16x8_extract_lane_s(i16x8) -> i32;
            I16x8ExtractLaneU "i16x8.extract_lane_u" 0xfd019 i16x8_extract_lane_u(u16x8) -> i32;
            I32x4ExtractLane "i32x4.extract_lane" 0xfd01b i32x4_extract_lane(i32x4) -> i32;
            I64x2ExtractLane "i64x2.extract_lane" 0xfd01d i64x2_extract_lane(i64x2) -> i64;
            F32x4ExtractLane "f32x4.extract_lane" 0xfd01f f32x4_extract_lane(f32x4) -> f32;
            F64x2ExtractLane "f64x2.extract_lane" 0xfd021 f64x2_extract_lane(f64x2) -> f64;
        }
        replace {
            I8x16ReplaceLane "i8x16.replace_lane" 0xfd017 i8x16_replace_lane(i8x16, i32) -> i8x16;
            I16x8ReplaceLane "i16x8.replace_lane" 0xfd01a i16x8_replace_lane(i16x8, i32) -> i16x8;
            I32x4ReplaceLane "i32x4.replace_lane" 0xfd01c i32x4_replace_lane(i32x4, i32) -> i32x4;
            I64x2ReplaceLane "i64x2.replace_lane" 0xfd01e i64x2_replace_lane(i64x2, i64) -> i64x2;
            F32x4ReplaceLane "f32x4.replace_lane" 0xfd020 f32x4_replace_lane(f32x4, f32) -> f32x4;
            F64x2ReplaceLane "f64x2.replace_lane" 0xfd022 f64x2_replace_lane(f64x2, f64) -> f64x2;
        }
        vector_load {
            V128Load "v128.load" 0xfd000 v128_load(u128) -> v128;
            V128Load8x8S "v128.load8x8_s" 0xfd001 v128_load8x8_s(u64) -> i16x8;
            V128Load8x8U "v128.load8x8_u" 0xfd002 v128_load8x8_u(u64) -> u16x8;
            V128Load16x4S "v128.load16x4_s" 0xfd003 v128_load16x4_s(u64) -> i32x4;
            V128Load16x4U "v128.load16x4_u" 0xfd004 v128_load16x4_u(u64) -> u32x4;
            V128Load32x2S "v128.load32x2_s" 0xfd005 v128_load32x2_s(u64) -> i64x2;
            V128Load32x2U "v128.load32x2_u" 0xfd006 v128_load32x2_u(u64) -> u64x2;
            V128Load8Splat "v128.load8_splat" 0xfd007 v128_load8_splat(u8) -> u8x16;
            V128Load16Splat "v128.load16_splat" 0xfd008 v128_load16_splat(u16) -> u16x8;
            V128Load32Splat "v128.load32_splat" 0xfd009 v128_load32_splat(u32) -> u32x4;
            V128Load64Splat "v128.load64_splat" 0xfd00a v128_load64_splat(u64) -> u64x2;
            V128Load32Zero "v128.load32_zero" 0xfd05c v128_load32_zero(u32) -> u32x4;
            V128Load64Zero "v128.load64_zero" 0xfd05d v128_load64_zero(u64) -> u64x2;
        }
        vector_store {
            V128Store "v128.store" 0xfd00b v128_store(v128) -> u128;
        }
        load_lane {
            V128Load8Lane "v128.load8_lane" 0xfd054 v128_load8_lane(u8, u8x16) -> u8x16;
            V128Load16Lane "v128.load16_lane" 0xfd055 v128_load16_lane(u16, u16x8) -> u16x8;
            V128Load32Lane "v128.load32_lane" 0xfd056 v128_load32_lane(u32, u32x4) -> u32x4;
            V128Load64Lane "v128.load64_lane" 0xfd057 v128_load64_lane(u64, u64x2) -> u64x2;
        }
        store_lane {
            V128Store8Lane "v128.store8_lane" 0xfd058 v128_store8_lane(u8x16) -> u8;
            V128Store16Lane "v128.store16_lane" 0xfd059 v128_store16_lane(u16x8) -> u16;
            V128Store32Lane "v128.store32_lane" 0xfd05a v128_store32_lane(u32x4) -> u32;
            V128Store64Lane "v128.store64_lane" 0xfd05b v128_store64_lane(u64x2) -> u64;
        }
        }
    };
}
