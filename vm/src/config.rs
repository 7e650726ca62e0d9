//! What an engine is made with.

use std::fmt;
use std::sync::Arc;

use riser_tiers_core::{Mode, Tier};
use riser_translator::TranslatorConfig;

use crate::{Bounds, Dispatch};

/// When function bodies are validated and turned into code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compilation {
    /// Both at the function's first call. An invalid body is an error of that call, not of
    /// the module.
    Lazy,
    /// All bodies are validated with the module; each is translated at its first call.
    #[default]
    LazyTranslation,
    /// All bodies are validated and turned into code, for the engine's default mode,
    /// with the module.
    Eager,
}

/// Configuration of an [`crate::Engine`].
#[derive(Clone)]
pub struct Config {
    pub(crate) translator: TranslatorConfig,
    pub(crate) dispatch: Dispatch,
    pub(crate) bounds: Bounds,
    pub(crate) compilation: Compilation,
    pub(crate) mode: Mode,
    pub(crate) tiers: Vec<Arc<dyn Tier>>,
    pub(crate) max_wasm_stack: usize,
    pub(crate) max_native_stack: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Config {
    /// The default: the register interpreter with every optimisation, and neither fuel
    /// nor interruption.
    pub fn new() -> Config {
        Config {
            translator: TranslatorConfig::optimized(),
            dispatch: Dispatch::default(),
            bounds: Bounds::default(),
            compilation: Compilation::default(),
            mode: Mode::Interp,
            tiers: Vec::new(),
            max_wasm_stack: 8 << 20,
            max_native_stack: 512 << 10,
        }
    }

    /// Whether wasm code consumes fuel; see [`crate::Store::set_fuel`]. Off by default.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Config {
        self.translator.fuel = enable;
        self
    }

    /// Whether wasm code can be interrupted by [`crate::Engine::increment_epoch`]; see
    /// [`crate::Store::set_epoch_deadline`]. Off by default.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Config {
        self.translator.epoch = enable;
        self
    }

    /// Size of each store's value stack in bytes: locals, operands and links of all frames.
    /// Going beyond is [`crate::Trap::StackOverflow`]. 8 MiB by default.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_wasm_stack = bytes;
        self
    }

    /// How much native stack, in bytes, calls from the host into wasm, from there into the
    /// host, and so on, may take before the next such call is
    /// [`crate::Trap::StackOverflow`]. 512 KiB by default.
    pub fn max_native_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_native_stack = bytes;
        self
    }

    /// The translator's switches. Its `fuel` and `epoch` are left as
    /// [`Config::consume_fuel`] and [`Config::epoch_interruption`] set them.
    pub fn translator(&mut self, switches: TranslatorConfig) -> &mut Config {
        let TranslatorConfig { fuel, epoch, .. } = self.translator;
        self.translator = TranslatorConfig { fuel, epoch, ..switches };
        self
    }

    /// How the register interpreter dispatches.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Config {
        self.dispatch = dispatch;
        self
    }

    /// How the register interpreter keeps accesses to 32-bit memories in bounds.
    pub fn bounds(&mut self, bounds: Bounds) -> &mut Config {
        self.bounds = bounds;
        self
    }

    /// When function bodies are validated and turned into code.
    pub fn compilation(&mut self, when: Compilation) -> &mut Config {
        self.compilation = when;
        self
    }

    /// The engine's default mode; [`Mode::Interp`] unless set.
    pub fn mode(&mut self, mode: Mode) -> &mut Config {
        self.mode = mode;
        self
    }

    /// Plugs a tier in, so that the engine supports its mode. The last tier plugged in for a
    /// mode counts.
    pub fn tier(&mut self, tier: Arc<dyn Tier>) -> &mut Config {
        self.tiers.retain(|other| other.mode() != tier.mode());
        self.tiers.push(tier);
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("translator", &self.translator)
            .field("dispatch", &self.dispatch)
            .field("bounds", &self.bounds)
            .field("compilation", &self.compilation)
            .field("mode", &self.mode)
            .field("tiers", &self.tiers.iter().map(|tier| tier.name()).collect::<Vec<_>>())
            .field("max_wasm_stack", &self.max_wasm_stack)
            .field("max_native_stack", &self.max_native_stack)
            .finish()
    }
}
