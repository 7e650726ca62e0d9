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

/// Calls the macro `$mac` with the names of the operators that cost nothing, and of those that end a straight line.
#[macro_export]
macro_rules! for_each_metered_operator {
    ($mac:ident) => {
        $mac! {
            free { Block Loop Else End Nop Drop Unreachable Return TryTable Try Catch CatchAll Delegate }
            ends_straight_line {
                Block Loop If Else End Br BrIf BrTable Return Unreachable
                Call CallIndirect ReturnCall ReturnCallIndirect
                TryTable Throw ThrowRef Try Catch CatchAll Delegate Rethrow
            }
        }
    };
}

macro_rules! metering {
    (free { $($Free:ident)* } ends_straight_line { $($Ends:ident)* }) => {
        /// The price of an operator in units of fuel.
        #[inline]
        pub fn operator_cost(operator: &Operator<'_>) -> u32 {
            if matches!(operator, $(Operator::$Free { .. })|*) { 0 } else { 1 }
        }

        /// Whether an operator ends a straight line: the sum is charged before the operator takes effect.
        #[inline]
        pub fn ends_straight_line(operator: &Operator<'_>) -> bool {
            matches!(operator, $(Operator::$Ends { .. })|*)
        }
    };
}

for_each_metered_operator!(metering);
