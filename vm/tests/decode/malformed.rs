//! Words that are no code are errors, not panics; what is accepted is consistent.

use riser_properties::generate::{Choices as _, Seeded};
use riser_translator::config::TranslatorConfig;
use riser_translator::{FuncIndex, ParsedModule, parse_module};
use riser_vm::Bounds;
use riser_vm::inspect::{DecodeError, Fault, decode, encode, handlers};

use crate::{defined, forms, ir};

fn token(name: &str) -> u64 {
    let all = handlers(riser_vm::Dispatch::CallLoop);
    all.iter().position(|handler| handler.name == name).expect(name) as u64
}

/// What decoding these words as the only function of a module, which has a parameter, ends in.
fn fault(body: &[u64]) -> DecodeError {
    let binary = wat::parse_str("(module (func (param i32)))").expect("a module");
    let module = parse_module(&*binary).expect("a module");
    let enter = [token("Enter"), 6 | 4 << 32, 0];
    decode(&[&enter, body].concat(), module.info(), FuncIndex::new(0)).expect_err("not code")
}

#[test]
fn faults_are_named() {
    let cases: [(&[u64], usize, Fault); 11] = [
        (&[1 << 40], 3, Fault::NotAToken(1 << 40)),
        (&[token("Halt")], 3, Fault::Misplaced("Halt")),
        (&[token("Enter"), 0, 0], 3, Fault::Misplaced("Enter")),
        (&[token("Copy64")], 3, Fault::Truncated),
        (&[token("Copy64"), 4 | 7 << 48], 3, Fault::UnusedBits),
        (&[token("Copy64"), 4 | 6 << 16], 3, Fault::Slot(6)),
        (&[token("Const64"), 4, 5], 3, Fault::NotCanonical),
        (&[token("CopyFar"), 4], 3, Fault::NotCanonical),
        (&[token("Return"), 1, token("Branch"), 1 << 32], 5, Fault::Target(6)),
        (&[token("Branch"), 0xffff_fff0 << 32], 3, Fault::Target(-13)),
        (&[token("I32LoadSs"), 0], 3, Fault::Index("memory", 0)),
    ];
    for (body, word, fault_at) in cases {
        assert_eq!(fault(body), DecodeError { word, fault: fault_at });
    }
    assert_eq!(fault(&[token("BranchTableS"), u64::MAX << 32]).fault, Fault::Truncated);
    assert_eq!(fault(&[token("Trap"), 200]).fault, Fault::TrapCode(200));
    assert_eq!(fault(&[token("ReturnValueS"), 1]).fault, Fault::Type);
    assert!(fault(&[token("Copy64")]).to_string().contains("word 3: the code ends"));
}

/// Decodes; what is accepted has to be what its own encoding decodes to.
fn decode_anything(words: &[u64], module: &ParsedModule, function: FuncIndex) -> bool {
    let Ok(decoded) = decode(words, module.info(), function) else { return false };
    for &bounds in Bounds::ALL {
        let again = encode(&decoded.function, module.info(), bounds, &TranslatorConfig::optimized());
        assert_eq!(again.len(), words.len());
        let again = decode(&again, module.info(), function).expect("the encoder makes code");
        assert_eq!(again.function, decoded.function);
    }
    true
}

#[test]
fn changed_code_is_code_or_an_error() {
    let module = parse_module(&*forms::all_forms()).expect("a module");
    let tokens = handlers(riser_vm::Dispatch::CallLoop).len() as u32;
    let mut choices = Seeded::new(0);
    let (mut accepted, mut refused) = (0, 0);
    for function in defined(&module) {
        let ir = ir(&module, function, &TranslatorConfig::optimized()).expect("the function is valid");
        let words = encode(&ir, module.info(), Bounds::Explicit, &TranslatorConfig::optimized());
        let words = &words[..words.len().min(2000)];
        for end in 0..words.len().min(100) {
            decode_anything(&words[..end], &module, function);
        }
        for _ in 0..2000 {
            let mut words = words.to_vec();
            let at = choices.below(words.len() as u32) as usize;
            let word = &mut words[at];
            let shift = 16 * choices.below(4);
            *word = match choices.below(4) {
                0 => *word ^ 1 << choices.below(64),
                1 => *word & !(0xffff << shift) | u64::from(choices.below(1 << 16)) << shift,
                2 => choices.below(tokens).into(),
                _ => u64::from(choices.below(u32::MAX)) << 32 | u64::from(choices.below(u32::MAX)),
            };
            *(if decode_anything(&words, &module, function) { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}
