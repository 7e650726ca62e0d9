//! The primitives that sequences are made of.

use riser_translator::module::ModuleInfo;
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{TrapCode, ValType};

use crate::Body;

/// Kinds of memory that never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Linear memories.
    Memory,
    /// Values of globals.
    Global,
    /// Elements of tables.
    Table,
    /// The engine's data.
    Runtime,
}

/// How an access may be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It may move as other accesses do, and disappear if nobody needs it.
    Free,
    /// What it reads never changes.
    Fixed,
    /// It stays, in order with other such accesses and with calls.
    Kept,
}

/// What builds a function's code. Each primitive appends to the current block, at the position of the current operator.
///
/// Types of machine values are given as the wasm types that have them: references are 64-bit integers.
pub trait Builder {
    /// A value of a machine type.
    type Value: Copy;
    /// The address of something that belongs to the runtime.
    type Address: Copy;
    /// A block.
    type Block: Copy;
    /// Whether something holds.
    type Condition: Copy;
    /// What keeps an access in bounds where a processor speculates that a check has passed.
    type Guard;

    /// The module that the function belongs to.
    fn module(&self) -> &ModuleInfo;
    /// What is known of the function.
    fn body(&mut self) -> &mut Body<Self::Address, Self::Block>;
    /// The address of the instance's context.
    fn context(&self) -> Self::Address;

    /// The value of an operand.
    fn get(&mut self, ty: ValType, operand: Operand) -> Self::Value;
    /// Sets the value of a slot.
    fn set(&mut self, slot: Slot, value: Self::Value);

    /// A 64-bit constant.
    fn i64(&mut self, value: u64) -> Self::Value;
    /// An `i32`, zero-extended to 64 bits.
    fn extend(&mut self, value: Self::Value) -> Self::Value;
    /// The lower half of 64 bits.
    fn wrap(&mut self, value: Self::Value) -> Self::Value;
    /// A value's bits as slots contain them: 32-bit values are zero-extended.
    fn slot_bits(&mut self, value: Self::Value) -> Self::Value;
    /// The lowest `bits` bits of a 64-bit value.
    fn low_bits(&mut self, value: Self::Value, bits: u32) -> Self::Value;
    /// The difference of 64-bit integers.
    fn subtract(&mut self, lhs: Self::Value, rhs: Self::Value) -> Self::Value;
    /// What a 64-bit integer is when `amount` has been taken off it, and whether it was less.
    fn take_off(&mut self, value: Self::Value, amount: u64) -> (Self::Value, Self::Condition);
    /// 64 bits shifted to the right, with zeros from the left.
    fn shift_right(&mut self, value: Self::Value, bits: u32) -> Self::Value;
    /// Compares integers.
    fn compare(&mut self, op: IntCompareOp, lhs: Self::Value, rhs: Self::Value) -> Self::Condition;
    /// Whether an `i32` is not zero.
    fn is_true(&mut self, value: Self::Value) -> Self::Condition;
    /// 1 if the condition holds, else 0, as an `i32`.
    fn flag(&mut self, condition: Self::Condition) -> Self::Value;

    /// An address as a 64-bit integer.
    fn address_bits(&mut self, address: Self::Address) -> Self::Value;
    /// The address a number of bytes beyond another.
    fn add_bytes(&mut self, base: Self::Address, bytes: u64) -> Self::Address;
    /// The address of an item of 64 bits in an array.
    fn item(&mut self, array: Self::Address, index: Self::Value) -> Self::Address;

    /// Loads a value of type `ty`.
    fn load(&mut self, ty: ValType, base: Self::Address, offset: usize, region: Region, order: Order) -> Self::Value;
    /// Loads an address.
    fn load_address(&mut self, base: Self::Address, offset: usize, region: Region, order: Order) -> Self::Address;
    /// Stores a value.
    fn store(&mut self, value: Self::Value, base: Self::Address, offset: usize, region: Region, order: Order);
    /// Stores an address in the engine's data.
    fn store_address(&mut self, address: Self::Address, base: Self::Address, offset: usize);
    /// Loads an address at the function's start: from the context through fields at these offsets, which never change.
    fn load_at_entry(&mut self, path: &[usize]) -> Self::Address;

    /// The address of the store's context, which is `store`, for a block that is rarely reached: loaded again where it
    /// would cost something to keep it until there.
    fn store_context_again(&mut self, store: Self::Address) -> Self::Address;

    /// Traps. This ends the block.
    fn trap(&mut self, code: TrapCode);
    /// Traps if the condition holds.
    fn trap_if(&mut self, condition: Self::Condition, code: TrapCode);
    /// Traps if a reference is null, unless [`Builder::load_checked`] will.
    fn check_null(&mut self, reference: Self::Address, code: TrapCode);
    /// Loads a field of what a reference refers to. If that may be null, because [`Builder::check_null`] has let it pass, the
    /// load traps.
    fn load_checked(&mut self, ty: ValType, reference: Self::Address, offset: usize, code: TrapCode) -> Self::Value;
    /// The index where it is below `len`, as the code has checked: `beyond` is the outcome. Otherwise, which is to say on a
    /// path that a processor speculates on, index 0; in an empty table there is nothing to find there.
    fn guard_index(&mut self, index: Self::Value, len: Self::Value, beyond: Self::Condition) -> Self::Value;
    /// Traps with `MemoryOutOfBounds` unless `addr + last` is at most `len`. The sum may exceed 64 bits only if `may_wrap`.
    /// Returns what guards the access, if the function's code has guards.
    fn check_access(
        &mut self,
        addr: Self::Value,
        last: Self::Value,
        len: Self::Value,
        may_wrap: bool,
    ) -> Option<Self::Guard>;

    /// Calls a builtin with the context and 64-bit values. It is at this offset in
    /// [`Builtins`](riser_tiers_core::native::Builtins), and has a result if that has a type.
    fn builtin(&mut self, builtin: usize, arguments: &[Self::Value], result: Option<ValType>) -> Option<Self::Value>;
    /// As [`Builder::builtin`], for one that has no result and preserves all registers.
    fn preserving_builtin(&mut self, builtin: usize, arguments: &[Self::Value]);
    /// Calls [`Builtins::raise`](riser_tiers_core::native::Builtins::raise) with a status. If that says that there is an exception, the
    /// code goes on in the block `landing`, if there is one. This ends the block.
    fn raise(&mut self, status: Self::Value, landing: Option<Self::Block>);
    /// Calls [`Builtins::pass_on`](riser_tiers_core::native::Builtins::pass_on). This ends the block.
    fn pass_on(&mut self);

    /// Stores values in their slots of the copy of the frame that the code keeps. There is one from the first time on.
    fn keep(&mut self, values: &[(Slot, Self::Value)]);

    /// A new block.
    fn block(&mut self) -> Self::Block;
    /// A new block that is rarely reached.
    fn rare_block(&mut self) -> Self::Block;
    /// A block for a call to go on in that ends in an exception; the code in `dispatch` is next. The builder stays in its block.
    fn landing(&mut self, dispatch: Self::Block) -> Self::Block;
    /// Continues in a new block, to which all branches have been built.
    fn go_on_in(&mut self, block: Self::Block);
    /// Ends the block with a jump.
    fn jump(&mut self, block: Self::Block);
    /// Ends a [rare block](Builder::rare_block), which sets no slot, with a jump to where the code would go on without it.
    fn rejoin(&mut self, block: Self::Block) {
        self.jump(block);
    }
    /// Ends the block with a branch.
    fn branch(&mut self, condition: Self::Condition, if_true: Self::Block, if_false: Self::Block);
    /// Ends the block with a branch of which the module may say whether the condition is likely to hold.
    fn hinted_branch(
        &mut self,
        condition: Self::Condition,
        if_true: Self::Block,
        if_false: Self::Block,
        is_likely: Option<bool>,
    );
    /// As [`Builder::hinted_branch`], to `target` if the condition does not hold. Otherwise the code goes on in `next`.
    fn branch_unless(
        &mut self,
        condition: Self::Condition,
        target: Self::Block,
        next: Self::Block,
        is_likely: Option<bool>,
    ) {
        self.hinted_branch(condition, next, target, is_likely);
    }
    /// Ends the block with a branch to the target that an `i32` selects; greater indices select the last target.
    fn switch(&mut self, index: Self::Value, targets: &[Self::Block]);
    /// Returns values of the types of the function's results. This ends the block.
    fn return_values(&mut self, values: &[Self::Value]);
}
