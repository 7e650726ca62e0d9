//! The tier contract.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use riser_translator::module::ModuleInfo;
use riser_translator::probe_map::ProbeMap;
use riser_translator::{DefinedFuncIndex, FuncIndex, FuncType, ParsedModule, TranslatorConfig};

use crate::ahead::{AheadCode, Relocatable};
use crate::{Counters, FuncInst, Mode, SlotEntry, Status};

/// A request to make a function ready to run. The function's body is valid.
#[derive(Clone, Copy, Debug)]
pub struct CompileRequest<'a> {
    /// The module.
    pub module: &'a ParsedModule,
    /// The function; not an import.
    pub function: FuncIndex,
    /// Switches and instrumentation; a tier must honour `fuel` and `epoch`.
    pub config: &'a TranslatorConfig,
    /// Whether bounds checks of memories that can be guarded may be left to guard pages. If not, such a memory may move when it grows, so that
    /// its base has to be reloaded wherever its length is.
    pub guard_pages: bool,
    /// Whether accesses that a processor makes speculatively past a bounds check, of a memory, a table or a branch table, have to stay in
    /// bounds, too.
    pub spectre_guards: bool,
    /// Whether relaxed vector operators have the results of the deterministic profile. If not, code may use what the processor computes at
    /// once, within the results that the specification allows. All tiers of machine code have to make the same choice then.
    pub relaxed_simd_deterministic: bool,
    /// Whether code keeps a copy of its frame in memory over calls, so that others can read it ([`crate::FrameValues::Copy`]).
    pub snapshots: bool,
    /// The function's counters, which live as long as the module, if the code is to count. A tier with another above it counts calls at the
    /// function's start, and iterations at loop headers, and asks where to continue when a counter has run down (`native::Builtins::hot`).
    /// Either all requests for a module have counters, or none.
    pub counters: Option<&'a Counters>,
    /// The probes that the code is to have, if any. Only a tier that [takes](Tier::takes_probes) probes is asked for them.
    pub probes: Option<&'a ProbeMap>,
    /// Whether the function has machine code of a tier below, so that code of no better quality is useless.
    pub is_above: bool,
    /// The tier's state for the module.
    pub state: &'a ModuleState,
}

impl CompileRequest<'_> {
    /// The function's index among those that the module defines.
    ///
    /// # Panics
    ///
    /// If the function is an import.
    pub fn defined(&self) -> DefinedFuncIndex {
        self.module.info().defined_function(self.function).expect("a function with a body")
    }
}

/// A tier's state for a module, from its first function on and as long as the module lives.
#[derive(Debug, Default)]
pub struct ModuleState(OnceLock<Arc<dyn Any + Send + Sync>>);

impl ModuleState {
    /// The state, if there is one.
    ///
    /// # Panics
    ///
    /// If the state is of another type.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.get().map(|state| Arc::clone(state).downcast().expect("a tier has one type of state"))
    }

    /// The state; the first caller makes it.
    ///
    /// # Errors
    ///
    /// Those of `make`; the next caller then tries again.
    ///
    /// # Panics
    ///
    /// If the state is of another type.
    pub fn get_or_try_init<T: Any + Send + Sync, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        if let Some(state) = self.get() {
            return Ok(state);
        }
        let new = Arc::new(make()?);
        let state = self.0.get_or_init(|| new);
        Ok(Arc::clone(state).downcast().expect("a tier has one type of state"))
    }
}

/// A function in a tier's form, shared by all instances of the module.
#[derive(Clone)]
pub struct TierCode {
    /// The entry.
    pub entry: SlotEntry,
    /// The code in the native calling convention; null if the tier makes no machine code.
    pub native: NativeCode,
    /// The tier's own data; functions get its address as [`crate::FuncInst::tier_data`].
    /// Lives as long as the module.
    pub data: Arc<dyn Any + Send + Sync>,
}

/// The address of code in the native calling convention, or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeCode(pub *const u8);

// SAFETY: it is only an address; whoever calls it says why that is safe.
unsafe impl Send for NativeCode {}
// SAFETY: as above.
unsafe impl Sync for NativeCode {}

impl NativeCode {
    /// No machine code.
    pub const NONE: NativeCode = NativeCode(std::ptr::null());
}

impl TierCode {
    /// The address of the tier's data, to be cast to its type.
    pub fn data_address(&self) -> *const () {
        Arc::as_ptr(&self.data).cast()
    }
}

/// OSR entry: takes over a frame at a loop.
///
/// `frame` is slot 0. The state is canonical, as described at [`riser_translator::sink::FrameLayout`]. When the code returns, the
/// function's results are from slot 0 on.
///
/// # Safety
///
/// `frame` is such a frame of `callee`, and `data` belongs to the [`LoopCode`]. The store's `stack_top` is above the frame's link.
pub type LoopEntry = unsafe extern "C" fn(callee: *const FuncInst, data: *const (), frame: *mut u64) -> Status;

/// OSR code: takes over frames at a loop.
#[derive(Clone)]
pub struct LoopCode {
    /// The entry.
    pub entry: LoopEntry,
    /// The code for machine code to continue in: in the native calling convention, with the address of slot 0 as the only argument besides
    /// the context. Null if there is none.
    pub native: NativeCode,
    /// The tier's own data. Lives as long as the module.
    pub data: Arc<dyn Any + Send + Sync>,
}

impl LoopCode {
    /// The address of the tier's data, to be cast to its type.
    pub fn data_address(&self) -> *const () {
        Arc::as_ptr(&self.data).cast()
    }
}

impl fmt::Debug for LoopCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopCode").finish_non_exhaustive()
    }
}

impl fmt::Debug for TierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TierCode").finish_non_exhaustive()
    }
}

/// The reason why a tier does not take a function. The function then stays in the register interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bailout {
    /// The function exceeds a limit of the tier; says which.
    TooLarge(String),
    /// The function uses something that the tier does not support; says what.
    Unsupported(String),
    /// The process has no memory, or no address space, for more machine code; says what is missing. If the mode asks for this tier, this is
    /// an error of the call, or of the module: the function does not silently run elsewhere.
    NoMemory(String),
}

impl fmt::Display for Bailout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bailout::TooLarge(what) => write!(f, "function too large: {what}"),
            Bailout::Unsupported(what) => write!(f, "not supported: {what}"),
            Bailout::NoMemory(what) => {
                write!(f, "no memory for machine code: {what}; drop modules that are not needed, or use an interpreter")
            }
        }
    }
}

impl std::error::Error for Bailout {}

/// Settings from which a tier can be made.
pub trait TierOptions {
    /// The tier with these settings.
    ///
    /// # Errors
    ///
    /// If it does not support this machine; says why.
    fn tier(self) -> Result<Arc<dyn Tier>, String>;
}

/// A way of executing functions, plugged into an engine.
///
/// # Safety
///
/// The VM calls the code that a tier makes, by the entries in [`TierCode`], [`LoopCode`] and [`Bridge`], with any valid arguments, and believes
/// what it leaves behind. Code for a function has to do what the function's operators do: results have their types, references among them are
/// ones that the store has handed out, and nothing outside of the frame and the instance's objects is changed. `docs/src/adding-a-tier.md`
/// has the details.
pub unsafe trait Tier: Send + Sync {
    /// The tier's name, which is also the name of its mode, [`Mode::Tier`].
    fn name(&self) -> &'static str;

    /// The tier's place among those that functions move up to in the mode [`Mode::MultiTier`]: steps are taken in the order of
    /// these numbers. `None` if the tier is no step. The Fast JIT has 100, LLVM 200.
    fn step(&self) -> Option<u32> {
        None
    }

    /// Prepares what the tier needs beyond being plugged in. Called when the tier's mode is asked for.
    ///
    /// # Errors
    ///
    /// If it is not available; says why.
    fn prepare(&self) -> Result<(), String> {
        Ok(())
    }

    /// The tier's own settings, in words that tell two settings apart.
    fn settings(&self) -> String {
        String::new()
    }

    /// The tier with settings that make the fastest code, or else with those that compile fastest; `None` if it has no such
    /// choice.
    fn with_effort(&self, is_fast: bool) -> Option<Arc<dyn Tier>> {
        let _ = is_fast;
        None
    }

    /// Whether the tier leaves bounds checks to guard pages where it may ([`CompileRequest::guard_pages`]). Memories have guard pages only
    /// if a tier of their engine uses them, or if the engine is configured to have them.
    fn uses_guard_pages(&self) -> bool {
        false
    }

    /// Whether the tier puts probes into code ([`CompileRequest::probes`]), which call [`StoreContext::probed`](crate::StoreContext::probed).
    fn takes_probes(&self) -> bool {
        false
    }

    /// Makes a function ready to run. Called once per function and module, at the
    /// function's first call or before.
    ///
    /// # Errors
    ///
    /// If the tier does not take the function.
    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout>;

    /// As [`Tier::compile`], for several functions of one module: for tiers that compile several at a time better. Returns a result for
    /// each.
    fn compile_all(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<TierCode, Bailout>> {
        requests.iter().map(|request| self.compile(*request)).collect()
    }

    /// What the tier can do with machine code, if it makes any.
    fn native(&self) -> Option<&dyn NativeTier> {
        None
    }

    /// How the tier makes code that can be kept, if it can.
    fn ahead(&self) -> Option<&dyn AheadTier> {
        None
    }
}

impl dyn Tier {
    /// The mode in which every function of an instance runs in this tier.
    pub fn mode(&self) -> Mode {
        Mode::Tier(self.name())
    }
}

/// What a tier that makes machine code does besides compiling functions. A tier needs none of it; it then lacks what the methods are
/// for.
pub trait NativeTier: Sync {
    /// Bytes of machine code that the tier has made for a module, from the module's state.
    fn code_bytes(&self, state: &ModuleState) -> usize;

    /// The code between functions, entry trampolines and bridges, that exists as long as it is used.
    fn trampolines(&self) -> TrampolineUsage {
        TrampolineUsage::default()
    }

    /// A bridge: code in the native calling convention that calls functions of type `ty` by their [`SlotEntry`], and takes the function in
    /// place of the context. If code of the tier makes tail calls, and no other frame is left in the activation, the bridge leaves the call
    /// to whoever entered the activation. `None` if the tier makes none for this type.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    fn bridge(&self, ty: &FuncType) -> Option<Result<Bridge, Bailout>> {
        let _ = ty;
        None
    }

    /// Redirects the calls in the tier's code for a module, existing and future, to another tier's better `code` for a function.
    /// Other threads may be running code of the module. `code` lives as long as the module.
    fn replace(&self, state: &ModuleState, defined: DefinedFuncIndex, code: NativeCode) {
        let _ = (state, defined, code);
    }

    /// Called with the module's state when all functions of the module have been compiled, before any of its code runs: the tier can then
    /// connect them.
    fn complete(&self, state: &ModuleState) {
        let _ = state;
    }

    /// Compiles OSR code for a loop, whose operator is at `offset` in the module: code that takes over a frame there from the register
    /// interpreter or from machine code. Used in the mode [`Mode::MultiTier`].
    ///
    /// # Errors
    ///
    /// If the tier does not take the function, or cannot take over at the loop.
    fn compile_loop(&self, request: CompileRequest<'_>, offset: u32) -> Result<LoopCode, Bailout> {
        let _ = request;
        Err(Bailout::Unsupported(format!("taking over at a loop ({offset:#x})")))
    }
}

/// A tier whose code can be made ahead of time and kept.
pub trait AheadTier: Sync {
    /// Processor features that the tier's code may use, in the tier's own terms.
    fn needed_features(&self) -> Vec<String>;

    /// Processor features that this machine has, in the same terms.
    fn host_features(&self) -> Vec<String>;

    /// Compiles functions of one module, to code that can be kept. Returns a result for each.
    fn compile_all_ahead(&self, requests: &[CompileRequest<'_>]) -> Vec<Result<Relocatable, Bailout>>;

    /// Loads the code of a module, before any of its functions is requested: [`Tier::compile`] then finds it.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    ///
    /// # Safety
    ///
    /// The code was made by [`AheadTier::compile_all_ahead`] of such a tier from the functions of this very module, for the settings of this
    /// engine, and this machine has the features that it needs.
    unsafe fn load(&self, info: &Arc<ModuleInfo>, state: &ModuleState, code: AheadCode<'_>) -> Result<(), Bailout>;
}

/// Code in the native calling convention that calls functions of a type; see [`NativeTier::bridge`].
#[derive(Clone)]
pub struct Bridge {
    /// The code.
    pub code: NativeCode,
    /// Keeps the code alive.
    pub keep: Arc<dyn Any + Send + Sync>,
}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bridge").field(&self.code).finish()
    }
}

/// The amount of code between functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrampolineUsage {
    /// How many pieces.
    pub count: usize,
    /// Their size in bytes.
    pub bytes: usize,
}
