//! The Fast JIT: functions compiled by Cranelift, one at a time.
//!
//! ```text
//! wasm -> translator -> Sink (lower/) -> CLIF -> Cranelift -> machine code -> code memory (module.rs)
//! ```
//!
//! * `lower` is a sink of the translator that builds Cranelift's IR. Slots become SSA variables, so that providers, copies
//!   and preserved locals cost nothing.
//! * `compile` drives Cranelift, and reuses its allocations for the next function.
//! * `module` keeps a module's code: its memory, and the table through which functions call those that are not compiled
//!   yet.
//! * [`dump`] shows the forms of a function along that way.
//! * `signature` has the native calling convention in Cranelift's terms.
//! * `trampoline` makes the entry trampolines and bridges for each function type.
//!
//! [`riser_tiers_core::native`] defines how compiled code is entered and left, calls the host, and traps; this tier shares
//! it with any other that makes machine code. `cranelift-codegen` is used without `cranelift-jit`: see decision 0011.
//!
//! The tier exists on x86-64 Linux.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

mod compile;
mod cost;
#[cfg(feature = "dump")]
pub mod dump;
mod lower;
mod module;
mod positions;
mod signature;
mod trampoline;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use riser_tiers_core::ahead::{AheadCode, Relocatable};
use riser_tiers_core::native::enter;
use riser_tiers_core::{
    AheadTier, Bailout, Bridge, CompileRequest, Context, FuncInst, LINKED_TIERS, LinkedTier, LoopCode, ModuleState,
    NativeCode, NativeTier, Status, Tier, TierCode, TierOptions, TrampolineUsage,
};
use riser_translator::module::ModuleInfo;
use riser_translator::{DefinedFuncIndex, FuncType, TrapCode};

use compile::{Compilers, Machine};
use module::ModuleCode;
use trampoline::{Trampolines, WayInCode};

/// How much work Cranelift puts into a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// As little as possible: for a quick start.
    None,
    /// Optimise for speed.
    #[default]
    Speed,
}

/// How Cranelift allocates registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RegAlloc {
    /// In one pass over the code: quick to compile.
    SinglePass,
    /// By backtracking with live range splitting: fast code.
    #[default]
    Backtracking,
}

/// The error for a name that no option has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptionError {
    name: String,
    expected: [&'static str; 2],
}

impl fmt::Display for ParseOptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown setting `{}`; expected `{}` or `{}`", self.name, self.expected[0], self.expected[1])
    }
}

impl std::error::Error for ParseOptionError {}

macro_rules! named {
    ($Type:ident { $($Variant:ident $name:literal)* }) => {
        impl $Type {
            /// Every setting.
            pub const ALL: &[$Type] = &[$($Type::$Variant),*];

            /// The setting's name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $($Type::$Variant => $name,)* }
            }
        }

        impl FromStr for $Type {
            type Err = ParseOptionError;

            fn from_str(name: &str) -> Result<$Type, ParseOptionError> {
                let found = $Type::ALL.iter().copied().find(|it| it.name() == name);
                found.ok_or_else(|| ParseOptionError { name: name.to_owned(), expected: [$($name),*] })
            }
        }
    };
}

/// The processors that code can be compiled for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Processor {
    /// This machine's processor, with all its features.
    #[default]
    Native,
    /// Any processor with SSE4.1: for code that is to run on other machines.
    Baseline,
}

named!(Processor { Native "native" Baseline "x86-64" });
named!(OptLevel { None "none" Speed "speed" });
named!(RegAlloc { SinglePass "single-pass" Backtracking "backtracking" });

/// Settings of the Fast JIT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// How much work goes into a function.
    pub opt_level: OptLevel,
    /// How registers are allocated.
    pub regalloc: RegAlloc,
}

impl Options {
    /// The settings that compile fastest.
    pub const QUICK: Options = Options { opt_level: OptLevel::None, regalloc: RegAlloc::SinglePass };
}

const NAME: &str = "fast-jit";

/// The Fast JIT as a tier.
pub struct FastTier {
    options: Options,
    processor: Processor,
    machine: Machine,
    compilers: Compilers,
    trampolines: Trampolines,
}

/// The data of a compiled function, to which its instances refer.
struct FastFunction {
    /// The entry trampoline for the function's type.
    way_in: WayInCode,
    /// The function's code.
    native: NativeCode,
    /// Keeps the code alive.
    _module: Arc<ModuleCode>,
}

impl FastTier {
    /// The tier with the given settings.
    ///
    /// # Errors
    ///
    /// If Cranelift does not support this machine; says why.
    pub fn new(options: Options) -> Result<FastTier, String> {
        FastTier::for_processor(options, Processor::Native)
    }

    /// The tier with the given settings, for the given processor. Code for [`Processor::Baseline`] uses no features beyond
    /// it, wherever it runs.
    ///
    /// # Errors
    ///
    /// If Cranelift does not support this machine; says why.
    pub fn for_processor(options: Options, processor: Processor) -> Result<FastTier, String> {
        let machine = Machine::new(options, processor, &[])?;
        Ok(FastTier {
            options,
            processor,
            machine,
            compilers: Compilers::default(),
            trampolines: Trampolines::default(),
        })
    }

    /// The settings.
    pub fn options(&self) -> Options {
        self.options
    }
}

impl fmt::Debug for FastTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FastTier").field("options", &self.options).finish_non_exhaustive()
    }
}

impl TierOptions for Options {
    fn tier(self) -> Result<Arc<dyn Tier>, String> {
        Ok(Arc::new(FastTier::new(self)?))
    }
}

/// The Fast JIT's place among the steps of the mode `multi-tier`.
const STEP: u32 = 100;

#[linkme::distributed_slice(LINKED_TIERS)]
static LINKED: LinkedTier = LinkedTier { name: NAME, step: Some(STEP), make: || Options::default().tier() };

// SAFETY: the machine code does what the function's operators do, as `docs/src/tiers.md` says.
unsafe impl Tier for FastTier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn step(&self) -> Option<u32> {
        Some(STEP)
    }

    fn with_effort(&self, is_fast: bool) -> Option<Arc<dyn Tier>> {
        let opt_level = if is_fast { OptLevel::Speed } else { OptLevel::None };
        Options { opt_level, ..self.options }.tier().ok()
    }

    fn settings(&self) -> String {
        let Options { opt_level, regalloc } = self.options;
        format!("{} {} {}", opt_level.name(), regalloc.name(), self.processor.name())
    }

    fn uses_guard_pages(&self) -> bool {
        true
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        let info = request.module.info();
        let module = request.state.get_or_try_init(|| ModuleCode::new(info, 0, request.counters.is_some()))?;
        let way_in =
            self.trampolines.way_in(&self.compilers, self.machine.usual(), info.func_type(request.function))?;
        let native = match module.loaded(request.defined()) {
            Some(loaded) => loaded?,
            None => self.compilers.with(|compiler| {
                let compiled = compiler.function(&self.machine, &request, None)?;
                module.publish(compiled, info, request.defined())
            })?,
        };
        let function = FastFunction { way_in, native, _module: module };
        Ok(TierCode { entry: enter_function, native, data: Arc::new(function) })
    }

    fn native(&self) -> Option<&dyn NativeTier> {
        Some(self)
    }

    fn ahead(&self) -> Option<&dyn AheadTier> {
        Some(self)
    }
}

impl NativeTier for FastTier {
    fn code_bytes(&self, state: &ModuleState) -> usize {
        state.get::<ModuleCode>().map_or(0, |module| module.bytes())
    }

    fn trampolines(&self) -> TrampolineUsage {
        self.trampolines.usage()
    }

    fn bridge(&self, ty: &FuncType) -> Option<Result<Bridge, Bailout>> {
        Some(self.trampolines.bridge(&self.compilers, self.machine.usual(), ty))
    }

    fn replace(&self, state: &ModuleState, defined: DefinedFuncIndex, code: NativeCode) {
        if let Some(module) = state.get::<ModuleCode>() {
            module.replace(defined, code);
        }
    }

    fn complete(&self, state: &ModuleState) {
        if let Some(module) = state.get::<ModuleCode>() {
            // SAFETY: no code of the module runs yet.
            unsafe { module.connect_all() };
        }
    }

    fn compile_loop(&self, request: CompileRequest<'_>, offset: u32) -> Result<LoopCode, Bailout> {
        let info = request.module.info();
        let module = request.state.get_or_try_init(|| ModuleCode::new(info, 0, request.counters.is_some()))?;
        let way_in =
            self.trampolines.way_into_loop(&self.compilers, self.machine.usual(), info.func_type(request.function))?;
        let native = self.compilers.with(|compiler| {
            let compiled = compiler.function(&self.machine, &request, Some(offset))?;
            module.add(compiled, info, request.defined())
        })?;
        Ok(LoopCode { entry: enter_loop, native, data: Arc::new(FastFunction { way_in, native, _module: module }) })
    }
}

impl AheadTier for FastTier {
    fn needed_features(&self) -> Vec<String> {
        compile::features(self.machine.usual())
    }

    fn host_features(&self) -> Vec<String> {
        match self.processor {
            Processor::Native => self.needed_features(),
            Processor::Baseline => {
                compile::isa(self.options).map_or_else(|_| Vec::new(), |isa| compile::features(&*isa))
            }
        }
    }

    fn compile_all_ahead(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<Relocatable, Bailout>> {
        let compile = |request| self.compilers.with(|compiler| compiler.function_ahead(&self.machine, request));
        requests.iter().map(compile).collect()
    }

    unsafe fn load(&self, info: &Arc<ModuleInfo>, state: &ModuleState, code: AheadCode<'_>) -> Result<(), Bailout> {
        state.get_or_try_init(|| ModuleCode::new(info, code.text.len(), false))?.load(code, info)
    }
}

/// The OSR entry of functions of this tier.
unsafe extern "C" fn enter_loop(callee: *const FuncInst, data: *const (), frame: *mut u64) -> Status {
    // SAFETY: the caller guarantees what `LoopEntry` asks for; the data is this tier's.
    unsafe {
        let function = &*data.cast::<FastFunction>();
        enter(function.way_in.code, (*callee).context, frame, function.native.0)
    }
}

/// The entry of functions of this tier, for code that does not know the tier.
unsafe extern "C" fn enter_function(callee: *const FuncInst, _caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: the caller guarantees what `SlotEntry` asks for; the function's data is this tier's.
    unsafe {
        let context = (*callee).context;
        if (*context).store_mut().native_stack_exhausted() {
            return TrapCode::StackOverflow.into();
        }
        let function = &*(*callee).tier_data.get().cast::<FastFunction>();
        enter(function.way_in.code, context, slots, function.native.0)
    }
}
