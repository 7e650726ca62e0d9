//! The dispatch strategies: code streams differ in the heads and nothing else.

use riser_vm::inspect::{code, encode, handlers};
use riser_vm::{Bounds, Config, Dispatch, Engine, Module, TranslatorConfig};

use crate::ONE_OF;
use crate::sources::files;

#[test]
fn streams_of_all_strategies_differ_in_the_heads_only() {
    let tokens: Vec<&str> = handlers(Dispatch::CallLoop).iter().map(|handler| handler.name).collect();
    for (name, binary) in files("benches/programs", "wasm").into_iter().chain(files("tests/ir", "wat")).step_by(ONE_OF)
    {
        for translator in [TranslatorConfig::optimized(), TranslatorConfig::naive()] {
            for &bounds in Bounds::ALL.iter().filter(|bounds| bounds.is_supported()) {
                for &dispatch in Dispatch::ALL {
                    let mut config = Config::new();
                    config.translator(translator).bounds(bounds).dispatch(dispatch).wasm_legacy_exceptions(true);
                    let engine = Engine::new(&config).expect("the configuration is supported");
                    let module = Module::new(&engine, &binary).unwrap_or_else(|error| panic!("{name}: {error}"));
                    check(&name, &module, (dispatch.effective(), bounds, translator), &tokens);
                }
            }
        }
    }
}

/// Checks the code of all functions against the same code with tokens for heads.
fn check(
    name: &str,
    module: &Module,
    (dispatch, bounds, translator): (Dispatch, Bounds, TranslatorConfig),
    tokens: &[&str],
) {
    let handlers = handlers(dispatch);
    for function in module.info().defined_functions() {
        let code = code(module, function).unwrap_or_else(|error| panic!("{name}: {error}"));
        let with_tokens = encode(&code.ir, module.info(), bounds, &translator);
        assert_eq!(code.words.len(), with_tokens.len(), "{name}, function {function}, {dispatch}");
        for inst in code.instructions() {
            let at = inst.decoded.word;
            let token = with_tokens[at] as usize;
            assert_eq!(inst.decoded.name, tokens[token]);
            let head = match dispatch {
                Dispatch::Switch | Dispatch::TokenTail => token as u64,
                _ => handlers[token].address as u64,
            };
            assert_eq!(inst.words[0], head, "{name}, function {function}, {dispatch}: head of word {at}");
            let operands = &with_tokens[at + 1..at + inst.decoded.len];
            assert_eq!(&inst.words[1..], operands, "{name}, function {function}, {dispatch}: operands of word {at}");
        }
    }
}
