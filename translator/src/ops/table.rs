//! The operation table: one row per WebAssembly operation that computes a value
//! from values or moves one between a slot and memory. Vector operations and atomic ones have tables of their own, in
//! [`super::vector_table`] and [`super::atomic`].
//!
//! Everything that depends on the operations reads them from this table: the enums of [`super`], the translator's
//! operator match, the printer and its parser, the verifier, the interpreter's handlers, the compiled tiers' lowering.
//! A row reads
//!
//! ```text
//! I32Add "i32.add" 0x6a i32_add(i32, i32) -> i32;
//! ^enum  ^mnemonic ^opcode ^semantics ^operands ^result
//! ```
//!
//! The enum variant is also the name of wasmparser's operator. The semantics name a function of [`crate::semantics`] (a
//! function that traps returns a `Result`). An opcode with a prefix is written as the prefix followed by three digits:
//! `0xfc005`. For a load, the parenthesis holds the type in memory and the arrow points to the value's type; for a
//! store it is the other way round. The semantics of both are a conversion between the two. Rows of `wide` have two
//! results, the lower half of the number first.
//!
//! A section is a shape, and `binary` has one section for each of the enums that its operations are divided into. A
//! user that does not divide them matches the four by one pattern, `$(binary $Section:ident { .. })*`. A user that needs
//! nothing but the names of rows takes those of all tables from [`for_each_operation_name`](crate::for_each_operation_name).
//!
//! Operations with effects on tables, globals and control are not rows: they are
//! methods of [`crate::sink::Sink`].

/// Calls the macro `$mac` with the whole operation table, preceded by the tokens that follow the macro's name and a
/// comma.
#[macro_export]
macro_rules! for_each_operation {
    ($($mac:ident)::+ $(, $($prefix:tt)*)?) => {
        $($mac)::+! {
        $($($prefix)*)?
        binary IntBinaryOp {
            I32Add "i32.add" 0x6a i32_add(i32, i32) -> i32;
            I32Sub "i32.sub" 0x6b i32_sub(i32, i32) -> i32;
            I32Mul "i32.mul" 0x6c i32_mul(i32, i32) -> i32;
            I32And "i32.and" 0x71 i32_and(i32, i32) -> i32;
            I32Or "i32.or" 0x72 i32_or(i32, i32) -> i32;
            I32Xor "i32.xor" 0x73 i32_xor(i32, i32) -> i32;
            I32Shl "i32.shl" 0x74 i32_shl(i32, i32) -> i32;
            I32ShrS "i32.shr_s" 0x75 i32_shr_s(i32, i32) -> i32;
            I32ShrU "i32.shr_u" 0x76 i32_shr_u(i32, i32) -> i32;
            I32Rotl "i32.rotl" 0x77 i32_rotl(i32, i32) -> i32;
            I32Rotr "i32.rotr" 0x78 i32_rotr(i32, i32) -> i32;
            I32DivS "i32.div_s" 0x6d i32_div_s(i32, i32) -> i32;
            I32DivU "i32.div_u" 0x6e i32_div_u(i32, i32) -> i32;
            I32RemS "i32.rem_s" 0x6f i32_rem_s(i32, i32) -> i32;
            I32RemU "i32.rem_u" 0x70 i32_rem_u(i32, i32) -> i32;
            I64Add "i64.add" 0x7c i64_add(i64, i64) -> i64;
            I64Sub "i64.sub" 0x7d i64_sub(i64, i64) -> i64;
            I64Mul "i64.mul" 0x7e i64_mul(i64, i64) -> i64;
            I64And "i64.and" 0x83 i64_and(i64, i64) -> i64;
            I64Or "i64.or" 0x84 i64_or(i64, i64) -> i64;
            I64Xor "i64.xor" 0x85 i64_xor(i64, i64) -> i64;
            I64Shl "i64.shl" 0x86 i64_shl(i64, i64) -> i64;
            I64ShrS "i64.shr_s" 0x87 i64_shr_s(i64, i64) -> i64;
            I64ShrU "i64.shr_u" 0x88 i64_shr_u(i64, i64) -> i64;
            I64Rotl "i64.rotl" 0x89 i64_rotl(i64, i64) -> i64;
            I64Rotr "i64.rotr" 0x8a i64_rotr(i64, i64) -> i64;
            I64DivS "i64.div_s" 0x7f i64_div_s(i64, i64) -> i64;
            I64DivU "i64.div_u" 0x80 i64_div_u(i64, i64) -> i64;
            I64RemS "i64.rem_s" 0x81 i64_rem_s(i64, i64) -> i64;
            I64RemU "i64.rem_u" 0x82 i64_rem_u(i64, i64) -> i64;
        }
        binary IntCompareOp {
            I32Eq "i32.eq" 0x46 i32_eq(i32, i32) -> i32;
            I32Ne "i32.ne" 0x47 i32_ne(i32, i32) -> i32;
            I32LtS "i32.lt_s" 0x48 i32_lt_s(i32, i32) -> i32;
            I32LtU "i32.lt_u" 0x49 i32_lt_u(i32, i32) -> i32;
            I32GtS "i32.gt_s" 0x4a i32_gt_s(i32, i32) -> i32;
            I32GtU "i32.gt_u" 0x4b i32_gt_u(i32, i32) -> i32;
            I32LeS "i32.le_s" 0x4c i32_le_s(i32, i32) -> i32;
            I32LeU "i32.le_u" 0x4d i32_le_u(i32, i32) -> i32;
            I32GeS "i32.ge_s" 0x4e i32_ge_s(i32, i32) -> i32;
            I32GeU "i32.ge_u" 0x4f i32_ge_u(i32, i32) -> i32;
            I64Eq "i64.eq" 0x51 i64_eq(i64, i64) -> i32;
            I64Ne "i64.ne" 0x52 i64_ne(i64, i64) -> i32;
            I64LtS "i64.lt_s" 0x53 i64_lt_s(i64, i64) -> i32;
            I64LtU "i64.lt_u" 0x54 i64_lt_u(i64, i64) -> i32;
            I64GtS "i64.gt_s" 0x55 i64_gt_s(i64, i64) -> i32;
            I64GtU "i64.gt_u" 0x56 i64_gt_u(i64, i64) -> i32;
            I64LeS "i64.le_s" 0x57 i64_le_s(i64, i64) -> i32;
            I64LeU "i64.le_u" 0x58 i64_le_u(i64, i64) -> i32;
            I64GeS "i64.ge_s" 0x59 i64_ge_s(i64, i64) -> i32;
            I64GeU "i64.ge_u" 0x5a i64_ge_u(i64, i64) -> i32;
        }
        binary FloatBinaryOp {
            F32Add "f32.add" 0x92 f32_add(f32, f32) -> f32;
            F32Sub "f32.sub" 0x93 f32_sub(f32, f32) -> f32;
            F32Mul "f32.mul" 0x94 f32_mul(f32, f32) -> f32;
            F32Div "f32.div" 0x95 f32_div(f32, f32) -> f32;
            F32Min "f32.min" 0x96 f32_min(f32, f32) -> f32;
            F32Max "f32.max" 0x97 f32_max(f32, f32) -> f32;
            F32Copysign "f32.copysign" 0x98 f32_copysign(f32, f32) -> f32;
            F64Add "f64.add" 0xa0 f64_add(f64, f64) -> f64;
            F64Sub "f64.sub" 0xa1 f64_sub(f64, f64) -> f64;
            F64Mul "f64.mul" 0xa2 f64_mul(f64, f64) -> f64;
            F64Div "f64.div" 0xa3 f64_div(f64, f64) -> f64;
            F64Min "f64.min" 0xa4 f64_min(f64, f64) -> f64;
            F64Max "f64.max" 0xa5 f64_max(f64, f64) -> f64;
            F64Copysign "f64.copysign" 0xa6 f64_copysign(f64, f64) -> f64;
        }
        binary FloatCompareOp {
            F32Eq "f32.eq" 0x5b f32_eq(f32, f32) -> i32;
            F32Ne "f32.ne" 0x5c f32_ne(f32, f32) -> i32;
            F32Lt "f32.lt" 0x5d f32_lt(f32, f32) -> i32;
            F32Gt "f32.gt" 0x5e f32_gt(f32, f32) -> i32;
            F32Le "f32.le" 0x5f f32_le(f32, f32) -> i32;
            F32Ge "f32.ge" 0x60 f32_ge(f32, f32) -> i32;
            F64Eq "f64.eq" 0x61 f64_eq(f64, f64) -> i32;
            F64Ne "f64.ne" 0x62 f64_ne(f64, f64) -> i32;
            F64Lt "f64.lt" 0x63 f64_lt(f64, f64) -> i32;
            F64Gt "f64.gt" 0x64 f64_gt(f64, f64) -> i32;
            F64Le "f64.le" 0x65 f64_le(f64, f64) -> i32;
            F64Ge "f64.ge" 0x66 f64_ge(f64, f64) -> i32;
        }
        unary {
            I32Clz "i32.clz" 0x67 i32_clz(i32) -> i32;
            I32Ctz "i32.ctz" 0x68 i32_ctz(i32) -> i32;
            I32Popcnt "i32.popcnt" 0x69 i32_popcnt(i32) -> i32;
            I32Eqz "i32.eqz" 0x45 i32_eqz(i32) -> i32;
            I64Clz "i64.clz" 0x79 i64_clz(i64) -> i64;
            I64Ctz "i64.ctz" 0x7a i64_ctz(i64) -> i64;
            I64Popcnt "i64.popcnt" 0x7b i64_popcnt(i64) -> i64;
            I64Eqz "i64.eqz" 0x50 i64_eqz(i64) -> i32;
            I32Extend8S "i32.extend8_s" 0xc0 i32_extend8_s(i32) -> i32;
            I32Extend16S "i32.extend16_s" 0xc1 i32_extend16_s(i32) -> i32;
            I64Extend8S "i64.extend8_s" 0xc2 i64_extend8_s(i64) -> i64;
            I64Extend16S "i64.extend16_s" 0xc3 i64_extend16_s(i64) -> i64;
            I64Extend32S "i64.extend32_s" 0xc4 i64_extend32_s(i64) -> i64;
            F32Abs "f32.abs" 0x8b f32_abs(f32) -> f32;
            F32Neg "f32.neg" 0x8c f32_neg(f32) -> f32;
            F32Ceil "f32.ceil" 0x8d f32_ceil(f32) -> f32;
            F32Floor "f32.floor" 0x8e f32_floor(f32) -> f32;
            F32Trunc "f32.trunc" 0x8f f32_trunc(f32) -> f32;
            F32Nearest "f32.nearest" 0x90 f32_nearest(f32) -> f32;
            F32Sqrt "f32.sqrt" 0x91 f32_sqrt(f32) -> f32;
            F64Abs "f64.abs" 0x99 f64_abs(f64) -> f64;
            F64Neg "f64.neg" 0x9a f64_neg(f64) -> f64;
            F64Ceil "f64.ceil" 0x9b f64_ceil(f64) -> f64;
            F64Floor "f64.floor" 0x9c f64_floor(f64) -> f64;
            F64Trunc "f64.trunc" 0x9d f64_trunc(f64) -> f64;
            F64Nearest "f64.nearest" 0x9e f64_nearest(f64) -> f64;
            F64Sqrt "f64.sqrt" 0x9f f64_sqrt(f64) -> f64;
            I32WrapI64 "i32.wrap_i64" 0xa7 i32_wrap_i64(i64) -> i32;
            I64ExtendI32S "i64.extend_i32_s" 0xac i64_extend_i32_s(i32) -> i64;
            I64ExtendI32U "i64.extend_i32_u" 0xad i64_extend_i32_u(i32) -> i64;
            I32TruncF32S "i32.trunc_f32_s" 0xa8 i32_trunc_f32_s(f32) -> i32;
            I32TruncF32U "i32.trunc_f32_u" 0xa9 i32_trunc_f32_u(f32) -> i32;
            I32TruncF64S "i32.trunc_f64_s" 0xaa i32_trunc_f64_s(f64) -> i32;
            I32TruncF64U "i32.trunc_f64_u" 0xab i32_trunc_f64_u(f64) -> i32;
            I64TruncF32S "i64.trunc_f32_s" 0xae i64_trunc_f32_s(f32) -> i64;
            I64TruncF32U "i64.trunc_f32_u" 0xaf i64_trunc_f32_u(f32) -> i64;
            I64TruncF64S "i64.trunc_f64_s" 0xb0 i64_trunc_f64_s(f64) -> i64;
            I64TruncF64U "i64.trunc_f64_u" 0xb1 i64_trunc_f64_u(f64) -> i64;
            I32TruncSatF32S "i32.trunc_sat_f32_s" 0xfc000 i32_trunc_sat_f32_s(f32) -> i32;
            I32TruncSatF32U "i32.trunc_sat_f32_u" 0xfc001 i32_trunc_sat_f32_u(f32) -> i32;
            I32TruncSatF64S "i32.trunc_sat_f64_s" 0xfc002 i32_trunc_sat_f64_s(f64) -> i32;
            I32TruncSatF64U "i32.trunc_sat_f64_u" 0xfc003 i32_trunc_sat_f64_u(f64) -> i32;
            I64TruncSatF32S "i64.trunc_sat_f32_s" 0xfc004 i64_trunc_sat_f32_s(f32) -> i64;
            I64TruncSatF32U "i64.trunc_sat_f32_u" 0xfc005 i64_trunc_sat_f32_u(f32) -> i64;
            I64TruncSatF64S "i64.trunc_sat_f64_s" 0xfc006 i64_trunc_sat_f64_s(f64) -> i64;
            I64TruncSatF64U "i64.trunc_sat_f64_u" 0xfc007 i64_trunc_sat_f64_u(f64) -> i64;
            F32ConvertI32S "f32.convert_i32_s" 0xb2 f32_convert_i32_s(i32) -> f32;
            F32ConvertI32U "f32.convert_i32_u" 0xb3 f32_convert_i32_u(i32) -> f32;
            F32ConvertI64S "f32.convert_i64_s" 0xb4 f32_convert_i64_s(i64) -> f32;
            F32ConvertI64U "f32.convert_i64_u" 0xb5 f32_convert_i64_u(i64) -> f32;
            F64ConvertI32S "f64.convert_i32_s" 0xb7 f64_convert_i32_s(i32) -> f64;
            F64ConvertI32U "f64.convert_i32_u" 0xb8 f64_convert_i32_u(i32) -> f64;
            F64ConvertI64S "f64.convert_i64_s" 0xb9 f64_convert_i64_s(i64) -> f64;
            F64ConvertI64U "f64.convert_i64_u" 0xba f64_convert_i64_u(i64) -> f64;
            F32DemoteF64 "f32.demote_f64" 0xb6 f32_demote_f64(f64) -> f32;
            F64PromoteF32 "f64.promote_f32" 0xbb f64_promote_f32(f32) -> f64;
            I32ReinterpretF32 "i32.reinterpret_f32" 0xbc i32_reinterpret_f32(f32) -> i32;
            I64ReinterpretF64 "i64.reinterpret_f64" 0xbd i64_reinterpret_f64(f64) -> i64;
            F32ReinterpretI32 "f32.reinterpret_i32" 0xbe f32_reinterpret_i32(i32) -> f32;
            F64ReinterpretI64 "f64.reinterpret_i64" 0xbf f64_reinterpret_i64(i64) -> f64;
        }
        load {
            I32Load "i32.load" 0x28 i32_load(u32) -> i32;
            I64Load "i64.load" 0x29 i64_load(u64) -> i64;
            F32Load "f32.load" 0x2a f32_load(u32) -> f32;
            F64Load "f64.load" 0x2b f64_load(u64) -> f64;
            I32Load8S "i32.load8_s" 0x2c i32_load8_s(i8) -> i32;
            I32Load8U "i32.load8_u" 0x2d i32_load8_u(u8) -> i32;
            I32Load16S "i32.load16_s" 0x2e i32_load16_s(i16) -> i32;
            I32Load16U "i32.load16_u" 0x2f i32_load16_u(u16) -> i32;
            I64Load8S "i64.load8_s" 0x30 i64_load8_s(i8) -> i64;
            I64Load8U "i64.load8_u" 0x31 i64_load8_u(u8) -> i64;
            I64Load16S "i64.load16_s" 0x32 i64_load16_s(i16) -> i64;
            I64Load16U "i64.load16_u" 0x33 i64_load16_u(u16) -> i64;
            I64Load32S "i64.load32_s" 0x34 i64_load32_s(i32) -> i64;
            I64Load32U "i64.load32_u" 0x35 i64_load32_u(u32) -> i64;
        }
        store {
            I32Store "i32.store" 0x36 i32_store(i32) -> u32;
            I64Store "i64.store" 0x37 i64_store(i64) -> u64;
            F32Store "f32.store" 0x38 f32_store(f32) -> u32;
            F64Store "f64.store" 0x39 f64_store(f64) -> u64;
            I32Store8 "i32.store8" 0x3a i32_store8(i32) -> u8;
            I32Store16 "i32.store16" 0x3b i32_store16(i32) -> u16;
            I64Store8 "i64.store8" 0x3c i64_store8(i64) -> u8;
            I64Store16 "i64.store16" 0x3d i64_store16(i64) -> u16;
            I64Store32 "i64.store32" 0x3e i64_store32(i64) -> u32;
        }
        wide {
            I64Add128 "i64.add128" 0xfc013 i64_add128(i64, i64, i64, i64) -> i64x2;
            I64Sub128 "i64.sub128" 0xfc014 i64_sub128(i64, i64, i64, i64) -> i64x2;
            I64MulWideS "i64.mul_wide_s" 0xfc015 i64_mul_wide_s(i64, i64) -> i64x2;
            I64MulWideU "i64.mul_wide_u" 0xfc016 i64_mul_wide_u(i64, i64) -> i64x2;
        }
        }
    };
}

/// Calls the macro `$mac` with the names of all rows of all tables, by section, preceded by the tokens that follow the
/// macro's name and a comma:
///
/// ```text
/// binary IntBinaryOp { I32Add I32Sub .. } .. unary { I32Clz .. } .. atomic { MemoryAtomicNotify .. }
/// ```
#[macro_export]
macro_rules! for_each_operation_name {
    ($($mac:ident)::+ $(, $($prefix:tt)*)?) => {
        $crate::for_each_operation! {
            $crate::with_operation_names, ($($mac)::+) [for_each_vector_operation for_each_atomic_operation]
            { $($($prefix)*)? }
        }
    };
}

/// Adds the names of a table's rows to those of the tables before it, and goes on with the `$rest` of the tables.
#[doc(hidden)]
#[macro_export]
macro_rules! with_operation_names {
    ($mac:tt [$next:ident $($rest:ident)*] $names:tt) => {
        $crate::$next! { $crate::with_operation_names, $mac [$($rest)*] $names }
    };
    (($($mac:ident)::+) [] { $($names:tt)* }) => {
        $($mac)::+! { $($names)* }
    };
    (
        $mac:tt $rest:tt { $($names:tt)* }
        $($shape:ident $($part:ident)? { $($Op:ident $_1:literal $_2:literal $_3:ident $_4:tt -> $_5:ident;)* })*
    ) => {
        $crate::with_operation_names! { $mac $rest { $($names)* $($shape $($part)? { $($Op)* })* } }
    };
}
