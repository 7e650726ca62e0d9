//! How a module's bytes arrive makes no difference, as long as they all do.

use riser_translator::{Features, ModuleParser, ParsedModule, TranslateError};

use super::{Case, Failure, Property};
use crate::generate::Choices;

/// It makes no difference how a module's bytes arrive.
pub const PROPERTY: Property = Property {
    name: "any-chunking",
    claim: "A module in chunks of any sizes is the same module; cut short within a section, it is an error.",
    check,
};

/// How many ways to cut a module into chunks, and how many to cut it short.
const CHUNKINGS: u32 = 2;
const CUTS: usize = 24;

fn check(case: &Case<'_>) -> Result<(), Failure> {
    let choices: &mut dyn Choices = &mut case.choices();
    let (all, whole) = (case.wasm.len(), summary(&Ok(&case.module)));
    let config = case.optimized();
    let expected = case.translate(&config)?;
    for chunking in 0..=CHUNKINGS {
        // The first is by single bytes.
        let longest = if chunking == 0 { 1 } else { choices.within(2, all.max(2) as u32) };
        let chunked = in_chunks(&case.wasm, &mut || choices.within(1, longest) as usize);
        if summary(&chunked.as_ref()) != whole {
            return Err(format!("in chunks of up to {longest} bytes it is another module").into());
        }
        let Ok(module) = chunked else { continue };
        let mut translator = case.translator();
        for (function, expected) in case.functions().zip(&expected) {
            if translator.translate(&module, function, &config)? != *expected {
                return Err(format!("in chunks of up to {longest} bytes, function {function} is another").into());
            }
        }
    }
    let is_needed = needed(&case.wasm);
    let cuts = case.some_of(all, CUTS);
    for cut in 0..cuts {
        let cut = if cuts == all { cut } else { choices.below(all as u32) as usize };
        let prefix = &case.wasm[..cut];
        let at_once = crate::parse(prefix);
        if is_needed(cut) && at_once.is_ok() {
            return Err(format!("the first {cut} bytes alone are accepted").into());
        }
        let chunked = in_chunks(prefix, &mut || choices.within(1, 40) as usize);
        if summary(&chunked.as_ref()) != summary(&at_once.as_ref()) {
            return Err(format!("of the first {cut} bytes, something else is said when they come in chunks").into());
        }
    }
    Ok(())
}

fn in_chunks(mut bytes: &[u8], next: &mut dyn FnMut() -> usize) -> Result<ParsedModule, TranslateError> {
    let mut parser = ModuleParser::with_features(Features::ALL);
    while !bytes.is_empty() {
        let (chunk, rest) = bytes.split_at(next().min(bytes.len()));
        parser.push(chunk)?;
        bytes = rest;
    }
    parser.finish()
}

/// Whether the bytes from one on cannot be missing: if they begin within a section, or after the
/// declarations of functions and before their bodies. (Else what is left may be a module, too.)
fn needed(wasm: &[u8]) -> impl Fn(usize) -> bool {
    const FUNCTIONS: u8 = 3;
    const CODE: u8 = 10;
    let payloads = wasmparser::Parser::new(0).parse_all(wasm);
    let sections: Vec<_> = payloads.filter_map(|payload| payload.ok()?.as_section()).collect();
    let end = |wanted| sections.iter().find(|(id, _)| *id == wanted).map_or(0, |(_, range)| range.end);
    let bodies = end(FUNCTIONS)..end(CODE);
    // The header is as good as a section.
    let ends: Vec<usize> = sections.iter().map(|(_, range)| range.end).chain([8]).collect();
    move |cut| !ends.contains(&cut) || bodies.contains(&cut)
}

/// What there is to know of a module, or of why it is none.
fn summary(parsed: &Result<&ParsedModule, &TranslateError>) -> String {
    match parsed {
        Ok(module) => format!("{:?}", module.info()),
        Err(error) => error.to_string(),
    }
}
