//! The price of WebAssembly operators, and the points at which it is charged.
//!
//! Fuel is charged by the operator, not by the code that an operator is compiled to, so that a program uses the same
//! amount in every mode and under every switch.
//!
//! * [`operator_cost`] is the price of an operator.
//! * Costs of reachable operators add up along a straight line, and are charged at its end: at every `block`, `loop`,
//!   `if`, `else`, `end`, `br`, `br_if`, `br_table`, `return`, `unreachable`, call (`call`, `call_indirect`,
//!   `return_call`, `return_call_indirect`) and operator of exceptions (`try_table`, `throw`, `throw_ref`, `try`, `catch`,
//!   `catch_all`, `delegate`, `rethrow`). The charge includes the operator's own cost, and comes before the operator
//!   takes effect. Then the sum starts again at 0.
//! * If the sum is 0, nothing is charged, and nothing is emitted.
//! * A function that has too little fuel left for a charge traps at that charge.
//!   Operators of a straight line that ends early, in a trap, are not paid for.
//! * Operators that validation finds unreachable (those after a branch, up to
//!   the end or `else` of their block) cost nothing.

use wasmparser::Operator;

/// The price of an operator in units of fuel.
#[inline]
pub fn operator_cost(operator: &Operator<'_>) -> u32 {
    match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Else
        | Operator::End
        | Operator::Nop
        | Operator::Drop
        | Operator::Unreachable
        | Operator::Return
        | Operator::TryTable { .. }
        | Operator::Try { .. }
        | Operator::Catch { .. }
        | Operator::CatchAll
        | Operator::Delegate { .. } => 0,
        _ => 1,
    }
}

/// Whether an operator ends a straight line: the sum is charged before the operator takes effect.
#[inline]
pub fn ends_straight_line(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::TryTable { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Try { .. }
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. }
            | Operator::Rethrow { .. }
    )
}
