//! The budget for compiling a function to machine code.
//!
//! A compiler's work depends on more than the number of operators. A branch of two bytes can carry a thousand values, a call of two bytes
//! can pass as many, and a function of eight bytes can declare fifty thousand locals. A local that is read has to be looked for along all
//! control-flow edges that have joined since it was last named, and a label may have thousands of them; where the compiler keeps a local's
//! values by block, each block since then has an entry. Where thousands of loops, labels or handler scopes nest, the end of each leads through
//! the ends of all around it. The interpreter keeps such values in slots and moves them in one piece; a compiler
//! handles each of them, each time. So a function has a budget in proportion to its size in bytes. A tier gives up on a function that
//! exceeds it while it still reads the function, before the work is done.

use riser_translator::sink::{Label, LabelKind, Slot};

use crate::Bailout;

/// Values that any function may name beyond the operands of its operators, whatever its size.
const BASE: u64 = 2048;
/// Further values for each byte of the body. In large programs, as compilers emit them, no function takes half of this, or all of it with
/// metering and interruption.
const PER_BYTE: u64 = 2;
/// Edges into labels along which a slot is looked for, at the cost of handling one value.
const WAYS_PER_VALUE: u64 = 8;
/// Blocks for which a slot has an entry, at the cost of handling one value.
const BLOCKS_PER_VALUE: u64 = 256;
/// Constructs around one that ends, at the cost of handling one value.
const AROUND_PER_VALUE: u64 = 512;

/// The limit for one function, and what has been spent.
#[derive(Debug, Default)]
pub struct Budget {
    limit: u64,
    /// Values that operators move, pass and declare.
    values: u64,
    /// Edges into labels along which slots were looked for.
    looked_for: u64,
    /// Edges that have joined so far.
    ways: u64,
    /// Entries of slots for blocks.
    entries: u64,
    /// Blocks that have begun so far, in a tier that keeps the values of slots by block.
    blocks: u64,
    /// Constructs that have been open where another one ended.
    around: u64,
    /// The loops and handler scopes that have begun and not ended, and the labels that are still to come and have branches.
    open: u64,
    /// For each label that is still to come, the number of branches to it so far.
    branches: Vec<u32>,
    /// For each slot, the values of `ways` and `blocks` when it was last named.
    named: Vec<[u64; 2]>,
}

/// Stands for a label that has been bound.
const BOUND: u32 = u32::MAX;

impl Budget {
    /// The budget of a function whose body has `body_bytes` bytes.
    pub fn new(body_bytes: usize) -> Budget {
        Budget { limit: BASE + PER_BYTE * body_bytes as u64, ..Budget::default() }
    }

    /// Records values that an operator moves, passes or declares, however few bytes it has.
    pub fn spend(&mut self, values: usize) {
        self.values += values as u64;
    }

    /// Records a branch.
    pub fn branch(&mut self, target: Label) {
        match self.branches_to(target) {
            // One more edge into a loop header.
            &mut BOUND => self.ways += 1,
            branches => {
                let is_first = *branches == 0;
                *branches += 1;
                self.open += u64::from(is_first);
            }
        }
    }

    /// Records that a loop or a handler scope begins.
    pub fn open(&mut self) {
        self.open += 1;
    }

    /// Records that a loop or a handler scope ends.
    pub fn close(&mut self) {
        self.open -= 1;
        self.around += self.open;
    }

    /// Records that a label is bound.
    pub fn bind(&mut self, label: Label, kind: LabelKind) {
        let branches = std::mem::replace(self.branches_to(label), BOUND);
        self.ways += match kind {
            LabelKind::Join | LabelKind::Loop => u64::from(branches.max(1)),
            LabelKind::Skip => 0,
        };
        if branches > 0 {
            self.close();
        }
    }

    /// Records that code follows to which this many edges lead, though it has no label.
    pub fn join(&mut self, edges: u32) {
        self.ways += u64::from(edges);
    }

    /// Records that a block begins. For tiers that keep the values of slots by block.
    #[inline]
    pub fn begin_block(&mut self) {
        self.blocks += 1;
    }

    fn branches_to(&mut self, label: Label) -> &mut u32 {
        let at = label.0 as usize;
        if at >= self.branches.len() {
            self.branches.resize(at + 1, 0);
        }
        &mut self.branches[at]
    }

    /// Records a read or write of a slot.
    #[inline]
    pub fn name(&mut self, slot: Slot) {
        let at = slot.0 as usize;
        if at >= self.named.len() {
            self.named.resize(at + 1, [0; 2]);
        }
        let [ways, blocks] = std::mem::replace(&mut self.named[at], [self.ways, self.blocks]);
        self.looked_for += self.ways - ways;
        self.entries += self.blocks - blocks;
    }

    /// Whether the budget is exceeded.
    #[inline]
    pub fn is_exceeded(&self) -> bool {
        let live = self.looked_for / WAYS_PER_VALUE + self.entries / BLOCKS_PER_VALUE;
        self.values + live + self.around / AROUND_PER_VALUE > self.limit
    }

    /// Checks the budget.
    ///
    /// # Errors
    ///
    /// Why the function is given up, if the budget is exceeded.
    pub fn check(&self) -> Result<(), Bailout> {
        if !self.is_exceeded() {
            return Ok(());
        }
        let Budget { values, looked_for, entries, around, .. } = self;
        let (ways, blocks) = (looked_for / WAYS_PER_VALUE, entries / BLOCKS_PER_VALUE);
        let what = if around / AROUND_PER_VALUE > ways.max(blocks).max(*values) {
            format!("its loops, labels and handlers nest: {around} times, one ends within another")
        } else if *values > ways.max(blocks) {
            format!("its branches, calls and locals stand for more than {values} values")
        } else if ways > blocks {
            format!("its locals and operands are live on more than {looked_for} ways to labels")
        } else {
            format!("its locals and operands are live in more than {entries} blocks")
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
        // Each lookup passes one label, and never goes back to the start.
        assert_eq!(budget.check(), Ok(()));
        (1..=2).for_each(|slot| budget.name(Slot(slot)));
        let why = budget.check().expect_err("this one is followed to the start").to_string();
        assert!(why.contains(&format!("live on more than {} ways", 3 * most)), "{why}");
    }

    #[test]
    fn blocks_since_a_slot_was_named_count() {
        let mut budget = Budget::new(0);
        let most = BASE * BLOCKS_PER_VALUE;
        (0..most).for_each(|_| budget.begin_block());
        budget.name(Slot(0));
        budget.name(Slot(0));
        assert_eq!(budget.check(), Ok(()));
        budget.name(Slot(1));
        let why = budget.check().expect_err("twice as many").to_string();
        assert!(why.contains(&format!("live in more than {} blocks", 2 * most)), "{why}");
    }

    #[test]
    fn what_is_around_an_end_counts() {
        let mut budget = Budget::new(0);
        let most = BASE * AROUND_PER_VALUE;
        let mut nest = |labels: std::ops::Range<u32>| {
            labels.clone().for_each(|label| budget.branch(Label(label)));
            labels.rev().for_each(|label| budget.bind(Label(label), LabelKind::Skip));
            (budget.around, budget.check())
        };
        assert_eq!(nest(0..1000), (999 * 1000 / 2, Ok(())));
        assert_eq!(nest(1000..2000), (999 * 1000, Ok(())));
        assert!(999 * 1000 * 2 > most);
        let (around, result) = nest(2000..4000);
        let why = result.expect_err("twice as deep is four times as much").to_string();
        assert!(why.contains(&format!("nest: {around} times")), "{why}");
    }

    #[test]
    fn loops_and_scopes_are_open_until_they_are_closed() {
        let mut budget = Budget::new(0);
        budget.open();
        budget.open();
        budget.branch(Label(7));
        budget.branch(Label(7));
        budget.bind(Label(7), LabelKind::Join);
        budget.close();
        budget.close();
        assert_eq!((budget.open, budget.around), (0, 2 + 1));
    }

    #[test]
    fn all_ways_to_a_label_count() {
        let mut budget = Budget::new(0);
        budget.bind(Label(0), LabelKind::Loop);
        (0..10).for_each(|_| budget.branch(Label(1)));
        (0..5).for_each(|_| budget.branch(Label(0)));
        budget.bind(Label(1), LabelKind::Join);
        budget.join(7);
        budget.name(Slot(0));
        assert_eq!(budget.looked_for, 1 + 5 + 10 + 7);
    }
}
