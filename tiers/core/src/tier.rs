//! The tier contract.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use riser_translator::TranslatorConfig;
use riser_translator::module::ModuleInfo;

use crate::{Mode, SlotEntry};

/// A function that a tier is asked to make ready. Its body is valid.
#[derive(Clone, Copy, Debug)]
pub struct CompileRequest<'a> {
    /// The module.
    pub module: &'a Arc<ModuleInfo>,
    /// Index in the module's function index space; not an import.
    pub function: u32,
    /// Switches and instrumentation; a tier must honour `fuel` and `epoch`.
    pub config: &'a TranslatorConfig,
}

/// A function in a tier's form, shared by all instances of the module.
#[derive(Clone)]
pub struct TierCode {
    /// The way in.
    pub entry: SlotEntry,
    /// The tier's own data; functions get its address as [`crate::FuncInst::tier_data`].
    /// Lives as long as the module.
    pub data: Arc<dyn Any + Send + Sync>,
}

impl TierCode {
    /// The address of the tier's data, to be cast to its type.
    pub fn data_address(&self) -> *const () {
        Arc::as_ptr(&self.data).cast()
    }
}

impl fmt::Debug for TierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TierCode").finish_non_exhaustive()
    }
}

/// Why a tier does not take a function. The function then stays with the register interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bailout {
    /// The function exceeds a limit of the tier; says which.
    TooLarge(String),
    /// The function uses something that the tier does not support; says what.
    Unsupported(String),
}

impl fmt::Display for Bailout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bailout::TooLarge(what) => write!(f, "function too large: {what}"),
            Bailout::Unsupported(what) => write!(f, "not supported: {what}"),
        }
    }
}

impl std::error::Error for Bailout {}

/// A way of executing functions, plugged into an engine.
pub trait Tier: Send + Sync {
    /// The tier's name, for messages and logs.
    fn name(&self) -> &'static str;

    /// The mode in which every function of an instance runs in this tier.
    fn mode(&self) -> Mode;

    /// Makes a function ready to run. Called once per function and module, at the
    /// function's first call or before.
    ///
    /// # Errors
    ///
    /// If the tier does not take the function.
    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout>;
}
