//! Opcodes of the binary format (core spec, section 5.4), with the operators' names from the operation table and wasmparser.
//!
//! Opcodes of rows come from the tables; the others are here. As in the tables, the number after a prefix byte is below the
//! prefix: `0xfc008` is number 8 after `0xfc`. So that one small number identifies an operator, operators after `0xfc` are
//! numbered from 0x100, and vector operators, after `0xfd`, from 0x200 ([`number`]). Atomic operators, after `0xfe`, are one operator
//! whose first immediate is the number, see `atomic.rs`.
//!
//! Bytes from 0xf0 to 0xfb, which the format leaves free, are used for operators on vectors that the format does not distinguish
//! from those on other values, and for probes. No module contains them: they are written into the copy of a body, see `side_table.rs`
//! and `probe.rs`.

#![expect(non_upper_case_globals, reason = "the names are those of the operation table's rows")]

use crate::machine::long_leb_u64;

/// The first number of prefixed operators.
pub(crate) const PREFIXED: u32 = 0x100;

/// The prefix byte.
pub(crate) const Prefix: u32 = 0xfc;

/// Stands for an operator with a probe, or for the entry of a function with one.
pub(crate) const Probe: u32 = 0xfb;

/// The first number of vector operators.
pub(crate) const VECTORS: u32 = 0x200;

/// The prefix byte of vector operators.
pub(crate) const VectorPrefix: u32 = 0xfd;

/// The number of an operator, from its opcode with the prefix.
pub(crate) const fn number(opcode: u32) -> u32 {
    match (opcode >> 12, opcode & 0xfff) {
        (0, byte) => byte,
        (Prefix, behind) => PREFIXED + behind,
        (VectorPrefix, behind) => VECTORS + behind,
        _ => panic!("no such prefix"),
    }
}

/// Calls a macro with all opcodes: `Nop = 0x01;` and so on.
macro_rules! for_each_opcode {
    ($then:ident) => {
        riser_translator::for_each_operation! { $crate::opcode::with_rows, ($then
            // Control.
            Unreachable = 0x00;
            Nop = 0x01;
            Block = 0x02;
            Loop = 0x03;
            If = 0x04;
            Else = 0x05;
            Try = 0x06;
            Catch = 0x07;
            Throw = 0x08;
            Rethrow = 0x09;
            ThrowRef = 0x0a;
            End = 0x0b;
            Br = 0x0c;
            BrIf = 0x0d;
            BrTable = 0x0e;
            Return = 0x0f;
            Call = 0x10;
            CallIndirect = 0x11;
            ReturnCall = 0x12;
            ReturnCallIndirect = 0x13;
            Delegate = 0x18;
            CatchAll = 0x19;

            // Parametric and variable.
            Drop = 0x1a;
            Select = 0x1b;
            TypedSelect = 0x1c;
            TryTable = 0x1f;
            LocalGet = 0x20;
            LocalSet = 0x21;
            LocalTee = 0x22;
            GlobalGet = 0x23;
            GlobalSet = 0x24;
            TableGet = 0x25;
            TableSet = 0x26;

            // Memory.
            MemorySize = 0x3f;
            MemoryGrow = 0x40;

            // Numeric.
            I32Const = 0x41;
            I64Const = 0x42;
            F32Const = 0x43;
            F64Const = 0x44;

            // Reference.
            RefNull = 0xd0;
            RefIsNull = 0xd1;
            RefFunc = 0xd2;

            // Operators on vectors, and accesses of scalar locals after a vector, which are not in the slots of their indices.
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

            // The prefix of atomic operators, which are one operator here.
            AtomicPrefix = 0xfe;

            // After a prefix.
            MemoryInit = 0xfc008;
            DataDrop = 0xfc009;
            MemoryCopy = 0xfc00a;
            MemoryFill = 0xfc00b;
            TableInit = 0xfc00c;
            ElemDrop = 0xfc00d;
            TableCopy = 0xfc00e;
            TableGrow = 0xfc00f;
            TableSize = 0xfc010;
            TableFill = 0xfc011;
            V128Const = 0xfd00c;
            I8x16Shuffle = 0xfd00d;
        ) }
    };
}

/// Adds the rows of the operation table to opcodes.
macro_rules! with_rows {
    (
        ($then:ident $($opcodes:tt)*)
        $($shape:ident $($part:ident)? { $($Op:ident $_1:literal $code:literal $_2:ident $_3:tt -> $_4:ident;)* })*
    ) => {
        riser_translator::for_each_vector_operation! {
            $crate::opcode::with_vector_rows, ($then $($opcodes)* $($($Op = $code;)*)*)
        }
    };
}
pub(crate) use with_rows;

/// Adds the rows of the table of vector operations.
macro_rules! with_vector_rows {
    (
        ($then:ident $($opcodes:tt)*)
        $($shape:ident $($part:ident)? { $($Op:ident $_1:literal $code:literal $_2:ident $_3:tt -> $_4:ident;)* })*
    ) => {
        $then! { $($opcodes)* $($($Op = $code;)*)* }
    };
}
pub(crate) use with_vector_rows;

#[cfg(tail_dispatch)]
pub(crate) use for_each_opcode;

macro_rules! constants {
    ($($name:ident = $code:literal;)*) => {
        $(pub(crate) const $name: u32 = number($code);)*

        /// The largest number.
        #[cfg(tail_dispatch)]
        const LARGEST: u32 = {
            let mut largest = 0;
            $(if $name > largest { largest = $name; })*
            largest
        };
    };
}

for_each_opcode!(constants);

/// The size of a table indexed by the numbers of vector operators.
#[cfg(tail_dispatch)]
pub(crate) const VECTOR_NUMBERS: usize = (LARGEST - VECTORS) as usize + 1;

/// The number of the operator at `pc`, including the number after the prefix. For vector operators, the prefix alone.
///
/// # Safety
///
/// `pc` is at an operator of valid code.
#[cfg(not(tail_dispatch))]
#[inline(always)]
pub(crate) unsafe fn at(pc: *const u8) -> u32 {
    // SAFETY: the caller guarantees that `pc` is at an operator of valid code.
    unsafe {
        let byte = u32::from(*pc);
        if byte == Prefix { behind_prefix(pc) } else { byte }
    }
}

/// The number of the operator at `pc`, whose prefix is [`Prefix`].
///
/// # Safety
///
/// `pc` is at such an operator of valid code; the prefix itself may have been replaced.
#[inline(always)]
pub(crate) unsafe fn behind_prefix(pc: *const u8) -> u32 {
    // SAFETY: the caller guarantees that the number follows.
    PREFIXED + unsafe { long_leb_u64(pc.add(1)).0 as u32 }
}

/// The instrumentation before an operator.
#[derive(Clone, Copy)]
pub(crate) struct Metering {
    /// Units of fuel that the operator costs.
    pub(crate) cost: u8,
    /// Whether a straight-line segment ends here, so that its cost is charged.
    pub(crate) ends_segment: bool,
}

/// [`Metering`] by the first byte of the operator.
pub(crate) static METERING: [Metering; 256] = metering();

const fn metering() -> [Metering; 256] {
    macro_rules! operators {
        (free { $($Free:ident)* } ends_straight_line { $($Ends:ident)* }) => {
            const FREE: &[u32] = &[$($Free,)* VectorDrop, Probe];
            const ENDS_SEGMENT: &[u32] = &[$($Ends),*];
        };
    }
    riser_translator::for_each_metered_operator!(operators);
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

    /// The name of the operator with this opcode, decoded by wasmparser inside an `if` or `try`, with zeros as immediates.
    fn decoded(opcode: u32) -> String {
        let is_of_try = [super::Catch, super::CatchAll, super::Delegate].contains(&opcode);
        let mut bytes = vec![if is_of_try { super::Try } else { super::If } as u8, 0x40];
        match opcode >> 12 {
            0 => bytes.push(opcode as u8),
            prefix => bytes.extend([prefix as u8, opcode as u8 & 0x7f | 0x80, (opcode as u16 >> 7 & 0x1f) as u8]),
        }
        bytes.resize(32, 0);
        let mut operators = OperatorsReader::new(BinaryReader::new(&bytes, 0));
        operators.read().unwrap();
        let operator = format!("{:?}", operators.read().unwrap());
        operator.split([' ', '{']).next().unwrap_or_default().to_owned()
    }

    #[test]
    fn opcodes_are_those_of_the_format() {
        macro_rules! check {
            ($($name:ident = $code:literal;)*) => {
                // Opcodes that no module contains are not in the format; a typed selection is followed by a type.
                $(if !(0xf0..0x100).contains(&$code) && $code != super::TypedSelect {
                    assert_eq!(decoded($code), stringify!($name));
                })*
            };
        }
        for_each_opcode!(check);
        macro_rules! check_atomics {
            (atomic { $($name:ident $_1:literal $code:literal $_2:ident $_3:tt -> $_4:ident;)* }) => {
                $(assert_eq!(decoded($code), stringify!($name));)*
            };
        }
        riser_translator::for_each_atomic_operation!(check_atomics);
    }
}
