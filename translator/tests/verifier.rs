//! The verifier finds what breaks a rule, and the IR's text form is checked.

use riser_translator::ir::{Verifier, parse};
use riser_translator::parse_module;

/// What the verifier says about a function's IR in text.
fn errors(text: &str) -> Vec<String> {
    let module = "(module
        (func (param i32 i64) (result i32) (i32.const 0))
        (memory 1) (memory i64 1) (table 1 funcref) (global (mut f32) (f32.const 0)))";
    let module = parse_module(wat::parse_str(module).expect("well-formed")).expect("valid");
    let ir = parse::parse(text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    let mut verifier = Verifier::new(module.info());
    ir.replay(&mut verifier);
    verifier.errors().iter().map(ToString::to_string).collect()
}

/// A function of two parameters around the lines of `body`.
fn body_errors(body: &str) -> Vec<String> {
    errors(&format!("func 0 (i32, i64) -> (i32)\nlocals f64 f32\ntemps 3\n{body}"))
}

#[test]
fn good_code_passes() {
    let body = "
        0x1  acc = i32.add l0, 5
        0x2  t0 = i32.mul acc, l0
        L1: loop (i32)
        0x3  branch_if i64.lt_s l1, 100 -> L2
        0x4  l0 = i32.load [t0 + -8] offset=4
        0x5  branch L1
        L2: skip (i32)
        0x6  t1 = i64.copy l1
        0x7  call 0 base=t0 link=t2
        0x8  i64.store [16] offset=8, l1
        0x9  f32.global.set 0, l3
        0xa  return i32 t0";
    assert_eq!(body_errors(body), [""; 0]);
}

#[test]
fn broken_rules_are_found() {
    for (body, complaint) in [
        ("0x1 return i32 t0", "t0 is read as i32 and holds nothing"),
        ("0x1 t0 = i64.copy l1\n0x2 return i32 t0", "t0 is read as i32 and holds i64"),
        ("0x1 return i32 acc", "acc is read as i32 and holds nothing"),
        ("0x1 acc = i64.const 1\n0x2 return i32 acc", "acc is read as i32 and holds i64"),
        ("0x1 acc = i32.const 1\n0x2 return i32 l0", "left in acc is not read"),
        ("0x1 acc = i32.const 1\nL1: loop ()\n0x2 return i32 l0", "an accumulator is live"),
        ("0x1 return i64 l1", "does not return one value of this type"),
        ("0x1 l0 = i64.copy l1\n0x2 return", "l0 is read as i32 and holds i64"),
        ("0x1 t0 = i32.const 1", "control runs off the end"),
        ("0x1 branch L1", "L1 is not bound"),
        ("0x1 call 1 base=t0 link=t1", "there is no function 1"),
        ("0x1 i32.global.set 1, l0", "there is no global 1"),
        ("0x1 data.drop 0", "there is no data segment 0"),
        ("0x1 t4000000000 = i32.const 1", "is in no frame"),
        ("0x1 return i32 l0\n0x2 epoch", "nothing leads to this instruction"),
        ("0x1 return i32 l0\nL1: join ()\n0x2 return i32 l0", "nothing leads to L1"),
        ("0x1 branch_if l0 -> L1\nL1: skip ()\n0x1 return i32 l0", "other ways in"),
        ("0x1 branch L1\nL1: loop ()\n0x1 return i32 l0", "forward to loop L1"),
        ("L1: loop (i32)\n0x1 return i32 l0", "at L1 t0 should hold i32 and holds nothing"),
        ("0x1 l2 = i32.const 1\nL1: loop ()\n0x1 return i32 l0", "at L1 l2 should hold f64 and holds i32"),
        (
            "0x1 t0 = i32.const 1\nL1: loop (i32)\n0x2 t0 = i64.const 1\n0x3 branch L1",
            "at L1 t0 should hold i32 and holds i64",
        ),
        (
            "0x1 branch_if l0 -> L1\n0x2 t0 = i32.const 1\nL1: join (i32)\n0x3 return i32 t0",
            "at L1 t0 should hold i32 and holds nothing",
        ),
        ("0x1 t0 = i32.const 1\nL1: loop ()\n0x2 return i32 t0", "t0 is read as i32 and holds nothing"),
        ("0x1 t3 = i32.const 1\n0x2 return i32 l0", "t3 is used, and 3 slots are declared"),
        ("0x1 link0 = i32.const 1\n0x2 return i32 l0", "link0 is not an operand"),
        ("0x1 t0 = i32.copy l0\n0x2 call 0 base=t0 link=t2\n0x3 return i32 t0", "t1 is read as i64"),
        (
            "0x1 t0 = i32.copy l0\n0x1 t1 = i64.copy l1\n0x2 call 0 base=t0 link=t1\n0x3 return i32 t0",
            "the link of a call is in the wrong place",
        ),
        (
            "0x1 t0 = i32.copy l0\n0x1 t1 = i64.copy l1\n0x2 call 0 base=t0 link=t2\n0x3 l1 = i64.copy t1\n0x4 return i32 t0",
            "t1 is read as i64 and holds nothing",
        ),
        ("0x1 f32.global.set 0, l2\n0x2 return i32 l0", "l2 is read as f32 and holds f64"),
        ("0x1 i32.global.set 0, l0\n0x2 return i32 l0", "the global has another type"),
        // Forms.
        ("0x1 acc = i32.const 1\n0x2 acc = i32.add l0, acc\n0x3 return i32 acc", "a swapped form"),
        ("0x1 t0 = i32.add 1, l0\n0x3 return i32 t0", "an immediate that must not be"),
        ("0x1 t0 = i64.add l1, 2147483648\n0x3 return i32 l0", "an i64 immediate is out of range"),
        ("0x1 branch_if i32.eq l0, 32768 -> L1\n0x2 branch L1\nL1: join ()\n0x1 return i32 l0", "out of range"),
        ("0x1 f64.store [l0], 1.5\n0x2 return i32 l0", "an f64 is stored from an immediate"),
        ("0x1 i32.store [16], 1\n0x2 return i32 l0", "has to be in a slot"),
        ("0x1 i32.store [l1] memory=1, 1\n0x2 return i32 l0", "has to be in a slot"),
        ("0x1 t0 = i32.load [l0 + 4] offset=4294967296\n0x2 return i32 l0", "has to be in a slot"),
        ("0x1 t0 = i32.load [l0] memory=1\n0x2 return i32 l0", "l0 is read as i64"),
    ] {
        let errors = body_errors(body);
        assert!(errors.iter().any(|error| error.contains(complaint)), "{body}\n{errors:?}");
    }
}

#[test]
fn text_that_is_not_ir_is_refused() {
    for (text, complaint) in [
        ("func 0 () -> (i33)", "line 1: `i33` is not a type"),
        ("0x1 t0 = i32.frob l0", "`i32.frob` is not an instruction with a result"),
        ("0x1 t0 = i32.clz", "`` is not a constant of type i32"),
        ("0x1 t0 = i32.clz q0", "is not a constant"),
        ("0x1 t0 = i32.add l0 l1", "`,` expected"),
        ("0x1 t0 = i32.const 4294967296", "is not a constant of type i32"),
        ("0x1 acc = i32.copy l0", "no form with acc"),
        ("0x1 branch L", "is not a number"),
        ("0x1 return i32 l0 l1", "`l1` is left over"),
        ("0x100000000 return", "too large"),
        ("\n\nL1: hut ()", "line 3: `hut` is not a kind of label"),
        ("0x1 trap \"boredom\"", "this is not a trap"),
        ("func 0 $\"a () -> ()", "the name has no end"),
    ] {
        match parse::parse(text) {
            Err(error) => assert!(error.to_string().contains(complaint), "{text}: {error}"),
            Ok(function) => panic!("{text} was read as\n{function}"),
        }
    }
}
