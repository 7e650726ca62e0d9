//! What is known of a function while it is lowered.

use riser_tiers_core::{Budget, CompileRequest};
use riser_translator::local_writes::LocalWrites;
use riser_translator::sink::{FrameLayout, FuncHeader, Label, LabelKind, Slot};
use riser_translator::{FuncIndex, MemoryIndex, ValType};

use crate::exception::Scopes;
use crate::frame_copy::FrameCopy;

/// What is known of a function while it is lowered, by whatever builds its code.
#[derive(Debug)]
pub struct Body<Address, Block> {
    /// Whether accesses to 32-bit memories may be left to guard pages.
    pub(crate) guard_pages: bool,
    /// Whether speculative accesses have to stay in bounds.
    pub spectre_guards: bool,
    /// Whether relaxed vector operators have the results of the deterministic profile.
    pub relaxed_simd_deterministic: bool,
    /// Whether safepoints report the frame.
    epoch: bool,
    /// The function's index.
    pub index: FuncIndex,
    /// The frame.
    pub(crate) frame: FrameLayout,
    /// Types of the results.
    pub results: Vec<ValType>,
    /// Types of the locals, parameters first.
    locals: Vec<ValType>,
    /// The position of the first operator; 0 until that is known.
    pub start: u32,
    /// The offset of the current operator.
    pub position: u32,
    /// The offsets of operators with hints, and whether their conditions are likely not to be zero.
    hints: Vec<(u32, bool)>,
    /// The position of the loop that has the last safepoint. Without one, that is the function's entry.
    pub(crate) last_loop: Option<u32>,
    /// Types of the operands at the last loop header, if they are needed.
    loop_operands: Vec<ValType>,
    /// Whether the current block has ended.
    pub ended: bool,
    /// The block of each label that has one.
    labels: Vec<Option<Block>>,
    /// Whether some branch to each label is not a rare one; `None` if there has been no branch.
    usual: Vec<Option<bool>>,
    /// The handler scopes.
    pub(crate) scopes: Scopes<Block>,
    /// Base addresses of 32-bit memories, loaded at the function's start.
    pub(crate) memory_bases: Vec<(MemoryIndex, Address)>,
    /// The copy of the frame that code keeps for snapshots, if it does.
    pub(crate) copy: Option<FrameCopy>,
    /// What may still be spent on the function.
    pub budget: Budget,
}

/// Each of the types with the index of its first slot, if values of these types are in adjacent slots.
pub fn slots(types: &[ValType]) -> impl Iterator<Item = (ValType, u32)> {
    types.iter().scan(0, |next, &ty| {
        let at = *next;
        *next += ty.slots();
        Some((ty, at))
    })
}

impl<Address, Block> Body<Address, Block> {
    /// A function of which nothing has been lowered yet.
    pub fn new(request: &CompileRequest<'_>) -> Body<Address, Block> {
        let info = request.module.info();
        let bytes = info.body_bytes(request.function);
        let body = info.defined_function(request.function).map(|defined| info.bodies[defined.index()].range.start);
        let hints = info.branch_hints(request.function).iter();
        Body {
            guard_pages: request.guard_pages,
            spectre_guards: request.spectre_guards,
            relaxed_simd_deterministic: request.relaxed_simd_deterministic,
            epoch: request.config.epoch,
            index: request.function,
            frame: FrameLayout::default(),
            results: Vec::new(),
            locals: Vec::new(),
            start: 0,
            position: 0,
            hints: hints.map(|hint| (hint.offset.saturating_add(body.unwrap_or(0)), hint.is_taken)).collect(),
            last_loop: None,
            loop_operands: Vec::new(),
            ended: false,
            labels: Vec::new(),
            usual: Vec::new(),
            scopes: Scopes::default(),
            memory_bases: Vec::new(),
            copy: request.snapshots.then(|| FrameCopy::new(LocalWrites::of(info, request.function))),
            budget: Budget::new(bytes.map_or(0, <[u8]>::len)),
        }
    }

    /// Begins the function.
    pub fn begin(&mut self, header: &FuncHeader<'_>) {
        self.budget.spend(header.locals.len() + header.ty.results().len());
        self.frame = header.frame;
        self.results.extend(header.ty.results());
        self.locals.extend(header.locals);
        if let Some(copy) = &mut self.copy {
            copy.begin(header.frame, header.locals);
        }
    }

    /// Whether code keeps a copy of its frame over calls.
    pub fn keeps_copy(&self) -> bool {
        self.copy.is_some()
    }

    /// Records that a slot gets a value.
    #[inline]
    pub fn change(&mut self, slot: Slot) {
        self.budget.name(slot);
        if let Some(copy) = &mut self.copy {
            copy.change(slot);
        }
    }

    /// Records that a label is bound, before the block of the code in front of it ends. In OSR code, others may enter a loop:
    /// `is_entered`.
    pub fn bind(&mut self, label: Label, kind: LabelKind, is_entered: bool) {
        self.budget.bind(label, kind);
        if let Some(copy) = &mut self.copy {
            let work = copy.bind(label, kind, !self.ended, self.position, is_entered);
            self.budget.spend(work);
        }
    }

    /// The innermost loop ends.
    pub fn end_loop(&mut self) {
        self.budget.close();
    }

    /// Begins a loop, whose safepoint has these operands. Their types are kept if safepoints report the frame, or if they are
    /// needed for something else.
    pub fn begin_loop(&mut self, operands: &mut dyn Iterator<Item = ValType>, are_needed: bool) {
        self.budget.open();
        self.last_loop = Some(self.position);
        self.loop_operands.clear();
        if self.epoch || are_needed {
            self.loop_operands.extend(operands);
            self.budget.spend(self.locals.len() + self.loop_operands.len());
        }
    }

    /// The slots of the canonical state at the last safepoint: the locals', and the operands'.
    pub fn canonical_slots(&self) -> [Vec<(Slot, ValType)>; 2] {
        let locals = slots(&self.locals).map(|(ty, index)| (self.frame.local(index), ty));
        let operands = slots(&self.loop_operands).map(|(ty, height)| (self.frame.temp(height), ty));
        [locals.collect(), operands.collect()]
    }

    /// Whether the condition of the current operator is likely not to be zero, if there is a hint.
    pub(crate) fn hint(&self) -> Option<bool> {
        let at = self.hints.binary_search_by_key(&self.position, |(offset, _)| *offset).ok()?;
        Some(self.hints[at].1)
    }

    /// Notes a branch to a label, which is rare or not.
    pub(crate) fn note_branch(&mut self, label: Label, is_rare: bool) {
        // Without hints nothing is rare.
        if self.hints.is_empty() {
            return;
        }
        let at = label.0 as usize;
        if at >= self.usual.len() {
            self.usual.resize(at + 1, None);
        }
        self.usual[at] = Some(self.usual[at] == Some(true) || !is_rare);
    }

    /// Whether a label, to which all forward branches have been built, is rarely reached: the code before it does not go
    /// on there, and hints say that no branch to it is likely.
    pub fn is_rare(&self, label: Label) -> bool {
        self.ended && self.usual.get(label.0 as usize) == Some(&Some(false))
    }

    /// The entry of a label.
    pub(crate) fn label(&mut self, label: Label) -> &mut Option<Block> {
        let at = label.0 as usize;
        if at >= self.labels.len() {
            self.labels.resize_with(at + 1, || None);
        }
        &mut self.labels[at]
    }
}
