//! Translator switches.

macro_rules! switches {
    ($($(#[$doc:meta])* $field:ident $name:literal $help:literal;)*) => {
        /// The translator's optimisations, each a switch of its own, and the
        /// instrumentation that it weaves into the code.
        ///
        /// No switch changes results, traps, fuel or the state at a label. With
        /// every optimisation off ([`TranslatorConfig::naive`]) the result is the
        /// plain register code that a textbook translation from stack code gives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct TranslatorConfig {
            $(#[doc = $help] $(#[$doc])* pub $field: bool,)*
            /// Charge fuel (see `docs/src/modes.md`). Instrumentation; off by default.
            pub fuel: bool,
            /// Poll the interrupt flag at function entries and loop headers. Instrumentation; off by default.
            pub epoch: bool,
        }

        impl TranslatorConfig {
            /// Names and descriptions of the optimisation switches, in a fixed order.
            pub const SWITCHES: &[(&str, &str)] = &[$(($name, $help)),*];

            /// Every optimisation on.
            pub const fn optimized() -> TranslatorConfig {
                TranslatorConfig { $($field: true,)* fuel: false, epoch: false }
            }

            /// Every optimisation off.
            pub const fn naive() -> TranslatorConfig {
                TranslatorConfig { $($field: false,)* fuel: false, epoch: false }
            }

            /// Sets the optimisation switch with the given name; `false` if there is none.
            pub fn set(&mut self, name: &str, on: bool) -> bool {
                match name {
                    $($name => self.$field = on,)*
                    _ => return false,
                }
                true
            }

            /// The optimisation switch with the given name.
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    $($name => Some(self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

switches! {
    provider_elision "provider-elision" "`local.get` and constants emit nothing; consumers read locals and constants in place.";
    result_folding "result-folding" "An instruction whose result goes to a local by `local.set` or `local.tee` writes the local.";
    immediate_operands "immediate-operands" "Constant operands are part of the consuming instruction.";
    compare_branch_fusion "compare-branch-fusion" "A comparison consumed by a conditional branch becomes part of the branch.";
    branch_inversion "branch-inversion"
        "A loop continues by one branch, on the opposite condition, where it would take a branch out and a branch back.";
    accumulators "accumulators" "A temporary consumed by the very next instruction stays in an accumulator.";
    address_folding "address-folding" "An addition of a constant that computes an address becomes part of the load or store.";
    index_folding "index-folding" "An addition of two variables that computes an address becomes part of the load.";
    forwarding "forwarding"
        "What an instruction puts into a slot is read from the accumulator while it is there too (interpreter only; the IR is the same).";
    pairs "pairs" "Two instructions that follow each other often are executed with one dispatch (interpreter only; the IR is the same).";
}

impl Default for TranslatorConfig {
    fn default() -> TranslatorConfig {
        TranslatorConfig::optimized()
    }
}
