//! Vector operators. Operands and results take one slot or two, as their types say; the table of
//! vector operations defines what each operator computes.
//!
//! Relaxed operators behave as in the deterministic profile, as in all modes.

use riser_translator::for_each_vector_operation;
use riser_translator::ops::VectorValue;
use riser_translator::semantics::{self, f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2, v128};

use crate::machine::Machine;
use crate::memory::{LittleEndian, place};
use crate::opcode;
use crate::operator::Stop;

/// Slots of a vector.
const SLOTS: usize = v128::TYPE.slots() as usize;

/// Pops the operands of an operation with one, two or three of them, and pushes its result.
macro_rules! compute {
    ($m:ident $function:ident($a:ident)) => {{
        let a: $a = $m.pop_value();
        $m.push_value(semantics::$function(a));
    }};
    ($m:ident $function:ident($a:ident, $b:ident)) => {{
        let b: $b = $m.pop_value();
        let a: $a = $m.pop_value();
        $m.push_value(semantics::$function(a, b));
    }};
    ($m:ident $function:ident($a:ident, $b:ident, $c:ident)) => {{
        let c: $c = $m.pop_value();
        let b: $b = $m.pop_value();
        let a: $a = $m.pop_value();
        $m.push_value(semantics::$function(a, b, c));
    }};
}

/// Executes the vector operator `$opcode` on the machine `$m`. One match, with the given `$arms`
/// and an arm for each row of the table of vector operations, in a function that returns a
/// `Result<_, Stop>`.
macro_rules! match_vector_operator {
    (
        ($m:ident, $opcode:ident, $FULL:ident, $($arms:tt)*)
        $(vector $Part:ident { $($V:ident $_1:literal $_1_c:literal $v_fn:ident $v_i:tt -> $_2:ident;)* })*
        extract { $($E:ident $_3:literal $_3_c:literal $e_fn:ident($e_v:ident) -> $_4:ident;)* }
        replace { $($P:ident $_5:literal $_5_c:literal $p_fn:ident($p_v:ident, $p_i:ident) -> $_6:ident;)* }
        vector_load { $($L:ident $_7:literal $_7_c:literal $l_fn:ident($l_m:ident) -> $_8:ident;)* }
        vector_store { $($S:ident $_9:literal $_9_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $_10:literal $_10_c:literal $ll_fn:ident($ll_m:ident, $ll_v:ident) -> $_11:ident;)* }
        store_lane { $($SL:ident $_12:literal $_12_c:literal $sl_fn:ident($sl_v:ident) -> $sl_m:ident;)* }
    ) => {
        match $opcode {
            $($arms)*
            $($(opcode::$V => compute!($m $v_fn $v_i),)*)*
            $(opcode::$E => {
                let lane = $m.byte();
                let vector: $e_v = $m.pop_value();
                $m.push_value(semantics::$e_fn(vector, lane));
            })*
            $(opcode::$P => {
                let lane = $m.byte();
                let value: $p_i = $m.pop_value();
                let vector: $p_v = $m.pop_value();
                $m.push_value(semantics::$p_fn(vector, lane, value));
            })*
            $(opcode::$L => {
                let place = place::<$l_m, $FULL>($m, 0)?;
                $m.sp = $m.sp.sub(1);
                $m.push_value(semantics::$l_fn(place.read_unaligned().swap_if_big_endian()));
            })*
            $(opcode::$S => {
                let place = place::<$s_m, $FULL>($m, SLOTS)?;
                let vector: $s_v = $m.pop_value();
                $m.sp = $m.sp.sub(1);
                place.write_unaligned(semantics::$s_fn(vector).swap_if_big_endian());
            })*
            $(opcode::$LL => {
                let place = place::<$ll_m, $FULL>($m, SLOTS)?;
                let lane = $m.byte();
                let vector: $ll_v = $m.pop_value();
                $m.sp = $m.sp.sub(1);
                let stored = place.read_unaligned().swap_if_big_endian();
                $m.push_value(semantics::$ll_fn(stored, lane, vector));
            })*
            $(opcode::$SL => {
                let place = place::<$sl_m, $FULL>($m, SLOTS)?;
                let lane = $m.byte();
                let vector: $sl_v = $m.pop_value();
                $m.sp = $m.sp.sub(1);
                place.write_unaligned(semantics::$sl_fn(vector, lane).swap_if_big_endian());
            })*
            // The code is valid, so there are no other opcodes.
            _ => std::hint::unreachable_unchecked(),
        }
    };
}

/// Executes the vector operator with the given `opcode` and leaves the machine at the next one.
/// `FULL` is as for [`crate::operator::execute`].
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and `pc` is just after the opcode of the operator at `at`.
#[inline(always)]
pub(crate) unsafe fn execute<const FULL: bool>(m: &mut Machine, opcode: u32) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`, which each operator of valid code keeps.
    unsafe {
        for_each_vector_operation!(match_vector_operator, (m, opcode, FULL,
            opcode::V128Const => {
                let bytes = m.bytes();
                m.push_value(u8x16::from_bytes(bytes));
            }
            opcode::I8x16Shuffle => {
                let lanes = m.bytes();
                let rhs = m.pop_value();
                let lhs = m.pop_value();
                m.push_value(semantics::i8x16_shuffle(lanes, lhs, rhs));
            }
        ));
    }
    Ok(())
}

/// Executes the vector operator at `m.at`; `pc` is just after the prefix.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[cfg(not(tail_dispatch))]
#[inline(always)]
pub(crate) unsafe fn execute_next(m: &mut Machine) -> Result<(), Stop> {
    #[inline(never)]
    unsafe fn execute_called(m: &mut Machine) -> Result<(), Stop> {
        // SAFETY: the caller guarantees the invariants of `Machine`.
        unsafe {
            let opcode = opcode::VECTORS + m.leb_u32();
            execute::<true>(m, opcode)
        }
    }

    // The called function gets a copy of the machine, so that the fields of the loop's machine stay
    // in registers.
    let Machine { at, pc, sp, fp, branch, act } = *m;
    let mut called = Machine { at, pc, sp, fp, branch, act };
    // SAFETY: the invariants of `Machine`.
    unsafe { execute_called(&mut called)? };
    m.pc = called.pc;
    m.sp = called.sp;
    Ok(())
}

/// The number of the vector operator at `pc`, which follows the prefix.
///
/// # Safety
///
/// `pc` is at a vector operator of valid code.
#[cfg(tail_dispatch)]
#[inline(always)]
pub(crate) unsafe fn number_at(pc: *const u8) -> u32 {
    // SAFETY: the caller guarantees that `pc` is at a vector operator of valid code.
    unsafe {
        let low = u32::from(*pc.add(1));
        if low < 0x80 {
            return low;
        }
        // All numbers fit into two bytes of LEB128; further bytes would be zeros.
        low & 0x7f | u32::from(*pc.add(2) & 0x7f) << 7
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::{null, null_mut};

    use super::*;

    /// Executes an operator with these immediates and operands. Returns the resulting operands.
    fn executed(opcode: u32, immediates: &[u8], operands: &[u64]) -> Vec<u64> {
        let mut slots = operands.to_vec();
        slots.resize(operands.len() + 2, 0xdead);
        let (base, code) = (slots.as_mut_ptr(), immediates.as_ptr());
        let sp = base.wrapping_add(operands.len());
        let mut m = Machine { at: null(), pc: code, sp, fp: null_mut(), branch: null(), act: null_mut() };
        // SAFETY: the operands are those of the operator, which needs nothing else of the machine.
        let height = unsafe {
            assert!(execute::<true>(&mut m, opcode).is_ok());
            m.sp.offset_from(base)
        };
        assert_eq!(m.pc, immediates.as_ptr_range().end);
        slots.truncate(height as usize);
        slots
    }

    #[test]
    fn vectors_are_two_slots_the_lower_first() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        let vector = [0x0807_0605_0403_0201, 0x100f_0e0d_0c0b_0a09];
        assert_eq!(executed(opcode::V128Const, &bytes, &[7]), [7, vector[0], vector[1]]);
        assert_eq!(executed(opcode::I8x16ExtractLaneU, &[15], &vector), [16]);
        assert_eq!(executed(opcode::I64x2ReplaceLane, &[1], &[1, 2, 3]), [1, 3]);
        assert_eq!(executed(opcode::I64x2Splat, &[], &[5]), [5, 5]);
    }

    #[test]
    fn operands_are_popped_last_first() {
        assert_eq!(executed(opcode::I64x2Sub, &[], &[9, 8, 1, 2]), [8, 6]);
        assert_eq!(executed(opcode::I64x2Shl, &[], &[1, 2, 4]), [16, 32]);
        let (a, b, mask) = ([0x11, 0x22], [0x33, 0x44], [u64::MAX, 0]);
        let operands = [a, b, mask].concat();
        assert_eq!(executed(opcode::V128Bitselect, &[], &operands), [0x11, 0x44]);
        assert_eq!(executed(opcode::I8x16RelaxedLaneselect, &[], &operands), [0x11, 0x44]);
        let lanes = [16, 0, 0, 0, 0, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0, 15];
        let shuffled = executed(opcode::I8x16Shuffle, &lanes, &[0, 0xaa << 56, 0xbb, 0xcc << 56]);
        assert_eq!(shuffled, [0xbb, 0xaa << 56 | 0xcc]);
    }

    #[test]
    fn results_of_a_slot_have_zeros_above() {
        assert_eq!(executed(opcode::I8x16ExtractLaneS, &[0], &[0xff, 0]), [0xffff_ffff]);
        assert_eq!(executed(opcode::F32x4ExtractLane, &[1], &[0x8000_0000 << 32, 0]), [0x8000_0000]);
        assert_eq!(executed(opcode::V128AnyTrue, &[], &[0, 1]), [1]);
    }
}
