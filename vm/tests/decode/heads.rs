//! The dispatch strategies: code streams differ in the heads and nothing else.

use std::collections::BTreeSet;

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
    let copies = dispatch.copies().into();
    for function in module.info().defined_functions() {
        let code = code(module, function).unwrap_or_else(|error| panic!("{name}: {error}"));
        let with_tokens = encode(&code.ir, module.info(), bounds, &translator);
        assert_eq!(code.words.len(), with_tokens.len(), "{name}, function {function}, {dispatch}");
        for inst in code.instructions() {
            let at = inst.decoded.word;
            let token = with_tokens[at] as usize;
            assert_eq!(inst.decoded.name, tokens[token]);
            let mut heads = (0..copies).map(|copy| match dispatch {
                Dispatch::Switch | Dispatch::TokenTail => token as u64,
                _ => handlers[copy * tokens.len() + token].address as u64,
            });
            let is_head = heads.any(|head| head == inst.words[0]);
            assert!(is_head, "{name}, function {function}, {dispatch}: head of word {at}");
            let operands = &with_tokens[at + 1..at + inst.decoded.len];
            assert_eq!(&inst.words[1..], operands, "{name}, function {function}, {dispatch}: operands of word {at}");
        }
    }
}

/// The instructions of a loop that have one handler get its copies in turn; behind the last copy, and in the next loop, nothing is left over.
#[test]
fn instructions_of_a_loop_get_copies_of_their_handler() {
    let copies = usize::from(Dispatch::default().copies());
    let engine = Engine::new(Config::new().dispatch(Dispatch::default())).expect("the configuration is supported");
    let quotient = "(local.set 2 (i32.div_u (local.get 0) (local.get 1)))";
    let a_loop = |quotients| format!("(loop {} (br_if 0 (local.get 0)))", quotient.repeat(quotients));
    let text = format!("(module (func (param i32 i32 i32) {} {}))", a_loop(5), a_loop(2));
    let wasm = wat::parse_str(text).expect("the module is well-formed");
    let module = Module::new(&engine, wasm).expect("the module is valid");
    let function = module.info().defined_functions().next().expect("there is one");
    let code = code(&module, function).expect("the body is valid");
    let quotients = code.instructions().filter(|inst| inst.decoded.name == "I32DivUSss");
    let heads: Vec<u64> = quotients.map(|inst| inst.words[0]).collect();
    let different = |heads: &[u64]| heads.iter().collect::<BTreeSet<_>>().len();
    assert_eq!(different(&heads[..5]), copies, "{heads:x?}");
    assert_eq!(different(&heads[2..5]), 1, "the last copy serves the rest: {heads:x?}");
    assert_eq!(heads[..2], heads[5..7], "a loop begins with the first copy");
}
