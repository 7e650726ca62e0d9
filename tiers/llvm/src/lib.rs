//! The LLVM tier: functions compiled by LLVM.
//!
//! ```text
//! wasm -> translator -> Sink (lower/) -> LLVM's IR -> LLVM -> object file -> code (object.rs) -> code memory (module.rs)
//! ```
//!
//! * `lower` is a sink of the translator that builds LLVM's IR, by means of `ir`.
//! * `library` loads LLVM when it is first needed.
//! * `features` knows what processors have, without LLVM.
//! * `compile` drives LLVM: from IR to machine code, as an object file in memory.
//! * `cost` estimates what a function costs LLVM, and decides how much effort it gets.
//! * `diagnostics` receives LLVM's reports meanwhile.
//! * `passes` selects the passes that run in between.
//! * `loads` keeps the positions of loads, between passes and machine code.
//! * `object` turns the object file into code that can be placed: code and constants, positions, traps.
//! * `unwind` and `stack_map` read the tables that come with it: where calls go on after an exception, and where frames have their copy.
//! * `module` keeps a module's code: its memory, and the table through which functions call each other.
//! * `exit` keeps the end of the process from destroying LLVM under a thread that compiles.
//! * `trampoline` makes the entry trampolines and bridges for each function type.
//!
//! [`riser_tiers_core::native`] defines how compiled code is entered and left, calls the host, and traps; this tier
//! shares it with any other that makes machine code. LLVM's own JIT is not used: see decision 0012.
//!
//! The tier exists on x86-64 Linux, with the crate's feature `llvm`.

#![cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]

mod compile;
mod cost;
mod diagnostics;
mod exit;
mod features;
mod ir;
mod library;
mod loads;
mod lower;
mod module;
mod object;
mod passes;
mod signature;
mod stack_map;
mod trampoline;
mod unwind;

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
use riser_translator::{FuncType, TrapCode};

pub use compile::Stage;
use compile::{Compilers, check_processor};
pub use exit::exit;
use module::ModuleCode;
use signature::{in_registers, loop_in_registers};
use trampoline::{Trampolines, WayInCode};

/// The optimisation level: how much work LLVM puts into a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptLevel {
    /// As little as possible.
    O0,
    /// Little.
    O1,
    /// As much as pays for code that its producer has already optimised.
    #[default]
    O2,
    /// All that LLVM has, as clang does with `-O3`.
    O3,
}

impl OptLevel {
    /// Every level.
    pub const ALL: &[OptLevel] = &[OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3];

    /// The level's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            OptLevel::O0 => "0",
            OptLevel::O1 => "1",
            OptLevel::O2 => "2",
            OptLevel::O3 => "3",
        }
    }
}

/// The error for a name that no level has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptLevelError(String);

impl fmt::Display for ParseOptLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown level `{}`; expected `0`, `1`, `2` or `3`", self.0)
    }
}

impl std::error::Error for ParseOptLevelError {}

impl FromStr for OptLevel {
    type Err = ParseOptLevelError;

    fn from_str(name: &str) -> Result<OptLevel, ParseOptLevelError> {
        let found = OptLevel::ALL.iter().copied().find(|it| it.name() == name);
        found.ok_or_else(|| ParseOptLevelError(name.to_owned()))
    }
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

impl Processor {
    /// Every processor.
    pub const ALL: &[Processor] = &[Processor::Native, Processor::Baseline];

    /// The processor's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Processor::Native => "native",
            Processor::Baseline => "x86-64",
        }
    }
}

/// Settings of the LLVM tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// How much work goes into a function.
    pub opt_level: OptLevel,
}

const NAME: &str = "llvm-jit";

/// LLVM as a tier.
pub struct LlvmTier {
    options: Options,
    processor: Processor,
    compilers: Compilers,
    trampolines: Trampolines,
}

/// The data of a compiled function, to which its instances refer.
struct LlvmFunction {
    /// The entry trampoline for the function's type.
    way_in: WayInCode,
    /// The function's code.
    code: NativeCode,
    /// Keeps the code alive.
    _module: Arc<ModuleCode>,
}

impl LlvmTier {
    /// The tier with the given settings. LLVM is loaded when it is first used, or by [`Tier::prepare`].
    ///
    /// # Errors
    ///
    /// If the tier does not support this machine; says why.
    pub fn new(options: Options) -> Result<LlvmTier, String> {
        LlvmTier::for_processor(options, Processor::Native)
    }

    /// As [`LlvmTier::new`], with code for the given processor.
    ///
    /// # Errors
    ///
    /// If LLVM does not support this machine; says why.
    pub fn for_processor(options: Options, processor: Processor) -> Result<LlvmTier, String> {
        check_processor()?;
        let compilers = Compilers::new(options.opt_level, processor);
        Ok(LlvmTier { options, processor, compilers, trampolines: Trampolines::default() })
    }

    /// A form of a function, as text.
    ///
    /// # Errors
    ///
    /// If the tier does not take the function.
    pub fn show(&self, request: CompileRequest<'_>, stage: Stage) -> Result<String, Bailout> {
        self.compilers.show(&request, stage)
    }

    /// The settings.
    pub fn options(&self) -> Options {
        self.options
    }
}

impl fmt::Debug for LlvmTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlvmTier").field("options", &self.options).finish_non_exhaustive()
    }
}

impl TierOptions for Options {
    fn tier(self) -> Result<Arc<dyn Tier>, String> {
        Ok(Arc::new(LlvmTier::new(self)?))
    }
}

/// The answer to an object file that holds something unknown.
fn unsupported(what: impl fmt::Display) -> Bailout {
    Bailout::Unsupported(format!("code with {what}"))
}

/// LLVM's place among the steps of the mode `multi-tier`.
const STEP: u32 = 200;

#[linkme::distributed_slice(LINKED_TIERS)]
static LINKED: LinkedTier = LinkedTier { name: NAME, step: Some(STEP), make: || Options::default().tier() };

// SAFETY: the machine code does what the function's operators do, as `docs/src/tiers.md` says.
unsafe impl Tier for LlvmTier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn step(&self) -> Option<u32> {
        Some(STEP)
    }

    fn prepare(&self) -> Result<(), String> {
        library::load()
    }

    fn settings(&self) -> String {
        format!("{} {}", self.options.opt_level.name(), self.processor.name())
    }

    fn uses_guard_pages(&self) -> bool {
        true
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        self.compile_all(&[request]).swap_remove(0)
    }

    fn compile_all(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<TierCode, Bailout>> {
        let Some(first) = requests.first() else { return Vec::new() };
        let info = first.module.info();
        let module = match first.state.get_or_try_init(|| ModuleCode::new(info, 0)) {
            Ok(module) => module,
            Err(why) => return requests.iter().map(|_| Err(why.clone())).collect(),
        };
        let codes = if module.is_loaded() {
            let code = |request: &CompileRequest<'_>| module.loaded(request.defined());
            requests.iter().map(code).collect()
        } else {
            self.compilers.functions(requests, &module)
        };
        let function = |(request, code): (&CompileRequest<'_>, Result<NativeCode, Bailout>)| {
            let (ty, code) = (info.func_type(request.function), code?);
            let way_in = self.trampolines.way_in(ty)?;
            let function = LlvmFunction { way_in, code, _module: Arc::clone(&module) };
            let native = if in_registers(ty) { code } else { NativeCode::NONE };
            Ok(TierCode { entry: enter_function, native, data: Arc::new(function) })
        };
        requests.iter().zip(codes).map(function).collect()
    }

    fn native(&self) -> Option<&dyn NativeTier> {
        Some(self)
    }

    fn ahead(&self) -> Option<&dyn AheadTier> {
        Some(self)
    }
}

impl NativeTier for LlvmTier {
    fn code_bytes(&self, state: &ModuleState) -> usize {
        state.get::<ModuleCode>().map_or(0, |module| module.bytes())
    }

    fn trampolines(&self) -> TrampolineUsage {
        self.trampolines.usage()
    }

    fn bridge(&self, ty: &FuncType) -> Option<Result<Bridge, Bailout>> {
        in_registers(ty).then(|| self.trampolines.bridge(ty))
    }

    fn compile_loop(&self, request: CompileRequest<'_>, offset: u32) -> Result<LoopCode, Bailout> {
        let info = request.module.info();
        let module = request.state.get_or_try_init(|| ModuleCode::new(info, 0))?;
        let ty = info.func_type(request.function);
        let way_in = self.trampolines.way_into_loop(ty)?;
        let code = self.compilers.take_over(&request, &module, offset)?;
        let native = if loop_in_registers(ty) { code } else { NativeCode::NONE };
        Ok(LoopCode { entry: enter_loop, native, data: Arc::new(LlvmFunction { way_in, code, _module: module }) })
    }
}

impl AheadTier for LlvmTier {
    fn needed_features(&self) -> Vec<String> {
        features::needed(self.processor)
    }

    fn host_features(&self) -> Vec<String> {
        features::needed(Processor::Native)
    }

    fn compile_all_ahead(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<Relocatable, Bailout>> {
        self.compilers.functions_ahead(requests)
    }

    unsafe fn load(&self, info: &Arc<ModuleInfo>, state: &ModuleState, code: AheadCode<'_>) -> Result<(), Bailout> {
        state.get_or_try_init(|| ModuleCode::new(info, code.text.len()))?.load(code, info)
    }
}

/// The OSR entry of functions of this tier.
unsafe extern "C" fn enter_loop(callee: *const FuncInst, data: *const (), frame: *mut u64) -> Status {
    // SAFETY: the caller guarantees what `LoopEntry` asks for; the data is this tier's.
    unsafe {
        let function = &*data.cast::<LlvmFunction>();
        enter(function.way_in.code, (*callee).context, frame, function.code.0)
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
        let function = &*(*callee).tier_data.get().cast::<LlvmFunction>();
        enter(function.way_in.code, context, slots, function.code.0)
    }
}
