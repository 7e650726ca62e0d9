//! Coverage: how much of the register interpreter the modules exercise.
//!
//! The measure is the interpreter's list of instructions, including pairs: how many of them occur in the code of the
//! modules, out of all that exist ([`riser::inspect`]). It shows which forms of which operations a target tries, and
//! needs no instrumented build. It does not show that each was executed. Only a part of the modules is examined, because
//! that takes time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use riser::{Bounds, Dispatch, TranslatorConfig, inspect};
use riser_translator::{FuncTranslator, ParsedModule};

/// One in this many modules is examined, beginning with the first.
const NOTED_ONE_IN: u64 = 8;

thread_local! {
    static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    static MODULES: Cell<u64> = const { Cell::new(0) };
}

/// The names of all instructions that the interpreter has.
pub fn all() -> BTreeSet<&'static str> {
    inspect::handlers(Dispatch::CallLoop).iter().map(|handler| handler.name).collect()
}

/// Returns the names of the instructions that this thread has seen, and forgets them.
pub fn take() -> BTreeSet<&'static str> {
    let mut seen = SEEN.take();
    if !seen.is_empty() {
        // Every function is translated when it is first called, and every activation ends.
        seen.extend(["Translate", "Halt"]);
    }
    seen
}

/// Records the instructions of a valid module's functions, for a sample of the modules.
pub fn note(parsed: &ParsedModule) {
    if MODULES.replace(MODULES.get() + 1).is_multiple_of(NOTED_ONE_IN) {
        look_at(parsed);
    }
}

/// Records the instructions of a module's functions with the switches all on and all off, with fuel and without.
fn look_at(parsed: &ParsedModule) {
    let info = parsed.info();
    let mut translator = FuncTranslator::new();
    let optimized = TranslatorConfig::optimized();
    let naive = TranslatorConfig { epoch: true, ..TranslatorConfig::naive() };
    for switches in [optimized, TranslatorConfig { fuel: true, ..optimized }, naive] {
        for function in info.defined_functions() {
            let Ok(ir) = translator.ir(parsed, function, &switches) else { return };
            for &bounds in Bounds::ALL {
                let words = inspect::encode(&ir, info, bounds, &switches);
                let Ok(decoded) = inspect::decode(&words, info, function) else { continue };
                SEEN.with_borrow_mut(|seen| seen.extend(decoded.instructions().map(|inst| inst.name)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_those_of_the_code() {
        take();
        let wasm = wat::parse_str(
            r#"(module
                (import "m" "f" (func $f (param i32)))
                (memory 1) (memory 1)
                (func (export "run") (param i32 i64 f32) (result i32)
                  (call $f (i32.add (local.get 0) (i32.const 3)))
                  (i64.store32 (i32.add (local.get 0) (i32.const 8)) (local.get 1))
                  (i32.store8 1 (local.get 0) (local.get 0))
                  (if (i64.lt_s (local.get 1) (i64.const 5)) (then (local.set 0 (i32.load (local.get 0)))))
                  (local.get 0)))"#,
        )
        .expect("well-formed");
        note(&riser_properties::parse(wasm).expect("valid"));
        let seen = take();
        assert!(seen.is_subset(&all()));
        for name in ["I32AddSsi", "I64Store32SumSs", "GuardedI64Store32SumSs", "I32Store8Any", "CallImported", "Epoch"]
        {
            assert!(seen.contains(name), "{name} is not in {seen:?}");
        }
        assert!(take().is_empty());
    }
}
