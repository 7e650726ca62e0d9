//! Property: it does not matter how a module arrives, nor when its bodies are compiled.
//!
//! The parser gets the bytes of a module, valid or damaged, whole, byte by byte, and in chunks that the input decides. The parsed modules
//! have to be the same, or the errors, in message and offset. For a module that is rejected because it needs unsupported features, the
//! error lists all of them if the module was whole, and otherwise those that had arrived. No error mentions switches. Bodies are compiled
//! early, late, or at the first call: the same calls then have the same outcomes, and an invalid body causes the same error, of the module
//! or of the call.

use riser::{Compilation, Module};
use riser_translator::module::ModuleInfo;
use riser_translator::{Features, ModuleParser, ParsedModule, TranslateError};

use crate::configurations::{Configuration, pooled};
use crate::execute::run;
use crate::mutate::{Numbers, damage};
use crate::observation::{Agreement, Ending, Observation, compare};
use crate::{coverage, plan, source};

use super::{Finding, Verdict, digest};

/// The number of bytes at the end of the input that say how to damage the module before them.
const DAMAGE_BYTES: usize = 6;

/// One in this many inputs is also run.
const RUN_ONE_IN: u64 = 4;

/// The property for the module that `data` stands for. If the input is a generator's decisions, its last bytes say how to damage the
/// module.
///
/// # Errors
///
/// If it matters.
pub fn streaming(data: &[u8]) -> Result<Verdict, Finding> {
    let mut numbers = Numbers::new(digest(data));
    if data.starts_with(source::MAGIC) {
        return check(data, &mut numbers, true);
    }
    let (decisions, changes) = data.split_at(data.len() - data.len().min(DAMAGE_BYTES));
    let Some(mut wasm) = source::module(decisions) else { return check(data, &mut numbers, false) };
    damage(&mut wasm, changes);
    let run = numbers.number().is_multiple_of(RUN_ONE_IN);
    check(&wasm, &mut numbers, run)
}

fn check(wasm: &[u8], numbers: &mut Numbers, run: bool) -> Result<Verdict, Finding> {
    let wrong = |message: String| Finding::in_module(message, wasm);
    let whole = riser_properties::parse(wasm);
    let largest = 1 << numbers.below(9);
    for size in [1, largest] {
        let mut sizes = std::iter::repeat_with(|| if size == 1 { 1 } else { numbers.below(size + 1) });
        let pieces = pieces(wasm, &mut sizes);
        if let Some(message) = different(&whole, &pieces) {
            return Err(wrong(format!("in chunks of up to {size}: {message}")));
        }
    }
    let Ok(parsed) = whole else { return Ok(Verdict::NOTHING) };
    if run {
        same_whenever_compiled(wasm, parsed.info()).map_err(wrong)?;
        coverage::note(&parsed);
    }
    Ok(Verdict::ONE)
}

/// Parses in chunks of the given sizes, some of which may be 0.
fn pieces(wasm: &[u8], sizes: &mut dyn Iterator<Item = usize>) -> Result<ParsedModule, TranslateError> {
    let mut parser = ModuleParser::with_features(Features::ALL);
    let mut rest = wasm;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
        parser.push(chunk)?;
        rest = after;
    }
    parser.finish()
}

/// The difference, in words.
fn different(
    whole: &Result<ParsedModule, TranslateError>,
    pieces: &Result<ParsedModule, TranslateError>,
) -> Option<String> {
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) if whole.info() == pieces.info() => None,
        (Ok(_), Ok(_)) => Some("another module".to_owned()),
        (Err(whole), Err(_)) if speaks_of_switches(whole) => Some(format!("`{whole}` speaks of switches")),
        (Err(whole), Err(pieces)) if whole == pieces || is_part_of(pieces, whole) => None,
        (Err(whole), Err(pieces)) => Some(format!("`{pieces}`, whole: `{whole}`")),
        (Ok(_), Err(error)) => Some(format!("`{error}`, and whole it is valid")),
        (Err(error), Ok(_)) => Some(format!("valid, and whole: `{error}`")),
    }
}

/// Whether an error lists missing features, and agrees with `whole` for a module that arrived in pieces. `whole` may list more of them, and
/// may know the name of the function that has the first.
fn is_part_of(pieces: &TranslateError, whole: &TranslateError) -> bool {
    let place = |error: &TranslateError| (error.kind(), error.offset(), error.function().map(|(index, _)| index));
    place(pieces) == place(whole) && lists_part_of(pieces.message(), whole.message())
}

/// Whether both messages list features, and the first lists no others.
fn lists_part_of(some: &str, all: &str) -> bool {
    match (needs(some), needs(all)) {
        (Some(some), Some(all)) => some.iter().all(|name| all.contains(name)),
        _ => false,
    }
}

/// The features that a module needs according to a message: those that Riser lacks, and those that are off.
fn needs(message: &str) -> Option<Vec<&str>> {
    let needs = message.strip_prefix("it needs ")?;
    let parts = needs.strip_prefix("at least ").unwrap_or(needs).split(", and ");
    Some(parts.filter_map(|part| part.split_once(", which ")).flat_map(|(names, _)| names.split(", ")).collect())
}

/// Whether an error has wasmparser's words about features that can be switched on.
fn speaks_of_switches(error: &TranslateError) -> bool {
    ["enabled", "disabled", "proposal"].iter().any(|word| error.message().contains(word))
}

fn same_whenever_compiled(wasm: &[u8], info: &ModuleInfo) -> Result<(), String> {
    let calls = plan::calls(info);
    let under = |compilation| -> Result<Result<Observation, String>, String> {
        let configuration = Configuration { compilation, ..Configuration::reference() };
        match Module::from_binary(&pooled(&configuration), wasm) {
            Err(error) => Ok(Err(format!("{error:#}"))),
            Ok(module) => run(&module, &calls, false).map(Ok).map_err(|error| format!("{error:#}")),
        }
    };
    let early = under(Compilation::Eager)?;
    let late = under(Compilation::LazyTranslation)?;
    let lazy = under(Compilation::Lazy)?.map_err(|error| format!("compiled lazily it is no module: {error}"))?;
    match (early, late) {
        (Ok(early), Ok(late)) => {
            compare(&early, &late, Agreement::Exact).map_err(|it| format!("early and late differ in {it}"))?;
            compare(&early, &lazy, Agreement::Exact).map_err(|it| format!("early and lazily differ in {it}"))?;
            Ok(())
        }
        (Err(early), Err(late)) if early == late => {
            // Calls that fail because of an invalid body fail with that body's error; the module's error is the first such body's.
            let module = riser_properties::parse(wasm).map_err(|error| error.to_string())?;
            let mut known = Vec::new();
            for function in info.defined_functions() {
                if let Err(error) = riser_translator::FuncTranslator::new().validate(&module, function) {
                    known.push(error.to_string());
                }
            }
            if known.first() != Some(&early) {
                return Err(format!("the module's error is `{early}`, the bodies' are {known:?}"));
            }
            for step in &lazy.steps {
                if let Ending::Refused(error) = &step.ending
                    && error.contains(" in function ")
                    && !known.contains(error)
                {
                    return Err(format!("a call fails with `{error}`, the bodies' errors are {known:?}"));
                }
            }
            Ok(())
        }
        (early, late) => Err(format!("early: {:?}, late: {:?}", early.err(), late.err())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_a_piece_names_a_part_of_the_features() {
        let whole = "it needs gc, which Riser does not have, and simd, threads, which are off (`--wasm simd`)";
        assert!(lists_part_of("it needs at least gc, which Riser does not have", whole));
        assert!(lists_part_of("it needs at least threads, which is off (`--wasm threads`)", whole));
        assert!(!lists_part_of("it needs at least exceptions, which is off (`--wasm exceptions`)", whole));
        assert!(!lists_part_of("it is too large", whole));
    }
}
