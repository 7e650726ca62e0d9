//! The operators of the operation table: numeric operators, loads and stores; and wide arithmetic.

use riser_translator::for_each_wide_operation;
use riser_translator::ops::WideOp;

use crate::machine::Machine;
use crate::opcode;

/// Executes the operator `$opcode` on the machine `$m`. One match, so that there is one jump table,
/// with the given `$arms` and an arm for each row of the operation table, such as
///
/// ```text
/// opcode::I32DivS => {
///     let rhs: i32 = m.pop();
///     let lhs: i32 = m.pop();
///     let result = semantics::i32_div_s(lhs, rhs).outcome()?;
///     m.push(result);
/// }
/// ```
///
/// in a function that returns a `Result<_, Stop>`.
macro_rules! match_operator {
    (
        ($m:ident, $opcode:ident, $FULL:ident, $($arms:tt)*)
        int_binary { $($IB:ident $_1:literal $_1_c:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $_2:ident;)* }
        int_compare { $($IC:ident $_3:literal $_3_c:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $_4:ident;)* }
        float_binary { $($FB:ident $_5:literal $_5_c:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $_6:ident;)* }
        float_compare { $($FC:ident $_7:literal $_7_c:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $_8:ident;)* }
        unary { $($U:ident $_9:literal $_9_c:literal $u_fn:ident($u_i:ident) -> $_10:ident;)* }
        load { $($L:ident $_11:literal $_11_c:literal $l_fn:ident($l_m:ident) -> $_12:ident;)* }
        store { $($S:ident $_13:literal $_13_c:literal $s_fn:ident($s_v:ident) -> $_14:ident;)* }
    ) => {
        match $opcode {
            $($arms)*
            $($crate::opcode::$IB => {
                let rhs: $ib_r = $m.pop();
                let lhs: $ib_l = $m.pop();
                let result = semantics::$ib_fn(lhs, rhs).outcome()?;
                $m.push(result);
            })*
            $($crate::opcode::$IC => {
                let rhs: $ic_r = $m.pop();
                let lhs: $ic_l = $m.pop();
                $m.push(semantics::$ic_fn(lhs, rhs));
            })*
            $($crate::opcode::$FB => {
                let rhs: $fb_r = $m.pop();
                let lhs: $fb_l = $m.pop();
                $m.push(semantics::$fb_fn(lhs, rhs));
            })*
            $($crate::opcode::$FC => {
                let rhs: $fc_r = $m.pop();
                let lhs: $fc_l = $m.pop();
                $m.push(semantics::$fc_fn(lhs, rhs));
            })*
            $($crate::opcode::$U => {
                let operand: $u_i = $m.pop();
                let result = semantics::$u_fn(operand).outcome()?;
                $m.push(result);
            })*
            $($crate::opcode::$L => {
                let stored: $l_m = $crate::memory::load::<_, $FULL>($m)?;
                $m.push(semantics::$l_fn(stored));
            })*
            $($crate::opcode::$S => $crate::memory::store::<$s_v, _, $FULL>($m, semantics::$s_fn)?,)*
            // The code is valid, so there are no other opcodes.
            _ => std::hint::unreachable_unchecked(),
        }
    };
}

pub(crate) use match_operator;

/// Expands to a pattern of all opcodes of wide arithmetic.
macro_rules! wide_opcodes {
    (wide { $($W:ident $_1:literal $_1_c:literal $_2:ident $_3:tt -> $_4:ident;)* }) => {
        $($crate::opcode::$W)|*
    };
}

pub(crate) use wide_opcodes;

/// Runs the operator of wide arithmetic with the given `opcode`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and the operands are on the stack.
#[inline(always)]
pub(crate) unsafe fn wide(m: &mut Machine, opcode: u32) {
    macro_rules! operation {
        (wide { $($W:ident $_1:literal $_1_c:literal $_2:ident $_3:tt -> $_4:ident;)* }) => {
            match opcode {
                $(opcode::$W => WideOp::$W,)*
                // SAFETY: the caller has found the opcode among these.
                _ => unsafe { std::hint::unreachable_unchecked() },
            }
        };
    }
    let op = for_each_wide_operation!(operation);
    let mut operands = [0; WideOp::MOST_OPERANDS];
    // SAFETY: by the contract of this function.
    unsafe {
        for operand in operands[..op.operands()].iter_mut().rev() {
            *operand = m.pop::<i64>().cast_unsigned();
        }
        for half in op.eval(operands) {
            m.push(half.cast_signed());
        }
    }
}
