//! What a tier that makes machine code may spend on a function.
//!
//! A compiler's work does not only depend on how many operators a function has. A branch of two bytes can carry a thousand
//! values, a call of two bytes pass as many, a function of eight bytes declare fifty thousand locals; and a local that is read
//! has to be looked for on all ways that met since it was last named. The interpreter has such values in slots and moves them
//! in one piece. A compiler has each in hand, each time. So the function has a budget, in proportion to its size in bytes, and
//! a tier gives up a function that exceeds it while it reads it, before the work is done.

use riser_translator::sink::{LabelKind, Slot};

use crate::Bailout;

/// Values that any function may name beyond the operands of its operators.
const BASE: u64 = 2048;
/// As many more for each byte of its body. In large programs as their compilers make them no function takes a third.
const PER_BYTE: u64 = 2;
/// Joins across which a slot is looked for, for what handling one value costs.
const JOINS_PER_VALUE: u64 = 8;

/// What may be spent on one function, and what has been.
#[derive(Debug, Default)]
pub struct Budget {
    limit: u64,
    /// Values that operators move, pass and declare.
    values: u64,
    /// Joins across which slots were looked for.
    joins: u64,
    /// How many joins there have been.
    join: u32,
    /// After which join each slot was last named.
    named: Vec<u32>,
}

impl Budget {
    /// The budget of a function whose body has so many bytes.
    pub fn new(body_bytes: usize) -> Budget {
        Budget { limit: BASE + PER_BYTE * body_bytes as u64, ..Budget::default() }
    }

    /// Takes note of values that an operator moves, passes or declares, however few bytes it has.
    pub fn spend(&mut self, values: usize) {
        self.values += values as u64;
    }

    /// Takes note of a label.
    pub fn bind(&mut self, kind: LabelKind) {
        self.join += u32::from(kind != LabelKind::Skip);
    }

    /// Takes note of a read or write of a slot.
    #[inline]
    pub fn name(&mut self, slot: Slot) {
        let at = slot.0 as usize;
        if at >= self.named.len() {
            self.named.resize(at + 1, 0);
        }
        self.joins += u64::from(self.join - self.named[at]);
        self.named[at] = self.join;
    }

    /// Whether more has been spent than may be.
    #[inline]
    pub fn is_exceeded(&self) -> bool {
        self.values + self.joins / JOINS_PER_VALUE > self.limit
    }

    /// Why the function is given up, if it is.
    ///
    /// # Errors
    ///
    /// If more has been spent than may be.
    pub fn check(&self) -> Result<(), Bailout> {
        if !self.is_exceeded() {
            return Ok(());
        }
        let Budget { values, joins, .. } = self;
        let what = match *values > joins / JOINS_PER_VALUE {
            true => format!("its branches, calls and locals stand for more than {values} values"),
            false => format!("its locals and operands are live across more than {joins} labels"),
        };
        Err(Bailout::TooLarge(format!("{what}, which is out of proportion to its size")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bounded_by_bytes() {
        let mut budget = Budget::new(100);
        let most = BASE + 100 * PER_BYTE;
        budget.spend(most as usize);
        assert_eq!(budget.check(), Ok(()));
        budget.spend(1);
        let why = budget.check().expect_err("one too many").to_string();
        let expected = format!("its branches, calls and locals stand for more than {} values", most + 1);
        assert!(why.contains(&expected), "{why}");
    }

    #[test]
    fn slots_are_followed_from_where_they_were_named() {
        let mut budget = Budget::new(0);
        let most = BASE * JOINS_PER_VALUE;
        (0..most).for_each(|at| {
            budget.bind(if at % 2 == 0 { LabelKind::Loop } else { LabelKind::Join });
            budget.bind(LabelKind::Skip);
            budget.name(Slot(0));
            budget.name(Slot(0));
        });
        // Once a join, and never from the start.
        assert_eq!(budget.check(), Ok(()));
        (1..=2).for_each(|slot| budget.name(Slot(slot)));
        let why = budget.check().expect_err("this one is followed to the start").to_string();
        assert!(why.contains(&format!("live across more than {} labels", 3 * most)), "{why}");
    }
}
