//! What a tier that makes machine code may spend on a function.
//!
//! A compiler's work does not only depend on how many operators a function has. A branch of two bytes can carry a thousand
//! values, a call of two bytes pass as many, a function of eight bytes declare fifty thousand locals; and a local that is read
//! has to be looked for on all ways that met since it was last named, of which a label may have thousands. The interpreter has such values in slots and moves them
//! in one piece. A compiler has each in hand, each time. So the function has a budget, in proportion to its size in bytes, and
//! a tier gives up a function that exceeds it while it reads it, before the work is done.

use riser_translator::sink::{Label, LabelKind, Slot};

use crate::Bailout;

/// Values that any function may name beyond the operands of its operators.
const BASE: u64 = 2048;
/// As many more for each byte of its body. In large programs as their compilers make them no function takes a third.
const PER_BYTE: u64 = 2;
/// Ways to labels on which a slot is looked for, for what handling one value costs.
const WAYS_PER_VALUE: u64 = 8;

/// What may be spent on one function, and what has been.
#[derive(Debug, Default)]
pub struct Budget {
    limit: u64,
    /// Values that operators move, pass and declare.
    values: u64,
    /// Ways to labels on which slots were looked for.
    looked_for: u64,
    /// How many ways have met so far.
    ways: u64,
    /// How many branches there have been to each label that is still to come.
    branches: Vec<u32>,
    /// How many ways had met when each slot was last named.
    named: Vec<u64>,
}

/// The label has been reached.
const BOUND: u32 = u32::MAX;

impl Budget {
    /// The budget of a function whose body has so many bytes.
    pub fn new(body_bytes: usize) -> Budget {
        Budget { limit: BASE + PER_BYTE * body_bytes as u64, ..Budget::default() }
    }

    /// Takes note of values that an operator moves, passes or declares, however few bytes it has.
    pub fn spend(&mut self, values: usize) {
        self.values += values as u64;
    }

    /// Takes note of a branch.
    pub fn branch(&mut self, target: Label) {
        match self.branches_to(target) {
            // A further way to a loop.
            &mut BOUND => self.ways += 1,
            branches => *branches += 1,
        }
    }

    /// Takes note of a label.
    pub fn bind(&mut self, label: Label, kind: LabelKind) {
        let branches = std::mem::replace(self.branches_to(label), BOUND);
        self.ways += match kind {
            LabelKind::Join | LabelKind::Loop => u64::from(branches.max(1)),
            LabelKind::Skip => 0,
        };
    }

    fn branches_to(&mut self, label: Label) -> &mut u32 {
        let at = label.0 as usize;
        if at >= self.branches.len() {
            self.branches.resize(at + 1, 0);
        }
        &mut self.branches[at]
    }

    /// Takes note of a read or write of a slot.
    #[inline]
    pub fn name(&mut self, slot: Slot) {
        let at = slot.0 as usize;
        if at >= self.named.len() {
            self.named.resize(at + 1, 0);
        }
        self.looked_for += self.ways - self.named[at];
        self.named[at] = self.ways;
    }

    /// Whether more has been spent than may be.
    #[inline]
    pub fn is_exceeded(&self) -> bool {
        self.values + self.looked_for / WAYS_PER_VALUE > self.limit
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
        let Budget { values, looked_for, .. } = self;
        let what = match *values > looked_for / WAYS_PER_VALUE {
            true => format!("its branches, calls and locals stand for more than {values} values"),
            false => format!("its locals and operands are live on more than {looked_for} ways to labels"),
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
        let most = (BASE * WAYS_PER_VALUE) as u32;
        for at in 0..most {
            budget.bind(Label(2 * at), if at % 2 == 0 { LabelKind::Loop } else { LabelKind::Join });
            budget.bind(Label(2 * at + 1), LabelKind::Skip);
            budget.name(Slot(0));
            budget.name(Slot(0));
        }
        // Once a label, and never from the start.
        assert_eq!(budget.check(), Ok(()));
        (1..=2).for_each(|slot| budget.name(Slot(slot)));
        let why = budget.check().expect_err("this one is followed to the start").to_string();
        assert!(why.contains(&format!("live on more than {} ways", 3 * most)), "{why}");
    }

    #[test]
    fn all_ways_to_a_label_count() {
        let mut budget = Budget::new(0);
        budget.bind(Label(0), LabelKind::Loop);
        (0..10).for_each(|_| budget.branch(Label(1)));
        (0..5).for_each(|_| budget.branch(Label(0)));
        budget.bind(Label(1), LabelKind::Join);
        budget.name(Slot(0));
        assert_eq!(budget.looked_for, 1 + 5 + 10);
    }
}
