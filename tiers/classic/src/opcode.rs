//! Opcodes of the binary format (core spec, section 5.4), under the names that
//! the operation table and wasmparser give to the operators.
//!
//! The operators behind the prefix byte `0xfc` count on from 0x100 and vector operators,
//! behind `0xfd`, from 0x200, so that one number says which operator it is.
//!
//! Bytes that the format leaves free, from 0xf0 on, are the operators on vectors that it
//! does not tell from those on other values. No module has them: they are written into the
//! copy of a body, see `side_table.rs`.

#![expect(non_upper_case_globals, reason = "the names are those of the operation table's rows")]

use crate::machine::long_leb_u64;

/// What the number of a prefixed operator starts from.
pub(crate) const PREFIXED: u32 = 0x100;

/// The prefix byte.
pub(crate) const Prefix: u32 = 0xfc;

/// What the number of a vector operator starts from.
pub(crate) const VECTORS: u32 = 0x200;

/// The prefix byte of vector operators.
pub(crate) const VectorPrefix: u32 = 0xfd;

/// Calls a macro with all opcodes, but for those of vector operators.
macro_rules! for_each_opcode {
    ($then:ident) => {
        $then! {
            // Control.
            Unreachable = 0x00;
            Nop = 0x01;
            Block = 0x02;
            Loop = 0x03;
            If = 0x04;
            Else = 0x05;
            End = 0x0b;
            Br = 0x0c;
            BrIf = 0x0d;
            BrTable = 0x0e;
            Return = 0x0f;
            Call = 0x10;
            CallIndirect = 0x11;
            ReturnCall = 0x12;
            ReturnCallIndirect = 0x13;

            // Parametric and variable.
            Drop = 0x1a;
            Select = 0x1b;
            TypedSelect = 0x1c;
            LocalGet = 0x20;
            LocalSet = 0x21;
            LocalTee = 0x22;
            GlobalGet = 0x23;
            GlobalSet = 0x24;
            TableGet = 0x25;
            TableSet = 0x26;

            // Memory.
            I32Load = 0x28;
            I64Load = 0x29;
            F32Load = 0x2a;
            F64Load = 0x2b;
            I32Load8S = 0x2c;
            I32Load8U = 0x2d;
            I32Load16S = 0x2e;
            I32Load16U = 0x2f;
            I64Load8S = 0x30;
            I64Load8U = 0x31;
            I64Load16S = 0x32;
            I64Load16U = 0x33;
            I64Load32S = 0x34;
            I64Load32U = 0x35;
            I32Store = 0x36;
            I64Store = 0x37;
            F32Store = 0x38;
            F64Store = 0x39;
            I32Store8 = 0x3a;
            I32Store16 = 0x3b;
            I64Store8 = 0x3c;
            I64Store16 = 0x3d;
            I64Store32 = 0x3e;
            MemorySize = 0x3f;
            MemoryGrow = 0x40;

            // Numeric.
            I32Const = 0x41;
            I64Const = 0x42;
            F32Const = 0x43;
            F64Const = 0x44;
            I32Eqz = 0x45;
            I32Eq = 0x46;
            I32Ne = 0x47;
            I32LtS = 0x48;
            I32LtU = 0x49;
            I32GtS = 0x4a;
            I32GtU = 0x4b;
            I32LeS = 0x4c;
            I32LeU = 0x4d;
            I32GeS = 0x4e;
            I32GeU = 0x4f;
            I64Eqz = 0x50;
            I64Eq = 0x51;
            I64Ne = 0x52;
            I64LtS = 0x53;
            I64LtU = 0x54;
            I64GtS = 0x55;
            I64GtU = 0x56;
            I64LeS = 0x57;
            I64LeU = 0x58;
            I64GeS = 0x59;
            I64GeU = 0x5a;
            F32Eq = 0x5b;
            F32Ne = 0x5c;
            F32Lt = 0x5d;
            F32Gt = 0x5e;
            F32Le = 0x5f;
            F32Ge = 0x60;
            F64Eq = 0x61;
            F64Ne = 0x62;
            F64Lt = 0x63;
            F64Gt = 0x64;
            F64Le = 0x65;
            F64Ge = 0x66;
            I32Clz = 0x67;
            I32Ctz = 0x68;
            I32Popcnt = 0x69;
            I32Add = 0x6a;
            I32Sub = 0x6b;
            I32Mul = 0x6c;
            I32DivS = 0x6d;
            I32DivU = 0x6e;
            I32RemS = 0x6f;
            I32RemU = 0x70;
            I32And = 0x71;
            I32Or = 0x72;
            I32Xor = 0x73;
            I32Shl = 0x74;
            I32ShrS = 0x75;
            I32ShrU = 0x76;
            I32Rotl = 0x77;
            I32Rotr = 0x78;
            I64Clz = 0x79;
            I64Ctz = 0x7a;
            I64Popcnt = 0x7b;
            I64Add = 0x7c;
            I64Sub = 0x7d;
            I64Mul = 0x7e;
            I64DivS = 0x7f;
            I64DivU = 0x80;
            I64RemS = 0x81;
            I64RemU = 0x82;
            I64And = 0x83;
            I64Or = 0x84;
            I64Xor = 0x85;
            I64Shl = 0x86;
            I64ShrS = 0x87;
            I64ShrU = 0x88;
            I64Rotl = 0x89;
            I64Rotr = 0x8a;
            F32Abs = 0x8b;
            F32Neg = 0x8c;
            F32Ceil = 0x8d;
            F32Floor = 0x8e;
            F32Trunc = 0x8f;
            F32Nearest = 0x90;
            F32Sqrt = 0x91;
            F32Add = 0x92;
            F32Sub = 0x93;
            F32Mul = 0x94;
            F32Div = 0x95;
            F32Min = 0x96;
            F32Max = 0x97;
            F32Copysign = 0x98;
            F64Abs = 0x99;
            F64Neg = 0x9a;
            F64Ceil = 0x9b;
            F64Floor = 0x9c;
            F64Trunc = 0x9d;
            F64Nearest = 0x9e;
            F64Sqrt = 0x9f;
            F64Add = 0xa0;
            F64Sub = 0xa1;
            F64Mul = 0xa2;
            F64Div = 0xa3;
            F64Min = 0xa4;
            F64Max = 0xa5;
            F64Copysign = 0xa6;
            I32WrapI64 = 0xa7;
            I32TruncF32S = 0xa8;
            I32TruncF32U = 0xa9;
            I32TruncF64S = 0xaa;
            I32TruncF64U = 0xab;
            I64ExtendI32S = 0xac;
            I64ExtendI32U = 0xad;
            I64TruncF32S = 0xae;
            I64TruncF32U = 0xaf;
            I64TruncF64S = 0xb0;
            I64TruncF64U = 0xb1;
            F32ConvertI32S = 0xb2;
            F32ConvertI32U = 0xb3;
            F32ConvertI64S = 0xb4;
            F32ConvertI64U = 0xb5;
            F32DemoteF64 = 0xb6;
            F64ConvertI32S = 0xb7;
            F64ConvertI32U = 0xb8;
            F64ConvertI64S = 0xb9;
            F64ConvertI64U = 0xba;
            F64PromoteF32 = 0xbb;
            I32ReinterpretF32 = 0xbc;
            I64ReinterpretF64 = 0xbd;
            F32ReinterpretI32 = 0xbe;
            F64ReinterpretI64 = 0xbf;
            I32Extend8S = 0xc0;
            I32Extend16S = 0xc1;
            I64Extend8S = 0xc2;
            I64Extend16S = 0xc3;
            I64Extend32S = 0xc4;

            // Reference.
            RefNull = 0xd0;
            RefIsNull = 0xd1;
            RefFunc = 0xd2;

            // On vectors; scalar locals behind a vector, which are not in the slot of their index.
            VectorDrop = 0xf0;
            VectorSelect = 0xf1;
            VectorTypedSelect = 0xf2;
            VectorLocalGet = 0xf3;
            VectorLocalSet = 0xf4;
            VectorLocalTee = 0xf5;
            VectorGlobalGet = 0xf6;
            VectorGlobalSet = 0xf7;
            MovedLocalGet = 0xf8;
            MovedLocalSet = 0xf9;
            MovedLocalTee = 0xfa;

            // After the prefix.
            I32TruncSatF32S = 0x100;
            I32TruncSatF32U = 0x101;
            I32TruncSatF64S = 0x102;
            I32TruncSatF64U = 0x103;
            I64TruncSatF32S = 0x104;
            I64TruncSatF32U = 0x105;
            I64TruncSatF64S = 0x106;
            I64TruncSatF64U = 0x107;
            MemoryInit = 0x108;
            DataDrop = 0x109;
            MemoryCopy = 0x10a;
            MemoryFill = 0x10b;
            TableInit = 0x10c;
            ElemDrop = 0x10d;
            TableCopy = 0x10e;
            TableGrow = 0x10f;
            TableSize = 0x110;
            TableFill = 0x111;
        }
    };
}

#[cfg(tail_dispatch)]
pub(crate) use for_each_opcode;

/// Calls a macro with the numbers that follow the prefix byte of vector operators.
macro_rules! for_each_vector_opcode {
    ($then:ident) => {
        $then! {
            V128Load = 0x00;
            V128Load8x8S = 0x01;
            V128Load8x8U = 0x02;
            V128Load16x4S = 0x03;
            V128Load16x4U = 0x04;
            V128Load32x2S = 0x05;
            V128Load32x2U = 0x06;
            V128Load8Splat = 0x07;
            V128Load16Splat = 0x08;
            V128Load32Splat = 0x09;
            V128Load64Splat = 0x0a;
            V128Store = 0x0b;
            V128Const = 0x0c;
            I8x16Shuffle = 0x0d;
            I8x16Swizzle = 0x0e;
            I8x16Splat = 0x0f;
            I16x8Splat = 0x10;
            I32x4Splat = 0x11;
            I64x2Splat = 0x12;
            F32x4Splat = 0x13;
            F64x2Splat = 0x14;
            I8x16ExtractLaneS = 0x15;
            I8x16ExtractLaneU = 0x16;
            I8x16ReplaceLane = 0x17;
            I16x8ExtractLaneS = 0x18;
            I16x8ExtractLaneU = 0x19;
            I16x8ReplaceLane = 0x1a;
            I32x4ExtractLane = 0x1b;
            I32x4ReplaceLane = 0x1c;
            I64x2ExtractLane = 0x1d;
            I64x2ReplaceLane = 0x1e;
            F32x4ExtractLane = 0x1f;
            F32x4ReplaceLane = 0x20;
            F64x2ExtractLane = 0x21;
            F64x2ReplaceLane = 0x22;
            I8x16Eq = 0x23;
            I8x16Ne = 0x24;
            I8x16LtS = 0x25;
            I8x16LtU = 0x26;
            I8x16GtS = 0x27;
            I8x16GtU = 0x28;
            I8x16LeS = 0x29;
            I8x16LeU = 0x2a;
            I8x16GeS = 0x2b;
            I8x16GeU = 0x2c;
            I16x8Eq = 0x2d;
            I16x8Ne = 0x2e;
            I16x8LtS = 0x2f;
            I16x8LtU = 0x30;
            I16x8GtS = 0x31;
            I16x8GtU = 0x32;
            I16x8LeS = 0x33;
            I16x8LeU = 0x34;
            I16x8GeS = 0x35;
            I16x8GeU = 0x36;
            I32x4Eq = 0x37;
            I32x4Ne = 0x38;
            I32x4LtS = 0x39;
            I32x4LtU = 0x3a;
            I32x4GtS = 0x3b;
            I32x4GtU = 0x3c;
            I32x4LeS = 0x3d;
            I32x4LeU = 0x3e;
            I32x4GeS = 0x3f;
            I32x4GeU = 0x40;
            F32x4Eq = 0x41;
            F32x4Ne = 0x42;
            F32x4Lt = 0x43;
            F32x4Gt = 0x44;
            F32x4Le = 0x45;
            F32x4Ge = 0x46;
            F64x2Eq = 0x47;
            F64x2Ne = 0x48;
            F64x2Lt = 0x49;
            F64x2Gt = 0x4a;
            F64x2Le = 0x4b;
            F64x2Ge = 0x4c;
            V128Not = 0x4d;
            V128And = 0x4e;
            V128AndNot = 0x4f;
            V128Or = 0x50;
            V128Xor = 0x51;
            V128Bitselect = 0x52;
            V128AnyTrue = 0x53;
            V128Load8Lane = 0x54;
            V128Load16Lane = 0x55;
            V128Load32Lane = 0x56;
            V128Load64Lane = 0x57;
            V128Store8Lane = 0x58;
            V128Store16Lane = 0x59;
            V128Store32Lane = 0x5a;
            V128Store64Lane = 0x5b;
            V128Load32Zero = 0x5c;
            V128Load64Zero = 0x5d;
            F32x4DemoteF64x2Zero = 0x5e;
            F64x2PromoteLowF32x4 = 0x5f;
            I8x16Abs = 0x60;
            I8x16Neg = 0x61;
            I8x16Popcnt = 0x62;
            I8x16AllTrue = 0x63;
            I8x16Bitmask = 0x64;
            I8x16NarrowI16x8S = 0x65;
            I8x16NarrowI16x8U = 0x66;
            F32x4Ceil = 0x67;
            F32x4Floor = 0x68;
            F32x4Trunc = 0x69;
            F32x4Nearest = 0x6a;
            I8x16Shl = 0x6b;
            I8x16ShrS = 0x6c;
            I8x16ShrU = 0x6d;
            I8x16Add = 0x6e;
            I8x16AddSatS = 0x6f;
            I8x16AddSatU = 0x70;
            I8x16Sub = 0x71;
            I8x16SubSatS = 0x72;
            I8x16SubSatU = 0x73;
            F64x2Ceil = 0x74;
            F64x2Floor = 0x75;
            I8x16MinS = 0x76;
            I8x16MinU = 0x77;
            I8x16MaxS = 0x78;
            I8x16MaxU = 0x79;
            F64x2Trunc = 0x7a;
            I8x16AvgrU = 0x7b;
            I16x8ExtAddPairwiseI8x16S = 0x7c;
            I16x8ExtAddPairwiseI8x16U = 0x7d;
            I32x4ExtAddPairwiseI16x8S = 0x7e;
            I32x4ExtAddPairwiseI16x8U = 0x7f;
            I16x8Abs = 0x80;
            I16x8Neg = 0x81;
            I16x8Q15MulrSatS = 0x82;
            I16x8AllTrue = 0x83;
            I16x8Bitmask = 0x84;
            I16x8NarrowI32x4S = 0x85;
            I16x8NarrowI32x4U = 0x86;
            I16x8ExtendLowI8x16S = 0x87;
            I16x8ExtendHighI8x16S = 0x88;
            I16x8ExtendLowI8x16U = 0x89;
            I16x8ExtendHighI8x16U = 0x8a;
            I16x8Shl = 0x8b;
            I16x8ShrS = 0x8c;
            I16x8ShrU = 0x8d;
            I16x8Add = 0x8e;
            I16x8AddSatS = 0x8f;
            I16x8AddSatU = 0x90;
            I16x8Sub = 0x91;
            I16x8SubSatS = 0x92;
            I16x8SubSatU = 0x93;
            F64x2Nearest = 0x94;
            I16x8Mul = 0x95;
            I16x8MinS = 0x96;
            I16x8MinU = 0x97;
            I16x8MaxS = 0x98;
            I16x8MaxU = 0x99;
            I16x8AvgrU = 0x9b;
            I16x8ExtMulLowI8x16S = 0x9c;
            I16x8ExtMulHighI8x16S = 0x9d;
            I16x8ExtMulLowI8x16U = 0x9e;
            I16x8ExtMulHighI8x16U = 0x9f;
            I32x4Abs = 0xa0;
            I32x4Neg = 0xa1;
            I32x4AllTrue = 0xa3;
            I32x4Bitmask = 0xa4;
            I32x4ExtendLowI16x8S = 0xa7;
            I32x4ExtendHighI16x8S = 0xa8;
            I32x4ExtendLowI16x8U = 0xa9;
            I32x4ExtendHighI16x8U = 0xaa;
            I32x4Shl = 0xab;
            I32x4ShrS = 0xac;
            I32x4ShrU = 0xad;
            I32x4Add = 0xae;
            I32x4Sub = 0xb1;
            I32x4Mul = 0xb5;
            I32x4MinS = 0xb6;
            I32x4MinU = 0xb7;
            I32x4MaxS = 0xb8;
            I32x4MaxU = 0xb9;
            I32x4DotI16x8S = 0xba;
            I32x4ExtMulLowI16x8S = 0xbc;
            I32x4ExtMulHighI16x8S = 0xbd;
            I32x4ExtMulLowI16x8U = 0xbe;
            I32x4ExtMulHighI16x8U = 0xbf;
            I64x2Abs = 0xc0;
            I64x2Neg = 0xc1;
            I64x2AllTrue = 0xc3;
            I64x2Bitmask = 0xc4;
            I64x2ExtendLowI32x4S = 0xc7;
            I64x2ExtendHighI32x4S = 0xc8;
            I64x2ExtendLowI32x4U = 0xc9;
            I64x2ExtendHighI32x4U = 0xca;
            I64x2Shl = 0xcb;
            I64x2ShrS = 0xcc;
            I64x2ShrU = 0xcd;
            I64x2Add = 0xce;
            I64x2Sub = 0xd1;
            I64x2Mul = 0xd5;
            I64x2Eq = 0xd6;
            I64x2Ne = 0xd7;
            I64x2LtS = 0xd8;
            I64x2GtS = 0xd9;
            I64x2LeS = 0xda;
            I64x2GeS = 0xdb;
            I64x2ExtMulLowI32x4S = 0xdc;
            I64x2ExtMulHighI32x4S = 0xdd;
            I64x2ExtMulLowI32x4U = 0xde;
            I64x2ExtMulHighI32x4U = 0xdf;
            F32x4Abs = 0xe0;
            F32x4Neg = 0xe1;
            F32x4Sqrt = 0xe3;
            F32x4Add = 0xe4;
            F32x4Sub = 0xe5;
            F32x4Mul = 0xe6;
            F32x4Div = 0xe7;
            F32x4Min = 0xe8;
            F32x4Max = 0xe9;
            F32x4PMin = 0xea;
            F32x4PMax = 0xeb;
            F64x2Abs = 0xec;
            F64x2Neg = 0xed;
            F64x2Sqrt = 0xef;
            F64x2Add = 0xf0;
            F64x2Sub = 0xf1;
            F64x2Mul = 0xf2;
            F64x2Div = 0xf3;
            F64x2Min = 0xf4;
            F64x2Max = 0xf5;
            F64x2PMin = 0xf6;
            F64x2PMax = 0xf7;
            I32x4TruncSatF32x4S = 0xf8;
            I32x4TruncSatF32x4U = 0xf9;
            F32x4ConvertI32x4S = 0xfa;
            F32x4ConvertI32x4U = 0xfb;
            I32x4TruncSatF64x2SZero = 0xfc;
            I32x4TruncSatF64x2UZero = 0xfd;
            F64x2ConvertLowI32x4S = 0xfe;
            F64x2ConvertLowI32x4U = 0xff;
            I8x16RelaxedSwizzle = 0x100;
            I32x4RelaxedTruncF32x4S = 0x101;
            I32x4RelaxedTruncF32x4U = 0x102;
            I32x4RelaxedTruncF64x2SZero = 0x103;
            I32x4RelaxedTruncF64x2UZero = 0x104;
            F32x4RelaxedMadd = 0x105;
            F32x4RelaxedNmadd = 0x106;
            F64x2RelaxedMadd = 0x107;
            F64x2RelaxedNmadd = 0x108;
            I8x16RelaxedLaneselect = 0x109;
            I16x8RelaxedLaneselect = 0x10a;
            I32x4RelaxedLaneselect = 0x10b;
            I64x2RelaxedLaneselect = 0x10c;
            F32x4RelaxedMin = 0x10d;
            F32x4RelaxedMax = 0x10e;
            F64x2RelaxedMin = 0x10f;
            F64x2RelaxedMax = 0x110;
            I16x8RelaxedQ15mulrS = 0x111;
            I16x8RelaxedDotI8x16I7x16S = 0x112;
            I32x4RelaxedDotI8x16I7x16AddS = 0x113;
        }
    };
}

#[cfg(tail_dispatch)]
pub(crate) use for_each_vector_opcode;

macro_rules! constants {
    ($($name:ident = $code:literal;)*) => {
        $(pub(crate) const $name: u32 = $code;)*
    };
}

macro_rules! vector_constants {
    ($($name:ident = $code:literal;)*) => {
        $(pub(crate) const $name: u32 = VECTORS + $code;)*
    };
}

for_each_opcode!(constants);
for_each_vector_opcode!(vector_constants);

/// Just above all opcodes, but for those of vector operators.
#[cfg(tail_dispatch)]
pub(crate) const END: usize = TableFill as usize + 1;

/// How many numbers of vector operators there are.
#[cfg(tail_dispatch)]
pub(crate) const VECTOR_NUMBERS: usize = (I32x4RelaxedDotI8x16I7x16AddS - VECTORS) as usize + 1;

/// The opcode of the operator at `pc`, with the number behind the prefix. Of vector operators, the prefix alone.
///
/// # Safety
///
/// `pc` is at an operator of valid code.
#[inline(always)]
pub(crate) unsafe fn at(pc: *const u8) -> u32 {
    // SAFETY: by the contract of this function.
    unsafe {
        let byte = u32::from(*pc);
        if byte == Prefix { PREFIXED + long_leb_u64(pc.add(1)).0 as u32 } else { byte }
    }
}

/// What instrumented code does before an operator.
#[derive(Clone, Copy)]
pub(crate) struct Metering {
    /// Units of fuel that the operator costs.
    pub(crate) cost: u8,
    /// Whether a straight-line segment ends here, and what it cost is charged.
    pub(crate) ends_segment: bool,
}

/// [`Metering`] by the first byte of the operator.
pub(crate) static METERING: [Metering; 256] = metering();

const fn metering() -> [Metering; 256] {
    const FREE: &[u32] = &[Block, Loop, Else, End, Nop, Drop, VectorDrop, Unreachable, Return];
    const ENDS_SEGMENT: &[u32] = &[
        Block,
        Loop,
        If,
        Else,
        End,
        Br,
        BrIf,
        BrTable,
        Return,
        Unreachable,
        Call,
        CallIndirect,
        ReturnCall,
        ReturnCallIndirect,
    ];
    let mut table = [Metering { cost: 1, ends_segment: false }; 256];
    let mut i = 0;
    while i < FREE.len() {
        table[FREE[i] as usize].cost = 0;
        i += 1;
    }
    i = 0;
    while i < ENDS_SEGMENT.len() {
        table[ENDS_SEGMENT[i] as usize].ends_segment = true;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use wasmparser::{BinaryReader, OperatorsReader};

    #[test]
    fn vector_opcodes_are_those_of_the_format() {
        /// The name of the operator with this number, as wasmparser decodes it with immediates of zeros.
        fn decoded(number: u32) -> String {
            let mut bytes = vec![0xfd, number as u8 | 0x80, (number >> 7) as u8];
            bytes.resize(32, 0);
            let mut operators = OperatorsReader::new(BinaryReader::new(&bytes, 0));
            let operator = format!("{:?}", operators.read().unwrap());
            operator.split([' ', '{']).next().unwrap_or_default().to_owned()
        }

        macro_rules! check {
            ($($name:ident = $code:literal;)*) => {
                $(assert_eq!(decoded($code), stringify!($name));)*
            };
        }
        for_each_vector_opcode!(check);
    }
}
