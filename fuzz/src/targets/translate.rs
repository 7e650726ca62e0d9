//! Property: the translator accepts any bytes: it returns an error or good IR, and never panics.
//!
//! A module, or the rest of one after its bytes were changed, is parsed, and every body is translated twice: with all switches on, and with
//! all off but with fuel and interruption. Both translations, and the validator on its own, have to agree on its validity. The IR has to
//! satisfy the verifier, and must not be larger than the code warrants. None of it may cost more than [`crate::cost`] allows.

use riser_translator::ir::{Emitter, Inst, Tee, Verifier};
use riser_translator::sink::{FEW_VALUES, FuncHeader, Label, LabelKind};
use riser_translator::{
    FuncIndex, FuncTranslator, ParsedModule, TranslateError, TranslatorConfig, ValType, parse_module,
};

use crate::cost::{Bounds, bounded};
use crate::mutate::damage;
use crate::{coverage, source};

use super::{Finding, Verdict};

/// The number of bytes at the end of the input that say how to damage the module before them.
const DAMAGE_BYTES: usize = 12;

/// The property for the module that `data` stands for. If the input is a generator's decisions, its last bytes say how to damage the
/// module.
///
/// # Errors
///
/// If the IR is wrong, or two translations do not agree.
pub fn translate(data: &[u8]) -> Result<Verdict, Finding> {
    if data.starts_with(source::MAGIC) {
        return check(data);
    }
    let (decisions, changes) = data.split_at(data.len() - data.len().min(DAMAGE_BYTES));
    let Some(mut wasm) = source::module(decisions) else { return check(data) };
    damage(&mut wasm, changes);
    check(&wasm)
}

fn check(wasm: &[u8]) -> Result<Verdict, Finding> {
    let wrong = |message: String| Finding::in_module(message, wasm);
    let parse = || {
        parse_module(wasm).map_err(|error| {
            // An error is at an existing offset, or right at the end.
            let place = error.offset();
            (place > wasm.len()).then(|| wrong(format!("{error} is beyond the end, {:#x}", wasm.len())))
        })
    };
    let parsed = match parse() {
        Ok(parsed) => parsed,
        Err(None) => return Ok(Verdict::NOTHING),
        Err(Some(finding)) => return Err(finding),
    };
    let again = parse().map_err(|_| wrong("parsing a second time fails".to_owned()))?;
    let naive = TranslatorConfig { fuel: true, epoch: true, ..TranslatorConfig::naive() };
    for switches in [&TranslatorConfig::optimized(), &naive] {
        bounded(Bounds::TRANSLATION.at(wasm.len()), || (translate_all(wasm, switches), 0))
            .map_err(|too_much| wrong(format!("translation {too_much}")))?;
    }
    let mut valid = true;
    let info = parsed.info();
    for function in info.defined_functions() {
        let validated = FuncTranslator::new().validate(&again, function);
        let optimized = body(&parsed, function, &TranslatorConfig::optimized()).map_err(wrong)?;
        let naive = body(&parsed, function, &naive).map_err(wrong)?;
        if (&optimized, &naive) != (&validated, &validated) {
            return Err(wrong(format!("validation: {validated:?}, switches on: {optimized:?}, off: {naive:?}")));
        }
        valid &= validated.is_ok();
    }
    if valid {
        coverage::note(&parsed);
    }
    Ok(Verdict { cases: 1, effective: u64::from(valid) })
}

/// Counts instructions.
struct Count(usize);

impl Emitter for Count {
    fn begin(&mut self, _: &FuncHeader<'_>) {}

    fn inst(&mut self, _: &Inst, _: u32) {
        self.0 += 1;
    }

    fn label(&mut self, _: Label, _: LabelKind, _: &mut dyn Iterator<Item = ValType>) {}

    fn end(&mut self, _: u32) {}
}

/// Translates all functions, as far as they are valid, only to measure the cost.
fn translate_all(wasm: &[u8], switches: &TranslatorConfig) -> usize {
    let Ok(parsed) = parse_module(wasm) else { return 0 };
    let info = parsed.info();
    let (mut translator, mut count) = (FuncTranslator::new(), Count(0));
    for function in info.defined_functions() {
        // Validity does not matter here.
        let _ = translator.emit(&parsed, function, switches, &mut count);
    }
    count.0
}

/// Translates a function and checks its IR. The inner error is the module's.
fn body(
    parsed: &ParsedModule,
    function: FuncIndex,
    switches: &TranslatorConfig,
) -> Result<Result<(), TranslateError>, String> {
    let info = parsed.info();
    let mut emitter = Tee(Count(0), Verifier::new(info));
    if let Err(error) = FuncTranslator::new().emit(parsed, function, switches, &mut emitter) {
        return Ok(Err(error));
    }
    let Tee(Count(instructions), verifier) = emitter;
    if let Some(error) = verifier.errors().first() {
        return Err(format!("bad IR with {switches:?}: {error}"));
    }
    // A branch table target takes one byte, and may move a few values one by one.
    let bytes = info.body_bytes(function).map_or(0, <[u8]>::len);
    let most = (bytes + 4) * (FEW_VALUES + 4);
    if instructions > most {
        return Err(format!("function {function}: {instructions} instructions for {bytes} bytes of code"));
    }
    Ok(Ok(()))
}
