//! The relations between operations that instruction selection relies on.

use riser_translator::ValType;
use riser_translator::ops::{BinaryOp, IntCompareOp};

/// Slot bits of values that comparisons tell apart, NaNs included.
fn samples(ty: ValType) -> &'static [u64] {
    match ty {
        ValType::I32 => &[0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
        ValType::I64 => &[0, 1, 2, i64::MAX as u64, i64::MIN as u64, u64::MAX, 1 << 32],
        ValType::F32 => &[0, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x7f80_0000, 0x7fc0_0000],
        _ => &[0, 1 << 63, 0x3ff0_0000_0000_0000, 0xbff0_0000_0000_0000, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000],
    }
}

/// Every pair of sample values.
fn pairs(ty: ValType) -> impl Iterator<Item = (u64, u64)> {
    samples(ty).iter().flat_map(move |&a| samples(ty).iter().map(move |&b| (a, b)))
}

#[test]
fn swapped_operations_swap_their_operands() {
    for &op in BinaryOp::ALL {
        let Some(swapped) = op.swapped() else { continue };
        assert_eq!(swapped.swapped(), Some(op));
        for (a, b) in pairs(op.operand_type()) {
            assert_eq!(op.eval(a, b), swapped.eval(b, a), "{op} on {a:#x}, {b:#x}");
        }
    }
}

#[test]
fn every_comparison_can_be_swapped() {
    for &op in IntCompareOp::ALL {
        assert!(BinaryOp::from(op).swapped().and_then(BinaryOp::int_compare).is_some(), "{op}");
    }
}

#[test]
fn negated_comparisons_hold_exactly_when_the_others_do_not() {
    for &op in IntCompareOp::ALL {
        assert_eq!(op.operand_type(), BinaryOp::from(op).operand_type());
        let negated = BinaryOp::from(op.negated());
        for (a, b) in pairs(op.operand_type()) {
            let holds = BinaryOp::from(op).eval(a, b).expect("comparisons do not trap");
            assert_eq!(negated.eval(a, b), Ok(1 - holds), "{op} on {a:#x}, {b:#x}");
        }
    }
}

#[test]
fn mnemonics_lead_back_to_their_operations() {
    for &op in BinaryOp::ALL {
        assert_eq!(BinaryOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    assert_eq!(BinaryOp::from_mnemonic("i32.clz"), None);
}
