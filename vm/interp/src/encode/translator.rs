//! From the bytes of a function to its code, and to what is known of places in the code.
//!
//! Nothing about places is kept beside the code. A function is translated again for it, which gives the same words (decision 0003).

use riser_translator::TranslateError;
use riser_translator::func::{FuncTranslator, first_operator};
use riser_translator::index::FuncIndex;
use riser_translator::parse::ParsedModule;
use riser_translator::probe_map::ProbeMap;
use riser_translator::select::Selector;

use super::probe::Probing;
use super::{Buffers, Code, EncodeConfig, Encoder, Polls, Positions, Resumes, SCRATCH_SLOTS};

/// Translates and encodes functions, one after the other, and reuses its allocations.
#[derive(Default)]
pub struct Translator {
    functions: FuncTranslator,
    buffers: Buffers,
}

impl Translator {
    /// Validates a function's body, unless that has been done before.
    ///
    /// # Errors
    ///
    /// If it is not valid.
    pub fn validate(&mut self, parsed: &ParsedModule, function: FuncIndex) -> Result<(), TranslateError> {
        self.functions.validate(parsed, function)
    }

    /// Translates and encodes a function, with the probes that it is to have.
    ///
    /// # Errors
    ///
    /// If its body is not valid.
    pub fn encode(
        &mut self,
        parsed: &ParsedModule,
        function: FuncIndex,
        config: &EncodeConfig,
        probes: Option<&ProbeMap>,
    ) -> Result<Code, TranslateError> {
        let encoder = self.run(parsed, function, config, probes, Positions::Ignore)?;
        let Buffers { words, handlers, .. } = &encoder.buffers;
        let handlers = (!handlers.is_empty()).then(|| Box::new(handlers.clone()));
        let code = Code { words: words.as_slice().into(), handlers };
        self.buffers = encoder.buffers;
        Ok(code)
    }

    /// Returns the offset in the wasm of the operator that word `word` of a function's code belongs to.
    pub fn wasm_offset(
        &mut self,
        parsed: &ParsedModule,
        function: FuncIndex,
        config: &EncodeConfig,
        probes: Option<&ProbeMap>,
        word: u32,
    ) -> Option<u32> {
        let encoder = self.run(parsed, function, config, probes, Positions::All(Vec::new())).ok()?;
        let Positions::All(positions) = encoder.positions else { return None };
        let after = positions.partition_point(|&(start, _)| start <= word);
        match after.checked_sub(1) {
            Some(at) => Some(positions[at].1),
            // The entry of the function.
            None => first_operator(parsed.info(), function),
        }
    }

    /// Returns where a function's code polls the interrupt flag.
    ///
    /// # Errors
    ///
    /// If its body is not valid.
    pub fn polls(
        &mut self,
        parsed: &ParsedModule,
        function: FuncIndex,
        config: &EncodeConfig,
        probes: Option<&ProbeMap>,
    ) -> Result<Polls, TranslateError> {
        let encoder = self.run(parsed, function, config, probes, Positions::Polls(Vec::new()))?;
        let shift = if encoder.far { SCRATCH_SLOTS } else { 0 };
        let Positions::Polls(words) = encoder.positions else { return Ok(Polls::default()) };
        Ok(Polls { words, shift })
    }

    /// Returns where a function's code goes on in a frame that is restored.
    ///
    /// # Errors
    ///
    /// If its body is not valid.
    pub fn resumes(
        &mut self,
        parsed: &ParsedModule,
        function: FuncIndex,
        config: &EncodeConfig,
        probes: Option<&ProbeMap>,
    ) -> Result<Resumes, TranslateError> {
        let encoder = self.run(parsed, function, config, probes, Positions::Resumes(Resumes::default()))?;
        let shift = if encoder.far { SCRATCH_SLOTS } else { 0 };
        let Positions::Resumes(resumes) = encoder.positions else { return Ok(Resumes::default()) };
        Ok(Resumes { shift, ..resumes })
    }

    fn run<'a>(
        &mut self,
        parsed: &'a ParsedModule,
        function: FuncIndex,
        config: &'a EncodeConfig,
        probes: Option<&'a ProbeMap>,
        positions: Positions,
    ) -> Result<Encoder<'a>, TranslateError> {
        let mut run = |far: bool, positions: Positions, buffers: Buffers| {
            let encoder = Encoder::new(parsed.info(), config, far, positions, buffers);
            if let Some(map) = probes {
                let mut selector = Selector::new(parsed.info(), &config.translator, Probing::new(encoder, map));
                self.functions.translate(parsed, function, &config.translator, &mut selector)?;
                return Ok(selector.into_emitter().into_encoder());
            }
            let mut selector = Selector::new(parsed.info(), &config.translator, encoder);
            self.functions.translate(parsed, function, &config.translator, &mut selector)?;
            Ok(selector.into_emitter())
        };
        let near: Encoder<'a> = run(false, positions.clone(), std::mem::take(&mut self.buffers))?;
        if near.too_far { run(true, positions, near.buffers) } else { Ok(near) }
    }
}
