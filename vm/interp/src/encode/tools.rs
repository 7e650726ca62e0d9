//! The encoder as a function on IR and words, for tools and tests.

use riser_translator::TranslatorConfig;
use riser_translator::ir::Function;
use riser_translator::module::ModuleInfo;

use super::{Buffers, Code, EncodeConfig, Encoder, Positions};
use crate::dispatch::{Bounds, Dispatch};

impl Code {
    /// The words.
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

/// Encodes a function of `module` from its IR, with tokens for heads. Only the switches of the interpreter have an
/// effect.
///
/// # Panics
///
/// If the IR breaks the rules that [`riser_translator::ir::Verifier`] checks.
pub fn encode_ir(function: &Function, module: &ModuleInfo, bounds: Bounds, switches: &TranslatorConfig) -> Vec<u64> {
    // The IR has been translated already.
    let config = EncodeConfig { translator: *switches, dispatch: Dispatch::Switch, bounds, counters: None };
    let run = |far: bool| {
        let mut encoder = Encoder::new(module, &config, far, Positions::Ignore, Buffers::default());
        function.replay(&mut encoder);
        encoder
    };
    let near = run(false);
    if near.too_far { run(true).buffers.words } else { near.buffers.words }
}
