//! Which slots hold values that are read later, and from where to where: for people who look at IR. Nothing that runs code uses it.
//!
//! It is the textbook's analysis. Instructions are walked from the last to the first, until what is live at each label stays the same.
//! An instruction that may throw leads to the clauses of its handler scope, too. The accumulators are left out: they are live from one
//! instruction to the next.

use std::collections::HashMap;
use std::iter;
use std::ops::Range;

use smallvec::SmallVec;

use super::{Dst, Function, Inst, Item, Kind, Src};
use crate::module::ModuleInfo;
use crate::sink::{Catch, Label, Scope, Slot};

/// Where a slot is live without a gap, in the order of the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveRange {
    /// The slot. A vector has two.
    pub slot: Slot,
    /// The item that writes it; or, after a gap, the first one where it is live. `None` for the function's entry.
    pub first: Option<usize>,
    /// The last item that reads it; or the last one before a gap. A value that is never read ends where it is written.
    pub last: usize,
}

/// The live ranges of a function's slots, in the order of slots, then of items. `module` is the one that the function is of.
///
/// # Panics
///
/// If the function refers to something that the module does not have.
pub fn live_ranges(function: &Function, module: &ModuleInfo) -> Vec<LiveRange> {
    let analysis = Analysis::new(function, module);
    let mut at_labels = HashMap::new();
    while analysis.walk(&mut at_labels, &mut |_, _, _, _| {}) {}
    analysis.ranges(&mut at_labels)
}

/// What an instruction does to slots, and where control goes.
struct Effect {
    reads: SmallVec<[Range<u32>; 3]>,
    writes: SmallVec<[Range<u32>; 1]>,
    /// Slots from here on are the callee's.
    clobbered_from: Option<u32>,
    targets: SmallVec<[Label; 1]>,
    falls_through: bool,
    throws: bool,
}

fn effect(inst: &Inst, function: &Function, module: &ModuleInfo) -> Effect {
    let range = |first: Slot, slots: u32| first.0..first.0 + slots;
    let mut effect = Effect {
        reads: SmallVec::new(),
        writes: SmallVec::new(),
        clobbered_from: None,
        targets: SmallVec::new(),
        falls_through: match inst.kind() {
            Kind::Branch | Kind::Return | Kind::ReturnCall { .. } | Kind::Throw | Kind::Trap => false,
            Kind::Compute
            | Kind::Load { .. }
            | Kind::Store { .. }
            | Kind::Atomic { .. }
            | Kind::Bulk
            | Kind::BranchIf { .. }
            | Kind::Call { .. }
            | Kind::Poll
            | Kind::Mark => true,
        },
        throws: false,
    };
    for &(src, ty) in &inst.sources() {
        match src {
            Src::Slot(slot) => effect.reads.push(range(slot, ty.slots())),
            Src::Acc | Src::Imm(_) => {}
        }
    }
    match inst.result() {
        Some((Dst::Slot(slot), ty)) => effect.writes.push(range(slot, ty.slots())),
        Some((Dst::Acc, _)) | None => {}
    }
    let call = |effect: &mut Effect, params: u32, results: u32, base: Slot| {
        effect.reads.push(range(base, params));
        effect.writes.push(range(base, results));
        effect.clobbered_from = Some(base.0);
        effect.throws = true;
    };
    match *inst {
        Inst::CopySlots { dst, src, count } => {
            effect.reads.push(range(src, count));
            effect.writes.push(range(dst, count));
        }
        Inst::Return => effect.reads.push(range(Slot(0), function.ty.result_slots())),
        Inst::Call { function, base, .. } => {
            let ty = module.func_type(function);
            call(&mut effect, ty.param_slots(), ty.result_slots(), base);
        }
        Inst::CallIndirect { type_index, base, .. } => {
            let ty = module.ty(type_index);
            call(&mut effect, ty.param_slots(), ty.result_slots(), base);
        }
        // The callee's frame takes the place of this one, and its exceptions go to the caller.
        Inst::ReturnCall { base, params, .. } | Inst::ReturnCallIndirect { base, params, .. } => {
            effect.reads.push(range(base, params));
        }
        Inst::Throw { tag, base } => {
            effect.reads.push(range(base, module.tag_type(tag).param_slots()));
            effect.throws = true;
        }
        Inst::ThrowRef { .. } => effect.throws = true,
        Inst::Branch { target } | Inst::BranchIf { target, .. } => effect.targets.push(target),
        Inst::BranchTable { ref targets, .. } => effect.targets.extend_from_slice(targets),
        Inst::Const { .. }
        | Inst::Copy { .. }
        | Inst::Unary { .. }
        | Inst::Binary { .. }
        | Inst::Wide { .. }
        | Inst::Select { .. }
        | Inst::RefIsNull { .. }
        | Inst::RefFunc { .. }
        | Inst::VectorConst { .. }
        | Inst::Vector { .. }
        | Inst::Shuffle { .. }
        | Inst::ExtractLane { .. }
        | Inst::ReplaceLane { .. }
        | Inst::VectorLoad { .. }
        | Inst::VectorStore { .. }
        | Inst::LoadLane { .. }
        | Inst::StoreLane { .. }
        | Inst::Atomic { .. }
        | Inst::AtomicFence
        | Inst::GlobalGet { .. }
        | Inst::GlobalSet { .. }
        | Inst::Load { .. }
        | Inst::Store { .. }
        | Inst::MemorySize { .. }
        | Inst::MemoryGrow { .. }
        | Inst::MemoryFill { .. }
        | Inst::MemoryCopy { .. }
        | Inst::MemoryInit { .. }
        | Inst::DataDrop { .. }
        | Inst::TableGet { .. }
        | Inst::TableSet { .. }
        | Inst::TableSize { .. }
        | Inst::TableGrow { .. }
        | Inst::TableFill { .. }
        | Inst::TableCopy { .. }
        | Inst::TableInit { .. }
        | Inst::ElemDrop { .. }
        | Inst::ReturnValue { .. }
        | Inst::TryBegin { .. }
        | Inst::TryEnd { .. }
        | Inst::Catch { .. }
        | Inst::CatchEnd { .. }
        | Inst::Trap { .. }
        | Inst::Fuel { .. }
        | Inst::Epoch => {}
    }
    effect
}

/// Slots, each by its number among those that the function names.
#[derive(Clone, Default, PartialEq, Eq)]
struct Set(Vec<u64>);

impl Set {
    fn insert(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn remove(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 != 0)
    }

    fn add(&mut self, other: &Set) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// Those that are in this set and not in the other.
    fn without<'a>(&'a self, other: &'a Set) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().enumerate().flat_map(move |(index, &word)| {
            let mut left = word & !other.0.get(index).copied().unwrap_or_default();
            iter::from_fn(move || {
                let at = (left != 0).then_some(left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(index * 64 + at)
            })
        })
    }
}

/// The clauses of a handler scope, and the scope that gets what they do not catch.
#[derive(Default)]
struct Handler {
    catches: Vec<Catch>,
    next: Option<Scope>,
}

struct Analysis<'a> {
    function: &'a Function,
    module: &'a ModuleInfo,
    /// The effect of each item; `None` for labels, and where control does not reach.
    effects: Vec<Option<Effect>>,
    /// The innermost handler scope of each item.
    scopes: Vec<Option<Scope>>,
    handlers: HashMap<Scope, Handler>,
    /// The slots that are named, in order.
    slots: Vec<u32>,
}

/// What is live at labels.
type AtLabels = HashMap<Label, Set>;

/// Looks at an item: its index, what is live before it, what is live behind it, and its effect.
type See<'a> = dyn FnMut(usize, &Set, &Set, Option<&Effect>) + 'a;

impl<'a> Analysis<'a> {
    fn new(function: &'a Function, module: &'a ModuleInfo) -> Analysis<'a> {
        let mut analysis = Analysis {
            function,
            module,
            effects: Vec::new(),
            scopes: Vec::new(),
            handlers: HashMap::new(),
            slots: Vec::new(),
        };
        let mut open: Vec<Scope> = Vec::new();
        let mut is_reached = true;
        for item in &function.items {
            let inst = match item {
                Item::Label { .. } => {
                    is_reached = true;
                    analysis.effects.push(None);
                    analysis.scopes.push(None);
                    continue;
                }
                Item::Inst { inst, .. } => inst,
            };
            if let Inst::TryBegin { scope } = *inst {
                open.push(scope);
            } else if let Inst::TryEnd { .. } = inst {
                open.pop();
            } else if let Inst::Catch { scope, catch } = *inst {
                analysis.handlers.entry(scope).or_default().catches.push(catch);
            } else if let Inst::CatchEnd { scope, next } = *inst {
                analysis.handlers.entry(scope).or_default().next = next;
            }
            let effect = is_reached.then(|| effect(inst, function, module));
            is_reached = effect.as_ref().is_some_and(|effect| effect.falls_through);
            analysis.slots.extend(effect.iter().flat_map(|it| it.reads.iter().chain(&it.writes).cloned().flatten()));
            analysis.effects.push(effect);
            analysis.scopes.push(open.last().copied());
        }
        analysis.slots.sort_unstable();
        analysis.slots.dedup();
        analysis
    }

    /// The numbers of the slots of a range.
    fn numbers(&self, range: Range<u32>) -> Range<usize> {
        self.slots.partition_point(|&slot| slot < range.start)..self.slots.partition_point(|&slot| slot < range.end)
    }

    /// What is live when an exception gets to a scope. Its clauses write what they bring.
    fn thrown_to(&self, scope: Scope, at_labels: &AtLabels) -> Set {
        let mut live = Set::default();
        let mut scope = Some(scope);
        while let Some(handler) = scope.and_then(|scope| self.handlers.get(&scope)) {
            for catch in &handler.catches {
                let mut of_clause = at_labels.get(&catch.target).cloned().unwrap_or_default();
                let payload = catch.tag.map_or(0, |tag| self.module.tag_type(tag).param_slots());
                let payload = catch.payload.0..catch.payload.0 + payload;
                let brought = iter::once(payload).chain(catch.exn.map(|exn| exn.0..exn.0 + 1));
                brought.flat_map(|range| self.numbers(range)).for_each(|at| of_clause.remove(at));
                live.add(&of_clause);
            }
            scope = handler.next;
        }
        live
    }

    /// Walks all items from the last to the first, and adds what is live to the labels. Calls `see` for each item that is reached. Whether a
    /// label has got more.
    fn walk(&self, at_labels: &mut AtLabels, see: &mut See<'_>) -> bool {
        let mut has_changed = false;
        let mut live = Set::default();
        for (index, item) in self.function.items.iter().enumerate().rev() {
            let Some(effect) = &self.effects[index] else {
                match item {
                    Item::Label { label, .. } => {
                        let known = at_labels.entry(*label).or_default();
                        has_changed |= live.without(known).next().is_some();
                        known.add(&live);
                        live = known.clone();
                        see(index, &live, &live, None);
                    }
                    Item::Inst { .. } => live = Set::default(),
                }
                continue;
            };
            if !effect.falls_through {
                live = Set::default();
            }
            for target in &effect.targets {
                if let Some(at_target) = at_labels.get(target) {
                    live.add(at_target);
                }
            }
            let behind = live.clone();
            if let Some(first) = effect.clobbered_from {
                (self.numbers(first..u32::MAX)).for_each(|at| live.remove(at));
            }
            (effect.writes.iter()).flat_map(|range| self.numbers(range.clone())).for_each(|at| live.remove(at));
            if let Some(scope) = self.scopes[index].filter(|_| effect.throws) {
                live.add(&self.thrown_to(scope, at_labels));
            }
            (effect.reads.iter()).flat_map(|range| self.numbers(range.clone())).for_each(|at| live.insert(at));
            see(index, &live, &behind, Some(effect));
        }
        has_changed
    }

    /// The ranges, when what is live at labels is known.
    fn ranges(&self, at_labels: &mut AtLabels) -> Vec<LiveRange> {
        let mut ranges = Vec::new();
        // The last item of each range whose first one has not been seen yet.
        let mut open: HashMap<usize, usize> = HashMap::new();
        let mut next = (self.function.items.len(), Set::default());
        let slot = |at: usize| Slot(self.slots[at]);
        self.walk(at_labels, &mut |index, before, behind, effect| {
            let (next_index, next_before) = &next;
            // What is live at the next item, but not behind this one, came there another way.
            for at in next_before.without(behind) {
                if let Some(last) = open.remove(&at) {
                    ranges.push(LiveRange { slot: slot(at), first: Some(*next_index), last });
                }
            }
            for at in behind.without(next_before) {
                open.insert(at, index);
            }
            for at in before.without(behind) {
                open.insert(at, index);
            }
            for at in behind.without(before) {
                if let Some(last) = open.remove(&at) {
                    ranges.push(LiveRange { slot: slot(at), first: Some(index), last });
                }
            }
            let written = effect.iter().flat_map(|it| it.writes.iter()).flat_map(|range| self.numbers(range.clone()));
            for at in written.filter(|&at| !before.contains(at) && !behind.contains(at)) {
                ranges.push(LiveRange { slot: slot(at), first: Some(index), last: index });
            }
            next = (index, before.clone());
        });
        ranges.extend(open.into_iter().map(|(at, last)| LiveRange { slot: slot(at), first: None, last }));
        ranges.sort_unstable();
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::parse::parse;
    use crate::parse_module;

    /// The ranges of a function's IR, each as `slot first..last`; the entry is `in`.
    fn ranges(module: &str, ir: &str) -> Vec<String> {
        let module = parse_module(wat::parse_str(module).expect("well-formed")).expect("valid");
        let function = parse(ir).expect("is IR");
        let frame = function.frame();
        let text = |LiveRange { slot, first, last }: LiveRange| {
            let first = first.map_or("in".to_owned(), |first| first.to_string());
            format!("{} {first}..{last}", frame.role(slot))
        };
        live_ranges(&function, module.info()).into_iter().map(text).collect()
    }

    #[test]
    fn a_value_is_live_from_its_writing_to_its_last_reading() {
        let ir = "
            func 0 (i32) -> (i32)
            locals i32
            temps 2
              0x1  t0 = i32.add l0, 1
              0x2  t1 = i32.add l0, 2
              0x3  l1 = i32.add t0, t0
              0x4  t0 = i32.add t1, 3
              0x5  return i32 t0";
        // `l1` is never read.
        assert_eq!(ranges("(module)", ir), ["l0 in..1", "l1 2..2", "t0 0..2", "t0 3..4", "t1 1..3"]);
    }

    #[test]
    fn what_a_loop_reads_is_live_all_around_it() {
        let ir = "
            func 0 (i32, i32) -> (i32)
            temps 1
            L0: loop ()
              0x1  t0 = i32.add l0, l1
              0x2  l0 = i32.sub t0, 4
              0x3  branch_if l0 -> L0
              0x4  return i32 l0";
        assert_eq!(ranges("(module)", ir), ["l0 in..1", "l0 2..4", "l1 in..3", "t0 1..2"]);
    }

    #[test]
    fn branches_leave_gaps() {
        let ir = "
            func 0 (i32, i32) -> (i32)
            temps 0
              0x1  branch_if l0 -> L0
              0x2  return i32 0
            L0: skip ()
              0x3  branch_table l0 -> L1 L1
            L1: join ()
              0x4  return i32 l1";
        assert_eq!(ranges("(module)", ir), ["l0 in..0", "l0 2..3", "l1 in..0", "l1 2..5"]);
    }

    #[test]
    fn a_call_reads_arguments_and_destroys_what_is_above() {
        let module =
            "(module (func (param i32 i32) (result i32) (local.get 0)) (func (param i32) (result i32) (local.get 0)))";
        let ir = "
            func 1 (i32) -> (i32)
            temps 6
              0x1  t0 = i32.add l0, 1
              0x2  t1 = i32.add l0, 2
              0x3  t2 = i32.add l0, 3
              0x4  call 0 base=t1 link=t3
              0x5  t0 = i32.add t0, t1
              0x6  return i32 t0";
        assert_eq!(ranges(module, ir), ["l0 in..2", "t0 0..5", "t1 1..4", "t2 2..3"]);
    }

    #[test]
    fn an_exception_takes_along_what_its_clause_reads() {
        let module = "(module (tag (param i32)) (func) (func (param i32 i32) (result i32) (local.get 0)))";
        let ir = "
            func 1 (i32, i32) -> (i32)
            temps 5
              0x1  try_begin S0
              0x2  l1 = i32.add l1, 1
              0x3  call 0 base=t0 link=t0
              0x4  try_end S0
              0x5  return i32 0
              0x6  catch S0 tag=0 payload=t0 -> L0
              0x7  catch_end S0
            L0: join (i32)
              0x8  t0 = i32.add t0, l1
              0x9  return i32 t0";
        // The payload comes with the exception, so `t0` is not live where it is thrown.
        assert_eq!(ranges(module, ir), ["l1 in..2", "l1 7..8", "t0 7..9"]);
    }
}
