//! The operator stream: each operator is validated and lowered as it is decoded, without being kept in between.
//!
//! wasmparser calls a method for each operator. What the method knows of its operator as it is compiled decides where it
//! leads: rows of the operation table to [`Lowering::numeric`], vector operators to [`Lowering::vector`], atomic
//! operators to [`Lowering::atomic`], others to [`Lowering::operator`].

use std::mem::ManuallyDrop;

use wasmparser::{
    FrameKind, FrameStack, FuncValidator, Operator, ValidatorResources, VisitOperator, VisitSimdOperator,
};

use crate::error::TranslateError;
use crate::sink::Sink;

use super::rows::{atomic_row, row, vector_row};
use super::{Lowering, given_up, validating};

/// Receives the operators of a function.
pub(super) struct Operators<'l, 'a, 'v, S> {
    /// Lowers the operators.
    pub lowering: &'l mut Lowering<'a, S>,
    /// Validates the operators; `None` if the body has been validated.
    pub validator: Option<&'v mut FuncValidator<ValidatorResources>>,
    /// The offset of the current operator, in bytes from the start of the module.
    pub offset: usize,
}

impl<S: Sink> Operators<'_, '_, '_, S> {
    /// Lowers an operator that the caller knows at compile time.
    #[inline(always)]
    fn lower_known(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        if self.lowering.sink.gives_up() {
            return Err(given_up(self.offset));
        }
        if !self.lowering.reachable {
            self.lowering.skipped_operator(operator, self.offset);
            return Ok(());
        }
        self.lowering.begin_operator(operator, self.offset);
        if let Some(row) = row(operator) {
            self.lowering.numeric(row);
        } else if let Some(row) = vector_row(operator) {
            self.lowering.vector(row);
        } else if let Some(row) = atomic_row(operator) {
            self.lowering.atomic(row);
        } else {
            self.lowering.operator(operator, self.offset)?;
        }
        Ok(())
    }

    /// Lowers an operator of a proposal that is rare, or not supported.
    #[cold]
    fn lower_rare(&mut self, operator: &Operator<'_>) -> Result<(), TranslateError> {
        self.lower_known(operator)
    }
}

impl<S: Sink> FrameStack for Operators<'_, '_, '_, S> {
    #[inline(always)]
    fn current_frame(&self) -> Option<FrameKind> {
        match &self.validator {
            Some(validator) => validator.get_control_frame(0).map(|frame| frame.kind),
            None => self.lowering.innermost(),
        }
    }
}

/// Whether the operators of a proposal are frequent in programs.
macro_rules! is_frequent {
    (mvp) => {
        true
    };
    (sign_extension) => {
        true
    };
    (simd) => {
        true
    };
    ($other:ident) => {
        false
    };
}

/// Expands to the methods of a visitor, which for `i32.load` are
///
/// ```text
/// fn visit_i32_load(&mut self, memarg: MemArg) -> Result<(), TranslateError> {
///     if let Some(validator) = &mut self.validator {
///         validator.visitor(self.offset).visit_i32_load(memarg.clone()).map_err(validating)?;
///     }
///     let operator = Operator::I32Load { memarg };
///     if true { self.lower_known(&ManuallyDrop::new(operator)) } else { self.lower_rare(&operator) }
/// }
/// ```
macro_rules! methods {
    ($validator:ident $(@$proposal:ident $Op:ident $({ $($arg:ident: $Arg:ty),* })? => $visit:ident ($($arity:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $Arg)*)?) -> Result<(), TranslateError> {
            if let Some(validator) = &mut self.validator {
                validator.$validator(self.offset).$visit($($($arg.clone()),*)?).map_err(validating)?;
            }
            let operator = Operator::$Op $({ $($arg),* })?;
            if is_frequent!($proposal) {
                // These operators own no memory, but the compiler does not see that.
                self.lower_known(&ManuallyDrop::new(operator))
            } else {
                self.lower_rare(&operator)
            }
        }
    )*};
}

macro_rules! plain_methods {
    ($($operators:tt)*) => { methods!(visitor $($operators)*); };
}

macro_rules! simd_methods {
    ($($operators:tt)*) => { methods!(simd_visitor $($operators)*); };
}

impl<'a, S: Sink> VisitOperator<'a> for Operators<'_, '_, '_, S> {
    type Output = Result<(), TranslateError>;

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Self::Output>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(plain_methods);
}

impl<'a, S: Sink> VisitSimdOperator<'a> for Operators<'_, '_, '_, S> {
    wasmparser::for_each_visit_simd_operator!(simd_methods);
}
