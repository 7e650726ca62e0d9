//! The proposals that Riser has, each with a switch, and sets of them.
//!
//! A module may use a proposal if the engine's set has it. The list below is the only one: the switches of `Config` and
//! of the command, the table of `riser modes`, the settings of compiled code, and what the reader and the validator
//! accept come from it.

use std::fmt;
use std::str::FromStr;

use wasmparser::WasmFeatures;

/// Calls the macro `$then` with the rows of the list of proposals:
///
/// ```text
/// /// What it adds to WebAssembly 1.0.
/// Name "name" wasm_switch(FLAG | ..) default [Needed, ..];
/// ```
///
/// The name in quotes is the one on the command line; `wasm_switch` is the method of `Config`, named as in Wasmtime;
/// the flags are those of wasmparser, none if it is advice only; the default is `on` or `off`; the list at the end has the proposals that it
/// builds on.
#[macro_export]
macro_rules! for_each_proposal {
    ($then:ident) => {
        $then! {
            /// imports and exports of mutable globals
            MutableGlobals "mutable-globals" wasm_mutable_global(MUTABLE_GLOBAL) on [];
            /// sign extension operators
            SignExtension "sign-extension" wasm_sign_extension(SIGN_EXTENSION) on [];
            /// conversions from floats to integers that saturate
            SaturatingFloatToInt "saturating-float-to-int" wasm_saturating_float_to_int(SATURATING_FLOAT_TO_INT) on [];
            /// functions and blocks with several results, blocks with parameters
            MultiValue "multi-value" wasm_multi_value(MULTI_VALUE) on [];
            /// bulk operations on memories and tables, passive segments
            BulkMemory "bulk-memory" wasm_bulk_memory(BULK_MEMORY) on [];
            /// references as values, several tables
            ReferenceTypes "reference-types" wasm_reference_types(REFERENCE_TYPES) on [BulkMemory];
            /// constant expressions with arithmetic, and with the module's own earlier globals
            ExtendedConst "extended-const" wasm_extended_const(EXTENDED_CONST) on [];
            /// tail calls
            TailCall "tail-call" wasm_tail_call(TAIL_CALL) on [];
            /// several memories
            MultiMemory "multi-memory" wasm_multi_memory(MULTI_MEMORY) on [];
            /// memories and tables with 64-bit addresses
            Memory64 "memory64" wasm_memory64(MEMORY64) on [];
            /// advice for compilers on which branches are taken
            BranchHinting "branch-hinting" wasm_branch_hinting() on [];
            /// memories whose pages have 1 byte
            CustomPageSizes "custom-page-sizes" wasm_custom_page_sizes(CUSTOM_PAGE_SIZES) on [];
            /// import sections that name a module once for several imports
            CompactImports "compact-imports" wasm_compact_imports(COMPACT_IMPORTS) on [];
            /// vectors of 128 bits
            Simd "simd" wasm_simd(SIMD) on [];
            /// vector operators whose results may depend on the machine
            RelaxedSimd "relaxed-simd" wasm_relaxed_simd(RELAXED_SIMD) on [Simd];
            /// shared memories, atomic operators
            Threads "threads" wasm_threads(THREADS) on [];
            /// exceptions: tags, try_table, throw, throw_ref and exnref
            Exceptions "exceptions" wasm_exceptions(EXCEPTIONS) on [ReferenceTypes];
            /// legacy exceptions: try, catch, catch_all, delegate and rethrow
            LegacyExceptions "legacy-exceptions" wasm_legacy_exceptions(LEGACY_EXCEPTIONS) off [Exceptions];
            /// sums and products of 128 bits
            WideArithmetic "wide-arithmetic" wasm_wide_arithmetic(WIDE_ARITHMETIC) on [];
        }
    };
}

/// Makes the enum of the proposals, and the methods that look up a row.
macro_rules! proposals {
    ($(
        $(#[doc = $about:literal])*
        $Name:ident $name:literal $switch:ident($($flag:ident)|*) $default:ident [$($needed:ident),*];
    )*) => {
        /// A proposal for WebAssembly that Riser has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Proposal {
            $($(#[doc = $about])* $Name,)*
        }

        impl Proposal {
            /// All proposals.
            pub const ALL: &[Proposal] = &[$(Proposal::$Name),*];

            /// The name, as on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Proposal::$Name => $name,)*
                }
            }

            /// What it adds, in a few words.
            pub fn about(self) -> &'static str {
                match self {
                    $(Proposal::$Name => concat!($($about),*).trim_start(),)*
                }
            }

            /// The name of its method of `Config`.
            pub const fn switch(self) -> &'static str {
                match self {
                    $(Proposal::$Name => stringify!($switch),)*
                }
            }

            /// Whether modules may use it unless configured otherwise.
            pub const fn is_on_by_default(self) -> bool {
                match self {
                    $(Proposal::$Name => is_on!($default),)*
                }
            }

            /// The proposals that it builds on.
            pub const fn needs(self) -> &'static [Proposal] {
                match self {
                    $(Proposal::$Name => &[$(Proposal::$needed),*],)*
                }
            }

            /// Whether it is advice only: a module that has it is accepted even if it is off.
            pub const fn is_advice(self) -> bool {
                self.flags().is_empty()
            }

            /// The flags that let the reader and the validator accept it.
            pub(crate) const fn flags(self) -> WasmFeatures {
                match self {
                    $(Proposal::$Name => WasmFeatures::empty()$(.union(WasmFeatures::$flag))*,)*
                }
            }
        }
    };
}

macro_rules! is_on {
    (on) => {
        true
    };
    (off) => {
        false
    };
}

for_each_proposal!(proposals);

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Proposal {
    type Err = String;

    /// Finds a proposal by its name, in which `_` is the same as `-`.
    fn from_str(name: &str) -> Result<Proposal, String> {
        let spelled = name.replace('_', "-");
        let found = Proposal::ALL.iter().copied().find(|proposal| proposal.name() == spelled);
        found.ok_or_else(|| {
            let known: Vec<&str> = Proposal::ALL.iter().map(|proposal| proposal.name()).collect();
            format!("there is no proposal `{}`; there are {}", name.escape_debug(), known.join(", "))
        })
    }
}

/// A set of proposals.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(u64);

impl Default for Features {
    /// The proposals that modules may use unless configured otherwise.
    fn default() -> Features {
        Features::DEFAULT
    }
}

impl Features {
    /// None: WebAssembly 1.0 without mutable globals in imports and exports.
    pub const NONE: Features = Features(0);

    /// All proposals.
    pub const ALL: Features = Features((1 << Proposal::ALL.len()) - 1);

    /// The proposals that modules may use unless configured otherwise.
    pub const DEFAULT: Features = {
        let (mut features, mut nth) = (0, 0);
        while nth < Proposal::ALL.len() {
            features |= (Proposal::ALL[nth].is_on_by_default() as u64) << nth;
            nth += 1;
        }
        Features(features)
    };

    /// Whether the set has a proposal.
    pub const fn contains(self, proposal: Proposal) -> bool {
        self.0 >> proposal as u32 & 1 == 1
    }

    /// Adds or removes a proposal.
    pub const fn set(&mut self, proposal: Proposal, on: bool) {
        self.0 = self.0 & !(1 << proposal as u32) | (on as u64) << proposal as u32;
    }

    /// The proposals of the set, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Proposal> {
        Proposal::ALL.iter().copied().filter(move |&proposal| self.contains(proposal))
    }

    /// Checks that everything that a proposal of the set builds on is in the set, too.
    ///
    /// # Errors
    ///
    /// If not; the message says what is missing, and what to do.
    pub fn check(self) -> Result<(), String> {
        for proposal in self.iter() {
            if let Some(&missing) = proposal.needs().iter().find(|&&needed| !self.contains(needed)) {
                return Err(format!(
                    "the proposal `{proposal}` is on and builds on `{missing}`, which is off: turn `{proposal}` off as well \
                     (`--wasm {proposal}=n`, `Config::{}(false)`), or `{missing}` on",
                    proposal.switch()
                ));
            }
        }
        Ok(())
    }

    /// The flags that let the reader and the validator accept the proposals of the set.
    pub const fn flags(self) -> WasmFeatures {
        // Not proposals: whether there are floats, and references to what is outside of wasm.
        let mut flags = WasmFeatures::FLOATS.union(WasmFeatures::GC_TYPES);
        let mut nth = 0;
        while nth < Proposal::ALL.len() {
            if self.contains(Proposal::ALL[nth]) {
                flags = flags.union(Proposal::ALL[nth].flags());
            }
            nth += 1;
        }
        flags
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Proposal> for Features {
    fn from_iter<T: IntoIterator<Item = Proposal>>(proposals: T) -> Features {
        let mut features = Features::NONE;
        proposals.into_iter().for_each(|proposal| features.set(proposal, true));
        features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_what_was_put_in() {
        assert_eq!(Features::ALL.iter().count(), Proposal::ALL.len());
        assert_eq!(Features::ALL.iter().collect::<Features>(), Features::ALL);
        assert_eq!(Features::NONE.iter().count(), 0);
        assert_eq!(Features::ALL.flags(), {
            Proposal::ALL.iter().fold(Features::NONE.flags(), |flags, proposal| flags | proposal.flags())
        });
        for &proposal in Proposal::ALL {
            assert_eq!(Features::DEFAULT.contains(proposal), proposal.is_on_by_default());
            let mut features = Features::ALL;
            features.set(proposal, false);
            assert!(!features.contains(proposal) && features.iter().count() == Proposal::ALL.len() - 1);
            assert_eq!(
                features.flags() == Features::ALL.flags(),
                proposal.is_advice(),
                "{proposal} has no flag of its own"
            );
            features.set(proposal, true);
            assert_eq!(features, Features::ALL);
        }
    }

    #[test]
    fn names_are_read_back() {
        for &proposal in Proposal::ALL {
            assert_eq!(proposal.to_string().parse(), Ok(proposal));
            assert_eq!(proposal.name().replace('-', "_").parse(), Ok(proposal));
            assert!(proposal.switch().starts_with("wasm_"));
        }
        let error = "simt".parse::<Proposal>().expect_err("there is no such proposal");
        assert!(error.starts_with("there is no proposal `simt`; there are mutable-globals, "), "{error}");
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(Features::DEFAULT.check(), Ok(()));
        assert_eq!(Features::ALL.check(), Ok(()));
        assert_eq!(Features::NONE.check(), Ok(()));
        let relaxed: Features = [Proposal::RelaxedSimd].into_iter().collect();
        let why = relaxed.check().expect_err("there are no vectors");
        assert_eq!(
            why,
            "the proposal `relaxed-simd` is on and builds on `simd`, which is off: turn `relaxed-simd` off as well \
             (`--wasm relaxed-simd=n`, `Config::wasm_relaxed_simd(false)`), or `simd` on"
        );
    }
}
