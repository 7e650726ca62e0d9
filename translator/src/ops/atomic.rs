//! Atomic operations on linear memories, and those by which threads wait for each other: one row for each operator of the
//! proposal "threads", except `atomic.fence`, which touches no memory.
//!
//! ```text
//! I32AtomicRmw8AddU "i32.atomic.rmw8.add_u" 0xfe020 Add(u8) -> i32;
//! ^enum             ^mnemonic               ^opcode ^kind    ^type of the value
//!                                                       ^what is in memory
//! ```
//!
//! All numbers are unsigned: narrow ones are zero-extended when they are read, and only the lowest bits of an operand count. So a kind
//! and a width say all about an operation, and [`AtomicAccess`] has the semantics.

use std::fmt;

use crate::types::ValType;

use super::SlotValue;

/// Calls the macro `$mac` with the atomic operations, preceded by the tokens that follow the macro's name and a comma.
#[macro_export]
macro_rules! for_each_atomic_operation {
    ($($mac:ident)::+ $(, $($prefix:tt)*)?) => {
        $($mac)::+! {
        $($($prefix)*)?
        atomic {
            MemoryAtomicNotify "memory.atomic.notify" 0xfe000 Notify(u32) -> i32;
            MemoryAtomicWait32 "memory.atomic.wait32" 0xfe001 Wait(u32) -> i32;
            MemoryAtomicWait64 "memory.atomic.wait64" 0xfe002 Wait(u64) -> i64;
            I32AtomicLoad "i32.atomic.load" 0xfe010 Load(u32) -> i32;
            I64AtomicLoad "i64.atomic.load" 0xfe011 Load(u64) -> i64;
            I32AtomicLoad8U "i32.atomic.load8_u" 0xfe012 Load(u8) -> i32;
            I32AtomicLoad16U "i32.atomic.load16_u" 0xfe013 Load(u16) -> i32;
            I64AtomicLoad8U "i64.atomic.load8_u" 0xfe014 Load(u8) -> i64;
            I64AtomicLoad16U "i64.atomic.load16_u" 0xfe015 Load(u16) -> i64;
            I64AtomicLoad32U "i64.atomic.load32_u" 0xfe016 Load(u32) -> i64;
            I32AtomicStore "i32.atomic.store" 0xfe017 Store(u32) -> i32;
            I64AtomicStore "i64.atomic.store" 0xfe018 Store(u64) -> i64;
            I32AtomicStore8 "i32.atomic.store8" 0xfe019 Store(u8) -> i32;
            I32AtomicStore16 "i32.atomic.store16" 0xfe01a Store(u16) -> i32;
            I64AtomicStore8 "i64.atomic.store8" 0xfe01b Store(u8) -> i64;
            I64AtomicStore16 "i64.atomic.store16" 0xfe01c Store(u16) -> i64;
            I64AtomicStore32 "i64.atomic.store32" 0xfe01d Store(u32) -> i64;
            I32AtomicRmwAdd "i32.atomic.rmw.add" 0xfe01e Add(u32) -> i32;
            I64AtomicRmwAdd "i64.atomic.rmw.add" 0xfe01f Add(u64) -> i64;
            I32AtomicRmw8AddU "i32.atomic.rmw8.add_u" 0xfe020 Add(u8) -> i32;
            I32AtomicRmw16AddU "i32.atomic.rmw16.add_u" 0xfe021 Add(u16) -> i32;
            I64AtomicRmw8AddU "i64.atomic.rmw8.add_u" 0xfe022 Add(u8) -> i64;
            I64AtomicRmw16AddU "i64.atomic.rmw16.add_u" 0xfe023 Add(u16) -> i64;
            I64AtomicRmw32AddU "i64.atomic.rmw32.add_u" 0xfe024 Add(u32) -> i64;
            I32AtomicRmwSub "i32.atomic.rmw.sub" 0xfe025 Sub(u32) -> i32;
            I64AtomicRmwSub "i64.atomic.rmw.sub" 0xfe026 Sub(u64) -> i64;
            I32AtomicRmw8SubU "i32.atomic.rmw8.sub_u" 0xfe027 Sub(u8) -> i32;
            I32AtomicRmw16SubU "i32.atomic.rmw16.sub_u" 0xfe028 Sub(u16) -> i32;
            I64AtomicRmw8SubU "i64.atomic.rmw8.sub_u" 0xfe029 Sub(u8) -> i64;
            I64AtomicRmw16SubU "i64.atomic.rmw16.sub_u" 0xfe02a Sub(u16) -> i64;
            I64AtomicRmw32SubU "i64.atomic.rmw32.sub_u" 0xfe02b Sub(u32) -> i64;
            I32AtomicRmwAnd "i32.atomic.rmw.and" 0xfe02c And(u32) -> i32;
            I64AtomicRmwAnd "i64.atomic.rmw.and" 0xfe02d And(u64) -> i64;
            I32AtomicRmw8AndU "i32.atomic.rmw8.and_u" 0xfe02e And(u8) -> i32;
            I32AtomicRmw16AndU "i32.atomic.rmw16.and_u" 0xfe02f And(u16) -> i32;
            I64AtomicRmw8AndU "i64.atomic.rmw8.and_u" 0xfe030 And(u8) -> i64;
            I64AtomicRmw16AndU "i64.atomic.rmw16.and_u" 0xfe031 And(u16) -> i64;
            I64AtomicRmw32AndU "i64.atomic.rmw32.and_u" 0xfe032 And(u32) -> i64;
            I32AtomicRmwOr "i32.atomic.rmw.or" 0xfe033 Or(u32) -> i32;
            I64AtomicRmwOr "i64.atomic.rmw.or" 0xfe034 Or(u64) -> i64;
            I32AtomicRmw8OrU "i32.atomic.rmw8.or_u" 0xfe035 Or(u8) -> i32;
            I32AtomicRmw16OrU "i32.atomic.rmw16.or_u" 0xfe036 Or(u16) -> i32;
            I64AtomicRmw8OrU "i64.atomic.rmw8.or_u" 0xfe037 Or(u8) -> i64;
            I64AtomicRmw16OrU "i64.atomic.rmw16.or_u" 0xfe038 Or(u16) -> i64;
            I64AtomicRmw32OrU "i64.atomic.rmw32.or_u" 0xfe039 Or(u32) -> i64;
            I32AtomicRmwXor "i32.atomic.rmw.xor" 0xfe03a Xor(u32) -> i32;
            I64AtomicRmwXor "i64.atomic.rmw.xor" 0xfe03b Xor(u64) -> i64;
            I32AtomicRmw8XorU "i32.atomic.rmw8.xor_u" 0xfe03c Xor(u8) -> i32;
            I32AtomicRmw16XorU "i32.atomic.rmw16.xor_u" 0xfe03d Xor(u16) -> i32;
            I64AtomicRmw8XorU "i64.atomic.rmw8.xor_u" 0xfe03e Xor(u8) -> i64;
            I64AtomicRmw16XorU "i64.atomic.rmw16.xor_u" 0xfe03f Xor(u16) -> i64;
            I64AtomicRmw32XorU "i64.atomic.rmw32.xor_u" 0xfe040 Xor(u32) -> i64;
            I32AtomicRmwXchg "i32.atomic.rmw.xchg" 0xfe041 Xchg(u32) -> i32;
            I64AtomicRmwXchg "i64.atomic.rmw.xchg" 0xfe042 Xchg(u64) -> i64;
            I32AtomicRmw8XchgU "i32.atomic.rmw8.xchg_u" 0xfe043 Xchg(u8) -> i32;
            I32AtomicRmw16XchgU "i32.atomic.rmw16.xchg_u" 0xfe044 Xchg(u16) -> i32;
            I64AtomicRmw8XchgU "i64.atomic.rmw8.xchg_u" 0xfe045 Xchg(u8) -> i64;
            I64AtomicRmw16XchgU "i64.atomic.rmw16.xchg_u" 0xfe046 Xchg(u16) -> i64;
            I64AtomicRmw32XchgU "i64.atomic.rmw32.xchg_u" 0xfe047 Xchg(u32) -> i64;
            I32AtomicRmwCmpxchg "i32.atomic.rmw.cmpxchg" 0xfe048 Cmpxchg(u32) -> i32;
            I64AtomicRmwCmpxchg "i64.atomic.rmw.cmpxchg" 0xfe049 Cmpxchg(u64) -> i64;
            I32AtomicRmw8CmpxchgU "i32.atomic.rmw8.cmpxchg_u" 0xfe04a Cmpxchg(u8) -> i32;
            I32AtomicRmw16CmpxchgU "i32.atomic.rmw16.cmpxchg_u" 0xfe04b Cmpxchg(u16) -> i32;
            I64AtomicRmw8CmpxchgU "i64.atomic.rmw8.cmpxchg_u" 0xfe04c Cmpxchg(u8) -> i64;
            I64AtomicRmw16CmpxchgU "i64.atomic.rmw16.cmpxchg_u" 0xfe04d Cmpxchg(u16) -> i64;
            I64AtomicRmw32CmpxchgU "i64.atomic.rmw32.cmpxchg_u" 0xfe04e Cmpxchg(u32) -> i64;
        }
        }
    };
}

/// The [`AtomicKind`] that a row names.
macro_rules! atomic_kind {
    (Wait) => {
        AtomicKind::Wait
    };
    (Notify) => {
        AtomicKind::Notify
    };
    ($access:ident) => {
        AtomicKind::Access(AtomicAccess::$access)
    };
}

macro_rules! atomic_operation_enum {
    (atomic { $($A:ident $a:literal $a_c:literal $a_k:ident($a_m:ident) -> $a_v:ident;)* }) => {
        operation_enum! {
            /// An atomic operation on a linear memory.
            AtomicOp { $($A $a $a_c)* }
        }

        impl AtomicOp {
            /// The operation with the given opcode.
            pub const fn from_opcode(opcode: u32) -> Option<AtomicOp> {
                match opcode { $($a_c => Some(AtomicOp::$A),)* _ => None }
            }

            /// What it does.
            #[inline]
            pub const fn kind(self) -> AtomicKind {
                match self { $(AtomicOp::$A => atomic_kind!($a_k),)* }
            }

            /// The number of bytes that it accesses. Its address is a multiple of that.
            #[inline]
            pub const fn access_bytes(self) -> u32 {
                match self { $(AtomicOp::$A => size_of::<$a_m>() as u32,)* }
            }

            /// The type of the values that go to memory and come from there; narrower ones in memory are zero-extended. For
            /// [`AtomicKind::Wait`] it is the type of the value that is expected there, for [`AtomicKind::Notify`] that of the count.
            #[inline]
            pub const fn value_type(self) -> ValType {
                match self { $(AtomicOp::$A => <$a_v as SlotValue>::TYPE,)* }
            }
        }
    };
}

crate::for_each_atomic_operation!(atomic_operation_enum);

/// What an atomic operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomicKind {
    /// Accesses the memory, and goes on at once.
    Access(AtomicAccess),
    /// Waits to be notified if its first operand is what is there. The second is the longest time, in nanoseconds; for ever if it is
    /// negative. Returns a [`WaitResult`].
    Wait,
    /// Wakes as many waiters as its operand says, and returns how many there were to wake.
    Notify,
}

/// An atomic access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomicAccess {
    /// Reads.
    Load,
    /// Writes its operand.
    Store,
    /// Adds its operand to what is there, and returns what was there.
    Add,
    /// Subtracts its operand, likewise.
    Sub,
    /// Keeps the bits that its operand has, likewise.
    And,
    /// Sets the bits that its operand has, likewise.
    Or,
    /// Flips the bits that its operand has, likewise.
    Xor,
    /// Writes its operand, and returns what was there.
    Xchg,
    /// Writes its second operand if the first is what is there, and returns what was there.
    Cmpxchg,
}

/// The result of [`AtomicKind::Wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum WaitResult {
    /// It was notified.
    Ok = 0,
    /// Another value than expected was there.
    Mismatch = 1,
    /// The time was over.
    TimedOut = 2,
}

impl AtomicAccess {
    /// What the operation writes where `stored` is; `None` if it does not write. All are numbers of which the lowest bits count: as many
    /// as it accesses, which `stored` and the operands have been cut to.
    pub const fn written(self, stored: u64, operands: [u64; AtomicOp::MOST_OPERANDS]) -> Option<u64> {
        let [operand, replacement] = operands;
        match self {
            AtomicAccess::Load => None,
            AtomicAccess::Store | AtomicAccess::Xchg => Some(operand),
            AtomicAccess::Add => Some(stored.wrapping_add(operand)),
            AtomicAccess::Sub => Some(stored.wrapping_sub(operand)),
            AtomicAccess::And => Some(stored & operand),
            AtomicAccess::Or => Some(stored | operand),
            AtomicAccess::Xor => Some(stored ^ operand),
            AtomicAccess::Cmpxchg if stored == operand => Some(replacement),
            AtomicAccess::Cmpxchg => None,
        }
    }
}

impl AtomicOp {
    /// As many operands as any of them takes, without the address.
    pub const MOST_OPERANDS: usize = 2;

    /// The types of the operands behind the address, first to last.
    #[inline]
    pub const fn operand_types(self) -> &'static [ValType] {
        use ValType::{I32, I64};
        let is_long = matches!(self.value_type(), I64);
        match self.kind() {
            AtomicKind::Access(access) => match access {
                AtomicAccess::Load => &[],
                AtomicAccess::Store
                | AtomicAccess::Add
                | AtomicAccess::Sub
                | AtomicAccess::And
                | AtomicAccess::Or
                | AtomicAccess::Xor
                | AtomicAccess::Xchg => {
                    if is_long {
                        &[I64]
                    } else {
                        &[I32]
                    }
                }
                AtomicAccess::Cmpxchg if is_long => &[I64, I64],
                AtomicAccess::Cmpxchg => &[I32, I32],
            },
            AtomicKind::Wait if is_long => &[I64, I64],
            AtomicKind::Wait => &[I32, I64],
            AtomicKind::Notify => &[I32],
        }
    }

    /// The result's type, if it has a result.
    #[inline]
    pub const fn result_type(self) -> Option<ValType> {
        match self.kind() {
            AtomicKind::Access(AtomicAccess::Store) => None,
            AtomicKind::Access(_) => Some(self.value_type()),
            AtomicKind::Wait | AtomicKind::Notify => Some(ValType::I32),
        }
    }

    /// The bits of a number that count.
    #[inline]
    pub const fn mask(self) -> u64 {
        u64::MAX >> (64 - 8 * self.access_bytes())
    }

    /// What the operation writes where `stored` is, cut to the bytes that it accesses; `None` if it does not write.
    pub fn written(self, stored: u64, operands: [u64; AtomicOp::MOST_OPERANDS]) -> Option<u64> {
        let mask = self.mask();
        let written = match self.kind() {
            AtomicKind::Access(access) => access.written(stored & mask, operands.map(|operand| operand & mask)),
            AtomicKind::Wait | AtomicKind::Notify => None,
        };
        written.map(|written| written & mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_operations_ignore_the_upper_bits_of_operands() {
        assert_eq!(AtomicOp::I32AtomicRmw8AddU.written(0xff, [0x1_02, 0]), Some(0x01));
        assert_eq!(AtomicOp::I64AtomicRmw32SubU.written(0, [1 << 40 | 1, 0]), Some(0xffff_ffff));
        assert_eq!(AtomicOp::I32AtomicRmw16CmpxchgU.written(0x11, [0xabcd_0011, 0xff_1234]), Some(0x1234));
        assert_eq!(AtomicOp::I32AtomicRmw16CmpxchgU.written(0x12, [0x11, 0x1234]), None);
        assert_eq!(AtomicOp::I64AtomicStore8.written(7, [0x1ff, 0]), Some(0xff));
    }

    #[test]
    fn operands_and_results_are_those_of_the_proposal() {
        use ValType::{I32, I64};
        let types = |op: AtomicOp| (op.operand_types(), op.result_type());
        assert_eq!(types(AtomicOp::I64AtomicLoad32U), (&[][..], Some(I64)));
        assert_eq!(types(AtomicOp::I32AtomicStore8), (&[I32][..], None));
        assert_eq!(types(AtomicOp::I64AtomicRmw8XchgU), (&[I64][..], Some(I64)));
        assert_eq!(types(AtomicOp::I32AtomicRmwCmpxchg), (&[I32, I32][..], Some(I32)));
        assert_eq!(types(AtomicOp::MemoryAtomicWait32), (&[I32, I64][..], Some(I32)));
        assert_eq!(types(AtomicOp::MemoryAtomicWait64), (&[I64, I64][..], Some(I32)));
        assert_eq!(types(AtomicOp::MemoryAtomicNotify), (&[I32][..], Some(I32)));
    }
}
