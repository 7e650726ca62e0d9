//! Deliberate faults in the translator, for measuring what its tests find.
//!
//! Each [`Fault`] is one wrong decision of the kind that people make: something forgotten, the wrong one of two things,
//! an off-by-one. With the cargo feature `faults`, [`making`] makes the translator commit one of them on the current
//! thread, and [`plant`] on every thread; the properties of `riser_properties` have to find every one.
//! `docs/src/properties/faults.md` says which property finds which fault.
//!
//! A call of `faulty` marks the place of each fault. Without the feature, that call is the constant `false`, nothing
//! can set a fault, and this module is private: it only names the faults.

#[cfg(feature = "faults")]
use std::{cell::Cell, sync::OnceLock};

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal $effect:literal;)*) => {
        /// A fault that the translator can be told to commit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $($(#[$doc])* #[doc = $effect] $fault,)* }

        #[cfg(feature = "faults")]
        impl Fault {
            /// Every fault, in the order of the code with the faults.
            pub const ALL: &[Fault] = &[$(Fault::$fault),*];

            /// A short name.
            pub const fn name(self) -> &'static str {
                match self { $(Fault::$fault => $name,)* }
            }

            /// The fault with this name.
            ///
            /// # Errors
            ///
            /// The names that there are.
            pub fn named(name: &str) -> Result<Fault, String> {
                let names = || Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ");
                let found = Fault::ALL.iter().find(|fault| fault.name() == name);
                found.copied().ok_or_else(|| format!("there is no fault `{name}`; there are {}", names()))
            }

            /// The effect of the fault, in one line.
            pub const fn effect(self) -> &'static str {
                match self { $(Fault::$fault => $effect,)* }
            }
        }
    };
}

faults! {
    // Chunks (`parse/mod.rs`).
    CutIsComplete "cut-is-complete" "A module that ends within a section is taken for complete.";

    // The provider stack, locals and `select` (`func/stack.rs`, `func/variable.rs`).
    DropPreservation "drop-preservation" "Pending reads of a local are not saved before the local is written.";
    PreserveTopmostOnly "preserve-topmost-only" "Only the topmost pending read of a local is saved before it is written.";
    TeePushesTemp "tee-pushes-temp" "`local.tee` leaves its operand's home on the stack instead of the local.";
    TeeConsumes "tee-consumes" "`local.tee` without elision gives its operand as a last read, though it lives on.";
    PreserveAll "preserve-all" "A write of a local has all locals saved, though nothing waits for them.";
    SelectArmsSwapped "select-arms-swapped" "`select` chooses the other value.";

    // Blocks and branches (`func/control.rs`).
    NoFlushAtBlock "no-flush-at-block" "Operands stay pending when a block is entered.";
    NoFlushAtTry "no-flush-at-try" "Operands stay pending when a handler scope begins.";
    NoFlushAtLoop "no-flush-at-loop" "Operands stay pending at a loop header.";
    NoFlushAtElse "no-flush-at-else" "The results of the first arm of an `if` stay pending at its end.";
    NoFlushAtJoin "no-flush-at-join" "Operands stay pending where a branch joins.";
    BaseHeightWithParams "base-height-with-params" "Branches move values to above the block's parameters.";
    MovesFromTheTop "moves-from-the-top" "A branch moves its values in descending order, over each other.";
    MovesOneByOne "moves-one-by-one" "A branch moves its values one by one, however many they are.";
    MovesForgotten "moves-forgotten" "A conditional branch leaves its values where they are.";
    TableDefaultLost "table-default-lost" "The default of a `br_table` goes where the entry before it goes.";

    // Fuel and the frame (`func/mod.rs`).
    TeeIsFree "tee-is-free" "`local.tee` costs no fuel.";
    NoChargeAtBranchIf "no-charge-at-br-if" "`br_if` does not charge the fuel that has added up.";
    MaxTempsShort "max-temps-short" "The function claims one operand slot less than it uses.";
    MaxTempsKept "max-temps-kept" "The claim of operand slots is not reset from the function before.";

    // Operations (`select/numeric.rs`, `select/window.rs`).
    SubCommutes "sub-commutes" "The operands of an integer subtraction change places.";
    ComparisonNotSwapped "comparison-not-swapped" "Operands of a comparison change places, and the comparison stays the same.";
    EqzNotNegated "eqz-not-negated" "`i32.eqz` absorbs a comparison without turning it into its opposite.";
    ImmediateTruncated "immediate-truncated" "An `i64` immediate keeps its lower 32 bits only.";
    ConstantBetween "constant-between" "A constant operand is computed between the accumulator's write and its read.";

    // The window (`select/window.rs`).
    FoldsWhatLivesOn "folds-what-lives-on" "An instruction absorbs a temporary that is read again later.";
    OvertakesReader "overtakes-reader" "A copy overtakes an instruction that reads what the copy writes.";
    OvertakesResult "overtakes-result" "A copy overtakes the instruction that computes what it copies.";
    PendingAcrossLabel "pending-across-label" "An instruction is held back across a label.";
    FoldedOffset "folded-offset" "An instruction that writes a local directly is attributed to the `local.set`.";
    FuelOvertakesTrap "fuel-overtakes-trap" "Fuel is charged before an instruction that may trap, though it comes after.";

    // Addresses, branches, calls and returns (`select/memory.rs`, `select/control.rs`).
    AddressTruncated "address-truncated" "The constant part of an address keeps its lower 16 bits only.";
    AddressAbsorbsSub "address-absorbs-sub" "An address absorbs a subtraction as if it were an addition.";
    IndexAbsorbsSub "index-absorbs-sub" "The address of a load absorbs a subtraction of two variables as if it were an addition.";
    IndexIsBase "index-is-base" "The address of a load that absorbs an addition has its left operand twice.";
    BranchNotNegated "branch-not-negated" "A branch on zero absorbs a comparison without turning it into its opposite.";
    BranchImmediateWide "branch-immediate-wide" "A fused branch takes constants of any size.";
    InvertedAsItWas "inverted-as-it-was" "Two branches change places, and the condition stays the same.";
    InvertedPastLabel "inverted-past-label" "Two branches become one, though the first goes further than just behind the second.";
    ReturnInOrder "return-in-order" "Results overwrite parameters that later results are.";
    ArgumentSkipped "argument-skipped" "A local that is an argument is not brought to its place.";

    // Vectors (`select/vector.rs`).
    WideOperandsSwapped "wide-operands-swapped" "The first two operands of wide arithmetic change places.";
    VectorOperandsSwapped "vector-operands-swapped" "The operands of an operation on two vectors change places.";
    ShuffleSwapped "shuffle-swapped" "The two vectors of a shuffle change places.";
    LaneLost "lane-lost" "A lane that is extracted is always the first.";

    // Atomic operators (`select/atomic.rs`).
    AtomicOperandsSwapped "atomic-operands-swapped" "The value that a compare-exchange expects and the one it stores change places.";

    // The text form (`ir/text.rs`).
    TextTruncated "text-truncated" "The text of an `i64` constant says its lower 32 bits only.";
}

#[cfg(feature = "faults")]
thread_local! {
    /// The fault that is active on this thread.
    static MADE: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// The fault that every thread commits.
#[cfg(feature = "faults")]
static PLANTED: OnceLock<Fault> = OnceLock::new();

/// Makes every thread of the process commit the fault from now on. The first fault that is planted stays.
///
/// Code that a faulty translator makes may do anything when it runs in the interpreter: this is for tests of tests.
#[cfg(feature = "faults")]
pub fn plant(fault: Fault) {
    PLANTED.get_or_init(|| fault);
}

/// Makes this thread commit the fault while it runs `act`.
#[cfg(feature = "faults")]
pub fn making<R>(fault: Option<Fault>, act: impl FnOnce() -> R) -> R {
    /// Restores the previous fault, also if `act` panics.
    struct Before(Option<Fault>);
    impl Drop for Before {
        fn drop(&mut self) {
            MADE.set(self.0);
        }
    }
    let _before = Before(MADE.replace(fault));
    act()
}

/// Whether the fault is active.
#[cfg(feature = "faults")]
#[inline(always)]
pub(crate) fn faulty(fault: Fault) -> bool {
    MADE.get() == Some(fault) || PLANTED.get() == Some(&fault)
}

/// Whether the fault is active: never, in this build.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) const fn faulty(_: Fault) -> bool {
    false
}
