//! Branches and returns.
//!
//! A branch of the IR goes to the counterpart of wasm's destination directly, or by a *detour*: moves behind a skip
//! label. The checker follows a detour when it meets the branch, on the state of the branch, and then undoes the
//! detour's writes. A conditional branch may be inverted: the IR's branch is taken when wasm's is not, and goes to a
//! skip behind a detour that is in line. Or the IR's branch goes where wasm's *next* branch goes, and is followed
//! by a branch to where wasm's conditional branch goes, or by that label: two branches have changed places.

use std::collections::HashMap;

use wasmparser::BrTable;

use riser_translator::ir::{Inst, Item};
use riser_translator::sink::{Label, LabelKind, Slot};
use riser_translator::types::ValType;

use super::CheckError;
use super::control::{Frame, Kind, Part};
use super::term::TermId;
use super::walk::Checker;

impl<'a> Checker<'a> {
    pub(super) fn br(&mut self, depth: u32) -> Result<(), CheckError> {
        let block = self.block(depth);
        self.leave(block, self.control[block].target())?;
        self.live = false;
        Ok(())
    }

    /// Checks that the IR branches to a part of a block if the condition holds, as wasm does.
    pub(super) fn branch_if(&mut self, leaves: TermId, block: usize, part: Part) -> Result<(), CheckError> {
        let what =
            |this: &Checker<'a>| format!("a branch to {} if {}", this.control[block].dest(part), this.term(leaves));
        let (item, inst, _) = self.next_inst(&what)?;
        let Inst::BranchIf { cond, target } = *inst else {
            return Err(self.error(Some(item), format!("wasm has {} here", what(self))));
        };
        let found = self.condition(item, cond)?;
        if found == leaves {
            return self.go(item, target, block, part);
        }
        if found != self.state.terms.not(leaves) {
            let message = format!("the condition should be {} and is {}", self.term(leaves), self.term(found));
            return Err(self.error(Some(item), message));
        }
        // The branch is inverted: the items up to the skip belong to wasm's branch.
        let (place, kind) = self.place_of(item, target)?;
        if kind != LabelKind::Skip {
            return self.around_a_branch(item, target, leaves, block, part);
        }
        self.state.begin_detour();
        self.leave(block, part)?;
        self.state.end_detour();
        self.pass_detours();
        if self.at != place {
            return Err(self.error(Some(item), format!("L{} does not follow the detour", target.0)));
        }
        self.same_operands(place)?;
        self.at = place + 1;
        Ok(())
    }

    /// Checks the branch at `item` on the opposite of wasm's condition `leaves`. It may go where wasm's next branch goes if
    /// the IR goes on, by a branch or into a label, where wasm goes now.
    fn around_a_branch(
        &mut self,
        item: usize,
        target: Label,
        leaves: TermId,
        block: usize,
        part: Part,
    ) -> Result<(), CheckError> {
        match self.ir.items.get(self.at) {
            Some(Item::Label { label, kind, .. }) => self.arrive(self.at, *label, *kind, block, part)?,
            Some(Item::Inst { inst: Inst::Branch { target }, .. }) => {
                let (_, kind) = self.place_of(self.at, *target)?;
                self.arrive(self.at, *target, kind, block, part)?;
                self.at += 1;
            }
            _ => {
                let message = format!("the condition should be {} and is its opposite", self.term(leaves));
                return Err(self.error(Some(item), message));
            }
        }
        self.ahead = Some((item, target));
        Ok(())
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<(), CheckError> {
        let index = self.pop()?;
        let mut depths =
            table.targets().collect::<Result<Vec<u32>, _>>().map_err(|_| self.error(None, "no targets"))?;
        depths.push(table.default());
        let what = |this: &Checker<'a>| format!("a table of branches on {}", this.term(index));
        let (item, inst, _) = self.next_inst(&what)?;
        let Inst::BranchTable { index: src, ref targets } = *inst else {
            return Err(self.error(Some(item), format!("wasm has {} here", what(self))));
        };
        self.same_value(item, src, ValType::I32, index)?;
        if targets.is_empty() {
            return Err(self.error(Some(item), "a table of branches has no default"));
        }
        let mut known = HashMap::new();
        for at in 0..depths.len().max(targets.len()) {
            // The last entry of each list is the default, and stands for all missing ones.
            let block = self.block(depths[at.min(depths.len() - 1)]);
            let target = targets[at.min(targets.len() - 1)];
            match known.insert(target, block) {
                None => self.go(item, target, block, self.control[block].target())?,
                Some(other) if other == block => {}
                Some(_) => {
                    let dest = self.control[block].dest(self.control[block].target());
                    let message = format!("L{} should lead to {dest} for index {at}", target.0);
                    return Err(self.error(Some(item), message));
                }
            }
        }
        self.live = false;
        Ok(())
    }

    /// Checks the branch at `item` to `target`, where wasm branches to a part of a block.
    fn go(&mut self, item: usize, target: Label, block: usize, part: Part) -> Result<(), CheckError> {
        let (place, kind) = self.place_of(item, target)?;
        if kind != LabelKind::Skip {
            return self.arrive(item, target, kind, block, part);
        }
        if place < self.at || self.detours.contains_key(&place) {
            return Err(self.error(Some(item), format!("L{} has other ways in than this branch", target.0)));
        }
        self.same_operands(place)?;
        let resume = std::mem::replace(&mut self.at, place + 1);
        self.state.begin_detour();
        self.leave(block, part)?;
        self.state.end_detour();
        let end = std::mem::replace(&mut self.at, resume);
        self.detours.insert(place, end);
        Ok(())
    }

    /// Follows the IR to the part of a block that wasm goes to.
    pub(super) fn leave(&mut self, block: usize, part: Part) -> Result<(), CheckError> {
        if let Some((item, target)) = self.ahead.take() {
            let (_, kind) = self.place_of(item, target)?;
            return self.arrive(item, target, kind, block, part);
        }
        let dest = self.control[block].dest(part);
        let message = |found: &str| format!("{found} where wasm goes to {dest}");
        match self.advance()? {
            // The IR falls into the label.
            Some((item, Item::Label { label, kind, .. })) => self.arrive(item, *label, *kind, block, part),
            Some((item, Item::Inst { inst: Inst::Branch { target }, .. })) => {
                self.at = item + 1;
                let (_, kind) = self.place_of(item, *target)?;
                self.arrive(item, *target, kind, block, part)
            }
            Some((item, Item::Inst { inst, .. })) => {
                self.at = item + 1;
                if self.control[block].kind != Kind::Function {
                    return Err(self.error(Some(item), message("the IR goes on")));
                }
                self.returns(item, inst)
            }
            None => Err(self.error(None, message("the IR ends"))),
        }
    }

    /// Checks the arrival at a label of the IR, where wasm arrives at a part of a block.
    fn arrive(
        &mut self,
        item: usize,
        label: Label,
        kind: LabelKind,
        block: usize,
        part: Part,
    ) -> Result<(), CheckError> {
        self.arrive_at(item, label, kind, block, part)?;
        let Frame { home, .. } = self.control[block];
        self.nothing_astray(item, home)?;
        self.values_from(item, home, self.control[block].carried(part))
    }

    /// Checks that a label of the IR stands for a part of a block.
    pub(super) fn arrive_at(
        &mut self,
        item: usize,
        label: Label,
        kind: LabelKind,
        block: usize,
        part: Part,
    ) -> Result<(), CheckError> {
        let frame = &mut self.control[block];
        let dest = frame.dest(part);
        let wanted = if part == Part::Header { LabelKind::Loop } else { LabelKind::Join };
        match self.destinations.get(&label) {
            Some(known) if *known == dest => {}
            None if kind == wanted && part == Part::End => {
                frame.end_labels += 1;
                self.destinations.insert(label, dest);
            }
            None if kind == wanted && part == Part::Else => {
                frame.else_labels += 1;
                self.destinations.insert(label, dest);
            }
            Some(other) => {
                let message = format!("wasm goes to {dest}, and L{} stands for {other}", label.0);
                return Err(self.error(Some(item), message));
            }
            None => return Err(self.error(Some(item), format!("L{} cannot be {dest}", label.0))),
        }
        Ok(())
    }

    /// Checks that the topmost operands, of the given types, are in the slots from `slot` on.
    fn values_from(&mut self, item: usize, mut slot: Slot, types: &[ValType]) -> Result<(), CheckError> {
        let first = self.state.len() - types.len();
        for (index, ty) in types.iter().enumerate() {
            let wanted = self.state.operand(first + index);
            self.demand(item, slot, *ty, wanted)?;
            slot.0 += ty.slots();
        }
        Ok(())
    }

    /// Checks that the instruction returns the same values as wasm does.
    pub(super) fn returns(&mut self, item: usize, inst: &Inst) -> Result<(), CheckError> {
        let types = self.module.func_type(self.ir.index).results();
        match *inst {
            Inst::Return => self.values_from(item, Slot(0), types),
            Inst::ReturnValue { ty, src } if types == [ty] && ty.slots() == 1 => {
                let wanted = self.state.operand(self.state.len() - 1);
                self.same_value(item, src, ty, wanted)
            }
            _ => Err(self.error(Some(item), "wasm returns here")),
        }
    }
}
