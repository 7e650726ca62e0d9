//! The operators of the operation table: numeric operators, loads and stores; and wide arithmetic.

use riser_translator::ops::WideOp;

use crate::machine::Machine;

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
        $(binary $Section:ident {
            $($B:ident $_1:literal $_1_c:literal $b_fn:ident($b_l:ident, $b_r:ident) -> $_2:ident;)*
        })*
        unary { $($U:ident $_3:literal $_3_c:literal $u_fn:ident($u_i:ident) -> $_4:ident;)* }
        load { $($L:ident $_5:literal $_5_c:literal $l_fn:ident($l_m:ident) -> $_6:ident;)* }
        store { $($S:ident $_7:literal $_7_c:literal $s_fn:ident($s_v:ident) -> $_8:ident;)* }
        wide { $($W:ident $_9:literal $_9_c:literal $_10:ident $_11:tt -> $_12:ident;)* }
    ) => {
        match $opcode {
            $($arms)*
            $($($crate::opcode::$B => {
                let rhs: $b_r = $m.pop();
                let lhs: $b_l = $m.pop();
                let result = semantics::$b_fn(lhs, rhs).outcome()?;
                $m.push(result);
            })*)*
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
            $($crate::opcode::$W => $crate::numeric::wide($m, riser_translator::ops::WideOp::$W),)*
            // The code is valid, so there are no other opcodes.
            _ => std::hint::unreachable_unchecked(),
        }
    };
}

pub(crate) use match_operator;

/// Runs an operator of wide arithmetic.
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and the operands are on the stack.
#[inline(always)]
pub(crate) unsafe fn wide(m: &mut Machine, op: WideOp) {
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
