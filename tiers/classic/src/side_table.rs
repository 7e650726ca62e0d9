//! The side table: what branches need and the bytecode does not say.
//!
//! One pass over a body, before the function's first call, records for each
//! branch where it goes and what it does to the operand stack. The entries are in
//! order of the code, and running code carries a pointer to the entry of the next
//! branch ahead; a taken branch also says how far that pointer moves. So no branch
//! searches, and none has to know its own number. (Titzer, "A fast in-place
//! interpreter for WebAssembly", OOPSLA 2022.)
//!
//! `if` (to go on after `else` or `end`), `else` (to go on after `end`), `br` and
//! `br_if` own one entry each, `br_table` one per target, default last. Operators
//! that cannot be reached own none.

use riser_tiers_core::Bailout;
use riser_translator::module::ModuleInfo;
use riser_translator::{FuncType, ValType, for_each_operation};
use wasmparser::{BlockType, Operator, OperatorsReader};

/// What one branch does.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BranchEntry {
    /// Distance in bytes from the branch's opcode to the operator that runs next.
    pub(crate) pc_delta: i32,
    /// Distance in entries from this entry to the next branch's, after the branch was taken.
    pub(crate) table_delta: i32,
    /// Slots on top of the operand stack that the target takes.
    pub(crate) keep: u32,
    /// Slots below those that are discarded.
    pub(crate) discard: u32,
}

/// The side table of a function.
#[derive(Debug)]
pub(crate) struct SideTable {
    /// The entries, in order of the code.
    pub(crate) branches: Box<[BranchEntry]>,
    /// Slots of the operand stack at its highest.
    pub(crate) max_height: u32,
}

impl SideTable {
    /// Builds the side table of a function of type `ty` from the operators of its valid body.
    ///
    /// Branches to a loop go to its first operator, or with `poll_loops` to the `loop`
    /// operator itself, so that every turn passes it.
    pub(crate) fn build(
        module: &ModuleInfo,
        ty: &FuncType,
        operators: &mut OperatorsReader<'_>,
        poll_loops: bool,
    ) -> Result<SideTable, Bailout> {
        let mut builder = Builder {
            module,
            poll_loops,
            branches: Vec::new(),
            labels: Vec::new(),
            height: 0,
            max_height: 0,
            live: true,
        };
        let results = arity(ty.results())?;
        arity(ty.params())?;
        builder.labels.push(Label::new(0, 0, results, true));
        while !operators.eof() {
            let (operator, at) = operators.read_with_offset().map_err(malformed)?;
            builder.visit(&operator, at, operators.original_position())?;
        }
        Ok(SideTable { branches: builder.branches.into(), max_height: builder.max_height })
    }
}

/// The entry of a branch to a place that is still ahead.
struct Pending {
    /// Index of the entry.
    entry: usize,
    /// Offset of the branch's opcode.
    at: usize,
}

/// An open block.
struct Label {
    /// Height of the operand stack below the block's parameters.
    height: u32,
    params: u32,
    results: u32,
    /// Where branches to the label go, and the number of entries before that, unless that is
    /// ahead.
    target: Option<(usize, usize)>,
    /// Branches to the label that wait for its target.
    pending: Vec<Pending>,
    /// The branch from `if` around the first arm, until its target is known.
    skip: Option<Pending>,
    /// Whether the block's start can be reached.
    live: bool,
}

impl Label {
    fn new(height: u32, params: u32, results: u32, live: bool) -> Label {
        Label { height, params, results, target: None, pending: Vec::new(), skip: None, live }
    }
}

struct Builder<'a> {
    module: &'a ModuleInfo,
    poll_loops: bool,
    branches: Vec<BranchEntry>,
    labels: Vec<Label>,
    /// Height of the operand stack, in slots; meaningless where code is not `live`.
    height: u32,
    max_height: u32,
    /// Whether the operator can be reached.
    live: bool,
}

impl Builder<'_> {
    /// Takes account of the operator that extends from offset `at` to `next`.
    fn visit(&mut self, operator: &Operator<'_>, at: usize, next: usize) -> Result<(), Bailout> {
        match *operator {
            Operator::Block { blockty } => {
                self.open(blockty)?;
            }
            Operator::Loop { blockty } => {
                let target = if self.poll_loops { at } else { next };
                let entries = self.branches.len();
                self.open(blockty)?.target = Some((target, entries));
            }
            Operator::If { blockty } => {
                self.apply(1, 0);
                let skip = self.live.then(|| self.entry(0, 0, at));
                self.open(blockty)?.skip = skip;
            }
            Operator::Else => {
                let leave = self.live.then(|| self.entry(0, 0, at));
                let label = self.labels.last_mut().ok_or_else(unbalanced)?;
                label.pending.extend(leave);
                self.live = label.live;
                self.height = label.height + label.params;
                if let Some(skip) = label.skip.take() {
                    self.resolve(&skip, next, self.branches.len());
                }
            }
            Operator::End => self.close(at, next)?,
            Operator::Br { relative_depth } => {
                self.branch(relative_depth, at)?;
                self.live = false;
            }
            Operator::BrIf { relative_depth } => {
                self.apply(1, 0);
                self.branch(relative_depth, at)?;
            }
            Operator::BrTable { ref targets } => {
                self.apply(1, 0);
                for target in targets.targets() {
                    self.branch(target.map_err(malformed)?, at)?;
                }
                self.branch(targets.default(), at)?;
                self.live = false;
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => self.live = false,
            Operator::Call { function_index } => {
                self.call(self.module.func_type(function_index), 0)?;
            }
            Operator::CallIndirect { type_index, .. } => {
                self.call(&self.module.types[type_index as usize], 1)?;
            }
            Operator::GlobalGet { global_index } => {
                arity(&[self.module.globals[global_index as usize].content])?;
                self.apply(0, 1);
            }
            ref other => {
                let (pops, pushes) = stack_effect(other).ok_or_else(|| Bailout::Unsupported(format!("{other:?}")))?;
                self.apply(pops, pushes);
            }
        }
        Ok(())
    }

    /// Opens a block; its parameters are on the operand stack.
    fn open(&mut self, ty: BlockType) -> Result<&mut Label, Bailout> {
        let (params, results) = match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(wasmparser::ValType::V128) => {
                return Err(Bailout::Unsupported(ValType::V128.to_string()));
            }
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.module.types[index as usize];
                (arity(ty.params())?, arity(ty.results())?)
            }
        };
        let height = if self.live { self.height - params } else { 0 };
        self.labels.push(Label::new(height, params, results, self.live));
        Ok(self.labels.last_mut().expect("just pushed"))
    }

    /// Closes the innermost block at its `end`.
    fn close(&mut self, at: usize, next: usize) -> Result<(), Bailout> {
        let label = self.labels.pop().ok_or_else(unbalanced)?;
        // A branch to the body's label is a return: it goes to the body's `end`.
        let target = if self.labels.is_empty() { at } else { next };
        for branch in label.pending.iter().chain(&label.skip) {
            self.resolve(branch, target, self.branches.len());
        }
        self.live = label.live;
        self.height = label.height;
        self.apply(0, label.results);
        Ok(())
    }

    /// Emits the entry of a branch to the label at `depth`.
    fn branch(&mut self, depth: u32, at: usize) -> Result<(), Bailout> {
        if !self.live {
            return Ok(());
        }
        let index = self.labels.len().checked_sub(1 + depth as usize).ok_or_else(unbalanced)?;
        let label = &self.labels[index];
        let keep = if label.target.is_some() { label.params } else { label.results };
        let discard = self.height - keep - label.height;
        let target = label.target;
        let pending = self.entry(keep, discard, at);
        match target {
            Some((target, entries)) => self.resolve(&pending, target, entries),
            None => self.labels[index].pending.push(pending),
        }
        Ok(())
    }

    /// Emits an entry whose target is not yet known.
    fn entry(&mut self, keep: u32, discard: u32, at: usize) -> Pending {
        self.branches.push(BranchEntry { pc_delta: 0, table_delta: 0, keep, discard });
        Pending { entry: self.branches.len() - 1, at }
    }

    /// Sets the target of an entry: offset `target`, with `entries` entries before it.
    fn resolve(&mut self, branch: &Pending, target: usize, entries: usize) {
        let entry = &mut self.branches[branch.entry];
        entry.pc_delta = target.wrapping_sub(branch.at) as i32;
        entry.table_delta = entries.wrapping_sub(branch.entry) as i32;
    }

    /// A call that takes `extra` operands besides the arguments.
    fn call(&mut self, ty: &FuncType, extra: u32) -> Result<(), Bailout> {
        self.apply(arity(ty.params())? + extra, arity(ty.results())?);
        Ok(())
    }

    /// Pops and pushes operands, where code can be reached.
    fn apply(&mut self, pops: u32, pushes: u32) {
        if self.live {
            self.height = self.height - pops + pushes;
            self.max_height = self.max_height.max(self.height);
        }
    }
}

/// The number of `types`, each of which takes one slot.
fn arity(types: &[ValType]) -> Result<u32, Bailout> {
    match types.iter().find(|ty| ty.slots() != 1) {
        Some(ty) => Err(Bailout::Unsupported(ty.to_string())),
        None => Ok(types.len() as u32),
    }
}

fn malformed(error: wasmparser::BinaryReaderError) -> Bailout {
    Bailout::Unsupported(error.to_string())
}

fn unbalanced() -> Bailout {
    Bailout::Unsupported("blocks do not nest".to_owned())
}

/// How many operands an operator pops and pushes; `None` for operators that this tier
/// does not run, and those whose effect depends on types.
fn stack_effect(operator: &Operator<'_>) -> Option<(u32, u32)> {
    /// Expands to a match whose first arms are the operation table's,
    /// `Operator::I32Add | Operator::I32Sub | … => (2, 1)` and so on.
    macro_rules! effects {
        (
            ($operator:expr, $($rest:tt)*)
            int_binary { $($IB:ident $_1:literal $_2:ident $_3:tt -> $_4:ident;)* }
            int_compare { $($IC:ident $_5:literal $_6:ident $_7:tt -> $_8:ident;)* }
            float_binary { $($FB:ident $_9:literal $_10:ident $_11:tt -> $_12:ident;)* }
            float_compare { $($FC:ident $_13:literal $_14:ident $_15:tt -> $_16:ident;)* }
            unary { $($U:ident $_17:literal $_18:ident $_19:tt -> $_20:ident;)* }
            load { $($L:ident $_21:literal $_22:ident $_23:tt -> $_24:ident;)* }
            store { $($S:ident $_25:literal $_26:ident $_27:tt -> $_28:ident;)* }
        ) => {
            match $operator {
                $(Operator::$IB)|* | $(Operator::$IC)|* => (2, 1),
                $(Operator::$FB)|* | $(Operator::$FC)|* => (2, 1),
                $(Operator::$U)|* => (1, 1),
                $(Operator::$L { .. })|* => (1, 1),
                $(Operator::$S { .. })|* => (2, 0),
                $($rest)*
            }
        };
    }
    Some(for_each_operation!(effects (operator,
        Operator::Nop | Operator::DataDrop { .. } | Operator::ElemDrop { .. } => (0, 0),
        Operator::I32Const { .. }
        | Operator::I64Const { .. }
        | Operator::F32Const { .. }
        | Operator::F64Const { .. }
        | Operator::LocalGet { .. }
        | Operator::RefNull { .. }
        | Operator::RefFunc { .. }
        | Operator::MemorySize { .. }
        | Operator::TableSize { .. } => (0, 1),
        Operator::Drop | Operator::LocalSet { .. } | Operator::GlobalSet { .. } => (1, 0),
        Operator::LocalTee { .. }
        | Operator::RefIsNull
        | Operator::MemoryGrow { .. }
        | Operator::TableGet { .. } => (1, 1),
        Operator::TableSet { .. } => (2, 0),
        Operator::TableGrow { .. } => (2, 1),
        Operator::Select | Operator::TypedSelect { .. } => (3, 1),
        Operator::MemoryInit { .. }
        | Operator::MemoryCopy { .. }
        | Operator::MemoryFill { .. }
        | Operator::TableInit { .. }
        | Operator::TableCopy { .. }
        | Operator::TableFill { .. } => (3, 0),
        _ => return None,
    )))
}

#[cfg(test)]
mod tests {
    use riser_translator::parse_module;
    use wasmparser::{BinaryReader, FunctionBody};

    use super::*;

    /// The side table of the first function of a module in the text format, with targets
    /// spelled out: for each entry, the opcode at the target, the index of the entry there,
    /// `keep` and `discard`; and the greatest height.
    fn build(wat: &str, poll_loops: bool) -> (Vec<(u8, usize, u32, u32)>, u32) {
        let parsed = parse_module(wat::parse_str(wat).unwrap()).unwrap();
        let module = parsed.info();
        let range = module.bodies[0].range.clone();
        let bytes = &module.bytes[range.start as usize..range.end as usize];
        let body = FunctionBody::new(BinaryReader::new(bytes, range.start as usize));
        let mut operators = body.get_operators_reader().unwrap();
        let ty = module.func_type(0);
        let table = SideTable::build(module, ty, &mut operators, poll_loops).unwrap();

        // Where the branches are, from a second look at the body.
        let mut sources = Vec::new();
        for operator in body.get_operators_reader().unwrap().into_iter_with_offsets() {
            let (operator, at) = operator.unwrap();
            let entries = match operator {
                Operator::If { .. } | Operator::Else | Operator::Br { .. } => 1,
                Operator::BrIf { .. } => 1,
                Operator::BrTable { targets } => targets.len() + 1,
                _ => 0,
            };
            sources.extend((0..entries).map(|_| at));
        }
        assert_eq!(sources.len(), table.branches.len(), "the test's code is all reachable");
        let spell_out = |(index, entry): (usize, &BranchEntry)| {
            let target = sources[index].wrapping_add_signed(entry.pc_delta as isize);
            let next = index.wrapping_add_signed(entry.table_delta as isize);
            (module.bytes[target], next, entry.keep, entry.discard)
        };
        (table.branches.iter().enumerate().map(spell_out).collect(), table.max_height)
    }

    const END: u8 = 0x0b;
    const NOP: u8 = 0x01;
    const LOOP: u8 = 0x03;
    const DROP: u8 = 0x1a;

    #[test]
    fn forward_branches_go_behind_the_end_and_keep_the_results() {
        let wat = "(module (func
            i64.const 7
            (block (result i32)
                i64.const 1  i64.const 2  i32.const 3
                i32.const 0
                br_if 0
                drop drop drop i32.const 4)
            drop
            drop))";
        assert_eq!(build(wat, false), (vec![(DROP, 1, 1, 2)], 5));
    }

    #[test]
    fn backward_branches_go_behind_the_loop_operator_or_poll_there() {
        let wat = "(module (func
            i32.const 5
            (loop (param i32)
                nop
                i64.const 1
                (block (br_if 0 (i32.const 0)))
                drop
                i32.const 1
                br_if 0
                drop)))";
        // The inner branch is the first; the outer one goes back to before it.
        assert_eq!(build(wat, false).0, [(DROP, 1, 0, 0), (NOP, 0, 1, 0)]);
        assert_eq!(build(wat, true).0, [(DROP, 1, 0, 0), (LOOP, 0, 1, 0)]);
    }

    #[test]
    fn both_arms_of_an_if_join_behind_its_end() {
        let wat = "(module (func (param i32) (result i32)
            local.get 0
            (if (result i32) (then i32.const 1) (else nop i32.const 2))
            drop
            local.get 0
            (if (then nop))
            nop
            i32.const 0))";
        let expected = vec![(NOP, 2, 0, 0), (DROP, 2, 0, 0), (NOP, 3, 0, 0)];
        assert_eq!(build(wat, false), (expected, 1));
    }

    #[test]
    fn branch_tables_own_an_entry_for_each_target() {
        let wat = "(module (func (param i32) (result i32)
            (block (result i32)
                (block (result i32)
                    i64.const 0
                    i32.const 6
                    local.get 0
                    br_table 0 1 0 2)
                drop
                i32.const 1)
            nop))";
        let expected = vec![(DROP, 4, 1, 1), (NOP, 4, 1, 1), (DROP, 4, 1, 1), (END, 4, 1, 1)];
        assert_eq!(build(wat, false), (expected, 3));
    }

    #[test]
    fn a_branch_out_of_the_body_goes_to_its_end() {
        let wat = "(module (func (result i32)
            i64.const 1
            i32.const 2
            br 0))";
        assert_eq!(build(wat, false), (vec![(END, 1, 1, 1)], 2));
    }

    #[test]
    fn unreachable_branches_own_no_entry() {
        let wat = "(module (func
            (block
                unreachable
                (block (br_if 0) (br 1))
                i32.add
                (if (then br 0) (else br 1)))
            nop))";
        let parsed = parse_module(wat::parse_str(wat).unwrap()).unwrap();
        let module = parsed.info();
        let body = FunctionBody::new(BinaryReader::new(module.body_bytes(0).unwrap(), 0));
        let mut operators = body.get_operators_reader().unwrap();
        let table = SideTable::build(module, module.func_type(0), &mut operators, false).unwrap();
        assert_eq!(table.branches.len(), 0);
    }
}
